//! What arrives in an inbox and is believed: what it means.

use serde_json::{Value, json};

use super::Recorder;
use super::host::Host;
use super::scene::{
    ACTIVITY, ANN, BOB, NOW, ORIGIN, PUBLIC, acquainted, activity, ann, bob, follow, host, note, post, with,
};

pub fn record(r: &mut Recorder) {
    follows(r);
    posts(r);
    reactions(r);
    answers(r);
}

/// Bob delivers an activity.
pub fn deliver(r: &mut Recorder, name: &str, note: &str, activity: &Value, mut host: Host) -> Value {
    let inputs = r.delivered("bob", activity);
    r.exchange(&format!("inbox-{name}"), note, "receive", inputs, &mut host)
}

pub fn status(ended: &Value) -> u64 {
    ended["response"]["status"].as_u64().unwrap()
}

pub fn follow_of_ann() -> Value {
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
    deliver(
        r,
        "follow-that-was-here-before",
        "`once` is known: 202, and nothing happens.",
        &follow_of_ann(),
        again.clone(),
    );
    let repeated = activity("Follow", "follow-2", ANN);
    deliver(r, "follow-asked-again", "Accepted again, without a second event.", &repeated, again.clone());
    deliver(
        r,
        "follow-of-nobody",
        "202 without a trace: a refusal would tell who exists.",
        &activity("Follow", "f", format!("{ORIGIN}/ap/users/9")),
        acquainted(),
    );
    let long = |length: usize| json!({"id": format!("{BOB}#{}", "f".repeat(length - BOB.len() - 1))});
    let note = "Ids of 2,048 bytes are read; the key of `once` is hashed, as an index row of PostgreSQL holds 2,704 bytes.";
    let ended = deliver(r, "follow-with-a-long-id", note, &with(follow_of_ann(), long(2048)), acquainted());
    assert!(ended["once"][0].as_str().unwrap().starts_with("hash:"), "{ended}");
    let ended =
        deliver(r, "follow-with-an-id-too-long", "", &with(follow_of_ann(), long(2049)), acquainted());
    assert_eq!(status(&ended), 400);
    let undo = activity("Undo", "undo-1", follow_of_ann());
    deliver(r, "undo-follow", "", &undo, again.clone());
    deliver(
        r,
        "undo-follow-by-its-id",
        "",
        &activity("Undo", "undo-2", format!("{BOB}#follow-1")),
        again.clone(),
    );
    deliver(r, "undo-follow-of-nobody", "Nothing to undo.", &undo, acquainted());
    let others = with(follow_of_ann(), json!({"actor": "https://peer.example/users/eve"}));
    deliver(
        r,
        "undo-of-what-another-did",
        "Only what the same actor did is undone.",
        &activity("Undo", "undo-3", others),
        again,
    );
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
    deliver(
        r,
        "create-that-concerns-nobody",
        "202, and it leaves no trace.",
        &create(json!({})),
        acquainted(),
    );
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
    let ended = deliver(
        r,
        "delete-of-an-unknown-post",
        "Remembered, so that a late Create does not bring it back.",
        &unknown,
        acquainted(),
    );
    let mut late = acquainted();
    late.commit(&ended);
    let revived = activity("Create", "create-9", super::scene::note("9", json!({"to": [ANN]})));
    deliver(r, "create-after-its-delete", "", &revived, late);
    let mut owned = known;
    owned.set("remote_post", &format!("{BOB}/notes/1"), json!({"v": 1, "id": format!("{BOB}/notes/1"), "actor": "https://peer.example/users/eve", "visibility": "public", "updated": 0, "fetched_at": NOW}));
    deliver(
        r,
        "delete-of-what-another-wrote",
        "",
        &activity("Delete", "delete-3", format!("{BOB}/notes/1")),
        owned,
    );
    deliver(r, "delete-of-the-actor", "", &activity("Delete", "delete-4", BOB), acquainted());
    deliver(
        r,
        "delete-of-an-unknown-actor",
        "One deletion must not cause a fetch from every server.",
        &activity("Delete", "delete-4", BOB),
        host(),
    );
}

fn reactions(r: &mut Recorder) {
    let target = format!("{ORIGIN}/ap/posts/7");
    let shown = || acquainted().has("post", "7", post("7", json!({})));
    deliver(r, "like", "", &activity("Like", "like-1", &*target), shown());
    deliver(
        r,
        "undo-like",
        "",
        &activity("Undo", "undo-like", activity("Like", "like-1", &*target)),
        shown(),
    );
    deliver(r, "announce", "", &activity("Announce", "share-1", &*target), shown());
    deliver(
        r,
        "undo-announce",
        "",
        &activity("Undo", "undo-share", activity("Announce", "share-1", &*target)),
        shown(),
    );
    let hidden = acquainted().has("post", "7", post("7", json!({"visibility": "followers"})));
    deliver(
        r,
        "like-of-a-hidden-post",
        "Nobody learns that it exists.",
        &activity("Like", "like-1", &*target),
        hidden,
    );
    deliver(
        r,
        "like-of-nothing",
        "",
        &activity("Like", "like-1", format!("{ORIGIN}/ap/posts/9")),
        acquainted(),
    );
    let followed = json!({"items": [ANN], "next": null, "total": 1});
    let following = acquainted().page("local_followers", BOB, "", followed);
    let elsewhere = activity("Announce", "share-2", "https://third.example/notes/5");
    deliver(
        r,
        "announce-of-a-post-elsewhere",
        "A worker fetches it, as Bob is followed.",
        &elsewhere,
        following,
    );
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
    let asked = |state: &str| {
        acquainted().has("activity", &id, record.clone()).has("follow", &key, follow(state, &id))
    };
    let embedded = json!({"id": id, "type": "Follow", "actor": ANN, "object": BOB});
    deliver(r, "accept", "", &activity("Accept", "accept-1", embedded.clone()), asked("pending"));
    deliver(
        r,
        "accept-by-its-id",
        "Mitra names it.",
        &activity("Accept", "accept-2", &*id),
        asked("pending"),
    );
    deliver(
        r,
        "reject-of-a-follower",
        "An accepted follow is taken back.",
        &activity("Reject", "reject-1", embedded.clone()),
        asked("accepted"),
    );
    deliver(
        r,
        "accept-of-nothing",
        "Nobody asked (Pixelfed CVE-2025-30741).",
        &activity("Accept", "accept-3", embedded),
        acquainted(),
    );
}
