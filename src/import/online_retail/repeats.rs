//! Invoices that a file holds twice.
//!
//! Online Retail II is two sheets whose periods overlap: put together to one file, the invoices of
//! nine days stand in it twice. The lines of an invoice that comes again are therefore kept back
//! until it is known whether they are all there already.

use std::collections::HashMap;
use std::hash::BuildHasher;

use foldhash::quality::RandomState;

use super::line::Line;

/// The values of a line that is kept back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kept {
    invoice: String,
    code: String,
    description: String,
    customer: Option<String>,
    country: String,
    rest: Rest,
}

type Rest = (i32, chrono::NaiveDateTime, rust_decimal::Decimal);

impl Kept {
    fn new(line: &Line<'_>) -> Self {
        Self {
            invoice: line.invoice.to_owned(),
            code: line.code.to_owned(),
            description: line.description.to_owned(),
            customer: line.customer.map(str::to_owned),
            country: line.country.to_owned(),
            rest: (line.quantity, line.at, line.price),
        }
    }

    pub(super) fn line(&self) -> Line<'_> {
        let (quantity, at, price) = self.rest;
        Line {
            invoice: &self.invoice,
            code: &self.code,
            description: &self.description,
            quantity,
            at,
            price,
            customer: self.customer.as_deref(),
            country: &self.country,
        }
    }
}

/// The number of lines and the sum of their hashes, whatever their order.
type Digest = (u64, u64);

/// Lines that were kept back, and whether they stand in the file before.
pub(super) type Released = (Vec<Kept>, bool);

/// What is known of the invoices that have been read. Grows with their number.
#[derive(Default)]
pub(super) struct Repeats {
    hasher: RandomState,
    /// The lines of each invoice, as far as they followed each other when it came first.
    first: HashMap<String, Digest>,
    /// The invoice that is being read.
    invoice: String,
    digest: Digest,
    /// Its lines, if it came before.
    kept: Option<Vec<Kept>>,
}

impl Repeats {
    /// Begins the next invoice, where the line is the first of one. Gives the lines that were kept
    /// back for the former one.
    pub(super) fn begin(&mut self, line: &Line<'_>) -> Option<Released> {
        if line.invoice == self.invoice {
            return None;
        }
        let released = self.end();
        line.invoice.clone_into(&mut self.invoice);
        self.kept = self.first.contains_key(line.invoice).then(Vec::new);
        released
    }

    /// Takes the line in; true if it is kept back.
    pub(super) fn keep(&mut self, line: &Line<'_>) -> bool {
        let values = (
            line.code,
            line.description,
            line.quantity,
            line.at,
            line.price.normalize(),
            line.customer,
            line.country,
        );
        let hash = self.hasher.hash_one(values);
        self.digest = (self.digest.0 + 1, self.digest.1.wrapping_add(hash));
        match &mut self.kept {
            Some(kept) => {
                kept.push(Kept::new(line));
                true
            }
            None => false,
        }
    }

    /// Ends the invoice that is being read.
    pub(super) fn end(&mut self) -> Option<Released> {
        let digest = std::mem::take(&mut self.digest);
        match self.kept.take() {
            Some(kept) => {
                let repeated = self.first.get(&self.invoice) == Some(&digest);
                Some((kept, repeated))
            }
            None => {
                if digest.0 > 0 {
                    self.first.insert(self.invoice.clone(), digest);
                }
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use rust_decimal::Decimal;

    use super::Repeats;
    use crate::import::online_retail::line::Line;

    fn line<'a>(invoice: &'a str, code: &'a str) -> Line<'a> {
        let date = NaiveDate::from_ymd_opt(2010, 12, 1).unwrap();
        Line {
            invoice,
            code,
            description: "",
            quantity: 1,
            at: date.and_hms_opt(8, 26, 0).unwrap(),
            price: Decimal::ONE,
            customer: None,
            country: "EIRE",
        }
    }

    /// What is released, as invoice, number of lines, and whether it is a repetition.
    fn released(lines: &[(&str, &str)]) -> Vec<(String, usize, bool)> {
        let mut repeats = Repeats::default();
        let mut released = Vec::new();
        let mut note = |found: Option<super::Released>| {
            if let Some((kept, repeated)) = found {
                released.push((kept[0].invoice.clone(), kept.len(), repeated));
            }
        };
        for (invoice, code) in lines {
            let line = line(invoice, code);
            note(repeats.begin(&line));
            repeats.keep(&line);
        }
        note(repeats.end());
        released
    }

    #[test]
    fn an_invoice_is_a_repetition_if_all_its_lines_are() {
        let first = [("1", "A"), ("1", "B"), ("2", "A"), ("3", "C")];
        assert_eq!(released(&first), []);
        let again = |lines: &[(&'static str, &'static str)]| released(&[&first, lines].concat());
        let expected = |invoice: &str, lines, repeated| (invoice.to_owned(), lines, repeated);
        assert_eq!(
            again(&[("1", "B"), ("1", "A"), ("2", "A")]),
            [expected("1", 2, true), expected("2", 1, true)],
            "in another order"
        );
        assert_eq!(again(&[("1", "A")]), [expected("1", 1, false)]);
        assert_eq!(
            again(&[("1", "A"), ("1", "B"), ("1", "B"), ("3", "D")]),
            [expected("1", 3, false), expected("3", 1, false)]
        );
    }

    #[test]
    fn the_lines_kept_back_are_the_lines() {
        let mut repeats = Repeats::default();
        for invoice in ["1", "2"] {
            let line = line(invoice, "A");
            assert!(repeats.begin(&line).is_none());
            assert!(!repeats.keep(&line));
        }
        let again = line("1", "A");
        assert!(repeats.begin(&again).is_none());
        assert!(repeats.keep(&again));
        let (kept, repeated) = repeats.end().unwrap();
        assert_eq!((kept[0].line(), repeated), (again, true));
    }
}
