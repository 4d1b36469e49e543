//! Imports of three known data formats into a workspace.
//!
//! Each import reads its file as a stream, runs in one transaction, and changes either everything
//! or nothing. Ids are derived from the workspace and the key in the file, so a second run finds
//! its rows already there. What a file holds and the model has no place for is counted and named
//! in the [`Summary`].
//!
//! The connection acts as `model_owner`: row security does not bind the owner, and rows are
//! written under the claim `system`, which the audit log records.

mod amount;
mod breaks;
mod catalog;
mod chinook;
mod encoding;
mod error;
mod keys;
mod lines;
mod online_retail;
mod places;
mod progress;
mod rows;
mod sales;
mod separator;
mod shopify;
mod source;
mod summary;
mod target;

pub use chinook::chinook;
pub use error::ImportError;
pub use online_retail::online_retail;
pub use progress::{Bar, Progress, Silent, Unit};
pub use shopify::shopify_products;
pub use source::Source;
pub use summary::{Count, Summary, TableCount};
