//! What the `Signature` field of a received request claims: who signed, which values, with what.
//!
//! Owns the reading of the field (draft-cavage-12 sections 2.1, 3 and 4), also from `Authorization`. Nothing
//! here is proven yet; the key id is what the key look-up starts from.

use base64::Engine;

use crate::http::Head;
use crate::signature::digest::BASE64;
use crate::verdict::{Trace, Verdict};

use super::cause;
use super::params::{self, Fault, Params, is_token};
use super::rules::{self, Rule};

/// Most names the `headers` parameter may list.
const MAX_COVERED: usize = 64;
/// Longest `created` and `expires`, in digits; 12 reach beyond the year 30,000.
const MAX_DIGITS: usize = 12;

/// What a `Signature` field claims.
#[derive(Clone)]
pub struct Claim {
    pub(super) key_id: String,
    pub(super) signature: Vec<u8>,
    /// The covered names in lower case, one space between two.
    pub(super) covered: String,
    pub(super) algorithm: Option<String>,
    pub(super) created: Option<String>,
    pub(super) expires: Option<String>,
}

/// Reads the claim of a received request.
///
/// Errors: the refusal, when there is no signature, it cannot be read, or it is of another scheme
/// (`rfc9421_unsupported`, whose verdict says `rfc9421`).
pub fn parse(head: &Head) -> Result<Claim, Verdict> {
    Claim::read(head, &mut Trace::off())
}

impl Claim {
    /// [`parse`], noting each rule in `trace`.
    pub fn read(head: &Head, trace: &mut Trace) -> Result<Self, Verdict> {
        let field = field(head, trace)?;
        let params = params::read(field).map_err(|fault| unreadable(fault, trace))?;
        let size = || format!("{} bytes", field.len());
        rules::SIGNATURE_SYNTAX.note(trace, true, size, || "name=\"value\", …".into());
        rules::PARAMETERS_ONCE.note(trace, true, || "no name twice".into(), || "each name once".into());

        let Params { key_id, algorithm, headers, signature, created, expires } = params;
        let key_id = key_id.filter(|id| !id.is_empty());
        let encoded = signature.filter(|signature| !signature.is_empty());
        let missing = match (&key_id, &encoded) {
            (None, _) => "keyId is missing",
            (_, None) => "signature is missing",
            _ => "both",
        };
        rules::PARAMETERS_PRESENT.note(
            trace,
            missing == "both",
            || missing.into(),
            || "keyId and signature".into(),
        );
        let (Some(key_id), Some(encoded)) = (key_id, encoded) else {
            return Err(rules::PARAMETERS_PRESENT.refusal(None));
        };

        let signature = BASE64.decode(&encoded);
        let characters = || format!("{} characters", encoded.len());
        rules::SIGNATURE_ENCODING.note(trace, signature.is_ok(), characters, || "standard base64".into());
        let signature = signature.map_err(|_| rules::SIGNATURE_ENCODING.refusal(Some(&key_id)))?;

        let refuse = |rule: &Rule| Err(rule.refusal(Some(&key_id)));
        let is_time = |text: &String| {
            (1..=MAX_DIGITS).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
        };
        let times = || format!("created {created:?}, expires {expires:?}");
        let readable = [&created, &expires].into_iter().flatten().all(is_time);
        if !rules::TIMES_ARE_INTEGERS.note(trace, readable, times, || "digits, quoted or bare".into()) {
            return refuse(&rules::TIMES_ARE_INTEGERS);
        }

        // Absent means `date` (drafts before 12); the rules of coverage then say what is missing.
        let mut covered = headers.unwrap_or_else(|| "date".into());
        covered.make_ascii_lowercase();
        let names: Vec<&str> = covered.split_ascii_whitespace().take(MAX_COVERED + 1).collect();
        let count = || format!("{} covered headers", names.len());
        if !rules::SIGNATURE_SIZE.note(trace, names.len() <= MAX_COVERED, count, || "at most 64".into()) {
            return refuse(&rules::SIGNATURE_SIZE);
        }
        let list = || names.join(" ");
        let known = names.iter().all(|name| is_listable(name));
        if !rules::LISTED_NAMES
            .note(trace, known, list, || "header names, (request-target), (created), (expires)".into())
        {
            return refuse(&rules::LISTED_NAMES);
        }
        let once = names.iter().enumerate().all(|(i, name)| !names.iter().take(i).any(|other| other == name));
        if !rules::LISTED_ONCE.note(trace, once, list, || "each name once".into()) {
            return refuse(&rules::LISTED_ONCE);
        }
        let covered = names.join(" ");
        Ok(Self { key_id, signature, covered, algorithm, created, expires })
    }

