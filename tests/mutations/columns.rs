//! Every column of every table is written at its borders, read back through the API, and compared
//! with what the table holds in plain SQL.

use entity::facts::{TABLES, TableFacts};
use serde_json::{Map, Value, json};
use tessera::app;
use tessera::engine::catalog::{Catalog, Column, Command, Kind, RoleCatalog, Table};
use tessera::session::Role;
use uuid::Uuid;

use super::{World, id};
use crate::harness::run;
use crate::harness::seed::Side;
use crate::privacy::PERSONAL;

/// A value of the input, as the API answers it, and as a literal of SQL.
pub struct Given {
    pub input: Value,
    output: Value,
    sql: String,
}

impl Given {
    fn same(value: Value, sql: impl Into<String>) -> Self {
        Self {
            output: value.clone(),
            input: value,
            sql: sql.into(),
        }
    }

    fn text(text: &str) -> Self {
        Self::same(json!(text), format!("'{}'", text.replace('\'', "''")))
    }

    fn null() -> Self {
        Self::same(Value::Null, "null")
    }
}

/// Which border.
#[derive(Clone, Copy, PartialEq)]
pub enum Border {
    High,
    Low,
}

pub use Border::{High, Low};

/// A number with the digits of its column.
fn decimal(column: &Column, border: Border) -> Given {
    let constraint = &column.write.constraint;
    let (precision, scale) = constraint.precision.expect("decimals have digits");
    let digits = |one: &str, many: u32| one.repeat(many as usize);
    let bound = match border {
        High => &constraint.max,
        Low => &constraint.min,
    };
    let largest = format!(
        "{}.{}",
        match precision - scale {
            0 => "0".to_owned(),
            before => digits("9", before),
        },
        digits("9", scale)
    );
    let text = match (bound, border) {
        (Some(bound), _) => format!("{bound}.{}", digits("0", scale)),
        (None, High) => largest,
        (None, Low) => format!("-{largest}"),
    };
    Given::same(json!(text), text)
}

fn nested(border: Border) -> Given {
    let text = match border {
        High => {
            r#"{"": {"ü'\"\\": [123456789012345678901234567890, 0.100000000000000000000000000001, null, true, [], {}]}, "last": "\u0001\ud83d\ude00"}"#
        }
        Low => "[-123456789012345678901234567890.5, \"\", false]",
    };
    let value: Value = serde_json::from_str(text).expect("JSON");
    Given::same(value, format!("'{}'", text.replace('\'', "''")))
}

fn vector(border: Border) -> Given {
    let numbers: Vec<f32> = (0..768_u16)
        .map(|n| match border {
            High => f32::from(n) / 8.0 - 40.0,
            Low => f32::from(n % 3) * 1e-20,
        })
        .collect();
    let text: Vec<String> = numbers.iter().map(f32::to_string).collect();
    Given::same(json!(numbers), format!("'[{}]'", text.join(",")))
}

fn list(border: Border) -> Given {
    let mut texts: Vec<String> = Vec::new();
    if border == High {
        texts = ["", "with \"quotes\"", "a,b", "{}", "NULL", "ü\n\\", "'"]
            .map(str::to_owned)
            .into();
        texts.extend((0..1000).map(|n| format!("element {n}")));
    }
    let literals: Vec<String> = texts
        .iter()
        .map(|text| format!("'{}'", text.replace('\'', "''")))
        .collect();
    Given::same(
        json!(texts),
        format!("array[{}]::text[]", literals.join(", ")),
    )
}

