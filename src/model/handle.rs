//! The handle people write: `@alice@example.com`, with or without the first `@` or `acct:` (RFC 7565).

use std::fmt;

use url::Host;

/// A user name and a domain. The domain is in lower case and punycode; the user name is as written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Handle {
    /// The part before the last `@`.
    pub user: String,
    /// The domain, with its port when one was written.
    pub domain: String,
}

impl Handle {
    /// Reads `@user@domain`, `user@domain` or `acct:user@domain`. `None` for anything else: a handle without
    /// a domain, one with spaces, a domain no host can have.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = match text.get(..5) {
            Some(scheme) if scheme.eq_ignore_ascii_case("acct:") => text.get(5..)?,
            _ => text,
        };
        let (user, domain) = text.strip_prefix('@').unwrap_or(text).rsplit_once('@')?;
        let refused =
            |c: char| c.is_whitespace() || c.is_control() || matches!(c, '/' | '?' | '#' | '@' | ':');
        if user.is_empty() || user.len() > 256 || user.contains(refused) {
            return None;
        }
        Some(Self { user: user.to_owned(), domain: self::domain(domain)? })
    }

    /// `user@domain`.
    pub fn acct(&self) -> String {
        format!("{}@{}", self.user, self.domain)
    }

    /// True when both name the same account: user names compare without case, as Mastodon does.
    pub fn same(&self, other: &Self) -> bool {
        self.domain == other.domain && self.user.eq_ignore_ascii_case(&other.user)
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{}@{}", self.user, self.domain)
    }
}

/// A domain with an optional port, in its one spelling.
fn domain(text: &str) -> Option<String> {
    let (name, port) = match text.rsplit_once(':') {
        Some((name, port)) if !name.ends_with(':') && !text.ends_with(']') => {
            (name, Some(port.parse::<u16>().ok()?))
        }
        _ => (text, None),
    };
    if name.is_empty() || name.len() > 253 {
        return None;
    }
    let host = Host::parse(name).ok()?;
    Some(port.map_or_else(|| host.to_string(), |port| format!("{host}:{port}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        Handle::parse(text).map(|h| h.to_string())
    }

    #[test]
    fn the_forms_people_write() {
        for text in
            ["@bob@remote.example", "bob@remote.example", "acct:bob@remote.example", " @bob@Remote.Example "]
        {
            assert_eq!(read(text).as_deref(), Some("@bob@remote.example"), "{text}");
        }
        assert_eq!(read("@ann@localhost:5001").as_deref(), Some("@ann@localhost:5001"));
        assert_eq!(read("@ann@[::1]:5001").as_deref(), Some("@ann@[::1]:5001"));
        assert_eq!(read("@ann@bücher.example").as_deref(), Some("@ann@xn--bcher-kva.example"));
    }

    #[test]
    fn what_is_no_handle() {
        for text in
            ["", "bob", "@bob", "@bob@", "@@remote.example", "b b@x.example", "a@b/c", "a@b c", "a@x:99999"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
