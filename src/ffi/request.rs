//! Requests: signing one, and verifying one with a key at hand (draft-cavage-http-signatures-12).

use super::bytes::{Out, bytes, fedigraft_buf, handle, text};
use super::error::fedigraft_error;
use super::guard::guard;
use super::instance::fedigraft_instance;
use super::key::{fedigraft_key, fedigraft_public_key};
use super::status::fedigraft_status;
use crate::Result;
use crate::error::malformed;
use crate::http::Head;
use crate::signature::cavage::{self, Expectation};
use crate::verdict::Trace;

/// Signs a request that is about to be sent, in the one form every server accepts. `head` is
/// {"method","target","headers"} with Host and, for a body, Content-Type; `body` is the exact bytes to send,
/// NULL and 0 for none. Sign each attempt afresh: some servers accept a signature for 60 seconds.
/// On OK: `out` holds the headers to add, as JSON [[name,value],...]: Date, Digest when there is a body,
/// Signature. Free it with fedigraft_buf_free().
/// Statuses: CRYPTO.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_request_sign(
    key: *const fedigraft_key,
    key_id: *const u8,
    key_id_len: usize,
    now: i64,
    head: *const u8,
    head_len: usize,
    body: *const u8,
    body_len: usize,
    out: *mut fedigraft_buf,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    // SAFETY: the caller keeps the conventions at the top of the header; so in every function below.
    unsafe {
        guard(error, || {
            let out = Out::buf("out", out)?;
            let key = handle("key", key)?;
            let key_id = text("key_id", key_id, key_id_len)?;
            let head = Head::from_json(bytes("head", head, head_len)?)?;
            let body = bytes("body", body, body_len)?;
            out.put(super::to_json(&cavage::sign_head(&key.0, &head, body, key_id, now)?)?);
            Ok(())
        })
    }
}

/// Says which key a received request claims to be signed with; nothing is verified yet. Fetch that key, then
/// call fedigraft_request_verify().
/// On OK: `out` holds JSON {"scheme","key_id"}; free it with fedigraft_buf_free().
/// Statuses: MALFORMED, with the verdict's code as reason (no signature, one that cannot be read, another
/// scheme).
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_request_key_id(
    head: *const u8,
    head_len: usize,
    out: *mut fedigraft_buf,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    unsafe {
        guard(error, || {
            let out = Out::buf("out", out)?;
            let head = Head::from_json(bytes("head", head, head_len)?)?;
            let claim = cavage::parse(&head).map_err(|no| malformed(no.public.code, no.public.message))?;
            let named = serde_json::json!({ "scheme": cavage::SCHEME, "key_id": claim.key_id() });
            out.put(super::to_json(&named)?);
            Ok(())
        })
    }
}

/// Verifies a received request with the key of its sender: coverage, Host, time, digest, signature. `head` and
/// `body` are as received, before any decoding. That the key belongs to the actor is yours to prove;
/// fedigraft_receive() does all of it.
/// On OK: `out` holds the verdict as JSON {"accepted","public":{"code","status","message"},"key_id",
/// "scheme"}. A refusal is OK with "accepted":false. Free it with fedigraft_buf_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_request_verify(
    instance: *const fedigraft_instance,
    public_key: *const fedigraft_public_key,
    now: i64,
    head: *const u8,
    head_len: usize,
    body: *const u8,
    body_len: usize,
    out: *mut fedigraft_buf,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    unsafe {
        guard(error, || {
            let out = Out::buf("out", out)?;
            let head = bytes("head", head, head_len)?;
            let body = bytes("body", body, body_len)?;
            out.put(judge(instance, public_key, now, head, body, Trace::off())?);
            Ok(())
        })
    }
}

/// Like fedigraft_request_verify(), and tells the operator why: every rule is tried, also after one has
/// failed. For logs and consoles, not for the peer.
/// On OK: `out` holds the verdict with "evidence":{"rules":[{"rule","ok","seen","expected","source"}],
/// "signature_base","likely_cause"}. Free it with fedigraft_buf_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_request_explain(
    instance: *const fedigraft_instance,
    public_key: *const fedigraft_public_key,
    now: i64,
    head: *const u8,
    head_len: usize,
    body: *const u8,
    body_len: usize,
    out: *mut fedigraft_buf,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    unsafe {
        guard(error, || {
            let out = Out::buf("out", out)?;
            let head = bytes("head", head, head_len)?;
            let body = bytes("body", body, body_len)?;
            out.put(judge(instance, public_key, now, head, body, Trace::on())?);
            Ok(())
        })
    }
}

/// # Safety
/// As for [`handle`].
unsafe fn judge(
    instance: *const fedigraft_instance,
    key: *const fedigraft_public_key,
    now: i64,
    head: &[u8],
    body: &[u8],
    mut trace: Trace,
) -> Result<Vec<u8>> {
    // SAFETY: the caller keeps the contract of `handle`.
    let (instance, key) = unsafe { (handle("instance", instance)?, handle("public_key", key)?) };
    let policy = instance.0.policy();
    let expected = Expectation {
        hosts: instance.0.hosts(),
        max_age: policy.signature_max_age,
        max_ahead: policy.signature_max_ahead,
    };
    let head = Head::from_json(head)?;
    let verdict = cavage::verify(&head, body, &key.0, &expected, now, &mut trace);
    super::to_json(&verdict.with_evidence(trace))
}
