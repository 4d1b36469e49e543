//! What a workspace sells: products, their variants, and the details of records.

use crate::enum_type::EnumType;
use crate::step::Domain;
use crate::table::OnDelete::{Cascade, SetNull};
use crate::table::Table;

pub(crate) const STEP: Domain = Domain {
    name: "m0005_catalog",
    enums: &ENUMS,
    tables,
};

const ENUMS: [EnumType; 0] = [];

fn tables() -> Vec<Table> {
    vec![
        products(),
        product_variants(),
        genres(),
        record_labels(),
        albums(),
        product_embeddings(),
    ]
}

fn products() -> Table {
    Table::workspace("products", "Something that the workspace sells, in one or more variants.")
        .col("shopify_id", "varchar(255)?", "Product id in Shopify, decimal digits.")
        .col("title", "text", "Title shown to shoppers.")
        .col("description", "text?", "Description shown to shoppers.")
        .col("collection", "varchar(255)?", "Collection that the product belongs to.")
        .col("category", "varchar(255)?", "Category that the product belongs to.")
        .col("tags", "text[] = '{}'", "Keywords of the shop's choice.")
        .col("base_price", "numeric(12,2)", "Usual price of one piece, in the shop's currency; the variant's price is what is charged.")
        .col("cost", "numeric(12,2)?", "Usual cost of one piece to the shop, in the shop's currency.")
        .col("status", "record_status = 'active'", "Whether the product is on sale.")
        .unique("shopify_id")
        .index("collection, status")
        .index("status")
        .prefix("title")
        .gin("tags")
        .check("shopify_id", "shopify_id not like 'gid:%'")
}

fn product_variants() -> Table {
    Table::workspace("product_variants", "What is actually sold and counted: a product in one size, frame or condition.")
        .fk("product_id", "products", Cascade, "Product that this is a variant of.")
        .col("shopify_variant_id", "varchar(255)?", "Variant id in Shopify, decimal digits.")
        .col("sku", "varchar(255)?", "Stock keeping unit, unique in the workspace.")
        .col("size", "varchar(50)?", "Size.")
        .col("frame_type", "varchar(50)?", "Frame of an art print.")
        .col("condition", "varchar(20)?", "Grade of a record as printed, such as NM or VG+.")
        .col("price", "numeric(12,2)", "Price of one piece, in the shop's currency.")
        .col("cost", "numeric(12,2)?", "Cost of one piece to the shop; null if the product's cost holds.")
        .col("inventory_quantity", "integer = 0", "Pieces in stock according to Shopify at the last sync; the stock levels are the truth.")
        .col("is_available", "boolean = true", "Whether the variant can be ordered.")
        .unique("shopify_variant_id")
        .unique("sku")
        .index("price")
        .prefix("sku")
        .check("shopify_variant_id", "shopify_variant_id not like 'gid:%'")
}

fn genres() -> Table {
    Table::workspace("genres", "A genre of music.")
        .col("name", "varchar(255)", "Name, unique in the workspace.")
        .col("description", "text?", "What the genre is.")
        .col("avg_margin", "numeric(9,4)?", "Mean margin on its records, on the scale of its source.")
        .col("popularity_score", "integer?", "Popularity; higher is more popular.")
        .unique("name")
}

fn record_labels() -> Table {
    Table::workspace("record_labels", "A company that publishes records.")
        .col("name", "varchar(255)", "Name, unique in the workspace.")
        .col("country", "varchar(255)?", "Country where the label is based.")
        .col("founded_year", "integer?", "Year of foundation.")
        .unique("name")
}

fn albums() -> Table {
    Table::workspace("albums", "Details of a product that is a record.")
        .fk("product_id", "products", Cascade, "Product that the record is sold as; each has one album at most.")
        .col("artist", "varchar(255)", "Artist or band.")
        .fk("genre_id?", "genres", SetNull, "Genre of the music; null when the genre was deleted.")
        .fk("record_label_id?", "record_labels", SetNull, "Label that published it; null when the label was deleted.")
        .col("release_year", "integer?", "Year of release.")
        .col("is_rare", "boolean = false", "Whether collectors look for it.")
        .col("estimated_value", "numeric(12,2)?", "Estimated collector's value, in the shop's currency.")
        .unique("product_id")
        .index("artist")
}

fn product_embeddings() -> Table {
    Table::workspace("product_embeddings", "The meaning of a product as a vector, for similarity search.")
        .fk("product_id", "products", Cascade, "Product that the vector describes; each has one at most.")
        .col("embedding", "vector(768)?", "Vector of 768 numbers, compared by cosine distance.")
        .col("metadata", "jsonb = '{}'", "What else is known of the embedded text.")
        .unique("product_id")
        .hnsw("embedding")
}
