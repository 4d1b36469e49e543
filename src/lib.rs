//! Tessera.

pub mod http {
    pub mod playground;
}
