//! Any object that is a post, as it comes from the wire, to the native model.
//!
//! What must be there is an `id`, an author and a type; everything else that cannot be read is left out and
//! reported. Nothing here proves anything: the document says who it is by, `trust` finds out.

use serde_json::Value;

use crate::error::{Code, Error, Result, malformed};
use crate::model::{Content, Kind, Link, Post, Visibility};
use crate::translate::activity::Activity;
use crate::translate::one_line;
use crate::vocab::{self, Object, addressees, http_url};

use super::audience::{authors, visibility};
use super::{RemotePost, attachment, body, kind, policy, poll, tag, text};

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
    let kind = kind::read(object)?;
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
    let named = |property: &'static str, default: &[String]| match object.get(property) {
        Some(_) => addressees(object, property),
        None => default.to_vec(),
    };
    let (to, cc, audience) = (named("to", defaults.to), named("cc", defaults.cc), named("audience", &[]));
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
    let (text, language) = text::read(object, &kind, post.spoiler.is_none());
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

/// A `Note` with a `name`, an `inReplyTo` and no text is a vote (Mastodon, mbin, Pleroma).
fn is_vote(post: &Post, object: Object<'_>) -> bool {
    post.title.is_some()
        && post.in_reply_to.is_some()
        && object.text("content").is_none_or(|text| text.trim().is_empty())
        && post.media.is_empty()
}
