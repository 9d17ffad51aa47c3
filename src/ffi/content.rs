//! Content: what people write to HTML, and the HTML of strangers made harmless.

use serde_json::{Value, json};

use super::bytes::{Out, bytes, fedigraft_buf, handle, text};
use super::error::fedigraft_error;
use super::guard::guard;
use super::instance::fedigraft_instance;
use super::status::fedigraft_status;
use crate::Result;
use crate::content::{self, Linker, MentionLink, Rendered};
use crate::error::invalid;
use crate::http::shape;
use crate::instance::Instance;
use crate::model::{Content, Format};

/// Reduces the HTML of a stranger to an allow list, so that it can stand in a page. HTML beyond the bounds
/// (100 KB, depth 100, 5,000 elements) becomes plain text.
/// On OK: `out` holds the HTML; free it with fedigraft_buf_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_html_sanitise(
    html: *const u8,
    html_len: usize,
    out: *mut fedigraft_buf,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    // SAFETY: the caller keeps the conventions at the top of the header; so in every function below.
    unsafe {
        guard(error, || {
            let out = Out::buf("out", out)?;
            let html = text("html", html, html_len)?;
            out.put(content::sanitise::html(html).into_bytes());
            Ok(())
        })
    }
}

/// Turns HTML into readable plain text, for notifications and search.
/// On OK: `out` holds the text; free it with fedigraft_buf_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_html_to_text(
    html: *const u8,
    html_len: usize,
    out: *mut fedigraft_buf,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    unsafe {
        guard(error, || {
            let out = Out::buf("out", out)?;
            let html = text("html", html, html_len)?;
            out.put(content::plain::from_html(html).into_bytes());
            Ok(())
        })
    }
}

/// Turns what a local user wrote into the HTML other servers get, to show or to preview it: links and hashtags
/// are linked, mentions are found but not linked, as that needs a look-up. `content` is JSON {"format":
/// "plain"|"markdown"|"html","text"}.
/// On OK: `out` holds JSON {"html","mentions":[{"user","domain"}],"hashtags":[...],"links":[...]}; free it with
/// fedigraft_buf_free().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fedigraft_content_to_html(
    instance: *const fedigraft_instance,
    content: *const u8,
    content_len: usize,
    out: *mut fedigraft_buf,
    error: *mut *mut fedigraft_error,
) -> fedigraft_status {
    unsafe {
        guard(error, || {
            let out = Out::buf("out", out)?;
            let instance = handle("instance", instance)?;
            let content = bytes("content", content, content_len)?;
            out.put(super::to_json(&render(&instance.0, content)?)?);
            Ok(())
        })
    }
}

fn render(instance: &Instance, content: &[u8]) -> Result<Value> {
    let content: Content = serde_json::from_slice(content).map_err(|e| {
        invalid("bad_content", format!("expected {{\"format\",\"text\"}}: {}", shape(&e))).at("content")
    })?;
    let links = Hashtags(instance);
    let rendered = match content.format {
        Format::Plain => content::text::to_html(&content.text, &links),
        Format::Markdown => content::markdown::to_html(&content.text, &links),
        Format::Html => content::html::to_html(&content.text, &links),
    };
    let Rendered { html, mentions, hashtags, links } = rendered;
    let mentions: Vec<Value> =
        mentions.iter().map(|mention| json!({ "user": mention.user, "domain": mention.domain })).collect();
    let hashtags: Vec<&str> = hashtags.iter().map(|hashtag| hashtag.name.as_str()).collect();
    Ok(json!({ "html": html, "mentions": mentions, "hashtags": hashtags, "links": links }))
}

/// Links hashtags to the instance's own pages.
struct Hashtags<'i>(&'i Instance);

impl Linker for Hashtags<'_> {
    fn mention(&self, _user: &str, _domain: Option<&str>) -> Option<MentionLink> {
        None
    }

    fn hashtag(&self, tag: &str) -> Option<String> {
        Some(self.0.tag_page(tag))
    }
}
