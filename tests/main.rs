//! The integration tests: one binary, a real PostgreSQL, the real router, the restricted role.

mod harness;
mod cursor_walk;
mod http;
mod isolation;
mod mapping;
mod model;
mod queries;
mod schema;
