//! Any object that is a post, as it comes from the wire, to the native model.
//!
//! What must be there is an `id`, an author and a type; everything else that cannot be read is left out and
//! reported. Nothing here proves anything: the document says who it is by, `trust` finds out.

use std::collections::HashSet;

use serde_json::Value;

use crate::content::{self, Linker, MentionLink};
use crate::error::{Code, Error, Result, malformed};
use crate::model::{Content, Kind, Link, Post, Visibility};
use crate::translate::activity::Activity;
use crate::translate::one_line;
use crate::vocab::{self, Object, PUBLIC, http_url, is_public};

use super::{RemotePost, attachment, body, policy, poll, tag};

/// Types that are no posts: actors, activities, collections and what stands inside other objects.
const OTHERS: [&str; 58] = [
    "Person",
    "Service",
    "Group",
    "Organization",
    "Application",
    "Feed",
    "Collection",
    "OrderedCollection",
    "CollectionPage",
    "OrderedCollectionPage",
    "Tombstone",
    "Link",
    "Mention",
    "Hashtag",
    "Emoji",
    "PropertyValue",
    "Key",
    "CryptographicKey",
    "Multikey",
    "Activity",
    "Accept",
    "Add",
    "Announce",
    "Arrive",
    "Block",
    "Create",
    "Delete",
    "Dislike",
    "EmojiReact",
    "Flag",
    "Follow",
    "Ignore",
    "Invite",
    "Join",
    "Leave",
    "Like",
    "Listen",
    "Lock",
    "Move",
    "Offer",
    "QuoteRequest",
    "Read",
    "Reject",
    "Remove",
    "Resolve",
    "TentativeAccept",
    "TentativeReject",
    "Travel",
    "Undo",
    "Update",
    "View",
    "Warn",
    "Relationship",
    "Profile",
    "Proof",
    "QuoteAuthorization",
    "DataIntegrityProof",
    "IntransitiveActivity",
];

/// Reads an object as a post.
///
/// The audience is read from the object alone. Visibility is worked out by [`visibility`], without knowing the
/// author's followers collection by name.
///
/// Errors, all `Malformed` or `Unsupported`, with the JSON pointer: `not_an_object`, `no_type`, `no_id`,
/// `no_author`, `not_a_post` (an actor, an activity, a collection), `tombstone`, `poll_vote`.
pub fn read(document: &Value) -> Result<RemotePost> {
    read_with(document, &Defaults::default())
}

/// Reads the object inside a `Create` or `Update`. What it does not say itself is taken from the activity, as
/// Mastodon does: the author is the actor, `to` and `cc` are the activity's.
///
/// Errors: those of [`read`], and `not_an_object` when the activity holds only a URI.
pub fn read_within(activity: &Activity) -> Result<RemotePost> {
    let Some(document) = activity.object.embedded() else {
        return Err(
            malformed("not_an_object", "expected the object itself, not a reference to it").at("/object")
        );
    };
    read_with(document, &Defaults { author: Some(&activity.actor), to: &activity.to, cc: &activity.cc })
}

/// The author of an object, exactly as [`read`] finds it; `None` when it names none.
pub fn author(document: &Value) -> Option<String> {
    Object::of(document).and_then(|object| authors(object).into_iter().next())
}

/// What is meant when an object does not say it.
#[derive(Default)]
struct Defaults<'d> {
    author: Option<&'d str>,
    to: &'d [String],
    cc: &'d [String],
}

