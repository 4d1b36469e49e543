//! Makes the text of a statement; the only place of the engine where SQL is written.

use std::fmt::Write;

use migration::{Caller, READ_SCHEMA};

use super::cursor::Position;
use super::filter::Condition;
use super::order::Term;
use super::{Context, Planned, prefix};
use crate::engine::catalog::{ColumnId, Kind, Operator, Table};
use crate::error::Error;
use crate::sql::{Statement, Value, quoted};

/// Most parameters of one statement; PostgreSQL itself takes 65,535.
const MAX_PARAMETERS: usize = 2_000;

/// Which rows of a table a statement is about.
pub enum Source {
    /// All that the filter admits.
    All,
    /// The row with these values in these columns; an empty one is looked for as null.
    Exactly(Vec<(ColumnId, Option<Value>)>),
    /// Rows whose column holds one of the keys in `$2`.
    Among(ColumnId),
    /// Rows for each of the keys in `$2` apart, so that each has a page of its own.
    ForEach(ColumnId),
}

/// A page of a list.
#[derive(Default)]
pub struct Page {
    pub order: Vec<Term>,
    pub after: Option<Position>,
    pub before: Option<Position>,
    pub limit: Option<u64>,
    pub offset: Option<u32>,
}

/// Builds the statements about one table.
pub struct Select<'a> {
    context: &'a Context<'a>,
    table: &'a Table,
    values: Vec<Value>,
    user: Option<usize>,
    admin: Option<usize>,
}

impl<'a> Select<'a> {
    pub fn new(context: &'a Context<'a>, table: &'a Table) -> Self {
        let values = vec![Value::Uuid(Some(context.session.workspace))];
        Self {
            context,
            table,
            values,
            user: None,
            admin: None,
        }
    }

    /// A statement that reads columns. With keys, the first column says which key a row is for.
    pub fn rows(
        mut self,
        source: &Source,
        columns: &[ColumnId],
        condition: Option<&Condition>,
        page: &Page,
    ) -> Planned<Statement> {
        self.reserve_keys(source);
        let mut list: Vec<String> = columns.iter().map(|&column| self.read(column)).collect();
        let text = match source {
            Source::ForEach(_) => {
                // An empty list of columns is fine inside, but not an empty list in the middle.
                let names: Vec<String> = (0..list.len()).map(|index| format!("c{index}")).collect();
                for (expression, name) in list.iter_mut().zip(&names) {
                    let _ = write!(expression, " as {name}");
                }
                let inner = self.body(&list, source, condition, page)?;
                let outer: String = names.iter().map(|name| format!(", t.{name}")).collect();
                format!(
                    "select k.position{outer}\nfrom unnest($2::uuid[]) with ordinality k(key, position)\ncross join lateral (\n{inner}\n) t"
                )
            }
            Source::Among(key) => {
                list.insert(0, self.column(*key));
                self.body(&list, source, condition, page)?
            }
            Source::All | Source::Exactly(_) => {
                if list.is_empty() {
                    list.push("1".to_owned());
                }
                self.body(&list, source, condition, page)?
            }
        };
        self.finish(text)
    }

    /// A statement that counts rows, up to `limit` where there is one.
    pub fn count(
        mut self,
        source: &Source,
        condition: Option<&Condition>,
        limit: Option<i64>,
    ) -> Planned<Statement> {
        self.reserve_keys(source);
        let text = match (source, limit) {
            (Source::ForEach(key), None) => {
                let column = self.column(*key);
                let list = [column.clone(), "count(*)".to_owned()];
                let among = Source::Among(*key);
                let body = self.body(&list, &among, condition, &Page::default())?;
                format!("{body}\ngroup by {column}")
            }
            (_, None) => self.body(
                &["count(*)".to_owned()],
                source,
                condition,
                &Page::default(),
            )?,
            (_, Some(limit)) => {
                let page = Page {
                    limit: Some(limit.unsigned_abs() + 1),
                    ..Page::default()
                };
                let inner = self.body(&["1".to_owned()], source, condition, &page)?;
                match source {
                    Source::ForEach(_) => format!(
                        "select k.key, c.count\nfrom unnest($2::uuid[]) k(key)\ncross join lateral (\nselect count(*) from (\n{inner}\n) t\n) c"
                    ),
                    _ => format!("select count(*) from (\n{inner}\n) t"),
                }
            }
        };
        self.finish(text)
    }