/// The value of a column at a border. References lead to the first row of their table, which the
/// owner may read.
pub fn value(catalog: &Catalog, table: &Table, index: usize, border: Border) -> Given {
    let column = &table.columns[index];
    let facts = facts(table);
    if column.name == "id" {
        return Given::text(&Uuid::now_v7().to_string());
    }
    if let Some(to) = table.referenced(tessera::engine::catalog::ColumnId(index)) {
        let to = &catalog.table(to).name;
        let own = to == "users" && PERSONAL.contains(&table.name.as_str());
        let row = match border {
            Low if !own && to != "graph_entities" => 1,
            _ => 0,
        };
        return Given::text(&id(to, row).to_string());
    }
    // The date of a partition follows the row that is referred to.
    let copied = facts.foreign_keys.iter().find_map(|key| {
        let place = key.columns.iter().position(|name| *name == column.name)?;
        (key.columns.len() > 2 && key.to_columns[place] != "workspace_id").then_some(())
    });
    if copied.is_some() {
        return Given::text(match border {
            High => "2026-01-01",
            Low => "2026-01-02",
        });
    }
    let constraint = &column.write.constraint;
    // Derived columns add two of them.
    let share = match facts.columns.iter().any(|one| one.generated) {
        true => 2,
        false => 1,
    };
    match column.kind {
        Kind::Uuid => Given::text(&Uuid::now_v7().to_string()),
        Kind::Text => {
            let text = match (border, constraint.max_length) {
                (High, Some(most)) => "ü".repeat(most as usize),
                (High, None) => "long 'text' \u{1f600}\n\t\\ ".repeat(1000),
                (Low, _) => String::new(),
            };
            Given::text(&text)
        }
        Kind::TextArray => list(border),
        Kind::Int => {
            let number: i32 = match border {
                High => constraint
                    .max
                    .as_ref()
                    .map_or(i32::MAX / share, |max| max.parse().expect("a number")),
                Low => constraint
                    .min
                    .as_ref()
                    .map_or(i32::MIN / share, |min| min.parse().expect("a number")),
            };
            Given::same(json!(number), format!("({number})"))
        }
        Kind::Decimal => decimal(column, border),
        Kind::Boolean => Given::same(json!(border == High), (border == High).to_string()),
        Kind::Timestamp => match border {
            High => Given {
                sql: "'294276-12-31 23:59:59.999999+00'".to_owned(),
                ..Given::text("+294276-12-31T23:59:59.999999Z")
            },
            Low => Given {
                sql: "'4714-11-24 00:00:00+00 BC'".to_owned(),
                ..Given::text("-004713-11-24T00:00:00Z")
            },
        },
        Kind::Date => match border {
            High => Given {
                sql: "'5874897-12-31'".to_owned(),
                ..Given::text("+5874897-12-31")
            },
            Low => Given {
                sql: "'4714-11-24 BC'".to_owned(),
                ..Given::text("-004713-11-24")
            },
        },
        Kind::Json => nested(border),
        Kind::Vector => vector(border),
        Kind::Enum(place) => {
            let values = &catalog.enums[place].values;
            let one = match border {
                High => values.last(),
                Low => values.first(),
            };
            enumerated(one.expect("a value"))
        }
        Kind::BigInt | Kind::Float | Kind::Inet => {
            panic!(
                "{}.{} is written; give it a value here",
                table.name, column.name
            )
        }
    }
}

fn enumerated(value: &str) -> Given {
    Given {
        sql: format!("'{value}'"),
        ..Given::same(json!(value.to_uppercase()), "")
    }
}

fn facts(table: &Table) -> &'static TableFacts {
    let mut tables = TABLES.iter();
    tables.find(|one| one.name == table.name).expect("a table")
}

/// One row, and what is expected of its columns.
struct Row<'a> {
    world: &'a World,
    table: &'a Table,
    id: Value,
    /// The fields that the owner reads.
    fields: String,
}

