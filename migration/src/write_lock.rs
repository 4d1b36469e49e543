//! What binds the gateway when it writes: policies for each command, privileges on columns, and
//! triggers that guard the columns which not every writer of a table may write.
//!
//! All of it is made from `writes.rs`, and none of it binds the owner of the tables, so neither
//! imports nor administrators.

use crate::bootstrap::GATEWAY;
use crate::read_view::role_at_least;
use crate::role::Role;
use crate::table::Table;
use crate::writes::Writing;

/// The function of the guards. Their conditions are expressions of the trigger, so it is only
/// called for what it refuses.
pub(crate) const FUNCTIONS: &str = "
create function app.refuse_column() returns trigger language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'the column % of % is written from the role % on', tg_argv[0], tg_table_name, tg_argv[1]
    using errcode = 'insufficient_privilege', schema = tg_table_schema, table = tg_table_name, column = tg_argv[0];
end
$$;
comment on function app.refuse_column() is 'Trigger: refuses a value in a column that the role of the request may not write.';
revoke execute on function app.refuse_column() from public;
";

/// The statements that undo [`FUNCTIONS`].
pub(crate) const DROP_FUNCTIONS: &str = "drop function app.refuse_column();\n";

/// A policy or trigger: its name, and the statement that makes it.
pub(crate) type Named = (String, String);

impl Table {
    /// The policies about writing.
    pub(crate) fn write_policies(&self) -> Vec<Named> {
        let writing = self.writing();
        let mut policies = Vec::new();
        let mut add = |command: &str, body: String| {
            let name = format!("{command}_by_role");
            let statement = format!(
                "create policy {name} on public.{} as restrictive {body};\n",
                self.name
            );
            policies.push((name, statement));
        };
        // What nobody does with a table of a workspace has no privilege.
        if let Some(role) = writing.create.map(role_at_least) {
            add("insert", format!("for insert with check ({role})"));
        }
        if let Some(role) = writing.update.map(role_at_least) {
            add(
                "update",
                format!("for update using ({role}) with check ({role})"),
            );
        }
        if let Some(role) = writing.delete.map(role_at_least) {
            add("delete", format!("for delete using ({role})"));
        }
        // The login service writes these tables by itself.
        for rule in &self.row_writes {
            let to = format!("to {GATEWAY}");
            add("insert", format!("for insert {to} with check ({rule})"));
            add(
                "update",
                format!("for update {to} using ({rule}) with check ({rule})"),
            );
            add("delete", format!("for delete {to} using ({rule})"));
        }
        policies
    }

    /// What the gateway may do with the table itself. It reads through the view; the key is what a
    /// changed or deleted row is chosen by, and `updated_at` its version.
    pub(crate) fn privileges(&self) -> Vec<String> {
        let writing = self.writing();
        let mut select = self.key_privilege_columns();
        if writing.update.is_some() {
            select += ", updated_at";
        }
        let mut privileges = vec![format!("select ({select})")];
        if writing.create.is_some() {
            // A row names its workspace, which the policy compares with that of the request.
            let columns = columns(&writing, |one| {
                one.create.is_some() || one.name == "workspace_id"
            });
            privileges.push(format!("insert ({columns})"));
        }
        if writing.update.is_some() {
            let columns = columns(&writing, |one| one.update.is_some());
            privileges.push(format!("update ({columns})"));
        }
        if writing.delete.is_some() {
            privileges.push("delete".to_owned());
        }
        privileges.extend(self.grants.iter().map(|&grant| grant.to_owned()));
        privileges
    }

    /// The triggers that guard columns.
    pub(crate) fn guards(&self) -> Vec<Named> {
        let writing = self.writing();
        let mut guards = Vec::new();
        for column in &writing.columns {
            if let Some(role) = column.create.filter(|_| column.create > writing.create) {
                let value = match self.default_of(column.name) {
                    Some(default) => format!("is distinct from {default}"),
                    None => "is not null".to_owned(),
                };
                let when = format!(" and new.{} {value}", column.name);
                guards.push(self.guard(column.name, "insert", "insert", &when, role));
            }
            if let Some(role) = column.update.filter(|_| column.update > writing.update) {
                // Even to write the same value is refused, or it would tell what the value is.
                let event = format!("update of {}", column.name);
                guards.push(self.guard(column.name, "update", &event, "", role));
            }
        }
        guards
    }

    fn guard(&self, column: &str, command: &str, event: &str, when: &str, role: Role) -> Named {
        let name = format!("guard_{command}_{column}");
        let statement = format!(
            "create trigger {name} before {event} on public.{} for each row \
             when (current_user = '{GATEWAY}'{when} and not {}) \
             execute function app.refuse_column('{column}', '{role}');\n",
            self.name,
            role_at_least(role)
        );
        (name, statement)
    }

    fn default_of(&self, column: &str) -> Option<&'static str> {
        let mut columns = self.columns.iter();
        columns.find(|one| one.name == column)?.default
    }

    /// What writing takes. It can be run again where the rules have changed.
    pub(crate) fn writing_sql(&self) -> String {
        let mut sql = String::new();
        for (name, statement) in self.write_policies() {
            sql += &format!(
                "drop policy if exists {name} on {};\n{statement}",
                self.path()
            );
        }
        for (name, statement) in self.guards().into_iter().chain(self.log_triggers()) {
            sql += &format!(
                "drop trigger if exists {name} on {};\n{statement}",
                self.path()
            );
        }
        sql + &self.grants_sql(&self.privileges())
    }

    /// Undoes [`Self::writing_sql`].
    pub(crate) fn unwriting_sql(&self) -> String {
        let mut sql = String::new();
        for (name, _) in self.write_policies() {
            sql += &format!("drop policy {name} on {};\n", self.path());
        }
        for (name, _) in self.guards().into_iter().chain(self.log_triggers()) {
            sql += &format!("drop trigger {name} on {};\n", self.path());
        }
        sql + &self.before_writing_sql()
    }

    pub(crate) fn grants_sql(&self, privileges: &[String]) -> String {
        let path = self.path();
        // Without their columns, this takes back the rights on each of them too.
        let mut sql = format!("revoke select, insert, update, delete on {path} from {GATEWAY};\n");
        for privilege in privileges {
            sql += &format!("grant {privilege} on {path} to {GATEWAY};\n");
        }
        sql
    }
}

fn columns(writing: &Writing, holds: impl Fn(&crate::ColumnWriting) -> bool) -> String {
    let columns = writing.columns.iter().filter(|one| holds(one));
    let names: Vec<&str> = columns.map(|one| one.name).collect();
    names.join(", ")
}
