//! Finds out what a connection pooler between the gateway and PostgreSQL passes on.

use wire::{Event, Rows, Statement, Values};

use super::form::Form;
use super::{Db, loss};
use crate::error::Error;

/// What connections do here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passes {
    /// The settings of new connections stay; otherwise each transaction brings its own.
    pub settings: bool,
    /// Prepared statements last from one transaction to the next.
    pub statements: bool,
}

impl Db {
    /// Asks a few times for the same prepared statement, each time in a transaction of its own.
    ///
    /// # Errors
    /// As for any read.
    pub async fn passes(&self) -> Result<Passes, Error> {
        let mut lease = self.acquire().await?;
        let member = lease.member();
        let member = member.ok_or_else(|| Error::internal("a connection is gone"))?;
        let statement = Statement::new("select 1", []);
        let mut statements = true;
        for _ in 0..4 {
            let asked = async {
                let mut exchange = member.connection.exchange()?;
                exchange.add(&statement, &Values::new(), Rows::Discard)?;
                exchange.sync();
                let mut failed = None;
                while let Some(event) = exchange.next().await? {
                    if let Event::Failed { error, .. } = event {
                        failed = Some(error);
                    }
                }
                Ok::<_, wire::Error>(failed)
            };
            let failed = asked.await.map_err(|error| loss::from_wire(&error))?;
            statements &= failed.is_none();
        }
        Ok(Passes {
            settings: member.form == Form::Connection,
            statements,
        })
    }
}
