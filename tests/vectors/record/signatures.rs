//! Signatures of requests: made, claimed, verified, refused, explained (draft-cavage-http-signatures-12).
//!
//! What is refused here is right but for one thing, and signed over what it is, so that nothing but the rule
//! named can refuse it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fedigraft::key::PrivateKey;
use fedigraft::signature::digest;
use serde_json::{Value, json};

use super::Recorder;
use super::scene::{ACTIVITY, ANN_KEY, BOB, BOB_KEY, NOW, pem};

const DATE: &str = "Fri, 15 Jan 2027 08:00:00 GMT";
const USUAL: &str = "(request-target) host date digest";
const RSA: &str = r#"algorithm="rsa-sha256","#;
const BODY: &str = r#"{"type":"Like","actor":"https://peer.example/users/bob"}"#;

pub fn record(r: &mut Recorder) {
    signing(r);
    claims(r);
    accepted(r);
    refused(r);
    explained(r);
}

fn signing(r: &mut Recorder) {
    let inputs = |head: Value, body: Value| json!({"key": "ann", "key_id": ANN_KEY, "now": NOW, "head": {"json": head}, "body": body});
    let headers = json!([["Host", "peer.example"], ["Content-Type", ACTIVITY]]);
    let post = json!({"method": "POST", "target": "/inbox", "headers": headers});
    let note = "Date, Digest and Content-Type are covered; one form that every server accepts.";
    r.call(
        "sign-a-delivery",
        note,
        "request_sign",
        inputs(post.clone(), json!({"json": {"type": "Follow", "text": "ünïcode / \"quotes\" \\ \n"}})),
    );
    r.call(
        "sign-bytes-that-are-no-text",
        "",
        "request_sign",
        inputs(post.clone(), json!({"base64": "AAH/"})),
    );
    r.call("sign-an-empty-body", "Its digest is sent too.", "request_sign", inputs(post.clone(), json!("")));
    let get = json!({"method": "GET", "target": "/users/bob?page=1&x=%20", "headers": [["Host", "peer.example:8443"]]});
    r.call("sign-a-get", "The query is covered as it stands.", "request_sign", inputs(get, json!("")));
    let mut later = inputs(post.clone(), json!("x"));
    later["now"] = 0.into();
    r.call("sign-at-the-epoch", "RFC 9110 section 5.6.7.", "request_sign", later);
    let bare = json!({"method": "POST", "target": "/inbox", "headers": []});
    r.call("sign-without-host", "", "request_sign", inputs(bare, json!("x")));
    let forged = json!({"method": "POST", "target": "/inbox\nhost: evil.example", "headers": headers});
    r.call(
        "sign-a-line-break",
        "A line break would forge a line of the signature base.",
        "request_sign",
        inputs(forged, json!("x")),
    );
    let mut quoted = inputs(post, json!("x"));
    quoted["key_id"] = "https://chirp.example/\"x".into();
    r.call("sign-with-a-quote-in-the-key-id", "", "request_sign", quoted);
    let text = json!({"key": "ann", "key_id": ANN_KEY, "now": NOW, "head": "{", "body": ""});
    r.call("sign-a-head-that-is-no-json", "", "request_sign", text);
}

fn claims(r: &mut Recorder) {
    let mut claim = |name: &str, note: &str, headers: Value| {
        let head = json!({"method": "POST", "target": "/ap/inbox", "headers": headers, "client": null});
        r.call(name, note, "request_key_id", json!({"head": {"json": head}}));
    };
    let parameters = format!("keyId=\"{BOB_KEY}\",headers=\"date\",signature=\"AA==\"");
    claim("claim-of-a-key", "", json!([["Signature", parameters]]));
    claim("claim-in-authorization", "", json!([["Authorization", format!("Signature {parameters}")]]));
    claim("claim-of-nobody", "", json!([["Host", "chirp.example"]]));
    claim("claim-that-cannot-be-read", "", json!([["Signature", "keyId=\"https://peer.example"]]));
    claim("claim-without-key-id", "", json!([["Signature", "headers=\"date\",signature=\"AA==\""]]));
    claim("claim-made-twice", "", json!([["Signature", parameters], ["Signature", parameters]]));
    let rfc9421 = json!([["Signature-Input", "sig1=(\"@method\");created=1"], ["Signature", "sig1=:AA==:"]]);
    claim("claim-by-rfc-9421", "", rfc9421);
    r.call(
        "claim-of-a-head-without-method",
        "",
        "request_key_id",
        json!({"head": {"json": {"target": "/"}}}),
    );
}

