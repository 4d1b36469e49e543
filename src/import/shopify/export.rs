//! Products and variants as a Shopify export holds them.

use std::collections::HashSet;

use indexmap::IndexMap;
use rust_decimal::Decimal;

use crate::import::lines::Remarks;

/// Everything in the file.
#[derive(Debug, Default)]
pub(super) struct Export {
    pub products: IndexMap<String, Product>,
    pub lines: u64,
    /// Lines that only add an image to a product.
    pub image_lines: u64,
    pub blank_lines: u64,
    pub repeated_variants: u64,
    /// Variants whose SKU an earlier one of the file has, with the line of each.
    pub repeated_skus: Vec<(String, u64)>,
    pub made_skus: u64,
    /// Variants for which no SKU can be made, by handle, with the line of each.
    pub without_sku: Vec<(String, u64)>,
    pub unlisted: u64,
    /// Values that are none of the words of their column, with the first line and the number of each.
    pub unknown_words: IndexMap<Unknown, (u64, u64)>,
    pub dropped: Vec<(usize, String, u64)>,
    pub remarks: Remarks,
}

/// A value that is none of the words of its column.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Unknown {
    pub column: String,
    pub value: String,
    /// What is assumed instead, as the end of the sentence.
    pub taken_as: &'static str,
}

#[derive(Debug)]
pub(super) struct Product {
    pub title: String,
    pub description: Option<String>,
    pub collection: Option<String>,
    pub category: Option<String>,
    pub tags: Vec<String>,
    pub status: &'static str,
    pub option_names: [Option<String>; 3],
    pub variants: Vec<Variant>,
}

#[derive(Debug)]
pub(super) struct Variant {
    pub line: u64,
    /// Values of the options.
    pub options: Vec<Option<String>>,
    /// The options as one text, which tells the variants of a product apart.
    pub key: String,
    /// Names of the options that have no column.
    pub homeless: Vec<String>,
    pub sku: Option<String>,
    /// Whether the SKU was made of the options, so that they can be read in it.
    pub is_made: bool,
    pub size: Option<String>,
    pub frame_type: Option<String>,
    pub condition: Option<String>,
    pub price: Decimal,
    pub cost: Option<Decimal>,
    pub inventory_quantity: i32,
    pub is_available: bool,
}

impl Export {
    /// Values of options that neither a column nor a made SKU keeps, by the name of the option.
    /// A variant whose SKU another product of the workspace has goes without it.
    pub(super) fn lost_options(&self, taken: &[String]) -> IndexMap<&str, u64> {
        let taken: HashSet<&str> = taken.iter().map(String::as_str).collect();
        let mut lost = IndexMap::new();
        let variants = self.products.values().flat_map(|product| &product.variants);
        for variant in variants {
            let sku = variant.sku.as_deref().filter(|_| variant.is_made);
            if sku.is_none_or(|sku| taken.contains(sku)) {
                for name in &variant.homeless {
                    *lost.entry(name.as_str()).or_default() += 1;
                }
            }
        }
        lost
    }
}
