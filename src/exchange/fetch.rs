//! Fetches: which requests are made, signed by whom, and how redirects are followed.
//!
//! Each request is decided, checked and signed anew: the block list is asked, the URL is judged, the
//! signature is the instance actor's (secure-mode Mastodon refuses unsigned requests). At most three
//! redirects, never to plain http (signatures-and-trust rules of Mastodon 4.4 and Akkoma 3.16).

use serde_json::Value;
use url::Url;

use super::step::{FetchAsk, SignAsk, Want};
use super::task::Context;
use crate::error::{Code, Error, Result};
use crate::json;
use crate::privacy::Released;
use crate::signature::cavage;
use crate::trust::Authentic;
use crate::trust::address::{block_names, fetchable, may_answer};
use crate::trust::document::{self, ACCEPT, Answered};

const MAX_REDIRECTS: u32 = 3;

/// What a fetch of a document came to.
pub(crate) enum Fetched {
    Document(Authentic),
    /// Deleted for good (410).
    Gone,
    /// Not there, not for us, or its host is blocked.
    Absent,
}

/// Fetches an ActivityPub document from the origin its id names.
pub(crate) async fn document(cx: &Context, url: &str) -> Result<Fetched> {
    let mut url = without_fragment(url);
    let mut redirects = 0;
    let mut asked_id = false;
    loop {
        let Some(target) = allowed(cx, &url).await? else { return Ok(Fetched::Absent) };
        let headers = vec![("Accept".to_owned(), ACCEPT.to_owned())];
        let (head, body) = get(cx, &target, headers, true).await?;
        match document::judge(&target, &head, &body, cx.instance().policy(), asked_id)? {
            Answered::Document(document) => return Ok(Fetched::Document(document)),
            Answered::Redirect(to) => {
                redirects += 1;
                if redirects > MAX_REDIRECTS {
                    return Err(too_many_redirects());
                }
                url = to;
            }
            Answered::Elsewhere(id) => {
                asked_id = true;
                url = without_fragment(&id);
            }
            Answered::Gone => return Ok(Fetched::Gone),
            Answered::Absent => return Ok(Fetched::Absent),
        }
    }
}

/// Fetches a JSON document that is no ActivityPub object (WebFinger), unsigned. `None` when there is none.
pub(crate) async fn json_document(
    cx: &Context,
    url: &str,
    accept: &str,
    types: &[&str],
) -> Result<Option<Value>> {
    let mut url = url.to_owned();
    for _ in 0..=MAX_REDIRECTS {
        let Some(target) = allowed(cx, &url).await? else { return Ok(None) };
        let headers = vec![("Accept".to_owned(), accept.to_owned())];
        let (head, body) = get(cx, &target, headers, false).await?;
        match document::status(&target, &head, cx.instance().policy())? {
            None => {
                let kind = head.headers.media_type().unwrap_or_default();
                if !types.contains(&kind.as_str()) || body.len() > cx.instance().policy().max_body {
                    return Ok(None);
                }
                return Ok(Some(json::read(&body)?.value));
            }
            Some(Answered::Redirect(to)) => url = to,
            Some(_) => return Ok(None),
        }
    }
    Err(too_many_redirects())
}

/// Delivers bytes to an inbox, signed by the actor `sign_as`; a redirect is not followed.
pub(crate) async fn post(
    cx: &Context,
    inbox: &Url,
    sign_as: &str,
    body: Released,
) -> Result<crate::http::ResponseHead> {
    let key_id = cx.instance().key_id(sign_as);
    let headers = vec![("User-Agent".to_owned(), user_agent(cx))];
    let outgoing = cavage::Outgoing {
        method: "POST",
        url: inbox.as_str(),
        body: Some(body.bytes()),
        content_type: Some("application/activity+json"),
        headers: &headers,
    };
    let prepared = cavage::prepare(&outgoing, &key_id, cx.now())?;
    let signature =
        cx.sign(SignAsk { key_id, actor: sign_as.to_owned(), bytes: prepared.base().to_vec() }).await?;
    let headers = prepared.finish(&signature);
    let (head, _) = cx.fetch(ask(cx, "POST", inbox, headers, Some(sign_as.to_owned()), body)).await?;
    if Url::parse(&head.url).ok().as_ref() != Some(inbox) {
        return Err(Error::new(
            Code::Refused,
            "another_url_answered",
            "the answer's URL must be the one asked",
        )
        .at("/url"));
    }
    may_answer(head.address, cx.instance().policy())?;
    Ok(head)
}

