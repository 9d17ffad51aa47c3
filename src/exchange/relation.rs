//! Follows that begin here, and answers to follows from elsewhere.

use serde_json::json;

use super::handle::follow::answer as answer_follow;
use super::handle::{follow_between, follow_key};
use super::job::{Job, Work};
use super::perform::{NOT_FEDERATED, acting, stays_here};
use super::resolve::{self, Known};
use super::step::Done;
use super::task::Context;
use crate::delivery::{Delivery, Record, derived_id};
use crate::error::{Code, Error, Result, invalid};
use crate::translate::activity::{self, Sender};
use crate::trust::stored::{FollowState, StoredActor, StoredFollow};

/// A profile of ours asks to follow a remote actor. Asking twice asks once.
pub(super) async fn follow(cx: &Context, profile: &str, uri: &str, done: &mut Done) -> Result<()> {
    // An error, unlike other actions: nobody would ever answer, and the asker would wait.
    let profile = acting(cx, profile).await?.ok_or_else(|| {
        Error::new(Code::Refused, NOT_FEDERATED, "this profile does not federate; switch it on first")
            .at("/profile")
    })?;
    let actor = remote(cx, uri, done).await?;
    let follower = cx.instance().actor_uri(&profile.id);
    let key = follow_key(&follower, &actor.id);
    if let Some(follow) = follow_between(cx, &follower, &actor.id).await? {
        done.result = Some(json!({"state": follow.state, "activity": follow.activity}));
        return Ok(());
    }
    let id =
        cx.instance().activity_uri(&derived_id(&["follow", &follower, &actor.id, &cx.now().to_string()]));
    let document = activity::follow(Sender { id: &id, actor: &follower }, &actor.id);
    done.put("follow", key, StoredFollow::new(FollowState::Pending, &id, cx.now()).to_value());
    done.result = Some(json!({"state": "pending", "activity": id}));
    let record = between(cx, id, &profile.id, "follow", &actor.id, &actor.inbox, document);
    deliver(cx, &record, done);
    Ok(())
}

/// A profile of ours follows no longer. The Undo embeds the whole Follow: Threads answers 500 to a bare id
/// (fedify#125).
pub(super) async fn unfollow(cx: &Context, profile: &str, uri: &str, done: &mut Done) -> Result<()> {
    let follower = cx.instance().actor_uri(profile);
    let key = follow_key(&follower, uri);
    let Some(follow) = follow_between(cx, &follower, uri).await? else {
        done.result = Some(json!({"state": "none"}));
        return Ok(());
    };
    let actor = remote(cx, uri, done).await?;
    let follow_id = &follow.activity;
    let inner = activity::follow(Sender { id: follow_id, actor: &follower }, uri);
    let id = cx.instance().activity_uri(&derived_id(&["undo", follow_id]));
    let document = activity::undo(Sender { id: &id, actor: &follower }, &inner);
    done.remove("follow", key);
    done.result = Some(json!({"state": "none"}));
    let record = between(cx, id, profile, "undo_follow", follow_id, &actor.inbox, document);
    deliver(cx, &record, done);
    Ok(())
}

/// A person of ours answers a Follow. Rejecting also removes a follower that was accepted before.
pub(super) async fn answer(
    cx: &Context,
    kind: &'static str,
    profile: &str,
    follower: &str,
    done: &mut Done,
) -> Result<()> {
    let federates = acting(cx, profile).await?.is_some();
    let followee = cx.instance().actor_uri(profile);
    let key = follow_key(follower, &followee);
    let Some(follow) = follow_between(cx, follower, &followee).await? else {
        return Err(invalid("no_follow", "nobody with this URI asked to follow this profile").at("/actor"));
    };
    if !federates {
        // Nobody could verify the answer.
        if kind == "reject" {
            done.remove("follow", key);
        }
        done.result = Some(stays_here(NOT_FEDERATED));
        return Ok(());
    }
    let actor = remote(cx, follower, done).await?;
    let id = follow.activity.clone();
    if kind == "accept" {
        let accepted = StoredFollow { state: FollowState::Accepted, ..follow };
        done.put("follow", key, accepted.to_value());
    } else {
        done.remove("follow", key);
    }
    answer_follow(cx, kind, profile, follower, &id, &actor.inbox, done);
    done.result = Some(json!({"state": if kind == "accept" { "accepted" } else { "none" }}));
    Ok(())
}

/// A remote actor that can be delivered to.
pub(super) async fn remote(cx: &Context, uri: &str, done: &mut Done) -> Result<StoredActor> {
    if cx.instance().is_ours(uri) {
        return Err(
            invalid("local_actor", "this actor is one of yours: do it in your own database").at("/actor")
        );
    }
    match resolve::actor(cx, uri, done).await? {
        Known::Actor(actor) => Ok(*actor),
        Known::Gone => Err(Error::new(Code::Refused, "actor_gone", "this actor was deleted").at("/actor")),
        Known::Absent => {
            Err(Error::new(Code::Refused, "actor_absent", "this actor cannot be read").at("/actor"))
        }
    }
}

/// An activity between two actors that carries no post.
pub(super) fn between(
    cx: &Context,
    id: String,
    profile: &str,
    kind: &str,
    object: &str,
    inbox: &str,
    document: serde_json::Value,
) -> Record {
    Record {
        v: 1,
        id,
        actor: cx.instance().actor_uri(profile),
        profile: profile.to_owned(),
        kind: kind.into(),
        object: object.to_owned(),
        post: None,
        visibility: None,
        direct: vec![inbox.to_owned()],
        followers: false,
        at: cx.now(),
        document,
    }
}

/// Remembers an activity and queues it for every inbox it names, and its fan-out if it has one.
pub(super) fn deliver(cx: &Context, record: &Record, done: &mut Done) {
    done.put("activity", record.id.clone(), record.to_value());
    for inbox in &record.direct {
        done.deliveries.push(Delivery::new(record, inbox, cx.now()));
    }
    if record.followers {
        let work = Work::FanOut { activity: record.id.clone(), cursor: None };
        done.jobs.push(Job::new(work, "", cx.now()));
    }
}
