//! What is remembered of an activity of ours: whom it may reach, and the document exactly as it is sent.
//!
//! Stored under the load name `activity`. The privacy gate reads it at every attempt to send, and the
//! activity endpoint serves it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Code, Error, Result};
use crate::model::Visibility;

/// An activity of ours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) v: u32,
    /// The activity's URI.
    pub(crate) id: String,
    /// The local actor's URI.
    pub(crate) actor: String,
    /// The local profile's id.
    pub(crate) profile: String,
    /// `create`, `update`, `delete`, `follow`, `accept`, `reject`, `undo`, `like`, `announce`, …
    pub(crate) kind: String,
    /// The URI of what it is about.
    pub(crate) object: String,
    /// The host's id of the post it carries, which must still be allowed at every attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) post: Option<String>,
    /// The audience of what it carries; absent for activities between two actors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) visibility: Option<Visibility>,
    /// Inboxes addressed by name (mentioned people, the one followed, the author of what is liked).
    #[serde(default)]
    pub(crate) direct: Vec<String>,
    /// The followers of the actor are addressed too.
    #[serde(default)]
    pub(crate) followers: bool,
    /// Seconds since the epoch.
    pub(crate) at: i64,
    /// The document, as sent.
    pub(crate) document: Value,
}

impl Record {
    /// Reads a stored record; its id must be the key it was loaded by.
    pub(crate) fn read(value: Value, key: &str) -> Result<Self> {
        stored_version(&value)?;
        let record: Self = serde_json::from_value(value).map_err(|_| damaged("activity"))?;
        if record.id != key {
            return Err(damaged("activity"));
        }
        Ok(record)
    }

    /// Everybody the document names in `to` and `cc`.
    pub(crate) fn addressees(&self) -> impl Iterator<Item = &str> {
        let named = |name: &str| self.document.get(name).and_then(Value::as_array).into_iter().flatten();
        named("to").chain(named("cc")).filter_map(Value::as_str)
    }

    pub(crate) fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// Stored documents of this major version are read; newer ones wait for the upgrade.
pub(crate) fn stored_version(value: &Value) -> Result<()> {
    match value.get("v").and_then(Value::as_u64) {
        Some(1) => Ok(()),
        Some(_) => Err(Error::new(
            Code::TooNew,
            "too_new",
            "a stored document is of a newer version; upgrade this server",
        )
        .retryable()),
        None => Err(damaged("v")),
    }
}

/// A stored document is damaged: our own failure, never the sender's.
pub(crate) fn damaged(what: &str) -> Error {
    Error::new(Code::Failed, "damaged_document", "a stored document is not what its key says")
        .at(what.to_owned())
}
