//! WebFinger (RFC 7033) and NodeInfo.

use serde_json::{Value, json};

use super::Recorder;
use super::scene::ann;

pub fn record(r: &mut Recorder) {
    let mut finger = |name: &str, note: &str, instance: &str, profile: Value| {
        let inputs = json!({"instance": instance, "profile": profile});
        r.call(&format!("webfinger-{name}"), note, "webfinger_render", inputs);
    };
    finger("of-a-profile", "", "chirp", json!({"json": ann(json!({}))}));
    let avatar = json!({"avatar": {"url": "/ann.png", "media_type": "image/png"}});
    finger(
        "on-another-account-domain",
        "The subject is on the account domain.",
        "custom",
        json!({"json": ann(avatar)}),
    );
    finger("of-no-json", "", "chirp", json!("{"));
    finger("of-a-newer-version", "", "chirp", json!({"json": ann(json!({"v": 7}))}));

    let mut info = |name: &str, note: &str, instance: &str, version: &str, usage: Value| {
        let inputs = json!({"instance": instance, "version": version, "usage": usage});
        r.call(&format!("nodeinfo-{name}"), note, "nodeinfo_render", inputs);
    };
    info("index", "", "chirp", "", json!(""));
    info("2.0", "2.0 has no repository and no homepage.", "custom", "2.0", json!(""));
    let usage = json!({"json": {"users": 5, "active_month": 2, "active_halfyear": 3, "local_posts": 70, "local_comments": 8}});
    info("2.1-with-numbers", "", "custom", "2.1", usage);
    info("2.1-with-some-numbers", "", "chirp", "2.1", json!({"json": {"users": 5}}));
    info("of-an-unknown-version", "", "chirp", "1.0", json!(""));
    info("with-an-unknown-number", "", "chirp", "2.1", json!({"json": {"user": 5}}));
    info("with-a-negative-number", "", "chirp", "2.1", json!({"json": {"users": -1}}));
}
