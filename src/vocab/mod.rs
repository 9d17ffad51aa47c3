//! Tolerant reading of ActivityStreams 2.0 documents over plain JSON.
//!
//! Servers disagree about shape on every property: one value or many, a string or an object with an `id`,
//! `null` for absent, `{"@value": …}`, `type` as a word, a prefixed name, an IRI or an array. The functions
//! here take them all and never fail; what must be there is asked for by the readers in `translate`, which
//! say where (JSON pointer, RFC 6901) something is missing. Nothing is resolved against a `@context`.

mod address;
mod date;
mod text;

use serde_json::{Map, Value};

pub use address::{AS, MAX_URL, PUBLIC, addressees, host, http_url, is_public, same_host};
pub use date::time;
pub use text::{language_map, text};

use crate::model::Time;

/// A part of a document that was left out, and why. The rest was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The JSON pointer of the part.
    pub at: String,
    /// A stable word, such as `no_url`.
    pub reason: &'static str,
}

/// A JSON object read as a node of a document.
#[derive(Clone, Copy)]
pub struct Object<'v>(&'v Map<String, Value>);

/// One of the values of a property.
#[derive(Clone, Copy)]
pub struct Item<'v> {
    /// The value, never `null`.
    pub value: &'v Value,
    property: &'static str,
    index: Option<usize>,
}

impl<'v> Item<'v> {
    /// The JSON pointer of the value, below its object.
    pub fn at(&self) -> String {
        self.index
            .map_or_else(|| format!("/{}", self.property), |index| format!("/{}/{index}", self.property))
    }

    /// The value as an object.
    pub fn object(&self) -> Option<Object<'v>> {
        Object::of(self.value)
    }

    /// A note that this value was left out.
    pub fn skipped(&self, reason: &'static str) -> Skipped {
        Skipped { at: self.at(), reason }
    }
}

impl<'v> Object<'v> {
    /// The value as an object; `None` when it is none.
    pub fn of(value: &'v Value) -> Option<Self> {
        value.as_object().map(Self)
    }

