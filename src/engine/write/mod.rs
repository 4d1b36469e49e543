//! Writes the answer: rows become JSON in the order of the selection.

mod connection;
mod value;

use std::collections::HashMap;

use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::budget::Budget;
use super::load::{self, Loaded, Rows};
use super::plan::{Output, OutputField, Plan, cursor};
use crate::error::{Code, Error, Location, Step};

/// Answers of the schema to `__schema` and `__type`, as JSON by response key.
pub type Introspected = HashMap<String, String>;

/// Room for the brackets, commas and quotes that are written beside a key or value.
const SIGNS: usize = 64;

/// A field that must not be null is null. It travels up to the nearest field that may be, as the
/// specification says, and gathers its path up to the root, from the inside out.
struct Missing<'a> {
    path: Vec<Step>,
    locations: &'a [Location],
}

/// Why a value is not written.
enum Stop<'a> {
    Missing(Missing<'a>),
    /// The answer is too large, and nothing more is written at all.
    Refused(Box<Error>),
}

type Written<'a> = Result<(), Stop<'a>>;

/// What of a row is written: the row itself, or the root, which has none.
type Current<'a> = Option<&'a PgRow>;

/// Writes the `data` of an answer; `null` when a root field that must not be null is.
///
/// # Errors
/// As [`Budget::write`].
pub fn write(
    plan: &Plan,
    loaded: &Loaded,
    introspected: &Introspected,
    budget: &Budget,
) -> Result<(Vec<u8>, Vec<Error>), Error> {
    let mut writer = Writer {
        plan,
        loaded,
        introspected,
        budget,
        out: Vec::with_capacity(4096),
        missing: Vec::new(),
    };
    match writer.object(&plan.fields, None) {
        Ok(()) => {}
        Err(Stop::Missing(missing)) => {
            writer.out.clear();
            writer.out.extend_from_slice(b"null");
            writer.missing.push(missing);
        }
        Err(Stop::Refused(error)) => return Err(*error),
    }
    let Writer { out, missing, .. } = writer;
    if let Some(first) = missing.first() {
        let path = first.path.iter().rev().collect::<Vec<_>>();
        tracing::error!(
            ?path,
            rows = missing.len(),
            "rows that foreign keys promise are not visible"
        );
    }
    let errors = missing.into_iter().map(Missing::into_error);
    Ok((out, errors.collect()))
}

struct Writer<'a> {
    plan: &'a Plan,
    loaded: &'a Loaded,
    introspected: &'a Introspected,
    budget: &'a Budget,
    out: Vec<u8>,
    /// What was missing below a field that may be null; the paths grow while the writer returns.
    missing: Vec<Missing<'a>>,
}

