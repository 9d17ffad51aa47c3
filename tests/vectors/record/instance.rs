//! The instance: what a configuration comes to, its URIs, and what is wrong with others.

use fedigraft::instance::LOADS;
use serde_json::{Value, json};

use super::Recorder;
use super::scene::ORIGIN;

pub fn record(r: &mut Recorder) {
    for name in ["chirp", "custom", "primitives"] {
        r.call(&format!("describe-{name}"), "", "instance_describe", json!({"instance": name}));
    }
    let note = "Plain HTTP, ports and loopback are allowed, and it says so.";
    r.call("describe-development", note, "instance_describe", json!({"instance": "development"}));
    let uris = [
        ("actor", "42"),
        ("inbox", "42"),
        ("outbox", "42"),
        ("followers", "42"),
        ("following", "42"),
        ("key", "42"),
        ("post", "a b/ü"),
        ("activity", "0f"),
        ("tag_page", "fediverse"),
        ("nodeinfo", "2.1"),
        ("handle", "ann"),
        ("shared_inbox", ""),
        ("instance_actor", ""),
        ("instance_key", ""),
    ];
    for (kind, id) in uris {
        uri(r, &format!("uri-{}", kind.replace('_', "-")), "", "chirp", kind, id);
    }
    uri(r, "uri-with-a-path-of-its-own", "", "custom", "actor", "42");
    uri(r, "uri-of-a-handle-on-another-domain", "", "custom", "handle", "ann");
    uri(r, "uri-on-plain-http-in-development", "", "development", "actor", "42");
    uri(r, "uri-of-an-unknown-kind", "", "chirp", "actors", "42");
    uri(r, "uri-of-an-empty-id", "", "chirp", "actor", "");
    uri(r, "uri-of-one-thing-with-an-id", "", "chirp", "shared_inbox", "42");

    let without = LOADS.iter().filter(|name| **name != "blocked").collect::<Vec<_>>();
    let configs = [
        ("with-a-typing-mistake", json!({"origin": ORIGIN, "orgin": 1})),
        ("without-origin", json!({"name": "Chirp"})),
        ("of-the-wrong-type", json!({"origin": ORIGIN, "aliases": "https://www.chirp.example"})),
        ("on-plain-http", json!({"origin": "http://chirp.example"})),
        ("with-a-path-in-the-origin", json!({"origin": "https://chirp.example/social"})),
        ("with-another-scheme", json!({"origin": "ftp://chirp.example"})),
        ("with-a-bad-alias", json!({"origin": ORIGIN, "aliases": [ORIGIN, "chirp.example"]})),
        ("with-a-bad-account-domain", json!({"origin": ORIGIN, "account_domain": "https://example.com/"})),
        ("with-one-path-for-two", json!({"origin": ORIGIN, "paths": {"post": "/ap/users/{id}"}})),
        ("with-a-path-without-id", json!({"origin": ORIGIN, "paths": {"actor": "/users"}})),
        ("with-an-unknown-path", json!({"origin": ORIGIN, "paths": {"actors": "/u/{id}"}})),
        ("with-an-unknown-policy", json!({"origin": ORIGIN, "policy": "loose"})),
        (
            "with-a-signature-of-a-day",
            json!({"origin": ORIGIN, "policy": {"base": "strict", "signature_max_age": 86400}}),
        ),
        (
            "with-bodies-beyond-the-limit",
            json!({"origin": ORIGIN, "policy": {"base": "strict", "max_body": 1_048_577}}),
        ),
        ("without-one-load", json!({"origin": ORIGIN, "loads": without})),
        (
            "with-a-software-name-for-people",
            json!({"origin": ORIGIN, "software": {"name": "My Site", "version": "1"}}),
        ),
    ];
    for (what, config) in configs {
        r.call(&format!("config-{what}"), "", "instance_new", json!({"config": {"json": config}}));
    }
    let texts: [(&str, Value); 3] = [
        ("that-is-no-json", json!("origin = chirp")),
        ("that-is-empty", json!("")),
        ("that-is-a-list", json!("[]")),
    ];
    for (what, config) in texts {
        r.call(&format!("config-{what}"), "", "instance_new", json!({"config": config}));
    }
}

fn uri(r: &mut Recorder, name: &str, note: &str, instance: &str, kind: &str, id: &str) {
    r.call(name, note, "instance_uri", json!({"instance": instance, "kind": kind, "id": id}));
}
