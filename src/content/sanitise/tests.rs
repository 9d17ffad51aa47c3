//! The two ways to the same HTML must agree, and work must stay within its bounds.

use proptest::prelude::*;

use super::{MAX_BYTES, MAX_STEPS, build, html, nested, rebuilt};
use crate::content::references;

/// Steps one token can take over the bound before it is noticed: each open or remembered element asked a
/// few times.
const SLACK: usize = 100_000;

fn steps(input: &str) -> usize {
    match build::fragment(input) {
        Ok(built) => built.steps,
        Err(steps) => steps,
    }
}

/// Input made to cost more than its length, cut to what reaches the tree builder.
fn hostile() -> Vec<(&'static str, String)> {
    let fill = |unit: &str| unit.repeat(MAX_BYTES / unit.len());
    let numbered =
        |unit: &str, n: usize| (0..n).map(|i| unit.replace('#', &i.to_string())).collect::<String>();
    vec![
        ("nested div", fill("<div>")),
        ("a and div", fill("<a><div>")),
        ("formatting, then paragraphs", numbered("<b c#>", 99) + &"<p>".repeat(4_000)),
        ("formatting with values, then text", numbered("<font size=#>", 99) + &"<p>x".repeat(4_000)),
        ("end tags below many open elements", "<b>".repeat(99) + &fill("</p>").split_off(2_000)),
        ("unknown end tags", "<b>".repeat(99) + &fill("</x>").split_off(2_000)),
        ("misnested end tags", numbered("<b c#><i c#>", 40) + &"</b></i><p>".repeat(4_000)),
        ("tables", fill("<table><tr><td>")),
        ("text in tables", "<table>".to_owned() + &fill("x<b>")),
        ("options", fill("<select><option>")),
        ("templates", fill("<template>")),
        ("foreign", fill("<svg><p>")),
        ("anchors", fill("<a href=x><table>")),
        ("buttons", fill("<button><b>")),
        ("attributes", format!("<p {}>", numbered("a# ", 15_000))),
        ("references", fill("&notit;")),
        ("items", fill("<li><b>")),
        ("rubies", fill("<ruby><rt>")),
        ("frames", fill("<frameset></html>")),
        ("forms", fill("<form><b></form>")),
        ("headings", fill("<h1><b>")),
        ("nobr", fill("<nobr><p>")),
    ]
}

#[test]
fn work_is_bounded() {
    for (name, input) in hostile() {
        assert!(input.len() <= MAX_BYTES + 1_000, "{name}");
        let steps = steps(&input);
        assert!(steps <= MAX_STEPS + SLACK, "{name}: {steps} steps");
        let _ = html(&input);
    }
}

#[test]
fn usual_input_is_far_from_the_bound() {
    let note = "<div><p>Hello <a href='https://e.example/'>all</a><br>of you</p></div>";
    let steps = steps(note);
    assert!(steps < 200, "{steps}");
}

/// Elements, text and mistakes in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "<p>",
        "</p>",
        "<b>",
        "</b>",
        "<i lang=x>",
        "</i>",
        "<a href='https://e.com/?a=1&b=2'>",
        "<a href=/>",
        "</a>",
        "<span class='mention x h-card'>",
        "</span>",
        "<ul>",
        "</ul>",
        "<ol start=3>",
        "</ol>",
        "<li value=2>",
        "</li>",
        "<pre>",
        "</pre>",
        "\n",
        "\n\n",
        " ",
        "<blockquote>",
        "</blockquote>",
        "<br>",
        "<br/>",
        "</br>",
        "<ruby>",
        "</ruby>",
        "<rt>",
        "</rt>",
        "<rp>",
        "<code>",
        "</code>",
        "<h1>",
        "</h1>",
        "<h2 class=a lang=b>",
        "<div>",
        "</div>",
        "<table>",
        "<tr>",
        "<td>",
        "</table>",
        "<svg>",
        "</svg>",
        "<math>",
        "<semantics>",
        "<annotation encoding='application/x-tex'>",
        "<script>",
        "</script>",
        "<style>",
        "<template>",
        "<button>",
        "<object>",
        "</object>",
        "<select>",
        "<option>",
        "<form>",
        "<font color=x>",
        "<![CDATA[",
        "]]>",
        "<!--",
        "-->",
        "x",
        "é",
        "\u{feff}",
        "\u{1}",
        "\r",
        "\r\n",
        "&",
        "&lt",
        "&amp;",
        "&#10;",
        "&#1;",
        "&#xfeff;",
        "&nbsp;",
        "<",
        ">",
        "\"",
        "'",
        "javascript:",
        "<a href='javascript:x'>",
        "<hr>",
        "<a href=' https://e.com '>",
        "<a class='' href=\"https://e.com/ \">",
        "<p translate=no class>",
        "<span translate=no>",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Allowed elements, well nested though not always where HTML lets them be.
fn nested_pieces() -> impl Strategy<Value = String> {
    let text = prop::sample::select(vec!["", "x", " y ", "\n", "&amp;", "<br>", "\u{a0}", "&quot;&notin;"]);
    let name = prop::sample::select(vec![
        "p",
        "b",
        "i",
        "span",
        "ul",
        "ol",
        "li",
        "pre",
        "blockquote",
        "code",
        "del",
        "ruby",
        "rt",
        "rp",
        "strong",
        "em",
        "u",
        "s",
        "a href=\"https://e.com/?a&amp;b\"",
        "a class=mention href='http://e.com'",
        "p class='h-card x'",
    ]);
    text.prop_map(str::to_owned).prop_recursive(6, 40, 4, move |inner| {
        (name.clone(), prop::collection::vec(inner, 0..4)).prop_map(|(tag, children)| {
            let name = tag.split(' ').next().unwrap_or_default();
            format!("<{tag}>{}</{name}>", children.concat())
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    /// What is written without a tree is what the tree would have given.
    #[test]
    fn both_ways_agree(input in pieces()) {
        let input = references::clean(&input);
        if let Some(short) = nested::write(&input) {
            prop_assert_eq!(Some(short.clone()), rebuilt(&input));
            prop_assert_eq!(nested::write(&short), Some(short));
        }
    }

    #[test]
    fn both_ways_agree_on_what_is_nested(input in nested_pieces()) {
        if let Some(short) = nested::write(&input) {
            prop_assert_eq!(Some(short.clone()), rebuilt(&input));
            prop_assert_eq!(nested::write(&short), Some(short));
        }
        let once = html(&input);
        prop_assert_eq!(&html(&once), &once);
    }

    #[test]
    fn is_a_fixed_point(input in pieces()) {
        let once = html(&input);
        prop_assert_eq!(&html(&once), &once);
    }
}
