//! The sanitiser against what a real Mastodon 4.6.5 answers.

use super::{dom, oracle};
use fedigraft::content::sanitise;

#[test]
fn agrees_with_mastodon() {
    let Some(cases) = oracle("sanitize.jsonl") else { return };
    let mut same = 0;
    for case in &cases {
        let (input, wanted) = (case["in"].as_str().unwrap(), case["out"].as_str().unwrap());
        let ours = sanitise::html(input);
        if dom::normal(&ours) == dom::normal(wanted) {
            same += 1;
        } else {
            println!(
                "{}\n  in     {:.300?}\n  ours   {:.300?}\n  theirs {:.300?}",
                case["from"], input, ours, wanted
            );
        }
    }
    println!("sanitise: {same} of {} agree, {:.2} %", cases.len(), 100.0 * same as f64 / cases.len() as f64);
}
