//! Plain text to HTML, exactly once: paragraphs, line breaks, links, mentions and hashtags, written as
//! Mastodon 4.6 writes a local post (`app/lib/text_formatter.rb`).

use std::collections::HashSet;

use super::entities::{self, Entity};
use super::markup::Markup;
use super::{Linker, Rendered, references};

/// Renders plain text.
///
/// White space at the ends is dropped, a blank line ends a paragraph, every other line feed becomes
/// `<br />`. All text is escaped. Blank text renders to nothing.
pub fn to_html(text: &str, linker: &dyn Linker) -> Rendered {
    let text = references::clean(text);
    let text = text.trim();
    let mut markup = Markup::new(linker);
    if !text.is_empty() {
        markup.look_up(text, None);
        markup.html.push_str("<p>");
        markup.linked(text, None, lines);
        markup.html.push_str("</p>");
    }
    markup.finish()
}

/// The mentions in a plain text as `(user, domain)`, as written and without repeats, so that the caller can
/// look them up before rendering.
pub fn mentions(text: &str) -> Vec<(String, Option<String>)> {
    let mut mentions = Mentions::default();
    mentions.add(&references::clean(text), None);
    mentions.list
}

/// Mentions as they are found, each once.
#[derive(Default)]
pub(super) struct Mentions {
    pub(super) list: Vec<(String, Option<String>)>,
    seen: HashSet<(String, Option<String>)>,
}

impl Mentions {
    pub(super) fn add(&mut self, text: &str, before: Option<char>) {
        for found in entities::find(text, before) {
            let Entity::Mention { user, domain } = found.entity else { continue };
            if self.seen.insert((user.to_lowercase(), domain.map(str::to_lowercase))) {
                self.list.push((user.to_owned(), domain.map(str::to_owned)));
            }
        }
    }
}

/// Escapes text and turns its line feeds into markup. What is found in text never holds a line feed, so
/// runs of them are never cut.
fn lines(markup: &mut Markup<'_>, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find('\n') {
        let (line, after) = rest.split_at_checked(at).unwrap_or((rest, ""));
        markup.escape(line);
        rest = after.trim_start_matches('\n');
        markup.html.push_str(if after.len() - rest.len() > 1 { "</p><p>" } else { "<br />" });
    }
    markup.escape(rest);
}
