//! Look-ups: a handle or a URL becomes a profile or a post.

use serde_json::{Value, json};

use super::Recorder;
use super::host::Host;
use super::jobs::{FINGER, jrd};
use super::scene::{ACTIVITY, ANN, BOB, NOW, acquainted, ann, bob, host, note, post, with};

const JRD: &str = "application/jrd+json";

pub fn record(r: &mut Recorder) {
    handles(r);
    urls(r);
    fetches(r);
}

fn look_up(r: &mut Recorder, name: &str, note: &str, query: impl Into<Value>, mut host: Host) -> Value {
    let inputs = json!({"instance": "chirp", "now": NOW, "query": query.into()});
    r.exchange(&format!("look-up-{name}"), note, "look_up", inputs, &mut host)
}

fn handles(r: &mut Recorder) {
    let served = || host().serves(FINGER, JRD, jrd()).serves(BOB, ACTIVITY, bob(json!({})));
    let found = look_up(r, "a-handle", "WebFinger, then the actor.", "@bob@peer.example", served());
    assert_eq!(found["result"]["uri"], BOB);
    look_up(r, "a-handle-without-at", "", " bob@peer.example ", served());
    look_up(r, "a-handle-that-is-known", "No request.", "@bob@peer.example", acquainted());
    look_up(r, "a-handle-of-ours", "", "@ann@chirp.example", host());
    look_up(r, "a-handle-of-ours-that-nobody-has", "", "@eve@chirp.example", host());
    let hidden = Host::default().has("profile", "@ann", ann(json!({"federated": false})));
    look_up(r, "a-handle-of-ours-that-does-not-federate", "", "@ann@chirp.example", hidden);
    look_up(
        r,
        "a-handle-nobody-has",
        "",
        "@bob@peer.example",
        host().answers(FINGER, 404, json!([]), json!("")),
    );
    let spoofed = host()
        .serves(FINGER, JRD, with(jrd(), json!({"subject": "acct:ann@chirp.example"})))
        .serves(BOB, ACTIVITY, bob(json!({})));
    look_up(
        r,
        "a-handle-that-leads-to-ours",
        "Another server cannot speak for our accounts.",
        "@bob@peer.example",
        spoofed,
    );
    let alias = "https://alias.example/.well-known/webfinger?resource=acct%3Abob%40alias.example";
    let through = served().serves(alias, JRD, jrd());
    look_up(
        r,
        "a-handle-of-an-alias",
        "The domain that the subject names must say the same.",
        "@bob@alias.example",
        through,
    );
    let stolen = served().serves(alias, JRD, jrd()).serves(
        FINGER,
        JRD,
        with(
            jrd(),
            json!({"links": [{"rel": "self", "type": ACTIVITY, "href": "https://peer.example/users/eve"}]}),
        ),
    );
    look_up(r, "a-handle-that-is-not-confirmed", "Akkoma 3.13.2.", "@bob@alias.example", stolen);
    look_up(
        r,
        "a-page-for-webfinger",
        "",
        "@bob@peer.example",
        host().answers(FINGER, 200, json!([["Content-Type", "text/html"]]), json!("<html>")),
    );
    look_up(r, "no-handle", "", "bob", host());
    look_up(r, "nothing", "", "", host());
    look_up(r, "bytes-that-are-no-text", "", json!({"base64": "/w=="}), host());
    let plain = json!({"instance": "primitives", "now": NOW, "query": "@bob@peer.example"});
    r.exchange("look-up-without-loads", "", "look_up", plain, &mut host());
}

fn urls(r: &mut Recorder) {
    let uri = format!("{BOB}/notes/1");
    look_up(r, "an-actor", "", BOB, host().serves(BOB, ACTIVITY, bob(json!({}))));
    let both = host().serves(&uri, ACTIVITY, note("1", json!({}))).serves(BOB, ACTIVITY, bob(json!({})));
    look_up(r, "a-post", "The author is fetched too.", &*uri, both);
    look_up(
        r,
        "a-post-of-ours",
        "",
        "https://chirp.example/ap/posts/7",
        host().has("post", "7", post("7", json!({}))),
    );
    let hidden = host().has("post", "7", post("7", json!({"visibility": "direct"})));
    look_up(r, "a-hidden-post-of-ours", "", "https://chirp.example/ap/posts/7", hidden);
    look_up(r, "an-actor-of-ours", "", ANN, host());
    look_up(r, "a-page-of-ours", "Our own origin is never fetched.", "https://chirp.example/@ann", host());
    look_up(r, "what-is-gone", "", BOB, host().answers(BOB, 410, json!([]), json!("")));
    look_up(r, "what-is-blocked", "", BOB, host().has("blocked", "peer.example", true));
    let below = "https://very.deep.peer.example/users/bob";
    look_up(r, "what-is-below-a-blocked-domain", "", below, host().has("blocked", "peer.example", true));
    for (name, url) in [
        ("a-private-address", "https://10.0.0.1/x"),
        ("this-machine", "https://localhost/x"),
        ("plain-http", "http://peer.example/x"),
        ("another-port", "https://peer.example:8443/x"),
        ("a-url-with-a-user", "https://u:p@peer.example/x"),
    ] {
        look_up(r, name, "Refused before any request.", url, host());
    }
}

