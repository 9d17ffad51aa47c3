//! Accept and Reject received: they count only for a Follow that we sent to their sender.
//!
//! Pixelfed CVE-2025-30741 took any Accept for a follow; here it must come from the actor asked and match
//! the pending request, named by its id or embedded (Mitra names it, most embed it).

use serde_json::{Value, json};

use super::inner::Inner;
use super::{follow_between, follow_key};
use crate::delivery::Record;
use crate::exchange::event::Event;
use crate::exchange::inbox::{Halt, Incoming};
use crate::exchange::step::Done;
use crate::exchange::task::Context;
use crate::instance::Local;
use crate::translate::activity::ObjectRef;
use crate::trust::stored::{FollowState, StoredFollow};

/// The follow an answer is about.
struct Asked {
    profile: String,
    key: String,
    follow: StoredFollow,
}

/// Our follow was accepted.
pub(super) async fn accepted(cx: &Context, incoming: &Incoming, done: &mut Done) -> Result<(), Halt> {
    let Some(asked) = asked(cx, incoming).await? else { return Ok(()) };
    if asked.follow.is_accepted() {
        return Ok(());
    }
    let follow = StoredFollow { state: FollowState::Accepted, ..asked.follow };
    done.put("follow", asked.key, follow.to_value());
    done.events.push(Event::by(
        cx,
        "follow_accepted",
        &incoming.from.profile,
        json!({"profile": asked.profile}),
    )?);
    Ok(())
}

/// Our follow was refused, or an accepted one taken back.
pub(super) async fn rejected(cx: &Context, incoming: &Incoming, done: &mut Done) -> Result<(), Halt> {
    let Some(asked) = asked(cx, incoming).await? else { return Ok(()) };
    done.remove("follow", asked.key);
    done.events.push(Event::by(
        cx,
        "follow_rejected",
        &incoming.from.profile,
        json!({"profile": asked.profile}),
    )?);
    Ok(())
}

/// Finds the follow of ours that the answer names, and makes sure it was sent to the one who answers.
async fn asked(cx: &Context, incoming: &Incoming) -> Result<Option<Asked>, Halt> {
    let follower = match &incoming.activity.object {
        ObjectRef::Embedded(inner) => follower_in(cx, inner, incoming.sender.actor()).await?,
        ObjectRef::Id(id) => follower_of(cx, id, incoming.sender.actor()).await?,
    };
    let Some(follower) = follower else { return Ok(None) };
    let Some(Local::Actor(profile)) = cx.instance().local(&follower) else { return Ok(None) };
    let asked = incoming.sender.actor();
    let Some(follow) = follow_between(cx, &follower, asked).await? else { return Ok(None) };
    Ok(Some(Asked { profile, key: follow_key(&follower, asked), follow }))
}

/// By the Follow's id: ours, and sent to `asked`.
async fn follower_of(cx: &Context, id: &str, asked: &str) -> Result<Option<String>, Halt> {
    if !matches!(cx.instance().local(id), Some(Local::Activity(_))) {
        return Ok(None);
    }
    let Some(value) = cx.load_one("activity", id).await? else { return Ok(None) };
    let record = Record::read(value, id)?;
    Ok((record.kind == "follow" && record.object == asked).then_some(record.actor))
}

/// By the embedded Follow: its id when it has one of ours, else its actor and object (some servers embed a
/// copy without id).
async fn follower_in(cx: &Context, inner: &Value, asked: &str) -> Result<Option<String>, Halt> {
    let Some(inner) = Inner::read(inner) else { return Ok(None) };
    if inner.kind != "Follow" || inner.object != asked {
        return Ok(None);
    }
    match &inner.id {
        Some(id) => follower_of(cx, id, asked).await,
        None => Ok(Some(inner.actor)),
    }
}
