//! Addresses: a scheme, a host under a known top-level domain, and as much path and query as belongs to it.
//!
//! Source: Mastodon 4.6 `config/initializers/twitter_regex.rb` with twitter-text 3.1; the top-level domains
//! are IANA's.

use super::characters::{before, is_word, run};
use super::{Entity, Found};

/// Schemes written with `//`.
const SCHEMES: [&str; 9] = ["https", "http", "dat", "dweb", "ipfs", "ipns", "ssb", "gopher", "gemini"];
/// Longest address that is linked, in characters, its host in ASCII form.
const MAX_CHARS: usize = 4096;
/// Longest label of a host name, in bytes of its ASCII form (RFC 1035 section 2.3.4).
const MAX_LABEL: usize = 63;
/// Longest path at t.co, a shortener whose addresses hold nothing else.
const MAX_TCO: usize = 40;

/// True when an address may follow `c`.
pub(super) fn may_follow(c: char) -> bool {
    !c.is_ascii_alphanumeric() && !matches!(c, '@' | '＠' | '$' | '#' | '＃')
}

/// The address whose scheme ends with the `:` at byte `colon`, and where to look next.
pub(super) fn at(text: &str, colon: usize) -> (Option<Found<'_>>, usize) {
    let nothing = (None, colon + 1);
    let after = text.get(colon + 1..).unwrap_or_default();
    let is = |scheme: &&str| ends_with(text, colon, scheme);
    let (scheme, address) = if is(&"xmpp") {
        ("xmpp", xmpp(after).map(|length| (length, true)))
    } else if is(&"magnet") {
        ("magnet", Some((query(after), true)).filter(|(length, _)| *length > 0))
    } else if let Some(rest) = after.strip_prefix("//")
        && let Some(scheme) = SCHEMES.into_iter().find(is)
    {
        (scheme, web(rest).map(|(length, valid)| (length + 2, valid)))
    } else {
        return nothing;
    };
    let Some((length, valid)) = address else { return nothing };
    let start = colon - scheme.len();
    let url = text.get(start..colon + 1 + length).unwrap_or_default();
    let url = if scheme.starts_with("http") { shortened(url) } else { Some(url) };
    let found =
        url.filter(|_| valid).map(|url| Found { start, end: start + url.len(), entity: Entity::Url(url) });
    // What is no valid address is not searched for another one: that would make long text quadratic.
    (found, found.map_or(colon + 1 + length, |found| found.end))
}

/// True when the text before `colon` is `scheme`, after something that is no part of a word.
fn ends_with(text: &str, colon: usize, scheme: &str) -> bool {
    let Some(start) = colon.checked_sub(scheme.len()) else { return false };
    text.as_bytes().get(start..colon).is_some_and(|name| name.eq_ignore_ascii_case(scheme.as_bytes()))
        && before(text, start).is_none_or(may_follow)
}

/// Length of host, port, path and query, and whether that makes a valid address.
fn web(text: &str) -> Option<(usize, bool)> {
    let host = host(text)?;
    let mut end = host;
    if let Some(port) = text.get(end..)?.strip_prefix(':') {
        let digits = run(port, |c| c.is_ascii_digit());
        end += if digits > 0 { digits + 1 } else { 0 };
    }
    end += path(text.get(end..)?);
    end += query(text.get(end..)?);
    let valid = ascii_length(text.get(..host)?).is_some_and(|ascii| {
        let characters = text.get(..end).unwrap_or_default().chars().count() + "https://".len();
        characters + ascii.saturating_sub(host) <= MAX_CHARS
    });
    Some((end, valid))
}

/// Length of a host name: labels, and a top-level domain that is known.
fn host(text: &str) -> Option<usize> {
    let mut found = None;
    let mut start = 0;
    // May the label before stand in front of a top-level domain?
    let mut names = false;
    loop {
        let rest = text.get(start..)?;
        if start > MAX_CHARS {
            return None;
        }
        if names && let Some(length) = top_level(rest) {
            found = Some(start + length);
        }
        let label = rest.get(..run(rest, |c| is_label(c) || c == '-' || c == '_'))?;
        if !label.starts_with(is_label)
            || !label.ends_with(is_label)
            || !rest.get(label.len()..)?.starts_with('.')
        {
            return found;
        }
        names = !label.contains('_');
        start += label.len() + 1;
    }
}

/// A character of a host label: no ASCII punctuation, no white space, no control.
fn is_label(c: char) -> bool {
    !c.is_ascii_punctuation() && !c.is_whitespace() && !c.is_control() && c != '\u{180e}'
}

/// Length of a known top-level domain at the start of `text`.
fn top_level(text: &str) -> Option<usize> {
    let label = text.get(..run(text, |c| c.is_ascii_alphanumeric()))?;
    let followed = |length: usize| {
        text.get(length..).is_some_and(|after| {
            !after.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '@' | '+' | '-'))
        })
    };
    if label.eq_ignore_ascii_case("xn") && text.get(2..)?.starts_with("--") {
        let digits = run(text.get(4..)?, |c| c.is_ascii_alphanumeric());
        return (digits > 0).then_some(4 + digits);
    }
    if !label.is_empty() {
        // `onion` is reserved (RFC 7686) and in use.
        let known = label.len() <= MAX_LABEL && tld::exist_case_insensitive(label)
            || label.eq_ignore_ascii_case("onion");
        return (known && followed(label.len())).then_some(label.len());
    }
    let label = text.get(..run(text, |c| is_word(c) && !c.is_ascii()))?;
    let known = !label.is_empty()
        && label.len() <= 4 * MAX_LABEL
        && idna::domain_to_ascii(label).is_ok_and(|ascii| tld::exist_case_insensitive(&ascii));
    (known && followed(label.len())).then_some(label.len())
}

