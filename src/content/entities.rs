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

/// Finds everything in `text`, in order, without overlaps.
pub(super) fn find(text: &str) -> Entities<'_> {
    Entities { text, at: 0, end: 0 }
}

/// The walk over a text.
pub(super) struct Entities<'t> {
    text: &'t str,
    /// Where to look next.
    at: usize,
    /// Where the last one found ends.
    end: usize,
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
            if let Some(found) = found.filter(|found| found.start >= self.end) {
                self.end = found.end;
                return Some(found);
            }
        }
    }
}
