//! Explains an operation: the statements that it was answered with, and what would make them faster.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::catalog::{Catalog, ColumnId, Index, Operator, Table};
use super::load;
use super::plan::{Node, NodeIndex, Plan, Statement as Compiled};
use super::select::{Expr, Keys, Predicate};
use crate::db::{Ask, Scope, Then};
use crate::error::Error;
use crate::sql::{OWN_TYPE, Statement, Value, quoted};

/// What an explanation tells.
#[derive(Clone, Copy, Debug)]
pub struct Explain {
    /// The values of the parameters, too.
    pub values: bool,
    /// PostgreSQL's plans, too, which are asked for after the operation.
    pub plans: bool,
}

/// What was sent to the database for an operation, while it is gathered.
#[derive(Default)]
pub struct Sent(Mutex<Vec<One>>);

/// A statement that was sent.
pub struct One {
    /// The nodes that it reads for.
    pub nodes: Vec<NodeIndex>,
    pub statement: Statement,
    pub keys: Arc<[Uuid]>,
    pub rows: usize,
    /// Number of the round trip, from 1, and the milliseconds that it took with all its statements.
    pub round_trip: usize,
    pub milliseconds: f64,
    /// Whether its text was kept from an earlier request.
    pub kept: bool,
}

/// Values of a parameter that are shown.
const SHOWN: usize = 20;

impl Sent {
    pub fn add(&self, one: One) {
        let mut sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sent.push(one);
    }

    /// The explanation, as `extensions.explain` has it. For plans, `scope` opens a transaction.
    ///
    /// # Errors
    /// Those of the database, where plans are asked for.
    pub async fn tell(
        self,
        catalog: &Catalog,
        (compiled, plan): (&[Compiled], &Plan),
        explain: Explain,
        scope: impl FnOnce() -> Scope,
    ) -> Result<Json, Error> {
        let sent = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut plans = vec![None; sent.len()];
        if explain.plans && !sent.is_empty() {
            plans = ask_for_plans(&sent, scope()).await?;
        }
        let statements = sent.iter().zip(plans).map(|(one, plan_of)| {
            let paths = one.nodes.iter().map(|&node| compiled[node].path.join("."));
            let node = &plan.nodes[one.nodes[0]];
            let mut told = json!({
                "paths": paths.collect::<Vec<_>>(),
                "table": catalog.table(node.table()).name,
                "roundTrip": one.round_trip,
                "milliseconds": (one.milliseconds * 1000.0).round() / 1000.0,
                "rows": one.rows,
                "textWasKept": one.kept,
                "statement": one.statement.text(),
                "parameters": parameters(one, explain.values),
            });
            if let Some(index) = missing_index(catalog, node) {
                told["index"] = index;
            }
            if let Some(plan) = plan_of {
                told["plan"] = json!(plan);
            }
            told
        });
        Ok(Json::Array(statements.collect()))
    }
}

/// Asks PostgreSQL how it plans the statements with these values.
async fn ask_for_plans(sent: &[One], mut scope: Scope) -> Result<Vec<Option<Vec<String>>>, Error> {
    let explained = sent.iter().map(|one| {
        let prepared = &one.statement.prepared;
        let text = format!("explain {}", prepared.text());
        let values = Arc::clone(&one.statement.values);
        Statement::typed(text, values, prepared.types().to_vec())
    });
    let explained: Vec<Statement> = explained.collect();
    let level = explained.iter().zip(sent).map(|(statement, one)| Ask {
        statement,
        keys: Some(&one.keys[..]).filter(|keys| !keys.is_empty()),
    });
    let level: Vec<Ask<'_>> = level.collect();
    let mut plans = vec![Some(Vec::new()); sent.len()];
    let take = |statement: usize, row: load::Row| {
        let line = load::bytes(&row, 0).unwrap_or_default();
        if let Some(plan) = &mut plans[statement] {
            plan.push(String::from_utf8_lossy(line).into_owned());
        }
        Ok(())
    };
    scope.run(&level, Then::End, take).await?;
    Ok(plans)
}

fn parameters(one: &One, values: bool) -> Vec<Json> {
    let types = one.statement.prepared.types();
    let parameters = one.statement.values.iter().enumerate();
    parameters
        .map(|(place, value)| {
            let mut told = json!({ "type": type_name(value, types.get(place).copied()) });
            if values {
                told["value"] = match (place, value) {
                    (1, Value::Uuids(own)) if own.is_empty() => shown(&one.keys),
                    _ => shown_value(value),
                };
            }
            told
        })
        .collect()
}

