//! Deliveries: one activity for one inbox, and what its answer means.
//!
//! An activity of ours is remembered as a [`Record`]; a delivery names it and an inbox. The id of a delivery
//! is a hash of both, so planning the same fan-out twice gives the same rows.

pub(crate) mod record;
pub(crate) mod retry;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(crate) use record::Record;

/// The first 128 bits of the SHA-256 over the parts, in hex: an id that follows from what it names.
pub(crate) fn derived_id(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut out = String::with_capacity(32);
    for byte in hash.finalize().iter().take(16) {
        out.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
        out.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
    }
    out
}

/// The queue row for one activity and one inbox, due at once.
pub(crate) fn delivery(record: &Record, inbox: &str, now: i64) -> Value {
    json!({
        "v": 1,
        "id": derived_id(&["delivery", &record.id, inbox]),
        "activity": record.id,
        "actor": record.actor,
        "inbox": inbox,
        "attempt": 0,
        "not_before": now,
    })
}
