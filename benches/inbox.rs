//! A whole inbox POST, from head and body to `done`: a Create of 2 KB with HTML, its key known. The host's own
//! time is left out: its answers are ready beforehand.
//!
//! The cold figure counts what a first delivery from an unknown actor costs besides: two more steps, one
//! signature for our own fetch, the actor document.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod pairs;

use std::hint::black_box;

use fedigraft::exchange::{self, Exchange};
use fedigraft::http::Head;
use fedigraft::instance::{Instance, LOADS};
use fedigraft::key::PrivateKey;
use fedigraft::signature::cavage::{self, Outgoing};
use pairs::{PAIRS, Raw, compare, median, seconds};
use serde_json::{Value, json};

const NOW: i64 = 1_800_000_000;
const ACTOR: &str = "https://remote.example/users/115663570350364494";

/// What the host answers to each step, in order.
enum Answer {
    Load(Vec<u8>),
    Sign(Vec<u8>),
    Fetch(Vec<u8>, Vec<u8>),
}

struct Scene {
    instance: Instance,
    raw: Raw,
    base: Vec<u8>,
    signature: Vec<u8>,
    head: Vec<u8>,
    body: Vec<u8>,
    known: Value,
}

impl Scene {
    fn new() -> Self {
        let config = json!({"origin": "https://chirp.example", "loads": LOADS});
        let instance = Instance::open(config.to_string().as_bytes()).unwrap();
        let key = PrivateKey::generate().unwrap();
        let body = create().to_string().into_bytes();
        let request = Outgoing {
            method: "POST",
            url: "https://chirp.example/ap/inbox",
            body: Some(&body),
            content_type: Some("application/activity+json"),
            headers: &[],
        };
        let prepared = cavage::prepare(&request, &format!("{ACTOR}#main-key"), NOW).unwrap();
        let base = prepared.base().to_vec();
        let signature = key.sign(&base).unwrap();
        let head = json!({"method": "POST", "target": "/ap/inbox", "headers": prepared.finish(&signature)});
        Self {
            instance,
            raw: Raw::new(&key.to_pem()),
            base,
            signature,
            head: head.to_string().into_bytes(),
            body,
            known: actor(&key.public().to_pem()),
        }
    }

    /// Plays the exchange once, asking `host` for each answer, which is kept.
    fn rehearse(&self, warm: bool) -> Vec<Answer> {
        let mut answers = Vec::new();
        let mut exchange = self.begin();
        loop {
            let (step, _) = exchange.step().unwrap();
            let step: Value = serde_json::from_slice(&step).unwrap();
            let answer = if let Some(wants) = step.get("load") {
                let values: Vec<Value> =
                    wants.as_array().unwrap().iter().map(|want| self.load(want, warm)).collect();
                Answer::Load(Value::from(values).to_string().into_bytes())
            } else if step.get("sign").is_some() {
                Answer::Sign(vec![0; 256])
            } else if let Some(fetch) = step.get("fetch") {
                let head = json!({"url": fetch["url"], "status": 200, "address": "1.1.1.1",
                    "headers": [["content-type", "application/activity+json"]]});
                Answer::Fetch(head.to_string().into_bytes(), self.known.to_string().into_bytes())
            } else {
                assert_eq!(step["done"]["events"][0]["type"], "post_created", "{step}");
                return answers;
            };
            let number = u32::try_from(answers.len() + 1).unwrap();
            give(&mut exchange, number, &answer);
            answers.push(answer);
        }
    }

    fn load(&self, want: &Value, warm: bool) -> Value {
        let (name, key) = (want["name"].as_str().unwrap(), want["key"].as_str().unwrap());
        match name {
            "remote_key" if warm => json!({"value": {"v": 1, "id": key, "owner": ACTOR, "fetched_at": NOW,
                "pem": self.known["publicKey"]["publicKeyPem"]}}),
            "remote_actor" if warm => json!({"value": {"v": 1, "id": ACTOR, "handle": "@gina@remote.example",
                "inbox": format!("{ACTOR}/inbox"), "shared_inbox": "https://remote.example/inbox",
                "profile": {"id": ACTOR, "username": "gina", "display_name": "Gina", "federated": true},
                "keys": [format!("{ACTOR}#main-key")], "verified": "fetched", "fetched_at": NOW}}),
            "local_followers" => {
                json!({"value": {"items": ["https://chirp.example/ap/users/1"], "next": null}})
            }
            _ => Value::Null,
        }
    }

