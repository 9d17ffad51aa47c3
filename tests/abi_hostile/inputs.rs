//! Hostile inputs: random bytes, random JSON in the words the library knows, and good documents gone bad.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value};

/// Documents the functions read in earnest; the mutations start from them.
const GOOD: [&str; 14] = [
    r#"{"method":"POST","target":"/ap/inbox?x=1","headers":[["Host","chirp.example"],["Date","Tue, 14 Nov 2023 22:13:20 GMT"],["Digest","SHA-256=AAAA"],["Signature","keyId=\"https://b.example/u#k\",algorithm=\"rsa-sha256\",headers=\"(request-target) host date digest\",signature=\"AAAA\""],["Content-Type","application/activity+json"],["Accept","application/activity+json"]],"client":"203.0.113.9"}"#,
    r#"{"method":"GET","target":"/.well-known/webfinger?resource=acct:ann@chirp.example","headers":[["Host","chirp.example"]]}"#,
    r#"{"url":"https://b.example/u","status":200,"headers":[["Content-Type","application/activity+json"]],"address":"203.0.113.9"}"#,
    r#"{"origin":"https://chirp.example","account_domain":"example.com","paths":{"actor":"/u/{id}"},"software":{"name":"chirp","version":"1"},"policy":{"base":"strict","max_body":2048}}"#,
    r#"{"id":"1","username":"ann","display_name":"Ann","bio":{"format":"markdown","text":"*hi* #x"},"fields":[{"name":"web","value":"https://a.example"}],"avatar":{"url":"/a.png"},"federated":true,"created":"2023-01-01T00:00:00Z"}"#,
    r#"{"id":"7","author":"1","kind":"note","content":{"format":"plain","text":"hello @bob@b.example #rust https://c.example"},"visibility":"public","media":[{"url":"/m.png","media_type":"image/png","alt":"x","focal_point":[0.1,-1]}],"published":"2023-01-01T00:00:00Z","language":"en"}"#,
    r##"{"@context":["https://www.w3.org/ns/activitystreams",{"Hashtag":"as:Hashtag"}],"id":"https://b.example/n/1","type":"Note","attributedTo":"https://b.example/u","content":"<p>hi <a href=\"https://c.example\">x</a></p>","contentMap":{"en":"<p>hi</p>"},"to":["https://www.w3.org/ns/activitystreams#Public"],"cc":"https://b.example/u/followers","tag":[{"type":"Hashtag","name":"#x","href":"https://b.example/t/x"},{"type":"Mention","name":"@ann","href":"https://chirp.example/ap/users/1"}],"attachment":[{"type":"Document","mediaType":"image/png","url":"https://b.example/m.png","width":10,"blurhash":"abc"}],"published":"2023-01-01T00:00:00.123+02:00"}"##,
    r#"{"@context":"https://www.w3.org/ns/activitystreams","id":"https://b.example/u","type":"Person","preferredUsername":"bob","name":"Bob","summary":"<b>x</b>","inbox":"https://b.example/u/inbox","endpoints":{"sharedInbox":"https://b.example/inbox"},"publicKey":{"id":"https://b.example/u#main-key","owner":"https://b.example/u","publicKeyPem":"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"},"icon":{"type":"Image","url":"https://b.example/i.png"},"attachment":[{"type":"PropertyValue","name":"web","value":"<a href=\"https://b.example\">b</a>"}]}"#,
    r#"{"id":"https://b.example/a/1","type":"Create","actor":"https://b.example/u","object":{"id":"https://b.example/n/1","type":"Note","attributedTo":"https://b.example/u","content":"x","to":["as:Public"]},"to":["as:Public"],"proof":{"type":"DataIntegrityProof"}}"#,
    r#"{"type":"publish","post":{"id":"7","author":"1","content":{"text":"x"},"visibility":"followers"}}"#,
    r#"{"type":"follow","profile":"1","actor":"https://b.example/u"}"#,
    r#"{"v":1,"id":"j1","kind":"fan_out","not_before":0,"attempt":0,"activity":"https://chirp.example/ap/activities/1","actor":"https://chirp.example/ap/users/1","cursor":null}"#,
    r#"{"v":1,"id":"d1","activity":"https://chirp.example/ap/activities/1","actor":"https://chirp.example/ap/users/1","inbox":"https://b.example/inbox","attempt":0,"not_before":0}"#,
    r#"[{"value":{"v":1,"id":"https://b.example/u","inbox":"https://b.example/u/inbox","keys":[{"id":"https://b.example/u#main-key","pem":"x"}],"fetched_at":0}},null,{"error":"x","retryable":true},{"value":{"items":["https://b.example/inbox"],"next":null,"total":1}}]"#,
];

