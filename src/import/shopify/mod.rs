//! Products as Shopify exports them: a CSV file in which a product spans several lines.
//!
//! - The handle is the key of a product. Title, description (HTML as it is), `Type` (`category`),
//!   `Collection` and tags are kept; the vendor becomes the tag `vendor:`. A product that is not
//!   published, or a draft, is `inactive`; one that is `unlisted` is on sale and gets the tag
//!   `status:unlisted`. `base_price` is the lowest price of its variants.
//! - A line with options, SKU or price is a variant. The options Size, Frame and Condition have
//!   columns. A variant without a SKU gets one of handle and option values, in which the values of
//!   other options (a colour) can be read: in lower-case words (`shirt-light-blue`), or as they are
//!   (`lens/-1.00`) where words would lose a sign. Beside a SKU of its own they are not kept, and
//!   counted.
//! - A status that is not known is noted, and the product is `inactive`; a strict import refuses it.
//!   Prices with more than two decimals are refused.
//! - A SKU belongs to one variant of the workspace. A further variant with the same one is imported
//!   without, and the summary names it.
//! - `Variant Inventory Qty` becomes `inventory_quantity`; stock levels are not touched.
//! - Images, weights, barcodes, compare-at prices and other columns are not kept, and counted.

mod columns;
mod export;
mod options;
mod read;

use sqlx::{Connection, PgConnection};

use self::export::{Export, Unknown};
use super::catalog::{Catalog, Product, Variant};
use super::error::{ImportError, quoted};
use super::progress::{Progress, Unit};
use super::source::Source;
use super::summary::Summary;
use super::target::{self, Target};

const FREE_TAKEN_SKUS: &str = "
with taken as (
  select s.id, s.sku from import_variants s
    join product_variants v on v.workspace_id = $1 and v.sku = s.sku
    where s.actual is null),
freed as (update import_variants s set sku = null from taken t where s.id = t.id)
select sku from taken order by sku";

/// Imports a product export of Shopify (`.csv` or `.csv.gz`) into the workspace with the slug.
/// A strict import refuses a file with an unknown status, which is otherwise noted.
pub async fn shopify_products(
    connection: &mut PgConnection,
    workspace: &str,
    source: Source,
    strict: bool,
    progress: &dyn Progress,
) -> Result<Summary, ImportError> {
    let mut transaction = connection.begin().await?;
    let outcome = import(&mut transaction, workspace, source, strict, progress).await;
    progress.done();
    target::close(transaction, outcome).await
}

async fn import(
    connection: &mut PgConnection,
    workspace: &str,
    source: Source,
    strict: bool,
    progress: &dyn Progress,
) -> Result<Summary, ImportError> {
    let mut target = Target::open(connection, workspace, "shopify").await?;
    progress.phase("Reading", source.size(), Unit::Bytes);
    let text = source.decode("the lines of a Shopify product export")?;
    let export = match tokio::task::spawn_blocking(move || read::read(text, strict)).await {
        Ok(export) => export?,
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    };

    progress.phase("Products", None, Unit::Rows);
    let mut summary = Summary {
        source: "Shopify products",
        workspace: workspace.to_owned(),
        unit: "lines",
        read: export.lines,
        ..Summary::default()
    };
    let catalog = catalog(&mut target, &export);
    catalog.stage(connection, target.workspace).await?;
    let taken: Vec<String> = sqlx::query_scalar(FREE_TAKEN_SKUS)
        .bind(target.workspace)
        .fetch_all(&mut *connection)
        .await?;
    catalog
        .insert(connection, target.workspace, &mut summary)
        .await?;
    account(&export, &taken, &mut summary);
    target::finish(connection, &["import_products", "import_variants"]).await?;
    Ok(summary)
}

fn catalog(target: &mut Target, export: &Export) -> Catalog {
    let mut catalog = Catalog::default();
    for (handle, product) in &export.products {
        let id = target.keys.id("product", handle);
        let lowest = product.variants.iter().map(|variant| variant.price).min();
        catalog.product(&Product {
            id,
            title: &product.title,
            description: product.description.as_deref(),
            collection: product.collection.as_deref(),
            category: product.category.as_deref(),
            tags: product.tags.iter().map(String::as_str).collect(),
            base_price: lowest.unwrap_or_default(),
            status: product.status,
        });
        for variant in &product.variants {
            let key = format_args!("{}/{}", options::escape(handle), variant.key);
            catalog.variant(&Variant {
                id: target.keys.id("variant", key),
                product_id: id,
                sku: variant.sku.as_deref(),
                size: variant.size.as_deref(),
                frame_type: variant.frame_type.as_deref(),
                condition: variant.condition.as_deref(),
                price: variant.price,
                cost: variant.cost,
                inventory_quantity: variant.inventory_quantity,
                is_available: variant.is_available,
            });
        }
    }
    catalog
}

/// Completes the account of the lines; each variant is one line.
fn account(export: &Export, taken: &[String], summary: &mut Summary) {
    if let Some(variants) = summary.table("product_variants").cloned() {
        summary.imported = variants.imported;
        summary.present = variants.present;
    }
    summary.leave_out("lines that only add an image", export.image_lines);
    summary.leave_out(
        "lines with neither a variant nor an image",
        export.blank_lines,
    );
    summary.leave_out(
        "lines that repeat the options of a variant of their product",
        export.repeated_variants,
    );
    summary.note(
        "SKUs made of handle and options, where the file gives none",
        export.made_skus,
    );
    let at_lines = |skus: &[(String, u64)]| -> Vec<String> {
        let skus = skus.iter();
        skus.map(|(sku, line)| format!("{sku} on line {line}"))
            .collect()
    };
    note_skus(
        summary,
        "variants without a SKU, because that of handle and options is too long or taken",
        at_lines(&export.without_sku).into_iter(),
    );
    note_skus(
        summary,
        "variants without their SKU, which an earlier line has",
        at_lines(&export.repeated_skus).into_iter(),
    );
    note_skus(
        summary,
        "variants without their SKU, which another product of the workspace has",
        taken.iter().cloned(),
    );
    for (name, count) in export.lost_options(taken) {
        summary.note(format!("values of the option `{name}` are not kept"), count);
    }
    summary.note(
        "unlisted products, which are active and have the tag status:unlisted",
        export.unlisted,
    );
    for (unknown, (line, count)) in &export.unknown_words {
        let Unknown {
            column,
            value,
            taken_as,
        } = unknown;
        let value = quoted(value);
        summary.note(
            format!("unknown values {value} of `{column}`, first on line {line}: {taken_as}"),
            *count,
        );
    }
    for (place, name, count) in &export.dropped {
        summary.note_dropped(*place, name, *count);
    }
    export.remarks.note(summary);
}

fn note_skus(summary: &mut Summary, what: &str, skus: impl ExactSizeIterator<Item = String>) {
    const SHOWN: usize = 5;
    let count = skus.len();
    let shown: Vec<String> = skus.take(SHOWN).collect();
    let more = if count > SHOWN { ", …" } else { "" };
    summary.note(format!("{what}: {}{more}", shown.join(", ")), count as u64);
}
