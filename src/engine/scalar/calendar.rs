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

/// Reads a timestamp as microseconds since 2000-01-01.
pub fn read_timestamp(text: &str) -> Option<i64> {
    match text {
        INFINITY => return Some(i64::MAX),
        MINUS_INFINITY => return Some(i64::MIN),
        _ => {}
    }
    let mut reader = Reader(text.as_bytes());
    let days = reader.day()?;
    reader.one_of(b"Tt")?;
    let hour = reader.number(2).filter(|&hour| hour < 24)?;
    reader.one_of(b":")?;
    let minute = reader.number(2).filter(|&minute| minute < 60)?;
    reader.one_of(b":")?;
    // A leap second is read as the second after it, as PostgreSQL does.
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
    if second == 60 && !ends_half_a_year(seconds) {
        return None;
    }
    let microseconds = seconds.checked_mul(1_000_000)?.checked_add(fraction)?;
    (FIRST_TIMESTAMP..END_OF_TIMESTAMPS)
        .contains(&microseconds)
        .then_some(microseconds)
}

/// Whether an instant, in seconds since 2000-01-01, is the first of January or July: leap seconds
/// come before those alone.
fn ends_half_a_year(seconds: i64) -> bool {
    let mut day = Vec::new();
    write_day(&mut day, seconds.div_euclid(SECONDS_PER_DAY));
    let first = day.ends_with(b"-01-01") || day.ends_with(b"-07-01");
    first && seconds.rem_euclid(SECONDS_PER_DAY) == 0
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

    /// The microseconds of a fraction of a second. What is finer cannot be stored, and is refused
    /// because the instant would be another one.
    fn fraction(&mut self) -> Option<i64> {
        let digits = self.digits();
        let (text, rest) = self.0.split_at(digits);
        self.0 = rest;
        (1..=6).contains(&digits).then(|| {
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
            // Years of four digits have no sign.
            Some(b'+') if year <= 9999 => return None,
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
#[path = "calendar_tests.rs"]
mod tests;
