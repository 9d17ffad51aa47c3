//! HTTP signatures: proof of who sent a request, and that its body arrived unchanged.
//!
//! `digest` ties the body to the head; `cavage` signs and verifies heads the way the fediverse does it
//! (draft-cavage-http-signatures-12).

pub mod cavage;
pub mod digest;
