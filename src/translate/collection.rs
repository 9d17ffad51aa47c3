//! Collections as we serve them (ActivityStreams 2.0 section 4.1.1): an index with its size, and pages.

use serde_json::{Map, Value, json};

use crate::vocab::AS;

/// The `OrderedCollection` itself; its items are on its pages.
pub fn ordered(uri: &str, total: Option<u64>) -> Value {
    let mut out = Map::new();
    out.insert("@context".into(), AS.into());
    out.insert("id".into(), uri.into());
    out.insert("type".into(), "OrderedCollection".into());
    if let Some(total) = total {
        out.insert("totalItems".into(), total.into());
    }
    out.insert("first".into(), format!("{uri}?page=true").into());
    Value::Object(out)
}

/// One page; `cursor` is where it begins and `next` where the one after it does.
pub fn page(uri: &str, cursor: Option<&str>, next: Option<&str>, items: &[Value]) -> Value {
    let at = |cursor: Option<&str>| match cursor {
        None => format!("{uri}?page=true"),
        Some(cursor) => format!("{uri}?page=true&cursor={}", escape(cursor)),
    };
    let mut out = Map::new();
    out.insert("@context".into(), AS.into());
    out.insert("id".into(), at(cursor).into());
    out.insert("type".into(), "OrderedCollectionPage".into());
    out.insert("partOf".into(), uri.into());
    out.insert("orderedItems".into(), items.into());
    if next.is_some() {
        out.insert("next".into(), at(next).into());
    }
    Value::Object(out)
}

fn escape(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// What is left of a deleted object (ActivityPub section 6.4).
pub fn tombstone(uri: &str) -> Value {
    json!({"@context": AS, "id": uri, "type": "Tombstone"})
}
