//! Remote actors and their keys: from what is remembered, else from their origin.
//!
//! The forms of key ids and their documents: signatures as deployed by Mastodon (`#main-key`), GoToSocial
//! (`/main-key`, a stub), BookWyrm (`/#main-key`), PeerTube (the bare actor), standalone key documents.

use super::fetch::{self, Fetched};
use super::step::{Done, Want};
use super::task::Context;
use crate::error::{Code, Error, Result};
use crate::instance::Instance;
use crate::translate::profile::{self, ActorKey, RemoteActor};
use crate::trust::Authentic;
use crate::trust::document::same_origin;
use crate::trust::stored::{StoredActor, StoredKey};

/// What is known of an actor after asking.
pub(crate) enum Known {
    Actor(Box<StoredActor>),
    Gone,
    Absent,
}

/// The actor as remembered, else as fetched now and remembered with `done`.
pub(crate) async fn actor(cx: &Context, uri: &str, done: &mut Done) -> Result<Known> {
    if let Some(value) = cx.load_one("remote_actor", uri).await? {
        return Ok(Known::Actor(Box::new(StoredActor::read(value, uri)?)));
    }
    fetch_actor(cx, uri, done).await
}

/// The actor with exactly this id, where it matters who somebody is: another actor, to which a redirect led,
/// or one that is blocked, is absent.
pub(crate) async fn owner(cx: &Context, uri: &str, done: &mut Done) -> Result<Known> {
    let mut wants = fetch::block_wants(uri);
    wants.push(Want::new("remote_actor", uri));
    let mut values = cx.load(wants).await?;
    let known = values.pop().flatten();
    if values.iter().any(Option::is_some) {
        return Ok(Known::Absent);
    }
    if let Some(value) = known {
        return Ok(Known::Actor(Box::new(StoredActor::read(value, uri)?)));
    }
    Ok(match fetch_actor(cx, uri, done).await? {
        Known::Actor(actor) if actor.id != uri => Known::Absent,
        known => known,
    })
}

/// The actor as its origin has it now; after a redirect it is another one.
pub(crate) async fn fetch_actor(cx: &Context, uri: &str, done: &mut Done) -> Result<Known> {
    match fetch::document(cx, uri).await? {
        Fetched::Document(document) => {
            let actor = remember_actor(cx, &document, done)?;
            Ok(Known::Actor(Box::new(actor)))
        }
        Fetched::Gone => Ok(Known::Gone),
        Fetched::Absent => Ok(Known::Absent),
    }
}

/// Reads an authentic actor document and remembers it with its keys.
pub(crate) fn remember_actor(cx: &Context, document: &Authentic, done: &mut Done) -> Result<StoredActor> {
    let remote = profile::read(document.value())?;
    let now = cx.now();
    let keys: Vec<&ActorKey> = remote.keys.iter().filter(|key| owned(key, document.id())).collect();
    for key in &keys {
        let stored = StoredKey {
            v: 1,
            id: key.id.clone(),
            owner: Some(document.id().to_owned()),
            pem: Some(key.pem.clone()),
            fetched_at: now,
        };
        done.put("remote_key", key.id.clone(), stored.to_value());
    }
    let ids = keys.iter().map(|key| key.id.clone()).collect();
    let actor = stored(cx.instance(), remote, document.id(), ids, now)?;
    done.put("remote_actor", actor.id.clone(), actor.to_value());
    Ok(actor)
}

/// The stored form of what an actor document says. Inboxes must be on a fetchable URL; one that is not
/// leaves nothing to deliver to.
fn stored(
    instance: &Instance,
    remote: RemoteActor,
    id: &str,
    keys: Vec<String>,
    now: i64,
) -> Result<StoredActor> {
    let policy = instance.policy();
    let usable =
        |url: &String| crate::trust::address::fetchable(url, policy).is_ok() && !instance.is_ours(url);
    let Some(inbox) = Some(remote.inbox).filter(usable) else {
        return Err(Error::new(Code::Refused, "no_inbox", "an actor has an inbox that can be delivered to")
            .at("/inbox"));
    };
    Ok(StoredActor {
        v: 1,
        id: id.to_owned(),
        handle: remote.profile.handle.clone().unwrap_or_default(),
        inbox,
        shared_inbox: remote.shared_inbox.filter(usable),
        followers: remote.followers.filter(|uri| same_origin(uri, id)),
        profile: remote.profile,
        keys,
        verified: "fetched".into(),
        fetched_at: now,
    })
}

/// A key counts for an actor that lists it and that it names, on one origin.
fn owned(key: &ActorKey, actor: &str) -> bool {
    key.owner == actor && same_origin(&key.id, actor)
}

/// The key a signature names, from its origin. What was learnt is remembered, also that there is none: what is
/// refused now will be refused again, and is not asked every time (Fedify CVE-2026-34148).
pub(crate) async fn fetch_key(cx: &Context, key_id: &str, done: &mut Done) -> Result<StoredKey> {
    let found = match published_key(cx, key_id, done).await {
        Err(error) if error.is_retryable() => return Err(error),
        found => found.ok().flatten(),
    };
    let now = cx.now();
    let (owner, pem) = found.map(|key| (key.owner, key.pem)).unzip();
    let key = StoredKey { v: 1, id: key_id.to_owned(), owner, pem, fetched_at: now };
    if key.pem.is_some() {
        done.put("remote_key", key_id, key.to_value());
    } else {
        done.put_until("remote_key", key_id, key.to_value(), now + cx.instance().policy().key_retry_seconds);
    }
    Ok(key)
}

/// The key as its owner's document has it now.
async fn published_key(cx: &Context, key_id: &str, done: &mut Done) -> Result<Option<ActorKey>> {
    let Fetched::Document(mut document) = fetch::document(cx, key_id).await? else { return Ok(None) };
    let standalone = profile::keys(document.value()).into_iter().find(|key| key.id == key_id);
    // A key document of its own: its owner must list it (FEP-fe34, reciprocal claim).
    if let Some(key) = standalone.filter(|_| !profile::is_actor(document.value())) {
        if !same_origin(&key.owner, key_id) {
            return Ok(None);
        }
        let Fetched::Document(owner) = fetch::document(cx, &key.owner).await? else { return Ok(None) };
        document = owner;
    }
    let actor = remember_actor(cx, &document, done)?;
    let mut keys = profile::keys(document.value());
    keys.retain(|key| owned(key, &actor.id));
    if let Some(at) = keys.iter().position(|key| key.id == key_id) {
        return Ok(Some(keys.swap_remove(at)));
    }
    // The bare actor as a key id means the only key there is (old PeerTube); never the first of several.
    Ok(if keys.len() == 1 && key_id == actor.id { keys.pop() } else { None })
}
