//! URL path templates such as `/ap/users/{id}`: written out, and matched against a path.
//!
//! A placeholder stands for one whole path segment, percent-encoded (RFC 3986 section 2), so a template never
//! matches across a slash and two templates of different shape never collide.

use crate::error::{Result, invalid};

/// A path with placeholders, split at its slashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    segments: Vec<Segment>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Text(String),
    /// Text before, name, text after: `@{username}` is `("@", "username", "")`.
    Hole(String, String, String),
}

impl Template {
    /// Parses `text`; `allowed` lists the placeholders it may hold and `required` the one it must hold.
    pub(crate) fn parse(name: &str, text: &str, allowed: &[&str], required: &[&str]) -> Result<Self> {
        let fault = |why: &str| Err(invalid("bad_path", why).at(format!("/paths/{name}")));
        let Some(rest) = text.strip_prefix('/') else { return fault("a path begins with a slash") };
        if text.contains(['?', '#', ' ', '\\']) {
            return fault("a path has no query, fragment, space or backslash");
        }
        let mut segments = Vec::new();
        let mut found = Vec::new();
        for part in rest.split('/') {
            let Some((before, tail)) = part.split_once('{') else {
                segments.push(Segment::Text(part.to_owned()));
                continue;
            };
            let Some((hole, after)) = tail.split_once('}') else { return fault("a `{` is never closed") };
            if !allowed.contains(&hole) || after.contains(['{', '}']) {
                return fault("an unknown placeholder, or two in one segment");
            }
            found.push(hole);
            segments.push(Segment::Hole(before.to_owned(), hole.to_owned(), after.to_owned()));
        }
        if required.iter().any(|r| !found.contains(r)) {
            return fault("the placeholder this path needs is missing");
        }
        Ok(Self { segments })
    }

    /// The path with its placeholders filled in; `fill` gives the value of each, not yet encoded.
    pub(crate) fn write<'v>(&self, fill: impl Fn(&str) -> &'v str) -> String {
        let mut out = String::new();
        for segment in &self.segments {
            out.push('/');
            match segment {
                Segment::Text(text) => out.push_str(text),
                Segment::Hole(before, name, after) => {
                    out.push_str(before);
                    encode(fill(name), &mut out);
                    out.push_str(after);
                }
            }
        }
        out
    }

    /// The decoded value of the first placeholder when `path` has this shape; an empty string when the
    /// template has none.
    pub(crate) fn read(&self, path: &str) -> Option<String> {
        let mut parts = path.strip_prefix('/')?.split('/');
        let mut value = None;
        for segment in &self.segments {
            let part = parts.next()?;
            match segment {
                Segment::Text(text) => {
                    if text != part {
                        return None;
                    }
                }
                Segment::Hole(before, _, after) => {
                    let inner = part.strip_prefix(before.as_str())?.strip_suffix(after.as_str())?;
                    let decoded = decode(inner)?;
                    // No id has a control character, and PostgreSQL cannot even be asked for one with NUL.
                    if decoded.is_empty() || decoded.contains(char::is_control) {
                        return None;
                    }
                    value.get_or_insert(decoded);
                }
            }
        }
        if parts.next().is_some() {
            return None;
        }
        Some(value.unwrap_or_default())
    }
}

/// Percent-encodes everything but the unreserved characters (RFC 3986 section 2.3).
fn encode(text: &str, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for nibble in [byte >> 4, byte & 15] {
                out.push(HEX.get(usize::from(nibble)).copied().map_or('0', char::from));
            }
        }
    }
}

/// Decodes percent-encoding; `None` when it is malformed or not UTF-8.
pub(crate) fn decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let high = char::from(bytes.next()?).to_digit(16)?;
            let low = char::from(bytes.next()?).to_digit(16)?;
            out.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let template = Template::parse("actor", "/@{id}/x", &["id"], &["id"]).unwrap();
        for id in ["42", "ä/ö", "a b", "%41", "."] {
            let path = template.write(|_| id);
            assert_eq!(template.read(&path).as_deref(), Some(id), "{path}");
        }
    }

    #[test]
    fn a_placeholder_is_one_whole_segment() {
        let template = Template::parse("actor", "/u/{id}", &["id"], &["id"]).unwrap();
        assert_eq!(template.read("/u/a/b"), None);
        assert_eq!(template.read("/u/"), None);
        assert_eq!(template.read("/u/%zz"), None);
        assert_eq!(template.read("/u/%00"), None);
        assert_eq!(template.read("/u/a%0Ab"), None);
        assert_eq!(template.read("/u/a%2Fb").as_deref(), Some("a/b"));
    }

    #[test]
    fn a_template_without_its_placeholder_is_refused() {
        assert!(Template::parse("actor", "/u", &["id"], &["id"]).is_err());
        assert!(Template::parse("actor", "/u/{name}", &["id"], &["id"]).is_err());
        assert!(Template::parse("actor", "u/{id}", &["id"], &["id"]).is_err());
    }
}
