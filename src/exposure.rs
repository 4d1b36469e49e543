//! Exceptions to the naming rules of the catalog, by names of the database.

use crate::engine::catalog::{GraphRules, HistoryRules, Rules, ViewerRules};

/// The exceptions.
pub const RULES: Rules = Rules {
    hidden_tables: &[],
    forward_names: &[("product_variant_id", "variant")],
    reverse_names: &[
        ("agents", "parent_id", "children"),
        (
            "agent_collaborations",
            "requesting_agent_id",
            "requestedCollaborations",
        ),
        (
            "agent_collaborations",
            "responding_agent_id",
            "respondedCollaborations",
        ),
        (
            "customer_segment_members",
            "customer_id",
            "segmentMemberships",
        ),
        ("goals", "parent_goal_id", "childGoals"),
        (
            "graph_relationships",
            "source_entity_id",
            "outgoingRelationships",
        ),
        (
            "graph_relationships",
            "target_entity_id",
            "incomingRelationships",
        ),
        ("email_subscribers", "list_id", "subscribers"),
        ("moves", "assigned_user_id", "assignedMoves"),
        ("product_performance_summary", "product_id", "performance"),
        ("support_cases", "assigned_user_id", "assignedSupportCases"),
        ("support_feedback", "conversation_id", "feedback"),
        ("support_messages", "conversation_id", "messages"),
        ("workspaces", "owner_id", "ownedWorkspaces"),
    ],
    acronyms: &["ai", "faq", "icp", "kpi"],
    uncountable: &["feedback", "performance", "usage"],
    graphs: &[GraphRules {
        entities: "graph_entities",
        relationships: "graph_relationships",
        source: "source_entity_id",
        target: "target_entity_id",
        kind: "relationship_type",
        strength: "strength",
    }],
    history: HistoryRules {
        log: "audit_logs",
        table: "resource_type",
        row: "resource_id",
        at: "created_at",
    },
    access: migration::ACCESS,
    searched: migration::SEARCHED,
    writing: Vec::new(),
};

/// What the root field `viewer` leads to.
pub const VIEWER: ViewerRules = ViewerRules {
    users: "users",
    workspaces: "workspaces",
    roles: "workspace_role",
    own: &[("monthly_usage", "user_id", "month")],
};
