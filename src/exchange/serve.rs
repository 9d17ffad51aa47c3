//! What is served: discovery documents, actors, collections, posts and activities.
//!
//! Every body comes through the privacy gate. What may not be seen answers exactly as what does not exist.
//! Public documents carry an ETag (RFC 9110 section 8.8.3) and a short `max-age`.

use serde_json::Value;

use super::handle::profile_by_id;
use super::page;
use super::route::{Endpoint, query};
use super::step::{Done, Response, Want};
use super::task::Context;
use crate::delivery::{Record, derived_id};
use crate::discovery::{host_meta, nodeinfo, webfinger};
use crate::error::{Code, Result};
use crate::http::Head;
use crate::instance::Local;
use crate::model::{Post, Profile};
use crate::privacy::{self, Released, Withheld};
use crate::translate::activity::{self, Sender};
use crate::translate::{collection, post, profile};

const ACTIVITY_JSON: &str = "application/activity+json";

/// How long a public document may be kept by others, in seconds.
const MAX_AGE: u32 = 180;

/// What an endpoint has to say.
enum Answer {
    Document { kind: String, body: Released },
    Gone(Released),
    Missing,
}

/// Answers a GET or HEAD.
pub(crate) async fn document(cx: Context, head: Head, endpoint: Endpoint) -> Result<Done> {
    let answer = match &endpoint {
        Endpoint::WebFinger => web_finger(&cx, &head).await?,
        Endpoint::HostMeta => constant(
            "application/xrd+xml; charset=utf-8",
            privacy::server_text(host_meta::render(cx.instance())),
        ),
        Endpoint::NodeInfoIndex => {
            constant("application/json", privacy::server(&nodeinfo::discovery(cx.instance())))
        }
        Endpoint::NodeInfo(version) => {
            match nodeinfo::render(cx.instance(), version, &nodeinfo::Usage::default()) {
                Ok(document) => constant(nodeinfo::media_type(version), privacy::server(&document)),
                Err(_) => Answer::Missing,
            }
        }
        Endpoint::At(local) => at(&cx, &head, local).await?,
    };
    Ok(Done { response: Some(respond(&head, answer)), ..Done::default() })
}

fn respond(head: &Head, answer: Answer) -> Response {
    let mut response = match answer {
        Answer::Missing => {
            let body = privacy::refusal(&crate::verdict::Verdict::refused(
                "not_found",
                404,
                "there is nothing here",
            ));
            Response { status: 404, headers: vec![("content-type", "application/json".into())], body }
        }
        Answer::Gone(body) => {
            Response { status: 410, headers: vec![("content-type", ACTIVITY_JSON.into())], body }
        }
        Answer::Document { kind, body } => {
            let etag = format!("\"{}\"", derived_id(&[&String::from_utf8_lossy(body.bytes())]));
            let unchanged = head
                .headers
                .all("if-none-match")
                .any(|value| value.split(|b| *b == b',').any(|tag| tag.trim_ascii() == etag.as_bytes()));
            let headers = vec![
                ("content-type", kind),
                ("etag", etag),
                ("cache-control", format!("public, max-age={MAX_AGE}")),
                ("vary", "Accept".into()),
                ("access-control-allow-origin", "*".into()),
            ];
            if unchanged {
                Response { status: 304, headers, body: Released::default() }
            } else {
                Response { status: 200, headers, body }
            }
        }
    };
    if head.method.eq_ignore_ascii_case("HEAD") {
        response.headers.push(("content-length", response.body.len().to_string()));
        response.body = Released::default();
    }
    response
}

async fn at(cx: &Context, head: &Head, local: &Local) -> Result<Answer> {
    match local {
        Local::InstanceActor => instance_actor(cx).await,
        Local::Actor(id) => actor(cx, id).await,
        Local::Outbox(id) => outbox(cx, head, id).await,
        Local::Followers(id) => people(cx, head, id, "followers").await,
        Local::Following(id) => people(cx, head, id, "following").await,
        Local::Post(id) => a_post(cx, id).await,
        Local::Activity(_) => an_activity(cx, head).await,
        Local::Inbox(_) | Local::SharedInbox => Ok(Answer::Missing),
    }
}

