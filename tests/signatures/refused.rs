//! Each rule of the verifier alone: a request that is right but for one thing, signed over what it is.
//!
//! Every request here carries a signature that verifies over its own base, so that nothing but the rule named
//! can refuse it.

use fedigraft::signature::digest;

use crate::request::{NOW, Request};

pub const USUAL: &str = "(request-target) host date digest";
pub const RSA: &str = r#"algorithm="rsa-sha256""#;

#[track_caller]
pub fn refused(request: &Request, code: &str, status: u16) {
    let verdict = request.verdict();
    assert_eq!((verdict.public.code, verdict.public.status, verdict.accepted), (code, status, false));
}

#[track_caller]
pub fn accepted(request: &Request) {
    let verdict = request.verdict();
    assert!(verdict.accepted, "{}", verdict.public.code);
    assert_eq!(verdict.scheme, Some("cavage"));
    assert_eq!(verdict.key_id.as_deref(), Some("https://remote.example/users/bob#main-key"));
}

/// A valid request with one edit of its `Signature` field.
pub fn edited(from: &str, to: &str) -> Request {
    let mut request = Request::valid();
    request.edit(from, to);
    request
}

/// A `POST` without `Date`, signed at `created` and until `expires`.
fn timed(created: i64, expires: Option<i64>) -> Request {
    let mut request = Request::post();
    request.unset("Date");
    match expires {
        None => request.signed("(request-target) (created) host digest", &format!("created={created}")),
        Some(expires) => request.signed(
            "(request-target) (created) (expires) host digest",
            &format!(r#"algorithm="hs2019",created="{created}",expires="{expires}""#),
        ),
    }
}

#[test]
fn what_peers_send_is_accepted() {
    accepted(&Request::valid());
    accepted(&Request::post().signed(USUAL, ""));
    accepted(
        &Request::post().signed("host date digest content-type (request-target)", r#"algorithm="hs2019""#),
    );
    accepted(&edited(",headers=", " , headers = "));
    accepted(&edited(r#"algorithm="rsa-sha256""#, "algorithm=rsa-sha256"));
    accepted(&edited("(request-target) host", "(Request-Target)  HOST"));
    accepted(&edited("keyId=", r#"future="a,b=\"c\"",keyId="#));
    accepted(&edited("keyId=", "Signature keyId="));
    accepted(&timed(NOW, None));
    accepted(&timed(NOW, Some(NOW + 300)));
    accepted(&Request::get("/users/1").signed("(request-target) host date", RSA));
}

#[test]
fn the_signature_may_stand_in_authorization() {
    let mut request = Request::valid();
    let field = request.value("Signature");
    request.unset("Signature");
    request.set("Authorization", &format!("Signature {field}"));
    accepted(&request);
    request.set("Authorization", &format!("Bearer {field}"));
    refused(&request, "signature_missing", 401);
}

#[test]
fn other_authorization_is_none_of_ours() {
    let mut request = Request::valid();
    request.add("Authorization", "Bearer x");
    accepted(&request);
}

#[test]
fn an_unsigned_request_is_refused() {
    refused(&Request::post(), "signature_missing", 401);
}

#[test]
fn rfc_9421_is_recognised() {
    let mut request = Request::valid();
    request.add("Signature-Input", r#"sig1=("@method");created=1"#);
    refused(&request, "rfc9421_unsupported", 401);
    assert_eq!(request.verdict().scheme, Some("rfc9421"));
}

#[test]
fn the_algorithm_may_only_veto() {
    for bad in ["hmac-sha256", "rsa-sha512", "rsa-sha1", "ecdsa-sha256", "ed25519", "none", ""] {
        let parameters = format!("algorithm=\"{bad}\"");
        refused(&Request::post().signed(USUAL, &parameters), "algorithm_unsupported", 401);
    }
}

#[test]
fn host_date_and_digest_may_come_only_once() {
    for name in ["Host", "Date", "Digest"] {
        let mut request = Request::post();
        let value = request.value(name);
        request.add(&name.to_lowercase(), &value);
        refused(&request.signed(USUAL, RSA), "repeated_header", 400);
    }
    // Also when the signature covers another time.
    let mut request = timed(NOW, None);
    request.add("Date", "Tue, 05 Mar 2024 07:49:44 GMT");
    accepted(&request);
    request.add("Date", "Tue, 05 Mar 2024 07:49:44 GMT");
    refused(&request, "repeated_header", 400);
}

#[test]
fn several_lines_of_another_header_are_joined() {
    let mut request = Request::post();
    request.add("X-A", "1");
    request.add("x-a", "2");
    let mut request = request.signed(&format!("{USUAL} x-a"), RSA);
    accepted(&request);
    request.unset("X-A");
    request.add("X-A", " \t1, 2 ");
    accepted(&request);
    request.set("X-A", "2, 1");
    refused(&request, "signature_invalid", 401);
}

#[test]
fn target_host_time_and_digest_must_be_covered() {
    for (covered, code) in [
        ("host date digest", "request_target_not_covered"),
        ("(request-target) date digest", "host_not_covered"),
        ("(request-target) host digest", "date_not_covered"),
        ("(request-target) host date", "digest_not_covered"),
    ] {
        refused(&Request::post().signed(covered, RSA), code, 401);
    }
}

#[test]
fn the_digest_is_needed_wherever_there_is_a_body() {
    for method in ["PUT", "PATCH", "DELETE", "QUERY"] {
        let request = Request { method: method.into(), ..Request::post() };
        refused(&request.clone().signed("(request-target) host date", RSA), "digest_not_covered", 401);
        accepted(&request.signed(USUAL, RSA));
    }
    // Also when it is empty: the body may have been taken off on the way.
    let empty = Request { body: Vec::new(), ..Request::post() };
    refused(&empty.signed("(request-target) host date", RSA), "digest_not_covered", 401);
    let mut request = Request::get("/").signed("(request-target) host date", RSA);
    accepted(&request);
    request.body = b"x".to_vec();
    refused(&request, "digest_not_covered", 401);
}

#[test]
fn a_covered_header_must_be_there() {
    // Not read as empty: that is what the signature is over here.
    refused(&Request::post().signed(&format!("{USUAL} x-absent"), RSA), "covered_header_missing", 401);
    let mut request = Request::post();
    request.unset("Date");
    refused(&request.signed(USUAL, RSA), "covered_header_missing", 401);
    let mut request = Request::post();
    request.unset("Digest");
    refused(&request.signed(USUAL, RSA), "covered_header_missing", 401);
}

#[test]
fn a_covered_time_needs_its_parameter() {
    for name in ["created", "expires"] {
        let mut request = Request::post();
        let covered = format!("{USUAL} ({name})");
        request.sign_bytes(&covered, "", b"unused");
        refused(&request, "covered_header_missing", 401);
    }
}

#[test]
fn a_line_break_cannot_forge_a_line() {
    // One signed header `x-a: 1` and one `x-b: 2` must not be the same as `x-a: 1\nx-b: 2`.
    let mut request = Request::post();
    request.add("X-A", "1\nx-b: 2");
    refused(&request.signed(&format!("{USUAL} x-a"), RSA), "bad_header_value", 400);
    let request = Request { target: "/inbox\nhost: x".into(), ..Request::post() };
    refused(&request.signed(USUAL, RSA), "bad_header_value", 400);
    let request = Request { method: "POST /a".into(), ..Request::post() };
    refused(&request.signed(USUAL, RSA), "bad_header_value", 400);
}

#[test]
fn the_host_must_be_one_of_ours() {
    let with = |host: &str| {
        let mut request = Request::post();
        request.set("Host", host);
        request.hosts = vec!["www.chirp.example".into(), "chirp.example".into(), "dev.example:8443".into()];
        request.signed(USUAL, RSA)
    };
    for ours in ["chirp.example", "WWW.Chirp.Example", "chirp.example:443", "dev.example:8443"] {
        accepted(&with(ours));
    }
    for other in
        ["other.example", "chirp.example.evil", "xchirp.example", "dev.example", "chirp.example:8443", ""]
    {
        refused(&with(other), "wrong_host", 401);
    }
}

#[test]
fn the_date_must_be_readable() {
    for bad in ["yesterday", "1709624984", "Tue, 35 Mar 2024 07:49:44 GMT", "2024-03-05T07:49:44Z"] {
        let mut request = Request::post();
        request.set("Date", bad);
        refused(&request.signed(USUAL, RSA), "bad_date", 401);
    }
}

#[test]
fn a_date_is_good_from_1_h_ahead_to_1_h_5_min_ago() {
    let at = |offset: i64| Request { now: NOW + offset, ..Request::valid() };
    accepted(&at(-3600));
    refused(&at(-3601), "signature_from_the_future", 401);
    accepted(&at(3900));
    refused(&at(3901), "signature_too_old", 401);
}

#[test]
fn created_is_judged_like_the_date() {
    accepted(&timed(NOW + 3600, None));
    refused(&timed(NOW + 3601, None), "signature_from_the_future", 401);
    accepted(&timed(NOW - 3900, None));
    refused(&timed(NOW - 3901, None), "signature_too_old", 401);
}

#[test]
fn expires_ends_it_at_most_12_h_after_signing() {
    accepted(&timed(NOW - 7200, Some(NOW - 3600)));
    refused(&timed(NOW - 7200, Some(NOW - 3601)), "signature_too_old", 401);
    let hours = 3600;
    accepted(&timed(NOW - 13 * hours, Some(NOW + hours)));
    refused(&timed(NOW - 13 * hours - 1, Some(NOW + hours)), "signature_too_old", 401);
    refused(&timed(NOW + 3601, Some(NOW + 7200)), "signature_from_the_future", 401);
    refused(&timed(999_999_999_999, Some(999_999_999_999)), "signature_from_the_future", 401);
    refused(&timed(0, Some(0)), "signature_too_old", 401);
}

#[test]
fn times_that_nothing_covers_count_for_nothing() {
    let mut request = Request::valid();
    request.edit("keyId=", &format!("created={},expires={},keyId=", NOW + 4000, NOW + 40_000));
    accepted(&request);
    request.now = NOW + 4000;
    refused(&request, "signature_too_old", 401);
}

#[test]
fn the_window_is_the_instances() {
    use fedigraft::signature::cavage::{Expectation, verify};
    use fedigraft::verdict::Trace;
    let request = Request::valid();
    let narrow = Expectation { max_age: 60, max_ahead: 10, ..Expectation::new(&request.hosts) };
    let code = |now| {
        let (head, trace) = (request.head(), &mut Trace::off());
        verify(&head, &request.body, &request.key, &narrow, now, trace).public.code
    };
    assert_eq!((code(NOW + 60), code(NOW - 10)), ("accepted", "accepted"));
    assert_eq!((code(NOW + 61), code(NOW - 11)), ("signature_too_old", "signature_from_the_future"));
}

#[test]
fn the_digest_must_be_that_of_the_body() {
    let mut request = Request::valid();
    request.body.push(b'\n');
    refused(&request, "digest_mismatch", 401);
    request.body.clear();
    refused(&request, "digest_mismatch", 401);
}

#[test]
fn a_covered_digest_counts_on_a_get_too() {
    // snac2 signs the digest of no bytes on a GET.
    let mut request = Request::get("/");
    request.set("Digest", &digest::field(b""));
    accepted(&request.clone().signed(USUAL, RSA));
    request.set("Digest", &digest::field(b"x"));
    refused(&request.signed(USUAL, RSA), "digest_mismatch", 401);
}

#[test]
fn the_digest_must_have_sha_256_and_be_readable() {
    let with = |digest: &str| {
        let mut request = Request::post();
        request.set("Digest", digest);
        request.signed(USUAL, RSA)
    };
    let right = digest::field(&Request::post().body);
    accepted(&with(&format!("sha-512=AAAA, {}", right.replace("SHA", "sha"))));
    refused(&with("SHA-512=AAAA"), "digest_unsupported", 401);
    refused(&with("SHA-256"), "digest_malformed", 400);
    refused(&with("SHA-256=AAAA"), "digest_malformed", 400);
}

#[test]
fn the_target_is_tried_with_its_query_and_without() {
    let covered = "(request-target) host date";
    let mut request = Request::get("/outbox?page=1").signed(covered, RSA);
    accepted(&request);
    request.target = "/outbox?page=2".into();
    refused(&request, "signature_invalid", 401);
    request.target = "/outbox".into();
    refused(&request, "signature_invalid", 401);

    let mut request = Request::get("/outbox").signed(covered, RSA);
    request.target = "/outbox?page=1".into();
    accepted(&request);
    // Only these two: nothing is decoded.
    let mut request = Request::get("/%6Futbox").signed(covered, RSA);
    accepted(&request);
    request.target = "/outbox".into();
    refused(&request, "signature_invalid", 401);
}

#[test]
fn a_signature_over_other_bytes_is_refused() {
    let mut request = Request::post();
    request.sign_bytes(USUAL, RSA, b"other bytes");
    refused(&request, "signature_invalid", 401);
    let short = edited("signature=\"", "signature=\"\\A\\A\\A\\A");
    refused(&short, "signature_invalid", 401);
}
