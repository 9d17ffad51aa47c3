//! Jobs: work that a `done` handed over for a worker.
//!
//! Each run of a job is one exchange whose `done` replaces the row it was started from: the next page of a
//! fan-out, a later attempt, or nothing. Killed anywhere, the row is still there and the run is made again
//! with the same outcome.

use serde_json::{Value, json};

use super::fetch::{self, Fetched};
use super::handle::{self, event};
use super::inbox::Halt;
use super::mentions;
use super::relation::deliver;
use super::resolve::{self, Known};
use super::serve::create_uri;
use super::step::{Done, Want};
use super::task::Context;
use crate::delivery::record::stored_version;
use crate::delivery::{Record, delivery, derived_id, retry};
use crate::error::{Code, Error, Result, invalid};
use crate::model::{Post, Visibility};
use crate::translate::activity::{self, Sender};
use crate::translate::post as wire;
use crate::trust::stored::StoredActor;

/// Most attempts of one job; the ninth is about an hour after the first.
const ATTEMPTS: u32 = 9;

/// A job as a `done` gave it.
pub(crate) struct Job {
    kind: String,
    id: String,
    attempt: u32,
    whole: Value,
}

impl Job {
    /// Reads a stored job.
    pub(crate) fn read(json: &[u8]) -> Result<Self> {
        let fault =
            |member: &str| invalid("bad_job", "expected a job as a `done` gave it").at(format!("/{member}"));
        let whole: Value = serde_json::from_slice(json).map_err(|_| fault(""))?;
        stored_version(&whole)?;
        let text = |name: &str| whole[name].as_str().map(str::to_owned).ok_or_else(|| fault(name));
        let attempt =
            whole["attempt"].as_u64().and_then(|n| u32::try_from(n).ok()).ok_or_else(|| fault("attempt"))?;
        Ok(Self { kind: text("kind")?, id: text("id")?, attempt, whole })
    }

    fn text(&self, name: &'static str) -> Result<&str> {
        self.whole[name]
            .as_str()
            .ok_or_else(|| invalid("bad_job", "expected a job as a `done` gave it").at(format!("/{name}")))
    }
}

/// Runs a job once.
pub(crate) async fn run(cx: Context, job: Job) -> Result<Done> {
    let mut done = Done::default();
    let outcome = match job.kind.as_str() {
        "publish" => publish(&cx, &job, "create", &mut done).await,
        "update" => publish(&cx, &job, "update", &mut done).await,
        "fan_out" => fan_out(&cx, &job, &mut done).await,
        "fetch" => fetch_post(&cx, &job, &mut done).await,
        _ => Err(Error::new(Code::Unsupported, "unknown_job", "this version knows no such job").at("/kind")),
    };
    match outcome {
        Ok(()) => Ok(done),
        Err(error) if error.is_retryable() && job.attempt + 1 < ATTEMPTS => {
            let mut later = job.whole.clone();
            later["attempt"] = (job.attempt + 1).into();
            later["not_before"] = (cx.now() + retry::delay(&job.id, job.attempt)).into();
            let result = json!({"outcome": "retry", "why": error.reason()});
            Ok(Done { jobs: vec![later], result: Some(result), ..Done::default() })
        }
        Err(error) => {
            let result = json!({"outcome": "gave_up", "why": error.reason(), "message": error.to_string()});
            Ok(Done { result: Some(result), ..Done::default() })
        }
    }
}

/// Publishes a post or an edit: looks up whom it mentions, makes the activity, queues its deliveries.
async fn publish(cx: &Context, job: &Job, kind: &'static str, done: &mut Done) -> Result<()> {
    let id = job.text("post")?;
    let uri = cx.instance().post_uri(id);
    let create = create_uri(cx, id);
    let wants = vec![Want::new("post", id), Want::new("tombstone", &*uri), Want::new("activity", &*create)];
    let mut values = cx.load(wants).await?.into_iter();
    let (post, tombstone, sent) = (values.next().flatten(), values.next().flatten(), values.next().flatten());
    let (Some(post), None) = (post, tombstone) else { return withheld(done, "the post no longer exists") };
    let post = Post::from_host(&post)?;
    let Some(author) = handle::profile_by_id(cx, &post.author).await? else {
        return withheld(done, "the profile is not federated");
    };
    let sent = sent.map(|value| Record::read(value, &create)).transpose()?;
    if kind == "update" && sent.is_none() {
        return withheld(done, "the post was never published");
    }
    let addressed = mentions::looked_up(cx, &post, job.attempt < 2, done).await?;
    let note = wire::render(cx.instance(), &author, &addressed.post, &addressed.known)?;
    let activity_id = if kind == "create" {
        create
    } else {
        let version = post.updated.as_ref().map_or_else(|| note.to_string(), ToString::to_string);
        cx.instance().activity_uri(&derived_id(&["update", &uri, &version]))
    };
    let actor = cx.instance().actor_uri(&author.id);
    let sender = Sender { id: &activity_id, actor: &actor };
    let document =
        if kind == "create" { activity::create(sender, &note) } else { activity::update(sender, &note) };
    let mut direct: Vec<String> =
        addressed.actors.iter().map(|actor| actor.delivery_inbox().to_owned()).collect();
    // An edit also goes to those who were mentioned before it.
    direct.extend(sent.into_iter().flat_map(|record| record.direct));
    direct.sort_unstable();
    direct.dedup();
    let record = Record {
        v: 1,
        id: activity_id.clone(),
        actor: actor.clone(),
        profile: author.id.clone(),
        kind: kind.into(),
        object: uri,
        post: Some(post.id.clone()),
        visibility: Some(post.visibility),
        direct,
        followers: post.visibility != Visibility::Direct,
        at: cx.now(),
        document,
    };
    deliver(cx, &record, done);
    done.result = Some(json!({"outcome": "published", "activity": record.id}));
    Ok(())
}

