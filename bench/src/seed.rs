//! The data: two workspaces, one of them large, the same in every run.

use anyhow::{Context, ensure};
use clap::ValueEnum;
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

/// Days over which the orders spread, from 2020-01-01.
pub const DAYS: u64 = 1000;

pub const WORKSPACE: &str = "bench";

/// The name of the workspaces, which changes whenever the data do: then they are made anew.
const NAME: &str = "Benchmark 2";

/// The words of titles. Their numbers have no common divisor, so that titles combine them all.
const LOOKS: [&str; 20] = [
    "red", "green", "blue", "black", "white", "yellow", "purple", "orange", "striped", "plain",
    "bright", "dark", "small", "large", "round", "folding", "vintage", "modern", "heavy", "light",
];
pub const MATERIALS: [&str; 13] = [
    "cotton", "linen", "leather", "wooden", "bamboo", "ceramic", "marble", "copper", "silver",
    "velvet", "paper", "glass", "woollen",
];
pub const THINGS: [&str; 23] = [
    "bag", "lamp", "chair", "table", "basket", "bowl", "candle", "clock", "cushion", "curtain",
    "drawer", "frame", "jar", "kettle", "mirror", "napkin", "plate", "ribbon", "shelf", "spoon",
    "towel", "tray", "vase",
];

#[derive(Clone, Copy)]
pub enum Kind {
    Workspace = 1,
    User,
    Customer,
    Product,
    Variant,
    Order,
    Item,
}

/// Who asks: both may read everything that is asked for, but not the same schema.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Role {
    Owner,
    Member,
}

impl Role {
    pub fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Member => "member",
        }
    }

    /// The user of this role in the measured workspace.
    pub fn user(self) -> Uuid {
        match self {
            Self::Owner => id(Kind::User, 1),
            // The second is the owner of the other workspace.
            Self::Member => id(Kind::User, 3),
        }
    }
}

/// Rows of the measured workspace.
#[derive(Clone, Copy)]
pub struct Size {
    pub customers: u64,
    pub orders: u64,
    pub items: u64,
    pub products: u64,
    pub variants: u64,
}

impl Size {
    /// The smallest part still fills every page that is asked for.
    pub fn of(scale: f64) -> Self {
        let part = |full: u32| ((f64::from(full) * scale) as u64).max(u64::from(full) / 200);
        let orders = part(400_000);
        Self {
            customers: part(20_000),
            orders,
            items: orders * 3,
            products: part(5_000),
            variants: part(10_000),
        }
    }

    /// A workspace with so many orders, and the rest in the same proportions.
    pub fn of_orders(orders: u64) -> Self {
        Self {
            customers: (orders / 20).max(100),
            orders,
            items: orders * 3,
            products: (orders / 80).max(100),
            variants: (orders / 40).max(200),
        }
    }
}

/// The id of a row: numbered from 1 in the form of a UUID of version 7.
pub fn id(kind: Kind, number: u64) -> Uuid {
    Uuid::from_u128((kind as u128) << 112 | 0x7000_8000_0000_0000_0000 | u128::from(number))
}

/// The id of the same row as SQL makes it of an expression.
fn sql_id(kind: Kind, number: &str) -> String {
    let kind = kind as u8;
    format!("('{kind:04x}0000-0000-7000-8000-' || lpad(to_hex(({number})::bigint), 12, '0'))::uuid")
}

pub async fn connect(url: &str) -> anyhow::Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls)
        .await
        .context("the database does not answer")?;
    tokio::spawn(connection);
    Ok(client)
}

/// Fills the tables, unless they hold just this already.
pub async fn seed(database: &Client, size: Size) -> anyhow::Result<()> {
    let strangers =
        "select count(*) from workspaces where slug <> 'bench' and slug not like 'bench-%'";
    let strangers: i64 = database.query_one(strangers, &[]).await?.get(0);
    ensure!(
        strangers == 0,
        "the database holds other workspaces; give the benchmark one of its own"
    );
    let seeded = "select count(*) from order_items i join workspaces w on w.id = i.workspace_id \
        where w.slug = 'bench' and w.name = $1";
    let seeded: i64 = database.query_one(seeded, &[&NAME]).await?.get(0);
    if u64::try_from(seeded)? == size.items {
        return member(database).await;
    }
    eprintln!("Seeding {} orders with {} items …", size.orders, size.items);
    fill(database, [(1, size), (2, Size::of(0.0))].into_iter()).await
}

