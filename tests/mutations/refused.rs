//! What a role may not write cannot be written: not by literals, variables, fragments or nested
//! rows. A refusal writes nothing and sends nothing.

use serde_json::{Value, json};
use std::sync::Mutex;
use tessera::engine::catalog::{Catalog, Command, RoleCatalog};
use tessera::session::Role;

use super::{World, id, token};
use crate::harness::client::Client;
use crate::harness::database::{STATEMENTS, seeded};
use crate::harness::run;

/// The roles and what each of these asks for, which the one before may not.
fn cases() -> Vec<(Role, Role, &'static str, Value)> {
    let supplier = id("suppliers", 0);
    vec![
        // Whole tables, by every command.
        (
            Role::Viewer,
            Role::Member,
            "mutation { createGenre(input: { genre: { name: \"x\" } }) { created } }",
            json!({}),
        ),
        (
            Role::Viewer,
            Role::Member,
            "mutation ($i: CreateGenreInput!) { createGenre(input: $i) { created } }",
            json!({"i": {"genre": {"name": "x"}}}),
        ),
        (
            Role::Member,
            Role::Staff,
            "mutation ($i: CreateSupplierInput!) { createSupplier(input: $i) { created } }",
            json!({"i": {"supplier": {"name": "x"}}}),
        ),
        (
            Role::Staff,
            Role::Manager,
            "mutation ($i: DeleteSupplierInput!) { deleteSupplier(input: $i) { created } }",
            json!({"i": {"by": {"id": supplier}}}),
        ),
        (
            Role::Staff,
            Role::Manager,
            "mutation ($i: DeleteSuppliersInput!) { deleteSuppliers(input: $i) { count } }",
            json!({"i": {"where": {"id": {"eq": supplier}}, "max": 1}}),
        ),
        (
            Role::Manager,
            Role::Admin,
            "mutation ($i: CreateAgentInput!) { createAgent(input: $i) { created } }",
            json!({"i": {"agent": {"name": "x"}}}),
        ),
        (
            Role::Manager,
            Role::Admin,
            "mutation ($i: CreateConfigurationInput!) { createConfiguration(input: $i) { created } }",
            json!({"i": {"configuration": {"key": "x"}}}),
        ),
        // Columns, in literals, variables and parts of them.
        (
            Role::Member,
            Role::Staff,
            "mutation { createProduct(input: { product: { title: \"x\", basePrice: \"1\", cost: \"1\" } }) { created } }",
            json!({}),
        ),
        (
            Role::Member,
            Role::Staff,
            "mutation ($i: CreateProductInput!) { createProduct(input: $i) { created } }",
            json!({"i": {"product": {"title": "x", "basePrice": "1", "cost": "1"}}}),
        ),
        (
            Role::Member,
            Role::Staff,
            "mutation ($p: ProductInput!) { createProduct(input: { product: $p }) { created } }",
            json!({"p": {"title": "x", "basePrice": "1", "cost": null}}),
        ),
        (
            Role::Member,
            Role::Staff,
            "mutation ($c: Decimal) { createProduct(input: { product: { title: \"x\", basePrice: \"1\", cost: $c } }) { created } }",
            json!({"c": "1"}),
        ),
        (
            Role::Member,
            Role::Staff,
            "mutation ($i: CreateProductsInput!) { createProducts(input: $i) { count } }",
            json!({"i": {"products": [{"title": "x", "basePrice": "1"}, {"title": "y", "basePrice": "1", "variants": [{"price": "1", "cost": "1"}]}]}}),
        ),
        (
            Role::Member,
            Role::Staff,
            "mutation ($i: UpdateProductInput!) { updateProduct(input: $i) { created } }",
            json!({"i": {"by": {"id": id("products", 0)}, "patch": {"cost": "1"}}}),
        ),
        (
            Role::Member,
            Role::Staff,
            "mutation ($i: UpdateProductInput!) { updateProduct(input: $i) { created } }",
            json!({"i": {"by": {"id": id("products", 0)}, "change": {"cost": {"increment": "1"}}}}),
        ),
        (
            Role::Member,
            Role::Staff,
            "mutation ($i: UpdateProductsInput!) { updateProducts(input: $i) { count } }",
            json!({"i": {"where": {"id": {"eq": id("products", 0)}}, "max": 1, "patch": {"cost": "1"}}}),
        ),
        (
            Role::Member,
            Role::Staff,
            "mutation ($i: UpdateProductsInput!) { updateProducts(input: $i) { count } }",
            json!({"i": {"where": {"cost": {"gt": "1"}}, "max": 100, "patch": {"title": "x"}}}),
        ),
        (
            Role::Member,
            Role::Staff,
            "mutation ($i: DeleteProductsInput!) { deleteProducts(input: $i) { count } }",
            json!({"i": {"where": {"variants": {"some": {"cost": {"gt": "1"}}}}, "max": 100}}),
        ),
        (
            Role::Member,
            Role::Staff,
            "mutation ($i: UpsertProductInput!) { upsertProduct(input: $i) { created } }",
            json!({"i": {"product": {"id": id("products", 0), "title": "x", "basePrice": "1"}, "by": "ID", "onConflict": {"cost": "1"}}}),
        ),
        (
            Role::Staff,
            Role::Manager,
            "mutation ($i: UpdateAgentActionInput!) { updateAgentAction(input: $i) { created } }",
            json!({"i": {"by": {"id": id("agent_actions", 0)}, "patch": {"approved": true}}}),
        ),
        (
            Role::Manager,
            Role::Admin,
            "mutation ($i: UpdateKpiInput!) { updateKpi(input: $i) { created } }",
            json!({"i": {"by": {"id": id("kpis", 0)}, "patch": {"calculationSql": "select 1"}}}),
        ),
        // What the payload shows is read as the role.
        (
            Role::Member,
            Role::Staff,
            "mutation { updateProduct(input: { by: { id: \"x\" }, patch: { title: \"x\" } }) { product { cost } } }",
            json!({}),
        ),
        (
            Role::Member,
            Role::Staff,
            "mutation { updateProduct(input: { by: { id: \"x\" }, patch: { title: \"x\" } }) { query { products { nodes { cost } } } } }",
            json!({}),
        ),
        (
            Role::Member,
            Role::Admin,
            "mutation { updateProduct(input: { by: { id: \"x\" }, patch: { title: \"x\" } }) { errors { ... on StaleVersion { current { ... on Integration { id } } } } } }",
            json!({}),
        ),
        // Fragments.
        (
            Role::Viewer,
            Role::Member,
            "mutation { ...F } fragment F on Mutation { createGenre(input: { genre: { name: \"x\" } }) { created } }",
            json!({}),
        ),
        (
            Role::Member,
            Role::Admin,
            "mutation { updateGenre(input: { by: { id: \"x\" }, patch: { name: \"x\" } }) { created } ... on Mutation { createAgent(input: { agent: { name: \"x\" } }) { created } } }",
            json!({}),
        ),
    ]
}

