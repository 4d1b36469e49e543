//! Compiles walks over graphs.

use super::schema::{neighbour_name, neighbourhood_name, step_name};
use super::{
    NeighbourField, NeighbourPart, Neighbourhood, NeighbourhoodField, NeighbourhoodPart, column,
};
use crate::engine::catalog::Graph;
use crate::engine::plan::{Arguments, Compiler, Merged, NodeBuilder, Parent, Planned, Reads};
use crate::engine::row;
use crate::engine::select::Keys;

/// Compiles the walk from each row of a node.
pub fn compile<'a>(
    compiler: &mut Compiler<'a>,
    graph: &Graph,
    from: &mut NodeBuilder,
    merged: &Merged<'a>,
) -> Planned<Neighbourhood> {
    let graph = *graph;
    let catalog = compiler.catalog;
    let arguments = Arguments::of(merged);
    compiler.holds(size_of::<Neighbourhood>() + arguments.bytes());
    let index = compiler.reserve_list();
    let parent = Parent {
        node: from.index,
        column: from.position(graph.entity),
    };
    let node = compiler.reserve(Some(parent));
    let fields = compiler.object(
        &neighbourhood_name(catalog, &graph),
        merged,
        |compiler, field, merged| {
            Ok(match field {
                NeighbourhoodField::IsComplete => NeighbourhoodPart::IsComplete,
                NeighbourhoodField::Nodes => NeighbourhoodPart::Nodes(compiler.object(
                    &neighbour_name(catalog, &graph),
                    merged,
                    |compiler, field, merged| {
                        Ok(match field {
                            NeighbourField::Entity => {
                                let found = Parent {
                                    node,
                                    column: column::ENTITY,
                                };
                                let to = (graph.entities, graph.entity);
                                let one = row::referred(compiler, to, found, false, merged)?;
                                NeighbourPart::Entity(one)
                            }
                            NeighbourField::Depth => NeighbourPart::Depth,
                            NeighbourField::Path => {
                                let step = step_name(catalog, &graph);
                                let fields =
                                    compiler.object(&step, merged, |_, field, _| Ok(field))?;
                                NeighbourPart::Path(fields)
                            }
                        })
                    },
                )?),
            })
        },
    )?;
    let of = (graph.entities, Some(parent), Keys::Among(graph.entity));
    compiler.fill(node, of, Reads::Walk, 1);
    Ok(Neighbourhood {
        graph,
        node,
        index,
        arguments,
        fields,
    })
}
