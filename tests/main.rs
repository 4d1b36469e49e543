//! The integration tests: one binary, a real PostgreSQL, the real router, the restricted role.

mod cursor_walk;
mod differential;
mod documents;
mod examples;
mod forbidden;
mod graphql_cop;
mod guard;
mod harness;
mod http;
mod import;
mod isolation;
mod mapping;
mod model;
mod operands;
mod operators;
mod privacy;
mod queries;
mod roles;
mod schema;
