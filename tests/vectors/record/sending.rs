//! One attempt of one delivery.

use serde_json::{Value, json};

use super::host::Host;
use super::scene::{ANN, BOB_INBOX, NOW, PUBLIC, ann, host, post, with};
use super::{Recorder, acting};

pub fn record(r: &mut Recorder) {
    let mut scene = host().has("post", "7", post("7", json!({})));
    let done = acting::sent(r, &mut scene);
    let activity = done["result"]["activity"].as_str().unwrap().to_owned();
    let delivery = json!({
        "v": 1, "id": "fedcba9876543210fedcba9876543210", "activity": activity, "actor": ANN, "inbox": BOB_INBOX,
        "attempt": 0, "not_before": NOW,
    });
    let answered = |status: u16, headers: Value| scene.clone().answers(BOB_INBOX, status, headers, json!(""));
    let mut send = |name: &str, note: &str, delivery: &Value, mut host: Host| -> Value {
        let inputs = json!({"instance": "chirp", "now": NOW, "delivery": {"json": delivery}});
        r.exchange(&format!("send-{name}"), note, "send", inputs, &mut host)
    };
    let ended = send("delivered", "Signed, sent, accepted.", &delivery, answered(202, json!([])));
    assert_eq!(ended["result"]["outcome"], "delivered");
    send("delivered-with-a-200", "", &delivery, answered(200, json!([])));
    send(
        "answered-500",
        "Tried again at a time that follows from the id and the attempt.",
        &delivery,
        answered(500, json!([])),
    );
    send(
        "answered-500-for-the-sixth-time",
        "",
        &with(delivery.clone(), json!({"attempt": 5})),
        answered(500, json!([])),
    );
    send(
        "answered-500-for-the-last-time",
        "Mastodon: 16 attempts.",
        &with(delivery.clone(), json!({"attempt": 15})),
        answered(500, json!([])),
    );
    send(
        "answered-503-with-retry-after",
        "The peer may ask for more patience.",
        &delivery,
        answered(503, json!([["Retry-After", "7200"]])),
    );
    send(
        "answered-429-with-a-date",
        "",
        &delivery,
        answered(429, json!([["Retry-After", "Fri, 15 Jan 2027 10:00:00 GMT"]])),
    );
    send("answered-401", "Clocks and keys may come right.", &delivery, answered(401, json!([])));
    send("answered-404", "Final.", &delivery, answered(404, json!([])));
    send(
        "answered-410",
        "Whoever was reached by this inbox follows no longer.",
        &delivery,
        answered(410, json!([])),
    );
    send(
        "answered-307",
        "A POST is never redirected.",
        &delivery,
        answered(307, json!([["Location", "https://other.example/inbox"]])),
    );
    send("unreachable", "", &delivery, scene.clone().unreachable(BOB_INBOX, "connection refused", true));
    send(
        "unreachable-for-good",
        "Also a host that cannot be asked at all is tried again.",
        &delivery,
        scene.clone().unreachable(BOB_INBOX, "no such host", false),
    );
    send(
        "from-a-private-address",
        "A public name that leads inside.",
        &delivery,
        answered(202, json!([])).bent(BOB_INBOX, "address", "127.0.0.1"),
    );
    send(
        "answered-by-another-url",
        "The fetcher followed a redirect, which it must not.",
        &delivery,
        answered(202, json!([])).bent(BOB_INBOX, "url", "https://other.example/inbox"),
    );
    let mut vault = scene.clone();
    vault.signs.insert(ANN.into(), json!({"failed": "the key service does not answer", "retryable": true}));
    let unsigned =
        send("without-a-signature", "Our own fault: nothing is held against the peer.", &delivery, vault);
    assert_eq!(unsigned["store"], json!([]));
    let mut recovering = answered(202, json!([]));
    recovering.set(
        "origin",
        "https://peer.example",
        json!({"v": 1, "id": "https://peer.example", "failures": 3, "not_before": NOW - 10}),
    );
    send("after-failures", "A sign of life is remembered.", &delivery, recovering);
    let failing = scene.clone().has(
        "origin",
        "https://peer.example",
        json!({"v": 1, "id": "https://peer.example", "failures": 5, "not_before": NOW + 900}),
    );
    send(
        "to-a-host-that-keeps-failing",
        "Put off without a request, and no attempt is used up.",
        &delivery,
        failing,
    );

    let withheld =
        |name: &str, note: &str, host: Host, send: &mut dyn FnMut(&str, &str, &Value, Host) -> Value| {
            let ended = send(name, note, &delivery, host);
            assert_eq!(ended["result"]["outcome"], "withheld", "{name}");
        };
    let blocked = scene.clone().has("blocked", "peer.example", true);
    withheld("to-a-blocked-host", "", blocked, &mut send);
    let closed = scene.clone().has("profile", "1", ann(json!({"federated": false})));
    withheld(
        "of-a-profile-that-no-longer-federates",
        "The privacy gate runs at every attempt.",
        closed,
        &mut send,
    );
    let hidden = scene.clone().has("post", "7", post("7", json!({"visibility": "followers"})));
    withheld("of-a-post-that-is-no-longer-public", "", hidden, &mut send);
    withheld("of-an-activity-that-is-gone", "", host(), &mut send);

    let gone = "https://chirp.example/ap/activities/de";
    let record = json!({
        "v": 1, "id": gone, "actor": ANN, "profile": "1", "kind": "delete_actor", "object": ANN, "visibility": "public",
        "direct": [], "followers": true, "at": NOW,
        "document": {"id": gone, "type": "Delete", "actor": ANN, "object": ANN, "to": [PUBLIC]},
    });
    let nobody = Host::default().has("activity", gone, record).answers(BOB_INBOX, 202, json!([]), json!(""));
    let deletion = with(delivery.clone(), json!({"activity": gone}));
    send("the-deletion-of-a-profile-that-is-gone", "Taking back is always allowed.", &deletion, nobody);

    for (name, inbox) in [
        ("to-a-private-inbox", "https://10.0.0.1/inbox"),
        ("to-this-machine", "https://localhost/inbox"),
        ("to-plain-http", "http://peer.example/inbox"),
        ("to-ourselves", "https://chirp.example/ap/inbox"),
    ] {
        send(
            name,
            "Given up without a request.",
            &with(delivery.clone(), json!({"inbox": inbox})),
            scene.clone(),
        );
    }
    send(
        "as-another-actor",
        "",
        &with(delivery.clone(), json!({"actor": "https://chirp.example/ap/users/2"})),
        scene.clone(),
    );
    send("while-the-database-is-down", "", &delivery, scene.clone().broken("activity", &activity, true));
    send("a-delivery-of-a-newer-version", "", &with(delivery.clone(), json!({"v": 2})), scene.clone());
    send("a-delivery-without-inbox", "", &with(delivery.clone(), json!({"inbox": null})), scene.clone());
    let extra = with(delivery.clone(), json!({"new_in_a_minor_version": true}));
    let put_off = send(
        "a-delivery-with-a-new-member",
        "What a later minor version added is kept.",
        &extra,
        answered(500, json!([])),
    );
    assert_eq!(put_off["deliveries"][0]["new_in_a_minor_version"], true);
    let empty = answered(202, json!([])).mistake(3, json!({"signature": ""}));
    let late = json!({"fetch": {"url": BOB_INBOX, "status": 202, "headers": [], "address": "1.1.1.1"}, "body": "", "number": 3});
    let confused =
        empty.mistake(3, late).mistake(4, json!({"fetch": {"url": BOB_INBOX, "status": "202"}, "body": ""}));
    send("with-wrong-answers-first", "Each is refused and changes nothing.", &delivery, confused);
}
