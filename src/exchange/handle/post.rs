//! Create, Update and Delete of posts.
//!
//! An embedded object is believed when its id and its owner are its sender's (FEP-fe34); otherwise only its id
//! is taken, and a job reads it from its origin. A post is taken in when it concerns somebody here: its author
//! is followed, it mentions somebody, or it answers a post of ours.

use serde::Serialize;
use serde_json::{Value, json};

use super::{has_local_followers, visible_post};
use crate::exchange::event::Event;
use crate::exchange::inbox::{Halt, Incoming};
use crate::exchange::job::{Job, Work};
use crate::exchange::step::{Done, Want};
use crate::exchange::task::Context;
use crate::instance::Local;
use crate::model::{Post, Profile};
use crate::privacy;
use crate::translate::activity::ObjectRef;
use crate::translate::post::{self as wire, RemotePost};
use crate::trust::document::same_origin;
use crate::trust::stored::{StoredPost, version};

/// How long a Delete that came before its Create is remembered, in seconds (Mastodon: 6 hours).
const DELETED_FIRST: i64 = 6 * 3600;

/// Somebody published a post.
pub(super) async fn created(cx: &Context, incoming: &Incoming, done: &mut Done) -> Result<(), Halt> {
    let object = &incoming.activity.object;
    let Some(document) = believed(object, incoming.sender.actor()) else {
        if let Some(uri) = object.id().filter(|uri| !cx.instance().is_ours(uri)) {
            if addresses_us(cx, &incoming.activity.to, &incoming.activity.cc)
                || has_local_followers(cx, incoming.sender.actor()).await?
            {
                done.jobs.push(fetch_job(cx, uri));
            }
        }
        return Ok(());
    };
    take_in(cx, document, &incoming.from.profile, incoming.sender.actor(), false, done).await
}

/// Somebody edited a post. An older state than the one known is ignored, one of the same time is taken (many
/// servers write whole seconds); one of a post unknown here is read
/// like a new post.
pub(super) async fn updated(cx: &Context, incoming: &Incoming, done: &mut Done) -> Result<(), Halt> {
    let object = &incoming.activity.object;
    let Some(document) = believed(object, incoming.sender.actor()) else {
        if let Some(uri) = object.id().filter(|uri| same_origin(uri, incoming.sender.actor())) {
            if cx.load_one("remote_post", uri).await?.is_some() {
                done.jobs.push(fetch_job(cx, uri));
            }
        }
        return Ok(());
    };
    take_in(cx, document, &incoming.from.profile, incoming.sender.actor(), true, done).await
}

/// Somebody deleted a post of theirs. One that is unknown yet is remembered for a while, so that a Create
/// that arrives late does not bring it back.
pub(super) async fn deleted(cx: &Context, incoming: &Incoming, done: &mut Done) -> Result<(), Halt> {
    let Some(uri) = incoming.activity.object.id() else { return Ok(()) };
    let sender = incoming.sender.actor();
    if !same_origin(uri, sender) {
        return Ok(());
    }
    let tombstone = json!({"v": 1, "id": uri, "at": cx.now()});
    let wants = vec![Want::new("remote_post", uri), Want::new("tombstone", uri)];
    let mut values = cx.load(wants).await?.into_iter();
    let (known, buried) = (values.next().flatten(), values.next().flatten());
    let Some(known) = known else {
        if buried.is_none() {
            done.put_until("tombstone", uri, tombstone, cx.now() + DELETED_FIRST);
        }
        return Ok(());
    };
    if StoredPost::read(known, uri)?.actor != sender {
        return Ok(());
    }
    done.remove("remote_post", uri);
    done.put("tombstone", uri, tombstone);
    done.events.push(Event::by(cx, "post_deleted", &incoming.from.profile, json!({"uri": uri}))?);
    Ok(())
}

