//! Tessera: a multi-tenant GraphQL server for one PostgreSQL model.
//!
//! ARCHITECTURE.md has the map. In the order of a request: `http` reads it, `auth` makes a session of
//! its token, `rate` counts it, `documents` finds its document, `guard` checks the document's limits,
//! `engine` executes it, and `db` is the only code that talks to the database. `app` joins them.

pub mod accounts;
pub mod app;
pub mod auth;
mod binary;
pub mod cli;
pub mod config;
pub mod db;
pub mod doctor;
pub mod documents;
pub mod engine;
pub mod error;
pub mod exposure;
pub mod guard;
pub mod http;
pub mod import;
pub mod json;
pub mod kept;
pub mod memory;
pub mod rate;
pub mod sample;
pub mod session;
pub mod sql;
pub mod telemetry;
