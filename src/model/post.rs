//! A post in the native model: a note or an article of a local author, or any object read from the wire.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::document::{Model, null_is_absent, version};
use super::{Content, Emoji, InteractionPolicy, Link, Mark, Media, Mention, Poll, Time, VERSION, Visibility};
use crate::error::{Result, invalid};

/// A post.
///
/// A *local* post comes from the host: `id` is the host's own key and `author` the key of the profile. A
/// *remote* post comes from the wire: `id` is its object URI, `author` its actor's URI, `content` is
/// sanitised HTML.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Post {
    /// `host`: the version of this document's shape.
    #[serde(default = "version")]
    pub v: u32,
    /// `derived` (a local key becomes the URI): what names the post.
    pub id: String,
    /// `wire`: the page to read it on. Local: absolute or a path on the instance's origin; worked out from
    /// the instance's `post_page` when absent.
    #[serde(default)]
    pub url: Option<String>,
    /// `derived` (a local key becomes the URI): who wrote it.
    pub author: String,
    /// `wire`: the post answered: a URI, or the host's post id (a value with `://` is a URI).
    #[serde(default)]
    pub in_reply_to: Option<String>,
    /// `wire`: the post quoted: a URI, or the host's post id.
    #[serde(default)]
    pub quote: Option<String>,
    /// `wire`: what kind of post it is. `note` when absent.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub kind: Kind,
    /// `wire`: the title, plain text. An article has one, a note seldom.
    #[serde(default)]
    pub title: Option<String>,
    /// `wire`, as HTML: the text.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub content: Content,
    /// `wire`: the content warning before it, plain text.
    #[serde(default)]
    pub spoiler: Option<String>,
    /// `wire`: media are hidden until asked for. A post with a spoiler is always sensitive.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub sensitive: bool,
    /// `wire`: the language of the text, a BCP 47 tag such as `en` or `pt-BR`.
    #[serde(default)]
    pub language: Option<String>,
    /// `wire`: who may see it. There is no default: a post without it is refused.
    pub visibility: Visibility,
    /// `wire`: who is mentioned. Local: what the text mentions is added when it is rendered.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub mentions: Vec<Mention>,
    /// `wire`: hashtags without `#`. Local: those of the text are added when it is rendered.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub hashtags: Vec<String>,
    /// `wire`: custom emoji used in the text, the title or the spoiler.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub emojis: Vec<Emoji>,
    /// `wire`: pictures, sounds and videos, in order.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub media: Vec<Media>,
    /// `wire`: links the post is about. Local: those the text does not have are put below it.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub links: Vec<Link>,
    /// `wire`: the poll of a `question`. Only read so far: a local post cannot have one.
    #[serde(default)]
    pub poll: Option<Poll>,
    /// `wire`: when it was published.
    #[serde(default)]
    pub published: Option<Time>,
    /// `wire`: when it was last edited. Mastodon takes no edit without it.
    #[serde(default)]
    pub updated: Option<Time>,
    /// `wire`: who may reply, like, share and quote.
    #[serde(default)]
    pub interaction_policy: Option<InteractionPolicy>,
    /// `host`: do not deliver before this time, in seconds since the epoch.
    #[serde(default)]
    pub not_before: Option<i64>,
    /// `host`: members of a stored document that this version does not know. Never rendered.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// What kind of post it is; in JSON a word in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
#[non_exhaustive]
pub enum Kind {
    /// A short post without a title.
    #[default]
    Note,
    /// A longer post with a title.
    Article,
    /// A poll.
    Question,
    /// A link or text in a group (Lemmy, lotide).
    Page,
    /// A picture (Hubzilla, Pixelfed).
    Image,
    /// A video (PeerTube).
    Video,
    /// A sound (Funkwhale, Castopod).
    Audio,
    /// Something that takes place (Mobilizon, Gancio).
    Event,
    /// A file.
    Document,
    /// A private message (`ChatMessage`).
    Message,
    /// Any other type of object, in lower case. Never a local post.
    Other(String),
}

impl Post {
    /// Which members may leave the server.
    pub const MARKS: [(&str, Mark); 24] = [
        ("v", Mark::Host),
        ("id", Mark::Derived),
        ("url", Mark::Wire),
        ("author", Mark::Derived),
        ("in_reply_to", Mark::Wire),
        ("quote", Mark::Wire),
        ("kind", Mark::Wire),
        ("title", Mark::Wire),
        ("content", Mark::Wire),
        ("spoiler", Mark::Wire),
        ("sensitive", Mark::Wire),
        ("language", Mark::Wire),
        ("visibility", Mark::Wire),
        ("mentions", Mark::Wire),
        ("hashtags", Mark::Wire),
        ("emojis", Mark::Wire),
        ("media", Mark::Wire),
        ("links", Mark::Wire),
        ("poll", Mark::Wire),
        ("published", Mark::Wire),
        ("updated", Mark::Wire),
        ("interaction_policy", Mark::Wire),
        ("not_before", Mark::Host),
        ("extra", Mark::Host),
    ];

    /// An empty note. There is no `Default`, because there is no default visibility.
    pub fn new(id: impl Into<String>, author: impl Into<String>, visibility: Visibility) -> Self {
        Self {
            v: VERSION,
            id: id.into(),
            url: None,
            author: author.into(),
            in_reply_to: None,
            quote: None,
            kind: Kind::Note,
            title: None,
            content: Content::default(),
            spoiler: None,
            sensitive: false,
            language: None,
            visibility,
            mentions: Vec::new(),
            hashtags: Vec::new(),
            emojis: Vec::new(),
            media: Vec::new(),
            links: Vec::new(),
            poll: None,
            published: None,
            updated: None,
            interaction_policy: None,
            not_before: None,
            extra: Map::new(),
        }
    }

    /// Reads a post the host gives. An unknown member is an error: a typing mistake must not pass unseen.
    ///
    /// Errors: `InvalidArgument` with the JSON pointer.
    pub fn from_host(value: &Value) -> Result<Self> {
        let post: Self = super::document::host(value)?;
        if let Kind::Other(_) = post.kind {
            return Err(invalid("bad_post", "expected a kind such as note or article").at("/kind"));
        }
        Ok(post)
    }

    /// Reads a stored post; members of a later minor version are kept in `extra`.
    ///
    /// Errors: `TooNew` for a later major version, `InvalidArgument` with the JSON pointer.
    pub fn from_stored(value: &Value) -> Result<Self> {
        super::document::stored(value)
    }
}

impl Model for Post {
    const NOUN: &'static str = "post";

    fn v(&self) -> u32 {
        self.v
    }

    fn extra(&self) -> &Map<String, Value> {
        &self.extra
    }

    fn keys(&self) -> [(&'static str, &str); 2] {
        [("/id", &self.id), ("/author", &self.author)]
    }
}

impl From<String> for Kind {
    fn from(text: String) -> Self {
        match text.as_str() {
            "note" => Self::Note,
            "article" => Self::Article,
            "question" => Self::Question,
            "page" => Self::Page,
            "image" => Self::Image,
            "video" => Self::Video,
            "audio" => Self::Audio,
            "event" => Self::Event,
            "document" => Self::Document,
            "message" => Self::Message,
            _ => Self::Other(text),
        }
    }
}

impl From<Kind> for String {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Note => "note",
            Kind::Article => "article",
            Kind::Question => "question",
            Kind::Page => "page",
            Kind::Image => "image",
            Kind::Video => "video",
            Kind::Audio => "audio",
            Kind::Event => "event",
            Kind::Document => "document",
            Kind::Message => "message",
            Kind::Other(text) => return text,
        }
        .into()
    }
}
