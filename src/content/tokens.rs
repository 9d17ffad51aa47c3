//! Splits HTML into tags and text in one linear pass (WHATWG HTML 13.2.5, tokenization).
//!
//! One pass serves the sanitiser, the plain-text reader and the anchor reader. Nothing is copied: text and
//! attribute values are slices of the input with their character references still in place
//! ([`references`](super::references) decodes them). html5ever's own tokenizer compares every attribute of
//! a tag with all before it; here attributes are only walked, so 30,000 of them cost what their bytes cost.

/// One piece of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Text whose character references count.
    Text(&'a str),
    /// Text taken as it stands: raw text elements and CDATA sections.
    Literal(&'a str),
    /// `<name …>`.
    Start(Tag<'a>),
    /// `</name …>`; its attributes mean nothing.
    End(Tag<'a>),
}

/// A tag: its name as written and the bytes of its attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tag<'a> {
    /// The name as written; compare it without regard to ASCII case.
    pub(super) name: &'a str,
    /// Everything between the name and the closing `>`.
    inner: &'a str,
    /// Ends in `/>`.
    pub(super) self_closing: bool,
}

/// How the inside of an element is read, decided by who builds the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Raw {
    /// `textarea`, `title`: text with references up to the end tag.
    Rcdata,
    /// `style`, `iframe`, …: text up to the end tag.
    Rawtext,
    /// `script`: the same with the comment rules of scripts.
    Script,
    /// `plaintext`: the rest of the input.
    Plaintext,
}

/// The reader's place in the input.
pub(super) struct Tokens<'a> {
    input: &'a str,
    at: usize,
    /// The element whose end tag ends raw text, and how it is read.
    raw: Option<(Raw, &'a str)>,
    last_start: &'a str,
    /// CDATA sections count: the current element is SVG or MathML.
    pub(super) foreign: bool,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(input: &'a str) -> Self {
        Self { input, at: 0, raw: None, last_start: "", foreign: false }
    }

    /// Reads the content of the start tag just returned as `raw`.
    pub(super) fn enter(&mut self, raw: Raw) {
        self.raw = Some((raw, self.last_start));
    }

    fn rest(&self) -> &'a str {
        self.input.get(self.at..).unwrap_or_default()
    }

    /// The next `n` bytes; moves on. `n` must fall on a character boundary.
    fn take(&mut self, n: usize) -> &'a str {
        let taken = self.rest().get(..n).unwrap_or_default();
        self.at += n;
        taken
    }

    fn data(&mut self) -> Option<Token<'a>> {
        loop {
            let rest = self.rest();
            let bytes = rest.as_bytes();
            if bytes.is_empty() {
                return None;
            }
            if bytes.first() != Some(&b'<') {
                return Some(Token::Text(self.take(find(bytes, b'<'))));
            }
            match bytes.get(1) {
                Some(c) if c.is_ascii_alphabetic() => {
                    let tag = self.tag(1)?;
                    self.last_start = tag.name;
                    return Some(Token::Start(tag));
                }
                Some(b'/') => match bytes.get(2) {
                    Some(c) if c.is_ascii_alphabetic() => return self.tag(2).map(Token::End),
                    Some(b'>') => self.at += 3,
                    Some(_) => self.bogus_comment(),
                    None => return Some(Token::Text(self.take(2))),
                },
                Some(b'!') if rest.starts_with("<!--") => self.comment(),
                Some(b'!') if self.foreign && rest.starts_with("<![CDATA[") => {
                    self.at += 9;
                    let inside = self.rest();
                    let end = inside.find("]]>");
                    let text = self.take(end.unwrap_or(inside.len()));
                    self.at += if end.is_some() { 3 } else { 0 };
                    if !text.is_empty() {
                        return Some(Token::Literal(text));
                    }
                }
                Some(b'!' | b'?') => self.bogus_comment(),
                // A lone `<` is text, with whatever follows it up to one that is not.
                _ => {
                    let opens = |at: &usize| {
                        bytes.get(at + 1).is_some_and(|c| c.is_ascii_alphabetic() || b"/!?".contains(c))
                    };
                    let n = memchr::memchr_iter(b'<', bytes).find(opens).unwrap_or(bytes.len());
                    return Some(Token::Text(self.take(n)));
                }
            }
        }
    }

    /// 13.2.5.41: DOCTYPE, processing instruction and what looks like one end at the first `>`.
    fn bogus_comment(&mut self) {
        self.at += (find(self.rest().as_bytes(), b'>') + 1).min(self.rest().len());
    }

    /// 13.2.5.43 to 13.2.5.52: `-->`, `--!>`, and the abrupt `<!-->` and `<!--->`.
    fn comment(&mut self) {
        self.at += 4;
        let inside = self.rest().as_bytes();
        let mut from = 0;
        self.at += loop {
            let close = from + find(inside.get(from..).unwrap_or_default(), b'>');
            let Some(before) = inside.get(..close).filter(|_| close < inside.len()) else {
                break inside.len();
            };
            if before.is_empty() || before == b"-" || before.ends_with(b"--") || before.ends_with(b"--!") {
                break close + 1;
            }
            from = close + 1;
        };
    }

    /// A tag whose name starts `skip` bytes on. `None` when the input ends inside it: such a tag is dropped.
    fn tag(&mut self, skip: usize) -> Option<Tag<'a>> {
        let body = self.rest().get(skip..).unwrap_or_default();
        let name_end = body.bytes().position(ends_name).unwrap_or(body.len());
        let (name, inner) = body.split_at_checked(name_end)?;
        let mut attributes = Attributes { rest: inner, self_closing: false };
        while attributes.next().is_some() {}
        let left = attributes.rest;
        if left.is_empty() {
            self.at = self.input.len();
            return None;
        }
        self.at = self.input.len() - left.len() + 1;
        let inner = inner.get(..inner.len() - left.len()).unwrap_or_default();
        Some(Tag { name, inner, self_closing: attributes.self_closing })
    }

    /// Text up to the end tag that matches `name`; the tag itself is read next.
    fn raw_text(&mut self, raw: Raw, name: &'a str) -> Option<Token<'a>> {
        let rest = self.rest();
        let end = match raw {
            Raw::Plaintext => rest.len(),
            Raw::Script => script_end(rest.as_bytes(), name),
            Raw::Rcdata | Raw::Rawtext => raw_end(rest.as_bytes(), name),
        };
        self.raw = None;
        let text = self.take(end);
        if text.is_empty() {
            return self.data();
        }
        Some(if raw == Raw::Rcdata { Token::Text(text) } else { Token::Literal(text) })
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        match self.raw {
            Some((raw, name)) => self.raw_text(raw, name),
            None => self.data(),
        }
    }
}

