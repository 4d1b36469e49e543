//! The statements that the server of one connection has prepared, as far as is known.

use std::collections::HashMap;

use crate::settings::Keep;
use crate::statement::Statement;

/// The number in a prepared statement's name. 0 stands for the unnamed one.
pub(crate) type Name = u32;

pub(crate) const UNNAMED: Name = 0;

/// How a statement is to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// The server has it.
    Known(Name),
    /// It must be prepared first.
    Unknown(Name),
}

pub(crate) struct Cache {
    keep: Keep,
    entries: HashMap<Statement, Entry>,
    bytes: usize,
    /// Counts uses.
    clock: u64,
    last_name: Name,
    /// What the server still has and nobody will use.
    closing: Vec<Name>,
}

struct Entry {
    name: Name,
    used: u64,
    /// Whether the server has said that it has it.
    confirmed: bool,
    /// The batch that it is prepared in.
    batch: u64,
}

impl Cache {
    pub(crate) fn new(keep: Keep) -> Self {
        Self {
            keep,
            entries: HashMap::new(),
            bytes: 0,
            clock: 0,
            last_name: UNNAMED,
            closing: Vec::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// How to send a statement in a batch. One whose Parse is on its way in an earlier batch counts
    /// as unknown: that batch may fail before it, and this one must not fail with it.
    pub(crate) fn find(&mut self, statement: &Statement, batch: u64) -> Found {
        let size = statement.size();
        if !self.keep.named
            || !statement.is_kept()
            || size > self.keep.longest
            || size > self.keep.bytes
            || self.keep.statements == 0
        {
            return Found::Unknown(UNNAMED);
        }
        self.clock += 1;
        if let Some(entry) = self.entries.get_mut(statement) {
            entry.used = self.clock;
            return if entry.confirmed || entry.batch == batch {
                Found::Known(entry.name)
            } else {
                Found::Unknown(UNNAMED)
            };
        }
        while self.entries.len() >= self.keep.statements || self.bytes + size > self.keep.bytes {
            let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.used);
            let Some((oldest, _)) = oldest else { break };
            let oldest = oldest.clone();
            self.drop_entry(&oldest, true);
        }
        // A connection that prepared four thousand million statements begins again with names that
        // are long gone.
        self.last_name = self.last_name.checked_add(1).unwrap_or(1);
        let entry = Entry {
            name: self.last_name,
            used: self.clock,
            confirmed: false,
            batch,
        };
        self.bytes += size;
        self.entries.insert(statement.clone(), entry);
        Found::Unknown(self.last_name)
    }

    /// The server has prepared it.
    pub(crate) fn confirm(&mut self, statement: &Statement, name: Name) {
        if let Some(entry) = self.entries.get_mut(statement)
            && entry.name == name
        {
            entry.confirmed = true;
        }
    }

    /// The server has not prepared it, as it met an error first.
    pub(crate) fn refute(&mut self, statement: &Statement, name: Name) {
        if self
            .entries
            .get(statement)
            .is_some_and(|entry| entry.name == name)
        {
            self.drop_entry(statement, false);
        }
    }

    /// What the server has under a name is of no use any more.
    pub(crate) fn forget(&mut self, name: Name) {
        let found = self.entries.iter().find(|(_, entry)| entry.name == name);
        if let Some((statement, _)) = found {
            let statement = statement.clone();
            self.drop_entry(&statement, true);
        }
    }

    /// The server has none any more.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.closing.clear();
        self.bytes = 0;
    }

    /// A Close that the server skipped.
    pub(crate) fn close_again(&mut self, name: Name) {
        self.closing.push(name);
    }

    pub(crate) fn take_closing(&mut self) -> std::vec::Drain<'_, Name> {
        self.closing.drain(..)
    }

    fn drop_entry(&mut self, statement: &Statement, close: bool) {
        if let Some(entry) = self.entries.remove(statement) {
            self.bytes -= statement.size();
            if close {
                self.closing.push(entry.name);
            }
        }
    }
}
