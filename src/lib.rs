//! Tessera.

pub mod import;
