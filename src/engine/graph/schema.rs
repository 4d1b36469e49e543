//! Declares the walk from an entity, and the types of what it finds.

use async_graphql::Value;
use async_graphql::dynamic::{Enum, Field, InputValue, Object, TypeRef};

use super::{
    DEFAULT_DEPTH, GraphDirection, MOST_DEPTH, NeighbourField, NeighbourhoodArgument,
    NeighbourhoodField, StepField,
};
use crate::engine::catalog::{Catalog, Graph, NEIGHBOURHOOD};
use crate::engine::declare::{self, field};
use crate::engine::names::Named;
use crate::engine::scalar::type_name;
use crate::engine::select::MOST_RELATIONSHIPS;

const DIRECTION: &str = "GraphDirection";

/// Name of the type of what lies around an entity.
pub fn neighbourhood_name(catalog: &Catalog, graph: &Graph) -> String {
    format!("{}Neighbourhood", catalog.table(graph.entities).type_name)
}

/// Name of the type of an entity around another.
pub fn neighbour_name(catalog: &Catalog, graph: &Graph) -> String {
    format!("{}Neighbour", catalog.table(graph.entities).type_name)
}

/// Name of the type of a step on the way to it.
pub fn step_name(catalog: &Catalog, graph: &Graph) -> String {
    format!("{}PathStep", catalog.table(graph.entities).type_name)
}

/// The field that walks from an entity.
pub fn neighbourhood_field(catalog: &Catalog, graph: &Graph) -> Field {
    let description = format!(
        "The {} around this one: those that relationships lead to, and what relationships of these lead to. Each is listed once, at its smallest distance.",
        catalog.table(graph.entities).nouns
    );
    let of = TypeRef::named_nn(neighbourhood_name(catalog, graph));
    let relationships = catalog.table(graph.relationships);
    let strength = relationships.column(graph.strength);
    NeighbourhoodArgument::ALL.iter().fold(
        field(NEIGHBOURHOOD, of, description),
        |field, &argument| {
            let (of, description, default) = match argument {
                NeighbourhoodArgument::Depth => (
                    TypeRef::named(TypeRef::INT),
                    format!("The greatest distance, in relationships: 1 to {MOST_DEPTH}."),
                    Some(Value::from(DEFAULT_DEPTH)),
                ),
                NeighbourhoodArgument::RelationshipTypes => (
                    TypeRef::named_nn_list(TypeRef::STRING),
                    "Follows relationships of these types only; of all types by default."
                        .to_owned(),
                    None,
                ),
                NeighbourhoodArgument::Direction => (
                    TypeRef::named(DIRECTION),
                    "In which direction relationships are followed.".to_owned(),
                    Some(Value::Enum(async_graphql::Name::new(
                        GraphDirection::Both.name(),
                    ))),
                ),
                NeighbourhoodArgument::MinStrength => (
                    TypeRef::named(type_name(catalog, strength.kind)),
                    "Follows relationships of this strength or a greater one only.".to_owned(),
                    None,
                ),
                NeighbourhoodArgument::First => (
                    TypeRef::named(TypeRef::INT),
                    "Returns the first n entities; 25 by default, 500 at most.".to_owned(),
                    None,
                ),
            };
            let input = InputValue::new(argument.name(), of).description(description);
            field.argument(match default {
                Some(default) => input.default_value(default),
                None => input,
            })
        },
    )
}

/// In which direction relationships are followed.
pub fn direction() -> Enum {
    let description = "In which direction relationships are followed.";
    declare::enumeration(DIRECTION, description, |direction| match direction {
        GraphDirection::Outgoing => "From source to target.",
        GraphDirection::Incoming => "From target to source.",
        GraphDirection::Both => "In both directions.",
    })
}

/// What lies around an entity.
pub fn neighbourhood(catalog: &Catalog, graph: &Graph) -> Object {
    let nouns = &catalog.table(graph.entities).nouns;
    let name = neighbourhood_name(catalog, graph);
    let description = format!("The {nouns} around another.");
    declare::object(name, description, |field| match field {
        NeighbourhoodField::Nodes => (
            TypeRef::named_nn_list_nn(neighbour_name(catalog, graph)),
            format!(
                "The {nouns}, nearest first. At the same distance those come first that the strongest relationships lead to; the id decides between equal ones."
            ),
        ),
        NeighbourhoodField::IsComplete => (
            TypeRef::named_nn(TypeRef::BOOLEAN),
            format!(
                "Whether these are all within `depth`. It is false if there are more than `first`, or if a step found more than {MOST_RELATIONSHIPS} relationships and looked at no more."
            ),
        ),
    })
}

/// An entity around another.
pub fn neighbour(catalog: &Catalog, graph: &Graph) -> Object {
    let entities = catalog.table(graph.entities);
    let name = neighbour_name(catalog, graph);
    let description = format!("A {} that a walk has found.", entities.noun);
    declare::object(name, description, |field| {
        match field {
        NeighbourField::Entity => (
            TypeRef::named_nn(&entities.type_name),
            format!("The {}.", entities.noun),
        ),
        NeighbourField::Depth => (
            TypeRef::named_nn(TypeRef::INT),
            "Its distance: the number of relationships on the shortest way.".to_owned(),
        ),
        NeighbourField::Path => (
            TypeRef::named_nn_list_nn(step_name(catalog, graph)),
            "A shortest way to it, from the first step on; each entity of it is reached by the strongest relationship of those that lead there from the step before."
                .to_owned(),
        ),
    }
    })
}

/// A step on the way to an entity.
pub fn path_step(catalog: &Catalog, graph: &Graph) -> Object {
    let name = step_name(catalog, graph);
    let description = "A step of a way: a relationship, and the entity that it leads to.";
    declare::object(name, description, |field| match field {
        StepField::RelationshipId => (
            TypeRef::named_nn(TypeRef::ID),
            "The `id` of the relationship.",
        ),
        StepField::EntityId => (
            TypeRef::named_nn(TypeRef::ID),
            "The `id` of the entity that the step leads to.",
        ),
    })
}
