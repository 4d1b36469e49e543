//! Writes the answer: rows become JSON in the order of the selection.

use std::ops::Range;
use std::sync::Arc;

use uuid::Uuid;

use super::budget::Budget;
use super::catalog::Kind;
use super::load::{self, Rows};
use super::names::names;
use super::plan::{ListIndex, NodeIndex, Output, OutputField, Plan, Slice};
use super::{scalar, select};
use crate::engine::load::Row;
use crate::error::{Code, Error, Location, Step};

/// Room for the brackets, commas and quotes that are written beside a key or value.
const SIGNS: usize = 64;

/// What an answer with data begins with, so that the data is written where it is sent from.
pub const BEGIN: &[u8] = b"{\"data\":";
/// Room of an answer at first.
const ROOM: usize = 4096;
const MOST_ROOM: usize = 64 * 1024;

names! {
    /// What becomes of the data where a field fails.
    #[derive(Default)]
    OnError {
        /// Its null moves up to the nearest field that may be null.
        #[default]
        Propagate = "PROPAGATE",
        /// The field is null, whether it may be or not.
        Null = "NULL",
        /// There is no data.
        Halt = "HALT",
    }
}

/// A field that must not be null is null. It travels up to the nearest field that may be, as the
/// specification says, and gathers its path up to the root, from the inside out.
pub struct Missing<'a> {
    path: Vec<Step>,
    locations: &'a [Location],
}

/// Why a value is not written.
pub enum Stop<'a> {
    Missing(Missing<'a>),
    /// The answer is too large or cannot be made, and nothing more is written at all.
    Refused(Box<Error>),
}

pub type Written<'a> = Result<(), Stop<'a>>;

/// What of a row is written: the row itself, or the root, which has none.
pub type Current<'a> = Option<&'a Row>;

/// Writes JSON into the room that the budget gives.
pub struct Writer<'a> {
    plan: &'a Plan,
    loaded: &'a [Arc<Rows>],
    budget: &'a Budget,
    on_error: OnError,
    out: Vec<u8>,
    /// Up to this length there is room, within the budget.
    room: usize,
    /// Where the objects that to-one relations lead to stand in the answer, by their node and the
    /// place of their row; an empty range is none.
    objects: Vec<Vec<Range<usize>>>,
    /// What was missing below a field that may be null; the paths grow while the writer returns.
    missing: Vec<Missing<'a>>,
}

impl<'a> Writer<'a> {
    pub fn new(
        plan: &'a Plan,
        loaded: &'a [Arc<Rows>],
        budget: &'a Budget,
        on_error: OnError,
    ) -> Self {
        // An answer is about as long as what was read for it.
        let mut out = Vec::with_capacity(budget.bytes_read().clamp(ROOM, MOST_ROOM));
        out.extend_from_slice(BEGIN);
        Self {
            plan,
            loaded,
            budget,
            on_error,
            out,
            room: 0,
            objects: vec![Vec::new(); loaded.len()],
            missing: Vec::new(),
        }
    }

    /// The answer with its `data` and without its end, and its errors; `data` is `null` when a root field that must not be null is.
    ///
    /// # Errors
    /// As [`Budget::write`].
    pub fn finish(mut self, written: Written<'a>) -> Result<(Vec<u8>, Vec<Error>), Error> {
        match written {
            Ok(()) => {}
            Err(Stop::Missing(missing)) => {
                self.out.truncate(BEGIN.len());
                self.out.extend_from_slice(b"null");
                self.missing.push(missing);
            }
            Err(Stop::Refused(error)) => return Err(*error),
        }
        if let Some(first) = self.missing.first() {
            let path = first.path.iter().rev().collect::<Vec<_>>();
            tracing::error!(
                ?path,
                rows = self.missing.len(),
                "rows that foreign keys promise are not visible"
            );
        }
        let errors = self.missing.into_iter().map(Missing::into_error);
        Ok((self.out, errors.collect()))
    }

