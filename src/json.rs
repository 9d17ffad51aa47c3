//! The strict reader for foreign JSON (RFC 8259) with the bounds that keep it safe.
//!
//! Depth is at most 64, and a document has at most 50,000 values: a megabyte of brackets costs far more than a
//! megabyte of text. A key that appears twice with another value is refused where it names who or what
//! (`id`, `type`, `actor`, …) and in any document with a proof, because two readers could then see two
//! documents; elsewhere the last one wins with a warning (a real Akkoma poll has `closed` twice).

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::cell::RefCell;
use std::fmt;

use crate::error::{Code, Error, Result, malformed};

/// Deepest nesting of arrays and objects.
pub const MAX_DEPTH: usize = 64;
/// Largest document read, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;
/// Most values in a document, those inside others counted too.
pub const MAX_VALUES: usize = 50_000;
/// Most duplicates told by their place: a place can be as long as the document.
const MAX_TOLD: usize = 8;

/// Members in which two values are never tolerated.
const IDENTITY: [&str; 25] = [
    "@context",
    "id",
    "@id",
    "type",
    "@type",
    "actor",
    "object",
    "target",
    "attributedTo",
    "to",
    "cc",
    "publicKey",
    "publicKeyPem",
    "owner",
    "controller",
    "assertionMethod",
    "inbox",
    "endpoints",
    "sharedInbox",
    "subject",
    "links",
    "href",
    "proof",
    "signature",
    "preferredUsername",
];

/// A document read from foreign bytes.
#[derive(Clone)]
pub struct Document {
    /// The value.
    pub value: Value,
    /// JSON pointers of members that appeared twice, where the last value was taken; the first few.
    pub duplicates: Vec<String>,
}

/// Reads one JSON value from `bytes`.
///
/// Errors: `too_large`, `not_utf8`, `not_json`, `too_deep`, `too_many_values`, `duplicate_key` (with its JSON
/// pointer).
pub fn read(bytes: &[u8]) -> Result<Document> {
    if bytes.len() > MAX_BYTES {
        return Err(Error::new(Code::TooLarge, "too_large", "a document may have at most 1 MiB"));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|_| malformed("not_utf8", "JSON must be UTF-8 (RFC 8259 section 8.1)"))?;
    let state = State::default();
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Seed { state: &state, depth: 0 }
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value));
    let state = state.0.into_inner();
    match value {
        Err(_) if state.too_deep => {
            Err(Error::new(Code::TooLarge, "too_deep", "arrays and objects may nest 64 deep at most"))
        }
        Err(_) if state.values > MAX_VALUES => {
            Err(Error::new(Code::TooLarge, "too_many_values", "a document may have at most 50,000 values"))
        }
        Err(error) => Err(malformed("not_json", crate::http::shape(&error))),
        Ok(value) => {
            let proven = value.get("proof").is_some() || value.get("signature").is_some();
            let refused = state.identity.or(state.duplicates.first().filter(|_| proven).cloned());
            if let Some(place) = refused {
                return Err(malformed(
                    "duplicate_key",
                    "a member that says who or what appears twice with two values",
                )
                .at(place));
            }
            Ok(Document { value, duplicates: state.duplicates })
        }
    }
}

#[derive(Default)]
struct Inner {
    path: Vec<Step>,
    duplicates: Vec<String>,
    /// The first duplicate of a member that says who or what.
    identity: Option<String>,
    too_deep: bool,
    values: usize,
}

enum Step {
    Key(String),
    Index(usize),
}

#[derive(Default)]
struct State(RefCell<Inner>);

impl Inner {
    /// Notes that the member `key` of the object being read came twice.
    fn duplicate(&mut self, key: &str) {
        if self.duplicates.len() < MAX_TOLD {
            let place = self.pointer(key);
            self.duplicates.push(place);
        }
        if self.identity.is_none() && IDENTITY.contains(&key) {
            self.identity = Some(self.pointer(key));
        }
    }

    fn pointer(&self, last: &str) -> String {
        let mut out = String::new();
        for step in &self.path {
            out.push('/');
            match step {
                Step::Key(key) => out.push_str(&key.replace('~', "~0").replace('/', "~1")),
                Step::Index(index) => out.push_str(&index.to_string()),
            }
        }
        out.push('/');
        out.push_str(&last.replace('~', "~0").replace('/', "~1"));
        out
    }
}

#[derive(Clone, Copy)]
struct Seed<'s> {
    state: &'s State,
    depth: usize,
}

