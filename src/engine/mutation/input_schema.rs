//! Declares the inputs of mutations.

use async_graphql::Value;
use async_graphql::dynamic::{Directive, Enum, EnumItem, InputObject, InputValue, TypeRef};

use super::{ChildrenField, ErrorPolicy, InputField, RefField};
use crate::engine::catalog::{
    Catalog, Column, ColumnId, Command, Constraint, Kind, RoleCatalog, Table, TableId,
};
use crate::engine::declare;
use crate::engine::filter::filter_name;
use crate::engine::names::Named;
use crate::engine::scalar::{JSON, type_name, value_type};
use crate::engine::select::Operation;

const ERROR_POLICY: &str = "ErrorPolicy";
/// The directive that says what a value must keep.
const CONSTRAINT: &str = "constraint";

/// The same in the schema definition language.
pub const CONSTRAINT_SDL: &str = "\"What a value must keep beside its type, so that forms can check it first. `min` and `max` are inclusive; `precision` and `scale` count digits, all and those after the point; `pattern` is a regular expression.\"\ndirective @constraint(maxLength: Int, min: String, max: String, precision: Int, scale: Int, dimensions: Int, pattern: String) on INPUT_FIELD_DEFINITION\n";

pub fn input_name(table: &Table) -> String {
    format!("{}Input", table.type_name)
}

pub fn patch_name(table: &Table) -> String {
    format!("{}Patch", table.type_name)
}

pub fn change_name(table: &Table) -> String {
    format!("{}Change", table.type_name)
}

pub fn key_name(table: &Table) -> String {
    format!("{}Key", table.type_name)
}

/// Name of the input of a key of several columns.
pub fn columns_name(table: &Table, key: &[ColumnId]) -> String {
    let field = table.field_of_key(key);
    let mut name = format!("{}By", table.type_name);
    let mut characters = field.chars();
    name.extend(characters.next().into_iter().flat_map(char::to_uppercase));
    name.extend(characters);
    name
}

fn conflict_key_name(table: &Table) -> String {
    format!("{}ConflictKey", table.type_name)
}

fn ref_name(table: &Table) -> String {
    format!("{}Ref", table.type_name)
}

fn connect_or_create_name(table: &Table) -> String {
    format!("{}ConnectOrCreate", table.type_name)
}

fn children_name(table: &Table) -> String {
    format!("{}Children", table.type_name)
}

/// Name of the input of a mutation.
pub fn wrapper_name(table: &Table, command: Command) -> String {
    let name = Catalog::mutation_name(table, command);
    let mut characters = name.chars();
    let first = characters.next().into_iter().flat_map(char::to_uppercase);
    format!("{}Input", first.chain(characters).collect::<String>())
}

/// The value of the enum of keys: `ORDER_NUMBER`.
pub fn conflict_value(table: &Table, key: &[ColumnId]) -> String {
    let names = key
        .iter()
        .map(|&column| table.column(column).name.to_uppercase());
    names.collect::<Vec<_>>().join("_AND_")
}

pub fn error_policy() -> Enum {
    declare::enumeration(
        ERROR_POLICY,
        "What happens to the other rows when one cannot be created.",
        |one| match one {
            ErrorPolicy::RejectAll => "No row is created.",
            ErrorPolicy::SkipFailed => "The others are created; `results` has the errors.",
        },
    )
}

