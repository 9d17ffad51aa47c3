//! What local users do.

use serde_json::{Value, json};

use super::Recorder;
use super::host::Host;
use super::scene::{
    ACTIVITY, ANN, BOB, INSTANCE, NOW, ORIGIN, acquainted, ann, bob, follow, host, note, post, stored_bob,
    with,
};

pub fn record(r: &mut Recorder) {
    posts(r);
    relations(r);
    reactions(r);
    profiles(r);
    mistakes(r);
}

fn perform(r: &mut Recorder, name: &str, note: &str, action: Value, mut host: Host) -> Value {
    let inputs = json!({"instance": "chirp", "now": NOW, "action": {"json": action}});
    r.exchange(&format!("perform-{name}"), note, "perform", inputs, &mut host)
}

/// What is stored of the Create of post 7.
pub fn sent(r: &mut Recorder, host: &mut Host) -> Value {
    let job = json!({"v": 1, "id": "0", "kind": "publish", "post": "7", "not_before": NOW, "attempt": 0});
    let inputs = json!({"instance": "chirp", "now": NOW, "job": {"json": job}});
    let ended = r.rehearse("resume", inputs, host);
    host.commit(&ended);
    ended
}

fn posts(r: &mut Recorder) {
    let publish = |change: Value| json!({"type": "publish", "post": post("7", change)});
    perform(
        r,
        "publish",
        "A job: the host stores the post in the same transaction.",
        publish(json!({})),
        host(),
    );
    perform(r, "publish-later", "Due when the post is.", publish(json!({"not_before": NOW + 3600})), host());
    let closed = host().has("profile", "1", ann(json!({"federated": false})));
    perform(r, "publish-of-a-profile-that-does-not-federate", "Nothing leaves.", publish(json!({})), closed);
    perform(
        r,
        "publish-a-poll",
        "What cannot be published fails in front of its author.",
        publish(json!({"kind": "question"})),
        host(),
    );
    perform(r, "publish-of-nobody", "", publish(json!({"author": "9"})), host());
    perform(r, "publish-without-visibility", "", publish(json!({"visibility": null})), host());
    let edit =
        json!({"content": {"format": "plain", "text": "hello again"}, "updated": "2027-01-15T08:30:00Z"});
    perform(
        r,
        "update",
        "Each edit is a job of its own.",
        json!({"type": "update", "post": post("7", edit)}),
        host(),
    );
    let mut published = host().has("post", "7", post("7", json!({})));
    sent(r, &mut published);
    let delete = json!({"type": "delete", "post": post("7", json!({}))});
    perform(
        r,
        "delete",
        "Everybody its Create went to is told; its id answers 410.",
        delete.clone(),
        published,
    );
    perform(r, "delete-what-never-left", "Nobody needs to know.", delete, host());
}

fn relations(r: &mut Recorder) {
    let act = |kind: &str| json!({"type": kind, "profile": "1", "actor": BOB});
    perform(r, "follow", "", act("follow"), acquainted());
    let served = host().serves(BOB, ACTIVITY, bob(json!({}))).has("key", INSTANCE, json!({}));
    perform(
        r,
        "follow-of-somebody-unknown",
        "The actor is fetched, signed by the instance actor.",
        act("follow"),
        served,
    );
    let mine = format!("{ANN} {BOB}");
    let id = format!("{ORIGIN}/ap/activities/aa");
    perform(
        r,
        "follow-again",
        "Asking twice asks once.",
        act("follow"),
        acquainted().has("follow", &mine, follow("pending", &id)),
    );
    perform(
        r,
        "unfollow",
        "The Undo embeds the whole Follow (fedify#125).",
        act("unfollow"),
        acquainted().has("follow", &mine, follow("accepted", &id)),
    );
    perform(r, "unfollow-of-nobody", "", act("unfollow"), acquainted());
    let theirs = format!("{BOB} {ANN}");
    let asked = || acquainted().has("follow", &theirs, follow("pending", &format!("{BOB}#follow-1")));
    perform(r, "accept", "", act("accept"), asked());
    perform(r, "reject", "", act("reject"), asked());
    perform(r, "accept-of-nobody", "", act("accept"), acquainted());
    let closed = acquainted().has("profile", "1", ann(json!({"federated": false})));
    perform(
        r,
        "follow-by-a-profile-that-does-not-federate",
        "An error: nobody would ever answer.",
        act("follow"),
        closed,
    );
    perform(
        r,
        "follow-of-one-of-ours",
        "",
        json!({"type": "follow", "profile": "1", "actor": format!("{ORIGIN}/ap/users/2")}),
        host(),
    );
    perform(
        r,
        "follow-of-somebody-who-is-gone",
        "",
        act("follow"),
        host().answers(BOB, 410, json!([]), json!("")),
    );
    perform(r, "follow-of-somebody-blocked", "", act("follow"), host().has("blocked", "peer.example", true));
    let note = "A peer that cannot be asked now ends it; nothing has happened.";
    perform(
        r,
        "follow-of-a-host-that-is-down",
        note,
        act("follow"),
        host().unreachable(BOB, "connection refused", true),
    );
    let mut vault = host();
    vault
        .signs
        .insert(INSTANCE.into(), json!({"failed": "the key service does not answer", "retryable": true}));
    perform(r, "follow-without-a-signature", "The sign step may fail too.", act("follow"), vault);
    let no_inbox = host().serves(BOB, ACTIVITY, bob(json!({"inbox": "https://10.0.0.1/inbox"})));
    perform(r, "follow-of-an-actor-with-a-private-inbox", "", act("follow"), no_inbox);
}

