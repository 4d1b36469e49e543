//! Reads the argument `search`.

use async_graphql_value::ConstValue;

use super::{ARGUMENT, Mode, SearchField};
use crate::engine::catalog::{Catalog, Embedding, Kind, Searchable, Table};
use crate::engine::names::Named;
use crate::engine::plan::{Planned, Values, missing, without_value};
use crate::engine::scalar;
use crate::engine::select::{Expr, Nearest, Search, Term};
use crate::error::{Error, Within};
use crate::sql::Value;

/// The longest text of a search, in characters. PostgreSQL refuses words of more than 2046 bytes.
const MOST_CHARACTERS: usize = 500;

/// How the rows are found, as far as it does not take the values: none where nothing is sought, and
/// for what [`read`] refuses.
pub fn mode(input: &ConstValue) -> Option<Mode> {
    let ConstValue::Object(members) = input else {
        return None;
    };
    let given = |field: SearchField| {
        let value = members.get(field.name());
        value.is_some_and(|value| *value != ConstValue::Null)
    };
    match members.get(SearchField::Mode.name()) {
        Some(ConstValue::Enum(name)) => return Mode::of(name),
        Some(ConstValue::String(name)) => return Mode::of(name),
        _ => {}
    }
    let near = given(SearchField::Vector) || given(SearchField::Like);
    match (given(SearchField::Text), near) {
        (true, true) => Some(Mode::Hybrid),
        (true, false) => Some(Mode::Text),
        (false, true) => Some(Mode::Vector),
        (false, false) => None,
    }
}

/// The order of the rows that a search finds: the best come first.
pub fn order(mode: Mode, table: &Table) -> Vec<Term> {
    let (by, descending) = match mode {
        Mode::Text | Mode::Hybrid => (Expr::Score(mode), true),
        // An index gives the order by distance.
        Mode::Vector => (Expr::Distance, false),
    };
    let keys = table.key.iter().map(|&column| Expr::Column(column));
    [by].into_iter()
        .chain(keys)
        .map(|by| Term {
            by,
            descending,
            nulls_first: descending,
        })
        .collect()
}

/// Reads a search of rows; none where nothing is sought.
///
/// # Errors
/// `BAD_USER_INPUT` for a search that says too little or too much.
pub fn read(
    catalog: &Catalog,
    searchable: &Searchable,
    arguments: &Values<'_>,
) -> Planned<Option<Search>> {
    let Some(input) = arguments.get(ARGUMENT) else {
        return Ok(None);
    };
    let ConstValue::Object(members) = &*input else {
        return Err(Error::input(
            ARGUMENT,
            "`search` takes an object, such as { text: \"red bag\" }.",
        ));
    };
    let get = |field: SearchField| {
        let value = members.get(field.name());
        value.filter(|value| **value != ConstValue::Null)
    };
    let Some(mode) = mode(&input) else {
        if let Some(literal) = arguments.literal(ARGUMENT)
            && let Some(variable) = missing(literal, arguments.variables())
        {
            let place = "`search`, where nothing else says what is sought. Give it a value, or give the whole `search` as a variable, which may have no value";
            return Err(without_value(ARGUMENT, variable, place));
        }
        let message = match searchable.embedding {
            Some(_) => {
                "`search` needs `text`, `vector` or `like`; leave `search` out to list all rows."
            }
            None => "`search` needs `text`; leave `search` out to list all rows.",
        };
        return Err(Error::input(ARGUMENT, message));
    };
    let text = match (mode.has_text(), get(SearchField::Text)) {
        (false, _) => None,
        (true, Some(text)) => Some(words(text).within(SearchField::Text.name())?),
        (true, None) => return Err(lacks(mode, "`text`")),
    };
    let near = match (mode, &searchable.embedding) {
        (Mode::Text, _) | (_, None) => None,
        (_, Some(embedding)) => match (get(SearchField::Vector), get(SearchField::Like)) {
            (Some(_), Some(_)) => {
                let message = "`search` takes either `vector` or `like`.";
                return Err(Error::input(ARGUMENT, message));
            }
            (Some(vector), None) => {
                let vector = numbers(embedding, vector);
                let vector = vector.within(SearchField::Vector.name())?;
                Some(Nearest::Vector(vector))
            }
            (None, Some(id)) => {
                let like = SearchField::Like.name();
                let id = scalar::value(catalog, Kind::Uuid, id, like).within(like)?;
                Some(Nearest::Like(id))
            }
            (None, None) => return Err(lacks(mode, "`vector` or `like`")),
        },
    };
    let typos = !matches!(get(SearchField::Typos), Some(ConstValue::Boolean(false)));
    Ok(Some(Search {
        text,
        typos,
        near,
        exact: true,
    }))
}

fn lacks(mode: Mode, what: &str) -> Error {
    let message = format!("`search` in mode {} needs {what}.", mode.name());
    Error::input(ARGUMENT, message)
}

fn words(input: &ConstValue) -> Planned<Value> {
    let text = scalar::text(input, SearchField::Text.name())?;
    let characters = text.chars().count();
    if characters > MOST_CHARACTERS {
        let message = format!(
            "`text` has {characters} characters; the limit is {MOST_CHARACTERS}. Leave out words that matter least."
        );
        return Err(Error::input(SearchField::Text.name(), message).with("limit", MOST_CHARACTERS));
    }
    Ok(Value::Text(text))
}

/// An embedding as PostgreSQL reads it.
fn numbers(embedding: &Embedding, input: &ConstValue) -> Planned<Value> {
    let name = SearchField::Vector.name();
    let dimensions = embedding.dimensions;
    let wrong = |message: String| Error::input(name, message);
    let single;
    let items = match input {
        ConstValue::List(items) => items,
        one => {
            single = vec![one.clone()];
            &single
        }
    };
    if items.len() != dimensions {
        return Err(wrong(format!(
            "`vector` takes {dimensions} numbers, as many as the embeddings of the rows have; it has {}.",
            items.len()
        ))
        .with("limit", dimensions));
    }
    let mut text = String::with_capacity(dimensions * 12);
    let mut all_zero = true;
    for (index, item) in items.iter().enumerate() {
        let number = match item {
            ConstValue::Number(number) => number.as_str().parse::<f32>().ok(),
            _ => None,
        };
        let number = number
            .filter(|number| number.is_finite())
            .ok_or_else(|| wrong("`vector` takes numbers of 32 bits, such as 0.25.".to_owned()))
            .within(index)?;
        all_zero &= number == 0.0;
        text.push(if text.is_empty() { '[' } else { ',' });
        text.push_str(&number.to_string());
    }
    if all_zero {
        return Err(wrong(
            "`vector` must have a number that is not 0: a cosine takes a direction.".to_owned(),
        ));
    }
    text.push(']');
    Ok(Value::Text(text))
}
