//! Signing a request: the one form that every server of the fediverse accepts.
//!
//! `keyId="…",algorithm="rsa-sha256",headers="(request-target) host date digest content-type",signature="…"`,
//! without spaces after the commas (GoToSocial, Mitra, Ktistec and Takahe split there without trimming) and
//! without `(created)` (Mastodon and Ktistec refuse it beside rsa-sha256, Pixelfed drops it). A signature is
//! good for one attempt: Takahe accepts 60 seconds. [`prepare`] gives the bytes to sign, so that the key may
//! be anywhere; [`sign`] does both steps with a key at hand.

use std::time::{Duration, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use url::{Position, Url};

use crate::error::{Error, Result, invalid};
use crate::http::{Head, Headers};
use crate::key::PrivateKey;
use crate::signature::digest;

use super::base::{self, Source};
use super::params::{is_text, is_token};

/// The first second that `Date` cannot write: the year 10,000.
const END_OF_DATES: i64 = 253_402_300_800;

/// A request to sign.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// The method, such as `GET` or `POST`.
    pub method: &'a str,
    /// The absolute URL, `https:` (`http:` between development servers).
    pub url: &'a str,
    /// The exact bytes to send; `None` for a `GET`.
    pub body: Option<&'a [u8]>,
    /// The `Content-Type` of the body.
    pub content_type: Option<&'a str>,
    /// Further headers to send. They are not signed: proxies change `User-Agent` and `Accept-Encoding`.
    pub headers: &'a [(String, String)],
}

/// A request with its headers, waiting for the signature.
#[derive(Clone)]
pub struct Prepared {
    url: String,
    unsigned: Unsigned,
    extra: Vec<(String, String)>,
}

/// The covered headers, the base over them, and the `Signature` field up to the signature itself.
#[derive(Clone)]
struct Unsigned {
    headers: Vec<(String, String)>,
    base: Vec<u8>,
    field: String,
}

/// Prepares a request for signing. `key_id` is the URL of the key; `now` is seconds since the epoch and becomes
/// `Date`.
///
/// Errors: [`Code::InvalidArgument`](crate::Code::InvalidArgument) (`bad_url`, `bad_key_id`, `bad_method`,
/// `bad_header`, `header_of_the_signer`, `body_on_a_read`, `bad_time`) with the argument as the place.
pub fn prepare(request: &Outgoing<'_>, key_id: &str, now: i64) -> Result<Prepared> {
    let url = http_url(request.url).ok_or_else(|| {
        invalid("bad_url", "expected an absolute http or https URL without user and password").at("url")
    })?;
    for (name, value) in request.headers {
        if ["host", "date", "digest", "content-type", "signature"]
            .iter()
            .any(|o| name.eq_ignore_ascii_case(o))
        {
            return Err(written_by_the_signer(name));
        }
        if name.is_empty() || !name.bytes().all(is_token) || !value.bytes().all(is_text) {
            let expected = "expected a token as name and a value without control characters";
            return Err(invalid("bad_header", expected).at("headers"));
        }
    }
    let unsigned = Unsigned::new(
        request.method,
        &url[Position::BeforeHost..Position::AfterPort],
        &url[Position::BeforePath..Position::AfterQuery],
        request.body.map(|body| (body, request.content_type)),
        key_id,
        now,
    )?;
    Ok(Prepared { url: url.into(), unsigned, extra: request.headers.to_vec() })
}

/// Prepares and signs a request: all headers to send.
///
/// Errors: those of [`prepare`] and of [`PrivateKey::sign`].
pub fn sign(
    key: &PrivateKey,
    request: &Outgoing<'_>,
    key_id: &str,
    now: i64,
) -> Result<Vec<(String, String)>> {
    let prepared = prepare(request, key_id, now)?;
    let signature = key.sign(prepared.base())?;
    Ok(prepared.finish(&signature))
}

/// Signs a request whose head is written already, with `Host` and, for a body, `Content-Type`. Gives the
/// headers to add: `Date`, `Digest` when the method has a body, `Signature`.
///
/// Errors: those of [`prepare`] and of [`PrivateKey::sign`]; `bad_host` when the head has no single `Host`.
pub fn sign_head(
    key: &PrivateKey,
    head: &Head,
    body: &[u8],
    key_id: &str,
    now: i64,
) -> Result<Vec<(String, String)>> {
    if let Some(name) = ["Date", "Digest", "Signature"].into_iter().find(|name| head.headers.has(name)) {
        return Err(written_by_the_signer(name));
    }
    let host = single(head, "Host")?
        .ok_or_else(|| invalid("bad_host", "expected a Host header: the signature covers it").at("Host"))?;
    let bodied = !head.is_read() || !body.is_empty();
    let body = if bodied { Some((body, single(head, "Content-Type")?)) } else { None };
    let mut unsigned = Unsigned::new(&head.method, host, &head.target, body, key_id, now)?;
    unsigned.headers.retain(|(name, _)| !head.headers.has(name));
    let signature = key.sign(&unsigned.base)?;
    Ok(unsigned.finish(&signature))
}

