//! Agents, their goals and workflows, and the work done in them.

use crate::enum_type::{EnumType, enum_type};
use crate::step::Domain;
use crate::table::OnDelete::{Cascade, NoAction, Restrict, SetNull};
use crate::table::Table;

pub(crate) const STEP: Domain = Domain {
    name: "m0003_agents",
    enums: &ENUMS,
    tables,
};

const ENUMS: [EnumType; 7] = [
    enum_type("agent_type", "orchestrator director specialist", "Rank of an agent: orchestrators lead directors, directors lead specialists."),
    enum_type("goal_type", "revenue efficiency customer_satisfaction growth", "What a goal aims at."),
    enum_type("record_status", "active inactive archived", "Whether a goal or product is in use, out of use, or kept for the record only."),
    enum_type("workflow_trigger_type", "schedule event manual api", "What starts a workflow."),
    enum_type("workflow_execution_status", "running complete error blocked", "State of a run of a workflow."),
    enum_type("agent_execution_status", "pending running completed failed", "State of a run of an agent's skill."),
    enum_type("ai_model_provider", "openai anthropic custom", "Who provides an AI model."),
];

fn tables() -> Vec<Table> {
    vec![
        agents(),
        agent_capabilities(),
        agent_collaborations(),
        goals(),
        workflows(),
        workflow_executions(),
        tasks(),
        agent_executions(),
        ai_model_configs(),
    ]
}

fn agents() -> Table {
    Table::workspace("agents", "An AI agent with its place in the hierarchy.")
        .col("name", "varchar(255)", "Name, unique in the workspace.")
        .col("type", "agent_type", "Rank of the agent.")
        .fk("parent_id?", "agents", NoAction, "Agent that this one reports to; null at the top.")
        .col("system_prompt", "text?", "Standing instructions given to the model.")
        .col("mcp_tools", "text[] = '{}'", "Names of the MCP tools that the agent may call.")
        .col("is_active", "boolean = true", "False while the agent takes no work.")
        .unique("name")
}

fn agent_capabilities() -> Table {
    Table::workspace("agent_capabilities", "A capability of an agent: a task that it can do.")
        .fk("agent_id", "agents", Cascade, "Agent that has the capability.")
        .col("capability_type", "varchar(100)", "Kind of capability, such as tool or skill.")
        .col("capability_name", "varchar(255)", "Name of the capability.")
        .col("configuration", "jsonb = '{}'", "Settings of the capability.")
        .col("is_active", "boolean = true", "False while the capability is switched off.")
        .unique_as("uq_agent_capabilities_agent_id_type_name", "agent_id, capability_type, capability_name")
}

fn agent_collaborations() -> Table {
    Table::workspace("agent_collaborations", "A standing agreement that one agent may ask another for help.")
        .fk("requesting_agent_id", "agents", Cascade, "Agent that asks.")
        .fk("responding_agent_id", "agents", Cascade, "Agent that answers.")
        .col("collaboration_type", "varchar(100)", "Kind of help.")
        .col("priority", "integer = 5", "Priority of the requests, on the scale of the application; 5 is the default.")
        .col("sla_minutes", "integer = 60", "Minutes within which an answer is due.")
        .unique_as("uq_agent_collaborations_pair_type", "requesting_agent_id, responding_agent_id, collaboration_type")
}

fn goals() -> Table {
    Table::workspace("goals", "A business goal that agents work towards.")
        .col("name", "varchar(255)", "Name of the goal.")
        .col("description", "text?", "What the goal means.")
        .col("type", "goal_type", "What the goal aims at.")
        .col("target_value", "numeric(12,2)?", "Figure to reach, in the unit of the goal.")
        .col("target_date", "date?", "Day by which it is to be reached.")
        .fk("owner_agent_id?", "agents", SetNull, "Agent that answers for the goal; null when that agent was deleted.")
        .fk("parent_goal_id?", "goals", NoAction, "Goal that this one is a part of; null at the top.")
        .col("status", "record_status = 'active'", "Whether the goal is being pursued.")
}

fn workflows() -> Table {
    Table::workspace("workflows", "An automated sequence of steps, run in n8n.")
        .col("name", "varchar(255)", "Name, unique in the workspace.")
        .col("description", "text?", "What the workflow does.")
        .fk("goal_id?", "goals", SetNull, "Goal that the workflow serves.")
        .fk("owner_agent_id?", "agents", Restrict, "Agent that answers for the workflow; it cannot be deleted before its workflows.")
        .col("n8n_workflow_id", "varchar(255)?", "Id of the workflow in n8n.")
        .col("trigger_type", "workflow_trigger_type", "What starts the workflow.")
        .col("trigger_config", "jsonb = '{}'", "Details of the trigger, such as a schedule or an event name.")
        .col("is_active", "boolean = true", "False while the workflow is switched off.")
        .col("execution_count", "integer = 0", "Number of runs so far.")
        .col("success_rate", "numeric(9,4)?", "Share of runs that succeeded, on the scale of its source.")
        .col("avg_duration_ms", "numeric(12,2)?", "Mean duration of a run, in milliseconds.")
        .unique("name")
        .unique("n8n_workflow_id")
}

