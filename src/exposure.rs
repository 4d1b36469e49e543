//! Exceptions to the naming rules of the catalog, by names of the database.

use crate::engine::catalog::Rules;

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
        ("support_cases", "assigned_user_id", "assignedSupportCases"),
        ("support_feedback", "conversation_id", "feedback"),
        ("support_messages", "conversation_id", "messages"),
        ("workspaces", "owner_id", "ownedWorkspaces"),
    ],
    acronyms: &["ai", "faq", "icp", "kpi"],
    uncountable: &["feedback", "performance", "usage"],
    access: migration::ACCESS,
};

/// Tables behind the root field `viewer`: accounts, workspaces, and the enum of roles.
pub const VIEWER: (&str, &str, &str) = ("users", "workspaces", "workspace_role");