/// The input of a mutation.
pub fn wrapper(role: RoleCatalog<'_>, table: &Table, command: Command) -> InputObject {
    let input = InputObject::new(wrapper_name(table, command));
    let named = |one: InputField, of: TypeRef, about: &str| {
        InputValue::new(one.name(), of).description(about)
    };
    let by = || {
        named(
            InputField::By,
            TypeRef::named_nn(key_name(table)),
            "Which row.",
        )
    };
    let version = |input: InputObject| match table.version() {
        Some(_) => input.field(named(
            InputField::ExpectedVersion,
            TypeRef::named(TypeRef::STRING),
            "The `version` that the row must still have.",
        )),
        None => input,
    };
    let patches = |mut input: InputObject| {
        if has_patch(role, table) {
            input = input.field(named(
                InputField::Patch,
                TypeRef::named(patch_name(table)),
                "New values. What is absent stays; null is written.",
            ));
        }
        if has_change(role, table) {
            input = input.field(named(
                InputField::Change,
                TypeRef::named(change_name(table)),
                "Changes that build on the present values.",
            ));
        }
        input
    };
    let matching = |input: InputObject| {
        input
            .field(named(
                InputField::Where,
                TypeRef::named_nn(filter_name(table)),
                "Which rows; it must have a condition.",
            ))
            .field(named(
                InputField::Max,
                TypeRef::named_nn(TypeRef::INT),
                "The maximum number of rows that are written, also by cascades; if there are more, none is written.",
            ))
    };
    match command {
        Command::Create => {
            let of = TypeRef::named_nn(input_name(table));
            input
                .description(format!(
                    "The row that `{}` creates.",
                    Catalog::mutation_name(table, command)
                ))
                .field(InputValue::new(&table.singular, of).description("The row."))
        }
        Command::CreateMany => {
            let of = TypeRef::named_nn_list_nn(input_name(table));
            input
                .description(format!(
                    "The rows that `{}` creates.",
                    Catalog::mutation_name(table, command)
                ))
                .field(InputValue::new(&table.plural, of).description("The rows."))
                .field(named(
                    InputField::ErrorPolicy,
                    TypeRef::named(ERROR_POLICY),
                    "REJECT_ALL by default.",
                ))
        }
        Command::Update => version(patches(
            input.description("A row and its changes.").field(by()),
        )),
        Command::UpdateMany => patches(matching(input.description("Rows and their changes."))),
        Command::Upsert => {
            let of = TypeRef::named_nn(input_name(table));
            input
                .description("A row that is created, or changed where its key is taken.")
                .field(InputValue::new(&table.singular, of).description("The row."))
                .field(named(
                    InputField::By,
                    TypeRef::named_nn(conflict_key_name(table)),
                    "The key by which it may be there already.",
                ))
                .field(named(
                    InputField::OnConflict,
                    TypeRef::named(patch_name(table)),
                    "What is changed of a row that is there: by default the values of the new row, nothing with `{}`.",
                ))
        }
        Command::Delete => version(input.description("The row to delete.").field(by())),
        Command::DeleteMany => matching(input.description("The rows to delete.")),
    }
}

/// Whether the role can change a value of the table, or children.
fn has_patch(role: RoleCatalog<'_>, table: &Table) -> bool {
    role.updatable(table).next().is_some() || role.owned(table).next().is_some()
}

fn has_change(role: RoleCatalog<'_>, table: &Table) -> bool {
    changeable(role, table).next().is_some()
}

/// The columns whose type has operators: the role must read them, too.
fn changeable<'a>(
    role: RoleCatalog<'a>,
    table: &'a Table,
) -> impl Iterator<Item = (&'a Column, &'static str)> {
    role.updatable(table).filter_map(move |(id, column)| {
        let of = match column.kind {
            Kind::Int => "IntChange",
            Kind::BigInt => "BigIntChange",
            Kind::Decimal => "DecimalChange",
            Kind::TextArray => "ListChange",
            Kind::Json => "JSONChange",
            _ => return None,
        };
        let read = column.exposed && column.least <= role.role && column.guard.is_none();
        (read && table.referenced(id).is_none()).then_some((column, of))
    })
}

/// The field of an operator, and what it does; for columns of this type.
pub fn operations(kind: Kind) -> &'static [(&'static str, Operation)] {
    match kind {
        Kind::Int | Kind::BigInt | Kind::Decimal => &[("increment", Operation::Increment)],
        Kind::TextArray => &[("append", Operation::Append), ("remove", Operation::Remove)],
        Kind::Json => &[
            ("merge", Operation::Merge),
            ("removeKeys", Operation::RemoveKeys),
        ],
        _ => &[],
    }
}

/// The inputs that all tables share.
pub fn shared() -> Vec<InputObject> {
    let one = |name: &str, about: &str| InputObject::new(name).description(about).oneof();
    let value = |name: &str, of: TypeRef, about: &str| InputValue::new(name, of).description(about);
    let number = |name: &str, of: &str| {
        one(name, "A change of a number.").field(value(
            "increment",
            TypeRef::named(of),
            "Adds this; null stays null.",
        ))
    };
    vec![
        number("IntChange", TypeRef::INT),
        number("BigIntChange", "BigInt"),
        number("DecimalChange", "Decimal"),
        one("ListChange", "A change of a list.")
            .field(value(
                "append",
                TypeRef::named_nn_list(TypeRef::STRING),
                "Adds these to the end.",
            ))
            .field(value(
                "remove",
                TypeRef::named_nn_list(TypeRef::STRING),
                "Takes all elements that are equal to one of these out.",
            )),
        one("JSONChange", "A change of a JSON object.")
            .field(value(
                "merge",
                TypeRef::named(JSON),
                "Sets the members of this object, and leaves the others.",
            ))
            .field(value(
                "removeKeys",
                TypeRef::named_nn_list(TypeRef::STRING),
                "Takes the members of these names out.",
            )),
    ]
}