/// The one that is a stranger's post.
const NOTE: usize = 6;

const TEXTS: [&str; 24] = [
    "",
    "Note",
    "Person",
    "Create",
    "publish",
    "public",
    "https://b.example/u",
    "https://chirp.example/ap/users/1",
    "http://[::1]:99999/",
    "https://\u{202e}@\u{0}/",
    "@bob@b.example",
    "acct:ann@chirp.example",
    "as:Public",
    "9999-99-99T99:99:99Z",
    "2023-01-01T00:00:00Z",
    "application/activity+json",
    "<p><a href=javascript:x>&#x110000;</a></p",
    "-----BEGIN PUBLIC KEY-----\\nAAAA\\n-----END PUBLIC KEY-----",
    "POST",
    "/ap/inbox",
    "keyId=\"\",signature=\"=\",headers=\"()\"",
    "\u{1F3F3}\u{FE0F}\u{200D}\u{1F308}",
    "plain",
    "strict",
];

/// A value for one argument.
pub fn argument() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        2 => vec(any::<u8>(), 0..300),
        1 => "\\PC{0,200}".prop_map(String::into_bytes),
        1 => "(<[a-z/!?]{0,3}|&[a-z#x0-9]{0,6};?|[ \"'=>]|[a-z]{1,4}|@[a-z]|#[a-z]){0,60}".prop_map(String::into_bytes),
        3 => document().prop_map(|value| value.to_string().into_bytes()),
        4 => replaced().prop_map(|value| value.to_string().into_bytes()),
        3 => damaged(),
        1 => (prop::sample::select(vec!["[", "{\"object\":", "<div>", "**", "> ", "(", "&"]), 0..3000_usize)
            .prop_map(|(piece, times)| piece.repeat(times).into_bytes()),
    ]
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(TEXTS.to_vec()).prop_map(str::to_owned),
        1 => "\\PC{0,20}",
    ]
}

/// Members that occur in the good documents.
fn member() -> impl Strategy<Value = String> {
    let mut names = Vec::new();
    for text in GOOD {
        names_of(&serde_json::from_str(text).unwrap(), &mut names);
    }
    names.sort();
    names.dedup();
    prop::sample::select(names)
}

fn names_of(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            names.push(name.clone());
            names_of(value, names);
        }),
        Value::Array(items) => items.iter().for_each(|item| names_of(item, names)),
        _ => {}
    }
}

