//! The times of invoices, in the forms that copies of the file have.

use std::ops::Range;

use chrono::{NaiveDate, NaiveDateTime};

use crate::import::error::ImportError;
use crate::import::lines::Lines;
use crate::import::summary::Summary;

/// Reads times, and counts those whose order of day and month is that of the United States.
#[derive(Debug, Default)]
pub(super) struct Times {
    month_first: u64,
    /// Of these, those that cannot be read otherwise.
    certain: u64,
}

impl Times {
    pub(super) fn read(
        &mut self,
        lines: &Lines,
        column: usize,
    ) -> Result<NaiveDateTime, ImportError> {
        let text = lines.text(column)?.trim();
        if let Some(time) = year_first(text) {
            return Ok(time);
        }
        match month_first(text) {
            Some(MonthFirst::Time(time, certain)) => {
                self.month_first += 1;
                self.certain += u64::from(certain);
                Ok(time)
            }
            Some(MonthFirst::DayFirst) => Err(lines.wrong(
                column,
                "the month before the day, as in 12/31/2010 8:26, or a time such as 2010-12-31 08:26:00",
                text,
            )),
            None => Err(lines.wrong(
                column,
                "a time such as 2010-12-01 08:26:00 or 12/1/2010 8:26 (month first)",
                text,
            )),
        }
    }

    pub(super) fn note(&self, summary: &mut Summary) {
        let doubt = match self.certain {
            0 => "; none shows that it is not the day",
            _ => "",
        };
        summary.note(
            format!("times read with the month first, as in 12/1/2010 8:26{doubt}"),
            self.month_first,
        );
    }
}

/// `2010-12-01 08:26:00`, also with a `T`, without seconds, or with digits of a second that are all
/// zero. By hand, since the general parser would take half the time of the import.
fn year_first(text: &str) -> Option<NaiveDateTime> {
    let text = match text.split_once('.') {
        Some((time, zeros)) if time.len() == 19 && (1..=9).contains(&zeros.len()) => {
            zeros.bytes().all(|byte| byte == b'0').then_some(time)?
        }
        _ => text,
    };
    let bytes = text.as_bytes();
    let form = b"dddd-dd-dd dd:dd:dd";
    let seconds = match bytes.len() {
        16 => 0,
        19 => number(bytes, 17..19)?,
        _ => return None,
    };
    let fits = bytes.iter().zip(form).all(|(byte, form)| match form {
        b'd' => byte.is_ascii_digit(),
        b' ' => matches!(byte, b' ' | b'T'),
        other => byte == other,
    });
    if !fits {
        return None;
    }
    let date = [
        number(bytes, 0..4)?,
        number(bytes, 5..7)?,
        number(bytes, 8..10)?,
    ];
    let clock = [number(bytes, 11..13)?, number(bytes, 14..16)?, seconds];
    time(date, clock)
}

enum MonthFirst {
    /// And whether the other number cannot be a month.
    Time(NaiveDateTime, bool),
    /// The number in the place of the month is none.
    DayFirst,
}

/// `12/1/2010 8:26`, as spreadsheets write it in the United States: also with seconds, with AM or
/// PM, and with two digits of the year.
fn month_first(text: &str) -> Option<MonthFirst> {
    let (date, clock) = text.split_once(' ')?;
    let [month, day, year] = numbers(date, '/')?;
    let year = match date.rsplit('/').next().map(str::len) {
        Some(4) => year,
        Some(2) => 2000 + year,
        _ => return None,
    };
    let clock = clock_of(clock.trim_start())?;
    match time([year, month, day], clock) {
        Some(time) => Some(MonthFirst::Time(time, day > 12)),
        None => time([year, day, month], clock).map(|_| MonthFirst::DayFirst),
    }
}

/// Hour, minute and second of `8:26`, `08:26:30` and `8:26 PM`.
fn clock_of(text: &str) -> Option<[u32; 3]> {
    let (text, half) = match text.split_once(' ') {
        Some((text, half)) => (text, Some(half.trim_start())),
        None => (text, None),
    };
    let [hour, minute, second] = match text.matches(':').count() {
        1 => {
            let [hour, minute] = numbers(text, ':')?;
            [hour, minute, 0]
        }
        _ => numbers(text, ':')?,
    };
    let hour = match half {
        None => hour,
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(half) if half.eq_ignore_ascii_case("am") => hour % 12,
        Some(half) if half.eq_ignore_ascii_case("pm") => hour % 12 + 12,
        Some(_) => return None,
    };
    Some([hour, minute, second])
}

