//! The values of variables, read by their declared types before anything else is done with them.
//!
//! async-graphql looks at a variable only where it is used, and not at all when it is absent.

use std::collections::HashSet;

use async_graphql::parser::types::{
    BaseType, ExecutableDocument, OperationDefinition, Type, VariableDefinition,
};
use async_graphql::{Name, Number, Variables};
use async_graphql_value::ConstValue;

use super::suggest;
use super::types::{Kind, Types, named};
use crate::engine::plan::Variables as Values;
use crate::error::{Code, Error, Hint};
use crate::guard::visit;
use crate::json;

/// Up to this number every whole one is a float of its own.
const LARGEST_EXACT: f64 = 9_007_199_254_740_991.0;

/// Variables must be of types of input. async-graphql panics over the default of one whose type
/// does not exist, so this is looked at before it validates.
pub fn check_types(types: &Types, document: &ExecutableDocument) -> Vec<Error> {
    let mut errors = Vec::new();
    for operation in visit::operations(document) {
        for definition in &operation.node.variable_definitions {
            let of = &definition.node.var_type;
            let name = named(&of.node);
            if !types.is_input(name) {
                let message = format!("`{name}` is not an input type, so no variable can have it.");
                let error = Error::new(Code::GraphqlValidationFailed, message).at(of.pos);
                errors.push(match suggest::alike(name, types.inputs()) {
                    Some(hint) => error.hinting(hint),
                    None => error,
                });
            }
        }
    }
    errors
}

/// The values of the variables that an operation declares, each of its type, or its default.
///
/// # Errors
/// `BAD_USER_INPUT` for the first variable that is missing or of another type.
pub fn coerce(
    types: &Types,
    operation: &OperationDefinition,
    mut provided: Variables,
) -> Result<Values, Error> {
    let mut coerced = Values::with_capacity(operation.variable_definitions.len());
    for definition in &operation.variable_definitions {
        let VariableDefinition {
            name,
            var_type,
            default_value,
            ..
        } = &definition.node;
        let (name, of) = (&name.node, &var_type.node);
        let location = definition.pos;
        let Some(value) = provided.remove(name) else {
            if !of.nullable && default_value.is_none() {
                let message = format!("The variable `${name}` of type `{of}` is missing.");
                return Err(Error::input(name.as_str(), message).at(location));
            }
            if let Some(default) = default_value {
                coerced.insert(name.clone(), default.node.clone());
            }
            continue;
        };
        let value = coerced_value(types, of, value).map_err(|wrong| {
            let place = wrong.place(name);
            let place = place.trim_start_matches('.');
            let mut error = Error::input(place, format!("The variable `${place}` {}.", wrong.what));
            error.hint = wrong.hint;
            error.at(location)
        })?;
        coerced.insert(name.clone(), value);
    }
    Ok(coerced)
}

/// What is wrong with a value, and where inside it.
struct Wrong {
    what: String,
    /// What would be right, where that names parts of the schema.
    hint: Option<Box<Hint>>,
    /// From the inside out.
    steps: Vec<String>,
}

impl Wrong {
    fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            hint: None,
            steps: Vec::new(),
        }
    }

    fn hinting(mut self, hint: String) -> Self {
        self.hint = Some(Box::new(Hint(hint)));
        self
    }

    fn inside(mut self, step: impl ToString) -> Self {
        self.steps.push(step.to_string());
        self
    }

    fn place(&self, variable: &str) -> String {
        self.steps
            .iter()
            .rev()
            .fold(variable.to_owned(), |place, step| format!("{place}.{step}"))
    }
}

fn coerced_value(types: &Types, of: &Type, value: ConstValue) -> Result<ConstValue, Wrong> {
    if value == ConstValue::Null {
        return if of.nullable {
            Ok(ConstValue::Null)
        } else {
            Err(Wrong::new(format!(
                "is of type `{of}` and must not be null"
            )))
        };
    }
    match &of.base {
        BaseType::List(inner) => match value {
            ConstValue::List(items) => items
                .into_iter()
                .enumerate()
                .map(|(index, item)| {
                    coerced_value(types, inner, item).map_err(|wrong| wrong.inside(index))
                })
                .collect::<Result<_, _>>()
                .map(ConstValue::List),
            // The specification lets a single value stand for a list of one.
            single => Ok(ConstValue::List(vec![coerced_value(types, inner, single)?])),
        },
        BaseType::Named(name) => match types.get(name) {
            Some(Kind::Enum(names)) => enumerated(name, names, &value),
            Some(Kind::Input(_)) => object(types, name, value),
            // Validation says better that a variable cannot be of an output type.
            Some(Kind::Fields(_) | Kind::Interface(_)) => Ok(value),
            None => scalar(name, value),
        },
    }
}

