//! What the signer writes, byte for byte, and that the verifier takes it.

use fedigraft::Code;
use fedigraft::http::{Head, Headers};
use fedigraft::signature::cavage::{self, Outgoing};
use fedigraft::signature::digest;

use crate::request::{KEY, NOW, Request};

const KEY_ID: &str = "https://chirp.example/ap/users/1#main-key";

const POST: Outgoing = Outgoing {
    method: "POST",
    url: "https://remote.example/inbox",
    body: Some(b"{}"),
    content_type: Some("application/activity+json"),
    headers: &[],
};

const GET: Outgoing = Outgoing {
    method: "GET",
    url: "https://remote.example/users/1?page=2&x=%2F",
    body: None,
    content_type: None,
    headers: &[],
};

/// What the receiver of these headers sees.
fn received(method: &str, target: &str, sent: &[(String, String)], body: &[u8]) -> Request {
    let mut request = Request { method: method.into(), target: target.into(), ..Request::post() };
    request.headers.clear();
    for (name, value) in sent {
        request.add(name, value);
    }
    request.body = body.to_vec();
    request.hosts = vec![request.value("Host")];
    request
}

#[test]
fn a_post_has_the_one_form() {
    let prepared = cavage::prepare(&POST, KEY_ID, NOW).unwrap();
    let digest = digest::field(b"{}");
    let base = format!(
        "(request-target): post /inbox\nhost: remote.example\ndate: Tue, 05 Mar 2024 07:49:44 GMT\n\
         digest: {digest}\ncontent-type: application/activity+json"
    );
    assert_eq!(prepared.base(), base.as_bytes());
    let sent = prepared.finish(&[0xfb, 0xff]);
    let field = format!(
        r#"keyId="{KEY_ID}",algorithm="rsa-sha256",headers="(request-target) host date digest content-type",signature="+/8=""#
    );
    let expected = [
        ("Host", "remote.example"),
        ("Date", "Tue, 05 Mar 2024 07:49:44 GMT"),
        ("Digest", &digest),
        ("Content-Type", "application/activity+json"),
        ("Signature", &field),
    ];
    assert_eq!(sent, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[test]
fn a_get_has_the_one_form() {
    let prepared = cavage::prepare(&GET, KEY_ID, NOW).unwrap();
    let base = "(request-target): get /users/1?page=2&x=%2F\nhost: remote.example\n\
                date: Tue, 05 Mar 2024 07:49:44 GMT";
    assert_eq!(prepared.base(), base.as_bytes());
    assert_eq!(prepared.url(), GET.url);
    let sent = prepared.finish(b"");
    let names: Vec<_> = sent.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["Host", "Date", "Signature"]);
    assert!(sent[2].1.contains(r#"headers="(request-target) host date","#));
}

#[test]
fn what_is_signed_verifies() {
    let post = cavage::sign(&KEY, &POST, KEY_ID, NOW).unwrap();
    assert_eq!(received("POST", "/inbox", &post, b"{}").code(), "accepted");
    assert_eq!(received("POST", "/inbox", &post, b"{ }").code(), "digest_mismatch");
    let get = cavage::sign(&KEY, &GET, KEY_ID, NOW).unwrap();
    assert_eq!(received("GET", "/users/1?page=2&x=%2F", &get, b"").code(), "accepted");
}

#[test]
fn the_url_is_sent_in_the_form_that_is_signed() {
    for (url, host, target, sent) in [
        ("https://Remote.example", "remote.example", "/", "https://remote.example/"),
        ("https://remote.example:443/a#main-key", "remote.example", "/a", "https://remote.example/a"),
        ("http://127.0.0.1:8001/a?b", "127.0.0.1:8001", "/a?b", "http://127.0.0.1:8001/a?b"),
        ("https://[::1]:8443/%7Ea", "[::1]:8443", "/%7Ea", "https://[::1]:8443/%7Ea"),
        (
            "https://b\u{fc}cher.example/\u{fc}",
            "xn--bcher-kva.example",
            "/%C3%BC",
            "https://xn--bcher-kva.example/%C3%BC",
        ),
    ] {
        let prepared = cavage::prepare(&Outgoing { url, ..GET }, KEY_ID, NOW).unwrap();
        let base = String::from_utf8(prepared.base().to_vec()).unwrap();
        assert!(base.starts_with(&format!("(request-target): get {target}\nhost: {host}\n")), "{base}");
        assert_eq!(prepared.url(), sent);
    }
}

#[test]
fn a_method_with_a_body_has_a_digest_also_of_no_bytes() {
    let empty = Outgoing { body: None, content_type: None, ..POST };
    let sent = cavage::sign(&KEY, &empty, KEY_ID, NOW).unwrap();
    assert_eq!(received("POST", "/inbox", &sent, b"").code(), "accepted");
}

#[test]
fn further_headers_are_sent_unsigned() {
    let headers = [("User-Agent".to_owned(), "chirp".to_owned())];
    let sent = cavage::sign(&KEY, &Outgoing { headers: &headers, ..POST }, KEY_ID, NOW).unwrap();
    let mut request = received("POST", "/inbox", &sent, b"{}");
    assert_eq!(request.value("User-Agent"), "chirp");
    request.set("User-Agent", "a proxy");
    assert_eq!(request.code(), "accepted");
}

#[test]
fn what_cannot_be_signed_is_said() {
    let reason = |request: &Outgoing, key_id: &str, now| {
        let error = cavage::prepare(request, key_id, now).err().unwrap();
        assert_eq!(error.code(), Code::InvalidArgument);
        (error.reason(), error.place().to_owned())
    };
    for url in ["/inbox", "ftp://a.example/", "https://u:p@a.example/", "https://", "mailto:a@b.example"] {
        assert_eq!(reason(&Outgoing { url, ..POST }, KEY_ID, NOW), ("bad_url", "url".into()), "{url}");
    }
    for key_id in [
        "main-key",
        "acct:a@b.example",
        "https://a.example/\"",
        "https://a.example/,b",
        "https://a.example/\\",
    ] {
        assert_eq!(reason(&POST, key_id, NOW), ("bad_key_id", "key_id".into()), "{key_id}");
    }
    for now in [-1, 253_402_300_800, i64::MIN, i64::MAX] {
        assert_eq!(reason(&POST, KEY_ID, now), ("bad_time", "now".into()));
    }
    assert_eq!(reason(&Outgoing { method: "PO ST", ..POST }, KEY_ID, NOW).0, "bad_method");
    assert_eq!(reason(&Outgoing { method: "get", ..POST }, KEY_ID, NOW).0, "body_on_a_read");
    assert_eq!(reason(&Outgoing { content_type: Some("a\nb: c"), ..POST }, KEY_ID, NOW).0, "bad_header");
    for (name, expected) in
        [("host", "header_of_the_signer"), ("SIGNATURE", "header_of_the_signer"), ("a b", "bad_header")]
    {
        let headers = [(name.to_owned(), "x".to_owned())];
        assert_eq!(reason(&Outgoing { headers: &headers, ..POST }, KEY_ID, NOW).0, expected);
    }
    let headers = [("X-A".to_owned(), "a\r\nHost: b".to_owned())];
    assert_eq!(reason(&Outgoing { headers: &headers, ..POST }, KEY_ID, NOW).0, "bad_header");
}

fn head(method: &str, headers: &[(&str, &str)]) -> Head {
    let lines = headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect();
    Head { method: method.into(), target: "/inbox?a".into(), headers: Headers::new(lines), client: None }
}

#[test]
fn a_head_that_is_written_already_is_signed_as_it_is() {
    let written = [("host", "remote.example"), ("content-type", " application/activity+json")];
    let head = head("POST", &written);
    let added = cavage::sign_head(&KEY, &head, b"{}", KEY_ID, NOW).unwrap();
    let names: Vec<_> = added.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["Date", "Digest", "Signature"]);
    let all: Vec<_> = written.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).chain(added).collect();
    assert_eq!(received("POST", "/inbox?a", &all, b"{}").code(), "accepted");
}

#[test]
fn a_written_head_leaves_date_digest_and_signature_to_the_signer() {
    let host = ("Host", "remote.example");
    let reason = |method: &str, headers: &[(&str, &str)]| {
        cavage::sign_head(&KEY, &head(method, headers), b"", KEY_ID, NOW).map_err(|error| error.reason())
    };
    assert!(reason("GET", &[host]).is_ok());
    for name in ["date", "digest", "signature"] {
        assert_eq!(reason("GET", &[host, (name, "x")]), Err("header_of_the_signer"));
    }
    assert_eq!(reason("GET", &[]), Err("bad_host"));
    assert_eq!(reason("GET", &[host, host]), Err("bad_header"));
    assert_eq!(reason("POST", &[host, ("Content-Type", "a"), ("Content-Type", "b")]), Err("bad_header"));
}
