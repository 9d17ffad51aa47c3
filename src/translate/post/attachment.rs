//! Media and links: `attachment` both ways, and the other places where media hide.
//!
//! Written as Mastodon does: `Document` with `mediaType`, `url`, the alt text in `name`. Read are `url` as
//! string, link or array of links, `href`, `mimeType` (old PeerTube, Funkwhale), alt text in `summary`
//! (GoToSocial, Mastodon prefers it) or `name`, media in `image` (Ghost, WordPress, Lemmy) and in the `url` of a `Video`, `Audio`
//! or `Image` itself (PeerTube, with links nested in the `tag` of a playlist; Funkwhale; Hubzilla).

use serde_json::{Map, Value, json};

use crate::model::{Kind, Link, Media};
use crate::translate::{media_type, one_line};
use crate::vocab::{Item, Object, Skipped, http_url, link};

/// Most attachments read of one post, and most pictures in `image`; Mastodon keeps 16 media.
const MAX_MEDIA: usize = 64;

/// One attachment of a post in its normal form.
pub(super) fn write(media: &Media) -> Value {
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            out.insert(name.to_owned(), value);
        }
    };
    put("type", json!("Document"));
    put("mediaType", json!(media.media_type));
    put("url", json!(media.url));
    put("name", json!(media.alt));
    put("width", json!(media.width));
    put("height", json!(media.height));
    put("blurhash", json!(media.blurhash));
    put("focalPoint", json!(media.focal_point));
    put("duration", json!(media.duration.map(|seconds| format!("PT{seconds}S"))));
    Value::Object(out)
}

/// What the attachments of an object hold.
#[derive(Default)]
pub(super) struct Attachments {
    pub(super) media: Vec<Media>,
    pub(super) links: Vec<Link>,
}

/// Reads the media and links of an object of this kind.
pub(super) fn read(object: Object<'_>, kind: &Kind, skipped: &mut Vec<Skipped>) -> Attachments {
    let mut out = Attachments::default();
    if matches!(kind, Kind::Image | Kind::Video | Kind::Audio | Kind::Document) {
        out.media.extend(own(object, kind));
    }
    for item in bounded(object, "attachment", skipped) {
        match one(item) {
            Ok(Part::Link(link)) => out.links.push(link),
            Ok(Part::Media(media)) => out.media.push(media),
            Err(reason) => skipped.push(item.skipped(reason)),
        }
    }
    // A video's or event's `icon` and `image` are previews of itself; an article's `image` is a picture of it.
    if !matches!(kind, Kind::Image | Kind::Video | Kind::Audio | Kind::Document) {
        for item in bounded(object, "image", skipped) {
            match medium(item.value) {
                Ok(media) => add(
                    &mut out.media,
                    Media { media_type: media.media_type.or_else(|| Some(class("image"))), ..media },
                ),
                Err(reason) => skipped.push(item.skipped(reason)),
            }
        }
    }
    out
}

/// The first [`MAX_MEDIA`] values of a property.
fn bounded<'v>(object: Object<'v>, property: &'static str, skipped: &mut Vec<Skipped>) -> Vec<Item<'v>> {
    let mut items: Vec<Item<'_>> = object.items(property).take(MAX_MEDIA + 1).collect();
    if items.len() > MAX_MEDIA {
        skipped.extend(items.pop().map(|item| item.skipped("too_many")));
    }
    items
}

fn add(all: &mut Vec<Media>, media: Media) {
    if !all.iter().any(|m| m.url == media.url) {
        all.push(media);
    }
}

enum Part {
    Media(Media),
    Link(Link),
}

fn one(item: Item<'_>) -> Result<Part, &'static str> {
    let kind = match item.object() {
        Some(object) => object.types().next().unwrap_or_default(),
        None => "",
    };
    match kind {
        "Link" => {
            let url = link(item.value).and_then(http_url).ok_or("no_url")?;
            let of_type = item.object().and_then(declared);
            // Lemmy and Mobilizon attach the link a post is about; a link to a picture is a picture.
            if of_type.as_deref().is_some_and(is_media) {
                return Ok(Part::Media(medium(item.value)?));
            }
            let title = item.object().and_then(|o| o.filled("name")).map(one_line);
            Ok(Part::Link(Link { url: url.to_owned(), title }))
        }
        "" | "Document" | "Image" | "Video" | "Audio" => {
            let media = medium(item.value)?;
            let class = match kind {
                "Image" | "Video" | "Audio" => Some(class(kind)),
                _ => None,
            };
            Ok(Part::Media(Media { media_type: media.media_type.or(class), ..media }))
        }
        // Of a type nobody knows, but it says that it is a picture.
        _ if item.object().and_then(declared).as_deref().is_some_and(is_media) => {
            Ok(Part::Media(medium(item.value)?))
        }
        _ => Err("not_media"),
    }
}

fn is_media(media_type: &str) -> bool {
    ["image/", "video/", "audio/"].iter().any(|class| media_type.starts_with(class))
}

/// The class of media alone, when nothing tells the type.
fn class(kind: &str) -> String {
    format!("{}/*", kind.to_ascii_lowercase())
}

fn declared(object: Object<'_>) -> Option<String> {
    object.text("mediaType").or_else(|| object.text("mimeType")).and_then(media_type::clean)
}

/// A medium from an attachment, an image or a link.
fn medium(value: &Value) -> Result<Media, &'static str> {
    if let Value::String(url) = value {
        let url = http_url(url).ok_or("no_url")?;
        return Ok(Media {
            url: url.to_owned(),
            media_type: media_type::of(url).map(str::to_owned),
            ..Media::default()
        });
    }
    from_object(Object::of(value).ok_or("no_url")?)
}