/// A request with everything that can be changed about it.
#[derive(Clone)]
struct Request {
    method: &'static str,
    target: String,
    headers: Vec<(String, String)>,
    body: Value,
    key: &'static str,
    now: i64,
    instance: &'static str,
}

impl Request {
    fn post() -> Self {
        let headers = [
            ("Host", "chirp.example"),
            ("Date", DATE),
            ("Content-Type", ACTIVITY),
            ("Digest", &digest::field(BODY.as_bytes())),
        ];
        Self {
            method: "POST",
            target: "/ap/inbox".into(),
            headers: headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
            body: BODY.into(),
            key: "bob",
            now: NOW,
            instance: "chirp",
        }
    }

    fn get(target: &str) -> Self {
        Self { method: "GET", target: target.into(), body: "".into(), ..Self::post() }
            .unset("Digest")
            .unset("Content-Type")
    }

    fn valid() -> Self {
        Self::post().signed(USUAL, RSA)
    }

    fn set(self, name: &str, value: &str) -> Self {
        self.unset(name).add(name, value)
    }

    fn add(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    fn unset(mut self, name: &str) -> Self {
        self.headers.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
        self
    }

    fn change(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn edit(mut self, from: &str, to: &str) -> Self {
        let field = self.headers.iter_mut().find(|(name, _)| name == "Signature").unwrap();
        assert!(field.1.contains(from));
        field.1 = field.1.replacen(from, to, 1);
        self
    }

    /// Signs what is there now; the base is written down anew, independent of the library.
    fn signed(self, covered: &str, parameters: &str) -> Self {
        let parameter = |name: &str| {
            let (_, rest) = parameters.split_once(&format!("{name}=")).unwrap();
            rest.split(',').next().unwrap().trim_matches('"').to_owned()
        };
        let line = |name: &str| match name {
            "(request-target)" => format!("{} {}", self.method.to_lowercase(), self.target),
            "(created)" => parameter("created"),
            "(expires)" => parameter("expires"),
            _ => {
                let values = self.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name));
                values.map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(", ")
            }
        };
        let base: Vec<String> = covered.split(' ').map(|name| format!("{name}: {}", line(name))).collect();
        let key = PrivateKey::from_pem(pem!("bob")).unwrap();
        let signature = STANDARD.encode(key.sign(base.join("\n").as_bytes()).unwrap());
        let field =
            format!("keyId=\"{BOB_KEY}\",{parameters}headers=\"{covered}\",signature=\"{signature}\"");
        self.set("Signature", &field)
    }

    fn inputs(&self) -> Value {
        let head = json!({
            "method": self.method, "target": self.target, "headers": self.headers, "client": "2001:db8::7",
        });
        json!({
            "instance": self.instance, "public_key": self.key, "now": self.now, "head": {"json": head},
            "body": self.body,
        })
    }
}

fn verify(r: &mut Recorder, name: &str, note: &str, accepted: bool, request: &Request) {
    let found = r.call(name, note, "request_verify", request.inputs());
    let verdict: Value = serde_json::from_slice(&found).unwrap();
    assert_eq!(verdict["accepted"], accepted, "{name}: {verdict}");
}

