//! Writes what walks over graphs have found.

use super::{NeighbourPart, Neighbourhood, NeighbourhoodPart, StepField, column};
use crate::engine::catalog::Kind;
use crate::engine::load::{self, Row};
use crate::engine::row;
use crate::engine::write::{Writer, Written};

/// Writes what lies around the current row.
pub fn write<'a>(writer: &mut Writer<'a>, around: &'a Neighbourhood, current: &Row) -> Written<'a> {
    let rows = writer.rows_of(around.node, Some(current));
    let limit = writer.slice(around.index).limit;
    let found = || rows.iter().filter(|row| entity(row).is_some());
    writer.object(&around.fields, |writer, part| match part {
        NeighbourhoodPart::IsComplete => {
            let complete = |row: &Row| load::bytes(row, column::COMPLETE) == Some(&[1]);
            writer.boolean(rows.iter().all(complete) && found().count() <= limit)
        }
        NeighbourhoodPart::Nodes(fields) => writer.list(found().take(limit), |writer, row| {
            writer.object(fields, |writer, part| match part {
                NeighbourPart::Entity(one) => row::write_one(writer, one, Some(row)),
                NeighbourPart::Depth => {
                    writer.number(load::int8(row, column::DEPTH).unwrap_or_default())
                }
                NeighbourPart::Path(fields) => {
                    writer.list(way(rows, row).into_iter(), |writer, step| {
                        writer.object(fields, |writer, field| {
                            let column = match field {
                                StepField::RelationshipId => column::RELATIONSHIP,
                                StepField::EntityId => column::ENTITY,
                            };
                            writer.value(Kind::Uuid, load::bytes(step, column))
                        })
                    })
                }
            })
        }),
    })
}

fn entity(row: &Row) -> Option<&[u8]> {
    load::bytes(row, column::ENTITY)
}

/// The rows on the way to one, itself included. The nearest stand first among the rows, so those
/// before a row of the page are there as well.
fn way<'r>(rows: &'r [Row], to: &'r Row) -> Vec<&'r Row> {
    let mut way = vec![to];
    while let Some(before) = way
        .last()
        .and_then(|row| load::bytes(row, column::PREVIOUS))
    {
        match rows.iter().find(|row| entity(row) == Some(before)) {
            Some(row) => way.push(row),
            // The entity from which the walk began.
            None => break,
        }
    }
    way.reverse();
    way
}
