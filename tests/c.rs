//! The C programs of `tests/c`, each an example to copy, built strictly as C99, as C++17 and under the address and
//! undefined-behaviour sanitizers, linked through the SONAME, and run.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test that cannot go on fails.
#![cfg(target_os = "linux")]

mod shared_library;

use std::path::{Path, PathBuf};
use std::process::Command;

use shared_library::{folder, functions, output};

const STRICT: [&str; 4] = ["-Wall", "-Wextra", "-Werror", "-pedantic"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every program of `tests/c`.
fn programs() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(root().join("tests/c"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "c"))
        .collect();
    found.sort();
    assert!(found.len() >= 9, "{found:?}");
    found
}

/// Compiles one program and gives its path.
fn compile(mode: &str, compiler: &mut Command, source: &Path) -> PathBuf {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("c").join(mode);
    std::fs::create_dir_all(&out).unwrap();
    let program = out.join(source.file_stem().unwrap());
    output(
        compiler
            .args(STRICT)
            .args(["-g", "-pthread", "-I"])
            .arg(root().join("include"))
            .arg(source)
            .arg("-o")
            .arg(&program)
            .args(["-x", "none", "-L"])
            .arg(folder())
            .args(["-lfedigraft", "-Wl,--as-needed", "-ljansson"])
            .arg(format!("-Wl,-rpath,{}", folder().display())),
    );
    program
}

fn run(program: &Path) {
    let mut command = Command::new(program);
    command.env("ASAN_OPTIONS", "detect_leaks=1:abort_on_error=0").env("UBSAN_OPTIONS", "halt_on_error=1");
    output(&mut command);
}

#[test]
fn as_c99_through_the_soname() {
    for source in programs() {
        let program = compile("c99", Command::new("cc").arg("-std=c99"), &source);
        let needs = output(Command::new("readelf").args(["--dynamic", "--wide"]).arg(&program));
        assert!(needs.contains("Shared library: [libfedigraft.so.0]"), "{needs}");
        run(&program);
    }
}

#[test]
fn as_cpp17() {
    for source in programs() {
        run(&compile("cpp17", Command::new("g++").args(["-x", "c++", "-std=c++17"]), &source));
    }
}

#[test]
fn under_sanitizers() {
    for source in programs() {
        let mut compiler = Command::new("cc");
        compiler.args(["-std=c99", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]);
        let program = compile("sanitized", &mut compiler, &source);
        let symbols = output(Command::new("nm").arg(&program));
        assert!(symbols.contains("__asan_init"), "the address sanitizer is in {}", program.display());
        assert!(symbols.contains("__ubsan_handle"), "and the one for undefined behaviour");
        run(&program);
    }
}

#[test]
fn under_valgrind() {
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("skipped: valgrind is not installed");
        return;
    }
    // The threads are the sanitizers' part: here they would take minutes. "Possibly lost" is not asked for: a Rust
    // table holds a pointer into the middle of its block, as the memo of parsed keys does.
    for name in ["exchange", "misuse", "nulls", "vectors"] {
        let source = root().join("tests/c").join(name).with_extension("c");
        let program = compile("valgrind", Command::new("cc").arg("-std=c99"), &source);
        let mut valgrind = Command::new("valgrind");
        valgrind.args(["--quiet", "--error-exitcode=99", "--leak-check=full"]);
        valgrind.args(["--errors-for-leak-kinds=definite", "--show-leak-kinds=definite"]);
        output(valgrind.arg(program));
    }
}

#[test]
fn the_null_sweep_leaves_no_function_out() {
    let sweep = std::fs::read_to_string(root().join("tests/c/nulls.c")).unwrap();
    for function in functions() {
        assert!(sweep.contains(&format!("{function}(")), "tests/c/nulls.c calls {function}");
    }
}
