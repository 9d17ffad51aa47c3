//! Content: sanitising, text, Markdown and plain text, checked against recorded answers of Mastodon 4.6.5
//! where they are at hand (`../shared`, or the folder in `FEDIGRAFT_SHARED`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::cast_precision_loss, clippy::format_push_string)]
#![allow(clippy::let_and_return, clippy::uninlined_format_args)]
