//! Polls as they are read: `Question` with `oneOf` or `anyOf`.

use serde_json::Value;

use crate::model::{Poll, PollOption};
use crate::translate::one_line;
use crate::vocab::{Object, Skipped};

/// Most options read; Mastodon keeps 500.
const MAX_OPTIONS: usize = 500;

/// The poll of an object, when it has one. Pleroma sends the unused one of `oneOf` and `anyOf` as `[]`, and
/// its `closed` is the end to come, with no zone.
pub(super) fn read(object: Object<'_>, skipped: &mut Vec<Skipped>) -> Option<Poll> {
    let multiple = object.first("oneOf").is_none();
    let mut options = Vec::new();
    for item in object.items(if multiple { "anyOf" } else { "oneOf" }) {
        if options.len() == MAX_OPTIONS {
            skipped.push(item.skipped("too_many"));
            break;
        }
        match item.object().and_then(|o| Some((o, o.filled("name")?))) {
            Some((option, title)) => {
                let replies = option.first("replies").and_then(|r| r.object());
                let votes =
                    replies.and_then(|r| r.count("totalItems")).or_else(|| option.count("_misskey_votes"));
                options.push(PollOption { title: one_line(title), votes });
            }
            None => skipped.push(item.skipped("no_name")),
        }
    }
    if options.is_empty() {
        return None;
    }
    let ended = matches!(object.get("closed"), Some(Value::Bool(true)));
    let ends = object.time("endTime");
    let closed = object.time("closed");
    Some(Poll {
        multiple,
        options,
        ends: ends.or(closed),
        closed: if ends.is_some() || ended { closed.or(ends.filter(|_| ended)) } else { None },
        voters: object.count("votersCount"),
    })
}
