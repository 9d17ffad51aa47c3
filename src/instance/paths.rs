//! The URL paths of an instance, one template for each endpoint and page.

use serde::Deserialize;

use super::template::Template;
use crate::error::{Result, invalid};

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

/// The paths as the configuration gives them; what is absent has its default.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PathConfig {
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

impl Paths {
    pub(super) fn read(given: &PathConfig) -> Result<Self> {
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
