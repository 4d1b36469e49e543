//! Plans the fields of a row: columns, and what is reached from it.

use super::{NODE, One, RowFields, RowPart};
use crate::engine::catalog::{Cardinality, Kind, NODE_ID, Relation, Table, TableId};
use crate::engine::connection::{self, ListOf};
use crate::engine::plan::{
    Merged, NodeBuilder, Parent, Planned, Planner, VALUES_PER_WEIGHT, location, unknown,
};
use crate::engine::select::{Keys, Page, Predicate};

/// Plans the fields that a selection asks of the rows of a node.
pub fn fields<'a>(
    planner: &mut Planner<'a>,
    node: &mut NodeBuilder,
    merged: &Merged<'a>,
) -> Planned<RowFields> {
    let context = planner.context;
    let table = context.catalog.table(node.table);
    let type_name = &table.type_name;
    let selection = context.document.selection(merged, type_name, &[NODE]);
    planner.fields(type_name, &selection, |planner, name, merged| {
        field(planner, node, table, name, merged)
    })
}

fn field<'a>(
    planner: &mut Planner<'a>,
    node: &mut NodeBuilder,
    table: &Table,
    name: &str,
    merged: &Merged<'a>,
) -> Planned<RowPart> {
    if name == NODE_ID {
        node.values += 1;
        let columns = table
            .key
            .iter()
            .map(|&key| (node.position(key), table.column(key).kind));
        return Ok(RowPart::NodeId {
            table: table.name.clone(),
            columns: columns.collect(),
        });
    }
    if let Some(column) = table.column_by_field(name) {
        let kind = table.column(column).kind;
        node.values += match kind {
            // A vector has hundreds of numbers.
            Kind::Vector => VALUES_PER_WEIGHT * 4,
            _ => 1,
        };
        let index = node.position(column);
        return Ok(RowPart::Column { index, kind });
    }
    let relation = table
        .relation(name)
        .ok_or_else(|| unknown(&table.type_name, name))?;
    let parent = Parent {
        node: node.index,
        column: node.position(relation.from_column),
    };
    Ok(match relation.cardinality {
        Cardinality::One => {
            RowPart::One(related(planner, relation, parent, node.most_rows, merged)?)
        }
        Cardinality::Many => {
            let of = ListOf {
                table: relation.to,
                key: Some((parent, relation.to_column)),
                most_parents: node.most_rows,
                above: Some(node.table),
            };
            RowPart::Connection(connection::plan(planner, &of, merged, fields)?)
        }
    })
}

/// The row that each row of the parent leads to.
fn related<'a>(
    planner: &mut Planner<'a>,
    relation: &Relation,
    parent: Parent,
    most_rows: u64,
    merged: &Merged<'a>,
) -> Planned<One> {
    let parent = Some(parent);
    let keys = Keys::Among(relation.to_column);
    let mut node = planner.reserve_rows(relation.to, parent, keys, most_rows)?;
    planner.charge(most_rows)?;
    let fields = fields(planner, &mut node, merged)?;
    planner.fill_rows(&node, Vec::new(), Page::default())?;
    Ok(One {
        node: node.index,
        fields,
        non_null: !relation.nullable,
        locations: merged.iter().map(|field| location(field)).collect(),
    })
}

/// The one row of a table that the predicates leave.
pub fn single<'a>(
    planner: &mut Planner<'a>,
    table: TableId,
    is: Vec<Predicate>,
    merged: &Merged<'a>,
) -> Planned<One> {
    planner.charge(1)?;
    let mut node = planner.reserve_rows(table, None, Keys::None, 1)?;
    let fields = fields(planner, &mut node, merged)?;
    planner.fill_rows(&node, is, Page::default())?;
    Ok(One {
        node: node.index,
        fields,
        non_null: false,
        locations: Vec::new(),
    })
}
