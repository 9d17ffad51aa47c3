//! Who a text mentions: what has to be looked up before a post is rendered, and the links it then gets.

use crate::content::{self, Linker, MentionLink};
use crate::error::{Result, invalid};
use crate::instance::Instance;
use crate::model::{Format, Handle, Mention, Post};
use crate::vocab;

/// The handles that a post mentions, in its text or in `mentions`, and whose actor is not given there. Local
/// accounts are among them, with the account domain. Each is named once.
///
/// The caller finds out who they are and gives them to [`post::render`](super::post::render) as `known`.
/// A handle that nobody answers to stays plain text.
///
/// Errors: `bad_handle` with the JSON pointer.
pub fn wanted(instance: &Instance, post: &Post) -> Result<Vec<Handle>> {
    let given = given(instance, &post.mentions)?;
    let mut out: Vec<Handle> = Vec::new();
    let mut want = |handle: Handle| {
        let known = given.iter().any(|k| k.handle.same(&handle) && k.mention.uri.is_some());
        if !known && !out.iter().any(|h| h.same(&handle)) {
            out.push(handle);
        }
    };
    for known in &given {
        want(known.handle.clone());
    }
    let written = match post.content.format {
        Format::Plain => content::text::mentions(&post.content.text),
        Format::Markdown => content::markdown::mentions(&post.content.text),
        Format::Html => content::html::mentions(&post.content.text),
    };
    for (user, domain) in written {
        if let Some(handle) = handle(instance, &user, domain.as_deref()) {
            want(handle);
        }
    }
    Ok(out)
}

struct Known<'m> {
    handle: Handle,
    mention: &'m Mention,
}

/// Answers the content's questions from the accounts that are known.
pub(super) struct Links<'i> {
    instance: &'i Instance,
    known: Vec<Known<'i>>,
}

impl<'i> Links<'i> {
    /// Those the post names itself, then those that were looked up.
    ///
    /// Errors: `bad_handle`, `bad_uri` with the JSON pointer in the post.
    pub(super) fn new(
        instance: &'i Instance,
        named: &'i [Mention],
        looked_up: &'i [Mention],
    ) -> Result<Self> {
        let mut known = given(instance, named)?;
        known.extend(looked_up.iter().filter_map(|mention| {
            let handle = read(instance, mention.handle.as_deref()?)?;
            Some(Known { handle, mention })
        }));
        Ok(Self { instance, known })
    }

    /// The account a handle is known to belong to.
    pub(super) fn find(&self, handle: &Handle) -> Option<&'i Mention> {
        self.known.iter().find(|k| k.handle.same(handle) && k.mention.uri.is_some()).map(|k| k.mention)
    }
}

impl Linker for Links<'_> {
    fn mention(&self, user: &str, domain: Option<&str>) -> Option<MentionLink> {
        let handle = handle(self.instance, user, domain)?;
        let mention = self.find(&handle)?;
        let uri = vocab::http_url(mention.uri.as_deref()?)?;
        let url = mention.url.as_deref().and_then(vocab::http_url).unwrap_or(uri);
        let acct = if handle.domain == self.instance.account_domain() { handle.user } else { handle.acct() };
        Some(MentionLink { href: uri.to_owned(), url: url.to_owned(), acct })
    }

    fn hashtag(&self, tag: &str) -> Option<String> {
        Some(self.instance.tag_page(tag))
    }
}

/// The mentions a host gave, by handle; one without a handle needs no look-up by name.
fn given<'m>(instance: &Instance, mentions: &'m [Mention]) -> Result<Vec<Known<'m>>> {
    let mut out = Vec::new();
    for (index, mention) in mentions.iter().enumerate() {
        let Some(text) = &mention.handle else { continue };
        let handle = read(instance, text).ok_or_else(|| {
            invalid("bad_handle", "expected a handle such as @bob@remote.example or @bob")
                .at(format!("/mentions/{index}/handle"))
        })?;
        out.push(Known { handle, mention });
    }
    Ok(out)
}

/// A handle as a host writes it; without a domain it is one of ours.
pub(super) fn read(instance: &Instance, text: &str) -> Option<Handle> {
    Handle::parse(text).or_else(|| {
        let user = text.trim();
        handle(instance, user.strip_prefix('@').unwrap_or(user), None)
    })
}

/// The account a mention means. Our hosts and our account domain are one place.
fn handle(instance: &Instance, user: &str, domain: Option<&str>) -> Option<Handle> {
    let ours = instance.account_domain();
    let mut handle = Handle::parse(&format!("{user}@{}", domain.unwrap_or(ours)))?;
    if instance.hosts().contains(&handle.domain) {
        ours.clone_into(&mut handle.domain);
    }
    Some(handle)
}
