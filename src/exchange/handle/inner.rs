//! An activity inside another, as an Undo, Accept or Reject embeds it; it may have no id of its own (Fedify
//! and several others leave it out).

use serde_json::Value;

use crate::vocab::{Object, http_url};

/// What an embedded activity says it was.
pub(super) struct Inner {
    pub(super) kind: String,
    pub(super) actor: String,
    pub(super) object: String,
    pub(super) id: Option<String>,
}

impl Inner {
    /// Reads it; `None` when it does not say who did what to whom.
    pub(super) fn read(document: &Value) -> Option<Self> {
        let object = Object::of(document)?;
        Some(Self {
            kind: object.types().next()?.to_owned(),
            actor: object.link("actor").and_then(http_url)?.to_owned(),
            object: object.link("object").and_then(http_url)?.to_owned(),
            id: object.id().and_then(http_url).map(str::to_owned),
        })
    }
}