#[test]
fn no_way_writes_what_is_forbidden() {
    run(async {
        let client = Client::new(seeded().await);
        for (role, least, query, variables) in cases() {
            let token = token(id("users", 0), role);
            // The membership is remembered from here on.
            client.query_as(&token, "{ __typename }", json!({})).await;
            let (status, answer, sent) = STATEMENTS
                .scope(Mutex::default(), async {
                    let (status, answer) = client.ask_as(&token, query, variables.clone()).await;
                    let sent = STATEMENTS.with(|log| log.lock().expect("unlocked").clone());
                    (status, answer, sent)
                })
                .await;
            assert_eq!(status, 403, "{role} {query} {variables}: {answer}");
            assert_eq!(answer.get("data"), None, "{query}: {answer}");
            let error = &answer["errors"][0];
            assert_eq!(
                error["extensions"]["code"], "FORBIDDEN",
                "{query}: {answer}"
            );
            assert_eq!(
                error["extensions"]["role"],
                least.name(),
                "{query}: {answer}"
            );
            assert_eq!(sent, Vec::<String>::new(), "{query}");
        }
    });
}

/// The schema that a role is shown has exactly what it may write.
#[test]
fn each_role_is_shown_what_it_may_write() {
    run(async {
        let client = Client::new(seeded().await);
        let catalog = tessera::app::catalog().expect("the model fits together");
        let query =
            "{ __schema { mutationType { fields { name } } types { name inputFields { name } } } }";
        for role in Role::ALL.into_iter().filter(|role| *role != Role::System) {
            let token = token(id("users", 0), role);
            let answer = client.query_as(&token, query, json!({})).await;
            let schema = &answer["data"]["__schema"];
            let names = |list: &Value| -> Vec<String> {
                let list = list.as_array().into_iter().flatten();
                list.map(|one| one["name"].as_str().expect("a name").to_owned())
                    .collect()
            };
            let mut shown = names(&schema["mutationType"]["fields"]);
            shown.sort();
            let readable = RoleCatalog {
                catalog: &catalog,
                role,
            };
            let mut expected = Vec::new();
            for table in readable.tables() {
                for command in [
                    Command::Create,
                    Command::CreateMany,
                    Command::Update,
                    Command::UpdateMany,
                    Command::Upsert,
                    Command::Delete,
                    Command::DeleteMany,
                ] {
                    if readable.may(table, command) {
                        expected.push(Catalog::mutation_name(table, command));
                    }
                }
            }
            expected.sort();
            assert_eq!(shown, expected, "{role}");
            let types = schema["types"].as_array().expect("types");
            let fields = |name: &str| {
                let of = types.iter().find(|one| one["name"] == name);
                of.map(|one| names(&one["inputFields"]))
            };
            for table in readable.tables() {
                let of = |column: &tessera::engine::catalog::Column| column.field.clone();
                if readable.may(table, Command::Create) {
                    let input = fields(&format!("{}Input", table.type_name)).expect("an input");
                    for (index, column) in table.columns.iter().enumerate() {
                        let may = readable.creatable(table).any(|(id, _)| id.0 == index);
                        let relation = table.relation_by_field(&column.field).is_some();
                        assert_eq!(
                            input.contains(&of(column)),
                            may || relation,
                            "{role} {}.{}",
                            table.name,
                            column.name
                        );
                    }
                }
                if let Some(patch) = fields(&format!("{}Patch", table.type_name)) {
                    for column in &table.columns {
                        let may = readable
                            .updatable(table)
                            .any(|(_, one)| one.name == column.name);
                        let relation = table.relation_by_field(&column.field).is_some();
                        assert_eq!(
                            patch.contains(&of(column)),
                            may || relation,
                            "{role} {}.{}",
                            table.name,
                            column.name
                        );
                    }
                }
            }
        }
    });
}

