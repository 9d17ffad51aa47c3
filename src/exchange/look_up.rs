//! Look-ups: a handle or a URL becomes a profile or a post.
//!
//! A handle is resolved by WebFinger (RFC 7033) and believed when the actor's own domain says the same
//! (Akkoma 3.13.2 and Mastodon's spoofing fixtures): `@a@alias.example` may lead to an actor elsewhere, but
//! only the domain that the subject names can confirm it.

use serde_json::{Value, json};

use super::fetch::{self, Fetched};
use super::resolve::{self, Known};
use super::step::Done;
use super::task::Context;
use crate::discovery::webfinger;
use crate::error::{Result, invalid};
use crate::instance::Local;
use crate::model::{Handle, Profile};
use crate::privacy;
use crate::translate::{post as wire, profile};
use crate::trust::stored::{StoredActor, StoredPost, version};
use crate::vocab::host;

/// Finds what a person typed: `@user@domain`, `user@domain`, or a URL. The result is `{"profile":…}`,
/// `{"post":…,"profile":…}`, either with `"local": id` when it is ours, or null.
pub(crate) async fn query(cx: Context, query: String) -> Result<Done> {
    let mut done = Done::default();
    let query = query.trim();
    let result = if query.contains("://") {
        url(&cx, query, &mut done).await?
    } else {
        let handle = Handle::parse(query)
            .ok_or_else(|| invalid("bad_query", "expected a handle such as @user@example.com, or a URL"))?;
        by_handle(&cx, &handle, &mut done).await?
    };
    done.result = Some(result.unwrap_or_default());
    Ok(done)
}

async fn by_handle(cx: &Context, handle: &Handle, done: &mut Done) -> Result<Option<Value>> {
    if is_our_domain(cx, &handle.domain) {
        return local(cx, &format!("@{}", handle.user)).await;
    }
    Ok(match account(cx, handle, done).await? {
        Some(actor) => Some(json!({"profile": actor.profile, "uri": actor.id})),
        None => None,
    })
}

/// True when accounts of this domain are ours.
pub(crate) fn is_our_domain(cx: &Context, domain: &str) -> bool {
    domain.eq_ignore_ascii_case(cx.instance().account_domain())
        || cx.instance().hosts().iter().any(|host| host.eq_ignore_ascii_case(domain))
}

async fn local(cx: &Context, key: &str) -> Result<Option<Value>> {
    let Some(value) = cx.load_one("profile", key).await? else { return Ok(None) };
    let profile = Profile::from_host(&value)?;
    if !privacy::profile_is_visible(&profile) {
        return Ok(None);
    }
    let uri = cx.instance().actor_uri(&profile.id);
    Ok(Some(json!({"profile": profile, "uri": uri, "local": profile.id})))
}

/// The remote actor a handle names: as remembered, else by WebFinger and a fetch.
pub(crate) async fn account(cx: &Context, handle: &Handle, done: &mut Done) -> Result<Option<StoredActor>> {
    let key = format!("acct:{}", handle.acct());
    if let Some(value) = cx.load_one("remote_actor", &key).await? {
        return Ok(Some(StoredActor::read(value, &key)?));
    }
    let Some(first) = finger(cx, handle).await? else { return Ok(None) };
    // The subject may name another domain; then that domain must say the same of the same actor.
    if !first.answers(handle) {
        if is_our_domain(cx, &first.handle.domain) {
            return Ok(None);
        }
        let Some(second) = finger(cx, &first.handle).await? else { return Ok(None) };
        if !second.answers(&first.handle) || second.actor != first.actor {
            return Ok(None);
        }
    }
    if cx.instance().is_ours(&first.actor) {
        return Ok(None);
    }
    let mut learnt = Done::default();
    let Known::Actor(mut actor) = resolve::fetch_actor(cx, &first.actor, &mut learnt).await? else {
        return Ok(None);
    };
    if !actor.profile.username.eq_ignore_ascii_case(&first.handle.user) {
        return Ok(None);
    }
    if !confirmed(cx, handle, &first, &actor).await? {
        return Ok(None);
    }
    actor.handle = first.handle.to_string();
    actor.profile.handle = Some(actor.handle.clone());
    done.store.append(&mut learnt.store);
    done.put("remote_actor", actor.id.clone(), actor.to_value());
    Ok(Some(*actor))
}

