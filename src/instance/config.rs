//! The configuration as the host writes it, and the checks on origins and domains.

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::Software;
use super::paths::PathConfig;
use super::policy::Policy;
use crate::error::{Result, invalid};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Config {
    pub(super) origin: String,
    #[serde(default)]
    pub(super) aliases: Vec<String>,
    #[serde(default)]
    pub(super) account_domain: Option<String>,
    #[serde(default)]
    pub(super) paths: PathConfig,
    #[serde(default)]
    pub(super) software: Option<Software>,
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) description: String,
    #[serde(default)]
    pub(super) policy: Option<Value>,
    #[serde(default)]
    pub(super) loads: Option<Vec<String>>,
    #[serde(default)]
    pub(super) open_registrations: bool,
}

/// Checks an origin and returns it in its one spelling, with the value its `Host` header has.
pub(super) fn origin(text: &str, policy: &Policy, at: &str) -> Result<(String, String)> {
    let fault = |why: &str| invalid("bad_origin", why.to_owned()).at(at.to_owned());
    let url =
        Url::parse(text).map_err(|_| fault("expected scheme and host, such as https://chirp.example"))?;
    let bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if !bare {
        return Err(fault("an origin has no path, query, fragment or user"));
    }
    match (url.scheme(), policy.local_network) {
        ("https", _) | ("http", true) => {}
        ("http", false) => return Err(fault("an origin is https; plain http needs the development policy")),
        _ => return Err(fault("an origin is https")),
    }
    let host = url.host_str().ok_or_else(|| fault("an origin has a host"))?;
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    Ok((format!("{}://{host}", url.scheme()), host))
}

pub(super) fn account_domain(text: &str, policy: &Policy) -> Result<String> {
    let fault =
        || invalid("bad_account_domain", "expected a domain such as example.com").at("/account_domain");
    let url = Url::parse(&format!("https://{text}/")).map_err(|_| fault())?;
    let host = url.host_str().ok_or_else(fault)?;
    let port = url.port();
    if url.path() != "/" || !url.username().is_empty() || (port.is_some() && !policy.local_network) {
        return Err(fault());
    }
    Ok(port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

/// serde's complaint about our own configuration names members, never values.
pub(super) fn describe(error: &serde_json::Error) -> String {
    let text = error.to_string();
    if text.starts_with("unknown field") || text.starts_with("missing field") {
        text
    } else {
        crate::http::shape(error)
    }
}
