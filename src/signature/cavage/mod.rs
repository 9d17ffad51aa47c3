//! draft-cavage-http-signatures-12 as the fediverse uses it.
//!
//! Signing writes the one form that every server accepts. Verifying is tolerant in syntax and closed in
//! everything else: what is not covered, not fresh, not meant for this server or not about these bytes is
//! refused. A received request goes through three stages, each of which needs more than the one before:
//! [`parse`] reads the head's claim, [`Claim::check`] tests all that needs no key, and [`Checked::verify`]
//! the signature itself. [`verify`] does all three.

mod base;
mod cause;
mod check;
mod claim;
mod params;
mod rules;
mod sign;
mod time;

pub use check::{Checked, Expectation};
pub use claim::{Claim, parse};
pub use sign::{Outgoing, Prepared, prepare, sign, sign_head};

use crate::http::Head;
use crate::key::PublicKey;
use crate::verdict::{Trace, Verdict};

use rules::Findings;

/// The scheme's name in verdicts.
pub const SCHEME: &str = "cavage";

/// Verifies a received request in one go, when the key is at hand.
///
/// `body` is the body's bytes as received, before any decoding; `now` is seconds since the epoch. With
/// [`Trace::on`] every rule is tested, also after the first one that fails, and the trace gets each finding,
/// the signature base and the likely cause; the verdict is the same.
pub fn verify(
    head: &Head,
    body: &[u8],
    key: &PublicKey,
    expected: &Expectation,
    now: i64,
    trace: &mut Trace,
) -> Verdict {
    let claim = match Claim::read(head, trace) {
        Ok(claim) => claim,
        Err(verdict) => return verdict,
    };
    let mut findings = Findings::new(trace, claim.key_id());
    let checked = claim.examine(head, body, expected, now, &mut findings);
    let refusal = findings.into_refusal();
    // With a refusal the signature is only tried to tell the operator more.
    let proof = checked
        .filter(|_| refusal.is_none() || trace.is_on())
        .map(|checked| checked.judge(key, trace, refusal.is_none()));
    match (refusal, proof) {
        (None, Some(Ok(()))) => Verdict::accepted(SCHEME).with_key(claim.key_id()),
        (Some(verdict), _) | (None, Some(Err(verdict))) => verdict,
        // Without a refusal there is always a proof; closed all the same.
        (None, None) => rules::SIGNATURE_VALID.refusal(Some(claim.key_id())),
    }
}
