//! Events: what a message means to the host, in the native model, past tense.
//!
//! An event is written as JSON once, when it happens, and travels as text from there on.

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::task::Context;
use crate::error::{Code, Error, Result};
use crate::model::Profile;

/// An event, as its JSON text.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Event(Box<RawValue>);

/// What every event has, and what this one has besides.
#[derive(Serialize)]
struct Document<'e, T> {
    v: u32,
    #[serde(rename = "type")]
    kind: &'e str,
    /// The remote actor who did it; absent when nobody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<&'e Profile>,
    /// Seconds since the epoch.
    at: i64,
    #[serde(flatten)]
    rest: T,
}

impl Event {
    /// An event that a remote actor caused. `rest` is an object with what it has besides.
    pub(crate) fn by(cx: &Context, kind: &str, actor: &Profile, rest: impl Serialize) -> Result<Self> {
        write(&Document { v: 1, kind, actor: Some(actor), at: cx.now(), rest })
    }

    /// An event that nobody caused.
    pub(crate) fn new(cx: &Context, kind: &str, rest: impl Serialize) -> Result<Self> {
        write(&Document { v: 1, kind, actor: None, at: cx.now(), rest })
    }
}

fn write<T: Serialize>(document: &Document<'_, T>) -> Result<Event> {
    let text = to_raw_value(document)
        .map_err(|_| Error::new(Code::Internal, "unwritable_event", "the event cannot be written as JSON"))?;
    Ok(Event(text))
}
