//! Reads new rows, with the rows that they refer to and the children that belong to them.

use async_graphql::Name;
use async_graphql_value::ConstValue;
use indexmap::IndexMap;
use uuid::Uuid;

use super::change::{Cell, NewRow, Otherwise, Target};
use super::problem::Problem;
use super::read::Reader;
use super::{HashSet, RefField, cell};
use crate::engine::catalog::{ColumnId, Table, TableId, forbidden};
use crate::engine::names::Named;
use crate::engine::plan::{Planned, only_member};

/// Where a new row stands among others.
#[derive(Clone, Debug)]
pub struct Place {
    pub rank: i32,
    pub top: usize,
    pub unless: Vec<usize>,
    /// The row that it is a child of, and the column that says so.
    pub parent: Option<(ColumnId, Cell)>,
}

impl Place {
    /// The place of a row of the input itself.
    pub fn top(top: usize) -> Self {
        Self {
            rank: 0,
            top,
            unless: Vec::new(),
            parent: None,
        }
    }
}

impl Reader<'_> {
    /// Reads a row and all that belongs to it; gives its id.
    ///
    /// # Errors
    /// `FORBIDDEN`, and limits.
    pub fn new_row(&mut self, table: TableId, input: &ConstValue, place: &Place) -> Planned<Uuid> {
        self.count()?;
        let catalog = self.catalog;
        let of = catalog.table(table);
        self.may(of, of.writers.create)?;
        let before = self.problems.len();
        let members = self.members(input);
        let own_id = self.own_id(of, members);
        let index = self.news.len();
        self.news.push(NewRow {
            table,
            rank: place.rank,
            id: own_id,
            cells: Vec::new(),
            path: self.path.clone(),
            top: place.top,
            unless: place.unless.clone(),
        });
        let mut cells = vec![(of.key[0], Cell::Item(Some(cell::uuid(own_id))))];
        cells.extend(place.parent.clone());
        let parents = cells.len();
        for (name, value) in members {
            self.path.push(name.to_string());
            self.member(of, name, value, (place, own_id), &mut cells)?;
            self.path.pop();
        }
        self.once(of, &cells, parents);
        self.required(of, &cells, before);
        self.news[index].cells = cells;
        Ok(own_id)
    }

    fn own_id(&mut self, of: &Table, members: &IndexMap<Name, ConstValue>) -> Uuid {
        let field = of.column(of.key[0]).field.as_str();
        match members.get(field) {
            None | Some(ConstValue::Null) => Uuid::now_v7(),
            Some(value) => {
                self.path.push(field.to_owned());
                let column = of.column(of.key[0]);
                let read = cell::read(self.catalog, column, value, &self.path);
                let item = self.noted(read).flatten();
                self.path.pop();
                let id = item.and_then(|bytes| Uuid::from_slice(&bytes).ok());
                id.unwrap_or_else(Uuid::now_v7)
            }
        }
    }

    fn member(
        &mut self,
        of: &Table,
        name: &str,
        value: &ConstValue,
        (place, own_id): (&Place, Uuid),
        cells: &mut Vec<(ColumnId, Cell)>,
    ) -> Planned<()> {
        let column = of.input_column(name);
        if let Some(id) = column {
            let column = of.column(id);
            if of.key.first() == Some(&id) {
                return Ok(());
            }
            self.may_column(of, column, column.write.create)?;
            let read = cell::read(self.catalog, column, value, &self.path);
            if let Some(item) = self.noted(read) {
                cells.push((id, Cell::Item(item)));
            }
            return Ok(());
        }
        let relation = of.relation_by_field(name).map(|id| (id, of.relation(id)));
        let Some((id, relation)) = relation else {
            self.wrong(format!("There is no field `{name}`."));
            return Ok(());
        };
        if *value == ConstValue::Null {
            return Ok(());
        }
        if let Some(owned) = of.owned.iter().find(|owned| owned.relation == id) {
            let place = Place {
                rank: place.rank + 1,
                parent: Some((owned.column, Cell::New(own_id))),
                ..place.clone()
            };
            return self.children(owned.table, owned.one, value, &place);
        }
        match of.referenced(relation.from_column) {
            Some(to) => {
                let column = of.column(relation.from_column);
                self.may_column(of, column, column.write.create)?;
                if let Some(cell) = self.reference(to, value, place)? {
                    cells.push((relation.from_column, cell));
                }
            }
            None => self.wrong(format!("`{name}` cannot be given here.")),
        }
        Ok(())
    }

    /// Reads the new children of a row.
    pub fn children(
        &mut self,
        table: TableId,
        one: bool,
        value: &ConstValue,
        place: &Place,
    ) -> Planned<()> {
        match value {
            ConstValue::List(items) if !one => {
                for (index, item) in items.iter().enumerate() {
                    self.path.push(index.to_string());
                    self.new_row(table, item, place)?;
                    self.path.pop();
                }
            }
            single => {
                self.new_row(table, single, place)?;
            }
        }
        Ok(())
    }

    /// Reads the row that a new one refers to.
    fn reference(
        &mut self,
        to: TableId,
        value: &ConstValue,
        place: &Place,
    ) -> Planned<Option<Cell>> {
        let Some((name, inner)) = only_member(value) else {
            self.wrong("A reference has exactly one field.");
            return Ok(None);
        };
        self.path.push(name.to_owned());
        let above = Place {
            rank: place.rank - 1,
            parent: None,
            ..place.clone()
        };
        let cell = match RefField::of(name) {
            Some(RefField::Connect) => {
                let target = self.target(to, inner, Otherwise::Missing);
                target.map(|target| match target {
                    Target::Id(id) => Cell::Connected(id),
                    Target::Found(lookup) => Cell::Found(lookup),
                })
            }
            Some(RefField::Create) => Some(Cell::New(self.new_row(to, inner, &above)?)),
            Some(RefField::ConnectOrCreate) => self.connect_or_create(to, inner, &above)?,
            None => {
                self.wrong(format!("There is no field `{name}`."));
                None
            }
        };
        self.path.pop();
        Ok(cell)
    }

    fn connect_or_create(
        &mut self,
        to: TableId,
        input: &ConstValue,
        place: &Place,
    ) -> Planned<Option<Cell>> {
        let members = self.members(input);
        let (Some(by), Some(create)) = (members.get("by"), members.get("create")) else {
            self.wrong("`by` and `create` are required.");
            return Ok(None);
        };
        // What belongs to the row is created with it alone, which its lookup decides.
        let lookup = self.lookups.len();
        let before = self.news.len();
        let mut inner = place.clone();
        inner.unless.push(usize::MAX);
        self.path.push("create".to_owned());
        let id = self.new_row(to, create, &inner)?;
        self.path.pop();
        let cells = self.news[before].cells.clone();
        let Some((key, items)) = self.conflict(to, by, &cells) else {
            // It hangs on a lookup that there is not.
            self.news.truncate(before);
            self.lookups.truncate(lookup);
            return Ok(None);
        };
        let found = self.lookup(to, key, items, Otherwise::Create(id));
        if self.lookups[found].otherwise != Otherwise::Create(id) {
            // It is created elsewhere, or must be there.
            self.news.truncate(before);
            self.lookups.truncate(lookup.max(found + 1));
        }
        for new in &mut self.news[before..] {
            for one in &mut new.unless {
                if *one == usize::MAX {
                    *one = found;
                }
            }
        }
        Ok(Some(Cell::Found(found)))
    }

    /// Notes columns that are given twice, by an id and by a reference.
    fn once(&mut self, of: &Table, cells: &[(ColumnId, Cell)], parents: usize) {
        for (place, (column, _)) in cells.iter().enumerate() {
            if cells[..place].iter().any(|(other, _)| other == column) {
                let field = &of.column(*column).field;
                let message =
                    match place < parents || cells[..parents].iter().any(|(id, _)| id == column) {
                        true => format!("`{field}` follows from the row above; leave it out."),
                        false => format!("`{field}` is given twice, as an id and as a reference."),
                    };
                self.wrong(message);
            }
        }
    }

    /// Notes columns that need a value and have none, but for those of which a problem is told since
    /// the row began.
    fn required(&mut self, of: &Table, cells: &[(ColumnId, Cell)], began: usize) {
        let of_fields = self.problems[began..].iter();
        let failed: HashSet<String> = of_fields
            .filter_map(|problem| problem.path.get(self.path.len()).cloned())
            .collect();
        let is_failed = |id: ColumnId, field: &String| {
            failed.contains(field)
                || of
                    .relations
                    .iter()
                    .any(|relation| relation.from_column == id && failed.contains(&relation.field))
        };
        for (index, column) in of.columns.iter().enumerate() {
            let id = ColumnId(index);
            let needed = !column.nullable
                && column.write.default.is_none()
                && column.write.create.is_some_and(|least| least <= self.role);
            let given = cells.iter().any(|(one, _)| *one == id);
            if needed && !given && !is_failed(id, &column.field) {
                let mut path = self.path.clone();
                path.push(column.field.clone());
                let message = format!("`{}` is required.", column.field);
                self.problems.push(Problem::invalid(&path, message));
            }
        }
    }

    /// # Errors
    /// `FORBIDDEN` for a table that the role may not write so.
    pub fn may(&self, of: &Table, least: Option<crate::session::Role>) -> Planned<()> {
        match least {
            Some(least) if least <= self.role => Ok(()),
            least => Err(forbidden(
                &of.type_name,
                least.unwrap_or(crate::session::Role::System),
                self.role,
            )),
        }
    }
}
