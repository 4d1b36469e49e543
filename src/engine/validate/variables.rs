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
use super::types::{Input, Kind, Types, named};
use crate::engine::plan::Variables as Values;
use crate::error::{Code, Error, Hint};
use crate::guard::visit;
use crate::json;

/// Up to this number every whole one is a float of its own.
const LARGEST_EXACT: f64 = 9_007_199_254_740_991.0;

/// Most errors that are reported at once.
const MOST_WRONG: usize = 20;

/// Variables must be of types of input. async-graphql panics over the default of one whose type
/// does not exist, so this is looked at before it validates.
pub fn check_types(types: &Types, document: &ExecutableDocument) -> Vec<Error> {
    let mut errors = Vec::new();
    for operation in visit::operations(document) {
        for definition in &operation.node.variable_definitions {
            let of = &definition.node.var_type;
            let name = named(&of.node);
            if !types.is_input(name) && errors.len() < MOST_WRONG {
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
/// `BAD_USER_INPUT` for each variable that is missing, and for each value in one that is of another
/// type, up to a bound.
pub fn coerce(
    types: &Types,
    operation: &OperationDefinition,
    mut provided: Variables,
) -> Result<Values, Vec<Error>> {
    let mut errors = Vec::new();
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
                errors.push(Error::input(name.as_str(), message).at(location));
            } else if let Some(default) = default_value {
                coerced.insert(name.clone(), default.node.clone());
            }
            continue;
        };
        let mut wrongs = Wrongs::default();
        let value = wrongs.coerced(types, of, value);
        errors.extend(wrongs.0.into_iter().map(|wrong| {
            let place = wrong.place(name);
            let place = place.trim_start_matches('.');
            let mut error = Error::input(place, format!("The variable `${place}` {}.", wrong.what));
            error.hint = wrong.hint;
            error.at(location)
        }));
        coerced.insert(name.clone(), value);
    }
    errors.truncate(MOST_WRONG);
    match errors.is_empty() {
        true => Ok(coerced),
        false => Err(errors),
    }
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

    fn hinting_if(self, hint: Option<String>) -> Self {
        match hint {
            Some(hint) => self.hinting(hint),
            None => self,
        }
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

/// What is wrong with the value of a variable, in the order of the value, as far as it is looked at.
#[derive(Default)]
struct Wrongs(Vec<Wrong>);

impl Wrongs {
    /// The value as its type has it; null for what is wrong, which is noted.
    fn coerced(&mut self, types: &Types, of: &Type, value: ConstValue) -> ConstValue {
        if self.0.len() >= MOST_WRONG {
            return ConstValue::Null;
        }
        if value == ConstValue::Null {
            if !of.nullable {
                let what = format!("is of type `{of}` and must not be null");
                self.0.push(Wrong::new(what));
            }
            return value;
        }
        let read = match &of.base {
            BaseType::List(inner) => {
                return ConstValue::List(match value {
                    ConstValue::List(items) => items
                        .into_iter()
                        .enumerate()
                        .map(|(index, item)| self.inside(index, types, inner, item))
                        .collect(),
                    // The specification lets a single value stand for a list of one.
                    single => vec![self.coerced(types, inner, single)],
                });
            }
            BaseType::Named(name) => match types.get(name) {
                Some(Kind::Enum(names)) => enumerated(name, names, &value),
                Some(Kind::Input(input)) => return self.object(types, (name, input), value),
                // Validation says better that a variable cannot be of an output type.
                Some(Kind::Fields(_) | Kind::Interface(_)) => Ok(value),
                None => scalar(name, value),
            },
        };
        read.unwrap_or_else(|wrong| {
            self.0.push(wrong);
            ConstValue::Null
        })
    }

    /// As [`Self::coerced`], of a value inside another one.
    fn inside(
        &mut self,
        step: impl ToString,
        types: &Types,
        of: &Type,
        value: ConstValue,
    ) -> ConstValue {
        let before = self.0.len();
        let coerced = self.coerced(types, of, value);
        let new = self.0[before..].iter_mut();
        new.for_each(|wrong| wrong.steps.push(step.to_string()));
        coerced
    }

    fn object(
        &mut self,
        types: &Types,
        (name, input): (&Name, &Input),
        value: ConstValue,
    ) -> ConstValue {
        let is_list = matches!(value, ConstValue::List(_));
        let ConstValue::Object(mut members) = value else {
            let wrong = Wrong::new(format!("takes an object of type `{name}`"));
            self.0
                .push(wrong.hinting_if(suggest::operator(input, is_list)));
            return ConstValue::Null;
        };
        let before = self.0.len();
        let is_one = members.len() == 1 && members.values().all(|one| *one != ConstValue::Null);
        for (field, member) in &mut members {
            if let Some(slot) = input.fields.get(field) {
                let given = std::mem::take(member);
                *member = self.inside(field, types, &slot.of, given);
            } else if self.0.len() < MOST_WRONG {
                let wrong = Wrong::new(format!("is not a field of `{name}`"));
                let wrong = wrong.hinting_if(suggest::input_field(types, input, field));
                self.0.push(wrong.inside(field));
            }
        }
        let needed = input.fields.iter();
        let needed = needed.filter(|(_, slot)| !slot.of.nullable && !slot.has_default);
        let missing = needed.map(|(field, _)| field);
        let mut missing: Vec<&Name> = missing
            .filter(|field| !members.contains_key(*field))
            .collect();
        missing.sort_unstable();
        self.0.extend(missing.into_iter().map(|field| {
            let what = format!("needs a field of `{name}` that is not given");
            Wrong::new(what).hinting(format!("It is `{field}`."))
        }));
        if input.one_of && !is_one && self.0.len() == before {
            self.0.push(Wrong::new(format!(
                "takes exactly one field of `{name}`, which must not be null"
            )));
        }
        ConstValue::Object(members)
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
