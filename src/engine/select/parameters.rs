//! The parameters of a statement: what each one is, and how it is written with its type.

use uuid::Uuid;

use super::shape::Leaf;
use crate::engine::catalog::{Catalog, Kind};
use crate::session::Session;
use crate::sql::{quoted, relation};

/// Who reads, as far as rules about rows and columns ask.
#[derive(Clone, Copy, Debug)]
pub struct Caller {
    pub workspace: Uuid,
    pub user: Uuid,
    /// Whether the role reads the rows of all users.
    pub sees_all: bool,
}

impl From<&Session> for Caller {
    fn from(session: &Session) -> Self {
        Self {
            workspace: session.workspace,
            user: session.user,
            sees_all: session.role.sees_all(),
        }
    }
}

/// What a parameter is. Its value is known when the statement is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Slot {
    Workspace,
    User,
    SeesAll,
    /// The keys of the parent's rows.
    Keys,
    /// The value at this place among those of the filter.
    Value(usize),
    /// The same, where the text says its type. A value that was cast from text would be cast again
    /// for each row that it is compared with.
    Typed(usize),
    /// The end of the texts that begin with that value.
    EndOf(usize),
    Offset,
    /// The most rows of a scan for several pages.
    Scanned,
}

/// The parameters in their order. `$1` is the caller's workspace.
pub(super) struct Parameters<'a> {
    catalog: &'a Catalog,
    slots: Vec<Slot>,
}

impl<'a> Parameters<'a> {
    pub(super) fn new(catalog: &'a Catalog) -> Self {
        Self {
            catalog,
            slots: vec![Slot::Workspace],
        }
    }

    pub(super) fn into_slots(self) -> Vec<Slot> {
        self.slots
    }

    /// Keeps `$2` for the keys.
    pub(super) fn reserve_keys(&mut self) {
        self.slots.push(Slot::Keys);
    }

    /// A value that is compared with a column of this type.
    pub(super) fn of(&mut self, leaf: Leaf, kind: Kind) -> String {
        let (value, list) = match leaf {
            Leaf::One(value, _) => (value, ""),
            Leaf::Texts(value) => (value, "[]"),
            // The text says what it is.
            Leaf::Flag(flag) => return flag.to_string(),
        };
        let name = match kind {
            Kind::Enum(one) => quoted(&self.catalog.enums[one].name),
            Kind::Inet => "inet".to_owned(),
            Kind::Json => "jsonb".to_owned(),
            Kind::Decimal => "numeric".to_owned(),
            _ => return format!("${}", self.push(Slot::Value(value))),
        };
        format!("${}::{name}{list}", self.push(Slot::Typed(value)))
    }

    /// A text that stands in the list once, however often it is mentioned.
    pub(super) fn repeated(&mut self, leaf: Leaf) -> String {
        match leaf {
            Leaf::One(value, _) | Leaf::Texts(value) => self.once(Slot::Value(value)),
            Leaf::Flag(flag) => flag.to_string(),
        }
    }

    /// An embedding.
    pub(super) fn vector(&mut self, leaf: Leaf) -> String {
        match leaf {
            Leaf::One(value, _) | Leaf::Texts(value) => {
                format!("${}::vector", self.push(Slot::Typed(value)))
            }
            Leaf::Flag(flag) => flag.to_string(),
        }
    }

    /// The end of the texts that begin with a value.
    pub(super) fn end_of(&mut self, leaf: Leaf) -> String {
        match leaf {
            Leaf::One(value, _) | Leaf::Texts(value) => {
                format!("${}", self.push(Slot::EndOf(value)))
            }
            Leaf::Flag(flag) => flag.to_string(),
        }
    }

    /// A number of rows.
    pub(super) fn number(&mut self, slot: Slot) -> String {
        format!("${}", self.push(slot))
    }

    fn push(&mut self, slot: Slot) -> usize {
        self.slots.push(slot);
        self.slots.len()
    }

    /// A parameter that stands in the list once, however often it is mentioned.
    fn once(&mut self, slot: Slot) -> String {
        let known = self.slots.iter().position(|&one| one == slot);
        let index = known.map_or_else(|| self.push(slot), |known| known + 1);
        format!("${index}")
    }
}

/// The caller of a rule about rows or columns.
impl migration::Caller for Parameters<'_> {
    fn workspace(&mut self) -> String {
        "$1".to_owned()
    }

    fn user(&mut self) -> String {
        self.once(Slot::User)
    }

    fn sees_all(&mut self) -> String {
        self.once(Slot::SeesAll)
    }

    fn table(&mut self, name: &str) -> String {
        relation(name)
    }
}
