//! The rules of the verifier on one page: word, refusal, source; and what was found about each.
//!
//! 401 lets the sender try again; 400 is for syntax that will never do, because senders treat every 4xx other
//! than 401, 408 and 429 as permanent (Mastodon `response_error_unsalvageable?`).

use crate::verdict::{Trace, Verdict};

use super::SCHEME;

/// One rule and the refusal that follows when it does not hold.
pub(super) struct Rule {
    word: &'static str,
    code: &'static str,
    status: u16,
    message: &'static str,
    source: &'static str,
}

const fn rule(
    word: &'static str,
    code: &'static str,
    status: u16,
    message: &'static str,
    source: &'static str,
) -> Rule {
    Rule { word, code, status, message, source }
}

pub(super) const SCHEME_IS_CAVAGE: Rule = rule(
    "scheme_is_cavage",
    "rfc9421_unsupported",
    401,
    "Signature-Input is present: RFC 9421 signatures are not handled yet; sign with draft-cavage-12",
    "RFC 9421 section 4.1; Mastodon 4.6 never reads such a request as cavage",
);
pub(super) const SIGNATURE_PRESENT: Rule = rule(
    "signature_present",
    "signature_missing",
    401,
    "the request is not signed: expected a Signature header",
    "draft-cavage-12 section 4; section 3 for Authorization",
);
pub(super) const ONE_SIGNATURE: Rule = rule(
    "one_signature",
    "repeated_header",
    400,
    "the request has more than one Signature",
    "RFC 9110 section 5.3: two readers could take two of them",
);
pub(super) const SIGNATURE_SIZE: Rule = rule(
    "signature_size",
    "signature_too_large",
    400,
    "the Signature header has more than 16 KiB, 32 parameters or 64 covered headers",
    "bounded work for every input",
);
pub(super) const SIGNATURE_SYNTAX: Rule = rule(
    "signature_syntax",
    "signature_malformed",
    400,
    "the Signature header is not a list of name=\"value\" parameters",
    "RFC 7235 section 2.1 auth-param",
);
pub(super) const PARAMETERS_ONCE: Rule = rule(
    "parameters_once",
    "duplicate_parameter",
    400,
    "a parameter of the Signature header comes twice",
    "Mastodon 4.6.5 signature_parser.rb",
);
pub(super) const PARAMETERS_PRESENT: Rule = rule(
    "parameters_present",
    "parameter_missing",
    400,
    "the Signature header needs keyId and signature",
    "draft-cavage-12 section 2.1",
);
pub(super) const SIGNATURE_ENCODING: Rule = rule(
    "signature_encoding",
    "signature_not_base64",
    400,
    "the signature parameter is not base64",
    "draft-cavage-12 section 2.1.3",
);
pub(super) const TIMES_ARE_INTEGERS: Rule = rule(
    "times_are_integers",
    "bad_time_parameter",
    400,
    "created and expires must be whole seconds since the epoch",
    "draft-cavage-12 section 2.1.4 and 2.1.5",
);
pub(super) const LISTED_NAMES: Rule = rule(
    "listed_names",
    "bad_header_name",
    400,
    "the headers parameter lists something that is no header name",
    "draft-cavage-12 section 2.3",
);
pub(super) const LISTED_ONCE: Rule = rule(
    "listed_once",
    "header_listed_twice",
    400,
    "the headers parameter lists a name twice",
    "a second value could stand in for the first",
);
pub(super) const ALGORITHM: Rule = rule(
    "algorithm",
    "algorithm_unsupported",
    401,
    "the algorithm parameter must be rsa-sha256, hs2019 or absent",
    "the key's type decides; RSASSA-PKCS1-v1_5 with SHA-256",
);
pub(super) const SINGLE_HEADERS: Rule = rule(
    "single_headers",
    "repeated_header",
    400,
    "Host, Date and Digest may come only once",
    "RFC 9110 section 5.3",
);
pub(super) const TARGET_COVERED: Rule = rule(
    "request_target_covered",
    "request_target_not_covered",
    401,
    "the signature must cover (request-target)",
    "draft-cavage-12 section 2.3; else it fits any path",
);
pub(super) const HOST_COVERED: Rule = rule(
    "host_covered",
    "host_not_covered",
    401,
    "the signature must cover host",
    "Akkoma 3.19, Mitra: else it fits any server",
);
pub(super) const TIME_COVERED: Rule = rule(
    "time_covered",
    "date_not_covered",
    401,
    "the signature must cover date or (created)",
    "Mastodon signed_request.rb; else it fits any time",
);
pub(super) const DIGEST_COVERED: Rule = rule(
    "digest_covered",
    "digest_not_covered",
    401,
    "the signature of a request with a body must cover digest",
    "Mastodon signed_request.rb; else it fits any body",
);
pub(super) const COVERED_PRESENT: Rule = rule(
    "covered_present",
    "covered_header_missing",
    401,
    "the signature covers a header or parameter that is not in the request",
    "draft-cavage-12 section 2.3",
);
pub(super) const COVERED_TEXT: Rule = rule(
    "covered_text",
    "bad_header_value",
    400,
    "a covered value has a line break or another control character",
    "RFC 9110 section 5.5: it would forge a line of the signature base",
);
pub(super) const HOST_IS_OURS: Rule = rule(
    "host_is_ours",
    "wrong_host",
    401,
    "the Host header names another server",
    "Akkoma 3.19, Misskey config.host: else a signature for another server is replayed here",
);
pub(super) const DATE_READABLE: Rule =
    rule("date_readable", "bad_date", 401, "the Date header is not an HTTP date", "RFC 9110 section 5.6.7");
