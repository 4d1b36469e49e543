//! Writes the answer: rows become JSON in the order of the selection.

mod connection;
mod value;

use std::collections::HashMap;

use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::load::{self, Loaded, Rows};
use super::plan::{Output, OutputField, Plan, cursor};
use crate::error::{Code, Error, Location, Step};

/// Answers of the schema to `__schema` and `__type`, as JSON by response key.
pub type Introspected = HashMap<String, String>;

/// A field that must not be null is null. It travels up to the nearest field that may be, as the
/// specification says, and gathers its path up to the root, from the inside out.
struct Missing<'a> {
    path: Vec<Step>,
    locations: &'a [Location],
}

/// What of a row is written: the row itself, or the root, which has none.
type Current<'a> = Option<&'a PgRow>;

/// Writes the `data` of an answer; `null` when a root field that must not be null is.
pub fn write(plan: &Plan, loaded: &Loaded, introspected: &Introspected) -> (Vec<u8>, Vec<Error>) {
    let mut writer = Writer {
        plan,
        loaded,
        introspected,
        out: Vec::with_capacity(4096),
        missing: Vec::new(),
    };
    if let Err(missing) = writer.object(&plan.fields, None) {
        writer.out.clear();
        writer.out.extend_from_slice(b"null");
        writer.missing.push(missing);
    }
    let errors = writer.missing.into_iter().map(Missing::into_error);
    (writer.out, errors.collect())
}

struct Writer<'a> {
    plan: &'a Plan,
    loaded: &'a Loaded,
    introspected: &'a Introspected,
    out: Vec<u8>,
    /// What was missing below a field that may be null; the paths grow while the writer returns.
    missing: Vec<Missing<'a>>,
}

impl<'a> Writer<'a> {
    fn object(&mut self, fields: &'a [OutputField], row: Current<'_>) -> Result<(), Missing<'a>> {
        self.out.push(b'{');
        for (index, field) in fields.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.out.extend_from_slice(field.key.as_bytes());
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
        write: impl FnOnce(&mut Self) -> Result<(), Missing<'a>>,
    ) -> Result<(), Missing<'a>> {
        let before = self.missing.len();
        let mut written = write(self);
        if written.is_err() || self.missing.len() > before {
            let step = step();
            let further = written.as_mut().err();
            for missing in self.missing[before..].iter_mut().chain(further) {
                missing.path.push(step.clone());
            }
        }
        written
    }

    fn output(&mut self, output: &'a Output, row: Current<'_>) -> Result<(), Missing<'a>> {
        match output {
            Output::Literal(json) => self.out.extend_from_slice(json.as_bytes()),
            Output::Object(fields) => self.object(fields, row)?,
            Output::Column { index, kind } => {
                value::write(
                    &mut self.out,
                    *kind,
                    row.and_then(|row| load::bytes(row, *index)),
                );
            }
            Output::NodeId { table, columns } => {
                let mut json = format!("[{}", serde_json::Value::from(table.as_str())).into_bytes();
                if let Some(row) = row {
                    self.key_values(&mut json, columns, row);
                }
                self.opaque(json);
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
                        return Err(Missing {
                            path: Vec::new(),
                            locations,
                        });
                    }
                    self.out.extend_from_slice(b"null");
                    return Ok(());
                };
                let start = self.out.len();
                match self.object(fields, Some(one)) {
                    Err(missing) if *non_null => return Err(missing),
                    Err(missing) => {
                        self.out.truncate(start);
                        self.out.extend_from_slice(b"null");
                        self.missing.push(missing);
                    }
                    Ok(()) => {}
                }
            }
            Output::Connection(connection) => self.connection(connection, row)?,
            Output::Introspection { response_key } => {
                let json = self.introspected.get(response_key);
                self.out
                    .extend_from_slice(json.map_or(b"null", |json| json.as_bytes()));
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
    fn opaque(&mut self, json: Vec<u8>) {
        // Written by `value` from text that PostgreSQL keeps in UTF-8.
        let text = cursor::encode(&json);
        self.out.push(b'"');
        self.out.extend_from_slice(text.as_bytes());
        self.out.push(b'"');
    }
}

impl Missing<'_> {
    fn into_error(mut self) -> Error {
        self.path.reverse();
        tracing::error!(path = ?self.path, "a row that a foreign key promises is not visible");
        let mut error = Error::new(Code::Internal, "A value that must be there is not.");
        error.locations = self.locations.to_vec();
        error.on_path(&self.path)
    }
}

/// The step to a field, from its response key as it is written.
fn below(key: &str) -> Step {
    let name = key.trim_matches(|character| "\":".contains(character));
    Step::Field(name.to_owned())
}
