//! One picture as an `Image` object: avatars, headers and the icons of custom emoji. Always one object:
//! Misskey refuses arrays (misskey-dev/misskey#14823).

use serde_json::{Map, Value, json};

/// Writes a picture; what is not known is left out.
pub(super) fn write(url: &str, media_type: Option<&str>, alt: Option<&str>) -> Value {
    let mut out = Map::new();
    out.insert("type".into(), json!("Image"));
    if let Some(media_type) = media_type {
        out.insert("mediaType".into(), json!(media_type));
    }
    out.insert("url".into(), json!(url));
    if let Some(alt) = alt {
        out.insert("name".into(), json!(alt));
    }
    Value::Object(out)
}
