//! What constraints and policies of the database say, as problems of the input.

use super::*;
use crate::db::{Refused, Violation};
use crate::engine::catalog::{ColumnId, LOWER_CASE, NUMBER_ALONE, Table, TableId};
use crate::engine::mutation::change::{NewRow, Set};
use crate::engine::mutation::problem::{ErrorType, Path, Problem};
use crate::engine::select::Operation;
use crate::error::{Code, Error};

impl Run<'_> {
    /// What a constraint says about new rows.
    pub(super) fn refused(&self, refused: Refused, new: &NewRow) -> Stop {
        let path = &new.path;
        self.violated(refused, new.table, path, |of, columns| {
            inside(of, path, columns)
        })
    }

    /// What a constraint says about changed rows.
    pub(super) fn refused_set(
        &self,
        refused: Refused,
        table: TableId,
        path: &[String],
        set: &[Set],
    ) -> Stop {
        let mut grows = set
            .iter()
            .filter(|set| set.operation == Operation::Increment);
        // The database does not say which number it is.
        let path = match (&refused, grows.next(), grows.next()) {
            (Refused::Violation(violation), Some(only), None) if violation.code == "22003" => {
                &only.path
            }
            _ => path,
        };
        self.violated(refused, table, path, |_, columns| {
            of_set(set, columns, path)
        })
    }

    pub(super) fn refused_delete(&self, refused: Refused, path: &[String]) -> Stop {
        match refused {
            // PostgreSQL 18 has a code of its own for what is restricted.
            Refused::Violation(violation)
                if ["23503", "23001"].contains(&violation.code.as_str()) =>
            {
                let table = violation.table.as_deref().unwrap_or_default();
                let referring = self.catalog.by_name(table).map(|id| self.catalog.table(id));
                let nouns = referring.map_or("other rows", |table| &table.nouns);
                Problem::new(
                    ErrorType::ReferenceViolation,
                    path,
                    format!("It cannot be deleted, because {nouns} refer to it."),
                )
                .into()
            }
            refused => self.violated(refused, TableId(0), path, |_, _| path.to_vec()),
        }
    }

    pub(super) fn violated(
        &self,
        refused: Refused,
        table: TableId,
        path: &[String],
        place: impl Fn(&Table, &[ColumnId]) -> Path,
    ) -> Stop {
        let violation = match refused {
            Refused::Again(error) => return Stop::Again(error),
            Refused::Other(error) => return Stop::Error(error),
            Refused::Violation(violation) => violation,
        };
        let of = self.catalog.table(table);
        let Violation {
            code, constraint, ..
        } = &violation;
        let constraint = constraint.as_deref().unwrap_or_default();
        match code.as_str() {
            "23505" => {
                let key = of.unique.iter().find(|key| key.constraint == constraint);
                let columns = key.map_or(&[][..], |key| &key.columns);
                let mut problem = unique(of, path, columns);
                problem.path = place(of, columns);
                problem.into()
            }
            "23514" => {
                let check = of
                    .checks
                    .iter()
                    .find(|check| check.constraint == constraint);
                let columns = check.map_or(&[][..], |check| &check.columns);
                let mut problem = broken(of, path, columns);
                problem.path = place(of, columns);
                problem.into()
            }
            // It was there a moment ago, or a key of several columns names no row.
            "23503" => {
                let message = "A row that it refers to does not exist.";
                Problem::new(ErrorType::ReferenceViolation, path, message).into()
            }
            "54000" => {
                let message = "A text is too long for the index of its field; shorten it.";
                Problem::invalid(path, message).into()
            }
            "42501" => Stop::Error(not_permitted()),
            // A number that has grown beyond its type, by an operator.
            "22003" => {
                Problem::invalid(path, "A number would become too large for its field.").into()
            }
            "23502" => Problem::invalid(path, "A value that must not be null is missing.").into(),
            _ => Stop::Error(Error::internal(format!("{violation:?}"))),
        }
    }
}

/// The path to a field of a row, where it is about one.
pub(super) fn inside(of: &Table, path: &[String], columns: &[ColumnId]) -> Path {
    let mut path = path.to_vec();
    if let [column] = columns {
        path.push(of.column(*column).field.clone());
    }
    path
}

/// The path to the new value of one of the columns, or else to the row.
pub(super) fn of_set(set: &[Set], columns: &[ColumnId], path: &[String]) -> Path {
    let own = set.iter().find(|set| columns.contains(&set.column));
    own.map_or(path, |set| &set.path).to_vec()
}

pub(super) fn fields(of: &Table, columns: &[ColumnId]) -> Vec<String> {
    let fields = columns
        .iter()
        .map(|&column| of.column(column).field.clone());
    fields.collect()
}

pub(super) fn unique(of: &Table, path: &[String], columns: &[ColumnId]) -> Problem {
    Problem::unique(&inside(of, path, columns), fields(of, columns), false)
}

pub(super) fn broken(of: &Table, path: &[String], columns: &[ColumnId]) -> Problem {
    let names: Vec<String> = fields(of, columns)
        .into_iter()
        .map(|field| format!("`{field}`"))
        .collect();
    let constraint = match columns {
        [one] => Some(&of.column(*one).write.constraint),
        _ => None,
    };
    let bounds = constraint.map(|constraint| match (&constraint.min, &constraint.max) {
        (Some(min), Some(max)) => format!(" It must be from {min} to {max}."),
        (Some(min), None) => format!(" It must be {min} or more."),
        (None, Some(max)) => format!(" It must be {max} or less."),
        (None, None) => match constraint.pattern {
            Some(LOWER_CASE) => " It must be in lower case.".to_owned(),
            Some(NUMBER_ALONE) => {
                " It must not begin with `gid:`; give the number alone.".to_owned()
            }
            Some(pattern) => format!(" It must match {pattern}."),
            None => String::new(),
        },
    });
    let message = format!(
        "A condition on {} does not hold.{}",
        names.join(" and "),
        bounds.unwrap_or_default()
    );
    Problem::new(
        ErrorType::CheckViolation,
        &inside(of, path, columns),
        message,
    )
}

/// Rows that are not there, and nothing that the caller may read is in their way.
pub(super) fn unexplained(missing: &[&NewRow]) -> Stop {
    let problems = missing
        .iter()
        .map(|new| Problem::unique(&new.path, Vec::new(), false));
    Stop::Problems(problems.collect())
}

pub(super) fn not_permitted() -> Error {
    Error::new(
        Code::Forbidden,
        "Your role in this workspace may not write this row, or may not give it these values.",
    )
}
