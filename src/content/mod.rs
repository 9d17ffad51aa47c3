//! Text in and out: what people write becomes HTML exactly once, what strangers send is made harmless.
//!
//! * [`text`], [`markdown`] and [`html`] turn a host's content into the markup every fediverse server accepts
//!   (Mastodon 4.6 writes the same).
//! * [`sanitise`] reduces remote HTML to an allow list before anything else sees it.
//! * [`plain`] turns HTML back into readable text.
//!
//! Everything here is a pure function, linear in its input, and never panics. Names and addresses are
//! resolved by the caller through [`Linker`]: nothing here knows a database or the network.

mod entities;
pub mod html;
pub mod markdown;
mod markup;
pub mod plain;
mod references;
pub mod sanitise;
pub mod text;
mod tokens;

/// Largest content of a post, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;

/// Answers who a mention means and where a hashtag's page is.
pub trait Linker {
    /// The account behind `@user` (a local one) or `@user@domain`; `None` leaves the mention plain text.
    ///
    /// `user` is as written, case included. `domain` is as written too; it may be the server's own.
    fn mention(&self, user: &str, domain: Option<&str>) -> Option<MentionLink>;

    /// The address of the page of a hashtag; `tag` is as written, without `#`. `None` leaves it plain text.
    fn hashtag(&self, tag: &str) -> Option<String>;
}

/// An account that a mention resolved to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MentionLink {
    /// The actor's URI: the `href` of the `Mention` tag.
    pub href: String,
    /// The page a reader is sent to: the `href` of the anchor.
    pub url: String,
    /// `user@domain`, or `user` for a local account. The part before the first `@` is shown; the whole when
    /// two accounts in one text share it.
    pub acct: String,
}

/// A mention found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The user name as written.
    pub user: String,
    /// The domain as written.
    pub domain: Option<String>,
    /// The account, when the [`Linker`] knew it.
    pub link: Option<MentionLink>,
}

/// A hashtag found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hashtag {
    /// The name as written, without `#`.
    pub name: String,
    /// The page of the tag, when the [`Linker`] knew one.
    pub href: Option<String>,
}

/// Content ready to be sent, and what was found in it. Each list has no duplicates and keeps the order of
/// the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    /// HTML within the allow list of [`sanitise`].
    pub html: String,
    /// Mentions, resolved or not.
    pub mentions: Vec<Mention>,
    /// Hashtags; names that differ only in case count once.
    pub hashtags: Vec<Hashtag>,
    /// Addresses linked, as written.
    pub links: Vec<String>,
}
