//! PEM as it is found in the wild (RFC 7468), made regular before the strict reader sees it.
//!
//! Owns one tolerance: line breaks that became spaces or a literal `\n` on the way through a form, an
//! environment variable or another server's template. The key bytes themselves are decoded by the `der` crate,
//! which does so in constant time.

use rsa::pkcs8::der;
use zeroize::Zeroizing;

use crate::error::{Code, Error, Result, malformed};

/// Longest text read; an 8192-bit private key has about 6,500 bytes.
const MAX_TEXT: usize = 16 * 1024;

/// What the label of the text says it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    /// `PRIVATE KEY`: PKCS#8.
    Pkcs8,
    /// `RSA PRIVATE KEY`: PKCS#1.
    Pkcs1,
    /// `PUBLIC KEY`: a subject public key info.
    Spki,
    /// `RSA PUBLIC KEY`: PKCS#1.
    Pkcs1Public,
}

/// Reads the one block of `text`: its label and its DER bytes.
pub(super) fn read(text: &str) -> Result<(Label, Zeroizing<Vec<u8>>)> {
    if text.len() > MAX_TEXT {
        return Err(Error::new(Code::TooLarge, "pem_too_large", "a key has at most 16 KiB of PEM"));
    }
    let missing =
        || malformed("not_pem", "expected one block from -----BEGIN … KEY----- to -----END … KEY-----");
    let (_, after) = text.split_once("-----BEGIN ").ok_or_else(missing)?;
    let (name, after) = after.split_once("-----").ok_or_else(missing)?;
    let (body, after) = after.split_once("-----END ").ok_or_else(missing)?;
    if after.strip_prefix(name).is_none_or(|rest| !rest.starts_with("-----")) {
        return Err(missing());
    }
    if after.contains("-----BEGIN ") {
        return Err(malformed("several_keys", "expected one PEM block, found a second; pass the key alone"));
    }
    let label = match name {
        "PRIVATE KEY" => Label::Pkcs8,
        "RSA PRIVATE KEY" => Label::Pkcs1,
        "PUBLIC KEY" => Label::Spki,
        "RSA PUBLIC KEY" => Label::Pkcs1Public,
        "ENCRYPTED PRIVATE KEY" => {
            return Err(unsupported("encrypted_key", "the private key is encrypted; decrypt it first"));
        }
        _ => {
            return Err(unsupported(
                "unknown_pem_label",
                "expected an RSA key in PKCS#1, PKCS#8 or SPKI form",
            ));
        }
    };
    let regular = regular(name, body).ok_or_else(missing)?;
    let (_, bytes) = der::pem::decode_vec(regular.as_bytes())
        .map_err(|_| malformed("bad_pem", "the text between the PEM lines is not base64"))?;
    Ok((label, Zeroizing::new(bytes)))
}

/// The block with its base64 in lines of 64, as RFC 7468 section 2 writes it. `None` for PEM headers
/// (`Proc-Type: 4,ENCRYPTED`) and other foreign characters.
fn regular(name: &str, body: &str) -> Option<Zeroizing<String>> {
    // Room for everything at once: a growing string would leave copies of the key behind.
    let mut out = Zeroizing::new(String::with_capacity(body.len() + body.len() / 64 + 2 * name.len() + 64));
    for piece in ["-----BEGIN ", name, "-----\n"] {
        out.push_str(piece);
    }
    let mut column = 0;
    let mut rest = body.chars();
    while let Some(c) = rest.next() {
        match c {
            c if c.is_ascii_whitespace() => continue,
            // `\n`, `\r` as two characters
            '\\' => match rest.next() {
                Some('n' | 'r') => continue,
                _ => return None,
            },
            c if c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=') => out.push(c),
            _ => return None,
        }
        column += 1;
        if column == 64 {
            out.push('\n');
            column = 0;
        }
    }
    if column > 0 {
        out.push('\n');
    }
    for piece in ["-----END ", name, "-----\n"] {
        out.push_str(piece);
    }
    Some(out)
}

fn unsupported(reason: &'static str, message: &str) -> Error {
    Error::new(Code::Unsupported, reason, message)
}
