//! Expected failures: all of one input at once, each with its place, and nothing written.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{World, id, told};
use crate::harness::run;
use crate::harness::seed::Side;

#[test]
fn all_that_is_wrong_with_an_input_is_told_at_once() {
    run(async {
        let world = World::new().await;
        let before = world.rows(None).await;
        let long = "x".repeat(256);
        let customer = json!({
            "email": "Upper@example.com",
            "firstName": long,
            "preferredLanguage": "12345678901",
            "totalSpent": "12345678901.00",
            "lifetimeValue": "1.005",
            "tags": null,
            "status": "VIP",
            "shopifyCustomerId": "gid:1",
            "preferences": [
                {"preferenceKey": "size", "preferenceValue": "L", "confidenceScore": "1.01"},
                {"preferenceKey": "x".repeat(101), "preferenceValue": "v"},
            ],
        });
        let problems = world
            .problems("createCustomer", json!({"customer": customer}))
            .await;
        assert_eq!(
            problems,
            [
                "BAD_USER_INPUT customer.firstName",
                "BAD_USER_INPUT customer.lifetimeValue",
                "BAD_USER_INPUT customer.preferences.1.preferenceKey",
                "BAD_USER_INPUT customer.preferredLanguage",
                "BAD_USER_INPUT customer.tags",
                "BAD_USER_INPUT customer.totalSpent",
                "CHECK_VIOLATION customer",
                "CHECK_VIOLATION customer.email",
                "CHECK_VIOLATION customer.preferences.0.confidenceScore",
                "CHECK_VIOLATION customer.shopifyCustomerId",
            ]
        );
        // What the database alone knows stands beside what the input itself tells.
        let order = json!({
            "orderNumber": "alpha order number 1",
            "customerId": Uuid::now_v7(),
            "currency": "EURO",
            "totalAmount": "1.00",
            "items": [{"quantity": 1, "unitPrice": "1.00", "totalAmount": "1.00", "productVariantId": Side::B.id("product_variants", 0)}],
        });
        assert_eq!(
            world.problems("createOrder", json!({"order": order})).await,
            [
                "BAD_USER_INPUT order.currency",
                "REFERENCE_VIOLATION order.customerId",
                "REFERENCE_VIOLATION order.items.0.productVariantId",
                "UNIQUE_VIOLATION order.orderNumber",
            ]
        );
        // So it is without an error of the first kind.
        let order = json!({
            "orderNumber": "alpha order number 1",
            "shopifyOrderId": "gid:x",
            "customerId": Uuid::now_v7(),
            "totalAmount": "1.00",
        });
        assert_eq!(
            world.problems("createOrder", json!({"order": order})).await,
            [
                "CHECK_VIOLATION order.shopifyOrderId",
                "REFERENCE_VIOLATION order.customerId",
                "UNIQUE_VIOLATION order.orderNumber",
            ]
        );
        assert_eq!(world.rows(None).await, before);
    });
}

