//! Who takes part: the instances, Ann on chirp.example, Bob on peer.example.

use fedigraft::instance::LOADS;
use fedigraft::key::{PrivateKey, PublicKey};
use serde_json::{Value, json};

use super::Recorder;
use super::host::Host;

/// Fri, 15 Jan 2027 08:00:00 GMT.
pub const NOW: i64 = 1_800_000_000;

pub const ORIGIN: &str = "https://chirp.example";
pub const ANN: &str = "https://chirp.example/ap/users/1";
pub const ANN_KEY: &str = "https://chirp.example/ap/users/1#main-key";
pub const INSTANCE: &str = "https://chirp.example/ap/actor";
pub const BOB: &str = "https://peer.example/users/bob";
pub const BOB_KEY: &str = "https://peer.example/users/bob#main-key";
pub const BOB_INBOX: &str = "https://peer.example/users/bob/inbox";
pub const SHARED_INBOX: &str = "https://peer.example/inbox";
pub const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";
pub const ACTIVITY: &str = "application/activity+json";

macro_rules! pem {
    ($name:literal) => {
        include_str!(concat!("../pem/", $name, ".pem"))
    };
}
pub(crate) use pem;

/// What `handles.json` holds.
pub fn handles() -> Value {
    let spaces = pem!("bob-pkcs1-public").trim_end().replace('\n', " ");
    let escaped = public("bob").replace('\n', "\\n");
    json!({
        "source": "Made for these tests. The private keys are published: never use them elsewhere.",
        "instances": {
            "chirp": {
                "origin": ORIGIN, "name": "Chirp", "description": "Short posts",
                "software": {"name": "chirp", "version": "1.2"}, "loads": LOADS,
            },
            "development": {
                "origin": "http://localhost:5000", "policy": "development",
                "software": {"name": "chirp", "version": "1.2"}, "loads": LOADS,
            },
            "one-url": {
                "origin": "https://one.example", "software": {"name": "chirp", "version": "1.2"},
                "paths": {"actor": "/people/{id}", "profile_page": "/people/{id}", "post": "/posts/{id}"},
                "loads": LOADS,
            },
            "custom": {
                "origin": "https://social.example:8443", "aliases": ["https://www.social.example"],
                "account_domain": "example.com", "name": "Custom", "description": "Everything is set",
                "paths": {
                    "actor": "/u/{id}", "shared_inbox": "/in", "tag_page": "/about/{tag}", "post_page": "/@{username}/{id}",
                },
                "software": {
                    "name": "custom", "version": "9", "repository": "https://code.example/custom",
                    "homepage": "https://custom.example/",
                },
                "policy": {"base": "strict", "max_body": 65536, "signature_max_age": 300, "delivery_attempts": 3},
                "loads": LOADS, "open_registrations": true,
            },
            "primitives": {"origin": "https://plain.example", "software": {"name": "plain", "version": "1"}},
        },
        "keys": {
            "ann": pem!("ann"), "ann-pkcs1": pem!("ann-pkcs1"), "bob": pem!("bob"), "bob-new": pem!("bob-new"),
            "instance": pem!("instance"),
        },
        "public_keys": {
            "ann": public("ann"), "bob": public("bob"), "bob-new": public("bob-new"),
            "bob-with-spaces": spaces, "bob-with-escapes": escaped,
        },
    })
}

/// The public half of a key, as SPKI PEM.
pub fn public(name: &str) -> String {
    let pem = match name {
        "ann" => pem!("ann"),
        "bob" => pem!("bob"),
        "bob-new" => pem!("bob-new"),
        _ => pem!("instance"),
    };
    PrivateKey::from_pem(pem).unwrap().public().to_pem()
}

/// The bits of a public key, to be sure that a small one is small.
pub fn legacy_bits(pem: &str) -> usize {
    PublicKey::from_legacy_pem(pem).unwrap().bits()
}

/// Ann's profile, changed.
pub fn ann(change: Value) -> Value {
    with(json!({"id": "1", "username": "ann", "display_name": "Ann", "federated": true}), change)
}

/// A post of Ann's, changed.
pub fn post(id: &str, change: Value) -> Value {
    let post = json!({
        "id": id, "author": "1", "content": {"format": "plain", "text": "hello"}, "visibility": "public",
        "published": "2027-01-15T08:00:00Z",
    });
    with(post, change)
}