fn accepted(r: &mut Recorder) {
    let mut yes = |name: &str, note: &str, request: Request| {
        verify(r, &format!("verify-{name}"), note, true, &request);
    };
    yes("a-delivery", "", Request::valid());
    let hs2019 =
        Request::post().signed("host date digest content-type (request-target)", "algorithm=\"hs2019\",");
    yes("hs2019-in-another-order", "hs2019 hides the algorithm: the key decides.", hs2019);
    yes("without-algorithm", "", Request::post().signed(USUAL, ""));
    yes("a-get", "", Request::get("/ap/users/1").signed("(request-target) host date", RSA));
    let created =
        |extra: &str| Request::post().unset("Date").signed("(request-target) (created) host digest", extra);
    yes("created-instead-of-date", "", created(&format!("algorithm=\"hs2019\",created={NOW},")));
    let covered = "(request-target) (created) (expires) host digest";
    let expires = format!("algorithm=\"hs2019\",created={NOW},expires={},", NOW + 300);
    yes("with-an-end", "", Request::post().unset("Date").signed(covered, &expires));
    yes("at-the-last-second", "Mastodon 4.6: 1 h 5 min.", Request::valid().change(|q| q.now = NOW + 3900));
    yes("from-an-hour-ahead", "Mastodon 4.6: 1 h.", Request::valid().change(|q| q.now = NOW - 3600));
    let without_query = Request::get("/ap/users/1/outbox").signed("(request-target) host date", RSA);
    yes(
        "a-query-that-was-not-signed",
        "Peers sign the target with its query or without.",
        without_query.change(|q| q.target.push_str("?page=1")),
    );
    let joined = Request::post().add("X-A", "1").add("X-A", "2").signed(&format!("{USUAL} x-a"), RSA);
    yes("a-header-on-two-lines", "RFC 9110 section 5.3.", joined);
    let authorization = Request::valid();
    let field = authorization.headers.last().unwrap().1.clone();
    let authorization = authorization.unset("Signature").add("Authorization", &format!("Signature {field}"));
    yes("in-authorization", "", authorization);
    let latin = Request::post().add("X-A", "caf\u{e9}");
    yes("a-header-of-latin-1-that-is-not-covered", "Header values are bytes.", latin.signed(USUAL, RSA));
    let alias = Request::post().set("Host", "www.social.example").signed(USUAL, RSA);
    yes("for-an-alias", "", alias.change(|q| q.instance = "custom"));
}

