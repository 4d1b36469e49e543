//! Turns a declared table into the statements that make it.

use sea_orm_migration::DbErr;

use crate::access::Rules;
use crate::bootstrap::GATEWAY;
use crate::read_view::ReadView;
use crate::row_rule::Settings;
use crate::search::{self, Searched};
use crate::table::{Column, ForeignKey, Key, KeyKind, OnDelete, Secrecy, Table};

/// PostgreSQL cuts longer names silently, and two cut names may meet.
const MAX_NAME_BYTES: usize = 63;

/// An entry of a B-tree has room for 2,704 bytes, with the workspace and the id.
const MAX_PATH_BYTES: usize = 2000;

/// Tables that are keyed by `id` alone, so that pointers at them carry no workspace.
const GLOBAL_TABLES: [&str; 3] = ["users", "workspaces", "workspace_members"];

/// A string literal of SQL.
pub(crate) fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

impl Table {
    /// The table itself with its keys and checks.
    pub(crate) fn create_sql(&self) -> Result<String, DbErr> {
        let mut lines = vec!["id uuid not null default gen_random_uuid()".to_owned()];
        if self.in_workspace {
            lines.push("workspace_id uuid not null".to_owned());
        }
        lines.extend(self.columns.iter().map(Column::definition));
        lines.push("created_at timestamptz not null default now()".to_owned());
        if self.updatable {
            lines.push("updated_at timestamptz not null default now()".to_owned());
        }

        lines.push(format!(
            "constraint {} primary key ({})",
            name(&["pk", self.name])?,
            self.primary_key()
        ));
        if self.in_workspace {
            lines.push(format!(
                "constraint {} foreign key (workspace_id) references public.workspaces (id) on delete cascade",
                name(&["fk", self.name, "workspace_id"])?
            ));
        }
        for key in &self.foreign_keys {
            lines.push(self.foreign_key_sql(key)?);
        }
        for key in self.keys.iter().filter(|key| key.is_constraint()) {
            let nulls = match key.kind {
                KeyKind::UniqueNullsEqual => " nulls not distinct",
                _ => "",
            };
            lines.push(format!(
                "constraint {} unique{nulls} ({})",
                self.key_name(key)?,
                self.key_columns(key)
            ));
        }
        for check in &self.checks {
            lines.push(format!(
                "constraint {} check ({})",
                name(&["ck", self.name, check.rule])?,
                check.condition
            ));
        }

        for column in self.columns.iter().filter(|column| column.kind == "text[]") {
            lines.push(format!(
                "constraint {} check ({})",
                name(&["ck", self.name, column.name])?,
                holds_texts(column.name)
            ));
        }

        for (name, condition) in self.path_checks()? {
            lines.push(format!("constraint {name} check ({condition})"));
        }

        let partitioning = match self.partition_column {
            Some(column) => format!(" partition by range ({column})"),
            None => String::new(),
        };
        Ok(format!(
            "create table public.{} (\n  {}\n){partitioning};\n",
            self.name,
            lines.join(",\n  ")
        ))
    }

    /// What a table gets once all tables of its domain are there: indexes, triggers, row
    /// security, grants, descriptions. Policies may look into the other tables.
    pub(crate) fn finish_sql(&self) -> Result<String, DbErr> {
        let mut sql = self.indexes_sql()?;
        sql += &self.triggers_sql();
        sql += &self.security_sql();
        sql += &self.comments_sql();
        Ok(sql)
    }

    pub(crate) fn path(&self) -> String {
        format!("public.{}", self.name)
    }

    fn primary_key(&self) -> String {
        match (self.in_workspace, self.partition_column) {
            (true, Some(column)) => format!("workspace_id, id, {column}"),
            (true, None) => "workspace_id, id".to_owned(),
            (false, _) => "id".to_owned(),
        }
    }

    fn foreign_key_sql(&self, key: &ForeignKey) -> Result<String, DbErr> {
        let column = key.column;
        let plain = GLOBAL_TABLES.contains(&key.table);
        let (from, to) = match (plain, key.with) {
            (true, _) => (column.to_owned(), "id".to_owned()),
            (false, None) => (
                format!("workspace_id, {column}"),
                "workspace_id, id".to_owned(),
            ),
            (false, Some(with)) => (
                format!("workspace_id, {column}, {with}"),
                format!("workspace_id, id, {with}"),
            ),
        };
        // The other column of such a key is data and may be corrected; its copies follow.
        let on_update = if key.with.is_some() {
            " on update cascade"
        } else {
            ""
        };
        let on_delete = match key.on_delete {
            OnDelete::Cascade => " on delete cascade".to_owned(),
            OnDelete::SetNull if plain => " on delete set null".to_owned(),
            // Only the pointer is emptied: the workspace of the row stays.
            OnDelete::SetNull => format!(" on delete set null ({column})"),
            OnDelete::Restrict => " on delete restrict".to_owned(),
            OnDelete::NoAction => String::new(),
        };
        Ok(format!(
            "constraint {} foreign key ({from}) references public.{} ({to}){on_update}{on_delete}",
            name(&["fk", self.name, column])?,
            key.table
        ))
    }

