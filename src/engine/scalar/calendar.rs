//! Timestamps and dates as text of the API and back, over all that PostgreSQL can store.
//!
//! Years from 0000 to 9999 have four digits, as in RFC 3339. All others have a sign and at least
//! six digits, as in the expanded years of ISO 8601, which JavaScript reads as well; the year 0000
//! is 1 BC. The infinite ones are `infinity` and `-infinity`.

/// Days from 1970-01-01 to 2000-01-01, from which PostgreSQL counts.
const EPOCH_DAYS: i64 = 10_957;
/// Days from 0000-03-01 to 1970-01-01.
const ERA_DAYS: i64 = 719_468;
const SECONDS_PER_DAY: i64 = 86_400;
const MICROSECONDS_PER_DAY: i64 = SECONDS_PER_DAY * 1_000_000;
const DAYS_BEFORE_MONTH: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

/// The first instant of PostgreSQL, 4714-11-24 BC, in microseconds since 2000.
const FIRST_TIMESTAMP: i64 = -211_813_488_000_000_000;
/// The first instant after its last one, 294277-01-01.
const END_OF_TIMESTAMPS: i64 = 9_223_371_331_200_000_000;
/// The first day, 4714-11-24 BC, in days since 2000.
const FIRST_DATE: i32 = -2_451_545;
/// The last day, 5874897-12-31.
const LAST_DATE: i32 = 2_145_031_948;

const INFINITY: &str = "infinity";
const MINUS_INFINITY: &str = "-infinity";

/// Appends a timestamp, given in microseconds since 2000-01-01.
pub fn write_timestamp(out: &mut Vec<u8>, microseconds: i64) {
    match microseconds {
        i64::MAX => return out.extend_from_slice(INFINITY.as_bytes()),
        i64::MIN => return out.extend_from_slice(MINUS_INFINITY.as_bytes()),
        _ => {}
    }
    let rest = microseconds.rem_euclid(MICROSECONDS_PER_DAY);
    let seconds = rest / 1_000_000;
    let fraction = rest % 1_000_000;
    write_day(out, microseconds.div_euclid(MICROSECONDS_PER_DAY));
    out.push(b'T');
    write_digits(out, seconds / 3600, 2);
    out.push(b':');
    write_digits(out, seconds / 60 % 60, 2);
    out.push(b':');
    write_digits(out, seconds % 60, 2);
    if fraction > 0 {
        out.push(b'.');
        write_digits(out, fraction, 6);
    }
    out.push(b'Z');
}

/// Appends a date, given in days since 2000-01-01.
pub fn write_date(out: &mut Vec<u8>, days: i32) {
    match days {
        i32::MAX => out.extend_from_slice(INFINITY.as_bytes()),
        i32::MIN => out.extend_from_slice(MINUS_INFINITY.as_bytes()),
        days => write_day(out, i64::from(days)),
    }
}

/// Reads a timestamp as microseconds since 2000-01-01; what lies between two microseconds is read
/// as the earlier one.
pub fn read_timestamp(text: &str) -> Option<i64> {
    match text {
        INFINITY => return Some(i64::MAX),
        MINUS_INFINITY => return Some(i64::MIN),
        _ => {}
    }
    let mut reader = Reader(text.as_bytes());
    let days = reader.day()?;
    reader.one_of(b"Tt ")?;
    let hour = reader.number(2).filter(|&hour| hour < 24)?;
    reader.one_of(b":")?;
    let minute = reader.number(2).filter(|&minute| minute < 60)?;
    reader.one_of(b":")?;
    // A leap second is the first of the next minute.
    let second = reader.number(2).filter(|&second| second <= 60)?;
    let fraction = match reader.one_of(b".") {
        Some(_) => reader.fraction()?,
        None => 0,
    };
    let east = match reader.one_of(b"Zz+-")? {
        sign @ (b'+' | b'-') => {
            let hours = reader.number(2).filter(|&hours| hours < 24)?;
            reader.one_of(b":")?;
            let minutes = reader.number(2).filter(|&minutes| minutes < 60)?;
            let seconds = hours * 3600 + minutes * 60;
            if sign == b'+' { seconds } else { -seconds }
        }
        _ => 0,
    };
    reader.end()?;
    // Years have seven digits at most, so the seconds fit.
    let seconds = days * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second - east;
    let microseconds = seconds.checked_mul(1_000_000)?.checked_add(fraction)?;
    (FIRST_TIMESTAMP..END_OF_TIMESTAMPS)
        .contains(&microseconds)
        .then_some(microseconds)
}

/// Reads a date as days since 2000-01-01.
pub fn read_date(text: &str) -> Option<i32> {
    match text {
        INFINITY => return Some(i32::MAX),
        MINUS_INFINITY => return Some(i32::MIN),
        _ => {}
    }
    let mut reader = Reader(text.as_bytes());
    let days = i32::try_from(reader.day()?).ok()?;
    reader.end()?;
    (FIRST_DATE..=LAST_DATE).contains(&days).then_some(days)
}

