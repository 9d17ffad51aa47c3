//! Undo received: only what the same actor did is undone.

use serde_json::{Value, json};

use super::inner::Inner;
use super::{follow_between, follow_key, local_profile};
use crate::exchange::event::Event;
use crate::exchange::inbox::{Halt, Incoming};
use crate::exchange::step::Done;
use crate::exchange::task::Context;
use crate::instance::Local;
use crate::translate::activity::ObjectRef;

/// An actor takes back a Follow, Like or Announce, embedded or by its id.
pub(super) async fn undone(cx: &Context, incoming: &Incoming, done: &mut Done) -> Result<(), Halt> {
    let sender = incoming.sender.actor();
    let inner = match &incoming.activity.object {
        ObjectRef::Embedded(inner) => Inner::read(inner),
        ObjectRef::Id(id) => remembered(cx, id).await?,
    };
    let Some(Inner { kind, actor, object, id }) = inner else { return Ok(()) };
    if actor != sender {
        return Ok(());
    }
    match kind.as_str() {
        "Follow" => unfollowed(cx, incoming, &object, done).await?,
        "Like" => {
            let Some(Local::Post(post)) = cx.instance().local(&object) else { return Ok(()) };
            done.events.push(Event::by(
                cx,
                "unliked",
                &incoming.from.profile,
                json!({"post": post, "uri": object}),
            )?);
        }
        "Announce" => {
            let post = match cx.instance().local(&object) {
                Some(Local::Post(post)) => Some(post),
                _ => None,
            };
            done.events.push(Event::by(
                cx,
                "unshared",
                &incoming.from.profile,
                json!({"post": post, "uri": object}),
            )?);
        }
        _ => return Ok(()),
    }
    // The id is the sender's word: it may be that of an activity of ours, or of somebody else's.
    if let Some(id) = id {
        if remembered(cx, &id).await?.is_some_and(|known| known.actor == sender) {
            done.remove("activity", id);
        }
    }
    Ok(())
}

async fn unfollowed(cx: &Context, incoming: &Incoming, object: &str, done: &mut Done) -> Result<(), Halt> {
    let Some(profile) = local_profile(cx, object).await? else { return Ok(()) };
    let followee = cx.instance().actor_uri(&profile.id);
    if follow_between(cx, incoming.sender.actor(), &followee).await?.is_none() {
        return Ok(());
    }
    done.remove("follow", follow_key(incoming.sender.actor(), &followee));
    done.events.push(Event::by(cx, "unfollowed", &incoming.from.profile, json!({"profile": profile.id}))?);
    Ok(())
}

/// A received activity by its id, as it was remembered.
async fn remembered(cx: &Context, id: &str) -> Result<Option<Inner>, Halt> {
    if cx.instance().is_ours(id) {
        return Ok(None);
    }
    let Some(value) = cx.load_one("activity", id).await? else { return Ok(None) };
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    Ok(match (text("id"), text("kind"), text("actor"), text("object")) {
        (Some(stored), Some(kind), Some(actor), Some(object))
            if stored == id && value.get("received") == Some(&Value::Bool(true)) =>
        {
            Some(Inner { kind, actor, object, id: Some(stored) })
        }
        _ => None,
    })
}
