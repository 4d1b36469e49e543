//! What the oracle knows: the catalog, the rows that the session may see as the database shows
//! them, and the order in which the schema lists its members.

use serde_json::{Value, json};
use tessera::app;
use tessera::db::{Ask, Row, Then};
use tessera::engine::catalog::{Cardinality, Column, Kind, Table};
use tessera::session::{Role, Session};
use tessera::sql::{Statement, quoted};

use super::cases::SIDE;
use crate::harness::client::Client;
use crate::harness::database::Database;

/// Everything about the model that the resolvers of the oracle are made from.
pub async fn export(database: &Database, client: &Client) -> Value {
    let catalog = app::catalog().expect("the model fits together");
    let session = Session {
        workspace: SIDE.workspace(),
        user: SIDE.user(),
        role: Role::Owner,
    };
    let mut tables = Vec::new();
    for table in &catalog.tables {
        let mut described = describe(table);
        described["rows"] = rows(database, &session, table).await;
        tables.push(described);
    }
    let introspection = client.query(SIDE, MEMBERS, json!({})).await;
    json!({
        "session": {
            "workspace": session.workspace,
            "user": session.user,
            "role": session.role.name().to_uppercase(),
        },
        "tables": tables,
        "enums": catalog.enums.iter().map(|one| json!(one.values)).collect::<Value>(),
        "viewer": {
            "users": catalog.viewer.users.0,
            "workspaces": catalog.viewer.workspaces.0,
        },
        "introspection": introspection["data"],
    })
}

/// The specification leaves the order of the schema's members open, so the oracle takes it over.
const MEMBERS: &str = "{ __schema { directives { name args { name } } types { name
    fields(includeDeprecated: true) { name args { name } }
    inputFields { name } enumValues(includeDeprecated: true) { name } possibleTypes { name } } } }";

fn describe(table: &Table) -> Value {
    let columns = table.columns.iter().map(|column| {
        json!({
            "name": column.name,
            "field": column.exposed.then_some(&column.field),
            "kind": kind(column.kind),
            "enum": match column.kind { Kind::Enum(index) => Some(index), _ => None },
        })
    });
    let lookups = table.lookups.iter().map(|lookup| {
        json!({
            "field": lookup.field,
            "columns": lookup.columns.iter().map(|id| id.0).collect::<Vec<_>>(),
        })
    });
    let relations = table.relations.iter().map(|relation| {
        json!({
            "field": relation.field,
            "to": relation.to.0,
            "many": relation.cardinality == Cardinality::Many,
            "from": relation.from_column.0,
            "toColumn": relation.to_column.0,
            "log": relation.log.as_ref().map(|log| json!({
                "column": log.column.0,
                "table": log.table,
                "at": log.at.0,
            })),
        })
    });
    json!({
        "name": table.name,
        "type": table.type_name,
        "singular": table.has_id.then_some(&table.singular),
        "plural": table.plural,
        "key": table.key.iter().map(|id| id.0).collect::<Vec<_>>(),
        "columns": columns.collect::<Value>(),
        "lookups": lookups.collect::<Value>(),
        "relations": relations.collect::<Value>(),
        "version": table.version().map(|id| id.0),
    })
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Uuid => "uuid",
        Kind::Text => "text",
        Kind::TextArray => "textArray",
        Kind::Int => "int",
        Kind::BigInt => "bigInt",
        Kind::Decimal => "decimal",
        Kind::Boolean => "boolean",
        Kind::Timestamp => "timestamp",
        Kind::Date => "date",
        Kind::Json => "json",
        Kind::Inet => "inet",
        Kind::Vector => "vector",
        Kind::Float => "float",
        Kind::Enum(_) => "enum",
    }
}

/// The rows that the views of the database admit, every value as the text of the database.
async fn rows(database: &Database, session: &Session, table: &Table) -> Value {
    let columns: Vec<String> = table.columns.iter().map(text).collect();
    let name = quoted(&table.name);
    let statement = Statement::once(format!(
        "select array_to_json(array[{}]::text[])::text from read.{name} t",
        columns.join(", ")
    ));
    let mut rows = Vec::new();
    let take = |_, row: Row| {
        let list = row.get(0).expect("a value");
        rows.push(serde_json::from_slice::<Value>(list).expect("a list"));
        Ok(())
    };
    let mut scope = database.db.read(session);
    scope
        .run(&[Ask::of(&statement)], Then::End, take)
        .await
        .expect("the rows of a table");
    rows.into()
}

fn text(column: &Column) -> String {
    let name = format!("t.{}", quoted(&column.name));
    match column.kind {
        Kind::TextArray => format!("array_to_json({name})::text"),
        Kind::Timestamp => {
            format!("to_char({name} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
        }
        Kind::Date => format!("to_char({name}, 'YYYY-MM-DD')"),
        Kind::Inet => format!("abbrev({name})"),
        Kind::Enum(_) => format!("upper({name}::text)"),
        _ => format!("{name}::text"),
    }
}
