//! The `@context` of what is written: the terms used and no others (JSON-LD 1.1 section 3.1).
//!
//! Terms are declared inline. A context behind a URL of its own is one more thing that can be unreachable
//! (jointakahe/takahe#640, writefreely/writefreely#296).

use serde_json::{Map, Value, json};

use crate::vocab::AS;

/// A group of terms that are used together.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Term {
    AlsoKnownAs,
    Blurhash,
    Discoverable,
    Emoji,
    FocalPoint,
    Hashtag,
    Indexable,
    ManuallyApprovesFollowers,
    MovedTo,
    Policy,
    PropertyValue,
    Quote,
    Security,
    Sensitive,
    Webfinger,
}

enum Means {
    /// A plain value, or a prefix.
    Value(&'static str),
    /// An id or URL.
    Id(&'static str),
    /// An ordered list.
    List(&'static str),
}

use Means::{Id, List, Value as Plain};

const TOOT: (&str, Means) = ("toot", Plain("http://joinmastodon.org/ns#"));

impl Term {
    fn means(self) -> &'static [(&'static str, Means)] {
        match self {
            Self::AlsoKnownAs => &[("alsoKnownAs", Id("as:alsoKnownAs"))],
            Self::Blurhash => &[TOOT, ("blurhash", Plain("toot:blurhash"))],
            Self::Discoverable => &[TOOT, ("discoverable", Plain("toot:discoverable"))],
            Self::Emoji => &[TOOT, ("Emoji", Plain("toot:Emoji"))],
            Self::FocalPoint => &[TOOT, ("focalPoint", List("toot:focalPoint"))],
            Self::Hashtag => &[("Hashtag", Plain("as:Hashtag"))],
            Self::Indexable => &[TOOT, ("indexable", Plain("toot:indexable"))],
            Self::ManuallyApprovesFollowers => {
                &[("manuallyApprovesFollowers", Plain("as:manuallyApprovesFollowers"))]
            }
            Self::MovedTo => &[("movedTo", Id("as:movedTo"))],
            Self::Policy => &[
                ("gts", Plain("https://gotosocial.org/ns#")),
                ("interactionPolicy", Id("gts:interactionPolicy")),
                ("canReply", Id("gts:canReply")),
                ("canLike", Id("gts:canLike")),
                ("canAnnounce", Id("gts:canAnnounce")),
                ("canQuote", Id("gts:canQuote")),
                ("automaticApproval", Id("gts:automaticApproval")),
                ("manualApproval", Id("gts:manualApproval")),
            ],
            // Mastodon writes the historic namespace with `#` and reads both.
            Self::PropertyValue => &[
                ("schema", Plain("http://schema.org#")),
                ("PropertyValue", Plain("schema:PropertyValue")),
                ("value", Plain("schema:value")),
            ],
            Self::Quote => &[
                ("quote", Id("https://w3id.org/fep/044f#quote")),
                ("quoteUrl", Plain("as:quoteUrl")),
                ("quoteUri", Plain("http://fedibird.com/ns#quoteUri")),
                ("_misskey_quote", Plain("https://misskey-hub.net/ns#_misskey_quote")),
            ],
            Self::Security => &[],
            Self::Sensitive => &[("sensitive", Plain("as:sensitive"))],
            // FEP-2c59.
            Self::Webfinger => {
                &[("webfinger", Plain("https://purl.archive.org/socialweb/webfinger#webfinger"))]
            }
        }
    }
}

/// The context that declares these terms; an array unless there are none.
pub(super) fn context(terms: &[Term]) -> Value {
    if terms.is_empty() {
        return Value::from(AS);
    }
    let mut out = vec![Value::from(AS)];
    if terms.contains(&Term::Security) {
        out.push(Value::from("https://w3id.org/security/v1"));
    }
    let mut names = Map::new();
    for (name, means) in terms.iter().flat_map(|term| term.means()) {
        let value = match means {
            Plain(iri) => Value::from(*iri),
            Id(iri) => json!({"@id": iri, "@type": "@id"}),
            List(iri) => json!({"@container": "@list", "@id": iri}),
        };
        names.insert((*name).to_owned(), value);
    }
    if !names.is_empty() {
        out.push(Value::Object(names));
    }
    Value::Array(out)
}
