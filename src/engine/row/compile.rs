//! Compiles the fields of a row: columns, and what is reached from it.

use super::{NODE, One, RowFields, RowPart};
use crate::engine::catalog::{Cardinality, Kind, NODE_ID, Relation, Table, TableId};
use crate::engine::connection::{self, ListOf};
use crate::engine::plan::{
    Compiler, Merged, NodeBuilder, NodeIndex, Parent, Planned, VALUES_PER_WEIGHT, location, unknown,
};
use crate::engine::select::Keys;

/// Compiles the fields that a selection asks of the rows of a node.
pub fn fields<'a>(
    compiler: &mut Compiler<'a>,
    node: &mut NodeBuilder,
    merged: &Merged<'a>,
) -> Planned<RowFields> {
    let table = compiler.catalog.table(node.table);
    let type_name = &table.type_name;
    let selection = compiler.source.selection(merged, type_name, &[NODE]);
    compiler.fields(type_name, &selection, |compiler, name, merged| {
        field(compiler, node, table, name, merged)
    })
}

fn field<'a>(
    compiler: &mut Compiler<'a>,
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
        Cardinality::One => RowPart::One(related(compiler, relation, parent, merged)?),
        Cardinality::Many => {
            let of = ListOf {
                table: relation.to,
                key: Some((parent, relation.to_column)),
                above: Some(node.table),
            };
            RowPart::Connection(Box::new(connection::compile(compiler, of, merged, fields)?))
        }
    })
}

/// The row that each row of the parent leads to.
fn related<'a>(
    compiler: &mut Compiler<'a>,
    relation: &Relation,
    parent: Parent,
    merged: &Merged<'a>,
) -> Planned<One> {
    let keys = Keys::Among(relation.to_column);
    let node = compiler.reserve_rows(relation.to, Some(parent), keys);
    let (node, fields) = filled(compiler, node, merged)?;
    Ok(One {
        node,
        fields,
        non_null: !relation.nullable,
        locations: merged.iter().map(|field| location(field)).collect(),
    })
}

/// One row of a table.
pub fn single<'a>(
    compiler: &mut Compiler<'a>,
    table: TableId,
    merged: &Merged<'a>,
) -> Planned<One> {
    let node = compiler.reserve_rows(table, None, Keys::None);
    let (node, fields) = filled(compiler, node, merged)?;
    Ok(One {
        node,
        fields,
        non_null: false,
        locations: Vec::new(),
    })
}

/// Compiles what is asked of the rows of a reserved node, and fills it.
fn filled<'a>(
    compiler: &mut Compiler<'a>,
    mut node: NodeBuilder,
    merged: &Merged<'a>,
) -> Planned<(NodeIndex, RowFields)> {
    let fields = fields(compiler, &mut node, merged)?;
    let index = node.index;
    compiler.fill_rows(node);
    Ok((index, fields))
}