impl Row<'_> {
    async fn check(&self, payload: &Value, given: &[(&Column, Given)]) {
        let (table, name) = (self.table, &self.table.name);
        let row = &payload[&table.singular];
        let mut conditions = Vec::new();
        for (column, given) in given {
            let sql_type = facts(table)
                .columns
                .iter()
                .find(|one| one.name == column.name)
                // No entity has a secret, which is a document.
                .map_or("jsonb", |one| one.sql_type);
            // Without its length: a cast to it would cut what is too long.
            let base = sql_type.split('(').next().expect("a type");
            conditions.push(format!(
                "case when \"{0}\" is distinct from ({1})::{base} then '{0} is ' || left(coalesce(\"{0}\"::text, 'null'), 100) end",
                column.name, given.sql
            ));
            if column.exposed {
                let read = &row[&column.field];
                match column.kind {
                    // -40 and -40.0 are the same number.
                    Kind::Vector => assert_eq!(
                        numbers(read),
                        numbers(&given.output),
                        "{name}.{}",
                        column.name
                    ),
                    _ => assert_eq!(*read, given.output, "{name}.{}", column.name),
                }
            }
        }
        let query = format!(
            "select concat_ws(', ', {}) from {name} where id = {}",
            conditions.join(", "),
            self.id.to_string().replace('"', "'")
        );
        assert_eq!(self.world.text(&query).await, "", "{name}");
    }

    async fn update(&self, given: &[(&Column, Given)]) {
        let patch: Map<String, Value> = given
            .iter()
            .map(|(column, given)| (column.field.clone(), given.input.clone()))
            .collect();
        let field = Catalog::mutation_name(self.table, Command::Update);
        let input = json!({"by": {"id": self.id}, "patch": patch});
        let payload = self.world.written(&field, input, &self.fields).await;
        self.check(&payload, given).await;
    }
}

#[allow(clippy::cast_possible_truncation)]
fn numbers(vector: &Value) -> Vec<f32> {
    let numbers = vector.as_array().into_iter().flatten();
    numbers
        .map(|number| number.as_f64().expect("a number") as f32)
        .collect()
}

async fn table_at_its_borders(world: &World, catalog: &Catalog, table: &Table) {
    let role = RoleCatalog {
        catalog,
        role: Role::Owner,
    };
    let readable: Vec<&str> = role
        .fields(table)
        .map(|(_, column)| column.field.as_str())
        .collect();
    let fields = format!("{} {{ {} }}", table.singular, readable.join(" "));
    let given: Vec<(&Column, Given)> = role
        .creatable(table)
        .map(|(id, column)| (column, value(catalog, table, id.0, High)))
        .collect();
    let input: Map<String, Value> = given
        .iter()
        .map(|(column, given)| (column.field.clone(), given.input.clone()))
        .collect();
    let row = Row {
        world,
        table,
        id: input["id"].clone(),
        fields,
    };
    let field = Catalog::mutation_name(table, Command::Create);
    let input = json!({ &table.singular: input });
    let payload = world.written(&field, input, &row.fields).await;
    row.check(&payload, &given).await;

    if role.may(table, Command::Update) {
        let low: Vec<(&Column, Given)> = role
            .updatable(table)
            .map(|(id, column)| (column, value(catalog, table, id.0, Low)))
            .collect();
        row.update(&low).await;
        let nullable = role.updatable(table).filter(|(_, column)| column.nullable);
        let nulls: Vec<(&Column, Given)> = nullable
            .map(|(_, column)| (column, Given::null()))
            .collect();
        if !nulls.is_empty() {
            row.update(&nulls).await;
        }
        for (_, column) in role.updatable(table) {
            let Kind::Enum(place) = column.kind else {
                continue;
            };
            for value in &catalog.enums[place].values {
                let mut given = vec![(column, enumerated(value))];
                // A customer who is a VIP is marked as one.
                if value == "vip" {
                    let mark = table.columns.iter().find(|one| one.name == "vip_status");
                    let yes = Given::same(json!(true), "true");
                    given.extend(mark.map(|mark| (mark, yes)));
                }
                row.update(&given).await;
            }
        }
        let high: Vec<(&Column, Given)> = role
            .updatable(table)
            .map(|(id, column)| (column, value(catalog, table, id.0, High)))
            .collect();
        row.update(&high).await;
    }
    if role.may(table, Command::Delete) {
        let field = Catalog::mutation_name(table, Command::Delete);
        let input = json!({"by": {"id": row.id}});
        let payload = world.written(&field, input, &row.fields).await;
        assert_eq!(payload[&table.singular]["id"], row.id, "{}", table.name);
        let id = row.id.to_string().replace('"', "'");
        let query = format!("select count(*) from {} where id = {id}", table.name);
        assert_eq!(world.text(&query).await, "0", "{}", table.name);
    }
}

