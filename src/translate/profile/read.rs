//! Actor documents as they come from the wire, to the native model.

use serde_json::Value;

use crate::content;
use crate::error::{Code, Error, Result, malformed};
use crate::model::{Content, Handle, Image, Profile, ProfileKind};
use crate::translate::{media_type, one_line, post};
use crate::vocab::{Item, Object, Skipped, host, http_url, link, same_host};

use super::{RemoteActor, field, keys};

/// Most aliases read, as Mastodon.
const MAX_ALIASES: usize = 256;

/// True when the document has the type of an actor, or an inbox.
pub fn is_actor(document: &Value) -> bool {
    Object::of(document).is_some_and(|object| kind(object).is_some() || object.get("inbox").is_some())
}

/// Reads an actor.
///
/// Errors, with the JSON pointer: `not_an_object`, `not_an_actor`, `no_id`, `no_inbox` (also the stub in which
/// GoToSocial serves a key: read that with [`keys`]).
pub fn read(document: &Value) -> Result<RemoteActor> {
    let Some(object) = Object::of(document) else {
        return Err(malformed("not_an_object", "expected the actor itself, not a reference to it"));
    };
    let inbox = object.link("inbox").and_then(http_url);
    let kind = match kind(object) {
        Some(kind) => kind,
        // Types of their own (PieFed's Feed, Castopod's Podcast, ForgeFed's Repository).
        None if inbox.is_some() && object.types().next().is_some() => ProfileKind::Service,
        None => {
            let text = "expected an actor such as a Person";
            return Err(Error::new(Code::Unsupported, "not_an_actor", text).at("/type"));
        }
    };
    let id = object
        .id()
        .and_then(http_url)
        .ok_or_else(|| malformed("no_id", "an actor has an http(s) URI as its id").at("/id"))?;
    let inbox = inbox
        .ok_or_else(|| malformed("no_inbox", "expected the http(s) URL of an inbox").at("/inbox"))?
        .to_owned();
    let mut skipped = Vec::new();
    let collection = |name: &'static str| object.link(name).and_then(http_url).map(str::to_owned);
    let shared_inbox = shared_inbox(object).filter(|url| same_host(url, &inbox) || same_host(url, id));
    let username = object
        .filled("preferredUsername")
        .map(|name| name.trim().trim_start_matches('@'))
        .unwrap_or_default();
    let bio = object.text("summary").unwrap_or_default();
    let mut profile = Profile::new(id, username);
    profile.handle =
        host(id).and_then(|host| Handle::parse(&format!("{username}@{host}"))).map(|h| h.to_string());
    profile.display_name = object.filled("name").map(one_line).unwrap_or_default();
    profile.bio = Content::html(content::sanitise::html(bio));
    profile.avatar = picture(object, "icon", &mut skipped);
    profile.header = picture(object, "image", &mut skipped);
    profile.fields = field::read(object, &mut skipped);
    profile.kind = kind;
    profile.locked = object.flag("manuallyApprovesFollowers").unwrap_or_default();
    profile.discoverable = object.flag("discoverable").unwrap_or_default();
    profile.indexable = object.flag("indexable").unwrap_or_default();
    profile.federated = true;
    profile.moved_to = collection("movedTo");
    for item in object.items("alsoKnownAs") {
        match link(item.value).and_then(http_url) {
            _ if profile.also_known_as.len() == MAX_ALIASES => {
                skipped.push(item.skipped("too_many"));
                break;
            }
            Some(uri) if profile.also_known_as.iter().any(|known| known == uri) => {}
            Some(uri) => profile.also_known_as.push(uri.to_owned()),
            None => skipped.push(item.skipped("no_url")),
        }
    }
    profile.created = object.time("published");
    profile.url = object.links("url").filter_map(http_url).find(|url| post::near(url, id)).map(str::to_owned);
    Ok(RemoteActor {
        profile,
        inbox,
        shared_inbox: shared_inbox.map(str::to_owned),
        outbox: collection("outbox"),
        followers: collection("followers"),
        following: collection("following"),
        keys: keys(document),
        webfinger: object.filled("webfinger").and_then(Handle::parse).map(|handle| handle.acct()),
        skipped,
    })
}

fn kind(object: Object<'_>) -> Option<ProfileKind> {
    object.types().find_map(|name| {
        Some(match name {
            "Person" => ProfileKind::Person,
            "Group" => ProfileKind::Group,
            "Service" => ProfileKind::Service,
            "Organization" => ProfileKind::Organization,
            "Application" => ProfileKind::Application,
            _ => return None,
        })
    })
}

/// `endpoints.sharedInbox`, or `sharedInbox` beside it (Misskey).
fn shared_inbox(object: Object<'_>) -> Option<&str> {
    let endpoints = object.first("endpoints").and_then(|item| item.object());
    let inner = endpoints.and_then(|endpoints| endpoints.link("sharedInbox"));
    inner.or_else(|| object.link("sharedInbox")).and_then(http_url)
}

/// The first picture of a property: an image, a link or a URL (PeerTube and Bridgy Fed send arrays).
fn picture(object: Object<'_>, property: &'static str, skipped: &mut Vec<Skipped>) -> Option<Image> {
    let mut first = None;
    for item in object.items(property) {
        if let Some(image) = image(item) {
            return Some(image);
        }
        first.get_or_insert_with(|| item.skipped("no_url"));
    }
    skipped.extend(first);
    None
}

fn image(item: Item<'_>) -> Option<Image> {
    let Some(object) = item.object() else {
        let url = http_url(link(item.value)?)?;
        return Some(Image {
            url: url.to_owned(),
            media_type: media_type::of(url).map(str::to_owned),
            alt: None,
        });
    };
    let url = object.links("url").chain(object.text("href")).find_map(http_url)?;
    let declared = object.text("mediaType").and_then(media_type::clean);
    let alt = object.filled("name").or_else(|| object.filled("summary")).map(|alt| alt.trim().to_owned());
    Some(Image {
        url: url.to_owned(),
        media_type: declared.or_else(|| media_type::of(url).map(str::to_owned)),
        alt,
    })
}
