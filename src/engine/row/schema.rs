//! Declares object types: one for each table, with its columns and its relations.

use async_graphql::dynamic::{InputValue, Interface, InterfaceField, Object, TypeRef};

use super::{NODE, PATH};
use crate::engine::catalog::{Cardinality, Kind, NODE_ID, RoleCatalog, Table, VERSION};
use crate::engine::connection::list_field;
use crate::engine::declare::field;
use crate::engine::graph::neighbourhood_field;
use crate::engine::scalar::value_type;

const ABOUT_NODE_ID: &str =
    "The global id of the row, unique among the rows of all types, for the root field `node`.";

const ABOUT_VERSION: &str =
    "Changes with every change of the row; `expectedVersion` of mutations takes it.";

const ABOUT_PATH: &str = "Returns the part of the document at this path, null if there is none: keys of objects and positions in lists, separated by dots, such as `a.0.b`. A dot that belongs to a key stands after a backslash.";

pub fn interface() -> Interface {
    let id = InterfaceField::new(NODE_ID, TypeRef::named_nn(TypeRef::ID));
    Interface::new(NODE)
        .description("A row of any type with a global id.")
        .field(id.description(ABOUT_NODE_ID))
}

pub fn object(role: RoleCatalog<'_>, table: &Table) -> Object {
    let catalog = role.catalog;
    let mut object = Object::new(&table.type_name)
        .description(&table.comment)
        .implement(NODE)
        .field(field(
            NODE_ID,
            TypeRef::named_nn(TypeRef::ID),
            ABOUT_NODE_ID,
        ));
    if table.version().is_some() {
        let version = TypeRef::named_nn(TypeRef::STRING);
        object = object.field(field(VERSION, version, ABOUT_VERSION));
    }
    for (_, column) in role.fields(table) {
        // A part of a document can be absent, and a document can be `null`.
        let nullable = column.nullable || column.kind == Kind::Json;
        let of = value_type(catalog, column.kind, nullable);
        let mut field = field(&column.field, of, &column.comment);
        if column.kind == Kind::Json {
            let path = InputValue::new(PATH, TypeRef::named(TypeRef::STRING));
            field = field.argument(path.description(ABOUT_PATH));
        }
        object = object.field(field);
    }
    if let Some(graph) = role.graph(table) {
        object = object.field(neighbourhood_field(catalog, graph));
    }
    for relation in role.relations(table) {
        let other = catalog.table(relation.to);
        let (name, comment) = (&relation.field, &relation.comment);
        object = object.field(match relation.cardinality {
            Cardinality::Many => list_field(name, other, comment),
            Cardinality::One if relation.nullable => {
                field(name, TypeRef::named(&other.type_name), comment)
            }
            Cardinality::One => field(name, TypeRef::named_nn(&other.type_name), comment),
        });
    }
    object
}
