//! Collections as we serve them (ActivityStreams 2.0 section 4.1.1): an index with its size, and pages.

use serde_json::{Value, json};

use crate::vocab::AS;

/// The `OrderedCollection` itself; its items are on its pages.
pub fn ordered(uri: &str, total: Option<u64>) -> Value {
    let mut out = json!({"@context": AS, "id": uri, "type": "OrderedCollection"});
    if let Some(total) = total {
        out["totalItems"] = total.into();
    }
    out["first"] = format!("{uri}?page=true").into();
    out
}

/// One page; `cursor` is where it begins and `next` where the one after it does.
pub fn page(uri: &str, cursor: Option<&str>, next: Option<&str>, items: Vec<Value>) -> Value {
    let at = |cursor: Option<&str>| match cursor {
        None => format!("{uri}?page=true"),
        Some(cursor) => format!("{uri}?page=true&cursor={}", escape(cursor)),
    };
    let mut out = json!({
        "@context": AS, "id": at(cursor), "type": "OrderedCollectionPage", "partOf": uri, "orderedItems": items,
    });
    if next.is_some() {
        out["next"] = at(next).into();
    }
    out
}

fn escape(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// What is left of a deleted object (ActivityPub section 6.4).
pub fn tombstone(uri: &str) -> Value {
    json!({"@context": AS, "id": uri, "type": "Tombstone"})
}