#[test]
fn required_values_are_named() {
    run(async {
        let world = World::new().await;
        let item = json!({"quantity": 1, "unitPrice": "1.00", "totalAmount": "1.00"});
        assert_eq!(
            world
                .problems("createOrderItem", json!({"orderItem": item}))
                .await,
            ["BAD_USER_INPUT orderItem.orderId"]
        );
        assert_eq!(
            world
                .problems(
                    "createCustomerSegmentMember",
                    json!({"customerSegmentMember": {"score": "101"}})
                )
                .await,
            [
                "BAD_USER_INPUT customerSegmentMember.customerId",
                "BAD_USER_INPUT customerSegmentMember.segmentId",
                "CHECK_VIOLATION customerSegmentMember.score",
            ]
        );
        let input = json!({"by": {"id": id("customers", 0)}, "patch": {"email": null, "tags": null, "firstName": null}});
        assert_eq!(
            world.problems("updateCustomer", input).await,
            ["BAD_USER_INPUT patch.email", "BAD_USER_INPUT patch.tags"]
        );
        // What validation knows already is no error of a payload.
        let (_, answer) = world
            .ask("mutation { createCustomer(input: { customer: { firstName: \"x\" } }) { created } }", json!({}))
            .await;
        assert_eq!(
            answer["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED",
            "{answer}"
        );
        assert_eq!(answer.get("data"), None);
    });
}

#[test]
fn values_beyond_their_type_are_refused_in_their_place() {
    run(async {
        let world = World::new().await;
        let refused = async |field: &str, input: Value| {
            let (_, answer) = world
                .ask(&super::document(field, "created"), json!({"input": input}))
                .await;
            match answer.get("errors") {
                Some(errors) => errors[0]["extensions"]["code"]
                    .as_str()
                    .expect("a code")
                    .to_owned(),
                None => told(answer["data"]["p"]["errors"].as_array().expect("errors")).join(", "),
            }
        };
        let customer = |field: &str, value: Value| {
            let mut customer = json!({"email": "x@example.com"});
            customer[field] = value;
            json!({"customer": customer})
        };
        for (field, value) in [
            ("status", json!("NONE")),
            ("status", json!("active")),
            ("ordersCount", json!(2_147_483_648_i64)),
            ("ordersCount", json!("1")),
            ("totalSpent", json!("NaN")),
            ("totalSpent", json!("1e400")),
            ("totalSpent", json!("0x10")),
            ("dateJoined", json!("2026-02-30")),
            ("lastOrderDate", json!("2026-01-01")),
            ("email", json!("nul\u{0}@example.com")),
            ("tags", json!(["nul\u{0}"])),
            ("tags", json!([null])),
            ("id", json!("no id")),
            ("vipStatus", json!("true")),
        ] {
            let code = refused("createCustomer", customer(field, value.clone())).await;
            assert!(
                code.starts_with("BAD_USER_INPUT"),
                "{field} {value}: {code}"
            );
        }
        let embedding = |values: Value| json!({"by": {"id": id("product_embeddings", 0)}, "patch": {"embedding": values}});
        for values in [
            json!(vec![0.5; 767]),
            json!(vec![0.5; 769]),
            json!([]),
            json!("[0.5]"),
            json!(vec![json!("x"); 768]),
            json!(vec![json!(1e39); 768]),
        ] {
            let code = refused("updateProductEmbedding", embedding(values)).await;
            assert!(code.starts_with("BAD_USER_INPUT"), "{code}");
        }
    });
}

#[test]
fn changes_keep_the_checks_of_one_and_of_two_columns() {
    run(async {
        let world = World::new().await;
        let before = world.rows(None).await;
        let update = |patch: Value| json!({"by": {"id": id("customers", 0)}, "patch": patch});
        let none = Uuid::now_v7();
        for (field, input, problem) in [
            (
                "updateCustomer",
                update(json!({"email": "Upper@example.com"})),
                "CHECK_VIOLATION patch.email",
            ),
            (
                "updateCustomer",
                update(json!({"status": "VIP", "vipStatus": false})),
                "CHECK_VIOLATION patch.vipStatus",
            ),
            (
                "updateCustomer",
                update(json!({"email": "alpha2@example.com"})),
                "UNIQUE_VIOLATION patch.email",
            ),
            (
                "updateCustomer",
                update(json!({"firstName": "x".repeat(256)})),
                "BAD_USER_INPUT patch.firstName",
            ),
            (
                "updateOrder",
                json!({"by": {"id": id("orders", 0)}, "patch": {"customerId": none}}),
                "REFERENCE_VIOLATION patch.customerId",
            ),
            (
                "updateOrders",
                json!({"where": {"id": {"eq": id("orders", 0)}}, "patch": {"customerId": none}, "max": 1}),
                "REFERENCE_VIOLATION patch.customerId",
            ),
            (
                "updateCustomers",
                json!({"where": {"id": {"in": [id("customers", 0), id("customers", 1)]}}, "patch": {"email": "same@example.com"}, "max": 2}),
                "UNIQUE_VIOLATION patch.email",
            ),
        ] {
            let problems = world.problems(field, input.clone()).await;
            // A check of two columns may be told at either.
            let fits = problems == [problem]
                || problem.ends_with("vipStatus") && problems == ["CHECK_VIOLATION patch.status"];
            assert!(fits, "{input}: {problems:?}");
        }
        let price = json!({
            "supplierId": id("suppliers", 0), "productVariantId": id("product_variants", 3), "unitPrice": "1.00",
            "effectiveFrom": "2026-02-01", "effectiveTo": "2026-01-31",
        });
        let errors = world
            .payload(
                "createSupplierPrice",
                json!({"supplierPrice": price}),
                "created",
            )
            .await;
        assert_eq!(
            told(errors["errors"].as_array().expect("errors")),
            ["CHECK_VIOLATION supplierPrice"]
        );
        assert_eq!(world.rows(None).await, before);
    });
}

/// A row of another workspace is the same as one that nobody has, in every word.
#[test]
fn references_to_another_workspace_are_told_like_those_to_nothing() {
    run(async {
        let world = World::new().await;
        let orders = |customer: Value| json!({"order": {"totalAmount": "1", "customer": customer}});
        let pairs = [
            (Side::B.id("customers", 0), "id"),
            (Side::B.id("customers", 1), "id"),
        ];
        let mut answers = Vec::new();
        for (theirs, key) in pairs {
            for value in [theirs, Uuid::now_v7()] {
                let by_id = json!({"order": {"totalAmount": "1", "customerId": value}});
                let connected = orders(json!({"connect": {key: value}}));
                let moved = json!({"by": {"id": id("orders", 0)}, "patch": {"customerId": value}});
                answers.push((
                    world.errors("createOrder", by_id).await,
                    world.errors("createOrder", connected).await,
                    world.errors("updateOrder", moved).await,
                ));
            }
        }
        assert!(
            answers.windows(2).all(|pair| pair[0] == pair[1]),
            "{answers:?}"
        );
        let by = |email: &str| orders(json!({"connect": {"email": email}}));
        assert_eq!(
            world.errors("createOrder", by("bravo1@example.com")).await,
            world.errors("createOrder", by("nobody@example.com")).await
        );
        // What B has taken is free for A.
        let customer = json!({"customer": {"email": "bravo1@example.com", "shopifyCustomerId": "bravo shopify customer id 1"}});
        world.written("createCustomer", customer, "created").await;
        // A user who is no member of the workspace is no user here.
        let case = |user: Uuid| json!({"supportCase": {"caseNumber": format!("{user}"), "customerId": id("customers", 0), "subject": "s", "category": "GENERAL", "assignedUserId": user}});
        let theirs = world
            .errors("createSupportCase", case(Side::B.user()))
            .await;
        let nobodys = world
            .errors("createSupportCase", case(Uuid::now_v7()))
            .await;
        assert_eq!(theirs, nobodys);
        assert_eq!(
            told(&theirs),
            ["REFERENCE_VIOLATION supportCase.assignedUserId"]
        );
        world
            .written("createSupportCase", case(id("users", 1)), "created")
            .await;
    });
}

#[test]
fn unique_keys_hold_within_the_input_and_with_the_table() {
    run(async {
        let world = World::new().await;
        let before = world.rows(None).await;
        let genres = |names: &[&str]| -> Value {
            let rows = names.iter().map(|name| json!({"name": name}));
            json!({"genres": rows.collect::<Vec<_>>()})
        };
        let errors = world
            .errors("createGenres", genres(&["new", "alpha name 1", "new"]))
            .await;
        assert_eq!(
            told(&errors),
            [
                "UNIQUE_VIOLATION genres.1.name",
                "UNIQUE_VIOLATION genres.2.name"
            ]
        );
        for error in &errors {
            assert_eq!(error["fields"], json!(["name"]));
        }
        let own = Uuid::now_v7();
        let twice = json!({"genres": [{"id": own, "name": "a"}, {"id": own, "name": "b"}, {"id": id("genres", 0), "name": "c"}]});
        assert_eq!(
            world.problems("createGenres", twice).await,
            [
                "UNIQUE_VIOLATION genres.1.id",
                "UNIQUE_VIOLATION genres.2.id"
            ]
        );
        // Of several columns the key has no one place.
        let preference = |customer: Uuid, key: &str| json!({"customerId": customer, "preferenceKey": key, "preferenceValue": "v"});
        let rows = [
            preference(id("customers", 0), "alpha preference key 1"),
            preference(id("customers", 1), "alpha preference key 1"),
            preference(id("customers", 3), "k"),
            preference(id("customers", 3), "k"),
        ];
        let errors = world
            .errors(
                "createCustomerPreferences",
                json!({"customerPreferences": rows}),
            )
            .await;
        assert_eq!(
            told(&errors),
            [
                "UNIQUE_VIOLATION customerPreferences.0",
                "UNIQUE_VIOLATION customerPreferences.3"
            ]
        );
        assert_eq!(errors[0]["fields"], json!(["customerId", "preferenceKey"]));
        // Nulls are not equal to each other.
        assert_eq!(world.rows(None).await, before);
        let orders =
            json!({"orders": [{"totalAmount": "1"}, {"totalAmount": "1", "orderNumber": null}]});
        world.written("createOrders", orders, "count").await;
        // What B has taken is free here, and of a number that is unique everywhere nothing is told
        // but that it is taken.
        let theirs = Side::B.id("genres", 0);
        let input = json!({"genre": {"id": theirs, "name": "bravo name 1"}});
        let payload = world
            .written("createGenre", input, "created genre { id }")
            .await;
        assert_eq!(payload, json!({"created": true, "genre": {"id": theirs}}));
        let number = world
            .text(&format!(
                "select invoice_number from invoices where id = '{}'",
                Side::B.id("invoices", 0)
            ))
            .await;
        let invoice = json!({"invoice": {"userId": id("users", 0), "invoiceNumber": number, "invoiceDate": "2026-01-01T00:00:00Z", "data": {}}});
        let errors = world.errors("createInvoice", invoice).await;
        assert_eq!(told(&errors), ["UNIQUE_VIOLATION invoice"]);
        assert_eq!(errors[0]["fields"], json!([]));
    });
}

#[test]
fn one_field_that_fails_takes_the_others_with_it() {
    run(async {
        let world = World::new().await;
        let before = world.rows(None).await;
        let query = "mutation { \
            one: createGenre(input: { genre: { name: \"one\" } }) { created genre { id } errors { code ... on RolledBack { because message path } } changed { kind } query { genres { totalCount } } } \
            two: createGenre(input: { genre: { name: \"alpha name 1\" } }) { created genre { id } errors { code path } } \
            three: createGenres(input: { genres: [{ name: \"three\" }] }) { count results { index } errors { code ... on RolledBack { because } } } }";
        let (_, answer) = world.ask(query, json!({})).await;
        assert_eq!(
            answer,
            json!({"data": {
                "one": {
                    "created": null, "genre": null, "changed": [],
                    "errors": [{"code": "ROLLED_BACK", "because": "two", "message": "Nothing was written, because `two` failed.", "path": null}],
                    "query": {"genres": {"totalCount": seed_rows()}},
                },
                "two": {"created": null, "genre": null, "errors": [{"code": "UNIQUE_VIOLATION", "path": ["genre", "name"]}]},
                "three": {"count": 0, "results": [], "errors": [{"code": "ROLLED_BACK", "because": "two"}]},
            }})
        );
        assert_eq!(world.rows(None).await, before);
    });
}

fn seed_rows() -> usize {
    crate::harness::seed::ROWS
}

#[test]
fn rows_that_fail_are_skipped_and_the_others_written() {
    run(async {
        let world = World::new().await;
        let taken = "alpha sku 1";
        let variant = |sku: &str, price: &str| json!({"productId": id("products", 0), "sku": sku, "price": price});
        let rows = [
            variant("good 1", "1.00"),
            variant(taken, "1.00"),
            json!({"productId": Uuid::now_v7(), "price": "1.00"}),
            json!({"productId": Side::B.id("products", 0), "price": "1.00"}),
            variant("long", "12345678901.00"),
            json!({"productId": id("products", 0), "price": "1.00", "shopifyVariantId": "gid:1"}),
            json!({"price": "1.00", "sku": "no parent"}),
            variant("good 2", "2.00"),
            variant("good 2", "3.00"),
            json!({"product": {"connect": {"shopifyId": "none"}}, "price": "1.00"}),
            json!({"product": {"connect": {"shopifyId": "none"}}, "price": "1.00"}),
            json!({"product": {"create": {"title": "T", "basePrice": "12345678901"}}, "price": "1.00"}),
            json!({"product": {"create": {"title": "T", "basePrice": "1"}}, "price": "1.00", "sku": "good 3"}),
        ];
        let input = json!({"productVariants": rows, "errorPolicy": "SKIP_FAILED"});
        let payload = world
            .written(
                "createProductVariants",
                input,
                "count results { index productVariant { sku price } errors { code path } }",
            )
            .await;
        let results = payload["results"].as_array().expect("results");
        assert_eq!(results.len(), rows.len());
        let outcome = |n: usize| -> String {
            assert_eq!(results[n]["index"], n);
            match results[n]["productVariant"].is_null() {
                false => {
                    assert_eq!(results[n]["errors"], json!([]));
                    results[n]["productVariant"]["sku"]
                        .as_str()
                        .expect("a text")
                        .to_owned()
                }
                true => told(results[n]["errors"].as_array().expect("errors")).join(", "),
            }
        };
        let outcomes: Vec<String> = (0..rows.len()).map(outcome).collect();
        assert_eq!(
            outcomes,
            [
                "good 1",
                "UNIQUE_VIOLATION productVariants.1.sku",
                "REFERENCE_VIOLATION productVariants.2.productId",
                "REFERENCE_VIOLATION productVariants.3.productId",
                "BAD_USER_INPUT productVariants.4.price",
                "CHECK_VIOLATION productVariants.5.shopifyVariantId",
                "BAD_USER_INPUT productVariants.6.productId",
                "good 2",
                "UNIQUE_VIOLATION productVariants.8.sku",
                "REFERENCE_VIOLATION productVariants.9.product.connect",
                "REFERENCE_VIOLATION productVariants.10.productId",
                "BAD_USER_INPUT productVariants.11.product.create.basePrice",
                "good 3",
            ]
        );
        assert_eq!(payload["count"], 3);
        assert_eq!(
            world.text("select string_agg(sku, ',' order by sku) from product_variants where sku like 'good%'").await,
            "good 1,good 2,good 3"
        );
        // A row goes as a whole, with its children.
        let input = json!({"errorPolicy": "SKIP_FAILED", "products": [
            {"title": "whole", "basePrice": "1.00", "variants": [{"price": "1.00", "sku": "w1"}, {"price": "1.00", "sku": taken}]},
            {"title": "fine", "basePrice": "1.00", "variants": [{"price": "1.00", "sku": "w2"}]},
        ]});
        let payload = world
            .written(
                "createProducts",
                input,
                "count results { product { title } errors { code path } }",
            )
            .await;
        assert_eq!(payload["count"], 1);
        assert_eq!(
            payload["results"],
            json!([
                {"product": null, "errors": [{"code": "UNIQUE_VIOLATION", "path": ["products", "0", "variants", "1", "sku"]}]},
                {"product": {"title": "fine"}, "errors": []},
            ])
        );
        assert_eq!(
            world
                .text("select count(*) from products where title = 'whole'")
                .await,
            "0"
        );
        assert_eq!(
            world
                .text("select count(*) from product_variants where sku in ('w1', 'w2')")
                .await,
            "1"
        );
        // All may fail.
        let input = json!({"errorPolicy": "SKIP_FAILED", "genres": [{"name": "alpha name 1"}]});
        let payload = world
            .written(
                "createGenres",
                input,
                "count results { errors { code } } changed { kind }",
            )
            .await;
        assert_eq!(
            payload,
            json!({"count": 0, "results": [{"errors": [{"code": "UNIQUE_VIOLATION"}]}], "changed": []})
        );
    });
}
