//! What kind of post an object is, by its types; and which objects are no posts.

use crate::error::{Code, Error, Result, malformed};
use crate::model::Kind;
use crate::vocab::Object;

/// Types that are no posts: actors, activities, collections and what stands inside other objects.
#[rustfmt::skip]
const OTHERS: [&str; 58] = [
    "Person", "Service", "Group", "Organization", "Application", "Feed", "Collection", "OrderedCollection",
    "CollectionPage", "OrderedCollectionPage", "Tombstone", "Link", "Mention", "Hashtag", "Emoji",
    "PropertyValue", "Key", "CryptographicKey", "Multikey", "Activity", "Accept", "Add", "Announce",
    "Arrive", "Block", "Create", "Delete", "Dislike", "EmojiReact", "Flag", "Follow", "Ignore", "Invite",
    "Join", "Leave", "Like", "Listen", "Lock", "Move", "Offer", "QuoteRequest", "Read", "Reject", "Remove",
    "Resolve", "TentativeAccept", "TentativeReject", "Travel", "Undo", "Update", "View", "Warn",
    "Relationship", "Profile", "Proof", "QuoteAuthorization", "DataIntegrityProof", "IntransitiveActivity",
];

/// The kind of an object; the first type known decides.
pub(super) fn read(object: Object<'_>) -> Result<Kind> {
    let mut types = object.types();
    let Some(first) = types.next() else {
        return Err(malformed("no_type", "expected a type such as Note").at("/type"));
    };
    let kind = std::iter::once(first)
        .chain(types)
        .find_map(known)
        .unwrap_or_else(|| Kind::Other(first.to_ascii_lowercase()));
    if !matches!(kind, Kind::Other(_)) {
        return Ok(kind);
    }
    if first == "Tombstone" {
        return Err(Error::new(Code::Unsupported, "tombstone", "the object was deleted").at("/type"));
    }
    // What has an object and no author is an activity, of whatever type.
    let activity = object.get("object").is_some() && object.get("attributedTo").is_none();
    if OTHERS.contains(&first) || activity || object.get("inbox").is_some() {
        return Err(Error::new(Code::Unsupported, "not_a_post", "expected a post such as a Note").at("/type"));
    }
    Ok(kind)
}

fn known(name: &str) -> Option<Kind> {
    Some(match name {
        "Note" => Kind::Note,
        "Article" => Kind::Article,
        "Question" => Kind::Question,
        "Page" => Kind::Page,
        "Image" => Kind::Image,
        "Video" => Kind::Video,
        "Audio" => Kind::Audio,
        "Event" => Kind::Event,
        "Document" => Kind::Document,
        "ChatMessage" => Kind::Message,
        _ => return None,
    })
}
