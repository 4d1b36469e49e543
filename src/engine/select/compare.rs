//! Writes predicates as SQL.

use super::render::Renderer;
use super::shape::Leaf;
use super::{Path, Predicate};
use crate::engine::catalog::{ColumnId, Kind, Operator};

impl Renderer<'_> {
    pub(super) fn predicate(&mut self, predicate: &Predicate<Leaf>) -> String {
        match predicate {
            Predicate::All(parts) => self.joined(parts, " and ", "true"),
            Predicate::Any(parts) => self.joined(parts, " or ", "false"),
            Predicate::Not(inner) => self.not(inner),
            Predicate::Is(column, value) => self.is(*column, *value),
            Predicate::Compare {
                left,
                operator,
                value,
                insensitive,
            } => {
                let kind = left.kind(self.catalog, self.table);
                let nullable = left.is_nullable(self.catalog, self.table);
                let left = self.value(left);
                self.comparison((&left, kind, nullable), *operator, *value, *insensitive)
            }
            Predicate::Related {
                relation,
                quantifier,
                filter,
            } => self.related(*relation, *quantifier, filter),
            Predicate::AtPath {
                column,
                path,
                operator,
                value,
            } => self.at_path(*column, *path, *operator, *value),
            Predicate::Search(search) => self.found(search),
            Predicate::After { order, position } => self.after(order, position),
        }
    }

    /// The complement of a predicate, which what is unknown belongs to.
    pub(super) fn not(&mut self, inner: &Predicate<Leaf>) -> String {
        match inner {
            // It is never unknown, and only as such does PostgreSQL make an anti-join of it.
            Predicate::Related { .. } => format!("not {}", self.predicate(inner)),
            Predicate::All(parts) | Predicate::Any(parts) if parts.len() == 1 => {
                self.not(&parts[0])
            }
            _ => format!("({}) is not true", self.predicate(inner)),
        }
    }

    fn joined(&mut self, parts: &[Predicate<Leaf>], with: &str, nothing: &str) -> String {
        match parts {
            [] => nothing.to_owned(),
            [only] => self.predicate(only),
            several => {
                let parts: Vec<String> = several.iter().map(|one| self.predicate(one)).collect();
                format!("({})", parts.join(with))
            }
        }
    }

    fn is(&mut self, column: ColumnId, value: Option<Leaf>) -> String {
        let left = self.column(column);
        match value {
            Some(value) => {
                let kind = self.table.column(column).kind;
                format!("{left} = {}", self.parameters.of(value, kind))
            }
            None => format!("{left} is null"),
        }
    }

    fn at_path(
        &mut self,
        column: ColumnId,
        path: Path<Leaf>,
        operator: Operator,
        value: Leaf,
    ) -> String {
        let column = self.column(column);
        let path = match path {
            Path::Indexed(path) => {
                let (_, keys) = &self.table.json_paths[path.0];
                format!("'{{{}}}'", keys.join(","))
            }
            Path::Given(keys) => self.parameters.of(keys, Kind::TextArray),
        };
        let left = format!("({column} #> {path})");
        match (operator, value) {
            (Operator::IsNull, Leaf::Flag(true)) => {
                format!("coalesce({left}, 'null') = 'null'")
            }
            (Operator::IsNull, _) => format!("coalesce({left}, 'null') <> 'null'"),
            (operator, value) => {
                let right = self.parameters.of(value, Kind::Json);
                let compared = format!("{left} {} {right}", sign(operator));
                match operator {
                    Operator::Ne => format!("({compared} and {left} <> 'null')"),
                    // PostgreSQL has one order for all types: each number is less than any boolean.
                    Operator::Lt | Operator::Lte | Operator::Gt | Operator::Gte => {
                        format!("({compared} and jsonb_typeof({left}) = jsonb_typeof({right}))")
                    }
                    _ => compared,
                }
            }
        }
    }

    /// A comparison of a value, which has a type and may be null.
    fn comparison(
        &mut self,
        (left, kind, nullable): (&str, Kind, bool),
        operator: Operator,
        value: Leaf,
        insensitive: bool,
    ) -> String {
        use Operator::*;
        let like = match insensitive || operator == Ilike {
            true => "ilike",
            false => "like",
        };
        let lowered = |text: String| match insensitive {
            true => format!("lower({text})"),
            false => text,
        };
        match (operator, value) {
            (IsNull, Leaf::Flag(true)) => format!("{left} is null"),
            (IsNull, _) => format!("{left} is not null"),
            (IsEmpty, Leaf::Flag(true)) => format!("cardinality({left}) = 0"),
            (IsEmpty, _) => format!("cardinality({left}) > 0"),
            (In | NotIn, value) => {
                let right = self.parameters.of(value, kind);
                // The database lowers both sides: Rust and its collation differ on some letters.
                let right = match insensitive {
                    true => format!("array(select lower(item) from unnest({right}) item)"),
                    false => right,
                };
                let compared = lowered(left.to_owned());
                match operator {
                    In => format!("{compared} = any({right})"),
                    // Of an empty list the database says that even null is not in it.
                    _ if nullable => {
                        format!("({left} is not null and {compared} <> all({right}))")
                    }
                    _ => format!("{compared} <> all({right})"),
                }
            }
            (StartsWith, start) if !insensitive => {
                let from = self.parameters.of(start, Kind::Text);
                let to = self.parameters.end_of(start);
                format!("({left} ~>=~ {from} and {left} ~<~ {to})")
            }
            (Like | Ilike | StartsWith | EndsWith | Contains, value)
                if operator != Contains || kind == Kind::Text =>
            {
                let pattern = self.parameters.of(value, Kind::Text);
                format!("{left} {like} {pattern}")
            }
            (HasKey, value) => {
                format!("{left} ? {}", self.parameters.of(value, Kind::Text))
            }
            (operator, value) => {
                let right = self.parameters.of(value, kind);
                format!(
                    "{} {} {}",
                    lowered(left.to_owned()),
                    sign(operator),
                    lowered(right)
                )
            }
        }
    }
}

fn sign(operator: Operator) -> &'static str {
    use Operator::*;
    match operator {
        Ne => "<>",
        Lt => "<",
        Lte => "<=",
        Gt => ">",
        Gte => ">=",
        Contains => "@>",
        ContainedBy => "<@",
        Overlaps => "&&",
        _ => "=",
    }
}
