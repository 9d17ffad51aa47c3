//! HTTP signatures against what others made, and every rule of the verifier one by one.

#[path = "signatures/captured.rs"]
mod captured;
#[path = "signatures/explained.rs"]
mod explained;
#[path = "signatures/properties.rs"]
mod properties;
#[path = "signatures/refused.rs"]
mod refused;
#[path = "signatures/request.rs"]
mod request;
#[path = "signatures/signed.rs"]
mod signed;
#[path = "signatures/vectors.rs"]
mod vectors;