    fn indexes_sql(&self) -> Result<String, DbErr> {
        let indexes = self.indexes()?.into_iter();
        Ok(indexes.map(|(_, definition)| definition + ";\n").collect())
    }

    /// The indexes that are no constraints: name, and the definition as PostgreSQL writes it.
    pub(crate) fn indexes(&self) -> Result<Vec<(String, String)>, DbErr> {
        let mut indexes = Vec::new();
        let mut add = |name: String, method: &str, columns: &str| {
            let definition = format!(
                "CREATE INDEX {name} ON public.{} USING {method} ({columns})",
                self.name
            );
            indexes.push((name, definition));
        };
        for key in self.keys.iter().filter(|key| !key.is_constraint()) {
            let (method, columns) = match key.kind {
                KeyKind::Gin => ("gin", key.columns.to_owned()),
                KeyKind::Hnsw => ("hnsw", format!("{} vector_cosine_ops", key.columns)),
                KeyKind::Prefix => ("btree", self.prefix_columns(key.columns)),
                KeyKind::Lowered => ("btree", self.lowered_columns(key.columns)),
                KeyKind::JsonPath(path) => {
                    let value = value_at(key.columns, path);
                    ("btree", format!("workspace_id, (({value})), id"))
                }
                _ => ("btree", self.list_columns(key.columns)),
            };
            add(self.key_name(key)?, method, &columns);
        }
        for key in &self.foreign_keys {
            if !self.has_key_led_by(key.column) {
                let name = name(&["ix", self.name, key.column])?;
                add(name, "btree", &self.list_columns(key.column));
            }
        }
        Ok(indexes)
    }

    /// The checks that the values at indexed paths have room in their indexes: name and condition.
    fn path_checks(&self) -> Result<Vec<(String, String)>, DbErr> {
        let mut checks = Vec::new();
        for key in &self.keys {
            if let KeyKind::JsonPath(path) = key.kind {
                let rule = format!("{}_{}", key.columns, path.replace('.', "_"));
                let value = value_at(key.columns, path);
                checks.push((
                    name(&["ck", self.name, &rule])?,
                    format!("pg_column_size({value}) <= {MAX_PATH_BYTES}"),
                ));
            }
        }
        Ok(checks)
    }

    /// The same where the table may be of before the indexes. A row that breaks one stays; it must
    /// keep it when it is next changed.
    pub(crate) fn path_checks_sql(&self) -> Result<String, DbErr> {
        let checks = self.path_checks()?;
        let checks = checks.iter().map(|(name, condition)| {
            format!(
                "do $$ begin if not exists (select from pg_constraint where conname = '{name}') then \
                 alter table public.{} add constraint {name} check ({condition}) not valid; \
                 end if; end $$;\n",
                self.name
            )
        });
        Ok(checks.collect())
    }

    /// The columns of an index that serves a list: those that are declared, and the key by which
    /// the list orders what is equal in them, in the direction of the last one.
    fn list_columns(&self, declared: &str) -> String {
        let declared = declared.replace(" desc", " DESC");
        let direction = match declared.ends_with(" DESC") {
            true => " DESC",
            false => "",
        };
        match self.in_workspace {
            true => format!("workspace_id, {declared}, id{direction}"),
            false => format!("{declared}, id{direction}"),
        }
    }

    fn prefix_columns(&self, column: &str) -> String {
        let class = match self.is_varchar(column) {
            true => "varchar_pattern_ops",
            false => "text_pattern_ops",
        };
        format!("workspace_id, {column} {class}")
    }

    fn lowered_columns(&self, column: &str) -> String {
        match self.is_varchar(column) {
            true => format!("workspace_id, lower(({column})::text), id"),
            false => format!("workspace_id, lower({column}), id"),
        }
    }

    fn is_varchar(&self, column: &str) -> bool {
        let mut columns = self.columns.iter();
        columns.any(|one| one.name == column && one.kind.starts_with("varchar"))
    }

    fn has_key_led_by(&self, column: &str) -> bool {
        self.keys.iter().any(|key| {
            key.led_by_workspace_in(self) == self.in_workspace
                && key.columns.split([',', ' ']).next() == Some(column)
        })
    }