impl Seed<'_> {
    fn deeper<E: de::Error>(self) -> std::result::Result<Self, E> {
        if self.depth >= MAX_DEPTH {
            self.state.0.borrow_mut().too_deep = true;
            return Err(E::custom("too deep"));
        }
        Ok(Self { state: self.state, depth: self.depth + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<Value, D::Error> {
        let values = {
            let mut state = self.state.0.borrow_mut();
            state.values += 1;
            state.values
        };
        if values > MAX_VALUES {
            return Err(de::Error::custom("too many values"));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> std::result::Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> std::result::Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> std::result::Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> std::result::Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> std::result::Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> std::result::Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> std::result::Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut out = Vec::new();
        loop {
            self.state.0.borrow_mut().path.push(Step::Index(out.len()));
            let item = items.next_element_seed(inner)?;
            self.state.0.borrow_mut().path.pop();
            match item {
                Some(item) => out.push(item),
                None => return Ok(Value::Array(out)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> std::result::Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut out = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            self.state.0.borrow_mut().path.push(Step::Key(key));
            let value = members.next_value_seed(inner)?;
            let Some(Step::Key(key)) = self.state.0.borrow_mut().path.pop() else {
                return Err(de::Error::custom("path"));
            };
            if out.get(&key).is_some_and(|old| *old != value) {
                self.state.0.borrow_mut().duplicate(&key);
            }
            out.insert(key, value);
        }
        Ok(Value::Object(out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(text: &str) -> &'static str {
        read(text.as_bytes()).err().map_or("read", |e| e.reason())
    }

    #[test]
    fn nesting_stops_at_64() {
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert_eq!(reason(&nested(64)), "read");
        assert_eq!(reason(&nested(65)), "too_deep");
        assert_eq!(reason(&"[".repeat(500_000)), "too_deep");
    }

    #[test]
    fn values_are_counted_wherever_they_are() {
        let list = |n: usize| format!("[{}]", vec!["1"; n].join(","));
        assert_eq!(reason(&list(MAX_VALUES - 1)), "read");
        assert_eq!(reason(&list(MAX_VALUES)), "too_many_values");
        assert_eq!(reason(&format!("[{}]", vec!["[{}]"; MAX_VALUES / 2].join(","))), "too_many_values");
        let members: Vec<String> = (0..MAX_VALUES).map(|n| format!(r#""{n}":1"#)).collect();
        assert_eq!(reason(&format!("{{{}}}", members.join(","))), "too_many_values");
    }

    #[test]
    fn whoever_says_who_or_what_says_it_once() {
        let named = [
            "@context",
            "id",
            "@id",
            "type",
            "@type",
            "actor",
            "object",
            "target",
            "attributedTo",
            "to",
            "cc",
            "publicKey",
            "publicKeyPem",
            "owner",
            "controller",
            "assertionMethod",
            "inbox",
            "endpoints",
            "sharedInbox",
            "subject",
            "links",
            "href",
            "proof",
            "signature",
            "preferredUsername",
        ];
        for name in named {
            assert_eq!(reason(&format!(r#"{{"a":{{"{name}":1,"{name}":2}}}}"#)), "duplicate_key", "{name}");
        }
    }

    #[test]
    fn a_second_actor_is_refused_with_its_place() {
        let error = read(br#"{"a":[{"actor":"x","actor":"y"}]}"#).err().unwrap();
        assert_eq!((error.reason(), error.place()), ("duplicate_key", "/a/0/actor"));
    }

    #[test]
    fn the_same_value_twice_is_harmless() {
        assert!(read(br#"{"id":"x","id":"x"}"#).unwrap().duplicates.is_empty());
    }

    #[test]
    fn elsewhere_the_last_one_wins_with_a_warning() {
        let document = read(br#"{"closed":1,"closed":2}"#).unwrap();
        assert_eq!(document.value["closed"], 2);
        assert_eq!(document.duplicates, ["/closed"]);
    }

    #[test]
    fn a_flood_of_duplicates_is_told_in_part_and_refused_all_the_same() {
        let flood = |last: &str| {
            let members: Vec<String> = (0..1000).map(|n| format!(r#""a":{n}"#)).collect();
            format!(r#"{{"{}":{{{}{last}}}}}"#, "k".repeat(1000), members.join(","))
        };
        assert_eq!(read(flood("").as_bytes()).unwrap().duplicates.len(), MAX_TOLD);
        assert_eq!(reason(&flood(r#","id":1,"id":2"#)), "duplicate_key");
    }

    #[test]
    fn a_document_with_a_proof_has_no_second_value_anywhere() {
        assert_eq!(reason(r#"{"closed":1,"closed":2,"proof":{}}"#), "duplicate_key");
        assert_eq!(reason(r#"{"closed":1,"closed":2,"signature":{}}"#), "duplicate_key");
    }

    #[test]
    fn bytes_after_the_value_invalid_utf8_and_size_are_refused() {
        assert_eq!(reason("{} x"), "not_json");
        assert_eq!(read(b"\"\xff\"").err().unwrap().reason(), "not_utf8");
        assert_eq!(read(&vec![b' '; MAX_BYTES + 1]).err().unwrap().reason(), "too_large");
    }
}
