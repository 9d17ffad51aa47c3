//! Jobs: work that a `done` hands over for a worker, as small documents.
//!
//! A job's id follows from what it does, so planning the same work twice plans it once.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::delivery::{derived_id, read_row};
use crate::error::Result;

/// A queue row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) v: u32,
    pub(crate) id: String,
    #[serde(flatten)]
    pub(crate) work: Work,
    /// Seconds since the epoch.
    pub(crate) not_before: i64,
    /// Attempts made so far.
    pub(crate) attempt: u32,
    /// What a later minor version added.
    #[serde(flatten)]
    pub(crate) extra: Map<String, Value>,
}

/// What there is to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Work {
    /// Publish a post of ours; its text may mention people to look up.
    Publish { post: String },
    /// Tell of an edit of a post of ours.
    Update { post: String },
    /// Queue one page of an activity's deliveries.
    FanOut { activity: String, cursor: Option<String> },
    /// Read a post from its origin, because somebody shared it or a Create only named it.
    Fetch { uri: String, shared_by: Option<String> },
}

impl Job {
    /// A job that becomes due at `not_before`; `version` tells apart what is planned again on purpose.
    pub(crate) fn new(work: Work, version: &str, not_before: i64) -> Self {
        let id = match &work {
            Work::Publish { post } => derived_id(&["publish", post, version]),
            Work::Update { post } => derived_id(&["update", post, version]),
            Work::FanOut { activity, cursor } => {
                derived_id(&["fan_out", activity, cursor.as_deref().unwrap_or_default()])
            }
            Work::Fetch { uri, shared_by } => {
                derived_id(&["fetch", uri, shared_by.as_deref().unwrap_or_default(), version])
            }
        };
        Self { v: 1, id, work, not_before, attempt: 0, extra: Map::new() }
    }

    /// Reads a stored job.
    pub(crate) fn read(json: &[u8]) -> Result<Self> {
        read_row(json, "bad_job", "expected a job as a `done` gave it")
    }

    /// The same job, later.
    pub(crate) fn later(&self, at: i64) -> Self {
        Self { attempt: self.attempt + 1, not_before: at, ..self.clone() }
    }
}