/// Any JSON, in known words.
fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => (-2..3_i64).prop_map(Value::from),
        5 => word().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 8, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec((member(), inner), 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// An activity of the stranger, of a kind that is handled, about anything.
pub fn activity() -> impl Strategy<Value = Value> {
    let kinds =
        ["Follow", "Undo", "Accept", "Reject", "Create", "Update", "Delete", "Like", "Announce", "Flag"];
    let object = prop_oneof![
        2 => prop::sample::select(vec![
            "https://b.example/u", "https://b.example/n/1", "https://b.example/a/2", "https://c.example/n/1",
            "https://chirp.example/ap/users/1", "https://chirp.example/ap/posts/7",
            "https://chirp.example/ap/activities/1", "https://chirp.example/", "as:Public",
        ]).prop_map(Value::from),
        3 => bent(Just(GOOD[NOTE])),
        1 => replaced(),
        1 => document(),
    ];
    let change = prop::option::weighted(0.3, (member(), document()));
    (prop::sample::select(kinds.to_vec()), object, prop::option::of(document()), change).prop_map(
        |(kind, object, to, change)| {
            let mut activity = serde_json::json!({
                "@context": "https://www.w3.org/ns/activitystreams", "id": "https://b.example/a/1", "type": kind,
                "actor": "https://b.example/u", "object": object, "to": to,
            });
            if let (Some((name, value)), Some(members)) = (change, activity.as_object_mut()) {
                members.insert(name, value);
            }
            activity
        },
    )
}

/// An action of a local user, a job or a delivery, with some values that are others.
pub fn work() -> impl Strategy<Value = Value> {
    let kinds = [
        "publish",
        "update",
        "delete",
        "follow",
        "unfollow",
        "accept",
        "reject",
        "like",
        "unlike",
        "share",
        "unshare",
        "update_profile",
        "delete_profile",
        "fan_out",
        "fetch",
    ];
    (prop::sample::select(kinds.to_vec()), replaced(), prop::option::weighted(0.3, (member(), document()))).prop_map(
        |(kind, other, change)| {
            let mut work = serde_json::json!({
                "v": 1, "id": "j1", "type": kind, "kind": kind, "not_before": 0, "attempt": 0,
                "activity": "https://chirp.example/ap/activities/1", "cursor": null,
                "actor": "https://b.example/u", "object": "https://b.example/n/1", "inbox": "https://b.example/u/inbox",
                "uri": "https://b.example/n/1",
            });
            if kind.ends_with("profile") {
                work["profile"] = serde_json::json!({"id": "1", "username": "ann", "federated": true});
            } else {
                work["profile"] = "1".into();
            }
            if matches!(kind, "publish" | "update" | "delete") {
                work["post"] = serde_json::json!({"id": "7", "author": "1", "content": {"text": "hi @bob@b.example"}, "visibility": "public"});
                work["object"] = other;
            }
            if let (Some((name, value)), Some(members)) = (change, work.as_object_mut()) {
                members.insert(name, value);
            }
            work
        },
    )
}

/// A good document in which some values are others.
fn replaced() -> impl Strategy<Value = Value> {
    bent(prop::sample::select(GOOD.to_vec()))
}

fn bent(good: impl Strategy<Value = &'static str>) -> impl Strategy<Value = Value> {
    (good, vec((any::<prop::sample::Index>(), document()), 0..3)).prop_map(|(good, changes)| {
        let mut value: Value = serde_json::from_str(good).unwrap();
        for (place, other) in changes {
            let count = places(&mut value, usize::MAX, &other);
            places(&mut value, place.index(count), &other);
        }
        value
    })
}

/// Counts the values inside, and puts `other` at the one with this number.
fn places(value: &mut Value, number: usize, other: &Value) -> usize {
    if number == 0 {
        *value = other.clone();
        return 1;
    }
    let mut seen = 1;
    let children: Vec<&mut Value> = match value {
        Value::Object(members) => members.iter_mut().map(|(_, value)| value).collect(),
        Value::Array(items) => items.iter_mut().collect(),
        _ => Vec::new(),
    };
    for child in children {
        seen += places(child, number.wrapping_sub(seen), other);
        if number < seen {
            break;
        }
    }
    seen
}

/// A good document with some bytes changed, dropped or doubled.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let good = prop::sample::select(GOOD.to_vec());
    (good, vec((any::<prop::sample::Index>(), 0..3_u8, any::<u8>()), 0..6)).prop_map(|(good, changes)| {
        let mut bytes = good.as_bytes().to_vec();
        for (place, what, byte) in changes {
            let at = place.index(bytes.len());
            match what {
                0 => bytes[at] = byte,
                1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, byte),
            }
        }
        bytes
    })
}