/// True when the actor's own host gives it the handle too; else anybody could name it (Akkoma 3.13.2).
/// `answer` came from the domain of `asked`, or names a domain that said the same.
async fn confirmed(
    cx: &Context,
    asked: &Handle,
    answer: &webfinger::Account,
    actor: &StoredActor,
) -> Result<bool> {
    let home = host(&actor.id).and_then(|host| Handle::parse(&format!("{}@{host}", actor.profile.username)));
    let Some(home) = home else { return Ok(false) };
    if answer.handle.same(&home) || (asked.same(&home) && answer.actor == actor.id) {
        return Ok(true);
    }
    let own = finger(cx, &home).await?;
    Ok(own.is_some_and(|own| own.answers(&answer.handle) && own.actor == actor.id))
}

async fn finger(cx: &Context, handle: &Handle) -> Result<Option<webfinger::Account>> {
    // Plain http only where our own origin is, under the development policy.
    let scheme = cx.instance().origin().split(':').next().unwrap_or("https");
    let url = webfinger::url(scheme, handle)?;
    let types = ["application/jrd+json", "application/json"];
    let Some(document) =
        fetch::json_document(cx, &url, "application/jrd+json, application/json", &types).await?
    else {
        return Ok(None);
    };
    Ok(webfinger::read(&document, handle).ok())
}

async fn url(cx: &Context, url: &str, done: &mut Done) -> Result<Option<Value>> {
    match cx.instance().local(url) {
        Some(Local::Actor(id)) => return local(cx, &id).await,
        Some(Local::Post(id)) => return local_post(cx, &id).await,
        Some(_) => return Ok(None),
        None if cx.instance().is_ours(url) => return Ok(None),
        None => {}
    }
    let Fetched::Document(document) = fetch::document(cx, url).await? else { return Ok(None) };
    if profile::is_actor(document.value()) {
        let actor = resolve::remember_actor(cx, &document, done)?;
        return Ok(Some(json!({"profile": actor.profile, "uri": actor.id})));
    }
    let Some((post, actor)) = post(cx, &document, done).await? else { return Ok(None) };
    Ok(Some(json!({"post": post, "profile": actor.profile, "uri": post.id})))
}

async fn local_post(cx: &Context, id: &str) -> Result<Option<Value>> {
    let Some(value) = cx.load_one("post", id).await? else { return Ok(None) };
    let post = crate::model::Post::from_host(&value)?;
    let Some(author) = super::handle::profile_by_id(cx, &post.author).await? else { return Ok(None) };
    if !privacy::post_is_public(&author, &post, cx.now()) {
        return Ok(None);
    }
    let uri = cx.instance().post_uri(&post.id);
    Ok(Some(json!({"post": post, "profile": author, "uri": uri, "local": id})))
}

/// Reads a post from its authentic document, with its author, and remembers both.
pub(crate) async fn post(
    cx: &Context,
    document: &crate::trust::Authentic,
    done: &mut Done,
) -> Result<Option<(crate::model::Post, StoredActor)>> {
    let remote = wire::read(document.value())?;
    let owner = remote.post.author.clone();
    // Owner and object are of one origin (FEP-fe34).
    if !crate::trust::document::same_origin(&owner, document.id()) {
        return Ok(None);
    }
    let Known::Actor(actor) = resolve::owner(cx, &owner, done).await? else { return Ok(None) };
    let updated = version(&remote.post);
    let stored = StoredPost {
        v: 1,
        id: remote.post.id.clone(),
        actor: owner,
        visibility: remote.post.visibility,
        in_reply_to: remote.post.in_reply_to.clone(),
        updated,
        fetched_at: cx.now(),
    };
    done.put_if_newer("remote_post", stored.id.clone(), stored.to_value(), updated);
    Ok(Some((remote.post, *actor)))
}