/// What is left of a text.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn one_of(&mut self, accepted: &[u8]) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        accepted.contains(&first).then(|| {
            self.0 = rest;
            first
        })
    }

    /// A number of exactly so many digits.
    fn number(&mut self, digits: usize) -> Option<i64> {
        let (text, rest) = self.0.split_at_checked(digits)?;
        let number = text.iter().try_fold(0, |number, &byte| {
            byte.is_ascii_digit()
                .then(|| number * 10 + i64::from(byte - b'0'))
        })?;
        self.0 = rest;
        Some(number)
    }

    /// The microseconds of a fraction of a second.
    fn fraction(&mut self) -> Option<i64> {
        let digits = self.digits();
        let (text, rest) = self.0.split_at(digits);
        self.0 = rest;
        (digits > 0).then(|| {
            (0..6).fold(0, |number, place| {
                number * 10 + text.get(place).map_or(0, |&byte| i64::from(byte - b'0'))
            })
        })
    }

    /// How many digits come next.
    fn digits(&self) -> usize {
        self.0
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    }

    /// A day of the calendar, in days since 2000-01-01.
    fn day(&mut self) -> Option<i64> {
        let sign = self.one_of(b"+-");
        let year = match sign {
            None => self.number(4)?,
            Some(_) => {
                let digits = self.digits();
                if !(6..=7).contains(&digits) {
                    return None;
                }
                self.number(digits)?
            }
        };
        let year = match sign {
            // The year 0 has one form only.
            Some(b'-') if year == 0 => return None,
            Some(b'-') => -year,
            _ => year,
        };
        self.one_of(b"-")?;
        let month = self.number(2)?;
        self.one_of(b"-")?;
        let day = self.number(2)?;
        let index = usize::try_from(month - 1).ok()?;
        let before = *DAYS_BEFORE_MONTH.get(index)?;
        let next = DAYS_BEFORE_MONTH.get(index + 1).copied().unwrap_or(365);
        let leap =
            year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0);
        let length = next - before + i64::from(leap && month == 2);
        if !(1..=length).contains(&day) {
            return None;
        }
        // Years that begin in March end with the leap day.
        let (shifted_year, day_of_year) = match month {
            3.. => (year, before - DAYS_BEFORE_MONTH[2] + day - 1),
            _ => (year - 1, before + 306 + day - 1),
        };
        let era = shifted_year.div_euclid(400);
        let year_of_era = shifted_year.rem_euclid(400);
        let day_of_era = 365 * year_of_era + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Some(era * 146_097 + day_of_era - ERA_DAYS - EPOCH_DAYS)
    }

    fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

/// Appends a day, given in days since 2000-01-01.
fn write_day(out: &mut Vec<u8>, days: i64) {
    // The proleptic Gregorian calendar in eras of 400 years that begin on 1 March of year 0.
    let days = days + EPOCH_DAYS + ERA_DAYS;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    if (0..=9999).contains(&year) {
        write_digits(out, year, 4);
    } else {
        out.push(if year < 0 { b'-' } else { b'+' });
        write_digits(out, year.abs(), 6);
    }
    out.push(b'-');
    write_digits(out, month, 2);
    out.push(b'-');
    write_digits(out, day, 2);
}

