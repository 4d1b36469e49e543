//! Tessera: a multi-tenant GraphQL gateway over one PostgreSQL model.

pub mod db;
pub mod engine;
pub mod error;
pub mod session;
pub mod sql;
