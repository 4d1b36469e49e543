//! PostgreSQL's wire protocol for serving: whole batches with one Sync, prepared statements that
//! travel with their first use, rows read where they were received, and limits on everything.
//!
//! ```text
//! let config = Config::parse("postgres://gateway:secret@db/shop?sslmode=verify-full")?;
//! let mut connection = Connection::connect(&config, &settings).await?;
//! let mut exchange = connection.exchange()?;
//! exchange.add(&set_workspace, &session, Rows::Discard)?;
//! exchange.add(&orders, &values, Rows::Read)?;
//! exchange.sync();
//! while let Some(event) = exchange.next().await? { … }
//! ```

mod alarm;
mod cache;
mod cancel;
mod config;
mod connect;
mod connection;
mod encode;
mod error;
mod event;
mod exchange;
mod inbox;
mod pipe;
mod protocol;
mod row;
mod server_error;
mod settings;
mod shared;
mod statement;
mod stream;
mod tls;
mod values;

pub use cancel::CancelToken;
pub use config::{Config, ConfigError};
pub use connection::Connection;
pub use error::Error;
pub use event::{Column, Event, Rows, Transaction};
pub use exchange::Exchange;
pub use row::Row;
pub use server_error::ServerError;
pub use settings::{Keep, Limits, Settings};
pub use shared::{Ask, Pending, QueueLimits, Reply, Shared};
pub use statement::Statement;
pub use stream::Duplex;
pub use values::Values;
