//! Everything about a claim that can be tested without the key: coverage, host, time, digest.
//!
//! The order is fixed; the digest, which costs most, comes last. When evidence is collected all rules are
//! tested, also after one has failed, so that an operator sees everything at once.

use crate::http::Head;
use crate::key::PublicKey;
use crate::signature::digest;
use crate::verdict::{Trace, Verdict};

use super::base::{self, Source, trim};
use super::cause;
use super::claim::Claim;
use super::rules::{self, Findings};

/// What this server expects of a request.
#[derive(Clone, Debug)]
pub struct Expectation<'a> {
    /// The authorities this server answers for, `host` or `host:port` as in `Host`; others are refused.
    pub hosts: &'a [String],
    /// How old a signature may be that does not say when it expires, in seconds.
    pub max_age: i64,
    /// How far in the future its time may be, and how long it is accepted beyond `expires`, in seconds.
    pub max_ahead: i64,
}

/// A claim that passed every test but the last: the signature itself.
#[derive(Clone)]
pub struct Checked {
    key_id: String,
    signature: Vec<u8>,
    base: Vec<u8>,
    /// The base with a target without query, when there is a query: Fedify, Misskey and Mitra sign that.
    without_query: Option<Vec<u8>>,
    /// Only for evidence: other bases that would show what happened on the way.
    suspicions: Vec<cause::Suspicion>,
    signed_at: i64,
}

impl<'a> Expectation<'a> {
    /// Mastodon's window for this server's `hosts`: 1 h 5 min into the past, 1 h into the future.
    pub fn new(hosts: &'a [String]) -> Self {
        Self { hosts, max_age: 3900, max_ahead: 3600 }
    }
}

impl Claim {
    /// Tests all that needs no key. `body` is the body's bytes as received; `now` is seconds since the epoch.
    ///
    /// Errors: the refusal of the first rule that fails.
    pub fn check(
        &self,
        head: &Head,
        body: &[u8],
        expected: &Expectation<'_>,
        now: i64,
        trace: &mut Trace,
    ) -> Result<Checked, Verdict> {
        let mut findings = Findings::new(trace, &self.key_id);
        let checked = self.examine(head, body, expected, now, &mut findings);
        match (findings.into_refusal(), checked) {
            (None, Some(checked)) => Ok(checked),
            (Some(verdict), _) => Err(verdict),
            // No base without a refusal; closed all the same.
            (None, None) => Err(rules::COVERED_PRESENT.refusal(Some(&self.key_id))),
        }
    }

    /// [`check`](Self::check) that goes on after a failure while evidence is collected. What comes back may
    /// only be trusted when `findings` hold no refusal.
    pub(super) fn examine(
        &self,
        head: &Head,
        body: &[u8],
        expected: &Expectation<'_>,
        now: i64,
        findings: &mut Findings<'_, '_>,
    ) -> Option<Checked> {
        self.algorithm(findings);
        self.coverage(head, body, findings);
        let base = self.base(head, findings);
        host(head, expected, findings);
        let signed_at = self.time(head, expected, now, findings);
        if findings.is_settled() {
            return None;
        }
        self.digest(head, body, findings);
        let base = base?;
        let suspicions =
            if findings.trace().is_on() { cause::suspicions(self, head, expected) } else { Vec::new() };
        let without_query = head.query().and_then(|_| self.bytes(head, head.path()).ok());
        Some(Checked {
            key_id: self.key_id.clone(),
            signature: self.signature.clone(),
            base,
            without_query,
            suspicions,
            signed_at: signed_at.unwrap_or_default(),
        })
    }

    /// The base for one form of the target.
    pub(super) fn bytes(&self, head: &Head, target: &str) -> Result<Vec<u8>, base::Fault> {
        let source = Source {
            method: &head.method,
            target,
            headers: &head.headers,
            created: self.created.as_deref(),
            expires: self.expires.as_deref(),
        };
        base::build(&source, self.covered())
    }

    /// The parameter may only veto what the key's type says.
    fn algorithm(&self, findings: &mut Findings<'_, '_>) {
        let name = self.algorithm.as_deref();
        let known = name.is_none_or(|name| {
            name.eq_ignore_ascii_case("rsa-sha256") || name.eq_ignore_ascii_case("hs2019")
        });
        findings.test(
            &rules::ALGORITHM,
            known,
            || name.unwrap_or("absent").into(),
            || "rsa-sha256, hs2019 or absent".into(),
            || Some("The sender signs with a kind of key this server does not verify.".into()),
        );
    }

    fn coverage(&self, head: &Head, body: &[u8], findings: &mut Findings<'_, '_>) {
        for name in ["host", "date", "digest"] {
            let lines = head.headers.all(name).take(2).count();
            findings.test(
                &rules::SINGLE_HEADERS,
                lines < 2,
                || format!("{name}: {lines}"),
                || "at most one".into(),
                || Some(format!("The sender or a proxy adds a second {name} header.")),
            );
        }
        let bodied = !head.is_read() || !body.is_empty();
        let dated = self.covers("date") || self.covers("(created)");
        let needed = [
            (&rules::TARGET_COVERED, self.covers("(request-target)"), "(request-target)"),
            (&rules::HOST_COVERED, self.covers("host"), "host"),
            (&rules::TIME_COVERED, dated, "date or (created)"),
            (&rules::DIGEST_COVERED, !bodied || self.covers("digest"), "digest when there is a body"),
        ];
        for (rule, ok, wanted) in needed {
            findings.test(
                rule,
                ok,
                || self.covered.clone(),
                || wanted.into(),
                || Some(format!("The sender's software does not sign {wanted}.")),
            );
        }
    }

