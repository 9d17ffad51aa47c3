//! The numbers and permissions an instance works under: `strict`, the default, and `development`.
//!
//! `development` allows plain HTTP, any port and loopback addresses, so that two servers can federate on one
//! machine; it says so in the instance's warnings. Every number can be overridden one by one.

use serde::{Deserialize, Serialize};

use crate::error::{Result, invalid};

/// What an instance allows and how much work it does for strangers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Policy {
    /// `strict` or `development`.
    pub name: &'static str,
    /// Plain `http:` URLs, ports other than 443 and loopback addresses are allowed.
    pub local_network: bool,
    /// Largest body read from a request or an answer, in bytes.
    pub max_body: usize,
    /// Most fetches one `receive` may make: the signer's key, once refreshed.
    pub inbound_fetches: u32,
    /// Most fetches one job or look-up may make.
    pub worker_fetches: u32,
    /// Seconds one exchange may take in all, from its start to its last answer.
    pub inbound_seconds: i64,
    /// Seconds one fetch may take.
    pub fetch_seconds: i64,
    /// How old a signature may be, in seconds (Mastodon 4.6: 1 h 5 min).
    pub signature_max_age: i64,
    /// How far in the future a signature may lie, in seconds (Mastodon 4.6: 1 h).
    pub signature_max_ahead: i64,
    /// Seconds between two refreshes of one actor's keys after a failed verification.
    pub key_refresh_seconds: i64,
    /// Seconds until a failed key look-up is tried again.
    pub key_retry_seconds: i64,
    /// Most attempts for one delivery (Mastodon: 16, about two days).
    pub delivery_attempts: u32,
    /// Most people one post may mention.
    pub max_mentions: usize,
}

const STRICT: Policy = Policy {
    name: "strict",
    local_network: false,
    max_body: 1024 * 1024,
    inbound_fetches: 2,
    worker_fetches: 24,
    inbound_seconds: 10,
    fetch_seconds: 10,
    signature_max_age: 3900,
    signature_max_ahead: 3600,
    key_refresh_seconds: 300,
    key_retry_seconds: 300,
    delivery_attempts: 16,
    max_mentions: 50,
};

/// How a policy is written in the configuration: a name, or a name with numbers that differ.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Overrides {
    base: String,
    max_body: Option<usize>,
    inbound_fetches: Option<u32>,
    worker_fetches: Option<u32>,
    inbound_seconds: Option<i64>,
    fetch_seconds: Option<i64>,
    signature_max_age: Option<i64>,
    signature_max_ahead: Option<i64>,
    key_refresh_seconds: Option<i64>,
    key_retry_seconds: Option<i64>,
    delivery_attempts: Option<u32>,
    max_mentions: Option<usize>,
}

impl Policy {
    /// Reads a policy from its place in the configuration; absent means `strict`.
    pub(crate) fn read(value: Option<&serde_json::Value>) -> Result<Self> {
        let fault = || {
            invalid("bad_policy", "expected \"strict\", \"development\" or an object with `base` and numbers")
                .at("/policy")
        };
        match value {
            None | Some(serde_json::Value::Null) => Ok(STRICT),
            Some(serde_json::Value::String(name)) => Self::named(name).ok_or_else(fault),
            Some(object) => {
                let o = Overrides::deserialize(object).map_err(|_| fault())?;
                let base = Self::named(&o.base).ok_or_else(fault)?;
                let policy = Self {
                    max_body: o.max_body.unwrap_or(base.max_body),
                    inbound_fetches: o.inbound_fetches.unwrap_or(base.inbound_fetches),
                    worker_fetches: o.worker_fetches.unwrap_or(base.worker_fetches),
                    inbound_seconds: o.inbound_seconds.unwrap_or(base.inbound_seconds),
                    fetch_seconds: o.fetch_seconds.unwrap_or(base.fetch_seconds),
                    signature_max_age: o.signature_max_age.unwrap_or(base.signature_max_age),
                    signature_max_ahead: o.signature_max_ahead.unwrap_or(base.signature_max_ahead),
                    key_refresh_seconds: o.key_refresh_seconds.unwrap_or(base.key_refresh_seconds),
                    key_retry_seconds: o.key_retry_seconds.unwrap_or(base.key_retry_seconds),
                    delivery_attempts: o.delivery_attempts.unwrap_or(base.delivery_attempts),
                    max_mentions: o.max_mentions.unwrap_or(base.max_mentions),
                    ..base
                };
                policy.within_bounds()
            }
        }
    }

    fn named(name: &str) -> Option<Self> {
        match name {
            "strict" => Some(STRICT),
            "development" => Some(Self { name: "development", local_network: true, ..STRICT }),
            _ => None,
        }
    }

    /// Windows may not exceed 12 hours, as repeats are only recognised that long (Mastodon's own cap).
    fn within_bounds(self) -> Result<Self> {
        let windows = [self.signature_max_age, self.signature_max_ahead];
        let positive =
            [self.inbound_seconds, self.fetch_seconds, self.key_refresh_seconds, self.key_retry_seconds];
        if windows.iter().any(|w| !(0..=43_200).contains(w)) || positive.iter().any(|n| *n < 1) {
            return Err(invalid("bad_policy", "times are seconds above 0, signature windows at most 43200")
                .at("/policy"));
        }
        if self.max_body < 1024 || self.max_body > crate::json::MAX_BYTES {
            return Err(
                invalid("bad_policy", "max_body lies between 1024 and 1048576 bytes").at("/policy/max_body")
            );
        }
        Ok(self)
    }
}
