//! Markdown to HTML.

use super::{Linker, Rendered, text};

/// Renders Markdown.
pub fn to_html(markdown: &str, linker: &dyn Linker) -> Rendered {
    text::to_html(markdown, linker)
}

/// The mentions in Markdown as `(user, domain)`.
pub fn mentions(markdown: &str) -> Vec<(String, Option<String>)> {
    text::mentions(markdown)
}