    fn key_columns(&self, key: &Key) -> String {
        match key.led_by_workspace_in(self) {
            true => format!("workspace_id, {}", key.columns),
            false => key.columns.to_owned(),
        }
    }

    fn key_name(&self, key: &Key) -> Result<String, DbErr> {
        if let Some(given) = key.name {
            return name(&[given]);
        }
        let prefix = if key.is_constraint() { "uq" } else { "ix" };
        let columns = key.columns.replace(" desc", "").replace(", ", "_");
        match key.kind {
            KeyKind::Prefix => name(&[prefix, self.name, &columns, "prefix"]),
            KeyKind::Lowered => name(&[prefix, self.name, &columns, "lower"]),
            KeyKind::JsonPath(path) => {
                name(&[prefix, self.name, &columns, &path.replace('.', "_")])
            }
            _ => name(&[prefix, self.name, &columns]),
        }
    }

    fn triggers_sql(&self) -> String {
        let mut sql = String::new();
        if self.updatable {
            sql += &format!(
                "create trigger set_updated_at before update on public.{} \
                 for each row execute function app.set_updated_at();\n",
                self.name
            );
        }
        sql
    }

    /// The policies about all that a caller may reach, by name, each with the statement that makes
    /// it.
    pub(crate) fn policies_sql(&self) -> Vec<(&'static str, String)> {
        let table = self.name;
        let mut policies = Vec::new();
        if self.in_workspace {
            policies.push((
                "tenant_isolation",
                format!(
                    "create policy tenant_isolation on public.{table} \
                     using (workspace_id = app.workspace_id());\n"
                ),
            ));
        }
        if let Some(rows) = self.row_rules() {
            let policy = self.row_policy;
            // Inside a workspace it narrows what the tenant's policy admits.
            let kind = match self.in_workspace {
                true => "as restrictive",
                false => "for select",
            };
            policies.push((
                policy,
                format!("create policy {policy} on public.{table} {kind} using ({rows});\n"),
            ));
        }
        for policy in &self.policies {
            policies.push((
                policy.name,
                format!(
                    "create policy {} on public.{table} {};\n",
                    policy.name, policy.body
                ),
            ));
        }
        policies
    }

    /// The conditions of `access.rs` on the rows of the table.
    fn row_rules(&self) -> Option<String> {
        let rules = Rules::of(self.name).rows;
        let rules: Vec<String> = rules
            .iter()
            .map(|rule| rule.sql(self.name, &mut Settings))
            .collect();
        (!rules.is_empty()).then(|| rules.join(" and "))
    }

    /// What reading takes, where the table may be of before schema `read`: the policy of its rows
    /// anew, its view, and no more rights on the table itself than writing takes.
    pub(crate) fn reading_sql(&self) -> String {
        let table = self.name;
        let mut sql = String::new();
        for (name, policy) in self.policies_sql() {
            if name == self.row_policy {
                sql += &format!("drop policy if exists {name} on public.{table};\n{policy}");
            }
        }
        // Without its columns, this takes back the right on each of them too.
        sql += &format!(
            "revoke select on public.{table} from {GATEWAY};\ngrant {} on public.{table} to {GATEWAY};\n",
            self.select_privilege()
        );
        sql + &self.read_view_before_search().create_sql()
    }

    /// Undoes [`Self::reading_sql`] but for the policy, which a program of before agrees with.
    pub(crate) fn unreading_sql(&self) -> String {
        format!(
            "{}grant {} on public.{} to {GATEWAY};\n",
            self.read_view().drop_sql(),
            self.on_columns("select", Secrecy::Open),
            self.name
        )
    }

    pub(crate) fn read_view(&self) -> ReadView {
        let mut view = self.read_view_before_search();
        if Searched::of(self.name).is_some() {
            view.columns.extend(search::COLUMNS);
        }
        view
    }

    /// The view as it is until the step that makes tables searchable.
    pub(crate) fn read_view_before_search(&self) -> ReadView {
        ReadView {
            name: self.name,
            in_workspace: self.in_workspace,
            columns: self.columns_up_to(Secrecy::Open),
        }
    }

    pub(crate) fn is_updatable(&self) -> bool {
        self.updatable
    }

    /// A column as a text that is never null.
    pub(crate) fn as_text(&self, column: &str) -> String {
        let lists = self.columns.iter().filter(|one| one.kind == "text[]");
        match lists.map(|one| one.name).any(|name| name == column) {
            true => format!("app.words({column})"),
            false => format!("coalesce({column}, '')"),
        }
    }

    fn security_sql(&self) -> String {
        let table = self.name;
        let mut sql = format!("alter table public.{table} enable row level security;\n");
        sql.extend(self.policies_sql().into_iter().map(|(_, policy)| policy));
        if !self.in_workspace {
            sql += &format!("grant select, insert, update on public.{table} to authn;\n");
        }
        sql
    }

