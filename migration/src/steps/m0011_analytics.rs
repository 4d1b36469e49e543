//! Figures: measured, summed up in advance, reported, and drawn conclusions from.

use crate::enum_type::{EnumType, enum_type};
use crate::step::Domain;
use crate::table::OnDelete::{Cascade, SetNull};
use crate::table::Table;

pub(crate) const STEP: Domain = Domain {
    name: "m0011_analytics",
    enums: &ENUMS,
    tables,
};

const ENUMS: [EnumType; 4] = [
    enum_type("sales_metric_channel", "in_store online phone corporate all", "Sales channel of a figure; all sums them up."),
    enum_type("ai_recommendation_type", "reorder promotion pricing customer", "What a piece of advice is about."),
    enum_type("ai_recommendation_status", "pending accepted dismissed scheduled", "Status of a recommendation."),
    enum_type("impact_level", "low medium high", "How much a piece of advice is expected to change."),
];

fn tables() -> Vec<Table> {
    vec![
        kpis(),
        kpi_measurements(),
        reports(),
        report_recipients(),
        product_metrics(),
        sales_metrics(),
        inventory_metrics(),
        support_metrics(),
        ai_recommendations(),
    ]
}

fn kpis() -> Table {
    Table::workspace("kpis", "A key figure that is measured regularly.")
        .col("name", "varchar(255)", "Name, unique in the workspace.")
        .col("category", "varchar(100)", "Area that it belongs to.")
        .col("calculation_sql", "text", "How it is computed; for reading, it is never run by the API.")
        .col("unit", "varchar(50)?", "Unit of its values.")
        .col("target_value", "numeric(12,2)?", "Value to reach, in its unit.")
        .col("frequency", "varchar(50) = 'daily'", "How often it is measured.")
        .fk("owner_agent_id?", "agents", SetNull, "Agent that answers for it; null if none or deleted.")
        .col("is_active", "boolean = true", "False while it is not measured.")
        .unique("name")
}

fn kpi_measurements() -> Table {
    Table::workspace("kpi_measurements", "A measured value of a key figure; never changed once written.")
        .append_only()
        .fk("kpi_id", "kpis", Cascade, "Key figure that was measured.")
        .col("measured_at", "timestamptz = now()", "When it was measured.")
        .col("value", "numeric(12,4)", "The value, in the unit of its key figure.")
        .col("period_start", "timestamptz?", "Start of the period measured.")
        .col("period_end", "timestamptz?", "End of the period measured.")
        .col("metadata", "jsonb = '{}'", "What else is known of the measurement.")
        .index("kpi_id, measured_at desc")
}

fn reports() -> Table {
    Table::workspace("reports", "A report made by an agent.")
        .col("name", "varchar(255)", "Title of the report.")
        .col("type", "varchar(50)", "Kind of report.")
        .fk("created_by_agent_id?", "agents", SetNull, "Agent that made it; null if none did or it was deleted.")
        .col("content", "jsonb", "What the report says.")
        .col("generated_at", "timestamptz = now()", "When it was made.")
        .col("sent_at", "timestamptz?", "When it was sent; null until then.")
}

fn report_recipients() -> Table {
    Table::workspace("report_recipients", "An agent that receives a report.")
        .links_only()
        .fk("report_id", "reports", Cascade, "Report that is received.")
        .fk("agent_id", "agents", Cascade, "Agent that receives it.")
        .unique("report_id, agent_id")
}

fn product_metrics() -> Table {
    Table::workspace("product_metrics", "How a product did over a period.")
        .fk("product_id", "products", Cascade, "Product that is measured.")
        .col("period_start", "date", "First day of the period.")
        .col("period_end", "date", "Last day of the period.")
        .col("views", "integer = 0", "How often it was looked at.")
        .col("add_to_carts", "integer = 0", "How often it was put into a cart.")
        .col("purchases", "integer = 0", "How often it was bought.")
        .col("revenue", "numeric(12,2) = 0", "Revenue, in the shop's currency.")
        .col("conversion_rate", "numeric(5,4)?", "Share of views that led to a purchase, 0 to 1.")
        .col("average_order_value", "numeric(12,2)?", "Mean total of the orders with it, in the shop's currency.")
        .unique("product_id, period_start, period_end")
}

