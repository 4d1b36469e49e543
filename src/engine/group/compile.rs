//! Compiles groups: their keys, the values about them, and what is asked of their rows.

use std::sync::Arc;

use async_graphql_value::ConstValue;

use super::by::{self, Key};
use super::schema::{connection_name, group_name, key_name};
use super::{FILL, GroupPart, Grouped, GroupsField, GroupsPart, KEY, KeyPart, ROWS, is_taken};
use crate::engine::aggregate::{self, Gathered};
use crate::engine::catalog::{Kind, Table};
use crate::engine::connection::{self, CompileRow, ListOf, PAGE_INFO, PageInfoField};
use crate::engine::names::Named;
use crate::engine::order;
use crate::engine::plan::{
    Arguments, Compiler, Merged, NodeIndex, OutputField, Parent, Planned, Reads, VALUES_PER_WEIGHT,
    only_member, unknown,
};
use crate::engine::select::{Expr, GroupKey, Groups, Keys};
use crate::error::{Code, Error, Within};

/// Compiles the field `groups` of a list.
pub fn compile<'a, R>(
    compiler: &mut Compiler<'a>,
    of: &ListOf,
    merged: &Merged<'a>,
    compile_row: CompileRow<'_, 'a, R>,
) -> Planned<Grouped<R>> {
    let table = compiler.catalog.table(of.table);
    let arguments = Arguments::of(merged);
    let settled = arguments.with(&compiler.source.settled.variables);
    let by = by::read(compiler.catalog, table, &settled)?;
    let keys: Arc<[GroupKey]> = by.iter().map(|one| one.key.clone()).collect();
    let fill = settled.get(FILL).is_some();
    if fill && keys.iter().filter(|key| key.bucket.is_some()).count() != 1 {
        let message = "`fill` needs exactly one key in `by` that has a bucket.";
        return Err(settled.at(FILL, Error::input(FILL, message)));
    }
    let in_order = |error| settled.at(order::ARGUMENT, error);
    order::check_variables(&settled).map_err(in_order)?;
    let argument = settled.get(order::ARGUMENT);
    let last = by
        .iter()
        .enumerate()
        .map(|(place, one)| Expr::Key(place, one.key.kind));
    let order = order::terms_by(
        argument.as_deref(),
        |term| match only_member(term) {
            Some((KEY, term)) => key_in_order(compiler, table, &by, term).within(KEY),
            _ => {
                let (aggregate, direction) = order::of_aggregate(table, term)?;
                Ok((Expr::Total(aggregate), direction))
            }
        },
        last,
    )
    .map_err(in_order)?;
    let type_name = connection_name(table);
    let selection = compiler.source.selection(merged, &type_name, &[]);
    let needs_groups = selection.values().any(|merged| {
        GroupsField::of(&merged[0].node.name.node)
            .is_some_and(|field| field != GroupsField::TotalCount)
    });
    let index = compiler.reserve_list();
    let mut list = List {
        table,
        of,
        by: &by,
        keys: &keys,
        fill,
        compile_row,
        node: needs_groups.then(|| compiler.reserve(of.parent)),
        gathered: Gathered::default(),
        ids: false,
        peeks: false,
        cursors: false,
    };
    let fields = compiler.fields(&type_name, &selection, |compiler, name, merged| {
        list.field(compiler, name, merged)
    })?;
    let List {
        node,
        mut gathered,
        ids,
        peeks,
        cursors,
        ..
    } = list;
    let first = usize::from(of.parent.is_some());
    let before_values = keys.len() + usize::from(ids);
    let cursor = cursors.then(|| {
        let columns = order.iter().map(|term| match term.by {
            Expr::Total(aggregate) => {
                let place = gathered.position(aggregate);
                (first + before_values + place, aggregate.kind(table))
            }
            Expr::Key(place, kind) => (first + place, kind),
            // An order of groups is by nothing else.
            _ => (first, Kind::Text),
        });
        columns.collect()
    });
    if let Some(node) = node {
        let values = keys.len() + gathered.values.len();
        let groups = Groups {
            keys: Arc::clone(&keys),
            values: gathered.values.into(),
            ids,
            fill,
        };
        let reads = Reads::Groups {
            groups: Arc::new(groups),
            counted: false,
        };
        let weight = (values as u64).div_ceil(VALUES_PER_WEIGHT);
        compiler.fill(node, (of.table, of.parent, of.keys.clone()), reads, weight);
    }
    compiler.holds(size_of::<Grouped<R>>() + 3 * arguments.bytes());
    Ok(Grouped {
        index,
        arguments,
        order: order.into(),
        keys,
        by: describe(&by),
        node,
        before_values,
        fill,
        peeks,
        cursor,
        fields,
    })
}

/// Tells groups by other keys apart.
fn describe(by: &[Key]) -> String {
    let keys = by.iter().map(|one| {
        let path = one.path.join(".");
        match &one.key.bucket {
            None => path,
            Some(bucket) => {
                let (unit, zone) = (bucket.unit.name(), bucket.zone.unwrap_or_default());
                format!("{path} {unit} {zone}")
            }
        }
    });
    keys.collect::<Vec<_>>().join(", ")
}

