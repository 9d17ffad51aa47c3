//! What an inbox proves before it believes anything: keys, signatures, block list, stored documents.

use serde_json::{Value, json};

use super::Recorder;
use super::inbox::{deliver, follow_of_ann, status};
use super::scene::{
    ACTIVITY, ANN, ANN_KEY, BOB, BOB_KEY, NOW, ORIGIN, acquainted, activity, bob, host, post, public,
    stored_bob, stored_key, with,
};

const FOLLOW_KEY: &str = "https://peer.example/users/bob https://chirp.example/ap/users/1";

pub fn record(r: &mut Recorder) {
    keys(r);
    refusals(r);
    failures(r);
}

fn keys(r: &mut Recorder) {
    let like = activity("Like", "like-1", format!("{ORIGIN}/ap/posts/7"));
    let new = bob(json!({"publicKey": {"id": BOB_KEY, "owner": BOB, "publicKeyPem": public("bob-new")}}));
    let liked = || acquainted().has("post", "7", post("7", json!({})));
    let mut rotated = liked().serves(BOB, ACTIVITY, new.clone());
    let inputs = r.delivered("bob-new", &like);
    let note = "The remembered key does not fit: it is refreshed once.";
    let ended = r.exchange("inbox-signed-with-a-new-key", note, "receive", inputs.clone(), &mut rotated);
    assert_eq!(status(&ended), 202);
    let mut fresh = liked().has("remote_key", BOB_KEY, stored_key(&public("bob"), NOW - 60));
    let note = "Refreshed a minute ago: not asked again, 401.";
    r.exchange("inbox-signed-with-an-unknown-key", note, "receive", inputs, &mut fresh);
    let mut still = liked().serves(BOB, ACTIVITY, bob(json!({})));
    let inputs = r.delivered("bob-new", &like);
    r.exchange(
        "inbox-signed-with-a-wrong-key",
        "The refreshed key does not fit either.",
        "receive",
        inputs,
        &mut still,
    );

    let unknown = |change: Value| host().serves(BOB, ACTIVITY, bob(change));
    let cases = [
        (
            "of-another-owner",
            unknown(
                json!({"publicKey": {"id": BOB_KEY, "owner": "https://peer.example/users/eve", "publicKeyPem": public("bob")}}),
            ),
        ),
        (
            "under-another-id",
            unknown(
                json!({"publicKey": {"id": format!("{BOB}#other"), "owner": BOB, "publicKeyPem": public("bob")}}),
            ),
        ),
        ("in-a-document-of-another-host", unknown(json!({"id": "https://evil.example/users/bob"}))),
        ("in-an-uploaded-file", host().serves(BOB, "application/json", bob(json!({})))),
        ("behind-a-404", host().answers(BOB, 404, json!([]), json!(""))),
        ("behind-a-410", host().answers(BOB, 410, json!([]), json!(""))),
        ("from-a-private-address", unknown(json!({})).bent(BOB, "address", "10.0.0.1")),
        ("from-an-unknown-address", unknown(json!({})).bent(BOB, "address", Value::Null)),
        ("from-another-url", unknown(json!({})).bent(BOB, "url", "https://peer.example/users/eve")),
    ];
    for (name, host) in cases {
        let note = "401, and remembered for a while that there is none.";
        let ended = deliver(r, &format!("key-{name}"), note, &follow_of_ann(), host);
        assert_eq!(status(&ended), 401, "{name}");
    }
    let none = json!({"v": 1, "id": BOB_KEY, "owner": null, "pem": null, "fetched_at": NOW - 60});
    deliver(
        r,
        "key-known-to-be-missing",
        "Not asked for again.",
        &follow_of_ann(),
        host().has("remote_key", BOB_KEY, none),
    );
    let note = "503: a sender takes most 4xx for final.";
    deliver(r, "key-behind-a-502", note, &follow_of_ann(), host().answers(BOB, 502, json!([]), json!("")));
    deliver(
        r,
        "key-that-cannot-be-fetched",
        note,
        &follow_of_ann(),
        host().unreachable(BOB, "connection refused", true),
    );
    deliver(
        r,
        "key-that-can-never-be-fetched",
        "",
        &follow_of_ann(),
        host().unreachable(BOB, "the address is private", false),
    );
    let mut slow = host().serves(BOB, ACTIVITY, bob(json!({})));
    slow.later = Some(NOW + 11);
    deliver(r, "key-that-took-11-seconds", "An inbox has 10 s in all.", &follow_of_ann(), slow);
    let hop = "https://peer.example/hop";
    let inputs = {
        let head = r.signed("bob", &format!("{hop}#key"), "/ap/inbox", &follow_of_ann());
        json!({"instance": "chirp", "now": NOW, "head": {"json": head}, "body": {"json": follow_of_ann()}})
    };
    let mut hops = host()
        .answers(hop, 302, json!([["Location", "https://peer.example/hop2"]]), json!(""))
        .answers("https://peer.example/hop2", 302, json!([["Location", BOB]]), json!(""));
    r.exchange(
        "inbox-key-behind-two-redirects",
        "An inbox makes at most two fetches.",
        "receive",
        inputs,
        &mut hops,
    );
    for (name, key_id) in [
        ("on-this-machine", "https://localhost/key"),
        ("on-an-address", "https://127.0.0.1/key"),
        ("on-plain-http", "http://peer.example/key"),
        ("on-our-own-origin", ANN_KEY),
    ] {
        let head = r.signed("bob", key_id, "/ap/inbox", &follow_of_ann());
        let inputs = json!({"instance": "chirp", "now": NOW, "head": {"json": head}, "body": {"json": follow_of_ann()}});
        r.exchange(&format!("inbox-key-{name}"), "401 without a fetch.", "receive", inputs, &mut host());
    }
    let stub = "https://peer.example/users/bob/main-key";
    let key = json!({"id": stub, "owner": BOB, "publicKeyPem": public("bob")});
    let document = json!({"@context": "https://w3id.org/security/v1", "id": stub, "owner": BOB, "publicKeyPem": public("bob")});
    let mut two =
        host().serves(stub, ACTIVITY, document).serves(BOB, ACTIVITY, bob(json!({"publicKey": key})));
    let head = r.signed("bob", stub, "/ap/inbox", &follow_of_ann());
    let inputs =
        json!({"instance": "chirp", "now": NOW, "head": {"json": head}, "body": {"json": follow_of_ann()}});
    let note = "A key document of its own; its owner must list it.";
    r.exchange("inbox-key-of-its-own-document", note, "receive", inputs, &mut two);
}