    fn reserve_keys(&mut self, source: &Source) {
        if matches!(source, Source::Among(_) | Source::ForEach(_)) {
            self.values.push(Value::Uuids([].into()));
        }
    }

    fn finish(self, text: String) -> Planned<Statement> {
        if self.values.len() > MAX_PARAMETERS {
            return Err(Error::input(
                "where",
                "The filter has too many conditions; use `in` with a list.",
            )
            .with("limit", MAX_PARAMETERS));
        }
        Ok(Statement {
            text: text.into(),
            values: self.values,
        })
    }

    fn body(
        &mut self,
        list: &[String],
        source: &Source,
        condition: Option<&Condition>,
        page: &Page,
    ) -> Planned<String> {
        let mut text = format!(
            "select {}\nfrom {} t",
            list.join(", "),
            relation(&self.table.name)
        );
        let mut predicates = Vec::new();
        if self.table.has_workspace {
            predicates.push("t.\"workspace_id\" = $1".to_owned());
        }
        match source {
            Source::All => {}
            Source::Exactly(pairs) => {
                for (column, value) in pairs {
                    let left = self.column(*column);
                    predicates.push(match value {
                        Some(value) => {
                            let kind = self.table.column(*column).kind;
                            format!("{left} = {}", self.parameter(value.clone(), kind))
                        }
                        None => format!("{left} is null"),
                    });
                }
            }
            Source::Among(column) => predicates.push(format!("{} = any($2)", self.column(*column))),
            Source::ForEach(column) => predicates.push(format!("{} = k.key", self.column(*column))),
        }
        if let Some(predicate) = self.table.predicate {
            predicates.push(predicate.sql("t", self));
        }
        if let Some(condition) = condition {
            let condition = self.condition(condition);
            if condition != "true" {
                predicates.push(condition);
            }
        }
        if let Some(position) = &page.after {
            predicates.push(self.beyond(&page.order, position));
        }
        if let Some(position) = &page.before {
            let backwards: Vec<Term> = page.order.iter().map(|term| term.reversed()).collect();
            predicates.push(self.beyond(&backwards, position));
        }
        if !predicates.is_empty() {
            let _ = write!(text, "\nwhere {}", predicates.join("\n  and "));
        }
        if !page.order.is_empty() {
            let terms: Vec<String> = page.order.iter().map(|term| self.term(term)).collect();
            let _ = write!(text, "\norder by {}", terms.join(", "));
        }
        if let Some(limit) = page.limit {
            let _ = write!(text, "\nlimit {limit}");
        }
        if let Some(offset) = page.offset.filter(|&offset| offset > 0) {
            let _ = write!(text, "\noffset {offset}");
        }
        Ok(text)
    }

    /// The column as the session may see it.
    fn column(&mut self, id: ColumnId) -> String {
        let column = self.table.column(id);
        let name = format!("t.{}", quoted(&column.name));
        match column.guard {
            Some(guard) => format!("case when {} then {name} end", guard.sql("t", self)),
            None => name,
        }
    }

    /// The column in the form in which the writer takes it: types that the driver would have to
    /// ask the database about travel as text.
    fn read(&mut self, id: ColumnId) -> String {
        let expression = self.column(id);
        let wrapped = if expression.starts_with("case") {
            format!("({expression})")
        } else {
            expression
        };
        match self.table.column(id).kind {
            Kind::Enum(_) | Kind::Vector | Kind::Decimal => format!("{wrapped}::text"),
            Kind::Inet => format!("abbrev({wrapped})"),
            _ => wrapped,
        }
    }

    fn parameter(&mut self, value: Value, kind: Kind) -> String {
        let list = matches!(value, Value::Texts(_));
        self.values.push(value);
        let index = self.values.len();
        match kind {
            Kind::Enum(one) => {
                let name = quoted(&self.context.catalog.enums[one].name);
                if list {
                    format!("${index}::text[]::{name}[]")
                } else {
                    format!("${index}::text::{name}")
                }
            }
            Kind::Inet if list => format!("${index}::text[]::inet[]"),
            Kind::Inet => format!("${index}::text::inet"),
            Kind::Json => format!("${index}::text::jsonb"),
            _ => format!("${index}"),
        }
    }

