//! Writes sanitised HTML: one canonical form, whoever found the elements.
//!
//! Only this file opens a tag. Attribute values and text are escaped here, so that nothing a stranger wrote
//! can become markup, whatever the parser made of it.

use super::allow::{self, Element};
use std::borrow::Cow;

/// The HTML written so far.
#[derive(Default)]
pub(super) struct Writer {
    pub(super) out: String,
    /// `<pre>` was just opened: a line feed right after it would be lost when read again.
    after_pre: bool,
}

impl Writer {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self { out: String::with_capacity(bytes), after_pre: false }
    }

    /// Opens `element`. Answers false, with nothing written, for a link whose address is not allowed.
    pub(super) fn open(&mut self, element: Element, values: &Values<'_>) -> bool {
        let start = self.out.len();
        self.out.push('<');
        self.out.push_str(element.name());
        for (&name, value) in element.attributes().iter().zip(&values.0) {
            let Some(value) = value.as_deref() else { continue };
            let before = self.out.len();
            self.out.push(' ');
            self.out.push_str(name);
            self.out.push_str("=\"");
            let kept = match name {
                "href" => self.href(value),
                "class" => {
                    self.classes(value);
                    true
                }
                _ => {
                    self.escape(value, true);
                    name != "translate" || value == "no"
                }
            };
            if kept {
                self.out.push('"');
            } else {
                self.out.truncate(before);
            }
        }
        if element == Element::A {
            if !self.out.get(start..).is_some_and(|tag| tag.starts_with("<a href=")) {
                self.out.truncate(start);
                return false;
            }
            self.out.push_str(" rel=\"nofollow noopener\" target=\"_blank\"");
        }
        self.out.push('>');
        self.after_pre = element == Element::Pre;
        true
    }

    /// Closes `element`.
    pub(super) fn close(&mut self, element: Element) {
        self.after_pre = false;
        self.out.push_str("</");
        self.out.push_str(element.name());
        self.out.push('>');
    }

    /// An address, escaped; false when it is no allowed link. Spaces and quotes are percent-encoded.
    fn href(&mut self, value: &str) -> bool {
        let value = value.trim_matches(|c: char| c.is_ascii_whitespace());
        if !allow::href_allowed(value) {
            return false;
        }
        if value.contains([' ', '"']) {
            self.escape(&value.replace(' ', "%20").replace('"', "%22"), true);
        } else {
            self.escape(value, true);
        }
        true
    }

    /// The allowed classes, separated by single spaces.
    fn classes(&mut self, value: &str) {
        let mut separator = "";
        for class in value.split_ascii_whitespace().filter(|class| allow::class_allowed(class)) {
            self.out.push_str(separator);
            self.escape(class, true);
            separator = " ";
        }
    }

    /// Text, already decoded.
    pub(super) fn text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if std::mem::take(&mut self.after_pre) && text.starts_with('\n') {
            self.out.push('\n');
        }
        self.escape(text, false);
    }

    /// The serialisation of the HTML standard (13.3), which since 2025 escapes `<` and `>` in values too.
    fn escape(&mut self, text: &str, quoted: bool) {
        let bytes = text.as_bytes();
        let plain = |c: &u8| !matches!(c, b'&' | b'<' | b'>' | b'"' | 0xc2);
        // Most text needs nothing; looked at in blocks without a branch, that costs next to nothing.
        if bytes.chunks(32).all(|block| block.iter().fold(true, |all, c| all & plain(c))) {
            self.out.push_str(text);
            return;
        }
        let mut done = 0;
        for (at, c) in bytes.iter().enumerate() {
            let (written, n) = match c {
                b'&' => ("&amp;", 1),
                b'<' => ("&lt;", 1),
                b'>' => ("&gt;", 1),
                b'"' if quoted => ("&quot;", 1),
                0xc2 if bytes.get(at + 1) == Some(&0xa0) => ("&nbsp;", 2),
                _ => continue,
            };
            self.out.push_str(text.get(done..at).unwrap_or_default());
            self.out.push_str(written);
            done = at + n;
        }
        self.out.push_str(text.get(done..).unwrap_or_default());
    }
}

/// The attributes an element keeps: decoded values in the order of [`Element::attributes`].
#[derive(Default)]
pub(super) struct Values<'v>([Option<Cow<'v, str>>; 4]);

impl<'v> Values<'v> {
    /// Takes the allowed ones of `attributes`, names as written and values decoded. The first of several
    /// with one name counts.
    pub(super) fn of(
        element: Element,
        attributes: impl Iterator<Item = (&'v str, &'v str)>,
        decode: impl Fn(&'v str) -> Cow<'v, str>,
    ) -> Self {
        let mut values = Self::default();
        for (name, value) in attributes {
            let slot = element.attributes().iter().position(|kept| kept.eq_ignore_ascii_case(name));
            if let Some(slot) = slot.and_then(|slot| values.0.get_mut(slot))
                && slot.is_none()
            {
                *slot = Some(decode(value));
            }
        }
        values
    }
}
