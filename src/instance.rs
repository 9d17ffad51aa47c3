//! Who the host is on the network: origins, account domain, URL templates, policy.
//!
//! Everything here is configured, never guessed from a request. The handle is immutable and cheap to clone.
//! The account domain may differ from the server's host (`@user@example.com` served by `social.example.com`),
//! as RFC 7033 and Mastodon's `LOCAL_DOMAIN` allow.

mod policy;
mod template;

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::error::{Result, invalid};

pub use policy::Policy;
pub(crate) use template::{Template, decode};

/// The names an exchange may ask the host for. A host declares those it answers; a missing one fails at once.
///
/// The host provides what it has anyway (`profile`, `post`, `posts`, `blocked`); its store, which the bindings
/// bring along, provides the rest. A value that does not exist is `null`; one that cannot be read now is an
/// error, never `null`.
///
/// | name | key | value | order, paging | provided by | written by |
/// | --- | --- | --- | --- | --- | --- |
/// | `profile` | the host's id of a profile, or `@username` | a profile | | host | host |
/// | `post` | the host's id of a post | a post | | host | host |
/// | `posts` | the host's id of a profile | a page of posts | newest first | host | host |
/// | `blocked` | a host name, or an actor's URI | `true` | | host | host |
/// | `key` | the URI of a local actor | `{"key_id","algorithm":"rsa","public_key_pem"}` | | store, which makes the pair when first asked | store |
/// | `activity` | the URI of an activity | what was stored under it | | store | `put`, `remove` |
/// | `follow` | `<follower URI> <followee URI>` | `{"v","state":"pending"\|"accepted","activity","at"}` | | store | `put`, `remove` |
/// | `followers` | an actor's URI | a page of follower URIs, accepted ones | any stable order | store | through `follow` |
/// | `following` | an actor's URI | a page of followee URIs, accepted ones | any stable order | store | through `follow` |
/// | `local_followers` | a remote actor's URI | a page of local actor URIs that follow it, accepted ones | any stable order | store | through `follow` |
/// | `inboxes` | a local actor's URI | a page of inbox URLs of its accepted followers, each once, the shared inbox before the own | ascending; the cursor is the last inbox | store | through `follow` and `remote_actor`; `remove` drops every follower reached by that inbox |
/// | `remote_actor` | an actor's URI, or `acct:user@domain` | what was stored; columns of its own for `id`, `handle`, `inbox`, `shared_inbox` | | store | `put`; `remove` takes its follows along |
/// | `remote_post` | an object's URI | what was stored | | store | `put_if_newer`, `remove` |
/// | `remote_key` | a key's id | what was stored, until it expires | | store | `put` |
/// | `once` | the key of something done once | `true` | | store | the `once` of a `done`, unique |
/// | `origin` | `https://host` | how that host has been answering | | store | `put`, `remove` |
/// | `tombstone` | a URI | what was stored, until it expires | | store | `put` |
///
/// A page is `{"items":[…],"next":cursor or null,"total":number or null}`; the cursor is the host's own text.
/// Stored values come back as they were put.
pub const LOADS: [&str; 17] = [
    "profile",
    "post",
    "posts",
    "key",
    "activity",
    "follow",
    "followers",
    "following",
    "local_followers",
    "inboxes",
    "remote_actor",
    "remote_post",
    "remote_key",
    "once",
    "blocked",
    "origin",
    "tombstone",
];

/// One server on the network.
#[derive(Clone)]
pub struct Instance(Arc<Inner>);

struct Inner {
    origin: String,
    origins: Vec<String>,
    hosts: Vec<String>,
    account_domain: String,
    paths: Paths,
    software: Software,
    name: String,
    description: String,
    open_registrations: bool,
    policy: Policy,
    exchanges: bool,
}

/// What the server calls itself in NodeInfo.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Software {
    /// Lower-case name, letters, digits and dashes (NodeInfo 2.1 schema).
    pub name: String,
    /// Version text.
    pub version: String,
    /// Where its source is.
    #[serde(default)]
    pub repository: Option<String>,
    /// Its home page.
    #[serde(default)]
    pub homepage: Option<String>,
}

