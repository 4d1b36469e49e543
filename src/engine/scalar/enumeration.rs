//! Declares the enums of the model.

use std::collections::HashSet;

use async_graphql::dynamic::{Enum, EnumItem};

use crate::engine::catalog::{Kind, RoleCatalog};

/// The enums that columns have, and the one of the roles.
pub fn enumerations(role: RoleCatalog<'_>) -> impl Iterator<Item = Enum> {
    let catalog = role.catalog;
    let mut used: HashSet<usize> = [catalog.viewer.roles].into();
    used.extend(role.columns().filter_map(|column| match column.kind {
        Kind::Enum(index) => Some(index),
        _ => None,
    }));
    let enums = catalog.enums.iter().enumerate();
    enums
        .filter(move |(index, _)| used.contains(index))
        .map(|(_, one)| {
            let of = Enum::new(&one.type_name).description(&one.comment);
            let values = one.values.iter();
            values.fold(of, |of, value| of.item(EnumItem::new(value.to_uppercase())))
        })
}
