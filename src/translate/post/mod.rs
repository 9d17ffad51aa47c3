//! Posts: the native model to `Note` and `Article`, and any object that is a post to the native model.

mod attachment;
mod audience;
mod body;
mod kind;
mod policy;
mod poll;
mod read;
mod tag;
mod text;
mod wire;
mod write;

use serde_json::Value;

use crate::error::Result;
use crate::instance::Instance;
use crate::model::{Mention, Post, Profile, Visibility};
use crate::vocab::Skipped;

pub use audience::visibility;
pub(super) use body::{escape, html};
pub(super) use read::near;
pub use read::{author, read, read_within};
pub use wire::wire;

/// Writes a local post as the object other servers read, with its `@context`.
///
/// `known` are the accounts behind the handles of [`mention::wanted`](super::mention::wanted), each with
/// `handle`, `uri` and, when known, `url`; those in `post.mentions` with a `uri` need not be repeated. Whether
/// the post may leave is not decided here but in `privacy`.
///
/// Errors: `InvalidArgument` or `Unsupported` with the JSON pointer in the post.
pub fn render(instance: &Instance, author: &Profile, post: &Post, known: &[Mention]) -> Result<Value> {
    let normal = wire::normal(instance, author, post, known)?;
    write::object(instance, author, post, &normal)
}

/// The addressees of a local post: `to` and `cc`, the same on the object and on every activity about it
/// (Pleroma and Akkoma fail when they differ). `mentioned` are actor URIs.
pub fn addressees<'a>(
    instance: &Instance,
    author: &Profile,
    visibility: Visibility,
    mentioned: impl Iterator<Item = &'a str>,
) -> Result<(Vec<String>, Vec<String>)> {
    write::addressees(instance, author, visibility, mentioned)
}

/// A post read from the wire.
#[derive(Clone, Debug, PartialEq)]
pub struct RemotePost {
    /// The post. Its `author` is what the document claims; that the sender is the author is proven elsewhere.
    pub post: Post,
    /// Everyone it is attributed to, the author first.
    pub attributed_to: Vec<String>,
    /// `to`, in order, every spelling of Public as its IRI.
    pub to: Vec<String>,
    /// `cc`, the same.
    pub cc: Vec<String>,
    /// `audience`, the same (Lemmy's community and the like).
    pub audience: Vec<String>,
    /// What could not be read and was left out.
    pub skipped: Vec<Skipped>,
}
