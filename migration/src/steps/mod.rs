//! All migrations, in the order in which they build on each other.

mod m0001_session;
// In a declaration each column stays on one line, however long its description.
#[rustfmt::skip]
mod m0002_accounts;
#[rustfmt::skip]
mod m0003_agents;
#[rustfmt::skip]
mod m0005_catalog;
#[rustfmt::skip]
mod m0006_customers;
#[rustfmt::skip]
mod m0007_orders;
#[rustfmt::skip]
mod m0014_system;

use sea_orm_migration::MigrationTrait;

pub(crate) fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m0001_session::STEP),
        Box::new(m0002_accounts::STEP),
        Box::new(m0003_agents::STEP),
        Box::new(m0005_catalog::STEP),
        Box::new(m0006_customers::STEP),
        Box::new(m0007_orders::STEP),
        Box::new(m0014_system::STEP),
    ]
}
