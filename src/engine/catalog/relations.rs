//! Relations: to-one from the foreign keys, to-many and one-to-one derived as their reverse.

use super::describe::{BelongsTo, Described};
use super::notes::{HistoryRules, Notes, Rules};
use super::{Cardinality, Column, ColumnId, LogOf, Relation, Table, TableId, naming};

/// The field that leads to the log of a row.
const HISTORY: &str = "history";

/// A foreign key with its ends resolved; `workspace_id` is left to the row filter.
struct Key {
    child: TableId,
    child_column: ColumnId,
    parent: TableId,
    parent_column: ColumnId,
    /// Whether the database keeps every pointer at a row that is there. It does for tables; a view
    /// is as old as its last refresh.
    enforced: bool,
}

/// Fills in the relations of every table.
pub(super) fn derive(
    tables: &mut [Table],
    described: &[Described],
    notes: &[Notes],
    rules: &Rules,
) -> Result<(), String> {
    let mut keys = Vec::new();
    for (index, table) in described.iter().enumerate() {
        let is_view = notes
            .iter()
            .any(|notes| notes.table == table.table && notes.view);
        let derived;
        let belongs_to = if is_view {
            derived = pointers_of_view(table, tables);
            &derived
        } else {
            &table.belongs_to
        };
        for belongs_to in belongs_to {
            let of_workspace = table.is_of_workspace();
            let key = resolve(TableId(index), belongs_to, tables, of_workspace)?;
            keys.extend(key.map(|key| Key {
                enforced: !is_view,
                ..key
            }));
        }
    }
    // The entities list relations in the order of constraint names; fields follow the columns.
    keys.sort_by_key(|key| (key.child, key.child_column));
    let forward: Vec<Relation> = keys.iter().map(|key| forward(key, tables, rules)).collect();
    let reverse: Vec<Relation> = keys
        .iter()
        .map(|key| reverse(key, &keys, tables, rules))
        .collect();
    for (key, (forward, reverse)) in keys.iter().zip(forward.into_iter().zip(reverse)) {
        tables[key.child.0].relations.push(forward);
        tables[key.parent.0].relations.push(reverse);
    }
    Ok(())
}

/// Links the rows of every table that is written with what the log says of them.
pub(super) fn derive_history(tables: &mut [Table], rules: &HistoryRules) -> Result<(), String> {
    let log = tables.iter().position(|table| table.name == rules.log);
    let log = log.ok_or_else(|| format!("no table {}", rules.log))?;
    let column = |name: &str| {
        let found = tables[log].column_by_name(name);
        found.ok_or_else(|| format!("{}.{name} is unknown", rules.log))
    };
    let (row, of, at) = (column(rules.row)?, column(rules.table)?, column(rules.at)?);
    for table in tables {
        let changes = table.writers.update.or(table.writers.delete).is_some();
        if changes && table.has_id && table.has_workspace {
            table.relations.push(Relation {
                field: HISTORY.to_owned(),
                to: TableId(log),
                cardinality: Cardinality::Many,
                from_column: table.key[0],
                to_column: row,
                nullable: false,
                comment: format!("The changes of this {}, the latest first.", table.noun),
                log: Some(LogOf {
                    column: of,
                    table: table.name.clone(),
                    at,
                }),
            });
        }
    }
    Ok(())
}

/// A view has no foreign keys: a column `customer_id` points at the table `customers`.
fn pointers_of_view(view: &Described, tables: &[Table]) -> Vec<BelongsTo> {
    view.columns
        .iter()
        .filter_map(|column| {
            let target = column.name.strip_suffix("_id")?;
            let table = tables
                .iter()
                .find(|table| naming::singular(&table.name) == target)?;
            (column.name != "workspace_id").then(|| BelongsTo {
                table: table.name.clone(),
                columns: vec![(column.name.clone(), "id".to_owned())],
            })
        })
        .collect()
}

