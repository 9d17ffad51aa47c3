//! Jobs that a worker runs.

use serde_json::{Value, json};

use super::Recorder;
use super::host::Host;
use super::scene::{
    ACTIVITY, ANN, BOB, NOW, ORIGIN, acquainted, ann, bob, host, note, post, stored_bob, with,
};

const JRD: &str = "application/jrd+json";
pub const FINGER: &str = "https://peer.example/.well-known/webfinger?resource=acct%3Abob%40peer.example";

pub fn record(r: &mut Recorder) {
    publishing(r);
    fan_out(r);
    fetching(r);
    mistakes(r);
}

/// Bob's WebFinger document.
pub fn jrd() -> Value {
    json!({"subject": "acct:bob@peer.example", "links": [{"rel": "self", "type": ACTIVITY, "href": BOB}]})
}

fn job(kind: &str, rest: Value) -> Value {
    with(
        json!({"v": 1, "id": "0123456789abcdef0123456789abcdef", "kind": kind, "not_before": NOW, "attempt": 0}),
        rest,
    )
}

fn resume(r: &mut Recorder, name: &str, note: &str, job: Value, mut host: Host) -> Value {
    let inputs = json!({"instance": "chirp", "now": NOW, "job": {"json": job}});
    r.exchange(&format!("resume-{name}"), note, "resume", inputs, &mut host)
}

fn publishing(r: &mut Recorder) {
    let publish = || job("publish", json!({"post": "7"}));
    let has = |host: Host, change: Value| host.has("post", "7", post("7", change));
    let sent =
        resume(r, "publish", "The activity, and a job for the fan-out.", publish(), has(host(), json!({})));
    let mention = json!({"content": {"format": "plain", "text": "hello @bob@peer.example #birds"}});
    let looked_up =
        has(host(), mention.clone()).serves(FINGER, JRD, jrd()).serves(BOB, ACTIVITY, bob(json!({})));
    resume(
        r,
        "publish-with-a-mention",
        "Who is mentioned is looked up, linked, and gets a delivery.",
        publish(),
        looked_up,
    );
    let nobody = has(host(), mention.clone()).answers(FINGER, 404, json!([]), json!(""));
    resume(r, "publish-with-a-mention-of-nobody", "The name stays plain text.", publish(), nobody);
    let down = has(host(), mention).unreachable(FINGER, "timeout", true);
    resume(r, "publish-while-a-peer-is-down", "Tried again later.", publish(), down.clone());
    resume(
        r,
        "publish-while-a-peer-stays-down",
        "The third attempt does not wait for it.",
        with(publish(), json!({"attempt": 2})),
        down,
    );
    let uri = format!("{BOB}/notes/1");
    let stored =
        json!({"v": 1, "id": uri, "actor": BOB, "visibility": "public", "updated": 0, "fetched_at": NOW});
    let reply = has(acquainted(), json!({"in_reply_to": uri})).has("remote_post", &uri, stored);
    resume(r, "publish-a-reply", "The author of what is answered gets it.", publish(), reply);
    let direct =
        json!({"visibility": "direct", "content": {"format": "plain", "text": "psst @bob@peer.example"}});
    resume(r, "publish-for-one", "No fan-out.", publish(), has(acquainted(), direct));
    resume(r, "publish-what-is-gone", "", publish(), host());
    let hidden = has(host(), json!({})).has("profile", "1", ann(json!({"federated": false})));
    resume(r, "publish-of-a-profile-that-does-not-federate", "", publish(), hidden);

    let update = || job("update", json!({"post": "7"}));
    let mut published = has(
        host(),
        json!({"content": {"format": "plain", "text": "again"}, "updated": "2027-01-15T08:30:00Z"}),
    );
    published.commit(&sent);
    resume(r, "update", "", update(), published);
    resume(r, "update-of-what-was-never-published", "", update(), has(host(), json!({})));
    let broken = host().broken("post", "7", true);
    resume(r, "while-the-database-is-down", "The row is put off.", publish(), broken.clone());
    resume(
        r,
        "for-the-last-time",
        "After nine attempts it gives up.",
        with(publish(), json!({"attempt": 8})),
        broken,
    );
}