/// Length of the host in its ASCII form; `None` when it has none.
fn ascii_length(host: &str) -> Option<usize> {
    let mut length = 0;
    for label in host.split('.') {
        // Emoji came after Unicode 3.2, where the names of IDNA 2003 end: `🍕.ws` is no address to Mastodon.
        if label.len() > 4 * MAX_LABEL || label.chars().any(|c| ('\u{1f000}'..='\u{1ffff}').contains(&c)) {
            return None;
        }
        let ascii = if label.is_ascii() { label.len() } else { idna::domain_to_ascii(label).ok()?.len() };
        if ascii > MAX_LABEL {
            return None;
        }
        length += ascii + 1;
    }
    Some(length - 1)
}

/// Length of the path: from `/` to the last character that may end it, or to a closing parenthesis that has
/// its opening one in the path.
fn path(text: &str) -> usize {
    if !text.starts_with('/') {
        return 0;
    }
    let (mut at, mut end) = (1, 1);
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        if is_path(c) {
            at += c.len_utf8();
            if ends_path(c) {
                end = at;
            }
        } else if c == '('
            && let Some(length) = parentheses(text.get(at..).unwrap_or_default())
        {
            at += length;
            end = at;
        } else {
            break;
        }
    }
    end
}

fn is_path(c: char) -> bool {
    !c.is_whitespace() && !matches!(c, '<' | '>' | '(' | ')' | '?')
}

fn ends_path(c: char) -> bool {
    !matches!(
        c,
        '!' | '*'
            | '"'
            | '\''
            | '「'
            | '」'
            | ';'
            | ':'
            | '='
            | ','
            | '.'
            | '$'
            | '%'
            | '['
            | ']'
            | '~'
            | '&'
            | '|'
            | '@'
    )
}

/// Length of a group in parentheses that is not empty; one more group may be inside.
fn parentheses(text: &str) -> Option<usize> {
    let plain = |at: usize| text.get(at..).map_or(0, |rest| run(rest, is_path));
    let first = 1 + plain(1);
    match text.as_bytes().get(first)? {
        b')' if first > 1 => Some(first + 1),
        b'(' => {
            let inner = plain(first + 1);
            let close = first + 1 + inner;
            if inner == 0 || text.as_bytes().get(close) != Some(&b')') {
                return None;
            }
            let last = close + 1 + plain(close + 1);
            (text.as_bytes().get(last) == Some(&b')')).then_some(last + 1)
        }
        _ => None,
    }
}

/// Length of the query: from `?` to the last character that may end it; 0 when there is none.
fn query(text: &str) -> usize {
    let Some(body) = text.strip_prefix('?') else { return 0 };
    let foreign = |c: char| c >= '\u{a0}' && !c.is_whitespace();
    let length =
        run(body, |c| c.is_ascii_alphanumeric() || "!?*'();:&=+$/%#[]-_.,~|@^".contains(c) || foreign(c));
    let ends =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '&' | '=' | '#' | '/' | '-') || foreign(c);
    let query = body.get(..length).unwrap_or_default().trim_end_matches(|c| !ends(c));
    if query.is_empty() { 0 } else { 1 + query.len() }
}

/// Length of the rest of an XMPP address (RFC 5122): `[//node@host/][node@]host[/resource][?query]`.
fn xmpp(text: &str) -> Option<usize> {
    let is_node = |c: char| c.is_alphanumeric() || "-._~%!$()*+,;=".contains(c);
    let mut at = 0;
    if let Some(authority) = text.strip_prefix("//") {
        let node = run(authority, is_node);
        let host_at = authority.get(node..)?.strip_prefix('@').filter(|_| node > 0)?;
        let length = host(host_at)?;
        at = 2 + node + 1 + length + 1;
        if !text.get(..at)?.ends_with('/') {
            return None;
        }
    }
    let node = run(text.get(at..)?, is_node);
    if node > 0 && text.get(at + node..)?.starts_with('@') {
        at += node + 1;
    }
    at += host(text.get(at..)?)?;
    if let Some(resource) = text.get(at..)?.strip_prefix('/') {
        let length = run(resource, |c| is_node(c) || matches!(c, '&' | '\''));
        at += if length > 0 { length + 1 } else { 0 };
    }
    Some(at + query(text.get(at..)?))
}

/// An address at t.co ends with its code; `None` when that is too long to be one.
fn shortened(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    let Some(code) = rest.get(..5).filter(|host| host.eq_ignore_ascii_case("t.co/")).and(rest.get(5..))
    else {
        return Some(url);
    };
    let length = run(code, |c| c.is_ascii_alphanumeric());
    if length == 0 {
        return Some(url);
    }
    if length > MAX_TCO { None } else { url.get(..scheme.len() + 3 + 5 + length) }
}
