//! The test vectors: one contract for every language, run here through the C interface.
//!
//! `FEDIGRAFT_RECORD=1 cargo test --features capi --test vectors` writes the files anew; see
//! `tests/vectors/README.md`.
#![cfg(feature = "capi")]
#![allow(unsafe_code)] // Calls the C interface as C does.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test that cannot go on fails.
#![allow(clippy::needless_pass_by_value)] // Documents are made where they are given.

#[path = "vectors/abi.rs"]
mod abi;
#[path = "vectors/exchange.rs"]
mod exchange;
#[path = "vectors/format.rs"]
mod format;
#[path = "vectors/record/mod.rs"]
mod record;
#[path = "vectors/run.rs"]
mod run;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Once;

use serde_json::{Value, json};

use abi::{CALLS, Handles};
use format::{Case, cases};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

fn read(name: &str) -> String {
    recorded();
    std::fs::read_to_string(folder().join(name)).unwrap_or_default()
}

fn document(name: &str) -> Value {
    serde_json::from_str(&read(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn handles() -> Handles {
    Handles::open(&document("handles.json"))
}

/// Every file of cases.
fn files() -> BTreeMap<String, Value> {
    let entries = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name());
    entries
        .map(|name| name.into_string().unwrap())
        .filter(|name| Path::new(name).extension().is_some_and(|e| e == "json") && name != "handles.json")
        .map(|name| (name.clone(), document(&name)))
        .collect()
}

/// The outcome of a case as a file has it, run alone.
fn outcome(case: &Value, handles: &Handles) -> Result<(), String> {
    let file = json!({"source": "a test", "cases": [case]});
    let cases = cases(&file)?;
    run::case(&cases[0], handles)
}

#[test]
fn every_case_comes_out_as_written() {
    let handles = handles();
    let (mut names, mut functions, mut faults) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for (file, document) in &files() {
        let cases: Vec<Case> = cases(document).unwrap_or_else(|fault| panic!("{file}: {fault}"));
        for case in &cases {
            assert!(names.insert(case.name.to_owned()), "two cases are called {}", case.name);
            functions.insert(case.call);
            if let Err(fault) = run::case(case, &handles) {
                faults.push(format!("{file}: {}: {fault}", case.name));
            }
        }
    }
    assert!(faults.is_empty(), "{} cases differ:\n{}", faults.len(), faults.join("\n"));
    assert!(names.len() >= 120, "{} cases", names.len());
    let left: Vec<&str> = CALLS.iter().map(|call| call.0).filter(|name| !functions.contains(name)).collect();
    assert!(left.is_empty(), "no case calls {left:?}");
    eprintln!("{} cases", names.len());
}

/// Writes the files anew when that is asked for, before anything reads them.
fn recorded() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if std::env::var_os("FEDIGRAFT_RECORD").is_some_and(|value| value == "1") {
            for (name, text) in record::files() {
                std::fs::write(folder().join(name), text).unwrap();
            }
        }
    });
}

#[test]
fn the_files_are_what_the_library_does() {
    for (name, text) in record::files() {
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let (found, written) = (lines(&text), lines(&read(name)));
        let differs = (0..found.len().max(written.len())).find(|line| found.get(*line) != written.get(*line));
        if let Some(line) = differs {
            let number = line + 1;
            let (found, written) = (found.get(line), written.get(line));
            panic!(
                "{name}, line {number}: written {written:?}, found {found:?}; FEDIGRAFT_RECORD=1 writes it anew"
            );
        }
    }
}

/// Every place in a document where a text, a number or a truth stands.
fn leaves(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                leaves(value, &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| leaves(item, &format!("{at}/{index}"), found));
        }
        _ => found.push(at.to_owned()),
    }
}

/// Another value of the same kind.
fn other(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(format!("{text}x")),
        Value::Bool(truth) => Value::Bool(!truth),
        Value::Number(number) => json!(number.as_f64().unwrap() + 1.0),
        _ => json!("x"),
    }
}

/// What a case expects: the places of all it says of the outcome.
fn expectations(case: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for name in ["out", "error"] {
        if let Some(value) = case.get(name) {
            leaves(value, &format!("/{name}"), &mut found);
        }
    }
    for (index, item) in case["steps"].as_array().into_iter().flatten().enumerate() {
        for name in ["step", "body", "error"] {
            if let Some(value) = item.get(name) {
                leaves(value, &format!("/steps/{index}/{name}"), &mut found);
            }
        }
        if let Some(error) = item.pointer("/answer/error") {
            leaves(error, &format!("/steps/{index}/answer/error"), &mut found);
        }
    }
    // The coded form of bytes is not itself an expectation.
    found.retain(|at| !at.ends_with("/base64"));
    found
}

