//! HTTP heads as received: raw target, field lines in order, values as bytes.
//!
//! Owns the JSON form in which a head crosses the C ABI. Header values are bytes; in JSON each byte is one
//! code point below 256 (latin-1), so nothing is lost or re-encoded. Field rules: RFC 9110 section 5.

use std::net::IpAddr;

use serde::Deserialize;

use crate::error::{Result, invalid};

/// Most field lines a head may have; servers in the wild stop at about 100.
const MAX_FIELDS: usize = 256;

/// Field lines in the order received, names as spelled.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, Vec<u8>)>);

/// The head of a request as the host's server received it.
#[derive(Clone, PartialEq, Eq)]
pub struct Head {
    /// The method as received, such as `POST`.
    pub method: String,
    /// The raw request target: path and query, undecoded.
    pub target: String,
    /// The field lines.
    pub headers: Headers,
    /// The peer's address, for limits only; never trusted for identity.
    pub client: Option<String>,
}

/// The head of the answer to a fetch, as the binding's fetcher brings it.
#[derive(Clone, PartialEq, Eq)]
pub struct ResponseHead {
    /// The URL that answered; must be the one asked.
    pub url: String,
    /// The status code.
    pub status: u16,
    /// The field lines.
    pub headers: Headers,
    /// The address of the peer that was connected to.
    pub address: Option<IpAddr>,
}

impl Headers {
    /// Field lines from names and values.
    pub fn new(lines: Vec<(String, Vec<u8>)>) -> Self {
        Self(lines)
    }

    /// Adds one field line.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<Vec<u8>>) {
        self.0.push((name.into(), value.into()));
    }

    /// All lines in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_slice()))
    }

    /// The values of every line of this name, in order; names compare without case.
    pub fn all<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a [u8]> + use<'a, 'n> {
        self.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// True when at least one line has this name.
    pub fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// The first value as text, trimmed; `None` when absent or not UTF-8.
    pub fn text(&self, name: &str) -> Option<&str> {
        let (_, value) = self.iter().find(|(n, _)| n.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(value).ok().map(str::trim)
    }

    /// The media type of `Content-Type` without parameters, in lower case.
    pub fn media_type(&self) -> Option<String> {
        let value = self.text("content-type")?;
        Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireHead {
    method: String,
    target: String,
    #[serde(default)]
    headers: Vec<(String, String)>,
    #[serde(default)]
    client: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireResponse {
    url: String,
    status: u16,
    #[serde(default)]
    headers: Vec<(String, String)>,
    #[serde(default)]
    address: Option<String>,
}

impl Head {
    /// Reads `{"method","target","headers":[[name,value],…],"client"}`.
    pub fn from_json(json: &[u8]) -> Result<Self> {
        let wire: WireHead = serde_json::from_slice(json).map_err(|e| head_error(&e))?;
        if wire.method.is_empty() || !wire.method.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return Err(invalid("bad_method", "the method must be an HTTP token such as POST").at("/method"));
        }
        if wire.target.is_empty() || wire.target.bytes().any(|b| b <= b' ' || b == 0x7f) {
            return Err(
                invalid("bad_target", "the target must be the raw path and query, as received").at("/target")
            );
        }
        Ok(Self {
            method: wire.method,
            target: wire.target,
            headers: fields(wire.headers)?,
            client: wire.client,
        })
    }

    /// The target up to the first `?`.
    pub fn path(&self) -> &str {
        self.target.split_once('?').map_or(self.target.as_str(), |(path, _)| path)
    }

    /// What follows the first `?`, if there is one.
    pub fn query(&self) -> Option<&str> {
        self.target.split_once('?').map(|(_, query)| query)
    }

    /// True for `GET` and `HEAD`.
    pub fn is_read(&self) -> bool {
        self.method.eq_ignore_ascii_case("GET") || self.method.eq_ignore_ascii_case("HEAD")
    }
}

impl ResponseHead {
    /// Reads `{"url","status","headers":[[name,value],…],"address"}`.
    pub fn from_json(json: &[u8]) -> Result<Self> {
        let wire: WireResponse = serde_json::from_slice(json).map_err(|e| head_error(&e))?;
        let address = match wire.address {
            None => None,
            Some(text) => Some(text.parse().map_err(|_| {
                invalid("bad_address", "expected the IP address that was connected to").at("/address")
            })?),
        };
        if !(100..=599).contains(&wire.status) {
            return Err(invalid("bad_status", "expected a status between 100 and 599").at("/status"));
        }
        Ok(Self { url: wire.url, status: wire.status, headers: fields(wire.headers)?, address })
    }
}

fn head_error(error: &serde_json::Error) -> crate::Error {
    invalid("bad_head", format!("the head is not the JSON object the header describes: {}", shape(error)))
}

/// What serde found wrong, without quoting the input.
pub(crate) fn shape(error: &serde_json::Error) -> String {
    use serde_json::error::Category;
    let what = match error.classify() {
        Category::Io => "unreadable",
        Category::Syntax => "not JSON",
        Category::Data => "a member is missing, unknown or of the wrong type",
        Category::Eof => "it ends too early",
    };
    format!("{what} (line {}, column {})", error.line(), error.column())
}

fn fields(lines: Vec<(String, String)>) -> Result<Headers> {
    if lines.len() > MAX_FIELDS {
        return Err(invalid("too_many_headers", "expected at most 256 field lines").at("/headers"));
    }
    let mut out = Vec::with_capacity(lines.len());
    for (name, value) in lines {
        let value = latin1(value).ok_or_else(|| {
            invalid("bad_header_value", "each byte of a header value must be one code point below 256")
                .at("/headers")
        })?;
        out.push((name, value));
    }
    Ok(Headers(out))
}

fn latin1(text: String) -> Option<Vec<u8>> {
    if text.is_ascii() {
        return Some(text.into_bytes());
    }
    text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_survive_the_json_form() {
        let head = Head::from_json(
            r#"{"method":"GET","target":"/a?b","headers":[["X-A","caf\u00e9 \u00ff"]]}"#.as_bytes(),
        )
        .unwrap();
        assert_eq!(head.headers.all("x-a").next().unwrap(), b"caf\xe9 \xff");
        assert_eq!((head.path(), head.query()), ("/a", Some("b")));
    }

    #[test]
    fn a_code_point_above_255_is_refused() {
        let error = Head::from_json(r#"{"method":"GET","target":"/","headers":[["a","\u0100"]]}"#.as_bytes());
        assert_eq!(error.err().unwrap().reason(), "bad_header_value");
    }

    #[test]
    fn a_target_with_a_space_or_an_unknown_member_is_refused() {
        assert!(Head::from_json(br#"{"method":"GET","target":"/a b"}"#).is_err());
        assert!(Head::from_json(br#"{"method":"GET","target":"/","url":"x"}"#).is_err());
        assert!(Head::from_json(br#"{"method":"G T","target":"/"}"#).is_err());
        assert!(Head::from_json(br#"{"method":"","target":"/"}"#).is_err());
        assert!(Head::from_json(br#"{"method":"GET","target":""}"#).is_err());
    }

    #[test]
    fn a_head_has_256_lines_at_most() {
        let head = |lines: usize| {
            let lines = vec![r#"["a","b"]"#; lines].join(",");
            Head::from_json(format!(r#"{{"method":"GET","target":"/","headers":[{lines}]}}"#).as_bytes())
        };
        assert!(head(256).is_ok());
        assert_eq!(head(257).err().map(|error| error.reason()), Some("too_many_headers"));
    }
}
