//! The normal form of a post as an ActivityStreams object.

use serde_json::{Map, Value, json};

use crate::error::Result;
use crate::instance::Instance;
use crate::model::{Format, Kind, Post, Profile, Visibility};
use crate::translate::context::{Term, context};
use crate::translate::profile_key;
use crate::vocab::PUBLIC;

use super::{attachment, body, policy, tag};

/// Writes `wire`, the normal form of `post`.
pub(super) fn object(instance: &Instance, author: &Profile, post: &Post, wire: &Post) -> Result<Value> {
    let profile = profile_key(instance, &author.id, "/author")?;
    let mentioned = wire.mentions.iter().filter_map(|m| m.uri.as_deref());
    let (to, cc) = addressees(instance, author, wire.visibility, mentioned)?;
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            out.insert(name.to_owned(), value);
        }
    };
    put("@context", context(&terms(wire)));
    put("id", json!(wire.id));
    put("type", json!(if wire.kind == Kind::Article { "Article" } else { "Note" }));
    put("attributedTo", json!(wire.author));
    put("url", json!(wire.url));
    put("published", json!(wire.published));
    put("updated", json!(wire.updated));
    put("to", json!(to));
    put("cc", json!(cc));
    put("inReplyTo", json!(wire.in_reply_to));
    put("name", json!(wire.title));
    put("summary", json!(wire.spoiler));
    put("sensitive", json!(wire.sensitive));
    let html = match &wire.quote {
        Some(quote) => body::quote_line(quote) + &wire.content.text,
        None => wire.content.text.clone(),
    };
    if let Some(language) = &wire.language {
        put("contentMap", json!({language: html}));
    }
    put("content", Value::String(html));
    put("source", source(post));
    for name in ["quote", "quoteUrl", "quoteUri", "_misskey_quote"] {
        put(name, json!(wire.quote));
    }
    put("tag", Value::Array(tag::write(instance, wire)));
    put("attachment", wire.media.iter().map(attachment::write).collect());
    if let Some(given) = &wire.interaction_policy {
        let circles = policy::Circles {
            actor: &wire.author,
            followers: &instance.followers_uri(&profile),
            following: &instance.following_uri(&profile),
        };
        put("interactionPolicy", policy::write(given, &circles));
    }
    Ok(Value::Object(out))
}

/// `to` and `cc` by visibility, as Mastodon reads them: Public in `to`, Public in `cc`, the followers, or only
/// those named. Full IRIs: Lemmy and Takahe fail on `as:Public`.
pub(super) fn addressees<'a>(
    instance: &Instance,
    author: &Profile,
    visibility: Visibility,
    mentioned: impl Iterator<Item = &'a str>,
) -> Result<(Vec<String>, Vec<String>)> {
    let followers = || {
        Ok::<_, crate::Error>(vec![instance.followers_uri(&profile_key(instance, &author.id, "/author")?)])
    };
    let public = || vec![PUBLIC.to_owned()];
    let (mut to, mut cc) = match visibility {
        Visibility::Public => (public(), followers()?),
        Visibility::Unlisted => (followers()?, public()),
        Visibility::Followers => (followers()?, Vec::new()),
        Visibility::Direct => (Vec::new(), Vec::new()),
    };
    let named = if visibility == Visibility::Direct { &mut to } else { &mut cc };
    for uri in mentioned {
        if !named.iter().any(|n| n == uri) {
            named.push(uri.to_owned());
        }
    }
    Ok((to, cc))
}

/// The text as it was written, for servers that let people edit or translate it.
fn source(post: &Post) -> Value {
    let media_type = match post.content.format {
        Format::Plain => "text/plain",
        Format::Markdown => "text/markdown",
        Format::Html => return Value::Null,
    };
    if post.content.text.is_empty() {
        return Value::Null;
    }
    json!({"content": post.content.text, "mediaType": media_type})
}

fn terms(wire: &Post) -> Vec<Term> {
    let mut terms = vec![Term::Sensitive];
    let mut when = |used: bool, term: Term| {
        if used {
            terms.push(term);
        }
    };
    when(!wire.hashtags.is_empty(), Term::Hashtag);
    when(!wire.emojis.is_empty(), Term::Emoji);
    when(wire.media.iter().any(|m| m.blurhash.is_some()), Term::Blurhash);
    when(wire.media.iter().any(|m| m.focal_point.is_some()), Term::FocalPoint);
    when(wire.quote.is_some(), Term::Quote);
    when(wire.interaction_policy.is_some(), Term::Policy);
    terms
}
