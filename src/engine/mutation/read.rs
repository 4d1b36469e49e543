//! Reads the input of a mutation. All that is wrong with it is found here, as far as the database is
//! not needed for it.

use std::sync::LazyLock;

use async_graphql::Name;
use async_graphql_value::{ConstValue, Value as Literal};
use indexmap::IndexMap;

use super::change::{
    Cell, Change, Lookup, NewRow, Otherwise, RowDelete, RowUpdate, Set, Target, What,
};
use super::input_schema::operations;
use super::problem::{Path, Problem};
use super::row::Place;
use super::{ChildrenField, Compiled, ErrorPolicy, INPUT, InputField, cell};
use crate::engine::catalog::{Column, ColumnId, Command, Kind, Table, TableId, forbidden};
use crate::engine::names::Named;
use crate::engine::plan::{PlanContext, Planned, Values, only_member};
use crate::engine::select::Operation;
use crate::engine::{filter, scalar};
use crate::error::Error;
use crate::guard::{Limit, Limits};
use crate::session::Role;

/// Reads one input.
pub struct Reader<'a> {
    pub catalog: &'a crate::engine::catalog::Catalog,
    pub role: Role,
    limits: Limits,
    /// Steps into the input to what is read now.
    pub path: Path,
    pub problems: Vec<Problem>,
    pub lookups: Vec<Lookup>,
    pub news: Vec<NewRow>,
    updates: Vec<RowUpdate>,
    deletes: Vec<RowDelete>,
    rows: u64,
}

/// Reads the input of a mutation: what it does, as far as that can be read, and all that is wrong
/// with it.
///
/// # Errors
/// `FORBIDDEN`, limits, and filters that cannot be read.
pub fn read(
    context: &PlanContext<'_>,
    mutation: &Compiled,
) -> Planned<(Option<Change>, Vec<Problem>)> {
    let arguments = mutation.arguments.with(context.variables);
    let input = arguments.required(INPUT)?;
    let mut reader = Reader {
        catalog: context.catalog,
        role: context.session.role,
        limits: context.limits,
        path: Vec::new(),
        problems: Vec::new(),
        lookups: Vec::new(),
        news: Vec::new(),
        updates: Vec::new(),
        deletes: Vec::new(),
        rows: 0,
    };
    let what = reader.command((mutation.table, mutation.command), &input, &arguments)?;
    reader.duplicates();
    let skipped = reader.skipped(what.as_ref());
    let change = what.map(|what| Change {
        table: mutation.table,
        lookups: reader.lookups,
        news: reader.news,
        updates: reader.updates,
        deletes: reader.deletes,
        skipped,
        what,
    });
    Ok((change, reader.problems))
}

