//! What the specification asks of a document and async-graphql does not look at, not when a variable
//! stands beside it, or not in words that help: fields and arguments exist, values are of their
//! types, variables stand where their type fits, `__typename` has no fields and no arguments.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;

use async_graphql::parser::types::{
    BaseType, Directive, ExecutableDocument, Field, OperationDefinition, OperationType, Selection,
    Type, VariableDefinition,
};
use async_graphql::{Name, Pos, Positioned};
use async_graphql_value::Value as Literal;

use super::suggest;
use super::types::{self, Input, Kind, Types, fits, fits_base, named};
use crate::engine::mutation::{DRY_RUN, IDEMPOTENT, KEY};
use crate::error::{Code, Error, ValuePlace, ValuePlaces};
use crate::guard::visit::{self, Looked, Next, Parent, Visitor, Walk};
use crate::json;

/// Most errors that are looked for: a document can have more of them than tokens, since each
/// operation is checked with its fragments.
const MOST_FOUND: usize = 50;

/// Checks every operation of a document whose variables are of types that exist.
pub fn check(types: &Types, document: &ExecutableDocument) -> Vec<Error> {
    let mut errors = Vec::new();
    for operation in visit::operations(document) {
        if errors.len() == MOST_FOUND {
            break;
        }
        let defaults = defaults(&operation.node);
        let mut rules = Rules {
            types,
            variables: variables(&operation.node),
            argument: None,
            places: ValuePlaces::default(),
            errors: &mut errors,
        };
        for definition in &operation.node.variable_definitions {
            for directive in &definition.node.directives {
                let name = &directive.node.name.node;
                let message = format!("The directive `@{name}` is not allowed on a variable.");
                rules.report(message, directive.pos);
            }
        }
        for (name, value, of, pos) in &defaults {
            rules.argument(name, value, (of, false), *pos);
        }
        let mut dry = operation.node.directives.iter();
        let mut dry = dry.by_ref().filter(|one| one.node.name.node == DRY_RUN);
        if let Some(one) = dry.next()
            && !one.node.arguments.is_empty()
        {
            rules.report(format!("`@{DRY_RUN}` takes no arguments."), one.pos);
        }
        if let Some(second) = dry.next() {
            rules.report(format!("`@{DRY_RUN}` cannot be repeated."), second.pos);
        }
        let root = types.root(operation.node.ty);
        let set = &operation.node.selection_set.node;
        let Ok(()) = Walk::new(document).set(&mut rules, set, root);
    }
    errors
}

fn variables(operation: &OperationDefinition) -> HashMap<&Name, &VariableDefinition> {
    let definitions = operation.variable_definitions.iter();
    definitions
        .map(|definition| (&definition.node.name.node, &definition.node))
        .collect()
}

/// The defaults of variables as literals of their types, each with the variable's name.
fn defaults(operation: &OperationDefinition) -> Vec<(String, Literal, &Type, Pos)> {
    let definitions = operation.variable_definitions.iter();
    definitions
        .filter_map(|definition| {
            let default = definition.node.default_value.as_ref()?;
            let literal = default.node.clone().into_value();
            let name = format!("${}", definition.node.name.node);
            Some((name, literal, &definition.node.var_type.node, default.pos))
        })
        .collect()
}

struct Rules<'a> {
    types: &'a Types,
    variables: HashMap<&'a Name, &'a VariableDefinition>,
    /// The argument that is looked at, or the variable with a default.
    argument: Option<&'a str>,
    /// The places inside its value down to what is looked at.
    places: ValuePlaces,
    errors: &'a mut Vec<Error>,
}

impl<'a> Rules<'a> {
    fn report(&mut self, message: String, pos: Pos) {
        self.report_with(message, None, pos);
    }

    /// Reports with a sentence for those who may ask about the schema.
    fn report_with(&mut self, message: String, hint: Option<String>, pos: Pos) {
        if self.errors.len() == MOST_FOUND {
            return;
        }
        let error = Error::new(Code::GraphqlValidationFailed, message).at(pos);
        let error = self.places.mark(error);
        self.errors.push(match hint {
            Some(hint) => error.hinting(hint),
            None => error,
        });
    }

