//! Writes HTML: escaping, and nothing else that could open a tag.

/// Appends `text` with `& < > " '` written as references, safe in text and in quoted attribute values.
pub(super) fn escape(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let mut chars = after.chars();
        match chars.next() {
            Some('&') => out.push_str("&amp;"),
            Some('<') => out.push_str("&lt;"),
            Some('>') => out.push_str("&gt;"),
            Some('"') => out.push_str("&quot;"),
            _ => out.push_str("&#39;"),
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
}
