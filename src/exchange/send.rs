//! One attempt of one delivery.
//!
//! At every attempt it is asked again whether the author still federates and the post is still allowed; the
//! signature is made now, since Takahe lets it live 60 seconds. A host that keeps failing is left in peace
//! for a while, without using up attempts.

use serde_json::{Value, json};

use super::fetch;
use super::step::{Done, Want};
use super::task::Context;
use crate::delivery::record::{Record, stored_version};
use crate::delivery::retry::{self, Outcome};
use crate::error::{Code, Result, invalid};
use crate::model::{Post, Profile};
use crate::privacy::{self, Released};

/// Failures in a row after which a host is left in peace.
const BREAK_AFTER: u64 = 5;

/// A queue row.
pub(crate) struct Delivery {
    id: String,
    activity: String,
    actor: String,
    inbox: String,
    attempt: u32,
    whole: Value,
}

impl Delivery {
    /// Reads a stored row.
    pub(crate) fn read(json: &[u8]) -> Result<Self> {
        let whole: Value = serde_json::from_slice(json).map_err(|_| fault(""))?;
        stored_version(&whole)?;
        let text = |name: &str| whole[name].as_str().map(str::to_owned).ok_or_else(|| fault(name));
        let attempt =
            whole["attempt"].as_u64().and_then(|n| u32::try_from(n).ok()).ok_or_else(|| fault("attempt"))?;
        Ok(Self {
            id: text("id")?,
            activity: text("activity")?,
            actor: text("actor")?,
            inbox: text("inbox")?,
            attempt,
            whole,
        })
    }

    fn again(&self, attempt: u32, at: i64) -> Value {
        let mut row = self.whole.clone();
        row["attempt"] = attempt.into();
        row["not_before"] = at.into();
        row
    }
}

fn fault(member: &str) -> crate::Error {
    invalid("bad_delivery", "expected a delivery as a `done` gave it").at(format!("/{member}"))
}

/// Sends one delivery. `result` says what became of it: `delivered`, `retry`, `gave_up`, `gone` or `withheld`.
pub(crate) async fn attempt(cx: Context, delivery: Delivery) -> Result<Done> {
    let mut done = Done::default();
    match run(&cx, &delivery, &mut done).await {
        Ok(()) => Ok(done),
        // The host could not load or sign: the row stays as it is, a little later.
        Err(error) if error.is_retryable() || error.code() == Code::Failed => {
            let outcome =
                retry::again(&delivery.id, delivery.attempt, cx.now(), None, cx.instance().policy());
            let mut done = Done::default();
            conclude(&cx, &delivery, outcome, error.reason(), &mut done);
            Ok(done)
        }
        Err(error) => {
            let mut done = Done::default();
            conclude(&cx, &delivery, Outcome::GaveUp, error.reason(), &mut done);
            Ok(done)
        }
    }
}

async fn run(cx: &Context, delivery: &Delivery, done: &mut Done) -> Result<()> {
    let origin =
        url::Url::parse(&delivery.inbox).map(|url| url.origin().ascii_serialization()).unwrap_or_default();
    let wants = vec![Want::new("activity", &*delivery.activity), Want::new("origin", &*origin)];
    let mut values = cx.load(wants).await?.into_iter();
    let (activity, health) = (values.next().flatten(), values.next().flatten());
    let Some(activity) = activity else {
        done.result = Some(json!({"outcome": "withheld", "why": "the activity no longer exists"}));
        return Ok(());
    };
    let record = Record::read(activity, &delivery.activity)?;
    let failures = health.as_ref().and_then(|health| health["failures"].as_u64()).unwrap_or(0);
    let resting = health.as_ref().and_then(|health| health["not_before"].as_i64()).unwrap_or(0);
    if failures >= BREAK_AFTER && resting > cx.now() {
        done.deliveries.push(delivery.again(delivery.attempt, resting));
        done.result = Some(json!({"outcome": "retry", "at": resting, "why": "the host has been failing"}));
        return Ok(());
    }
    let body = match release(cx, &record, &delivery.inbox).await? {
        Ok(body) => body,
        Err(why) => {
            done.result = Some(json!({"outcome": "withheld", "why": why}));
            return Ok(());
        }
    };
    let Some(inbox) = fetch::allowed(cx, &delivery.inbox).await? else {
        done.result = Some(json!({"outcome": "withheld", "why": "the host is blocked"}));
        return Ok(());
    };
    let (outcome, status, why) = match fetch::post(cx, &inbox, &delivery.actor, body).await {
        Ok(head) => {
            let outcome =
                retry::judge(&head, &delivery.id, delivery.attempt, cx.now(), cx.instance().policy());
            (outcome, Some(head.status), "")
        }
        Err(error) if error.code() == Code::Failed => (
            retry::again(&delivery.id, delivery.attempt, cx.now(), None, cx.instance().policy()),
            None,
            error.reason(),
        ),
        Err(error) => return Err(error),
    };
    health_after(cx, &origin, failures, outcome, status, done);
    conclude(cx, delivery, outcome, why, done);
    if let (Some(status), Some(result)) = (status, &mut done.result) {
        result["status"] = status.into();
    }
    Ok(())
}

/// The privacy gate, with everything as it stands now.
async fn release(cx: &Context, record: &Record, inbox: &str) -> Result<Result<Released, &'static str>> {
    let mut wants = vec![Want::new("profile", &*record.profile)];
    wants.extend(record.post.as_deref().map(|id| Want::new("post", id)));
    let mut values = cx.load(wants).await?.into_iter();
    let author = values.next().flatten().map(|value| Profile::from_host(&value)).transpose()?;
    let post = values.next().flatten().map(|value| Post::from_host(&value)).transpose()?;
    Ok(privacy::sent(author.as_ref(), record, post.as_ref(), inbox, cx.now()).map_err(|withheld| withheld.0))
}

fn conclude(cx: &Context, delivery: &Delivery, outcome: Outcome, why: &str, done: &mut Done) {
    let mut result = match outcome {
        Outcome::Delivered => json!({"outcome": "delivered"}),
        Outcome::RetryAt(at) => {
            done.deliveries.push(delivery.again(delivery.attempt + 1, at));
            json!({"outcome": "retry", "at": at})
        }
        Outcome::Gone => {
            // Whoever was reached by this inbox follows no longer.
            done.remove("inboxes", delivery.inbox.clone());
            json!({"outcome": "gone"})
        }
        Outcome::GaveUp => {
            done.events.push(json!({
                "v": 1, "type": "delivery_failed", "activity": delivery.activity, "inbox": delivery.inbox, "at": cx.now(),
            }));
            json!({"outcome": "gave_up"})
        }
    };
    if !why.is_empty() {
        result["why"] = why.into();
    }
    done.result = Some(result);
}

/// What is known of the host's health after this attempt; any answer but 5xx and 429 counts as healthy.
fn health_after(
    cx: &Context,
    origin: &str,
    failures: u64,
    outcome: Outcome,
    status: Option<u16>,
    done: &mut Done,
) {
    let answered = status.is_some_and(|status| status < 500 && status != 429);
    if answered {
        if failures > 0 {
            done.remove("origin", origin);
        }
        return;
    }
    if matches!(outcome, Outcome::RetryAt(_) | Outcome::GaveUp) {
        let failures = failures + 1;
        let rest = 60_i64.saturating_mul(1 << failures.min(9));
        let value = json!({"v": 1, "id": origin, "failures": failures, "not_before": cx.now() + rest});
        done.put("origin", origin, value);
    }
}
