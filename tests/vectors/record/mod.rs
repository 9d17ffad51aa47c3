//! Makes the files of cases: the inputs stand in the modules below, the outcomes are what the library does.
//!
//! A human reviews what is recorded. `source` says where the data comes from.

mod acting;
mod content;
mod discovery;
mod documents;
mod host;
mod inbox;
mod instance;
mod jobs;
mod keys;
mod look_up;
mod pretty;
mod proof;
mod route;
mod scene;
mod sending;
mod serving;
mod signatures;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::abi::{CALLS, Gives, Handles};
use crate::exchange::{Answer, Exchange};
use crate::format;
use host::Host;

type Make = fn(&mut Recorder);

/// Every file by its name, as it is to stand in the folder.
pub fn files() -> Vec<(&'static str, String)> {
    let document = scene::handles();
    let handles = Handles::open(&document);
    let mut files = vec![("handles.json", pretty::write(&document))];
    let all: [(&str, &str, Make); 14] = [
        ("keys.json", OWN, keys::record),
        ("instance.json", OWN, instance::record),
        ("signatures.json", OWN, signatures::record),
        ("documents.json", OWN, documents::record),
        ("content.json", OWN, content::record),
        ("discovery.json", OWN, discovery::record),
        ("route.json", OWN, route::record),
        ("serving.json", OWN, serving::record),
        ("inbox.json", OWN, inbox::record),
        ("proof.json", OWN, proof::record),
        ("acting.json", OWN, acting::record),
        ("jobs.json", OWN, jobs::record),
        ("sending.json", OWN, sending::record),
        ("look_up.json", OWN, look_up::record),
    ];
    for (name, source, make) in all {
        let mut recorder = Recorder { handles: &handles, cases: Vec::new() };
        make(&mut recorder);
        files.push((name, pretty::write(&json!({"source": source, "cases": recorder.cases}))));
    }
    files
}

const OWN: &str = "Made for these tests. Recorded from the library and reviewed.";

/// Collects the cases of one file.
pub struct Recorder<'h> {
    pub handles: &'h Handles,
    cases: Vec<Value>,
}