    /// The value of a property; `null` is absent.
    pub fn get(&self, property: &str) -> Option<&'v Value> {
        self.0.get(property).filter(|value| !value.is_null())
    }

    /// Every value of a property, be it one, an array or a JSON-LD list; without the `null`s.
    pub fn items(&self, property: &'static str) -> impl Iterator<Item = Item<'v>> + use<'v> {
        let value = self.get(property).map(|value| match value.get("@list").or_else(|| value.get("@set")) {
            Some(inner) => inner,
            None => value,
        });
        let (many, one) = match value {
            Some(Value::Array(items)) => (items.as_slice(), None),
            Some(Value::Null) | None => (&[][..], None),
            Some(value) => (&[][..], Some(Item { value, property, index: None })),
        };
        let many = many
            .iter()
            .enumerate()
            .filter(|(_, value)| !value.is_null())
            .map(move |(index, value)| Item { value, property, index: Some(index) });
        one.into_iter().chain(many)
    }

    /// The first value of a property.
    pub fn first(&self, property: &'static str) -> Option<Item<'v>> {
        self.items(property).next()
    }

    /// `id` (or `@id`), when it is a string that is not empty.
    pub fn id(&self) -> Option<&'v str> {
        let id = self.get("id").or_else(|| self.get("@id"))?;
        id.as_str().map(str::trim).filter(|id| !id.is_empty())
    }

    /// The names of the types, without prefix or namespace, in order.
    pub fn types(&self) -> impl Iterator<Item = &'v str> + use<'v> {
        let property = if self.get("type").is_some() { "type" } else { "@type" };
        self.items(property).filter_map(|item| item.value.as_str()).map(short)
    }

    /// True when one of the types has this name.
    pub fn is(&self, name: &str) -> bool {
        self.types().any(|t| t == name)
    }

    /// The text of a property: a string, `{"@value"}` or the first of several; trimmed of nothing.
    pub fn text(&self, property: &'static str) -> Option<&'v str> {
        self.items(property).find_map(|item| text(item.value))
    }

    /// The same, without text that is empty or white space.
    pub fn filled(&self, property: &'static str) -> Option<&'v str> {
        self.text(property).filter(|text| !text.trim().is_empty())
    }

    /// The text of a property, or else the first of its language map (`name` and `nameMap`); not only white
    /// space.
    pub fn filled_or_map(&self, property: &'static str, map: &'static str) -> Option<&'v str> {
        let mapped = || language_map(*self, map).map(|(_, text)| text).find(|text| !text.trim().is_empty());
        self.filled(property).or_else(mapped)
    }

    /// The first id or URL of a property: a string, an object with `id`, or a link with `href`.
    pub fn link(&self, property: &'static str) -> Option<&'v str> {
        self.items(property).find_map(|item| link(item.value))
    }

    /// Every id or URL of a property.
    pub fn links(&self, property: &'static str) -> impl Iterator<Item = &'v str> + use<'v> {
        self.items(property).filter_map(|item| link(item.value))
    }

    /// A truth value; also `"true"` (Hubzilla, old Mastodon) and `{"@value": true}` (Kroeg).
    pub fn flag(&self, property: &'static str) -> Option<bool> {
        let value = self.first(property)?.value;
        match value.get("@value").unwrap_or(value) {
            Value::Bool(value) => Some(*value),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// A number that counts; a string of digits counts too.
    pub fn count(&self, property: &'static str) -> Option<u64> {
        let value = self.first(property)?.value;
        match value.get("@value").unwrap_or(value) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounds are checked")]
            Value::Number(number) => number
                .as_u64()
                .or_else(|| number.as_f64().filter(|n| (0.0..9.0e15).contains(n)).map(|n| n as u64)),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A point in time, in any form seen.
    pub fn time(&self, property: &'static str) -> Option<Time> {
        self.first(property).and_then(|item| time(item.value))
    }

    /// The members as they are.
    pub fn members(&self) -> &'v Map<String, Value> {
        self.0
    }
}

/// The id or URL a value stands for: a string, an object's `id`, a link's `href`. Not empty, trimmed.
pub fn link(value: &Value) -> Option<&str> {
    let text = match value {
        Value::String(text) => text.as_str(),
        Value::Object(members) => {
            let object = Object(members);
            match object.id() {
                Some(id) => id,
                None => object.get("href")?.as_str()?,
            }
        }
        _ => return None,
    };
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// The last part of a type's name: `Note` of `as:Note` and of the full IRI.
fn short(name: &str) -> &str {
    let name = name.trim();
    name.rsplit(['#', '/', ':']).next().filter(|last| !last.is_empty()).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn types_in_every_spelling() {
        for (value, expected) in [
            (json!({"type": "Note"}), "Note"),
            (json!({"type": ["Note", "Article"]}), "Note"),
            (json!({"type": "as:Hashtag"}), "Hashtag"),
            (json!({"@type": "https://www.w3.org/ns/activitystreams#Note"}), "Note"),
            (json!({"type": "http://joinmastodon.org/ns#Emoji"}), "Emoji"),
        ] {
            assert_eq!(Object::of(&value).unwrap().types().next(), Some(expected));
        }
        assert_eq!(Object::of(&json!({"type": [null, 7]})).unwrap().types().count(), 0);
    }

    #[test]
    fn one_or_many_and_null() {
        let document = json!({"a": "x", "b": ["x", null, "y"], "c": null, "d": {"@list": ["x"]}, "e": []});
        let object = Object::of(&document).unwrap();
        let places = |name| object.items(name).map(|i| i.at()).collect::<Vec<_>>();
        assert_eq!(places("a"), ["/a"]);
        assert_eq!(places("b"), ["/b/0", "/b/2"]);
        assert_eq!((places("c").len(), places("e").len(), places("f").len()), (0, 0, 0));
        assert_eq!(places("d"), ["/d/0"]);
    }

    #[test]
    fn links_as_string_object_and_link() {
        let document = json!({"a": "u", "b": {"id": "u", "href": "v"}, "c": {"href": "u"}, "d": " ", "e": 7,
            "f": [{"@id": "u"}], "g": [7, "u"]});
        let object = Object::of(&document).unwrap();
        let links = ["a", "b", "c", "d", "e", "f", "g"].map(|name| object.link(name));
        assert_eq!(links, [Some("u"), Some("u"), Some("u"), None, None, Some("u"), Some("u")]);
    }

    #[test]
    fn flags_and_counts() {
        let document = json!({"a": "true", "b": {"@value": true}, "c": 3.0, "d": "12", "e": -1, "f": "x"});
        let object = Object::of(&document).unwrap();
        assert_eq!((object.flag("a"), object.flag("b"), object.flag("f")), (Some(true), Some(true), None));
        assert_eq!((object.count("c"), object.count("d"), object.count("e")), (Some(3), Some(12), None));
    }
}
