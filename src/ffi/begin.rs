//! Beginnings: whether a request is ours, and the ways to begin an exchange.

use super::bytes::{Out, bytes, fedigraft_buf, handle, text};
use super::error::fedigraft_error;
use super::exchange::fedigraft_exchange;
use super::guard::guard;
use super::instance::fedigraft_instance;
use super::status::fedigraft_status;
use crate::exchange;
use crate::http::Head;

/// Says whether a request is for the library, from its head alone; read no body before. {"ours":false,
/// "headers":[...]}: not ours, serve it as ever and add these headers. {"ours":true,"endpoint","max_body"}:
/// read at most `max_body` bytes of body, answer 413 beyond, and call fedigraft_receive().
/// On OK: `out` holds the JSON; free it with fedigraft_buf_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_route(
    instance: *const fedigraft_instance,
    head: *const u8,
    head_len: usize,
    out: *mut fedigraft_buf,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    // SAFETY: the caller keeps the conventions at the top of the header; so in every function below.
    unsafe {
        guard(error, || {
            let out = Out::buf("out", out)?;
            let instance = handle("instance", instance)?;
            let head = Head::from_json(bytes("head", head, head_len)?)?;
            out.put(super::to_json(&exchange::route(&instance.0, &head))?);
            Ok(())
        })
    }
}

/// Begins to answer a request that is ours, as received. Its "done" holds the response and what the message
/// means.
/// On OK: `*out` is yours, free it with fedigraft_exchange_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_receive(
    instance: *const fedigraft_instance,
    now: i64,
    head: *const u8,
    head_len: usize,
    body: *const u8,
    body_len: usize,
    out: *mut *mut fedigraft_exchange,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    unsafe {
        guard(error, || {
            let out = Out::handle("out", out)?;
            let instance = handle("instance", instance)?;
            let head = Head::from_json(bytes("head", head, head_len)?)?;
            let body = bytes("body", body, body_len)?.to_vec();
            out.put(fedigraft_exchange::new(exchange::receive(&instance.0, now, head, body)?));
            Ok(())
        })
    }
}

/// Begins what a local user does, as JSON {"type":"publish","post":{...}}. Types: publish, update, delete
/// (post); follow, unfollow, accept, reject (profile, actor); like, unlike, share, unshare (profile, object);
/// update_profile, delete_profile (profile).
/// On OK: `*out` is yours, free it with fedigraft_exchange_free().
/// Statuses: REFUSED, UNSUPPORTED.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_perform(
    instance: *const fedigraft_instance,
    now: i64,
    action: *const u8,
    action_len: usize,
    out: *mut *mut fedigraft_exchange,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    unsafe {
        guard(error, || {
            let out = Out::handle("out", out)?;
            let instance = handle("instance", instance)?;
            let action = bytes("action", action, action_len)?;
            out.put(fedigraft_exchange::new(exchange::perform(&instance.0, now, action)?));
            Ok(())
        })
    }
}

/// Begins to find a remote profile or post. `query` is a handle (@user@host) or a URL.
/// On OK: `*out` is yours, free it with fedigraft_exchange_free().
/// Statuses: REFUSED.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_look_up(
    instance: *const fedigraft_instance,
    now: i64,
    query: *const u8,
    query_len: usize,
    out: *mut *mut fedigraft_exchange,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    unsafe {
        guard(error, || {
            let out = Out::handle("out", out)?;
            let instance = handle("instance", instance)?;
            let query = text("query", query, query_len)?;
            out.put(fedigraft_exchange::new(exchange::look_up(&instance.0, now, query)?));
            Ok(())
        })
    }
}

/// Begins a job that an earlier "done" handed over, as that document. The new "done" replaces it: delete the
/// row and commit what comes instead.
/// On OK: `*out` is yours, free it with fedigraft_exchange_free().
/// Statuses: TOO_NEW, UNSUPPORTED.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_resume(
    instance: *const fedigraft_instance,
    now: i64,
    job: *const u8,
    job_len: usize,
    out: *mut *mut fedigraft_exchange,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    unsafe {
        guard(error, || {
            let out = Out::handle("out", out)?;
            let instance = handle("instance", instance)?;
            let job = bytes("job", job, job_len)?;
            out.put(fedigraft_exchange::new(exchange::resume(&instance.0, now, job)?));
            Ok(())
        })
    }
}

/// Begins one attempt of a delivery that an earlier "done" handed over, as that document. It is signed afresh.
/// The new "done" replaces it, as for fedigraft_resume().
/// On OK: `*out` is yours, free it with fedigraft_exchange_free().
/// Statuses: TOO_NEW.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_send(
    instance: *const fedigraft_instance,
    now: i64,
    delivery: *const u8,
    delivery_len: usize,
    out: *mut *mut fedigraft_exchange,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    unsafe {
        guard(error, || {
            let out = Out::handle("out", out)?;
            let instance = handle("instance", instance)?;
            let delivery = bytes("delivery", delivery, delivery_len)?;
            out.put(fedigraft_exchange::new(exchange::send(&instance.0, now, delivery)?));
            Ok(())
        })
    }
}
