//! Golden documents: native posts and profiles of our own making, and what is written for them.
//!
//! `tests/golden/<name>.json` holds `{"profile", "post", "known", "object"}` or `{"profile", "actor"}`. With
//! `FEDIGRAFT_BLESS=1` the written side is made anew; look at the difference before you keep it.

use std::path::Path;

use fedigraft::model::{Mention, Post, Profile};
use fedigraft::translate::{post, profile};
use serde_json::Value;

use super::instance;

const PEM: &str = "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n";

#[test]
fn golden_documents_are_written_as_before() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let mut golden: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let author = Profile::from_host(&golden["profile"]).unwrap();
        let (name, written) = if golden.get("post").is_some() {
            let post = Post::from_host(&golden["post"]).unwrap();
            let known: Vec<Mention> = serde_json::from_value(golden["known"].clone()).unwrap();
            ("object", post::render(&instance(), &author, &post, &known).unwrap())
        } else {
            ("actor", profile::render(&instance(), &author, PEM).unwrap())
        };
        if std::env::var_os("FEDIGRAFT_BLESS").is_some() {
            golden[name] = written;
            std::fs::write(&path, serde_json::to_string_pretty(&golden).unwrap() + "\n").unwrap();
        } else {
            assert_eq!(written, golden[name], "{}", path.display());
        }
        count += 1;
    }
    assert!(count >= 10, "the golden documents are there");
}
