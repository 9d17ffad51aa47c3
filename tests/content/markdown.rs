//! Markdown, HTML from the host, and plain text.

use super::text::Masto;
use fedigraft::content::{html, markdown, plain, sanitise};
use proptest::prelude::*;

const LINK: &str = "target=\"_blank\" rel=\"nofollow noopener\"";

fn shown(markdown: &str) -> String {
    markdown::to_html(markdown, &Masto).html
}

#[test]
fn writes_the_elements_every_server_shows() {
    for (input, wanted) in [
        ("a **b** *c* ~~d~~ `e<`", "<p>a <strong>b</strong> <em>c</em> <del>d</del> <code>e&lt;</code></p>"),
        ("# One\n\ntwo\nthree", "<p><strong>One</strong></p><p>two<br />three</p>"),
        ("> a\n> b", "<blockquote><p>a<br />b</p></blockquote>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("3. a\n4. b", "<ol start=\"3\"><li>a</li><li>b</li></ol>"),
        ("```rust\nlet a = \"<b>\";\n```", "<pre><code>let a = &quot;&lt;b&gt;&quot;;\n</code></pre>"),
        ("a\n\n---\n\nb", "<p>a</p><p>b</p>"),
        ("| a | b |\n|---|---|\n| c | d |", "<p>a | b<br />c | d</p>"),
        ("&amp; &lt;b&gt; \\*", "<p>&amp; &lt;b&gt; *</p>"),
        ("", ""),
    ] {
        assert_eq!(shown(input), wanted, "{input:?}");
    }
}

#[test]
fn links_only_what_may_be_linked() {
    assert_eq!(
        shown("[a](https://e.com/?a&b)"),
        format!("<p><a href=\"https://e.com/?a&amp;b\" {LINK}>a</a></p>")
    );
    assert_eq!(shown("[a](javascript:x) [b](/c)"), "<p>a b</p>");
    assert_eq!(
        shown("![a](https://e.com/i.png)"),
        format!("<p><a href=\"https://e.com/i.png\" {LINK}>a</a></p>")
    );
    assert_eq!(
        shown("![](https://e.com/i.png)"),
        format!("<p><a href=\"https://e.com/i.png\" {LINK}>https://e.com/i.png</a></p>")
    );
    assert_eq!(
        shown("[![a](https://e.com/i.png)](https://e.com/)"),
        format!("<p><a href=\"https://e.com/\" {LINK}>a</a></p>")
    );
}

#[test]
fn finds_mentions_in_text_but_not_in_code_and_links() {
    let markdown = "@mary `@mike` #tag [#no @mike](https://e.com/) **x**#no\n\n    #code @mike\n\n#two https://example.com/a_b_c";
    let rendered = markdown::to_html(markdown, &Masto);
    assert_eq!(rendered.mentions.iter().map(|m| &*m.user).collect::<Vec<_>>(), ["mary"]);
    assert_eq!(rendered.hashtags.iter().map(|h| &*h.name).collect::<Vec<_>>(), ["tag", "two"]);
    assert_eq!(rendered.links, ["https://e.com/", "https://example.com/a_b_c"]);
    assert!(
        rendered
            .html
            .contains("<span class=\"h-card\" translate=\"no\"><a href=\"https://masto.test/@mary\"")
    );
    assert_eq!(markdown::mentions(markdown), [("mary".to_owned(), None)]);
}

#[test]
fn raw_html_is_sanitised() {
    assert_eq!(shown("a <b>b</b> <script>alert(1)</script> <img src=x onerror=y>c"), "<p>a <b>b</b>  c</p>");
    assert_eq!(shown("<div onclick=x>\n\na\n\n</div>").trim(), "<p>a</p>");
    let rendered = markdown::to_html("<a href='https://e.com/'>#x https://f.com/</a> @mary", &Masto);
    assert_eq!(rendered.hashtags, []);
    assert!(rendered.html.contains("u-url mention"), "{}", rendered.html);
}

