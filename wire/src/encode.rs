//! Writes statements as messages, and notes what answers they will have.

use std::collections::VecDeque;
use std::io::Write;

use bytes::BytesMut;
use postgres_protocol::IsNull;
use postgres_protocol::message::frontend::{self, BindError};

use crate::cache::{Cache, Found, Name, UNNAMED};
use crate::error::Error;
use crate::event::Rows;
use crate::protocol::Step;
use crate::statement::Statement;
use crate::values::Values;

/// The binary form, for all values and all columns.
const BINARY: [i16; 1] = [1];

/// Writes one batch. The numbers of batches differ.
pub(crate) struct Encoder<'a> {
    pub(crate) out: &'a mut BytesMut,
    pub(crate) steps: &'a mut VecDeque<Step>,
    pub(crate) cache: &'a mut Cache,
    pub(crate) batch: u64,
}

impl Encoder<'_> {
    /// Closes what is not needed any more. First in a batch, as the server skips what follows an
    /// error.
    pub(crate) fn closes(&mut self) -> Result<(), Error> {
        for name in self.cache.take_closing() {
            named(name, |name| frontend::close(b'S', name, self.out))?;
            self.steps.push_back(Step::Close(name));
        }
        Ok(())
    }

    /// Parse if needed, Bind, Describe if wished, Execute. After an error nothing is left of it.
    pub(crate) fn statement(
        &mut self,
        statement: &Statement,
        values: &Values,
        rows: Rows,
    ) -> Result<(), Error> {
        let (before, steps) = (self.out.len(), self.steps.len());
        let found = self.cache.find(statement, self.batch);
        let written = self.messages(found, statement, values, rows);
        if written.is_err() {
            self.out.truncate(before);
            self.steps.truncate(steps);
            if let Found::Unknown(name) = found {
                self.cache.refute(statement, name);
            }
        }
        written
    }

    fn messages(
        &mut self,
        found: Found,
        statement: &Statement,
        values: &Values,
        rows: Rows,
    ) -> Result<(), Error> {
        let name = match found {
            Found::Known(name) => name,
            Found::Unknown(name) => {
                let types = statement.types().iter().copied();
                named(name, |name| {
                    frontend::parse(name, statement.text(), types, self.out)
                })?;
                let kept = (name != UNNAMED).then(|| (statement.clone(), name));
                self.steps.push_back(Step::Parse(kept));
                name
            }
        };
        named(name, |name| {
            let formats = values.formats().iter().copied();
            let write = |value: Option<&[u8]>, out: &mut BytesMut| {
                Ok(match value {
                    Some(value) => {
                        out.extend_from_slice(value);
                        IsNull::No
                    }
                    None => IsNull::Yes,
                })
            };
            frontend::bind("", name, formats, values.iter(), write, BINARY, self.out).map_err(
                |error| match error {
                    BindError::Conversion(error) => std::io::Error::other(error),
                    BindError::Serialization(error) => error,
                },
            )
        })?;
        self.steps.push_back(Step::Bind(name));
        if rows == Rows::Describe {
            frontend::describe(b'P', "", self.out).map_err(argument)?;
            self.steps.push_back(Step::Describe);
        }
        frontend::execute("", 0, self.out).map_err(argument)?;
        self.steps.push_back(Step::Execute(rows));
        Ok(())
    }

    pub(crate) fn flush(&mut self) {
        frontend::flush(self.out);
    }

    pub(crate) fn sync(&mut self) {
        frontend::sync(self.out);
        self.steps.push_back(Step::Sync);
    }
}

/// Writes a message with the name of a prepared statement.
fn named(name: Name, write: impl FnOnce(&str) -> std::io::Result<()>) -> Result<(), Error> {
    let mut buffer = [0; 12];
    let mut rest = &mut buffer[..];
    if name != UNNAMED {
        write!(rest, "s{name}").map_err(argument)?;
    }
    let length = 12 - rest.len();
    let text = std::str::from_utf8(&buffer[..length]).unwrap_or_default();
    write(text).map_err(argument)
}

fn argument(error: std::io::Error) -> Error {
    Error::Argument(error.to_string())
}