impl Prepared {
    /// The URL to send the request to, in the form whose path and query are signed.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The bytes to sign with RSASSA-PKCS1-v1_5 and SHA-256.
    pub fn base(&self) -> &[u8] {
        &self.unsigned.base
    }

    /// All headers to send, exactly as they are: `Host` first, then `Date`, `Digest`, `Content-Type`,
    /// `Signature` and the further ones of the request.
    pub fn finish(self, signature: &[u8]) -> Vec<(String, String)> {
        let mut headers = self.unsigned.finish(signature);
        headers.extend(self.extra);
        headers
    }
}

impl Unsigned {
    fn new(
        method: &str,
        host: &str,
        target: &str,
        body: Option<(&[u8], Option<&str>)>,
        key_id: &str,
        now: i64,
    ) -> Result<Self> {
        let reads = method.eq_ignore_ascii_case("GET") || method.eq_ignore_ascii_case("HEAD");
        if method.is_empty() || !method.bytes().all(is_token) {
            return Err(invalid("bad_method", "expected an HTTP method such as POST").at("method"));
        }
        if reads && body.is_some() {
            return Err(invalid("body_on_a_read", "GET and HEAD are sent without a body").at("body"));
        }
        if http_url(key_id).is_none()
            || key_id.bytes().any(|b| !b.is_ascii_graphic() || b"\"\\,".contains(&b))
        {
            let expected = "expected an absolute URL in ASCII without comma, quote or backslash";
            return Err(invalid("bad_key_id", expected).at("key_id"));
        }
        if !(0..END_OF_DATES).contains(&now) {
            return Err(
                invalid("bad_time", "expected seconds since the epoch, before the year 10000").at("now")
            );
        }
        let mut headers = Vec::with_capacity(8);
        let date = UNIX_EPOCH + Duration::from_secs(now.unsigned_abs());
        headers.push(("Host".to_owned(), host.to_owned()));
        headers.push(("Date".to_owned(), httpdate::fmt_http_date(date)));
        let mut covered = "(request-target) host date".to_owned();
        // A method with a body has a digest, also of no bytes: verifiers go by the method.
        if let Some((body, content_type)) = body.or((!reads).then_some((&[], None))) {
            headers.push(("Digest".to_owned(), digest::field(body)));
            covered.push_str(" digest");
            if let Some(content_type) = content_type {
                headers.push(("Content-Type".to_owned(), content_type.to_owned()));
                covered.push_str(" content-type");
            }
        }
        let lines = headers.iter().map(|(name, value)| (name.clone(), value.clone().into_bytes()));
        let lines = Headers::new(lines.collect());
        let source = Source { method, target, headers: &lines, created: None, expires: None };
        let base = base::build(&source, covered.split(' ')).map_err(|_| {
            invalid("bad_header", "expected no control characters in host, target and content type")
                .at("headers")
        })?;
        let mut field = String::with_capacity(key_id.len() + covered.len() + 440);
        for piece in
            ["keyId=\"", key_id, "\",algorithm=\"rsa-sha256\",headers=\"", &covered, "\",signature=\""]
        {
            field.push_str(piece);
        }
        Ok(Self { headers, base, field })
    }

    fn finish(self, signature: &[u8]) -> Vec<(String, String)> {
        let Self { mut headers, mut field, .. } = self;
        STANDARD.encode_string(signature, &mut field);
        field.push('"');
        headers.push(("Signature".to_owned(), field));
        headers
    }
}

/// An absolute URL that can be asked for, without its fragment.
fn http_url(text: &str) -> Option<Url> {
    let mut url = Url::parse(text).ok()?;
    let plain = url.username().is_empty() && url.password().is_none();
    if !matches!(url.scheme(), "https" | "http") || !url.has_host() || !plain {
        return None;
    }
    url.set_fragment(None);
    Some(url)
}

/// The value of a header that may come at most once.
fn single<'a>(head: &'a Head, name: &str) -> Result<Option<&'a str>> {
    let mut values = head.headers.all(name);
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) if value.is_ascii() => Ok(std::str::from_utf8(value).ok().map(str::trim)),
        _ => Err(invalid("bad_header", "expected this header once, in ASCII").at(name)),
    }
}

fn written_by_the_signer(name: &str) -> Error {
    invalid("header_of_the_signer", "the signer writes this header itself; leave it out").at(name)
}
