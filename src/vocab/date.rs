//! Points in time, in the forms servers send them.
//!
//! Read are RFC 3339 with any number of digits of a second, with `Z`, `+00:00`, `+0000` (Threads), `+00` or
//! no zone at all (Pleroma's `closed`, taken as UTC), with a blank for `T`, without seconds, the basic form
//! without dashes, a date alone, HTTP dates (BookWyrm) and seconds or milliseconds since the epoch (XWiki).

use jiff::civil::{Date, DateTime, Time as Clock};
use jiff::tz::Offset;
use serde_json::Value;

use crate::model::Time;

/// The time a value names, in UTC. `None` for what is no time.
pub fn time(value: &Value) -> Option<Time> {
    match value.get("@value").unwrap_or(value) {
        Value::String(text) => parse(text.trim()),
        Value::Number(number) => {
            let number = number.as_i64()?;
            // Seconds reach this value in the year 5138, milliseconds reached it in 1973.
            if number.unsigned_abs() < 100_000_000_000 {
                Time::from_seconds(number)
            } else {
                Time::from_milliseconds(number)
            }
        }
        _ => None,
    }
}

fn parse(text: &str) -> Option<Time> {
    iso(text).or_else(|| http(text))
}

fn http(text: &str) -> Option<Time> {
    let since = httpdate::parse_http_date(text).ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    Time::from_seconds(i64::try_from(since.as_secs()).ok()?)
}

fn iso(text: &str) -> Option<Time> {
    let mut rest = Digits(text.as_bytes());
    let year = i16::try_from(rest.number(4)?).ok()?;
    let dashed = rest.take(b'-');
    let month = i8::try_from(rest.number(2)?).ok()?;
    if dashed && !rest.take(b'-') {
        return None;
    }
    let day = i8::try_from(rest.number(2)?).ok()?;
    let date = Date::new(year, month, day).ok()?;
    if rest.0.is_empty() {
        return at(DateTime::from_parts(date, Clock::midnight()), 0);
    }
    if !(rest.take(b'T') || rest.take(b't') || rest.take(b' ')) {
        return None;
    }
    let hour = i8::try_from(rest.number(2)?).ok()?;
    let colons = rest.take(b':');
    let minute = i8::try_from(rest.number(2)?).ok()?;
    let (mut second, mut nanosecond) = (0, 0);
    if if colons { rest.take(b':') } else { rest.0.first().is_some_and(u8::is_ascii_digit) } {
        second = i8::try_from(rest.number(2)?).ok()?;
        // A leap second counts as the one before it.
        if second == 60 {
            second = 59;
        }
        if rest.take(b'.') || rest.take(b',') {
            nanosecond = rest.fraction()?;
        }
    }
    let clock = Clock::new(hour, minute, second, nanosecond).ok()?;
    at(DateTime::from_parts(date, clock), rest.zone()?)
}

fn at(local: DateTime, offset: i32) -> Option<Time> {
    Offset::from_seconds(offset).ok()?.to_timestamp(local).ok().map(Time::from)
}

struct Digits<'t>(&'t [u8]);

