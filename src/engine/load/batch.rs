//! The batch function: what one level of a plan asks for becomes as few statements as it can.

use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use dataloader::BatchFn;
use uuid::Uuid;

use super::paging;
use super::rows::{Chunk, Rows, Span, int8, uuid};
use super::{HashMap, HashSet, Reading, Spent};
use crate::db::{Ask, Row, Scope, Then};
use crate::engine::catalog::ColumnId;
use crate::engine::explain::One as Sending;
use crate::engine::plan::{NodeIndex, Plan};
use crate::engine::select::{Keys, Paging, Select};
use crate::error::Error;
use crate::sql::Statement;

/// What a node asks for: the rows of these keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    pub node: NodeIndex,
    pub keys: Arc<[Uuid]>,
}

/// A node is asked for once or twice in an operation, and its keys can be thousands.
impl Hash for Demand {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.node.hash(state);
    }
}

impl Demand {
    /// The demand of a node that has no keys.
    pub fn root(node: NodeIndex) -> Self {
        Self {
            node,
            keys: Arc::default(),
        }
    }
}

/// The rows of a demand.
pub type Fetched = Result<Arc<Rows>, Error>;

/// Owns the read scope for as long as the loader lives.
pub struct Batch<'a> {
    plan: &'a Plan,
    reading: Reading<'a>,
    spent: &'a Mutex<Spent>,
    scope: &'a mut Scope,
    /// What follows the last level.
    at_end: Then,
    /// The depth of the last level.
    deepest: usize,
    /// For each node the first one that reads the same.
    first: Vec<NodeIndex>,
    /// Nodes that read the same as another.
    shared: HashSet<NodeIndex>,
    /// What those have read so far, by the first of them. A key is asked for once in an operation,
    /// by whichever branch or level comes first; without a span it has no rows.
    known: HashMap<(NodeIndex, Uuid), Option<Span>>,
    round_trips: usize,
}

impl<'a> Batch<'a> {
    pub fn new(
        plan: &'a Plan,
        reading: Reading<'a>,
        spent: &'a Mutex<Spent>,
        (scope, at_end): (&'a mut Scope, Then),
    ) -> Self {
        let mut selects: HashMap<&Select, NodeIndex> = HashMap::default();
        let mut shared = HashSet::default();
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
            deepest: plan.nodes.iter().map(|node| node.depth).max().unwrap_or(0),
            shared,
            plan,
            reading,
            spent,
            scope,
            at_end,
            known: HashMap::default(),
            round_trips: 0,
        }
    }

    /// Reads a level: the rows of each of its demands, in their order.
    pub async fn read(&mut self, demands: &[Demand]) -> Result<Vec<Arc<Rows>>, Error> {
        // Statements are sent in the order of the query.
        let mut ordered: Vec<usize> = (0..demands.len()).collect();
        ordered.sort_by_key(|&place| demands[place].node);
        let mut groups: Vec<Group<'_>> = Vec::new();
        for place in ordered {
            let demand = &demands[place];
            let first = self.first[demand.node];
            match groups.iter_mut().find(|group| group.first == first) {
                Some(group) => {
                    group.demands.push(demand);
                    group.places.push(place);
                }
                None => groups.push(Group {
                    first,
                    demands: vec![demand],
                    places: vec![place],
                }),
            }
        }
        let read = self.level(&groups).await?;
        let mut rows = vec![Arc::default(); demands.len()];
        for (group, read) in groups.iter().zip(read) {
            for (&place, read) in group.places.iter().zip(read) {
                rows[place] = read;
            }
        }
        Ok(rows)
    }