/// A term of the order that names a key as the order of the rows would.
fn key_in_order(
    compiler: &Compiler<'_>,
    table: &Table,
    by: &[Key],
    term: &ConstValue,
) -> Planned<(Expr, order::Direction)> {
    let (value, direction) = order::value(compiler.catalog, table, term)?;
    let place = by.iter().position(|one| one.key.of == value);
    let place = place.ok_or_else(|| {
        let message =
            "Groups can be ordered by the keys that `by` names, and by values about them.";
        Error::input(order::ARGUMENT, message)
    })?;
    Ok((Expr::Key(place, by[place].key.kind), direction))
}

/// Compiles the fields of a page of groups.
struct List<'l, 'a, R> {
    table: &'l Table,
    of: &'l ListOf,
    by: &'l [Key],
    keys: &'l Arc<[GroupKey]>,
    fill: bool,
    compile_row: CompileRow<'l, 'a, R>,
    node: Option<NodeIndex>,
    gathered: Gathered,
    ids: bool,
    peeks: bool,
    cursors: bool,
}

impl<'a, R> List<'_, 'a, R> {
    fn field(
        &mut self,
        compiler: &mut Compiler<'a>,
        name: &str,
        merged: &Merged<'a>,
    ) -> Planned<GroupsPart<R>> {
        let field =
            GroupsField::of(name).ok_or_else(|| unknown(&connection_name(self.table), name))?;
        Ok(match field {
            GroupsField::Nodes => {
                let type_name = group_name(self.table);
                let selection = compiler.source.selection(merged, &type_name, &[]);
                GroupsPart::Nodes(compiler.fields(
                    &type_name,
                    &selection,
                    |compiler, name, merged| self.group(compiler, name, merged),
                )?)
            }
            GroupsField::PageInfo => {
                GroupsPart::PageInfo(compiler.object(PAGE_INFO, merged, |_, field, _| {
                    match field {
                        PageInfoField::HasNextPage => self.peeks = true,
                        PageInfoField::HasPreviousPage => {}
                        PageInfoField::StartCursor | PageInfoField::EndCursor => {
                            self.cursors = true;
                        }
                    }
                    Ok(field)
                })?)
            }
            GroupsField::TotalCount => GroupsPart::TotalCount(self.count(compiler)),
        })
    }

    fn group(
        &mut self,
        compiler: &mut Compiler<'a>,
        name: &str,
        merged: &Merged<'a>,
    ) -> Planned<GroupPart<R>> {
        let type_name = group_name(self.table);
        Ok(match name {
            KEY => {
                let fields = keys(compiler, self.by, (self.table, &mut Vec::new()), merged)?;
                GroupPart::Key(fields)
            }
            ROWS => {
                let node = self.node.ok_or_else(|| unknown(&type_name, name))?;
                self.ids = true;
                let of = ListOf {
                    table: self.of.table,
                    parent: Some(Parent {
                        node,
                        column: usize::from(self.of.parent.is_some()) + self.keys.len(),
                    }),
                    keys: Keys::InGroups(Arc::clone(self.keys), Arc::new(self.of.keys.clone())),
                    above: None,
                    order: Vec::new(),
                    only: self.of.only.clone(),
                };
                let rows = connection::compile(compiler, of, merged, self.compile_row)?;
                GroupPart::Rows(Box::new(rows))
            }
            name if is_taken(name) => return Err(unknown(&type_name, name)),
            name => {
                let of = (self.table, &*type_name);
                let value = aggregate::part(compiler, &mut self.gathered, of, name, merged)?;
                GroupPart::Value(value)
            }
        })
    }

    /// How many groups there are, whatever the page.
    fn count(&self, compiler: &mut Compiler<'_>) -> NodeIndex {
        let index = compiler.reserve(self.of.parent);
        let groups = Groups {
            keys: Arc::clone(self.keys),
            values: [].into(),
            ids: false,
            fill: self.fill,
        };
        let reads = Reads::Groups {
            groups: Arc::new(groups),
            counted: true,
        };
        let of = (self.of.table, self.of.parent, self.of.keys.clone());
        compiler.fill(index, of, reads, 1);
        index
    }
}

/// Compiles the keys that are asked for, at some fields from the table of the rows.
fn keys<'a>(
    compiler: &mut Compiler<'a>,
    by: &[Key],
    (table, path): (&Table, &mut Vec<String>),
    merged: &Merged<'a>,
) -> Planned<Vec<OutputField<KeyPart>>> {
    let type_name = key_name(table);
    let selection = compiler.source.selection(merged, &type_name, &[]);
    compiler.fields(&type_name, &selection, |compiler, name, merged| {
        path.push(name.to_owned());
        let place = by.iter().position(|one| one.path == *path);
        let within = || by.iter().any(|one| one.path.starts_with(path));
        let part = match (place, table.relation_by_field(name)) {
            (Some(index), _) => KeyPart::Value {
                index,
                kind: by[index].key.kind,
            },
            (None, Some(relation)) if within() => {
                let to = compiler.catalog.table(table.relation(relation).to);
                KeyPart::Related(keys(compiler, by, (to, path), merged)?)
            }
            _ => return Err(not_a_key(path)),
        };
        path.pop();
        Ok(part)
    })
}

fn not_a_key(path: &[String]) -> Error {
    let mut example = "…".to_owned();
    for name in path.iter().rev() {
        example = format!("{{ {name}: {example} }}");
    }
    Error::new(
        Code::GraphqlValidationFailed,
        format!(
            "`{}` is not a key of these groups: `by` does not name it. Add {example} to `by`, or leave the field out.",
            path.join(".")
        ),
    )
}
