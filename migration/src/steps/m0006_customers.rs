//! The shoppers of a workspace and what is known about them.

use crate::enum_type::{EnumType, enum_type};
use crate::step::Domain;
use crate::table::OnDelete::{Cascade, SetNull};
use crate::table::Table;

pub(crate) const STEP: Domain = Domain {
    name: "m0006_customers",
    enums: &ENUMS,
    tables,
};

const ENUMS: [EnumType; 5] = [
    enum_type("customer_status", "active inactive vip", "Standing of a customer."),
    enum_type("customer_segment_type", "commercial residential online vip_collector regular_enthusiast casual_buyer new_customer", "Kind of customers that a segment gathers."),
    enum_type("interaction_channel", "email phone chat in_store online other", "Way by which a customer was in touch."),
    enum_type("preference_source", "conversation purchase_history explicit", "How a preference became known: from a talk, from purchases, or because the customer said so."),
    enum_type("review_sentiment", "positive neutral negative", "Tone of a review."),
];

fn tables() -> Vec<Table> {
    vec![
        customers(),
        customer_segments(),
        customer_segment_members(),
        customer_interactions(),
        customer_preferences(),
        customer_product_recommendations(),
        reviews(),
    ]
}

fn customers() -> Table {
    Table::workspace("customers", "A person or company that buys from the workspace.")
        .audited()
        .col("shopify_customer_id", "varchar(255)?", "Customer id in Shopify, decimal digits.")
        .col("email", "varchar(255)", "E-mail address in lower case, unique in the workspace.")
        .col("first_name", "varchar(255)?", "First name.")
        .col("last_name", "varchar(255)?", "Last name.")
        .col("company", "varchar(255)?", "Company that the customer buys for.")
        .col("phone", "varchar(50)?", "Phone number.")
        .col("address", "text?", "Postal address.")
        .col("tags", "text[] = '{}'", "Keywords of the shop's choice.")
        .col("preferred_language", "varchar(10) = 'en'", "Language tag for messages to the customer.")
        .col("preferred_genre", "varchar(255)?", "Favourite genre of music.")
        .col("date_joined", "date?", "Day on which the customer signed up with the shop.")
        .col("status", "customer_status = 'active'", "Standing of the customer; VIP customers have the VIP mark as well.")
        .col("total_spent", "numeric(12,2) = 0", "Sum of the orders that were not cancelled, before refunds, in the shop's currency, as the application last stored it.")
        .col("lifetime_value", "numeric(12,2) = 0", "What the customer is worth to the shop, in its currency, as the application assesses it.")
        .col("orders_count", "integer = 0", "Number of orders that were not cancelled, as the application last stored it; `orders` counts them now.")
        .col("average_order_value", "numeric(12,2)?", "Mean total of an order, in the shop's currency.")
        .col("last_order_date", "timestamptz?", "When the customer last ordered.")
        .col("accepts_marketing", "boolean = false", "Whether the customer agreed to marketing messages.")
        .col("vip_status", "boolean = false", "Whether the customer is marked as VIP.")
        .unique("shopify_customer_id")
        .unique("email")
        .index("status")
        .index("lifetime_value desc")
        .lowered("email")
        .gin("tags")
        .check("email", "email = lower(email)")
        .check("shopify_customer_id", "shopify_customer_id not like 'gid:%'")
        .check("vip_status", "status <> 'vip' or vip_status")
}

fn customer_segments() -> Table {
    Table::workspace("customer_segments", "A group of customers, defined once and filled by memberships.")
        .col("name", "varchar(255)", "Name, unique in the workspace.")
        .col("type", "customer_segment_type", "Kind of customers gathered.")
        .col("description", "text?", "What the segment is for.")
        .col("criteria", "jsonb = '{}'", "Rules by which customers are chosen.")
        .col("is_active", "boolean = true", "False while the segment is not used.")
        .unique("name")
}

fn customer_segment_members() -> Table {
    Table::workspace("customer_segment_members", "Membership of a customer in a segment.")
        .fk("customer_id", "customers", Cascade, "Customer who is in the segment.")
        .fk("segment_id", "customer_segments", Cascade, "Segment that the customer is in.")
        .col("score", "numeric(5,2) = 50.00", "How well the customer fits, 0 to 100.")
        .col("assigned_at", "timestamptz = now()", "When the customer was put into the segment.")
        .unique("customer_id, segment_id")
        .check("score", "score between 0 and 100")
}

fn customer_interactions() -> Table {
    Table::workspace("customer_interactions", "One contact with a customer.")
        .fk("customer_id", "customers", Cascade, "Customer who was in touch.")
        .col("interaction_type", "varchar(100) = 'contact'", "Kind of contact, in free words.")
        .col("channel", "interaction_channel", "Way of the contact.")
        .fk("agent_id?", "agents", SetNull, "Agent that took part; null when it was deleted.")
        .col("content", "text?", "What was said, or a summary of it.")
        .col("sentiment", "varchar(50)?", "Tone in a word.")
        .col("sentiment_score", "numeric(3,2)?", "Tone as a number, -1 (bad) to 1 (good).")
        .col("outcome", "varchar(255)?", "What came of it.")
        .col("metadata", "jsonb = '{}'", "Further data from the source.")
        .col("interaction_date", "timestamptz = now()", "When the contact took place.")
        // The source's own word for a channel that the enum does not have.
        .json_path("metadata", "channel")
        .check("sentiment_score", "sentiment_score between -1 and 1")
}

fn customer_preferences() -> Table {
    Table::workspace("customer_preferences", "Something a customer likes or wants, such as a size.")
        .fk("customer_id", "customers", Cascade, "Customer whose preference it is.")
        .col("preference_key", "varchar(100)", "What it is about; once per customer.")
        .col("preference_value", "text", "What the customer prefers.")
        .col("confidence_score", "numeric(3,2) = 0.50", "How sure it is, 0 to 1.")
        .col("learned_from", "preference_source?", "How it became known.")
        .unique("customer_id, preference_key")
        .check("confidence_score", "confidence_score between 0 and 1")
}

fn customer_product_recommendations() -> Table {
    Table::workspace("customer_product_recommendations", "A product suggested to a customer.")
        .fk("customer_id", "customers", Cascade, "Customer to whom the product is suggested.")
        .fk("product_id", "products", Cascade, "Product that is suggested.")
        .col("recommendation_score", "numeric(9,4)?", "How well the product fits, on the scale of its source.")
        .col("reason", "text?", "Why it is suggested.")
        .col("clicked", "boolean = false", "Whether the customer looked at it.")
        .col("purchased", "boolean = false", "Whether the customer bought it.")
        .col("expires_at", "timestamptz?", "When the suggestion expires.")
}

fn reviews() -> Table {
    Table::workspace("reviews", "A customer's review of a product.")
        .fk("customer_id", "customers", Cascade, "Customer who wrote the review.")
        .fk("product_id", "products", Cascade, "Product that is reviewed.")
        .col("rating", "integer", "Stars given; more is better.")
        .col("review_text", "text?", "What the customer wrote.")
        .col("sentiment", "review_sentiment?", "Tone of the review.")
        .col("sentiment_score", "numeric(9,4)?", "Tone as a number, on the scale of its source.")
        .col("verified_purchase", "boolean = false", "Whether the customer is known to have bought the product.")
}
