//! Classes of characters, after Unicode.

/// A letter, mark, digit or connector such as `_`: Ruby's `[[:word:]]`, by way of Unicode's XID_Continue.
pub(super) fn is_word(c: char) -> bool {
    // XID_Continue also holds the middle dots, for Catalan and Greek identifiers.
    unicode_ident::is_xid_continue(c)
        && !matches!(c, '\u{b7}' | '\u{387}' | '\u{30fb}' | '\u{ff65}' | '\u{200c}' | '\u{200d}')
}

/// A letter or mark: Ruby's `[[:alpha:]]`.
pub(super) fn is_letter(c: char) -> bool {
    let connector = matches!(
        c,
        '_' | '\u{203f}' | '\u{2040}' | '\u{2054}' | '\u{fe33}' | '\u{fe34}' | '\u{fe4d}'
            ..='\u{fe4f}' | '\u{ff3f}'
    );
    is_word(c) && !c.is_numeric() && !connector
}

/// The character before byte `at`, if there is one.
pub(super) fn before(text: &str, at: usize) -> Option<char> {
    text.get(..at).and_then(|head| head.chars().next_back())
}

/// How many bytes at the start of `text` satisfy `wanted`.
pub(super) fn run(text: &str, wanted: impl Fn(char) -> bool) -> usize {
    text.find(|c| !wanted(c)).unwrap_or(text.len())
}
