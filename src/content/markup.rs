//! Writes links, mentions and hashtags the way every server knows them, and remembers what was found.
//!
//! Source: Mastodon 4.6 `app/lib/text_formatter.rb`; the same markup in its posts on the wire.

use std::collections::{HashMap, HashSet};

use super::entities::{self, Entity};
use super::{Hashtag, Linker, Mention, MentionLink, Rendered, sanitise};

/// Most addresses, mentions and hashtags linked in one text; what follows them stays text.
const MAX_LINKED: usize = 5_000;
/// How much of an address is shown, in characters.
const SHOWN: usize = 30;

/// HTML under construction.
pub(super) struct Markup<'l> {
    pub(super) html: String,
    linker: &'l dyn Linker,
    known: HashMap<(String, Option<String>), Option<MentionLink>>,
    /// The first account of each user name, and the names that stand for more than one.
    accounts: HashMap<String, String>,
    ambiguous: HashSet<String>,
    mentions: Vec<Mention>,
    hashtags: Vec<Hashtag>,
    links: Vec<String>,
    seen: HashSet<String>,
    linked: usize,
}

impl<'l> Markup<'l> {
    pub(super) fn new(linker: &'l dyn Linker) -> Self {
        Self {
            html: String::new(),
            linker,
            known: HashMap::new(),
            accounts: HashMap::new(),
            ambiguous: HashSet::new(),
            mentions: Vec::new(),
            hashtags: Vec::new(),
            links: Vec::new(),
            seen: HashSet::new(),
            linked: 0,
        }
    }

    /// Looks up the mentions in `text`: before anything is written, so that names can be told apart.
    /// `before` is the character in front of it, if it does not begin a line.
    pub(super) fn look_up(&mut self, text: &str, before: Option<char>) {
        for found in entities::find(text, before).take(MAX_LINKED) {
            if let Entity::Mention { user, domain } = found.entity {
                self.remember_mention(user.to_owned(), domain.map(str::to_owned));
            }
        }
    }

    /// Looks up one mention and remembers it.
    pub(super) fn remember_mention(&mut self, user: String, domain: Option<String>) {
        let key = (user.to_lowercase(), domain.as_deref().map(str::to_lowercase));
        if self.known.contains_key(&key) {
            return;
        }
        let link = self.linker.mention(&user, domain.as_deref());
        if let Some(link) = &link {
            let name = shown_name(&link.acct).to_lowercase();
            let first = self.accounts.entry(name.clone()).or_insert_with(|| link.href.clone());
            if *first != link.href {
                self.ambiguous.insert(name);
            }
        }
        self.known.insert(key, link.clone());
        self.mentions.push(Mention { user, domain, link });
    }

    /// Writes `text` with its addresses, mentions and hashtags linked; `plain` writes what lies between.
    /// `before` as in [`Markup::look_up`].
    pub(super) fn linked(&mut self, text: &str, before: Option<char>, plain: impl Fn(&mut Self, &str)) {
        let mut done = 0;
        let left = MAX_LINKED.saturating_sub(self.linked);
        for found in entities::find(text, before).take(left) {
            self.linked += 1;
            plain(self, text.get(done..found.start).unwrap_or_default());
            done = found.end;
            let written = text.get(found.start..found.end).unwrap_or_default();
            match found.entity {
                Entity::Url(url) => self.url(url),
                Entity::Mention { user, domain } => self.mention(written, user, domain),
                Entity::Hashtag(name) => self.hashtag(written, name),
            }
        }
        plain(self, text.get(done..).unwrap_or_default());
    }

    fn url(&mut self, url: &str) {
        let prefix = match url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")) {
            Some(rest) => url.len() - rest.strip_prefix("www.").unwrap_or(rest).len(),
            None if url.starts_with("xmpp:") => 5,
            None => 0,
        };
        let (prefix, rest) = url.split_at_checked(prefix).unwrap_or(("", url));
        let shown = rest.char_indices().nth(SHOWN).map_or(rest.len(), |(at, _)| at);
        let (shown, hidden) = rest.split_at_checked(shown).unwrap_or((rest, ""));
        self.html.push_str("<a href=\"");
        self.escape(url);
        self.html.push_str(
            "\" target=\"_blank\" rel=\"nofollow noopener\" translate=\"no\"><span class=\"invisible\">",
        );
        self.escape(prefix);
        self.html.push_str(if hidden.is_empty() {
            "</span><span class=\"\">"
        } else {
            "</span><span class=\"ellipsis\">"
        });
        self.escape(shown);
        self.html.push_str("</span><span class=\"invisible\">");
        self.escape(hidden);
        self.html.push_str("</span></a>");
        self.link(url);
    }

    /// Remembers an address.
    pub(super) fn link(&mut self, url: &str) {
        if self.seen.insert(url.to_owned()) {
            self.links.push(url.to_owned());
        }
    }

    fn mention(&mut self, written: &str, user: &str, domain: Option<&str>) {
        let key = (user.to_lowercase(), domain.map(str::to_lowercase));
        let Some(Some(link)) = self.known.get(&key).cloned() else {
            self.escape(written);
            return;
        };
        let name = shown_name(&link.acct);
        let shown = if self.ambiguous.contains(&name.to_lowercase()) { &link.acct } else { name };
        self.html.push_str("<span class=\"h-card\" translate=\"no\"><a href=\"");
        self.escape(&link.url);
        self.html.push_str("\" class=\"u-url mention\">@<span>");
        self.escape(shown);
        self.html.push_str("</span></a></span>");
    }

    fn hashtag(&mut self, written: &str, name: &str) {
        let href = self.linker.hashtag(name);
        match &href {
            Some(href) => {
                self.html.push_str("<a href=\"");
                self.escape(href);
                self.html.push_str("\" class=\"mention hashtag\" rel=\"tag\">#<span>");
                self.escape(name);
                self.html.push_str("</span></a>");
            }
            None => self.escape(written),
        }
        self.remember_hashtag(Hashtag { name: name.to_owned(), href });
    }

    /// Remembers a hashtag.
    pub(super) fn remember_hashtag(&mut self, hashtag: Hashtag) {
        // No address that is linked begins with `#`, so both kinds share one set.
        if self.seen.insert(format!("#{}", hashtag.name.to_lowercase())) {
            self.hashtags.push(hashtag);
        }
    }

    /// Opens a link to `href`; false, with nothing written, when that is no allowed address.
    pub(super) fn anchor(&mut self, href: &str) -> bool {
        if !sanitise::links_to(href) {
            return false;
        }
        self.html.push_str("<a href=\"");
        self.escape(href);
        self.html.push_str("\" target=\"_blank\" rel=\"nofollow noopener\">");
        self.link(href);
        true
    }

    /// Appends text with `& < > " '` escaped: safe in text and in quoted attribute values.
    pub(super) fn escape(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
            let (before, after) = rest.split_at_checked(at).unwrap_or((rest, ""));
            self.html.push_str(before);
            let mut chars = after.chars();
            self.html.push_str(match chars.next() {
                Some('&') => "&amp;",
                Some('<') => "&lt;",
                Some('>') => "&gt;",
                Some('"') => "&quot;",
                _ => "&#39;",
            });
            rest = chars.as_str();
        }
        self.html.push_str(rest);
    }

    pub(super) fn finish(self) -> Rendered {
        Rendered { html: self.html, mentions: self.mentions, hashtags: self.hashtags, links: self.links }
    }
}

/// The user name of an account.
fn shown_name(acct: &str) -> &str {
    acct.split('@').next().unwrap_or(acct)
}
