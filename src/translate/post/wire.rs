//! The normal form of a local post: what a reader on the other side gets to see.

use crate::content;
use crate::error::{Code, Error, Result, invalid};
use crate::instance::Instance;
use crate::model::{
    Content, Emoji, Format, Handle, InteractionPolicy, InteractionRule, Kind, Media, Mention, Party, Post,
    Profile, Time,
};
use crate::translate::mention::{self, Links};
use crate::translate::{absolute, media_type, one_line, page, post_key, profile_key};
use crate::vocab;

use super::{body, tag};

/// The normal form of a local post, the one that [`read`](super::read()) gives for what
/// [`render`](super::render) writes. It is a fixed point: `wire(wire(x)) = wire(x)`.
///
/// | field | in the normal form | why |
/// | --- | --- | --- |
/// | `id`, `author` | the URI of the object and of the actor | a key means nothing elsewhere |
/// | `url` | absolute; the instance's post page when absent | |
/// | `in_reply_to`, `quote` | a URI | |
/// | `title`, `spoiler` | on one line, absent when empty | a note without text has its title as text: a `name` alone is a vote |
/// | `content` | sanitised HTML; links of `links` it lacks stand below | the wire has HTML only |
/// | `sensitive` | true when there is a spoiler | so does Mastodon |
/// | `language` | absent when empty or `und` | |
/// | `mentions` | those with an actor, of the text too, once each; handle in full, no `url` | a tag holds no more |
/// | `hashtags` | without `#`, of the text too, once each whatever the case | |
/// | `emojis` | shortcode without colons, absolute URL, once each | |
/// | `media` | absolute URL, media type, empty texts and sizes absent, duration in milliseconds | |
/// | `links` | empty | they are in the text |
/// | `published`, `updated` | cut to milliseconds; `updated` absent unless it is later | an equal one would show as edited |
/// | `interaction_policy` | `author` for the author's own URI, and so on; absent without rules | |
/// | `not_before`, `extra` | absent | they stay with the host |
///
/// Errors: `unsupported_kind` and `unsupported_poll`; `InvalidArgument` with the JSON pointer for what cannot
/// be written: an id of another server, an author that is not `author`, a URL that is none, no `published`.
pub fn wire(instance: &Instance, author: &Profile, post: &Post, known: &[Mention]) -> Result<Post> {
    let mut post = normal(instance, author, post, known)?;
    post.content.text = content::sanitise::html(&post.content.text);
    Ok(post)
}

/// The normal form with the text as it is sent: a reader's sanitiser may still write it otherwise, such as
/// `"` for `&quot;`.
pub(super) fn normal(instance: &Instance, author: &Profile, post: &Post, known: &[Mention]) -> Result<Post> {
    if !matches!(post.kind, Kind::Note | Kind::Article) {
        return Err(Error::new(
            Code::Unsupported,
            "unsupported_kind",
            "a local post is a note or an article; other kinds are only read",
        )
        .at("/kind"));
    }
    if post.poll.is_some() {
        return Err(Error::new(Code::Unsupported, "unsupported_poll", "polls are only read").at("/poll"));
    }
    let profile = profile_key(instance, &post.author, "/author")?;
    if profile != profile_key(instance, &author.id, "/author")? {
        return Err(
            invalid("foreign_author", "the profile given is not the author of the post").at("/author")
        );
    }
    let key = post_key(instance, &post.id, "/id")?;
    let Some(published) = post.published else {
        return Err(invalid("no_published", "other servers refuse a post without the time of publication")
            .at("/published"));
    };
    let published = published.on_the_wire();
    let links = Links::new(instance, &post.mentions, known)?;
    let body = body::render(instance, post, &links)?;
    let spoiler = post.spoiler.as_deref().map(one_line).filter(|text| !text.is_empty());
    Ok(Post {
        url: Some(page(instance, post.url.as_deref(), || instance.post_page(&key, &author.username))?),
        in_reply_to: reference(instance, post.in_reply_to.as_deref(), "/in_reply_to")?,
        quote: reference(instance, post.quote.as_deref(), "/quote")?,
        kind: post.kind.clone(),
        title: body.title,
        sensitive: post.sensitive || spoiler.is_some(),
        spoiler,
        language: language(post.language.as_deref())?,
        mentions: mentions(instance, post, &links, &body.rendered)?,
        hashtags: hashtags(post, &body.rendered)?,
        content: Content { format: Format::Html, text: body.rendered.html },
        emojis: emojis(instance, &post.emojis)?,
        media: media(instance, &post.media)?,
        links: Vec::new(),
        published: Some(published),
        updated: post.updated.map(Time::on_the_wire).filter(|updated| *updated > published),
        interaction_policy: post.interaction_policy.as_ref().and_then(|p| policy(instance, &profile, p)),
        ..Post::new(instance.post_uri(&key), instance.actor_uri(&profile), post.visibility)
    })
}

