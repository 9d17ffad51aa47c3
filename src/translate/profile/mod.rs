//! Profiles: the native model to actor documents and back, and the keys that actors publish.

mod field;
mod key;
mod read;
mod wire;
mod write;

use serde_json::Value;

use crate::error::Result;
use crate::instance::Instance;
use crate::model::Profile;
use crate::vocab::Skipped;

pub use key::{ActorKey, keys};
pub use read::{is_actor, read};
pub use wire::wire;
pub use write::instance_actor;

/// Writes a local profile as the actor document other servers read, with its `@context` and public key (PEM).
/// Whether the profile may be seen is not decided here but in `privacy`.
///
/// Errors: `InvalidArgument` with the JSON pointer in the profile.
pub fn render(instance: &Instance, profile: &Profile, public_key_pem: &str) -> Result<Value> {
    write::actor(instance, &wire::normal(instance, profile)?, profile, public_key_pem)
}

/// An actor read from the wire.
#[derive(Clone, Debug, PartialEq)]
pub struct RemoteActor {
    /// The profile; its `id` is the actor's URI. Its `handle` has the host of that URI until WebFinger says
    /// otherwise.
    pub profile: Profile,
    /// Where activities for this actor are delivered.
    pub inbox: String,
    /// Where activities for many actors of that server are delivered; only on the host of `inbox` or `id`.
    pub shared_inbox: Option<String>,
    /// The collection of its activities.
    pub outbox: Option<String>,
    /// The collection of its followers.
    pub followers: Option<String>,
    /// The collection of whom it follows.
    pub following: Option<String>,
    /// Its public keys, at most 10. Their owner is what the document claims.
    pub keys: Vec<ActorKey>,
    /// `user@domain` as the actor claims it (FEP-2c59); believed only when WebFinger agrees.
    pub webfinger: Option<String>,
    /// What could not be read and was left out.
    pub skipped: Vec<Skipped>,
}
