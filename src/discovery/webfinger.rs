//! WebFinger: from a handle or URL to the actor (RFC 7033; RFC 7565 for `acct:`; swicg/activitypub-webfinger).

use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use crate::error::{Code, Error, Result, invalid, malformed};
use crate::instance::{Instance, Local};
use crate::model::{Handle, Profile};
use crate::translate::profile;
use crate::vocab::{Object, http_url, text};

/// The media type of the answer (RFC 7033 section 10.2).
pub const MEDIA_TYPE: &str = "application/jrd+json; charset=utf-8";

/// Most links read of a remote answer.
const MAX_LINKS: usize = 256;

/// Whom a WebFinger query asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resource {
    /// A profile by its user name.
    Username(String),
    /// A profile by its id, asked for by the URI of its actor.
    Profile(String),
    /// The instance itself: `https://host/`, its own actor, or the account named after the domain (FEP-d556).
    Instance,
}

/// Reads the query of a WebFinger request, such as `resource=acct%3Aann%40example.com`; `rel` is ignored, as
/// RFC 7033 section 4.3 allows. Understood are `acct:user@domain`, `user@domain`, `@user@domain`, the URI of
/// an actor and the page of a profile.
///
/// Errors: `no_resource` when there is none, and two of them are none either (400); `unknown_resource` for
/// what is not ours (404).
pub fn parse(instance: &Instance, query: &str) -> Result<Resource> {
    let mut given = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "resource");
    let (Some((_, resource)), None) = (given.next(), given.next()) else {
        return Err(
            malformed("no_resource", "expected one resource, such as acct:user@domain").at("resource")
        );
    };
    find(instance, resource.trim()).ok_or_else(|| {
        Error::new(Code::Refused, "unknown_resource", "no account here has this name").at("resource")
    })
}

fn find(instance: &Instance, resource: &str) -> Option<Resource> {
    if http_url(resource).is_some() {
        return by_url(instance, resource);
    }
    let handle = Handle::parse(resource)?;
    let ours = handle.domain == instance.account_domain() || instance.hosts().contains(&handle.domain);
    if !ours {
        return None;
    }
    if handle.user == handle.domain || handle.user == instance.account_domain() {
        return Some(Resource::Instance);
    }
    Some(Resource::Username(handle.user))
}

fn by_url(instance: &Instance, url: &str) -> Option<Resource> {
    if !instance.is_ours(url) {
        return None;
    }
    match instance.local(url) {
        Some(Local::Actor(id)) => return Some(Resource::Profile(id)),
        Some(Local::InstanceActor) => return Some(Resource::Instance),
        Some(_) => return None,
        None => {}
    }
    let path = url.splitn(4, '/').nth(3).unwrap_or_default().split(['?', '#']).next().unwrap_or_default();
    if path.is_empty() {
        return Some(Resource::Instance);
    }
    let page = &instance.paths().profile_page;
    let name = page.read(&format!("/{path}"))?;
    // A page template holds the user name or the id; filled with its own placeholders it tells which.
    match page.read(&page.write(|hole| if hole == "id" { "id" } else { "username" }))?.as_str() {
        "username" => Some(Resource::Username(name)),
        "id" => Some(Resource::Profile(name)),
        _ => None,
    }
}

/// The answer for a local profile, of [`MEDIA_TYPE`]. Its subject is the handle with the account domain,
/// whatever was asked, so that both domains lead to one account.
///
/// Errors: `InvalidArgument` with the JSON pointer in the profile.
pub fn render(instance: &Instance, profile: &Profile) -> Result<Value> {
    let wire = profile::wire(instance, profile)?;
    let page = wire.url.unwrap_or_default();
    Ok(json!({
        "subject": subject(&wire.username, instance),
        "aliases": [page, wire.id],
        "links": [
            {"rel": "self", "type": "application/activity+json", "href": wire.id},
            {"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": page},
        ],
    }))
}

