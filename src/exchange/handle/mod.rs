//! What each verified activity means to the host.
//!
//! A handler gets an [`Incoming`], which only the inbox makes after every check, and writes its effects into
//! `done`. What concerns nobody here is accepted and leaves no trace: a sender needs no answer to it, and a
//! refusal would tell who exists.

mod answer;
pub(crate) mod follow;
mod inner;
pub(crate) mod post;
mod profile;
mod reaction;
mod undo;

use serde_json::json;

use super::inbox::{Halt, Incoming, concerns_itself};
use super::page;
use super::serve::create_uri;
use super::step::Done;
use super::task::Context;
use crate::delivery::Record;
use crate::error::Result;
use crate::instance::Local;
use crate::model::{Post, Profile};
use crate::privacy;
use crate::trust::stored::StoredFollow;

/// Hands an activity to its handler. Kinds this version does not know are accepted and ignored.
pub(crate) async fn activity(cx: &Context, incoming: &Incoming, done: &mut Done) -> Result<(), Halt> {
    match incoming.activity.kind.as_str() {
        "Follow" => follow::requested(cx, incoming, done).await,
        "Accept" => answer::accepted(cx, incoming, done).await,
        "Reject" => answer::rejected(cx, incoming, done).await,
        "Undo" => undo::undone(cx, incoming, done).await,
        "Create" => post::created(cx, incoming, done).await,
        "Update" if concerns_itself(&incoming.activity) => profile::updated(cx, incoming, done),
        "Update" => post::updated(cx, incoming, done).await,
        "Delete" if concerns_itself(&incoming.activity) => profile::deleted(cx, incoming, done),
        "Delete" => post::deleted(cx, incoming, done).await,
        "Like" => reaction::liked(cx, incoming, done).await,
        "Announce" => reaction::shared(cx, incoming, done).await,
        _ => Ok(()),
    }
}

/// The local profile an actor URI names, when it exists for the outside.
pub(crate) async fn local_profile(cx: &Context, uri: &str) -> Result<Option<Profile>> {
    let Some(Local::Actor(id)) = cx.instance().local(uri) else { return Ok(None) };
    profile_by_id(cx, &id).await
}

/// The local profile with this id, when it exists for the outside.
pub(crate) async fn profile_by_id(cx: &Context, id: &str) -> Result<Option<Profile>> {
    let Some(value) = cx.load_one("profile", id).await? else { return Ok(None) };
    let profile = Profile::from_host(&value)?;
    Ok((profile.id == id && privacy::profile_is_visible(&profile)).then_some(profile))
}

/// The local post an object URI names, with its author, when the sender may see it: it is public, or the
/// sender is mentioned, or it is for followers and the sender is one.
pub(crate) async fn visible_post(cx: &Context, uri: &str, sender: &str) -> Result<Option<(Post, Profile)>> {
    let Some(Local::Post(id)) = cx.instance().local(uri) else { return Ok(None) };
    let Some(value) = cx.load_one("post", &id).await? else { return Ok(None) };
    let post = Post::from_host(&value)?;
    let Some(author) = profile_by_id(cx, &post.author).await? else { return Ok(None) };
    if post.id != id {
        return Ok(None);
    }
    let visible =
        privacy::post_is_public(&author, &post, cx.now()) || was_sent_to(cx, &post, &author, sender).await?;
    Ok(visible.then_some((post, author)))
}

/// True when the post went to `sender` although it is not public: they are named in its Create, or it went to
/// the followers and they are one.
async fn was_sent_to(cx: &Context, post: &Post, author: &Profile, sender: &str) -> Result<bool> {
    let create = create_uri(cx, &post.id);
    let Some(value) = cx.load_one("activity", &create).await? else { return Ok(false) };
    let record = Record::read(value, &create)?;
    if record.addressees().any(|uri| uri == sender) {
        return Ok(true);
    }
    let followee = cx.instance().actor_uri(&author.id);
    Ok(record.followers
        && follow_between(cx, sender, &followee).await?.is_some_and(|follow| follow.is_accepted()))
}

/// The follow of one actor by another, asked or accepted.
pub(crate) async fn follow_between(
    cx: &Context,
    follower: &str,
    followee: &str,
) -> Result<Option<StoredFollow>> {
    cx.load_one("follow", &follow_key(follower, followee)).await?.map(StoredFollow::read).transpose()
}

/// True when somebody here follows the remote actor.
pub(crate) async fn has_local_followers(cx: &Context, actor: &str) -> Result<bool> {
    Ok(!page::load(cx, "local_followers", actor, None).await?.items.is_empty())
}

/// The key a follow is stored under; URIs hold no spaces.
pub(crate) fn follow_key(follower: &str, followee: &str) -> String {
    format!("{follower} {followee}")
}

/// Remembers a received activity, so that an Undo that only names it can be understood.
pub(crate) fn remember(cx: &Context, incoming: &Incoming, object: &str, done: &mut Done) {
    let value = json!({
        "v": 1, "id": incoming.activity.id, "actor": incoming.sender.actor(), "kind": incoming.activity.kind,
        "object": object, "received": true, "at": cx.now(),
    });
    done.put("activity", incoming.activity.id.clone(), value);
}