/// The inputs of a table that the role may use.
pub fn inputs(role: RoleCatalog<'_>, table: &Table) -> Vec<InputObject> {
    let mut inputs = Vec::new();
    let creates = role.may(table, Command::Create);
    let updates = role.may(table, Command::Update);
    if creates {
        inputs.push(new_row(role, table));
    }
    if updates && has_patch(role, table) {
        inputs.push(patch(role, table));
    }
    if updates && has_change(role, table) {
        inputs.push(change(role, table));
    }
    if !table.has_id {
        return inputs;
    }
    // The schema lists no type that nothing leads to.
    let id = role.catalog.by_name(&table.name);
    let others = || {
        role.tables()
            .filter(|other| role.may(other, Command::Create))
    };
    let referred = others().any(|other| references(role, other).any(|(_, to)| Some(to) == id));
    let owned = creates
        && role.tables().any(|other| {
            role.may(other, Command::Update)
                && role.owned(other).any(|owned| Some(owned.table) == id)
        });
    if updates || referred || owned || role.may(table, Command::Delete) {
        inputs.push(key(role.catalog, table));
        for key in table.keys().filter(|key| key.len() > 1) {
            inputs.push(columns_of_key(role.catalog, table, key));
        }
    }
    if referred {
        inputs.push(reference(role, table));
        if role.may(table, Command::Upsert) {
            inputs.push(connect_or_create(table));
        }
    }
    if owned {
        inputs.push(children(role, table));
    }
    inputs
}

fn new_row(role: RoleCatalog<'_>, table: &Table) -> InputObject {
    let input = InputObject::new(input_name(table)).description(format!(
        "A new row of {}. What is absent takes its default.",
        table.nouns
    ));
    let input = role.creatable(table).fold(input, |input, (id, column)| {
        let is_key = table.key.first() == Some(&id);
        // A reference can be given in two ways, and children have it from their parent.
        let optional = column.nullable
            || column.write.default.is_some()
            || is_key
            || table.referenced(id).is_some();
        let of = value_type(role.catalog, column.kind, optional);
        let comment = match is_key {
            true => "Unique id of the row, a UUID; made by the gateway if absent.",
            false => &column.comment,
        };
        let value = InputValue::new(&column.field, of).description(comment);
        input.field(constrained(value, &column.write.constraint))
    });
    let input = references(role, table).fold(input, |input, (field, to)| {
        let to = role.catalog.table(to);
        input.field(
            InputValue::new(field, TypeRef::named(ref_name(to)))
                .description(format!("The {}, instead of its id.", to.noun)),
        )
    });
    role.owned(table).fold(input, |input, owned| {
        let child = role.catalog.table(owned.table);
        let field = &table.relation(owned.relation).field;
        let (of, about) = match owned.one {
            true => (
                TypeRef::named(input_name(child)),
                format!("The {}, created together with the row.", child.noun),
            ),
            false => (
                TypeRef::named_nn_list(input_name(child)),
                format!("The {}, created together with the row.", child.nouns),
            ),
        };
        input.field(InputValue::new(field, of).description(about))
    })
}

/// The fields that refer to another row, by the columns that the role may give.
pub fn references<'a>(
    role: RoleCatalog<'a>,
    table: &'a Table,
) -> impl Iterator<Item = (&'a str, TableId)> {
    role.joins(table).filter_map(move |relation| {
        let to = table.referenced(relation.from_column)?;
        let column = table.column(relation.from_column);
        let gives = column.write.create.is_some_and(|least| least <= role.role);
        let of = role.catalog.table(to);
        (gives && relation.to == to && of.has_workspace && of.has_id)
            .then_some((relation.field.as_str(), to))
    })
}

fn patch(role: RoleCatalog<'_>, table: &Table) -> InputObject {
    let input = InputObject::new(patch_name(table)).description(format!(
        "New values of {}. What is absent stays; null is written. The fields are those of `{}`.",
        table.nouns,
        input_name(table)
    ));
    let input = role.updatable(table).fold(input, |input, (_, column)| {
        let value = InputValue::new(&column.field, value_type(role.catalog, column.kind, true));
        input.field(constrained(value, &column.write.constraint))
    });
    role.owned(table).fold(input, |input, owned| {
        let child = role.catalog.table(owned.table);
        let field = &table.relation(owned.relation).field;
        input.field(InputValue::new(field, TypeRef::named(children_name(child))))
    })
}

fn change(role: RoleCatalog<'_>, table: &Table) -> InputObject {
    let input = InputObject::new(change_name(table)).description(format!(
        "Changes of {} that build on the present values. The fields are those of `{}`.",
        table.nouns, table.type_name
    ));
    changeable(role, table).fold(input, |input, (column, of)| {
        input.field(InputValue::new(&column.field, TypeRef::named(of)))
    })
}

