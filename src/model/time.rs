//! A point in time as the model writes it: RFC 3339 in UTC with `Z`.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A point in time, to the nanosecond. In JSON an RFC 3339 string with `Z`, such as `2026-10-05T15:00:00Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(Timestamp);

impl Time {
    /// From seconds since the epoch; `None` beyond the years -9999 to 9999.
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        Timestamp::from_second(seconds).ok().map(Self)
    }

    /// From milliseconds since the epoch; `None` beyond the years -9999 to 9999.
    pub fn from_milliseconds(milliseconds: i64) -> Option<Self> {
        Timestamp::from_millisecond(milliseconds).ok().map(Self)
    }

    /// Reads an RFC 3339 string with `Z` or a numeric offset. Foreign times are read by `vocab::time`.
    pub fn parse(text: &str) -> Option<Self> {
        // A date and time without a zone, or with a zone name in brackets, is not RFC 3339.
        if text.contains('[') { None } else { Timestamp::from_str(text).ok().map(Self) }
    }

    /// Seconds since the epoch, cut off.
    pub fn seconds(self) -> i64 {
        self.0.as_second()
    }

    /// Milliseconds since the epoch, cut off.
    pub fn milliseconds(self) -> i64 {
        self.0.as_millisecond()
    }

    /// The same time cut to milliseconds: what is written on the wire. Python before 3.11 and some PHP
    /// readers take three or six digits of a second and no other number.
    #[must_use]
    pub fn on_the_wire(self) -> Self {
        let whole = self.0.as_nanosecond().div_euclid(1_000_000);
        i64::try_from(whole).ok().and_then(Self::from_milliseconds).unwrap_or(self)
    }
}

impl From<Timestamp> for Time {
    fn from(value: Timestamp) -> Self {
        Self(value)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.subsec_nanosecond() {
            0 => write!(f, "{}", self.0),
            n if n % 1_000_000 == 0 => write!(f, "{:.3}", self.0),
            n if n % 1_000 == 0 => write!(f, "{:.6}", self.0),
            _ => write!(f, "{:.9}", self.0),
        }
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| de::Error::custom("not a time, expected RFC 3339 with an offset or Z"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_offset_becomes_z() {
        assert_eq!(Time::parse("2026-10-05T17:00:00+02:00").unwrap().to_string(), "2026-10-05T15:00:00Z");
    }

    #[test]
    fn fractions_are_kept_in_three_six_or_nine_digits_and_cut_to_three_on_the_wire() {
        let time = Time::parse("2026-10-05T15:00:00.1234567Z").unwrap();
        assert_eq!(time.to_string(), "2026-10-05T15:00:00.123456700Z");
        assert_eq!(time.on_the_wire().to_string(), "2026-10-05T15:00:00.123Z");
        let before = Time::parse("1969-12-31T23:59:59.9999Z").unwrap();
        assert_eq!(before.on_the_wire().to_string(), "1969-12-31T23:59:59.999Z");
        assert_eq!(Time::parse("2026-10-05T15:00:00.5Z").unwrap().to_string(), "2026-10-05T15:00:00.500Z");
    }

    #[test]
    fn a_time_without_a_zone_is_refused() {
        assert!(Time::parse("2026-10-05T15:00:00").is_none());
        assert!(Time::parse("2026-10-05T15:00:00+00:00[UTC]").is_none());
    }
}
