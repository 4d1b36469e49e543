//! Products and variants as a Shopify export holds them.

use indexmap::IndexMap;
use rust_decimal::Decimal;

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
    /// Values of options that neither a column nor a made SKU keeps, by the name of the option.
    pub lost_options: IndexMap<String, u64>,
    pub dropped: Vec<(String, u64)>,
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
    /// Values of the options, which tell the variants of a product apart.
    pub key: String,
    pub sku: Option<String>,
    pub size: Option<String>,
    pub frame_type: Option<String>,
    pub condition: Option<String>,
    pub price: Decimal,
    pub cost: Option<Decimal>,
    pub inventory_quantity: i32,
    pub is_available: bool,
}

/// A SKU of handle and option values, in which the options can be read.
pub(super) fn made_sku(handle: &str, key: &str) -> String {
    let mut sku = handle.to_owned();
    let mut gap = true;
    for character in key.chars().flat_map(char::to_lowercase) {
        if !character.is_alphanumeric() {
            gap = true;
            continue;
        }
        if std::mem::take(&mut gap) {
            sku.push('-');
        }
        sku.push(character);
    }
    sku.chars().take(255).collect()
}