impl Digits<'_> {
    fn take(&mut self, byte: u8) -> bool {
        match self.0.split_first() {
            Some((first, rest)) if *first == byte => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    /// Exactly `n` digits.
    fn number(&mut self, n: usize) -> Option<i32> {
        let (digits, rest) = self.0.split_at_checked(n)?;
        let mut value = 0;
        for digit in digits {
            if !digit.is_ascii_digit() {
                return None;
            }
            value = value * 10 + i32::from(digit - b'0');
        }
        self.0 = rest;
        Some(value)
    }

    /// One digit or more, as nanoseconds; those after the ninth are dropped.
    fn fraction(&mut self) -> Option<i32> {
        let digits = self.0.iter().take_while(|b| b.is_ascii_digit()).count();
        let (fraction, rest) = self.0.split_at_checked(digits).filter(|_| digits > 0)?;
        self.0 = rest;
        let mut value = 0;
        for index in 0..9 {
            value = value * 10 + fraction.get(index).map_or(0, |digit| i32::from(digit - b'0'));
        }
        Some(value)
    }

    /// The offset in seconds; everything must be used up.
    fn zone(&mut self) -> Option<i32> {
        self.take(b' ');
        if self.0.is_empty() || self.0.eq_ignore_ascii_case(b"z") {
            return Some(0);
        }
        // `Z00:00` was seen: the offset after the Z counts.
        let zulu = self.take(b'Z');
        let sign = if self.take(b'-') {
            -1
        } else if self.take(b'+') || zulu {
            1
        } else {
            return None;
        };
        let hours = self.number(2)?;
        self.take(b':');
        let minutes = if self.0.is_empty() { 0 } else { self.number(2)? };
        (self.0.is_empty() && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(value: &Value) -> Option<String> {
        time(value).map(|t| t.to_string())
    }

    #[test]
    fn every_form_seen_names_the_same_moment() {
        let forms = [
            "2024-02-18T15:04:05Z",
            "2024-02-18T15:04:05z",
            "2024-02-18T15:04:05.0Z",
            "2024-02-18T15:04:05.00Z",
            "2024-02-18T15:04:05.000Z",
            "2024-02-18T15:04:05.000000Z",
            "2024-02-18T15:04:05.0000000+00:00",
            "2024-02-18T15:04:05.000000000+00:00",
            "2024-02-18T15:04:05+00:00",
            "2024-02-18T17:04:05+02:00",
            "2024-02-18T09:34:05-05:30",
            "2024-02-18T15:04:05+0000",
            "2024-02-18T17:04:05+02",
            "2024-02-18T15:04:05",
            "2024-02-18T15:04:05.000000",
            "2024-02-18 15:04:05",
            "2024-02-18 15:04:05Z",
            "2024-02-18 15:04:05 +0000",
            "20240218T15:04:05Z",
            "20240218T150405Z",
            "2024-02-18T15:04:05Z00:00",
            " 2024-02-18T15:04:05Z ",
            "Sun, 18 Feb 2024 15:04:05 GMT",
        ];
        for form in forms {
            assert_eq!(read(&json!(form)).as_deref(), Some("2024-02-18T15:04:05Z"), "{form}");
        }
        assert_eq!(read(&json!(1_708_268_645)).as_deref(), Some("2024-02-18T15:04:05Z"));
        assert_eq!(read(&json!(1_708_268_645_250_i64)).as_deref(), Some("2024-02-18T15:04:05.250Z"));
        assert_eq!(read(&json!({"@value": "2024-02-18T15:04:05Z"})).as_deref(), Some("2024-02-18T15:04:05Z"));
        assert_eq!(read(&json!("2024-02-18 15:04")).as_deref(), Some("2024-02-18T15:04:00Z"));
        assert_eq!(read(&json!("2024-02-18")).as_deref(), Some("2024-02-18T00:00:00Z"));
        assert_eq!(read(&json!("2016-12-31T23:59:60Z")).as_deref(), Some("2016-12-31T23:59:59Z"));
        assert_eq!(
            read(&json!("2024-02-18T15:04:05.1234567891Z")).as_deref(),
            Some("2024-02-18T15:04:05.123456789Z")
        );
    }

    #[test]
    fn what_is_no_time() {
        for value in [
            json!(""),
            json!("SCRUBBED_DATE"),
            json!("2024-13-01T00:00:00Z"),
            json!("2024-02-30"),
            json!("2024-02"),
            json!("2024-02-18T"),
            json!("2024-02-18T15"),
            json!("2024-02-18T25:00:00Z"),
            json!("2024-02-18T15:04:05."),
            json!("2024-02-18T15:04:05+99:00"),
            json!("2024-02-18T15:04:05 Europe/Berlin"),
            json!("2024-0218T15:04:05Z"),
            json!("9999-99-99T99:99:99Z"),
            json!(1.5),
            json!(i64::MAX),
            json!(true),
            json!({}),
            json!("２０２４-02-18"),
        ] {
            assert_eq!(read(&value), None, "{value}");
        }
    }
}
