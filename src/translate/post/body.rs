//! The text of a local post as HTML, with what stands below and before it.

use crate::content::{self, Rendered};
use crate::error::{Result, invalid};
use crate::instance::Instance;
use crate::model::{Content, Format, Kind, Link, Post};
use crate::translate::mention::Links;
use crate::translate::{absolute, one_line};

/// The title and the text of a post in its normal form.
pub(super) struct Body {
    pub(super) title: Option<String>,
    pub(super) rendered: Rendered,
}

/// Renders the text once, puts missing links below it, and makes the title of a note without text its text:
/// a note with a `name` and no `content` is a vote to every server.
pub(super) fn render(instance: &Instance, post: &Post, links: &Links<'_>) -> Result<Body> {
    let mut title = post.title.as_deref().map(one_line).filter(|title| !title.is_empty());
    let mut rendered = html(&post.content, links);
    for (index, link) in post.links.iter().enumerate() {
        let url = absolute(instance, &link.url, || format!("/links/{index}/url"))?;
        if !rendered.links.contains(&url) && !rendered.html.contains(&escape(&url)) {
            rendered.html.push_str(&paragraph(&url, link));
        }
    }
    if rendered.html.trim().is_empty() && post.kind == Kind::Note {
        if let Some(title) = title.take() {
            rendered = content::text::to_html(&title, links);
        }
    }
    if rendered.html.len() > content::MAX_BYTES {
        return Err(invalid("too_long", "a text may have at most 1 MiB of HTML").at("/content/text"));
    }
    Ok(Body { title, rendered })
}

/// Content of any format as HTML within the allow list.
pub(crate) fn html(content: &Content, links: &Links<'_>) -> Rendered {
    match content.format {
        Format::Plain if content.text.trim().is_empty() => Rendered::default(),
        Format::Plain => content::text::to_html(&content.text, links),
        Format::Markdown => content::markdown::to_html(&content.text, links),
        Format::Html => content::html::to_html(&content.text, links),
    }
}

/// The fallback of a quote for servers that know no quotes; Mastodon 4.5 writes it before the text and hides
/// it again by its class (FEP-044f).
pub(super) fn quote_line(uri: &str) -> String {
    let uri = escape(uri);
    format!(r#"<p class="quote-inline">RE: <a href="{uri}">{uri}</a></p>"#)
}

/// Sanitised HTML without the fallback of a quote before it.
pub(super) fn without_quote_line(html: &str) -> &str {
    let line = r#"<p class="quote-inline">"#;
    match html.strip_prefix(line).and_then(|rest| rest.split_once("</p>")) {
        Some((_, text)) => text,
        None => html,
    }
}

fn paragraph(url: &str, link: &Link) -> String {
    let title = link.title.as_deref().map(one_line).filter(|title| !title.is_empty());
    let text = title.unwrap_or_else(|| url.to_owned());
    content::sanitise::html(&format!(r#"<p><a href="{}">{}</a></p>"#, escape(url), escape(&text)))
}

/// Text as HTML text or attribute value.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
