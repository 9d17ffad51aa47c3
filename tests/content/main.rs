//! Content: sanitising, text, Markdown and plain text, checked against recorded answers of Mastodon 4.6.5
//! where they are at hand (`../shared`, or the folder in `FEDIGRAFT_SHARED`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::type_complexity, clippy::needless_pass_by_value, clippy::cast_precision_loss)]
#![allow(clippy::format_push_string, clippy::let_and_return, clippy::uninlined_format_args)]

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test that cannot go on fails.
#![allow(clippy::cast_precision_loss)] // Counts as percentages.

mod dom;
mod markdown;
mod sanitise;
mod text;

/// The recorded answers in `file`, or `None` (said aloud) when they are not there.
fn oracle(file: &str) -> Option<Vec<serde_json::Value>> {
    let shared = std::env::var_os("FEDIGRAFT_SHARED").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        std::path::PathBuf::from,
    );
    let path = shared.join("vectors/mastodon-oracle").join(file);
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: {} is not there", path.display());
        return None;
    };
    Some(text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect())
}
