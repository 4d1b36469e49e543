//! The integration tests: one binary, a real PostgreSQL, the real router, the restricted role.

mod cursor_walk;
mod doctor;
mod documents;
mod examples;
mod faults;
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
mod schema;
