//! Plain text against what a real Mastodon 4.6.5 makes of it.

use super::{dom, oracle};
use fedigraft::content::{Linker, MentionLink, text};

/// The server of the recording: `masto.test` with the accounts mary and mike.
pub struct Masto;

impl Linker for Masto {
    fn mention(&self, user: &str, domain: Option<&str>) -> Option<MentionLink> {
        let user = user.to_lowercase();
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

#[test]
fn agrees_with_mastodon() {
    let Some(cases) = oracle("text.jsonl") else { return };
    let mut same = 0;
    for case in &cases {
        let (input, wanted) = (case["in"].as_str().unwrap(), case["out"].as_str().unwrap());
        let ours = text::to_html(input, &Masto).html;
        if ours == wanted || dom::normal(&ours) == dom::normal(wanted) {
            same += 1;
        } else {
            println!("  in     {:.300?}\n  ours   {:.900?}\n  theirs {:.900?}", input, ours, wanted);
        }
    }
    println!("text: {same} of {} agree, {:.2} %", cases.len(), 100.0 * same as f64 / cases.len() as f64);
}