fn sales_metrics() -> Table {
    Table::workspace("sales_metrics", "Sales of a day, by channel and genre.")
        .col("metric_date", "date", "Day that is summed up.")
        .col("channel", "sales_metric_channel", "Channel that is summed up.")
        .fk("genre_id?", "genres", Cascade, "Genre that is summed up; null for all genres.")
        .col("revenue", "numeric(12,2) = 0", "Revenue, in the shop's currency.")
        .col("units_sold", "integer = 0", "Pieces sold.")
        .col("avg_order_value", "numeric(12,2)?", "Mean total of an order, in the shop's currency.")
        .col("customer_count", "integer = 0", "Number of customers who bought.")
        .col("new_customers", "integer = 0", "Number of customers who bought for the first time.")
        .unique_nulls_equal("metric_date, channel, genre_id")
}

fn inventory_metrics() -> Table {
    Table::workspace("inventory_metrics", "Stock at the end of a day, by product and genre.")
        .col("metric_date", "date", "Day that is summed up.")
        .fk("product_id?", "products", Cascade, "Product that is summed up; null for all products.")
        .fk("genre_id?", "genres", Cascade, "Genre that is summed up; null for all genres.")
        .col("total_skus", "integer = 0", "Number of different variants in stock.")
        .col("total_value", "numeric(12,2) = 0", "Value of the stock, in the shop's currency.")
        .col("turnover_rate", "numeric(9,4)?", "How often the stock is sold and replaced, on the scale of its source.")
        .col("low_stock_count", "integer = 0", "Number of variants of which little is left.")
        .col("out_of_stock_count", "integer = 0", "Number of variants of which nothing is left.")
        .col("overstock_count", "integer = 0", "Number of variants of which there is too much.")
        .unique_nulls_equal("metric_date, product_id, genre_id")
}

fn support_metrics() -> Table {
    Table::workspace("support_metrics", "Support of a day in figures.")
        .col("metric_date", "date", "Day that is summed up.")
        .col("total_conversations", "integer = 0", "Number of chat sessions.")
        .col("resolved_conversations", "integer = 0", "Number of sessions resolved.")
        .col("escalated_conversations", "integer = 0", "Number of sessions handed to a person.")
        .col("avg_response_time_ms", "integer?", "Mean time taken to answer, in milliseconds.")
        .col("avg_conversation_length", "integer?", "Mean length of a session, in messages.")
        .col("avg_sentiment_score", "numeric(3,2)?", "Mean mood of the shoppers, 0 (bad) to 1 (good).")
        .col("thumbs_up_count", "integer = 0", "Number of good verdicts.")
        .col("thumbs_down_count", "integer = 0", "Number of bad verdicts.")
        .derived("resolution_rate", "numeric(14,4)?", "case when total_conversations > 0 then round(resolved_conversations::numeric / total_conversations, 4) end", "Share of the sessions that were resolved, 0 to 1; null without sessions.")
        .derived("satisfaction_rate", "numeric(14,4)?", "case when thumbs_up_count + thumbs_down_count > 0 then round(thumbs_up_count::numeric / (thumbs_up_count + thumbs_down_count), 4) end", "Share of the verdicts that are good, 0 to 1; null without verdicts.")
        .col("total_refunds_processed", "integer = 0", "Number of refunds.")
        .col("total_refund_amount", "numeric(12,2) = 0", "Money refunded, in the shop's currency.")
        .unique("metric_date")
}

fn ai_recommendations() -> Table {
    Table::workspace("ai_recommendations", "Advice of a model to those who run the shop.")
        .col("recommendation_type", "ai_recommendation_type", "What the advice is about.")
        .col("entity_type", "varchar(50)?", "Table of the row that it is about.")
        .col("entity_id", "uuid?", "Id of the row that it is about.")
        .col("recommendation", "text", "The advice.")
        .col("insight", "text?", "What led to it.")
        .col("confidence_score", "integer?", "How sure the model is, in percent.")
        .col("impact", "impact_level?", "How much it is expected to change.")
        .col("status", "ai_recommendation_status = 'pending'", "Status of the recommendation.")
        .col("metadata", "jsonb = '{}'", "What else is known of it.")
        .col("expires_at", "timestamptz?", "When it expires.")
        .index("recommendation_type")
        .index("status")
        .index("entity_type, entity_id")
}
