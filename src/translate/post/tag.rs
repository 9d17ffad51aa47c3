//! Mentions, hashtags and custom emoji: `tag` both ways.

use serde_json::{Value, json};

use crate::instance::Instance;
use crate::model::{Emoji, Handle, Mention, Post};
use crate::translate::{media_type, picture};
use crate::vocab::{Object, Skipped, host, http_url, link};

/// Most tags read of one post.
const MAX_TAGS: usize = 1000;
/// Longest hashtag or shortcode read, in bytes.
const MAX_NAME: usize = 2048;

/// The tags of a post in its normal form, always an array: Lemmy and Pixelfed refuse a single object.
pub(super) fn write(instance: &Instance, wire: &Post) -> Vec<Value> {
    let mentions = wire.mentions.iter().map(|mention| match &mention.handle {
        Some(handle) => json!({"type": "Mention", "href": mention.uri, "name": handle}),
        None => json!({"type": "Mention", "href": mention.uri}),
    });
    let hashtags = wire
        .hashtags
        .iter()
        .map(|name| json!({"type": "Hashtag", "href": instance.tag_page(name), "name": format!("#{name}")}));
    let emojis = wire.emojis.iter().map(|emoji| {
        let icon = picture::write(&emoji.url, emoji.media_type.as_deref(), None);
        json!({"id": emoji.url, "type": "Emoji", "name": format!(":{}:", emoji.shortcode), "icon": icon})
    });
    mentions.chain(hashtags).chain(emojis).collect()
}

/// What the tags of an object hold.
#[derive(Default)]
pub(super) struct Tags {
    pub(super) mentions: Vec<Mention>,
    pub(super) hashtags: Vec<String>,
    pub(super) emojis: Vec<Emoji>,
    /// The object a `Link` tag quotes (FEP-e232).
    pub(super) quote: Option<String>,
}

/// Reads the tags of an object. Those of other types are no concern of a post.
pub(super) fn read(object: Object<'_>, skipped: &mut Vec<Skipped>) -> Tags {
    let mut out = Tags::default();
    let mut seen = std::collections::HashSet::new();
    let mut mentioned = std::collections::HashSet::new();
    for (count, item) in object.items("tag").enumerate() {
        if count == MAX_TAGS {
            skipped.push(item.skipped("too_many"));
            break;
        }
        let Some(tag) = item.object() else { continue };
        match tag.types().next().unwrap_or_default() {
            "Mention" => match tag.link("href").and_then(http_url) {
                Some(uri) => {
                    if mentioned.insert(uri) {
                        out.mentions.push(mention(tag, uri));
                    }
                }
                None => skipped.push(item.skipped("no_url")),
            },
            "Hashtag" => match hashtag(tag) {
                Some(name) => {
                    if seen.insert(name.to_lowercase()) {
                        out.hashtags.push(name);
                    }
                }
                None => skipped.push(item.skipped("no_name")),
            },
            "Emoji" => match emoji(tag) {
                Some(emoji) if out.emojis.iter().any(|e| e.shortcode == emoji.shortcode) => {}
                Some(emoji) => out.emojis.push(emoji),
                None => skipped.push(item.skipped("no_url")),
            },
            "Link" if out.quote.is_none() => out.quote = quoted(tag).map(str::to_owned),
            _ => {}
        }
    }
    out
}

/// A mention. The name may be `@user@host`, `user@host`, `@user` (then on the host of the actor), a display
/// name or a URL (then there is no handle).
fn mention(tag: Object<'_>, uri: &str) -> Mention {
    let handle = tag.filled("name").and_then(|name| {
        let name = name.trim();
        Handle::parse(name).or_else(|| {
            let user = name.strip_prefix('@').unwrap_or(name);
            if user.contains('@') { None } else { Handle::parse(&format!("{user}@{}", host(uri)?)) }
        })
    });
    Mention { handle: handle.map(|h| h.to_string()), uri: Some(uri.to_owned()), url: None }
}

/// The name of a hashtag; kbin has it in `tag`.
fn hashtag(tag: Object<'_>) -> Option<String> {
    one_word(tag.filled("name").or_else(|| tag.filled("tag"))?)
}

/// A hashtag without `#`; one of several words (PeerTube, NodeBB) becomes one.
pub(super) fn one_word(name: &str) -> Option<String> {
    let name: String = name.chars().filter(|c| !c.is_whitespace() && !c.is_control() && *c != '#').collect();
    (!name.is_empty() && name.len() <= MAX_NAME).then_some(name)
}

fn emoji(tag: Object<'_>) -> Option<Emoji> {
    let shortcode = tag.filled("name")?.trim().trim_matches(':');
    let icon = tag.first("icon")?;
    let (url, declared) = match icon.object() {
        Some(icon) => {
            let declared = icon.text("mediaType").and_then(media_type::clean);
            (icon.items("url").find_map(|url| http_url(link(url.value)?))?, declared)
        }
        None => (http_url(link(icon.value)?)?, None),
    };
    if shortcode.is_empty() || shortcode.len() > MAX_NAME || shortcode.contains(char::is_whitespace) {
        return None;
    }
    let media_type = declared.or_else(|| media_type::of(url).map(str::to_owned));
    Some(Emoji { shortcode: shortcode.to_owned(), url: url.to_owned(), media_type })
}

/// The object of a link to an ActivityPub document (FEP-e232).
fn quoted(tag: Object<'_>) -> Option<&str> {
    let media_type = tag.text("mediaType")?;
    let document =
        media_type.starts_with("application/ld+json") || media_type.starts_with("application/activity+json");
    // Without a relation it is a quote too: that is what FEP-e232 was made for.
    let quote = tag
        .items("rel")
        .all(|rel| crate::vocab::text(rel.value).is_some_and(|r| r.ends_with("_misskey_quote")));
    if document && quote { tag.link("href").and_then(http_url) } else { None }
}