async fn web_finger(cx: &Context, head: &Head) -> Result<Answer> {
    let resource = match webfinger::parse(cx.instance(), head.query().unwrap_or_default()) {
        Ok(resource) => resource,
        Err(error) if error.code() == Code::Malformed => return Err(error),
        Err(_) => return Ok(Answer::Missing),
    };
    let found = match resource {
        webfinger::Resource::Instance => {
            let jrd = webfinger::render_instance(cx.instance());
            return Ok(constant(webfinger::MEDIA_TYPE, privacy::server(&jrd)));
        }
        webfinger::Resource::Username(name) => cx.load_one("profile", &format!("@{name}")).await?,
        webfinger::Resource::Profile(id) => cx.load_one("profile", &id).await?,
    };
    let Some(value) = found else { return Ok(Answer::Missing) };
    let profile = Profile::from_host(&value)?;
    let jrd = webfinger::render(cx.instance(), &profile)?;
    Ok(public(webfinger::MEDIA_TYPE, privacy::profile(&profile, &jrd)))
}

async fn instance_actor(cx: &Context) -> Result<Answer> {
    let uri = cx.instance().instance_actor_uri();
    let Some(pem) = public_key(cx.load_one("key", &uri).await?) else { return Ok(Answer::Missing) };
    // Readable by anybody, unsigned: two servers that both demand signatures would deadlock otherwise.
    Ok(constant(ACTIVITY_JSON, privacy::server(&profile::instance_actor(cx.instance(), &pem))))
}

async fn actor(cx: &Context, id: &str) -> Result<Answer> {
    let uri = cx.instance().actor_uri(id);
    // The store makes a key when it is first asked for one: never for a profile that nobody may see.
    let Some(profile) = profile_by_id(cx, id).await? else { return Ok(Answer::Missing) };
    let Some(pem) = public_key(cx.load_one("key", &uri).await?) else { return Ok(Answer::Missing) };
    let document = profile::render(cx.instance(), &profile, &pem)?;
    Ok(public(ACTIVITY_JSON, privacy::profile(&profile, &document)))
}

fn public_key(value: Option<Value>) -> Option<String> {
    value?.get("public_key_pem")?.as_str().map(str::to_owned)
}

async fn a_post(cx: &Context, id: &str) -> Result<Answer> {
    let uri = cx.instance().post_uri(id);
    let wants = vec![Want::new("post", id), Want::new("tombstone", &*uri)];
    let mut values = cx.load(wants).await?.into_iter();
    let (value, tombstone) = (values.next().flatten(), values.next().flatten());
    let Some(value) = value else {
        return Ok(match tombstone {
            Some(_) => Answer::Gone(privacy::server(&collection::tombstone(&uri))),
            None => Answer::Missing,
        });
    };
    let found = Post::from_host(&value)?;
    let Some(author) = profile_by_id(cx, &found.author).await? else { return Ok(Answer::Missing) };
    if found.id != id || !privacy::post_is_public(&author, &found, cx.now()) {
        return Ok(Answer::Missing);
    }
    let named = super::mentions::known(cx, &found).await?;
    let document = post::render(cx.instance(), &author, &named.post, &named.known)?;
    Ok(public(ACTIVITY_JSON, privacy::served_post(&author, &found, cx.now(), &document)))
}

