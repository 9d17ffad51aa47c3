//! Whom an object is by and for: authors, addressees, visibility.

use crate::model::Visibility;
use crate::vocab::{self, Object, http_url, is_public};

/// Who may see an object with these addressees, as Mastodon decides: Public in `to` or `cc`, else the followers
/// in `to`. Each spelling of Public is known. `followers` is the author's followers collection; without it, a
/// collection is known by the end of its path (GNU social says `/subscribers`). What is addressed to nobody
/// known is direct.
pub fn visibility(to: &[String], cc: &[String], followers: Option<&str>) -> Visibility {
    if to.iter().any(|id| is_public(id)) {
        return Visibility::Public;
    }
    if cc.iter().any(|id| is_public(id)) {
        return Visibility::Unlisted;
    }
    let is_followers = |id: &String| {
        if let Some(followers) = followers {
            return id == followers;
        }
        let path = id.trim_end_matches('/');
        path.ends_with("/followers") || path.ends_with("/subscribers")
    };
    if to.iter().any(is_followers) { Visibility::Followers } else { Visibility::Direct }
}

/// Everyone the object is attributed to; a `Person` (PeerTube lists person and channel) before the rest.
/// `actor` counts when there is no `attributedTo`.
pub(super) fn authors(object: Object<'_>) -> Vec<String> {
    let property = if object.first("attributedTo").is_some() { "attributedTo" } else { "actor" };
    let mut out: Vec<String> = Vec::new();
    let mut person = None;
    for item in object.items(property) {
        let Some(uri) = vocab::link(item.value).and_then(http_url) else { continue };
        if person.is_none() && item.object().is_some_and(|o| o.is("Person")) {
            person = Some(out.len());
        }
        out.push(uri.to_owned());
    }
    if let Some(slice) = person.and_then(|at| out.get_mut(..=at)) {
        slice.rotate_right(1);
    }
    out
}
