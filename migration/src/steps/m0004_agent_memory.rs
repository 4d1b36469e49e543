//! What agents remember: talks, facts and how they hang together.

use crate::enum_type::{EnumType, enum_type};
use crate::step::Domain;
use crate::table::OnDelete::Cascade;
use crate::table::Table;

pub(crate) const STEP: Domain = Domain {
    name: "m0004_agent_memory",
    enums: &ENUMS,
    tables,
};

const ENUMS: [EnumType; 2] = [
    enum_type("graph_entity_type", "company person product concept", "Type of an entity in the knowledge graph."),
    enum_type("memory_type", "conversation fact research campaign", "Where a piece of memory comes from."),
];

fn tables() -> Vec<Table> {
    vec![
        agent_conversations(),
        graph_entities(),
        graph_relationships(),
        memory_chunks(),
    ]
}

fn agent_conversations() -> Table {
    Table::workspace("agent_conversations", "A user's conversation with the agents, which that user alone sees; one without a user belongs to the workspace.")
        .col("conversation_key", "varchar(255)?", "Id of the conversation in the source system; null for conversations created here.")
        .fk("user_id?", "users", Cascade, "User of the conversation; null if the conversation belongs to the workspace.")
        .col("title", "varchar(500)?", "Title of the conversation.")
        .col("data", "jsonb", "The messages and their context.")
        .unique("conversation_key")
        .index("updated_at desc")
}

fn graph_entities() -> Table {
    Table::workspace("graph_entities", "An entity in the knowledge graph: a company, a person, a product or a concept. Only its user reads it.")
        .col("entity_key", "varchar(255)?", "Id of the entity in the source system; null if it was created here.")
        .fk("user_id?", "users", Cascade, "User whose memory it is; null if it belongs to the workspace.")
        .col("entity_type", "graph_entity_type", "Type of the entity.")
        .col("name", "varchar(500)", "Name of the entity.")
        .col("properties", "jsonb = '{}'", "What is known of it.")
        .col("embedding", "vector(768)?", "Its meaning as 768 numbers, compared by cosine distance.")
        .unique("entity_key")
        .index("entity_type")
        .gin("properties")
        .hnsw("embedding")
}

fn graph_relationships() -> Table {
    Table::workspace("graph_relationships", "A relationship between two entities of the knowledge graph, from the source to the target. Only its user reads it.")
        .col("relationship_key", "varchar(255)?", "Id of the relation in the source system; null for relations created here.")
        .fk("user_id?", "users", Cascade, "User whose memory it is; null if it belongs to the workspace.")
        .fk("source_entity_id", "graph_entities", Cascade, "Entity that the relationship starts at.")
        .fk("target_entity_id", "graph_entities", Cascade, "Entity that the relationship leads to.")
        .col("relationship_type", "varchar(100)", "Kind of relation.")
        .col("properties", "jsonb = '{}'", "What is known of the relation.")
        .col("strength", "numeric(3,2) = 1.0", "How strong the relation is; 1 is full strength.")
        .unique("relationship_key")
        .index("relationship_type")
}

fn memory_chunks() -> Table {
    Table::workspace("memory_chunks", "A piece of text that agents remember; seen by its user only.")
        .col("chunk_key", "varchar(255)?", "Id of the piece in the source system; null for pieces created here.")
        .fk("user_id?", "users", Cascade, "User whose memory it is; null if it belongs to the workspace.")
        .col("content", "text", "The text.")
        .col("embedding", "vector(768)", "Its meaning as 768 numbers, compared by cosine distance.")
        .col("memory_type", "memory_type?", "Where it comes from.")
        .col("source", "varchar(500)?", "Source in words, such as a document or an address.")
        .col("metadata", "jsonb = '{}'", "What else is known of the text.")
        .col("decay_weight", "numeric(5,4) = 1.0", "Weight of the memory when it is searched: 1 when it is new, fading towards 0.")
        .col("access_count", "integer = 0", "How often it was recalled.")
        .col("last_accessed", "timestamptz = now()", "When it was last recalled.")
        .unique("chunk_key")
        .index("memory_type")
        .hnsw("embedding")
}
