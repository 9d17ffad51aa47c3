//! The host of a recorded exchange: what it has, and what the network answers.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::abi::Handles;
use crate::exchange::Answer;
use crate::format;

/// Answers the steps of an exchange from plain maps; what is in none of them does not exist.
#[derive(Clone, Default)]
pub struct Host {
    /// Answers to loads as they are given, by name, key and cursor.
    loads: BTreeMap<(String, String, String), Value>,
    /// Answers to fetches by URL.
    web: BTreeMap<String, Value>,
    /// The key that signs for an actor; `ann` when absent, `instance` for the instance actor.
    pub signs: BTreeMap<String, Value>,
    /// Wrong answers to give first, by step.
    pub mistakes: BTreeMap<u32, Vec<Value>>,
    /// The step at which the exchange is dropped.
    pub leaves_at: Option<u32>,
    /// The time of the answers to fetches, when it passed.
    pub later: Option<i64>,
    /// The answer to every load, when none can be made.
    load_fails: Option<Value>,
}

impl Host {
    /// Has a value under a name and key.
    pub fn has(mut self, name: &str, key: &str, value: impl Into<Value>) -> Self {
        self.set(name, key, value);
        self
    }

    pub fn set(&mut self, name: &str, key: &str, value: impl Into<Value>) {
        let value: Value = value.into();
        self.loads.insert((name.into(), key.into(), String::new()), json!({"value": value}));
    }

    /// Has a page that begins after a cursor; none is the first page.
    pub fn page(mut self, name: &str, key: &str, cursor: &str, page: Value) -> Self {
        self.loads.insert((name.into(), key.into(), cursor.into()), json!({"value": page}));
        self
    }

    /// Cannot read what is under a name and key.
    pub fn broken(mut self, name: &str, key: &str, retryable: bool) -> Self {
        let answer = json!({"error": "the database is down", "retryable": retryable});
        self.loads.insert((name.into(), key.into(), String::new()), answer);
        self
    }

    /// Cannot answer any load.
    pub fn loads_nothing(mut self, reason: &str, retryable: bool) -> Self {
        self.load_fails = Some(json!({"failed": reason, "retryable": retryable}));
        self
    }

    /// The network answers a URL with a document.
    pub fn serves(self, url: &str, kind: &str, document: Value) -> Self {
        self.answers(url, 200, json!([["Content-Type", kind]]), json!({"json": document}))
    }

    /// The network answers a URL.
    pub fn answers(mut self, url: &str, status: u16, headers: Value, body: Value) -> Self {
        let head = json!({"url": url, "status": status, "headers": headers, "address": "1.1.1.1"});
        self.web.insert(url.into(), json!({"fetch": head, "body": body}));
        self
    }

    /// A URL cannot be asked.
    pub fn unreachable(mut self, url: &str, reason: &str, retryable: bool) -> Self {
        self.web.insert(url.into(), json!({"failed": reason, "retryable": retryable}));
        self
    }

    /// Changes the head of an answer of the network.
    pub fn bent(mut self, url: &str, member: &str, value: impl Into<Value>) -> Self {
        self.web.get_mut(url).unwrap()["fetch"][member] = value.into();
        self
    }

    /// Gives a wrong answer first.
    pub fn mistake(mut self, step: u32, answer: Value) -> Self {
        self.mistakes.entry(step).or_default().push(answer);
        self
    }

    /// Commits a `done`.
    pub fn commit(&mut self, done: &Value) {
        for entry in done["store"].as_array().unwrap() {
            let (name, key) = (entry["name"].as_str().unwrap(), entry["key"].as_str().unwrap());
            if entry["op"] == "remove" {
                self.loads.remove(&(name.into(), key.into(), String::new()));
            } else {
                self.set(name, key, entry["value"].clone());
            }
        }
        for key in done["once"].as_array().unwrap() {
            self.set("once", key.as_str().unwrap(), true);
        }
    }

    /// The answer to a step: as it stands in the case, and as it crosses the interface.
    pub fn answer(&self, step: &Value, handles: &Handles) -> (Value, Answer) {
        if let Some(wants) = step.get("load") {
            if let Some(answer) = &self.load_fails {
                return (answer.clone(), failed(answer));
            }
            let values: Vec<Value> = wants.as_array().unwrap().iter().map(|want| self.load(want)).collect();
            let values = Value::from(values);
            let ready = Answer::Load(values.to_string().into_bytes());
            return (json!({"load": values}), ready);
        }
        if let Some(sign) = step.get("sign") {
            let actor = sign["actor"].as_str().unwrap();
            let usual = if actor.ends_with("/ap/actor") { "instance" } else { "ann" };
            let answer = self.signs.get(actor).cloned().unwrap_or_else(|| json!({"sign": usual}));
            let ready = if let Some(key) = answer["sign"].as_str() {
                let message = STANDARD.decode(sign["bytes"].as_str().unwrap()).unwrap();
                Answer::Sign(handles.sign(key, &message))
            } else {
                failed(&answer)
            };
            return (answer, ready);
        }
        let url = step["fetch"]["url"].as_str().unwrap();
        let mut answer = self.web.get(url).cloned().unwrap_or_else(|| panic!("nothing is said about {url}"));
        if let Some(now) = self.later {
            answer["now"] = now.into();
        }
        let ready = match answer.get("fetch") {
            Some(head) => {
                Answer::Fetch(head.to_string().into_bytes(), format::bytes(&answer["body"]).unwrap())
            }
            None => failed(&answer),
        };
        (answer, ready)
    }

    fn load(&self, want: &Value) -> Value {
        let text = |name: &str| want[name].as_str().unwrap_or_default().to_owned();
        self.loads.get(&(text("name"), text("key"), text("cursor"))).cloned().unwrap_or_default()
    }
}

fn failed(answer: &Value) -> Answer {
    Answer::Failed(answer["failed"].as_str().unwrap().into(), answer["retryable"].as_bool().unwrap())
}