    fn directives(&mut self, directives: &'a [Positioned<Directive>]) {
        let condition = Type {
            base: BaseType::Named(Name::new("Boolean")),
            nullable: false,
        };
        for directive in directives {
            if directive.node.name.node == IDEMPOTENT {
                continue;
            }
            // The other directives take one argument, `if`.
            for (name, value) in &directive.node.arguments {
                self.argument(&name.node, &value.node, (&condition, false), value.pos);
            }
        }
    }

    /// The directive that async-graphql does not know: on root fields of mutations, with its key.
    fn idempotent(&mut self, field: &'a Positioned<Field>, parent: Parent<'a>) {
        let mut directives = field.node.directives.iter();
        let mut own = directives
            .by_ref()
            .filter(|directive| directive.node.name.node == IDEMPOTENT);
        let Some(directive) = own.next() else {
            return;
        };
        let root = self.types.root(OperationType::Mutation);
        if parent != root {
            let message = format!("`@{IDEMPOTENT}` stands on root fields of mutations.");
            self.report(message, directive.pos);
        }
        if let Some(second) = own.next() {
            let message = format!("`@{IDEMPOTENT}` cannot be repeated.");
            self.report(message, second.pos);
        }
        let key = Type {
            base: BaseType::Named(Name::new("String")),
            nullable: false,
        };
        match &directive.node.arguments[..] {
            [(name, value)] if name.node == KEY => {
                self.argument(KEY, &value.node, (&key, false), value.pos);
            }
            _ => {
                let message = format!("`@{IDEMPOTENT}` takes one argument, `{KEY}`.");
                self.report(message, directive.pos);
            }
        }
    }

    /// The arguments of a field: those that are given exist, and none is missing.
    fn arguments(&mut self, field: &'a Positioned<Field>, known: &types::Field) {
        let name = &field.node.name.node;
        for (argument, value) in &field.node.arguments {
            match known.arguments.get(&argument.node) {
                Some(slot) => {
                    let takes = (&slot.of, slot.has_default);
                    self.argument(&argument.node, &value.node, takes, value.pos);
                }
                // What is said of `__typename` is said already.
                None if name == "__typename" => {}
                None => {
                    let there = known.arguments.keys().map(Name::as_str);
                    let hint = suggest::alike(&argument.node, there);
                    let message = format!("`{name}` has no argument `{}`.", argument.node);
                    self.report_with(message, hint, argument.pos);
                }
            }
        }
        for (argument, slot) in &known.arguments {
            let mut given = field.node.arguments.iter();
            let is_given = given.any(|(given, _)| given.node == *argument);
            if !slot.of.nullable && !slot.has_default && !is_given {
                let message = format!("The field `{name}` needs an argument that is not given.");
                self.report_with(message, Some(format!("It is `{argument}`.")), field.pos);
            }
        }
    }

    fn argument(
        &mut self,
        name: &'a str,
        value: &'a Literal,
        (of, has_default): (&Type, bool),
        pos: Pos,
    ) {
        self.argument = Some(name);
        self.value(value, of, has_default, pos);
        self.argument = None;
    }

    /// Looks at something inside a value.
    fn within(&mut self, place: impl Into<ValuePlace>, look: impl FnOnce(&mut Self)) {
        self.places.enter(place);
        look(self);
        self.places.leave();
    }

    /// Where a value stands.
    fn place(&self) -> String {
        let fields = self.places.fields();
        let names: Vec<&str> = self.argument.into_iter().chain(fields).collect();
        names.join(".")
    }

