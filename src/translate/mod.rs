//! Translation between the native model and ActivityStreams documents.
//!
//! Outwards one strict form is written, the one every server accepts; the demands it meets are listed with
//! their sources in [`quirks`]. Inwards every shape seen is read, and what cannot be read is reported with
//! its place while the rest is kept.
//!
//! A document is written in two steps: `wire` brings a local post or profile into its normal form (URIs for
//! keys, HTML for text, and so on: the table is in [`post::wire`] and [`profile::wire`]), then the normal form
//! is written as it stands. So `read(render(x)) = wire(x)`, and `wire(wire(x)) = wire(x)`.
//!
//! Documents are written without `bto` and `bcc`, and nothing marked `host` in the model leaves.

pub mod activity;
pub mod collection;
mod context;
mod media_type;
pub mod mention;
mod picture;
pub mod post;
pub mod profile;
pub mod quirks;

use url::Url;

use crate::error::{Result, invalid};
use crate::instance::{Instance, Local};
use crate::vocab;

/// The URL a host means: absolute, or a path on the instance's origin.
fn absolute(instance: &Instance, given: &str, at: impl Fn() -> String) -> Result<String> {
    let given = given.trim();
    if let Some(url) = vocab::http_url(given) {
        return Ok(url.to_owned());
    }
    let fault = || invalid("bad_url", "expected an http(s) URL, or a path that begins with a slash");
    if !given.starts_with('/') || given.starts_with("//") {
        return Err(fault().at(at()));
    }
    let joined = Url::parse(instance.origin()).and_then(|origin| origin.join(given));
    match joined.map(String::from) {
        Ok(url) if vocab::http_url(&url).is_some() && instance.is_ours(&url) => Ok(url),
        _ => Err(fault().at(at())),
    }
}

/// A page address for people. It lies on the host of the id: Mastodon drops a `url` on another host, and
/// Misskey 2024.11 refused the post (misskey-dev/misskey#15039).
fn page(instance: &Instance, given: Option<&str>, usual: impl Fn() -> String) -> Result<String> {
    let Some(given) = given else { return Ok(usual()) };
    let url = absolute(instance, given, || "/url".into())?;
    if vocab::same_host(&url, instance.origin()) {
        Ok(url)
    } else {
        Err(invalid("foreign_url", "a page must lie on the origin of the instance: other servers drop it")
            .at("/url"))
    }
}

/// The host's key of a profile given by key or by its URI.
fn profile_key(instance: &Instance, id: &str, at: &str) -> Result<String> {
    if !id.contains("://") {
        return Ok(id.to_owned());
    }
    match instance.local(id) {
        Some(Local::Actor(key)) => Ok(key),
        _ => Err(invalid("not_ours", "expected the key or the URI of a profile of this instance").at(at)),
    }
}

/// The host's key of a post given by key or by its URI.
fn post_key(instance: &Instance, id: &str, at: &str) -> Result<String> {
    if !id.contains("://") {
        return Ok(id.to_owned());
    }
    match instance.local(id) {
        Some(Local::Post(key)) => Ok(key),
        _ => Err(invalid("not_ours", "expected the key or the URI of a post of this instance").at(at)),
    }
}

/// Text on one line: runs of white space become one blank, both ends are trimmed.
fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}
