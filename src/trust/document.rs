//! When the answer to a fetch is the document that was asked for.
//!
//! A document is authentic when it came from the origin its own `id` names, under an ActivityPub content type
//! (FEP-fe34; CVE-2024-23832, CVE-2024-25623, Misskey GHSA-qqrm-9grj-6v32). Anything else is at most a hint
//! where to ask next.

use serde_json::Value;
use url::Url;

use super::address;
use crate::error::{Code, Error, Result};
use crate::http::ResponseHead;
use crate::instance::Policy;
use crate::json;
use crate::vocab::http_url;

/// What is asked for in `Accept` (ActivityPub section 3.2).
pub(crate) const ACCEPT: &str =
    r#"application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams""#;

const PROFILE: &str = "https://www.w3.org/ns/activitystreams";

/// A document that came from the origin its id names.
#[derive(Clone)]
pub(crate) struct Authentic {
    id: String,
    value: Value,
}

impl Authentic {
    /// The document's id, which is the URL it came from.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn value(&self) -> &Value {
        &self.value
    }
}

/// What an answer turned out to be.
pub(crate) enum Answered {
    Document(Authentic),
    /// The server points to another URL.
    Redirect(String),
    /// The document says it lives at another URL on the same host: ask there, once.
    Elsewhere(String),
    /// 410: deleted for good. A 404 proves no deletion (swicg/activitypub-http-signature).
    Gone,
    /// Not there, or not for us.
    Absent,
}

/// Judges the answer to a GET of `asked`. `exact` refuses a document whose id is not the URL, instead of
/// pointing to it: the second and last try (Mastodon `fetch_resource`).
pub(crate) fn judge(
    asked: &Url,
    head: &ResponseHead,
    body: &[u8],
    policy: &Policy,
    exact: bool,
) -> Result<Answered> {
    if let Some(outcome) = status(asked, head, policy)? {
        return Ok(outcome);
    }
    if !is_activity_json(head) {
        return Err(refuse("wrong_content_type", "an ActivityPub document is application/activity+json, or application/ld+json with the ActivityStreams profile").at("content-type"));
    }
    if body.len() > policy.max_body {
        return Err(Error::new(Code::TooLarge, "too_large", "the answer is over the limit of bytes"));
    }
    let value = json::read(body)?.value;
    let id = match value.get("id").or_else(|| value.get("@id")) {
        // As written: what only a forgiving parser takes for this URL is another id elsewhere.
        Some(Value::String(id)) if http_url(id) == Some(id) => id.clone(),
        _ => return Err(refuse("no_id", "a fetched document has an http(s) URI as its `id`").at("/id")),
    };
    if same_document(&id, asked) {
        return Ok(Answered::Document(Authentic { id, value }));
    }
    if exact || !same_origin(&id, asked.as_str()) {
        return Err(refuse(
            "id_is_not_the_url",
            "a document's id must be the URL it is served at, or another on the same host",
        )
        .at("/id"));
    }
    Ok(Answered::Elsewhere(id))
}

/// Judges everything that comes before the body; also for answers that are no ActivityPub documents.
pub(crate) fn status(asked: &Url, head: &ResponseHead, policy: &Policy) -> Result<Option<Answered>> {
    if Url::parse(&head.url).ok().as_ref() != Some(asked) {
        return Err(refuse(
            "another_url_answered",
            "the answer's URL must be the one asked; redirects are not followed by the fetcher",
        )
        .at("/url"));
    }
    address::may_answer(head.address, policy)?;
    match head.status {
        200 => Ok(None),
        301 | 302 | 303 | 307 | 308 => {
            let target = head.headers.text("location").and_then(|to| asked.join(to).ok());
            let Some(mut target) = target else {
                return Err(refuse("bad_redirect", "a redirect names a URL").at("location"));
            };
            if asked.scheme() == "https" && target.scheme() != "https" {
                return Err(refuse("redirect_downgrade", "a redirect may not leave https").at("location"));
            }
            target.set_fragment(None);
            Ok(Some(Answered::Redirect(target.into())))
        }
        410 => Ok(Some(Answered::Gone)),
        408 | 425 | 429 | 500..=599 => {
            Err(Error::new(Code::Failed, "peer_unavailable", "the peer cannot answer now").retryable())
        }
        _ => Ok(Some(Answered::Absent)),
    }
}

/// `application/activity+json`, or `application/ld+json` with the ActivityStreams profile among its tokens.
pub(crate) fn is_activity_json(head: &ResponseHead) -> bool {
    is_activity_type(head.headers.text("content-type").unwrap_or_default())
}

/// The same for a bare `Content-Type` value.
pub(crate) fn is_activity_type(value: &str) -> bool {
    let mut parts = value.split(';');
    match parts.next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "application/activity+json" => true,
        "application/ld+json" => parts.any(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or_default();
            name.trim().eq_ignore_ascii_case("profile")
                && value.trim().trim_matches('"').split_ascii_whitespace().any(|token| token == PROFILE)
        }),
        _ => false,
    }
}

/// An id names the document at `url` when they are the same URL in the parser's normal form; a fragment, as
/// key documents have, stays within the document.
fn same_document(id: &str, url: &Url) -> bool {
    Url::parse(id).is_ok_and(|mut id| {
        id.set_fragment(None);
        id == *url
    })
}

/// True when both URLs have the same scheme, host and port (FEP-fe34); never for URLs without a host.
pub(crate) fn same_origin(a: &str, b: &str) -> bool {
    match (Url::parse(a), Url::parse(b)) {
        (Ok(a), Ok(b)) => a.origin() == b.origin(),
        _ => false,
    }
}

