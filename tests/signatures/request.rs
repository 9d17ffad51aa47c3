//! A signed request to change one thing in, and the shared material when it is there.

use std::path::PathBuf;
use std::sync::LazyLock;

use fedigraft::http::{Head, Headers};
use fedigraft::key::{PrivateKey, PublicKey};
use fedigraft::signature::cavage::{self, Expectation};
use fedigraft::signature::digest;
use fedigraft::verdict::{Trace, Verdict};

/// One key pair for all tests.
pub static KEY: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate().unwrap());

/// Tue, 05 Mar 2024 07:49:44 GMT.
pub const NOW: i64 = 1_709_624_984;

/// A request as received, with what this server expects. Every part may be changed before it is verified.
#[derive(Clone)]
pub struct Request {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
    pub hosts: Vec<String>,
    pub now: i64,
    pub key: PublicKey,
}

impl Request {
    /// An unsigned `POST` with a digest; sign it with [`Request::signed`].
    pub fn post() -> Self {
        let body = br#"{"type":"Like","actor":"https://remote.example/users/bob"}"#.to_vec();
        let mut request = Self {
            method: "POST".into(),
            target: "/inbox".into(),
            headers: Vec::new(),
            body,
            hosts: vec!["chirp.example".into()],
            now: NOW,
            key: KEY.public().clone(),
        };
        request.set("Host", "chirp.example");
        request.set("Date", "Tue, 05 Mar 2024 07:49:44 GMT");
        request.set("Content-Type", "application/activity+json");
        request.set("Digest", &digest::field(&request.body.clone()));
        request
    }

    /// An unsigned `GET`.
    pub fn get(target: &str) -> Self {
        let mut request =
            Self { method: "GET".into(), target: target.into(), body: Vec::new(), ..Self::post() };
        request.unset("Digest");
        request.unset("Content-Type");
        request
    }

    /// Signs what is there now: `covered` names, further parameters such as `algorithm="hs2019"`.
    pub fn signed(mut self, covered: &str, parameters: &str) -> Self {
        let base = self.base(covered, parameters);
        self.sign_bytes(covered, parameters, &base);
        self
    }

    /// A correct request of the usual form.
    pub fn valid() -> Self {
        Self::post().signed("(request-target) host date digest", r#"algorithm="rsa-sha256""#)
    }

    /// Puts a signature over `base` in place.
    pub fn sign_bytes(&mut self, covered: &str, parameters: &str, base: &[u8]) {
        use base64::Engine;
        let signature = base64::engine::general_purpose::STANDARD.encode(KEY.sign(base).unwrap());
        let comma = if parameters.is_empty() { "" } else { "," };
        let field = format!(
            r#"keyId="https://remote.example/users/bob#main-key",{parameters}{comma}headers="{covered}",signature="{signature}""#
        );
        self.set("Signature", &field);
    }

    /// The base written down anew, independent of the library: the order and the form of the draft.
    fn base(&self, covered: &str, parameters: &str) -> Vec<u8> {
        let parameter = |name: &str| {
            let (_, rest) = parameters.split_once(&format!("{name}=")).expect("parameter");
            rest.split(',').next().unwrap().trim_matches('"').to_owned()
        };
        let mut lines: Vec<Vec<u8>> = Vec::new();
        for name in covered.split(' ') {
            let value = match name {
                "(request-target)" => format!("{} {}", self.method.to_lowercase(), self.target).into_bytes(),
                "(created)" => parameter("created").into_bytes(),
                "(expires)" => parameter("expires").into_bytes(),
                _ => self
                    .headers
                    .iter()
                    .filter(|(n, _)| n.eq_ignore_ascii_case(name))
                    .map(|(_, value)| value.clone())
                    .collect::<Vec<_>>()
                    .join(&b", "[..]),
            };
            lines.push([name.as_bytes(), b": ", &value].concat());
        }
        lines.join(&b"\n"[..])
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.unset(name);
        self.add(name, value);
    }

    pub fn add(&mut self, name: &str, value: &str) {
        self.headers.push((name.into(), value.as_bytes().to_vec()));
    }

    pub fn unset(&mut self, name: &str) {
        self.headers.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
    }

    pub fn value(&self, name: &str) -> String {
        let (_, value) = self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).expect(name);
        String::from_utf8(value.clone()).unwrap()
    }

    /// Replaces `from` by `to` in the `Signature` field; fails when it is not there.
    pub fn edit(&mut self, from: &str, to: &str) {
        let field = self.value("Signature");
        assert!(field.contains(from), "{from} is not in {field}");
        self.set("Signature", &field.replacen(from, to, 1));
    }

    pub fn head(&self) -> Head {
        Head {
            method: self.method.clone(),
            target: self.target.clone(),
            headers: Headers::new(self.headers.clone()),
            client: None,
        }
    }

    /// The verdict, the same with and without evidence.
    pub fn verdict(&self) -> Verdict {
        let plain = self.verify(&mut Trace::off());
        let explained = self.verify(&mut Trace::on());
        assert_eq!(plain, explained, "evidence changes the verdict");
        plain
    }

    /// The verdict with its evidence.
    pub fn explain(&self) -> Verdict {
        let mut trace = Trace::on();
        self.verify(&mut trace).with_evidence(trace)
    }

    fn verify(&self, trace: &mut Trace) -> Verdict {
        let expected = Expectation::new(&self.hosts);
        cavage::verify(&self.head(), &self.body, &self.key, &expected, self.now, trace)
    }

    /// `accepted`, or the code of the refusal.
    pub fn code(&self) -> &'static str {
        self.verdict().public.code
    }
}

/// A file of the shared material, or `None` (with a line that says so) where there is none.
pub fn shared(path: &str) -> Option<String> {
    let root = std::env::var_os("FEDIGRAFT_SHARED")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")), PathBuf::from);
    let file = root.join(path);
    let text = std::fs::read_to_string(&file).ok();
    if text.is_none() {
        eprintln!("skipped: {} is not here (set FEDIGRAFT_SHARED)", file.display());
    }
    text
}

/// Seconds since the epoch of an HTTP date.
pub fn seconds(date: &str) -> i64 {
    let time = httpdate::parse_http_date(date).unwrap();
    i64::try_from(time.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()).unwrap()
}
