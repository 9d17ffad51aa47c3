//! Discovery: the documents by which others find a profile and a server.

use super::bytes::{Out, bytes, document, fedigraft_buf, handle, text};
use super::error::fedigraft_error;
use super::guard::guard;
use super::instance::fedigraft_instance;
use super::status::fedigraft_status;
use crate::Result;
use crate::discovery::nodeinfo::{self, Usage};
use crate::discovery::webfinger;
use crate::error::invalid;
use crate::http::shape;
use crate::model::Profile;

/// Writes the WebFinger answer for a local profile (RFC 7033), of type application/jrd+json. `profile` is a
/// native Profile. Whether it may be found is not decided here.
/// On OK: `out` holds the document as JSON; free it with fedigraft_buf_free().
/// Statuses: MALFORMED (not JSON), TOO_NEW.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_webfinger_render(
    instance: *const fedigraft_instance,
    profile: *const u8,
    profile_len: usize,
    out: *mut fedigraft_buf,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    // SAFETY: the caller keeps the conventions at the top of the header; so in every function below.
    unsafe {
        guard(error, || {
            let out = Out::buf("out", out)?;
            let instance = handle("instance", instance)?;
            let profile = document("profile", profile, profile_len, |v| Profile::from_host(&v))?;
            out.put(super::to_json(&webfinger::render(&instance.0, &profile)?)?);
            Ok(())
        })
    }
}

/// Writes the NodeInfo document of a version, "2.0" or "2.1"; with an empty version the one at
/// /.well-known/nodeinfo, which links to them. `usage` are the numbers to publish, JSON {"users","active_month",
/// "active_halfyear","local_posts","local_comments"}, each optional; NULL and 0 for none.
/// On OK: `out` holds the document as JSON; free it with fedigraft_buf_free().
/// Statuses: UNSUPPORTED (another version).
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_nodeinfo_render(
    instance: *const fedigraft_instance,
    version: *const u8,
    version_len: usize,
    usage: *const u8,
    usage_len: usize,
    out: *mut fedigraft_buf,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    unsafe {
        guard(error, || {
            let out = Out::buf("out", out)?;
            let instance = handle("instance", instance)?;
            let version = text("version", version, version_len)?;
            let usage = bytes("usage", usage, usage_len)?;
            let document = match version {
                "" => nodeinfo::discovery(&instance.0),
                version => nodeinfo::render(&instance.0, version, &numbers(usage)?)?,
            };
            out.put(super::to_json(&document)?);
            Ok(())
        })
    }
}

fn numbers(usage: &[u8]) -> Result<Usage> {
    if usage.is_empty() {
        return Ok(Usage::default());
    }
    serde_json::from_slice(usage).map_err(|e| {
        invalid("bad_usage", format!("expected an object of numbers: {}", shape(&e))).at("usage")
    })
}
