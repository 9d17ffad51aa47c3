//! Remote HTML to safe HTML by an allow list, matching what Mastodon 4.6 shows.
//!
//! Elements, attributes, classes and protocols not on the list go; the text stays. Bounds hold before and
//! while a tree is built; above them the content becomes plain text, found in one linear pass. The result is
//! a fixed point: sanitising it again changes nothing.

mod allow;
mod build;
mod nested;
mod rebuild;
#[cfg(test)]
mod tests;
mod tree;
mod write;

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{plain, references};
use allow::Element;
use write::{Values, Writer};

/// Longest fragment kept as HTML, in bytes, as read and as written.
pub const MAX_BYTES: usize = 100 * 1024;
/// Deepest nesting kept as HTML.
pub const MAX_DEPTH: usize = 100;
/// Most elements kept as HTML, those included that error recovery adds.
pub const MAX_ELEMENTS: usize = 5_000;
/// Most questions tree construction may ask about its nodes: a few milliseconds.
pub const MAX_STEPS: usize = 1_000_000;

/// Rounds until misnested HTML must have settled: one to build the tree, one more where a heading or an
/// element that was removed had kept two paragraphs apart.
const ROUNDS: usize = 4;

/// Sanitises a fragment of HTML as found in `content`, `summary` or a biography.
///
/// Kept: `p br span a del s pre blockquote code b strong u i em ul ol li ruby rt rp` with `lang`, classes
/// that carry meaning, `translate="no"`, list numbering, and links to 11 protocols, which get
/// `rel="nofollow noopener" target="_blank"`. Headings become `<p><strong>`, formulas their TeX. Over
/// [`MAX_BYTES`], [`MAX_DEPTH`], [`MAX_ELEMENTS`] or [`MAX_STEPS`] only the text is kept, in paragraphs.
///
/// Source: Mastodon 4.6 `lib/sanitize_ext/sanitize_config.rb`.
pub fn html(fragment: &str) -> String {
    let cleaned = references::clean(fragment);
    let mut current = Cow::Borrowed(&*cleaned);
    for _ in 0..ROUNDS {
        if let Some(done) = nested::write(&current) {
            return done;
        }
        match rebuilt(&current) {
            Some(next) => current = Cow::Owned(next),
            None => break,
        }
    }
    paragraphs(&plain::condensed(&cleaned))
}

/// Builds the tree and writes what may stay; `None` over a bound. A panic in the tree builder counts as one
/// (a post must never be able to stop a queue: GHSA-qrgq in the facts of Mastodon).
fn rebuilt(input: &str) -> Option<String> {
    if input.len() > MAX_BYTES {
        return None;
    }
    let built = catch_unwind(AssertUnwindSafe(|| build::fragment(input))).ok()?.ok()?;
    Some(rebuild::write(&built.nodes))
}

/// True when `href` is an address that links may have: absolute, with an allowed protocol.
pub(super) fn links_to(href: &str) -> bool {
    allow::href_allowed(href)
}

/// Text as paragraphs: a blank line ends one, a line feed breaks it.
fn paragraphs(text: &str) -> String {
    let mut writer = Writer::default();
    let none = Values::default();
    for paragraph in text.split("\n\n").filter(|paragraph| !paragraph.is_empty()) {
        writer.open(Element::P, &none);
        for (at, line) in paragraph.split('\n').enumerate() {
            if at > 0 {
                writer.open(Element::Br, &none);
            }
            writer.text(line);
        }
        writer.close(Element::P);
    }
    writer.out
}
