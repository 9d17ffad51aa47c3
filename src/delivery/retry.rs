//! What the answer to a delivery means, and when to try again.
//!
//! Mastodon's schedule: 16 attempts, the n-th `n^4 + 15` seconds after the one before, plus jitter, about two
//! days in all. Final are 501 and every 4xx but 401, 408, 425 and 429 (`response_error_unsalvageable?`).

use crate::delivery::derived_id;
use crate::http::ResponseHead;
use crate::instance::Policy;

/// What becomes of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Delivered,
    /// Try again at this time, in seconds since the epoch.
    RetryAt(i64),
    /// The inbox is gone (410): its followers are dropped.
    Gone,
    /// The peer refused it for good, or every attempt is used up.
    GaveUp,
}

/// Judges the answer to attempt `attempt`, counted from 0.
pub(crate) fn judge(head: &ResponseHead, id: &str, attempt: u32, now: i64, policy: &Policy) -> Outcome {
    match head.status {
        200..=299 => Outcome::Delivered,
        410 => Outcome::Gone,
        501 => Outcome::GaveUp,
        401 | 408 | 425 | 429 | 500..=599 => again(id, attempt, now, retry_after(head, now), policy),
        // A POST is never redirected; a moved inbox is learnt from the actor.
        _ => Outcome::GaveUp,
    }
}

/// When to try again after a failure without an answer, or with one that may pass.
pub(crate) fn again(id: &str, attempt: u32, now: i64, at_least: Option<i64>, policy: &Policy) -> Outcome {
    if attempt + 1 >= policy.delivery_attempts {
        return Outcome::GaveUp;
    }
    let at = now + delay(id, attempt);
    Outcome::RetryAt(at_least.map_or(at, |least| at.max(least)))
}

/// Seconds until the attempt after number `attempt`. The jitter follows from the id, so the same input gives
/// the same time.
pub(crate) fn delay(id: &str, attempt: u32) -> i64 {
    let n = i64::from(attempt.min(20));
    let jitter = derived_id(&["jitter", id, &attempt.to_string()]);
    let jitter = i64::from_str_radix(jitter.get(..4).unwrap_or("0"), 16).unwrap_or(0);
    n.pow(4) + 15 + jitter % (10 * (n + 1))
}

/// `Retry-After` in seconds or as a date (RFC 9110 section 10.2.3), at most a day ahead.
fn retry_after(head: &ResponseHead, now: i64) -> Option<i64> {
    let text = head.headers.text("retry-after")?;
    let at = if let Ok(seconds) = text.parse::<i64>() {
        now.checked_add(seconds.max(0))?
    } else {
        let date = httpdate::parse_http_date(text).ok()?;
        i64::try_from(date.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs()).ok()?
    };
    Some(at.min(now + 86_400))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, attempt: u32, retry_after: &str) -> Outcome {
        let head = format!(
            r#"{{"url":"https://a.example/inbox","status":{status},"headers":[["Retry-After","{retry_after}"]]}}"#
        );
        let head = ResponseHead::from_json(head.as_bytes()).unwrap();
        judge(&head, "id", attempt, 1000, &Policy::read(None).unwrap())
    }

    #[test]
    fn each_status_has_its_meaning() {
        assert_eq!(answer(200, 0, ""), Outcome::Delivered);
        assert_eq!(answer(202, 0, ""), Outcome::Delivered);
        assert_eq!(answer(410, 0, ""), Outcome::Gone);
        for status in [301, 400, 403, 404, 405, 413, 422, 501] {
            assert_eq!(answer(status, 0, ""), Outcome::GaveUp, "{status}");
        }
        for status in [401, 408, 429, 500, 502, 503] {
            assert!(
                matches!(answer(status, 0, ""), Outcome::RetryAt(at) if (1015..1026).contains(&at)),
                "{status}"
            );
        }
    }

    #[test]
    fn the_peer_may_ask_for_more_patience_up_to_a_day() {
        assert_eq!(answer(503, 0, "600"), Outcome::RetryAt(1600));
        assert_eq!(answer(503, 0, "99999999"), Outcome::RetryAt(87_400));
        assert_eq!(answer(429, 0, "Thu, 01 Jan 1970 01:00:00 GMT"), Outcome::RetryAt(3600));
    }

    #[test]
    fn sixteen_attempts_take_about_two_days() {
        assert_eq!(answer(503, 15, ""), Outcome::GaveUp);
        let total: i64 = (0..15).map(|n| delay("id", n)).sum();
        assert!((100_000..200_000).contains(&total), "{total}");
        assert_eq!(delay("id", 3), delay("id", 3));
    }
}
