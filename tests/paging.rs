//! Pages of several parents are read by one scan or by a subquery for each parent, as the
//! statistics of the table favour; the answer is the same.

use std::sync::Mutex;

use serde_json::{Value, json};

use crate::harness::client::Client;
use crate::harness::database::{Database, STATEMENTS, create};
use crate::harness::run;
use crate::harness::seed::{self, Side};

/// Each page has its own order, direction and look for a next row.
const QUERY: &str = "{ orders { nodes {
    first: items(first: 3) { totalCount pageInfo { hasNextPage hasPreviousPage } edges { cursor node { id quantity } } }
    last: items(last: 2, orderBy: [{ unitPrice: DESC }]) { pageInfo { hasPreviousPage } nodes { id quantity } }
    none: items(first: 0) { nodes { id } }
} } }";

/// The answer, and the statements that read pages of lines.
async fn ask(client: &Client, query: &str) -> (Value, Vec<String>) {
    STATEMENTS
        .scope(Mutex::default(), async {
            let answer = client.query(Side::A, query, json!({})).await;
            let sent = STATEMENTS.with(|log| log.lock().expect("unlocked").clone());
            let pages = sent
                .into_iter()
                .filter(|text| text.contains("order_items") && !text.contains("count(*)"));
            (answer, pages.collect())
        })
        .await
}

fn is_lateral(statement: &str) -> bool {
    statement.contains("cross join lateral")
}

async fn analyze(database: &Database) {
    database.admin_script("analyze").await;
    database.db.read_statistics().await.expect("statistics");
}

/// Gives one order very many lines, and several others few.
const MANY_LINES: &str = "
insert into order_items (workspace_id, order_id, product_variant_id, quantity, unit_price, total_amount)
select i.workspace_id, i.order_id, i.product_variant_id, n, n % 7, n
from (select distinct on (workspace_id) * from order_items order by workspace_id, id) i, generate_series(1, 1500) n;
insert into orders (workspace_id, total_amount, order_date)
select o.workspace_id, n, now() from (select distinct on (workspace_id) * from orders order by workspace_id, id) o, generate_series(1, 1500) n;
insert into order_items (workspace_id, order_id, product_variant_id, quantity, unit_price, total_amount)
select o.workspace_id, o.id, (select v.id from product_variants v where v.workspace_id = o.workspace_id limit 1), 1, 1, 1
from orders o where not exists (select from order_items i where i.order_id = o.id);
";

#[test]
fn the_statistics_choose_and_the_answer_stays() {
    run(async {
        let database = create(Some(seed::everything)).await;
        let client = Client::new(&database);
        let (unknown, sent) = ask(&client, QUERY).await;
        assert_eq!(unknown.get("errors"), None, "{unknown}");
        assert_eq!(sent.len(), 3);
        assert!(sent.iter().all(|text| is_lateral(text)), "{sent:#?}");

        analyze(&database).await;
        let (few, sent) = ask(&client, QUERY).await;
        assert_eq!(few, unknown);
        assert_eq!(sent.len(), 3);
        assert!(!sent.iter().any(|text| is_lateral(text)), "{sent:#?}");
        let (_, again) = ask(&client, QUERY).await;
        assert_eq!(again, sent, "equal requests are read alike");
    });
}

#[test]
fn a_parent_with_very_many_rows_is_not_read_whole() {
    run(async {
        let database = create(Some(seed::everything)).await;
        database.admin_script(MANY_LINES).await;
        let client = Client::new(&database);
        let query = "{ orders(first: 20, orderBy: [{ createdAt: ASC }]) { nodes { items(first: 3) { nodes { id quantity } } } } }";
        let (lateral, sent) = ask(&client, query).await;
        assert_eq!(lateral.get("errors"), None, "{lateral}");
        assert!(matches!(&sent[..], [page] if is_lateral(page)), "{sent:#?}");

        analyze(&database).await;
        let (answer, sent) = ask(&client, query).await;
        assert_eq!(answer, lateral);
        assert!(
            matches!(&sent[..], [scan, pages] if !is_lateral(scan) && is_lateral(pages)),
            "{sent:#?}"
        );
    });
}