    /// Reads the groups of a level. Their statements go out with one message.
    async fn level(&mut self, groups: &[Group<'_>]) -> Result<Vec<Vec<Arc<Rows>>>, Error> {
        let depth = |group: &Group<'_>| self.plan.nodes[group.demands[0].node].depth;
        let last = groups.iter().any(|group| depth(group) == self.deepest);
        let wanted: Vec<Wanted> = groups.iter().map(|group| self.wanted(group)).collect();
        let scans = wanted.iter().any(|wanted| wanted.scan.is_some());
        let asked: Vec<usize> = (0..groups.len()).filter(|&one| wanted[one].asks).collect();
        // A scan may have to be asked again in another way, over the same snapshot.
        let then = if last && !scans {
            self.at_end
        } else {
            Then::More
        };
        let first = |one: usize| {
            let paging = wanted[one]
                .scan
                .map_or(Paging::Lateral, |most| Paging::Scan { most });
            (one, paging)
        };
        let asks: Vec<_> = asked.iter().map(|&one| first(one)).collect();
        let mut read = vec![None; groups.len()];
        self.fetch(groups, &wanted, &asks, then, &mut read).await?;
        // Where a scan met its limit, it is as if it had not been made.
        let met = |one: &usize| {
            let limit = wanted[*one].scan;
            let rows = read[*one].as_ref().map_or(0, |rows: &Chunk| rows.len());
            limit.is_some_and(|limit| rows as u64 >= limit)
        };
        let again: Vec<_> = asked
            .iter()
            .filter(|one| met(one))
            .map(|&one| (one, Paging::Lateral))
            .collect();
        if !again.is_empty() {
            tracing::debug!(
                statements = again.len(),
                "scans met their limit; pages are read one by one"
            );
            let then = if last { self.at_end } else { Then::More };
            self.fetch(groups, &wanted, &again, then, &mut read).await?;
        }
        let again: HashSet<usize> = again.into_iter().map(|(one, _)| one).collect();
        let rows = groups.iter().zip(&wanted).enumerate();
        rows.map(|(index, (group, wanted))| {
            let rows = read[index].take();
            self.rows(
                group,
                wanted,
                rows,
                wanted.scan.is_some() && !again.contains(&index),
            )
        })
        .collect()
    }

    /// What has to be read for a group.
    fn wanted(&self, group: &Group<'_>) -> Wanted {
        let select = &self.plan.nodes[group.first].select;
        if select.keys == Keys::None {
            return Wanted {
                asks: true,
                keys: Arc::default(),
                scan: None,
            };
        }
        let keys = if self.shared.contains(&group.first) {
            let mut seen = HashSet::default();
            let keys = group.demands.iter().flat_map(|demand| demand.keys.iter());
            keys.copied()
                .filter(|&key| seen.insert(key) && !self.known.contains_key(&(group.first, key)))
                .collect()
        } else {
            Arc::clone(&group.demands[0].keys)
        };
        let scan = match select.keys {
            Keys::PageOf(column) => self.scan_limit(select, column, keys.len()),
            _ => None,
        };
        Wanted {
            asks: !keys.is_empty(),
            keys,
            scan,
        }
    }

    /// The rows of a group for each of its demands.
    fn rows(
        &mut self,
        group: &Group<'_>,
        wanted: &Wanted,
        read: Option<Chunk>,
        scanned: bool,
    ) -> Result<Vec<Arc<Rows>>, Error> {
        let demands = &group.demands;
        let select = &self.plan.nodes[demands[0].node].select;
        let mut found = Vec::new();
        if let Some(read) = read {
            if select.keys == Keys::None {
                self.spend(demands, read.len());
                let rows = Arc::new(Rows::root(read));
                return Ok(demands.iter().map(|_| Arc::clone(&rows)).collect());
            }
            let page = match select.page.limit {
                Some(limit) if scanned => usize::try_from(limit).unwrap_or(usize::MAX),
                _ => usize::MAX,
            };
            found = match select.keys {
                Keys::PageOf(_) if select.output.is_rows() && !scanned => {
                    spans(&read, page, |row| {
                        let position = usize::try_from(int8(row, 0)?.checked_sub(1)?).ok()?;
                        wanted.keys.get(position).copied()
                    })?
                }
                _ => spans(&read, page, |row| uuid(row, 0))?,
            };
            let shown = match scanned {
                true => found.iter().map(|(_, span)| span.range.len()).sum(),
                false => read.len(),
            };
            self.spend(demands, shown);
        }
        let first = group.first;
        if !self.shared.contains(&first) {
            return Ok(vec![Arc::new(Rows::keyed(found.into_iter()))]);
        }
        let nothing = wanted.keys.iter().map(|&key| ((first, key), None));
        self.known.extend(nothing);
        let spans = found.into_iter();
        self.known
            .extend(spans.map(|(key, span)| ((first, key), Some(span))));
        let rows = |demand: &&Demand| {
            let spans = demand.keys.iter().filter_map(|&key| {
                let span = self.known.get(&(first, key))?.clone()?;
                Some((key, span))
            });
            Arc::new(Rows::keyed(spans))
        };
        Ok(demands.iter().map(rows).collect())
    }

    /// The most rows of a scan, where the statistics favour one.
    fn scan_limit(&self, select: &Select, column: ColumnId, keys: usize) -> Option<u64> {
        // What a search computes of rows that no page shows would be for nothing.
        if !select.output.is_rows() || select.is_searched() {
            return None;
        }
        let table = self.reading.catalog.table(select.table());
        let column = &table.column(column).name;
        let average = self.reading.statistics.rows_per_key(&table.name, column)?;
        paging::is_scanned(average, &select.page).then(|| paging::scan_limit(average, keys))
    }

    fn statement(&self, select: &Select, paging: Paging, keys: &[Uuid]) -> Statement {
        let Reading {
            catalog,
            caller,
            statements,
            ..
        } = self.reading;
        let statement = statements.of(catalog, caller, select, paging);
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

    /// Runs the statements of some groups, and puts their rows where those of the groups stand.
    async fn fetch(
        &mut self,
        groups: &[Group<'_>],
        wanted: &[Wanted],
        asks: &[(usize, Paging)],
        then: Then,
        read: &mut [Option<Chunk>],
    ) -> Result<(), Error> {
        if asks.is_empty() {
            return Ok(());
        }
        let kept: Vec<bool> = match self.reading.sent {
            Some(_) => asks
                .iter()
                .map(|&(one, paging)| self.keeps(&groups[one], paging))
                .collect(),
            None => Vec::new(),
        };
        let started = self.reading.sent.map(|_| Instant::now());
        let statements = asks.iter().map(|&(one, paging)| {
            let select = &self.plan.nodes[groups[one].demands[0].node].select;
            self.statement(select, paging, &wanted[one].keys)
        });
        let statements: Vec<Statement> = statements.collect();
        let level = statements
            .iter()
            .zip(asks)
            .map(|(statement, (one, _))| Ask {
                statement,
                // They take the place that the renderer kept for them.
                keys: Some(&wanted[*one].keys[..]).filter(|keys| !keys.is_empty()),
            });
        let level: Vec<Ask<'_>> = level.collect();
        // A key has a row at least, as a rule.
        let rows = asks.iter().map(|&(one, _)| wanted[one].keys.len());
        let mut rows: Vec<Vec<Row>> = rows.map(Vec::with_capacity).collect();
        let budget = self.reading.budget;
        let take = |statement: usize, row: Row| {
            budget.read(row.size().saturating_sub(2 + 4 * row.len()))?;
            rows[statement].push(row);
            Ok(())
        };
        self.scope.run(&level, then, take).await?;
        self.round_trips += 1;
        if let (Some(sent), Some(started)) = (self.reading.sent, started) {
            let milliseconds = started.elapsed().as_secs_f64() * 1000.0;
            for (place, ((one, _), statement)) in asks.iter().zip(&statements).enumerate() {
                let nodes = groups[*one].demands.iter().map(|demand| demand.node);
                sent.add(Sending {
                    nodes: nodes.collect(),
                    statement: statement.clone(),
                    keys: Arc::clone(&wanted[*one].keys),
                    rows: rows[place].len(),
                    round_trip: self.round_trips,
                    milliseconds,
                    kept: kept[place],
                });
            }
        }
        for (&(one, _), rows) in asks.iter().zip(rows) {
            read[one] = Some(Arc::new(rows));
        }
        Ok(())
    }

    fn keeps(&self, group: &Group<'_>, paging: Paging) -> bool {
        let select = &self.plan.nodes[group.demands[0].node].select;
        self.reading.statements.has(select, paging)
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
    async fn load(&mut self, demands: &[Demand]) -> std::collections::HashMap<Demand, Fetched> {
        match self.read(demands).await {
            Ok(rows) => {
                let rows = rows.into_iter().map(Ok);
                demands.iter().cloned().zip(rows).collect()
            }
            Err(error) => {
                let refused = demands.iter().cloned();
                refused.map(|demand| (demand, Err(error.clone()))).collect()
            }
        }
    }
}

/// The demands of a level that one statement answers.
struct Group<'d> {
    /// The first node that reads the same.
    first: NodeIndex,
    demands: Vec<&'d Demand>,
    /// The places of the demands in the level.
    places: Vec<usize>,
}

/// What has to be read for a group.
struct Wanted {
    /// Whether anything has to be.
    asks: bool,
    keys: Arc<[Uuid]>,
    /// The most rows of a scan, where the statistics favour one.
    scan: Option<u64>,
}

/// The rows of each key: those that stand together and whose key is the same, `page` at most.
fn spans<'r>(
    rows: &'r Chunk,
    page: usize,
    key: impl Fn(&'r Row) -> Option<Uuid>,
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
