//! The shared library exports the functions of the header and nothing else, under its SONAME.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test that cannot go on fails.
#![cfg(target_os = "linux")]

mod shared_library;

use std::collections::BTreeSet;
use std::process::Command;

use shared_library::{folder, functions, output};

#[test]
fn exported_symbols_equal_the_header() {
    let library = folder().join("libfedigraft.so");
    let table = output(Command::new("nm").args(["-D", "--defined-only", "--format=posix"]).arg(library));
    let exported: BTreeSet<String> =
        table.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect();
    assert_eq!(exported, functions());
}

#[test]
fn the_library_is_named_stays_loaded_and_binds_at_once() {
    let library = folder().join("libfedigraft.so");
    let dynamic =
        output(Command::new("readelf").args(["--dynamic", "--program-headers", "--wide"]).arg(library));
    assert!(dynamic.contains("Library soname: [libfedigraft.so.0]"), "{dynamic}");
    for wanted in ["NODELETE", "NOW", "GNU_RELRO"] {
        assert!(dynamic.contains(wanted), "{wanted}: {dynamic}");
    }
}