fn read_with(document: &Value, defaults: &Defaults<'_>) -> Result<RemotePost> {
    let Some(object) = Object::of(document) else {
        return Err(malformed("not_an_object", "expected the object itself, not a reference to it"));
    };
    let kind = kind(object)?;
    let id = object.id().and_then(http_url).ok_or_else(|| {
        malformed("no_id", "an object that can be named has an http(s) URI as its id").at("/id")
    })?;
    let mut attributed_to = authors(object);
    if attributed_to.is_empty() && object.get("attributedTo").is_none() {
        attributed_to.extend(defaults.author.map(str::to_owned));
    }
    let author = attributed_to
        .first()
        .cloned()
        .ok_or_else(|| malformed("no_author", "expected the URI of an actor").at("/attributedTo"))?;
    let mut skipped = Vec::new();
    let (to, cc, audience) = (
        audience(object, "to", defaults.to),
        audience(object, "cc", defaults.cc),
        audience(object, "audience", &[]),
    );
    let direct = kind == Kind::Message || object.flag("directMessage") == Some(true);
    let visibility = if direct { Visibility::Direct } else { visibility(&to, &cc, None) };
    let mut post = Post::new(id, author.clone(), visibility);
    let tags = tag::read(object, &mut skipped);
    let attachments = attachment::read(object, &kind, &mut skipped);
    post.quote = quote(object).map(str::to_owned).or(tags.quote);
    post.in_reply_to = object.links("inReplyTo").find_map(http_url).map(str::to_owned);
    post.title = object.filled_or_map("name", "nameMap").map(one_line);
    post.sensitive = object.flag("sensitive").unwrap_or_default();
    let warned = matches!(kind, Kind::Note | Kind::Question | Kind::Message);
    let summary = object.filled_or_map("summary", "summaryMap");
    // The summary of an article, page or event is an abstract; Mastodon shows it as no warning either.
    post.spoiler = summary.filter(|_| warned || post.sensitive).map(one_line);
    let (text, language) = text(object, &kind, post.spoiler.is_none());
    post.content = Content::html(if post.quote.is_some() { body::without_quote_line(&text) } else { &text });
    post.language = language.map(str::to_owned);
    post.url = page(object, id);
    post.mentions = tags.mentions;
    post.hashtags = tags.hashtags;
    post.emojis = tags.emojis;
    post.media = attachments.media;
    post.links = attachments.links;
    // A link shared by old Lemmy, kbin and Friendica stands where the page of a post stands elsewhere.
    if let (Kind::Page, Some(url)) = (&kind, object.links("url").find_map(http_url))
        && post.url.as_deref() != Some(url)
        && !post.links.iter().any(|link| link.url == url)
    {
        post.links.push(Link { url: url.to_owned(), title: None });
    }
    if kind == Kind::Question {
        post.poll = poll::read(object, &mut skipped);
    }
    post.published = object.time("published");
    post.updated = object.time("updated").filter(|updated| Some(*updated) > post.published);
    post.interaction_policy = policy::read(object, &author);
    if kind == Kind::Note && is_vote(&post, object) {
        return Err(Error::new(Code::Unsupported, "poll_vote", "a vote in a poll is not a post").at("/name"));
    }
    post.kind = kind;
    Ok(RemotePost { post, attributed_to, to, cc, audience, skipped })
}

/// Who may see an object with these addressees, as Mastodon decides: Public in `to` or `cc`, else the followers
/// in `to`. Each spelling of Public is known. `followers` is the author's followers collection; without it, a collection is known by the end of its path (GNU social says
/// `/subscribers`). What is addressed to nobody known is direct.
pub fn visibility(to: &[String], cc: &[String], followers: Option<&str>) -> Visibility {
    if to.iter().any(|id| is_public(id)) {
        return Visibility::Public;
    }
    if cc.iter().any(|id| is_public(id)) {
        return Visibility::Unlisted;
    }
    let is_followers = |id: &String| {
        if let Some(followers) = followers {
            return id == followers;
        }
        let path = id.trim_end_matches('/');
        path.ends_with("/followers") || path.ends_with("/subscribers")
    };
    if to.iter().any(is_followers) { Visibility::Followers } else { Visibility::Direct }
}

/// The kind of an object; the first type known decides.
fn kind(object: Object<'_>) -> Result<Kind> {
    let mut types = object.types();
    let Some(first) = types.next() else {
        return Err(malformed("no_type", "expected a type such as Note").at("/type"));
    };
    let kind = std::iter::once(first)
        .chain(types)
        .find_map(known)
        .unwrap_or_else(|| Kind::Other(first.to_ascii_lowercase()));
    if !matches!(kind, Kind::Other(_)) {
        return Ok(kind);
    }
    if first == "Tombstone" {
        return Err(Error::new(Code::Unsupported, "tombstone", "the object was deleted").at("/type"));
    }
    // What has an object and no author is an activity, of whatever type.
    let activity = object.get("object").is_some() && object.get("attributedTo").is_none();
    if OTHERS.contains(&first) || activity || object.get("inbox").is_some() {
        return Err(Error::new(Code::Unsupported, "not_a_post", "expected a post such as a Note").at("/type"));
    }
    Ok(kind)
}

fn known(name: &str) -> Option<Kind> {
    Some(match name {
        "Note" => Kind::Note,
        "Article" => Kind::Article,
        "Question" => Kind::Question,
        "Page" => Kind::Page,
        "Image" => Kind::Image,
        "Video" => Kind::Video,
        "Audio" => Kind::Audio,
        "Event" => Kind::Event,
        "Document" => Kind::Document,
        "ChatMessage" => Kind::Message,
        _ => return None,
    })
}

