//! Object types: one for each table, with its columns and its relations.

use async_graphql::dynamic::{Interface, InterfaceField, Object, TypeRef};

use super::connection::list_field;
use super::{field, value_type};
use crate::engine::catalog::{Cardinality, Sight, Table};

pub const NODE: &str = "Node";
const NODE_ID: &str = "Identifies the row among all rows of all types, for the root field `node`.";

pub fn node_interface() -> Interface {
    Interface::new(NODE)
        .description("A row of any type.")
        .field(InterfaceField::new("nodeId", TypeRef::named_nn(TypeRef::ID)).description(NODE_ID))
}

pub fn object(sight: Sight<'_>, table: &Table) -> Object {
    let catalog = sight.catalog;
    let mut object = Object::new(&table.type_name)
        .description(&table.comment)
        .implement(NODE)
        .field(field("nodeId", TypeRef::named_nn(TypeRef::ID), NODE_ID));
    for (_, column) in sight.fields(table) {
        let of = value_type(catalog, column.kind, column.nullable);
        object = object.field(field(&column.field, of, &column.comment));
    }
    for relation in sight.relations(table) {
        let other = catalog.table(relation.to);
        object = object.field(match relation.cardinality {
            Cardinality::Many => list_field(&relation.field, other, relation.comment.clone()),
            Cardinality::One => {
                let of = if relation.nullable {
                    TypeRef::named(&other.type_name)
                } else {
                    TypeRef::named_nn(&other.type_name)
                };
                field(&relation.field, of, &relation.comment)
            }
        });
    }
    object
}
