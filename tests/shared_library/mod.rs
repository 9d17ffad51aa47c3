//! The shared library as it ships: built by the same command as `make lib`, with its SONAME links.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test that cannot go on fails.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The folder that holds `libfedigraft.so` and the names it links through. Built once per test program.
pub fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(build)
}

fn build() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("capi");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
    cargo.args(["rustc", "--quiet", "--lib", "--release", "--crate-type", "cdylib", "--features", "capi"]);
    if !cfg!(feature = "aws-lc") {
        cargo.arg("--no-default-features");
    }
    cargo.arg("--target-dir").arg(&target);
    assert!(cargo.status().unwrap().success(), "the shared library builds");
    let folder = target.join("linked");
    std::fs::create_dir_all(&folder).unwrap();
    let real = format!("libfedigraft.so.{}", env!("CARGO_PKG_VERSION"));
    std::fs::copy(target.join("release/libfedigraft.so"), folder.join(&real)).unwrap();
    link(&real, &folder.join("libfedigraft.so.0"));
    link("libfedigraft.so.0", &folder.join("libfedigraft.so"));
    folder
}

fn link(to: &str, from: &Path) {
    if let Err(error) = std::fs::remove_file(from) {
        assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
    }
    std::os::unix::fs::symlink(to, from).unwrap();
}

/// What a program prints; it must succeed.
pub fn output(program: &mut Command) -> String {
    let done = program.output().unwrap_or_else(|e| panic!("{program:?}: {e}"));
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(
        done.status.success(),
        "{program:?}: {}\n{text}{}",
        done.status,
        String::from_utf8_lossy(&done.stderr)
    );
    text
}

/// The functions of the header as the preprocessor leaves it.
pub fn functions() -> BTreeSet<String> {
    let header = Path::new(env!("CARGO_MANIFEST_DIR")).join("include/fedigraft.h");
    let text = output(Command::new("cc").args(["-E", "-P", "-DFEDIGRAFT_MUST_USE=", "-x", "c"]).arg(header));
    let found: BTreeSet<String> = text
        .split(';')
        .filter_map(|declaration| declaration.split_once('(').map(|(before, _)| before))
        .filter_map(|before| before.rsplit([' ', '*', '\n']).next())
        .filter(|name| name.starts_with("fedigraft_"))
        .map(str::to_owned)
        .collect();
    assert!(found.len() > 40, "the header was read: {found:?}");
    found
}
