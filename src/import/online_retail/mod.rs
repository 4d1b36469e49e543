//! Online Retail: the transactions of a gift shop, one line of an invoice per record.
//!
//! Both editions of the data set are read, and copies of them: with other names of columns, with
//! times as spreadsheets write them in the United States, and in Windows-1252.
//!
//! - An invoice becomes an order (`delivered`, GBP, `order_date` read as UTC), each of its lines an
//!   item. An invoice that begins with `C` becomes a `cancelled` order whose quantities and totals
//!   stay negative, as booked, and a refund in `transactions` with the amount given back.
//! - A stock code becomes a product with one variant, its SKU: titled by the most frequent
//!   description, priced by the most frequent price. Codes that are no goods keep their lines, since
//!   the customer paid for them; their `category` tells (`shipping`, `adjustment`, `gift_voucher`).
//! - A customer number becomes a customer. The file knows no address, so `17850` gets
//!   `17850@online-retail.invalid`; `address` is the country of the latest invoice. `orders_count`,
//!   `total_spent` and `average_order_value` count orders that are not cancelled.
//! - Fees and bad debt that concern no customer become `transactions`. Write-offs and corrections
//!   of the stock (no customer, no price) are left out, and counted.
//! - An invoice is taken over as a whole: one that is there already is not looked at again. One that
//!   comes again in the file with the same lines, as where both sheets of the second edition are one
//!   file, is left out there, and counted.

mod facts;
mod line;
mod load;
mod read;
mod repeats;
mod times;

use sqlx::{Connection, PgConnection};

use self::line::Reason;
use self::read::Reading;
use super::error::ImportError;
use super::progress::{Progress, Unit};
use super::rows;
use super::source::Source;
use super::summary::Summary;
use super::target::{self, Target};

/// Imports an Online Retail file (`.csv` or `.csv.gz`) into the workspace with the slug.
pub async fn online_retail(
    connection: &mut PgConnection,
    workspace: &str,
    source: Source,
    progress: &dyn Progress,
) -> Result<Summary, ImportError> {
    let mut transaction = connection.begin().await?;
    let outcome = import(&mut transaction, workspace, source, progress).await;
    progress.done();
    target::close(transaction, outcome).await
}

async fn import(
    connection: &mut PgConnection,
    workspace: &str,
    source: Source,
    progress: &dyn Progress,
) -> Result<Summary, ImportError> {
    let target = Target::open(connection, workspace, "online-retail").await?;
    progress.phase("Reading", source.size(), Unit::Bytes);
    let text = source.decode("the lines of an Online Retail file")?;
    sqlx::raw_sql(read::STAGE).execute(&mut *connection).await?;
    let keys = target.keys.clone();
    let reading = rows::stream(connection, read::COPY, progress, move |sink| {
        read::read(text, keys, sink)
    })
    .await?;
    let facts = &reading.facts;

    let mut summary = Summary {
        source: "Online Retail",
        workspace: workspace.to_owned(),
        unit: "lines",
        read: facts.lines,
        ..Summary::default()
    };
    load::load(connection, &target, facts, &mut summary, progress).await?;
    account(&reading, &mut summary);
    target::analyze(connection, &["order_items", "transactions"]).await?;
    target::finish(
        connection,
        &[
            "import_lines",
            "import_orders",
            "import_figures",
            "import_customers",
            "import_products",
            "import_variants",
        ],
    )
    .await?;
    Ok(summary)
}

/// Completes the account with what only the reading saw.
fn account(reading: &Reading, summary: &mut Summary) {
    let facts = &reading.facts;
    for reason in Reason::ALL {
        summary.leave_out(reason.words(), facts.left_out[reason as usize]);
    }
    let products = facts.products.values().filter(|product| product.is_product);
    let several_titles = products.filter(|product| product.descriptions.len() > 1);
    summary.note("lines without a customer", facts.without_customer);
    summary.note("lines without a description", facts.without_description);
    summary.note(
        "order lines whose price has more than two decimals (exact in source_data)",
        facts.finer_prices,
    );
    summary.note(
        "stock codes with several descriptions, of which the most frequent is kept",
        several_titles.count() as u64,
    );
    let moved = facts
        .customers
        .values()
        .filter(|customer| customer.several_countries);
    summary.note(
        "customers in several countries, of which the latest is kept",
        moved.count() as u64,
    );

    reading.layout.times.note(summary);
    for (place, name, count) in &reading.layout.dropped {
        summary.note_dropped(*place, name, *count);
    }
    reading.remarks.note(summary);

    let mut countries: Vec<_> = facts.countries.iter().collect();
    countries.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    summary
        .totals
        .push(("Quantity x UnitPrice, all lines".to_owned(), facts.total));
    for (country, total) in countries {
        summary.totals.push((country.clone(), *total));
    }
}