    /// The key the signature names; nothing about it is proven.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// The names the signature covers, in lower case and in order.
    pub fn covered(&self) -> impl Iterator<Item = &str> {
        self.covered.split(' ').filter(|name| !name.is_empty())
    }

    pub(super) fn covers(&self, name: &str) -> bool {
        self.covered().any(|covered| covered == name)
    }
}

/// A header name or one of the three values draft-cavage-12 section 2.3 makes up.
fn is_listable(name: &str) -> bool {
    matches!(name, "(request-target)" | "(created)" | "(expires)") || name.bytes().all(is_token)
}

/// The one field value that holds the signature's parameters.
fn field<'a>(head: &'a Head, trace: &mut Trace) -> Result<&'a [u8], Verdict> {
    let other = head.headers.has("signature-input");
    if !rules::SCHEME_IS_CAVAGE.note(
        trace,
        !other,
        || if other { "Signature-Input is present" } else { "no Signature-Input" }.into(),
        || "draft-cavage-12".into(),
    ) {
        trace.cause(|| {
            "The sender signs with RFC 9421. Most senders try again with draft-cavage-12 after a 401.".into()
        });
        let mut verdict = rules::SCHEME_IS_CAVAGE.refusal(None);
        verdict.scheme = Some("rfc9421");
        return Err(verdict);
    }
    let mut fields = (head.headers.all("signature").map(|value| {
        let value = value.trim_ascii();
        without_scheme(value).unwrap_or(value)
    }))
    .chain(head.headers.all("authorization").filter_map(|value| without_scheme(value.trim_ascii())));
    let (first, second) = (fields.next(), fields.next());
    let present = first.is_some();
    rules::SIGNATURE_PRESENT.note(
        trace,
        present,
        || if present { "Signature" } else { "neither Signature nor Authorization: Signature" }.into(),
        || "Signature, or Authorization: Signature".into(),
    );
    let Some(first) = first else {
        trace.cause(|| "The sender does not sign, or something between drops the Signature header.".into());
        return Err(rules::SIGNATURE_PRESENT.refusal(None));
    };
    let single = second.is_none();
    if !rules::ONE_SIGNATURE.note(
        trace,
        single,
        || if single { "one" } else { "more than one" }.into(),
        || "one".into(),
    ) {
        return Err(rules::ONE_SIGNATURE.refusal(None));
    }
    Ok(first)
}

/// What follows `Signature ` at the beginning of a credentials field (draft-cavage-12 section 3.1).
fn without_scheme(value: &[u8]) -> Option<&[u8]> {
    let (scheme, rest) = value.split_at_checked(9)?;
    let separated = rest.first().is_some_and(|b| matches!(b, b' ' | b'\t'));
    (scheme.eq_ignore_ascii_case(b"signature") && separated).then(|| rest.trim_ascii_start())
}

/// Notes and makes the refusal of a field that cannot be read.
fn unreadable(fault: Fault, trace: &mut Trace) -> Verdict {
    let (rule, seen, expected) = match fault {
        Fault::TooLarge => (&rules::SIGNATURE_SIZE, "more".into(), "at most 16 KiB and 32 parameters"),
        Fault::Syntax(at) => (
            &rules::SIGNATURE_SYNTAX,
            format!("not readable from byte {at} on"),
            "name=\"value\" or name=value, with commas between",
        ),
        Fault::Duplicate(at) => {
            (&rules::PARAMETERS_ONCE, format!("a name a second time at byte {at}"), "each name once")
        }
    };
    rule.note(trace, false, || seen, || expected.into());
    trace.cause(cause::unreadable);
    rule.refusal(None)
}
