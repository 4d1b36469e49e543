//! The root type, and the viewer that it leads to.

use async_graphql::dynamic::{Field, InputValue, Object, TypeRef};

use super::connection::list_field;
use super::object::NODE;
use super::{field, type_name};
use crate::engine::catalog::{Catalog, ColumnId, Sight, Table};

pub const QUERY: &str = "Query";
const VIEWER: &str = "Viewer";

pub fn query(sight: Sight<'_>) -> Object {
    let catalog = sight.catalog;
    let node_id = InputValue::new("nodeId", TypeRef::named_nn(TypeRef::ID))
        .description("The `nodeId` of a row, as an answer held it.");
    let mut query = Object::new(QUERY)
        .description("Everything that can be read in the workspace of the token.")
        .field(
            field(
                "node",
                TypeRef::named(NODE),
                "The row of this global id; null when it is not there.",
            )
            .argument(node_id),
        )
        .field(field(
            "viewer",
            TypeRef::named_nn(VIEWER),
            "Who asks, and where.",
        ));
    for table in sight.tables() {
        let article = format!("The {}", table.singular);
        if table.has_id {
            query = query.field(lookup(
                catalog,
                table,
                &table.singular,
                &table.key,
                &article,
            ));
        }
        for one in sight.lookups(table) {
            query = query.field(lookup(catalog, table, &one.field, &one.columns, &article));
        }
        let description = format!("A list of {}. {}", table.plural, table.comment);
        query = query.field(list_field(&table.plural, table, description));
    }
    query
}

fn lookup(
    catalog: &Catalog,
    table: &Table,
    name: &str,
    columns: &[ColumnId],
    article: &str,
) -> Field {
    let description = format!("{article} with this key; null when it is not in this workspace.");
    columns.iter().fold(
        field(name, TypeRef::named(&table.type_name), description),
        |field, &column| {
            let column = table.column(column);
            let of = TypeRef::named_nn(type_name(catalog, column.kind));
            field.argument(InputValue::new(&column.field, of).description(&column.comment))
        },
    )
}

pub fn viewer(catalog: &Catalog) -> Object {
    let viewer = catalog.viewer;
    let users = catalog.table(viewer.users);
    let workspaces = catalog.table(viewer.workspaces);
    let role = &catalog.enums[viewer.roles].type_name;
    Object::new(VIEWER)
        .description("Who asks, and where.")
        .field(field(
            "user",
            TypeRef::named(&users.type_name),
            "The account of the token.",
        ))
        .field(field(
            "role",
            TypeRef::named_nn(role),
            "The role in the workspace.",
        ))
        .field(field(
            "workspace",
            TypeRef::named(&workspaces.type_name),
            "The workspace that this request reads.",
        ))
        .field(list_field(
            &workspaces.plural,
            workspaces,
            "The workspaces that the account is a member of.".to_owned(),
        ))
}
