//! The text of a foreign object as safe HTML, and its language.

use crate::content::{self, Linker, MentionLink};
use crate::model::Kind;
use crate::vocab::{self, Object};

/// The text as HTML, and its language.
pub(super) fn read<'v>(object: Object<'v>, kind: &Kind, with_summary: bool) -> (String, Option<&'v str>) {
    let mut language = None;
    let plain = object.text("content");
    for (tag, entry) in vocab::language_map(object, "contentMap") {
        // Of several languages the one whose text is `content`, else the first.
        if language.is_none() || Some(entry) == plain {
            language = Some((tag, entry));
            if Some(entry) == plain {
                break;
            }
        }
    }
    let tag = language.map(|(tag, _)| tag).or_else(|| object.first("language")?.object()?.text("identifier"));
    let tag = tag.map(str::trim).filter(|tag| !tag.is_empty() && *tag != "und");
    let content = plain.or_else(|| language.map(|(_, text)| text)).unwrap_or_default();
    let degraded = matches!(kind, Kind::Other(_)) && content.trim().is_empty() && with_summary;
    let content = if degraded { object.text("summary").unwrap_or_default() } else { content };
    let html = match object.text("mediaType").map(|t| t.split(';').next().unwrap_or_default().trim()) {
        // PeerTube sends Markdown and says so. As with HTML, too much of it is text.
        Some("text/markdown") if content.len() <= content::sanitise::MAX_BYTES => {
            content::markdown::to_html(content, &NoLinks).html
        }
        Some("text/plain" | "text/markdown") => content::text::to_html(content, &NoLinks).html,
        // Gancio and PeerTube's own notes are text without a tag.
        _ if matches!(kind, Kind::Event | Kind::Video)
            && !content.contains('<')
            && !content.trim().is_empty() =>
        {
            content::text::to_html(content, &NoLinks).html
        }
        _ => content::sanitise::html(content),
    };
    (html, tag)
}

/// Foreign text is not linked to anything of ours.
struct NoLinks;

impl Linker for NoLinks {
    fn mention(&self, _: &str, _: Option<&str>) -> Option<MentionLink> {
        None
    }

    fn hashtag(&self, _: &str) -> Option<String> {
        None
    }
}
