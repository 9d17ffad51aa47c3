//! Profiles: to actor documents and back.

use serde_json::json;

use super::bytes::{Out, document, fedigraft_buf, handle};
use super::error::fedigraft_error;
use super::guard::guard;
use super::instance::fedigraft_instance;
use super::key::fedigraft_public_key;
use super::status::fedigraft_status;
use crate::model::Profile;
use crate::translate::profile::{read, render};

/// Writes a local profile as the actor document other servers read. `profile` is a native Profile, `public_key`
/// the public half of its key. Who may see it is not decided here.
/// On OK: `out` holds the document as JSON; free it with fedigraft_buf_free().
/// Statuses: MALFORMED (not JSON), TOO_NEW.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_profile_render(
    instance: *const fedigraft_instance,
    profile: *const u8,
    profile_len: usize,
    public_key: *const fedigraft_public_key,
    out: *mut fedigraft_buf,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    // SAFETY: the caller keeps the conventions at the top of the header; so in every function below.
    unsafe {
        guard(error, || {
            let out = Out::buf("out", out)?;
            let instance = handle("instance", instance)?;
            let public_key = handle("public_key", public_key)?;
            let profile = document("profile", profile, profile_len, |v| Profile::from_host(&v))?;
            out.put(super::to_json(&render(&instance.0, &profile, &public_key.0.to_pem())?)?);
            Ok(())
        })
    }
}

/// Reads an actor document of any server. That it is genuine is yours to prove.
/// On OK: `out` holds JSON {"profile","inbox","shared_inbox","outbox","followers","following","keys":
/// [{"id","owner","pem"}],"webfinger","skipped":[{"at","reason"}]}; "profile" is a native Profile, its bio
/// sanitised. Free it with fedigraft_buf_free().
/// Statuses: MALFORMED, UNSUPPORTED (not an actor).
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_profile_read(
    actor: *const u8,
    actor_len: usize,
    out: *mut fedigraft_buf,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    unsafe {
        guard(error, || {
            let out = Out::buf("out", out)?;
            let actor = document("actor", actor, actor_len, |v| read(&v))?;
            let keys = actor.keys.iter().map(|k| json!({ "id": k.id, "owner": k.owner, "pem": k.pem }));
            let found = json!({
                "profile": actor.profile,
                "inbox": actor.inbox,
                "shared_inbox": actor.shared_inbox,
                "outbox": actor.outbox,
                "followers": actor.followers,
                "following": actor.following,
                "keys": keys.collect::<Vec<_>>(),
                "webfinger": actor.webfinger,
                "skipped": super::skipped(&actor.skipped),
            });
            out.put(super::to_json(&found)?);
            Ok(())
        })
    }
}
