//! What is served to anybody who asks.

use serde_json::{Value, json};

use super::Recorder;
use super::host::Host;
use super::scene::{ACTIVITY, ANN, BOB, INSTANCE, NOW, ORIGIN, acquainted, ann, asks, host, post, public};

pub fn record(r: &mut Recorder) {
    discovery(r);
    actors(r);
    collections(r);
    posts(r);
    failures(r);
}

fn serve(r: &mut Recorder, name: &str, note: &str, target: &str, mut host: Host) -> Value {
    r.exchange(&format!("serve-{name}"), note, "receive", asks(target), &mut host)
}

/// A GET with one header more.
fn ask_with(target: &str, method: &str, name: &str, value: &str) -> Value {
    let mut asked = asks(target);
    asked["head"]["json"]["method"] = method.into();
    asked["head"]["json"]["headers"].as_array_mut().unwrap().push(json!([name, value]));
    asked
}

fn discovery(r: &mut Recorder) {
    let finger = |resource: &str| format!("/.well-known/webfinger?resource={resource}");
    serve(r, "webfinger", "RFC 7033.", &finger("acct:ann@chirp.example"), host());
    serve(r, "webfinger-by-uri", "", &finger("https%3A%2F%2Fchirp.example%2Fap%2Fusers%2F1"), host());
    serve(r, "webfinger-of-the-instance", "", &finger("acct:chirp.example@chirp.example"), host());
    serve(r, "webfinger-of-nobody", "", &finger("acct:nobody@chirp.example"), host());
    serve(r, "webfinger-of-another-domain", "", &finger("acct:ann@other.example"), host());
    serve(r, "webfinger-without-resource", "400: RFC 7033 section 4.2.", "/.well-known/webfinger", host());
    let hidden = Host::default().has("profile", "@ann", ann(json!({"federated": false})));
    serve(
        r,
        "webfinger-of-a-profile-that-does-not-federate",
        "As for nobody.",
        &finger("acct:ann@chirp.example"),
        hidden,
    );
    serve(r, "host-meta", "RFC 6415.", "/.well-known/host-meta", host());
    serve(r, "nodeinfo-index", "", "/.well-known/nodeinfo", host());
    serve(r, "nodeinfo", "", "/nodeinfo/2.1", host());
    serve(r, "nodeinfo-of-an-unknown-version", "", "/nodeinfo/9", host());
}

fn actors(r: &mut Recorder) {
    let actor = "/ap/users/1";
    let shown = serve(r, "actor", "", actor, host());
    let headers = shown["response"]["headers"].as_array().unwrap();
    let etag = headers.iter().find(|h| h[0] == "etag").unwrap()[1].as_str().unwrap().to_owned();
    let cached = ask_with(actor, "GET", "If-None-Match", &etag);
    r.exchange("serve-actor-that-is-known", "304: RFC 9110 section 13.1.2.", "receive", cached, &mut host());
    let stale = ask_with(actor, "GET", "If-None-Match", "\"0\"");
    r.exchange("serve-actor-that-changed", "", "receive", stale, &mut host());
    let head = ask_with(actor, "HEAD", "X-Nothing", "");
    r.exchange("serve-actor-head", "", "receive", head, &mut host());
    let hidden = Host::default().has("profile", "1", ann(json!({"federated": false})));
    serve(r, "actor-that-does-not-federate", "404, and no key is made.", actor, hidden);
    serve(r, "actor-of-nobody", "The same answer as for one that does not federate.", actor, Host::default());
    let key = json!({"key_id": format!("{INSTANCE}#main-key"), "algorithm": "rsa", "public_key_pem": public("instance")});
    serve(
        r,
        "instance-actor",
        "Readable by anybody, unsigned.",
        "/ap/actor",
        Host::default().has("key", INSTANCE, key),
    );
    let mut posted = asks(actor);
    posted["head"]["json"]["method"] = "POST".into();
    r.exchange("serve-actor-to-a-post", "405 with Allow.", "receive", posted, &mut host());
    r.exchange("serve-inbox-to-a-get", "405 with Allow.", "receive", asks("/ap/inbox"), &mut host());
    let elsewhere = asks("/@ann");
    r.exchange("serve-what-is-not-ours", "route() had said so.", "receive", elsewhere, &mut host());
    let plain = json!({"instance": "primitives", "now": NOW, "head": {"json": {"method": "GET", "target": actor, "headers": []}}, "body": ""});
    r.exchange(
        "serve-without-loads",
        "An instance without `loads` has only the primitives.",
        "receive",
        plain,
        &mut host(),
    );
    let broken = json!({"instance": "chirp", "now": NOW, "head": "GET", "body": ""});
    r.exchange("serve-a-head-that-is-no-json", "", "receive", broken, &mut host());
}