/// Fills the tables with these workspaces; the first is the one that is measured.
pub async fn fill(
    database: &Client,
    workspaces: impl Iterator<Item = (u64, Size)>,
) -> anyhow::Result<()> {
    // Triggers are off, so that no audit log is written; only a superuser may switch them.
    database
        .batch_execute("set session_replication_role = replica; set role model_owner; truncate users, workspaces cascade")
        .await
        .context("seeding needs a superuser")?;
    for (number, size) in workspaces {
        let slug = match number {
            1 => WORKSPACE.to_owned(),
            other => format!("{WORKSPACE}-{other}"),
        };
        database.batch_execute(&script(number, &slug, size)).await?;
    }
    database
        .batch_execute("reset role; reset session_replication_role")
        .await?;
    for table in [
        "customers",
        "orders",
        "order_items",
        "products",
        "product_variants",
    ] {
        database
            .batch_execute(&format!("vacuum analyze {table}"))
            .await?;
    }
    member(database).await?;
    database.batch_execute("analyze; checkpoint").await?;
    Ok(())
}

/// Adds the member, unless an earlier run did.
async fn member(database: &Client) -> anyhow::Result<()> {
    let (user, workspace) = (Role::Member.user(), id(Kind::Workspace, 1));
    database
        .batch_execute(&format!(
            "set session_replication_role = replica; set role model_owner;
            insert into users (id, email, full_name) values ('{user}', 'member@bench.example', 'Member')
                on conflict do nothing;
            insert into workspace_members (workspace_id, user_id, role) values ('{workspace}', '{user}', 'member')
                on conflict do nothing;
            reset role; reset session_replication_role"
        ))
        .await?;
    Ok(())
}

/// Statements that fill one workspace. Ids of the second lie behind those of the first, so that a
/// statement that forgot its workspace would answer otherwise.
fn script(workspace: u64, slug: &str, size: Size) -> String {
    let own = id(Kind::Workspace, workspace);
    let user = id(Kind::User, workspace);
    let base = (workspace - 1) << 32;
    let number = |expression: &str| format!("{base} + {expression}");
    let customer = sql_id(Kind::Customer, &number("n"));
    let product = sql_id(Kind::Product, &number("n"));
    let variant = sql_id(Kind::Variant, &number("n"));
    let order = sql_id(Kind::Order, &number("n"));
    let item = sql_id(Kind::Item, &number("n"));
    // The multipliers scatter what belongs together, as time does in a real shop.
    let product_of = sql_id(
        Kind::Product,
        &number(&format!("n % {} + 1", size.products)),
    );
    let customer_of = sql_id(
        Kind::Customer,
        &number(&format!("n * 7919::bigint % {} + 1", size.customers)),
    );
    let title = [&LOOKS[..], &MATERIALS, &THINGS].map(|words| {
        let (list, number) = (words.join(","), words.len());
        format!("('{{{list}}}'::text[])[n % {number} + 1]")
    });
    let title = title.join(" || ' ' || ");
    let order_of = sql_id(Kind::Order, &number("(n - 1) / 3 + 1"));
    let variant_of = sql_id(
        Kind::Variant,
        &number(&format!("n * 6007::bigint % {} + 1", size.variants)),
    );
    let Size {
        customers,
        orders,
        items,
        products,
        variants,
    } = size;
    format!(
        "insert into users (id, email, full_name) values ('{user}', 'owner@{slug}.example', 'Owner');
        insert into workspaces (id, name, slug, owner_id) values ('{own}', '{NAME}', '{slug}', '{user}');
        insert into workspace_members (workspace_id, user_id, role) values ('{own}', '{user}', 'owner');
        insert into customers (workspace_id, id, email, first_name, last_name, vip_status)
            select '{own}', {customer}, 'customer' || n || '@{slug}.example', 'First ' || n % 500, 'Last \"' || n % 3000 || '\"', n % 20 = 0
            from generate_series(1, {customers}) n;
        insert into products (workspace_id, id, title, base_price)
            select '{own}', {product}, initcap({title}) || ' ' || n, n % 90 + 9.99 from generate_series(1, {products}) n;
        insert into product_variants (workspace_id, id, product_id, sku, price)
            select '{own}', {variant}, {product_of}, 'SKU-' || n, n % 90 + 9.99 from generate_series(1, {variants}) n;
        insert into orders (workspace_id, id, customer_id, order_number, status, total_amount, order_date)
            select '{own}', {order}, {customer_of}, 'N' || n,
                (enum_range(null::order_status))[n % 5 + 1], n % 1000 + 0.5,
                timestamptz '2020-01-01Z' + n * interval '{DAYS} days' / {orders}
            from generate_series(1, {orders}) n;
        insert into order_items (workspace_id, id, order_id, product_variant_id, quantity, unit_price, total_amount)
            select '{own}', {item}, {order_of}, {variant_of}, n % 4 + 1, n % 90 + 9.99, (n % 4 + 1) * (n % 90 + 9.99)
            from generate_series(1, {items}) n;"
    )
}
