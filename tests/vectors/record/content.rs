//! Text and HTML.

use serde_json::{Value, json};

use super::Recorder;

pub fn record(r: &mut Recorder) {
    let long_tag = format!("<b title=\"{}\">x</b> ", "y".repeat(480));
    let mut html = |name: &str, note: &str, html: Value| {
        r.call(&format!("sanitise-{name}"), note, "html_sanitise", json!({"html": html}));
    };
    html("nothing", "", json!(""));
    html("a-paragraph", "", json!("<p>Hello <em>world</em> &amp; all</p>"));
    html("a-script", "", json!("<p>a</p><script>alert(1)</script><style>p{}</style><p>b</p>"));
    html(
        "handlers-and-schemes",
        "",
        json!(
            "<a href=\"javascript:alert(1)\" onclick=\"x()\">a</a><a href=\"https://b.example/\" style=\"x\">b</a><img src=x onerror=alert(1)>"
        ),
    );
    html(
        "a-mention",
        "Classes of mentions and hashtags stay.",
        json!("<a href=\"https://a.example/@b\" class=\"u-url mention evil\">@b</a>"),
    );
    html("what-is-never-closed", "", json!("<p><b>a<p><i>b<table><tr><td>c"));
    html(
        "more-than-100-kb",
        "Beyond the bounds it becomes plain text.",
        json!({"repeat": long_tag, "times": 220}),
    );
    html(
        "depth-beyond-100",
        "Beyond the bounds it becomes plain text.",
        json!({"repeat": "<blockquote>a", "times": 101}),
    );
    html("bytes-that-are-no-text", "", json!({"base64": "PHA+/zwvcD4="}));

    let mut text = |name: &str, note: &str, html: Value| {
        r.call(&format!("text-{name}"), note, "html_to_text", json!({"html": html}));
    };
    text("of-nothing", "", json!(""));
    text("of-paragraphs", "", json!("<p>Hello &amp; <b>welcome</b></p><p>one<br>two</p>"));
    text("of-a-list-and-a-quote", "", json!("<ul><li>a</li><li>b</li></ul><blockquote>c</blockquote>"));
    text(
        "of-an-invisible-link",
        "Mastodon hides parts of long links.",
        json!(
            "<a href=\"https://a.example/long\"><span class=\"invisible\">https://</span><span class=\"ellipsis\">a.example/lo</span><span class=\"invisible\">ng</span></a>"
        ),
    );
    text("of-a-script", "", json!("a<script>b</script>c"));

    let mut content = |name: &str, note: &str, content: Value| {
        r.call(
            &format!("content-{name}"),
            note,
            "content_to_html",
            json!({"instance": "chirp", "content": content}),
        );
    };
    content(
        "plain",
        "Mentions are found, not linked: that needs a look-up.",
        json!({"json": {
            "format": "plain", "text": "Hi @bob@peer.example & @ann, see https://example.com/a_(b)?c=1&d=2. #Fediverse #2027\n\n<b>not bold</b>",
        }}),
    );
    content(
        "markdown",
        "",
        json!({"json": {
            "format": "markdown", "text": "**bold** _it_ `code` [link](https://example.com/)\n\n- a\n- b\n\n<script>x</script>\n\n#tag",
        }}),
    );
    content(
        "html",
        "What a local user writes is sanitised too.",
        json!({"json": {
            "format": "html", "text": "<p onclick=x>a <b>b</b> https://example.com/</p>",
        }}),
    );
    content("empty", "", json!({"json": {"format": "plain", "text": ""}}));
    content("of-an-unknown-format", "", json!({"json": {"format": "bbcode", "text": "x"}}));
    content("without-text", "", json!({"json": {"format": "plain"}}));
    content("with-an-unknown-member", "", json!({"json": {"format": "plain", "text": "x", "txet": "y"}}));
}
