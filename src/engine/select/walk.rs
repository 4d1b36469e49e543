//! Walks over graphs: from each key to the entities around it.
//!
//! A step goes from the entities that the step before found over their relationships to entities
//! that were not found yet. So each is found once, at its smallest distance, and cycles end. What
//! a step has found stands in one row for each key, as arrays, because PostgreSQL shows a
//! recursive query nothing but the rows of the last step.

use super::render::Renderer;
use super::scoped;
use super::shape::Leaf;
use crate::engine::catalog::{ColumnId, Graph, Kind};
use crate::sql::Value;

/// The most relationships that one step from one key looks at.
pub const MOST_RELATIONSHIPS: u64 = 10_000;

/// A walk. Its rows are the key, the entity, the distance, the relationship over which it was
/// reached, the entity before it, and whether the step looked at everything. Where one did not and
/// found nothing, there is a row without an entity.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Walk<V = Value> {
    pub graph: Graph,
    /// Whether relationships are followed from source to target, and from target to source.
    pub outgoing: bool,
    pub incoming: bool,
    /// The greatest distance.
    pub depth: V,
    /// How many entities are found for a key at most, the key itself included.
    pub most: V,
    /// The types of relationships that are followed; all without.
    pub types: Option<V>,
    /// The least strength of them.
    pub strength: Option<V>,
}

impl Walk {
    /// About how many bytes its values take.
    pub fn bytes(&self) -> usize {
        let values = [
            Some(&self.depth),
            Some(&self.most),
            self.types.as_ref(),
            self.strength.as_ref(),
        ];
        values.into_iter().flatten().map(Value::bytes).sum()
    }
}

impl<V> Walk<V> {
    /// The same walk with other values.
    pub fn map<'v, W>(&'v self, mut value: impl FnMut(&'v V) -> W) -> Walk<W> {
        Walk {
            graph: self.graph,
            outgoing: self.outgoing,
            incoming: self.incoming,
            depth: value(&self.depth),
            most: value(&self.most),
            types: self.types.as_ref().map(&mut value),
            strength: self.strength.as_ref().map(&mut value),
        }
    }
}

impl Renderer<'_> {
    /// The statement of a walk.
    pub(super) fn walk(&mut self, walk: &Walk<Leaf>) -> String {
        let Graph { source, target, .. } = walk.graph;
        let ways = [
            (walk.outgoing, source, target),
            (walk.incoming, target, source),
        ];
        let ways = ways.into_iter().filter(|(wanted, ..)| *wanted);
        let relationships: Vec<String> = ways
            .map(|(_, from, to)| self.relationships(walk, from, to))
            .collect();
        let relationships = relationships.join("\nunion all\n");
        let nearest = self.nearest(walk.graph);
        let most = self.parameters.of(walk.most, Kind::Int);
        let depth = self.parameters.of(walk.depth, Kind::Int);
        let array = |column: &str| {
            format!("array_agg(n.{column} order by n.strength desc, n.entity) as {column}")
        };
        let (entity, relationship, previous) =
            (array("entity"), array("relationship"), array("previous"));
        let limit = MOST_RELATIONSHIPS + 1;
        format!(
            "with recursive walk as (
select k.key as start, 0 as depth, array[k.key] as seen, array[k.key] as entity, array[null::uuid] as relationship, array[null::uuid] as previous, true as complete
from unnest($2::uuid[]) k(key)
union all
select w.start, w.depth + 1, w.seen || s.entity, s.entity, s.relationship, s.previous, s.complete
from walk w
cross join lateral (
with followed as materialized (
{relationships}
limit {limit}
), nearest as (
{nearest}
)
select {entity}, {relationship}, {previous}, (select count(*) < {limit} from followed) as complete
from (select * from nearest order by strength desc, entity limit greatest({most} - cardinality(w.seen), 0)) n
) s
where w.depth < {depth} and cardinality(w.seen) < {most}
)
select w.start, e.entity, w.depth::bigint, e.relationship, e.previous, w.complete
from walk w
left join lateral unnest(w.entity, w.relationship, w.previous) with ordinality e(entity, relationship, previous, n) on true
where w.depth > 0 and (e.entity is not null or not w.complete)
order by w.start, w.depth, e.n"
        )
    }

    /// The relationships that lead on from the entities of the last step.
    fn relationships(&mut self, walk: &Walk<Leaf>, from: ColumnId, to: ColumnId) -> String {
        let graph = walk.graph;
        let alias = self.new_alias();
        let frame = self.enter(self.catalog.table(graph.relationships), alias);
        let (table, mut conditions) = self.mention(scoped(graph.relationships));
        let [from, to, id, strength] =
            [from, to, graph.relationship, graph.strength].map(|column| self.column(column));
        conditions.push(format!("{from} = f.id"));
        if let Some(types) = walk.types {
            let kind = self.table.column(graph.kind).kind;
            let types = self.parameters.of(types, kind);
            conditions.push(format!("{} = any({types})", self.column(graph.kind)));
        }
        if let Some(least) = walk.strength {
            let kind = self.table.column(graph.strength).kind;
            let least = self.parameters.of(least, kind);
            conditions.push(format!("{strength} >= {least}"));
        }
        self.leave(frame);
        let conditions = conditions.join(" and ");
        format!(
            "select {to} as entity, {id} as relationship, f.id as previous, {strength} as strength\n\
             from unnest(w.entity) f(id) join {table} on {conditions}"
        )
    }

    /// The entities that they lead to and that were not found before, each by its strongest
    /// relationship. Others than the caller may read are not found, so nothing leads over them.
    fn nearest(&mut self, graph: Graph) -> String {
        let alias = self.new_alias();
        let frame = self.enter(self.catalog.table(graph.entities), alias);
        let (table, mut conditions) = self.mention(scoped(graph.entities));
        conditions.push(format!("{} = c.entity", self.column(graph.entity)));
        self.leave(frame);
        let conditions = conditions.join(" and ");
        format!(
            "select distinct on (c.entity) c.entity, c.relationship, c.previous, c.strength\n\
             from followed c join {table} on {conditions}\n\
             where not exists (select from unnest(w.seen) s(id) where s.id = c.entity)\n\
             order by c.entity, c.strength desc, c.relationship"
        )
    }
}
