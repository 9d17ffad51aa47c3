//! One attempt of one delivery.
//!
//! At every attempt it is asked again whether the author still federates and the post is still allowed; the
//! signature is made now, since Takahe lets it live 60 seconds. A host that keeps failing is left in peace
//! for a while, without using up attempts.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use url::Url;

use super::event::Event;
use super::fetch;
use super::step::{Done, Want};
use super::task::Context;
use crate::delivery::record::{damaged, stored_version};
use crate::delivery::retry::{self, Outcome};
use crate::delivery::{Delivery, Record};
use crate::error::{Code, Result};
use crate::model::{Post, Profile};
use crate::privacy::{self, Released};

/// Failures in a row after which a host is left in peace.
const BREAK_AFTER: u32 = 5;

/// How a host has been answering; load name `origin`.
#[derive(Default, Serialize, Deserialize)]
struct Health {
    v: u32,
    id: String,
    /// Attempts in a row without an answer, or with a 5xx or 429.
    failures: u32,
    /// Seconds since the epoch.
    not_before: i64,
}

/// Sends one delivery. `result` says what became of it: `delivered`, `retry`, `gave_up`, `gone` or `withheld`.
pub(crate) async fn attempt(cx: Context, delivery: Delivery) -> Result<Done> {
    let mut done = Done::default();
    let outcome = run(&cx, &delivery, &mut done).await;
    let result = match outcome {
        Ok(result) => result,
        Err(error) => {
            done = Done::default();
            let outcome = if error.is_retryable() || error.code() == Code::Failed {
                retry::again(&delivery.id, delivery.attempt, cx.now(), None, cx.instance().policy())
            } else {
                Outcome::GaveUp
            };
            conclude(&cx, &delivery, outcome, None, error.reason(), &mut done)
        }
    };
    done.result = Some(result);
    Ok(done)
}

async fn run(cx: &Context, delivery: &Delivery, done: &mut Done) -> Result<Value> {
    let origin =
        Url::parse(&delivery.inbox).map(|url| url.origin().ascii_serialization()).unwrap_or_default();
    let wants = vec![Want::new("activity", &*delivery.activity), Want::new("origin", &*origin)];
    let mut values = cx.load(wants).await?.into_iter();
    let (activity, health) = (values.next().flatten(), values.next().flatten());
    let Some(activity) = activity else { return Ok(withheld("the activity no longer exists")) };
    let record = Record::read(activity, &delivery.activity)?;
    if record.actor != delivery.actor {
        return Err(damaged("delivery"));
    }
    let health = health.map(|value| Health::read(value, &origin)).transpose()?.unwrap_or_default();
    if health.failures >= BREAK_AFTER && health.not_before > cx.now() {
        done.deliveries.push(delivery.later(delivery.attempt, health.not_before));
        return Ok(json!({"outcome": "retry", "at": health.not_before, "why": "the host has been failing"}));
    }
    let inbox = fetch::target(cx, &delivery.inbox)?;
    let body = match release(cx, &record, &inbox, &delivery.inbox).await? {
        Ok(body) => body,
        Err(why) => return Ok(withheld(why)),
    };
    let policy = cx.instance().policy();
    let (outcome, status, why) = match fetch::post(cx, &inbox, &delivery.actor, body).await {
        Ok(head) => {
            let outcome = retry::judge(&head, &delivery.id, delivery.attempt, cx.now(), policy);
            (outcome, Some(head.status), "")
        }
        Err(error) if error.code() == Code::Failed => {
            (retry::again(&delivery.id, delivery.attempt, cx.now(), None, policy), None, error.reason())
        }
        Err(error) => return Err(error),
    };
    // A key service of ours that does not sign says nothing about the host.
    if cx.spent().0 > 0 {
        health.after(cx, &origin, status, done);
    }
    Ok(conclude(cx, delivery, outcome, status, why, done))
}

/// The block list and the privacy gate, with everything as it stands now.
async fn release(
    cx: &Context,
    record: &Record,
    target: &Url,
    inbox: &str,
) -> Result<Result<Released, &'static str>> {
    let mut wants = vec![Want::new("profile", &*record.profile)];
    wants.extend(record.post.as_deref().map(|id| Want::new("post", id)));
    wants.extend(fetch::block_wants(target.as_str()));
    let mut values = cx.load(wants).await?.into_iter();
    let author = values.next().flatten().map(|value| Profile::from_host(&value)).transpose()?;
    let post = match &record.post {
        Some(_) => values.next().flatten().map(|value| Post::from_host(&value)).transpose()?,
        None => None,
    };
    if values.any(|blocked| blocked.is_some()) {
        return Ok(Err("the host is blocked"));
    }
    let released = privacy::sent(author.as_ref(), record, post.as_ref(), inbox, cx.now());
    Ok(released.map_err(|withheld| withheld.0))
}

fn withheld(why: &str) -> Value {
    json!({"outcome": "withheld", "why": why})
}

/// Writes down what follows from an outcome, and says it.
fn conclude(
    cx: &Context,
    delivery: &Delivery,
    outcome: Outcome,
    status: Option<u16>,
    why: &str,
    done: &mut Done,
) -> Value {
    let mut said = Map::new();
    let word = match outcome {
        Outcome::Delivered => "delivered",
        Outcome::RetryAt(at) => {
            done.deliveries.push(delivery.later(delivery.attempt + 1, at));
            said.insert("at".into(), at.into());
            "retry"
        }
        Outcome::Gone => {
            // Whoever was reached by this inbox follows no longer.
            done.remove("inboxes", delivery.inbox.clone());
            "gone"
        }
        Outcome::GaveUp => {
            let rest = json!({"activity": delivery.activity, "inbox": delivery.inbox});
            done.events.extend(Event::new(cx, "delivery_failed", rest));
            "gave_up"
        }
    };
    said.insert("outcome".into(), word.into());
    if let Some(status) = status {
        said.insert("status".into(), status.into());
    }
    if !why.is_empty() {
        said.insert("why".into(), why.into());
    }
    Value::Object(said)
}

impl Health {
    fn read(value: Value, origin: &str) -> Result<Self> {
        stored_version(&value)?;
        let health: Self = serde_json::from_value(value).map_err(|_| damaged("origin"))?;
        if health.id == origin { Ok(health) } else { Err(damaged("origin")) }
    }

    /// Remembers how the host answered; anything but 5xx and 429 is a sign of life.
    fn after(&self, cx: &Context, origin: &str, status: Option<u16>, done: &mut Done) {
        if status.is_some_and(|status| status < 500 && status != 429) {
            if self.failures > 0 {
                done.remove("origin", origin);
            }
            return;
        }
        let failures = self.failures.saturating_add(1);
        let rest = 60_i64 << failures.min(9);
        let health = Self { v: 1, id: origin.to_owned(), failures, not_before: cx.now() + rest };
        done.put("origin", origin, serde_json::to_value(health).unwrap_or_default());
    }
}
