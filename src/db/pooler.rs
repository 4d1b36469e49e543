//! Finds out what a connection pooler between the gateway and PostgreSQL passes on.

use wire::Statement;

use super::form::Form;
use super::{Db, login, loss};
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
            match login::ask(&mut member.connection, &statement).await {
                Ok(_) => {}
                Err(wire::Error::Server(_)) if member.connection.is_idle() => statements = false,
                Err(error) => return Err(loss::from_wire(&error)),
            }
        }
        Ok(Passes {
            settings: member.form == Form::Connection,
            statements,
        })
    }
}
