//! The native model: posts and profiles as plain JSON that a host maps to its tables without knowing
//! ActivityPub.
//!
//! Every field is marked. `wire` travels as given, `derived` is worked out (a host may leave it out), `host`
//! never leaves the server. All text is UTF-8; times are RFC 3339 with `Z`. `null` and an absent member mean
//! the same. What is missing is closed: a post without `visibility` is refused, a profile without `federated`
//! does not federate.

mod document;
mod handle;
mod part;
mod policy;
mod post;
mod profile;
mod time;

use serde::{Deserialize, Serialize};

pub use handle::Handle;
pub use part::{Emoji, Link, Media, Mention, Poll, PollOption};
pub use policy::{InteractionPolicy, InteractionRule, Party};
pub use post::{Kind, Post};
pub use profile::{Field, Image, Profile, ProfileKind};
pub use time::Time;

/// The major version of the stored model. Documents of a higher one are left alone (`too_new`).
pub const VERSION: u32 = 1;

/// Whether a field may leave the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Travels as given, in its normal form.
    Wire,
    /// Worked out by the library from other fields and the instance.
    Derived,
    /// Stays with the host.
    Host,
}

/// Who may see a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Everyone, and shown in public timelines.
    Public,
    /// Everyone who has the link, not shown in public timelines.
    Unlisted,
    /// The author's followers and those mentioned.
    Followers,
    /// Those mentioned, no one else.
    Direct,
}

impl Visibility {
    /// True when anyone may read it: `public` and `unlisted`.
    pub fn is_public(self) -> bool {
        matches!(self, Self::Public | Self::Unlisted)
    }
}

/// How a text is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Text without markup; a line break is a line break.
    #[default]
    Plain,
    /// CommonMark.
    Markdown,
    /// HTML; sanitised on its way in and on its way out.
    Html,
}

/// A text and how it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// How `text` is written. `plain` when absent.
    #[serde(default)]
    pub format: Format,
    /// The text.
    #[serde(default)]
    pub text: String,
}

impl Content {
    /// Text without markup.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { format: Format::Plain, text: text.into() }
    }

    /// CommonMark.
    pub fn markdown(text: impl Into<String>) -> Self {
        Self { format: Format::Markdown, text: text.into() }
    }

    /// HTML.
    pub fn html(text: impl Into<String>) -> Self {
        Self { format: Format::Html, text: text.into() }
    }
}
