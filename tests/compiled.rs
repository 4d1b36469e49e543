//! What is compiled once and kept: it has nothing of a caller, serves all of them alike, and stays
//! within its bytes.

use std::fs;
use std::sync::Mutex;

use serde_json::{Value, json};
use tessera::documents::{Documents, Store};
use tessera::engine::Limits;
use tessera::session::Role;

use crate::harness::client::{Client, token_of};
use crate::harness::database::{STATEMENTS, seeded};
use crate::harness::run;
use crate::harness::seed::Side;
use crate::queries::{cases, variables};

/// A gateway that keeps so many bytes.
async fn keeping(bytes: u64) -> Client {
    let engine = crate::harness::client::engine(Limits::default());
    Client::with(seeded().await, engine.keeping(bytes), |gateway| {
        gateway.documents = Documents::persisted(Store::default()).keeping(bytes);
    })
}

/// All that is kept, as text.
fn kept(client: &Client) -> String {
    let gateway = &client.gateway;
    format!(
        "{:?} {:?}",
        gateway.engine.kept().0,
        gateway.documents.kept().0
    )
}

/// The bytes of all that is kept.
fn bytes(client: &Client) -> u64 {
    client.gateway.engine.kept().1 + client.gateway.documents.kept().1
}

/// The answer and the statements, as text.
async fn answered(client: &Client, side: Side, query: &str, variables: &Value) -> (String, String) {
    STATEMENTS
        .scope(Mutex::default(), async {
            let (_, bytes) = client.ask_raw(side, query, variables.clone()).await;
            let answer = String::from_utf8(bytes).expect("UTF-8");
            let sent = STATEMENTS.with(|log| format!("{:?}", log.lock().expect("unlocked")));
            (answer, sent)
        })
        .await
}

#[test]
fn what_was_compiled_for_another_is_as_what_was_compiled_anew() {
    run(async {
        let (anew, known) = (keeping(0).await, keeping(64 << 20).await);
        for case in cases() {
            let query = fs::read_to_string(&case).expect("a case");
            for side in [Side::B, Side::A, Side::B] {
                let variables = variables(&anew, &query, side).await;
                let expected = answered(&anew, side, &query, &variables).await;
                let found = answered(&known, side, &query, &variables).await;
                assert_eq!(found, expected, "{}", case.display());
            }
        }
        assert_eq!(bytes(&anew), 0);
    });
}

