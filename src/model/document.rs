//! How documents of the native model are read: strictly from a host, leniently from the store.
//!
//! A host's typing mistake must fail loudly, with a JSON pointer (RFC 6901) and without quoting its data. A
//! stored document may be of a later minor version: what it has more is kept.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use serde_path_to_error::{Path, Segment};

use super::VERSION;
use crate::error::{Code, Error, Result, invalid};

/// A document of the native model.
pub(super) trait Model: DeserializeOwned {
    const NOUN: &'static str;
    fn v(&self) -> u32;
    fn extra(&self) -> &Map<String, Value>;
    /// Pointers and values of members that may not be empty.
    fn keys(&self) -> [(&'static str, &str); 2];
}

/// Reads what a host gives: nothing unknown, keys not empty.
pub(super) fn host<T: Model>(value: &Value) -> Result<T> {
    let document: T = stored(value)?;
    if let Some(name) = document.extra().keys().next() {
        return Err(invalid(
            "unknown_member",
            format!("a {} has no such member; check its spelling", T::NOUN),
        )
        .at(pointer(name)));
    }
    for (at, key) in document.keys() {
        if key.trim().is_empty() {
            return Err(invalid("empty_member", "expected a value that is not empty").at(at));
        }
    }
    Ok(document)
}

/// Reads what was stored: unknown members are kept.
pub(super) fn stored<T: Model>(value: &Value) -> Result<T> {
    if let Some(v) = value.get("v").and_then(Value::as_u64)
        && v > u64::from(VERSION)
    {
        return Err(Error::new(
            Code::TooNew,
            "too_new",
            format!("this {} was written by a later version; keep it and upgrade", T::NOUN),
        )
        .at("/v")
        .retryable());
    }
    let document: T = serde_path_to_error::deserialize(value).map_err(|error| {
        let at = path(error.path());
        invalid("bad_member", sentence(&error.inner().to_string())).at(at)
    })?;
    if document.v() != VERSION {
        return Err(invalid("bad_member", "expected the version 1, or none").at("/v"));
    }
    Ok(document)
}

/// `null` and an absent member mean the same.
pub(super) fn null_is_absent<'de, D, T>(deserializer: D) -> std::result::Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

pub(super) fn version() -> u32 {
    VERSION
}

fn pointer(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn path(path: &Path) -> String {
    let mut out = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => out.push_str(&pointer(&index.to_string())),
            Segment::Map { key } => out.push_str(&pointer(key)),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    out
}

/// What serde expected, without the value it quotes: that part stands before the last `expected`.
fn sentence(message: &str) -> String {
    if message.starts_with("missing field") {
        return message.to_owned();
    }
    match message.rsplit_once("expected ") {
        Some((_, expected)) if message.starts_with("unknown field") => {
            format!("no such member; expected {expected}")
        }
        Some((_, expected)) => format!("expected {expected}"),
        None => "not of the shape the documentation describes".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::model::{Kind, Post, Profile, Visibility};

    fn post() -> serde_json::Value {
        json!({"id": "1", "author": "7", "visibility": "public"})
    }

    fn error(member: &str, value: serde_json::Value) -> (String, String) {
        let mut document = post();
        document[member] = value;
        let error = Post::from_host(&document).unwrap_err();
        (error.place().to_owned(), error.to_string())
    }

    #[test]
    fn a_minimal_post_is_a_note() {
        let read = Post::from_host(&post()).unwrap();
        assert_eq!((read.kind, read.visibility, read.v), (Kind::Note, Visibility::Public, 1));
    }

    #[test]
    fn a_post_without_visibility_is_refused() {
        let error = Post::from_host(&json!({"id": "1", "author": "7"})).unwrap_err();
        assert_eq!(error.message(), "missing field `visibility`");
        assert!(Post::from_host(&json!({"id": "1", "author": "7", "visibility": null})).is_err());
    }

    #[test]
    fn a_typing_mistake_fails_loudly_with_its_place() {
        assert_eq!(error("conten", json!("x")).0, "/conten");
        assert_eq!(
            error("media", json!([{"url": "/a.png"}, {"url": "/b.png", "atl": "x"}])).0,
            "/media/1/atl"
        );
        assert_eq!(error("visibility", json!("pubic")).0, "/visibility");
        assert_eq!(error("kind", json!("artcle")).0, "/kind");
        assert_eq!(error("published", json!("yesterday")).0, "/published");
        assert_eq!(error("v", json!("one")).0, "/v");
        assert_eq!(error("author", json!(" ")).0, "/author");
    }

    #[test]
    fn an_error_never_quotes_the_document() {
        for (member, value) in [
            ("sensitive", json!("SECRET, expected nothing")),
            ("visibility", json!("SECRET")),
            ("published", json!("SECRET")),
            ("title", json!({"SECRET": 1})),
        ] {
            let (_, text) = error(member, value);
            assert!(!text.contains("SECRET"), "{text}");
            assert!(text.contains("expected"), "{text}");
        }
    }

    #[test]
    fn null_is_absent_everywhere_but_where_a_value_is_needed() {
        let mut document = serde_json::to_value(Post::new("1", "7", Visibility::Direct)).unwrap();
        for (name, value) in document.as_object_mut().unwrap() {
            if !["v", "id", "author", "visibility"].contains(&name.as_str()) {
                *value = serde_json::Value::Null;
            }
        }
        assert_eq!(Post::from_host(&document).unwrap(), Post::new("1", "7", Visibility::Direct));
    }

    #[test]
    fn a_stored_document_keeps_what_a_later_minor_version_wrote() {
        let mut document = post();
        document["reactions"] = json!([1]);
        let kept = Post::from_stored(&document).unwrap();
        assert_eq!(serde_json::to_value(&kept).unwrap()["reactions"], json!([1]));
        document["v"] = json!(2);
        let error = Post::from_stored(&document).unwrap_err();
        assert_eq!((error.code(), error.is_retryable()), (crate::Code::TooNew, true));
    }

    #[test]
    fn a_profile_does_not_federate_by_default() {
        let profile = Profile::from_host(&json!({"id": "7", "username": "alice"})).unwrap();
        assert!(!profile.federated && !profile.discoverable && !profile.indexable && !profile.locked);
        assert!(
            !Profile::from_host(&json!({"id": "7", "username": "a", "federated": null})).unwrap().federated
        );
    }

    #[test]
    fn the_marks_name_every_member() {
        let names = |value: serde_json::Value| {
            let mut names: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
            names.push("extra".into());
            names
        };
        let post = serde_json::to_value(Post::new("1", "7", Visibility::Direct)).unwrap();
        assert_eq!(names(post), Post::MARKS.map(|(name, _)| name.to_owned()));
        let profile = serde_json::to_value(Profile::new("7", "alice")).unwrap();
        assert_eq!(names(profile), Profile::MARKS.map(|(name, _)| name.to_owned()));
    }
}
