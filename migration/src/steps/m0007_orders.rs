//! Orders with their lines, payments and shipments.

use crate::enum_type::{EnumType, enum_type};
use crate::step::Domain;
use crate::table::OnDelete::{Cascade, Restrict, SetNull};
use crate::table::Table;

pub(crate) const STEP: Domain = Domain {
    name: "m0007_orders",
    enums: &ENUMS,
    tables,
};

const ENUMS: [EnumType; 5] = [
    enum_type("order_status", "pending processing shipped delivered cancelled", "How far an order has come."),
    enum_type("sales_channel", "in_store online phone corporate", "Way by which an order was placed."),
    enum_type("order_payment_method", "card cash bank_transfer", "How an order is paid."),
    enum_type("payment_status", "pending completed failed refunded", "State of a payment."),
    enum_type("shipment_status", "preparing shipped in_transit delivered", "How far a shipment has come."),
];

fn tables() -> Vec<Table> {
    vec![orders(), order_items(), order_payments(), shipments()]
}

fn orders() -> Table {
    Table::workspace("orders", "An order placed by a customer, here or in Shopify.")
        .audited()
        .fk("customer_id?", "customers", SetNull, "Customer who ordered; null when the customer was deleted.")
        .col("shopify_order_id", "varchar(255)?", "Order id in Shopify, decimal digits.")
        .col("order_number", "varchar(50)?", "Number shown to the customer, unique in the workspace.")
        .col("status", "order_status = 'pending'", "How far the order has come.")
        .col("channel", "sales_channel = 'online'", "Way by which the order was placed.")
        .col("subtotal_amount", "numeric(12,2)?", "Sum of the lines before tax, shipping and discount, in the order's currency.")
        .col("tax_amount", "numeric(12,2)?", "Tax, in the order's currency.")
        .col("shipping_amount", "numeric(12,2)?", "Shipping cost, in the order's currency.")
        .col("discount_amount", "numeric(12,2)?", "Discount on the whole order, in the order's currency.")
        .col("total_amount", "numeric(12,2)", "What the customer pays, in the order's currency.")
        .col("currency", "varchar(3) = 'USD'", "Currency of the order's amounts, as its ISO 4217 code.")
        .col("fulfillment_status", "varchar(50)?", "Fulfilment state as Shopify words it.")
        .col("financial_status", "varchar(50)?", "Payment state as Shopify words it.")
        .col("shipping_address", "jsonb?", "Where to ship, by parts of the address; an address in one piece stands under text.")
        .col("order_date", "timestamptz = now()", "When the customer ordered.")
        .col("source_updated_at", "timestamptz?", "When Shopify last changed the order.")
        .col("synced_at", "timestamptz?", "When the order last came from Shopify; null for orders from elsewhere.")
        .unique("shopify_order_id")
        .unique("order_number")
        .index("customer_id, created_at desc")
        .index("status")
        .index("order_date desc")
        .index("channel")
        // Where something was shipped to is asked by country.
        .json_path("shipping_address", "country")
        .check("shopify_order_id", "shopify_order_id not like 'gid:%'")
}

fn order_items() -> Table {
    Table::workspace("order_items", "A line of an order.")
        .fk("order_id", "orders", Cascade, "Order that the line belongs to.")
        .fk("product_variant_id?", "product_variants", SetNull, "Variant that was sold; null when it was deleted.")
        .col("quantity", "integer", "Number of pieces.")
        .col("unit_price", "numeric(12,2)", "Price of one piece, in the order's currency.")
        .col("discount_amount", "numeric(12,2) = 0", "Discount on the line, in the order's currency.")
        .col("tax_amount", "numeric(12,2) = 0", "Tax on the line, in the order's currency.")
        .col("total_amount", "numeric(12,2)", "Total of the line, in the order's currency.")
        .col("source_data", "jsonb?", "The line as the source system sent it.")
}

fn order_payments() -> Table {
    Table::workspace("order_payments", "A payment of a customer for an order.")
        .audited()
        .fk("order_id", "orders", Restrict, "Order that is paid; it cannot be deleted before its payments.")
        .col("amount", "numeric(12,2)", "Amount paid, in the order's currency; never negative.")
        .col("payment_method", "order_payment_method", "How it is paid.")
        .col("status", "payment_status = 'pending'", "State of the payment.")
        .col("processor_transaction_id", "varchar(255)?", "Reference at the payment processor.")
        .col("fraud_flagged", "boolean = false", "Whether the payment is suspected of fraud.")
        .col("fraud_score", "numeric(9,4)?", "Likelihood of fraud, on the scale of the payment processor.")
        .col("payment_date", "timestamptz?", "When it was paid.")
        .check("amount", "amount >= 0")
}

fn shipments() -> Table {
    Table::workspace("shipments", "A parcel sent for an order.")
        .fk("order_id", "orders", Cascade, "Order that is shipped.")
        .col("tracking_number", "varchar(255)?", "Number by which the carrier tracks the parcel.")
        .col("carrier", "varchar(255)?", "Company that carries the parcel.")
        .col("status", "shipment_status = 'preparing'", "How far the parcel has come.")
        .col("shipped_date", "timestamptz?", "When it left.")
        .col("estimated_delivery", "timestamptz?", "When it is expected to arrive.")
        .col("actual_delivery", "timestamptz?", "When it arrived.")
}
