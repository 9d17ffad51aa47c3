//! Activities: those we send, and any that comes in.

mod read;
mod write;

use crate::model::Time;
use serde_json::Value;

pub use read::read;
pub use write::{
    Sender, accept, announce, create, delete, delete_actor, follow, like, reject, undo, update, update_actor,
};

/// An activity read from the wire.
#[derive(Clone, Debug, PartialEq)]
pub struct Activity {
    /// Its id, an http(s) URI.
    pub id: String,
    /// Its type without prefix, such as `Create`.
    pub kind: String,
    /// Who did it, an http(s) URI. What the document claims: the signature proves it, elsewhere.
    pub actor: String,
    /// What it was done to.
    pub object: ObjectRef,
    /// Further objects: a `Flag` names several, and GoToSocial sends votes together.
    pub others: Vec<ObjectRef>,
    /// What it was done with respect to: the collection of an `Add`, the new actor of a `Move`.
    pub target: Option<String>,
    /// `to`, in order, every spelling of Public as its IRI.
    pub to: Vec<String>,
    /// `cc`, the same.
    pub cc: Vec<String>,
    /// When it was done.
    pub published: Option<Time>,
}

/// An object as an activity holds it.
#[derive(Clone, Debug, PartialEq)]
pub enum ObjectRef {
    /// Its URI.
    Id(String),
    /// The object itself, which may be a stub of `id` and `type`.
    Embedded(Value),
}

impl ObjectRef {
    /// The URI of the object, when it has one.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Id(id) => Some(id),
            Self::Embedded(value) => {
                crate::vocab::Object::of(value).and_then(|o| o.id()).and_then(crate::vocab::http_url)
            }
        }
    }

    /// The object itself, when it is there.
    pub fn embedded(&self) -> Option<&Value> {
        match self {
            Self::Id(_) => None,
            Self::Embedded(value) => Some(value),
        }
    }
}
