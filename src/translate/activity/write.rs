//! Activities as we send them.
//!
//! One form for everybody: `actor` is a string (Threads fails on an object), `to` and `cc` are arrays and the
//! same as on the object (Pleroma, Akkoma), the inner activity of `Accept`, `Reject` and `Undo` is there whole
//! (Threads answers 500 to a reference). Ids come from the caller: they must be dereferenceable on the host of
//! the actor (Misskey), which only the caller can see to.

use serde_json::{Map, Value, json};

use crate::model::Time;
use crate::vocab::{AS, PUBLIC};

/// Who sends an activity, and under which id.
#[derive(Clone, Copy, Debug)]
pub struct Sender<'s> {
    /// The id of the activity, an https URI of ours.
    pub id: &'s str,
    /// The URI of the local actor.
    pub actor: &'s str,
}

/// `Create` of an object that was rendered; its audience and time are those of the object.
pub fn create(sender: Sender<'_>, object: &Value) -> Value {
    about(sender, "Create", object, object.get("published"))
}

/// `Update` of an object that was rendered. The activity's time is the object's `updated`.
pub fn update(sender: Sender<'_>, object: &Value) -> Value {
    about(sender, "Update", object, object.get("updated"))
}

/// `Delete` of a post: only its id is left, in a `Tombstone`. `to` and `cc` are those the post had.
pub fn delete(sender: Sender<'_>, object: &str, to: &[String], cc: &[String]) -> Value {
    let mut out = envelope(sender, "Delete");
    out.insert("to".into(), json!(to));
    out.insert("cc".into(), json!(cc));
    out.insert("object".into(), json!({"id": object, "type": "Tombstone"}));
    Value::Object(out)
}

/// `Update` of the sender's own actor document, to everyone.
pub fn update_actor(sender: Sender<'_>, document: &Value) -> Value {
    let mut out = envelope(sender, "Update");
    out.insert("to".into(), json!([PUBLIC]));
    out.insert("cc".into(), json!(followers_of(document)));
    embed(&mut out, document);
    Value::Object(out)
}

/// `Delete` of the sender itself, to everyone. For ever: servers refuse the actor afterwards.
pub fn delete_actor(sender: Sender<'_>) -> Value {
    let mut out = envelope(sender, "Delete");
    out.insert("to".into(), json!([PUBLIC]));
    out.insert("cc".into(), json!([]));
    out.insert("object".into(), json!(sender.actor));
    Value::Object(out)
}

/// `Follow` of an actor.
pub fn follow(sender: Sender<'_>, target: &str) -> Value {
    let mut out = envelope(sender, "Follow");
    out.insert("to".into(), json!([target]));
    out.insert("cc".into(), json!([]));
    out.insert("object".into(), json!(target));
    Value::Object(out)
}

/// `Accept` of a `Follow` of the sender, with the whole of it inside: its id, who follows, and whom.
///
/// The `Follow` is written anew from what was proven, so that nothing else a stranger put into it is sent on
/// under our name.
pub fn accept(sender: Sender<'_>, follow: &str, follower: &str) -> Value {
    answer(sender, "Accept", follow, follower)
}

/// `Reject` of a `Follow` of the sender, before or after it was accepted; otherwise as [`accept`].
pub fn reject(sender: Sender<'_>, follow: &str, follower: &str) -> Value {
    answer(sender, "Reject", follow, follower)
}

/// `Undo` of an activity of ours, with the whole of it inside and its audience.
pub fn undo(sender: Sender<'_>, activity: &Value) -> Value {
    about(sender, "Undo", activity, None)
}

/// `Like` of an object; told to its author.
pub fn like(sender: Sender<'_>, object: &str, author: &str) -> Value {
    let mut out = envelope(sender, "Like");
    out.insert("to".into(), json!([author]));
    out.insert("cc".into(), json!([]));
    out.insert("object".into(), json!(object));
    Value::Object(out)
}

/// `Announce` (boost) of a public object, to everyone; told to the sender's followers and the author.
pub fn announce(sender: Sender<'_>, object: &str, author: &str, followers: &str, published: Time) -> Value {
    let mut out = envelope(sender, "Announce");
    out.insert("published".into(), json!(published.on_the_wire()));
    out.insert("to".into(), json!([PUBLIC]));
    out.insert("cc".into(), json!([followers, author]));
    out.insert("object".into(), json!(object));
    Value::Object(out)
}

fn envelope(sender: Sender<'_>, kind: &str) -> Map<String, Value> {
    let mut out = Map::new();
    out.insert("@context".into(), json!(AS));
    out.insert("id".into(), json!(sender.id));
    out.insert("type".into(), json!(kind));
    out.insert("actor".into(), json!(sender.actor));
    out
}

/// An activity about an object, with its audience.
fn about(sender: Sender<'_>, kind: &str, object: &Value, published: Option<&Value>) -> Value {
    let mut out = envelope(sender, kind);
    if let Some(published) = published {
        out.insert("published".into(), published.clone());
    }
    for name in ["to", "cc"] {
        out.insert(name.into(), object.get(name).cloned().unwrap_or_else(|| json!([])));
    }
    embed(&mut out, object);
    Value::Object(out)
}

fn answer(sender: Sender<'_>, kind: &str, follow: &str, follower: &str) -> Value {
    let mut out = envelope(sender, kind);
    out.insert("to".into(), json!([follower]));
    out.insert("cc".into(), json!([]));
    out.insert(
        "object".into(),
        json!({"id": follow, "type": "Follow", "actor": follower, "object": sender.actor}),
    );
    Value::Object(out)
}

/// Puts a document inside; its context moves to the outside, where every reader looks for it.
fn embed(out: &mut Map<String, Value>, document: &Value) {
    let mut inner = document.clone();
    if let Some(members) = inner.as_object_mut()
        && let Some(context) = members.shift_remove("@context")
    {
        out.insert("@context".into(), context);
    }
    out.insert("object".into(), inner);
}

fn followers_of(document: &Value) -> Vec<&str> {
    document.get("followers").and_then(Value::as_str).into_iter().collect()
}