/// Queues one page of a fan-out, and the job for the next one in the same commit. Memory is one page.
async fn fan_out(cx: &Context, job: &Job, done: &mut Done) -> Result<()> {
    let id = job.text("activity")?;
    let Some(value) = cx.load_one("activity", id).await? else {
        return withheld(done, "the activity no longer exists");
    };
    let record = Record::read(value, id)?;
    let cursor = job.whole["cursor"].as_str().map(str::to_owned);
    let page = cx
        .load(vec![Want::page("inboxes", &*record.actor, cursor)])
        .await?
        .pop()
        .flatten()
        .unwrap_or_default();
    let inboxes = page["items"].as_array().into_iter().flatten().filter_map(Value::as_str);
    for inbox in inboxes {
        if !record.direct.iter().any(|direct| direct == inbox) {
            done.deliveries.push(delivery(&record, inbox, cx.now()));
        }
    }
    if let Some(next) = page["next"].as_str() {
        done.jobs.push(fan_out_job(cx, id, Some(next)));
    }
    done.result = Some(json!({"outcome": "queued", "deliveries": done.deliveries.len()}));
    Ok(())
}

/// The job for one page of a fan-out; its id follows from the page, so planning it twice plans it once.
pub(super) fn fan_out_job(cx: &Context, activity: &str, cursor: Option<&str>) -> Value {
    json!({
        "v": 1, "id": derived_id(&["fan_out", activity, cursor.unwrap_or_default()]), "kind": "fan_out",
        "activity": activity, "cursor": cursor, "not_before": cx.now(), "attempt": 0,
    })
}

/// Reads a post from its origin: one that was shared, or that a Create only named.
async fn fetch_post(cx: &Context, job: &Job, done: &mut Done) -> Result<()> {
    let uri = job.text("uri")?;
    let Fetched::Document(document) = fetch::document(cx, uri).await? else {
        return withheld(done, "the post is not there");
    };
    let Some(sharer) = job.whole["shared_by"].as_str() else {
        let owner = wire::read(document.value())?.post.author;
        if !crate::trust::document::same_origin(&owner, document.id()) {
            return withheld(done, "the post's author is on another host");
        }
        let Known::Actor(author) = resolve::actor(cx, &owner, done).await? else {
            return withheld(done, "the post's author cannot be read");
        };
        return handle::post::take_in(cx, document.value(), &author.profile, &author.id, true, done)
            .await
            .map_err(error_of);
    };
    let Some((post, author)) = super::look_up::post(cx, &document, done).await? else {
        return withheld(done, "the post's author cannot be read");
    };
    if !post.visibility.is_public() {
        *done = Done::default();
        return withheld(done, "the post is not public");
    }
    let Some(value) = cx.load_one("remote_actor", sharer).await? else {
        return withheld(done, "the sharer is gone");
    };
    let sharer = StoredActor::read(value, sharer)?;
    let rest = json!({"post": null, "uri": post.id, "remote_post": post, "author": author.profile});
    done.events.push(event(cx, "shared", &sharer.profile, rest));
    Ok(())
}

fn error_of(halt: Halt) -> Error {
    match halt {
        Halt::Error(error) => error,
        Halt::Verdict(verdict) => Error::new(Code::Refused, verdict.public.code, verdict.public.message),
    }
}

fn withheld(done: &mut Done, why: &str) -> Result<()> {
    done.result = Some(json!({"outcome": "withheld", "why": why}));
    Ok(())
}
