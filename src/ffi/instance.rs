//! The instance: who the host is on the network, and the URIs that follow from it.

use super::bytes::{Out, bytes, fedigraft_buf, free, handle, text};
use super::error::fedigraft_error;
use super::guard::guard;
use super::status::fedigraft_status;
use crate::Result;
use crate::error::invalid;
use crate::instance::Instance;

/// Who the host is on the network: origins, URL templates, policy. Immutable: any thread may use it.
/// Free with fedigraft_instance_free(); exchanges begun with it may live longer.
pub struct fedigraft_instance(pub(super) Instance);

const _: () = {
    const fn any_thread<T: Send + Sync>() {}
    any_thread::<fedigraft_instance>();
};

/// Opens an instance from its configuration, a JSON object; only "origin" is required:
/// {"origin":"https://chirp.example","aliases":[...],"account_domain":"example.com","paths":{...},
/// "software":{"name","version"},"name","description","policy":"strict"|"development"|{"base",...},
/// "loads":[...],"open_registrations":false}. An unknown member is an error, so that a typing mistake is
/// found. Exchanges need "loads", the names the host answers.
/// On OK: `*out` is yours, free it with fedigraft_instance_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_instance_new(
    config: *const u8,
    config_len: usize,
    out: *mut *mut fedigraft_instance,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    // SAFETY: the caller keeps the conventions at the top of the header; so in every function below.
    unsafe {
        guard(error, || {
            let out = Out::handle("out", out)?;
            let config = bytes("config", config, config_len)?;
            out.put(fedigraft_instance(Instance::open(config)?));
            Ok(())
        })
    }
}

/// Says what the instance came to, as JSON: {"origin","hosts","account_domain","instance_actor",
/// "shared_inbox","policy","warnings":[...]}. Log the warnings when the server starts.
/// On OK: `out` holds the JSON; free it with fedigraft_buf_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_instance_describe(
    instance: *const fedigraft_instance,
    out: *mut fedigraft_buf,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    unsafe {
        guard(error, || {
            let out = Out::buf("out", out)?;
            let instance = handle("instance", instance)?;
            out.put(super::to_json(&instance.0.describe())?);
            Ok(())
        })
    }
}

/// Builds one of the instance's own URIs. `kind` is "actor", "inbox", "outbox", "followers", "following" or
/// "key" with a profile id; "post" with a post id; "activity" with an activity id; "tag_page" with a hashtag;
/// "nodeinfo" with a version; "handle" with a username (@user@domain); "shared_inbox", "instance_actor" or
/// "instance_key" with an empty id.
/// On OK: `out` holds the URI as text; free it with fedigraft_buf_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_instance_uri(
    instance: *const fedigraft_instance,
    kind: *const u8,
    kind_len: usize,
    id: *const u8,
    id_len: usize,
    out: *mut fedigraft_buf,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    unsafe {
        guard(error, || {
            let out = Out::buf("out", out)?;
            let instance = handle("instance", instance)?;
            let kind = text("kind", kind, kind_len)?;
            let id = text("id", id, id_len)?;
            out.put(uri(&instance.0, kind, id)?.into_bytes());
            Ok(())
        })
    }
}

/// Frees an instance. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_instance_free(instance: *mut fedigraft_instance) {
    unsafe { free(instance) }
}

fn uri(instance: &Instance, kind: &str, id: &str) -> Result<String> {
    let fixed = match kind {
        "shared_inbox" => Some(instance.shared_inbox_uri()),
        "instance_actor" => Some(instance.instance_actor_uri()),
        "instance_key" => Some(instance.key_id(&instance.instance_actor_uri())),
        _ => None,
    };
    match (fixed, id) {
        (Some(uri), "") => return Ok(uri),
        (Some(_), _) => {
            return Err(invalid("needless_id", "this kind of URI has no id; leave it empty").at("id"));
        }
        (None, _) => {}
    }
    let make: fn(&Instance, &str) -> String = match kind {
        "actor" => Instance::actor_uri,
        "inbox" => Instance::inbox_uri,
        "outbox" => Instance::outbox_uri,
        "followers" => Instance::followers_uri,
        "following" => Instance::following_uri,
        "key" => |instance, id| instance.key_id(&instance.actor_uri(id)),
        "post" => Instance::post_uri,
        "activity" => Instance::activity_uri,
        "tag_page" => Instance::tag_page,
        "nodeinfo" => Instance::nodeinfo_uri,
        "handle" => Instance::handle,
        _ => {
            return Err(
                invalid("unknown_kind", "expected one of the kinds of URI the header lists").at("kind")
            );
        }
    };
    if id.is_empty() {
        return Err(invalid("missing_id", "this kind of URI needs an id").at("id"));
    }
    Ok(make(instance, id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_ids_fit_together() {
        let instance = Instance::open(br#"{"origin":"https://a.example"}"#).unwrap();
        assert_eq!(uri(&instance, "key", "7").unwrap(), "https://a.example/ap/users/7#main-key");
        assert_eq!(uri(&instance, "shared_inbox", "").unwrap(), "https://a.example/ap/inbox");
        for (kind, id, reason) in
            [("actor", "", "missing_id"), ("shared_inbox", "7", "needless_id"), ("acto", "7", "unknown_kind")]
        {
            assert_eq!(uri(&instance, kind, id).err().unwrap().reason(), reason);
        }
    }
}
