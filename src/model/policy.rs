//! Who may do what with a post, as the author wishes it (GoToSocial's interaction policy, also used by
//! FEP-044f for quotes). A wish, not a lock: every receiving server decides for itself.

use serde::{Deserialize, Serialize};

/// Who may reply to, like, share and quote a post. A rule that is absent says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InteractionPolicy {
    /// Who may reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<InteractionRule>,
    /// Who may like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub like: Option<InteractionRule>,
    /// Who may share (boost).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<InteractionRule>,
    /// Who may quote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<InteractionRule>,
}

/// Who is allowed at once and who after the author agrees; everybody else is not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InteractionRule {
    /// Allowed at once.
    #[serde(default)]
    pub automatic: Vec<Party>,
    /// Allowed after the author agrees.
    #[serde(default)]
    pub manual: Vec<Party>,
}

/// One person or circle in a rule; in JSON a string.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Party {
    /// `public`: everybody.
    Public,
    /// `followers`: the author's followers.
    Followers,
    /// `following`: those the author follows.
    Following,
    /// `author`: the author alone.
    Author,
    /// The URI of one actor or collection.
    Uri(String),
}

impl From<String> for Party {
    fn from(text: String) -> Self {
        match text.as_str() {
            "public" => Self::Public,
            "followers" => Self::Followers,
            "following" => Self::Following,
            "author" => Self::Author,
            _ => Self::Uri(text),
        }
    }
}

impl From<Party> for String {
    fn from(party: Party) -> Self {
        match party {
            Party::Public => "public".into(),
            Party::Followers => "followers".into(),
            Party::Following => "following".into(),
            Party::Author => "author".into(),
            Party::Uri(uri) => uri,
        }
    }
}