async fn an_activity(cx: &Context, head: &Head) -> Result<Answer> {
    let uri = format!("{}{}", cx.instance().origin(), head.path());
    let Some(value) = cx.load_one("activity", &uri).await? else { return Ok(Answer::Missing) };
    let record = Record::read(value, &uri)?;
    let Some(author) = profile_by_id(cx, &record.profile).await? else { return Ok(Answer::Missing) };
    let post = match &record.post {
        Some(id) => cx.load_one("post", id).await?.map(|value| Post::from_host(&value)).transpose()?,
        None => None,
    };
    let record = match &post {
        Some(post) if matches!(record.kind.as_str(), "create" | "update") => {
            as_it_stands(cx, record, &author, post).await?
        }
        _ => record,
    };
    let released = privacy::served_activity(&author, &record, post.as_ref(), cx.now());
    Ok(public(ACTIVITY_JSON, released))
}

/// The activity around the post as it is now: what an edit took out is not served any more.
async fn as_it_stands(cx: &Context, mut record: Record, author: &Profile, found: &Post) -> Result<Record> {
    let named = super::mentions::known(cx, found).await?;
    let note = post::render(cx.instance(), author, &named.post, &named.known)?;
    let sender = Sender { id: &record.id, actor: &record.actor };
    record.document = match record.kind.as_str() {
        "create" => activity::create(sender, &note),
        _ => activity::update(sender, &note),
    };
    Ok(record)
}

/// The outbox: what anybody may read, newest first, each post in its Create.
async fn outbox(cx: &Context, head: &Head, id: &str) -> Result<Answer> {
    let Some(profile) = profile_by_id(cx, id).await? else { return Ok(Answer::Missing) };
    let uri = cx.instance().outbox_uri(id);
    let cursor = query(head, "cursor");
    let page = page::load(cx, "posts", id, cursor.clone()).await?;
    if query(head, "page").is_none() && cursor.is_none() {
        let document = collection::ordered(&uri, page.total);
        return Ok(public(ACTIVITY_JSON, privacy::profile(&profile, &document)));
    }
    let mut items = Vec::new();
    for value in &page.items {
        let found = Post::from_host(value)?;
        if !privacy::post_is_public(&profile, &found, cx.now()) {
            continue;
        }
        let named = super::mentions::known(cx, &found).await?;
        let note = post::render(cx.instance(), &profile, &named.post, &named.known)?;
        if privacy::served_post(&profile, &found, cx.now(), &note).is_ok() {
            let id = create_uri(cx, &found.id);
            items.push(activity::create(
                Sender { id: &id, actor: &cx.instance().actor_uri(&profile.id) },
                &note,
            ));
        }
    }
    let document = collection::page(&uri, cursor.as_deref(), page.next.as_deref(), &items);
    Ok(public(ACTIVITY_JSON, privacy::profile(&profile, &document)))
}

/// The id of the Create of a post: it follows from the post's own.
pub(crate) fn create_uri(cx: &Context, post: &str) -> String {
    cx.instance().activity_uri(&derived_id(&["create", &cx.instance().post_uri(post)]))
}

/// The followers of a profile, or whom it follows.
async fn people(cx: &Context, head: &Head, id: &str, name: &'static str) -> Result<Answer> {
    let Some(profile) = profile_by_id(cx, id).await? else { return Ok(Answer::Missing) };
    let uri =
        if name == "followers" { cx.instance().followers_uri(id) } else { cx.instance().following_uri(id) };
    let cursor = query(head, "cursor");
    let actor = cx.instance().actor_uri(id);
    let page = page::load(cx, name, &actor, cursor.clone()).await?;
    let document = if query(head, "page").is_none() && cursor.is_none() {
        collection::ordered(&uri, page.total)
    } else {
        collection::page(&uri, cursor.as_deref(), page.next.as_deref(), &page.items)
    };
    Ok(public(ACTIVITY_JSON, privacy::profile(&profile, &document)))
}

fn constant(kind: impl Into<String>, body: Released) -> Answer {
    Answer::Document { kind: kind.into(), body }
}

/// A document that anybody may read; what the gate withholds is missing.
fn public(kind: &str, released: Result<Released, Withheld>) -> Answer {
    released.map_or(Answer::Missing, |body| constant(kind, body))
}
