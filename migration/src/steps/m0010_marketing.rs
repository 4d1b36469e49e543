//! Marketing: whom to reach, with what, and what to do next.

use crate::enum_type::{EnumType, enum_type};
use crate::step::Domain;
use crate::table::OnDelete::{Cascade, SetNull};
use crate::table::Table;

pub(crate) const STEP: Domain = Domain {
    name: "m0010_marketing",
    enums: &ENUMS,
    tables,
};

const ENUMS: [EnumType; 5] = [
    enum_type("campaign_channel", "email social sms ads", "Medium of a campaign."),
    enum_type("campaign_objective", "product_launch diwali leadgen awareness", "What a campaign is for."),
    enum_type("campaign_status", "draft active paused completed", "State of a campaign."),
    enum_type("move_type", "content outreach research admin", "Kind of marketing task."),
    enum_type("move_status", "pending in_progress completed failed", "How far a marketing task has come."),
];

fn tables() -> Vec<Table> {
    vec![
        foundations(),
        icp_profiles(),
        campaigns(),
        campaign_target_icps(),
        moves(),
        content_items(),
        email_lists(),
        email_subscribers(),
    ]
}

fn foundations() -> Table {
    Table::workspace("foundations", "A user's business profile: what the business is and how it speaks. Its marketing builds on it.")
        .fk("user_id?", "users", Cascade, "User whose business it is, with one foundation at most; null for that of the workspace.")
        .col("company_name", "varchar(255)?", "Name of the company.")
        .col("business_description", "text?", "What the company does.")
        .col("industry", "varchar(100)?", "Line of business.")
        .col("location", "varchar(255)?", "Where the company is.")
        .col("website", "varchar(500)?", "Address of its website.")
        .col("positioning", "text?", "How it wants to be seen among others.")
        .col("unique_value_proposition", "text?", "What only it offers.")
        .col("key_differentiators", "jsonb = '[]'", "What sets it apart, as a list.")
        .col("brand_voice", "varchar(100)?", "How the brand speaks.")
        .col("tone_keywords", "jsonb = '[]'", "Words that describe the tone, as a list.")
        .col("messaging_pillars", "jsonb = '[]'", "Main messages, as a list.")
        .col("products", "jsonb = '[]'", "The offer in the marketer's own words, as a list; not the catalog.")
        .col("pricing_info", "text?", "How the offer is priced.")
        .col("competitors", "jsonb = '[]'", "Competitors, as a list.")
        .col("data", "jsonb = '{}'", "Further data that was recorded.")
        .unique_nulls_equal("user_id")
}

fn icp_profiles() -> Table {
    Table::workspace("icp_profiles", "An ideal customer to aim at.")
        .fk("user_id?", "users", Cascade, "User who described the profile; null if it belongs to the workspace.")
        .col("name", "varchar(255)", "Name of the profile.")
        .col("title", "varchar(255)?", "Job title of such a customer.")
        .col("industry", "varchar(100)?", "Line of business.")
        .col("company_size", "varchar(50)?", "Size of the company, in words.")
        .col("pain_points", "jsonb = '[]'", "What troubles such customers, as a list.")
        .col("goals", "jsonb = '[]'", "What they want to reach, as a list.")
        .col("objections", "jsonb = '[]'", "What keeps them from buying, as a list.")
        .col("preferred_channels", "jsonb = '[]'", "Where they can be reached, as a list.")
        .col("psychographics", "jsonb = '{}'", "How they think and live.")
        .col("firmographics", "jsonb = '{}'", "What kind of company they work for.")
        .col("data", "jsonb = '{}'", "Further data that was recorded.")
}

