//! What signing and verifying one delivery costs beside the raw RSA-2048 operation.
//!
//! First come medians of interleaved pairs, so that a busy machine slows both sides alike, with the budget next
//! to them; then criterion's own measurements. Nothing is asserted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod pairs;

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput};
use fedigraft::http::Head;
use fedigraft::key::{PrivateKey, PublicKey};
use fedigraft::signature::cavage::{self, Expectation, Outgoing};
use fedigraft::signature::digest;
use fedigraft::verdict::Trace;
use pairs::{PAIRS, Raw, compare};

const NOW: i64 = 1_709_624_984;
const KEY_ID: &str = "https://remote.example/users/115663570350364494#main-key";

/// One delivery of 2 KB, ready to be signed and, as received, to be verified.
struct Delivery {
    key: PrivateKey,
    public: PublicKey,
    raw: Raw,
    body: Vec<u8>,
    base: Vec<u8>,
    signature: Vec<u8>,
    head: Vec<u8>,
    hosts: Vec<String>,
}

impl Delivery {
    fn new() -> Self {
        let key = PrivateKey::generate().unwrap();
        let body = vec![b'x'; 2048];
        let mut delivery = Self {
            public: key.public().clone(),
            raw: Raw::new(&key.to_pem()),
            key,
            body,
            base: Vec::new(),
            signature: Vec::new(),
            head: Vec::new(),
            hosts: vec!["chirp.example".into(), "www.chirp.example".into()],
        };
        let prepared = cavage::prepare(&delivery.outgoing(), KEY_ID, NOW).unwrap();
        delivery.base = prepared.base().to_vec();
        delivery.signature = delivery.key.sign(&delivery.base).unwrap();
        let mut headers = prepared.finish(&delivery.signature);
        // What Mastodon 4.6 sends besides.
        for (name, value) in [
            ("User-Agent", "Mastodon/4.6.5 (http.rb/5.3.1; +https://remote.example/)"),
            ("Accept-Encoding", "gzip"),
            ("Connection", "Keep-Alive"),
            ("Content-Length", "2048"),
        ] {
            headers.push((name.into(), value.into()));
        }
        let head = serde_json::json!({"method": "POST", "target": "/ap/inbox", "headers": headers});
        delivery.head = serde_json::to_vec(&head).unwrap();
        delivery
    }

    fn outgoing(&self) -> Outgoing<'_> {
        Outgoing {
            method: "POST",
            url: "https://chirp.example/ap/inbox",
            body: Some(&self.body),
            content_type: Some("application/activity+json"),
            headers: &[],
        }
    }

    fn sign(&self) {
        black_box(cavage::sign(&self.key, &self.outgoing(), KEY_ID, NOW).unwrap());
    }

    fn raw_sign(&self) {
        black_box(self.raw.sign(black_box(&self.base)));
    }

    /// Everything from the head's JSON to the verdict.
    fn verify(&self) {
        let head = Head::from_json(black_box(&self.head)).unwrap();
        let expected = Expectation::new(&self.hosts);
        let verdict = cavage::verify(&head, &self.body, &self.public, &expected, NOW, &mut Trace::off());
        assert!(black_box(verdict).accepted);
    }

    fn raw_verify(&self) {
        assert!(self.raw.verify(black_box(&self.base), black_box(&self.signature)));
    }
}

fn main() {
    let delivery = Delivery::new();
    println!("medians of {PAIRS} interleaved pairs");
    compare("sign one delivery", "1.05", &|| delivery.sign(), &|| delivery.raw_sign(), 200);
    compare("verify one delivery", "1.5", &|| delivery.verify(), &|| delivery.raw_verify(), 2000);

    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    let mut group = criterion.benchmark_group("delivery");
    group.bench_function("sign", |b| b.iter(|| delivery.sign()));
    group.bench_function("sign, raw RSA", |b| b.iter(|| delivery.raw_sign()));
    group.bench_function("verify", |b| b.iter(|| delivery.verify()));
    group.bench_function("verify, raw RSA", |b| b.iter(|| delivery.raw_verify()));
    group.finish();

    let mut group = criterion.benchmark_group("part");
    group.bench_function("head from JSON", |b| b.iter(|| Head::from_json(black_box(&delivery.head))));
    let head = Head::from_json(&delivery.head).unwrap();
    group.bench_function("claim", |b| b.iter(|| cavage::parse(black_box(&head))));
    let claim = cavage::parse(&head).unwrap();
    let expected = Expectation::new(&delivery.hosts);
    group.bench_function("check", |b| {
        b.iter(|| claim.check(&head, black_box(&delivery.body), &expected, NOW, &mut Trace::off()));
    });
    let pem = delivery.public.to_pem();
    group.bench_function("public key from PEM", |b| b.iter(|| PublicKey::from_pem(black_box(&pem))));
    for bytes in [2048, 1024 * 1024] {
        let body = vec![b'x'; bytes];
        group.throughput(Throughput::Bytes(bytes as u64));
        group.bench_function(format!("digest of {bytes} bytes"), |b| {
            b.iter(|| digest::field(black_box(&body)));
        });
    }
    group.finish();
    criterion.final_summary();
}
