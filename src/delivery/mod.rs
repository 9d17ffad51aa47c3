//! Deliveries: one activity for one inbox, and what its answer means.
//!
//! An activity of ours is remembered as a [`Record`]; a delivery names it and an inbox. The id of a delivery
//! is a hash of both, so planning the same fan-out twice gives the same rows.

pub(crate) mod record;
pub(crate) mod retry;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::error::{Result, invalid};

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

/// The queue row for one activity and one inbox.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Delivery {
    pub(crate) v: u32,
    pub(crate) id: String,
    /// The activity's URI, under which its [`Record`] is stored.
    pub(crate) activity: String,
    /// The local actor whose key signs.
    pub(crate) actor: String,
    pub(crate) inbox: String,
    /// Attempts made so far.
    pub(crate) attempt: u32,
    /// Seconds since the epoch.
    pub(crate) not_before: i64,
    /// What a later minor version added.
    #[serde(flatten)]
    pub(crate) extra: Map<String, Value>,
}

impl Delivery {
    /// A delivery due at once.
    pub(crate) fn new(record: &Record, inbox: &str, now: i64) -> Self {
        Self {
            v: 1,
            id: derived_id(&["delivery", &record.id, inbox]),
            activity: record.id.clone(),
            actor: record.actor.clone(),
            inbox: inbox.to_owned(),
            attempt: 0,
            not_before: now,
            extra: Map::new(),
        }
    }

    /// Reads a stored row.
    pub(crate) fn read(json: &[u8]) -> Result<Self> {
        read_row(json, "bad_delivery", "expected a delivery as a `done` gave it")
    }

    /// The same delivery, later.
    pub(crate) fn later(&self, attempt: u32, at: i64) -> Self {
        Self { attempt, not_before: at, ..self.clone() }
    }
}

/// Reads a queue row of this major version.
pub(crate) fn read_row<T: DeserializeOwned>(json: &[u8], reason: &'static str, expected: &str) -> Result<T> {
    let value: Value = serde_json::from_slice(json).map_err(|_| invalid(reason, expected))?;
    if value.get("v").is_none() {
        return Err(invalid(reason, expected).at("/v"));
    }
    record::stored_version(&value)?;
    serde_json::from_value(value).map_err(|_| invalid(reason, expected))
}