fn type_name(value: &Value, given: Option<u32>) -> &'static str {
    if given == Some(OWN_TYPE) {
        return "as the statement says";
    }
    match value {
        Value::Uuid(_) => "uuid",
        Value::Uuids(_) => "uuid[]",
        Value::Text(_) | Value::Json(_) => "text",
        Value::Texts(_) => "text[]",
        Value::Int(_) => "integer",
        Value::Ints(_) => "integer[]",
        Value::BigInt(_) => "bigint",
        Value::BigInts(_) => "bigint[]",
        Value::Boolean(_) => "boolean",
        Value::Float(_) => "double precision",
        Value::Timestamp(_) => "timestamp with time zone",
        Value::Timestamps(_) => "timestamp with time zone[]",
        Value::Date(_) => "date",
        Value::Dates(_) => "date[]",
        Value::Array(_) => "array",
    }
}

/// The first values of a list, and how many there are.
fn shown<T: serde::Serialize>(values: &[T]) -> Json {
    match values.len() {
        0..=SHOWN => json!(values),
        all => json!({ "first": values[..SHOWN], "of": all }),
    }
}

/// Times are told as PostgreSQL's binary form has them: microseconds or days since 2000.
fn shown_value(value: &Value) -> Json {
    match value {
        Value::Uuid(id) => json!(id),
        Value::Uuids(ids) => shown(ids),
        Value::Text(text) | Value::Json(text) => json!(text),
        Value::Texts(texts) => shown(texts),
        Value::Int(number) | Value::Date(number) => json!(number),
        Value::Ints(numbers) | Value::Dates(numbers) => shown(numbers),
        Value::BigInt(number) | Value::Timestamp(number) => json!(number),
        Value::BigInts(numbers) | Value::Timestamps(numbers) => shown(numbers),
        Value::Boolean(boolean) => json!(boolean),
        Value::Float(number) => json!(number.value()),
        Value::Array(array) => json!({ "of": array.items.len() }),
    }
}

/// The index that a filter or an order lacks, and the statement that makes it.
fn missing_index(catalog: &Catalog, node: &Node) -> Option<Json> {
    let select = &node.select;
    let table = catalog.table(select.table());
    // Views have no tables of their own here, and keys have their indexes.
    if !table.has_id || node.looks == 0 || !select.output.is_rows() && select.filter.is_empty() {
        return None;
    }
    let mut wanted = Wanted::default();
    for predicate in &select.filter {
        wanted.add(predicate);
    }
    let terms = select.page.order.iter();
    let ordered: Vec<(ColumnId, bool)> = terms
        .map_while(|term| Some((term.by.own()?, term.descending)))
        .filter(|(column, _)| !wanted.equal.contains(column) && !table.key.contains(column))
        .collect();
    let parent = match &select.keys {
        Keys::PageOf(column) => Some(*column),
        _ => None,
    };
    let mut columns: Vec<(ColumnId, bool)> = parent.into_iter().map(|one| (one, false)).collect();
    columns.extend(wanted.equal.iter().map(|&column| (column, false)));
    match wanted.range {
        Some(column) => columns.push((column, false)),
        None if select.output.is_rows() => columns.extend(ordered),
        None => {}
    }
    // Those that an index begins with already are served.
    let begins = |index: &Index| {
        let mut own = index.columns.iter().map(|(column, _)| *column);
        let first = own.find(|&column| table.column(column).name != "workspace_id");
        first
            == columns
                .get(usize::from(parent.is_some()))
                .map(|(column, _)| *column)
    };
    if columns.len() == usize::from(parent.is_some()) || table.indexes.iter().any(begins) {
        return None;
    }
    let fields = columns
        .iter()
        .map(|(column, _)| &table.column(*column).field);
    let fields: Vec<&String> = fields.collect();
    Some(json!({ "fields": fields, "create": create_index(table, &columns) }))
}

/// The columns that a filter compares with values, as far as a B-tree can find them.
#[derive(Default)]
struct Wanted {
    equal: Vec<ColumnId>,
    range: Option<ColumnId>,
}

impl Wanted {
    fn add(&mut self, predicate: &Predicate) {
        match predicate {
            Predicate::All(parts) => parts.iter().for_each(|part| self.add(part)),
            Predicate::Compare {
                left: Expr::Column(column),
                operator,
                insensitive: false,
                ..
            } => match operator {
                Operator::Eq | Operator::In if !self.equal.contains(column) => {
                    self.equal.push(*column);
                }
                Operator::Lt | Operator::Lte | Operator::Gt | Operator::Gte => {
                    self.range.get_or_insert(*column);
                }
                _ => {}
            },
            _ => {}
        }
    }
}

fn create_index(table: &Table, columns: &[(ColumnId, bool)]) -> String {
    let workspace = table.has_workspace.then(|| "workspace_id".to_owned());
    let last = columns.last().is_some_and(|(_, descending)| *descending);
    let key = table.key.iter().map(|&column| (column, last));
    let columns = columns
        .iter()
        .copied()
        .chain(key)
        .map(|(column, descending)| {
            let way = if descending { " desc" } else { "" };
            format!("{}{way}", quoted(&table.column(column).name))
        });
    let columns: Vec<String> = workspace.into_iter().chain(columns).collect();
    format!(
        "create index concurrently on public.{} ({})",
        quoted(&table.name),
        columns.join(", ")
    )
}
