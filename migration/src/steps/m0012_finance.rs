//! Money: the ledger, the budgets, and which agent earned what.

use crate::enum_type::{EnumType, enum_type};
use crate::step::Domain;
use crate::table::OnDelete::{Cascade, Restrict, SetNull};
use crate::table::Table;

pub(crate) const STEP: Domain = Domain {
    name: "m0012_finance",
    enums: &ENUMS,
    tables,
};

const ENUMS: [EnumType; 1] = [
    enum_type("transaction_type", "revenue expense refund adjustment", "Kind of a ledger entry; it gives the direction of the money."),
];

fn tables() -> Vec<Table> {
    vec![transactions(), budgets(), revenue_attributions()]
}

fn transactions() -> Table {
    Table::workspace("transactions", "An entry of the financial ledger; never changed once written.")
        .append_only()
        .audited()
        .partitioned_by("transaction_date")
        .col("type", "transaction_type", "Kind of entry; it gives the direction of the money.")
        .col("category", "varchar(100)", "Category for accounting.")
        .col("amount", "numeric(12,2)", "Amount in the entry's currency; never negative.")
        .col("currency", "varchar(3) = 'USD'", "Currency as its ISO 4217 code.")
        .col("description", "text?", "What it is for.")
        .fk("order_id?", "orders", SetNull, "Order that it belongs to; null if none or deleted.")
        .fk("customer_id?", "customers", SetNull, "Customer who paid or was paid; null if none or deleted.")
        .fk("agent_id?", "agents", SetNull, "Agent that caused it; null if none or deleted.")
        .col("payment_method", "varchar(50)?", "How it was paid.")
        .col("transaction_date", "date", "Day of the entry.")
        .index("transaction_date desc")
        .check("amount", "amount >= 0")
}

fn budgets() -> Table {
    Table::workspace("budgets", "Money set aside for a category and a month.")
        .audited()
        .col("name", "varchar(255)", "Name of the budget.")
        .col("category", "varchar(100)", "Category of expenses.")
        .col("fiscal_year", "integer", "Fiscal year.")
        .col("fiscal_month", "integer", "Month of the fiscal year, 1 to 12.")
        .col("allocated_amount", "numeric(12,2)", "Money set aside, in the workspace's currency; never negative.")
        .col("spent_amount", "numeric(12,2) = 0", "Money spent so far, in the workspace's currency.")
        .fk("owner_agent_id?", "agents", SetNull, "Agent that answers for it; null if none or deleted.")
        .unique("category, fiscal_year, fiscal_month")
        .check("fiscal_month", "fiscal_month between 1 and 12")
        .check("allocated_amount", "allocated_amount >= 0")
}

fn revenue_attributions() -> Table {
    Table::workspace("revenue_attributions", "The share of an agent in a ledger entry.")
        .fk_with("transaction_id", "transaction_date", "transactions", Cascade, "Ledger entry that is shared out.")
        .col("transaction_date", "date", "Day of the ledger entry; follows it.")
        .fk("agent_id", "agents", Restrict, "Agent that has the share; it cannot be deleted before its shares.")
        .fk("campaign_id?", "campaigns", SetNull, "Campaign that brought it about; null if none or deleted.")
        .col("attribution_model", "varchar(50) = 'last_touch'", "Method by which shares are given.")
        .col("attribution_percentage", "numeric(5,2)", "Share in percent, 0 to 100.")
        .col("touchpoint_data", "jsonb = '{}'", "Contacts that led to the entry.")
        .check("attribution_percentage", "attribution_percentage between 0 and 100")
}
