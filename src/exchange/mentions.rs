//! Who a local post is addressed to by name: mentioned in its text, named by the host, or the author of what
//! it answers.

use super::look_up::{self, is_our_domain};
use super::resolve::{self, Known};
use super::step::{Done, Want};
use super::task::Context;
use crate::error::Result;
use crate::model::{Handle, Mention, Post, Profile};
use crate::privacy;
use crate::translate::mention::wanted;
use crate::trust::stored::{StoredActor, StoredPost};

/// A post with everybody it names.
pub(crate) struct Addressed {
    /// The post, with the author of what it answers among its mentions.
    pub(crate) post: Post,
    /// The accounts behind the handles.
    pub(crate) known: Vec<Mention>,
    /// The remote ones, with their inboxes.
    pub(crate) actors: Vec<StoredActor>,
}

/// Everybody named, as far as they are known already.
pub(crate) async fn known(cx: &Context, post: &Post) -> Result<Addressed> {
    addressed(cx, post, &mut None).await
}

/// Everybody named; who is not known yet is looked up. A name that nobody answers to stays plain text.
pub(crate) async fn looked_up(
    cx: &Context,
    post: &Post,
    patient: bool,
    done: &mut Done,
) -> Result<Addressed> {
    addressed(cx, post, &mut Some(LookUp { done, patient })).await
}

struct LookUp<'d> {
    done: &'d mut Done,
    /// A peer that cannot answer now is an error, so that the job is tried again.
    patient: bool,
}

async fn addressed(cx: &Context, post: &Post, look_up: &mut Option<LookUp<'_>>) -> Result<Addressed> {
    let mut out = Addressed { post: post.clone(), known: Vec::new(), actors: Vec::new() };
    let limit = cx.instance().policy().max_mentions;
    for handle in wanted(cx.instance(), post)?.into_iter().take(limit) {
        if is_our_domain(cx, &handle.domain) {
            out.known.extend(local(cx, &handle).await?);
            continue;
        }
        if let Some(actor) = remote_account(cx, &handle, look_up).await? {
            out.known.push(mention(&actor));
            out.actors.push(actor);
        }
    }
    let named: Vec<String> =
        post.mentions.iter().filter_map(|mention| mention.uri.clone()).take(limit).collect();
    for uri in named {
        if !cx.instance().is_ours(&uri) && !out.actors.iter().any(|actor| actor.id == uri) {
            out.actors.extend(remote_actor(cx, &uri, look_up).await?);
        }
    }
    if let Some(author) = answered(cx, post, look_up).await? {
        if !out.actors.iter().any(|actor| actor.id == author.id) {
            out.post.mentions.push(mention(&author));
            out.actors.push(author);
        }
    }
    Ok(out)
}

fn mention(actor: &StoredActor) -> Mention {
    Mention {
        handle: Some(actor.handle.clone()),
        uri: Some(actor.id.clone()),
        url: actor.profile.url.clone(),
    }
}

async fn local(cx: &Context, handle: &Handle) -> Result<Option<Mention>> {
    let Some(value) = cx.load_one("profile", &format!("@{}", handle.user)).await? else { return Ok(None) };
    let profile = Profile::from_host(&value)?;
    if !privacy::profile_is_visible(&profile) {
        return Ok(None);
    }
    Ok(Some(Mention {
        handle: Some(cx.instance().handle(&profile.username)),
        uri: Some(cx.instance().actor_uri(&profile.id)),
        url: Some(cx.instance().profile_page(&profile.username, &profile.id)),
    }))
}

async fn remote_account(
    cx: &Context,
    handle: &Handle,
    look_up: &mut Option<LookUp<'_>>,
) -> Result<Option<StoredActor>> {
    match look_up {
        None => {
            let key = format!("acct:{}", handle.acct());
            cx.load_one("remote_actor", &key).await?.map(|value| StoredActor::read(value, &key)).transpose()
        }
        Some(look_up) => tolerant(look_up::account(cx, handle, look_up.done).await, look_up.patient),
    }
}

async fn remote_actor(
    cx: &Context,
    uri: &str,
    look_up: &mut Option<LookUp<'_>>,
) -> Result<Option<StoredActor>> {
    match look_up {
        None => {
            cx.load_one("remote_actor", uri).await?.map(|value| StoredActor::read(value, uri)).transpose()
        }
        Some(look_up) => {
            let found = resolve::owner(cx, uri, look_up.done).await.map(|known| match known {
                Known::Actor(actor) => Some(*actor),
                Known::Gone | Known::Absent => None,
            });
            tolerant(found, look_up.patient)
        }
    }
}

/// The author of the remote post that this one answers.
async fn answered(
    cx: &Context,
    post: &Post,
    look_up: &mut Option<LookUp<'_>>,
) -> Result<Option<StoredActor>> {
    let Some(parent) =
        post.in_reply_to.as_deref().filter(|uri| uri.contains("://") && !cx.instance().is_ours(uri))
    else {
        return Ok(None);
    };
    let Some(value) = cx.load(vec![Want::new("remote_post", parent)]).await?.pop().flatten() else {
        return Ok(None);
    };
    let author = StoredPost::read(value, parent)?.actor;
    remote_actor(cx, &author, look_up).await
}

/// Somebody who cannot be found does not keep a post from being published.
fn tolerant(found: Result<Option<StoredActor>>, patient: bool) -> Result<Option<StoredActor>> {
    match found {
        Err(error) if patient && error.is_retryable() && error.reason() != "fetch_budget_spent" => Err(error),
        Err(_) => Ok(None),
        found => found,
    }
}
