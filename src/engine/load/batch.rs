//! The batch function: what one level of a plan asks for becomes as few statements as it can.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use dataloader::BatchFn;
use uuid::Uuid;

use super::paging;
use super::rows::{Chunk, Rows, Span, int8, uuid};
use super::{Reading, Spent};
use crate::db::ReadScope;
use crate::engine::catalog::ColumnId;
use crate::engine::plan::{NodeIndex, Plan};
use crate::engine::select::{Keys, Paging, Select, render};
use crate::error::Error;
use crate::sql::Statement;

/// What a node asks for: the rows of these keys.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Demand {
    pub node: NodeIndex,
    pub keys: Arc<[Uuid]>,
}

/// The rows of a demand.
pub type Fetched = Result<Arc<Rows>, Error>;

/// Owns the read scope for as long as the loader lives.
pub struct Batch<'a> {
    plan: &'a Plan,
    reading: Reading<'a>,
    spent: &'a Mutex<Spent>,
    scope: ReadScope,
    /// For each node the first one that reads the same.
    first: Vec<NodeIndex>,
    /// Nodes that read the same as another.
    shared: HashSet<NodeIndex>,
    /// What those have read so far, by the first of them. A key is asked for once in an operation,
    /// by whichever branch or level comes first; without a span it has no rows.
    known: HashMap<(NodeIndex, Uuid), Option<Span>>,
}

impl<'a> Batch<'a> {
    pub fn new(
        plan: &'a Plan,
        reading: Reading<'a>,
        spent: &'a Mutex<Spent>,
        scope: ReadScope,
    ) -> Self {
        let mut selects: HashMap<&Select, NodeIndex> = HashMap::new();
        let mut shared = HashSet::new();
        let nodes = plan.nodes.iter().enumerate();
        let first = nodes.map(|(index, node)| {
            let first = *selects.entry(&node.select).or_insert(index);
            if first != index {
                shared.extend([first, index]);
            }
            first
        });
        Self {
            first: first.collect(),
            shared,
            plan,
            reading,
            spent,
            scope,
            known: HashMap::new(),
        }
    }

    /// Reads what several nodes ask of one statement.
    async fn group(&mut self, demands: &[&Demand]) -> Result<Vec<Arc<Rows>>, Error> {
        let first = self.first[demands[0].node];
        if self.plan.nodes[first].select.keys == Keys::None {
            let rows = self.run(demands, &[]).await?;
            let rows = Arc::new(Rows::root(rows));
            return Ok(demands.iter().map(|_| Arc::clone(&rows)).collect());
        }
        if !self.shared.contains(&first) {
            let keys = &demands[0].keys;
            let rows = self.keyed(demands, keys).await?;
            return Ok(vec![Arc::new(Rows::keyed(rows.into_iter()))]);
        }
        let mut seen = HashSet::new();
        let keys = demands
            .iter()
            .flat_map(|demand| demand.keys.iter().copied());
        let unknown: Vec<Uuid> = keys
            .filter(|&key| seen.insert(key) && !self.known.contains_key(&(first, key)))
            .collect();
        if !unknown.is_empty() {
            let read = self.keyed(demands, &unknown).await?;
            let nothing = unknown.into_iter().map(|key| ((first, key), None));
            self.known.extend(nothing);
            let spans = read
                .into_iter()
                .map(|(key, span)| ((first, key), Some(span)));
            self.known.extend(spans);
        }
        let rows = |demand: &&Demand| {
            let spans = demand.keys.iter().filter_map(|&key| {
                let span = self.known.get(&(first, key))?.clone()?;
                Some((key, span))
            });
            Arc::new(Rows::keyed(spans))
        };
        Ok(demands.iter().map(rows).collect())
    }

    /// Reads the rows of keys, and tells which rows are whose.
    async fn keyed(
        &mut self,
        demands: &[&Demand],
        keys: &[Uuid],
    ) -> Result<Vec<(Uuid, Span)>, Error> {
        let select = &self.plan.nodes[demands[0].node].select;
        if let Keys::PageOf(column) = select.keys
            && let Some(limit) = self.scan_limit(select, column, keys.len())
        {
            let scan = Paging::Scan { most: limit };
            let statement = self.statement(select, scan, keys);
            let rows = self.fetch(&statement, keys).await?;
            // Where it met its limit, it is as if it had not been made.
            if (rows.len() as u64) < limit {
                let page =
                    usize::try_from(select.page.limit.unwrap_or(limit)).unwrap_or(usize::MAX);
                let spans = spans(&rows, page, |row| uuid(row, 0))?;
                let shown = spans.iter().map(|(_, span)| span.range.len()).sum();
                self.spend(demands, shown);
                return Ok(spans);
            }
            tracing::debug!(
                table = self.reading.catalog.table(select.table()).name,
                limit,
                "a scan met its limit; pages are read one by one"
            );
        }
        let rows = self.run(demands, keys).await?;
        match select.keys {
            Keys::PageOf(_) if select.output.is_rows() => spans(&rows, usize::MAX, |row| {
                let position = usize::try_from(int8(row, 0)?.checked_sub(1)?).ok()?;
                keys.get(position).copied()
            }),
            _ => spans(&rows, usize::MAX, |row| uuid(row, 0)),
        }
    }

