//! Markdown to HTML: CommonMark 0.31 with strikethrough, reduced to the elements every server shows.
//!
//! Headings become bold paragraphs, pictures links with their description, tables lines of text; a line feed
//! inside a paragraph breaks the line, as GoToSocial and Pleroma do. Mentions, hashtags and bare addresses
//! are linked in text, not in code and links. Raw HTML goes through the sanitiser.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, TextMergeStream};

use super::markup::Markup;
use super::tokens::{Token, Tokens};
use super::{Linker, Rendered, references, sanitise, text};

/// Longest Markdown read as such, in bytes: as much as the [sanitiser](sanitise::MAX_BYTES) keeps. Servers
/// send Markdown too, and reading 1 MiB of `[` or `>` as Markdown takes a tenth of a second and more.
pub const MAX_BYTES: usize = 100 * 1024;
/// Most quotes and lists that may begin on one line.
const MAX_OPENED: usize = 100;
/// Deepest nesting written; what is deeper keeps its text.
const MAX_DEPTH: usize = 50;

/// Renders Markdown. Over [`MAX_BYTES`], or with 100 quotes and lists opened by one line, it is plain text.
///
/// When the Markdown holds raw HTML, the whole result passes the [sanitiser](sanitise::html) and its bounds
/// apply; links then carry the sanitiser's `rel`.
pub fn to_html(markdown: &str, linker: &dyn Linker) -> Rendered {
    if too_much(markdown) {
        return text::to_html(markdown, linker);
    }
    let source = references::clean(markdown);
    let mut markup = Markup::new(linker);
    for_each_text(&source, |text, before| markup.look_up(text, before));
    let mut writer =
        Writer { markup, open: Vec::new(), skipped: 0, place: Place::default(), cells: 0, picture: None };
    TextMergeStream::new(parser(&source)).for_each(|event| writer.event(event));
    let raw_html = writer.place.raw_html;
    let mut rendered = writer.markup.finish();
    if raw_html {
        rendered.html = sanitise::html(&rendered.html);
    }
    rendered
}

/// The mentions in Markdown as `(user, domain)`, as written and without repeats.
pub fn mentions(markdown: &str) -> Vec<(String, Option<String>)> {
    if too_much(markdown) {
        return text::mentions(markdown);
    }
    let mut found = text::Mentions::default();
    for_each_text(&references::clean(markdown), |text, before| found.add(text, before));
    found.list
}

fn too_much(markdown: &str) -> bool {
    let opened = |line: &str| {
        let markers = line.bytes().take_while(|c| b"> \t-+*".contains(c));
        markers.filter(|c| !matches!(c, b' ' | b'\t')).count()
    };
    // A line of dashes or stars is a rule, however long.
    let rule = |line: &str| line.bytes().all(|c| b" \t-*".contains(&c));
    markdown.len() > MAX_BYTES || markdown.lines().any(|line| opened(line) > MAX_OPENED && !rule(line))
}

fn parser(source: &str) -> Parser<'_> {
    Parser::new_ext(source, Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES)
}

/// Calls `with` for every piece of text in which mentions count, and the character shown before it.
fn for_each_text(source: &str, mut with: impl FnMut(&str, Option<char>)) {
    let mut place = Place::default();
    for event in TextMergeStream::new(parser(source)) {
        let before = place.before;
        if place.moves(&event)
            && let Event::Text(text) = &event
        {
            with(text, before);
        }
    }
}

/// Where in the document the reader is, as far as linking goes.
#[derive(Default)]
struct Place {
    /// Open links, pictures and code, in which nothing is linked.
    closed_to_links: usize,
    /// The last character shown in this block.
    before: Option<char>,
    raw_html: bool,
}

impl Place {
    /// Takes note of `event`; true when text here may be linked.
    fn moves(&mut self, event: &Event<'_>) -> bool {
        match event {
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_)) => {
                self.closed_to_links += 1;
            }
            Event::End(TagEnd::Link | TagEnd::Image | TagEnd::CodeBlock) => {
                self.closed_to_links = self.closed_to_links.saturating_sub(1);
            }
            Event::Start(Tag::Emphasis | Tag::Strong | Tag::Strikethrough)
            | Event::End(TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough) => {}
            Event::Text(text) => self.before = text.chars().next_back().or(self.before),
            Event::Code(_) => self.before = Some('`'),
            Event::Html(html) | Event::InlineHtml(html) => {
                self.raw_html = true;
                for token in Tokens::new(html) {
                    let closes = |name: &str| {
                        ["a", "code", "pre"].iter().any(|element| name.eq_ignore_ascii_case(element))
                    };
                    match token {
                        Token::Start(tag) if closes(tag.name) => self.closed_to_links += 1,
                        Token::End(tag) if closes(tag.name) => {
                            self.closed_to_links = self.closed_to_links.saturating_sub(1);
                        }
                        _ => {}
                    }
                }
            }
            _ => self.before = None,
        }
        self.closed_to_links == 0
    }
}

