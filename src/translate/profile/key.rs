//! The public keys a document publishes: in an actor, or in a key document of its own.
//!
//! GoToSocial serves a key at a URL without fragment as a stub of the actor, without an inbox; others serve a
//! bare `Key` or `CryptographicKey` with its `owner` (draft-cavage keyId, W3C security v1).

use serde_json::Value;

use crate::vocab::{Object, http_url, link};

/// Most keys read of one document.
const MAX_KEYS: usize = 10;
/// Most entries looked at to find them.
const MAX_LISTED: usize = 100;

/// A public key as a document publishes it; nothing is proven by that alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActorKey {
    /// The key's id, what a signature's `keyId` names.
    pub id: String,
    /// The actor the key says it belongs to.
    pub owner: String,
    /// The key in PEM, as found.
    pub pem: String,
}

/// The keys of an actor, of a stub of one, or of a key document; at most 10, each id once. A key of an actor
/// that names no owner belongs to that actor.
pub fn keys(document: &Value) -> Vec<ActorKey> {
    let Some(object) = Object::of(document) else { return Vec::new() };
    let mut out = Vec::new();
    if object.get("publicKeyPem").is_some() {
        add(&mut out, object, None);
    }
    for item in object.items("publicKey").take(MAX_LISTED) {
        if let Some(key) = item.object() {
            add(&mut out, key, object.id().and_then(http_url));
        }
    }
    out
}

fn add(out: &mut Vec<ActorKey>, key: Object<'_>, holder: Option<&str>) {
    let stated = key.first("owner").or_else(|| key.first("controller"));
    let owner = match stated {
        Some(item) => link(item.value).and_then(http_url),
        None => holder,
    };
    let found = (key.id().and_then(http_url), owner, key.filled("publicKeyPem"));
    if let (Some(id), Some(owner), Some(pem)) = found
        && out.len() < MAX_KEYS
        && !out.iter().any(|k| k.id == id)
    {
        out.push(ActorKey { id: id.to_owned(), owner: owner.to_owned(), pem: pem.to_owned() });
    }
}
