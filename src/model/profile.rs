//! A profile in the native model: somebody of this host, or an actor read from the wire.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::document::{Model, null_is_absent, version};
use super::{Content, Mark, Time, VERSION};
use crate::error::Result;

/// A person, group, bot or organisation.
///
/// A *local* profile comes from the host: `id` is its permanent key, so that a rename never changes the
/// actor. A *remote* one comes from the wire: `id` is its actor's URI, `bio` is sanitised HTML.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// `host`: the version of this document's shape.
    #[serde(default = "version")]
    pub v: u32,
    /// `derived` (a local key becomes the URI): what names the profile, for ever.
    pub id: String,
    /// `wire`: the name in the handle. May change.
    pub username: String,
    /// `derived`: such as `@alice@example.com`.
    #[serde(default)]
    pub handle: Option<String>,
    /// `wire`: the name shown, plain text; may be empty.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub display_name: String,
    /// `wire`, as HTML: what they say about themselves.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub bio: Content,
    /// `wire`: the small picture.
    #[serde(default)]
    pub avatar: Option<Image>,
    /// `wire`: the wide picture.
    #[serde(default)]
    pub header: Option<Image>,
    /// `wire`: lines of name and value, such as links to be verified.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub fields: Vec<Field>,
    /// `wire`: what kind of account it is. `person` when absent.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub kind: ProfileKind,
    /// `wire`: followers wait for approval.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub locked: bool,
    /// `wire`: may be shown in directories. Absent means no.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub discoverable: bool,
    /// `wire`: public posts may be found by search (FEP-5feb). Absent means no.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub indexable: bool,
    /// `host`: takes part in federation. Absent means no, and then nothing of it is served. Always true for
    /// a remote profile.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub federated: bool,
    /// `wire`: the actor's URI this one moved to.
    #[serde(default)]
    pub moved_to: Option<String>,
    /// `wire`: URIs of other actors of the same person.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub also_known_as: Vec<String>,
    /// `wire`: when the account was made.
    #[serde(default)]
    pub created: Option<Time>,
    /// `wire`: the page to see it on. Local: absolute or a path on the instance's origin; worked out from the
    /// instance's `profile_page` when absent.
    #[serde(default)]
    pub url: Option<String>,
    /// `host`: members of a stored document that this version does not know. Never rendered.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// What kind of account it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProfileKind {
    /// A human being.
    #[default]
    Person,
    /// A group or community.
    Group,
    /// A bot.
    Service,
    /// An organisation.
    Organization,
    /// A program, such as a server itself.
    Application,
}

/// A picture of a profile.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// `wire`: where it is. Local: absolute or a path on the instance's origin.
    pub url: String,
    /// `wire`: its media type, such as `image/png`.
    #[serde(default)]
    pub media_type: Option<String>,
    /// `wire`: what it shows, plain text.
    #[serde(default)]
    pub alt: Option<String>,
}

/// A line of a profile. Both sides are plain text, local and remote alike; a value that is one whole URL
/// becomes a link others can verify.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// `wire`: the label.
    pub name: String,
    /// `wire`: the text or URL.
    pub value: String,
    /// `host`: when the link was found to point back, if it was checked here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_at: Option<Time>,
}

impl Profile {
    /// Which members may leave the server.
    pub const MARKS: [(&str, Mark); 19] = [
        ("v", Mark::Host),
        ("id", Mark::Derived),
        ("username", Mark::Wire),
        ("handle", Mark::Derived),
        ("display_name", Mark::Wire),
        ("bio", Mark::Wire),
        ("avatar", Mark::Wire),
        ("header", Mark::Wire),
        ("fields", Mark::Wire),
        ("kind", Mark::Wire),
        ("locked", Mark::Wire),
        ("discoverable", Mark::Wire),
        ("indexable", Mark::Wire),
        ("federated", Mark::Host),
        ("moved_to", Mark::Wire),
        ("also_known_as", Mark::Wire),
        ("created", Mark::Wire),
        ("url", Mark::Wire),
        ("extra", Mark::Host),
    ];

    /// A profile with a name and nothing else, not federated.
    pub fn new(id: impl Into<String>, username: impl Into<String>) -> Self {
        Self {
            v: VERSION,
            id: id.into(),
            username: username.into(),
            handle: None,
            display_name: String::new(),
            bio: Content::default(),
            avatar: None,
            header: None,
            fields: Vec::new(),
            kind: ProfileKind::Person,
            locked: false,
            discoverable: false,
            indexable: false,
            federated: false,
            moved_to: None,
            also_known_as: Vec::new(),
            created: None,
            url: None,
            extra: Map::new(),
        }
    }

    /// Reads a profile the host gives. An unknown member is an error: a typing mistake must not pass unseen.
    ///
    /// Errors: `InvalidArgument` with the JSON pointer.
    pub fn from_host(value: &Value) -> Result<Self> {
        super::document::host(value)
    }

    /// Reads a stored profile; members of a later minor version are kept in `extra`.
    ///
    /// Errors: `TooNew` for a later major version, `InvalidArgument` with the JSON pointer.
    pub fn from_stored(value: &Value) -> Result<Self> {
        super::document::stored(value)
    }
}

impl Model for Profile {
    const NOUN: &'static str = "profile";

    fn v(&self) -> u32 {
        self.v
    }

    fn extra(&self) -> &Map<String, Value> {
        &self.extra
    }

    fn keys(&self) -> [(&'static str, &str); 2] {
        [("/id", &self.id), ("/username", &self.username)]
    }
}