fn fan_out(r: &mut Recorder) {
    let id = format!("{ORIGIN}/ap/activities/0f");
    let record = json!({
        "v": 1, "id": id, "actor": ANN, "profile": "1", "kind": "create", "object": format!("{ORIGIN}/ap/posts/7"), "post": "7",
        "visibility": "public", "direct": ["https://peer.example/inbox"], "followers": true, "at": NOW,
        "document": {"id": id, "type": "Create", "actor": ANN, "to": ["https://www.w3.org/ns/activitystreams#Public"]},
    });
    let page = |from: &str, items: Value, next: Value| {
        let page = json!({"items": items, "next": next, "total": 4});
        host().has("activity", &id, record.clone()).page("inboxes", ANN, from, page)
    };
    let job = |cursor: Value| {
        let mut job = job("fan_out", json!({"activity": id}));
        job["cursor"] = cursor;
        job
    };
    let first = json!(["https://a.example/inbox", "https://b.example/inbox"]);
    let note = "One page of deliveries, and the job for the next.";
    let ended =
        resume(r, "fan-out", note, job(Value::Null), page("", first, json!("https://b.example/inbox")));
    let next = ended["jobs"][0].clone();
    let last = json!(["https://peer.example/inbox", "https://z.example/inbox"]);
    let note = "The last page; who was mentioned has a delivery already.";
    resume(r, "fan-out-last-page", note, next, page("https://b.example/inbox", last, Value::Null));
    resume(r, "fan-out-to-nobody", "", job(Value::Null), page("", json!([]), Value::Null));
    resume(r, "fan-out-of-nothing", "", job(Value::Null), host());
}

fn fetching(r: &mut Recorder) {
    let uri = format!("{BOB}/notes/1");
    let fetch = |by: Value| {
        let mut job = job("fetch", json!({"uri": uri}));
        job["shared_by"] = by;
        job
    };
    let mentions = note("1", json!({"to": [ANN]}));
    let served = |document: Value| acquainted().serves(&uri, ACTIVITY, document);
    resume(r, "fetch-a-post", "What a Create only named.", fetch(Value::Null), served(mentions));
    resume(
        r,
        "fetch-a-post-that-is-not-there",
        "",
        fetch(Value::Null),
        acquainted().answers(&uri, 404, json!([]), json!("")),
    );
    let foreign = note("1", json!({"attributedTo": "https://other.example/users/eve"}));
    resume(
        r,
        "fetch-a-post-of-an-author-elsewhere",
        "FEP-fe34: one origin.",
        fetch(Value::Null),
        served(foreign),
    );
    let sharer = "https://third.example/users/cat";
    let cat = with(
        stored_bob(),
        json!({
            "id": sharer, "handle": "@cat@third.example", "inbox": format!("{sharer}/inbox"), "keys": [], "shared_inbox": null,
            "followers": null,
            "profile": {"v": 1, "id": sharer, "username": "cat", "handle": "@cat@third.example", "federated": true},
        }),
    );
    let shared = |document: Value| served(document).has("remote_actor", sharer, cat.clone());
    resume(r, "fetch-a-shared-post", "", fetch(sharer.into()), shared(note("1", json!({}))));
    let hidden = note("1", json!({"to": [format!("{BOB}/followers")]}));
    resume(r, "fetch-a-shared-post-that-is-not-public", "", fetch(sharer.into()), shared(hidden));
    let later = acquainted().answers(&uri, 503, json!([["Retry-After", "120"]]), json!(""));
    resume(r, "fetch-from-a-peer-that-is-down", "", fetch(Value::Null), later);
}

fn mistakes(r: &mut Recorder) {
    let publish = job("publish", json!({"post": "7"}));
    let more = with(publish.clone(), json!({"new_in_a_minor_version": 7}));
    let put_off = resume(
        r,
        "a-job-with-a-new-member",
        "What a later minor version added is kept.",
        more,
        host().broken("post", "7", true),
    );
    assert_eq!(put_off["jobs"][0]["new_in_a_minor_version"], 7);
    resume(
        r,
        "a-job-of-a-newer-version",
        "Keep it and try again after the upgrade.",
        with(publish.clone(), json!({"v": 2})),
        host(),
    );
    resume(r, "a-job-nobody-knows", "", with(publish.clone(), json!({"kind": "dance"})), host());
    resume(r, "a-job-without-post", "", with(publish, json!({"post": null})), host());
    let text = json!({"instance": "chirp", "now": NOW, "job": "[]"});
    r.exchange("resume-a-list", "", "resume", text, &mut host());
}