/// The answer for the instance itself.
pub fn render_instance(instance: &Instance) -> Value {
    let id = instance.instance_actor_uri();
    json!({
        "subject": subject(instance.account_domain(), instance),
        "aliases": [id],
        "links": [
            {"rel": "self", "type": "application/activity+json", "href": id},
            {"rel": "https://www.w3.org/ns/activitystreams#Service", "type": "application/activity+json", "href": id},
        ],
    })
}

fn subject(user: &str, instance: &Instance) -> String {
    format!("acct:{user}@{}", instance.account_domain())
}

/// The URL to ask about a handle. `scheme` is `https`, or `http` under the development policy.
pub fn url(scheme: &str, handle: &Handle) -> Result<String> {
    let resource = format!("acct:{}", handle.acct());
    let text = format!("{scheme}://{}/.well-known/webfinger", handle.domain);
    let mut url =
        Url::parse(&text).map_err(|_| invalid("bad_handle", "expected a domain that has a host"))?;
    url.query_pairs_mut().append_pair("resource", &resource);
    Ok(url.into())
}

/// What a remote WebFinger answer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The account it is about, as its server spells it; see [`Account::answers`].
    pub handle: Handle,
    /// The URI of the actor. It must be fetched, and its own host's WebFinger must lead back to it.
    pub actor: String,
    /// The page for people, when told.
    pub profile_page: Option<String>,
}

impl Account {
    /// True when the answer is about the account asked. Otherwise the handle it names must be asked for in
    /// turn, or anybody could answer in the name of another domain.
    pub fn answers(&self, asked: &Handle) -> bool {
        self.handle.same(asked)
    }
}

/// Reads the answer of the server of `asked`.
///
/// The subject must be an account, and when it lies on the domain asked it must be the one asked. The actor is
/// the first `self` link of an ActivityPub type (`application/activity+json`, or `application/ld+json` with
/// the profile of ActivityStreams).
///
/// Errors: `Malformed` `not_an_object`, `no_subject`; `Refused` `other_subject` (the server answered about
/// somebody else), `no_actor` (no link to an actor).
pub fn read(document: &Value, asked: &Handle) -> Result<Account> {
    let Some(object) = Object::of(document) else {
        return Err(malformed("not_an_object", "expected a JSON resource descriptor (RFC 7033)"));
    };
    let handle = object.filled("subject").and_then(account).ok_or_else(|| {
        malformed("no_subject", "expected an account such as acct:user@domain").at("/subject")
    })?;
    if handle.domain == asked.domain && !handle.same(asked) {
        let text = "the server answered about another account than the one asked";
        return Err(Error::new(Code::Refused, "other_subject", text).at("/subject"));
    }
    let links = || object.items("links").take(MAX_LINKS).filter_map(|item| item.object());
    let rel = |link: &Object<'_>, rel: &str| link.text("rel") == Some(rel);
    let actor = links()
        .filter(|link| rel(link, "self") && link.text("type").is_some_and(is_activity_type))
        .find_map(|link| link.text("href").and_then(http_url))
        .ok_or_else(|| {
            let text = "no `self` link of the type application/activity+json: this account takes no part";
            Error::new(Code::Refused, "no_actor", text).at("/links")
        })?;
    let profile_page = links()
        .filter(|link| rel(link, "http://webfinger.net/rel/profile-page"))
        .find_map(|link| link.get("href").and_then(text).and_then(http_url));
    Ok(Account { handle, actor: actor.to_owned(), profile_page: profile_page.map(str::to_owned) })
}

fn account(subject: &str) -> Option<Handle> {
    // Without `acct:` it was seen too; a URL is not an account.
    if http_url(subject).is_some() { None } else { Handle::parse(subject) }
}

/// The two types that ActivityPub gives to an actor (ActivityPub section 3.2).
fn is_activity_type(media_type: &str) -> bool {
    let mut parts = media_type.split(';').map(str::trim);
    match parts.next().map(str::to_ascii_lowercase).as_deref() {
        Some("application/activity+json") => true,
        Some("application/ld+json") => parts.any(|part| {
            part.strip_prefix("profile=").is_some_and(|value| {
                value.trim_matches('"').split(' ').any(|token| token == crate::vocab::AS)
            })
        }),
        _ => false,
    }
}
