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
    recorded();
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
    recorded();
    for (name, text) in record::files() {
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let (found, written) = (lines(&text), lines(&read(name)));
        let differs = (0..found.len().max(written.len())).find(|line| found.get(*line) != written.get(*line));
        if let Some(line) = differs {
            let number = line + 1;
            let (found, written) = (found.get(line), written.get(line));
            panic!("{name}, line {number}: written {written:?}, found {found:?}; FEDIGRAFT_RECORD=1 writes it anew");
        }
    }
}