#[test]
fn nothing_of_a_caller_is_kept() {
    run(async {
        let client = keeping(64 << 20).await;
        for case in cases() {
            let query = fs::read_to_string(&case).expect("a case");
            // What the document itself says is kept with it.
            if Side::BOTH.iter().any(|side| query.contains(side.mark())) {
                continue;
            }
            for side in Side::BOTH {
                let variables = variables(&client, &query, side).await;
                client.ask_raw(side, &query, variables).await;
            }
        }
        let query = "query Canary($text: String, $mode: TextMode, $texts: [String!], $path: JSONPathFilter,
              $filter: CustomerFilter!, $one: ID!, $id: ID!, $offset: Int, $limit: Int!, $after: String,
              $by: [CustomerOrderBy!], $show: Boolean!) {
            customers(
              where: { email: { startsWith: $text, mode: $mode, in: $texts },
                and: [$filter] }
              orderBy: $by, offset: $offset
            ) { nodes { id } countUpTo(limit: $limit) { value } }
            auditLogs(where: { metadata: { path: $path } }) { nodes { id } }
            after: customers(after: $after, first: 3) { edges { cursor @include(if: $show) } }
            order(id: $one) { id }
            node(nodeId: $id) { nodeId }
            viewer { role user { id } }
        }";
        let first = client
            .query(
                Side::A,
                "{ customers(first: 1) { nodes { nodeId } pageInfo { endCursor } } }",
                json!({}),
            )
            .await;
        let canaries = json!({
            "text": "canaryText", "mode": "DEFAULT", "texts": ["canaryA", "canaryB"],
            "path": { "keys": ["canaryKey"], "eq": { "canaryMember": "canaryValue" } },
            "filter": { "firstName": { "contains": "canaryName" }, "lastName": { "like": "canaryLike" } },
            "one": Side::A.id("orders", 0), "offset": 31_337_773, "limit": 77_347_337,
            "id": first["data"]["customers"]["nodes"][0]["nodeId"],
            "after": first["data"]["customers"]["pageInfo"]["endCursor"],
            "by": [{ "email": "DESC" }], "show": true,
        });
        for _ in 0..2 {
            let answer = client.query(Side::A, query, canaries.clone()).await;
            assert!(answer.get("errors").is_none(), "{answer}");
        }
        // What a role lacks is refused whatever was kept of others.
        let viewer = token_of(Side::A.user(), &[(Side::A, Role::Viewer)]);
        client.ask_as(&viewer, query, canaries.clone()).await;
        let kept = kept(&client);
        assert!(kept.contains("countUpTo") && kept.contains("customers"));
        let ids = Side::BOTH.map(|side| [side.workspace(), side.user(), side.id("orders", 0)]);
        let ids = ids.iter().flatten().map(ToString::to_string);
        let marks = Side::BOTH.map(|side| side.mark().to_owned());
        let numbers = ["31337773", "77347337", "canary"].map(str::to_owned);
        let opaque = ["nodeId", "endCursor"].map(|name| {
            let customers = &first["data"]["customers"];
            let text = &customers["nodes"][0][name];
            text.as_str()
                .or(customers["pageInfo"][name].as_str())
                .expect("a text")
                .to_owned()
        });
        for canary in ids.chain(marks).chain(numbers).chain(opaque) {
            if let Some(place) = kept.find(&canary) {
                let start = place.saturating_sub(300);
                let around = String::from_utf8_lossy(&kept.as_bytes()[start..place + 100]);
                panic!("{canary} is kept: {around}");
            }
        }
    });
}

#[test]
fn ever_new_documents_and_shapes_stay_within_the_bytes() {
    run(async {
        const ROOM: u64 = 1 << 20;
        let client = keeping(ROOM).await;
        let filters = "query Shapes($where: OrderFilter, $by: [OrderOrderBy!], $all: Boolean!) {
            orders(first: 1, where: $where, orderBy: $by) { nodes { id status @include(if: $all) } } }";
        let fields = ["orderNumber", "currency", "createdAt", "id"];
        let mut most = 0;
        for number in 0..400_usize {
            let text = format!(
                "{{ a{number}: orders(first: 1) {{ nodes {{ id }} pageInfo {{ endCursor }} }} }}"
            );
            client.query(Side::A, &text, json!({})).await;
            // Each number is another way to nest conditions.
            let condition = json!({ fields[number % 2]: { "ne": "x" } });
            let filter = (0..9).fold(condition, |inner, bit| match number >> bit & 1 {
                0 => json!({ "not": inner }),
                _ => json!({ "and": [inner, { "currency": { "ne": "x" } }] }),
            });
            let by = json!([{ fields[number % 4]: if number % 8 < 4 { "ASC" } else { "DESC" } }]);
            let given = json!({ "where": filter, "by": by, "all": number % 2 == 0 });
            let (_, answer) = client.ask(Side::A, filters, given).await;
            assert!(answer.get("errors").is_none(), "{answer}");
            most = most.max(bytes(&client));
        }
        assert!(most <= ROOM, "{most}");
        assert!(most > ROOM / 4, "the room is used: {most}");
        // What is too large is answered and not kept.
        let before = client.gateway.documents.kept().1;
        let large = "customers { nodes { id } } ".repeat(900);
        let (_, answer) = client
            .ask(Side::A, &format!("{{ {large} }}"), json!({}))
            .await;
        assert!(answer.is_object());
        assert!(client.gateway.documents.kept().1 <= before.max(ROOM / 4));
    });
}
