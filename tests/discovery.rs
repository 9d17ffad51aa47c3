//! WebFinger, host-meta and NodeInfo: what is served, and which remote answers are refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::needless_pass_by_value)]

use std::path::{Path, PathBuf};

use fedigraft::discovery::host_meta;
use fedigraft::discovery::nodeinfo::{self, Usage};
use fedigraft::discovery::webfinger::{self, Resource};
use fedigraft::instance::Instance;
use fedigraft::model::{Handle, Profile};
use serde_json::{Value, json};

fn instance() -> Instance {
    Instance::open(
        br#"{"origin":"https://social.example.com","account_domain":"example.com",
            "aliases":["https://www.example.com"],"name":"Chirp","description":"A small place.",
            "software":{"name":"chirp","version":"1.0","repository":"https://git.example/chirp"}}"#,
    )
    .unwrap()
}

/// The material given beside the repository, when it is there.
fn given(path: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let root = std::env::var_os("FEDIGRAFT_SHARED").map_or_else(beside, PathBuf::from);
    let path = root.join(path);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there (FEDIGRAFT_SHARED)", path.display());
    None
}

fn handle(text: &str) -> Handle {
    Handle::parse(text).unwrap()
}

#[test]
fn a_query_names_a_profile_in_every_spelling() {
    let username = |name: &str| Some(Resource::Username(name.to_owned()));
    let cases = [
        ("resource=acct:ann@example.com", username("ann")),
        ("resource=acct%3Aann%40example.com&rel=self", username("ann")),
        ("resource=ACCT:Ann@EXAMPLE.com", username("Ann")),
        ("resource=ann@example.com", username("ann")),
        ("resource=%40ann%40example.com", username("ann")),
        // The server's own host leads to the same account.
        ("resource=acct:ann@social.example.com", username("ann")),
        ("resource=acct:ann@www.example.com", username("ann")),
        ("resource=https%3A%2F%2Fsocial.example.com%2Fap%2Fusers%2F42", Some(Resource::Profile("42".into()))),
        ("resource=https://social.example.com/@ann", username("ann")),
        ("resource=https://social.example.com/", Some(Resource::Instance)),
        ("resource=https://social.example.com", Some(Resource::Instance)),
        ("resource=https://social.example.com/ap/actor", Some(Resource::Instance)),
        ("resource=acct:example.com@example.com", Some(Resource::Instance)),
        ("resource=acct:ann@other.example", None),
        ("resource=https://other.example/@ann", None),
        ("resource=https://social.example.com.evil/@ann", None),
        ("resource=https://social.example.com/ap/users/42/inbox", None),
        ("resource=https://social.example.com/posts/1", None),
        ("resource=acct:ann", None),
    ];
    for (query, expected) in cases {
        let read = webfinger::parse(&instance(), query);
        if expected.is_none() {
            assert_eq!(read.as_ref().map_err(fedigraft::Error::reason), Err("unknown_resource"), "{query}");
        }
        assert_eq!(read.ok(), expected, "{query}");
    }
    for query in ["", "resource", "rel=self", "resource=a@example.com&resource=b@example.com"] {
        let reason = webfinger::parse(&instance(), query).err().map(|e| e.reason());
        let expected = if query == "resource" { "unknown_resource" } else { "no_resource" };
        assert_eq!(reason, Some(expected), "{query}");
    }
}

#[test]
fn the_page_of_a_profile_may_hold_its_id() {
    let config = br#"{"origin":"https://a.example","paths":{"profile_page":"/people/{id}"}}"#;
    let instance = Instance::open(config).unwrap();
    let read = webfinger::parse(&instance, "resource=https://a.example/people/4%252F2").unwrap();
    assert_eq!(read, Resource::Profile("4/2".into()));
}

#[test]
fn the_answer_leads_to_the_actor_and_is_read_back() {
    let answer = webfinger::render(&instance(), &Profile::new("42", "ann")).unwrap();
    assert_eq!(
        answer,
        json!({
            "subject": "acct:ann@example.com",
            "aliases": ["https://social.example.com/@ann", "https://social.example.com/ap/users/42"],
            "links": [
                {"rel": "self", "type": "application/activity+json", "href": "https://social.example.com/ap/users/42"},
                {"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": "https://social.example.com/@ann"},
            ],
        })
    );
    let account = webfinger::read(&answer, &handle("@ann@example.com")).unwrap();
    assert_eq!(account.actor, "https://social.example.com/ap/users/42");
    assert_eq!(account.profile_page.as_deref(), Some("https://social.example.com/@ann"));
    assert!(account.answers(&handle("@ANN@example.com")));
    // Asked on the server's own host, it names the account domain, which then has to be asked.
    assert!(
        !webfinger::read(&answer, &handle("@ann@social.example.com"))
            .unwrap()
            .answers(&handle("@ann@social.example.com"))
    );
    let own = webfinger::render_instance(&instance());
    assert_eq!(own["subject"], "acct:example.com@example.com");
}

