//! An actor about itself: Update and Delete.

use serde_json::json;

use crate::exchange::event::Event;
use crate::exchange::inbox::{Halt, Incoming};
use crate::exchange::step::Done;
use crate::exchange::task::Context;
use crate::translate::activity::ObjectRef;
use crate::translate::profile as wire;

/// A remote profile changed. Names and texts are taken from the embedded document, which its actor signed;
/// keys and inboxes change only by a fetch from the origin.
pub(super) fn updated(cx: &Context, incoming: &Incoming, done: &mut Done) -> Result<(), Halt> {
    let ObjectRef::Embedded(document) = &incoming.activity.object else {
        return Ok(());
    };
    let remote = wire::read(document)?;
    let mut actor = incoming.from.clone();
    let handle = actor.profile.handle.clone();
    actor.profile = remote.profile;
    actor.profile.id.clone_from(&actor.id);
    actor.profile.handle = handle;
    done.put("remote_actor", actor.id.clone(), actor.to_value());
    done.events.push(Event::by(cx, "profile_updated", &actor.profile, json!({}))?);
    Ok(())
}

/// A remote account is gone: its follows go with it, and the host removes its posts.
pub(super) fn deleted(cx: &Context, incoming: &Incoming, done: &mut Done) -> Result<(), Halt> {
    let uri = incoming.sender.actor();
    done.remove("remote_actor", uri);
    done.put("tombstone", uri, json!({"v": 1, "id": uri, "at": cx.now()}));
    done.events.push(Event::by(cx, "profile_deleted", &incoming.from.profile, json!({"uri": uri}))?);
    Ok(())
}
