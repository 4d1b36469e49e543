//! Stock, where it comes from, and how much will be needed.

use crate::enum_type::{EnumType, enum_type};
use crate::step::Domain;
use crate::table::OnDelete::{Cascade, SetNull};
use crate::table::Table;

pub(crate) const STEP: Domain = Domain {
    name: "m0008_stock",
    enums: &ENUMS,
    tables,
};

const ENUMS: [EnumType; 3] = [
    enum_type("inventory_transaction_type", "restock sale adjustment return", "Why stock moved."),
    enum_type("reorder_status", "pending approved ordered received", "How far a reorder has come."),
    enum_type("priority_level", "low medium high urgent critical", "Priority, from lowest to highest."),
];

fn tables() -> Vec<Table> {
    vec![
        inventory_levels(),
        inventory_transactions(),
        suppliers(),
        supplier_prices(),
        reorder_queue_items(),
        demand_forecasts(),
    ]
}

fn inventory_levels() -> Table {
    Table::workspace("inventory_levels", "Stock of a variant at a location.")
        .audited()
        .fk("product_variant_id", "product_variants", Cascade, "Variant that is in stock.")
        .col("location", "varchar(255) = 'main'", "Where the stock lies; one row for each variant and location.")
        .col("quantity_available", "integer = 0", "Pieces that can be sold; reserved ones are not counted.")
        .col("quantity_reserved", "integer = 0", "Pieces held for orders.")
        .derived("quantity_on_hand", "integer", "quantity_available + quantity_reserved", "Pieces that lie here: those that can be sold, and those held for orders.")
        .col("quantity_incoming", "integer = 0", "Pieces ordered from suppliers and not yet here.")
        .col("reorder_point", "integer?", "Number of pieces at which to reorder.")
        .col("reorder_quantity", "integer?", "Pieces to order each time.")
        .col("optimal_stock_level", "integer?", "Pieces that would be best to have.")
        .col("days_in_stock", "integer?", "Days for which the stock has lain here.")
        .col("turnover_rate", "numeric(9,4)?", "How often the stock is sold and replaced, on the scale of its source.")
        .col("last_counted_at", "timestamptz?", "When the stock was last counted.")
        .col("last_restock_date", "timestamptz?", "When stock last came in.")
        .unique("product_variant_id, location")
        .index("quantity_available")
        .index("quantity_on_hand")
        .index("turnover_rate desc")
}

fn inventory_transactions() -> Table {
    Table::workspace("inventory_transactions", "A movement of stock; never changed once written.")
        .append_only()
        .fk("inventory_level_id", "inventory_levels", Cascade, "Stock that moved.")
        .fk("order_id?", "orders", SetNull, "Order that caused it; null if none did or it was deleted.")
        .col("transaction_type", "inventory_transaction_type", "Why stock moved.")
        .col("quantity_change", "integer", "Pieces added, or taken away if negative.")
        .col("unit_price", "numeric(12,2)?", "Price of one piece in this movement, in the shop's currency.")
        .col("notes", "text?", "Remarks.")
        .fk("user_id?", "users", SetNull, "User who moved the stock; null if none is known or the user was deleted.")
}

fn suppliers() -> Table {
    Table::workspace("suppliers", "A company from which the workspace buys its stock.")
        .col("name", "varchar(255)", "Name of the supplier.")
        .col("email", "varchar(255)?", "E-mail address, in lower case.")
        .col("phone", "varchar(50)?", "Phone number.")
        .col("address", "text?", "Postal address.")
        .col("avg_delivery_days", "numeric(9,4)?", "Mean time of delivery, in days.")
        .col("reliability_score", "numeric(9,4)?", "How reliably it delivers, on the scale of its source.")
        .check("email", "email = lower(email)")
}

fn supplier_prices() -> Table {
    Table::workspace("supplier_prices", "What a supplier asks for a variant, over a period.")
        .fk("supplier_id", "suppliers", Cascade, "Supplier that asks the price.")
        .fk("product_variant_id", "product_variants", Cascade, "Variant that is bought.")
        .col("unit_price", "numeric(12,2)", "Price of one piece, in the shop's currency.")
        .col("minimum_order_quantity", "integer = 1", "Fewest pieces that can be ordered at this price.")
        .col("effective_from", "date", "First day on which the price holds.")
        .col("effective_to", "date?", "Last day on which it holds; null if it has no end.")
        .check("effective_to", "effective_to >= effective_from")
}

fn reorder_queue_items() -> Table {
    Table::workspace("reorder_queue_items", "A proposal to order more of a variant.")
        .fk("product_variant_id", "product_variants", Cascade, "Variant to order.")
        .fk("supplier_id?", "suppliers", SetNull, "Supplier to order from; null if undecided or deleted.")
        .col("current_stock", "integer", "Pieces in stock when it was proposed.")
        .col("recommended_quantity", "integer", "Pieces to order.")
        .col("unit_cost", "numeric(12,2)?", "Cost of one piece, in the shop's currency.")
        .col("total_cost", "numeric(12,2)?", "Cost of the whole order, in the shop's currency.")
        .col("priority", "priority_level = 'medium'", "Priority.")
        .col("ai_confidence", "integer?", "How sure the model is, in percent.")
        .col("status", "reorder_status = 'pending'", "How far the reorder has come.")
        .col("approved_at", "timestamptz?", "When it was approved; null until then.")
}

fn demand_forecasts() -> Table {
    Table::workspace("demand_forecasts", "How much of a variant is expected to be sold on a day; never changed once written.")
        .append_only()
        .fk("product_variant_id", "product_variants", Cascade, "Variant that is forecast.")
        .col("forecast_date", "date", "Day that is forecast.")
        .col("predicted_demand", "integer", "Pieces expected to be sold.")
        .col("lower_bound", "integer?", "Fewest pieces that are likely.")
        .col("upper_bound", "integer?", "Most pieces that are likely.")
        .col("confidence_level", "numeric(9,4)?", "How likely the demand is within the bounds, on the scale of its source.")
        .col("model_version", "varchar(255)?", "Version of the forecasting model.")
        .col("influencing_factors", "jsonb = '{}'", "What the forecast took into account.")
        .index("product_variant_id, forecast_date")
}
