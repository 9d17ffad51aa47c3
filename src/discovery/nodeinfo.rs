//! NodeInfo 2.0 and 2.1: what runs here (nodeinfo.diaspora.software; FEP-f1d5, FEP-0151).
//!
//! Counts are left out unless the host knows them: a false number is worse than none (FEP-0151).

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::error::{Code, Error, Result};
use crate::instance::Instance;

/// The versions served, the highest first.
pub const VERSIONS: [&str; 2] = ["2.1", "2.0"];

/// The numbers a host may publish; what is absent is not told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Usage {
    /// Accounts.
    pub users: Option<u64>,
    /// Accounts that did something in the last 30 days.
    pub active_month: Option<u64>,
    /// Accounts that did something in the last 180 days.
    pub active_halfyear: Option<u64>,
    /// Posts written here.
    pub local_posts: Option<u64>,
    /// Replies written here.
    pub local_comments: Option<u64>,
}

/// The document at `/.well-known/nodeinfo`: links to each version. The link to the instance's own actor is
/// that of FEP-2677.
pub fn discovery(instance: &Instance) -> Value {
    let mut links: Vec<Value> = VERSIONS
        .iter()
        .map(|version| json!({"rel": schema(version), "href": instance.nodeinfo_uri(version)}))
        .collect();
    links.push(json!({
        "rel": "https://www.w3.org/ns/activitystreams#Application",
        "href": instance.instance_actor_uri(),
    }));
    json!({"links": links})
}

/// The `Content-Type` of a document of this version.
pub fn media_type(version: &str) -> String {
    format!("application/json; profile=\"{}#\"", schema(version))
}

/// The document of a version of [`VERSIONS`].
///
/// Errors: `Unsupported` `unknown_version`.
pub fn render(instance: &Instance, version: &str, usage: &Usage) -> Result<Value> {
    if !VERSIONS.contains(&version) {
        return Err(Error::new(Code::Unsupported, "unknown_version", "expected 2.1 or 2.0").at("version"));
    }
    let ours = instance.software();
    let mut software = Map::new();
    software.insert("name".into(), json!(ours.name));
    software.insert("version".into(), json!(ours.version));
    if version == "2.1" {
        let mut put = |name: &str, value: &Option<String>| {
            if let Some(value) = value {
                software.insert(name.to_owned(), json!(value));
            }
        };
        put("repository", &ours.repository);
        put("homepage", &ours.homepage);
    }
    let number = |out: &mut Map<String, Value>, name: &str, value: Option<u64>| {
        if let Some(value) = value {
            out.insert(name.to_owned(), json!(value));
        }
    };
    let mut users = Map::new();
    number(&mut users, "total", usage.users);
    number(&mut users, "activeMonth", usage.active_month);
    number(&mut users, "activeHalfyear", usage.active_halfyear);
    let mut counts = Map::new();
    counts.insert("users".into(), Value::Object(users));
    number(&mut counts, "localPosts", usage.local_posts);
    number(&mut counts, "localComments", usage.local_comments);
    let mut metadata = Map::new();
    for (name, text) in [("nodeName", instance.name()), ("nodeDescription", instance.description())] {
        if !text.is_empty() {
            metadata.insert(name.to_owned(), json!(text));
        }
    }
    Ok(json!({
        "version": version,
        "software": software,
        "protocols": ["activitypub"],
        "services": {"inbound": [], "outbound": []},
        "openRegistrations": instance.open_registrations(),
        "usage": counts,
        "metadata": metadata,
    }))
}

fn schema(version: &str) -> String {
    format!("http://nodeinfo.diaspora.software/ns/schema/{version}")
}
