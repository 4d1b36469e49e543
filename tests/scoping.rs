//! Every mention of a workspace's table in a golden statement carries the workspace, at any depth.

use std::collections::HashSet;
use std::fs;
use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, Expr, JoinConstraint, JoinOperator, Query, Select, SetExpr, TableFactor, Visit,
    Visitor,
};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;
use tessera::app;

use crate::queries::cases;

/// Looks at each `select` of a statement, the nested ones included.
struct Mentions<'a> {
    tenants: &'a HashSet<String>,
    found: usize,
    unscoped: Vec<String>,
}

impl Visitor for Mentions<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        self.set(&query.body);
        ControlFlow::Continue(())
    }
}

impl Mentions<'_> {
    /// A query in parentheses is visited by itself.
    fn set(&mut self, set: &SetExpr) {
        match set {
            SetExpr::Select(select) => self.select(select),
            SetExpr::SetOperation { left, right, .. } => {
                self.set(left);
                self.set(right);
            }
            _ => {}
        }
    }

    fn select(&mut self, select: &Select) {
        let mut conditions = Vec::new();
        if let Some(condition) = &select.selection {
            conjuncts(condition, &mut conditions);
        }
        for from in &select.from {
            let joined = from.joins.iter().map(|join| {
                // What is joined may be kept out by the condition of the join.
                let mut conditions = conditions.clone();
                if let JoinOperator::LeftOuter(JoinConstraint::On(on))
                | JoinOperator::Left(JoinConstraint::On(on))
                | JoinOperator::Inner(JoinConstraint::On(on))
                | JoinOperator::Join(JoinConstraint::On(on)) = &join.join_operator
                {
                    conjuncts(on, &mut conditions);
                }
                (&join.relation, conditions)
            });
            let first = (&from.relation, conditions.clone());
            for (factor, conditions) in std::iter::once(first).chain(joined) {
                let TableFactor::Table { name, alias, .. } = factor else {
                    continue;
                };
                let table = name.0.last().expect("a name").to_string().replace('"', "");
                if !self.tenants.contains(&table) {
                    continue;
                }
                self.found += 1;
                let alias = alias
                    .as_ref()
                    .map_or(table.clone(), |it| it.name.to_string());
                let scope = format!("{alias}.workspace_id = $1");
                // The caller's own memberships are read in all workspaces, to list them.
                let own = format!("{alias}.user_id = $");
                let is_own = |condition: &String| condition.starts_with(&own);
                let listed = table == "workspace_members" && conditions.iter().any(is_own);
                if !listed && !conditions.contains(&scope) {
                    self.unscoped.push(format!("{table} as {alias}"));
                }
            }
        }
    }
}

/// The conditions that must all hold.
fn conjuncts(expression: &Expr, found: &mut Vec<String>) {
    match expression {
        Expr::BinaryOp {
            left,
            op: BinaryOperator::And,
            right,
        } => {
            conjuncts(left, found);
            conjuncts(right, found);
        }
        Expr::Nested(inner) => conjuncts(inner, found),
        other => found.push(other.to_string().replace('"', "")),
    }
}

fn tenants() -> HashSet<String> {
    let catalog = app::catalog().expect("the model fits together");
    let tables = catalog.tables.into_iter();
    tables
        .filter(|table| table.has_workspace)
        .map(|table| table.name)
        .collect()
}

fn mentions<'a>(tenants: &'a HashSet<String>, sql: &str) -> Mentions<'a> {
    let mut mentions = Mentions {
        tenants,
        found: 0,
        unscoped: Vec::new(),
    };
    let statements = Parser::parse_sql(&PostgreSqlDialect {}, sql)
        .unwrap_or_else(|error| panic!("{error} in\n{sql}"));
    let _ = statements.visit(&mut mentions);
    mentions
}

#[test]
fn every_mention_of_a_table_carries_the_workspace() {
    let tenants = tenants();
    let mut found = 0;
    for case in cases() {
        let path = case.with_extension("sql");
        let sql = fs::read_to_string(&path).expect("a golden file");
        let mentions = mentions(&tenants, &sql);
        assert_eq!(
            mentions.unscoped,
            Vec::<String>::new(),
            "{}",
            path.display()
        );
        found += mentions.found;
    }
    assert!(found > cases().len(), "only {found} mentions were found");
}

#[test]
fn a_mention_without_the_workspace_is_found() {
    let tenants = tenants();
    let scope = "o.workspace_id = $1";
    for (sql, unscoped) in [
        (
            format!("select 1 from \"read\".\"orders\" o where {scope}"),
            0,
        ),
        ("select 1 from orders o".to_owned(), 1),
        (
            format!(
                "select 1 from orders o left join customers c on c.workspace_id = $1 and c.id = o.customer_id where {scope}"
            ),
            0,
        ),
        (
            format!(
                "select 1 from orders o left join customers c on c.id = o.customer_id where {scope}"
            ),
            1,
        ),
        (
            format!(
                "select 1 from orders o left join customers c on {scope} and c.workspace_id = $1"
            ),
            1,
        ),
        (
            "select 1 from workspace_members m where m.user_id = m.id".to_owned(),
            1,
        ),
        ("select 1 from orders o where o.user_id = $2".to_owned(), 1),
        (
            "select 1 from orders o where o.workspace_id = $2".to_owned(),
            1,
        ),
        (format!("select 1 from orders o where {scope} or true"), 1),
        (
            format!("select 1 from orders o where {scope} union all select 1 from customers c"),
            1,
        ),
        (
            format!("with recursive w as (select 1 union all select 1 from unnest($2) f(id) join orders o on {scope}) select 1 from w"),
            0,
        ),
        (
            "with recursive w as (select 1 union all select 1 from unnest($2) f(id) join orders o on o.id = f.id) select 1 from w".to_owned(),
            1,
        ),
        (
            format!(
                "select 1 from orders o where {scope} and exists (select 1 from order_items i where i.order_id = o.id)"
            ),
            1,
        ),
        (
            format!(
                "select 1 from unnest($2::uuid[]) k(key) cross join lateral (select 1 from customers c) l, orders o where {scope}"
            ),
            1,
        ),
    ] {
        assert_eq!(mentions(&tenants, &sql).unscoped.len(), unscoped, "{sql}");
    }
}