impl Recorder<'_> {
    /// Records a call that gives bytes, or fails.
    pub fn call(&mut self, name: &str, note: &str, call: &str, inputs: Value) -> Vec<u8> {
        let gives = CALLS.iter().find(|(known, _, _)| *known == call).unwrap().2;
        let given = self.inputs(&inputs);
        let (kind, outcome, found) = match self.handles.call(call, &given) {
            Ok(found) => ("out", out(gives, &found, name), found),
            Err(failure) => ("error", failure, Vec::new()),
        };
        self.add(name, note, call, inputs, kind, outcome);
        found
    }

    /// Records an exchange that the host answers to its end; gives its `done`.
    pub fn exchange(&mut self, name: &str, note: &str, call: &str, inputs: Value, host: &mut Host) -> Value {
        let given = self.inputs(&inputs);
        let exchange = match self.handles.begin(call, &given) {
            Ok(exchange) => exchange,
            Err(failure) => {
                self.add(name, note, call, inputs, "error", failure);
                return Value::Null;
            }
        };
        let (mut steps, mut ended) = (Vec::new(), None);
        while ended.is_none() {
            assert!(steps.len() < 100, "{name} does not end");
            let (step, body) = match exchange.step() {
                Ok(found) => found,
                Err(failure) => {
                    steps.push(json!({"error": failure}));
                    break;
                }
            };
            let mut item = Map::from_iter([("step".to_owned(), step.clone())]);
            if !body.is_empty() {
                item.insert("body".into(), readable(&body));
            }
            let number = u32::try_from(step["step"].as_u64().unwrap()).unwrap();
            for wrong in host.mistakes.remove(&number).unwrap_or_default() {
                steps.push(Self::mistaken(&exchange, item.clone(), wrong, given.now));
            }
            if let Some(done) = step.get("done") {
                ended = Some(done.clone());
            } else if host.leaves_at == Some(number) {
                steps.push(Value::Object(item));
                break;
            } else {
                let (answer, ready) = host.answer(&step, self.handles);
                let now = answer.get("now").map_or(given.now, |now| now.as_i64().unwrap());
                exchange.answer(number, now, &ready).unwrap_or_else(|e| panic!("{name}: {e}"));
                item.insert("answer".into(), answer);
            }
            steps.push(Value::Object(item));
        }
        assert!(host.mistakes.is_empty(), "{name}: a mistake was not made");
        self.add(name, note, call, inputs, "steps", Value::Array(steps));
        ended.unwrap_or(Value::Null)
    }

    /// Plays an exchange without recording it; gives its `done`.
    pub fn rehearse(&self, call: &str, inputs: Value, host: &mut Host) -> Value {
        let mut aside = Recorder { handles: self.handles, cases: Vec::new() };
        aside.exchange("rehearsal", "", call, inputs, host)
    }

    /// An answer that is refused and changes nothing.
    fn mistaken(exchange: &Exchange, mut item: Map<String, Value>, mut wrong: Value, now: i64) -> Value {
        let step = &item["step"];
        let ready = match &wrong {
            w if w.get("load").is_some() => Answer::Load(w["load"].to_string().into_bytes()),
            w if w.get("fetch").is_some() => {
                Answer::Fetch(w["fetch"].to_string().into_bytes(), format::bytes(&w["body"]).unwrap())
            }
            w if w.get("signature").is_some() => Answer::Sign(format::bytes(&w["signature"]).unwrap()),
            w => Answer::Failed(w["failed"].as_str().unwrap().into(), w["retryable"].as_bool().unwrap()),
        };
        let number = wrong.get("number").unwrap_or(&step["step"]).as_u64().unwrap();
        let outcome = exchange.answer(u32::try_from(number).unwrap(), now, &ready);
        let Err(failure) = outcome else { panic!("{wrong} is no mistake at {step}") };
        wrong["error"] = failure;
        item.insert("answer".into(), wrong);
        Value::Object(item)
    }

    fn inputs(&self, inputs: &Value) -> crate::abi::Inputs {
        plain(inputs);
        format::inputs(inputs.as_object().unwrap(), self.handles).unwrap()
    }

    fn add(&mut self, name: &str, note: &str, call: &str, inputs: Value, kind: &str, outcome: Value) {
        for answer in outcome.as_array().into_iter().flatten().filter_map(|item| item.get("answer")) {
            plain(answer);
        }
        let mut case = json!({"name": name});
        if !note.is_empty() {
            case["note"] = note.into();
        }
        case["call"] = call.into();
        case["in"] = inputs;
        case[kind] = outcome;
        self.cases.push(case);
    }
}

fn out(gives: Gives, found: &[u8], name: &str) -> Value {
    let text = || String::from_utf8(found.to_vec()).unwrap();
    match gives {
        Gives::Text => Value::String(text()),
        Gives::Json => json!({"json": serde_json::from_slice::<Value>(found).unwrap()}),
        Gives::Bytes => json!({"base64": STANDARD.encode(found)}),
        Gives::Handle | Gives::Exchange => panic!("{name} opens: put it into handles.json"),
    }
}

/// Bytes as a reviewer can read them best.
fn readable(bytes: &[u8]) -> Value {
    match (serde_json::from_slice::<Value>(bytes), std::str::from_utf8(bytes)) {
        (Ok(json), _) => json!({"json": json}),
        (_, Ok(text)) => Value::String(text.into()),
        _ => json!({"base64": STANDARD.encode(bytes)}),
    }
}

/// Inputs that every language writes as the same compact JSON: whole numbers, no control characters but line
/// breaks and tabs.
fn plain(value: &Value) {
    match value {
        Value::Number(number) => assert!(number.is_i64() || number.is_u64(), "{number} is no whole number"),
        Value::String(text) => {
            let odd = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
            assert_eq!(odd, None, "{text:?}");
        }
        Value::Array(items) => items.iter().for_each(plain),
        Value::Object(members) => members.values().for_each(plain),
        _ => {}
    }
}