fn key(catalog: &Catalog, table: &Table) -> InputObject {
    let input = InputObject::new(key_name(table))
        .description(format!("One row of {} by one of its keys.", table.nouns))
        .oneof();
    table.keys().fold(input, |input, key| {
        let of = match key {
            [one] => TypeRef::named(type_name(catalog, table.column(*one).kind)),
            several => TypeRef::named(columns_name(table, several)),
        };
        input.field(InputValue::new(table.field_of_key(key), of))
    })
}

fn columns_of_key(catalog: &Catalog, table: &Table, key: &[ColumnId]) -> InputObject {
    let input = InputObject::new(columns_name(table, key)).description("A key of several fields.");
    key.iter().fold(input, |input, &column| {
        let column = table.column(column);
        let of = value_type(catalog, column.kind, column.nullable);
        input.field(InputValue::new(&column.field, of))
    })
}

/// The keys by which a row may be there already.
pub fn conflict_key(role: RoleCatalog<'_>, table: &Table) -> Option<Enum> {
    if !role.may(table, Command::Upsert) {
        return None;
    }
    let of = Enum::new(conflict_key_name(table))
        .description(format!("The unique keys of {}.", table.nouns));
    Some(table.keys().fold(of, |of, key| {
        of.item(EnumItem::new(conflict_value(table, key)).description(fields_of(table, key)))
    }))
}

/// The fields of a key in words: "The fields `listId` and `email`."
fn fields_of(table: &Table, key: &[ColumnId]) -> String {
    let names = key
        .iter()
        .map(|&column| format!("`{}`", table.column(column).field));
    let names: Vec<String> = names.collect();
    match names.split_last() {
        Some((last, [])) => format!("The field {last}."),
        Some((last, others)) => format!("The fields {} and {last}.", others.join(", ")),
        None => String::new(),
    }
}

fn reference(role: RoleCatalog<'_>, table: &Table) -> InputObject {
    let input = InputObject::new(ref_name(table))
        .description(format!("One of the {}.", table.nouns))
        .oneof();
    let creates = role.may(table, Command::Create);
    RefField::ALL.iter().fold(input, |input, &one| {
        let (of, about) = match one {
            RefField::Connect => (key_name(table), "The row with this key."),
            RefField::Create if creates => (input_name(table), "A new row."),
            RefField::ConnectOrCreate if role.may(table, Command::Upsert) => (
                connect_or_create_name(table),
                "The row with the same key, or a new one.",
            ),
            _ => return input,
        };
        input.field(InputValue::new(one.name(), TypeRef::named(of)).description(about))
    })
}

fn connect_or_create(table: &Table) -> InputObject {
    InputObject::new(connect_or_create_name(table))
        .description("A row that is created unless its key is taken.")
        .field(InputValue::new(
            InputField::By.name(),
            TypeRef::named_nn(conflict_key_name(table)),
        ))
        .field(InputValue::new(
            RefField::Create.name(),
            TypeRef::named_nn(input_name(table)),
        ))
}

fn children(role: RoleCatalog<'_>, table: &Table) -> InputObject {
    let input = InputObject::new(children_name(table))
        .description(format!("Changes of the {} of a row.", table.nouns));
    ChildrenField::ALL.iter().fold(input, |input, &one| {
        let (command, of) = match one {
            ChildrenField::Create => (Command::Create, input_name(table)),
            ChildrenField::Update => (Command::Update, wrapper_name(table, Command::Update)),
            ChildrenField::Delete => (Command::Delete, key_name(table)),
        };
        match role.may(table, command) {
            true => input.field(InputValue::new(one.name(), TypeRef::named_nn_list(of))),
            false => input,
        }
    })
}

fn constrained(value: InputValue, constraint: &Constraint) -> InputValue {
    if constraint.is_none() {
        return value;
    }
    let mut directive = Directive::new(CONSTRAINT);
    let mut add = |name: &str, of: Option<Value>| {
        if let Some(of) = of {
            let made = std::mem::replace(&mut directive, Directive::new(CONSTRAINT));
            directive = made.argument(name, of);
        }
    };
    let text = |of: &Option<String>| of.as_ref().map(|of| Value::from(of.as_str()));
    add("maxLength", constraint.max_length.map(Value::from));
    add("min", text(&constraint.min));
    add("max", text(&constraint.max));
    add(
        "precision",
        constraint.precision.map(|(all, _)| Value::from(all)),
    );
    add(
        "scale",
        constraint.precision.map(|(_, scale)| Value::from(scale)),
    );
    add("dimensions", constraint.dimensions.map(Value::from));
    add("pattern", constraint.pattern.map(Value::from));
    value.directive(directive)
}
