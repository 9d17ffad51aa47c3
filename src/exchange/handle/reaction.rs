//! Like and Announce received.

use serde_json::json;

use super::{has_local_followers, remember, visible_post};
use crate::exchange::event::Event;
use crate::exchange::inbox::{Halt, Incoming};
use crate::exchange::job::{Job, Work};
use crate::exchange::step::Done;
use crate::exchange::task::Context;

/// Somebody likes a post of ours that they may see.
pub(super) async fn liked(cx: &Context, incoming: &Incoming, done: &mut Done) -> Result<(), Halt> {
    let Some(object) = incoming.activity.object.id() else { return Ok(()) };
    let Some((post, _)) = visible_post(cx, object, incoming.sender.actor()).await? else { return Ok(()) };
    remember(cx, incoming, object, done);
    done.events.push(Event::by(
        cx,
        "liked",
        &incoming.from.profile,
        json!({"post": post.id, "uri": object}),
    )?);
    Ok(())
}

/// Somebody shares a post. One of ours must be public. A foreign one is read from its origin by a job, and
/// only when somebody here follows the sharer: an Announce proves nothing about what it carries.
pub(super) async fn shared(cx: &Context, incoming: &Incoming, done: &mut Done) -> Result<(), Halt> {
    let Some(object) = incoming.activity.object.id() else { return Ok(()) };
    if cx.instance().is_ours(object) {
        let Some((post, _)) = visible_post(cx, object, incoming.sender.actor()).await? else { return Ok(()) };
        if !post.visibility.is_public() {
            return Ok(());
        }
        remember(cx, incoming, object, done);
        let rest = json!({"post": post.id, "uri": object});
        done.events.push(Event::by(cx, "shared", &incoming.from.profile, rest)?);
        return Ok(());
    }
    if !has_local_followers(cx, incoming.sender.actor()).await? {
        return Ok(());
    }
    remember(cx, incoming, object, done);
    let work = Work::Fetch { uri: object.to_owned(), shared_by: Some(incoming.sender.actor().to_owned()) };
    done.jobs.push(Job::new(work, &incoming.activity.id, cx.now()));
    Ok(())
}
