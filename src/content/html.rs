//! HTML written by the host.

use super::{Linker, Rendered, sanitise};

/// Sanitises the host's HTML and reads the mentions and hashtags from its anchors.
pub fn to_html(html: &str, _linker: &dyn Linker) -> Rendered {
    Rendered { html: sanitise::html(html), ..Rendered::default() }
}