fn from_object(object: Object<'_>) -> Result<Media, &'static str> {
    let (url, of_url) = address(object).ok_or("no_url")?;
    let declared = declared(object).or(of_url).or_else(|| media_type::of(&url).map(str::to_owned));
    let alt = object.filled("summary").or_else(|| object.filled("name")).map(|text| text.trim().to_owned());
    Ok(Media {
        url,
        media_type: declared,
        alt,
        width: size(object, "width"),
        height: size(object, "height"),
        blurhash: object.filled("blurhash").map(|text| text.trim().to_owned()),
        focal_point: focal_point(object),
        duration: duration(object),
    })
}

/// The URL of a medium, and the type its link declares.
fn address(object: Object<'_>) -> Option<(String, Option<String>)> {
    for item in object.items("url") {
        let Some(url) = link(item.value).and_then(http_url) else { continue };
        return Some((url.to_owned(), item.object().and_then(declared)));
    }
    object.text("href").and_then(http_url).map(|url| (url.to_owned(), None))
}

/// The medium that the object itself is: the best link among its URLs.
fn own(object: Object<'_>, kind: &Kind) -> Option<Media> {
    let class = match kind {
        Kind::Image => "image/",
        Kind::Video => "video/",
        Kind::Audio => "audio/",
        _ => "",
    };
    let mut best: Option<Media> = None;
    for item in object.items("url") {
        for candidate in candidates(item) {
            let fits =
                candidate.media_type.as_deref().is_some_and(|t| t.starts_with(class) && t != "text/html");
            // Of several sizes the highest; of equals the first.
            if fits && best.as_ref().is_none_or(|b| candidate.height > b.height) {
                best = Some(candidate);
            }
        }
    }
    let best = best.map(|mut media| {
        media.alt = None;
        media.duration = media.duration.or_else(|| duration(object));
        media.blurhash = media.blurhash.or_else(|| object.filled("blurhash").map(str::to_owned));
        media
    });
    best.or_else(|| {
        let media = from_object(object).ok()?;
        media.media_type.as_deref().is_some_and(|t| t.starts_with(class) && t != "text/html").then_some(media)
    })
}

/// A link, and those in the `tag` of a playlist (PeerTube's HLS).
fn candidates(item: Item<'_>) -> impl Iterator<Item = Media> {
    let nested = item.object().into_iter().flat_map(|object| object.items("tag"));
    std::iter::once(item).chain(nested).filter_map(|item| medium(item.value).ok())
}

fn size(object: Object<'_>, property: &'static str) -> Option<u32> {
    object.count(property).and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0)
}

fn focal_point(object: Object<'_>) -> Option<[f64; 2]> {
    let mut numbers = object.items("focalPoint").map(|item| item.value.as_f64());
    let point = [numbers.next()??, numbers.next()??];
    point.iter().all(|v| (-1.0..=1.0).contains(v)).then_some(point)
}

/// Seconds, from a number or an ISO 8601 duration such as `PT1H2M3.5S`.
fn duration(object: Object<'_>) -> Option<f64> {
    let value = object.first("duration")?.value;
    if let Some(seconds) = value.as_f64() {
        return (0.0..1.0e9).contains(&seconds).then_some(seconds);
    }
    let rest = crate::vocab::text(value)?.trim().strip_prefix('P')?;
    let (date, clock) = rest.split_once('T').unwrap_or((rest, ""));
    let mut seconds = 0.0;
    for (part, units) in [
        (date, [('W', 604_800.0), ('D', 86_400.0), (' ', 0.0)]),
        (clock, [('H', 3600.0), ('M', 60.0), ('S', 1.0)]),
    ] {
        let mut number = String::new();
        for c in part.chars() {
            if c.is_ascii_digit() || c == '.' {
                number.push(c);
                continue;
            }
            let (_, unit) = units.iter().find(|(name, _)| *name == c)?;
            seconds += number.parse::<f64>().ok()? * unit;
            number.clear();
        }
        if !number.is_empty() {
            return None;
        }
    }
    (0.0..1.0e9).contains(&seconds).then_some(seconds)
}
