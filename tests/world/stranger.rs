//! A peer that is no instance of ours: it signs what the test wants it to sign.

use fedigraft::key::PrivateKey;
use fedigraft::signature::cavage::{self, Outgoing};
use serde_json::{Value, json};

use super::{Response, World, pooled};

/// An actor elsewhere, with its own key.
pub struct Stranger {
    pub actor: String,
    pub key_id: String,
    pub key: PrivateKey,
}

impl Stranger {
    /// An actor at `https://<host>/users/<name>` that everybody can fetch.
    pub fn new(world: &World, host: &str, name: &str) -> Self {
        let actor = format!("https://{host}/users/{name}");
        let stranger =
            Self { key_id: format!("{actor}#main-key"), actor, key: pooled(&format!("{host} {name}"), 0) };
        stranger.publish(world);
        stranger
    }

    /// Puts the actor document where it is fetched from.
    pub fn publish(&self, world: &World) {
        world.put(&self.actor, &self.document());
    }

    /// The actor document.
    pub fn document(&self) -> Value {
        json!({
            "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
            "id": self.actor, "type": "Person", "preferredUsername": self.actor.rsplit('/').next().unwrap(),
            "inbox": format!("{}/inbox", self.actor),
            "publicKey": {"id": self.key_id, "owner": self.actor, "publicKeyPem": self.key.public().to_pem()},
        })
    }

    /// A signed delivery to the shared inbox of `origin`: its head and body.
    pub fn signed(&self, world: &World, origin: &str, activity: &Value) -> (Value, Vec<u8>) {
        self.signed_bytes(world, origin, activity.to_string().as_bytes())
    }

    /// The same for any bytes.
    pub fn signed_bytes(&self, world: &World, origin: &str, body: &[u8]) -> (Value, Vec<u8>) {
        let url = format!("{origin}/ap/inbox");
        let request = Outgoing {
            method: "POST",
            url: &url,
            body: Some(body),
            content_type: Some("application/activity+json"),
            headers: &[],
        };
        let headers = cavage::sign(&self.key, &request, &self.key_id, world.now).unwrap();
        (json!({"method": "POST", "target": "/ap/inbox", "headers": headers}), body.to_vec())
    }

    /// Signs and delivers an activity; returns the answer.
    pub fn send(&self, world: &World, origin: &str, activity: &Value) -> Response {
        let (head, body) = self.signed(world, origin, activity);
        world.answer(origin, &head, &body)
    }

    /// An activity of this actor with an id of its own.
    pub fn activity(&self, kind: &str, object: impl Into<Value>) -> Value {
        let object: Value = object.into();
        let id = format!("{}#{kind}-{:x}", self.actor, hash(&object.to_string()));
        json!({"@context": "https://www.w3.org/ns/activitystreams", "id": id, "type": kind, "actor": self.actor,
            "to": ["https://www.w3.org/ns/activitystreams#Public"], "object": object})
    }

    /// A public note of this actor.
    pub fn note(&self, name: &str, rest: &Value) -> Value {
        let mut note = json!({
            "id": format!("{}/notes/{name}", self.actor), "type": "Note", "attributedTo": self.actor,
            "content": "<p>hello</p>", "published": "2027-01-15T08:00:00Z",
            "to": ["https://www.w3.org/ns/activitystreams#Public"], "cc": [],
        });
        note.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        note
    }
}

/// A number that tells texts apart, the same in every run.
fn hash(text: &str) -> u64 {
    text.bytes().fold(14_695_981_039_346_656_037, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(1_099_511_628_211)
    })
}

impl World {
    /// Serves a document at a URL outside of all hosts.
    pub fn put(&self, url: &str, document: &Value) {
        self.put_response(url, 200, "application/activity+json", document.to_string().into_bytes());
    }

    /// Serves anything at a URL outside of all hosts.
    pub fn put_response(&self, url: &str, status: u16, kind: &str, body: Vec<u8>) {
        let headers = vec![("content-type".to_owned(), kind.to_owned())];
        self.elsewhere.borrow_mut().insert(url.to_owned(), Response { status, headers, body });
    }

    /// Redirects a URL outside of all hosts to another.
    pub fn redirect(&self, from: &str, to: &str) {
        let headers = vec![("location".to_owned(), to.to_owned())];
        self.elsewhere.borrow_mut().insert(from.to_owned(), Response { status: 302, headers, body: vec![] });
    }

    /// How many requests travelled since the last call.
    pub fn requests(&self) -> usize {
        std::mem::take(&mut *self.log.borrow_mut()).len()
    }
}
