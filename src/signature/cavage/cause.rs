//! What most likely went wrong, in plain words for the operator.
//!
//! Only used when evidence is collected. Where it can be tried out, it is: a suspicion is another signature
//! base, and when the signature verifies over it, the cause is proven.

use serde_json::Value;

use crate::http::{Head, Headers};
use crate::signature::digest;

use super::check::{Expectation, seen_header};
use super::claim::Claim;

/// A base as it would have been without a certain change on the way.
#[derive(Clone)]
pub(super) struct Suspicion {
    pub(super) base: Vec<u8>,
    pub(super) cause: String,
}

/// What proxies and servers are known to change, undone.
pub(super) fn suspicions(claim: &Claim, head: &Head, expected: &Expectation<'_>) -> Vec<Suspicion> {
    let mut out = Vec::new();
    let mut suspect = |head: &Head, cause: String| {
        for target in [head.target.as_str(), head.path()] {
            if let Ok(base) = claim.bytes(head, target) {
                out.push(Suspicion { base, cause: cause.clone() });
            }
        }
    };
    for host in expected.hosts.iter().take(8) {
        let lines = head.headers.iter().map(|(name, value)| {
            let value =
                if name.eq_ignore_ascii_case("host") { host.as_bytes().to_vec() } else { value.to_vec() };
            (name.to_owned(), value)
        });
        let other = Head { headers: Headers::new(lines.collect()), ..head.clone() };
        suspect(
            &other,
            format!("A proxy replaced Host: the signature verifies with {host}. Pass the original Host on."),
        );
    }
    let target = &head.target;
    let slashed = target.strip_suffix('/').map_or_else(|| format!("{target}/"), str::to_owned);
    for (target, cause) in [
        (slashed, "Something between added or removed the slash at the end of the path."),
        (target.replace('@', "%40"), "The server decoded the path (%40). Hand over the raw target."),
        (target.replace("%40", "@"), "Something between encoded the path (%40). Hand over the raw target."),
    ] {
        if target != head.target {
            suspect(&Head { target, ..head.clone() }, cause.into());
        }
    }
    out
}

/// When the signature fails and nothing else does.
pub(super) fn key_or_head(has_query: bool) -> String {
    let mut cause =
        "The sender changed its key since it was stored here (fetch the actor again), or something \
                     between changed a covered value: the path, Host or another header."
            .to_owned();
    if !has_query {
        cause.push_str(" If the sender asked with a query, it was stripped from the target on the way.");
    }
    cause
}

/// A field that cannot be read.
pub(super) fn unreadable() -> String {
    "The sender's software writes the Signature header wrongly, or something between cut or joined it.".into()
}

/// A covered header that is not there.
pub(super) fn absent(name: &str) -> String {
    format!("Something between removed {name}, or the server does not hand it over.")
}

/// A time outside the window.
pub(super) fn clock(signed_at: i64, now: i64) -> String {
    let minutes = signed_at.abs_diff(now).div_ceil(60);
    if signed_at > now {
        format!("A clock is off: the sender's is {minutes} minutes ahead of this server's.")
    } else {
        format!(
            "A clock is off by {minutes} minutes, the request waited that long on the way, or it is replayed."
        )
    }
}

/// A Host that is not ours.
pub(super) fn host(head: &Head, expected: &Expectation<'_>) -> String {
    format!(
        "A proxy replaced Host (the request has {}, this server is {}), or the request was signed for another \
         server and replayed here.",
        seen_header(head, "host"),
        expected.hosts.join(" or "),
    )
}

/// A body that is not the one hashed.
pub(super) fn body(head: &Head, field: &[u8], body: &[u8]) -> String {
    let claimed: Option<usize> = head.headers.text("content-length").and_then(|text| text.parse().ok());
    let compact = serde_json::from_slice::<Value>(body).ok().and_then(|json| serde_json::to_vec(&json).ok());
    if compact.is_some_and(|compact| digest::check(field, &compact).is_ok()) {
        return "The body was parsed and written again before the check: its compact form has the digest. Pass \
                the bytes as received."
            .into();
    }
    match claimed {
        Some(claimed) if claimed != body.len() => format!(
            "The body was re-encoded, decompressed or cut before the check: Content-Length says {claimed} bytes, \
             {} arrived. Pass the bytes as received.",
            body.len()
        ),
        _ => "The body was re-encoded before the check (parsed and written again), or changed on the way. Pass \
              the bytes as received."
            .into(),
    }
}
