//! Who writes what: one line for each table or column that not every role from member on writes.
//!
//! What no line names, a member and every role above it creates, updates and deletes in its
//! workspace. A line only narrows that, and so does the declaration of a table: what is append-only
//! is created alone, links are created and deleted. What a role may not read, it may not write
//! either (`access.rs`). The rules on rows are those of reading; the row must satisfy them before
//! and after.
//!
//! The policies, privileges and triggers of the tables and the inputs of the API are all made from
//! this list.

use crate::access::Rules;
use crate::role::Role;
use crate::search::{self, Searched};
use crate::steps;
use crate::table::{Column, Secrecy, Table};

/// The role that writes what no rule names.
const LEAST: Role = Role::Member;

/// One rule about who writes a table or some of its columns.
#[derive(Clone, Copy, Debug)]
pub struct WriteRule {
    /// Name in the database.
    pub table: &'static str,
    /// Names in the database; none where the rule is about the whole table.
    pub columns: &'static [&'static str],
    pub commands: Commands,
    /// This role and those above it; none: nobody.
    pub from: Option<Role>,
}

/// What a rule is about. A column is never deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commands {
    pub create: bool,
    pub update: bool,
    pub delete: bool,
}

impl Commands {
    pub const ALL: Self = Self::of(true, true, true);
    pub const CREATE_DELETE: Self = Self::of(true, false, true);
    pub const CREATE_UPDATE: Self = Self::of(true, true, false);
    pub const UPDATE: Self = Self::of(false, true, false);
    pub const DELETE: Self = Self::of(false, false, true);

    const fn of(create: bool, update: bool, delete: bool) -> Self {
        Self {
            create,
            update,
            delete,
        }
    }
}

const NOBODY: Option<Role> = None;
const STAFF: Option<Role> = Some(Role::Staff);
const MANAGER: Option<Role> = Some(Role::Manager);
const ADMIN: Option<Role> = Some(Role::Admin);

use Commands as C;

/// The list, for writing.
#[rustfmt::skip]
pub const WRITES: &[WriteRule] = &[
    // Accounts, workspaces and memberships change by operations of their own, which keep what a
    // single row cannot say: that an owner is left, that a person has agreed.
    table  ("users",                                             C::ALL,           NOBODY),
    table  ("workspaces",                                        C::ALL,           NOBODY),
    table  ("workspace_members",                                 C::ALL,           NOBODY),
    // The log is written by the database alone.
    table  ("audit_logs",                                        C::ALL,           NOBODY),

    // What owner and admin manage (section 8 of the model): settings, keys of services, bills.
    table  ("configurations",                                    C::ALL,           ADMIN),
    table  ("integrations",                                      C::ALL,           ADMIN),
    table  ("ai_model_configs",                                  C::ALL,           ADMIN),
    table  ("billing_subscriptions",                             C::ALL,           ADMIN),
    table  ("subscription_payments",                             C::ALL,           ADMIN),
    table  ("invoices",                                          C::ALL,           ADMIN),
    table  ("usage_records",                                     C::ALL,           ADMIN), // what is billed
    // Histories are proof: whoever may read them writes them.
    table  ("domain_events",                                     C::ALL,           ADMIN),
    table  ("system_events",                                     C::ALL,           ADMIN),
    // Agents act for the workspace: who there is, is decided above; how one works, by its manager.
    table  ("agents",                                            C::CREATE_DELETE, ADMIN),
    table  ("agents",                                            C::UPDATE,        MANAGER),
    // A new key figure needs its SQL; targets and owners are a manager's.
    table  ("kpis",                                              C::CREATE_DELETE, ADMIN),
    table  ("kpis",                                              C::UPDATE,        MANAGER),

    // What managers approve (section 8 of the model). A row that is born approved is an approval.
    columns("agent_actions",          &["approved", "approved_by"], C::CREATE_UPDATE, MANAGER),
    columns("reorder_queue_items",    &["approved_at", "status"],   C::CREATE_UPDATE, MANAGER),
    // Money that may be spent, and what runs by itself.
    table  ("budgets",                                           C::ALL,           MANAGER),
    table  ("workflows",                                         C::ALL,           MANAGER),

    // Staff buys, counts and books.
    table  ("order_payments",                                    C::ALL,           STAFF),
    table  ("transactions",                                      C::ALL,           STAFF),
    table  ("inventory_transactions",                            C::ALL,           STAFF),
    table  ("supplier_prices",                                   C::ALL,           STAFF),
    table  ("suppliers",                                         C::CREATE_UPDATE, STAFF),
    table  ("suppliers",                                         C::DELETE,        MANAGER), // takes all its prices along
];

const fn table(name: &'static str, commands: Commands, from: Option<Role>) -> WriteRule {
    columns(name, &[], commands, from)
}

const fn columns(
    table: &'static str,
    columns: &'static [&'static str],
    commands: Commands,
    from: Option<Role>,
) -> WriteRule {
    WriteRule {
        table,
        columns,
        commands,
        from,
    }
}

/// Who writes a table.
#[derive(Clone, Debug)]
pub struct Writing {
    /// Name in the database.
    pub table: &'static str,
    /// The least role that creates rows; none: nobody.
    pub create: Option<Role>,
    pub update: Option<Role>,
    pub delete: Option<Role>,
    /// All columns, in the order of the table.
    pub columns: Vec<ColumnWriting>,
}

/// Who writes a column; none: nobody.
#[derive(Clone, Copy, Debug)]
pub struct ColumnWriting {
    pub name: &'static str,
    /// The least role that gives a new row a value here. Of `workspace_id` nobody, because a row
    /// is always of the workspace of the request.
    pub create: Option<Role>,
    pub update: Option<Role>,
}