    /// Writes an object; `write` writes the fields that are not the same for all types.
    pub fn object<T>(
        &mut self,
        fields: &'a [OutputField<T>],
        mut write: impl FnMut(&mut Self, &'a T) -> Written<'a>,
    ) -> Written<'a> {
        self.out.push(b'{');
        for (index, field) in fields.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.json(&field.key)?;
            match &field.output {
                Output::TypeName(name) => self.json(name)?,
                Output::Part(part) => {
                    self.inside(|| field.step(), |writer| write(writer, part))?;
                }
            }
        }
        self.out.push(b'}');
        Ok(())
    }

    pub fn list<R>(
        &mut self,
        rows: impl Iterator<Item = R>,
        mut write: impl FnMut(&mut Self, R) -> Written<'a>,
    ) -> Written<'a> {
        self.out.push(b'[');
        for (index, row) in rows.enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.inside(|| Step::Index(index), |writer| write(writer, row))?;
        }
        self.out.push(b']');
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
            self.note(before, &step(), &mut written);
        }
        written
    }

    /// Adds a step to the path of what was missing since.
    #[cold]
    fn note(&mut self, before: usize, step: &Step, written: &mut Written<'a>) {
        let further = match written {
            Err(Stop::Missing(missing)) => Some(missing),
            // What a caller asked for; the size of an answer is no matter of one field.
            Err(Stop::Refused(error)) if error.code == Code::BadUserInput => {
                error.path.insert(0, step.clone());
                None
            }
            _ => None,
        };
        for missing in self.missing[before..].iter_mut().chain(further) {
            missing.path.push(step.clone());
        }
    }

    /// Writes a field that is an object or null. Null where it must not be, here or below, is null
    /// here or further above.
    pub fn nullable<T>(
        &mut self,
        value: Option<T>,
        non_null: Option<&'a [Location]>,
        write: impl FnOnce(&mut Self, T) -> Written<'a>,
    ) -> Written<'a> {
        match (value, non_null) {
            (None, Some(locations)) => {
                let missing = Missing {
                    path: Vec::new(),
                    locations,
                };
                match self.on_error {
                    OnError::Propagate | OnError::Halt => Err(Stop::Missing(missing)),
                    OnError::Null => {
                        self.missing.push(missing);
                        self.room = 0;
                        self.null()
                    }
                }
            }
            (None, None) => self.null(),
            (Some(value), Some(_)) => write(self, value),
            (Some(value), None) => {
                let start = self.out.len();
                match write(self, value) {
                    Err(Stop::Missing(missing)) if self.on_error != OnError::Halt => {
                        self.out.truncate(start);
                        self.missing.push(missing);
                        // Its error takes room, too.
                        self.room = 0;
                        // Some stood in what is gone.
                        self.objects.iter_mut().for_each(Vec::clear);
                        self.null()
                    }
                    written => written,
                }
            }
        }
    }

    /// Writes the object of a row, or copies it from where it was written before: many rows can lead
    /// to one, such as the items of orders to a product.
    pub fn once(
        &mut self,
        (node, place): (NodeIndex, usize),
        write: impl FnOnce(&mut Self) -> Written<'a>,
    ) -> Written<'a> {
        if let Some(written) = self.objects[node].get(place)
            && !written.is_empty()
        {
            let written = written.clone();
            return self.append(written.len(), |out| out.extend_from_within(written));
        }
        let (start, missing) = (self.out.len(), self.missing.len());
        write(self)?;
        // An error has a path of its own in each place.
        if self.missing.len() == missing {
            let objects = &mut self.objects[node];
            if objects.len() <= place {
                objects.resize(place + 1, 0..0);
            }
            objects[place] = start..self.out.len();
        }
        Ok(())
    }

    /// Writes what is JSON already.
    pub fn json(&mut self, json: &str) -> Written<'a> {
        self.append(json.len(), |out| out.extend_from_slice(json.as_bytes()))
    }

    /// Writes a text that needs no escapes.
    pub fn string(&mut self, text: &str) -> Written<'a> {
        self.append(text.len(), |out| {
            out.push(b'"');
            out.extend_from_slice(text.as_bytes());
            out.push(b'"');
        })
    }

    /// Writes a value of this type from PostgreSQL's binary form.
    #[inline]
    pub fn value(&mut self, kind: Kind, bytes: Option<&[u8]>) -> Written<'a> {
        let most = bytes.map_or(0, |bytes| scalar::most_bytes(kind, bytes));
        self.append(most, |out| scalar::write(out, kind, bytes))
    }

    pub fn null(&mut self) -> Written<'a> {
        self.json("null")
    }

    pub fn boolean(&mut self, value: bool) -> Written<'a> {
        self.json(if value { "true" } else { "false" })
    }

    pub fn number(&mut self, number: i64) -> Written<'a> {
        self.json(itoa::Buffer::new().format(number))
    }

    /// Makes room for so many bytes, and for the signs around them, before they are written.
    #[inline]
    pub fn append(&mut self, bytes: usize, write: impl FnOnce(&mut Vec<u8>)) -> Written<'a> {
        if self.out.len() + bytes + SIGNS > self.room {
            self.make_room(bytes + SIGNS)?;
        }
        write(&mut self.out);
        Ok(())
    }

    fn make_room(&mut self, bytes: usize) -> Written<'a> {
        let room = self
            .budget
            .write(&mut self.out, bytes, self.missing.len())
            .map_err(|error| Stop::Refused(Box::new(error)))?;
        self.room = room;
        Ok(())
    }

    /// The rows of a node that belong to the current row.
    pub fn rows_of(&self, node: NodeIndex, current: Current<'_>) -> &'a [Row] {
        self.key(node, current)
            .map_or(&[], |key| self.loaded[node].of(key))
    }

    /// The row of a node that the current row leads to, and its place among those of the node.
    pub fn row_of(&self, node: NodeIndex, current: Current<'_>) -> Option<(usize, &'a Row)> {
        self.loaded[node].first_of(self.key(node, current)?)
    }

    /// The key that the current row has for the rows of a node, or that the node needs none. None
    /// where it has no key, and so no rows.
    fn key(&self, node: NodeIndex, current: Current<'_>) -> Option<Option<Uuid>> {
        match self.plan.nodes[node].parent {
            None => Some(None),
            Some(parent) => load::uuid(current?, parent.column).map(Some),
        }
    }

    /// The part of a list that was read.
    pub fn slice(&self, list: ListIndex) -> &'a Slice {
        &self.plan.lists[list]
    }

    /// Where the counting of a node stops.
    pub fn counted_to(&self, node: NodeIndex) -> u64 {
        match self.plan.nodes[node].select.output {
            select::Output::CountUpTo(limit) => limit,
            _ => u64::MAX,
        }
    }

    /// Whether the rows of a node belong to keys, which are their first column.
    pub fn has_keys(&self, node: NodeIndex) -> bool {
        self.plan.nodes[node].parent.is_some()
    }
}

impl Missing<'_> {
    fn into_error(mut self) -> Error {
        self.path.reverse();
        let mut error = Error::new(
            Code::Internal,
            "Cannot return null for a field that is not nullable.",
        );
        error.locations = self.locations.to_vec();
        error.on_path(&self.path)
    }
}
