//! The committed C header is what `src/ffi` says now; its names are prefixed; its versions are those of the crate.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test that cannot go on fails.

#[allow(dead_code)] // Its `main` runs as the build script only.
#[path = "../build.rs"]
mod build;

use std::path::Path;

fn committed() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("include/fedigraft.h")).unwrap()
}

/// The header without comments.
fn code() -> String {
    let text = committed();
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find("/*") {
        out.push_str(&rest[..at]);
        rest = rest[at..].split_once("*/").unwrap().1;
    }
    out.push_str(rest);
    out.lines().map(|line| line.split("//").next().unwrap().to_owned() + "\n").collect()
}

fn macro_value(name: &str) -> String {
    let start = format!("#define {name} ");
    code().lines().find_map(|line| line.strip_prefix(&start).map(str::to_owned)).unwrap()
}

#[test]
fn the_committed_header_is_the_generated_one() {
    let made = build::header(Path::new(env!("CARGO_MANIFEST_DIR")));
    let old = committed();
    for (number, (made, old)) in made.lines().zip(old.lines()).enumerate() {
        assert_eq!(made, old, "include/fedigraft.h line {}: run `make header`", number + 1);
    }
    assert_eq!(made, old, "include/fedigraft.h: run `make header`");
}

#[test]
fn versions_are_those_of_the_crate() {
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(macro_value("FEDIGRAFT_VERSION"), format!("\"{version}\""));
    let numbers: Vec<String> =
        ["MAJOR", "MINOR", "PATCH"].map(|n| macro_value(&format!("FEDIGRAFT_VERSION_{n}"))).into();
    assert_eq!(numbers.join("."), version);
    assert_eq!(macro_value("FEDIGRAFT_ABI_VERSION"), build::ABI_VERSION.to_string());
}

#[test]
fn every_name_is_prefixed() {
    let code = code();
    for line in code.lines() {
        if let Some(name) = line.strip_prefix("#define ") {
            let name = name.split([' ', '(']).next().unwrap();
            assert!(name.starts_with("FEDIGRAFT_"), "macro {name}");
        }
        let line = line.trim();
        if let Some((name, _)) = line.split_once(" = ") {
            assert!(name.starts_with("FEDIGRAFT_"), "constant {name}");
        }
        if line.starts_with("typedef") || line.starts_with('}') {
            let name = line.trim_end_matches(';').rsplit(' ').next().unwrap().trim_end_matches('{');
            assert!(
                name.is_empty()
                    || name == "}"
                    || name.starts_with("fedigraft_")
                    || line == "typedef struct {",
                "type {line}"
            );
        }
    }
    let declarations: String = code.lines().filter(|line| !line.starts_with('#')).collect();
    for (at, _) in declarations.match_indices('(') {
        let word = declarations[..at].rsplit([' ', '*', ';']).next().unwrap();
        assert!(word.starts_with("fedigraft_"), "function {word}");
    }
}

#[test]
fn every_function_that_can_fail_reports_why_and_must_not_be_ignored() {
    let code = code();
    for declaration in code.split(';').filter(|text| text.contains("fedigraft_status fedigraft_")) {
        if !declaration.contains('(') {
            continue; // The typedef.
        }
        if declaration.contains("fedigraft_error_code(") {
            continue;
        }
        assert!(declaration.contains("FEDIGRAFT_MUST_USE"), "{declaration}");
        assert!(declaration.trim_end().ends_with("fedigraft_error **error)"), "{declaration}");
    }
}