#[test]
fn a_handle_is_asked_about_at_its_domain() {
    let url = webfinger::url("https", &handle("@ann@bücher.example")).unwrap();
    assert_eq!(
        url,
        "https://xn--bcher-kva.example/.well-known/webfinger?resource=acct%3Aann%40xn--bcher-kva.example"
    );
    let local = webfinger::url("http", &handle("@ann@127.0.0.1:5001")).unwrap();
    assert_eq!(local, "http://127.0.0.1:5001/.well-known/webfinger?resource=acct%3Aann%40127.0.0.1%3A5001");
}

fn jrd(subject: &str, links: Value) -> Value {
    json!({"subject": subject, "links": links})
}

#[test]
fn remote_answers_that_are_refused() {
    let asked = handle("@bob@remote.example");
    let link = |media_type: &str, href: &str| json!([{"rel": "self", "type": media_type, "href": href}]);
    let actor = "https://remote.example/users/bob";
    let good = "application/activity+json";
    let cases = [
        (jrd("acct:bob@remote.example", link(good, actor)), None),
        (jrd("acct:Bob@REMOTE.example", link(good, actor)), None),
        (
            jrd(
                "acct:bob@remote.example",
                link(r#"application/ld+json; profile="https://www.w3.org/ns/activitystreams""#, actor),
            ),
            None,
        ),
        // Somebody else of the same server: a hijack.
        (jrd("acct:eve@remote.example", link(good, actor)), Some("other_subject")),
        (jrd("acct:bob@remote.example", link("application/ld+json", actor)), Some("no_actor")),
        (jrd("acct:bob@remote.example", link("text/html", actor)), Some("no_actor")),
        (jrd("acct:bob@remote.example", link(good, "javascript:alert(1)")), Some("no_actor")),
        (jrd("acct:bob@remote.example", json!([])), Some("no_actor")),
        (jrd("acct:bob@remote.example", json!("x")), Some("no_actor")),
        (jrd("https://remote.example/users/bob", link(good, actor)), Some("no_subject")),
        (json!({"links": link(good, actor)}), Some("no_subject")),
        (json!([]), Some("not_an_object")),
    ];
    for (document, expected) in cases {
        let reason = webfinger::read(&document, &asked).err().map(|e| e.reason());
        assert_eq!(reason, expected, "{document}");
    }
    // An answer about another domain is read, but it does not answer: that domain must be asked.
    let elsewhere =
        webfinger::read(&jrd("acct:gargron@mastodon.example", link(good, actor)), &asked).unwrap();
    assert!(!elsewhere.answers(&asked));
}

fn body(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap();
    let (_, body) = text.split_once("\n\n").or_else(|| text.split_once("\r\n\r\n")).unwrap();
    serde_json::from_str(body.trim()).unwrap()
}

#[test]
fn recorded_answers_of_real_servers_and_of_attackers() {
    let Some(folder) = given("vectors/misc/webfinger") else { return };
    let read = |file: &str, asked: &str| webfinger::read(&body(&folder.join(file)), &handle(asked));
    let foo = read("mastodon-activitypub-webfinger.txt", "@foo@ap.example.com").unwrap();
    assert_eq!(foo.actor, "https://ap.example.com/users/foo");
    assert_eq!(foo.profile_page.as_deref(), Some("https://ap.example.com/@foo"));
    let moved = read("mastodon-webfinger.txt", "@gargron@quitter.no").unwrap();
    assert_eq!(moved.actor, "https://ap.example.com/users/foo");
    assert!(moved.answers(&handle("@gargron@quitter.no")));
    for (file, asked) in [
        ("mastodon-webfinger-hacker1.txt", "@gargron@quitter.no"),
        ("mastodon-webfinger-hacker2.txt", "@gargron@quitter.no"),
        ("mastodon-webfinger-hacker3.txt", "@localhost@kickass.zone"),
    ] {
        assert!(read(file, asked).is_err(), "{file}");
    }
    // Even with a link to an actor they do not answer for whom they were asked.
    for (file, asked) in [
        ("mastodon-webfinger-hacker1.txt", "@hacker1@redirected.com"),
        ("mastodon-webfinger-hacker2.txt", "@hacker2@redirected.com"),
        ("mastodon-webfinger-hacker2.txt", "@gargron@quitter.no"),
        ("mastodon-webfinger-hacker3.txt", "@hacker3@localhost"),
    ] {
        let mut document = body(&folder.join(file));
        document["links"].as_array_mut().unwrap().push(
            json!({"rel": "self", "type": "application/activity+json", "href": "https://hacker.com/users/foo"}),
        );
        let asked = handle(asked);
        assert!(
            webfinger::read(&document, &asked).is_err_and(|e| e.reason() == "other_subject")
                || !webfinger::read(&document, &asked).unwrap().answers(&asked),
            "{file}"
        );
    }
}

#[test]
fn host_meta_points_to_webfinger() {
    assert!(
        host_meta::render(&instance())
            .contains(r#"template="https://social.example.com/.well-known/webfinger?resource={uri}""#)
    );
}

#[test]
fn nodeinfo_is_found_and_follows_its_schemas() {
    let instance = instance();
    let links = nodeinfo::discovery(&instance);
    assert_eq!(links["links"][0]["rel"], "http://nodeinfo.diaspora.software/ns/schema/2.1");
    assert_eq!(links["links"][0]["href"], "https://social.example.com/nodeinfo/2.1");
    assert_eq!(links["links"][1]["href"], "https://social.example.com/nodeinfo/2.0");
    assert_eq!(
        nodeinfo::media_type("2.1"),
        "application/json; profile=\"http://nodeinfo.diaspora.software/ns/schema/2.1#\""
    );
    assert!(nodeinfo::render(&instance, "1.0", &Usage::default()).is_err());
    let full = Usage {
        users: Some(3),
        active_month: Some(2),
        active_halfyear: Some(3),
        local_posts: Some(9),
        local_comments: Some(0),
    };
    let document = nodeinfo::render(&instance, "2.1", &Usage::default()).unwrap();
    assert_eq!(document["usage"], json!({"users": {}}), "what is not known is not told");
    let Some(folder) = given("vectors/nodeinfo/schemas") else { return };
    for version in nodeinfo::VERSIONS {
        let text = std::fs::read(folder.join(version).join("schema.json")).unwrap();
        let schema: Value = serde_json::from_slice(&text).unwrap();
        for usage in [&full, &Usage::default()] {
            let document = nodeinfo::render(&instance, version, usage).unwrap();
            assert_eq!(fault(&schema, &document, ""), None, "{version}");
        }
        // The check itself can fail.
        let mut wrong = nodeinfo::render(&instance, version, &full).unwrap();
        wrong["usage"]["users"]["total"] = json!(-1);
        assert!(fault(&schema, &wrong, "").is_some());
        wrong["usage"]["users"]["total"] = json!(1);
        wrong["software"]["license"] = json!("MIT");
        assert!(fault(&schema, &wrong, "").is_some());
    }
}

/// Checks a value against a JSON Schema of draft 4, as far as the NodeInfo schemas use it. An unknown keyword
/// is a fault: nothing passes unchecked.
fn fault(schema: &Value, value: &Value, at: &str) -> Option<String> {
    for (keyword, rule) in schema.as_object()? {
        let holds = match keyword.as_str() {
            "$schema" | "id" | "description" => true,
            "type" => match rule.as_str() {
                Some("object") => value.is_object(),
                Some("array") => value.is_array(),
                Some("string") => value.is_string(),
                Some("boolean") => value.is_boolean(),
                Some("integer") => value.is_i64() || value.is_u64(),
                _ => false,
            },
            "enum" => rule.as_array()?.contains(value),
            "required" => rule.as_array()?.iter().all(|name| value.get(name.as_str().unwrap()).is_some()),
            "minimum" => value.as_i64() >= rule.as_i64(),
            "minItems" => value.as_array()?.len() as u64 >= rule.as_u64()?,
            "minProperties" => value.as_object()?.len() as u64 >= rule.as_u64()?,
            "pattern" if rule == "^[a-z0-9-]+$" => {
                value.as_str()?.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            }
            "additionalProperties" => match (rule, schema.get("properties")) {
                (Value::Bool(false), Some(known)) => {
                    value.as_object()?.keys().all(|name| known.get(name).is_some())
                }
                _ => true,
            },
            "properties" => {
                for (name, schema) in rule.as_object()? {
                    if let Some(inner) = value.get(name)
                        && let Some(fault) = fault(schema, inner, &format!("{at}/{name}"))
                    {
                        return Some(fault);
                    }
                }
                true
            }
            "items" => {
                for (index, inner) in value.as_array()?.iter().enumerate() {
                    if let Some(fault) = fault(rule, inner, &format!("{at}/{index}")) {
                        return Some(fault);
                    }
                }
                true
            }
            _ => false,
        };
        if !holds {
            return Some(format!("{keyword} at {at}"));
        }
    }
    None
}
