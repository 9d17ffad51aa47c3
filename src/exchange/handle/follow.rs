//! Follow received: answered by itself, or left to the person who is asked.

use serde_json::json;

use super::{follow_between, follow_key, local_profile};
use crate::delivery::{Delivery, Record, derived_id};
use crate::exchange::event::Event;
use crate::exchange::inbox::{Halt, Incoming};
use crate::exchange::step::Done;
use crate::exchange::task::Context;
use crate::translate::activity::{self, Sender};
use crate::trust::stored::{FollowState, StoredFollow};

/// Somebody asks to follow a profile of ours.
///
/// A repeated Follow is accepted again: its sender may have lost the first answer, or its database.
pub(super) async fn requested(cx: &Context, incoming: &Incoming, done: &mut Done) -> Result<(), Halt> {
    let Some(object) = incoming.activity.object.id() else { return Ok(()) };
    let Some(profile) = local_profile(cx, object).await? else { return Ok(()) };
    let follower = incoming.sender.actor();
    let followee = cx.instance().actor_uri(&profile.id);
    let key = follow_key(follower, &followee);
    let before = follow_between(cx, follower, &followee).await?;
    let follows_already = before.as_ref().is_some_and(StoredFollow::is_accepted);
    let accepted = follows_already || !profile.locked;
    let state = if accepted { FollowState::Accepted } else { FollowState::Pending };
    done.put("follow", key, StoredFollow::new(state, &incoming.activity.id, cx.now()).to_value());
    super::remember(cx, incoming, &followee, done);
    if !accepted {
        if before.is_none() {
            let rest = json!({"profile": profile.id, "follow": incoming.activity.id});
            done.events.push(Event::by(cx, "follow_requested", &incoming.from.profile, rest)?);
        }
        return Ok(());
    }
    if !follows_already {
        done.events.push(Event::by(cx, "followed", &incoming.from.profile, json!({"profile": profile.id}))?);
    }
    answer(cx, "accept", &profile.id, follower, &incoming.activity.id, &incoming.from.inbox, done);
    Ok(())
}

/// Answers a Follow with `accept` or `reject`. The answer embeds the whole Follow: Threads answers 500 to a
/// bare id and the follow hangs.
pub(crate) fn answer(
    cx: &Context,
    kind: &'static str,
    profile: &str,
    follower: &str,
    follow: &str,
    inbox: &str,
    done: &mut Done,
) {
    let actor = cx.instance().actor_uri(profile);
    let id = cx.instance().activity_uri(&derived_id(&[kind, &actor, follow, &cx.now().to_string()]));
    let sender = Sender { id: &id, actor: &actor };
    let document = if kind == "accept" {
        activity::accept(sender, follow, follower)
    } else {
        activity::reject(sender, follow, follower)
    };
    let record = Record {
        v: 1,
        id,
        actor,
        profile: profile.to_owned(),
        kind: kind.into(),
        object: follow.to_owned(),
        post: None,
        visibility: None,
        direct: vec![inbox.to_owned()],
        followers: false,
        at: cx.now(),
        document,
    };
    done.deliveries.push(Delivery::new(&record, inbox, cx.now()));
    done.put("activity", record.id.clone(), record.to_value());
}