    fn condition(&mut self, condition: &Condition) -> String {
        match condition {
            Condition::All(conditions) => self.joined(conditions, " and ", "true"),
            Condition::Any(conditions) => self.joined(conditions, " or ", "false"),
            // The complement: rows for which the condition is unknown belong to it.
            Condition::Not(condition) => format!("({}) is not true", self.condition(condition)),
            Condition::Compare {
                column,
                operator,
                value,
                insensitive,
            } => self.comparison(*column, *operator, value, *insensitive),
            Condition::AtPath {
                column,
                keys,
                operator,
                value,
            } => {
                let column = self.column(*column);
                let path = self.parameter(Value::Texts(keys.clone()), Kind::TextArray);
                let left = format!("({column} #> {path})");
                match (operator, value) {
                    (Operator::IsNull, Value::Boolean(true)) => {
                        format!("coalesce({left}, 'null') = 'null'")
                    }
                    (Operator::IsNull, _) => format!("coalesce({left}, 'null') <> 'null'"),
                    (operator, value) => {
                        let right = self.parameter(value.clone(), Kind::Json);
                        format!("{left} {} {right}", sign(*operator))
                    }
                }
            }
        }
    }

    fn joined(&mut self, conditions: &[Condition], with: &str, empty: &str) -> String {
        match conditions {
            [] => empty.to_owned(),
            [only] => self.condition(only),
            several => {
                let parts: Vec<String> = several.iter().map(|one| self.condition(one)).collect();
                format!("({})", parts.join(with))
            }
        }
    }

    fn comparison(
        &mut self,
        id: ColumnId,
        operator: Operator,
        value: &Value,
        insensitive: bool,
    ) -> String {
        let kind = self.table.column(id).kind;
        let left = self.column(id);
        let lowered = |text: String| {
            if insensitive {
                format!("lower({text})")
            } else {
                text
            }
        };
        match (operator, value) {
            (Operator::IsNull, Value::Boolean(true)) => format!("{left} is null"),
            (Operator::IsNull, _) => format!("{left} is not null"),
            (Operator::IsEmpty, Value::Boolean(true)) => format!("cardinality({left}) = 0"),
            (Operator::IsEmpty, _) => format!("cardinality({left}) > 0"),
            (Operator::In | Operator::NotIn, value) => {
                let right = self.parameter(value.clone(), kind);
                // The database lowers both sides: Rust and its collation differ on some letters.
                let right = if insensitive {
                    format!("array(select lower(item) from unnest({right}) item)")
                } else {
                    right
                };
                let compared = lowered(left.clone());
                match operator {
                    Operator::In => format!("{compared} = any({right})"),
                    // Of an empty list the database says that even an empty field is not in it.
                    _ if self.table.column(id).nullable => {
                        format!("({left} is not null and {compared} <> all({right}))")
                    }
                    _ => format!("{compared} <> all({right})"),
                }
            }
            (Operator::Ilike, value) => {
                let right = self.parameter(value.clone(), Kind::Text);
                format!("{left} ilike {right}")
            }
            (Operator::StartsWith, Value::Text(prefix)) if !insensitive => {
                let end = Value::Text(prefix::end_of(prefix));
                let from = self.parameter(Value::Text(prefix.clone()), Kind::Text);
                let to = self.parameter(end, Kind::Text);
                format!("({left} ~>=~ {from} and {left} ~<~ {to})")
            }
            (Operator::Like | Operator::StartsWith | Operator::EndsWith, value) => {
                let right = self.parameter(value.clone(), Kind::Text);
                format!(
                    "{left} {} {right}",
                    if insensitive { "ilike" } else { "like" }
                )
            }
            (Operator::Contains, value) if kind == Kind::Text => {
                let right = self.parameter(value.clone(), Kind::Text);
                format!(
                    "{left} {} {right}",
                    if insensitive { "ilike" } else { "like" }
                )
            }
            (Operator::HasKey, value) => {
                let right = self.parameter(value.clone(), Kind::Text);
                format!("{left} ? {right}")
            }
            (operator, value) => {
                let right = self.parameter(value.clone(), kind);
                format!("{} {} {}", lowered(left), sign(operator), lowered(right))
            }
        }
    }

