//! Declares the root type of mutations, and registers all types of writing.

use async_graphql::dynamic::{InputValue, Object, SchemaBuilder, TypeRef};

use super::input_schema;
use super::payload_schema::{self, bulk_payload_name, payload_name};
use super::{INPUT, input_schema::wrapper_name};
use crate::engine::catalog::{Catalog, Command, RoleCatalog, Table};
use crate::engine::declare::field;
use crate::engine::names::Named;

/// Name of the root type of mutations.
pub const MUTATION: &str = "Mutation";

/// Whether the role writes anything.
pub fn writes(role: RoleCatalog<'_>) -> bool {
    role.tables()
        .any(|table| Command::ALL.iter().any(|&command| role.may(table, command)))
}

/// The root type; none where the role writes nothing.
fn mutation(role: RoleCatalog<'_>) -> Option<Object> {
    let mut object = Object::new(MUTATION).description(
        "Everything that can be written in the workspace of the token. An operation runs in one transaction: all of its fields are written, or none.",
    );
    let mut writes = false;
    for table in role.tables() {
        for &command in Command::ALL {
            if !role.may(table, command) {
                continue;
            }
            writes = true;
            let payload = match command.is_bulk() {
                true => bulk_payload_name(table),
                false => payload_name(table),
            };
            let input = TypeRef::named_nn(wrapper_name(table, command));
            object = object.field(
                field(
                    Catalog::mutation_name(table, command),
                    TypeRef::named_nn(payload),
                    about(table, command),
                )
                .argument(InputValue::new(INPUT, input)),
            );
        }
    }
    writes.then_some(object)
}

fn about(table: &Table, command: Command) -> String {
    let (noun, nouns) = (&table.noun, &table.nouns);
    match command {
        Command::Create => format!("Creates one row of {nouns}."),
        Command::CreateMany => format!("Creates several {nouns}."),
        Command::Update => format!("Changes the {noun} with this key."),
        Command::UpdateMany => format!("Changes all {nouns} that match a filter."),
        Command::Upsert => {
            format!("Creates the {noun}, or changes the one that has the same key.")
        }
        Command::Delete => {
            format!("Deletes the {noun} with this key, and returns it as it was.")
        }
        Command::DeleteMany => {
            format!("Deletes all {nouns} that match a filter, and returns them as they were.")
        }
    }
}

/// Registers everything that writing needs; tells whether there is a root type.
pub fn register(role: RoleCatalog<'_>, mut schema: SchemaBuilder) -> SchemaBuilder {
    let Some(mutation) = mutation(role) else {
        return schema;
    };
    schema = schema.register(mutation);
    for one in payload_schema::shared() {
        schema = schema.register(one);
    }
    schema = schema
        .register(payload_schema::user_error())
        .register(payload_schema::error_code())
        .register(payload_schema::change_kind())
        .register(input_schema::error_policy());
    for one in input_schema::shared() {
        schema = schema.register(one);
    }
    for table in role.tables() {
        for &command in Command::ALL {
            if role.may(table, command) {
                schema = schema.register(input_schema::wrapper(role, table, command));
            }
        }
        for one in input_schema::inputs(role, table) {
            schema = schema.register(one);
        }
        if let Some(keys) = input_schema::conflict_key(role, table) {
            schema = schema.register(keys);
        }
        for one in payload_schema::payloads(role, table) {
            schema = schema.register(one);
        }
    }
    schema
}
