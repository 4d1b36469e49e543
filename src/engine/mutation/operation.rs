//! The directives of mutations, which async-graphql does not know: it sees documents without them.

use std::collections::HashMap;

use async_graphql::Name;
use async_graphql::Positioned;
use async_graphql::parser::types::{
    Directive, ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql_value::Value as Literal;
use serde_json::{Value as Json, json};

use crate::engine::names::SchemaField;
use crate::engine::plan::{Merged, Source, each_variable, json_key};

/// The directive that lets a request be repeated.
pub const IDEMPOTENT: &str = "idempotent";
/// Its argument.
pub const KEY: &str = "key";
/// The directive that writes nothing in the end.
pub const DRY_RUN: &str = "dryRun";

const ABOUT_IDEMPOTENT: &str = "Makes the mutation safe to repeat: a request with the same key and the same input within a day returns the result of the first one and writes nothing. Make the key with the form, for example a UUID, and a new one after a success.";
const ABOUT_KEY: &str =
    "1 to 255 characters, unique among the requests of the user in the workspace.";
const ABOUT_DRY_RUN: &str =
    "Returns what the mutation would, and writes nothing: the transaction is rolled back.";

/// Their definitions in the schema definition language.
pub fn sdl() -> String {
    format!(
        "\"{ABOUT_DRY_RUN}\"\ndirective @{DRY_RUN} on MUTATION\n\"{ABOUT_IDEMPOTENT}\"\ndirective @{IDEMPOTENT}(\"{ABOUT_KEY}\" {KEY}: String!) on FIELD\n"
    )
}

/// Their answers to questions about the schema.
fn introspected() -> [Json; 2] {
    let argument = json!({
        "__typename": "__InputValue",
        "name": KEY,
        "description": ABOUT_KEY,
        "type": {
            "__typename": "__Type", "kind": "NON_NULL", "name": null, "description": null,
            "fields": null, "interfaces": null, "possibleTypes": null, "enumValues": null,
            "inputFields": null, "specifiedByURL": null, "isOneOf": null,
            "ofType": {
                "__typename": "__Type", "kind": "SCALAR", "name": "String", "description": null,
                "fields": null, "interfaces": null, "possibleTypes": null, "enumValues": null,
                "inputFields": null, "specifiedByURL": null, "isOneOf": null, "ofType": null,
            },
        },
        "defaultValue": null,
        "isDeprecated": false,
        "deprecationReason": null,
    });
    let directive = |name: &str, about: &str, place: &str, arguments: Vec<Json>| {
        json!({
            "__typename": "__Directive",
            "name": name,
            "description": about,
            "isRepeatable": false,
            "locations": [place],
            "args": arguments,
        })
    };
    [
        directive(DRY_RUN, ABOUT_DRY_RUN, "MUTATION", Vec::new()),
        directive(IDEMPOTENT, ABOUT_IDEMPOTENT, "FIELD", vec![argument]),
    ]
}

/// Adds the directives to what async-graphql says of the schema, as JSON by response key.
pub fn tell(source: &Source<'_>, introspected: &mut HashMap<String, String>) {
    for (key, merged) in &source.root() {
        if merged[0].node.name.node != SchemaField::Schema.name() {
            continue;
        }
        let Some(schema) = introspected.get_mut(*key) else {
            continue;
        };
        for (key, merged) in &source.selection(merged, "__Schema", &[]) {
            if merged[0].node.name.node != "directives" {
                continue;
            }
            let own = self::introspected();
            let own: Vec<String> = own
                .iter()
                .map(|directive| projected(source, merged, directive))
                .collect();
            if let Some(place) = list_of(schema, key) {
                let comma = if schema[place..].starts_with(']') {
                    ""
                } else {
                    ","
                };
                schema.insert_str(place, &format!("{}{comma}", own.join(",")));
            }
        }
    }
}

/// What a selection asks of a value, as JSON.
fn projected<'a>(source: &Source<'a>, merged: &Merged<'a>, value: &Json) -> String {
    match value {
        Json::Array(items) => {
            let items = items.iter().map(|item| projected(source, merged, item));
            format!("[{}]", items.collect::<Vec<_>>().join(","))
        }
        Json::Object(members) => {
            let of = members["__typename"].as_str().unwrap_or_default();
            let selection = source.selection(merged, of, &[]);
            let fields = selection.iter().map(|(key, merged)| {
                let name = merged[0].node.name.node.as_str();
                let value = members.get(name).unwrap_or(&Json::Null);
                format!("{}{}", json_key(key), projected(source, merged, value))
            });
            format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
        }
        plain => plain.to_string(),
    }
}