/// Takes in a post that its author vouches for. `from` is the author's profile.
pub(crate) async fn take_in(
    cx: &Context,
    document: &Value,
    from: &Profile,
    author: &str,
    edit: bool,
    done: &mut Done,
) -> Result<(), Halt> {
    let remote = wire::read(document)?;
    let uri = remote.post.id.clone();
    if remote.post.author != author || !same_origin(&uri, author) {
        return Ok(());
    }
    let mut known =
        cx.load(vec![Want::new("remote_post", &*uri), Want::new("tombstone", &*uri)]).await?.into_iter();
    let (known, tombstone) = (known.next().flatten(), known.next().flatten());
    if tombstone.is_some() {
        return Ok(());
    }
    let updated = version(&remote.post);
    if let Some(known) = known {
        let known = StoredPost::read(known, &uri)?;
        // The author of an existing post never changes (Mastodon GHSA-xjvf, CVE-2024-37903).
        if known.actor != author || !edit || updated < known.updated {
            return Ok(());
        }
        remember(cx, &remote.post, author, updated, done);
        done.events.push(Event::by(cx, "post_updated", from, Updated { post: &remote.post })?);
        return Ok(());
    }
    let Some(concerns) = concerns(cx, &remote, author).await? else { return Ok(()) };
    remember(cx, &remote.post, author, updated, done);
    done.events.push(Event::by(cx, "post_created", from, Created { post: &remote.post, concerns })?);
    Ok(())
}

fn remember(cx: &Context, post: &Post, author: &str, updated: i64, done: &mut Done) {
    let stored = StoredPost {
        v: 1,
        id: post.id.clone(),
        actor: author.to_owned(),
        visibility: post.visibility,
        in_reply_to: post.in_reply_to.clone(),
        updated,
        fetched_at: cx.now(),
    };
    done.put_if_newer("remote_post", post.id.clone(), stored.to_value(), updated);
}

/// What `post_created` has besides.
#[derive(Serialize)]
struct Created<'p> {
    post: &'p Post,
    #[serde(flatten)]
    concerns: Concerns,
}

/// What `post_updated` has besides.
#[derive(Serialize)]
struct Updated<'p> {
    post: &'p Post,
}

/// Whom here a post concerns.
#[derive(Serialize)]
struct Concerns {
    /// The id of the local post it answers.
    reply_to: Option<String>,
    mentioned: Vec<String>,
    followers: bool,
}

async fn concerns(cx: &Context, remote: &RemotePost, author: &str) -> Result<Option<Concerns>, Halt> {
    let reply_to = match &remote.post.in_reply_to {
        Some(parent) => visible_post(cx, parent, author).await?.map(|(post, _)| post.id),
        None => None,
    };
    let mentioned = mentioned(cx, remote).await?;
    let followers = has_local_followers(cx, author).await?;
    let concerned = reply_to.is_some() || !mentioned.is_empty() || followers;
    Ok(concerned.then_some(Concerns { reply_to, mentioned, followers }))
}

/// The local profiles a post is addressed to by name; of very many only the first are asked for, in one step.
async fn mentioned(cx: &Context, remote: &RemotePost) -> Result<Vec<String>, Halt> {
    let limit = cx.instance().policy().max_mentions;
    let mut named = Vec::new();
    for uri in remote.to.iter().chain(&remote.cc) {
        if let Some(Local::Actor(id)) = cx.instance().local(uri) {
            if !named.contains(&id) {
                named.push(id);
            }
            if named.len() == limit {
                break;
            }
        }
    }
    if named.is_empty() {
        return Ok(named);
    }
    let profiles = cx.load(named.iter().map(|id| Want::new("profile", id)).collect()).await?;
    let mut out = Vec::new();
    for (id, value) in named.into_iter().zip(profiles) {
        if let Some(profile) = value.map(|value| Profile::from_host(&value)).transpose()? {
            if profile.id == id && privacy::profile_is_visible(&profile) {
                out.push(id);
            }
        }
    }
    Ok(out)
}

/// The embedded object, when its id and its owner are the sender's.
fn believed<'o>(object: &'o ObjectRef, sender: &str) -> Option<&'o Value> {
    let ObjectRef::Embedded(document) = object else { return None };
    let id = object.id()?;
    let owner = wire::author(document)?;
    (same_origin(id, sender) && owner == sender).then_some(document)
}

fn addresses_us(cx: &Context, to: &[String], cc: &[String]) -> bool {
    to.iter().chain(cc).any(|uri| cx.instance().is_ours(uri))
}

fn fetch_job(cx: &Context, uri: &str) -> Job {
    let work = Work::Fetch { uri: uri.to_owned(), shared_by: None };
    Job::new(work, &cx.now().to_string(), cx.now())
}