fn reactions(r: &mut Recorder) {
    let theirs = format!("{BOB}/notes/1");
    let stored =
        json!({"v": 1, "id": theirs, "actor": BOB, "visibility": "public", "updated": 0, "fetched_at": NOW});
    let known = || acquainted().has("remote_post", &theirs, stored.clone());
    let act = |kind: &str, object: &str| json!({"type": kind, "profile": "1", "object": object});
    let liked = perform(r, "like", "", act("like", &theirs), known());
    let shared = perform(r, "share", "To the author and to the followers.", act("share", &theirs), known());
    for (name, done) in [("unlike", &liked), ("unshare", &shared)] {
        let mut host = known();
        host.commit(done);
        perform(r, name, "The Undo goes where the activity went.", act(name, &theirs), host);
    }
    perform(r, "unlike-of-nothing", "", act("unlike", &theirs), known());
    let fetched = acquainted().serves(&theirs, ACTIVITY, note("1", json!({})));
    perform(r, "like-of-an-unknown-post", "The post is fetched.", act("like", &theirs), fetched);
    let gone = acquainted().answers(&theirs, 404, json!([]), json!(""));
    perform(r, "like-of-a-post-that-is-not-there", "", act("like", &theirs), gone);
    let own = host().has("post", "7", post("7", json!({})));
    perform(r, "like-of-ones-own-site", "It concerns nobody elsewhere.", act("like", "7"), own.clone());
    perform(r, "share-of-ones-own-site", "", act("share", "7"), own);
    let hidden = host().has("post", "7", post("7", json!({"visibility": "followers"})));
    perform(r, "share-of-a-hidden-post", "Only a public post can be shared.", act("share", "7"), hidden);
    let private = acquainted().has("remote_post", &theirs, with(stored, json!({"visibility": "followers"})));
    perform(r, "share-of-a-hidden-post-elsewhere", "", act("share", &theirs), private);
}

fn profiles(r: &mut Recorder) {
    let named = ann(json!({"display_name": "Ann B."}));
    perform(r, "update-profile", "", json!({"type": "update_profile", "profile": named}), host());
    let closed = ann(json!({"federated": false}));
    perform(
        r,
        "update-profile-that-does-not-federate",
        "",
        json!({"type": "update_profile", "profile": closed}),
        host(),
    );
    perform(
        r,
        "update-profile-without-a-key",
        "",
        json!({"type": "update_profile", "profile": named}),
        Host::default(),
    );
    perform(r, "delete-profile", "", json!({"type": "delete_profile", "profile": ann(json!({}))}), host());
}

fn mistakes(r: &mut Recorder) {
    perform(r, "nothing-known", "", json!({"type": "dance"}), host());
    perform(
        r,
        "a-member-too-many",
        "",
        json!({"type": "like", "profile": "1", "object": "7", "actor": BOB}),
        host(),
    );
    perform(
        r,
        "a-profile-with-a-typing-mistake",
        "",
        json!({"type": "update_profile", "profile": with(ann(json!({})), json!({"usrname": "ann"}))}),
        host(),
    );
    let text = json!({"instance": "chirp", "now": NOW, "action": "publish"});
    r.exchange("perform-no-json", "", "perform", text, &mut host());
    let plain = json!({"instance": "primitives", "now": NOW, "action": {"json": {"type": "like", "profile": "1", "object": "7"}}});
    r.exchange("perform-without-loads", "", "perform", plain, &mut host());
    let damaged = host().has("remote_actor", BOB, with(stored_bob(), json!({"inbox": 7})));
    perform(
        r,
        "follow-with-a-damaged-actor",
        "",
        json!({"type": "follow", "profile": "1", "actor": BOB}),
        damaged,
    );
    let down = host().loads_nothing("the database is down", true);
    perform(
        r,
        "while-the-database-is-down",
        "It ends with FAILED, and may be tried again.",
        json!({"type": "follow", "profile": "1", "actor": BOB}),
        down,
    );
    let broken = host().loads_nothing("no such table", false);
    perform(r, "with-a-broken-database", "", json!({"type": "follow", "profile": "1", "actor": BOB}), broken);
    let mut left = acquainted();
    left.leaves_at = Some(2);
    perform(
        r,
        "follow-and-leave",
        "Dropped half way: it has had no effect.",
        json!({"type": "follow", "profile": "1", "actor": BOB}),
        left,
    );
}