/// Bob's actor document, changed.
pub fn bob(change: Value) -> Value {
    let document = json!({
        "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
        "id": BOB, "type": "Person", "preferredUsername": "bob", "name": "Bob", "inbox": BOB_INBOX,
        "endpoints": {"sharedInbox": SHARED_INBOX}, "followers": "https://peer.example/users/bob/followers",
        "publicKey": {"id": BOB_KEY, "owner": BOB, "publicKeyPem": public("bob")},
    });
    with(document, change)
}

/// What is stored of Bob.
pub fn stored_bob() -> Value {
    json!({
        "v": 1, "id": BOB, "handle": "@bob@peer.example", "inbox": BOB_INBOX, "shared_inbox": SHARED_INBOX,
        "followers": "https://peer.example/users/bob/followers",
        "profile": {"v": 1, "id": BOB, "username": "bob", "handle": "@bob@peer.example", "display_name": "Bob", "federated": true},
        "keys": [BOB_KEY], "verified": "fetched", "fetched_at": NOW - 86400,
    })
}

/// What is stored of Bob's key.
pub fn stored_key(pem: &str, fetched_at: i64) -> Value {
    json!({"v": 1, "id": BOB_KEY, "owner": BOB, "pem": pem, "fetched_at": fetched_at})
}

/// A follow, as it is stored.
pub fn follow(state: &str, activity: &str) -> Value {
    json!({"v": 1, "state": state, "activity": activity, "at": NOW - 3600})
}

/// A host that has Ann and her key.
pub fn host() -> Host {
    Host::default().has("profile", "1", ann(json!({}))).has("profile", "@ann", ann(json!({}))).has(
        "key",
        ANN,
        json!({"key_id": ANN_KEY, "algorithm": "rsa", "public_key_pem": public("ann")}),
    )
}

/// A host that has Ann and knows Bob and his key.
pub fn acquainted() -> Host {
    host()
        .has("remote_actor", BOB, stored_bob())
        .has("remote_actor", "acct:bob@peer.example", stored_bob())
        .has("remote_key", BOB_KEY, stored_key(&public("bob"), NOW - 86400))
}

/// A GET as received.
pub fn get(target: &str) -> Value {
    json!({"json": {
        "method": "GET", "target": target,
        "headers": [["Host", "chirp.example"], ["Accept", ACTIVITY]], "client": "2001:db8::7",
    }})
}

/// The inputs of `receive` for a GET.
pub fn asks(target: &str) -> Value {
    json!({"instance": "chirp", "now": NOW, "head": get(target), "body": ""})
}

/// An activity of Bob's.
pub fn activity(kind: &str, id: &str, object: impl Into<Value>) -> Value {
    json!({
        "@context": "https://www.w3.org/ns/activitystreams", "id": format!("{BOB}#{id}"), "type": kind, "actor": BOB,
        "to": [PUBLIC], "object": object.into(),
    })
}

/// A public note of Bob's.
pub fn note(id: &str, change: Value) -> Value {
    let note = json!({
        "id": format!("{BOB}/notes/{id}"), "type": "Note", "attributedTo": BOB, "content": "<p>hello</p>",
        "published": "2027-01-15T07:59:00Z", "to": [PUBLIC], "cc": [],
    });
    with(note, change)
}

impl Recorder<'_> {
    /// The inputs of `receive` for a delivery to the shared inbox, signed by `key` as Bob's.
    pub fn delivered(&self, key: &str, body: &Value) -> Value {
        let head = self.signed(key, BOB_KEY, "/ap/inbox", body);
        json!({"instance": "chirp", "now": NOW, "head": {"json": head}, "body": {"json": body}})
    }

    /// The head of a signed POST.
    pub fn signed(&self, key: &str, key_id: &str, target: &str, body: &Value) -> Value {
        let head = json!({
            "method": "POST", "target": target,
            "headers": [["Host", "chirp.example"], ["Content-Type", ACTIVITY]], "client": "2001:db8::7",
        });
        let inputs = json!({
            "key": key, "key_id": key_id, "now": NOW, "head": {"json": head}, "body": {"json": body},
        });
        let inputs = self.inputs(&inputs);
        let added: Value =
            serde_json::from_slice(&self.handles.call("request_sign", &inputs).unwrap()).unwrap();
        let mut head = head;
        head["headers"].as_array_mut().unwrap().extend(added.as_array().unwrap().clone());
        head
    }
}

/// An object with other or more members; a null takes one away.
pub fn with(mut document: Value, change: Value) -> Value {
    let members = document.as_object_mut().unwrap();
    for (name, value) in change.as_object().unwrap() {
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    document
}
