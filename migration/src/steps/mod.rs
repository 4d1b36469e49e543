//! All migrations, in the order in which they build on each other.

mod m0001_session;
mod m0015_partitions;
mod m0017_text_lists;
mod m0018_infinite_times;
mod m0019_statistics;
pub(crate) mod m0020_reading;
mod m0021_indexes;
mod m0022_derived;
mod m0023_refreshes;
mod m0024_search;
pub(crate) mod m0025_writing;
mod m0026_log_functions;

// In a declaration each column stays on one line, however long its description.
#[rustfmt::skip]
mod m0002_accounts;
#[rustfmt::skip]
mod m0003_agents;
#[rustfmt::skip]
mod m0004_agent_memory;
#[rustfmt::skip]
mod m0005_catalog;
#[rustfmt::skip]
mod m0006_customers;
#[rustfmt::skip]
mod m0007_orders;
#[rustfmt::skip]
mod m0008_stock;
#[rustfmt::skip]
mod m0009_support;
#[rustfmt::skip]
mod m0010_marketing;
#[rustfmt::skip]
mod m0011_analytics;
#[rustfmt::skip]
mod m0012_finance;
#[rustfmt::skip]
mod m0013_billing;
#[rustfmt::skip]
mod m0014_system;
#[rustfmt::skip]
mod m0016_views;

use sea_orm_migration::MigrationTrait;

use crate::read_view::ReadView;
use crate::step::Domain;
use crate::table::Table;

pub(crate) fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m0001_session::SessionFunctions),
        Box::new(m0002_accounts::STEP),
        Box::new(m0003_agents::STEP),
        Box::new(m0004_agent_memory::STEP),
        Box::new(m0005_catalog::STEP),
        Box::new(m0006_customers::STEP),
        Box::new(m0007_orders::STEP),
        Box::new(m0008_stock::STEP),
        Box::new(m0009_support::STEP),
        Box::new(m0010_marketing::STEP),
        Box::new(m0011_analytics::STEP),
        Box::new(m0012_finance::STEP),
        Box::new(m0013_billing::STEP),
        Box::new(m0014_system::STEP),
        Box::new(m0015_partitions::Partitions),
        Box::new(m0016_views::Views),
        Box::new(m0017_text_lists::TextLists),
        Box::new(m0018_infinite_times::InfiniteTimes),
        Box::new(m0019_statistics::STEP),
        Box::new(m0020_reading::Reading),
        Box::new(m0021_indexes::Indexes),
        Box::new(m0022_derived::Derived),
        Box::new(m0023_refreshes::Refreshes),
        Box::new(m0024_search::Search),
        Box::new(m0025_writing::Writing),
        Box::new(m0026_log_functions::LogFunctions),
    ]
}

/// The steps that declare tables.
pub(crate) fn domains() -> Vec<Domain> {
    vec![
        m0002_accounts::STEP,
        m0003_agents::STEP,
        m0004_agent_memory::STEP,
        m0005_catalog::STEP,
        m0006_customers::STEP,
        m0007_orders::STEP,
        m0008_stock::STEP,
        m0009_support::STEP,
        m0010_marketing::STEP,
        m0011_analytics::STEP,
        m0012_finance::STEP,
        m0013_billing::STEP,
        m0014_system::STEP,
    ]
}

/// The tables that steps before this one declare.
pub(crate) fn tables_before(step: &str) -> Vec<Table> {
    let domains = domains().into_iter();
    let before = domains.filter(|domain| domain.name < step);
    before.flat_map(|domain| (domain.tables)()).collect()
}

/// The names of the computed views.
pub(crate) fn views() -> Vec<&'static str> {
    m0016_views::names()
}

/// The views of schema `read`.
pub(crate) fn read_views() -> Vec<ReadView> {
    let tables = domains().into_iter().flat_map(|domain| (domain.tables)());
    let computed = m0016_views::VIEWS;
    let computed = computed.iter().map(crate::view::View::read_view);
    tables
        .map(|table| table.read_view())
        .chain(computed)
        .collect()
}
