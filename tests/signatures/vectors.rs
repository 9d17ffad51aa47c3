//! The examples of the draft and of other implementations.

use fedigraft::key::PublicKey;
use fedigraft::signature::cavage;
use fedigraft::verdict::Verdict;
use serde_json::Value;

use crate::request::{Request, seconds, shared};

fn json(path: &str) -> Option<Value> {
    Some(serde_json::from_str(&shared(path)?).unwrap())
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no text at {pointer}"))
}

/// A request with the clock at its own `Date` and its own host expected.
fn request<'a>(
    method: &str,
    target: &str,
    headers: impl Iterator<Item = (&'a str, &'a str)>,
    body: &str,
    pem: &str,
) -> Request {
    let mut request = Request { method: method.into(), target: target.into(), ..Request::post() };
    request.headers.clear();
    headers.for_each(|(name, value)| request.add(name, value));
    request.body = body.as_bytes().to_vec();
    request.hosts = vec![request.value("host")];
    request.now = seconds(&request.value("date"));
    request.key = PublicKey::from_legacy_pem(pem).unwrap();
    request
}

fn pair(line: &Value) -> (&str, &str) {
    (text(line, "/0"), text(line, "/1"))
}

fn base(verdict: &Verdict) -> &str {
    verdict.evidence.as_ref().unwrap().signature_base.as_deref().unwrap()
}

/// Whether the rule about the signature itself held, whatever else was refused.
fn signature_holds(verdict: &Verdict) -> bool {
    let rules = &verdict.evidence.as_ref().unwrap().rules;
    rules.iter().find(|rule| rule.rule == "signature_valid").unwrap().ok
}

#[test]
fn the_examples_of_the_draft() {
    let Some(file) = json("vectors/cavage/cavage12_appendix_c.json") else { return };
    // C.1 and C.2 sign too little to be accepted; their bases and signatures are right all the same.
    let codes = ["request_target_not_covered", "digest_not_covered", "accepted"];
    let cases = file["cases"].as_array().unwrap();
    assert_eq!(cases.len(), codes.len());
    for (case, code) in cases.iter().zip(codes) {
        let headers = file["request"]["headers"].as_object().unwrap();
        let mut request = request(
            text(&file, "/request/method"),
            text(&file, "/request/target"),
            headers.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())),
            text(&file, "/request/body"),
            text(&file, "/public_pem"),
        );
        let (list, signature) = (text(case, "/headers_param"), text(case, "/signature"));
        let field =
            format!(r#"keyId="Test",algorithm="rsa-sha256",headers="{list}",signature="{signature}""#);
        request.set("Signature", &field);
        let verdict = request.explain();
        assert_eq!(verdict.public.code, code);
        assert_eq!(base(&verdict), text(case, "/signing_string"));
        assert!(signature_holds(&verdict));
        assert_eq!(request.code(), code);
    }
}

#[test]
fn a_list_that_is_absent_means_date() {
    let Some(file) = json("vectors/cavage/cavage12_appendix_c.json") else { return };
    let mut request = Request::post();
    request.key = PublicKey::from_legacy_pem(text(&file, "/public_pem")).unwrap();
    request.set("Date", text(&file, "/request/headers/date"));
    let signature = text(&file, "/cases/0/signature");
    request.set("Signature", &format!(r#"keyId="Test",signature="{signature}""#));
    assert!(signature_holds(&request.explain()));
    assert_eq!(request.code(), "request_target_not_covered");
}

#[test]
fn a_key_of_1024_bits_is_refused() {
    let Some(file) = json("vectors/cavage/cavage12_appendix_c.json") else { return };
    let error = PublicKey::from_pem(text(&file, "/public_pem")).unwrap_err();
    assert_eq!(error.reason(), "key_size");
}

#[test]
fn requests_of_fedify_and_of_a_lemmy_library() {
    let Some(file) = json("vectors/fedify/http_signatures.json") else { return };
    let mut read = 0;
    for case in file["cases"].as_array().unwrap() {
        let Some(signature) = case["signature_header"].as_str() else { continue };
        let pem = case.pointer("/key/publicKeyPem").or(case.pointer("/actor/publicKey/publicKeyPem"));
        let (_, path) = text(case, "/url").split_once("://").unwrap().1.split_once('/').unwrap();
        let mut request = request(
            text(case, "/method"),
            &format!("/{path}"),
            case["headers"].as_array().unwrap().iter().map(pair),
            text(case, "/body"),
            pem.unwrap().as_str().unwrap(),
        );
        request.set("signature", signature);
        let verdict = request.explain();
        assert!(verdict.accepted, "{}: {}", text(case, "/name"), verdict.public.code);
        assert_eq!(base(&verdict), text(case, "/signing_string"));
        assert!(request.verdict().accepted);
        read += 1;
    }
    assert_eq!(read, 2);
}

#[test]
fn a_request_of_takahe() {
    let Some(file) = json("vectors/takahe/takahe.json") else { return };
    let post = &file["cavage_post"];
    let request = request(
        text(post, "/method"),
        text(post, "/target"),
        post["headers"].as_array().unwrap().iter().map(pair),
        text(post, "/body"),
        text(&file, "/key/public_key_pem"),
    );
    let verdict = request.explain();
    assert_eq!((verdict.public.code, base(&verdict)), ("accepted", text(post, "/signing_string")));
    // The private half in the file makes the same signature: PKCS#1 v1.5 has one per message.
    let key = fedigraft::key::PrivateKey::from_pem(text(&file, "/key/private_key_pem")).unwrap();
    assert_eq!(*key.public(), request.key);
    let headers = [];
    let outgoing = cavage::Outgoing {
        method: "POST",
        url: "https://example.com/test-actor",
        body: Some(&request.body),
        content_type: Some("application/json"),
        headers: &headers,
    };
    let sent = cavage::sign(&key, &outgoing, text(&file, "/key/id"), request.now).unwrap();
    for (name, value) in &sent {
        if name != "Signature" {
            assert_eq!(*value, request.value(name), "{name}");
        }
    }
    let (_, signature) = sent.last().unwrap().1.split_once("signature=").unwrap();
    assert!(request.value("Signature").contains(signature));
}

#[test]
fn a_key_whose_line_breaks_became_spaces() {
    let Some(file) = json("vectors/fedify/ld_rsasignature2017_mastodon_create.json") else { return };
    let pem = text(&file, "/actor/publicKey/publicKeyPem");
    assert!(!pem.trim().contains('\n'));
    assert_eq!(PublicKey::from_pem(pem).unwrap().bits(), 2048);
}