fn workflow_executions() -> Table {
    Table::workspace("workflow_executions", "One run of a workflow.")
        .fk("workflow_id", "workflows", Restrict, "Workflow that runs.")
        .col("external_execution_id", "varchar(255)?", "Id of the run in n8n.")
        .col("execution_number", "varchar(255)?", "Number of the run as shown to people.")
        .col("status", "workflow_execution_status = 'running'", "State of the run.")
        .col("description", "text?", "What this run is about.")
        .col("progress_percentage", "integer = 0", "Progress in percent, 0 to 100.")
        .col("started_at", "timestamptz = now()", "When the run began.")
        .col("completed_at", "timestamptz?", "When the run ended; null while it runs.")
        .col("duration_ms", "integer?", "Duration in milliseconds.")
        .col("input_data", "jsonb = '{}'", "What the run was given.")
        .col("output_data", "jsonb = '{}'", "What the run produced.")
        .col("metrics", "jsonb = '{}'", "Figures measured during the run.")
        .col("execution_log", "jsonb?", "Log of the steps.")
        .col("error_message", "text?", "Why the run failed.")
        .unique("external_execution_id")
        .index("status")
        .index("started_at desc")
        .index("created_at desc")
        .check("progress_percentage", "progress_percentage between 0 and 100")
}

fn tasks() -> Table {
    Table::workspace("tasks", "A piece of work given to an agent.")
        .fk("workflow_execution_id?", "workflow_executions", Cascade, "Run that the task is a part of; null for a task of its own.")
        .fk("assigned_agent_id", "agents", Restrict, "Agent that does the task; it cannot be deleted before its tasks.")
        .col("task_type", "varchar(100)", "Kind of work.")
        .col("priority", "integer = 5", "Priority of the task, on the scale of the application; 5 is the default.")
        .col("status", "varchar(50) = 'pending'", "State of the task.")
        .col("input_data", "jsonb = '{}'", "What the task was given.")
        .col("output_data", "jsonb = '{}'", "What the task produced.")
        .col("started_at", "timestamptz?", "When the agent began.")
        .col("completed_at", "timestamptz?", "When the agent was done.")
        .col("sla_minutes", "integer = 60", "Minutes within which the task is due.")
        .index("assigned_agent_id, status")
}

fn agent_executions() -> Table {
    Table::workspace("agent_executions", "One run of an agent's skill, with its cost.")
        .col("execution_key", "varchar(255)?", "Id of the run in the source system; null for runs created here.")
        .fk("user_id?", "users", Cascade, "User who asked for the run; null if the workspace did.")
        .fk("agent_id?", "agents", SetNull, "Agent that ran; null when it was deleted.")
        .col("skill_id", "varchar(255)", "Skill that was run.")
        .col("skill_version", "varchar(50)?", "Version of the skill.")
        .col("inputs", "jsonb?", "What the skill was given.")
        .col("output", "jsonb?", "What the skill answered.")
        .col("status", "agent_execution_status = 'pending'", "State of the run.")
        .col("error_message", "text?", "Why the run failed.")
        .col("error_code", "varchar(100)?", "Code of the failure.")
        .col("tokens_used", "integer = 0", "Tokens of the model used, in and out.")
        .col("cost", "numeric(10,6) = 0", "Cost of the run, to a millionth of the currency unit.")
        .col("execution_time_ms", "integer?", "Duration in milliseconds.")
        .col("tool_calls", "integer = 0", "Number of tool calls made.")
        .col("quality_score", "integer?", "Quality of the output as scored by the reviewing model, on its scale; higher is better.")
        .col("critique", "jsonb?", "Comment of the model that reviewed the output.")
        .col("completed_at", "timestamptz?", "When the run ended; null while it runs.")
        .unique("execution_key")
        .index("skill_id")
        .index("status")
        .index("created_at")
}

fn ai_model_configs() -> Table {
    Table::workspace("ai_model_configs", "Parameters of an AI model that the workspace uses.")
        .col("model_name", "varchar(255)", "Name of the model at its provider.")
        .col("model_provider", "ai_model_provider", "Who provides the model.")
        .col("model_parameters", "jsonb = '{}'", "Parameters sent with each request, such as the temperature.")
        .col("accuracy_score", "numeric(9,4)?", "Measured accuracy, on the scale of its source.")
        .col("is_active", "boolean = true", "False while the model is not used.")
}
