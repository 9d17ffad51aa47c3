//! Ids and URLs: which strings may be one, and which two lie on one host.
//!
//! Ids are compared as they are written; only scheme and host compare without case (RFC 3986 section 6.2.2.1).

use std::collections::HashSet;

use super::Object;

/// The namespace of ActivityStreams 2.0.
pub const AS: &str = "https://www.w3.org/ns/activitystreams";
/// The collection that stands for everyone (ActivityPub section 5.6).
pub const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// True for the Public collection in each of its spellings: the IRI, `as:Public` (Ghost, Hollo, Threads) and
/// `Public`.
pub fn is_public(id: &str) -> bool {
    matches!(id, PUBLIC | "as:Public" | "Public")
}

/// The ids a property such as `to` names, each once and in order, every spelling of Public as its IRI.
pub fn addressees(object: Object<'_>, property: &'static str) -> Vec<String> {
    let mut seen = HashSet::new();
    let ids = object.links(property).map(|id| if is_public(id) { PUBLIC } else { id });
    ids.filter(|id| seen.insert(*id)).map(str::to_owned).collect()
}

/// The longest id or URL that is read, in bytes. Ids are keys of the host's tables, and an index row of PostgreSQL
/// holds 2,704 bytes.
pub const MAX_URL: usize = 2048;

/// The text when it is an absolute http or https URL with a host and nothing that two parsers could read
/// differently: no white space, control character, backslash or user.
pub fn http_url(text: &str) -> Option<&str> {
    let text = text.trim();
    if text.len() > MAX_URL {
        return None;
    }
    let rest = after_scheme(text)?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let sound = !authority.is_empty()
        && !authority.starts_with(':')
        && !authority.contains('@')
        && !text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\');
    sound.then_some(text)
}

/// The host of a URL that [`http_url`] takes, with its port as written.
pub fn host(url: &str) -> Option<&str> {
    after_scheme(http_url(url)?)?.split(['/', '?', '#']).next()
}

/// True when both are http(s) URLs on one host and port.
pub fn same_host(one: &str, other: &str) -> bool {
    match (host(one), host(other)) {
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
        _ => false,
    }
}

fn after_scheme(text: &str) -> Option<&str> {
    ["https://", "http://"].iter().find_map(|scheme| {
        let start = text.get(..scheme.len())?;
        if start.eq_ignore_ascii_case(scheme) { text.get(scheme.len()..) } else { None }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http_with_a_host() {
        for good in [
            "https://a.example/x",
            "HTTP://a.example",
            "https://a.example:8443?q",
            "https://bücher.example/ü",
        ] {
            assert!(http_url(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "a.example",
            "//a.example",
            "https://",
            "https:///x",
            "https://:80/",
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://a.example",
            "tag:a.example,2020:x",
            "https://a.example/x y",
            "https://a.example\\@b.example/",
            "https://a@b.example/",
            "https://a.example/\u{7f}",
        ] {
            assert!(http_url(bad).is_none(), "{bad}");
        }
        let long = |length: usize| format!("https://a.example/{}", "x".repeat(length - 18));
        assert!(http_url(&long(MAX_URL)).is_some());
        assert!(http_url(&long(MAX_URL + 1)).is_none());
    }

    #[test]
    fn hosts_compare_without_case_and_with_the_port() {
        assert!(same_host("https://A.example/1", "http://a.EXAMPLE/2"));
        assert!(!same_host("https://a.example/1", "https://a.example.evil/1"));
        assert!(!same_host("https://a.example:1/", "https://a.example/"));
        assert!(!same_host("urn:x", "urn:x"));
    }
}
