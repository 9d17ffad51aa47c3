//! Verdicts: the outcome of a check, with a part for the wire and a part for the operator.
//!
//! `public` is a reason code, the HTTP status to answer and one sentence; it holds nothing secret and may be
//! sent to the peer. `evidence` lists every rule with what was seen and what was expected; it is collected
//! only when a [`Trace`] asks for it, so the common path pays nothing.

use serde::Serialize;

/// The outcome of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// True when every rule passed.
    pub accepted: bool,
    /// What may go on the wire.
    pub public: Public,
    /// The key the signature names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_id: Option<String>,
    /// The actor the key belongs to, once proven.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// `cavage` or `rfc9421`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<&'static str>,
    /// For the operator; present when it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
}

/// The part of a verdict that may be told to the peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Public {
    /// A stable word such as `digest_mismatch`.
    pub code: &'static str,
    /// The HTTP status that fits.
    pub status: u16,
    /// One sentence without user data.
    pub message: String,
}

/// The part of a verdict for the operator.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// Each rule in the order it was checked.
    pub rules: Vec<Rule>,
    /// The signature base that was built, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature_base: Option<String>,
    /// What most likely went wrong, in plain words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub likely_cause: Option<String>,
}

/// One rule and what it found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// A stable word for the rule.
    pub rule: &'static str,
    /// Whether it held.
    pub ok: bool,
    /// What the message had.
    pub seen: String,
    /// What the rule wants.
    pub expected: String,
    /// Where the rule comes from: an RFC section, a FEP, a peer.
    pub source: &'static str,
}

/// Collects evidence when it is wanted.
#[derive(Debug, Default)]
pub struct Trace(Option<Evidence>);

impl Verdict {
    /// A passed check.
    pub fn accepted(scheme: &'static str) -> Self {
        let public = Public { code: "accepted", status: 202, message: "accepted".into() };
        Self { accepted: true, public, key_id: None, actor: None, scheme: Some(scheme), evidence: None }
    }

    /// A failed check. `status` is what to answer: 401 lets the sender try again, 400 and 403 are final
    /// (Mastodon `response_error_unsalvageable?`).
    #[cold]
    pub fn refused(code: &'static str, status: u16, message: impl Into<String>) -> Self {
        let public = Public { code, status, message: message.into() };
        Self { accepted: false, public, key_id: None, actor: None, scheme: None, evidence: None }
    }

    /// Names the key the signature claims.
    #[must_use]
    pub fn with_key(mut self, key_id: &str) -> Self {
        self.key_id = Some(key_id.to_owned());
        self
    }

    /// Attaches what a trace collected.
    #[must_use]
    pub fn with_evidence(mut self, trace: Trace) -> Self {
        self.evidence = trace.0;
        self
    }
}

impl Trace {
    /// Collects nothing.
    pub fn off() -> Self {
        Self(None)
    }

    /// Collects every rule.
    pub fn on() -> Self {
        Self(Some(Evidence::default()))
    }

    /// True when evidence is collected.
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Notes one rule. `seen` and `expected` run only when evidence is collected. Returns `ok`.
    pub fn rule(
        &mut self,
        rule: &'static str,
        source: &'static str,
        ok: bool,
        seen: impl FnOnce() -> String,
        expected: impl FnOnce() -> String,
    ) -> bool {
        if let Some(evidence) = &mut self.0 {
            evidence.rules.push(Rule { rule, ok, seen: seen(), expected: expected(), source });
        }
        ok
    }

    /// Notes the signature base.
    pub fn base(&mut self, base: &[u8]) {
        if let Some(evidence) = &mut self.0 {
            evidence.signature_base = Some(String::from_utf8_lossy(base).into_owned());
        }
    }

    /// Notes what most likely went wrong.
    pub fn cause(&mut self, cause: impl FnOnce() -> String) {
        if let Some(evidence) = &mut self.0 {
            evidence.likely_cause = Some(cause());
        }
    }
}