#[derive(Clone)]
pub(crate) struct Paths {
    pub(crate) actor: Template,
    pub(crate) inbox: Template,
    pub(crate) outbox: Template,
    pub(crate) followers: Template,
    pub(crate) following: Template,
    pub(crate) post: Template,
    pub(crate) activity: Template,
    pub(crate) shared_inbox: Template,
    pub(crate) instance_actor: Template,
    pub(crate) nodeinfo: Template,
    pub(crate) profile_page: Template,
    pub(crate) post_page: Template,
    pub(crate) tag_page: Template,
}

/// What one of our own URIs names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Local {
    /// A profile, by the host's id.
    Actor(String),
    /// The inbox of a profile.
    Inbox(String),
    /// The outbox of a profile.
    Outbox(String),
    /// The followers of a profile.
    Followers(String),
    /// Whom a profile follows.
    Following(String),
    /// A post, by the host's id.
    Post(String),
    /// An activity, by its own id.
    Activity(String),
    /// The inbox shared by all profiles.
    SharedInbox,
    /// The actor that signs what no profile signs.
    InstanceActor,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    origin: String,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    account_domain: Option<String>,
    #[serde(default)]
    paths: PathConfig,
    #[serde(default)]
    software: Option<Software>,
    #[serde(default)]
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    policy: Option<Value>,
    #[serde(default)]
    loads: Option<Vec<String>>,
    #[serde(default)]
    open_registrations: bool,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct PathConfig {
    actor: Option<String>,
    inbox: Option<String>,
    outbox: Option<String>,
    followers: Option<String>,
    following: Option<String>,
    post: Option<String>,
    activity: Option<String>,
    shared_inbox: Option<String>,
    instance_actor: Option<String>,
    nodeinfo: Option<String>,
    profile_page: Option<String>,
    post_page: Option<String>,
    tag_page: Option<String>,
}

impl Instance {
    /// Opens an instance from its configuration, a JSON object; only `origin` is required.
    ///
    /// Errors: `bad_config` (unknown or mistyped member), `bad_origin`, `bad_path`, `bad_policy`,
    /// `missing_load` (with the name that the host does not answer).
    pub fn open(config: &[u8]) -> Result<Self> {
        let config: Config = serde_json::from_slice(config).map_err(|e| {
            invalid("bad_config", format!("the configuration cannot be read: {}", describe(&e)))
        })?;
        let policy = Policy::read(config.policy.as_ref())?;
        let (origin, host) = origin(&config.origin, &policy, "/origin")?;
        let mut origins = vec![origin.clone()];
        let mut hosts = vec![host];
        for (index, alias) in config.aliases.iter().enumerate() {
            let (origin, host) = self::origin(alias, &policy, &format!("/aliases/{index}"))?;
            origins.push(origin);
            hosts.push(host);
        }
        let account_domain = match &config.account_domain {
            None => hosts.first().cloned().unwrap_or_default(),
            Some(domain) => account_domain(domain, &policy)?,
        };
        let exchanges = match &config.loads {
            None => false,
            Some(given) => {
                if let Some(missing) = LOADS.iter().find(|name| !given.iter().any(|g| g == *name)) {
                    let text = format!(
                        "the host must answer every name an exchange may load; `{missing}` is missing"
                    );
                    return Err(invalid("missing_load", text).at("/loads"));
                }
                true
            }
        };
        let software = config.software.unwrap_or_else(|| Software {
            name: "fedigraft".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            repository: None,
            homepage: None,
        });
        if software.name.is_empty()
            || !software.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        {
            return Err(invalid(
                "bad_software",
                "the name has lower-case letters, digits and dashes (NodeInfo 2.1)",
            )
            .at("/software/name"));
        }
        Ok(Self(Arc::new(Inner {
            origin,
            origins,
            hosts,
            account_domain,
            paths: Paths::read(&config.paths)?,
            software,
            name: config.name,
            description: config.description,
            open_registrations: config.open_registrations,
            policy,
            exchanges,
        })))
    }

    /// Scheme, host and port of every id, such as `https://chirp.example`.
    pub fn origin(&self) -> &str {
        &self.0.origin
    }

    /// Every value of `Host` that reaches this server, the port included when it is not the scheme's own.
    pub fn hosts(&self) -> &[String] {
        &self.0.hosts
    }

