//! What an exchange asks, what it is answered, and what it comes to, in the JSON that crosses the C ABI.
//!
//! A step is `{"step":n,"load":[…]}`, `{"step":n,"fetch":{…}}`, `{"step":n,"sign":{…}}` or
//! `{"step":n,"done":{…}}`. Only `done` has effects, and the host commits all of them in one transaction.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::event::Event;
use super::job::Job;
use crate::delivery::Delivery;
use crate::error::{Code, Error, Result, invalid};
use crate::http::ResponseHead;
use crate::privacy::Released;
use crate::verdict::Verdict;

/// One document wanted from the host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Want {
    pub(crate) name: &'static str,
    pub(crate) key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cursor: Option<String>,
}

impl Want {
    pub(crate) fn new(name: &'static str, key: impl Into<String>) -> Self {
        Self { name, key: key.into(), cursor: None }
    }

    pub(crate) fn page(name: &'static str, key: impl Into<String>, cursor: Option<String>) -> Self {
        Self { name, key: key.into(), cursor }
    }
}

/// An HTTP request the host makes exactly as given: the headers are complete and signed.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct FetchAsk {
    pub(crate) method: &'static str,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    /// The actor whose key signed it; for the operator's logs.
    pub(crate) sign_as: Option<String>,
    /// Most bytes of the answer's body to read.
    pub(crate) max_body: usize,
    /// Seconds for everything from resolving to the last byte.
    pub(crate) timeout: i64,
    /// Addresses of this machine are allowed (development policy).
    pub(crate) allow_local: bool,
    #[serde(skip)]
    pub(crate) body: Released,
}

/// Bytes to sign with a local actor's private key.
#[derive(Clone, Debug)]
pub(crate) struct SignAsk {
    pub(crate) key_id: String,
    pub(crate) actor: String,
    pub(crate) bytes: Vec<u8>,
}

#[derive(Clone, Debug)]
pub(crate) enum Ask {
    Load(Vec<Want>),
    Fetch(FetchAsk),
    Sign(SignAsk),
}

pub(crate) enum Answer {
    Load(Vec<Result<Option<Value>>>),
    Fetch(ResponseHead, Vec<u8>),
    Sign(Vec<u8>),
    Failed { reason: String, retryable: bool },
}

impl Ask {
    /// The step's JSON under its number.
    pub(crate) fn to_json(&self, step: u32) -> Value {
        match self {
            Self::Load(wants) => json!({"step": step, "load": wants}),
            Self::Fetch(fetch) => json!({"step": step, "fetch": fetch}),
            Self::Sign(sign) => json!({"step": step, "sign": {
                "key_id": sign.key_id,
                "actor": sign.actor,
                "algorithm": "rsa-v1_5-sha256",
                "bytes": STANDARD.encode(&sign.bytes),
            }}),
        }
    }

    /// The word for the kind of step.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Load(_) => "load",
            Self::Fetch(_) => "fetch",
            Self::Sign(_) => "sign",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireLoaded {
    #[serde(default)]
    value: Value,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    retryable: Option<bool>,
}

/// Reads the host's answer to a `load`: an array of `{"value":…}`, `null` or `{"error":"…","retryable":bool}`.
/// An error never reads as null.
pub(crate) fn read_loaded(json: &[u8], wants: &[Want]) -> Result<Vec<Result<Option<Value>>>> {
    let values: Vec<Option<WireLoaded>> = serde_json::from_slice(json).map_err(|e| {
        invalid(
            "bad_values",
            format!("expected an array of {{\"value\"}}, null or {{\"error\"}}: {}", crate::http::shape(&e)),
        )
    })?;
    if values.len() != wants.len() {
        return Err(invalid("bad_values", "expected one value for each document asked for, in order"));
    }
    Ok(values
        .into_iter()
        .zip(wants)
        .map(|(loaded, want)| match loaded {
            Some(WireLoaded { error: Some(_), retryable, .. }) => {
                let error = Error::new(Code::Failed, "load_failed", "the host could not load a document")
                    .at(want.name);
                Err(if retryable.unwrap_or(true) { error.retryable() } else { error })
            }
            Some(WireLoaded { value, .. }) if !value.is_null() => Ok(Some(value)),
            _ => Ok(None),
        })
        .collect())
}

/// An HTTP response to give to the peer, after the commit.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    #[serde(skip)]
    pub(crate) body: Released,
}

/// One change to what the library remembers, applied by the host's store.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Entry {
    pub(crate) op: &'static str,
    pub(crate) name: &'static str,
    pub(crate) key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<i64>,
}

/// What an exchange comes to. The host commits it whole, or not at all.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Done {
    pub(crate) response: Option<Response>,
    pub(crate) events: Vec<Event>,
    pub(crate) store: Vec<Entry>,
    pub(crate) jobs: Vec<Job>,
    pub(crate) deliveries: Vec<Delivery>,
    pub(crate) once: Vec<String>,
    pub(crate) result: Option<Value>,
    pub(crate) verdict: Option<Verdict>,
    pub(crate) spent: Spent,
}

/// What the exchange cost.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Spent {
    pub(crate) fetches: u32,
    pub(crate) bytes: usize,
}

impl Done {
    pub(crate) fn with_spent(mut self, fetches: u32, bytes: usize) -> Self {
        self.spent = Spent { fetches, bytes };
        self
    }

    pub(crate) fn put(&mut self, name: &'static str, key: impl Into<String>, value: Value) {
        self.store.push(Entry {
            op: "put",
            name,
            key: key.into(),
            value: Some(value),
            version: None,
            expires: None,
        });
    }

    pub(crate) fn put_until(
        &mut self,
        name: &'static str,
        key: impl Into<String>,
        value: Value,
        expires: i64,
    ) {
        self.store.push(Entry {
            op: "put",
            name,
            key: key.into(),
            value: Some(value),
            version: None,
            expires: Some(expires),
        });
    }

    pub(crate) fn put_if_newer(
        &mut self,
        name: &'static str,
        key: impl Into<String>,
        value: Value,
        version: i64,
    ) {
        self.store.push(Entry {
            op: "put_if_newer",
            name,
            key: key.into(),
            value: Some(value),
            version: Some(version),
            expires: None,
        });
    }

    pub(crate) fn remove(&mut self, name: &'static str, key: impl Into<String>) {
        self.store.push(Entry {
            op: "remove",
            name,
            key: key.into(),
            value: None,
            version: None,
            expires: None,
        });
    }

    /// What this exchange is about to remember under a name and key.
    pub(crate) fn remembered(&self, name: &str, key: &str) -> Option<Value> {
        self.store
            .iter()
            .rev()
            .find(|entry| entry.name == name && entry.key == key)
            .and_then(|entry| entry.value.clone())
    }

    /// True when this exchange is about to remember something under a name and key.
    pub(crate) fn knows(&self, name: &str, key: &str) -> bool {
        self.store.iter().any(|entry| entry.name == name && entry.key == key)
    }

    /// How many effects there are so far.
    pub(crate) fn effects(&self) -> usize {
        self.events.len() + self.store.len() + self.jobs.len() + self.deliveries.len()
    }
}

/// A `done` under its number.
#[derive(Serialize)]
pub(crate) struct NumberedDone<'d> {
    pub(crate) step: u32,
    pub(crate) done: &'d Done,
}
