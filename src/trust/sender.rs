//! Who sent a request, proven.
//!
//! [`Verified`] is made here alone, from a signature that verifies with a key whose owner is known. Handlers
//! of activities take it and nothing weaker (Misskey CVE-2026-28432: a check whose refusal did not stop).

use super::document::same_origin;
use super::stored::StoredKey;
use crate::key::public_key;
use crate::signature::cavage::Checked;
use crate::verdict::{Trace, Verdict};

/// A sender whose signature verified with a key of theirs.
#[derive(Clone, Debug)]
pub(crate) struct Verified {
    actor: String,
}

impl Verified {
    /// Proves the sender from a checked signature and the key it names.
    pub(crate) fn prove(checked: &Checked, key: &StoredKey) -> Result<Self, Verdict> {
        let (Some(owner), Some(pem)) = (&key.owner, &key.pem) else {
            return Err(Verdict::refused(
                "key_unavailable",
                401,
                "the key of the signature could not be found",
            )
            .with_key(&key.id));
        };
        // Misskey #2546: the key and its owner live on one host.
        if !same_origin(&key.id, owner) {
            return Err(Verdict::refused(
                "key_of_another_host",
                401,
                "a key and its owner must be on the same host",
            )
            .with_key(&key.id));
        }
        let public = public_key(pem).map_err(|_| {
            Verdict::refused("unusable_key", 401, "the key of the signature cannot be used").with_key(&key.id)
        })?;
        checked.verify(&public, &mut Trace::off())?;
        Ok(Self { actor: owner.clone() })
    }

    /// The actor who sent it.
    pub(crate) fn actor(&self) -> &str {
        &self.actor
    }
}
