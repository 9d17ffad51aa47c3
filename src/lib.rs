//! fedigraft grafts federation onto the server you already have.
//!
//! The library signs and verifies what travels, translates the host's posts to ActivityPub objects and back,
//! and knows what every message means and what must be answered. It opens no socket and no file, starts no
//! thread and reads no clock: bytes, documents and the time go in; requests, documents and events come out.

pub mod content;
mod delivery;
pub mod discovery;
mod error;
pub mod exchange;
#[cfg(feature = "capi")]
pub mod ffi;
pub mod http;
pub mod instance;
pub mod json;
pub mod key;
pub mod model;
mod privacy;
pub mod signature;
pub mod translate;
mod trust;
pub mod verdict;
pub mod vocab;

pub use error::{Code, Error, Result};
