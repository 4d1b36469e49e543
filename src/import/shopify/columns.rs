//! The columns of a Shopify product export, found by their names.

use rust_decimal::Decimal;

use crate::import::amount;
use crate::import::error::ImportError;
use crate::import::lines::Lines;
use crate::import::places::{Column, Places};

/// What the importer reads of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Field {
    Handle,
    Title,
    Body,
    Vendor,
    Type,
    Tags,
    Published,
    Status,
    Collection,
    Option1Name,
    Option1Value,
    Option2Name,
    Option2Value,
    Option3Name,
    Option3Value,
    Sku,
    Tracker,
    Quantity,
    Policy,
    Price,
    Cost,
    Image,
}

/// The fields in their order, with the names of the older header and of the newer one.
const COLUMNS: [Column; 22] = [
    required(&["Handle", "URL handle"]),
    required(&["Title"]),
    optional(&["Body (HTML)", "Description"]),
    optional(&["Vendor"]),
    optional(&["Type", "Product type"]),
    optional(&["Tags"]),
    optional(&["Published", "Published on online store"]),
    optional(&["Status"]),
    optional(&["Collection"]),
    optional(&["Option1 Name"]),
    optional(&["Option1 Value"]),
    optional(&["Option2 Name"]),
    optional(&["Option2 Value"]),
    optional(&["Option3 Name"]),
    optional(&["Option3 Value"]),
    optional(&["Variant SKU", "SKU"]),
    optional(&["Variant Inventory Tracker", "Inventory tracker"]),
    optional(&["Variant Inventory Qty", "Inventory quantity"]),
    optional(&[
        "Variant Inventory Policy",
        "Continue selling when out of stock",
    ]),
    required(&["Variant Price", "Price"]),
    optional(&["Cost per item"]),
    optional(&["Image Src", "Product image URL"]),
];

const fn required(names: &'static [&'static str]) -> Column {
    Column {
        names,
        required: true,
    }
}

const fn optional(names: &'static [&'static str]) -> Column {
    Column {
        names,
        required: false,
    }
}

/// A value that is one of a few words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Word {
    Known(&'static str),
    Unknown(String),
}

#[derive(Debug)]
pub(super) struct Columns {
    places: Vec<Option<usize>>,
    /// Columns that have no place in the model, with the number of values met.
    pub dropped: Vec<(usize, String, u64)>,
}

impl Columns {
    pub(super) fn new(lines: &Lines) -> Result<Self, ImportError> {
        let Places { known, others } = Places::find(lines, "a Shopify product export", &COLUMNS)?;
        // It only tells a line with an image from one without.
        let image = known[Field::Image as usize];
        let image = image.map(|place| (place, lines.header()[place].clone()));
        let mut dropped: Vec<_> = others
            .into_iter()
            .chain(image)
            .map(|(place, name)| (place, name, 0))
            .collect();
        dropped.sort();
        Ok(Self {
            places: known,
            dropped,
        })
    }

    /// Counts the values of the line that have no place.
    pub(super) fn count_dropped(&mut self, lines: &Lines) -> Result<(), ImportError> {
        for (place, _, count) in &mut self.dropped {
            *count += u64::from(!lines.text(*place)?.trim().is_empty());
        }
        Ok(())
    }

    /// The value, if the column is there and says something.
    pub(super) fn get<'a>(
        &self,
        lines: &'a Lines,
        field: Field,
        longest: usize,
    ) -> Result<Option<&'a str>, ImportError> {
        let Some(place) = self.places[field as usize] else {
            return Ok(None);
        };
        let text = lines.text_up_to(place, longest)?;
        Ok((!text.is_empty()).then_some(text))
    }

    /// An amount of money with at most ten digits before the point and two after it, which is what
    /// the model keeps.
    pub(super) fn amount(
        &self,
        lines: &Lines,
        field: Field,
    ) -> Result<Option<Decimal>, ImportError> {
        let Some(text) = self.get(lines, field, 255)? else {
            return Ok(None);
        };
        let wrong = |expected: &str| Err(self.wrong(lines, field, expected, text));
        match amount::read(lines, text, "9.99") {
            Ok(amount) if amount.is_sign_negative() && !amount.is_zero() => {
                wrong("an amount that is not below zero, such as 9.99")
            }
            Ok(amount) if amount.normalize().scale() > 2 => {
                wrong("an amount with at most two decimals, such as 9.99")
            }
            Ok(amount) => Ok(Some(amount.abs())),
            Err(expected) => wrong(&expected),
        }
    }

    pub(super) fn quantity(&self, lines: &Lines, field: Field) -> Result<i32, ImportError> {
        match self.get(lines, field, 255)? {
            None => Ok(0),
            Some(text) => text
                .parse()
                .map_err(|_| self.wrong(lines, field, "a whole number such as 3", text)),
        }
    }

    /// One of a few words, whatever their case; none if the column says nothing.
    pub(super) fn word(
        &self,
        lines: &Lines,
        field: Field,
        words: &[&'static str],
    ) -> Result<Option<Word>, ImportError> {
        let Some(text) = self.get(lines, field, 255)? else {
            return Ok(None);
        };
        let known = words.iter().find(|word| word.eq_ignore_ascii_case(text));
        Ok(Some(match known {
            Some(word) => Word::Known(word),
            None => Word::Unknown(text.to_owned()),
        }))
    }

    /// The name that the column has in the file.
    pub(super) fn name<'a>(&self, lines: &'a Lines, field: Field) -> &'a str {
        let place = self.places[field as usize];
        let name = place.and_then(|place| lines.header().get(place));
        name.map_or(COLUMNS[field as usize].names[0], String::as_str)
    }

    pub(super) fn wrong(
        &self,
        lines: &Lines,
        field: Field,
        expected: &str,
        found: &str,
    ) -> ImportError {
        let place = self.places[field as usize].unwrap_or_default();
        lines.wrong(place, expected, found)
    }
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS, Field};

    #[test]
    fn every_field_has_its_column() {
        for (field, name) in [
            (Field::Handle, "Handle"),
            (Field::Collection, "Collection"),
            (Field::Option3Value, "Option3 Value"),
            (Field::Policy, "Variant Inventory Policy"),
            (Field::Image, "Image Src"),
        ] {
            assert_eq!(COLUMNS[field as usize].names[0], name);
        }
        assert_eq!(Field::Image as usize + 1, COLUMNS.len());
    }
}