#[test]
fn too_much_markdown_is_plain_text() {
    let long = "*a* ".repeat(markdown::MAX_BYTES / 4);
    assert!(shown(&long).starts_with("<p><em>a</em> <em>"));
    assert!(shown(&format!("{long}b")).starts_with("<p>*a* *"));
    assert!(shown(&format!("{} a", ">".repeat(100))).contains("<blockquote>"));
    assert!(shown(&format!("{} a", ">".repeat(101))).starts_with("<p>&gt;&gt;"));
    assert_eq!(shown(&format!("a\n\n{}", "-".repeat(500))), "<p>a</p>");
    // Deeper than what is written, the text stays.
    let deep = shown(&format!("{} a", ">".repeat(100)));
    assert!(deep.matches("<blockquote>").count() < 100 && deep.contains('a'));
    assert_eq!(deep.matches('<').count(), 2 * deep.matches("</").count());
}

#[test]
fn reads_the_anchors_of_html() {
    let rendered = html::to_html(
        "<p onclick=x><a class='u-url mention' href='https://masto.test/@mary'>@<span>mary</span></a> \
         <a class='mention' href='https://e.com:8443/@bob'>@bob</a> <a class=mention href='https://e.com/'>@eve@f.com</a> \
         <a class='mention hashtag' href='https://e.com/tags/x'>#<span>Tag</span></a> <a href='https://e.com/'>e</a> #no</p>",
        &Masto,
    );
    let mentions: Vec<_> =
        rendered.mentions.iter().map(|m| (&*m.user, m.domain.as_deref(), m.link.is_some())).collect();
    assert_eq!(
        mentions,
        [
            ("mary", Some("masto.test"), true),
            ("bob", Some("e.com:8443"), false),
            ("eve", Some("f.com"), false)
        ]
    );
    assert_eq!(rendered.hashtags.len(), 1);
    assert_eq!(rendered.hashtags[0].name, "Tag");
    assert_eq!(rendered.hashtags[0].href.as_deref(), Some("https://e.com/tags/x"));
    assert_eq!(rendered.links, ["https://e.com/"]);
    assert!(!rendered.html.contains("onclick"));
}

#[test]
fn reads_html_as_text() {
    for (input, wanted) in [
        ("<p>a</p><p>b<br>c</p>", "a\n\nb\nc"),
        ("<p>a  b\n c</p>", "a b c"),
        ("one\ntwo\n\n\n\nthree", "one\ntwo\n\nthree"),
        ("1 < 2 &amp; 3\nx", "1 < 2 & 3\nx"),
        ("<ul><li>a</li><li>b <b>c</b></li></ul>d", "- a\n- b c\nd"),
        ("a<script>b</script><style>c</style><!-- d -->e", "ae"),
        ("<pre><code>if x:\n    y\n</code></pre>z", "if x:\n    y\n\nz"),
        ("<div>a</div><div>b</div>", "a\nb"),
        (
            "<p>see <a href=\"https://e.com/abc/d\"><span class=\"invisible\">https://</span><span class=\"ellipsis\">e.com/abc</span><span class=\"invisible\">/d</span></a>!</p>",
            "see https://e.com/abc/d!",
        ),
        ("<span class=\"h-card\"><a href=\"x\">@<span>bob</span></a></span> hi", "@bob hi"),
        ("", ""),
        (" <br> ", ""),
    ] {
        assert_eq!(plain::from_html(input), wanted, "{input:?}");
    }
}

proptest! {
    #[test]
    fn markdown_is_within_the_allow_list(input in "[-*_~`#>\\[\\]()!<>a-c@/:. \n|1&;\"']{0,60}") {
        let html = shown(&input);
        super::sanitise::assert_allowed(&sanitise::html(&html));
        // What is written needs no sanitising: it keeps all its elements and all its text.
        prop_assert_eq!(plain::from_html(&sanitise::html(&html)), plain::from_html(&html));
    }

    #[test]
    fn anything_is_read_as_text(input in "\\PC*") {
        let _ = (plain::from_html(&input), shown(&input), html::to_html(&input, &Masto));
    }
}