    /// The domain in `@user@domain`.
    pub fn account_domain(&self) -> &str {
        &self.0.account_domain
    }

    /// What is allowed, and the budgets.
    pub fn policy(&self) -> &Policy {
        &self.0.policy
    }

    /// What the server calls itself.
    pub fn software(&self) -> &Software {
        &self.0.software
    }

    /// The name of the site, for people.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// One paragraph about the site, plain text.
    pub fn description(&self) -> &str {
        &self.0.description
    }

    /// Whether anybody may sign up.
    pub fn open_registrations(&self) -> bool {
        self.0.open_registrations
    }

    /// True when the host declared that it answers every load; without it only the primitives work.
    pub fn answers_loads(&self) -> bool {
        self.0.exchanges
    }

    pub(crate) fn paths(&self) -> &Paths {
        &self.0.paths
    }

    fn id_uri(&self, template: &Template, id: &str) -> String {
        format!("{}{}", self.0.origin, template.write(|_| id))
    }

    /// The id of a profile's actor.
    pub fn actor_uri(&self, profile: &str) -> String {
        self.id_uri(&self.0.paths.actor, profile)
    }

    /// Where activities for one profile are delivered.
    pub fn inbox_uri(&self, profile: &str) -> String {
        self.id_uri(&self.0.paths.inbox, profile)
    }

    /// The collection of a profile's public posts.
    pub fn outbox_uri(&self, profile: &str) -> String {
        self.id_uri(&self.0.paths.outbox, profile)
    }

    /// The collection of a profile's followers.
    pub fn followers_uri(&self, profile: &str) -> String {
        self.id_uri(&self.0.paths.followers, profile)
    }

    /// The collection of whom a profile follows.
    pub fn following_uri(&self, profile: &str) -> String {
        self.id_uri(&self.0.paths.following, profile)
    }

    /// The id of a post's object.
    pub fn post_uri(&self, post: &str) -> String {
        self.id_uri(&self.0.paths.post, post)
    }

    /// The id of an activity.
    pub fn activity_uri(&self, activity: &str) -> String {
        self.id_uri(&self.0.paths.activity, activity)
    }

    /// The inbox shared by all profiles.
    pub fn shared_inbox_uri(&self) -> String {
        self.id_uri(&self.0.paths.shared_inbox, "")
    }

    /// The actor that signs what no profile signs; readable unsigned, or two secure servers deadlock.
    pub fn instance_actor_uri(&self) -> String {
        self.id_uri(&self.0.paths.instance_actor, "")
    }

    /// The NodeInfo document of a version such as `2.1`.
    pub fn nodeinfo_uri(&self, version: &str) -> String {
        self.id_uri(&self.0.paths.nodeinfo, version)
    }

    /// The page of a profile, for people.
    pub fn profile_page(&self, username: &str, id: &str) -> String {
        let path = self.0.paths.profile_page.write(|hole| if hole == "id" { id } else { username });
        format!("{}{path}", self.0.origin)
    }

    /// The page of a post, for people.
    pub fn post_page(&self, id: &str, username: &str) -> String {
        let path = self.0.paths.post_page.write(|hole| if hole == "id" { id } else { username });
        format!("{}{path}", self.0.origin)
    }

    /// The page of a hashtag, for people.
    pub fn tag_page(&self, tag: &str) -> String {
        self.id_uri(&self.0.paths.tag_page, tag)
    }

    /// The id of an actor's RSA key. Threads and Lemmy want a fragment; `#main-key` is what Mastodon uses.
    pub fn key_id(&self, actor: &str) -> String {
        format!("{actor}#main-key")
    }

    /// `@user@domain`.
    pub fn handle(&self, username: &str) -> String {
        format!("@{username}@{}", self.0.account_domain)
    }

    /// True when the URL lies on one of our origins: such a document is loaded, never fetched.
    pub fn is_ours(&self, url: &str) -> bool {
        self.path_of(url).is_some()
    }

    /// What one of our own URIs names; `None` for foreign ones and for pages.
    pub fn local(&self, uri: &str) -> Option<Local> {
        let path = self.path_of(uri)?;
        let path = path.split(['?', '#']).next().unwrap_or_default();
        self.local_path(path)
    }

