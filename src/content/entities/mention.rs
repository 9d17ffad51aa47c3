//! Mentions: `@user` and `@user@domain`, not after a letter, a digit, `/` or `=`.
//!
//! Source: Mastodon 4.6 `app/models/account.rb` and `app/lib/extractor.rb`.

use super::characters::{before, is_word, run};
use super::{Entity, Found};

/// Longest domain name, in characters (RFC 1035 section 2.3.4).
const MAX_DOMAIN: usize = 253;

/// True when a mention may follow `c`.
pub(super) fn may_follow(c: char) -> bool {
    c != '=' && c != '/' && !is_word(c)
}

/// The mention at the `@` at byte `at`, and where to look next.
pub(super) fn at(text: &str, at: usize) -> (Option<Found<'_>>, usize) {
    let body = text.get(at + 1..).unwrap_or_default();
    if !before(text, at).is_none_or(may_follow) {
        return (None, at + 1);
    }
    let is_user = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let user = body
        .get(..run(body, |c| is_user(c) || c == '.' || c == '-'))
        .unwrap_or_default()
        .trim_end_matches(['.', '-']);
    if !user.starts_with(is_user) {
        return (None, at + 1);
    }
    let after_user = body.get(user.len()..).unwrap_or_default();
    let domain = after_user.strip_prefix('@').and_then(domain);
    let end = at + 1 + user.len() + domain.map_or(0, |domain| 1 + domain.len());
    if text.get(end..).is_some_and(forbids)
        || domain.is_some_and(|domain| domain.chars().count() >= MAX_DOMAIN)
    {
        return (None, end);
    }
    (Some(Found { start: at, end, entity: Entity::Mention { user, domain } }), end)
}

/// Letters, digits, dots and hyphens that end with a letter or digit; at least two.
fn domain(text: &str) -> Option<&str> {
    let end = run(text, |c| is_word(c) || c == '.' || c == '-');
    let domain = text.get(..end)?.trim_end_matches(['.', '-']);
    domain.chars().nth(1)?;
    text.get(..domain.len() + port(text.get(domain.len()..)?))
}

/// The length of `:port`, which servers under development have in their handles; Mastodon knows none.
fn port(text: &str) -> usize {
    let Some(rest) = text.strip_prefix(':') else { return 0 };
    let digits = run(rest, |c| c.is_ascii_digit());
    let ends = !rest.get(digits..).is_some_and(|after| after.starts_with(is_word));
    if (2..=5).contains(&digits) && ends { 1 + digits } else { 0 }
}

/// What may not follow a mention: another `@`, an accented letter, or the rest of an address.
fn forbids(after: &str) -> bool {
    after.starts_with("://")
        || after.starts_with(|c| {
            matches!(c,
                '@' | '＠' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{24f}' | '\u{253}' | '\u{254}'
                | '\u{256}' | '\u{257}' | '\u{259}' | '\u{25b}' | '\u{263}' | '\u{268}' | '\u{26f}' | '\u{272}'
                | '\u{289}' | '\u{28b}' | '\u{2bb}' | '\u{300}'..='\u{36f}' | '\u{1e00}'..='\u{1eff}')
        })
}