    /// The most rows of a scan, where the statistics favour one.
    fn scan_limit(&self, select: &Select, column: ColumnId, keys: usize) -> Option<u64> {
        if !select.output.is_rows() {
            return None;
        }
        let table = self.reading.catalog.table(select.table());
        let column = &table.column(column).name;
        let average = self.reading.statistics.rows_per_key(&table.name, column)?;
        paging::is_scanned(average, &select.page).then(|| paging::scan_limit(average, keys))
    }

    async fn run(&mut self, demands: &[&Demand], keys: &[Uuid]) -> Result<Chunk, Error> {
        let select = &self.plan.nodes[demands[0].node].select;
        let statement = self.statement(select, Paging::Lateral, keys);
        let rows = self.fetch(&statement, keys).await?;
        self.spend(demands, rows.len());
        Ok(rows)
    }

    fn statement(&self, select: &Select, paging: Paging, keys: &[Uuid]) -> Statement {
        let Reading {
            catalog, caller, ..
        } = self.reading;
        let statement = render(catalog, caller, select, paging);
        if select.keys != Keys::None {
            tracing::debug!(
                table = catalog.table(select.table()).name,
                keys = keys.len(),
                ?paging,
                "rows are read by key"
            );
        }
        statement
    }

    async fn fetch(&mut self, statement: &Statement, keys: &[Uuid]) -> Result<Chunk, Error> {
        // The driver puts keys in the place that the renderer kept for them.
        let keys = (!keys.is_empty()).then_some(keys);
        let (budget, mut rows) = (self.reading.budget, Vec::new());
        let take = |row, bytes| {
            budget.read(bytes)?;
            rows.push(row);
            Ok(())
        };
        self.scope.fetch(statement, keys, take).await?;
        Ok(Arc::new(rows))
    }

    fn spend(&self, demands: &[&Demand], rows: usize) {
        let nodes = || demands.iter().map(|demand| &self.plan.nodes[demand.node]);
        let weight = nodes().map(|node| node.weight).max().unwrap_or(1);
        let looks = nodes().map(|node| node.looks).max().unwrap_or(0);
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        spent.statements += 1;
        spent.rows += rows as u64;
        spent.weighted += rows as u64 * weight + looks;
    }
}

impl BatchFn<Demand, Fetched> for Batch<'_> {
    async fn load(&mut self, demands: &[Demand]) -> HashMap<Demand, Fetched> {
        let mut ordered: Vec<&Demand> = demands.iter().collect();
        // Statements are sent in the order of the query.
        ordered.sort_by_key(|demand| demand.node);
        let mut groups: Vec<Vec<&Demand>> = Vec::new();
        for demand in ordered {
            let first = self.first[demand.node];
            let twin = groups
                .iter_mut()
                .find(|group| self.first[group[0].node] == first);
            match twin {
                Some(group) => group.push(demand),
                None => groups.push(vec![demand]),
            }
        }
        let mut answers = HashMap::with_capacity(demands.len());
        let mut failed: Option<Error> = None;
        for group in groups {
            let outcome = match &failed {
                // What failed once would fail again, and its scope may be in the middle of it.
                Some(error) => Err(error.clone()),
                None => self.group(&group).await,
            };
            match outcome {
                Ok(rows) => answers.extend(
                    group
                        .into_iter()
                        .zip(rows)
                        .map(|(demand, rows)| (demand.clone(), Ok(rows))),
                ),
                Err(error) => {
                    let refused = group.into_iter();
                    answers.extend(refused.map(|demand| (demand.clone(), Err(error.clone()))));
                    failed = Some(error);
                }
            }
        }
        answers
    }
}

/// The rows of each key: those that stand together and whose key is the same, `page` at most.
fn spans<'r>(
    rows: &'r Chunk,
    page: usize,
    key: impl Fn(&'r sqlx::postgres::PgRow) -> Option<Uuid>,
) -> Result<Vec<(Uuid, Span)>, Error> {
    let mut spans: Vec<(Uuid, Range<usize>)> = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let key =
            key(row).ok_or_else(|| Error::internal("a row does not say which key it is for"))?;
        match spans.last_mut() {
            Some((last, range)) if *last == key => range.end = index + 1,
            _ => spans.push((key, index..index + 1)),
        }
    }
    Ok(spans
        .into_iter()
        .map(|(key, range)| {
            let end = range.end.min(range.start.saturating_add(page));
            let span = Span {
                chunk: Arc::clone(rows),
                range: range.start..end,
            };
            (key, span)
        })
        .collect())
}
