//! The sanitiser: against what a real Mastodon 4.6.5 answers, against its own promise, and on what is meant
//! to break it.

use super::{dom, oracle};
use dom::Kind;
use fedigraft::content::sanitise::{self, MAX_BYTES, MAX_DEPTH, MAX_ELEMENTS};
use html5ever::ns;
use proptest::prelude::*;

/// Where we mean to differ. Everything else must agree.
fn reason(input: &str) -> Option<&'static str> {
    let depth = input.matches("<b>").count().max(input.matches("<div>").count());
    if depth > MAX_DEPTH {
        // Mastodon keeps 400 levels and shows nothing beyond; we keep the text.
        Some("nested deeper than our bound")
    } else if input.contains("href=\"  https") {
        // Mastodon writes the blanks as `%20%20https://…`, a relative address that leads nowhere, and would
        // drop it when asked again.
        Some("white space around an address")
    } else {
        None
    }
}

#[test]
fn agrees_with_mastodon() {
    let Some(cases) = oracle("sanitize.jsonl") else { return };
    let (mut same, mut meant) = (0, 0);
    for case in &cases {
        let (input, wanted) = (case["in"].as_str().unwrap(), case["out"].as_str().unwrap());
        let ours = sanitise::html(input);
        if dom::normal(&ours) == dom::normal(wanted) {
            same += 1;
        } else if let Some(reason) = reason(input) {
            println!("{}: {reason}", case["from"]);
            meant += 1;
        } else {
            panic!("{}\n  in     {input:?}\n  ours   {ours:?}\n  theirs {wanted:?}", case["from"]);
        }
    }
    let percent = 100.0 * f64::from(same) / cases.len() as f64;
    println!("sanitise: {same} of {} agree, {percent:.2} %; {meant} differ on purpose", cases.len());
    assert!(percent >= 98.5, "{percent:.2} %");
}

/// Every element and attribute of the result, as an independent parser sees them.
pub fn assert_allowed(html: &str) {
    for node in dom::elements(&dom::parse(html)) {
        let Kind::Element(name, attributes) = &node.kind else { continue };
        let element = &*name.local;
        assert_eq!(name.ns, ns!(html), "{html:?}");
        let allowed: &[&str] = match element {
            "a" => &["href", "class", "translate", "lang", "rel", "target"],
            "span" => &["class", "translate", "lang"],
            "p" => &["class", "lang"],
            "ol" => &["start", "reversed", "lang"],
            "li" => &["value", "lang"],
            "br" | "del" | "s" | "pre" | "blockquote" | "code" | "b" | "strong" | "u" | "i" | "em" | "ul"
            | "ruby" | "rt" | "rp" => &["lang"],
            _ => panic!("<{element}> in {html:?}"),
        };
        for attribute in attributes {
            let (key, value) = (&*attribute.name.local, &*attribute.value);
            assert!(allowed.contains(&key), "{key} in {html:?}");
            match key {
                "href" => {
                    let scheme = value.split(':').next().unwrap().to_ascii_lowercase();
                    let schemes = "http https dat dweb ipfs ipns ssb gopher xmpp magnet gemini";
                    assert!(
                        value.contains(':') && schemes.split(' ').any(|s| s == scheme),
                        "{value:?} in {html:?}"
                    );
                }
                "class" => value.split(' ').filter(|class| !class.is_empty()).for_each(|class| {
                    let known =
                        ["mention", "hashtag", "ellipsis", "invisible", "quote-inline"].contains(&class);
                    let format =
                        ["h-", "p-", "u-", "dt-", "e-"].iter().any(|prefix| class.starts_with(prefix));
                    assert!(known || format, "{class:?} in {html:?}");
                }),
                "translate" => assert_eq!(value, "no", "{html:?}"),
                "rel" => assert_eq!(value, "nofollow noopener", "{html:?}"),
                "target" => assert_eq!(value, "_blank", "{html:?}"),
                _ => {}
            }
        }
        if element == "a" {
            for key in ["href", "rel", "target"] {
                assert!(attributes.iter().any(|a| &*a.name.local == key), "no {key} in {html:?}");
            }
        }
    }
}

fn hostile_text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "<",
        ">",
        "</",
        "/>",
        "/",
        "=",
        "\"",
        "'",
        "`",
        " ",
        "\t",
        "\n",
        "\0",
        "!",
        "--",
        "<!--",
        "-->",
        "&",
        ";",
        "&#",
        "x",
        "<p lang='",
        "<a href=\"",
        "<a href=",
        "javascript:",
        "java\tscript:",
        "&#106;avascript:",
        "https://e.com/",
        "onclick=x",
        "style=x",
        "<script>",
        "</script>",
        "<style>",
        "</style>",
        "<svg>",
        "<math>",
        "<mtext>",
        "<mglyph>",
        "<annotation-xml encoding=",
        "text/html",
        "<foreignObject>",
        "<title>",
        "</title>",
        "<textarea>",
        "<noscript>",
        "<template>",
        "<iframe srcdoc=",
        "<img src=x onerror=alert(1)>",
        "<p class=\"mention x",
        "<span translate=",
        "no",
        "<table>",
        "<td>",
        "</table>",
        "<select>",
        "<b>",
        "</b>",
        "<a>",
        "</a>",
        "<p>",
        "</p>",
        "<form>",
        "<base href=",
        "<plaintext>",
        "<xmp>",
        "]]>",
        "<![CDATA[",
        "é",
        "<h1>",
        "<div>",
        "<pre>",
        "<li>",
        "<object>",
        "\u{2028}",
        "\u{feff}",
    ]);
    prop::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn nothing_outside_the_list_survives(input in hostile_text()) {
        let once = sanitise::html(&input);
        assert_allowed(&once);
        prop_assert_eq!(&sanitise::html(&once), &once);
    }

    #[test]
    fn any_text_is_accepted(input in "\\PC*") {
        assert_allowed(&sanitise::html(&input));
    }
}

