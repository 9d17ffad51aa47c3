//! Plain text against what a real Mastodon 4.6.5 makes of it.

use super::{dom, oracle};
use fedigraft::content::{Linker, MentionLink, text};
use proptest::prelude::*;

/// The server of the recording: `masto.test` with the accounts mary and mike; and a mary elsewhere.
pub struct Masto;

impl Linker for Masto {
    fn mention(&self, user: &str, domain: Option<&str>) -> Option<MentionLink> {
        let user = user.to_lowercase();
        if domain == Some("other.test") {
            let acct = format!("{user}@other.test");
            return Some(MentionLink {
                href: acct.clone(),
                url: format!("https://other.test/@{user}"),
                acct,
            });
        }
        let here = domain.is_none_or(|domain| domain.eq_ignore_ascii_case("masto.test"));
        (here && ["mary", "mike"].contains(&&*user)).then(|| MentionLink {
            href: format!("https://masto.test/ap/users/{user}"),
            url: format!("https://masto.test/@{user}"),
            acct: user,
        })
    }

    fn hashtag(&self, tag: &str) -> Option<String> {
        let mut url = url::Url::parse("https://masto.test/tags/").unwrap();
        url.path_segments_mut().unwrap().pop_if_empty().push(tag);
        Some(url.into())
    }
}

/// Compared with the content of the post that was really made, which is stripped first; where none was
/// made (too long, blank), with what the formatter said.
#[test]
fn agrees_with_mastodon() {
    let Some(cases) = oracle("text.jsonl") else { return };
    let (mut same, mut meant) = (0, 0);
    for case in &cases {
        let input = case["in"].as_str().unwrap();
        let wanted = case["post"]["content"].as_str().or(case["out"].as_str()).unwrap();
        let ours = text::to_html(input, &Masto).html;
        if dom::normal(&ours) == dom::normal(wanted) {
            same += 1;
        } else if input.contains(|c: char| c.is_control() && !c.is_whitespace()) {
            println!("{input:?}: control characters, which we drop");
            meant += 1;
        } else {
            panic!("\n  in     {input:?}\n  ours   {ours:?}\n  theirs {wanted:?}");
        }
    }
    let percent = 100.0 * f64::from(same) / cases.len() as f64;
    println!("text: {same} of {} agree, {percent:.2} %; {meant} differ on purpose", cases.len());
    assert!(percent >= 99.0, "{percent:.2} %");
}

/// The same places: what is found, whether or not anybody answers to the name.
#[test]
fn finds_what_mastodon_finds() {
    let Some(cases) = oracle("text.jsonl") else { return };
    let (mut same, mut all) = (0, 0);
    for case in &cases {
        let input = case["in"].as_str().unwrap();
        let rendered = text::to_html(input, &Masto);
        let ours: std::collections::BTreeSet<String> = (rendered.links.iter().cloned())
            .chain(rendered.hashtags.iter().map(|tag| format!("#{}", tag.name.to_lowercase())))
            .chain(rendered.mentions.iter().map(|mention| {
                let domain = mention.domain.as_ref().map(|domain| format!("@{domain}"));
                format!("@{}{}", mention.user, domain.unwrap_or_default()).to_lowercase()
            }))
            .collect();
        let theirs = case["entities"].as_array().unwrap().iter().map(|entity| {
            let value = entity["value"].as_str().unwrap();
            match entity["kind"].as_str().unwrap() {
                "hashtag" => format!("#{}", value.to_lowercase()),
                "screen_name" => format!("@{}", value.to_lowercase()),
                _ => value.replace('\0', ""),
            }
        });
        let theirs = theirs.collect();
        all += 1;
        same += u32::from(ours == theirs);
        assert_eq!(ours, theirs, "{input:?}");
    }
    println!("text: the same places in {same} of {all}");
}

#[test]
fn says_what_was_found() {
    let rendered = text::to_html(
        "@mary @Mary @nobody@e.test #Rust #rust #tag https://example.com https://example.com",
        &Masto,
    );
    let mentions: Vec<_> =
        rendered.mentions.iter().map(|m| (&*m.user, m.domain.as_deref(), m.link.is_some())).collect();
    assert_eq!(mentions, [("mary", None, true), ("nobody", Some("e.test"), false)]);
    assert_eq!(rendered.hashtags.iter().map(|h| &*h.name).collect::<Vec<_>>(), ["Rust", "tag"]);
    assert_eq!(rendered.links, ["https://example.com"]);
    assert!(rendered.html.contains(" @nobody@e.test "), "{}", rendered.html);
    assert_eq!(
        text::mentions("@mary @Mary @nobody@e.test"),
        [("mary".to_owned(), None), ("nobody".to_owned(), Some("e.test".to_owned()))]
    );
}

#[test]
fn two_accounts_of_one_name_are_told_apart() {
    let one = text::to_html("@mary@other.test", &Masto).html;
    assert!(one.contains("@<span>mary</span>"), "{one}");
    let both = text::to_html("@mary @mary@other.test @mary@masto.test", &Masto).html;
    assert_eq!(both.matches("@<span>mary</span>").count(), 2, "{both}");
    assert_eq!(both.matches("@<span>mary@other.test</span>").count(), 1, "{both}");
}

/// Answers with markup in every place.
struct Hostile;

impl Linker for Hostile {
    fn mention(&self, _: &str, _: Option<&str>) -> Option<MentionLink> {
        let evil = "\"><script>'&".to_owned();
        Some(MentionLink { href: evil.clone(), url: evil.clone(), acct: evil })
    }

    fn hashtag(&self, _: &str) -> Option<String> {
        Some("\"><script>".to_owned())
    }
}

#[test]
fn escapes_what_the_linker_answers() {
    let html = text::to_html("@a #b", &Hostile).html;
    assert!(!html.contains("<script"), "{html}");
}

#[test]
fn long_text_is_linked_up_to_a_bound() {
    let html = text::to_html(&"@mary #tag https://example.com/ ".repeat(4_000), &Masto).html;
    assert_eq!(html.matches("<a ").count(), 5_000);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// The text is all there, in order, whatever is linked.
    #[test]
    fn keeps_the_text(input in "[a-c@#:/.?&<>\"'()\n \u{e9}\u{3042}_-]{0,40}|(https?://|@mary|#tag|x\\.com|[ \n()/?@#.a])*") {
        let html = text::to_html(&input, &Masto).html;
        let squeezed = |text: &str| text.split_whitespace().collect::<String>();
        let shown = fedigraft::content::plain::from_html(&html);
        prop_assert_eq!(squeezed(&shown), squeezed(&input));
        for node in dom::elements(&dom::parse(&html)) {
            let dom::Kind::Element(name, _) = &node.kind else { continue };
            prop_assert!(["p", "br", "a", "span"].contains(&&*name.local));
        }
    }
}
