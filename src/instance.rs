//! Who the host is on the network: origins, account domain, URL templates, policy.
//!
//! Everything here is configured, never guessed from a request. The handle is immutable and cheap to clone.
//! The account domain may differ from the server's host (`@user@example.com` served by `social.example.com`),
//! as RFC 7033 and Mastodon's `LOCAL_DOMAIN` allow.

mod config;
mod loads;
mod paths;
mod policy;
mod template;
mod uris;

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::{Result, invalid};

pub use loads::LOADS;
pub use policy::Policy;
pub use uris::Local;

use config::{Config, account_domain, describe, origin};
use paths::Paths;
pub(crate) use template::{Template, decode};

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