fn campaigns() -> Table {
    Table::workspace("campaigns", "A marketing campaign.")
        .fk("user_id?", "users", Cascade, "User who runs the campaign; null if the workspace does.")
        .col("name", "varchar(255)", "Name of the campaign.")
        .col("description", "text?", "What the campaign is.")
        .col("channel", "campaign_channel?", "Medium of the campaign.")
        .col("objective", "campaign_objective?", "What it is for.")
        .col("status", "campaign_status = 'draft'", "State of the campaign.")
        .fk("goal_id?", "goals", SetNull, "Goal that it serves; null if none or deleted.")
        .fk("owner_agent_id?", "agents", SetNull, "Agent that answers for it; null if none or deleted.")
        .fk("target_segment_id?", "customer_segments", SetNull, "Segment of customers to reach; null if none or deleted.")
        .col("budget", "numeric(12,2)?", "Money set aside, in the workspace's currency.")
        .col("spent", "numeric(12,2) = 0", "Money spent so far, in the workspace's currency.")
        .col("start_date", "date?", "First day.")
        .col("end_date", "date?", "Last day.")
        .col("focus_areas", "jsonb = '[]'", "What it concentrates on, as a list.")
        .col("phases", "jsonb = '[]'", "Its phases, as a list.")
        .col("risk_level", "integer = 5", "How risky the campaign is, on the scale of the application; higher is riskier, 5 is the default.")
        .col("strategy", "jsonb = '{}'", "Its strategy.")
        .col("metrics", "jsonb = '{}'", "Figures measured so far.")
        .index("status")
}

fn campaign_target_icps() -> Table {
    Table::workspace("campaign_target_icps", "An ideal customer that a campaign aims at.")
        .links_only()
        .fk("campaign_id", "campaigns", Cascade, "Campaign that aims.")
        .fk("icp_profile_id", "icp_profiles", Cascade, "Profile aimed at.")
        .unique("campaign_id, icp_profile_id")
}

fn moves() -> Table {
    Table::workspace("moves", "A marketing task of a person; what agents do is a `Task`.")
        .fk("user_id?", "users", Cascade, "User who planned it; null if the workspace did.")
        .fk("campaign_id?", "campaigns", SetNull, "Campaign that it is a part of; null if none or deleted.")
        .col("title", "varchar(500)", "What to do, in a line.")
        .col("description", "text?", "Description of the task.")
        .col("type", "move_type?", "Kind of marketing task.")
        .col("status", "move_status = 'pending'", "How far it has come.")
        .col("priority", "priority_level = 'medium'", "Priority.")
        .col("due_date", "timestamptz?", "When it is due.")
        .fk("assigned_user_id?", "users", SetNull, "User who is to do it; null if nobody is or the user was deleted.")
        .col("content", "jsonb = '{}'", "Drafts and other material.")
        .fk("agent_execution_id?", "agent_executions", SetNull, "Agent run that produced it; null if none or deleted.")
        .col("completed_at", "timestamptz?", "When it was done; null until then.")
        .index("status")
}

fn content_items() -> Table {
    Table::workspace("content_items", "A piece of content, such as a post or a newsletter.")
        .col("type", "varchar(50)", "Kind of content.")
        .col("title", "varchar(500)?", "Title.")
        .col("body", "text?", "Text.")
        .col("metadata", "jsonb = '{}'", "What else belongs to it.")
        .fk("created_by_agent_id?", "agents", SetNull, "Agent that wrote it; null if none did or it was deleted.")
        .fk("campaign_id?", "campaigns", SetNull, "Campaign that it is for; null if none or deleted.")
        .col("status", "varchar(50) = 'draft'", "State of the content.")
        .col("performance_metrics", "jsonb = '{}'", "Figures measured after publication.")
        .col("published_at", "timestamptz?", "When it was published; null until then.")
}

fn email_lists() -> Table {
    Table::workspace("email_lists", "A mailing list.")
        .col("name", "varchar(255)", "Name, unique in the workspace.")
        .col("description", "text?", "What the list is for.")
        .col("type", "varchar(50)", "Kind of list.")
        .col("criteria", "jsonb?", "Rules by which subscribers are chosen.")
        .col("is_active", "boolean = true", "False while nothing is sent to it.")
        .col("subscriber_count", "integer = 0", "Number of subscribers when last counted.")
        .unique("name")
}

fn email_subscribers() -> Table {
    Table::workspace("email_subscribers", "An address on a mailing list.")
        .fk("list_id", "email_lists", Cascade, "List that the address is on.")
        .col("email", "varchar(255)", "E-mail address in lower case, once on each list.")
        .fk("customer_id?", "customers", SetNull, "Customer whose address it is; null if unknown or deleted.")
        .col("status", "varchar(50) = 'subscribed'", "State of the subscription.")
        .col("subscribed_at", "timestamptz = now()", "When the subscription began.")
        .col("unsubscribed_at", "timestamptz?", "When it was cancelled; null while it runs.")
        .unique("list_id, email")
        .check("email", "email = lower(email)")
}