    /// What a path on this server names.
    pub(crate) fn local_path(&self, path: &str) -> Option<Local> {
        type Make = fn(String) -> Local;
        let p = &self.0.paths;
        let named: [(&Template, Make); 9] = [
            (&p.shared_inbox, |_| Local::SharedInbox),
            (&p.instance_actor, |_| Local::InstanceActor),
            (&p.actor, Local::Actor),
            (&p.inbox, Local::Inbox),
            (&p.outbox, Local::Outbox),
            (&p.followers, Local::Followers),
            (&p.following, Local::Following),
            (&p.post, Local::Post),
            (&p.activity, Local::Activity),
        ];
        named.into_iter().find_map(|(template, make)| template.read(path).map(make))
    }

    /// The path (with query and fragment) of a URL on one of our origins.
    fn path_of<'u>(&self, url: &'u str) -> Option<&'u str> {
        self.0.origins.iter().find_map(|origin| {
            let (start, rest) = (url.get(..origin.len())?, url.get(origin.len()..)?);
            (start.eq_ignore_ascii_case(origin) && (rest.is_empty() || rest.starts_with(['/', '?', '#'])))
                .then_some(rest)
        })
    }

    /// What the operator should know: where this instance lives, and warnings such as the development policy's.
    pub fn describe(&self) -> Value {
        let mut warnings = Vec::new();
        if self.0.policy.local_network {
            warnings.push("the development policy is on: plain HTTP, any port and loopback addresses are allowed; never use it on the internet");
        } else if !self.0.origin.starts_with("https://") {
            warnings.push("the origin is not https: no other server will accept it");
        }
        json!({
            "origin": self.0.origin,
            "hosts": self.0.hosts,
            "account_domain": self.0.account_domain,
            "instance_actor": self.instance_actor_uri(),
            "shared_inbox": self.shared_inbox_uri(),
            "policy": self.0.policy,
            "warnings": warnings,
        })
    }
}

impl Paths {
    fn read(given: &PathConfig) -> Result<Self> {
        let id = |name: &str, given: &Option<String>, default: &str| {
            Template::parse(name, given.as_deref().unwrap_or(default), &["id"], &["id"])
        };
        let fixed = |name: &str, given: &Option<String>, default: &str| {
            Template::parse(name, given.as_deref().unwrap_or(default), &[], &[])
        };
        let base = given.actor.as_deref().unwrap_or("/ap/users/{id}").to_owned();
        let below = |what: &str| format!("{}/{what}", base.trim_end_matches('/'));
        let page = |name: &str, given: &Option<String>, default: &str| {
            Template::parse(name, given.as_deref().unwrap_or(default), &["id", "username"], &[])
        };
        let paths = Self {
            actor: id("actor", &given.actor, &base)?,
            inbox: id("inbox", &given.inbox, &below("inbox"))?,
            outbox: id("outbox", &given.outbox, &below("outbox"))?,
            followers: id("followers", &given.followers, &below("followers"))?,
            following: id("following", &given.following, &below("following"))?,
            post: id("post", &given.post, "/ap/posts/{id}")?,
            activity: id("activity", &given.activity, "/ap/activities/{id}")?,
            shared_inbox: fixed("shared_inbox", &given.shared_inbox, "/ap/inbox")?,
            instance_actor: fixed("instance_actor", &given.instance_actor, "/ap/actor")?,
            nodeinfo: Template::parse(
                "nodeinfo",
                given.nodeinfo.as_deref().unwrap_or("/nodeinfo/{version}"),
                &["version"],
                &["version"],
            )?,
            profile_page: page("profile_page", &given.profile_page, "/@{username}")?,
            post_page: page("post_page", &given.post_page, "/posts/{id}")?,
            tag_page: Template::parse(
                "tag_page",
                given.tag_page.as_deref().unwrap_or("/tags/{tag}"),
                &["tag"],
                &["tag"],
            )?,
        };
        paths.distinct()?;
        Ok(paths)
    }

