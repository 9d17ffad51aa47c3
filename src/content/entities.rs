//! Finds addresses, mentions and hashtags in plain text, at the places where Mastodon 4.6 finds them.
//!
//! One pass from left to right: every `:`, `@` and `#` is a place to look at, and what lies inside something
//! found is not looked at again.

mod characters;
mod hashtag;
mod mention;
mod url;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entity<'t> {
    /// An address with its scheme, as written.
    Url(&'t str),
    /// `@user` or `@user@domain`.
    Mention { user: &'t str, domain: Option<&'t str> },
    /// A hashtag without its `#`.
    Hashtag(&'t str),
}

/// Something found, and where: byte offsets in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found<'t> {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) entity: Entity<'t>,
}

/// Finds everything in `text`, in order, without overlaps. `before` is the character in front of the text,
/// if it does not begin a line.
pub(super) fn find(text: &str, before: Option<char>) -> Entities<'_> {
    Entities { text, before, at: 0, end: 0 }
}

/// The walk over a text.
pub(super) struct Entities<'t> {
    text: &'t str,
    before: Option<char>,
    /// Where to look next.
    at: usize,
    /// Where the last one found ends.
    end: usize,
}

impl Entities<'_> {
    /// False for what begins the text but may not follow the character in front of it.
    fn stands(&self, found: &Found<'_>) -> bool {
        let may_follow = match found.entity {
            Entity::Url(_) => url::may_follow,
            Entity::Mention { .. } => mention::may_follow,
            Entity::Hashtag(_) => hashtag::may_follow,
        };
        found.start > 0 || self.before.is_none_or(may_follow)
    }
}

impl<'t> Iterator for Entities<'t> {
    type Item = Found<'t>;

    fn next(&mut self) -> Option<Found<'t>> {
        loop {
            let rest = self.text.as_bytes().get(self.at..)?;
            // 0xef begins the full-width `＃`.
            let place = self.at + rest.iter().position(|c| matches!(c, b':' | b'@' | b'#' | 0xef))?;
            let (found, next) = match self.text.as_bytes().get(place) {
                Some(b':') => url::at(self.text, place),
                Some(b'@') => mention::at(self.text, place),
                _ => (hashtag::at(self.text, place), place + 1),
            };
            self.at = next.max(place + 1);
            if let Some(found) = found.filter(|found| found.start >= self.end && self.stands(found)) {
                self.end = found.end;
                return Some(found);
            }
        }
    }
}
