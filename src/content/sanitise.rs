//! Remote HTML to safe HTML by an allow list.

use super::{markup, plain};

/// Sanitises a fragment of remote HTML.
pub fn html(fragment: &str) -> String {
    let mut out = String::from("<p>");
    markup::escape(&mut out, &plain::from_html(fragment));
    out.push_str("</p>");
    out
}
