//! Which tables are searched, and how.

use migration::{Searched, Weight};

use super::{Cardinality, ColumnId, Kind, RelationId, Table};
use crate::session::Role;

/// How rows of a table are searched.
#[derive(Clone, Debug)]
pub struct Searchable {
    /// The texts in which words are looked for.
    pub texts: Vec<SearchedText>,
    pub embedding: Option<Embedding>,
}

/// A text in which words are looked for.
#[derive(Clone, Copy, Debug)]
pub struct SearchedText {
    pub column: ColumnId,
    /// Whether it may be long, so that only parts of it are shown.
    pub is_long: bool,
}

/// Where the embedding of a row is.
#[derive(Clone, Copy, Debug)]
pub struct Embedding {
    /// The way to the row that holds it, where it is another one.
    pub relation: Option<RelationId>,
    pub column: ColumnId,
    pub dimensions: usize,
}

/// Gives each table how it is searched.
///
/// # Errors
/// Names what is searched and is not there, or not readable for every caller: what a search finds
/// would tell of it.
pub(super) fn apply(tables: &mut [Table], searched: &[Searched]) -> Result<(), String> {
    for one in searched {
        let index = tables.iter().position(|table| table.name == one.table);
        let index = index.ok_or_else(|| format!("a search is of the table {}", one.table))?;
        let searchable = searchable(tables, index, one)?;
        tables[index].search = Some(searchable);
    }
    Ok(())
}

fn searchable(tables: &[Table], index: usize, searched: &Searched) -> Result<Searchable, String> {
    let table = &tables[index];
    let texts = searched.texts.iter().map(|&(name, weight)| {
        Ok(SearchedText {
            column: open_column(table, name)?,
            is_long: weight == Weight::Body,
        })
    });
    let texts = texts.collect::<Result<_, String>>()?;
    let embedding = searched.embedding.map(|embedding| {
        let (relation, holder) = match embedding.table == table.name {
            true => (None, table),
            false => {
                let mut relations = table.relations.iter();
                let place = relations.position(|relation| {
                    relation.cardinality == Cardinality::One
                        && tables[relation.to.0].name == embedding.table
                });
                let place = place.ok_or_else(|| {
                    format!("{} has not one row of {}", table.name, embedding.table)
                })?;
                let holder = &tables[table.relations[place].to.0];
                if holder.rule.is_some() || holder.least > table.least {
                    return Err(format!("{} is restricted and searched", holder.name));
                }
                (Some(RelationId(place)), holder)
            }
        };
        let column = open_column(holder, embedding.column)?;
        if holder.column(column).kind != Kind::Vector {
            return Err(format!("{}.{} is no vector", holder.name, embedding.column));
        }
        Ok(Embedding {
            relation,
            column,
            dimensions: embedding.dimensions,
        })
    });
    Ok(Searchable {
        texts,
        embedding: embedding.transpose()?,
    })
}

fn open_column(table: &Table, name: &str) -> Result<ColumnId, String> {
    let id = table
        .column_by_name(name)
        .ok_or_else(|| format!("a search is of {}.{name}", table.name))?;
    let column = table.column(id);
    if column.guard.is_some() || column.least > Role::ALL[0] || !column.exposed {
        return Err(format!("{}.{name} is restricted and searched", table.name));
    }
    Ok(id)
}
