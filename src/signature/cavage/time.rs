//! The time window of a signature: not from the future, not too old, not expired.
//!
//! The numbers are Mastodon's (signed_request.rb, `created_time` and `expires_time`). Replay is possible within
//! the window, so whoever receives must keep activity ids.

use std::time::UNIX_EPOCH;

use crate::http::Head;

use super::cause;
use super::check::{Expectation, seen_header};
use super::claim::Claim;
use super::rules::{self, Findings};

/// The longest a signature with `expires` lives, in seconds.
const LONGEST_LIFE: i64 = 12 * 3600;

impl Claim {
    /// The time of signing, `(created)` or `Date`, when it can be read. A time that the signature does not
    /// cover counts for nothing.
    pub(super) fn time(
        &self,
        head: &Head,
        expected: &Expectation<'_>,
        now: i64,
        findings: &mut Findings<'_, '_>,
    ) -> Option<i64> {
        let created = self.created.as_deref().filter(|_| self.covers("(created)"));
        let signed_at = match created {
            Some(text) => text.parse().ok(),
            None => date(head),
        };
        findings.test(
            &rules::DATE_READABLE,
            signed_at.is_some(),
            || seen_header(head, "date"),
            || "Sun, 06 Nov 1994 08:49:37 GMT".into(),
            || None,
        );
        let signed_at = signed_at?;
        let expires: Option<i64> =
            self.expires.as_deref().filter(|_| self.covers("(expires)")).and_then(|text| text.parse().ok());
        let latest = match expires {
            Some(at) => at.min(signed_at.saturating_add(LONGEST_LIFE)).saturating_add(expected.max_ahead),
            None => signed_at.saturating_add(expected.max_age),
        };
        let early = signed_at.saturating_sub(expected.max_ahead);
        findings.test(
            &rules::NOT_AHEAD,
            early <= now,
            || format!("signed at {signed_at}, now {now}"),
            || format!("at most {} s ahead", expected.max_ahead),
            || Some(cause::clock(signed_at, now)),
        );
        findings.test(
            &rules::NOT_STALE,
            now <= latest,
            || format!("signed at {signed_at}, now {now}"),
            || format!("now at most {latest}"),
            || Some(cause::clock(signed_at, now)),
        );
        Some(signed_at)
    }
}

/// The `Date` header in seconds since the epoch.
fn date(head: &Head) -> Option<i64> {
    let time = httpdate::parse_http_date(head.headers.text("date")?).ok()?;
    i64::try_from(time.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()
}
