//! Tessera: a multi-tenant GraphQL gateway over one PostgreSQL model.

pub mod auth;
pub mod db;
pub mod engine;
pub mod error;
pub mod http;
pub mod session;
pub mod sql;
