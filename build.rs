//! Writes the C header and names the shared library.
//!
//! With the feature `capi`: generates `fedigraft.h` from `src/ffi` into `OUT_DIR`, and into `include/`, where it
//! is committed, when `FEDIGRAFT_WRITE_HEADER` is set (`make header`). Gives the shared library its SONAME.
//! `tests/header.rs` includes this file and compares.

#![allow(clippy::expect_used, clippy::missing_panics_doc)] // A build that cannot go on stops.

#[cfg(feature = "capi")]
use std::env;
#[cfg(any(test, feature = "capi"))]
use std::{fs, path::Path};

/// The version of the C interface: the number in the SONAME. It grows when a function changes or goes.
pub const ABI_VERSION: u32 = 0;

/// The files of `src/ffi` in the order of the header, with their headings.
#[cfg(any(test, feature = "capi"))]
const CHAPTERS: [(&str, &str); 13] = [
    ("version", "The library"),
    ("status", "Status"),
    ("error", "Errors"),
    ("bytes", "Buffers"),
    ("key", "Keys"),
    ("instance", "The instance"),
    ("request", "Requests"),
    ("profile", "Profiles"),
    ("post", "Posts and activities"),
    ("content", "Text and HTML"),
    ("discovery", "Discovery"),
    ("begin", "Beginning an exchange"),
    ("exchange", "Exchanges"),
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=FEDIGRAFT_WRITE_HEADER");
    println!("cargo::rustc-env=FEDIGRAFT_ABI_VERSION={ABI_VERSION}");
    #[cfg(feature = "capi")]
    {
        link();
        write_header(Path::new(env!("CARGO_MANIFEST_DIR")));
    }
}

/// Generates the header. A packaged crate and a read-only tree stay as they are: `include/` is written on request.
#[cfg(feature = "capi")]
fn write_header(root: &Path) {
    println!("cargo::rerun-if-changed=src/ffi");
    println!("cargo::rerun-if-changed=include/fedigraft.h");
    let made = header(root);
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("fedigraft.h"), &made).expect("OUT_DIR is writable");
    let committed = root.join("include/fedigraft.h");
    if fs::read_to_string(&committed).is_ok_and(|old| old == made) {
        return;
    }
    if env::var_os("FEDIGRAFT_WRITE_HEADER").is_some() {
        fs::write(&committed, &made).expect("include/ is writable");
    } else {
        println!("cargo::warning=include/fedigraft.h differs from src/ffi: run `make header`");
    }
}

/// ELF: the SONAME carries the ABI version; the library is never unloaded (Rust may leave thread-local
/// destructors behind, rust-lang/rust#91979); its tables are read-only after loading.
#[cfg(feature = "capi")]
fn link() {
    match env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("macos" | "ios") => {
            println!("cargo::rustc-link-arg=-Wl,-install_name,@rpath/libfedigraft.{ABI_VERSION}.dylib");
        }
        Ok("windows") => {}
        _ => {
            for flag in [&format!("soname,libfedigraft.so.{ABI_VERSION}"), "z,nodelete", "z,relro", "z,now"] {
                println!("cargo::rustc-link-arg=-Wl,-{flag}");
            }
        }
    }
}

/// The text of the header for the sources under `root`.
#[cfg(any(test, feature = "capi"))]
pub fn header(root: &Path) -> String {
    let ffi = root.join("src/ffi");
    let read =
        |file: &str| fs::read_to_string(ffi.join(file).with_extension("rs")).expect("a file of src/ffi");
    let mut builder = cbindgen::Builder::new().with_config(cbindgen::Config {
        language: cbindgen::Language::C,
        header: Some(preamble(&read("mod"))),
        include_guard: Some("FEDIGRAFT_H".into()),
        autogen_warning: Some(
            "/* Generated from src/ffi by build.rs; do not edit. `make header` writes it. */".into(),
        ),
        no_includes: true,
        sys_includes: vec!["stddef.h".into(), "stdint.h".into()],
        after_includes: Some(macros()),
        cpp_compat: true,
        usize_is_size_t: true,
        documentation_style: cbindgen::DocumentationStyle::C99,
        style: cbindgen::Style::Type,
        line_length: 100,
        function: cbindgen::FunctionConfig {
            must_use: Some("FEDIGRAFT_MUST_USE".into()),
            sort_by: None,
            ..Default::default()
        },
        ..Default::default()
    });
    for (file, _) in CHAPTERS {
        builder = builder.with_src(ffi.join(file).with_extension("rs"));
    }
    let mut bytes = Vec::new();
    builder.generate().expect("cbindgen reads src/ffi").write(&mut bytes);
    let mut text = String::from_utf8(bytes).expect("the header is UTF-8");
    for (file, heading) in CHAPTERS {
        text = with_heading(&text, &read(file), heading);
    }
    text
}

/// Puts a heading above the comment of the first function of a file.
#[cfg(any(test, feature = "capi"))]
fn with_heading(header: &str, source: &str, heading: &str) -> String {
    let name = source
        .split("extern \"C\" fn ")
        .nth(1)
        .and_then(|rest| rest.split('(').next())
        .expect("each chapter exports a function");
    let call = format!("{name}(");
    let mut start = 0;
    let declared = header
        .split_inclusive('\n')
        .map(|line| {
            start += line.len();
            (start - line.len(), line)
        })
        .find(|(_, line)| line.contains(&call) && !line.starts_with("//") && !line.starts_with("/*"))
        .map(|(at, _)| at)
        .expect("the function is declared");
    let above = header[..declared].rfind("\n\n").expect("a blank line is above each function") + 1;
    let rule = "-".repeat(96 - heading.len());
    format!("{}\n/* ---- {heading} {rule} */\n{}", &header[..above], &header[above..])
}

/// The page at the top: the module documentation of `src/ffi/mod.rs` as one comment.
#[cfg(any(test, feature = "capi"))]
fn preamble(source: &str) -> String {
    let page = source
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .filter(|line| !line.trim_start().starts_with("```"))
        .map(|line| format!("//{line}\n").replace('`', ""))
        .collect::<String>();
    page.trim_end().to_owned()
}

#[cfg(any(test, feature = "capi"))]
fn macros() -> String {
    let version = env!("CARGO_PKG_VERSION");
    let (major, minor, patch) =
        (env!("CARGO_PKG_VERSION_MAJOR"), env!("CARGO_PKG_VERSION_MINOR"), env!("CARGO_PKG_VERSION_PATCH"));
    format!(
        r#"
/* The version this header belongs to; fedigraft_version() tells that of the loaded library. */
#define FEDIGRAFT_VERSION "{version}"
#define FEDIGRAFT_VERSION_MAJOR {major}
#define FEDIGRAFT_VERSION_MINOR {minor}
#define FEDIGRAFT_VERSION_PATCH {patch}

/* The version of the C interface; must equal fedigraft_abi_version(). */
#define FEDIGRAFT_ABI_VERSION {ABI_VERSION}

/* A string literal as the two arguments pointer and length. */
#define FEDIGRAFT_STR(literal) ((const uint8_t *)("" literal)), (sizeof("" literal) - 1)

/* An empty buffer: fedigraft_buf out = FEDIGRAFT_BUF_INIT; */
#define FEDIGRAFT_BUF_INIT {{NULL, 0}}

/* On functions whose status must not be ignored. Define it yourself to change that. */
#ifndef FEDIGRAFT_MUST_USE
#if defined(__GNUC__) || defined(__clang__)
#define FEDIGRAFT_MUST_USE __attribute__((warn_unused_result))
#else
#define FEDIGRAFT_MUST_USE
#endif
#endif"#
    )
}