struct Writer<'l> {
    markup: Markup<'l>,
    /// The end tags owed, innermost last.
    open: Vec<&'static str>,
    /// Elements left out because they are nested too deep.
    skipped: usize,
    place: Place,
    /// Cells written in this table row.
    cells: usize,
    /// The picture being described: its address, and where its description begins.
    picture: Option<(String, usize)>,
}

impl Writer<'_> {
    fn event(&mut self, event: Event<'_>) {
        let before = self.place.before;
        let linking = self.place.moves(&event);
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(TagEnd::TableRow | TagEnd::TableHead) => {
                self.cells = 0;
                self.markup.html.push_str("<br />");
            }
            Event::End(TagEnd::TableCell | TagEnd::HtmlBlock) => {}
            Event::End(TagEnd::Table) => {
                let end = self.markup.html.trim_end_matches("<br />").len();
                self.markup.html.truncate(end);
                self.end();
            }
            Event::End(TagEnd::Image) => {
                // A picture without a description shows its address.
                if let Some((address, start)) = self.picture.take()
                    && self.markup.html.len() == start
                {
                    self.markup.escape(&address);
                }
                self.end();
            }
            Event::End(_) => self.end(),
            Event::Text(text) if linking => self.markup.linked(&text, before, Markup::escape),
            Event::Text(text) => self.markup.escape(&text),
            Event::Code(code) => {
                self.markup.html.push_str("<code>");
                self.markup.escape(&code);
                self.markup.html.push_str("</code>");
            }
            // Sanitised at the end, with everything else.
            Event::Html(html) | Event::InlineHtml(html) => self.markup.html.push_str(&html),
            Event::SoftBreak | Event::HardBreak => self.markup.html.push_str("<br />"),
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph | Tag::Table(_) => self.open("<p>", "</p>"),
            Tag::Heading { .. } => self.open("<p><strong>", "</strong></p>"),
            Tag::BlockQuote(_) => self.open("<blockquote>", "</blockquote>"),
            Tag::CodeBlock(_) => self.open("<pre><code>", "</code></pre>"),
            Tag::List(Some(start)) if start != 1 => self.open(&format!("<ol start=\"{start}\">"), "</ol>"),
            Tag::List(Some(_)) => self.open("<ol>", "</ol>"),
            Tag::List(None) => self.open("<ul>", "</ul>"),
            Tag::Item => self.open("<li>", "</li>"),
            Tag::Emphasis => self.open("<em>", "</em>"),
            Tag::Strong => self.open("<strong>", "</strong>"),
            Tag::Strikethrough => self.open("<del>", "</del>"),
            Tag::Link { dest_url, .. } => self.anchor(&dest_url),
            Tag::Image { dest_url, .. } => {
                self.anchor(&dest_url);
                self.picture = Some((dest_url.into_string(), self.markup.html.len()));
            }
            Tag::TableCell => {
                if self.cells > 0 {
                    self.markup.html.push_str(" | ");
                }
                self.cells += 1;
            }
            Tag::TableHead | Tag::TableRow | Tag::HtmlBlock => {}
            _ => self.open("", ""),
        }
    }

    /// Of a picture in a link, or a link in raw HTML, only the outer one can be a link.
    fn anchor(&mut self, href: &str) {
        let linked = self.place.closed_to_links == 1 && self.markup.anchor(href);
        self.open("", if linked { "</a>" } else { "" });
    }

    fn open(&mut self, start: &str, end: &'static str) {
        if self.open.len() < MAX_DEPTH || end == "</a>" {
            self.markup.html.push_str(start);
            self.open.push(end);
        } else {
            self.skipped += 1;
        }
    }

    fn end(&mut self) {
        if self.skipped > 0 {
            self.skipped -= 1;
        } else if let Some(end) = self.open.pop() {
            self.markup.html.push_str(end);
        }
    }
}