/// A post named by key or URI, as a URI.
fn reference(instance: &Instance, given: Option<&str>, at: &str) -> Result<Option<String>> {
    match given.map(str::trim) {
        None | Some("") => Ok(None),
        Some(key) if !key.contains("://") => Ok(Some(instance.post_uri(key))),
        Some(uri) => match vocab::http_url(uri) {
            Some(uri) => Ok(Some(uri.to_owned())),
            None => Err(invalid("bad_uri", "expected an http(s) URI or the key of a post").at(at)),
        },
    }
}

fn language(given: Option<&str>) -> Result<Option<String>> {
    let Some(tag) = given.map(str::trim).filter(|tag| !tag.is_empty() && *tag != "und") else {
        return Ok(None);
    };
    let sound = tag
        .split('-')
        .all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
    if sound && tag.as_bytes().first().is_some_and(u8::is_ascii_alphabetic) {
        Ok(Some(tag.to_owned()))
    } else {
        Err(invalid("bad_language", "expected a language tag such as en or pt-BR (BCP 47)").at("/language"))
    }
}

fn mentions(
    instance: &Instance,
    post: &Post,
    links: &Links<'_>,
    rendered: &content::Rendered,
) -> Result<Vec<Mention>> {
    let mut out: Vec<Mention> = Vec::new();
    let mut add = |handle: Option<Handle>, uri: &str| {
        if !out.iter().any(|m| m.uri.as_deref() == Some(uri)) {
            out.push(Mention { handle: handle.map(|h| h.to_string()), uri: Some(uri.to_owned()), url: None });
        }
    };
    for (index, mention) in post.mentions.iter().enumerate() {
        let handle = mention.handle.as_deref().and_then(|text| mention::read(instance, text));
        let uri = match &mention.uri {
            Some(uri) => Some(vocab::http_url(uri).ok_or_else(|| {
                invalid("bad_uri", "expected the http(s) URI of an actor")
                    .at(format!("/mentions/{index}/uri"))
            })?),
            // Only a handle was given: it counts once somebody looked it up.
            None => {
                handle.as_ref().and_then(|h| links.find(h)).and_then(|m| vocab::http_url(m.uri.as_deref()?))
            }
        };
        if let Some(uri) = uri {
            add(handle, uri);
        }
    }
    for link in rendered.mentions.iter().filter_map(|m| m.link.as_ref()) {
        add(mention::read(instance, &link.acct), &link.href);
    }
    Ok(out)
}

fn hashtags(post: &Post, rendered: &content::Rendered) -> Result<Vec<String>> {
    let mut out: Vec<String> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for (index, tag) in post.hashtags.iter().enumerate() {
        let name = tag.trim().trim_start_matches('#');
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '#') {
            return Err(invalid("bad_hashtag", "expected one word, with or without #")
                .at(format!("/hashtags/{index}")));
        }
        if seen.insert(name.to_lowercase()) {
            out.push(name.to_owned());
        }
    }
    for name in rendered.hashtags.iter().filter_map(|tag| tag::one_word(&tag.name)) {
        if seen.insert(name.to_lowercase()) {
            out.push(name);
        }
    }
    Ok(out)
}