/// The URL when it may be asked: well formed, not ours, not on a blocked host.
async fn allowed(cx: &Context, url: &str) -> Result<Option<Url>> {
    let target = target(cx, url)?;
    let blocked = cx.load(block_wants(target.as_str())).await?;
    Ok(if blocked.iter().any(Option::is_some) { None } else { Some(target) })
}

/// The URL when it is well formed and not ours. Whether it is blocked is to be asked before it is fetched.
pub(crate) fn target(cx: &Context, url: &str) -> Result<Url> {
    let target = fetchable(url, cx.instance().policy())?;
    if cx.instance().is_ours(target.as_str()) {
        return Err(Error::new(
            Code::Refused,
            "own_origin",
            "documents of our own origin are loaded, never fetched",
        ));
    }
    Ok(target)
}

/// Every entry of the block list that forbids a URI: itself, its host, the domains above it.
pub(crate) fn block_wants(uri: &str) -> Vec<Want> {
    let host = Url::parse(uri).ok().and_then(|url| url.host_str().map(block_names)).unwrap_or_default();
    let names = std::iter::once(uri.to_owned()).chain(host);
    names.map(|name| Want::new("blocked", name)).collect()
}

async fn get(
    cx: &Context,
    url: &Url,
    mut headers: Vec<(String, String)>,
    signed: bool,
) -> Result<(crate::http::ResponseHead, Vec<u8>)> {
    headers.push(("User-Agent".to_owned(), user_agent(cx)));
    if !signed {
        let host = url.port().map_or_else(
            || url.host_str().unwrap_or_default().to_owned(),
            |port| format!("{}:{port}", url.host_str().unwrap_or_default()),
        );
        headers.insert(0, ("Host".to_owned(), host));
        return cx.fetch(ask(cx, "GET", url, headers, None, Released::default())).await;
    }
    let actor = cx.instance().instance_actor_uri();
    let key_id = cx.instance().key_id(&actor);
    let outgoing = cavage::Outgoing {
        method: "GET",
        url: url.as_str(),
        body: None,
        content_type: None,
        headers: &headers,
    };
    let prepared = cavage::prepare(&outgoing, &key_id, cx.now())?;
    let signature =
        cx.sign(SignAsk { key_id, actor: actor.clone(), bytes: prepared.base().to_vec() }).await?;
    let headers = prepared.finish(&signature);
    cx.fetch(ask(cx, "GET", url, headers, Some(actor), Released::default())).await
}

fn ask(
    cx: &Context,
    method: &'static str,
    url: &Url,
    headers: Vec<(String, String)>,
    sign_as: Option<String>,
    body: Released,
) -> FetchAsk {
    let policy = cx.instance().policy();
    FetchAsk {
        method,
        url: url.as_str().to_owned(),
        headers,
        sign_as,
        max_body: policy.max_body,
        timeout: policy.fetch_seconds,
        allow_local: policy.local_network,
        body,
    }
}

/// `fedigraft/0.1.0 (chirp/1.2; +https://chirp.example/)`.
fn user_agent(cx: &Context) -> String {
    let software = cx.instance().software();
    format!(
        "fedigraft/{} ({}/{}; +{}/)",
        env!("CARGO_PKG_VERSION"),
        software.name,
        software.version,
        cx.instance().origin()
    )
}

fn without_fragment(url: &str) -> String {
    url.split('#').next().unwrap_or_default().to_owned()
}

fn too_many_redirects() -> Error {
    Error::new(Code::Refused, "too_many_redirects", "a document may be at most three redirects away")
}
