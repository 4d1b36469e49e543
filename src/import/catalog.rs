//! Products and variants of an import: staged, compared with what is there, inserted.

use sqlx::PgConnection;
use uuid::Uuid;

use super::error::ImportError;
use super::rows::{Rows, copy};
use super::summary::Summary;
use super::target;

const STAGE: &str = "
create temp table import_products (
  id uuid primary key, title text, description text, collection text, category text, tags text[],
  base_price numeric, status public.record_status) on commit drop;
create temp table import_variants (
  id uuid primary key, product_id uuid, sku text, size text, frame_type text, condition text,
  price numeric, cost numeric, inventory_quantity integer, is_available boolean, actual uuid
) on commit drop";

const COPY_PRODUCTS: &str = "copy import_products from stdin";
const COPY_VARIANTS: &str = "copy import_variants (id, product_id, sku, size, frame_type, condition, \
    price, cost, inventory_quantity, is_available) from stdin";

/// A variant that a former import made is known by its id, whatever became of its SKU since.
const KNOWN_BY_ID: &str = "
update import_variants s set actual = v.id
  from product_variants v where v.workspace_id = $1 and v.id = s.id";

/// Any other variant of the same SKU is the same thing to sell.
const KNOWN_BY_SKU: &str = "
update import_variants s set actual = v.id
  from product_variants v where v.workspace_id = $1 and s.actual is null and v.sku = s.sku";

/// Products and variants that are there already, and of which the file says something else.
const CHANGED_PRODUCTS: &str = "
select count(*) from import_products s join products p on p.workspace_id = $1 and p.id = s.id
  where (p.title, p.description, p.collection, p.category, p.tags, p.base_price, p.status)
    is distinct from (s.title, s.description, s.collection, s.category, s.tags, round(s.base_price, 2), s.status)";
const CHANGED_VARIANTS: &str = "
select count(*) from import_variants s
  join product_variants v on v.workspace_id = $1 and v.id = s.id
  where (v.sku, v.price, v.cost, v.inventory_quantity, v.is_available, v.size, v.frame_type, v.condition)
    is distinct from (coalesce(s.sku, v.sku), round(s.price, 2), round(s.cost, 2), s.inventory_quantity,
      s.is_available, s.size, s.frame_type, s.condition)";

const INSERT_PRODUCTS: &str = "
insert into products (workspace_id, id, title, description, collection, category, tags, base_price, status)
  select $1, s.id, s.title, s.description, s.collection, s.category, s.tags, s.base_price, s.status
  from import_products s
  where not exists (select from products p where p.workspace_id = $1 and p.id = s.id)
    and (exists (select from import_variants v where v.product_id = s.id and v.actual is null)
      or not exists (select from import_variants v where v.product_id = s.id))";

const INSERT_VARIANTS: &str = "
insert into product_variants
    (workspace_id, id, product_id, sku, size, frame_type, condition, price, cost, inventory_quantity, is_available)
  select $1, s.id, s.product_id, s.sku, s.size, s.frame_type, s.condition, s.price, s.cost,
      s.inventory_quantity, s.is_available
  from import_variants s where s.actual is null";

/// One product, as all three formats can fill it.
pub(super) struct Product<'a> {
    pub id: Uuid,
    pub title: &'a str,
    pub description: Option<&'a str>,
    pub collection: Option<&'a str>,
    pub category: Option<&'a str>,
    pub tags: Vec<&'a str>,
    pub base_price: rust_decimal::Decimal,
    pub status: &'static str,
}

/// One variant.
pub(super) struct Variant<'a> {
    pub id: Uuid,
    pub product_id: Uuid,
    pub sku: Option<&'a str>,
    pub size: Option<&'a str>,
    pub frame_type: Option<&'a str>,
    pub condition: Option<&'a str>,
    pub price: rust_decimal::Decimal,
    pub cost: Option<rust_decimal::Decimal>,
    pub inventory_quantity: i32,
    pub is_available: bool,
}

/// The rows of the catalog, before they go to the server.
#[derive(Default)]
pub(super) struct Catalog {
    products: Rows,
    variants: Rows,
}

impl Catalog {
    pub(super) fn product(&mut self, product: &Product<'_>) {
        self.products
            .uuid(product.id)
            .text(product.title)
            .opt_text(product.description)
            .opt_text(product.collection)
            .opt_text(product.category)
            .array(&product.tags)
            .plain(product.base_price)
            .plain(product.status)
            .end();
    }

    pub(super) fn variant(&mut self, variant: &Variant<'_>) {
        self.variants
            .uuid(variant.id)
            .uuid(variant.product_id)
            .opt_text(variant.sku)
            .opt_text(variant.size)
            .opt_text(variant.frame_type)
            .opt_text(variant.condition)
            .plain(variant.price)
            .opt_plain(variant.cost)
            .plain(variant.inventory_quantity)
            .plain(variant.is_available)
            .end();
    }

    /// Copies the rows into tables of the transaction; `import_variants.actual` names the variants
    /// that are there already.
    pub(super) async fn stage(
        &self,
        connection: &mut PgConnection,
        workspace: Uuid,
    ) -> Result<(), ImportError> {
        sqlx::raw_sql(STAGE).execute(&mut *connection).await?;
        copy(connection, COPY_PRODUCTS, &self.products).await?;
        copy(connection, COPY_VARIANTS, &self.variants).await?;
        sqlx::raw_sql("analyze import_products; analyze import_variants")
            .execute(&mut *connection)
            .await?;
        sqlx::query(KNOWN_BY_ID)
            .bind(workspace)
            .execute(connection)
            .await?;
        Ok(())
    }

    /// Inserts what is missing. Afterwards `import_variants.actual` is set everywhere.
    pub(super) async fn insert(
        &self,
        connection: &mut PgConnection,
        workspace: Uuid,
        summary: &mut Summary,
    ) -> Result<(), ImportError> {
        let run = async |connection: &mut PgConnection, sql: &'static str| {
            let done = sqlx::query(sql).bind(workspace).execute(connection).await?;
            Ok::<u64, ImportError>(done.rows_affected())
        };
        let reused = run(connection, KNOWN_BY_SKU).await?;
        summary.note(
            "variants that the workspace had under the same SKU, and that are used as they are",
            reused,
        );
        for (what, sql) in [
            (
                "products that are there with other values than in the file, and are left as they are",
                CHANGED_PRODUCTS,
            ),
            (
                "variants that are there with other values than in the file, such as prices, and are left as they are",
                CHANGED_VARIANTS,
            ),
        ] {
            let changed: i64 = sqlx::query_scalar(sql)
                .bind(workspace)
                .fetch_one(&mut *connection)
                .await?;
            summary.note(what, changed.unsigned_abs());
        }
        let products = run(connection, INSERT_PRODUCTS).await?;
        target::analyze(connection, &["products"]).await?;
        let variants = run(connection, INSERT_VARIANTS).await?;
        sqlx::query("update import_variants set actual = id where actual is null")
            .execute(&mut *connection)
            .await?;
        target::analyze(connection, &["product_variants"]).await?;
        summary.count("products", products, self.products.count() - products);
        summary.count(
            "product_variants",
            variants,
            self.variants.count() - variants,
        );
        Ok(())
    }
}
