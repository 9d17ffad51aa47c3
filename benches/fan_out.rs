//! A fan-out: one page of a hundred inboxes, and one whole delivery of it, from the queue row to `done`, beside
//! the raw RSA-2048 signature. The host's own time is left out: its answers are ready beforehand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod pairs;

use std::hint::black_box;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fedigraft::exchange::{self, Exchange};
use fedigraft::instance::{Instance, LOADS};
use fedigraft::key::PrivateKey;
use pairs::{PAIRS, Raw, compare, median, seconds};
use serde_json::{Value, json};

const NOW: i64 = 1_800_000_000;
const ORIGIN: &str = "https://chirp.example";

struct Scene {
    instance: Instance,
    key: PrivateKey,
    raw: Raw,
    record: Value,
    delivery: Vec<u8>,
    job: Vec<u8>,
}

impl Scene {
    fn new() -> Self {
        let config = json!({"origin": ORIGIN, "loads": LOADS});
        let instance = Instance::open(config.to_string().as_bytes()).unwrap();
        let key = PrivateKey::generate().unwrap();
        let (actor, activity) = (instance.actor_uri("1"), instance.activity_uri("a"));
        let public = "https://www.w3.org/ns/activitystreams#Public";
        let document = json!({"id": activity, "type": "Create", "actor": actor, "to": [public], "cc": [],
            "object": {"id": instance.post_uri("p"), "type": "Note", "content": "x".repeat(1500), "to": [public]}});
        let record = json!({"v": 1, "id": activity, "actor": actor, "profile": "1", "kind": "create",
            "object": instance.post_uri("p"), "post": "p", "visibility": "public", "direct": [], "followers": true,
            "at": NOW, "document": document});
        let delivery = json!({"v": 1, "id": "d", "activity": activity, "actor": actor,
            "inbox": "https://remote.example/inbox", "attempt": 0, "not_before": NOW});
        let job = json!({"v": 1, "id": "j", "kind": "fan_out", "activity": activity, "cursor": null,
            "not_before": NOW, "attempt": 0});
        Self {
            raw: Raw::new(&key.to_pem()),
            instance,
            key,
            record,
            delivery: delivery.to_string().into_bytes(),
            job: job.to_string().into_bytes(),
        }
    }

    fn value(&self, want: &Value) -> Value {
        match want["name"].as_str().unwrap() {
            "activity" => json!({"value": self.record}),
            "profile" => json!({"value": {"id": "1", "username": "ann", "federated": true}}),
            "post" => {
                json!({"value": {"id": "p", "author": "1", "visibility": "public", "content": {"text": "x"},
                "published": "2027-01-15T08:00:00Z"}})
            }
            "inboxes" => {
                let items: Vec<String> = (0..100).map(|n| format!("https://h{n:05}.example/inbox")).collect();
                json!({"value": {"items": items, "next": items[99]}})
            }
            _ => Value::Null,
        }
    }

    /// Plays an exchange; `loads` are the answers to its loads, in order, made at the first run.
    fn play(&self, mut exchange: Exchange, loads: &mut Vec<Vec<u8>>, signature: Option<&[u8]>) {
        let (mut number, mut load) = (1, 0);
        while !exchange.is_done() {
            let (step, _) = exchange.step().unwrap();
            let step: Value = serde_json::from_slice(&step).unwrap();
            if let Some(wants) = step.get("load") {
                if loads.len() == load {
                    let values: Vec<Value> =
                        wants.as_array().unwrap().iter().map(|want| self.value(want)).collect();
                    loads.push(Value::from(values).to_string().into_bytes());
                }
                exchange.answer_load(number, NOW, &loads[load]).unwrap();
                load += 1;
            } else if let Some(sign) = step.get("sign") {
                let bytes = STANDARD.decode(sign["bytes"].as_str().unwrap()).unwrap();
                let made = signature.map_or_else(|| self.key.sign(&bytes).unwrap(), <[u8]>::to_vec);
                exchange.answer_sign(number, NOW, &made).unwrap();
            } else {
                let head = br#"{"url":"https://remote.example/inbox","status":202,"headers":[],"address":"1.1.1.1"}"#;
                exchange.answer_fetch(number, NOW, head, b"").unwrap();
            }
            number += 1;
        }
        black_box(exchange.step().unwrap());
    }
}

fn main() {
    let scene = Scene::new();
    let (delivery_loads, page_loads) = (std::cell::RefCell::default(), std::cell::RefCell::default());
    let send = || {
        scene.play(
            exchange::send(&scene.instance, NOW, &scene.delivery).unwrap(),
            &mut delivery_loads.borrow_mut(),
            None,
        );
    };
    let unsigned = || {
        scene.play(
            exchange::send(&scene.instance, NOW, &scene.delivery).unwrap(),
            &mut delivery_loads.borrow_mut(),
            Some(&[7; 256]),
        );
    };
    let page = || {
        let job = exchange::resume(&scene.instance, NOW, &scene.job).unwrap();
        scene.play(job, &mut page_loads.borrow_mut(), None);
    };
    let raw = || {
        black_box(scene.raw.sign(black_box(&scene.delivery)));
    };
    println!("medians of {PAIRS} interleaved pairs");
    compare("send, row to done", "1.05 with the page", &send, &raw, 100);
    let unsigned = median((0..PAIRS).map(|_| seconds(&unsigned, 200)).collect()) * 1e6;
    println!("all but the signature   {unsigned:>8.1} µs   the steps' JSON read by the host included");
    let page = median((0..PAIRS).map(|_| seconds(&page, 50)).collect()) * 1e6;
    println!("a page of 100 inboxes   {page:>8.1} µs   that is {:.2} µs a delivery", page / 100.0);
}