/// Everything but the markup, in order.
fn text_of(html: &str) -> String {
    html.split('<')
        .flat_map(|part| part.split_once('>').map_or(part, |(_, text)| text).split_whitespace())
        .collect()
}

#[test]
fn over_a_bound_the_text_stays() {
    let deep =
        |levels: usize| format!("{}<b>core</b> &amp; all{}", "<div>".repeat(levels), "</div>".repeat(levels));
    assert!(sanitise::html(&deep(MAX_DEPTH - 1)).contains("<b>core</b>"));
    assert_eq!(sanitise::html(&deep(MAX_DEPTH)), "<p>core &amp; all</p>");
    assert_eq!(sanitise::html(&deep(80_000)), "<p>core &amp; all</p>");

    let bold = |levels: usize| format!("{}x{}", "<b>".repeat(levels), "</b>".repeat(levels));
    assert_eq!(sanitise::html(&bold(MAX_DEPTH)), bold(MAX_DEPTH));
    assert_eq!(sanitise::html(&bold(MAX_DEPTH + 1)), "<p>x</p>");

    let dropped = |elements: usize| "<font>x</font>".repeat(elements);
    assert!(sanitise::html(&dropped(MAX_ELEMENTS)) == "x".repeat(MAX_ELEMENTS));
    assert!(sanitise::html(&dropped(MAX_ELEMENTS + 1)) == format!("<p>{}</p>", "x".repeat(MAX_ELEMENTS + 1)));

    let many = |elements: usize| "<i>x</i>".repeat(elements);
    assert!(sanitise::html(&many(MAX_ELEMENTS)) == many(MAX_ELEMENTS));
    assert!(sanitise::html(&many(MAX_ELEMENTS + 1)) == format!("<p>{}</p>", "x".repeat(MAX_ELEMENTS + 1)));

    let long = |bytes: usize| format!("<b>{}</b>", "x".repeat(bytes - 7));
    assert!(sanitise::html(&long(MAX_BYTES)) == long(MAX_BYTES));
    assert!(sanitise::html(&long(MAX_BYTES + 1)) == format!("<p>{}</p>", "x".repeat(MAX_BYTES + 1 - 7)));
}

#[test]
fn what_is_too_much_is_still_safe_and_final() {
    let fill = |unit: &str| unit.repeat(1_048_576 / unit.len());
    let numbered =
        |unit: &str, n: usize| (0..n).map(|i| unit.replace('#', &i.to_string())).collect::<String>();
    for input in [
        fill("<div>"),
        fill("<a href=https://e.com><div>"),
        numbered("<b c#>", 60_000) + &fill("<p>"),
        numbered("<b lang=#>", 90) + &"<p>".repeat(20_000),
        format!("<p {}>x", numbered("a# ", 100_000)),
        fill("&lt;script&gt;"),
        fill("<script>alert(1)</script>x "),
        fill("a\n\nb<br><br><br>c <p> <pre>  d\n\n\n  e</pre>"),
        fill("<"),
        fill("&"),
        fill("<!--"),
        "<a href='https://e.com/'>x</a>".repeat(3_000),
        "&\"<>".repeat(25_000),
        "<h1>".repeat(70),
    ] {
        let once = sanitise::html(&input);
        assert!(!once.contains("<script"));
        assert!(sanitise::html(&once) == once, "{once:.200}");
        assert_allowed(
            once.get(..once.len().min(20_000)).unwrap_or_default().rsplit_once("</").map_or("", |p| p.0),
        );
    }
}

#[test]
fn values_cannot_leave_their_quotes() {
    for (input, wanted) in [
        ("<p lang='\"onclick=\"x'>a", "<p lang=\"&quot;onclick=&quot;x\">a</p>"),
        ("<p lang='\"><script>x'>a", "<p lang=\"&quot;&gt;&lt;script&gt;x\">a</p>"),
        ("<p class='h-\"onclick=\"x'>a", "<p class=\"h-&quot;onclick=&quot;x\">a</p>"),
        ("<font><ol start='\"onclick=\"x'>a", "<ol start=\"&quot;onclick=&quot;x\">a</ol>"),
    ] {
        assert_eq!(sanitise::html(input), wanted, "{input:?}");
    }
    let link = sanitise::html("<a href='https://e.com/\"onclick=\"x'>a</a>");
    assert!(link.starts_with("<a href=\"https://e.com/%22onclick=%22x\" rel="), "{link}");
}

#[test]
fn the_text_of_real_notes_stays() {
    let note = "<p>Hi <span class=\"h-card\"><a href=\"https://e.com/@a\" class=\"u-url mention x\">@<span>a</span></a></span>&nbsp;!<br/>";
    let ours = sanitise::html(note);
    assert_eq!(
        ours,
        "<p>Hi <span class=\"h-card\"><a href=\"https://e.com/@a\" class=\"u-url mention\" rel=\"nofollow noopener\" \
         target=\"_blank\">@<span>a</span></a></span>&nbsp;!<br></p>"
    );
    assert_eq!(text_of(note), text_of(&ours));
}
