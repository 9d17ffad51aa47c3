//! `interactionPolicy` both ways (GoToSocial's namespace; FEP-044f for quotes).

use serde_json::{Map, Value, json};

use crate::model::{InteractionPolicy, InteractionRule, Party};
use crate::vocab::{Object, PUBLIC, http_url, is_public, link};

/// Who the words of a rule stand for.
pub(super) struct Circles<'u> {
    pub(super) actor: &'u str,
    pub(super) followers: &'u str,
    pub(super) following: &'u str,
}

/// Writes a policy in its normal form.
pub(super) fn write(policy: &InteractionPolicy, circles: &Circles<'_>) -> Value {
    let parties = |parties: &[Party]| -> Value {
        let uris = parties.iter().map(|party| match party {
            Party::Public => PUBLIC,
            Party::Followers => circles.followers,
            Party::Following => circles.following,
            Party::Author => circles.actor,
            Party::Uri(uri) => uri,
        });
        uris.map(Value::from).collect()
    };
    let mut out = Map::new();
    let rules = [
        ("canReply", &policy.reply),
        ("canLike", &policy.like),
        ("canAnnounce", &policy.share),
        ("canQuote", &policy.quote),
    ];
    for (name, rule) in rules {
        if let Some(rule) = rule {
            let value = json!({"automaticApproval": parties(&rule.automatic), "manualApproval": parties(&rule.manual)});
            out.insert(name.to_owned(), value);
        }
    }
    Value::Object(out)
}

/// Reads the policy of an object by this author. Older GoToSocial says `always` and `approvalRequired`.
pub(super) fn read(object: Object<'_>, author: &str) -> Option<InteractionPolicy> {
    let policy = object.first("interactionPolicy")?.object()?;
    let party = |uri: &str| {
        let path = uri.trim_end_matches('/');
        if is_public(uri) {
            Some(Party::Public)
        } else if uri == author {
            Some(Party::Author)
        } else if path.ends_with("/followers") {
            Some(Party::Followers)
        } else if path.ends_with("/following") {
            Some(Party::Following)
        } else {
            http_url(uri).map(|uri| Party::Uri(uri.to_owned()))
        }
    };
    let parties = |rule: Object<'_>, now: &'static str, before: &'static str| -> Vec<Party> {
        let items = if rule.get(now).is_some() { rule.items(now) } else { rule.items(before) };
        items.filter_map(|item| party(link(item.value)?)).collect()
    };
    let rule = |name: &'static str| {
        policy.first(name).and_then(|item| item.object()).map(|rule| InteractionRule {
            automatic: parties(rule, "automaticApproval", "always"),
            manual: parties(rule, "manualApproval", "approvalRequired"),
        })
    };
    let policy = InteractionPolicy {
        reply: rule("canReply"),
        like: rule("canLike"),
        share: rule("canAnnounce"),
        quote: rule("canQuote"),
    };
    (policy != InteractionPolicy::default()).then_some(policy)
}
