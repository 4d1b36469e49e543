//! What each role reads, as the gateway answers it: every type, field, filter and order with every
//! role's token. `roles.tsv` is the golden file; `UPDATE_GOLDEN=1 cargo test roles` writes it.
//!
//! Nothing here looks at the table that is enforced: a field is read where introspection shows it
//! to the token and a query for it is answered, and it is `own` where fewer values come back than
//! the database holds.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};
use tessera::app;
use tessera::engine::catalog::{Catalog, Table};
use tessera::engine::{Engine, Limits};
use tessera::session::Role;

use crate::harness::client::{Client, token_of};
use crate::harness::database::Database;
use crate::harness::golden::Golden;
use crate::harness::run;
use crate::harness::seed::Side;
use crate::privacy::{SERVICE, database};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/roles.tsv");

/// Introspection of everything that has a name.
const INTROSPECTION: &str = "{ __schema { types { name kind possibleTypes { name } \
    fields { name args { name type { ...T } } type { ...T } } \
    inputFields { name type { ...T } } enumValues { name } } } } \
    fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

/// Types by name, each as introspection describes it.
pub type Types = BTreeMap<String, Value>;

pub fn token(role: Role) -> String {
    let user = match role {
        Role::System => SERVICE,
        _ => 0,
    };
    token_of(Side::A.id("users", user), &[(Side::A, role)])
}

pub async fn types(client: &Client, role: Role) -> Types {
    let answer = client
        .query_as(&token(role), INTROSPECTION, json!({}))
        .await;
    let types = answer["data"]["__schema"]["types"].as_array();
    let types = types.expect("types").iter();
    types
        .map(|one| {
            (
                one["name"].as_str().expect("a name").to_owned(),
                one.clone(),
            )
        })
        .collect()
}

/// The fields of a type by name, of output and input alike; none where there is no such type.
fn fields<'a>(types: &'a Types, name: &str) -> BTreeMap<&'a str, &'a Value> {
    let list = types.get(name).and_then(|one| {
        one["fields"]
            .as_array()
            .or_else(|| one["inputFields"].as_array())
    });
    list.into_iter()
        .flatten()
        .map(|field| (field["name"].as_str().expect("a name"), field))
        .collect()
}

/// The name inside lists and non-nulls, and whether it is that of an object.
fn named(of: &Value) -> (&str, bool) {
    match &of["ofType"] {
        Value::Null => (
            of["name"].as_str().expect("a name"),
            ["OBJECT", "INTERFACE"].contains(&of["kind"].as_str().expect("a kind")),
        ),
        inner => named(inner),
    }
}

/// Something of the type, for a key that need not exist.
fn literal(types: &Types, of: &Value) -> String {
    match named(of).0 {
        "ID" => format!("\"{}\"", Side::A.id("orders", 0)),
        "Int" | "BigInt" => "1".to_owned(),
        "Date" => "\"2026-01-01\"".to_owned(),
        "String" => "\"x\"".to_owned(),
        other => match types[other]["enumValues"][0]["name"].as_str() {
            Some(value) => value.to_owned(),
            None => panic!("no literal of {other} is known"),
        },
    }
}

fn list_of(sub: &Value) -> String {
    match named(&sub["type"]) {
        (_, false) => String::new(),
        (name, true) if name.ends_with("Connection") => "{ totalCount }".to_owned(),
        (_, true) => "{ __typename }".to_owned(),
    }
}

/// One role asking the gateway.
struct Asker<'a> {
    client: &'a Client,
    token: String,
    role: Role,
    types: Types,
}

