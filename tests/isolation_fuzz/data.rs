//! The data of the fuzz: the seed, where everything of workspace B is recognisable and lies as near
//! to A's rows as it can, and the same without what a caller may not see.

use std::fmt::Write;

use entity::facts::{ColumnFacts, TABLES, TableFacts, TableKind};

use crate::harness::seed::{self, ROWS, Side};
use crate::privacy::{BILLING, MANAGED, PERSONAL};

/// What stands in every value of B that can hold it, and nowhere in those of A: in texts, ids,
/// days and numbers.
pub const MARKS: [&str; 4] = [WORDS[0], WORDS[1], "2031-0", "77700"];

/// Those of them that are words.
pub const WORDS: [&str; 2] = ["bravo", "bbbbbbbb"];

/// Columns of an account that only its user reads.
const OWN_COLUMNS: &str = "gst_number = null, pan_number = null, constitution = '{}', \
     notification_settings = '{}', subscription_tier = 'enterprise', \
     subscription_status = 'past_due', subscription_started_at = null, subscription_ends_at = null";

/// The caller whose eyes a twin is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Eyes {
    /// User 0 of A, its owner.
    Owner,
    /// User 1 of A, a plain member.
    Member,
    /// User 3 of A, a member of B, too, who asks with a token of A.
    Shared,
}

impl Eyes {
    pub fn user(self) -> usize {
        match self {
            Self::Owner => 0,
            Self::Member => 1,
            Self::Shared => 3,
        }
    }
}

/// A script that makes everything of both workspaces.
pub fn both() -> String {
    let mut script = seed::everything();
    script += "set session_replication_role = replica;\n";
    script += &owners();
    for table in workspace_tables() {
        script += &shadow(table);
        script += &mark(table);
    }
    script += &shared();
    script + "set session_replication_role = origin;\n" + seed::REFRESH
}

/// The same without what the owner of A may not see.
pub fn owners_twin() -> String {
    both() + &removal(Eyes::Owner)
}

/// The same without what a member of A may not see.
pub fn members_twin() -> String {
    both() + &removal(Eyes::Member)
}

/// The same without what a member of both workspaces may not see in A.
pub fn shareds_twin() -> String {
    both() + &removal(Eyes::Shared)
}

fn workspace_tables() -> impl Iterator<Item = &'static TableFacts> {
    TABLES.iter().filter(|table| {
        table.kind == TableKind::Table && table.has_workspace && table.name != "workspace_members"
    })
}

fn private() -> impl Iterator<Item = &'static str> {
    MANAGED.into_iter().chain(PERSONAL).chain(BILLING)
}

/// Rows of users go round: row 0 belongs to user 0, and so on; the last to nobody where it can.
fn owners() -> String {
    let mut script = String::new();
    for side in Side::BOTH {
        for name in private() {
            let facts = TABLES.iter().find(|table| table.name == name);
            let facts = facts.expect("a table of the model");
            let mut columns = facts.columns.iter();
            let column = columns.find(|column| column.name == "user_id");
            let nullable = column.expect("a user").nullable;
            for row in 0..ROWS {
                let user = match nullable && row == ROWS - 1 {
                    true => "null".to_owned(),
                    false => format!("'{}'", side.id("users", row)),
                };
                let id = side.id(name, row);
                let _ = writeln!(
                    script,
                    "update {name} set user_id = {user} where id = '{id}';"
                );
            }
        }
        let (one, other) = (side.id("users", 1), side.id("users", 3));
        let (row, workspace) = (side.id("moves", 2), side.workspace());
        let _ = writeln!(
            script,
            "update moves set assigned_user_id = case id when '{row}' then '{one}'::uuid else '{other}' end where workspace_id = '{workspace}';\n\
             update audit_logs set resource_type = 'invoices' where id = '{}';",
            side.id("audit_logs", 0)
        );
    }
    script
}

/// Rows of B with the ids, keys and users of A's rows: ids are unique in a workspace alone, so a
/// statement that forgets the workspace finds them. Keys that are unique everywhere stay out.
fn shadow(table: &TableFacts) -> String {
    let columns: Vec<&ColumnFacts> = table
        .columns
        .iter()
        .filter(|column| column.name != "sequence_no" && !column.generated)
        .collect();
    let values: Vec<String> = columns
        .iter()
        .map(|column| {
            let quoted = format!("\"{}\"", column.name);
            match column.sql_type {
                "uuid" if column.name == "workspace_id" => format!("'{}'", Side::B.workspace()),
                // Unlike B's other texts, so that keys do not meet.
                "text" => format!("replace({quoted}, 'alpha', 'bravos')"),
                "character varying(3)" => quoted,
                kind => match kind.strip_prefix("character varying(") {
                    Some(length) => {
                        let length = length.trim_end_matches(')');
                        format!("left(replace({quoted}, 'alpha', 'bravos'), {length})")
                    }
                    None => quoted,
                },
            }
        })
        .collect();
    let columns: Vec<&str> = columns.iter().map(|column| column.name).collect();
    format!(
        "insert into {name} (\"{columns}\") select {values} from {name} where workspace_id = '{a}' on conflict do nothing;\n",
        name = table.name,
        columns = columns.join("\", \""),
        values = values.join(", "),
        a = Side::A.workspace(),
    )
}

