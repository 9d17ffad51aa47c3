//! The inbox: from a request to a verified activity, in one fixed order.
//!
//! Size and content type, JSON, unknown actors deleting themselves, block list, signature (syntax, coverage,
//! host, time, digest), key, cryptography, actor, id and repetition; only then a handler sees it. The order
//! is Mastodon's and Akkoma's: what is cheap and certain first, nothing believed before it is proven. The
//! answer leaves after the commit (Pixelfed shows what happens otherwise).

use crate::delivery::derived_id;
use crate::error::{Code, Error};
use crate::exchange::fetch::block_wants;
use crate::exchange::handle;
use crate::exchange::resolve::{self, Known};
use crate::exchange::route::Endpoint;
use crate::exchange::step::{Done, Response, Want};
use crate::exchange::task::Context;
use crate::http::Head;
use crate::instance::Local;
use crate::json;
use crate::privacy;
use crate::signature::cavage::{self, Checked, Expectation};
use crate::translate::activity::{self, Activity};
use crate::trust::Verified;
use crate::trust::document::{is_activity_type, same_origin};
use crate::trust::stored::{StoredActor, StoredKey};
use crate::verdict::{Trace, Verdict};
use crate::vocab::MAX_URL;

/// Why an activity goes no further.
pub(crate) enum Halt {
    /// A rule refuses it; the sender is told.
    Verdict(Box<Verdict>),
    /// Something failed that is not the sender's fault, or their document cannot be read.
    Error(Error),
}

