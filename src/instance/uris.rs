//! Our own URIs: made from ids, and read back.

use super::Instance;
use super::template::Template;

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

impl Instance {
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
}
