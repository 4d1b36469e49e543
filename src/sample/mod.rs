//! The sample data: two companies with real data, for the first start, and invented rows of what the
//! real data lacks.

mod embedding;
mod rows;
mod support;

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor, PgConnection};
use tokio::time::timeout;
use uuid::Uuid;

use crate::accounts;
use crate::import::{self, Progress, Source, Summary};

/// How long the database has to answer when a command connects.
const PATIENCE: Duration = Duration::from_secs(30);

/// A workspace of the sample.
pub struct SampleWorkspace {
    pub slug: &'static str,
    pub name: &'static str,
    owner_email: &'static str,
    file: &'static str,
    data: &'static [u8],
}

/// The workspaces of the sample.
pub static WORKSPACES: [SampleWorkspace; 2] = [
    SampleWorkspace {
        slug: "gift-shop",
        name: "Gift Shop (Online Retail)",
        owner_email: "owner@gift-shop.example",
        file: "online-retail.csv.gz",
        data: include_bytes!("../../playground/data/online-retail.csv.gz"),
    },
    SampleWorkspace {
        slug: "record-store",
        name: "Record Store (Chinook)",
        owner_email: "owner@record-store.example",
        file: "chinook.json.gz",
        data: include_bytes!("../../playground/data/chinook.json.gz"),
    },
];

/// What customers have ordered, with the invented orders. The files say nothing of a customer's worth.
/// Here it is what the customer has paid, less what was given back: an imported order that was
/// cancelled has a negative total, and an invented one was never paid.
const ASSESS_CUSTOMERS: &str = "
update customers c set orders_count = o.orders, total_spent = o.spent, last_order_date = o.last,
    average_order_value = round(o.spent / nullif(o.orders, 0), 2), lifetime_value = o.worth
  from (
    select customer_id, count(*) filter (where status <> 'cancelled') as orders,
      coalesce(sum(total_amount) filter (where status <> 'cancelled'), 0) as spent,
      sum(case when status = 'cancelled' then least(total_amount, 0) else total_amount end) as worth,
      max(order_date) filter (where status <> 'cancelled') as last
    from orders where workspace_id = $1 group by customer_id
  ) o
  where c.workspace_id = $1 and c.id = o.customer_id";

impl SampleWorkspace {
    /// The id of the workspace, which is the same in every database, as are those of its rows: the
    /// examples of the playground name some.
    fn id(&self) -> Uuid {
        Uuid::new_v5(&Uuid::NAMESPACE_DNS, self.slug.as_bytes())
    }

    /// The id of the owner's account, which is the same in every database, so that tokens can be
    /// made without asking one.
    pub fn owner(&self) -> Uuid {
        Uuid::new_v5(&Uuid::NAMESPACE_DNS, self.owner_email.as_bytes())
    }

    /// Whether this is the owner's id or e-mail address.
    pub fn is_owner(&self, who: &str) -> bool {
        who.eq_ignore_ascii_case(self.owner_email)
            || who.parse::<Uuid>().is_ok_and(|id| id == self.owner())
    }
}

/// The sample workspaces that the database has not yet.
///
/// # Errors
/// What the database says.
pub async fn missing(
    connection: &mut PgConnection,
) -> Result<Vec<&'static SampleWorkspace>, String> {
    let present: Vec<String> = sqlx::query_scalar("select slug from workspaces")
        .fetch_all(connection)
        .await
        .map_err(|error| error.to_string())?;
    Ok(WORKSPACES
        .iter()
        .filter(|one| !present.iter().any(|slug| slug == one.slug))
        .collect())
}

/// Makes a workspace with its owner and its data: all of it or nothing.
///
/// # Errors
/// A sentence; nothing is left behind then.
pub async fn load(
    connection: &mut PgConnection,
    sample: &SampleWorkspace,
    progress: &dyn Progress,
) -> Result<Summary, String> {
    // One transaction around everything: a start that is cut off here finds the workspace missing
    // and begins again.
    let mut transaction = connection
        .begin()
        .await
        .map_err(|error| error.to_string())?;
    sqlx::query("insert into users (id, email, full_name) values ($1, $2, $3) on conflict (email) do nothing")
        .bind(sample.owner())
        .bind(sample.owner_email)
        .bind(format!("Owner of the {}", sample.name))
        .execute(&mut *transaction)
        .await
        .map_err(|error| error.to_string())?;
    let loaded = fill(&mut transaction, sample, progress).await;
    progress.done();
    let summary = loaded.map_err(|error| error.to_string())?;
    transaction
        .commit()
        .await
        .map_err(|error| error.to_string())?;
    Ok(summary)
}

async fn fill(
    connection: &mut PgConnection,
    sample: &SampleWorkspace,
    progress: &dyn Progress,
) -> Result<Summary, import::ImportError> {
    let (slug, name, owner) = (sample.slug, sample.name, sample.owner_email);
    accounts::ensure_workspace(connection, sample.id(), slug, name, owner).await?;
    let source = Source::new(sample.file, sample.data);
    let summary = match sample.slug {
        "record-store" => {
            let summary = import::chinook(connection, sample.slug, source, progress).await?;
            rows::load(connection, sample.id()).await?;
            support::load(connection, sample.id()).await?;
            summary
        }
        _ => import::online_retail(connection, sample.slug, source, progress).await?,
    };
    sqlx::query(ASSESS_CUSTOMERS)
        .bind(sample.id())
        .execute(connection)
        .await?;
    Ok(summary)
}

/// Opens a connection that acts as the owner of the model, past row security.
///
/// # Errors
/// A sentence that says which right the login lacks.
pub async fn connect_as_owner(url: &str) -> Result<PgConnection, String> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|error| format!("the database URL is invalid: {error}"))?
        // The statements of an import are long on purpose; that is no news for the log.
        .disable_statement_logging();
    let mut connection = timeout(PATIENCE, PgConnection::connect_with(&options))
        .await
        .map_err(|_| {
            format!(
                "the database did not answer within {} s; an embedded one serves a single process, so stop the other one first",
                PATIENCE.as_secs()
            )
        })?
        .map_err(|error| format!("cannot connect to the database: {error}"))?;
    connection
        .execute("set role model_owner")
        .await
        .map_err(|error| no_owner(&error))?;
    Ok(connection)
}

fn no_owner(error: &sqlx::Error) -> String {
    let code = error.as_database_error().and_then(|error| error.code());
    match code.as_deref() {
        // A setting of which the value is wrong: there is no such role.
        Some("22023") => {
            "the database has no role model_owner yet; run `tessera migrate` first".to_owned()
        }
        Some("42501") => {
            "the login of this database URL may not act as model_owner; use that of the administrator who ran `tessera migrate`, since the login of the server should not have this role"
                .to_owned()
        }
        _ => format!("cannot act as model_owner: {error}"),
    }
}