impl Reader<'_> {
    fn command(
        &mut self,
        (table, command): (TableId, Command),
        input: &ConstValue,
        arguments: &Values<'_>,
    ) -> Planned<Option<What>> {
        let of = self.catalog.table(table);
        self.may(of, of.writers.of(command))?;
        let members = self.members(input);
        let get = |field: InputField| {
            members
                .get(field.name())
                .filter(|it| **it != ConstValue::Null)
        };
        Ok(match command {
            Command::Create => {
                self.path.push(of.singular.clone());
                let row = members
                    .get(of.singular.as_str())
                    .unwrap_or(&ConstValue::Null);
                let id = self.new_row(table, row, &Place::top(0))?;
                Some(What::Create {
                    tops: vec![id],
                    policy: ErrorPolicy::RejectAll,
                })
            }
            Command::CreateMany => {
                self.path.push(of.plural.clone());
                let rows = members.get(of.plural.as_str()).unwrap_or(&ConstValue::Null);
                let rows = match rows {
                    ConstValue::List(rows) => &rows[..],
                    one => std::slice::from_ref(one),
                };
                let mut tops = Vec::with_capacity(rows.len());
                for (index, row) in rows.iter().enumerate() {
                    self.path.push(index.to_string());
                    tops.push(self.new_row(table, row, &Place::top(index))?);
                    self.path.pop();
                }
                let policy = match get(InputField::ErrorPolicy) {
                    Some(ConstValue::Enum(name)) => ErrorPolicy::of(name),
                    Some(ConstValue::String(name)) => ErrorPolicy::of(name),
                    _ => None,
                };
                Some(What::Create {
                    tops,
                    policy: policy.unwrap_or_default(),
                })
            }
            Command::Update => self.update(table, members, None)?.map(|_| What::Update),
            Command::UpdateMany => {
                let set = self.sets(table, members, None)?;
                if set.is_empty() && self.problems.is_empty() {
                    self.wrong("`patch` or `change` must say what is changed.");
                }
                let filter = self.filter(of, members, arguments)?;
                let max = self.max(get(InputField::Max));
                filter
                    .zip(max)
                    .map(|(filter, max)| What::UpdateMany { filter, max, set })
            }
            Command::Upsert => self.upsert(table, members)?,
            Command::Delete => {
                let target = self.by(table, get(InputField::By));
                let version = self.at(InputField::ExpectedVersion, |reader| {
                    reader.version(get(InputField::ExpectedVersion))
                });
                target.map(|target| What::Delete { target, version })
            }
            Command::DeleteMany => {
                let filter = self.filter(of, members, arguments)?;
                let max = self.max(get(InputField::Max));
                filter
                    .zip(max)
                    .map(|(filter, max)| What::DeleteMany { filter, max })
            }
        })
    }

    /// Reads an update of one row; gives its target.
    fn update(
        &mut self,
        table: TableId,
        members: &IndexMap<Name, ConstValue>,
        parent: Option<(ColumnId, Target)>,
    ) -> Planned<Option<Target>> {
        self.count()?;
        let of = self.catalog.table(table);
        self.may(of, of.writers.update)?;
        let get = |field: InputField| {
            members
                .get(field.name())
                .filter(|it| **it != ConstValue::Null)
        };
        let Some(target) = self.by(table, get(InputField::By)) else {
            // The rest is read for what is wrong with it.
            self.sets(table, members, None)?;
            return Ok(None);
        };
        let index = self.updates.len();
        self.updates.push(RowUpdate {
            table,
            target,
            parent,
            set: Vec::new(),
            version: None,
            path: self.path.clone(),
        });
        let before = self.news.len() + self.updates.len() + self.deletes.len();
        let set = self.sets(table, members, Some(target))?;
        let after = self.news.len() + self.updates.len() + self.deletes.len();
        // A form that nobody has changed sends an empty patch.
        let given = get(InputField::Patch).or(get(InputField::Change)).is_some();
        if !given && before == after && self.problems.is_empty() {
            self.wrong("`patch` or `change` must say what is changed.");
        }
        self.updates[index].set = set;
        self.updates[index].version = self.at(InputField::ExpectedVersion, |reader| {
            reader.version(get(InputField::ExpectedVersion))
        });
        Ok(Some(target))
    }

    /// Reads `patch` and `change`; children belong to the target.
    fn sets(
        &mut self,
        table: TableId,
        members: &IndexMap<Name, ConstValue>,
        target: Option<Target>,
    ) -> Planned<Vec<Set>> {
        let mut set = Vec::new();
        for (field, is_patch) in [(InputField::Patch, true), (InputField::Change, false)] {
            let Some(ConstValue::Object(values)) = members.get(field.name()) else {
                continue;
            };
            self.path.push(field.name().to_owned());
            for (name, value) in values {
                self.path.push(name.to_string());
                let one = match is_patch {
                    true => self.patched(table, name, value, target)?,
                    false => self.changed(table, name, value)?,
                };
                set.extend(one);
                self.path.pop();
            }
            self.path.pop();
        }
        for (place, one) in set.iter().enumerate() {
            if set[..place].iter().any(|other| other.column == one.column) {
                self.problems.push(Problem::invalid(
                    &one.path,
                    "A field stands either in `patch` or in `change`.",
                ));
            }
        }
        Ok(set)
    }

    fn patched(
        &mut self,
        table: TableId,
        name: &str,
        value: &ConstValue,
        target: Option<Target>,
    ) -> Planned<Option<Set>> {
        let of = self.catalog.table(table);
        if let Some(id) = of.input_column(name) {
            let column = of.column(id);
            self.may_column(of, column, column.write.update)?;
            let read = cell::read(self.catalog, column, value, &self.path);
            return Ok(self.noted(read).map(|item| Set {
                column: id,
                operation: Operation::Set,
                cell: Cell::Item(item),
                path: self.path.clone(),
            }));
        }
        let relation = of.relation_by_field(name);
        let owned = of
            .owned
            .iter()
            .find(|owned| Some(owned.relation) == relation);
        match (owned, target) {
            (Some(owned), Some(target)) => {
                let owned = *owned;
                self.changed_children(owned.table, owned.column, value, target)?;
            }
            (Some(_), None) => self.wrong("Children can only be changed by an update of one row."),
            (None, _) => self.wrong(format!("There is no field `{name}`.")),
        }
        Ok(None)
    }

    /// Reads lists of children to create, to change and to delete.
    fn changed_children(
        &mut self,
        table: TableId,
        column: ColumnId,
        value: &ConstValue,
        parent: Target,
    ) -> Planned<()> {
        let of = self.catalog.table(table);
        let cell = match parent {
            Target::Id(id) => Cell::New(id),
            Target::Found(lookup) => Cell::Found(lookup),
        };
        let place = Place {
            rank: 1,
            parent: Some((column, cell)),
            ..Place::top(0)
        };
        for (name, items) in self.members(value) {
            let Some(field) = ChildrenField::of(name) else {
                continue;
            };
            let items = match items {
                ConstValue::List(items) => &items[..],
                ConstValue::Null => continue,
                one => std::slice::from_ref(one),
            };
            self.path.push(name.to_string());
            for (index, item) in items.iter().enumerate() {
                self.path.push(index.to_string());
                match field {
                    ChildrenField::Create => {
                        self.new_row(table, item, &place)?;
                    }
                    ChildrenField::Update => {
                        let members = self.members(item);
                        self.update(table, members, Some((column, parent)))?;
                    }
                    ChildrenField::Delete => {
                        self.count()?;
                        self.may(of, of.writers.delete)?;
                        if let Some(target) = self.target(table, item, Otherwise::NotFound) {
                            self.deletes.push(RowDelete {
                                table,
                                target,
                                parent: (column, parent),
                                path: self.path.clone(),
                            });
                        }
                    }
                }
                self.path.pop();
            }
            self.path.pop();
        }
        Ok(())
    }

    fn changed(&mut self, table: TableId, name: &str, value: &ConstValue) -> Planned<Option<Set>> {
        let of = self.catalog.table(table);
        let found = of.input_column(name).map(|id| (id, of.column(id)));
        let operator = only_member(value);
        let (Some((id, column)), Some((operator, operand))) = (found, operator) else {
            self.wrong(format!("`{name}` takes exactly one operator."));
            return Ok(None);
        };
        self.may_column(of, column, column.write.update)?;
        self.may_column(of, column, Some(column.least))?;
        let known = operations(column.kind).iter();
        let Some(&(_, operation)) = known.clone().find(|(name, _)| *name == operator) else {
            self.wrong(format!("`{name}` has no operator `{operator}`."));
            return Ok(None);
        };
        self.path.push(operator.to_owned());
        let item = self.operand(column, operation, operand);
        let path = self.path.clone();
        self.path.pop();
        Ok(item.map(|item| Set {
            column: id,
            operation,
            cell: Cell::Item(Some(item)),
            path,
        }))
    }

    fn operand(
        &mut self,
        column: &Column,
        operation: Operation,
        operand: &ConstValue,
    ) -> Option<std::sync::Arc<[u8]>> {
        let field = &column.field;
        let texts = |operand: &ConstValue| {
            let value = scalar::value(self.catalog, Kind::TextArray, operand, field);
            value.map(|value| cell::binary(&value))
        };
        let read = match operation {
            Operation::RemoveKeys | Operation::Append | Operation::Remove => texts(operand),
            Operation::Merge if !matches!(operand, ConstValue::Object(_)) => Err(Error::input(
                field.as_str(),
                format!("`{field}` can be merged with an object only."),
            )),
            _ => {
                let value = scalar::value(self.catalog, column.kind, operand, field);
                if operation == Operation::Increment
                    && let Ok(value) = &value
                {
                    let checked = cell::check_increment(column, value, &self.path);
                    self.noted(checked)?;
                }
                value.map(|value| cell::binary(&value))
            }
        };
        let read = read.map_err(|error| Problem::of_value(&self.path, error));
        self.noted(read)
    }

    fn upsert(
        &mut self,
        table: TableId,
        members: &IndexMap<Name, ConstValue>,
    ) -> Planned<Option<What>> {
        let of = self.catalog.table(table);
        let row = members
            .get(of.singular.as_str())
            .unwrap_or(&ConstValue::Null);
        self.path.push(of.singular.clone());
        self.new_row(table, row, &Place::top(0))?;
        if self.news.len() > 1 {
            self.wrong("An upsert writes one row; create the rows that belong to it by `create` or `update`.");
        }
        self.path.pop();
        let cells = self.news[0].cells.clone();
        let by = members
            .get(InputField::By.name())
            .unwrap_or(&ConstValue::Null);
        let key = self.at(InputField::By, |reader| reader.conflict(table, by, &cells));
        let Some((key, items)) = key else {
            return Ok(None);
        };
        let set = match members.get(InputField::OnConflict.name()) {
            Some(ConstValue::Object(values)) => {
                let mut set = Vec::new();
                self.path.push(InputField::OnConflict.name().to_owned());
                for (name, value) in values {
                    self.path.push(name.to_string());
                    set.extend(self.patched(table, name, value, None)?);
                    self.path.pop();
                }
                self.path.pop();
                set
            }
            _ => {
                let others = cells.iter().filter(|(column, _)| {
                    let write = &of.column(*column).write;
                    !key.contains(column)
                        && of.key.first() != Some(column)
                        && write.update.is_some_and(|least| least <= self.role)
                });
                let path = [of.singular.clone()];
                others
                    .map(|(column, cell)| Set {
                        column: *column,
                        operation: Operation::Set,
                        cell: cell.clone(),
                        path: path.to_vec(),
                    })
                    .collect()
            }
        };
        Ok(Some(What::Upsert { key, items, set }))
    }

    fn filter(
        &mut self,
        of: &Table,
        members: &IndexMap<Name, ConstValue>,
        arguments: &Values<'_>,
    ) -> Planned<Option<crate::engine::select::Predicate>> {
        let field = InputField::Where.name();
        let placed = |error: Error| arguments.at(INPUT, error.inside(field));
        if let Some(Literal::Object(literals)) = arguments.literal(INPUT)
            && let Some(literal) = literals.get(field)
        {
            filter::check_absent((self.catalog, of), literal, arguments.variables())
                .map_err(placed)?;
        }
        let given = members.get(field);
        let given = given.filter(|it| **it != ConstValue::Null);
        let filter = given.map(|input| filter::parse(self.catalog, of, input));
        let filter = filter.transpose().map_err(placed)?;
        if filter.as_ref().is_none_or(|filter| !filter.restricts()) {
            self.at(InputField::Where, |reader| {
                reader.wrong(
                    "`where` must have a condition, so that no table is written whole by mistake.",
                );
            });
            return Ok(None);
        }
        let conditions = filter.as_ref().map_or(0, |filter| filter.count());
        self.limits.hold(Limit::Conditions, conditions)?;
        Ok(filter)
    }

    fn max(&mut self, input: Option<&ConstValue>) -> Option<u64> {
        let most = self.limits.max_written_rows;
        let number = match input {
            Some(ConstValue::Number(number)) => number.as_u64(),
            _ => None,
        };
        let fits = number.filter(|number| (1..=most).contains(number));
        if fits.is_none() {
            self.at(InputField::Max, |reader| {
                reader.wrong(format!("`max` takes a whole number from 1 to {most}."));
            });
        }
        fits
    }

    fn by(&mut self, table: TableId, input: Option<&ConstValue>) -> Option<Target> {
        let input = input.unwrap_or(&ConstValue::Null);
        self.at(InputField::By, |reader| {
            reader.target(table, input, Otherwise::NotFound)
        })
    }

    /// Reads something below a field of the input.
    fn at<T>(&mut self, field: InputField, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(field.name().to_owned());
        let read = read(self);
        self.path.pop();
        read
    }

    /// The members of an object; none of what is no object, which validation has refused.
    pub fn members<'v>(&mut self, input: &'v ConstValue) -> &'v IndexMap<Name, ConstValue> {
        static NONE: LazyLock<IndexMap<Name, ConstValue>> = LazyLock::new(IndexMap::new);
        match input {
            ConstValue::Object(members) => members,
            _ => {
                self.wrong("An object is required.");
                &NONE
            }
        }
    }

    pub fn wrong(&mut self, message: impl Into<String>) {
        self.problems.push(Problem::invalid(&self.path, message));
    }

    /// Keeps a problem.
    pub fn noted<T>(&mut self, read: Result<T, Problem>) -> Option<T> {
        read.map_err(|problem| self.problems.push(problem)).ok()
    }

    /// Counts a row that is written.
    pub fn count(&mut self) -> Planned<()> {
        self.rows += 1;
        self.limits.hold(Limit::WrittenRows, self.rows)
    }

    /// # Errors
    /// `FORBIDDEN` for a column that the role may not write so.
    pub fn may_column(&self, of: &Table, column: &Column, least: Option<Role>) -> Planned<()> {
        match least {
            Some(least) if least <= self.role => Ok(()),
            least => {
                let name = format!("{}.{}", of.type_name, column.field);
                Err(forbidden(&name, least.unwrap_or(Role::System), self.role))
            }
        }
    }

    /// Where rows are skipped that cannot be created, what is wrong with one is a matter of its own.
    fn skipped(&mut self, what: Option<&What>) -> Vec<(usize, Problem)> {
        let Some(What::Create {
            policy: ErrorPolicy::SkipFailed,
            ..
        }) = what
        else {
            return Vec::new();
        };
        // The path is the list, the position, and what is inside.
        let top = |problem: &Problem| problem.path.get(1)?.parse().ok();
        let own = self
            .problems
            .extract_if(.., |problem| top(problem).is_some());
        let skipped = own.filter_map(|problem| Some((top(&problem)?, problem)));
        skipped.collect()
    }
}
