//! HTTP signatures against what others made, and every rule of the verifier one by one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod captured;
mod explained;
mod properties;
mod refused;
mod request;
mod signed;
mod unreadable;
mod vectors;