fn enumerated(name: &Name, names: &HashSet<Name>, value: &ConstValue) -> Result<ConstValue, Wrong> {
    let given = match value {
        ConstValue::String(name) => names.get(name.as_str()),
        ConstValue::Enum(name) => names.get(name),
        _ => None,
    };
    given.cloned().map(ConstValue::Enum).ok_or_else(|| {
        let text = match value {
            ConstValue::String(text) => Some(text.as_str()),
            ConstValue::Enum(text) => Some(text.as_str()),
            _ => None,
        };
        let hint = suggest::value(text, names.iter().map(Name::as_str));
        Wrong::new(format!("takes a value of the enum `{name}`")).hinting(hint)
    })
}

fn object(types: &Types, name: &Name, value: ConstValue) -> Result<ConstValue, Wrong> {
    let Some(Kind::Input(input)) = types.get(name) else {
        return Ok(value);
    };
    let is_list = matches!(value, ConstValue::List(_));
    let ConstValue::Object(mut members) = value else {
        let wrong = Wrong::new(format!("takes an object of type `{name}`"));
        return Err(match suggest::operator(input, is_list) {
            Some(hint) => wrong.hinting(hint),
            None => wrong,
        });
    };
    for (field, member) in &mut members {
        let Some(slot) = input.fields.get(field) else {
            let wrong = Wrong::new(format!("is not a field of `{name}`"));
            let wrong = match suggest::alike(field, input.fields.keys().map(Name::as_str)) {
                Some(hint) => wrong.hinting(hint),
                None => wrong,
            };
            return Err(wrong.inside(field));
        };
        let given = std::mem::take(member);
        *member = coerced_value(types, &slot.of, given).map_err(|wrong| wrong.inside(field))?;
    }
    let missing = input
        .fields
        .iter()
        .filter(|(_, slot)| !slot.of.nullable && !slot.has_default)
        .map(|(field, _)| field)
        .find(|&field| !members.contains_key(field));
    if let Some(field) = missing {
        let message = format!("needs a field of `{name}` that is not given");
        return Err(Wrong::new(message).hinting(format!("It is `{field}`.")));
    }
    if input.one_of && (members.len() != 1 || members.values().any(|one| *one == ConstValue::Null))
    {
        return Err(Wrong::new(format!(
            "takes exactly one field of `{name}`, which must not be null"
        )));
    }
    Ok(ConstValue::Object(members))
}

fn scalar(name: &str, value: ConstValue) -> Result<ConstValue, Wrong> {
    let coerced = match (name, value) {
        ("Int", ConstValue::Number(number)) => whole(&number).map(ConstValue::from),
        ("Float", value @ ConstValue::Number(_))
        | ("String" | "ID", value @ ConstValue::String(_))
        | ("Boolean", value @ ConstValue::Boolean(_)) => Some(value),
        ("ID", ConstValue::Number(number)) if json::is_whole(&number) => {
            Some(ConstValue::String(number.to_string()))
        }
        // Some languages write 1 as 1.0. Beyond what a float tells apart the text is kept.
        ("ID", ConstValue::Number(number)) => number
            .as_f64()
            .filter(|float| float.fract() == 0.0)
            .map(|float| match float.abs() <= LARGEST_EXACT {
                true => format!("{float:.0}"),
                false => number.to_string(),
            })
            .map(ConstValue::String),
        ("Int" | "Float" | "String" | "ID" | "Boolean", _) => None,
        (_, value) => Some(value),
    };
    coerced.ok_or_else(|| {
        Wrong::new(match name {
            "Int" => "takes a whole number of 32 bits",
            "Float" => "takes a number",
            "Boolean" => "takes true or false",
            _ => "takes a string",
        })
    })
}

/// A number without a fraction, however it is written: some languages write 1 as 1.0.
fn whole(number: &Number) -> Option<i32> {
    match number.as_i64() {
        Some(whole) => i32::try_from(whole).ok(),
        None => number
            .as_f64()
            .filter(|number| number.fract() == 0.0 && number.abs() <= f64::from(i32::MAX))
            .map(|number| number as i32),
    }
}
