//! 46 deliveries as received from Mastodon, GoToSocial, Misskey and snac2, and what changing them does.

use std::collections::HashMap;

use fedigraft::key::PublicKey;
use fedigraft::signature::cavage;
use serde_json::Value;

use crate::request::{Request, seconds, shared};

fn deliveries() -> Option<Vec<Request>> {
    let actors = shared("vectors/captured/actors.jsonl")?;
    let deliveries = shared("vectors/captured/deliveries.jsonl")?;
    let mut keys = HashMap::new();
    for line in actors.lines() {
        let actor: Value = serde_json::from_str(line).unwrap();
        let key = &actor["doc"]["publicKey"];
        let pem = key["publicKeyPem"].as_str().unwrap();
        keys.insert(key["id"].as_str().unwrap().to_owned(), PublicKey::from_pem(pem).unwrap());
    }
    let read = |line: &str| {
        let delivery: Value = serde_json::from_str(line).unwrap();
        let mut request = Request {
            target: delivery["url"].as_str().unwrap().to_owned(),
            headers: Vec::new(),
            body: delivery["body"].as_str().unwrap().as_bytes().to_vec(),
            hosts: vec!["fedify.test".into()],
            ..Request::post()
        };
        request.headers.clear();
        for (name, value) in delivery["headers"].as_object().unwrap() {
            request.add(name, value.as_str().unwrap());
        }
        request.now = seconds(&request.value("date"));
        let claim = cavage::parse(&request.head()).unwrap_or_else(|v| panic!("{}", v.public.code));
        request.key = keys[claim.key_id()].clone();
        request
    };
    Some(deliveries.lines().map(read).collect())
}

#[test]
fn all_46_verify() {
    let Some(deliveries) = deliveries() else { return };
    assert_eq!(deliveries.len(), 46);
    for request in deliveries {
        let verdict = request.verdict();
        assert!(verdict.accepted, "{}: {}", request.value("user-agent"), verdict.public.code);
    }
}

#[test]
fn none_verifies_with_another_body_path_host_date_or_key() {
    let Some(deliveries) = deliveries() else { return };
    for request in deliveries {
        let mut body = request.clone();
        body.body[0] ^= 1;
        assert_eq!(body.code(), "digest_mismatch");

        let mut path = request.clone();
        path.target.push('x');
        assert_eq!(path.code(), "signature_invalid");

        let mut host = request.clone();
        host.set("host", "other.test");
        assert_eq!(host.code(), "wrong_host");
        host.hosts = vec!["other.test".into()];
        assert_eq!(host.code(), "signature_invalid");

        let mut late = request.clone();
        late.now += 3901;
        assert_eq!(late.code(), "signature_too_old");

        let mut key = request;
        key.key = crate::request::KEY.public().clone();
        assert_eq!(key.code(), "signature_invalid");
    }
}
