//! The evidence: every rule with what was seen, the signature base, the likely cause in plain words.

use fedigraft::verdict::Evidence;

use crate::request::{KEY, NOW, Request};

const USUAL: &str = "(request-target) host date digest";
const RSA: &str = r#"algorithm="rsa-sha256""#;

fn evidence(request: &Request) -> Evidence {
    request.explain().evidence.unwrap()
}

fn cause(request: &Request) -> String {
    evidence(request).likely_cause.unwrap_or_default()
}

fn failed(request: &Request) -> Vec<&'static str> {
    evidence(request).rules.iter().filter(|rule| !rule.ok).map(|rule| rule.rule).collect()
}

#[test]
fn an_accepted_request_lists_every_rule_with_its_source() {
    let evidence = evidence(&Request::valid());
    let words: Vec<_> = evidence.rules.iter().map(|rule| rule.rule).collect();
    let expected = [
        "scheme_is_cavage",
        "signature_present",
        "one_signature",
        "signature_syntax",
        "parameters_once",
        "parameters_present",
        "signature_encoding",
        "times_are_integers",
        "signature_size",
        "listed_names",
        "listed_once",
        "algorithm",
        "single_headers",
        "single_headers",
        "single_headers",
        "request_target_covered",
        "host_covered",
        "time_covered",
        "digest_covered",
        "covered_present",
        "covered_text",
        "host_is_ours",
        "date_readable",
        "not_from_the_future",
        "not_too_old",
        "digest_syntax",
        "digest_has_sha256",
        "digest_matches",
        "signature_valid",
    ];
    assert_eq!(words, expected);
    for rule in &evidence.rules {
        assert!(rule.ok && !rule.seen.is_empty() && !rule.expected.is_empty() && !rule.source.is_empty());
    }
    let base = evidence.signature_base.unwrap();
    assert!(base.starts_with("(request-target): post /inbox\nhost: chirp.example\ndate: Tue, 05 Mar 2024"));
    assert_eq!(evidence.likely_cause, None);
}

#[test]
fn all_that_is_wrong_is_listed_and_the_first_decides() {
    let mut request = Request::valid();
    request.now += 7200;
    request.body.push(b' ');
    request.key = fedigraft::key::PrivateKey::generate().unwrap().public().clone();
    assert_eq!(failed(&request), ["not_too_old", "digest_matches", "signature_valid"]);
    assert_eq!(request.code(), "signature_too_old");
}

#[test]
fn a_clock_is_off_by_so_many_minutes() {
    let behind = Request { now: NOW + 5400, ..Request::valid() };
    assert!(cause(&behind).contains("off by 90 minutes"), "{}", cause(&behind));
    let ahead = Request { now: NOW - 7200, ..Request::valid() };
    assert!(cause(&ahead).contains("120 minutes ahead"), "{}", cause(&ahead));
}

#[test]
fn a_proxy_changed_host() {
    let mut request = Request::valid();
    request.set("Host", "127.0.0.1:3000");
    assert_eq!(failed(&request), ["host_is_ours", "signature_valid"]);
    let cause = cause(&request);
    assert!(cause.contains("replaced Host") && cause.contains("verifies with chirp.example"), "{cause}");
}

#[test]
fn a_request_for_another_server_is_not_blamed_on_a_proxy_alone() {
    let mut request = Request::post();
    request.set("Host", "other.example");
    let request = request.signed(USUAL, RSA);
    assert_eq!(failed(&request), ["host_is_ours"]);
    assert!(cause(&request).contains("signed for another server"));
}

#[test]
fn the_body_was_written_again() {
    let mut request = Request::valid();
    request.body = br#"{"type": "Like", "actor": "https://remote.example/users/bob"}"#.to_vec();
    assert!(cause(&request).contains("parsed and written again"));
    assert!(cause(&request).contains("compact form has the digest"));
}

#[test]
fn the_body_was_cut() {
    let mut request = Request::valid();
    request.add("Content-Length", "58");
    request.body.truncate(20);
    assert!(cause(&request).contains("Content-Length says 58 bytes, 20 arrived"), "{}", cause(&request));
}

#[test]
fn the_server_decoded_the_path_or_changed_its_slash() {
    let get = |signed: &str, received: &str| {
        let mut request = Request::get(signed).signed("(request-target) host date", RSA);
        request.target = received.into();
        cause(&request)
    };
    assert!(get("/%40bob", "/@bob").contains("decoded the path"));
    assert!(get("/@bob", "/%40bob").contains("encoded the path"));
    assert!(get("/bob", "/bob/").contains("slash"));
    assert!(get("/bob/", "/bob").contains("slash"));
    assert!(get("/bob?page=1", "/bob").contains("query"));
}

#[test]
fn a_query_that_is_not_signed_is_mentioned() {
    let mut request = Request::get("/outbox").signed("(request-target) host date", RSA);
    request.target = "/outbox?page=1".into();
    let evidence = evidence(&request);
    assert!(evidence.rules.last().unwrap().seen.ends_with("over the target without its query"));
}

#[test]
fn the_key_was_rotated() {
    let mut request = Request::valid();
    request.key = fedigraft::key::PrivateKey::generate().unwrap().public().clone();
    assert_ne!(request.key, *KEY.public());
    assert_eq!(failed(&request), ["signature_valid"]);
    assert!(cause(&request).contains("changed its key"));
}

#[test]
fn a_header_was_removed() {
    let mut request = Request::post();
    request.add("X-A", "1");
    let mut request = request.signed(&format!("{USUAL} x-a"), RSA);
    request.unset("X-A");
    assert_eq!(failed(&request), ["covered_present"]);
    assert!(cause(&request).contains("removed x-a"));
}

#[test]
fn an_unreadable_signature_is_shown_where_it_breaks() {
    let mut request = Request::valid();
    request.edit("\",algorithm", "\" algorithm");
    let evidence = evidence(&request);
    let last = evidence.rules.last().unwrap();
    assert_eq!((last.rule, last.ok), ("signature_syntax", false));
    assert_eq!(last.seen, "not readable from byte 50 on");
}

#[test]
fn without_a_trace_there_is_no_evidence() {
    assert_eq!(Request::valid().verdict().evidence, None);
}