    fn begin(&self) -> Exchange {
        let head = Head::from_json(black_box(&self.head)).unwrap();
        exchange::receive(&self.instance, NOW, head, self.body.clone()).unwrap()
    }

    fn receive(&self, answers: &[Answer]) {
        let mut exchange = self.begin();
        for (number, answer) in (1..).zip(answers) {
            black_box(exchange.step().unwrap());
            give(&mut exchange, number, answer);
        }
        assert!(exchange.is_done());
        black_box(exchange.step().unwrap());
    }

    fn raw_verify(&self) {
        assert!(self.raw.verify(black_box(&self.base), black_box(&self.signature)));
    }
}

fn give(exchange: &mut Exchange, number: u32, answer: &Answer) {
    match answer {
        Answer::Load(values) => exchange.answer_load(number, NOW, values),
        Answer::Sign(signature) => exchange.answer_sign(number, NOW, signature),
        Answer::Fetch(head, body) => exchange.answer_fetch(number, NOW, head, body),
    }
    .unwrap();
}

/// A Create as Mastodon sends it, about 2 KB.
fn create() -> Value {
    let paragraph = "<p>A look at what the tide left: <a href=\"https://remote.example/tags/beach\" class=\"mention hashtag\" \
        rel=\"tag\">#<span>beach</span></a> finds, with <a href=\"https://notes.example/2027/01/shells\" target=\"_blank\" \
        rel=\"nofollow noopener\"><span class=\"invisible\">https://</span><span class=\"\">notes.example/2027/01/shells</span></a></p>";
    let public = "https://www.w3.org/ns/activitystreams#Public";
    let note = json!({
        "id": format!("{ACTOR}/statuses/1"), "type": "Note", "summary": null, "inReplyTo": null,
        "published": "2027-01-15T08:00:00Z", "url": "https://remote.example/@gina/1", "attributedTo": ACTOR,
        "to": [public], "cc": [format!("{ACTOR}/followers")], "sensitive": false,
        "content": paragraph.repeat(3), "contentMap": {"en": "<p>short</p>"}, "attachment": [],
        "tag": [{"type": "Hashtag", "href": "https://remote.example/tags/beach", "name": "#beach"}],
    });
    json!({
        "@context": "https://www.w3.org/ns/activitystreams", "id": format!("{ACTOR}/statuses/1/activity"), "type": "Create",
        "actor": ACTOR, "published": "2027-01-15T08:00:00Z", "to": [public], "cc": [format!("{ACTOR}/followers")], "object": note,
    })
}

fn actor(pem: &str) -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"], "id": ACTOR, "type": "Person",
        "preferredUsername": "gina", "name": "Gina", "summary": "<p>shells</p>", "inbox": format!("{ACTOR}/inbox"),
        "endpoints": {"sharedInbox": "https://remote.example/inbox"},
        "publicKey": {"id": format!("{ACTOR}#main-key"), "owner": ACTOR, "publicKeyPem": pem},
    })
}

fn main() {
    let scene = Scene::new();
    println!("medians of {PAIRS} interleaved pairs; activity of {} bytes", scene.body.len());
    let warm = scene.rehearse(true);
    let cold = scene.rehearse(false);
    compare(
        "inbox POST, key warm",
        "1.5 x raw + 35 µs",
        &|| scene.receive(&warm),
        &|| scene.raw_verify(),
        500,
    );
    compare("inbox POST, cold", "none", &|| scene.receive(&cold), &|| scene.raw_verify(), 500);
    let raw = median((0..PAIRS).map(|_| seconds(&|| scene.raw_verify(), 500)).collect()) * 1e6;
    println!("the warm budget comes to {:.1} µs here", 1.5 * raw + 35.0);
}
