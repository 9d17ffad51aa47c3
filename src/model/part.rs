//! What a post holds in lists: mentions, custom emoji, media, links, and its poll.

use serde::{Deserialize, Serialize};

use super::Time;

/// Somebody named in a post. Local: a handle or a URI is enough.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mention {
    /// `wire`: such as `@bob@remote.example`. Some servers name nobody (Smithereen, Bridgy Fed): then absent.
    #[serde(default)]
    pub handle: Option<String>,
    /// `wire`: the actor's URI.
    #[serde(default)]
    pub uri: Option<String>,
    /// `derived`: the profile page, when it is known.
    #[serde(default)]
    pub url: Option<String>,
}

/// A custom emoji: a picture for `:shortcode:`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Emoji {
    /// `wire`: the word without colons.
    pub shortcode: String,
    /// `wire`: the picture.
    pub url: String,
    /// `wire`: its media type, such as `image/png`.
    #[serde(default)]
    pub media_type: Option<String>,
}

/// A picture, sound, video or file of a post.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Media {
    /// `wire`: where it is. Local: absolute or a path on the instance's origin.
    pub url: String,
    /// `wire`: its media type. Local: may be absent when the URL ends in a known extension. Remote: `image/*` and
    /// the like when only the class is known.
    #[serde(default)]
    pub media_type: Option<String>,
    /// `wire`: what it shows, plain text.
    #[serde(default)]
    pub alt: Option<String>,
    /// `wire`: in pixels.
    #[serde(default)]
    pub width: Option<u32>,
    /// `wire`: in pixels.
    #[serde(default)]
    pub height: Option<u32>,
    /// `wire`: a blurred placeholder (blurha.sh).
    #[serde(default)]
    pub blurhash: Option<String>,
    /// `wire`: the point to keep when cropping: x and y from -1.0 (left, bottom) to 1.0.
    #[serde(default)]
    pub focal_point: Option<[f64; 2]>,
    /// `wire`: in seconds.
    #[serde(default)]
    pub duration: Option<f64>,
}

/// A link a post is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// `wire`: where it leads.
    pub url: String,
    /// `wire`: its title, plain text.
    #[serde(default)]
    pub title: Option<String>,
}

/// A poll.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Poll {
    /// `wire`: more than one answer may be chosen.
    #[serde(default)]
    pub multiple: bool,
    /// `wire`: the answers, in order.
    pub options: Vec<PollOption>,
    /// `wire`: when it ends.
    #[serde(default)]
    pub ends: Option<Time>,
    /// `wire`: when it ended, if it did.
    #[serde(default)]
    pub closed: Option<Time>,
    /// `wire`: how many people voted.
    #[serde(default)]
    pub voters: Option<u64>,
}

/// One answer of a poll.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PollOption {
    /// `wire`: the answer, plain text.
    pub title: String,
    /// `wire`: how many chose it, when told.
    #[serde(default)]
    pub votes: Option<u64>,
}
