//! Texts and language maps (ActivityStreams vocabulary, `contentMap`, `nameMap`, `summaryMap`).

use serde_json::Value;

use super::Object;

/// The text of a value: a string or `{"@value": …}`.
pub fn text(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        Value::Object(members) => members.get("@value").and_then(Value::as_str),
        _ => None,
    }
}

/// The entries of a language map as `(tag, text)`; `und` and `@none` give an empty tag. Entries without text
/// are left out.
pub fn language_map<'v>(
    object: Object<'v>,
    property: &'static str,
) -> impl Iterator<Item = (&'v str, &'v str)> + use<'v> {
    let map = object.get(property).and_then(Value::as_object);
    map.into_iter().flatten().filter_map(|(tag, value)| {
        let tag = if matches!(tag.as_str(), "und" | "@none") { "" } else { tag.as_str() };
        text(value).map(|text| (tag, text))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn undetermined_is_no_language() {
        let document = json!({"contentMap": {"und": "a", "de": {"@value": "b"}, "fr": null}});
        let entries: Vec<_> = language_map(Object::of(&document).unwrap(), "contentMap").collect();
        assert_eq!(entries, [("", "a"), ("de", "b")]);
    }
}
