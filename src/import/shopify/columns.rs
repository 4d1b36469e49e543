//! The columns of a Shopify product export, found by their names.

use std::collections::HashMap;

use rust_decimal::Decimal;

use crate::import::error::ImportError;
use crate::import::lines::Lines;

/// Without these the file is no product export.
const REQUIRED: [&str; 3] = ["Handle", "Title", "Variant Price"];

/// Columns with a place in the model; values of all others are counted and not kept.
const KEPT: [&str; 20] = [
    "Handle",
    "Title",
    "Body (HTML)",
    "Vendor",
    "Type",
    "Tags",
    "Published",
    "Status",
    "Collection",
    "Option1 Name",
    "Option1 Value",
    "Option2 Name",
    "Option2 Value",
    "Option3 Name",
    "Option3 Value",
    "Variant SKU",
    "Variant Inventory Qty",
    "Variant Inventory Policy",
    "Variant Price",
    "Cost per item",
];

/// Not kept as a value, but decides whether a variant can be ordered when none is in stock.
pub(super) const TRACKER: &str = "Variant Inventory Tracker";

#[derive(Debug)]
pub(super) struct Columns {
    by_name: HashMap<String, usize>,
    /// Columns that have no place, with the number of values met.
    pub dropped: Vec<(usize, String, u64)>,
}

impl Columns {
    pub(super) fn new(lines: &Lines) -> Result<Self, ImportError> {
        let mut by_name = HashMap::new();
        for (column, name) in lines.header().iter().enumerate() {
            if by_name.insert(name.clone(), column).is_some() {
                return Err(lines.wrong_name(column, "a column name of its own", name));
            }
        }
        for required in REQUIRED {
            if !by_name.contains_key(required) {
                let expected = format!("the column `{required}` of a Shopify product export");
                let first = lines.header().first().map_or("", String::as_str);
                return Err(lines.wrong_name(0, &expected, first));
            }
        }
        let known = |name: &String| KEPT.contains(&name.as_str()) || name == TRACKER;
        let dropped = lines
            .header()
            .iter()
            .enumerate()
            .filter(|(_, name)| !known(name))
            .map(|(column, name)| (column, name.clone(), 0))
            .collect();
        Ok(Self { by_name, dropped })
    }

    /// Counts the values of the line that have no place.
    pub(super) fn count_dropped(&mut self, lines: &Lines) -> Result<(), ImportError> {
        for (column, _, count) in &mut self.dropped {
            *count += u64::from(!lines.text(*column)?.trim().is_empty());
        }
        Ok(())
    }

    /// The value, if the column is there and says something.
    pub(super) fn get<'a>(
        &self,
        lines: &'a Lines,
        name: &str,
        longest: usize,
    ) -> Result<Option<&'a str>, ImportError> {
        let Some(column) = self.by_name.get(name) else {
            return Ok(None);
        };
        let text = lines.text_up_to(*column, longest)?;
        Ok((!text.is_empty()).then_some(text))
    }

    /// An amount of money with at most ten digits before the point.
    pub(super) fn amount(&self, lines: &Lines, name: &str) -> Result<Option<Decimal>, ImportError> {
        let Some(text) = self.get(lines, name, 255)? else {
            return Ok(None);
        };
        let plain = text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
        match text.parse::<Decimal>() {
            Ok(amount) if plain && amount <= Decimal::from(9_999_999_999_u64) => Ok(Some(amount)),
            _ => Err(self.wrong(lines, name, "an amount such as 9.99", text)),
        }
    }

    pub(super) fn quantity(&self, lines: &Lines, name: &str) -> Result<i32, ImportError> {
        match self.get(lines, name, 255)? {
            None => Ok(0),
            Some(text) => text
                .parse()
                .map_err(|_| self.wrong(lines, name, "a whole number such as 3", text)),
        }
    }

    /// One of a few words, whatever their case; none if the column says nothing.
    pub(super) fn word(
        &self,
        lines: &Lines,
        name: &str,
        words: &[&'static str],
    ) -> Result<Option<&'static str>, ImportError> {
        let Some(text) = self.get(lines, name, 255)? else {
            return Ok(None);
        };
        match words.iter().find(|word| word.eq_ignore_ascii_case(text)) {
            Some(word) => Ok(Some(word)),
            None => Err(self.wrong(lines, name, &format!("one of {}", words.join(", ")), text)),
        }
    }

    pub(super) fn wrong(
        &self,
        lines: &Lines,
        name: &str,
        expected: &str,
        found: &str,
    ) -> ImportError {
        let column = self.by_name.get(name).copied().unwrap_or_default();
        lines.wrong(column, expected, found)
    }
}