fn emojis(instance: &Instance, given: &[Emoji]) -> Result<Vec<Emoji>> {
    let mut out: Vec<Emoji> = Vec::new();
    for (index, emoji) in given.iter().enumerate() {
        let shortcode = emoji.shortcode.trim().trim_matches(':');
        if shortcode.is_empty() || !shortcode.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return Err(invalid("bad_shortcode", "expected letters, digits and underscores (FEP-9098)")
                .at(format!("/emojis/{index}/shortcode")));
        }
        if out.iter().any(|e| e.shortcode == shortcode) {
            continue;
        }
        let url = absolute(instance, &emoji.url, || format!("/emojis/{index}/url"))?;
        let media_type = emoji.media_type.as_deref().and_then(media_type::clean);
        let media_type = media_type.or_else(|| media_type::of(&url).map(str::to_owned));
        out.push(Emoji { shortcode: shortcode.to_owned(), url, media_type });
    }
    Ok(out)
}

fn media(instance: &Instance, given: &[Media]) -> Result<Vec<Media>> {
    let fill =
        |text: &Option<String>| text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
    let mut out = Vec::with_capacity(given.len());
    for (index, medium) in given.iter().enumerate() {
        let url = absolute(instance, &medium.url, || format!("/media/{index}/url"))?;
        let media_type = match &medium.media_type {
            Some(text) => media_type::clean(text),
            None => media_type::of(&url).map(str::to_owned),
        };
        let Some(media_type) = media_type.filter(|t| !t.contains('*')) else {
            return Err(invalid(
                "no_media_type",
                "expected a media type such as image/png; Pixelfed refuses a picture without",
            )
            .at(format!("/media/{index}/media_type")));
        };
        let focal_point = match medium.focal_point {
            Some(point) if !point.iter().all(|v| (-1.0..=1.0).contains(v)) => {
                return Err(invalid("bad_focal_point", "expected x and y from -1.0 to 1.0")
                    .at(format!("/media/{index}/focal_point")));
            }
            point => point,
        };
        let duration = match medium.duration {
            Some(seconds) if !(0.0..1.0e9).contains(&seconds) => {
                return Err(
                    invalid("bad_duration", "expected seconds").at(format!("/media/{index}/duration"))
                );
            }
            duration => duration.map(|seconds| (seconds * 1000.0).round() / 1000.0),
        };
        out.push(Media {
            url,
            media_type: Some(media_type),
            alt: fill(&medium.alt),
            width: medium.width.filter(|n| *n > 0),
            height: medium.height.filter(|n| *n > 0),
            blurhash: fill(&medium.blurhash),
            focal_point,
            duration,
        });
    }
    Ok(out)
}

fn policy(instance: &Instance, profile: &str, given: &InteractionPolicy) -> Option<InteractionPolicy> {
    let (actor, followers, following) =
        (instance.actor_uri(profile), instance.followers_uri(profile), instance.following_uri(profile));
    let party = |party: &Party| match party {
        Party::Uri(uri) if vocab::is_public(uri) => Some(Party::Public),
        Party::Uri(uri) if *uri == actor => Some(Party::Author),
        Party::Uri(uri) if *uri == followers => Some(Party::Followers),
        Party::Uri(uri) if *uri == following => Some(Party::Following),
        Party::Uri(uri) => vocab::http_url(uri).map(|uri| Party::Uri(uri.to_owned())),
        party => Some(party.clone()),
    };
    let rule = |rule: &Option<InteractionRule>| {
        rule.as_ref().map(|rule| InteractionRule {
            automatic: rule.automatic.iter().filter_map(party).collect(),
            manual: rule.manual.iter().filter_map(party).collect(),
        })
    };
    let policy = InteractionPolicy {
        reply: rule(&given.reply),
        like: rule(&given.like),
        share: rule(&given.share),
        quote: rule(&given.quote),
    };
    (policy != InteractionPolicy::default()).then_some(policy)
}