/// A row that the caller may not read can be written by no key and no filter, and is told of by
/// nothing.
#[test]
fn rows_of_other_users_are_not_there() {
    run(async {
        let world = World::new().await;
        // The seeded rows belong to one user each; the caller is another.
        world
            .database
            .admin_script(&format!("update agent_conversations set user_id = '{}'; update moves set user_id = '{0}', assigned_user_id = '{0}';", id("users", 0)))
            .await;
        let before = world.rows(None).await;
        let member = token(id("users", 1), Role::Member);
        for (table, kind, field) in [
            (
                "agent_conversations",
                "AgentConversation",
                "agentConversation",
            ),
            ("moves", "Move", "move"),
        ] {
            let patch = json!({"title": "x"});
            for (row, input) in [("update", json!({"patch": patch})), ("delete", json!({}))] {
                let mut answers = Vec::new();
                for key in [id(table, 0), uuid::Uuid::nil()] {
                    let mut input = input.clone();
                    input["by"] = json!({"id": key});
                    let query =
                        super::document(&format!("{row}{kind}"), &format!("{field} {{ id }}"));
                    let (_, answer) = world
                        .client
                        .ask_as(&member, &query, json!({"input": input}))
                        .await;
                    assert_eq!(
                        answer["data"]["p"]["errors"][0]["code"], "NOT_FOUND",
                        "{table}: {answer}"
                    );
                    answers.push(answer);
                }
                assert_eq!(answers[0], answers[1], "{table}");
            }
            let all = json!({"where": {"id": {"eq": id(table, 0)}}, "max": 10});
            let query = super::document(&format!("delete{kind}s"), "count");
            let (_, answer) = world
                .client
                .ask_as(&member, &query, json!({"input": all}))
                .await;
            assert_eq!(answer["data"]["p"]["count"], 0, "{answer}");
        }
        // Nor can a row be made or given away such that one may not read it.
        let theirs =
            json!({"input": {"agentConversation": {"userId": id("users", 0), "data": {}}}});
        let query = super::document("createAgentConversation", "created");
        let (_, answer) = world.client.ask_as(&member, &query, theirs).await;
        assert!(answer["errors"].is_array(), "{answer}");
        assert_eq!(world.rows(None).await, before);
    });
}

/// The id of a row that is made in the same mutation stands for a row of its own table alone: with
/// the id of a row of another table, which the caller may not read, it opens no reference to that.
#[test]
fn an_id_of_ones_own_opens_no_reference_to_a_hidden_row() {
    run(async {
        let world = World::new().await;
        world
            .database
            .admin_script(&format!(
                "update graph_entities set user_id = '{}';",
                id("users", 0)
            ))
            .await;
        let before = world.rows(None).await;
        let member = token(id("users", 1), Role::Member);
        let hidden = id("graph_entities", 0);
        let row = json!({"id": hidden, "sourceEntityId": hidden, "targetEntityId": hidden, "relationshipType": "knows"});
        let query = super::document("createGraphRelationship", "created");
        let input = json!({"input": {"graphRelationship": row}});
        let (_, answer) = world.client.ask_as(&member, &query, input).await;
        let errors = answer["data"]["p"]["errors"].as_array().expect("errors");
        assert_eq!(
            super::told(errors),
            [
                "REFERENCE_VIOLATION graphRelationship.sourceEntityId",
                "REFERENCE_VIOLATION graphRelationship.targetEntityId"
            ],
            "{answer}"
        );
        assert_eq!(world.rows(None).await, before);
    });
}
