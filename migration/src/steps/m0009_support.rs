//! Support: chat sessions, cases of the help desk, and answers kept ready.

use crate::enum_type::{EnumType, enum_type};
use crate::step::Domain;
use crate::table::OnDelete::{Cascade, SetNull};
use crate::table::Table;

pub(crate) const STEP: Domain = Domain {
    name: "m0009_support",
    enums: &ENUMS,
    tables,
};

const ENUMS: [EnumType; 9] = [
    enum_type("case_category", "order_issue product_question return technical general", "What a support case is about."),
    enum_type("case_status", "pending in_progress resolved closed", "How far a support case has come."),
    enum_type("case_sentiment", "happy neutral frustrated angry", "Mood of the customer in a support case."),
    enum_type("conversation_status", "active resolved escalated", "State of a chat session; ESCALATED means that a person took over."),
    enum_type("message_role", "user agent system", "Who wrote a chat message; user is the shopper."),
    enum_type("agent_action_type", "refund discount order_modification escalation", "What an agent does for a shopper."),
    enum_type("agent_action_result", "success failed pending", "How an agent's action turned out."),
    enum_type("feedback_rating", "thumbs_up thumbs_down", "A shopper's verdict."),
    enum_type("faq_category", "shipping returns sizing products", "What a frequent question is about."),
];

fn tables() -> Vec<Table> {
    vec![
        support_conversations(),
        support_messages(),
        support_feedback(),
        agent_actions(),
        support_cases(),
        support_case_messages(),
        faqs(),
        faq_embeddings(),
    ]
}

fn support_conversations() -> Table {
    Table::workspace("support_conversations", "A chat session of a shopper with the support agent.")
        .fk("customer_id?", "customers", Cascade, "Customer who chats; null while it is not known who it is.")
        .col("session_id", "varchar(255)", "Id of the session in the chat program, unique in the workspace.")
        .col("is_authenticated", "boolean = false", "Whether the shopper has logged in.")
        .col("channel", "varchar(50) = 'web_chat'", "Where the chat takes place.")
        .col("status", "conversation_status = 'active'", "State of the session.")
        .col("escalated_to_human", "boolean = false", "Whether it was handed to a person.")
        .col("escalation_reason", "text?", "Why it was handed over.")
        .col("sentiment_score", "numeric(3,2)?", "Mood of the shopper, 0 (bad) to 1 (good).")
        .col("started_at", "timestamptz = now()", "When the session began.")
        .col("ended_at", "timestamptz?", "When it ended; null while it goes on.")
        .col("total_messages", "integer = 0", "Number of messages so far.")
        .unique("session_id")
        .index("status")
        .check("sentiment_score", "sentiment_score between 0 and 1")
}

fn support_messages() -> Table {
    Table::workspace("support_messages", "A message in a chat session; never changed once written.")
        .append_only()
        .fk("conversation_id", "support_conversations", Cascade, "Session that the message belongs to.")
        .col("role", "message_role", "Who wrote it.")
        .col("content", "text", "What was written.")
        .col("metadata", "jsonb?", "What else is known of the message.")
        .col("agent_name", "varchar(100)?", "Name of the agent that wrote it, as it was then.")
        .fk("agent_id?", "agents", SetNull, "Agent that wrote it; null if none did or it was deleted.")
        .col("response_time_ms", "integer?", "Time taken to answer, in milliseconds.")
        .index("conversation_id, created_at")
        .index("role")
        .index("created_at")
}

fn support_feedback() -> Table {
    Table::workspace("support_feedback", "What a shopper thought of a session or a message; never changed once written.")
        .append_only()
        .fk("conversation_id", "support_conversations", Cascade, "Session that is judged.")
        .fk("message_id?", "support_messages", Cascade, "Message that is judged; null if the whole session is.")
        .col("rating", "feedback_rating?", "The verdict.")
        .col("comment", "text?", "Remarks of the shopper.")
        .index("rating")
}

fn agent_actions() -> Table {
    Table::workspace("agent_actions", "Something the support agent did, or wants to do, for a shopper.")
        .fk("conversation_id", "support_conversations", Cascade, "Session in which it came up.")
        .col("action_type", "agent_action_type", "What is done.")
        .col("action_details", "jsonb", "Details of the action.")
        .col("amount", "numeric(12,2)?", "Money involved, in the shop's currency.")
        .col("requires_approval", "boolean = false", "Whether a person must approve it first.")
        .col("approved", "boolean?", "Whether it was approved; null while undecided.")
        .col("approved_by", "varchar(100)?", "Who decided.")
        .col("result", "agent_action_result?", "How it turned out; PENDING until it was tried.")
        .col("error_message", "text?", "Why it failed.")
        .index("action_type")
        .index("requires_approval, approved")
}

fn support_cases() -> Table {
    Table::workspace("support_cases", "A customer's request or problem that the help desk works on.")
        .col("case_number", "varchar(255)", "Number shown to people, unique in the workspace.")
        .fk("customer_id", "customers", Cascade, "Customer whose matter it is.")
        .fk("conversation_id?", "support_conversations", SetNull, "Chat session that it was escalated from; null if none or deleted.")
        .col("subject", "varchar(255)", "Summary in one line.")
        .col("description", "text?", "Description of the case.")
        .col("category", "case_category", "What it is about.")
        .col("priority", "priority_level = 'medium'", "Priority.")
        .col("status", "case_status = 'pending'", "How far it has come.")
        .fk("assigned_user_id?", "users", SetNull, "User who works on it; null if nobody does or the user was deleted.")
        .col("ai_sentiment", "case_sentiment?", "Mood of the customer as the model reads it.")
        .col("ai_score", "integer?", "Score given by the model, on the scale of its source.")
        .col("ai_suggestion", "text?", "What the model suggests to do.")
        .col("resolved_at", "timestamptz?", "When it was resolved; null until then.")
        .unique("case_number")
        .index("status")
        .index("priority")
}

fn support_case_messages() -> Table {
    Table::workspace("support_case_messages", "A message in a support case; never changed once written.")
        .append_only()
        .fk("case_id", "support_cases", Cascade, "Case that the message belongs to.")
        .fk("user_id?", "users", SetNull, "User who wrote it; null if the customer did or the user was deleted.")
        .col("message", "text", "What was written.")
        .col("is_internal", "boolean = false", "Whether it is a note that the customer does not see.")
        .col("from_customer", "boolean = false", "Whether the customer wrote it.")
}

fn faqs() -> Table {
    Table::workspace("faqs", "A frequent question with its answer.")
        .col("question", "text", "The question.")
        .col("answer", "text", "The answer.")
        .col("category", "faq_category?", "What it is about.")
        .col("keywords", "text[] = '{}'", "Words by which it is found.")
        .col("usage_count", "integer = 0", "How often it was given as an answer.")
        .col("helpful_count", "integer = 0", "How often it was called helpful.")
        .col("not_helpful_count", "integer = 0", "How often it was called not helpful.")
        .col("is_active", "boolean = true", "False while it is not used.")
        .index("category")
        .gin("keywords")
}

fn faq_embeddings() -> Table {
    Table::workspace("faq_embeddings", "The meaning of a frequent question as vectors, for similarity search.")
        .fk("faq_id", "faqs", Cascade, "Question that is described; each has one at most.")
        .col("question_embedding", "vector(768)?", "Meaning of the question as 768 numbers, compared by cosine distance.")
        .col("answer_embedding", "vector(768)?", "Meaning of the answer as 768 numbers.")
        .unique("faq_id")
        .hnsw("question_embedding")
}
