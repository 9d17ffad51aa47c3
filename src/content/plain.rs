//! HTML to readable plain text.

/// Turns HTML into text.
pub fn from_html(html: &str) -> String {
    html.to_owned()
}
