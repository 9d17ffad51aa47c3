//! What is remembered of others: actors, their keys, and who owns which post.
//!
//! Stored documents are not trusted blindly: each carries its version, its id, which must be the key it was
//! loaded by, and how it was verified. Keys of an actor change only by a fetch from its origin.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::delivery::record::{damaged, stored_version};
use crate::error::Result;
use crate::model::{Post, Profile, Time, Visibility};

/// A remote actor; load name `remote_actor`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StoredActor {
    pub(crate) v: u32,
    pub(crate) id: String,
    pub(crate) handle: String,
    pub(crate) inbox: String,
    #[serde(default)]
    pub(crate) shared_inbox: Option<String>,
    #[serde(default)]
    pub(crate) followers: Option<String>,
    pub(crate) profile: Profile,
    /// The ids of its keys; the keys themselves are stored under `remote_key`.
    #[serde(default)]
    pub(crate) keys: Vec<String>,
    /// `fetched`: from its own origin. Nothing else is believed.
    pub(crate) verified: String,
    pub(crate) fetched_at: i64,
}

/// A key of a remote actor, or the memory that there was none; load name `remote_key`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StoredKey {
    pub(crate) v: u32,
    pub(crate) id: String,
    /// The actor it belongs to; absent when the key could not be found.
    #[serde(default)]
    pub(crate) owner: Option<String>,
    #[serde(default)]
    pub(crate) pem: Option<String>,
    pub(crate) fetched_at: i64,
}

/// Who owns a remote post; load name `remote_post`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StoredPost {
    pub(crate) v: u32,
    pub(crate) id: String,
    pub(crate) actor: String,
    pub(crate) visibility: Visibility,
    #[serde(default)]
    pub(crate) in_reply_to: Option<String>,
    /// Its [`version`].
    #[serde(default)]
    pub(crate) updated: i64,
    pub(crate) fetched_at: i64,
}

/// Who follows whom; load name `follow`, key `<follower URI> <followee URI>`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StoredFollow {
    pub(crate) v: u32,
    pub(crate) state: FollowState,
    /// The id of the Follow that began it.
    pub(crate) activity: String,
    /// Seconds since the epoch.
    pub(crate) at: i64,
}

/// How far a follow has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FollowState {
    /// Asked, not answered.
    Pending,
    Accepted,
}

impl StoredFollow {
    pub(crate) fn new(state: FollowState, activity: &str, at: i64) -> Self {
        Self { v: 1, state, activity: activity.to_owned(), at }
    }

    pub(crate) fn read(value: Value) -> Result<Self> {
        stored_version(&value)?;
        serde_json::from_value(value).map_err(|_| damaged("follow"))
    }

    pub(crate) fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    pub(crate) fn is_accepted(&self) -> bool {
        self.state == FollowState::Accepted
    }
}

/// What tells an older state of a post from a newer one: the time of the last edit, else of publication, in
/// milliseconds since the epoch.
pub(crate) fn version(post: &Post) -> i64 {
    post.updated.or(post.published).map_or(0, Time::milliseconds)
}

impl StoredActor {
    pub(crate) fn read(value: Value, key: &str) -> Result<Self> {
        stored_version(&value)?;
        let actor: Self = serde_json::from_value(value).map_err(|_| damaged("remote_actor"))?;
        let named = actor.id == key
            || key
                .strip_prefix("acct:")
                .is_some_and(|acct| actor.handle.trim_start_matches('@').eq_ignore_ascii_case(acct));
        if !named || actor.verified != "fetched" {
            return Err(damaged("remote_actor"));
        }
        Ok(actor)
    }

    /// Where to deliver what concerns many of its server's people.
    pub(crate) fn delivery_inbox(&self) -> &str {
        self.shared_inbox.as_deref().unwrap_or(&self.inbox)
    }

    pub(crate) fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl StoredKey {
    pub(crate) fn read(value: Value, key: &str) -> Result<Self> {
        stored_version(&value)?;
        let stored: Self = serde_json::from_value(value).map_err(|_| damaged("remote_key"))?;
        if stored.id != key {
            return Err(damaged("remote_key"));
        }
        Ok(stored)
    }

    pub(crate) fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl StoredPost {
    pub(crate) fn read(value: Value, key: &str) -> Result<Self> {
        stored_version(&value)?;
        let post: Self = serde_json::from_value(value).map_err(|_| damaged("remote_post"))?;
        if post.id != key {
            return Err(damaged("remote_post"));
        }
        Ok(post)
    }

    pub(crate) fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}