impl<'a> Writer<'a> {
    /// Makes room for what is written next, and for the signs around it.
    fn room(&mut self, more: usize) -> Written<'a> {
        self.budget
            .write(&mut self.out, more + SIGNS, self.missing.len())
            .map_err(|error| Stop::Refused(Box::new(error)))
    }

    fn text(&mut self, json: &str) -> Written<'a> {
        self.room(json.len())?;
        self.out.extend_from_slice(json.as_bytes());
        Ok(())
    }

    fn object(&mut self, fields: &'a [OutputField], row: Current<'_>) -> Written<'a> {
        self.out.push(b'{');
        for (index, field) in fields.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.text(&field.key)?;
            self.inside(
                || below(&field.key),
                |writer| writer.output(&field.output, row),
            )?;
        }
        self.out.push(b'}');
        Ok(())
    }

    /// Writes what stands below one step of the path. Nothing is done for the path unless something
    /// is missing there.
    fn inside(
        &mut self,
        step: impl FnOnce() -> Step,
        write: impl FnOnce(&mut Self) -> Written<'a>,
    ) -> Written<'a> {
        let before = self.missing.len();
        let mut written = write(self);
        if written.is_err() || self.missing.len() > before {
            let step = step();
            let further = match &mut written {
                Err(Stop::Missing(missing)) => Some(missing),
                _ => None,
            };
            for missing in self.missing[before..].iter_mut().chain(further) {
                missing.path.push(step.clone());
            }
        }
        written
    }

    fn output(&mut self, output: &'a Output, row: Current<'_>) -> Written<'a> {
        match output {
            Output::Literal(json) => self.text(json)?,
            Output::Object(fields) => self.object(fields, row)?,
            Output::Column { index, kind } => {
                let bytes = row.and_then(|row| load::bytes(row, *index));
                self.room(bytes.map_or(0, most_bytes))?;
                value::write(&mut self.out, *kind, bytes);
            }
            Output::NodeId { table, columns } => {
                let mut json = format!("[{}", serde_json::Value::from(table.as_str())).into_bytes();
                if let Some(row) = row {
                    self.key_values(&mut json, columns, row);
                }
                self.opaque(json)?;
            }
            Output::One {
                node,
                fields,
                non_null,
                locations,
            } => {
                let rows = self.rows_of(*node, row);
                let Some(one) = rows.first() else {
                    if *non_null {
                        return Err(Stop::Missing(Missing {
                            path: Vec::new(),
                            locations,
                        }));
                    }
                    self.out.extend_from_slice(b"null");
                    return Ok(());
                };
                let start = self.out.len();
                match self.object(fields, Some(one)) {
                    Err(Stop::Missing(missing)) if !*non_null => {
                        self.out.truncate(start);
                        self.out.extend_from_slice(b"null");
                        self.missing.push(missing);
                    }
                    written => written?,
                }
            }
            Output::Connection(connection) => self.connection(connection, row)?,
            Output::Introspection { response_key } => {
                let introspected: &'a Introspected = self.introspected;
                self.text(
                    introspected
                        .get(response_key)
                        .map_or("null", String::as_str),
                )?;
            }
        }
        Ok(())
    }

    /// The rows of a node that belong to the current row.
    fn rows_of(&self, node: usize, row: Current<'_>) -> &'a [PgRow] {
        let rows: &'a Rows = &self.loaded[node];
        match self.plan.nodes[node].parent {
            None => rows.all(),
            Some(parent) => {
                let key: Option<Uuid> = row.and_then(|row| load::uuid(row, parent.column));
                key.map_or(&[], |key| rows.of(key))
            }
        }
    }

    /// Appends the values of columns to a JSON list that is open.
    fn key_values(
        &self,
        json: &mut Vec<u8>,
        columns: &[(usize, crate::engine::catalog::Kind)],
        row: &PgRow,
    ) {
        for (index, kind) in columns {
            json.push(b',');
            value::write(json, *kind, load::bytes(row, *index));
        }
        json.push(b']');
    }

    /// Writes a JSON list as opaque text.
    fn opaque(&mut self, json: Vec<u8>) -> Written<'a> {
        // Written by `value` from text that PostgreSQL keeps in UTF-8.
        let text = cursor::encode(&json);
        self.out.push(b'"');
        self.text(&text)?;
        self.out.push(b'"');
        Ok(())
    }
}

impl Missing<'_> {
    fn into_error(mut self) -> Error {
        self.path.reverse();
        let mut error = Error::new(Code::Internal, "A value that must be there is not.");
        error.locations = self.locations.to_vec();
        error.on_path(&self.path)
    }
}

/// The most bytes that a value of so many can become as JSON: a sign of control becomes six.
fn most_bytes(value: &[u8]) -> usize {
    /// Up to here the worst case may be assumed; longer values are looked at.
    const SHORT: usize = 1024;
    if value.len() <= SHORT {
        return value.len() * 6;
    }
    let longer = value.iter().map(|byte| match byte {
        0..0x20 => 5,
        b'"' | b'\\' => 1,
        _ => 0,
    });
    value.len() + longer.sum::<usize>()
}

/// The step to a field, from its response key as it is written.
fn below(key: &str) -> Step {
    let name = key.trim_matches(|character| "\":".contains(character));
    Step::Field(name.to_owned())
}