pub(super) const NOT_AHEAD: Rule = rule(
    "not_from_the_future",
    "signature_from_the_future",
    401,
    "the signature's time is too far in the future",
    "Mastodon signed_request.rb: 1 h",
);
pub(super) const NOT_STALE: Rule = rule(
    "not_too_old",
    "signature_too_old",
    401,
    "the signature's time is too long ago, or it has expired",
    "Mastodon signed_request.rb: 5 min and 1 h of tolerance; expires at most created + 12 h",
);
pub(super) const DIGEST_SYNTAX: Rule = rule(
    "digest_syntax",
    "digest_malformed",
    400,
    "the Digest header is not a list of algorithm=base64",
    "RFC 3230 section 4.3.2",
);
pub(super) const DIGEST_SHA256: Rule = rule(
    "digest_has_sha256",
    "digest_unsupported",
    401,
    "the Digest header must have SHA-256",
    "RFC 5843; Mastodon signed_request.rb",
);
pub(super) const DIGEST_MATCHES: Rule = rule(
    "digest_matches",
    "digest_mismatch",
    401,
    "the Digest header is not that of the body received",
    "RFC 3230 section 4.3.2",
);
pub(super) const SIGNATURE_VALID: Rule = rule(
    "signature_valid",
    "signature_invalid",
    401,
    "the signature does not verify with this key",
    "RFC 8017 section 8.2.2",
);

impl Rule {
    /// The refusal when the rule does not hold.
    #[cold]
    pub(super) fn refusal(&self, key_id: Option<&str>) -> Verdict {
        let mut verdict = Verdict::refused(self.code, self.status, self.message);
        verdict.scheme = Some(SCHEME);
        verdict.key_id = key_id.map(str::to_owned);
        verdict
    }

    /// Notes in `trace` whether the rule holds and returns that.
    pub(super) fn note(
        &self,
        trace: &mut Trace,
        ok: bool,
        seen: impl FnOnce() -> String,
        expected: impl FnOnce() -> String,
    ) -> bool {
        trace.rule(self.word, self.source, ok, seen, expected)
    }
}

/// What the rules that can be tested one by one came to: the first refusal counts, the first cause is told.
pub(super) struct Findings<'t, 'k> {
    trace: &'t mut Trace,
    key_id: &'k str,
    refusal: Option<Verdict>,
}

impl<'t, 'k> Findings<'t, 'k> {
    pub(super) fn new(trace: &'t mut Trace, key_id: &'k str) -> Self {
        Self { trace, key_id, refusal: None }
    }

    /// Tests one rule; when it is the first that fails, it makes the refusal and `cause` says why.
    pub(super) fn test(
        &mut self,
        rule: &Rule,
        ok: bool,
        seen: impl FnOnce() -> String,
        expected: impl FnOnce() -> String,
        cause: impl FnOnce() -> Option<String>,
    ) -> bool {
        rule.note(self.trace, ok, seen, expected);
        if !ok && self.refusal.is_none() {
            self.refusal = Some(rule.refusal(Some(self.key_id)));
            if self.trace.is_on()
                && let Some(cause) = cause()
            {
                self.trace.cause(|| cause);
            }
        }
        ok
    }

    /// True when the outcome is certain and nobody asked for the rest.
    pub(super) fn is_settled(&self) -> bool {
        self.refusal.is_some() && !self.trace.is_on()
    }

    pub(super) fn trace(&mut self) -> &mut Trace {
        self.trace
    }

    /// The first refusal.
    pub(super) fn into_refusal(self) -> Option<Verdict> {
        self.refusal
    }
}
