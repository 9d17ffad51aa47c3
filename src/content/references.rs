//! Character references (WHATWG HTML 13.2.5.72 to 13.2.5.80) and the characters HTML should not carry.

use html5ever::data::{C1_REPLACEMENTS, NAMED_ENTITIES};
use std::borrow::Cow;

/// Length of the longest name, `CounterClockwiseContourIntegral;`.
const LONGEST: usize = 32;
/// Length of the longest name that needs no semicolon.
const LONGEST_LEGACY: usize = 6;

/// Appends `raw` with its references decoded. In an attribute `&name` without a semicolon stays as it is
/// when a letter, a digit or `=` follows: `?a=1&copy=2` is an address.
fn decode(out: &mut String, raw: &str, in_attribute: bool) {
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        let (before, after) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        let body = after.get(1..).unwrap_or_default();
        let used = reference(out, body, in_attribute);
        if used == 0 {
            out.push('&');
        }
        rest = body.get(used..).unwrap_or_default();
    }
    out.push_str(rest);
}

/// The value of an attribute, decoded, without unsuitable characters.
pub(super) fn attribute(raw: &str) -> Cow<'_, str> {
    if raw.contains('&') {
        let mut out = String::with_capacity(raw.len());
        decode(&mut out, raw, true);
        retain_suitable(&mut out);
        Cow::Owned(out)
    } else {
        Cow::Borrowed(raw)
    }
}

/// Text, decoded, without unsuitable characters.
pub(super) fn text(raw: &str) -> Cow<'_, str> {
    if raw.contains('&') {
        let mut out = String::with_capacity(raw.len());
        decode(&mut out, raw, false);
        retain_suitable(&mut out);
        Cow::Owned(out)
    } else {
        Cow::Borrowed(raw)
    }
}

/// Decodes the reference at the start of `body` (after `&`); answers how many bytes it took, 0 for none.
fn reference(out: &mut String, body: &str, in_attribute: bool) -> usize {
    match body.as_bytes().first() {
        Some(b'#') => numeric(out, body.get(1..).unwrap_or_default()),
        Some(c) if c.is_ascii_alphanumeric() => named(out, body, in_attribute),
        _ => 0,
    }
}

/// The longest name that is known: with its semicolon all letters up to there, without it at most six.
fn named(out: &mut String, body: &str, in_attribute: bool) -> usize {
    let run = body.bytes().take(LONGEST).position(|c| !c.is_ascii_alphanumeric());
    let run = run.unwrap_or_else(|| body.len().min(LONGEST));
    let whole = body.get(..=run).filter(|name| name.ends_with(';'));
    let legacy = (2..=run.min(LONGEST_LEGACY)).rev().filter_map(|n| body.get(..n));
    // The table also holds the beginnings of names, as `(0, 0)`.
    let known = |name: &str| NAMED_ENTITIES.get(name).filter(|(first, _)| *first != 0);
    let Some((name, (first, second))) =
        whole.into_iter().chain(legacy).find_map(|name| Some((name, *known(name)?)))
    else {
        return 0;
    };
    let next = body.as_bytes().get(name.len());
    if in_attribute && !name.ends_with(';') && next.is_some_and(|c| *c == b'=' || c.is_ascii_alphanumeric()) {
        return 0;
    }
    out.extend(char::from_u32(first));
    out.extend(char::from_u32(second).filter(|c| *c != '\0'));
    name.len()
}

fn numeric(out: &mut String, body: &str) -> usize {
    let (digits, radix, prefix) = match body.strip_prefix(['x', 'X']) {
        Some(hex) => (hex, 16, 2),
        None => (body, 10, 1),
    };
    let n = digits.bytes().position(|c| !char::from(c).is_digit(radix)).unwrap_or(digits.len());
    if n == 0 {
        return 0;
    }
    let point = digits
        .bytes()
        .take(n)
        .filter_map(|c| char::from(c).to_digit(radix))
        .fold(0_u32, |sum, digit| sum.saturating_mul(radix).saturating_add(digit));
    let replaced = point.checked_sub(0x80).and_then(|c1| C1_REPLACEMENTS.get(c1 as usize).copied().flatten());
    let c = match (point, replaced) {
        (_, Some(c)) => c,
        (0, None) => char::REPLACEMENT_CHARACTER,
        (_, None) => char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER),
    };
    out.push(c);
    prefix + n + usize::from(digits.as_bytes().get(n) == Some(&b';'))
}

/// Normalises line ends and removes what HTML text must not contain: control characters, non-characters and
/// byte order marks (sanitize 7.0, as used by Mastodon 4.6, removes the same before parsing).
pub(super) fn clean(input: &str) -> Cow<'_, str> {
    if !suspicious(input) {
        return Cow::Borrowed(input);
    }
    let mut out = String::with_capacity(input.len());
    let mut chars = input.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\r' {
            chars.next_if_eq(&'\n');
            out.push('\n');
        } else if !unsuitable(c) {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Removes unsuitable characters that were written as references.
fn retain_suitable(text: &mut String) {
    if suspicious(text) {
        text.retain(|c| c != '\r' && !unsuitable(c));
    }
}

/// True when the text may hold a carriage return or an unsuitable character, judged by pairs of bytes.
fn suspicious(text: &str) -> bool {
    let bytes = text.as_bytes();
    let odd = |c: u8| match c {
        b'\t' | b'\n' | b'\x0c' => false,
        _ => c < 0x20 || matches!(c, 0x7f | 0xc2 | 0xef | 0xbf),
    };
    // First the bytes alone, in blocks without a branch: compilers make vector instructions of that.
    if !bytes.chunks(64).any(|block| block.iter().fold(false, |any, c| any | odd(*c))) {
        return false;
    }
    let next = bytes.iter().skip(1).chain([&0]);
    bytes.iter().zip(next).any(|(&c, &next)| match c {
        0xc2 => next < 0xa0,
        0xef => next == 0xb7 || next == 0xbb,
        0xbf => next >= 0xbe,
        _ => odd(c),
    })
}

fn unsuitable(c: char) -> bool {
    matches!(
        c,
        '\0'..='\x08' | '\x0b' | '\x0e'..='\x1f' | '\x7f'..='\u{9f}' | '\u{fdd0}'..='\u{fdef}' | '\u{feff}'
    ) || (c as u32) & 0xfffe == 0xfffe
}
