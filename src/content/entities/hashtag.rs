//! Hashtags: `#` at the start of a line or after white space, and a name with a letter or a separator in it.
//!
//! Any script is allowed. Besides letters, marks, digits and `_` a name may hold `·`, `・` and the zero-width
//! non-joiner between them (Mastodon 4.6 `app/models/tag.rb`).

use super::characters::{before, is_letter, is_word, run};
use super::{Entity, Found};

/// True when a hashtag may follow `c`.
pub(super) fn may_follow(c: char) -> bool {
    c.is_whitespace()
}

/// The hashtag at the `#` or `＃` at byte `at`.
pub(super) fn at(text: &str, at: usize) -> Option<Found<'_>> {
    if !before(text, at).is_none_or(may_follow) {
        return None;
    }
    let rest = text.get(at..)?;
    let body = rest.strip_prefix(['#', '＃'])?;
    let mut name = name(body)?;
    if body.get(name.len()..).is_some_and(|after| after.starts_with("://")) {
        name = name
            .strip_suffix("https")
            .or_else(|| name.strip_suffix("http"))
            .filter(|n| !n.is_empty())
            .unwrap_or(name);
    }
    let start = at;
    let end = at + (rest.len() - body.len()) + name.len();
    Some(Found { start, end, entity: Entity::Hashtag(name) })
}

fn is_separator(c: char) -> bool {
    matches!(c, '_' | '\u{b7}' | '\u{30fb}' | '\u{200c}')
}

fn name(body: &str) -> Option<&str> {
    if !body.starts_with(is_word) {
        return None;
    }
    // At best the name ends with the last letter, digit or `_` of the run, with a letter or a separator
    // somewhere strictly inside.
    let whole = body.get(..run(body, |c| is_word(c) || is_separator(c)))?.trim_end_matches(|c| !is_word(c));
    let mut inner = whole.chars();
    inner.next();
    inner.next_back();
    if inner.any(|c| is_letter(c) || is_separator(c)) {
        return Some(whole);
    }
    // Otherwise it holds no separator and at least one letter.
    let simple = body.get(..run(body, is_word))?;
    simple.contains(is_letter).then_some(simple)
}
