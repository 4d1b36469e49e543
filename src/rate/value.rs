//! A rate as an operator writes it: units per minute, and the size of a burst.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

use serde::de::{self, Deserialize, Deserializer, Visitor};

/// Most units a minute. Beyond it the time between two units loses its precision.
const MOST: u32 = 100_000_000;
/// Most minutes that it may take to fill an empty bucket.
const LONGEST_FILL: u64 = 24 * 60;
const MINUTE: u64 = 60_000_000_000;

/// Units a minute, and how many of them may come at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    per_minute: NonZeroU32,
    burst: NonZeroU32,
}

impl Rate {
    /// So many units a minute, and so many at once.
    ///
    /// # Errors
    /// What the numbers may be.
    pub fn new(per_minute: u32, burst: u32) -> Result<Self, String> {
        let bounds = 1..=u64::from(per_minute) * LONGEST_FILL;
        match (NonZeroU32::new(per_minute), NonZeroU32::new(burst)) {
            (Some(per_minute), Some(burst))
                if per_minute.get() <= MOST && bounds.contains(&u64::from(burst.get())) =>
            {
                Ok(Self { per_minute, burst })
            }
            _ => Err(format!(
                "a rate is a number of units per minute from 1 to {MOST}, such as 600; a colon and the size of a burst may follow, such as 600:50; a burst must refill within a day"
            )),
        }
    }

    pub fn per_minute(self) -> u32 {
        self.per_minute.get()
    }

    /// Most units at once.
    pub fn burst(self) -> NonZeroU32 {
        self.burst
    }

    /// The time after which one unit is there again.
    pub fn interval(self) -> Duration {
        Duration::from_nanos(MINUTE.div_ceil(u64::from(self.per_minute.get())))
    }

    /// The time in which so many units are there again.
    pub fn refill(self, units: u32) -> Duration {
        let interval = u64::try_from(self.interval().as_nanos()).unwrap_or(MINUTE);
        Duration::from_nanos(interval.saturating_mul(u64::from(units)))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.per_minute, self.burst)
    }
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (per_minute, burst) = text.split_once(':').unwrap_or((text, text));
        // What is no number is as wrong as zero.
        let number = |text: &str| text.trim().parse().unwrap_or(0);
        Self::new(number(per_minute), number(burst))
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrText;

        impl Visitor<'_> for NumberOrText {
            type Value = Rate;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a rate such as 600 or \"600:50\"")
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Rate, E> {
                let number = u32::try_from(number).unwrap_or(0);
                Rate::new(number, number).map_err(E::custom)
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Rate, E> {
                let number = u32::try_from(number).unwrap_or(0);
                Rate::new(number, number).map_err(E::custom)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Rate, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_any(NumberOrText)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_read_from_text_and_number() {
        for (text, per_minute, burst) in
            [("600", 600, 600), ("600:50", 600, 50), ("1: 1440", 1, 1440)]
        {
            let rate = Rate::new(per_minute, burst);
            assert_eq!(text.parse(), rate);
            assert!(rate.is_ok());
        }
        for text in [
            "",
            "0",
            "600:0",
            ":5",
            "5:",
            "-1",
            "1.5",
            "x",
            "1:1441",
            "100000001",
            "4294967296",
        ] {
            let error = text.parse::<Rate>().unwrap_err();
            assert!(error.contains("600:50"), "{text}");
        }
        #[derive(Debug, PartialEq, serde::Deserialize)]
        struct File {
            rate: Rate,
        }
        let read = |text: &str| toml::from_str::<File>(text).map(|file| file.rate.to_string());
        assert_eq!(read("rate = 600").as_deref(), Ok("600:600"));
        assert_eq!(read("rate = \"600:50\"").as_deref(), Ok("600:50"));
        assert!(read("rate = 0").is_err());
        assert!(read("rate = true").is_err());
    }
}