impl<'a> Tag<'a> {
    /// The attributes in the order written, duplicates included (the first one counts).
    pub(super) fn attributes(&self) -> Attributes<'a> {
        Attributes { rest: self.inner, self_closing: false }
    }
}

/// Walks the attributes of a tag (13.2.5.32 to 13.2.5.40): names as written, values with their references.
pub(super) struct Attributes<'a> {
    rest: &'a str,
    self_closing: bool,
}

impl<'a> Attributes<'a> {
    fn split(&mut self, n: usize) -> &'a str {
        let (head, tail) = self.rest.split_at_checked(n).unwrap_or((self.rest, ""));
        self.rest = tail;
        head
    }

    fn skip_space(&mut self) {
        let n = self.rest.bytes().position(|c| !is_space(c)).unwrap_or(self.rest.len());
        self.split(n);
    }

    fn value(&mut self) -> &'a str {
        match self.rest.as_bytes().first() {
            Some(&quote @ (b'"' | b'\'')) => {
                self.split(1);
                let value = self.split(find(self.rest.as_bytes(), quote));
                self.split(1);
                value
            }
            Some(b'>') | None => "",
            Some(_) => {
                let n = self.rest.bytes().position(|c| is_space(c) || c == b'>');
                self.split(n.unwrap_or(self.rest.len()))
            }
        }
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a str, &'a str);

    /// Ends at `>`, which stays in `rest`, or at the end of the input.
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            self.skip_space();
            match self.rest.as_bytes().first()? {
                b'>' => return None,
                b'/' => {
                    self.split(1);
                    self.self_closing = self.rest.starts_with('>');
                }
                _ => break,
            }
        }
        // A name may begin with `=`.
        let n = self.rest.bytes().skip(1).position(|c| ends_name(c) || c == b'=');
        let name = self.split(n.map_or(self.rest.len(), |n| n + 1));
        self.skip_space();
        if !self.rest.starts_with('=') {
            return Some((name, ""));
        }
        self.split(1);
        self.skip_space();
        Some((name, self.value()))
    }
}

/// White space of HTML: tab, line feed, form feed, carriage return, space.
pub(super) fn is_space(c: u8) -> bool {
    matches!(c, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ')
}

fn ends_name(c: u8) -> bool {
    is_space(c) || c == b'/' || c == b'>'
}

/// Where `wanted` is, or the length.
fn find(bytes: &[u8], wanted: u8) -> usize {
    memchr::memchr(wanted, bytes).unwrap_or(bytes.len())
}

/// True when `bytes` begins with `name`, ASCII case aside, and then something that ends a tag's name.
fn begins(bytes: &[u8], name: &str) -> bool {
    bytes.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name.as_bytes()))
        && bytes.get(name.len()).copied().is_some_and(ends_name)
}

/// Where `</name` ends raw text (13.2.5.10 to 13.2.5.14).
fn raw_end(bytes: &[u8], name: &str) -> usize {
    memchr::memchr_iter(b'<', bytes)
        .find(|&at| {
            let after = bytes.get(at + 1..).unwrap_or_default();
            after.first() == Some(&b'/') && begins(after.get(1..).unwrap_or_default(), name)
        })
        .unwrap_or(bytes.len())
}

/// The same for scripts (13.2.5.15 to 13.2.5.31), where `<!--` hides an end tag that follows a `<script`.
fn script_end(bytes: &[u8], name: &str) -> usize {
    let (mut escaped, mut doubly) = (false, false);
    let mut dashes = 0;
    for (at, &c) in bytes.iter().enumerate() {
        let after = bytes.get(at + 1..).unwrap_or_default();
        match c {
            b'<' if !escaped && after.starts_with(b"!--") => escaped = true,
            b'<' if after.first() == Some(&b'/') && begins(after.get(1..).unwrap_or_default(), name) => {
                if !doubly {
                    return at;
                }
                doubly = false;
            }
            b'<' if escaped && !doubly && begins(after, "script") => doubly = true,
            b'>' if escaped && dashes >= 2 => (escaped, doubly) = (false, false),
            _ => {}
        }
        dashes = if c == b'-' { dashes + 1 } else { 0 };
    }
    bytes.len()
}

#[cfg(test)]
mod tests;
