//! One run of a job.
//!
//! Each run is one exchange whose `done` replaces the row it was started from: the next page of a fan-out, a
//! later attempt, or nothing. Killed anywhere, the row is still there and the run is made again with the same
//! outcome.

use serde_json::{Value, json};

use super::event::Event;
use super::fetch::{self, Fetched};
use super::handle;
use super::inbox::Halt;
use super::job::{Job, Work};
use super::mentions;
use super::page;
use super::relation::deliver;
use super::resolve::{self, Known};
use super::serve::create_uri;
use super::step::{Done, Want};
use super::task::Context;
use crate::delivery::{Delivery, Record, derived_id, retry};
use crate::error::{Code, Error, Result};
use crate::model::{Post, Time, Visibility};
use crate::translate::activity::{self, Sender};
use crate::translate::post as wire;
use crate::trust::document::same_origin;
use crate::trust::stored::StoredActor;

/// Most attempts of one job; the ninth is about an hour after the first.
const ATTEMPTS: u32 = 9;

/// Runs a job once. `result` says what became of it: `published`, `queued`, `read`, `retry`, `withheld` or
/// `gave_up`.
pub(crate) async fn run(cx: Context, job: Job) -> Result<Done> {
    let mut done = Done::default();
    let outcome = match &job.work {
        Work::Publish { post } => publish(&cx, &job, post, "create", &mut done).await,
        Work::Update { post } => publish(&cx, &job, post, "update", &mut done).await,
        Work::FanOut { activity, cursor } => fan_out(&cx, activity, cursor.clone(), &mut done).await,
        Work::Fetch { uri, shared_by: None } => fetch_post(&cx, uri, &mut done).await,
        Work::Fetch { uri, shared_by: Some(sharer) } => fetch_shared(&cx, uri, sharer, &mut done).await,
    };
    match outcome {
        Ok(result) => {
            done.result = Some(result);
            Ok(done)
        }
        Err(error) if error.is_retryable() && job.attempt + 1 < ATTEMPTS => {
            let later = job.later(cx.now() + retry::delay(&job.id, job.attempt));
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
async fn publish(cx: &Context, job: &Job, id: &str, kind: &'static str, done: &mut Done) -> Result<Value> {
    let uri = cx.instance().post_uri(id);
    let create = create_uri(cx, id);
    let wants = vec![Want::new("post", id), Want::new("tombstone", &*uri), Want::new("activity", &*create)];
    let mut values = cx.load(wants).await?.into_iter();
    let (post, tombstone, sent) = (values.next().flatten(), values.next().flatten(), values.next().flatten());
    let (Some(post), None) = (post, tombstone) else { return Ok(withheld("the post no longer exists")) };
    let post = Post::from_host(&post)?;
    let Some(author) = handle::profile_by_id(cx, &post.author).await? else {
        return Ok(withheld("the profile is not federated"));
    };
    let sent = sent.map(|value| Record::read(value, &create)).transpose()?;
    if kind == "update" && sent.is_none() {
        return Ok(withheld("the post was never published"));
    }
    let post = if kind == "update" { visibly_edited(post, cx.now()) } else { post };
    let addressed = mentions::looked_up(cx, &post, job.attempt < 2, done).await?;
    let note = wire::render(cx.instance(), &author, &addressed.post, &addressed.known)?;
    let activity_id = if kind == "create" {
        create
    } else {
        cx.instance().activity_uri(&derived_id(&["update", &uri, &note.to_string()]))
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
    Ok(json!({"outcome": "published", "activity": record.id}))
}

/// The post with a time of its edit that lies after its publication: without it Mastodon takes no edit
/// (nextcloud/social#2105), and a host's clock may tell whole seconds only.
fn visibly_edited(mut post: Post, now: i64) -> Post {
    let least = post.published.and_then(|at| Time::from_milliseconds(at.milliseconds() + 1));
    post.updated = post.updated.or(Time::from_seconds(now)).max(least);
    post
}

/// Queues one page of a fan-out, and the job for the next one in the same commit. Memory is one page.
async fn fan_out(cx: &Context, id: &str, cursor: Option<String>, done: &mut Done) -> Result<Value> {
    let Some(value) = cx.load_one("activity", id).await? else {
        return Ok(withheld("the activity no longer exists"));
    };
    let record = Record::read(value, id)?;
    let page = page::load(cx, "inboxes", &record.actor, cursor).await?;
    for inbox in page.items.iter().filter_map(Value::as_str) {
        if !record.direct.iter().any(|direct| direct == inbox) {
            done.deliveries.push(Delivery::new(&record, inbox, cx.now()));
        }
    }
    if page.next.is_some() {
        let work = Work::FanOut { activity: id.to_owned(), cursor: page.next };
        done.jobs.push(Job::new(work, "", cx.now()));
    }
    Ok(json!({"outcome": "queued", "deliveries": done.deliveries.len()}))
}

/// Reads a post that a Create only named from its origin.
async fn fetch_post(cx: &Context, uri: &str, done: &mut Done) -> Result<Value> {
    let Fetched::Document(document) = fetch::document(cx, uri).await? else {
        return Ok(withheld("the post is not there"));
    };
    let owner = wire::read(document.value())?.post.author;
    if !same_origin(&owner, document.id()) {
        return Ok(withheld("the post's author is on another host"));
    }
    let Known::Actor(author) = resolve::owner(cx, &owner, done).await? else {
        return Ok(withheld("the post's author cannot be read"));
    };
    match handle::post::take_in(cx, document.value(), &author.profile, &author.id, true, done).await {
        Ok(()) => Ok(json!({"outcome": "read"})),
        Err(Halt::Error(error)) => Err(error),
        Err(Halt::Verdict(verdict)) => {
            Err(Error::new(Code::Refused, verdict.public.code, verdict.public.message))
        }
    }
}

/// Reads a post that somebody shared from its origin. Only public posts are shared on.
async fn fetch_shared(cx: &Context, uri: &str, sharer: &str, done: &mut Done) -> Result<Value> {
    let Fetched::Document(document) = fetch::document(cx, uri).await? else {
        return Ok(withheld("the post is not there"));
    };
    let mut learnt = Done::default();
    let Some((post, author)) = super::look_up::post(cx, &document, &mut learnt).await? else {
        return Ok(withheld("the post's author cannot be read"));
    };
    if !post.visibility.is_public() {
        return Ok(withheld("the post is not public"));
    }
    let Some(value) = cx.load_one("remote_actor", sharer).await? else {
        return Ok(withheld("the sharer is gone"));
    };
    let sharer = StoredActor::read(value, sharer)?;
    done.store.append(&mut learnt.store);
    let rest = json!({"post": null, "uri": post.id, "remote_post": post, "author": author.profile});
    done.events.push(Event::by(cx, "shared", &sharer.profile, rest)?);
    Ok(json!({"outcome": "read"}))
}

fn withheld(why: &str) -> Value {
    json!({"outcome": "withheld", "why": why})
}
