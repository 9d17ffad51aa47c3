//! The allow list: which elements, attributes, classes and protocols survive.
//!
//! The same as Mastodon 4.6 (`MASTODON_STRICT`), because authors on every server write for what Mastodon
//! shows.

/// An element that may appear in sanitised HTML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    A,
    B,
    Blockquote,
    Br,
    Code,
    Del,
    Em,
    I,
    Li,
    Ol,
    P,
    Pre,
    Rp,
    Rt,
    Ruby,
    S,
    Span,
    Strong,
    U,
    Ul,
}

impl Element {
    /// The element of that name (ASCII case aside), when it is allowed.
    pub(super) fn named(name: &str) -> Option<Self> {
        let mut lower = [0; 10];
        let lower = lower.get_mut(..name.len())?;
        lower.copy_from_slice(name.as_bytes());
        lower.make_ascii_lowercase();
        Some(match &*lower {
            b"a" => Self::A,
            b"b" => Self::B,
            b"blockquote" => Self::Blockquote,
            b"br" => Self::Br,
            b"code" => Self::Code,
            b"del" => Self::Del,
            b"em" => Self::Em,
            b"i" => Self::I,
            b"li" => Self::Li,
            b"ol" => Self::Ol,
            b"p" => Self::P,
            b"pre" => Self::Pre,
            b"rp" => Self::Rp,
            b"rt" => Self::Rt,
            b"ruby" => Self::Ruby,
            b"s" => Self::S,
            b"span" => Self::Span,
            b"strong" => Self::Strong,
            b"u" => Self::U,
            b"ul" => Self::Ul,
            _ => return None,
        })
    }

    /// The name it is written with.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::A => "a",
            Self::B => "b",
            Self::Blockquote => "blockquote",
            Self::Br => "br",
            Self::Code => "code",
            Self::Del => "del",
            Self::Em => "em",
            Self::I => "i",
            Self::Li => "li",
            Self::Ol => "ol",
            Self::P => "p",
            Self::Pre => "pre",
            Self::Rp => "rp",
            Self::Rt => "rt",
            Self::Ruby => "ruby",
            Self::S => "s",
            Self::Span => "span",
            Self::Strong => "strong",
            Self::U => "u",
            Self::Ul => "ul",
        }
    }

    /// The attributes it may carry, in the order they are written.
    pub(super) fn attributes(self) -> &'static [&'static str] {
        match self {
            Self::A => &["href", "class", "translate", "lang"],
            Self::Span => &["class", "translate", "lang"],
            Self::P => &["class", "lang"],
            Self::Ol => &["start", "reversed", "lang"],
            Self::Li => &["value", "lang"],
            _ => &["lang"],
        }
    }
}

/// Elements whose removal leaves a space, so that words do not run together (sanitize 7.0,
/// `whitespace_elements`).
pub(super) fn leaves_space(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "dd"
            | "div"
            | "dl"
            | "dt"
            | "footer"
            | "header"
            | "hgroup"
            | "hr"
            | "nav"
            | "section"
    )
}

/// Elements removed with everything in them (sanitize 7.0, `remove_contents`).
pub(super) fn loses_content(name: &str) -> bool {
    matches!(
        name,
        "iframe"
            | "math"
            | "noembed"
            | "noframes"
            | "noscript"
            | "plaintext"
            | "script"
            | "style"
            | "svg"
            | "xmp"
    )
}

/// True for a class that carries meaning: microformats, mentions, hashtags, shortened links, quotes.
pub(super) fn class_allowed(class: &str) -> bool {
    matches!(class, "mention" | "hashtag" | "ellipsis" | "invisible" | "quote-inline")
        || ["h-", "p-", "u-", "dt-", "e-"].iter().any(|prefix| class.starts_with(prefix))
}

/// True when an address may be a link.
///
/// The scheme is what stands before the first `:` with no `/` or `#` in it; a relative address has none and
/// is no link, since it would point at whoever shows it.
pub(super) fn href_allowed(href: &str) -> bool {
    const SCHEMES: [&str; 11] =
        ["https", "http", "dat", "dweb", "ipfs", "ipns", "ssb", "gopher", "xmpp", "magnet", "gemini"];
    href.split_once(':')
        .is_some_and(|(scheme, _)| SCHEMES.iter().any(|allowed| scheme.eq_ignore_ascii_case(allowed)))
}