#[test]
fn one_wrong_expectation_in_any_case_is_seen() {
    let handles = handles();
    let mut tried = 0;
    for (file, document) in files() {
        for case in document["cases"].as_array().unwrap() {
            assert_eq!(outcome(case, &handles), Ok(()), "{file}");
            let places = expectations(case);
            let picked = [0, places.len() / 3, places.len() / 2, places.len().saturating_sub(1)];
            for at in picked.iter().filter_map(|index| places.get(*index)) {
                let mut wrong = case.clone();
                let value = wrong.pointer_mut(at).unwrap();
                *value = other(value);
                assert!(outcome(&wrong, &handles).is_err(), "{file}: {}: {at} does not count", case["name"]);
                tried += 1;
            }
        }
    }
    assert!(tried > 1000, "{tried}");
}

#[test]
fn a_missing_or_surplus_member_of_an_outcome_is_seen() {
    let handles = handles();
    let mut case = json!({"name": "x", "call": "instance_describe", "in": {"instance": "chirp"}});
    let known = files().remove("instance.json").unwrap();
    let known =
        known["cases"].as_array().unwrap().iter().find(|case| case["name"] == "describe-chirp").unwrap();
    case["out"] = known["out"].clone();
    assert_eq!(outcome(&case, &handles), Ok(()));
    let mut more = case.clone();
    more["out"]["json"]["policy"]["more"] = Value::Null;
    assert!(outcome(&more, &handles).unwrap_err().contains("/policy/more"));
    let mut less = case;
    less["out"]["json"]["policy"].as_object_mut().unwrap().remove("name");
    assert!(outcome(&less, &handles).unwrap_err().contains("/policy/name"));
}

#[test]
fn what_the_format_does_not_know_is_refused() {
    let handles = handles();
    let uri = json!({
        "name": "x", "call": "instance_uri", "in": {"instance": "chirp", "kind": "actor", "id": "42"},
        "out": "https://chirp.example/ap/users/42",
    });
    assert_eq!(outcome(&uri, &handles), Ok(()));
    let served = files().remove("serving.json").unwrap();
    let served = served["cases"].as_array().unwrap();
    let served = served.iter().find(|case| case["name"] == "serve-actor").unwrap();
    assert_eq!(outcome(served, &handles), Ok(()));
    let changed = |case: &Value, at: &str, value: Value| {
        let (parent, name) = at.rsplit_once('/').unwrap();
        let mut case = case.clone();
        let parent = case.pointer_mut(parent).unwrap();
        match parent {
            Value::Object(members) if value.is_null() => drop(members.remove(name)),
            Value::Object(members) => drop(members.insert(name.to_owned(), value)),
            Value::Array(items) => items[name.parse::<usize>().unwrap()] = value,
            _ => panic!("{at}"),
        }
        outcome(&case, &handles)
    };
    for (at, value, why) in [
        ("/nota", json!("x"), "`nota` is unknown"),
        ("/call", json!("instance_url"), "no function"),
        ("/call", json!("key_generate"), "no function"),
        ("/in/idd", json!("x"), "`idd` is unknown"),
        ("/in/id", Value::Null, "`id` is missing"),
        ("/in/instance", json!("chrip"), "no instance `chrip`"),
        ("/in/id", json!({"text": "42"}), "unknown"),
        ("/in/id", json!({"json": 1, "base64": ""}), "one of"),
        ("/in/id", json!({"base64": "?"}), "Invalid"),
        ("/in/id", json!({"repeat": "4", "times": -1}), "count"),
        ("/in/id", json!(42), "object"),
        ("/out", Value::Null, "expected one of"),
        ("/error", json!({"status": "x", "reason": "x", "at": null, "retryable": false}), "expected one of"),
        ("/note", json!(7), "expected text"),
    ] {
        let fault = changed(&uri, at, value).unwrap_err();
        assert!(fault.contains(why), "{at}: {fault}");
    }
    let error = json!({"status": "malformed", "reason": "x", "at": null});
    for (at, value, why) in [
        ("/steps/0/setp", json!({}), "`setp` is unknown"),
        ("/steps/0/step", Value::Null, "`step` is missing"),
        ("/steps/0/answer", Value::Null, "has an `answer`"),
        ("/steps/0/answer", json!({"laod": []}), "missing"),
        ("/steps/0/answer/nwo", json!(1), "`nwo` is unknown"),
        ("/steps/0/answer", json!({"signature": "x", "load": []}), "unknown"),
        ("/steps/0/answer/error", error, "retryable"),
        ("/steps/0/answer", json!({"sign": "ann"}), "no signature"),
        ("/steps/2/answer", json!({"load": []}), "last"),
        ("/steps", json!([]), "no list"),
        ("/steps", json!([served["steps"][0].clone()]), "last"),
        ("/in/now", json!("now"), "seconds"),
    ] {
        let fault = changed(served, at, value).unwrap_err();
        assert!(fault.contains(why), "{at}: {fault}");
    }
    for file in [
        json!({"cases": []}),
        json!({"source": "x", "cases": []}),
        json!({"source": "x", "cases": [uri], "more": 1}),
    ] {
        assert!(cases(&file).is_err(), "{file}");
    }
}