impl Asker<'_> {
    /// The answer to a query in which everything is allowed.
    async fn allowed(&self, query: &str) -> Value {
        let answer = self.client.query_as(&self.token, query, json!({})).await;
        assert_eq!(
            answer.get("errors"),
            None,
            "{} {query}: {answer}",
            self.role
        );
        answer
    }

    /// Asks for one thing that is forbidden and nothing else.
    async fn refused(&self, what: &str, query: &str) {
        let (status, answer) = self.client.ask_as(&self.token, query, json!({})).await;
        let context = format!("{} {query}: {answer}", self.role);
        assert_eq!(status, 403, "{context}");
        assert_eq!(answer.get("data"), None, "{context}");
        let errors = answer["errors"].as_array().expect("errors");
        assert_eq!(errors.len(), 1, "{context}");
        assert_eq!(errors[0]["extensions"]["code"], "FORBIDDEN", "{context}");
        assert_eq!(errors[0]["extensions"]["field"], what, "{context}");
        assert!(errors[0]["locations"][0]["line"].is_number(), "{context}");
        assert!(errors[0]["path"][0].is_string(), "{context}");
    }

    /// Asks everything about one table and enters it.
    async fn table(
        &self,
        table: &Table,
        whole: &Types,
        stored: &HashMap<String, i64>,
        matrix: &mut Matrix,
    ) {
        let of = &table.type_name;
        let (filter, order) = (format!("{of}Filter"), format!("{of}OrderBy"));
        let [seen, filters, orders] = [of, &filter, &order].map(|name| fields(&self.types, name));
        let roots = fields(&self.types, "Query");
        let is_open = roots.contains_key(table.plural.as_str());
        assert_eq!(
            is_open,
            self.types.contains_key(of),
            "{of} as {}",
            self.role
        );

        // All that is shown, in one query.
        let mut answer = Value::Null;
        let mut query = String::new();
        if is_open {
            let mut selection = String::new();
            for (name, field) in &seen {
                let _ = write!(selection, "{name} {} ", list_of(field));
            }
            let conditions: Vec<String> = filters
                .iter()
                .filter(|(name, _)| !["and", "or", "not"].contains(name))
                .map(|(name, field)| {
                    let condition = condition(field);
                    format!("{{{name}: {condition}}}, {{not: {{{name}: {condition}}}}}")
                })
                .collect();
            let terms: Vec<String> = orders
                .iter()
                .map(|(name, field)| format!("{{{name}: {}}}", term(&self.types, field)))
                .collect();
            let _ = write!(
                query,
                "l: {}(first: 500, where: {{or: [{}]}}, orderBy: [{}]) {{ nodes {{ {selection} }} }} ",
                table.plural,
                conditions.join(", "),
                terms.join(", "),
            );
        }
        let one_row = fields(whole, "Query")
            .into_iter()
            .filter(|(_, field)| named(&field["type"]).0 == of)
            .map(|(name, field)| {
                let arguments = field["args"].as_array().expect("arguments").iter();
                let arguments: Vec<String> = arguments
                    .map(|one| {
                        format!(
                            "{}: {}",
                            one["name"].as_str().expect("a name"),
                            literal(whole, &one["type"])
                        )
                    })
                    .collect();
                (
                    name,
                    format!("{name}({}) {{ __typename }} ", arguments.join(", ")),
                )
            });
        for (name, root) in one_row {
            let what = format!("Query.{name}");
            if roots.contains_key(name) {
                query += &root;
                matrix.enter(what, self.role, "yes");
            } else {
                self.refused(&what, &format!("{{ {root} }}")).await;
                matrix.enter(what, self.role, "no");
            }
        }
        if !query.is_empty() {
            answer = self.allowed(&format!("{{ {query} }}")).await;
        }
        let list = format!("Query.{}", table.plural);
        if is_open {
            matrix.enter(list.clone(), self.role, "yes");
        } else {
            self.refused(&list, &format!("{{ {} {{ totalCount }} }}", table.plural))
                .await;
            matrix.enter(list.clone(), self.role, "no");
        }

        for (name, field) in fields(whole, of) {
            let what = format!("{of}.{name}");
            let ask = |arguments: &str, inner: &str| {
                format!(
                    "{{ {} {arguments} {{ nodes {{ {inner} }} }} }}",
                    table.plural
                )
            };
            let refusal = |what: &str| {
                if is_open {
                    what.to_owned()
                } else {
                    list.clone()
                }
            };
            if !seen.contains_key(name) {
                let query = ask("", &format!("{name} {}", list_of(field)));
                self.refused(&refusal(&what), &query).await;
            }
            let of_whole = fields(whole, &filter);
            let filters_by = of_whole.contains_key(name);
            if filters_by && !filters.contains_key(name) {
                let condition = condition(of_whole[name]);
                let query = ask(&format!("(where: {{{name}: {condition}}})"), "nodeId");
                self.refused(&refusal(&format!("{filter}.{name}")), &query)
                    .await;
            }
            let of_whole = fields(whole, &order);
            let orders_by = of_whole.contains_key(name);
            if orders_by && !orders.contains_key(name) {
                let term = term(whole, of_whole[name]);
                let query = ask(&format!("(orderBy: [{{{name}: {term}}}])"), "nodeId");
                self.refused(&refusal(&format!("{order}.{name}")), &query)
                    .await;
            }
            // What is no output is no input either, and the other way round.
            let shown = seen.contains_key(name);
            assert_eq!(
                filters.contains_key(name),
                filters_by && shown,
                "{what} as {}",
                self.role
            );
            assert_eq!(
                orders.contains_key(name),
                orders_by && shown,
                "{what} as {}",
                self.role
            );
            let cell = match (shown, stored.get(&what)) {
                (false, _) => "no",
                (true, None) => "yes",
                (true, Some(&stored)) => {
                    let nodes = answer["data"]["l"]["nodes"]
                        .as_array()
                        .expect("nodes")
                        .iter();
                    let read = nodes.filter(|node| !node[name].is_null()).count();
                    match i64::try_from(read).expect("few").cmp(&stored) {
                        std::cmp::Ordering::Less => "own",
                        std::cmp::Ordering::Equal => "yes",
                        std::cmp::Ordering::Greater => panic!("{what}: {read} of {stored} values"),
                    }
                }
            };
            matrix.enter(what, self.role, cell);
        }
    }
}

