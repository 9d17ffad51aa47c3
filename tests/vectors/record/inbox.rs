//! What arrives in an inbox: proven, refused, believed.

use serde_json::{Value, json};

use super::host::Host;
use super::scene::{
    ACTIVITY, ANN, ANN_KEY, BOB, BOB_KEY, NOW, ORIGIN, PUBLIC, acquainted, activity, ann, bob, follow, host, note,
    post, public, stored_bob, stored_key, with,
};
use super::Recorder;

const FOLLOW_KEY: &str = "https://peer.example/users/bob https://chirp.example/ap/users/1";

pub fn record(r: &mut Recorder) {
    follows(r);
    keys(r);
    posts(r);
    reactions(r);
    answers(r);
    refusals(r);
    failures(r);
}

/// Bob delivers an activity.
fn deliver(r: &mut Recorder, name: &str, note: &str, activity: &Value, mut host: Host) -> Value {
    let inputs = r.delivered("bob", activity);
    r.exchange(&format!("inbox-{name}"), note, "receive", inputs, &mut host)
}

fn status(ended: &Value) -> u64 {
    ended["response"]["status"].as_u64().unwrap()
}

fn follow_of_ann() -> Value {
    activity("Follow", "follow-1", ANN)
}

fn follows(r: &mut Recorder) {
    let served = host().serves(BOB, ACTIVITY, bob(json!({})));
    let note = "The signer is unknown: the key is fetched, the follow accepted, the answer queued.";
    let ended = deliver(r, "follow-of-an-unknown-actor", note, &follow_of_ann(), served);
    assert_eq!((status(&ended), ended["deliveries"].as_array().unwrap().len()), (202, 1));
    deliver(r, "follow-of-a-known-actor", "No fetch is needed.", &follow_of_ann(), acquainted());
    let locked = acquainted().has("profile", "1", ann(json!({"locked": true})));
    deliver(r, "follow-of-a-locked-account", "Left to the person who is asked.", &follow_of_ann(), locked);
    let mut again = acquainted();
    again.commit(&ended);
    deliver(r, "follow-that-was-here-before", "`once` is known: 202, and nothing happens.", &follow_of_ann(), again.clone());
    let repeated = activity("Follow", "follow-2", ANN);
    deliver(r, "follow-asked-again", "Accepted again, without a second event.", &repeated, again.clone());
    deliver(r, "follow-of-nobody", "202 without a trace: a refusal would tell who exists.", &activity("Follow", "f", format!("{ORIGIN}/ap/users/9")), acquainted());
    let undo = activity("Undo", "undo-1", follow_of_ann());
    deliver(r, "undo-follow", "", &undo, again.clone());
    deliver(r, "undo-follow-by-its-id", "", &activity("Undo", "undo-2", format!("{BOB}#follow-1")), again.clone());
    deliver(r, "undo-follow-of-nobody", "Nothing to undo.", &undo, acquainted());
    let others = with(follow_of_ann(), json!({"actor": "https://peer.example/users/eve"}));
    deliver(r, "undo-of-what-another-did", "Only what the same actor did is undone.", &activity("Undo", "undo-3", others), again);
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
    r.exchange("inbox-signed-with-a-wrong-key", "The refreshed key does not fit either.", "receive", inputs, &mut still);

    let unknown = |change: Value| host().serves(BOB, ACTIVITY, bob(change));
    let cases = [
        ("of-another-owner", unknown(json!({"publicKey": {"id": BOB_KEY, "owner": "https://peer.example/users/eve", "publicKeyPem": public("bob")}}))),
        ("under-another-id", unknown(json!({"publicKey": {"id": format!("{BOB}#other"), "owner": BOB, "publicKeyPem": public("bob")}}))),
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
    deliver(r, "key-known-to-be-missing", "Not asked for again.", &follow_of_ann(), host().has("remote_key", BOB_KEY, none));
    let note = "503: a sender takes most 4xx for final.";
    deliver(r, "key-behind-a-502", note, &follow_of_ann(), host().answers(BOB, 502, json!([]), json!("")));
    deliver(r, "key-that-cannot-be-fetched", note, &follow_of_ann(), host().unreachable(BOB, "connection refused", true));
    deliver(r, "key-that-can-never-be-fetched", "", &follow_of_ann(), host().unreachable(BOB, "the address is private", false));
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
    r.exchange("inbox-key-behind-two-redirects", "An inbox makes at most two fetches.", "receive", inputs, &mut hops);
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
    let mut two = host().serves(stub, ACTIVITY, document).serves(BOB, ACTIVITY, bob(json!({"publicKey": key})));
    let head = r.signed("bob", stub, "/ap/inbox", &follow_of_ann());
    let inputs = json!({"instance": "chirp", "now": NOW, "head": {"json": head}, "body": {"json": follow_of_ann()}});
    let note = "A key document of its own; its owner must list it.";
    r.exchange("inbox-key-of-its-own-document", note, "receive", inputs, &mut two);
}

fn create(change: Value) -> Value {
    activity("Create", "create-1", note("1", change))
}

fn posts(r: &mut Recorder) {
    let mentions = json!({
        "to": [ANN, PUBLIC], "inReplyTo": format!("{ORIGIN}/ap/posts/7"),
        "content": "<p><a href=\"https://chirp.example/@ann\" class=\"u-url mention\">@ann</a> hello back<script>x</script></p>",
        "tag": [{"type": "Mention", "href": ANN, "name": "@ann@chirp.example"}],
    });
    let with_post = || acquainted().has("post", "7", post("7", json!({})));
    let note = "A reply that mentions Ann; its HTML is sanitised.";
    let ended = deliver(r, "create-with-mention-and-reply", note, &create(mentions.clone()), with_post());
    assert_eq!(ended["events"][0]["type"], "post_created");
    let mut known = with_post();
    known.commit(&ended);
    deliver(r, "create-again", "The same activity: once.", &create(mentions.clone()), known.clone());
    let other = with(create(mentions.clone()), json!({"id": format!("{BOB}#create-2")}));
    deliver(r, "create-of-a-known-post", "The same post under another activity.", &other, known.clone());
    deliver(r, "create-that-concerns-nobody", "202, and it leaves no trace.", &create(json!({})), acquainted());
    let followed = json!({"items": [ANN], "next": null, "total": 1});
    let following = acquainted().page("local_followers", BOB, "", followed);
    deliver(r, "create-of-somebody-followed", "", &create(json!({})), following);
    let direct = json!({"to": [ANN], "tag": [{"type": "Mention", "href": ANN, "name": "@ann"}]});
    deliver(r, "create-for-one", "", &create(direct), acquainted());
    let stolen = json!({"attributedTo": "https://peer.example/users/eve", "to": [ANN]});
    deliver(r, "create-of-another-author", "An object belongs to its actor.", &create(stolen), acquainted());
    let foreign = json!({"id": "https://other.example/notes/1", "to": [ANN]});
    deliver(r, "create-of-a-post-elsewhere", "FEP-fe34: one origin.", &create(foreign), acquainted());
    let named = with(activity("Create", "create-3", format!("{BOB}/notes/1")), json!({"to": [ANN]}));
    deliver(r, "create-that-only-names-a-post", "A worker fetches it.", &named, acquainted());

    let edited = |at: &str| {
        let note = with(mentions.clone(), json!({"content": "<p>changed</p>", "updated": at}));
        activity("Update", "update-1", super::scene::note("1", note))
    };
    let ended = deliver(r, "update", "", &edited("2027-01-15T08:30:00Z"), known.clone());
    let mut newer = known.clone();
    newer.commit(&ended);
    let older = with(edited("2027-01-15T08:10:00Z"), json!({"id": format!("{BOB}#update-0")}));
    let ended = deliver(r, "update-that-is-older", "An older state is ignored.", &older, newer);
    assert_eq!(ended["events"], json!([]));
    let profile = activity("Update", "update-2", bob(json!({"name": "Robert"})));
    deliver(r, "update-of-a-profile", "The actor as it says of itself.", &profile, acquainted());
    deliver(r, "update-of-an-unknown-profile", "It concerns nobody: no fetch.", &profile, host());

    let tombstone = json!({"id": format!("{BOB}/notes/1"), "type": "Tombstone"});
    deliver(r, "delete", "", &activity("Delete", "delete-1", tombstone), known.clone());
    let unknown = activity("Delete", "delete-2", format!("{BOB}/notes/9"));
    let ended = deliver(r, "delete-of-an-unknown-post", "Remembered, so that a late Create does not bring it back.", &unknown, acquainted());
    let mut late = acquainted();
    late.commit(&ended);
    let revived = activity("Create", "create-9", super::scene::note("9", json!({"to": [ANN]})));
    deliver(r, "create-after-its-delete", "", &revived, late);
    let mut owned = known;
    owned.set("remote_post", &format!("{BOB}/notes/1"), json!({"v": 1, "id": format!("{BOB}/notes/1"), "actor": "https://peer.example/users/eve", "visibility": "public", "updated": 0, "fetched_at": NOW}));
    deliver(r, "delete-of-what-another-wrote", "", &activity("Delete", "delete-3", format!("{BOB}/notes/1")), owned);
    deliver(r, "delete-of-the-actor", "", &activity("Delete", "delete-4", BOB), acquainted());
    deliver(r, "delete-of-an-unknown-actor", "One deletion must not cause a fetch from every server.", &activity("Delete", "delete-4", BOB), host());
}

fn reactions(r: &mut Recorder) {
    let target = format!("{ORIGIN}/ap/posts/7");
    let shown = || acquainted().has("post", "7", post("7", json!({})));
    deliver(r, "like", "", &activity("Like", "like-1", &*target), shown());
    deliver(r, "undo-like", "", &activity("Undo", "undo-like", activity("Like", "like-1", &*target)), shown());
    deliver(r, "announce", "", &activity("Announce", "share-1", &*target), shown());
    deliver(r, "undo-announce", "", &activity("Undo", "undo-share", activity("Announce", "share-1", &*target)), shown());
    let hidden = acquainted().has("post", "7", post("7", json!({"visibility": "followers"})));
    deliver(r, "like-of-a-hidden-post", "Nobody learns that it exists.", &activity("Like", "like-1", &*target), hidden);
    deliver(r, "like-of-nothing", "", &activity("Like", "like-1", format!("{ORIGIN}/ap/posts/9")), acquainted());
    let followed = json!({"items": [ANN], "next": null, "total": 1});
    let following = acquainted().page("local_followers", BOB, "", followed);
    let elsewhere = activity("Announce", "share-2", "https://third.example/notes/5");
    deliver(r, "announce-of-a-post-elsewhere", "A worker fetches it, as Bob is followed.", &elsewhere, following);
    deliver(r, "announce-by-nobody-followed", "", &elsewhere, acquainted());
    deliver(r, "kind-nobody-knows", "Accepted and ignored.", &activity("Juggle", "j", &*target), shown());
}

fn answers(r: &mut Recorder) {
    let id = format!("{ORIGIN}/ap/activities/aa");
    let key = format!("{ANN} {BOB}");
    let record = json!({
        "v": 1, "id": id, "actor": ANN, "profile": "1", "kind": "follow", "object": BOB, "direct": [format!("{BOB}/inbox")],
        "followers": false, "at": NOW, "document": {"id": id, "type": "Follow", "actor": ANN, "object": BOB},
    });
    let asked = |state: &str| acquainted().has("activity", &id, record.clone()).has("follow", &key, follow(state, &id));
    let embedded = json!({"id": id, "type": "Follow", "actor": ANN, "object": BOB});
    deliver(r, "accept", "", &activity("Accept", "accept-1", embedded.clone()), asked("pending"));
    deliver(r, "accept-by-its-id", "Mitra names it.", &activity("Accept", "accept-2", &*id), asked("pending"));
    deliver(r, "reject-of-a-follower", "An accepted follow is taken back.", &activity("Reject", "reject-1", embedded.clone()), asked("accepted"));
    deliver(r, "accept-of-nothing", "Nobody asked (Pixelfed CVE-2025-30741).", &activity("Accept", "accept-3", embedded), acquainted());
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
    let cases: Vec<(&str, &str, u64, Value)> = vec![
        ("unsigned", "", 401, raw("unsigned", "", follow(), &drop("Signature"))),
        ("", "", 401, raw("without-digest", "", follow(), &drop("Digest"))),
        ("", "", 401, raw("with-another-body", "", json!({"json": activity("Follow", "f", format!("{ANN}0"))}), &|_| ())),
        ("", "", 401, raw("with-an-old-date", "", follow(), &|inputs| inputs["now"] = (NOW + 3901).into())),
        ("", "", 401, raw("for-another-host", "", follow(), &set("Host", "other.example"))),
        ("", "", 415, raw("of-another-type", "An upload is no activity.", follow(), &set("Content-Type", "application/json"))),
        ("", "", 400, raw("of-no-json", "", json!("{"), &|_| ())),
        ("", "", 400, raw("of-no-text", "", json!({"base64": "eyJpZCI6Iv8ifQ=="}), &|_| ())),
        ("", "", 413, raw("of-more-than-1-mib", "", json!({"repeat": " ", "times": 1_048_577}), &|_| ())),
        ("", "", 413, raw("nested-too-deep", "", json!({"repeat": "[", "times": 70}), &|_| ())),
        ("", "", 400, raw("with-two-actors", "", json!(format!("{{\"id\":\"{BOB}#1\",\"type\":\"Follow\",\"actor\":\"{BOB}\",\"actor\":\"https://peer.example/users/eve\",\"object\":\"{ANN}\"}}")), &|_| ())),
    ];
    for (_, _, expected, ended) in &cases {
        assert_eq!(status(ended), *expected, "{}", ended);
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
    r.exchange("inbox-signed-as-one-of-ours", "Nobody else signs with our keys.", "receive", inputs, &mut acquainted());
    let head = r.signed("bob", BOB_KEY, "/ap/users/9/inbox", &follow_of_ann());
    let inputs = json!({"instance": "chirp", "now": NOW, "head": {"json": head}, "body": {"json": follow_of_ann()}});
    r.exchange("inbox-of-nobody", "404.", "receive", inputs, &mut acquainted());
    let head = r.signed("bob", BOB_KEY, "/ap/users/1/inbox", &follow_of_ann());
    let inputs = json!({"instance": "chirp", "now": NOW, "head": {"json": head}, "body": {"json": follow_of_ann()}});
    r.exchange("inbox-of-ann", "An inbox of one's own.", "receive", inputs, &mut acquainted());
}

fn failures(r: &mut Recorder) {
    let down = acquainted().broken("remote_key", BOB_KEY, true);
    deliver(r, "while-the-database-is-down", "503 with Retry-After.", &follow_of_ann(), down);
    let newer = acquainted().has("remote_actor", BOB, with(stored_bob(), json!({"v": 2})));
    deliver(r, "with-a-stored-actor-of-a-newer-version", "503 until the upgrade.", &follow_of_ann(), newer);
    let swapped = acquainted().has("remote_actor", BOB, with(stored_bob(), json!({"id": "https://peer.example/users/eve"})));
    deliver(r, "with-a-stored-actor-under-another-key", "Stored documents are not trusted blindly.", &follow_of_ann(), swapped);
    let claimed = acquainted().has("remote_actor", BOB, with(stored_bob(), json!({"verified": "said so"})));
    deliver(r, "with-a-stored-actor-that-was-not-fetched", "", &follow_of_ann(), claimed);
    let key = acquainted().has("follow", FOLLOW_KEY, json!({"v": 1, "state": "maybe"}));
    deliver(r, "with-a-damaged-follow", "", &follow_of_ann(), key);
}
