//! The integration tests: one binary, a real PostgreSQL, the real router, the restricted role.

mod apq;
mod cursor_walk;
mod differential;
mod documents;
mod documents_trusted;
mod errors;
mod examples;
mod forbidden;
mod graphql_cop;
mod guard;
mod harness;
mod http;
mod identity;
mod import;
mod introspection;
mod isolation;
mod isolation_fuzz;
mod mapping;
mod model;
mod operands;
mod operators;
mod privacy;
mod queries;
mod rates;
mod roles;
mod schema;
