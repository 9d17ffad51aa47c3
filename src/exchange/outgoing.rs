//! Activities about posts and profiles that need nothing from the network first: deletions, reactions and
//! their undoing, profile changes.

use serde_json::{Value, json};

use super::fetch::{self, Fetched};
use super::look_up;
use super::perform::{NOT_FEDERATED, acting, stays_here};
use super::relation::{between, deliver, remote};
use super::serve::create_uri;
use super::step::Done;
use super::task::Context;
use crate::delivery::{Record, derived_id};
use crate::error::{Code, Error, Result, invalid};
use crate::instance::Local;
use crate::model::{Post, Profile, Time, Visibility};
use crate::translate::activity::{self, Sender};
use crate::translate::profile as wire;
use crate::trust::stored::StoredPost;

/// A post of ours is deleted: everybody its Create went to is told, and its id answers 410 from now on.
pub(super) async fn delete(cx: &Context, post: &Post, done: &mut Done) -> Result<()> {
    let uri = cx.instance().post_uri(&post.id);
    done.put("tombstone", uri.clone(), json!({"v": 1, "id": uri, "at": cx.now()}));
    let create = create_uri(cx, &post.id);
    let Some(value) = cx.load_one("activity", &create).await? else {
        // It never left, so nobody needs to know.
        done.result = Some(json!({"federated": false, "uri": uri}));
        return Ok(());
    };
    let sent = Record::read(value, &create)?;
    let id = cx.instance().activity_uri(&derived_id(&["delete", &uri]));
    let document = activity::delete(
        Sender { id: &id, actor: &sent.actor },
        &uri,
        &audience(&sent, "to"),
        &audience(&sent, "cc"),
    );
    let record =
        Record { id, kind: "delete".into(), object: uri.clone(), post: None, at: cx.now(), document, ..sent };
    deliver(cx, &record, done);
    done.result = Some(json!({"federated": true, "uri": uri, "activity": record.id}));
    Ok(())
}

/// A profile of ours likes or shares a post. What concerns nobody elsewhere stays here.
pub(super) async fn react(
    cx: &Context,
    kind: &'static str,
    profile: &str,
    object: &str,
    done: &mut Done,
) -> Result<()> {
    let Some(profile) = acting(cx, profile).await? else {
        done.result = Some(stays_here(NOT_FEDERATED));
        return Ok(());
    };
    let actor = cx.instance().actor_uri(&profile.id);
    let id = cx.instance().activity_uri(&derived_id(&[kind, &actor, object, &cx.now().to_string()]));
    let Some(target) = target(cx, object, done).await? else {
        done.result = Some(stays_here(NOT_FEDERATED));
        return Ok(());
    };
    let sender = Sender { id: &id, actor: &actor };
    let record = if kind == "like" {
        let Some(Inboxes { own, .. }) = target.inboxes else {
            done.result = Some(stays_here("local_object"));
            return Ok(());
        };
        let document = activity::like(sender, object, &target.author);
        between(cx, id, &profile.id, kind, object, &own, document)
    } else {
        if !target.public {
            return Err(
                Error::new(Code::Refused, "not_public", "only a public post can be shared").at("/object")
            );
        }
        let followers = cx.instance().followers_uri(&profile.id);
        let now = Time::from_seconds(cx.now())
            .ok_or_else(|| invalid("bad_time", "`now` is seconds since the epoch"))?;
        let document = activity::announce(sender, object, &target.author, &followers, now);
        Record {
            post: target.local,
            visibility: Some(Visibility::Public),
            // The shared inbox, as followers there are reached by it too: one delivery for both.
            direct: target.inboxes.into_iter().map(|inboxes| inboxes.shared).collect(),
            followers: true,
            ..between(cx, id, &profile.id, kind, object, "", document)
        }
    };
    deliver(cx, &record, done);
    let current = current_key(kind, &actor, object);
    done.put("activity", current.clone(), json!({"v": 1, "id": current, "current": record.id}));
    done.result = Some(json!({"activity": record.id}));
    Ok(())
}

/// A profile of ours takes back a like or a share: the Undo goes where the activity went.
pub(super) async fn take_back(
    cx: &Context,
    kind: &'static str,
    profile: &str,
    object: &str,
    done: &mut Done,
) -> Result<()> {
    let actor = cx.instance().actor_uri(profile);
    let key = current_key(kind, &actor, object);
    let current = cx.load_one("activity", &key).await?;
    let Some(id) = current.as_ref().and_then(|value| value.get("current")?.as_str()) else {
        done.result = Some(json!({"activity": null}));
        return Ok(());
    };
    let Some(value) = cx.load_one("activity", id).await? else {
        done.remove("activity", key);
        return Ok(());
    };
    let sent = Record::read(value, id)?;
    let undo = cx.instance().activity_uri(&derived_id(&["undo", id]));
    let document = activity::undo(Sender { id: &undo, actor: &actor }, &sent.document);
    let record = Record {
        id: undo,
        kind: format!("undo_{kind}"),
        object: id.to_owned(),
        post: None,
        at: cx.now(),
        document,
        ..sent
    };
    done.remove("activity", key);
    deliver(cx, &record, done);
    done.result = Some(json!({"activity": record.id}));
    Ok(())
}