fn refusals(r: &mut Recorder) {
    let mut raw = |name: &str, note: &str, body: Value, change: &dyn Fn(&mut Value)| {
        let head = r.signed("bob", BOB_KEY, "/ap/inbox", &follow_of_ann());
        let mut inputs = json!({"instance": "chirp", "now": NOW, "head": {"json": head}, "body": body});
        change(&mut inputs);
        r.exchange(&format!("inbox-{name}"), note, "receive", inputs, &mut acquainted())
    };
    let follow = || json!({"json": follow_of_ann()});
    let drop = |name: &'static str| {
        move |inputs: &mut Value| {
            let headers = inputs["head"]["json"]["headers"].as_array_mut().unwrap();
            headers.retain(|h| !h[0].as_str().unwrap().eq_ignore_ascii_case(name));
        }
    };
    let set = |name: &'static str, value: &'static str| {
        move |inputs: &mut Value| {
            drop(name)(inputs);
            inputs["head"]["json"]["headers"].as_array_mut().unwrap().push(json!([name, value]));
        }
    };
    let cases: Vec<(u64, Value)> = vec![
        (401, raw("unsigned", "", follow(), &drop("Signature"))),
        (401, raw("without-digest", "", follow(), &drop("Digest"))),
        (
            401,
            raw(
                "with-another-body",
                "",
                json!({"json": activity("Follow", "f", format!("{ANN}0"))}),
                &|_| (),
            ),
        ),
        (401, raw("with-an-old-date", "", follow(), &|inputs| inputs["now"] = (NOW + 3901).into())),
        (401, raw("for-another-host", "", follow(), &set("Host", "other.example"))),
        (
            415,
            raw(
                "of-another-type",
                "An upload is no activity.",
                follow(),
                &set("Content-Type", "application/json"),
            ),
        ),
        (400, raw("of-no-json", "", json!("{"), &|_| ())),
        (400, raw("of-no-text", "", json!({"base64": "eyJpZCI6Iv8ifQ=="}), &|_| ())),
        (413, raw("of-more-than-1-mib", "", json!({"repeat": " ", "times": 1_048_577}), &|_| ())),
        (413, raw("nested-too-deep", "", json!({"repeat": "[", "times": 70}), &|_| ())),
        (
            400,
            raw(
                "with-two-actors",
                "",
                json!(format!(
                    "{{\"id\":\"{BOB}#1\",\"type\":\"Follow\",\"actor\":\"{BOB}\",\"actor\":\"https://peer.example/users/eve\",\"object\":\"{ANN}\"}}"
                )),
                &|_| (),
            ),
        ),
    ];
    for (expected, ended) in &cases {
        assert_eq!(status(ended), *expected, "{ended}");
    }
    let eve = with(follow_of_ann(), json!({"actor": "https://peer.example/users/eve"}));
    deliver(r, "signed-by-another-actor", "Fedify CVE-2025-54888.", &eve, acquainted());
    let foreign = with(follow_of_ann(), json!({"id": "https://other.example/1"}));
    deliver(r, "with-an-id-elsewhere", "", &foreign, acquainted());
    for (name, key) in [("host", "peer.example"), ("actor", BOB)] {
        let blocked = acquainted().has("blocked", key, true);
        deliver(r, &format!("from-a-blocked-{name}"), "403 before any fetch.", &follow_of_ann(), blocked);
    }
    let own = with(follow_of_ann(), json!({"actor": ANN, "id": format!("{ANN}#1")}));
    let head = r.signed("bob", ANN_KEY, "/ap/inbox", &own);
    let inputs = json!({"instance": "chirp", "now": NOW, "head": {"json": head}, "body": {"json": own}});
    r.exchange(
        "inbox-signed-as-one-of-ours",
        "Nobody else signs with our keys.",
        "receive",
        inputs,
        &mut acquainted(),
    );
    let head = r.signed("bob", BOB_KEY, "/ap/users/9/inbox", &follow_of_ann());
    let inputs =
        json!({"instance": "chirp", "now": NOW, "head": {"json": head}, "body": {"json": follow_of_ann()}});
    r.exchange("inbox-of-nobody", "404.", "receive", inputs, &mut acquainted());
    let head = r.signed("bob", BOB_KEY, "/ap/users/1/inbox", &follow_of_ann());
    let inputs =
        json!({"instance": "chirp", "now": NOW, "head": {"json": head}, "body": {"json": follow_of_ann()}});
    r.exchange("inbox-of-ann", "An inbox of one's own.", "receive", inputs, &mut acquainted());
}

fn failures(r: &mut Recorder) {
    let down = acquainted().broken("remote_key", BOB_KEY, true);
    deliver(r, "while-the-database-is-down", "503 with Retry-After.", &follow_of_ann(), down);
    let newer = acquainted().has("remote_actor", BOB, with(stored_bob(), json!({"v": 2})));
    deliver(r, "with-a-stored-actor-of-a-newer-version", "503 until the upgrade.", &follow_of_ann(), newer);
    let swapped = acquainted().has(
        "remote_actor",
        BOB,
        with(stored_bob(), json!({"id": "https://peer.example/users/eve"})),
    );
    deliver(
        r,
        "with-a-stored-actor-under-another-key",
        "Stored documents are not trusted blindly.",
        &follow_of_ann(),
        swapped,
    );
    let claimed = acquainted().has("remote_actor", BOB, with(stored_bob(), json!({"verified": "said so"})));
    deliver(r, "with-a-stored-actor-that-was-not-fetched", "", &follow_of_ann(), claimed);
    let key = acquainted().has("follow", FOLLOW_KEY, json!({"v": 1, "state": "maybe"}));
    deliver(r, "with-a-damaged-follow", "", &follow_of_ann(), key);
}