fn fetches(r: &mut Recorder) {
    let page = "https://peer.example/@bob";
    let moved = |to: &str| host().answers(page, 302, json!([["Location", to]]), json!(""));
    let note = "Each hop is a fetch of its own, checked and signed anew.";
    look_up(r, "a-redirect", note, page, moved("/users/bob").serves(BOB, ACTIVITY, bob(json!({}))));
    look_up(r, "a-redirect-to-plain-http", "", page, moved("http://peer.example/users/bob"));
    look_up(r, "a-redirect-to-ourselves", "", page, moved("https://chirp.example/ap/users/1"));
    look_up(r, "a-redirect-to-this-machine", "", page, moved("https://localhost/x"));
    look_up(
        r,
        "a-redirect-to-a-blocked-host",
        "",
        page,
        moved("https://evil.example/x").has("blocked", "evil.example", true),
    );
    let hop = |n: u32| format!("https://peer.example/{n}");
    let chain = (0..4)
        .fold(host(), |host, n| host.answers(&hop(n), 301, json!([["Location", hop(n + 1)]]), json!("")));
    look_up(r, "four-redirects", "At most three.", &*hop(0), chain);
    let elsewhere = host().serves(page, ACTIVITY, bob(json!({}))).serves(BOB, ACTIVITY, bob(json!({})));
    look_up(
        r,
        "a-document-that-lives-elsewhere",
        "The id is another URL of the same host: asked there, once.",
        page,
        elsewhere,
    );
    let foreign = host().serves(page, ACTIVITY, bob(json!({"id": "https://evil.example/users/bob"})));
    look_up(r, "a-document-of-another-host", "", page, foreign);
    let served = || host().serves(BOB, ACTIVITY, bob(json!({})));
    look_up(r, "an-answer-from-a-private-address", "", BOB, served().bent(BOB, "address", "192.168.0.1"));
    look_up(r, "an-answer-without-address", "", BOB, served().bent(BOB, "address", Value::Null));
    look_up(
        r,
        "an-answer-of-another-url",
        "",
        BOB,
        served().bent(BOB, "url", "https://peer.example/users/eve"),
    );
    look_up(r, "an-answer-of-another-type", "", BOB, host().serves(BOB, "application/json", bob(json!({}))));
    look_up(
        r,
        "an-answer-that-is-no-json",
        "",
        BOB,
        host().answers(BOB, 200, json!([["Content-Type", ACTIVITY]]), json!("<html>")),
    );
    let large = json!({"repeat": " ", "times": 1_048_577});
    look_up(
        r,
        "an-answer-over-1-mib",
        "",
        BOB,
        host().answers(BOB, 200, json!([["Content-Type", ACTIVITY]]), large),
    );
    look_up(r, "a-peer-that-is-down", "", BOB, host().answers(BOB, 503, json!([]), json!("")));
    look_up(r, "a-timeout", "", BOB, host().unreachable(BOB, "timeout", true));
    look_up(
        r,
        "an-address-the-fetcher-refused",
        "",
        BOB,
        host().unreachable(BOB, "the address is private", false),
    );
    let head = |change: Value| json!({"fetch": with(json!({"url": BOB, "status": 200, "headers": [], "address": "1.1.1.1"}), change), "body": ""});
    let wrong = served()
        .mistake(3, head(json!({"status": null})))
        .mistake(3, head(json!({"status": 99})))
        .mistake(3, head(json!({"address": "here"})))
        .mistake(3, json!({"load": []}))
        .mistake(3, json!({"failed": "late", "retryable": true, "number": 1}));
    look_up(r, "wrong-answers-first", "Each is refused and changes nothing.", BOB, wrong);
}
