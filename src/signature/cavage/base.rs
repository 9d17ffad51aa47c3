//! The signature base: the bytes that are signed (draft-cavage-12 section 2.3).
//!
//! One line per covered name, `name: value`, joined with line feeds. Used for signing and for verifying, so
//! both sides agree by construction.

use crate::http::Headers;

use super::params::{is_text, is_token};

/// What the lines are made from.
pub(super) struct Source<'a> {
    pub(super) method: &'a str,
    /// The raw path and query.
    pub(super) target: &'a str,
    pub(super) headers: &'a Headers,
    pub(super) created: Option<&'a str>,
    pub(super) expires: Option<&'a str>,
}

/// Why there is no base.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The name is listed but not in the request.
    Absent(String),
    /// Its value has a control character, which could forge a line.
    Control(String),
}

/// The base over `covered`, names in lower case.
pub(super) fn build<'n>(
    source: &Source<'_>,
    covered: impl Iterator<Item = &'n str>,
) -> Result<Vec<u8>, Fault> {
    let mut base = Vec::with_capacity(512);
    for name in covered {
        if !base.is_empty() {
            base.push(b'\n');
        }
        base.extend_from_slice(name.as_bytes());
        base.extend_from_slice(b": ");
        let start = base.len();
        let present = match name {
            "(request-target)" => {
                if !source.method.bytes().all(is_token) {
                    return Err(Fault::Control(name.to_owned()));
                }
                base.extend(source.method.bytes().map(|b| b.to_ascii_lowercase()));
                base.push(b' ');
                base.extend_from_slice(source.target.as_bytes());
                true
            }
            "(created)" => source.created.map(|text| base.extend_from_slice(text.as_bytes())).is_some(),
            "(expires)" => source.expires.map(|text| base.extend_from_slice(text.as_bytes())).is_some(),
            _ => header(source.headers, name, &mut base),
        };
        if !present {
            return Err(Fault::Absent(name.to_owned()));
        }
        if !base.get(start..).is_some_and(|value| value.iter().all(|b| is_text(*b))) {
            return Err(Fault::Control(name.to_owned()));
        }
    }
    Ok(base)
}

/// Appends all field lines of one name, each trimmed, joined with `, ` (RFC 9110 section 5.3).
fn header(headers: &Headers, name: &str, base: &mut Vec<u8>) -> bool {
    let mut present = false;
    for value in headers.all(name) {
        if present {
            base.extend_from_slice(b", ");
        }
        base.extend_from_slice(trim(value));
        present = true;
    }
    present
}

/// Without spaces and tabs at both ends (RFC 9110 section 5.5).
pub(super) fn trim(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}
