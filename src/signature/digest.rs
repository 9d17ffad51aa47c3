//! The `Digest` field (RFC 3230, SHA-256 of RFC 5843): ties the body's bytes to the signed head.
//!
//! Written in the one form that every peer accepts; read as a list in which SHA-256 must be present and
//! right, and other algorithms are passed over.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, general_purpose};
use subtle::ConstantTimeEq;

use crate::key::sha256;

/// Standard base64 that reads missing padding too.
pub(super) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why a `Digest` field does not prove a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Not a list of `algorithm=base64`.
    Malformed,
    /// No SHA-256 in the list.
    NoSha256,
    /// A SHA-256 of other bytes.
    Mismatch,
}

/// The field value for `body`: upper-case name, padded standard base64, one algorithm.
///
/// Takahe, Pixelfed, NodeBB and Ktistec compare this spelling byte by byte.
pub fn field(body: &[u8]) -> String {
    let mut out = String::with_capacity(52);
    out.push_str("SHA-256=");
    general_purpose::STANDARD.encode_string(sha256(body), &mut out);
    out
}

/// Checks that `field` lists a SHA-256 (name in any case) and that every SHA-256 listed is the one of `body`,
/// whose bytes must be as received. Compares decoded bytes in constant time.
pub fn check(field: &[u8], body: &[u8]) -> Result<(), Fault> {
    let mut claimed: Option<[u8; 32]> = None;
    for item in field.split(|b| *b == b',').map(<[u8]>::trim_ascii).filter(|item| !item.is_empty()) {
        let equals = item.iter().position(|b| *b == b'=').ok_or(Fault::Malformed)?;
        let (name, value) = item.split_at(equals);
        if !name.eq_ignore_ascii_case(b"sha-256") {
            continue;
        }
        let mut decoded = [0; 33];
        let value = value.get(1..).unwrap_or_default();
        let length = BASE64.decode_slice(value, &mut decoded).map_err(|_| Fault::Malformed)?;
        let decoded: [u8; 32] =
            decoded.get(..length).and_then(|bytes| bytes.try_into().ok()).ok_or(Fault::Malformed)?;
        // Two different hashes: at most one can be right.
        if claimed.is_some_and(|other| other != decoded) {
            return Err(Fault::Mismatch);
        }
        claimed = Some(decoded);
    }
    let claimed = claimed.ok_or(Fault::NoSha256)?;
    if bool::from(claimed.ct_eq(&sha256(body))) { Ok(()) } else { Err(Fault::Mismatch) }
}

#[cfg(test)]
mod tests {
    use super::*;

    // printf 'hello' | openssl dgst -sha256 -binary | base64
    const HELLO: &str = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";

    fn checked(field: &str) -> Result<(), Fault> {
        check(field.as_bytes(), b"hello")
    }

    #[test]
    fn the_one_form_is_written() {
        assert_eq!(field(b"hello"), format!("SHA-256={HELLO}"));
    }

    #[test]
    fn a_list_in_any_case_and_spacing_is_read() {
        assert_eq!(checked(&format!("sha-256={HELLO}")), Ok(()));
        assert_eq!(checked(&format!("SHA-512=AAAA , ,Sha-256={HELLO},md5=")), Ok(()));
        assert_eq!(checked(&format!("SHA-256={}", HELLO.trim_end_matches('='))), Ok(()));
        assert_eq!(checked(&format!("SHA-256={HELLO},sha-256={HELLO}")), Ok(()));
    }

    #[test]
    fn sha_256_must_be_there_and_right() {
        assert_eq!(checked("SHA-512=AAAA"), Err(Fault::NoSha256));
        assert_eq!(checked(""), Err(Fault::NoSha256));
        assert_eq!(check(format!("SHA-256={HELLO}").as_bytes(), b"hellO"), Err(Fault::Mismatch));
    }

    #[test]
    fn a_second_sha_256_must_agree() {
        let other = field(b"other");
        assert_eq!(checked(&format!("SHA-256={HELLO},{other}")), Err(Fault::Mismatch));
        assert_eq!(checked(&format!("{other},SHA-256={HELLO}")), Err(Fault::Mismatch));
    }

    #[test]
    fn what_is_no_list_of_hashes_is_malformed() {
        for bad in ["SHA-256", "SHA-256=", "SHA-256=AAAA", "SHA-256=*", &format!("SHA-256={HELLO}AAAA")] {
            assert_eq!(checked(bad), Err(Fault::Malformed), "{bad}");
        }
    }
}
