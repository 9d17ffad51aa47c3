//! Which requests are ours, decided from the head alone: not one byte of a body is needed.

use serde::Serialize;

use crate::http::Head;
use crate::instance::{Instance, Local, Template, decode};
use crate::trust::document::is_activity_type;

/// What a request asks of the library.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Route {
    /// True when the library answers it.
    pub ours: bool,
    /// The word for the endpoint, such as `inbox` or `webfinger`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<&'static str>,
    /// Most bytes of the body to read before `receive`; 0 when it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_body: Option<usize>,
    /// Headers the host adds to its own answer when the request is not ours.
    pub headers: Vec<(&'static str, &'static str)>,
}

/// An endpoint, with the id in its path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    WebFinger,
    HostMeta,
    NodeInfoIndex,
    NodeInfo(String),
    At(Local),
}

/// Tells whether a request is the library's, and how much body it may have.
///
/// Ids and pages are different URLs by default. When a template makes them one URL, `Accept` decides, and the
/// host's page gets `Vary: Accept`.
pub fn route(instance: &Instance, head: &Head) -> Route {
    let Some(endpoint) = endpoint(instance, head) else {
        let headers = if shares_url(instance, head.path()) { vec![("vary", "Accept")] } else { Vec::new() };
        return Route { ours: false, endpoint: None, max_body: None, headers };
    };
    let takes_body = matches!(endpoint, Endpoint::At(Local::Inbox(_) | Local::SharedInbox));
    let max_body = if takes_body && head.method == "POST" { instance.policy().max_body } else { 0 };
    Route { ours: true, endpoint: Some(endpoint.name()), max_body: Some(max_body), headers: Vec::new() }
}

/// The endpoint a request is for, if it is ours.
pub(crate) fn endpoint(instance: &Instance, head: &Head) -> Option<Endpoint> {
    let path = head.path();
    match path {
        "/.well-known/webfinger" => return Some(Endpoint::WebFinger),
        "/.well-known/host-meta" => return Some(Endpoint::HostMeta),
        "/.well-known/nodeinfo" => return Some(Endpoint::NodeInfoIndex),
        _ => {}
    }
    if let Some(version) = instance.paths().nodeinfo.read(path) {
        return Some(Endpoint::NodeInfo(version));
    }
    let local = instance.local_path(path)?;
    if shares_url(instance, path) && !wants_activity(head) {
        return None;
    }
    Some(Endpoint::At(local))
}

/// True when a page for people and a document for servers have this same path.
fn shares_url(instance: &Instance, path: &str) -> bool {
    let paths = instance.paths();
    let both = |id: &Template, page: &Template| id.read(path).is_some() && page.read(path).is_some();
    both(&paths.actor, &paths.profile_page) || both(&paths.post, &paths.post_page)
}

/// True when `Accept` asks for an ActivityPub document rather than a page.
fn wants_activity(head: &Head) -> bool {
    let accept: Vec<&str> =
        head.headers.all("accept").filter_map(|value| std::str::from_utf8(value).ok()).collect();
    let accept = accept.join(",");
    let position = |page: bool| {
        accept.split(',').position(|range| {
            let kind = range.trim();
            if page {
                kind.starts_with("text/html")
            } else {
                is_activity_type(kind) || kind.starts_with("application/ld+json")
            }
        })
    };
    match (position(false), position(true)) {
        (Some(_), None) => true,
        (Some(activity), Some(page)) => activity < page,
        _ => false,
    }
}

impl Endpoint {
    fn name(&self) -> &'static str {
        match self {
            Self::WebFinger => "webfinger",
            Self::HostMeta => "host_meta",
            Self::NodeInfoIndex => "nodeinfo_index",
            Self::NodeInfo(_) => "nodeinfo",
            Self::At(local) => match local {
                Local::Actor(_) => "actor",
                Local::Inbox(_) => "inbox",
                Local::Outbox(_) => "outbox",
                Local::Followers(_) => "followers",
                Local::Following(_) => "following",
                Local::Post(_) => "post",
                Local::Activity(_) => "activity",
                Local::SharedInbox => "shared_inbox",
                Local::InstanceActor => "instance_actor",
            },
        }
    }
}

/// The value of one query parameter, decoded as a form field (`+` is a space).
pub(crate) fn query(head: &Head, name: &str) -> Option<String> {
    head.query()?.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        if decode(key)? == name { decode(&value.replace('+', " ")) } else { None }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routed(config: &str, method: &str, target: &str, accept: &str) -> Route {
        let instance = Instance::open(config.as_bytes()).unwrap();
        let head =
            format!(r#"{{"method":"{method}","target":"{target}","headers":[["Accept","{accept}"]]}}"#);
        route(&instance, &Head::from_json(head.as_bytes()).unwrap())
    }

    const PLAIN: &str = r#"{"origin":"https://chirp.example"}"#;
    const ONE_URL: &str = r#"{"origin":"https://chirp.example","paths":{"post":"/posts/{id}"}}"#;

    #[test]
    fn only_an_inbox_has_a_body() {
        assert_eq!(routed(PLAIN, "POST", "/ap/inbox", "").max_body, Some(1024 * 1024));
        assert_eq!(routed(PLAIN, "POST", "/ap/users/1/inbox?x", "").endpoint, Some("inbox"));
        assert_eq!(routed(PLAIN, "POST", "/ap/users/1", "").max_body, Some(0));
        assert_eq!(routed(PLAIN, "GET", "/.well-known/webfinger?resource=x", "").endpoint, Some("webfinger"));
        assert_eq!(routed(PLAIN, "GET", "/nodeinfo/2.1", "").endpoint, Some("nodeinfo"));
    }

    #[test]
    fn the_hosts_own_pages_are_left_alone() {
        for target in ["/", "/posts/1", "/@ann", "/ap", "/ap/users/1/other", "/upload"] {
            let route = routed(PLAIN, "POST", target, "*/*");
            assert!(!route.ours && route.headers.is_empty(), "{target}");
        }
    }

    #[test]
    fn one_url_for_both_is_decided_by_accept_and_varies() {
        let page = routed(ONE_URL, "GET", "/posts/1", "text/html,application/xhtml+xml,*/*;q=0.8");
        assert_eq!((page.ours, page.headers), (false, vec![("vary", "Accept")]));
        assert!(routed(ONE_URL, "GET", "/posts/1", "application/activity+json").ours);
        assert!(!routed(ONE_URL, "GET", "/posts/1", "*/*").ours);
    }
}
