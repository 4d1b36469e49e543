//! Tests of timestamps and dates, up to the ends of PostgreSQL's.

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
        ("2026-01-31T12:00:00.5z", "2026-01-31T12:00:00.500000Z"),
        ("2026-01-31t12:00:00-23:59", "2026-02-01T11:59:00Z"),
        ("2026-12-31T23:59:60Z", "2027-01-01T00:00:00Z"),
        ("2026-07-01T05:29:60.5+05:30", "2026-07-01T00:00:00.500000Z"),
        (
            "2026-01-31T12:00:00.999999-00:00",
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
        "+002026-01-31",
        "+002026-01-31T00:00:00Z",
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
        "2026-1-5",
        "2026-01-5",
        "20260131",
        "2026/01/31",
        "2026-W05-6",
        "2026-031",
    ] {
        assert_eq!(read_date(text), None, "{text}");
        assert_eq!(read_timestamp(&format!("{text}T00:00:00Z")), None, "{text}");
    }
    for text in ["2026-01-31 ", "2026-01-31\n", "\t2026-01-31"] {
        assert_eq!(read_date(text), None, "{text:?}");
    }
    for time in [
        "",
        "T",
        "T12:00Z",
        "T24:00:00Z",
        "T12:60:00Z",
        "T12:00:61Z",
        "T12:00:60Z",
        "T23:59:60Z",
        "T12:00:00.0000000Z",
        "T12:00:00.9999999Z",
        " 12:00:00Z",
        "T12:00:00 Z",
        "T12:00:00Z ",
        "T12:00:00,5Z",
        "T12Z",
        "T12:00:00+5",
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
