//! Posts: to ActivityStreams objects and back, and activities as they come.

use serde_json::{Value, json};

use super::bytes::{Out, document, fedigraft_buf, handle};
use super::error::fedigraft_error;
use super::guard::guard;
use super::instance::fedigraft_instance;
use super::status::fedigraft_status;
use crate::model::{Post, Profile};
use crate::translate::activity::{self, ObjectRef};
use crate::translate::post::{read, render};

/// Writes a local post as the object other servers read. `profile` is the native Profile of the author, `post` a
/// native Post; who is mentioned is linked when "mentions" has the "uri". Who may see it is not decided here.
/// On OK: `out` holds the document as JSON; free it with fedigraft_buf_free().
/// Statuses: MALFORMED (not JSON), UNSUPPORTED, TOO_NEW.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_post_render(
    instance: *const fedigraft_instance,
    profile: *const u8,
    profile_len: usize,
    post: *const u8,
    post_len: usize,
    out: *mut fedigraft_buf,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    // SAFETY: the caller keeps the conventions at the top of the header; so in every function below.
    unsafe {
        guard(error, || {
            let out = Out::buf("out", out)?;
            let instance = handle("instance", instance)?;
            let profile = document("profile", profile, profile_len, |v| Profile::from_host(&v))?;
            let post = document("post", post, post_len, |v| Post::from_host(&v))?;
            out.put(super::to_json(&render(&instance.0, &profile, &post, &[])?)?);
            Ok(())
        })
    }
}

/// Reads a post of any server, in any of its shapes. That it is genuine is yours to prove.
/// On OK: `out` holds JSON {"post","attributed_to","to","cc","audience","skipped":[{"at","reason"}]}; "post" is a
/// native Post, its content sanitised HTML. Free it with fedigraft_buf_free().
/// Statuses: MALFORMED.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_post_read(
    object: *const u8,
    object_len: usize,
    out: *mut fedigraft_buf,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    unsafe {
        guard(error, || {
            let out = Out::buf("out", out)?;
            let found = document("object", object, object_len, |v| read(&v))?;
            let found = json!({
                "post": found.post,
                "attributed_to": found.attributed_to,
                "to": found.to,
                "cc": found.cc,
                "audience": found.audience,
                "skipped": super::skipped(&found.skipped),
            });
            out.put(super::to_json(&found)?);
            Ok(())
        })
    }
}

/// Reads any activity: who did what to what. That it is genuine is yours to prove.
/// On OK: `out` holds JSON {"id","type","actor","object","others":[...],"target","to","cc","published"}; an
/// object is its URI or the document itself. Free it with fedigraft_buf_free().
/// Statuses: MALFORMED.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_activity_read(
    activity: *const u8,
    activity_len: usize,
    out: *mut fedigraft_buf,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    unsafe {
        guard(error, || {
            let out = Out::buf("out", out)?;
            let found = document("activity", activity, activity_len, activity::read)?;
            let found = json!({
                "id": found.id,
                "type": found.kind,
                "actor": found.actor,
                "object": reference(&found.object),
                "others": found.others.iter().map(reference).collect::<Vec<_>>(),
                "target": found.target,
                "to": found.to,
                "cc": found.cc,
                "published": found.published,
            });
            out.put(super::to_json(&found)?);
            Ok(())
        })
    }
}

fn reference(object: &ObjectRef) -> Value {
    match object {
        ObjectRef::Id(id) => Value::String(id.clone()),
        ObjectRef::Embedded(value) => value.clone(),
    }
}