fn refused(r: &mut Recorder) {
    let mut no = |name: &str, note: &str, request: Request| {
        verify(r, &format!("refuse-{name}"), note, false, &request);
    };
    no("without-signature", "", Request::post());
    no("a-signature-that-cannot-be-read", "", Request::valid().edit("\",algorithm", "\" algorithm"));
    no("another-key", "", Request::valid().change(|q| q.key = "ann"));
    let bytes = STANDARD.encode([0x55; 256]);
    let forged = Request::valid().edit(",signature=", &format!(",signature=\"{bytes}\",was="));
    no("a-forged-signature", "", forged);
    no("a-changed-body", "", Request::valid().change(|q| q.body = format!("{BODY}\n").into()));
    no("a-changed-target", "", Request::valid().change(|q| q.target = "/ap/users/1/inbox".into()));
    no("a-changed-method", "", Request::valid().change(|q| q.method = "PUT"));
    no("a-changed-date", "", Request::valid().set("Date", "Fri, 15 Jan 2027 08:00:01 GMT"));
    no("the-next-second-after-the-last", "", Request::valid().change(|q| q.now = NOW + 3901));
    no("from-the-future", "", Request::valid().change(|q| q.now = NOW - 3601));
    let narrow = Request::post().set("Host", "www.social.example").signed(USUAL, RSA);
    no("what-is-too-old-for-this-policy", "", narrow.change(|q| (q.instance, q.now) = ("custom", NOW + 301)));
    no(
        "another-host",
        "It was signed for another server.",
        Request::post().set("Host", "other.example").signed(USUAL, RSA),
    );
    no("another-port", "", Request::post().set("Host", "chirp.example:8443").signed(USUAL, RSA));
    for (name, covered) in [
        ("target", "host date digest"),
        ("host", "(request-target) date digest"),
        ("date", "(request-target) host digest"),
        ("digest", "(request-target) host date"),
    ] {
        no(&format!("an-uncovered-{name}"), "", Request::post().signed(covered, RSA));
    }
    let absent = Request::post().signed(&format!("{USUAL} x-absent"), RSA);
    no("a-covered-header-that-is-absent", "Never read as empty.", absent);
    let twice = Request::post().add("date", DATE).signed(USUAL, RSA);
    no("two-dates", "", twice);
    no("two-signatures", "", Request::valid().add("signature", "keyId=\"x\",signature=\"AA==\""));
    no("a-date-nobody-can-read", "", Request::post().set("Date", "2027-01-15T08:00:00Z").signed(USUAL, RSA));
    no("a-digest-of-another-kind", "", Request::post().set("Digest", "SHA-512=AAAA").signed(USUAL, RSA));
    no("a-digest-that-is-none", "", Request::post().set("Digest", "SHA-256=AAAA").signed(USUAL, RSA));
    for algorithm in ["hmac-sha256", "rsa-sha1", "ed25519"] {
        let parameters = format!("algorithm=\"{algorithm}\",");
        let note = "The algorithm may only veto: the key's own kind decides.";
        no(&format!("the-algorithm-{algorithm}"), note, Request::post().signed(USUAL, &parameters));
    }
    let covered = "(request-target) (created) (expires) host digest";
    let over = format!("algorithm=\"hs2019\",created={},expires={},", NOW - 7200, NOW - 3601);
    no("what-has-expired", "", Request::post().unset("Date").signed(covered, &over));
    let rfc9421 = Request::valid().add("Signature-Input", "sig1=(\"@method\");created=1");
    no("rfc-9421", "Recognised, not handled yet.", rfc9421);
    let swapped = Request::get("/ap/users/1?page=1").signed("(request-target) host date", RSA);
    no("another-query", "", swapped.change(|q| q.target = "/ap/users/1?page=2".into()));
    let note = "No request at all: the call fails, it is no verdict.";
    let forging = Request::post().change(|q| q.target = "/ap/inbox\nhost: x".into()).signed(USUAL, RSA);
    r.call("verify-a-line-break-in-the-target", note, "request_verify", forging.inputs());
    r.call("verify-a-head-that-is-no-object", note, "request_verify", {
        json!({"instance": "chirp", "public_key": "bob", "now": NOW, "head": "[]", "body": ""})
    });
}

fn explained(r: &mut Recorder) {
    let mut explain = |name: &str, note: &str, request: Request| {
        r.call(&format!("explain-{name}"), note, "request_explain", request.inputs());
    };
    explain("a-delivery", "Every rule with its source.", Request::valid());
    let clock = Request::valid().change(|q| q.now = NOW + 5400);
    explain("a-clock-that-is-wrong", "90 minutes off.", clock);
    let proxy = Request::valid().set("Host", "127.0.0.1:3000");
    explain("a-proxy-that-changed-host", "", proxy);
    let spaced = BODY.replace(',', ", ").replace(':', ": ").replace("https: //", "https://");
    explain("a-body-that-was-written-again", "", Request::valid().change(|q| q.body = spaced.into()));
    explain("a-key-that-was-rotated", "", Request::valid().change(|q| q.key = "bob-new"));
    assert!(BODY.contains(BOB));
    let decoded = Request::get("/ap/users/%31").signed("(request-target) host date", RSA);
    explain("a-path-that-was-decoded", "", decoded.change(|q| q.target = "/ap/users/1".into()));
    explain("no-signature", "", Request::post());
}
