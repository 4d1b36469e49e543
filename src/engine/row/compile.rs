//! Compiles the fields of a row: columns, and what is reached from it.

use super::{NODE, One, PATH, RowFields, RowPart};
use crate::engine::catalog::{
    Cardinality, ColumnId, Kind, NEIGHBOURHOOD, NODE_ID, Table, TableId, VERSION,
};
use crate::engine::connection::{self, ListOf};
use crate::engine::graph;
use crate::engine::plan::{
    Arguments, Compiler, Merged, NodeBuilder, NodeIndex, Parent, Planned, VALUES_PER_WEIGHT,
    location, unknown,
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
    if name == VERSION
        && let Some(version) = table.version()
    {
        node.values += 1;
        let index = node.position(version);
        return Ok(RowPart::Version { index });
    }
    if let Some(column) = table.column_by_field(name) {
        let kind = table.column(column).kind;
        node.values += match kind {
            // A vector has hundreds of numbers.
            Kind::Vector => VALUES_PER_WEIGHT * 4,
            _ => 1,
        };
        if kind == Kind::Json && merged[0].node.get_argument(PATH).is_some() {
            let arguments = Arguments::of(merged);
            compiler.holds(arguments.bytes());
            return Ok(RowPart::Part {
                index: node.position_of_part(column),
                node: node.index,
                arguments,
            });
        }
        let index = node.position(column);
        return Ok(RowPart::Column { index, kind });
    }
    if name == NEIGHBOURHOOD
        && let Some(graph) = compiler.catalog.graph(node.table)
    {
        let found = graph::compile(compiler, graph, node, merged)?;
        return Ok(RowPart::Neighbourhood(Box::new(found)));
    }
    let relation = table
        .relation_by_field(name)
        .map(|relation| table.relation(relation))
        .ok_or_else(|| unknown(&table.type_name, name))?;
    let parent = Parent {
        node: node.index,
        column: node.position(relation.from_column),
    };
    Ok(match relation.cardinality {
        Cardinality::One => {
            let to = (relation.to, relation.to_column);
            RowPart::One(referred(compiler, to, parent, relation.nullable, merged)?)
        }
        Cardinality::Many => {
            let of = ListOf {
                parent: Some(parent),
                keys: Keys::PageOf(relation.to_column),
                above: Some(node.table),
                ..match &relation.log {
                    Some(log) => ListOf::log(relation.to, log),
                    None => ListOf::all(relation.to),
                }
            };
            RowPart::Connection(Box::new(connection::compile(
                compiler, of, merged, &fields,
            )?))
        }
    })
}

/// The row of a table whose column holds the key that each row of the parent has.
pub fn referred<'a>(
    compiler: &mut Compiler<'a>,
    (table, column): (TableId, ColumnId),
    parent: Parent,
    nullable: bool,
    merged: &Merged<'a>,
) -> Planned<One> {
    let keys = Keys::Among(column);
    let node = compiler.reserve_rows(table, Some(parent), keys);
    let (node, fields) = filled(compiler, node, merged)?;
    Ok(One {
        node,
        fields,
        non_null: !nullable,
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
    nullable(compiler, node, merged)
}

/// Several rows of a table, and the places of the columns of their keys.
pub fn by_key<'a>(
    compiler: &mut Compiler<'a>,
    table: TableId,
    merged: &Merged<'a>,
) -> Planned<(One, Vec<(usize, Kind)>)> {
    let mut node = compiler.reserve_rows(table, None, Keys::None);
    let of = compiler.catalog.table(table);
    let key = of.key.iter();
    let key = key.map(|&key| (node.position(key), of.column(key).kind));
    let key = key.collect();
    Ok((nullable(compiler, node, merged)?, key))
}

/// What is asked of a row that may be missing.
fn nullable<'a>(
    compiler: &mut Compiler<'a>,
    node: NodeBuilder,
    merged: &Merged<'a>,
) -> Planned<One> {
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