/// Who writes each table, those of workspaces and the global ones.
pub fn writing() -> Vec<Writing> {
    let tables = steps::domains()
        .into_iter()
        .flat_map(|domain| (domain.tables)());
    tables.map(|table| table.writing()).collect()
}

impl Table {
    /// Who writes the table.
    pub(crate) fn writing(&self) -> Writing {
        let writing = Writing {
            table: self.name,
            create: self.least(|commands| commands.create, true),
            update: self.least(|commands| commands.update, self.updatable),
            delete: self.least(|commands| commands.delete, self.deletable),
            columns: Vec::new(),
        };
        let rules = Rules::of(self.name);
        let column = |name: &'static str, create: bool, update: bool| {
            let read = rules.of_column(name).0.into_iter().max();
            let least = |on: fn(Commands) -> bool, of_table: Option<Role>| {
                let from = of_table.map(|role| read.map_or(role, |read| role.max(read)));
                narrowed(self.name, Some(name), on, from)
            };
            ColumnWriting {
                name,
                create: least(
                    |commands| commands.create,
                    writing.create.filter(|_| create),
                ),
                update: least(
                    |commands| commands.update,
                    writing.update.filter(|_| update),
                ),
            }
        };
        let nobody = |name| column(name, false, false);
        let mut columns = vec![column("id", true, false)];
        if self.in_workspace {
            columns.push(nobody("workspace_id"));
        }
        columns.extend(self.columns.iter().map(|one| {
            let written = one.is_written();
            let own = one.name != "workspace_id";
            column(one.name, written, written && own)
        }));
        columns.push(nobody("created_at"));
        if self.updatable {
            columns.push(nobody("updated_at"));
        }
        if Searched::of(self.name).is_some() {
            columns.extend(search::COLUMNS.map(nobody));
        }
        Writing { columns, ..writing }
    }

    fn least(&self, on: fn(Commands) -> bool, declared: bool) -> Option<Role> {
        let from = Rules::of(self.name).least.max(Some(LEAST));
        narrowed(self.name, None, on, from.filter(|_| declared))
    }
}

impl Column {
    /// Whether statements give the column values: PostgreSQL computes those of derived columns and
    /// numbers identity columns, and secrets of the login service are its own.
    pub(crate) fn is_written(&self) -> bool {
        self.expression.is_none()
            && !self.kind.ends_with(" as identity")
            && self.secrecy != Secrecy::Hidden
    }
}

/// The least role that all rules about a column, or about a whole table, leave.
fn narrowed(
    table: &str,
    column: Option<&str>,
    on: fn(Commands) -> bool,
    from: Option<Role>,
) -> Option<Role> {
    let about = |rule: &&WriteRule| {
        let named = match column {
            None => rule.columns.is_empty(),
            Some(name) => rule.columns.contains(&name),
        };
        rule.table == table && named && on(rule.commands)
    };
    let rules = WRITES.iter().filter(about);
    rules
        .map(|rule| rule.from)
        .fold(from, |least, role| Some(least?.max(role?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(table: &str) -> Writing {
        let mut all = writing().into_iter();
        all.find(|one| one.table == table).expect("a table")
    }

    fn column(table: &str, name: &str) -> ColumnWriting {
        let columns = of(table).columns.into_iter();
        let mut found = columns.filter(|one| one.name == name);
        found.next().expect("a column")
    }

    #[test]
    fn declarations_and_rules_narrow_what_members_write() {
        let roles = |table| {
            let writing = of(table);
            [writing.create, writing.update, writing.delete]
        };
        let member = Some(Role::Member);
        assert_eq!(roles("customers"), [member; 3]);
        assert_eq!(roles("campaign_target_icps"), [member, None, member]);
        assert_eq!(roles("support_messages"), [member, None, None]);
        assert_eq!(roles("suppliers"), [STAFF, STAFF, MANAGER]);
        assert_eq!(roles("kpis"), [ADMIN, MANAGER, ADMIN]);
        assert_eq!(roles("domain_events"), [ADMIN, None, None]);
        for table in ["users", "workspaces", "workspace_members", "audit_logs"] {
            assert_eq!(roles(table), [None; 3], "{table}");
            let mut columns = of(table).columns.into_iter();
            assert!(
                columns.all(|one| one.create.or(one.update).is_none()),
                "{table}"
            );
        }
    }

    #[test]
    fn columns_are_written_from_the_role_that_reads_them_on() {
        for (table, name, create, update) in [
            ("products", "cost", STAFF, STAFF),
            ("products", "title", Some(Role::Member), Some(Role::Member)),
            ("products", "id", Some(Role::Member), None),
            ("products", "workspace_id", None, None),
            ("products", "created_at", None, None),
            ("products", "updated_at", None, None),
            ("products", "search", None, None),
            ("inventory_levels", "quantity_on_hand", None, None),
            ("domain_events", "sequence_no", None, None),
            ("kpis", "calculation_sql", ADMIN, ADMIN),
            ("kpis", "target_value", ADMIN, MANAGER),
            ("agent_actions", "approved", MANAGER, MANAGER),
            ("support_messages", "content", Some(Role::Member), None),
        ] {
            let found = column(table, name);
            assert_eq!(
                (found.create, found.update),
                (create, update),
                "{table}.{name}"
            );
        }
    }

    #[test]
    fn every_rule_names_what_is_there() {
        for rule in WRITES {
            let columns = of(rule.table).columns;
            for name in rule.columns {
                assert!(
                    columns.iter().any(|one| one.name == *name),
                    "{}.{name}",
                    rule.table
                );
            }
        }
    }
}
