//! Writes JSON straight from rows.

use std::collections::HashMap;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Type};
use uuid::Uuid;

/// A value as it came from PostgreSQL.
struct Raw<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

pub fn id(row: &Row, column: usize) -> Option<Uuid> {
    row.get(column)
}

pub fn ids(rows: &[Row], column: usize) -> Vec<Uuid> {
    rows.iter().filter_map(|row| id(row, column)).collect()
}

pub fn by_id(rows: &[Row]) -> HashMap<Uuid, &Row> {
    rows.iter().map(|row| (row.get(0), row)).collect()
}

/// Rows of one key after the other; the first column numbers the keys from 1.
pub struct Groups<'a> {
    rows: &'a [Row],
    position: i64,
}

impl<'a> Groups<'a> {
    pub fn new(rows: &'a [Row]) -> Self {
        Self { rows, position: 0 }
    }

    pub fn next(&mut self) -> &'a [Row] {
        self.position += 1;
        let end = self
            .rows
            .iter()
            .position(|row| row.get::<_, i64>(0) != self.position)
            .unwrap_or(self.rows.len());
        let (group, rest) = self.rows.split_at(end);
        self.rows = rest;
        group
    }
}

/// Writes JSON; what is written as raw is JSON already.
pub struct Json(Vec<u8>);

impl Json {
    pub fn new(start: &str) -> Self {
        let mut json = Self(Vec::with_capacity(4096));
        json.raw(start);
        json
    }

    pub fn end(mut self, end: &str) -> Response {
        self.raw(end);
        ([(header::CONTENT_TYPE, "application/json")], self.0).into_response()
    }

    pub fn raw(&mut self, json: &str) {
        self.0.extend_from_slice(json.as_bytes());
    }

    pub fn number(&mut self, number: impl itoa::Integer) {
        self.raw(itoa::Buffer::new().format(number));
    }

    pub fn list<'a>(&mut self, rows: &'a [Row], mut write: impl FnMut(&mut Self, &'a Row)) {
        for (index, row) in rows.iter().enumerate() {
            if index > 0 {
                self.raw(",");
            }
            write(self, row);
        }
    }

    pub fn order(&mut self, row: &Row) {
        self.uuid("{\"id\":", row, 0);
        self.text(",\"orderNumber\":", row, 1);
        self.enumerated(",\"status\":", row, 2);
        self.text(",\"totalAmount\":", row, 3);
        self.timestamp(",\"orderDate\":", row, 4);
        self.uuid(",\"customerId\":", row, 5);
        self.raw("}");
    }

    fn value(&mut self, key: &str, row: &Row, column: usize, write: impl FnOnce(&mut Self, &[u8])) {
        self.raw(key);
        match row.get::<_, Option<Raw<'_>>>(column) {
            Some(Raw(bytes)) => write(self, bytes),
            None => self.raw("null"),
        }
    }

    pub fn text(&mut self, key: &str, row: &Row, column: usize) {
        self.value(key, row, column, |json, bytes| {
            json.raw("\"");
            for &byte in bytes {
                match byte {
                    b'"' | b'\\' => json.0.extend_from_slice(&[b'\\', byte]),
                    // The seed holds no other control characters.
                    b'\n' => json.raw("\\n"),
                    byte => json.0.push(byte),
                }
            }
            json.raw("\"");
        });
    }

    pub fn enumerated(&mut self, key: &str, row: &Row, column: usize) {
        self.value(key, row, column, |json, bytes| {
            json.raw("\"");
            json.0.extend(bytes.iter().map(u8::to_ascii_uppercase));
            json.raw("\"");
        });
    }

    pub fn int(&mut self, key: &str, row: &Row, column: usize) {
        self.raw(key);
        self.number(row.get::<_, i32>(column));
    }

    pub fn long(&mut self, key: &str, row: &Row, column: usize) {
        self.raw(key);
        self.number(row.get::<_, i64>(column));
    }

    pub fn uuid(&mut self, key: &str, row: &Row, column: usize) {
        self.raw(key);
        match id(row, column) {
            Some(id) => {
                self.raw("\"");
                self.raw(id.hyphenated().encode_lower(&mut Uuid::encode_buffer()));
                self.raw("\"");
            }
            None => self.raw("null"),
        }
    }

    /// Microseconds since 2000-01-01 as RFC 3339.
    pub fn timestamp(&mut self, key: &str, row: &Row, column: usize) {
        self.value(key, row, column, |json, bytes| {
            let micros = bytes.try_into().map_or(0, i64::from_be_bytes);
            let seconds = micros.div_euclid(1_000_000);
            let (year, month, day) = civil(seconds.div_euclid(86_400));
            let second = seconds.rem_euclid(86_400);
            json.raw("\"");
            json.number(year);
            for (before, part) in [
                ("-", month),
                ("-", day),
                ("T", second / 3600),
                (":", second / 60 % 60),
                (":", second % 60),
            ] {
                json.raw(before);
                json.digits(part, 2);
            }
            let fraction = micros.rem_euclid(1_000_000);
            if fraction > 0 {
                json.raw(".");
                json.digits(fraction, 6);
            }
            json.raw("Z\"");
        });
    }

    fn digits(&mut self, number: i64, width: usize) {
        let mut buffer = itoa::Buffer::new();
        let digits = buffer.format(number);
        self.0.extend(std::iter::repeat_n(
            b'0',
            width.saturating_sub(digits.len()),
        ));
        self.raw(digits);
    }
}

/// Year, month and day of a day counted from 2000-01-01, from the year 2000 on.
fn civil(days: i64) -> (i64, i64, i64) {
    // Years that begin in March end in the leap day; 2000-03-01 is 60 days in.
    let days = days - 60 + 146_097;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (1600 + era * 400 + year + i64::from(month <= 2), month, day)
}
