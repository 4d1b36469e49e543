//! Tessera: a multi-tenant GraphQL gateway over one PostgreSQL model.
//!
//! ARCHITECTURE.md has the map. In reading order: `http` takes a request, `auth` makes a session
//! of its token, `documents` finds the document and `guard` looks at it, `rate` counts, `engine` answers it, `db` is the only door to the
//! database, `app` joins them.

pub mod access;
pub mod app;
pub mod auth;
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
pub mod memory;
pub mod rate;
pub mod sample;
pub mod session;
pub mod sql;
mod strict_json;
pub mod telemetry;
