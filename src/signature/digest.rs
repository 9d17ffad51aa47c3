//! The `Digest` field (RFC 3230 with SHA-256 of RFC 5843): ties the body's bytes to the signed head.