fn time([year, month, day]: [u32; 3], [hour, minute, second]: [u32; 3]) -> Option<NaiveDateTime> {
    let year = i32::try_from(year).ok()?;
    // Nobody sold online in other years.
    let date = (1970..=2100)
        .contains(&year)
        .then_some(())
        .and(NaiveDate::from_ymd_opt(year, month, day))?;
    date.and_hms_opt(hour, minute, second)
}

/// So many numbers of up to four digits.
fn numbers<const N: usize>(text: &str, separator: char) -> Option<[u32; N]> {
    let mut numbers = [0; N];
    let mut parts = text.split(separator);
    for place in &mut numbers {
        let part = parts.next()?;
        let plain = (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        *place = plain.then(|| part.parse().ok()).flatten()?;
    }
    parts.next().is_none().then_some(numbers)
}

fn number(bytes: &[u8], range: Range<usize>) -> Option<u32> {
    std::str::from_utf8(bytes.get(range)?).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::{Times, year_first};
    use crate::import::lines::Lines;
    use crate::import::{Source, Summary};

    fn read(times: &mut Times, text: &str) -> Result<String, String> {
        let source = Source::new("r.csv", Cursor::new(format!("At\n{text}\n").into_bytes()));
        let mut lines = Lines::open(source.decode("lines").unwrap()).unwrap();
        assert!(lines.next().unwrap());
        let time = times.read(&lines, 0).map_err(|error| error.to_string())?;
        Ok(time.to_string())
    }

    #[test]
    fn times_may_lack_seconds_and_use_a_t() {
        for text in [
            "2011-12-09 12:50",
            "2011-12-09T12:50:00",
            "2011-12-09 12:50:00.000",
            "2011-12-09 12:50:00.0",
        ] {
            assert_eq!(year_first(text).unwrap().to_string(), "2011-12-09 12:50:00");
        }
        for text in [
            "2011-12-09",
            "2011-12-09 12:50:0x",
            "0000-01-01 00:00",
            "2011-12-09 1é:50",
            "2011-12-09 12:50.000",
            "2011-12-09 12:50:00.5",
            "2011-12-09 12:50:00.",
        ] {
            assert_eq!(year_first(text), None, "{text}");
        }
    }

    #[test]
    fn the_month_may_be_first() {
        let mut times = Times::default();
        for (text, expected) in [
            ("12/1/2010 8:26", "2010-12-01 08:26:00"),
            ("12/01/2010 08:26:30", "2010-12-01 08:26:30"),
            ("1/12/10 18:05", "2010-01-12 18:05:00"),
            ("12/1/2010 8:26:00 AM", "2010-12-01 08:26:00"),
            ("12/1/2010 12:05 am", "2010-12-01 00:05:00"),
            ("12/1/2010 12:05 PM", "2010-12-01 12:05:00"),
            ("12/1/2010 8:26 PM", "2010-12-01 20:26:00"),
        ] {
            assert_eq!(read(&mut times, text).as_deref(), Ok(expected));
        }
        let mut summary = Summary::default();
        times.note(&mut summary);
        assert_eq!(
            summary.notes[0].what,
            "times read with the month first, as in 12/1/2010 8:26; none shows that it is not the day"
        );
        assert_eq!(
            read(&mut times, "12/13/2010 8:26").as_deref(),
            Ok("2010-12-13 08:26:00")
        );
        let mut summary = Summary::default();
        times.note(&mut summary);
        let note = &summary.notes[0];
        assert_eq!(
            (&*note.what, note.count),
            ("times read with the month first, as in 12/1/2010 8:26", 8)
        );
    }

    #[test]
    fn what_is_no_time_is_named() {
        let mut times = Times::default();
        let error = read(&mut times, "13/12/2010 8:26").unwrap_err();
        assert!(
            error.contains("expected the month before the day"),
            "{error}"
        );
        for text in [
            "13/13/2010 8:26",
            "12/1/2010",
            "12/1/2010 25:00",
            "12/1/010 8:26",
            "12/1/2010 18:26 PM",
            "12/1/2010 0:26 AM",
            "12/1/2010 8:26 Uhr",
            "2/30/2010 8:26",
            "1/2/3/2010 8:26",
            "12-1-2010 8:26",
            "+1/1/2010 8:26",
        ] {
            let error = read(&mut times, text).unwrap_err();
            assert!(error.contains("expected a time such as"), "{text}: {error}");
        }
    }
}