fn refuse(reason: &'static str, message: &str) -> Error {
    Error::new(Code::Refused, reason, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const URL: &str = "https://social.example/users/a";

    fn policy() -> Policy {
        Policy::read(None).unwrap()
    }

    fn head(change: impl FnOnce(&mut Value)) -> ResponseHead {
        let mut head = json!({"url": URL, "status": 200, "address": "1.1.1.1",
            "headers": [["Content-Type", "application/activity+json; charset=utf-8"]]});
        change(&mut head);
        ResponseHead::from_json(head.to_string().as_bytes()).unwrap()
    }

    fn outcome(head: &ResponseHead, body: &str) -> String {
        match judge(&Url::parse(URL).unwrap(), head, body.as_bytes(), &policy(), false) {
            Ok(Answered::Document(document)) => format!("document {}", document.id()),
            Ok(Answered::Redirect(url)) => format!("redirect {url}"),
            Ok(Answered::Elsewhere(url)) => format!("elsewhere {url}"),
            Ok(Answered::Gone) => "gone".into(),
            Ok(Answered::Absent) => "absent".into(),
            Err(error) => error.reason().into(),
        }
    }

    fn body(id: &str) -> String {
        json!({"id": id, "type": "Person"}).to_string()
    }

    #[test]
    fn a_document_at_its_own_id_is_authentic() {
        assert_eq!(outcome(&head(|_| ()), &body(URL)), format!("document {URL}"));
    }

    #[test]
    fn an_id_on_another_host_is_refused_and_on_the_same_host_asked_once() {
        assert_eq!(outcome(&head(|_| ()), &body("https://evil.example/users/a")), "id_is_not_the_url");
        assert_eq!(
            outcome(&head(|_| ()), &body("https://social.example/users/b")),
            "elsewhere https://social.example/users/b"
        );
        let asked = Url::parse(URL).unwrap();
        let again =
            judge(&asked, &head(|_| ()), body("https://social.example/users/b").as_bytes(), &policy(), true);
        assert_eq!(again.err().unwrap().reason(), "id_is_not_the_url");
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let same = |url: &str| same_origin("https://social.example/a", url);
        assert!(same("https://SOCIAL.example:443/b#c"));
        for url in [
            "https://social.example:8443/a",
            "http://social.example/a",
            "https://social.example.evil/a",
            "https://social.example./a",
            "https://www.social.example/a",
            "social.example/a",
            "",
        ] {
            assert!(!same(url), "{url}");
        }
        assert!(!same_origin("data:text/plain,x", "data:text/plain,x"));
    }

    #[test]
    fn a_fragment_stays_within_the_document() {
        let key = format!("{URL}#key");
        assert_eq!(outcome(&head(|_| ()), &body(&key)), format!("document {key}"));
        let moved = head(|h| {
            h["status"] = json!(301);
            h["headers"] = json!([["Location", "https://social.example/users/b#key"]]);
        });
        assert_eq!(outcome(&moved, ""), "redirect https://social.example/users/b");
    }

    #[test]
    fn an_answer_is_as_large_as_the_policy_allows() {
        let policy = Policy::read(Some(&json!({"base": "strict", "max_body": 1024}))).unwrap();
        let asked = Url::parse(URL).unwrap();
        let read = |size: usize| {
            let mut body = body(URL).into_bytes();
            body.resize(size, b' ');
            judge(&asked, &head(|_| ()), &body, &policy, false).err().map(|error| error.reason())
        };
        assert_eq!((read(1024), read(1025)), (None, Some("too_large")));
    }

    #[test]
    fn an_id_is_taken_as_it_is_written() {
        for id in [
            " https://social.example/users/a",
            "https://social.example/users/\na",
            "https:/social.example/users/a",
            "https://u@social.example/users/a",
        ] {
            assert_eq!(outcome(&head(|_| ()), &body(id)), "no_id", "{id:?}");
        }
    }

    #[test]
    fn an_uploaded_json_file_is_no_actor() {
        for kind in [
            "application/json",
            "text/html",
            "application/ld+json",
            "application/ld+json; profile=\"https://x\"",
            "",
        ] {
            let head = head(|h| h["headers"] = json!([["Content-Type", kind]]));
            assert_eq!(outcome(&head, &body(URL)), "wrong_content_type", "{kind}");
        }
        let profile =
            r#"application/ld+json; charset=utf-8; profile="https://www.w3.org/ns/activitystreams""#;
        assert!(
            outcome(&head(|h| h["headers"] = json!([["content-type", profile]])), &body(URL))
                .starts_with("document")
        );
    }

    #[test]
    fn the_answer_must_come_from_the_url_asked_and_a_public_address() {
        assert_eq!(
            outcome(&head(|h| h["url"] = json!("https://social.example/other")), &body(URL)),
            "another_url_answered"
        );
        assert_eq!(outcome(&head(|h| h["address"] = json!("10.0.0.1")), &body(URL)), "private_address");
        assert_eq!(outcome(&head(|h| h["address"] = Value::Null), &body(URL)), "no_address");
    }

    #[test]
    fn statuses_say_what_they_say_and_no_more() {
        assert_eq!(outcome(&head(|h| h["status"] = json!(410)), ""), "gone");
        assert_eq!(outcome(&head(|h| h["status"] = json!(404)), ""), "absent");
        assert_eq!(outcome(&head(|h| h["status"] = json!(503)), ""), "peer_unavailable");
        let moved = |to: &str| {
            head(|h| {
                h["status"] = json!(302);
                h["headers"] = json!([["Location", to]]);
            })
        };
        assert_eq!(outcome(&moved("/users/b"), ""), "redirect https://social.example/users/b");
        assert_eq!(outcome(&moved("http://social.example/users/a"), ""), "redirect_downgrade");
    }
}