#[test]
fn every_column_is_written_at_its_borders() {
    run(async {
        let world = World::new().await;
        let catalog = app::catalog().expect("the model fits together");
        let role = RoleCatalog {
            catalog: &catalog,
            role: Role::Owner,
        };
        let mut tables = 0;
        let mut columns = 0;
        for table in role
            .tables()
            .filter(|table| role.may(table, Command::Create))
        {
            // A key that consists of references alone is taken by the seed.
            let references = |columns: &[tessera::engine::catalog::ColumnId]| {
                columns
                    .iter()
                    .all(|&column| table.referenced(column).is_some())
            };
            if table.unique.iter().any(|key| references(&key.columns)) {
                let script = format!(
                    "delete from {} where workspace_id = '{}'",
                    table.name,
                    Side::A.workspace()
                );
                world.database.admin_script(&script).await;
            }
            table_at_its_borders(&world, &catalog, table).await;
            tables += 1;
            columns += role.creatable(table).count();
        }
        assert!(
            tables >= 70 && columns > 600,
            "{tables} tables, {columns} columns"
        );
    });
}

/// What the API wrote, as SeaORM's entities read it.
#[test]
fn entities_read_what_was_written() {
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
    use tessera::session::Session;

    run(async {
        let world = World::new().await;
        let customer = json!({"customer": {
            "email": "ada@example.com", "firstName": "Ada", "tags": ["a", "b"], "status": "VIP", "vipStatus": true,
            "totalSpent": "12.34", "ordersCount": 7, "dateJoined": "2026-01-31", "lastOrderDate": "2026-01-31T12:00:00.000001Z",
        }});
        let payload = world
            .written("createCustomer", customer, "customer { id }")
            .await;
        let customer: Uuid = super::text(&payload["customer"]["id"])
            .parse()
            .expect("an id");
        let order = json!({"order": {
            "customerId": customer, "orderNumber": "N1", "totalAmount": "5.00", "status": "SHIPPED", "shippingAddress": {"country": "IN"},
            "items": [{"quantity": 2, "unitPrice": "2.50", "totalAmount": "5.00", "productVariantId": id("product_variants", 0)}],
        }});
        let payload = world.written("createOrder", order, "order { id }").await;
        let order: Uuid = super::text(&payload["order"]["id"]).parse().expect("an id");

        let session = Session {
            workspace: Side::A.workspace(),
            user: Side::A.user(),
            role: Role::Owner,
        };
        let entities = world.database.db.read(&session).entities();
        let found = entity::customers::Entity::find()
            .filter(entity::customers::Column::Id.eq(customer))
            .one(&entities)
            .await
            .expect("an answer")
            .expect("a customer");
        assert_eq!(found.workspace_id, Side::A.workspace());
        assert_eq!(found.email, "ada@example.com");
        assert_eq!(found.tags, ["a", "b"]);
        assert_eq!(
            found.status,
            entity::sea_orm_active_enums::CustomerStatus::Vip
        );
        assert_eq!(found.total_spent.to_string(), "12.34");
        assert_eq!(found.orders_count, 7);
        assert_eq!(found.date_joined.expect("a day").to_string(), "2026-01-31");
        assert_eq!(
            found.last_order_date.expect("a time").timestamp_micros(),
            1_769_860_800_000_001
        );
        assert_eq!(found.created_at, found.updated_at);
        let found = entity::orders::Entity::find()
            .filter(entity::orders::Column::Id.eq(order))
            .one(&entities)
            .await
            .expect("an answer")
            .expect("an order");
        assert_eq!(found.customer_id, Some(customer));
        assert_eq!(found.shipping_address, Some(json!({"country": "IN"})));
        assert_eq!(found.currency, "USD");
        let items = entity::order_items::Entity::find()
            .filter(entity::order_items::Column::OrderId.eq(order))
            .all(&entities)
            .await
            .expect("an answer");
        assert_eq!(items.len(), 1);
        assert_eq!(items[0].quantity, 2);
        assert_eq!(items[0].product_variant_id, Some(id("product_variants", 0)));
        assert_eq!(items[0].discount_amount.to_string(), "0.00");
    });
}