/// Whom a document is addressed to.
fn audience(record: &Record, name: &str) -> Vec<String> {
    record
        .document
        .get(name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|uri| uri.as_str().map(str::to_owned))
        .collect()
}

/// Where the activity that stands now is remembered, for its undoing.
fn current_key(kind: &str, actor: &str, object: &str) -> String {
    format!("{kind} {actor} {object}")
}

/// A profile of ours changed: its followers are told.
pub(super) async fn update_profile(cx: &Context, profile: &Profile, done: &mut Done) -> Result<()> {
    if !profile.federated {
        done.result = Some(json!({"federated": false}));
        return Ok(());
    }
    let actor = cx.instance().actor_uri(&profile.id);
    let key = cx.load_one("key", &actor).await?;
    let pem = key.as_ref().and_then(|key| key.get("public_key_pem")?.as_str()).ok_or_else(|| {
        Error::new(Code::Failed, "no_key", "the store's `key` load has no key for this actor").at("key")
    })?;
    let document = wire::render(cx.instance(), profile, pem)?;
    let id = cx.instance().activity_uri(&derived_id(&[
        "update",
        &actor,
        &cx.now().to_string(),
        &document.to_string(),
    ]));
    let update = activity::update_actor(Sender { id: &id, actor: &actor }, &document);
    let record = to_followers(cx, id, &profile.id, "update_actor", update);
    deliver(cx, &record, done);
    done.result = Some(json!({"federated": true, "activity": record.id}));
    Ok(())
}

/// A profile of ours is gone for good. Mastodon never takes this actor id back.
pub(super) fn delete_profile(cx: &Context, profile: &Profile, done: &mut Done) {
    let actor = cx.instance().actor_uri(&profile.id);
    let id = cx.instance().activity_uri(&derived_id(&["delete", &actor]));
    let document = activity::delete_actor(Sender { id: &id, actor: &actor });
    let record = to_followers(cx, id, &profile.id, "delete_actor", document);
    done.put("tombstone", actor.clone(), json!({"v": 1, "id": actor, "at": cx.now()}));
    deliver(cx, &record, done);
    done.result = Some(json!({"federated": true, "activity": record.id}));
}

fn to_followers(cx: &Context, id: String, profile: &str, kind: &str, document: Value) -> Record {
    Record {
        visibility: Some(Visibility::Public),
        direct: Vec::new(),
        followers: true,
        ..between(cx, id, profile, kind, &cx.instance().actor_uri(profile), "", document)
    }
}

/// What a reaction is to.
struct Target {
    local: Option<String>,
    author: String,
    /// Of the author, when they are elsewhere.
    inboxes: Option<Inboxes>,
    public: bool,
}

/// Where a remote author is reached.
struct Inboxes {
    own: String,
    shared: String,
}

/// What a reaction is to; `None` for a post of ours whose author does not federate.
async fn target(cx: &Context, object: &str, done: &mut Done) -> Result<Option<Target>> {
    let absent = || Error::new(Code::Refused, "object_absent", "this post cannot be read").at("/object");
    if cx.instance().is_ours(object) {
        let Some(Local::Post(id)) = cx.instance().local(object) else { return Err(absent()) };
        let value = cx.load_one("post", &id).await?.ok_or_else(absent)?;
        let post = Post::from_host(&value)?;
        let Some(author) = acting(cx, &post.author).await? else { return Ok(None) };
        let public = crate::privacy::post_is_public(&author, &post, cx.now());
        return Ok(Some(Target {
            local: Some(id),
            author: cx.instance().actor_uri(&author.id),
            inboxes: None,
            public,
        }));
    }
    let (owner, visibility) = match cx.load_one("remote_post", object).await? {
        Some(value) => {
            let post = StoredPost::read(value, object)?;
            (post.actor, post.visibility)
        }
        None => match fetch::document(cx, object).await? {
            Fetched::Document(document) => {
                let (post, actor) = look_up::post(cx, &document, done).await?.ok_or_else(absent)?;
                (actor.id, post.visibility)
            }
            Fetched::Gone | Fetched::Absent => return Err(absent()),
        },
    };
    let actor = match done.remembered("remote_actor", &owner) {
        Some(value) => crate::trust::stored::StoredActor::read(value, &owner)?,
        None => remote(cx, &owner, done).await?,
    };
    let shared = actor.delivery_inbox().to_owned();
    Ok(Some(Target {
        local: None,
        author: actor.id,
        inboxes: Some(Inboxes { own: actor.inbox, shared }),
        public: visibility.is_public(),
    }))
}