fn resolve(
    child: TableId,
    key: &BelongsTo,
    tables: &[Table],
    of_workspace: bool,
) -> Result<Option<Key>, String> {
    let Some(parent) = tables
        .iter()
        .position(|table| table.name == key.table)
        .map(TableId)
    else {
        return Ok(None);
    };
    let table = &tables[child.0];
    // A key of several columns is followed by its pointer to `id`: the workspace is in the row
    // filter, and a partition column beside it says nothing that the id does not.
    let pair = key.columns.iter().find(|(_, to)| to == "id");
    let (from, to) = pair.ok_or_else(|| format!("{} -> {} has no id", table.name, key.table))?;
    if of_workspace && from == "workspace_id" {
        return Ok(None);
    }
    let missing = || format!("{}.{from} -> {}.{to} is unknown", table.name, key.table);
    Ok(Some(Key {
        child,
        child_column: table.column_by_name(from).ok_or_else(missing)?,
        parent,
        parent_column: tables[parent.0].column_by_name(to).ok_or_else(missing)?,
        enforced: true,
    }))
}

fn forward(key: &Key, tables: &[Table], rules: &Rules) -> Relation {
    let column = tables[key.child.0].column(key.child_column);
    let parent = &tables[key.parent.0];
    // A column's comment begins with what its value points at, and ends in when it is null.
    let mut comment = format!("The {}", naming::uncapitalised(&column.comment));
    let hidden = format!("the caller may not read this {}", parent.noun);
    let gone = format!("this {} was deleted after the last refresh", parent.noun);
    let nulls = [(parent.hides_rows, hidden), (!key.enforced, gone)];
    for (_, why) in nulls.iter().filter(|(applies, _)| *applies) {
        let also = comment.contains("; null ");
        let when = if also { ", or if" } else { "; null if" };
        comment = format!("{}{when} {why}.", comment.trim_end_matches('.'));
    }
    Relation {
        field: forward_field(column, rules),
        to: key.parent,
        cardinality: Cardinality::One,
        from_column: key.child_column,
        to_column: key.parent_column,
        nullable: column.nullable || !key.enforced || parent.hides_rows,
        comment,
        log: None,
    }
}

fn forward_field(column: &Column, rules: &Rules) -> String {
    let mut given = rules.forward_names.iter();
    match given.find(|(name, _)| *name == column.name) {
        Some((_, field)) => (*field).to_owned(),
        None => naming::camel(column.name.strip_suffix("_id").unwrap_or(&column.name)),
    }
}

fn reverse(key: &Key, keys: &[Key], tables: &[Table], rules: &Rules) -> Relation {
    let child = &tables[key.child.0];
    let parent = &tables[key.parent.0];
    let column = child.column(key.child_column);
    let one_to_one = child.key == [key.child_column]
        || child
            .lookups
            .iter()
            .any(|lookup| lookup.columns == [key.child_column]);
    let short = naming::without_parent(&child.name, &parent.name);
    let plain = if one_to_one {
        naming::singular(short)
    } else {
        naming::plural(short)
    };
    let given = rules
        .reverse_names
        .iter()
        .find(|(table, name, _)| *table == child.name && *name == column.name);
    let siblings = keys
        .iter()
        .filter(|one| one.child == key.child && one.parent == key.parent);
    let field = match given {
        Some((_, _, field)) => (*field).to_owned(),
        // Two keys to one table are told apart by the role that the column names.
        None if siblings.count() > 1
            && column.name != format!("{}_id", naming::singular(&parent.name)) =>
        {
            let role = column.name.strip_suffix("_id").unwrap_or(&column.name);
            let role = role
                .strip_suffix(&naming::singular(&parent.name))
                .unwrap_or(role);
            naming::camel(&format!("{role}_{plain}"))
        }
        None => naming::camel(&plain),
    };
    let of_this = format!(
        "whose `{}` is this {}",
        forward_field(column, rules),
        parent.noun
    );
    Relation {
        field,
        to: key.child,
        cardinality: if one_to_one {
            Cardinality::One
        } else {
            Cardinality::Many
        },
        from_column: key.parent_column,
        to_column: key.child_column,
        nullable: one_to_one,
        comment: match one_to_one {
            true => format!("The {} {of_this}; null if there is none.", child.noun),
            false => format!("The {} {of_this}.", child.nouns),
        },
        log: None,
    }
}
