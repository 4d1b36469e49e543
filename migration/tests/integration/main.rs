//! The migrations on the embedded PostgreSQL, and on a native one where an address is given.

mod checks;
mod embedded;
mod messages;
mod native;