/// The cells by what is asked, in the order of [`Role::ALL`].
#[derive(Default)]
struct Matrix(BTreeMap<String, Vec<&'static str>>);

impl Matrix {
    fn enter(&mut self, what: String, role: Role, cell: &'static str) {
        let cells = self.0.entry(what).or_default();
        assert_eq!(cells.len(), role as usize, "each role answers once");
        cells.push(cell);
    }
}

/// Values of each column in the rows of workspace A, as the database holds them.
async fn stored(database: &Database, catalog: &Catalog) -> HashMap<String, i64> {
    let mut stored = HashMap::new();
    let workspace = Side::A.workspace();
    for table in &catalog.tables {
        let rows = match table.name.as_str() {
            "users" => format!(
                "users where id in (select user_id from workspace_members where workspace_id = '{workspace}')"
            ),
            "workspaces" => format!("workspaces where id = '{workspace}'"),
            name if table.has_id => format!("{name} where workspace_id = '{workspace}'"),
            view => format!(
                "mv.{view} natural join (select refreshed_at from mv.refreshes where view = '{view}') r where workspace_id = '{workspace}'"
            ),
        };
        let counts: Vec<String> = table
            .fields()
            .map(|(_, column)| format!("count(\"{}\")", column.name))
            .collect();
        let query = format!("select {} from {rows}", counts.join(", "));
        let row = database.admin(query.leak()).await.remove(0);
        for (index, (_, column)) in table.fields().enumerate() {
            stored.insert(
                format!("{}.{}", table.type_name, column.field),
                row.get(index),
            );
        }
    }
    stored
}

fn client(database: &Database) -> Client {
    let catalog = app::catalog().expect("the model fits together");
    let limits = Limits {
        max_cost: u64::MAX,
        ..Limits::default()
    };
    Client::with_engine(database, Engine::new(catalog, limits).expect("a schema"))
}

#[test]
fn every_field_for_every_role() {
    let mut matrix = Matrix::default();
    run(async {
        let database = database().await;
        let client = client(database);
        let catalog = app::catalog().expect("the model fits together");
        let stored = stored(database, &catalog).await;
        let whole = types(&client, Role::System).await;
        for role in Role::ALL {
            let asker = Asker {
                client: &client,
                token: token(role),
                role,
                types: types(&client, role).await,
            };
            for table in &catalog.tables {
                asker.table(table, &whole, &stored, &mut matrix).await;
            }
            for root in ["node", "viewer"] {
                let is_shown = fields(&asker.types, "Query").contains_key(root);
                let cell = if is_shown { "yes" } else { "no" };
                matrix.enter(format!("Query.{root}"), role, cell);
            }
            for name in whole.keys().filter(|name| !name.starts_with("__")) {
                let is_shown = asker.types.contains_key(name);
                matrix.enter(name.clone(), role, if is_shown { "yes" } else { "no" });
            }
        }
    });
    let roles = Role::ALL.map(Role::name).join("\t");
    let mut found = format!(
        "# Who reads what, asked of the gateway: yes; own = fewer values than there are; no = FORBIDDEN.\n\
         # A field stands for its filter and its order too. Written by UPDATE_GOLDEN=1 cargo test roles.\n\
         name\t{roles}\n"
    );
    for (what, cells) in &matrix.0 {
        let _ = writeln!(found, "{what}\t{}", cells.join("\t"));
    }
    let mut golden = Golden::new();
    golden.check(Path::new(GOLDEN), &found);
    golden.finish();
}

/// A condition for a field of a filter.
fn condition(field: &Value) -> &'static str {
    match named(&field["type"]).0 {
        of if of.ends_with("Operators") => "{isNull: true}",
        of if of.ends_with("ToManyFilter") => "{some: {}}",
        _ => "{}",
    }
}

/// A term for a field of an order.
fn term(types: &Types, field: &Value) -> String {
    match named(&field["type"]).0 {
        "SortDirection" => "ASC".to_owned(),
        of if of.ends_with("ToManyOrderBy") => "{aggregate: {count: ASC}}".to_owned(),
        of => {
            let fields = fields(types, of);
            let mut fields = fields.iter();
            let column = fields.find(|(_, field)| named(&field["type"]).0 == "SortDirection");
            format!("{{{}: ASC}}", column.expect("a column").0)
        }
    }
}