/// Everyone the object is attributed to; a `Person` (PeerTube lists person and channel) before the rest.
/// `actor` counts when there is no `attributedTo`.
fn authors(object: Object<'_>) -> Vec<String> {
    let property = if object.first("attributedTo").is_some() { "attributedTo" } else { "actor" };
    let mut out: Vec<String> = Vec::new();
    let mut person = None;
    for item in object.items(property) {
        let Some(uri) = vocab::link(item.value).and_then(http_url) else { continue };
        if person.is_none() && item.object().is_some_and(|o| o.is("Person")) {
            person = Some(out.len());
        }
        out.push(uri.to_owned());
    }
    if let Some(slice) = person.and_then(|at| out.get_mut(..=at)) {
        slice.rotate_right(1);
    }
    out
}

fn audience(object: Object<'_>, property: &'static str, default: &[String]) -> Vec<String> {
    if object.get(property).is_none() {
        return default.to_vec();
    }
    let mut seen = HashSet::new();
    let ids = object.links(property).map(|id| if is_public(id) { PUBLIC } else { id });
    ids.filter(|id| seen.insert(*id)).map(str::to_owned).collect()
}

/// The page for people: a link to HTML or the first URL. One on another host is not believed, unless one host
/// lies below the other (`www.threads.net` and `threads.net`).
fn page(object: Object<'_>, id: &str) -> Option<String> {
    let html = object.items("url").find(|item| {
        item.object().is_some_and(|o| {
            o.text("mediaType").or_else(|| o.text("mimeType")).is_some_and(|t| t.starts_with("text/html"))
        })
    });
    let first = || object.items("url").find(|item| item.value.is_string());
    let url = html.or_else(first).and_then(|item| vocab::link(item.value)).and_then(http_url)?;
    near(url, id).then(|| url.to_owned())
}

/// True when both lie on one host, or one host lies below the other.
pub(crate) fn near(one: &str, other: &str) -> bool {
    let (Some(one), Some(other)) = (vocab::host(one), vocab::host(other)) else { return false };
    let (one, other) = (one.to_ascii_lowercase(), other.to_ascii_lowercase());
    let below = |inner: &str, outer: &str| {
        outer.contains('.') && inner.strip_suffix(outer).is_some_and(|front| front.ends_with('.'))
    };
    one == other || below(&one, &other) || below(&other, &one)
}

/// The post quoted. BookWyrm's `quote` is a piece of HTML: only a URI counts.
fn quote(object: Object<'_>) -> Option<&str> {
    ["quote", "quoteUrl", "quoteUri", "quoteURL", "_misskey_quote"]
        .into_iter()
        .find_map(|property| object.links(property).find_map(http_url))
}

/// The text as HTML, and its language.
fn text<'v>(object: Object<'v>, kind: &Kind, with_summary: bool) -> (String, Option<&'v str>) {
    let mut language = None;
    let plain = object.text("content");
    for (tag, entry) in vocab::language_map(object, "contentMap") {
        // Of several languages the one whose text is `content`, else the first.
        if language.is_none() || Some(entry) == plain {
            language = Some((tag, entry));
            if Some(entry) == plain {
                break;
            }
        }
    }
    let tag = language.map(|(tag, _)| tag).or_else(|| object.first("language")?.object()?.text("identifier"));
    let tag = tag.map(str::trim).filter(|tag| !tag.is_empty() && *tag != "und");
    let content = plain.or_else(|| language.map(|(_, text)| text)).unwrap_or_default();
    let degraded = matches!(kind, Kind::Other(_)) && content.trim().is_empty() && with_summary;
    let content = if degraded { object.text("summary").unwrap_or_default() } else { content };
    let html = match object.text("mediaType").map(|t| t.split(';').next().unwrap_or_default().trim()) {
        // PeerTube sends Markdown and says so.
        Some("text/markdown") => content::markdown::to_html(content, &NoLinks).html,
        Some("text/plain") => content::text::to_html(content, &NoLinks).html,
        // Gancio and PeerTube's own notes are text without a tag.
        _ if matches!(kind, Kind::Event | Kind::Video)
            && !content.contains('<')
            && !content.trim().is_empty() =>
        {
            content::text::to_html(content, &NoLinks).html
        }
        _ => content::sanitise::html(content),
    };
    (html, tag)
}

/// A `Note` with a `name`, an `inReplyTo` and no text is a vote (Mastodon, mbin, Pleroma).
fn is_vote(post: &Post, object: Object<'_>) -> bool {
    post.title.is_some()
        && post.in_reply_to.is_some()
        && object.text("content").is_none_or(|text| text.trim().is_empty())
        && post.media.is_empty()
}

/// Foreign text is not linked to anything of ours.
struct NoLinks;

impl Linker for NoLinks {
    fn mention(&self, _: &str, _: Option<&str>) -> Option<MentionLink> {
        None
    }

    fn hashtag(&self, _: &str) -> Option<String> {
        None
    }
}