impl From<Verdict> for Halt {
    fn from(verdict: Verdict) -> Self {
        Self::Verdict(Box::new(verdict))
    }
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// A proven activity, on its way to a handler.
pub(crate) struct Incoming {
    pub(crate) sender: Verified,
    pub(crate) from: StoredActor,
    pub(crate) activity: Activity,
}

/// Receives an activity. Every end is a response; nothing is stored unless the activity was proven.
pub(crate) async fn deliver(cx: Context, head: Head, body: Vec<u8>, endpoint: Endpoint) -> Done {
    let mut learnt = Done::default();
    let outcome = match exists(&cx, &endpoint).await {
        Ok(true) => accept(&cx, &head, &body, &mut learnt).await,
        Ok(false) => Err(Verdict::refused("not_found", 404, "there is nothing here").into()),
        Err(error) => Err(error.into()),
    };
    match outcome {
        Ok(mut done) => {
            done.response = Some(Response { status: 202, ..Response::default() });
            done
        }
        Err(Halt::Verdict(verdict)) => {
            // What was learnt of keys on the way stays known, the activity itself leaves no trace.
            learnt.response = Some(refused(&verdict));
            learnt.verdict = Some(*verdict);
            learnt
        }
        Err(Halt::Error(error)) => failed(&error),
    }
}

/// True when there is such an inbox: that of a profile that does not federate is missing.
async fn exists(cx: &Context, endpoint: &Endpoint) -> Result<bool, Error> {
    match endpoint {
        Endpoint::At(Local::Inbox(id)) => Ok(handle::profile_by_id(cx, id).await?.is_some()),
        _ => Ok(true),
    }
}

/// The response that tells the sender why.
pub(crate) fn refused(verdict: &Verdict) -> Response {
    Response {
        status: verdict.public.status,
        headers: vec![("content-type", "application/json".into()), ("cache-control", "no-store".into())],
        body: privacy::refusal(verdict),
    }
}

/// The response to a failure: 503 when it may pass, since a sender takes most 4xx for final.
pub(crate) fn failed(error: &Error) -> Done {
    let verdict = match error.code() {
        _ if error.is_retryable() => {
            Verdict::refused(error.reason(), 503, "this cannot be handled now; try again")
        }
        Code::TooLarge => Verdict::refused(error.reason(), 413, error.message()),
        Code::Malformed | Code::Unsupported => Verdict::refused(error.reason(), 400, error.message()),
        Code::Refused => Verdict::refused(error.reason(), 403, error.message()),
        _ => Verdict::refused(error.reason(), 500, "this could not be handled"),
    };
    let mut response = refused(&verdict);
    if verdict.public.status == 503 {
        response.headers.push(("retry-after", "60".into()));
    }
    Done { response: Some(response), verdict: Some(verdict), ..Done::default() }
}

/// What an activity is noted as done by. Long ones are hashed: two URLs do not fit an index row of PostgreSQL.
fn once_key(actor: &str, id: &str) -> String {
    let whole = format!("{actor} {id}");
    if whole.len() > MAX_URL { format!("hash:{}", derived_id(&[actor, id])) } else { whole }
}

async fn accept(cx: &Context, head: &Head, body: &[u8], learnt: &mut Done) -> Result<Done, Halt> {
    // 1. Size and content type.
    let policy = cx.instance().policy();
    if body.len() > policy.max_body {
        return Err(Verdict::refused("too_large", 413, "a request may have at most 1 MiB").into());
    }
    if !is_activity_type(head.headers.text("content-type").unwrap_or_default()) {
        let text = "an activity is application/activity+json, or application/ld+json with the ActivityStreams profile";
        return Err(Verdict::refused("wrong_content_type", 415, text).into());
    }
    // 2. The document.
    let document = json::read(body)?;
    let activity = activity::read(document.value)?;
    let claim = cavage::parse(head)?;
    let key_id = claim.key_id().to_owned();
    let once = once_key(&activity.actor, &activity.id);
    let Before { known, key, repeated, blocked } = known_about(cx, &activity.actor, &key_id, &once).await?;
    // 3. An actor unknown here that deletes something, or updates itself, concerns nobody; fetching it would
    //    let one deletion cause a key fetch from every server (Mastodon `skip_unknown_actor_activity`).
    if known.is_none() && (activity.kind == "Delete" || concerns_itself(&activity)) {
        return Ok(Done::default());
    }
    // 4. Block list, before any fetch.
    if blocked {
        return Err(Verdict::refused("blocked", 403, "this server does not accept activities from there")
            .with_key(&key_id)
            .into());
    }
    // 5. Signature: syntax, coverage, host, time, digest.
    let expectation = Expectation {
        hosts: cx.instance().hosts(),
        max_age: policy.signature_max_age,
        max_ahead: policy.signature_max_ahead,
    };
    let checked = claim.check(head, body, &expectation, cx.now(), &mut Trace::off())?;
    // 6. and 7. Key and cryptography.
    let sender = prove(cx, &checked, &key_id, key, learnt).await?;
    // 8. The signer is the actor (Fedify CVE-2025-54888).
    if sender.actor() != activity.actor {
        let text = "the signature's key belongs to another actor than the activity";
        return Err(Verdict::refused("actor_mismatch", 401, text).with_key(&key_id).into());
    }
    // 9. The id is of the actor's origin, and new.
    if !same_origin(&activity.id, &activity.actor) {
        let text = "an activity's id must be on its actor's host";
        return Err(Verdict::refused("foreign_id", 403, text).with_key(&key_id).into());
    }
    let mut done = std::mem::take(learnt);
    if repeated {
        return Ok(done);
    }
    let from = match known {
        Some(value) if !done.knows("remote_actor", sender.actor()) => {
            StoredActor::read(value, sender.actor())?
        }
        _ => sending_actor(cx, &sender, &mut done).await?,
    };
    // 10. What it means.
    let incoming = Incoming { sender, from, activity };
    let before = done.effects();
    handle::activity(cx, &incoming, &mut done).await?;
    if done.effects() > before {
        done.once.push(once);
    }
    let mut verdict = Verdict::accepted("cavage").with_key(&key_id);
    verdict.actor = Some(incoming.sender.actor().to_owned());
    done.verdict = Some(verdict);
    Ok(done)
}

/// True for an actor that updates or deletes itself.
pub(crate) fn concerns_itself(activity: &Activity) -> bool {
    matches!(activity.kind.as_str(), "Update" | "Delete") && activity.object.id() == Some(&activity.actor)
}

type Loaded = Option<serde_json::Value>;

/// What is known before anything is asked of others.
struct Before {
    /// The actor, as remembered.
    known: Loaded,
    /// The key, as remembered.
    key: Loaded,
    /// The activity was here before.
    repeated: bool,
    /// The actor, its host or the key's host is blocked.
    blocked: bool,
}

/// Everything known beforehand, in one step.
async fn known_about(cx: &Context, actor: &str, key_id: &str, once: &str) -> Result<Before, Error> {
    let mut wants =
        vec![Want::new("remote_actor", actor), Want::new("remote_key", key_id), Want::new("once", once)];
    wants.extend(block_wants(actor));
    if !same_origin(actor, key_id) {
        wants.extend(block_wants(key_id));
    }
    let mut values = cx.load(wants).await?.into_iter();
    let mut next = || values.next().flatten();
    let (known, key, repeated) = (next(), next(), next().is_some());
    Ok(Before { known, key, repeated, blocked: values.any(|value| value.is_some()) })
}

/// Verifies with the remembered key, else with the one its origin has; a remembered key that does not fit is
/// refreshed once, at most every few minutes (peers that were reinstalled with new keys).
async fn prove(
    cx: &Context,
    checked: &Checked,
    key_id: &str,
    key: Loaded,
    learnt: &mut Done,
) -> Result<Verified, Halt> {
    if cx.instance().is_ours(key_id) {
        return Err(Verdict::refused("own_key", 401, "nobody else signs with a key of this server")
            .with_key(key_id)
            .into());
    }
    let Some(value) = key else {
        let key = resolve_key(cx, key_id, learnt).await?;
        return Ok(Verified::prove(checked, &key)?);
    };
    let key = StoredKey::read(value, key_id)?;
    let refused = match Verified::prove(checked, &key) {
        Ok(verified) => return Ok(verified),
        Err(verdict) => verdict,
    };
    let age = cx.now() - key.fetched_at;
    if key.pem.is_none() || age < cx.instance().policy().key_refresh_seconds {
        return Err(refused.into());
    }
    let fresh = resolve_key(cx, key_id, learnt).await?;
    Ok(Verified::prove(checked, &fresh)?)
}

async fn resolve_key(cx: &Context, key_id: &str, learnt: &mut Done) -> Result<StoredKey, Halt> {
    resolve::fetch_key(cx, key_id, learnt).await.map_err(|error| {
        if error.is_retryable() {
            return Halt::Error(error);
        }
        Verdict::refused("key_unavailable", 401, "the key of the signature could not be fetched")
            .with_key(key_id)
            .into()
    })
}

/// The actor document of the sender, which a handler needs for names and inboxes.
async fn sending_actor(cx: &Context, sender: &Verified, done: &mut Done) -> Result<StoredActor, Halt> {
    if let Some(value) = done.remembered("remote_actor", sender.actor()) {
        return Ok(StoredActor::read(value, sender.actor())?);
    }
    // What a redirect leads to is somebody else.
    match resolve::fetch_actor(cx, sender.actor(), done).await {
        Ok(Known::Actor(actor)) if actor.id == sender.actor() => Ok(*actor),
        Err(error) if error.is_retryable() => Err(error.into()),
        _ => {
            Err(Verdict::refused("actor_unavailable", 401, "the actor of the activity could not be fetched")
                .into())
        }
    }
}
