//! What workspaces pay to the operator of the platform, and what they use.

use crate::enum_type::EnumType;
use crate::step::Domain;
use crate::table::OnDelete::{Cascade, Restrict, SetNull};
use crate::table::Table;

pub(crate) const STEP: Domain = Domain {
    name: "m0013_billing",
    enums: &ENUMS,
    tables,
};

const ENUMS: [EnumType; 0] = [];

fn tables() -> Vec<Table> {
    vec![
        billing_subscriptions(),
        subscription_payments(),
        invoices(),
        usage_records(),
    ]
}

fn billing_subscriptions() -> Table {
    Table::workspace("billing_subscriptions", "A paid plan, bought from within a workspace.")
        .audited()
        .fk("user_id?", "users", Cascade, "User who bought it; null if the workspace did.")
        .col("plan_id", "varchar(100)", "Plan that was bought.")
        .col("status", "subscription_status = 'active'", "State of the subscription.")
        .col("amount", "numeric(12,2)", "Price of one billing cycle, in its currency.")
        .col("currency", "varchar(3) = 'INR'", "Currency as its ISO 4217 code.")
        .col("billing_cycle", "varchar(20) = 'monthly'", "How often it is billed.")
        .col("current_period_start", "timestamptz?", "Start of the period that is paid for.")
        .col("current_period_end", "timestamptz?", "End of the period that is paid for.")
        .col("phonepe_subscription_id", "varchar(255)?", "Id of the subscription at the payment provider PhonePe.")
}

fn subscription_payments() -> Table {
    Table::workspace("subscription_payments", "A payment for a plan.")
        .audited()
        .fk("user_id?", "users", Cascade, "User who pays; null if the workspace does.")
        .fk("subscription_id?", "billing_subscriptions", Restrict, "Plan that is paid; it cannot be deleted before its payments.")
        .col("processor_transaction_id", "varchar(255)?", "Reference at the payment processor, unique in the workspace.")
        .col("merchant_transaction_id", "varchar(255)?", "Reference given by the operator.")
        .col("amount", "numeric(12,2)", "Amount paid, in its currency; never negative.")
        .col("currency", "varchar(3) = 'INR'", "Currency as its ISO 4217 code.")
        .col("gst_amount", "numeric(12,2)?", "Goods and services tax in all, in the payment's currency.")
        .col("cgst", "numeric(12,2)?", "Central part of the tax, in the payment's currency.")
        .col("sgst", "numeric(12,2)?", "State part of the tax, in the payment's currency.")
        .col("igst", "numeric(12,2)?", "Tax on sales between states, in the payment's currency.")
        .col("status", "payment_status = 'pending'", "State of the payment.")
        .col("payment_method", "varchar(100)?", "How it is paid.")
        .col("metadata", "jsonb = '{}'", "What else the processor told.")
        .col("completed_at", "timestamptz?", "When it was completed; null until then.")
        .unique("processor_transaction_id")
        .index("status")
        .check("amount", "amount >= 0")
}

fn invoices() -> Table {
    Table::workspace("invoices", "An invoice of the operator to a workspace.")
        .audited()
        .fk("user_id?", "users", Cascade, "User who is invoiced; null if the workspace is.")
        .fk("payment_id?", "subscription_payments", Restrict, "Payment that is invoiced; it cannot be deleted before its invoice.")
        .col("invoice_number", "varchar(50)", "Number of the invoice, unique over all workspaces.")
        .col("invoice_date", "timestamptz", "Date of the invoice.")
        .col("buyer_name", "varchar(255)?", "Name of the buyer.")
        .col("buyer_gstin", "varchar(20)?", "Tax number (GSTIN) of the buyer.")
        .col("buyer_address", "text?", "Postal address of the buyer.")
        .col("buyer_state", "varchar(100)?", "State of the buyer; decides which tax applies.")
        .col("subtotal", "numeric(12,2)?", "Sum before tax, in the payment's currency.")
        .col("total_gst", "numeric(12,2)?", "Tax, in the payment's currency.")
        .col("grand_total", "numeric(12,2)?", "Sum with tax, in the payment's currency.")
        .col("data", "jsonb", "The whole invoice as issued.")
        .col("pdf_url", "text?", "Address of the invoice as PDF.")
        .unique_everywhere("invoice_number")
}

fn usage_records() -> Table {
    Table::workspace("usage_records", "What a run cost; never changed once written, and kept when the run is deleted.")
        .append_only()
        .fk("user_id?", "users", Cascade, "User who caused the cost; null if the workspace did.")
        .fk("agent_execution_id?", "agent_executions", SetNull, "Run that caused the cost; null if none or deleted.")
        .col("execution_key", "varchar(255)?", "Id of the run in the source system.")
        .col("skill_id", "varchar(255)?", "Skill that was run.")
        .col("amount", "numeric(10,6)", "Cost, to a millionth of the currency unit.")
        .col("tokens", "integer?", "Tokens of the model used, in and out.")
        .col("recorded_at", "timestamptz = now()", "When the cost arose.")
        .index("recorded_at")
}