    fn term(&mut self, term: &Term) -> String {
        let column = self.table.column(term.column);
        let mut text = self.column(term.column);
        text.push_str(if term.descending { " desc" } else { " asc" });
        // Nulls are the greatest by default; saying so again would only hide that to a reader.
        if column.nullable && term.nulls_first != term.descending {
            text.push_str(if term.nulls_first {
                " nulls first"
            } else {
                " nulls last"
            });
        }
        text
    }

    /// The predicate of the rows behind a position.
    fn beyond(&mut self, terms: &[Term], position: &Position) -> String {
        let columns: Vec<String> = terms.iter().map(|term| self.column(term.column)).collect();
        let values: Vec<Option<String>> = terms
            .iter()
            .zip(position)
            .map(|(term, value)| {
                let kind = self.table.column(term.column).kind;
                value.clone().map(|value| self.parameter(value, kind))
            })
            .collect();
        let nullable = |term: &Term| self.table.column(term.column).nullable;
        let descending = terms.iter().all(|term| term.descending);
        let ascending = terms.iter().all(|term| !term.descending);
        let plain: Option<Vec<String>> = values.iter().cloned().collect();
        if let Some(plain) = plain
            && (ascending || descending)
            && !terms.iter().any(nullable)
        {
            // One comparison of rows, which an index answers in a single range.
            let sign = if ascending { ">" } else { "<" };
            return format!("({}) {sign} ({})", columns.join(", "), plain.join(", "));
        }
        let mut alternatives = Vec::new();
        for (index, term) in terms.iter().enumerate() {
            let Some(further) = further(
                term,
                &columns[index],
                values[index].as_deref(),
                nullable(term),
            ) else {
                continue;
            };
            let mut parts: Vec<String> = (0..index)
                .map(|before| match &values[before] {
                    Some(value) => format!("{} = {value}", columns[before]),
                    None => format!("{} is null", columns[before]),
                })
                .collect();
            parts.push(further);
            alternatives.push(format!("({})", parts.join(" and ")));
        }
        match alternatives.is_empty() {
            true => "false".to_owned(),
            false => format!("({})", alternatives.join(" or ")),
        }
    }
}

/// The caller as parameters of the statement.
impl Caller for Select<'_> {
    fn workspace(&mut self) -> String {
        "$1".to_owned()
    }

    fn user(&mut self) -> String {
        let user = Value::Uuid(Some(self.context.session.user));
        let index = *self.user.get_or_insert_with(|| {
            self.values.push(user);
            self.values.len()
        });
        format!("${index}")
    }

    fn sees_all(&mut self) -> String {
        let admin = Value::Boolean(self.context.session.role.sees_all());
        let index = *self.admin.get_or_insert_with(|| {
            self.values.push(admin);
            self.values.len()
        });
        format!("${index}")
    }

    fn table(&mut self, name: &str) -> String {
        relation(name)
    }
}

/// What is read of a table: its view, where the database keeps the rules once more.
fn relation(table: &str) -> String {
    format!("{}.{}", quoted(READ_SCHEMA), quoted(table))
}

/// The predicate "this column comes later than the value"; none when nothing does.
fn further(term: &Term, column: &str, value: Option<&str>, nullable: bool) -> Option<String> {
    match value {
        None if term.nulls_first => Some(format!("{column} is not null")),
        None => None,
        Some(value) => {
            let sign = if term.descending { "<" } else { ">" };
            if nullable && !term.nulls_first {
                Some(format!("({column} {sign} {value} or {column} is null)"))
            } else {
                Some(format!("{column} {sign} {value}"))
            }
        }
    }
}

fn sign(operator: Operator) -> &'static str {
    match operator {
        Operator::Ne => "<>",
        Operator::Lt => "<",
        Operator::Lte => "<=",
        Operator::Gt => ">",
        Operator::Gte => ">=",
        Operator::Contains => "@>",
        Operator::ContainedBy => "<@",
        Operator::Overlaps => "&&",
        _ => "=",
    }
}
