//! Declares the root type, and the viewer that it leads to.

use async_graphql::dynamic::{Field, InputValue, Object, TypeRef};

use super::{VIEWER, ViewerField};
use crate::engine::catalog::{Catalog, ColumnId, NODE_ID, NODE_IDS, RoleCatalog, RootField, Table};
use crate::engine::connection::list_field;
use crate::engine::declare::field;
use crate::engine::names::Named;
use crate::engine::row::NODE;
use crate::engine::scalar::type_name;

/// Name of the root type of queries.
pub const QUERY: &str = "Query";

const ABOUT_VIEWER: &str = "The caller: the account, and the workspace and role of the request.";

pub fn query(role: RoleCatalog<'_>) -> Object {
    let catalog = role.catalog;
    let mut query = Object::new(QUERY)
        .description("Everything that can be read in the workspace of the token.");
    for &one in RootField::ALL {
        query = query.field(match one {
            RootField::Node => {
                let description =
                    "The row with this global id; null if there is none that the caller may read.";
                let id = InputValue::new(NODE_ID, TypeRef::named_nn(TypeRef::ID));
                field(one.name(), TypeRef::named(NODE), description)
                    .argument(id.description("The `nodeId` of the row."))
            }
            RootField::Nodes => {
                let description =
                    "The rows with these global ids, in their order; null for each that there is none of that the caller may read.";
                let ids = InputValue::new(NODE_IDS, TypeRef::named_nn_list_nn(TypeRef::ID));
                field(one.name(), TypeRef::named_list_nn(NODE), description)
                    .argument(ids.description("The `nodeId`s of the rows; 500 at most."))
            }
            RootField::Viewer => field(one.name(), TypeRef::named_nn(VIEWER), ABOUT_VIEWER),
        });
    }
    for table in role.tables() {
        if table.has_id {
            query = query.field(lookup(catalog, table, &table.singular, &table.key));
        }
        for one in role.lookups(table) {
            query = query.field(lookup(catalog, table, &one.field, &one.columns));
        }
        let description = format!("A list of {}. {}", table.nouns, table.comment);
        query = query.field(list_field(&table.plural, table, description));
    }
    query
}

fn lookup(catalog: &Catalog, table: &Table, name: &str, columns: &[ColumnId]) -> Field {
    let description = format!(
        "The {} with this key; null if there is none in this workspace that the caller may read.",
        table.noun
    );
    columns.iter().fold(
        field(name, TypeRef::named(&table.type_name), description),
        |field, &column| {
            let column = table.column(column);
            let of = TypeRef::named_nn(type_name(catalog, column.kind));
            field.argument(InputValue::new(&column.field, of).description(&column.comment))
        },
    )
}

pub fn viewer(role: RoleCatalog<'_>) -> Object {
    let object = fixed(role.catalog);
    role.own_lists().fold(object, |object, own| {
        let table = role.catalog.table(own.table);
        let latest = &table.column(own.latest).field;
        let description = format!(
            "The caller's own {} in this workspace, descending by `{latest}` unless `orderBy` is given. {}",
            table.nouns, table.comment
        );
        object.field(list_field(&own.field, table, description))
    })
}

/// The fields that are there whatever the tables are.
fn fixed(catalog: &Catalog) -> Object {
    let viewer = &catalog.viewer;
    let users = &catalog.table(viewer.users).type_name;
    let workspaces = catalog.table(viewer.workspaces);
    let role = &catalog.enums[viewer.roles].type_name;
    let object = Object::new(VIEWER).description(ABOUT_VIEWER);
    ViewerField::ALL.iter().fold(object, |object, &one| {
        let name = one.name();
        object.field(match one {
            ViewerField::User => field(name, TypeRef::named(users), "The caller's account."),
            ViewerField::Role => field(
                name,
                TypeRef::named_nn(role),
                "The caller's role in the workspace.",
            ),
            ViewerField::Workspace => field(
                name,
                TypeRef::named(&workspaces.type_name),
                "The workspace of the request.",
            ),
            ViewerField::Workspaces => list_field(
                name,
                workspaces,
                "The workspaces that the caller is a member of.",
            ),
        })
    })
}
