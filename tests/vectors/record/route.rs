//! Which requests are ours, from the head alone.

use serde_json::{Value, json};

use super::Recorder;
use super::scene::ACTIVITY;

const HTML: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

pub fn record(r: &mut Recorder) {
    let ours = [
        ("webfinger", "GET", "/.well-known/webfinger?resource=acct:ann@chirp.example"),
        ("host-meta", "GET", "/.well-known/host-meta"),
        ("nodeinfo-index", "GET", "/.well-known/nodeinfo"),
        ("nodeinfo", "GET", "/nodeinfo/2.1"),
        ("actor", "GET", "/ap/users/1"),
        ("instance-actor", "GET", "/ap/actor"),
        ("inbox", "POST", "/ap/users/1/inbox"),
        ("inbox-with-a-query", "POST", "/ap/users/1/inbox?x=1"),
        ("shared-inbox", "POST", "/ap/inbox"),
        ("outbox", "GET", "/ap/users/1/outbox?page=true"),
        ("followers", "GET", "/ap/users/1/followers"),
        ("following", "GET", "/ap/users/1/following"),
        ("post", "GET", "/ap/posts/7"),
        ("activity", "GET", "/ap/activities/0f"),
        ("an-id-with-escapes", "GET", "/ap/users/a%2Fb"),
        ("a-get-of-an-inbox", "GET", "/ap/inbox"),
        ("a-post-to-an-actor", "POST", "/ap/users/1"),
    ];
    for (name, method, target) in ours {
        let note = match name {
            "shared-inbox" => "Only an inbox has a body, of at most 1 MiB.",
            "a-get-of-an-inbox" => "Ours, and answered with 405.",
            _ => "",
        };
        route(r, &format!("route-{name}"), note, "chirp", method, target, ACTIVITY);
    }
    for (name, method, target) in [
        ("the-front-page", "GET", "/"),
        ("a-page", "GET", "/@ann"),
        ("an-upload", "POST", "/upload"),
        ("below-an-actor", "GET", "/ap/users/1/other"),
        ("beside-webfinger", "GET", "/.well-known/webfinger/"),
        ("two-slashes", "GET", "//ap/inbox"),
    ] {
        route(r, &format!("route-not-{name}"), "The host's own.", "chirp", method, target, ACTIVITY);
    }
    let note = "The policy's max_body.";
    route(r, "route-inbox-of-64-kib", note, "custom", "POST", "/in", ACTIVITY);
    let note = "One URL for the page and the document: Accept decides, and the page varies by it.";
    for (name, target) in [("post", "/posts/7"), ("profile", "/people/1")] {
        route(r, &format!("route-one-url-{name}-for-people"), note, "one-url", "GET", target, HTML);
        route(r, &format!("route-one-url-{name}-for-servers"), note, "one-url", "GET", target, ACTIVITY);
    }
    route(r, "route-one-url-for-anybody", "*/* is a person's.", "one-url", "GET", "/posts/7", "*/*");
    let mastodon = "application/activity+json, application/ld+json";
    route(r, "route-one-url-for-mastodon", "", "one-url", "GET", "/posts/7", mastodon);
    let mut wrong = |name: &str, note: &str, head: Value| {
        r.call(&format!("route-head-{name}"), note, "route", json!({"instance": "chirp", "head": head}));
    };
    wrong("of-no-json", "", json!("GET / HTTP/1.1"));
    wrong("without-target", "", json!({"json": {"method": "GET", "headers": []}}));
    let wide = json!({"method": "GET", "target": "/", "headers": [["X", "\u{20ac}"]]});
    wrong("with-a-value-that-is-no-byte", "Each byte is one code point below 256.", json!({"json": wide}));
    let pairs = json!({"method": "GET", "target": "/", "headers": {"Host": "chirp.example"}});
    wrong("with-headers-as-an-object", "Repeated lines would be lost.", json!({"json": pairs}));
    let absolute = json!({"method": "GET", "target": "https://chirp.example/ap/users/1", "headers": []});
    wrong("with-an-absolute-target", "", json!({"json": absolute}));
}

fn route(r: &mut Recorder, name: &str, note: &str, instance: &str, method: &str, target: &str, accept: &str) {
    let head = json!({"method": method, "target": target, "headers": [["Accept", accept]], "client": null});
    r.call(name, note, "route", json!({"instance": instance, "head": {"json": head}}));
}
