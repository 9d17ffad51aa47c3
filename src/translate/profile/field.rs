//! Lines of a profile: `PropertyValue` in `attachment`, plain text on our side and HTML on the wire.
//!
//! Mastodon verifies a link only when the value is one `<a>` whose text is its address
//! (app/models/account/field.rb): the text is cut into spans that together spell the URL.

use serde_json::{Value, json};

use crate::content;
use crate::model::Field;
use crate::translate::{one_line, post};
use crate::vocab::{Object, Skipped, http_url};

/// Most lines read; Mastodon keeps 50.
const MAX_FIELDS: usize = 50;

/// One line in its normal form.
pub(super) fn write(field: &Field) -> Value {
    json!({"type": "PropertyValue", "name": field.name, "value": html(&field.value)})
}

/// A value as HTML: a link when it is one whole URL, else escaped text.
pub(super) fn html(value: &str) -> String {
    let escaped = post::escape(value);
    if http_url(value).is_none() {
        return escaped;
    }
    let (scheme, rest) = escaped.split_at(escaped.find("//").map_or(0, |at| at + 2));
    format!(
        r#"<a href="{escaped}" rel="me nofollow noopener" target="_blank"><span class="invisible">{scheme}</span><span>{rest}</span></a>"#
    )
}

/// The lines of an actor. Values are HTML (Mastodon), plain (Misskey) or Markdown; all become plain text.
pub(super) fn read(actor: Object<'_>, skipped: &mut Vec<Skipped>) -> Vec<Field> {
    let mut out = Vec::new();
    for item in actor.items("attachment") {
        let Some(line) = item.object().filter(|o| o.is("PropertyValue")) else { continue };
        if out.len() == MAX_FIELDS {
            skipped.push(item.skipped("too_many"));
            break;
        }
        let name = line.text("name").map(one_line).unwrap_or_default();
        let value = line.text("value").map(plain).unwrap_or_default();
        if !name.is_empty() || !value.is_empty() {
            out.push(Field { name, value, verified_at: None });
        }
    }
    out
}

/// One line of text from HTML or plain text.
pub(super) fn plain(value: &str) -> String {
    // What holds no tag and no reference is the same text either way.
    let text = if value.contains(['<', '&']) { content::plain::from_html(value) } else { value.to_owned() };
    one_line(&text)
}