    pub(crate) fn select_privilege(&self) -> String {
        format!("select ({})", self.key_privilege_columns())
    }

    /// The columns by which rows are chosen.
    pub(crate) fn key_privilege_columns(&self) -> String {
        let mut columns = self.primary_key();
        for column in self.key_columns_besides {
            columns += &format!(", {column}");
        }
        columns
    }

    pub(crate) fn has_derived(&self) -> bool {
        self.derived_columns().next().is_some()
    }

    fn derived_columns(&self) -> impl Iterator<Item = &Column> {
        let columns = self.columns.iter();
        columns.filter(|column| column.expression.is_some())
    }

    /// The derived columns with their descriptions, where the table may be of before them.
    pub(crate) fn derived_sql(&self) -> String {
        let table = self.name;
        self.derived_columns()
            .map(|column| {
                format!(
                    "alter table public.{table} add column if not exists {};\n\
                     comment on column public.{table}.{} is {};\n",
                    column.definition(),
                    column.name,
                    quote(column.description)
                )
            })
            .collect()
    }

    pub(crate) fn on_columns(&self, privilege: &str, up_to: Secrecy) -> String {
        let columns = self.columns_up_to(up_to);
        match columns.len() == self.columns_up_to(Secrecy::Hidden).len() {
            true => privilege.to_owned(),
            false => format!("{privilege} ({})", columns.join(", ")),
        }
    }

    fn columns_up_to(&self, up_to: Secrecy) -> Vec<&'static str> {
        let allowed = |secrecy| match up_to {
            Secrecy::Open => secrecy == Secrecy::Open,
            Secrecy::WriteOnly => secrecy != Secrecy::Hidden,
            Secrecy::Hidden => true,
        };
        let mut columns = vec!["id"];
        if self.in_workspace {
            columns.push("workspace_id");
        }
        columns.extend(
            self.columns
                .iter()
                .filter(|column| allowed(column.secrecy))
                .map(|column| column.name),
        );
        columns.push("created_at");
        if self.updatable {
            columns.push("updated_at");
        }
        columns
    }

    fn comments_sql(&self) -> String {
        let table = self.name;
        let mut sql = format!(
            "comment on table public.{table} is {};\n",
            quote(self.description)
        );
        let mut describe = |column: &str, text: &str| {
            sql += &format!(
                "comment on column public.{table}.{column} is {};\n",
                quote(text)
            );
        };
        describe("id", "Unique id of the row; never changes.");
        if self.in_workspace {
            describe(
                "workspace_id",
                "Workspace that the row belongs to; never changes.",
            );
        }
        for column in &self.columns {
            describe(column.name, column.description);
        }
        describe("created_at", "When the row was written.");
        if self.updatable {
            describe("updated_at", "When the row was last changed.");
        }
        sql
    }
}

impl Column {
    /// The column as a table declares it.
    fn definition(&self) -> String {
        let mut text = format!("{} {}", self.name, self.kind);
        if !self.nullable {
            text += " not null";
        }
        if let Some(default) = self.default {
            text = format!("{text} default {default}");
        }
        if let Some(expression) = self.expression {
            text = format!("{text} generated always as ({expression}) stored");
        }
        text
    }
}

impl Key {
    fn is_constraint(&self) -> bool {
        matches!(
            self.kind,
            KeyKind::Unique | KeyKind::UniqueNullsEqual | KeyKind::UniqueEverywhere
        )
    }

    fn led_by_workspace_in(&self, table: &Table) -> bool {
        table.in_workspace
            && matches!(
                self.kind,
                KeyKind::Unique | KeyKind::UniqueNullsEqual | KeyKind::Btree
            )
    }
}

/// The condition that an array is a plain list of texts: one dimension at most, and no nulls.
pub(crate) fn holds_texts(column: &str) -> String {
    // The order matters: of two dimensions no position is asked for.
    format!(
        "case when array_ndims({column}) > 1 then false \
         else array_position({column}, null::text) is null end"
    )
}

/// The value at a path inside a JSON document, as PostgreSQL writes it in an index.
fn value_at(column: &str, path: &str) -> String {
    format!("{column} #> '{{{}}}'::text[]", path.replace('.', ","))
}

fn name(parts: &[&str]) -> Result<String, DbErr> {
    let name = parts.join("_");
    if name.len() > MAX_NAME_BYTES {
        return Err(DbErr::Migration(format!(
            "the name {name} has more than {MAX_NAME_BYTES} bytes; give a shorter one"
        )));
    }
    Ok(name)
}