    fn value(&mut self, value: &'a Literal, of: &Type, has_default: bool, pos: Pos) {
        let types = self.types;
        match (value, &of.base) {
            (Literal::Variable(name), _) => self.variable(name, of, has_default, pos),
            (Literal::Null, _) => {
                if !of.nullable {
                    let place = self.place();
                    self.report(
                        format!("`{place}` takes a value of type `{of}`, which must not be null."),
                        pos,
                    );
                }
            }
            (Literal::List(items), BaseType::List(inner)) => {
                for (index, item) in items.iter().enumerate() {
                    self.within(index, |rules| rules.value(item, inner, false, pos));
                }
            }
            // A single value stands for a list of one.
            (single, BaseType::List(inner)) => self.value(single, inner, false, pos),
            (value, BaseType::Named(name)) => match types.get(name) {
                Some(Kind::Input(input)) => self.object(value, name, input, pos),
                Some(Kind::Enum(names)) => self.enumerated(value, name, names, pos),
                // Validation says elsewhere that an output type is none of input.
                Some(Kind::Fields(_) | Kind::Interface(_)) => {}
                None => {
                    if let Some(takes) = refused_by_scalar(name, value) {
                        let (place, value) = (self.place(), brief(value));
                        let message = format!("`{place}` takes {takes}, not `{value}`.");
                        self.report(message, pos);
                    }
                }
            },
        }
    }

    fn object(&mut self, value: &'a Literal, name: &Name, input: &Input, pos: Pos) {
        let types = self.types;
        let Literal::Object(members) = value else {
            let hint = suggest::operator(input, matches!(value, Literal::List(_)))
                .or_else(|| suggest::term(input, value));
            let (place, value) = (self.place(), brief(value));
            let message = format!("`{place}` takes an object of type `{name}`, not `{value}`.");
            return self.report_with(message, hint, pos);
        };
        for (field, member) in members {
            let Some(slot) = input.fields.get(field) else {
                let hint = suggest::input_field(types, input, field);
                let message = format!("`{name}` has no field `{field}`.");
                self.within(ValuePlace::Name(field.clone()), |rules| {
                    rules.report_with(message, hint, pos);
                });
                continue;
            };
            if input.one_of
                && let Literal::Variable(variable) = member
                && self.may_be_null(variable)
            {
                // It could leave the object without its field, whatever its default.
                let message = format!(
                    "The variable `${variable}` is used in `{name}`, which takes exactly one field, so it must not be null; declare it with `!`."
                );
                self.within(field, |rules| rules.report(message, pos));
                continue;
            }
            let of = Type {
                nullable: slot.of.nullable && !input.one_of,
                ..slot.of.clone()
            };
            self.within(field, |rules| {
                rules.value(member, &of, slot.has_default, pos)
            });
        }
        for (field, slot) in &input.fields {
            if !slot.of.nullable && !slot.has_default && !members.contains_key(field) {
                let message = format!("`{name}` needs a field that is not given.");
                self.report_with(message, Some(format!("It is `{field}`.")), pos);
            }
        }
        if input.one_of && members.len() != 1 {
            let message =
                format!("`{name}` takes exactly one of its fields, which must not be null.");
            self.report(message, pos);
        }
    }

    fn enumerated(&mut self, value: &Literal, name: &Name, names: &HashSet<Name>, pos: Pos) {
        let message = match value {
            Literal::Enum(value) if names.contains(value) => return,
            Literal::String(text) if names.contains(text.as_str()) => {
                format!("`{name}` is an enum and takes no string; write {text} without quotes.")
            }
            Literal::String(_) => format!("`{name}` is an enum and takes no string."),
            value => format!("`{name}` takes one of its values, not `{}`.", brief(value)),
        };
        let given = match value {
            Literal::Enum(value) => Some(value.as_str()),
            Literal::String(text) => Some(&**text),
            _ => None,
        };
        let hint = suggest::value(given, names.iter().map(Name::as_str));
        self.report_with(message, Some(hint), pos);
    }

    fn may_be_null(&self, variable: &Name) -> bool {
        let definition = self.variables.get(variable);
        definition.is_some_and(|definition| definition.var_type.node.nullable)
    }

    fn variable(&mut self, name: &Name, of: &Type, has_default: bool, pos: Pos) {
        let Some(definition) = self.variables.get(name) else {
            return;
        };
        let declared = &definition.var_type.node;
        let defaults = definition
            .default_value
            .as_ref()
            .is_some_and(|value| value.node != async_graphql_value::ConstValue::Null);
        let fits = if !of.nullable && declared.nullable && (defaults || has_default) {
            fits_base(&declared.base, &of.base)
        } else {
            fits(declared, of)
        };
        if !fits {
            self.report(
                format!(
                    "The variable `${name}` of type `{declared}` is used where `{of}` is expected."
                ),
                pos,
            );
        }
    }
}

