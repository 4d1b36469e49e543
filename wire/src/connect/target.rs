//! Whether a server is of the kind that `target_session_attrs` asks for.

use crate::config::target::Target;
use crate::connection::Connection;
use crate::error::Error;
use crate::event::{Event, Rows};
use crate::settings::Settings;
use crate::statement::Statement;
use crate::values::Values;

/// Gives the connection back if its server will do.
pub(super) async fn check(
    mut connection: Connection,
    target: Target,
    settings: &Settings,
) -> Result<Connection, Error> {
    if target == Target::Any {
        return Ok(connection);
    }
    let (standby, read_only) = kind(&mut connection).await?;
    // Where the caller asked for read-only transactions, they say nothing of the server.
    let asked = settings
        .parameters
        .iter()
        .any(|(name, _)| name == "default_transaction_read_only");
    if target.accepts(standby, if asked { standby } else { read_only }) {
        return Ok(connection);
    }
    connection.close().await;
    Err(Error::Target(target.name()))
}

/// Whether the server is a standby, and whether transactions there are read only.
async fn kind(connection: &mut Connection) -> Result<(bool, bool), Error> {
    let reported = |name: &str| connection.parameter(name).map(|value| value == "on");
    // PostgreSQL 14 and newer say so themselves.
    if let (Some(standby), Some(read_only)) = (
        reported("in_hot_standby"),
        reported("default_transaction_read_only"),
    ) {
        return Ok((standby, read_only || standby));
    }
    let question = Statement::once(
        "select pg_catalog.pg_is_in_recovery(), \
         pg_catalog.current_setting('transaction_read_only') operator(pg_catalog.=) 'on'",
        [],
    );
    let mut exchange = connection.exchange()?;
    exchange.add(&question, &Values::new(), Rows::Read)?;
    exchange.sync();
    let mut answer = None;
    while let Some(event) = exchange.next().await? {
        match event {
            Event::Row { row, .. } => {
                let is = |column| row.get(column) == Some(&[1]);
                answer = Some((is(0), is(1)));
            }
            Event::Failed { error, .. } => return Err(Error::Server(error)),
            _ => {}
        }
    }
    answer.ok_or_else(|| Error::protocol("it does not say whether it is a standby"))
}
