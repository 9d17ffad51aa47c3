//! HTML written by the host: the same allow list, and what its anchors say about mentions and hashtags.

use super::markup::Markup;
use super::tokens::{Tag, Token, Tokens};
use super::{Hashtag, Linker, Rendered, references, sanitise};

/// Sanitises the host's HTML and reads mentions, hashtags and links from its anchors.
///
/// `<a class="mention">` holds `@user` or `@user@domain`; without a domain the host of its `href` is taken.
/// `<a class="hashtag">` holds `#name`. Every other anchor is a link. Text outside anchors is not searched.
pub fn to_html(html: &str, linker: &dyn Linker) -> Rendered {
    let html = sanitise::html(html);
    let mut markup = Markup::new(linker);
    let mut anchor: Option<Anchor> = None;
    for token in Tokens::new(&html) {
        match token {
            Token::Start(tag) if tag.name == "a" => anchor = Some(Anchor::of(&tag)),
            Token::End(tag) if tag.name == "a" => {
                if let Some(anchor) = anchor.take() {
                    anchor.remember(&mut markup);
                }
            }
            Token::Text(raw) => {
                if let Some(anchor) = &mut anchor {
                    anchor.text.push_str(&references::text(raw));
                }
            }
            _ => {}
        }
    }
    Rendered { html, ..markup.finish() }
}

/// The mentions in HTML as `(user, domain)`, from its anchors and without repeats.
pub fn mentions(html: &str) -> Vec<(String, Option<String>)> {
    struct Nobody;
    impl Linker for Nobody {
        fn mention(&self, _: &str, _: Option<&str>) -> Option<super::MentionLink> {
            None
        }
        fn hashtag(&self, _: &str) -> Option<String> {
            None
        }
    }
    to_html(html, &Nobody).mentions.into_iter().map(|mention| (mention.user, mention.domain)).collect()
}

#[derive(Default)]
struct Anchor {
    href: String,
    class: String,
    text: String,
}

impl Anchor {
    fn of(tag: &Tag<'_>) -> Self {
        let value = |wanted: &str| {
            let found = tag.attributes().find(|(name, _)| *name == wanted);
            found.map(|(_, value)| references::attribute(value).into_owned()).unwrap_or_default()
        };
        Self { href: value("href"), class: value("class"), text: String::new() }
    }

    fn remember(self, markup: &mut Markup<'_>) {
        let has = |wanted: &str| self.class.split_ascii_whitespace().any(|class| class == wanted);
        let text = self.text.trim();
        // Friendica writes `#<a …>name</a>`: the sign may stand outside.
        if has("hashtag") {
            let name = text.trim_start_matches(['#', '＃']).to_owned();
            if !name.is_empty() {
                markup.remember_hashtag(Hashtag { name, href: Some(self.href) });
            }
        } else if has("mention") {
            let mut parts = text.trim_start_matches('@').splitn(2, '@');
            let user = parts.next().unwrap_or_default().to_owned();
            let domain = parts.next().map(str::to_owned).or_else(|| host(&self.href));
            if !user.is_empty() {
                markup.remember_mention(user, domain);
            }
        } else {
            markup.link(&self.href);
        }
    }
}

/// The host and port of an address.
fn host(href: &str) -> Option<String> {
    let url = url::Url::parse(href).ok()?;
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}