fn write_digits(out: &mut Vec<u8>, value: i64, width: usize) {
    let mut buffer = itoa::Buffer::new();
    let text = buffer.format(value);
    out.extend(std::iter::repeat_n(b'0', width.saturating_sub(text.len())));
    out.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Days, Duration, NaiveDate, Utc};
    use proptest::prelude::*;

    use super::*;

    fn timestamp(microseconds: i64) -> String {
        let mut out = Vec::new();
        write_timestamp(&mut out, microseconds);
        String::from_utf8(out).unwrap()
    }

    fn date(days: i32) -> String {
        let mut out = Vec::new();
        write_date(&mut out, days);
        String::from_utf8(out).unwrap()
    }

    proptest! {
        #[test]
        fn every_timestamp_reads_as_it_is_written(
            microseconds in FIRST_TIMESTAMP..END_OF_TIMESTAMPS,
        ) {
            prop_assert_eq!(read_timestamp(&timestamp(microseconds)), Some(microseconds));
        }

        #[test]
        fn every_date_reads_as_it_is_written(days in FIRST_DATE..=LAST_DATE) {
            prop_assert_eq!(read_date(&date(days)), Some(days));
        }

        #[test]
        fn years_of_four_digits_are_those_of_rfc_3339(
            microseconds in -63_082_281_600_000_000i64..252_455_616_000_000_000,
        ) {
            let epoch = DateTime::from_timestamp(946_684_800, 0).unwrap();
            let written = timestamp(microseconds);
            let read: DateTime<Utc> = written.parse().unwrap();
            prop_assert_eq!(read, epoch + Duration::microseconds(microseconds));
            let days = i32::try_from(microseconds.div_euclid(MICROSECONDS_PER_DAY)).unwrap();
            let day = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap();
            let day = match u64::try_from(days) {
                Ok(days) => day + Days::new(days),
                Err(_) => day - Days::new(u64::from(days.unsigned_abs())),
            };
            prop_assert_eq!(date(days), day.to_string());
            prop_assert_eq!(&written[..10], day.to_string());
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[-+0-9TZ:. infty]{0,30}") {
            // What is read is written so that it reads the same.
            if let Some(read) = read_timestamp(&text) {
                prop_assert_eq!(read_timestamp(&timestamp(read)), Some(read));
            }
            if let Some(read) = read_date(&text) {
                prop_assert_eq!(read_date(&date(read)), Some(read));
            }
        }
    }

    #[test]
    fn the_ends_of_postgresql_are_the_ends() {
        assert_eq!(timestamp(FIRST_TIMESTAMP), "-004713-11-24T00:00:00Z");
        assert_eq!(
            timestamp(END_OF_TIMESTAMPS - 1),
            "+294276-12-31T23:59:59.999999Z"
        );
        assert_eq!(date(FIRST_DATE), "-004713-11-24");
        assert_eq!(date(LAST_DATE), "+5874897-12-31");
        for text in [
            "-004713-11-23T23:59:59.999999Z",
            "-004713-11-24T00:00:00+00:01",
            "+294277-01-01T00:00:00Z",
            "+294276-12-31T23:59:60Z",
            "+9999999-12-31T23:59:59Z",
            "-9999999-12-31T23:59:59Z",
        ] {
            assert_eq!(read_timestamp(text), None, "{text}");
        }
        for text in ["-004713-11-23", "+5874898-01-01", "+9999999-12-31"] {
            assert_eq!(read_date(text), None, "{text}");
        }
        for text in ["infinity", "-infinity"] {
            assert_eq!(timestamp(read_timestamp(text).unwrap()), text);
            assert_eq!(date(read_date(text).unwrap()), text);
        }
    }

    #[test]
    fn one_instant_has_many_forms() {
        for (text, expected) in [
            (
                "2026-01-31T12:00:00.000001+05:30",
                "2026-01-31T06:30:00.000001Z",
            ),
            ("2026-01-31 12:00:00.5z", "2026-01-31T12:00:00.500000Z"),
            ("+002026-01-31t12:00:00-23:59", "2026-02-01T11:59:00Z"),
            ("2026-12-31T23:59:60Z", "2027-01-01T00:00:00Z"),
            (
                "2026-01-31T12:00:00.9999999999Z",
                "2026-01-31T12:00:00.999999Z",
            ),
            ("9999-12-31T23:59:59-00:01", "+010000-01-01T00:00:59Z"),
            ("0000-01-01T00:00:00+00:01", "-000001-12-31T23:59:00Z"),
            ("-000043-03-15T00:00:00Z", "-000043-03-15T00:00:00Z"),
        ] {
            assert_eq!(
                read_timestamp(text).map(timestamp).as_deref(),
                Some(expected)
            );
        }
    }

    #[test]
    fn what_is_no_day_or_no_instant_is_refused() {
        for text in [
            "",
            "now",
            "Infinity",
            "+infinity",
            "2026-02-29",
            "2026-13-01",
            "2026-00-01",
            "2026-01-00",
            "2026-1-1",
            "1900-02-29",
            "-000000-01-01",
            "+20260-01-01",
            "12026-01-01",
            "-0043-03-15",
            "+00020260-01-01",
            "2026-01-31x",
            " 2026-01-31",
        ] {
            assert_eq!(read_date(text), None, "{text}");
            assert_eq!(read_timestamp(&format!("{text}T00:00:00Z")), None, "{text}");
        }
        for time in [
            "",
            "T",
            "T12:00Z",
            "T24:00:00Z",
            "T12:60:00Z",
            "T12:00:61Z",
            "T12:00:00",
            "T12:00:00.Z",
            "T12:00:00+24:00",
            "T12:00:00+0530",
            "T12:00:00+05:60",
            "T12:00:00Zx",
            "_12:00:00Z",
        ] {
            assert_eq!(read_timestamp(&format!("2026-01-31{time}")), None, "{time}");
        }
        assert_eq!(
            read_date("2024-02-29").map(date).as_deref(),
            Some("2024-02-29")
        );
        assert_eq!(
            read_date("2000-02-29").map(date).as_deref(),
            Some("2000-02-29")
        );
        assert_eq!(
            read_date("-000004-02-29").map(date).as_deref(),
            Some("-000004-02-29")
        );
    }
}
