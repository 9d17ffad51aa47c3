//! A host that answers its own part honestly, so that hostile input gets past the first checks: one profile, one post,
//! one follower, one stranger whose actor and key are known.

use serde_json::{Value, json};

/// The stranger who sends.
pub const STRANGER: &str = "https://b.example/u";
/// The stranger's key.
pub const KEY_ID: &str = "https://b.example/u#main-key";
/// The profile of this host.
pub const AUTHOR: &str = r#"{"id":"1","username":"ann","federated":true}"#;

const ANN: &str = "https://chirp.example/ap/users/1";

/// What the host has under a name and key. `pem` is the public key of everybody.
pub fn load(name: &str, key: &str, pem: &str) -> Value {
    let found = match (name, key) {
        ("profile", "1" | "@ann") => serde_json::from_str(AUTHOR).unwrap(),
        ("post", "7") => post(),
        ("posts", "1") => json!({"items": [post()], "next": "more", "total": 1}),
        ("key", actor) => {
            json!({"key_id": format!("{actor}#main-key"), "algorithm": "rsa", "public_key_pem": pem})
        }
        ("remote_key", KEY_ID) => {
            json!({"v": 1, "id": KEY_ID, "owner": STRANGER, "pem": pem, "fetched_at": 0})
        }
        ("remote_actor", STRANGER | "acct:bob@b.example") => json!({
            "v": 1, "id": STRANGER, "handle": "@bob@b.example", "inbox": "https://b.example/u/inbox",
            "profile": {"id": STRANGER, "username": "bob", "federated": true}, "keys": [KEY_ID],
            "verified": "fetched", "fetched_at": 0,
        }),
        ("remote_post", "https://b.example/n/1") => json!({
            "v": 1, "id": key, "actor": STRANGER, "visibility": "public", "updated": 0, "fetched_at": 0,
        }),
        ("follow", _) => {
            json!({"v": 1, "state": "pending", "activity": "https://chirp.example/ap/activities/1", "at": 0})
        }
        ("followers" | "following" | "local_followers", _) => {
            json!({"items": [STRANGER, ANN], "next": null, "total": 2})
        }
        ("inboxes", _) => json!({"items": ["https://b.example/inbox"], "next": "https://b.example/inbox"}),
        ("activity", _) => json!({
            "v": 1, "id": key, "actor": ANN, "profile": "1", "kind": "create", "post": "7", "visibility": "public",
            "object": "https://chirp.example/ap/posts/7", "direct": ["https://b.example/u/inbox"], "followers": true,
            "at": 0, "document": {"id": key, "type": "Create", "actor": ANN, "object": {"type": "Note"}},
        }),
        _ => return Value::Null,
    };
    json!({ "value": found })
}

fn post() -> Value {
    json!({
        "id": "7", "author": "1", "content": {"format": "plain", "text": "hi @bob@b.example"}, "visibility": "public",
        "published": "2023-01-01T00:00:00Z",
    })
}