/// Where the list under a key of an object begins.
fn list_of(object: &str, key: &str) -> Option<usize> {
    let wanted = format!("{}[", json_key(key));
    let (mut depth, mut inside, mut escaped) = (0, false, false);
    for (place, byte) in object.bytes().enumerate() {
        if !inside && depth == 1 && object[place..].starts_with(&wanted) {
            return Some(place + wanted.len());
        }
        match (inside, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => inside = !inside,
            (false, b'{' | b'[') => depth += 1,
            (false, b'}' | b']') => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Whether a mutation writes nothing in the end.
pub fn is_dry(operation: &OperationDefinition) -> bool {
    let mut directives = operation.directives.iter();
    directives.any(|directive| directive.node.name.node == DRY_RUN)
}

/// Takes the directives out, and the variables that only they use.
pub fn strip(document: &mut ExecutableDocument) {
    let mut used = Vec::new();
    let fragments: Vec<Name> = document.fragments.keys().cloned().collect();
    for name in fragments {
        if let Some(fragment) = document.fragments.get_mut(&name) {
            in_set(&mut fragment.node.selection_set.node, &mut used);
        }
    }
    let whole = document.fragments.clone();
    let operation = |operation: &mut OperationDefinition| {
        if operation.ty != OperationType::Mutation {
            return;
        }
        operation
            .directives
            .retain(|directive| directive.node.name.node != DRY_RUN);
        let mut keys = used.clone();
        in_set(&mut operation.selection_set.node, &mut keys);
        if keys.is_empty() {
            return;
        }
        let mut others = Vec::new();
        variables(&operation.selection_set.node, &mut others);
        for fragment in whole.values() {
            variables(&fragment.node.selection_set.node, &mut others);
        }
        operation.variable_definitions.retain(|definition| {
            let name = &definition.node.name.node;
            !keys.contains(name) || others.contains(name)
        });
    };
    match &mut document.operations {
        async_graphql::parser::types::DocumentOperations::Single(one) => {
            operation(&mut one.node);
        }
        async_graphql::parser::types::DocumentOperations::Multiple(all) => {
            all.values_mut()
                .map(|one| &mut one.node)
                .for_each(operation);
        }
    }
}

/// Takes the directive off fields, and tells the variables of its key.
fn in_set(set: &mut SelectionSet, keys: &mut Vec<Name>) {
    for item in &mut set.items {
        match &mut item.node {
            Selection::Field(field) => {
                let directives = &mut field.node.directives;
                for directive in directives.iter() {
                    if directive.node.name.node == IDEMPOTENT {
                        of_directive(directive, keys);
                    }
                }
                directives.retain(|directive| directive.node.name.node != IDEMPOTENT);
                in_set(&mut field.node.selection_set.node, keys);
            }
            Selection::InlineFragment(inline) => {
                in_set(&mut inline.node.selection_set.node, keys);
            }
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn of_directive(directive: &Positioned<Directive>, names: &mut Vec<Name>) {
    for (_, value) in &directive.node.arguments {
        of_literal(&value.node, names);
    }
}

fn of_literal(literal: &Literal, names: &mut Vec<Name>) {
    each_variable(literal, &mut |name| names.push(name.clone()));
}

/// The variables that a selection uses.
fn variables(set: &SelectionSet, names: &mut Vec<Name>) {
    for item in &set.items {
        for directive in item.node.directives() {
            of_directive(directive, names);
        }
        match &item.node {
            Selection::Field(field) => {
                for (_, value) in &field.node.arguments {
                    of_literal(&value.node, names);
                }
                variables(&field.node.selection_set.node, names);
            }
            Selection::InlineFragment(inline) => {
                variables(&inline.node.selection_set.node, names);
            }
            Selection::FragmentSpread(_) => {}
        }
    }
}
