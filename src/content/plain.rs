//! HTML to readable plain text: for search, previews, and content over the sanitiser's bounds.

use super::references;
use super::tokens::{Raw, Token, Tokens};

/// Turns HTML into text, in one linear pass.
///
/// Paragraphs are set apart by a blank line, other blocks and `br` by a line feed; list items begin with
/// `- `; links keep their text, so that a shortened address (`invisible` and `ellipsis` spans) reads in full.
/// White space is collapsed as browsers do, except in `pre`. Scripts and styles leave nothing. Text without
/// any tag keeps its line feeds: servers that send plain text in `content` mean them.
pub fn from_html(html: &str) -> String {
    read(&references::clean(html), true)
}

/// The same with spaces collapsed in `pre` too: the form that survives being written as paragraphs and read
/// again. `html` is clean already.
pub(super) fn condensed(html: &str) -> String {
    read(html, false)
}

fn read(html: &str, keep_indent: bool) -> String {
    let mut text = Text { keep_indent, ..Text::default() };
    let markup = Tokens::new(html).any(|token| matches!(token, Token::Start(_) | Token::End(_)));
    if !markup {
        text.keep_indent = false;
        Tokens::new(html).for_each(|token| {
            if let Token::Text(raw) = token {
                text.lines(&references::text(raw));
            }
        });
        return text.out;
    }
    let mut pre = 0_usize;
    let mut tokens = Tokens::new(html);
    while let Some(token) = tokens.next() {
        match token {
            Token::Text(raw) if pre > 0 => text.lines(&references::text(raw)),
            Token::Text(raw) => text.words(&references::text(raw)),
            // Scripts, styles and other raw text.
            Token::Literal(_) => {}
            Token::Start(tag) => match effect(tag.name) {
                Effect::Raw(raw) => tokens.enter(raw),
                Effect::Pre => {
                    text.line_feeds(2);
                    pre += 1;
                }
                Effect::Item => {
                    text.line_feeds(1);
                    text.item = true;
                }
                effect => text.separate(&effect),
            },
            Token::End(tag) => match effect(tag.name) {
                Effect::Pre => {
                    text.line_feeds(2);
                    pre = pre.saturating_sub(1);
                }
                Effect::Break => {}
                Effect::Item => {
                    text.line_feeds(1);
                    text.item = false;
                }
                effect => text.separate(&effect),
            },
        }
    }
    text.out
}

/// What a tag does to the text around it.
enum Effect {
    Nothing,
    Raw(Raw),
    Pre,
    Item,
    Break,
    Space,
    Block,
    Paragraph,
}

fn effect(name: &str) -> Effect {
    let mut lower = [0; 10];
    let Some(lower) = lower.get_mut(..name.len()) else { return Effect::Nothing };
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    match &*lower {
        b"p" | b"blockquote" | b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" | b"table" | b"hr" => {
            Effect::Paragraph
        }
        b"div" | b"ul" | b"ol" | b"dl" | b"dt" | b"dd" | b"tr" | b"section" | b"article" | b"aside"
        | b"header" | b"footer" | b"nav" | b"main" | b"figure" | b"figcaption" | b"address" | b"details"
        | b"summary" => Effect::Block,
        b"br" => Effect::Break,
        b"td" | b"th" => Effect::Space,
        b"li" => Effect::Item,
        b"pre" => Effect::Pre,
        b"script" => Effect::Raw(Raw::Script),
        b"style" | b"iframe" | b"noembed" | b"noframes" | b"xmp" => Effect::Raw(Raw::Rawtext),
        b"textarea" | b"title" => Effect::Raw(Raw::Rcdata),
        b"plaintext" => Effect::Raw(Raw::Plaintext),
        _ => Effect::Nothing,
    }
}

/// Text as it grows: spaces and line feeds are held back until something follows them.
#[derive(Default)]
struct Text {
    out: String,
    line_feeds: usize,
    space: bool,
    item: bool,
    keep_indent: bool,
}

impl Text {
    /// At least `n` line feeds before what follows.
    fn line_feeds(&mut self, n: usize) {
        self.line_feeds = self.line_feeds.max(n);
        self.space = false;
    }

    fn separate(&mut self, effect: &Effect) {
        match effect {
            Effect::Break => self.line_feeds((self.line_feeds + 1).min(2)),
            Effect::Space => self.space = true,
            Effect::Block => self.line_feeds(1),
            Effect::Paragraph => self.line_feeds(2),
            _ => {}
        }
    }

    /// Writes what was held back, then `word`.
    fn push(&mut self, word: &str) {
        if !self.out.is_empty() {
            match self.line_feeds {
                0 if self.space => self.out.push(' '),
                0 => {}
                1 => self.out.push('\n'),
                _ => self.out.push_str("\n\n"),
            }
        }
        if std::mem::take(&mut self.item) {
            self.out.push_str("- ");
        }
        self.out.push_str(word);
        (self.line_feeds, self.space) = (0, false);
    }

    /// Text whose white space is collapsed.
    fn words(&mut self, text: &str) {
        self.space |= text.starts_with(|c: char| c.is_ascii_whitespace());
        for word in text.split_ascii_whitespace() {
            self.push(word);
            self.space = true;
        }
        if !text.ends_with(|c: char| c.is_ascii_whitespace()) {
            self.space = self.space && text.is_empty();
        }
    }

    /// Text whose line feeds count.
    fn lines(&mut self, text: &str) {
        for (at, line) in text.split('\n').enumerate() {
            if at > 0 {
                self.separate(&Effect::Break);
            }
            if !self.keep_indent {
                self.words(line);
            } else if line.bytes().all(|c| c.is_ascii_whitespace()) {
                self.space |= !line.is_empty();
            } else {
                let end = line.trim_end();
                self.push(end);
                self.space = end.len() < line.len();
            }
        }
    }
}