fn collections(r: &mut Recorder) {
    let outbox = json!({"items": [
        post("9", json!({"content": {"format": "plain", "text": "the newest"}})),
        post("8", json!({"visibility": "followers"})),
        post("7", json!({"visibility": "unlisted"})),
    ], "next": "7", "total": 12});
    let with = |page: Value| host().page("posts", "1", "", page);
    serve(r, "outbox", "Its size and where it begins.", "/ap/users/1/outbox", with(outbox.clone()));
    serve(r, "outbox-page", "What is not public is left out.", "/ap/users/1/outbox?page=true", with(outbox));
    let last = json!({"items": [post("1", json!({}))], "next": null, "total": 12});
    serve(r, "outbox-last-page", "", "/ap/users/1/outbox?cursor=2", host().page("posts", "1", "2", last));
    let people = json!({"items": [BOB], "next": null, "total": 1});
    for name in ["followers", "following"] {
        let host = host().page(name, ANN, "", people.clone());
        serve(r, name, "", &format!("/ap/users/1/{name}"), host.clone());
        serve(r, &format!("{name}-page"), "", &format!("/ap/users/1/{name}?page=1"), host);
    }
}

fn posts(r: &mut Recorder) {
    let target = "/ap/posts/7";
    serve(r, "post", "", target, host().has("post", "7", post("7", json!({}))));
    let mentions = post("7", json!({"content": {"format": "plain", "text": "hello @bob@peer.example"}}));
    serve(
        r,
        "post-with-a-mention",
        "Who is known is linked.",
        target,
        acquainted().has("post", "7", mentions),
    );
    for (name, change) in [
        ("for-followers", json!({"visibility": "followers"})),
        ("for-one", json!({"visibility": "direct"})),
        ("of-tomorrow", json!({"not_before": NOW + 86400})),
    ] {
        let host = host().has("post", "7", post("7", change));
        serve(r, &format!("post-{name}"), "404, exactly as one that does not exist.", target, host);
    }
    serve(r, "post-that-does-not-exist", "", target, host());
    let uri = format!("{ORIGIN}{target}");
    let tombstone = json!({"v": 1, "id": uri, "at": NOW - 60});
    serve(
        r,
        "post-that-was-deleted",
        "410 with a Tombstone.",
        target,
        host().has("tombstone", &uri, tombstone),
    );
    let mistaken = host().has("post", "7", post("8", json!({})));
    serve(
        r,
        "post-under-another-id",
        "A host that answers with another post is not believed.",
        target,
        mistaken,
    );

    let id = format!("{ORIGIN}/ap/activities/0f");
    let record = json!({
        "v": 1, "id": id, "actor": ANN, "profile": "1", "kind": "follow", "object": BOB, "direct": [format!("{BOB}/inbox")],
        "followers": false, "at": NOW, "document": {"id": id, "type": "Follow", "actor": ANN, "object": BOB},
    });
    serve(
        r,
        "activity",
        "A follow is between two.",
        "/ap/activities/0f",
        host().has("activity", &id, record),
    );
    serve(r, "activity-that-does-not-exist", "", "/ap/activities/0f", host());
}

fn failures(r: &mut Recorder) {
    let actor = "/ap/users/1";
    let note = "503 with Retry-After: an error never reads as null.";
    serve(r, "while-the-database-is-down", note, actor, Host::default().broken("profile", "1", true));
    serve(r, "when-a-load-fails-for-good", "", actor, Host::default().broken("profile", "1", false));
    let down = host().loads_nothing("the database is down", true);
    serve(r, "when-no-load-can-be-answered", "answer_failed answers any step.", actor, down);
    let typo = Host::default().has("profile", "1", ann(json!({"federatd": true})));
    serve(r, "a-profile-with-a-typing-mistake", "500: the host's own fault is not the peer's.", actor, typo);
    let stored = json!({"v": 2, "id": format!("{ORIGIN}/ap/activities/0f")});
    let newer = host().has("activity", &format!("{ORIGIN}/ap/activities/0f"), stored);
    serve(
        r,
        "an-activity-of-a-newer-version",
        "503: after the upgrade it can be read.",
        "/ap/activities/0f",
        newer,
    );
    let one = |values: Value, number: u32| host().mistake(1, json!({"load": values, "number": number}));
    let mistakes = [
        ("too-many-values", one(json!([null, null]), 1)),
        ("no-list", one(json!({"value": 1}), 1)),
        ("a-bare-value", one(json!(["x"]), 1)),
        ("a-member-nobody-knows", one(json!([{"valeu": 1}]), 1)),
        ("the-next-step", one(json!([null]), 2)),
        ("no-step", one(json!([null]), 0)),
    ];
    for (name, host) in mistakes {
        serve(
            r,
            &format!("answered-with-{name}"),
            "The answer is refused and nothing has happened.",
            actor,
            host,
        );
    }
    let fetched = json!({"fetch": {"url": ORIGIN, "status": 200, "headers": [["Content-Type", ACTIVITY]], "address": "1.1.1.1"}, "body": ""});
    serve(r, "answered-with-a-fetch", "", actor, host().mistake(1, fetched));
    serve(r, "answered-with-a-signature", "", actor, host().mistake(1, json!({"signature": "x"})));
    let late = json!({"failed": "too late", "retryable": true, "number": 1});
    serve(
        r,
        "answered-after-its-end",
        "A step that was answered is not answered again.",
        actor,
        host().mistake(3, late),
    );
}