impl<'a> Visitor<'a> for Rules<'a> {
    type Stop = Infallible;

    fn selection(&mut self, selection: &'a Selection) -> Result<bool, Infallible> {
        self.directives(selection.directives());
        Ok(true)
    }

    fn field(&mut self, field: &'a Positioned<Field>, parent: Parent<'a>) -> Looked<'a> {
        let name = &field.node.name.node;
        if name == "__typename" && !field.node.selection_set.node.items.is_empty() {
            let message = "`__typename` is a string and has no fields.".to_owned();
            self.report(message, field.pos);
        }
        if name == "__typename" && !field.node.arguments.is_empty() {
            let message = "`__typename` takes no arguments.".to_owned();
            self.report(message, field.pos);
        }
        self.idempotent(field, parent);
        let types = self.types;
        let Some(known) = parent.and_then(|parent| types.field(parent, name)) else {
            if let Some(of) = parent.filter(|of| types.has_fields(of)) {
                let hint = suggest::field(types, of, name);
                self.report_with(format!("`{of}` has no field `{name}`."), hint, field.pos);
            }
            return Ok(Next::Inside(None));
        };
        self.arguments(field, known);
        let of = named(&known.of);
        let selects = !field.node.selection_set.node.items.is_empty();
        if !selects && types.has_fields(of) {
            let message = format!("`{name}` needs a selection of its fields.");
            self.report_with(message, suggest::selection(types, name, of), field.pos);
        }
        if selects && name != "__typename" && types.is_input(of) {
            let message = format!("`{name}` has no fields and takes no selection.");
            self.report(message, field.pos);
        }
        Ok(Next::Inside(Some(of)))
    }
}

/// The beginning of a literal.
fn brief(literal: &Literal) -> String {
    literal.to_string().chars().take(50).collect()
}

/// What a scalar takes instead of a literal; none when it takes the literal. Scalars of our own
/// read theirs when they are planned.
fn refused_by_scalar(name: &str, literal: &Literal) -> Option<&'static str> {
    let (takes, good) = match name {
        "Int" => (
            "a whole number of 32 bits",
            matches!(literal, Literal::Number(number)
                if number.as_i64().is_some_and(|number| i32::try_from(number).is_ok())),
        ),
        "Float" => ("a number", matches!(literal, Literal::Number(_))),
        "String" => ("a string", matches!(literal, Literal::String(_))),
        "Boolean" => ("true or false", matches!(literal, Literal::Boolean(_))),
        "ID" => (
            "a string",
            match literal {
                Literal::Number(number) => json::is_whole(number),
                literal => matches!(literal, Literal::String(_)),
            },
        ),
        _ => return None,
    };
    (!good).then_some(takes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::{Limits, read};

    /// The messages about a document, for a schema whose roots have names of their own.
    fn told(text: &str) -> Vec<String> {
        let types = Types::read(
            "schema { query: Reads mutation: Writes }
            type Reads { a(b: Int!): Int }
            type Writes { a(b: Boolean!): Reads }",
        );
        let document = read(text, &Limits::default()).unwrap();
        let errors = check(&types.unwrap(), &document);
        errors.into_iter().map(|error| error.message).collect()
    }

    #[test]
    fn each_operation_is_checked_on_its_own_root() {
        assert_eq!(
            told("query A { a(b: 1) } mutation B { a(b: true) { a(b: 1) } }"),
            [""; 0]
        );
        let swapped = "query A { a(b: true) } mutation B { a(b: 1) { ...F } } fragment F on Reads { a(b: null) }";
        assert_eq!(
            told(swapped),
            [
                "`b` takes a whole number of 32 bits, not `true`.",
                "`b` takes true or false, not `1`.",
                "`b` takes a value of type `Int!`, which must not be null.",
            ]
        );
        // No operation of this kind can be sent, which async-graphql says.
        assert_eq!(told("subscription { a(b: 1) }"), [""; 0]);
    }
}