    /// Two endpoints on one path would answer for each other.
    fn distinct(&self) -> Result<()> {
        let all = [
            ("actor", &self.actor),
            ("inbox", &self.inbox),
            ("outbox", &self.outbox),
            ("followers", &self.followers),
            ("following", &self.following),
            ("post", &self.post),
            ("activity", &self.activity),
            ("shared_inbox", &self.shared_inbox),
            ("instance_actor", &self.instance_actor),
            ("nodeinfo", &self.nodeinfo),
        ];
        for (index, (name, template)) in all.iter().enumerate() {
            let probe = template.write(|_| "probe");
            if all.iter().take(index).any(|(_, other)| other.read(&probe).is_some()) {
                return Err(invalid("bad_path", "this path is already taken by another endpoint")
                    .at(format!("/paths/{name}")));
            }
        }
        Ok(())
    }
}

/// Checks an origin and returns it in its one spelling, with the value its `Host` header has.
fn origin(text: &str, policy: &Policy, at: &str) -> Result<(String, String)> {
    let fault = |why: &str| invalid("bad_origin", why.to_owned()).at(at.to_owned());
    let url =
        Url::parse(text).map_err(|_| fault("expected scheme and host, such as https://chirp.example"))?;
    let bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if !bare {
        return Err(fault("an origin has no path, query, fragment or user"));
    }
    match (url.scheme(), policy.local_network) {
        ("https", _) | ("http", true) => {}
        ("http", false) => return Err(fault("an origin is https; plain http needs the development policy")),
        _ => return Err(fault("an origin is https")),
    }
    let host = url.host_str().ok_or_else(|| fault("an origin has a host"))?;
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    Ok((format!("{}://{host}", url.scheme()), host))
}

fn account_domain(text: &str, policy: &Policy) -> Result<String> {
    let fault =
        || invalid("bad_account_domain", "expected a domain such as example.com").at("/account_domain");
    let url = Url::parse(&format!("https://{text}/")).map_err(|_| fault())?;
    let host = url.host_str().ok_or_else(fault)?;
    let port = url.port();
    if url.path() != "/" || !url.username().is_empty() || (port.is_some() && !policy.local_network) {
        return Err(fault());
    }
    Ok(port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

/// serde's complaint about our own configuration names members, never values.
fn describe(error: &serde_json::Error) -> String {
    let text = error.to_string();
    if text.starts_with("unknown field") || text.starts_with("missing field") {
        text
    } else {
        crate::http::shape(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(config: &str) -> Instance {
        Instance::open(config.as_bytes()).unwrap()
    }

    fn reason(config: &str) -> &'static str {
        Instance::open(config.as_bytes()).err().map_or("opened", |e| e.reason())
    }

    #[test]
    fn our_uris_name_what_they_were_made_for() {
        let instance = open(r#"{"origin":"https://Chirp.example/","account_domain":"example.com"}"#);
        assert_eq!(instance.actor_uri("42"), "https://chirp.example/ap/users/42");
        assert_eq!(instance.handle("ann"), "@ann@example.com");
        assert_eq!(instance.local(&instance.inbox_uri("4/2")), Some(Local::Inbox("4/2".into())));
        assert_eq!(instance.local("https://chirp.example/ap/posts/7#x"), Some(Local::Post("7".into())));
        assert_eq!(instance.local("https://chirp.example.evil/ap/posts/7"), None);
        assert!(!instance.is_ours("https://chirp.example:8443/ap/posts/7"));
    }

    #[test]
    fn plain_http_needs_the_development_policy() {
        assert_eq!(reason(r#"{"origin":"http://localhost:5000"}"#), "bad_origin");
        let instance = open(r#"{"origin":"http://localhost:5000","policy":"development"}"#);
        assert_eq!(instance.hosts(), ["localhost:5000"]);
        assert!(instance.describe()["warnings"][0].as_str().unwrap().contains("development"));
    }

    #[test]
    fn typing_errors_and_collisions_fail_loudly() {
        assert_eq!(reason(r#"{"origin":"https://a.example","orgin":1}"#), "bad_config");
        assert_eq!(reason(r#"{"origin":"https://a.example/x"}"#), "bad_origin");
        assert_eq!(reason(r#"{"origin":"https://a.example","paths":{"post":"/ap/users/{id}"}}"#), "bad_path");
        assert_eq!(reason(r#"{"origin":"https://a.example","policy":"loose"}"#), "bad_policy");
        assert_eq!(reason(r#"{"origin":"https://a.example","loads":["profile"]}"#), "missing_load");
    }
}
