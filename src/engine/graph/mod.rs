//! Graphs: what lies around an entity, over relationships of relationships.

mod compile;
mod plan;
mod schema;
mod write;

use super::catalog::Graph;
use super::names::names;
use super::plan::{Arguments, ListIndex, NodeIndex, OutputField};
use super::row::One;

pub use self::compile::compile;
pub use self::plan::plan;
pub use self::schema::{direction, neighbour, neighbourhood, neighbourhood_field, path_step};
pub use self::write::write;

/// The greatest distance of a walk.
const MOST_DEPTH: u64 = 5;
/// The distance of a walk that does not say one.
const DEFAULT_DEPTH: u64 = 1;

names! {
    NeighbourhoodArgument {
        Depth = "depth",
        RelationshipTypes = "relationshipTypes",
        Direction = "direction",
        MinStrength = "minStrength",
        First = "first",
    }
}

names! { GraphDirection { Outgoing = "OUTGOING", Incoming = "INCOMING", Both = "BOTH" } }

names! { NeighbourhoodField { Nodes = "nodes", IsComplete = "isComplete" } }

names! { NeighbourField { Entity = "entity", Depth = "depth", Path = "path" } }

names! { StepField { RelationshipId = "relationshipId", EntityId = "entityId" } }

/// A compiled walk from each row of the parent.
#[derive(Debug)]
pub struct Neighbourhood {
    graph: Graph,
    node: NodeIndex,
    index: ListIndex,
    arguments: Arguments,
    fields: Vec<OutputField<NeighbourhoodPart>>,
}

/// A field of a neighbourhood.
#[derive(Debug)]
enum NeighbourhoodPart {
    Nodes(Vec<OutputField<NeighbourPart>>),
    IsComplete,
}

/// A field of a neighbour.
#[derive(Debug)]
enum NeighbourPart {
    Entity(One),
    Depth,
    Path(Vec<OutputField<StepField>>),
}

/// The columns of the rows of a walk, whose first is the key.
mod column {
    pub const ENTITY: usize = 1;
    pub const DEPTH: usize = 2;
    pub const RELATIONSHIP: usize = 3;
    pub const PREVIOUS: usize = 4;
    pub const COMPLETE: usize = 5;
}