    fn base(&self, head: &Head, findings: &mut Findings<'_, '_>) -> Option<Vec<u8>> {
        let base = self.bytes(head, &head.target);
        if let Ok(base) = &base {
            findings.trace().base(base);
        }
        let (absent, control) = match &base {
            Ok(_) => (None, None),
            Err(base::Fault::Absent(name)) => (Some(name), None),
            Err(base::Fault::Control(name)) => (None, Some(name)),
        };
        findings.test(
            &rules::COVERED_PRESENT,
            absent.is_none(),
            || absent.map_or("all are there".into(), |name| format!("{name} is not in the request")),
            || self.covered.clone(),
            || absent.map(|name| cause::absent(name)),
        );
        findings.test(
            &rules::COVERED_TEXT,
            control.is_none(),
            || control.map_or("plain text".into(), |name| format!("a control character in {name}")),
            || "no control characters".into(),
            || None,
        );
        base.ok()
    }

    fn digest(&self, head: &Head, body: &[u8], findings: &mut Findings<'_, '_>) {
        if !self.covers("digest") {
            return;
        }
        let Some(field) = head.headers.all("digest").next() else {
            return; // COVERED_PRESENT has refused it
        };
        let fault = digest::check(field, body).err();
        let seen = || String::from_utf8_lossy(field).into_owned();
        let expected = || format!("{} of {} bytes", digest::field(body), body.len());
        for (rule, wrong) in [
            (&rules::DIGEST_SYNTAX, digest::Fault::Malformed),
            (&rules::DIGEST_SHA256, digest::Fault::NoSha256),
            (&rules::DIGEST_MATCHES, digest::Fault::Mismatch),
        ] {
            findings.test(rule, fault != Some(wrong), seen, expected, || {
                (wrong == digest::Fault::Mismatch).then(|| cause::body(head, field, body))
            });
        }
    }
}

impl Checked {
    /// The key that has to verify it.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// When it was signed, in seconds since the epoch, as covered by the signature.
    pub fn signed_at(&self) -> i64 {
        self.signed_at
    }

    /// Tests the signature itself. May be called again with another key after a refresh.
    ///
    /// Errors: `signature_invalid`.
    pub fn verify(&self, key: &PublicKey, trace: &mut Trace) -> Result<(), Verdict> {
        self.judge(key, trace, true)
    }

    /// [`verify`](Self::verify); `guess` says whether to name a cause that is only likely.
    pub(super) fn judge(&self, key: &PublicKey, trace: &mut Trace, guess: bool) -> Result<(), Verdict> {
        let holds = |base: &[u8]| key.verify(base, &self.signature);
        let plain = self.without_query.as_deref();
        let whole = holds(&self.base);
        let valid = whole || plain.is_some_and(holds);
        let seen = || {
            let over = if valid && !whole { ", over the target without its query" } else { "" };
            format!("{} bytes, key of {} bits{over}", self.signature.len(), key.bits())
        };
        if rules::SIGNATURE_VALID.note(trace, valid, seen, || "RSASSA-PKCS1-v1_5, SHA-256".into()) {
            return Ok(());
        }
        if trace.is_on() {
            let proven = self.suspicions.iter().find(|suspicion| holds(&suspicion.base));
            if let Some(suspicion) = proven {
                trace.cause(|| suspicion.cause.clone());
            } else if guess {
                trace.cause(|| cause::key_or_head(plain.is_some()));
            }
        }
        Err(rules::SIGNATURE_VALID.refusal(Some(&self.key_id)))
    }
}

fn host(head: &Head, expected: &Expectation<'_>, findings: &mut Findings<'_, '_>) {
    let host = head.headers.all("host").next().map(trim);
    let ours = host.is_some_and(|host| expected.hosts.iter().any(|own| same_authority(host, own.as_bytes())));
    findings.test(
        &rules::HOST_IS_OURS,
        ours,
        || seen_header(head, "host"),
        || expected.hosts.join(" or "),
        || Some(cause::host(head, expected)),
    );
}

/// Equal without case, and whether or not a default port is spelled out (RFC 9110 section 4.2.3).
fn same_authority(one: &[u8], other: &[u8]) -> bool {
    fn bare(host: &[u8]) -> &[u8] {
        host.strip_suffix(b":443").or_else(|| host.strip_suffix(b":80")).unwrap_or(host)
    }
    bare(one).eq_ignore_ascii_case(bare(other))
}

/// The first value of a header for the evidence.
pub(super) fn seen_header(head: &Head, name: &str) -> String {
    head.headers.all(name).next().map_or("absent".into(), |value| String::from_utf8_lossy(value).into_owned())
}
