//! The gate for what goes out: every byte that is served or sent passes here, and what is not proven public
//! or addressed stays in.
//!
//! [`Released`] is the only form in which a response or a request can carry a body, and only this module
//! makes one. The decision is taken twice, from the native model (who is federated, what is visible to whom)
//! and from the document that would leave (its own `to` and `cc`), and both must agree. A post that may not
//! be seen answers exactly as one that does not exist.

use serde_json::Value;

use crate::delivery::Record;
use crate::model::{Post, Profile, Visibility};
use crate::verdict::Verdict;
use crate::vocab::PUBLIC;

/// Bytes that may leave this server.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Released(Vec<u8>);

impl Released {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl std::fmt::Debug for Released {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Released({} bytes)", self.0.len())
    }
}

/// Why something stays in; for the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Withheld(pub(crate) &'static str);

/// A document about the server itself, without anybody's data: NodeInfo, host-meta, the instance actor.
pub(crate) fn server(document: &Value) -> Released {
    write(document)
}

/// Text about the server itself.
pub(crate) fn server_text(text: String) -> Released {
    Released(text.into_bytes())
}

/// The public part of a verdict.
pub(crate) fn refusal(verdict: &Verdict) -> Released {
    let body = serde_json::json!({"error": verdict.public.message, "code": verdict.public.code});
    write(&body)
}

/// True when a profile exists for the outside at all.
pub(crate) fn profile_is_visible(profile: &Profile) -> bool {
    profile.federated
}

/// A document about a profile: its actor, WebFinger, a collection of its.
pub(crate) fn profile(profile: &Profile, document: &Value) -> Result<Released, Withheld> {
    if !profile_is_visible(profile) {
        return Err(Withheld("the profile is not federated"));
    }
    Ok(write(document))
}

/// True when anybody may read the post.
pub(crate) fn post_is_public(author: &Profile, post: &Post, now: i64) -> bool {
    author.federated
        && post.author == author.id
        && matches!(post.visibility, Visibility::Public | Visibility::Unlisted)
        && post.not_before.is_none_or(|at| at <= now)
}

/// A document that carries a post, for anybody who asks.
pub(crate) fn served_post(
    author: &Profile,
    post: &Post,
    now: i64,
    document: &Value,
) -> Result<Released, Withheld> {
    if !post_is_public(author, post, now) {
        return Err(Withheld("the post is not public"));
    }
    addressed_to_public(document)?;
    Ok(write(document))
}

/// An activity of ours, for anybody who asks. `post` is what it carries as it stands today.
pub(crate) fn served_activity(
    author: &Profile,
    record: &Record,
    post: Option<&Post>,
    now: i64,
) -> Result<Released, Withheld> {
    still_allowed(Some(author), record, post, now)?;
    match record.visibility {
        // A Follow, its answer and its undoing name two actors and nothing else; peers dereference their
        // ids (observed with Fedify 2.3 and Mitra 5.9), which nobody can guess.
        None if matches!(record.kind.as_str(), "follow" | "accept" | "reject" | "undo_follow") => {
            Ok(write(&record.document))
        }
        Some(Visibility::Public | Visibility::Unlisted) => {
            addressed_to_public(&record.document)?;
            Ok(write(&record.document))
        }
        _ => Err(Withheld("the activity is not public")),
    }
}

/// An activity of ours, for one inbox. `author` is `None` when the profile no longer exists, `by_name` says
/// that the inbox is one of those addressed by name, else it is reached through the followers.
pub(crate) fn sent(
    author: Option<&Profile>,
    record: &Record,
    post: Option<&Post>,
    inbox: &str,
    now: i64,
) -> Result<Released, Withheld> {
    still_allowed(author, record, post, now)?;
    let by_name = record.direct.iter().any(|direct| direct == inbox);
    if !by_name && !record.followers {
        return Err(Withheld("the inbox is not among those addressed"));
    }
    if record.followers && record.visibility == Some(Visibility::Direct) {
        return Err(Withheld("a direct post is for those it names"));
    }
    match record.visibility {
        Some(Visibility::Public | Visibility::Unlisted) => addressed_to_public(&record.document)?,
        // What is not public must not say that it is.
        _ if addressed_to_public(&record.document).is_ok() && record.visibility.is_some() => {
            return Err(Withheld("the document is addressed to the public and the post is not"));
        }
        _ => {}
    }
    Ok(write(&record.document))
}

/// Whether the author and the post still allow what was planned when the activity was made.
fn still_allowed(
    author: Option<&Profile>,
    record: &Record,
    post: Option<&Post>,
    now: i64,
) -> Result<(), Withheld> {
    // Taking something back is always allowed, also after the account is gone.
    if matches!(record.kind.as_str(), "delete" | "delete_actor") {
        return Ok(());
    }
    let Some(author) = author else { return Err(Withheld("the profile no longer exists")) };
    if !author.federated && !record.kind.starts_with("undo") {
        return Err(Withheld("the profile is not federated"));
    }
    if author.id != record.profile {
        return Err(Withheld("the activity is another profile's"));
    }
    let Some(id) = &record.post else { return Ok(()) };
    let Some(post) = post else { return Err(Withheld("the post no longer exists")) };
    if post.id != *id || post.author != author.id {
        return Err(Withheld("the post is another one"));
    }
    if record.visibility.is_none_or(|then| rank(post.visibility) < rank(then)) {
        return Err(Withheld("the post is for fewer people now"));
    }
    if post.not_before.is_some_and(|at| at > now) {
        return Err(Withheld("the post is not out yet"));
    }
    Ok(())
}

/// How many may see it; more is wider.
fn rank(visibility: Visibility) -> u8 {
    match visibility {
        Visibility::Direct => 0,
        Visibility::Followers => 1,
        Visibility::Unlisted => 2,
        Visibility::Public => 3,
    }
}

/// The document's own words: the public collection is among `to` and `cc`.
fn addressed_to_public(document: &Value) -> Result<(), Withheld> {
    let public = |name: &str| {
        document.get(name).is_some_and(|value| match value {
            Value::Array(items) => items.iter().any(|item| item == PUBLIC),
            other => other == PUBLIC,
        })
    };
    if public("to") || public("cc") {
        Ok(())
    } else {
        Err(Withheld("the document is not addressed to the public"))
    }
}

fn write(document: &Value) -> Released {
    Released(serde_json::to_vec(document).unwrap_or_default())
}