/// Makes every value of B in a table recognisable that can be.
fn mark(table: &TableFacts) -> String {
    let name = table.name;
    let of_b = format!("where workspace_id = '{}'", Side::B.workspace());
    let mut script = String::new();
    let mut moved = Vec::new();
    for column in table.columns.iter().filter(|column| !column.generated) {
        let quoted = format!("\"{}\"", column.name);
        match column.sql_type {
            "date" | "timestamp with time zone" => {
                // In one statement, because some must not lie before others.
                let to = column.sql_type;
                moved.push(format!(
                    "{quoted} = ({quoted} + interval '1979 days')::{to}"
                ));
            }
            kind if holds_millions(column.name, kind) => {
                let _ = writeln!(
                    script,
                    "update {name} set {quoted} = {quoted} + 7770000 {of_b};"
                );
            }
            "jsonb" => {
                let value = "'{\"mark\": \"bravo\", \"number\": 7770001}'";
                let _ = writeln!(script, "update {name} set {quoted} = {value} {of_b};");
            }
            "inet" => {
                let value = format!("{quoted} + 7770000");
                let _ = writeln!(script, "update {name} set {quoted} = {value} {of_b};");
            }
            "text[]" => {
                let _ = writeln!(script, "update {name} set {quoted} = '{{bravo}}' {of_b};");
            }
            "character varying(3)" => {
                let _ = writeln!(script, "update {name} set {quoted} = 'BBB' {of_b};");
            }
            // Flags, enums and vectors have no room for a mark; texts and ids have one already.
            _ => {}
        }
    }
    if !moved.is_empty() {
        let _ = writeln!(script, "update {name} set {} {of_b};", moved.join(", "));
    }
    script
}

/// Whether a number has room for the mark.
fn holds_millions(column: &str, kind: &str) -> bool {
    if ["fiscal_month", "progress_percentage", "score"].contains(&column) {
        return false;
    }
    let digits = || {
        let (precision, scale) = kind
            .strip_prefix("numeric(")?
            .strip_suffix(')')?
            .split_once(',')?;
        Some(precision.parse::<u8>().ok()? - scale.parse::<u8>().ok()?)
    };
    match kind {
        "integer" | "bigint" | "numeric" => true,
        _ => digits().is_some_and(|digits| digits >= 7),
    }
}

/// User 3 of A is a member of B, too, and owns it, so that ways over the user lead there.
fn shared() -> String {
    let (user, workspace) = (Side::A.id("users", 3), Side::B.workspace());
    let id = Side::B.id("workspace_members", ROWS);
    let now = "'2031-01-01T00:00:00Z'";
    format!(
        "insert into workspace_members (id, workspace_id, user_id, role, joined_at, created_at, updated_at)\n\
           values ('{id}', '{workspace}', '{user}', 'admin', {now}, {now}, {now});\n\
         update workspaces set owner_id = '{user}' where id = '{workspace}';\n"
    )
}

/// Removes what the caller may not see, as if it had never been.
fn removal(eyes: Eyes) -> String {
    let (a, b) = (Side::A.workspace(), Side::B.workspace());
    let me = Side::A.id("users", eyes.user());
    let mut script = "set session_replication_role = replica;\n".to_owned();
    for table in workspace_tables() {
        let _ = writeln!(
            script,
            "delete from {} where workspace_id = '{b}';",
            table.name
        );
    }
    // Everybody sees the workspaces that they are a member of.
    let (kept, member) = match eyes {
        Eyes::Shared => (format!("'{b}'"), format!("'{me}'")),
        _ => ("null".to_owned(), "null".to_owned()),
    };
    let _ = writeln!(
        script,
        "delete from workspace_members where workspace_id = '{b}' and (user_id = {member}) is not true;\n\
         delete from workspaces where id = '{b}' and (id = {kept}) is not true;\n\
         delete from users where not exists (select from workspace_members m where m.user_id = users.id);\n\
         update users set {OWN_COLUMNS} where id <> '{me}';\n\
         update workspaces set settings = '{{}}' where id <> '{a}';\n\
         {}",
        seed::REFRESH
    );
    let hidden = match eyes {
        Eyes::Owner => PERSONAL.to_vec(),
        _ => private().collect(),
    };
    for name in hidden {
        // A bill of nobody is no colleague's.
        let shared = match BILLING.contains(&name) {
            true => "false",
            false => "user_id is null",
        };
        let assigned = match name {
            "moves" => format!("assigned_user_id = '{me}'"),
            _ => "false".to_owned(),
        };
        let _ = writeln!(
            script,
            "delete from {name} where workspace_id = '{a}' and ({shared} or user_id = '{me}' or {assigned}) is not true;"
        );
    }
    if eyes != Eyes::Owner {
        // What an agent achieved counts the runs of all users, so that view stays as it is.
        let _ = writeln!(
            script,
            "delete from audit_logs where resource_type in ('billing_subscriptions', 'subscription_payments', 'invoices');\n\
             update kpis set calculation_sql = '';\n\
             refresh materialized view mv.monthly_usage;"
        );
    }
    script + "set session_replication_role = origin;\n"
}
