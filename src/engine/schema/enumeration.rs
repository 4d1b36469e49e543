//! Enums: those of the model and those of the API.

use std::collections::HashSet;

use async_graphql::dynamic::{Enum, EnumItem};

use crate::engine::catalog::{Kind, Sight};
use crate::engine::plan::order::DIRECTIONS;

pub const COUNT_PRECISION: &str = "CountPrecision";
pub const SORT_DIRECTION: &str = "SortDirection";
pub const TEXT_MODE: &str = "TextMode";

pub fn all(sight: Sight<'_>) -> Vec<Enum> {
    let catalog = sight.catalog;
    let mut used: HashSet<usize> = [catalog.viewer.roles].into();
    used.extend(sight.columns().filter_map(|column| match column.kind {
        Kind::Enum(index) => Some(index),
        _ => None,
    }));
    let mut enums: Vec<Enum> = catalog
        .enums
        .iter()
        .enumerate()
        .filter(|(index, _)| used.contains(index))
        .map(|(_, one)| {
            one.values.iter().fold(
                Enum::new(&one.type_name).description(&one.comment),
                |of, value| of.item(EnumItem::new(value.to_uppercase())),
            )
        })
        .collect();
    let directions = Enum::new(SORT_DIRECTION).description(
        "The direction of an order. Empty fields count as greater than all others unless the direction says where they go.",
    );
    enums.push(
        DIRECTIONS
            .iter()
            .fold(directions, |of, (name, descending, nulls_first)| {
                let way = if *descending {
                    "From the greatest to the least"
                } else {
                    "From the least to the greatest"
                };
                let nulls = if *nulls_first { "first" } else { "last" };
                of.item(EnumItem::new(*name).description(format!("{way}, empty fields {nulls}.")))
            }),
    );
    enums.push(
        Enum::new(COUNT_PRECISION)
            .description("How exact a count is.")
            .item(EnumItem::new("EXACT").description("The value is the number of rows."))
            .item(EnumItem::new("AT_LEAST").description("There are more rows than the value.")),
    );
    enums.push(
        Enum::new(TEXT_MODE)
            .description("How text is compared.")
            .item(EnumItem::new("DEFAULT").description("Capital and small letters differ."))
            .item(
                EnumItem::new("INSENSITIVE").description("Capital and small letters are the same."),
            ),
    );
    enums
}
