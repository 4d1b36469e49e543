//! The builder in which every table of the model is declared; `table_sql.rs` turns it into SQL.
//!
//! A declaration names only what is particular to a table. What every table of a workspace has
//! (key, workspace, times, policy, grants, indexes under its foreign keys) is added here once,
//! so that no migration repeats it and none can forget it.

/// What happens to the row when the row it points at is deleted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum OnDelete {
    Cascade,
    SetNull,
    Restrict,
    NoAction,
}

/// How much of a column the gateway role may reach.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Secrecy {
    Open,
    WriteOnly,
    Hidden,
}

pub(crate) struct Column {
    pub name: &'static str,
    pub kind: &'static str,
    pub nullable: bool,
    pub default: Option<&'static str>,
    /// What PostgreSQL computes the value from; nothing writes it.
    pub expression: Option<&'static str>,
    pub description: &'static str,
    pub secrecy: Secrecy,
}

pub(crate) struct ForeignKey {
    pub column: &'static str,
    /// A column that is part of the key of the other table besides workspace and id.
    pub with: Option<&'static str>,
    pub table: &'static str,
    pub on_delete: OnDelete,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyKind {
    Unique,
    /// Two nulls count as equal.
    UniqueNullsEqual,
    /// Unique over all workspaces.
    UniqueEverywhere,
    Btree,
    Gin,
    /// Beginnings of a text, in the order of its characters.
    Prefix,
    /// A text whatever the case of its letters.
    Lowered,
    /// The value at a path inside a JSON document, in the order of `jsonb`.
    JsonPath(&'static str),
    /// Nearest neighbours by cosine distance.
    Hnsw,
}

pub(crate) struct Key {
    pub kind: KeyKind,
    pub columns: &'static str,
    pub name: Option<&'static str>,
}

pub(crate) struct Check {
    pub rule: &'static str,
    pub condition: &'static str,
}

pub(crate) struct Policy {
    pub name: &'static str,
    pub body: &'static str,
}

/// A table as declared by a migration.
pub struct Table {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    /// False for the three tables that stand above the workspaces.
    pub(crate) in_workspace: bool,
    pub(crate) updatable: bool,
    pub(crate) deletable: bool,
    pub(crate) audited: bool,
    pub(crate) partition_column: Option<&'static str>,
    /// Name of the policy with the conditions of `access.rs` on rows.
    pub(crate) row_policy: &'static str,
    /// What the gateway reads of the table itself besides the primary key.
    pub(crate) key_columns_besides: &'static [&'static str],
    pub(crate) columns: Vec<Column>,
    pub(crate) foreign_keys: Vec<ForeignKey>,
    pub(crate) keys: Vec<Key>,
    pub(crate) checks: Vec<Check>,
    pub(crate) policies: Vec<Policy>,
    pub(crate) grants: Vec<&'static str>,
    pub(crate) row_writes: Vec<&'static str>,
}

impl Table {
    /// A table whose rows belong to a workspace and may be changed and deleted.
    pub fn workspace(name: &'static str, description: &'static str) -> Self {
        Self {
            name,
            description,
            in_workspace: true,
            updatable: true,
            deletable: true,
            audited: false,
            partition_column: None,
            row_policy: "user_isolation",
            key_columns_besides: &[],
            columns: Vec::new(),
            foreign_keys: Vec::new(),
            keys: Vec::new(),
            checks: Vec::new(),
            policies: Vec::new(),
            grants: Vec::new(),
            row_writes: Vec::new(),
        }
    }

    /// A table above the workspaces. It states its policies and grants itself.
    pub fn global(name: &'static str, description: &'static str) -> Self {
        Self {
            in_workspace: false,
            ..Self::workspace(name, description)
        }
    }

    /// Rows are written once: no `updated_at`, and the gateway may only read and insert.
    pub fn append_only(mut self) -> Self {
        self.updatable = false;
        self.deletable = false;
        self
    }

    /// A join table: its rows come and go, but never change.
    pub fn links_only(mut self) -> Self {
        self.updatable = false;
        self
    }

    /// Every change of a row is written to `audit_logs`.
    pub fn audited(mut self) -> Self {
        self.audited = true;
        self
    }

    /// Ranges of this column lie in partitions of their own (schema `part`).
    pub fn partitioned_by(mut self, column: &'static str) -> Self {
        self.partition_column = Some(column);
        self
    }

    /// Another name of the policy with the conditions of `access.rs` on rows.
    pub fn row_policy(mut self, name: &'static str) -> Self {
        self.row_policy = name;
        self
    }

    /// Columns besides the primary key that choose a row, or that policies look at; the gateway
    /// reads them of the table itself.
    pub fn chosen_by(mut self, columns: &'static [&'static str]) -> Self {
        self.key_columns_besides = columns;
        self
    }

    /// A column. `kind` reads as in the model: `text`, `text?` (nullable), `integer = 5` (default).
    pub fn col(self, name: &'static str, kind: &'static str, description: &'static str) -> Self {
        self.column(name, kind, description, Secrecy::Open)
    }

    /// A column that PostgreSQL computes from others of its row whenever the row is written. Nobody
    /// can write it. The expression may only call what is immutable; a row for which it raises an
    /// error is refused.
    pub fn derived(
        mut self,
        name: &'static str,
        kind: &'static str,
        expression: &'static str,
        description: &'static str,
    ) -> Self {
        self = self.column(name, kind, description, Secrecy::Open);
        if let Some(column) = self.columns.last_mut() {
            column.expression = Some(expression);
        }
        self
    }

    /// A column that the gateway role can neither read nor write.
    pub fn hidden(self, name: &'static str, kind: &'static str, description: &'static str) -> Self {
        self.column(name, kind, description, Secrecy::Hidden)
    }

    /// A column that the gateway role can write and never read back.
    pub fn write_only(
        self,
        name: &'static str,
        kind: &'static str,
        description: &'static str,
    ) -> Self {
        self.column(name, kind, description, Secrecy::WriteOnly)
    }

    /// A pointer at a row of `table`, in the same workspace. `customer_id?` may be empty.
    pub fn fk(
        self,
        column: &'static str,
        table: &'static str,
        on_delete: OnDelete,
        description: &'static str,
    ) -> Self {
        self.pointer(column, None, table, on_delete, description)
    }

    /// A pointer at a partitioned table, whose key also holds the column `with`.
    pub fn fk_with(
        self,
        column: &'static str,
        with: &'static str,
        table: &'static str,
        on_delete: OnDelete,
        description: &'static str,
    ) -> Self {
        self.pointer(column, Some(with), table, on_delete, description)
    }

    pub fn unique(self, columns: &'static str) -> Self {
        self.key(KeyKind::Unique, columns, None)
    }

    /// As `unique`, under a name of its own where the usual one would be too long.
    pub fn unique_as(self, name: &'static str, columns: &'static str) -> Self {
        self.key(KeyKind::Unique, columns, Some(name))
    }

    pub fn unique_nulls_equal(self, columns: &'static str) -> Self {
        self.key(KeyKind::UniqueNullsEqual, columns, None)
    }

    pub fn unique_everywhere(self, columns: &'static str) -> Self {
        self.key(KeyKind::UniqueEverywhere, columns, None)
    }

    /// An index of a list: by these columns, and by the key where they are equal.
    pub fn index(self, columns: &'static str) -> Self {
        self.key(KeyKind::Btree, columns, None)
    }

    /// For `startsWith` over a text.
    pub fn prefix(self, column: &'static str) -> Self {
        self.key(KeyKind::Prefix, column, None)
    }

    /// For comparisons of a text in mode INSENSITIVE.
    pub fn lowered(self, column: &'static str) -> Self {
        self.key(KeyKind::Lowered, column, None)
    }

    pub fn gin(self, column: &'static str) -> Self {
        self.key(KeyKind::Gin, column, None)
    }

    /// For comparisons of the value at a path inside a JSON document. The path is keys of words,
    /// separated by dots. The value there may take 2,000 bytes, since an index has no room for
    /// more.
    pub fn json_path(self, column: &'static str, path: &'static str) -> Self {
        self.key(KeyKind::JsonPath(path), column, None)
    }

    pub fn hnsw(self, column: &'static str) -> Self {
        self.key(KeyKind::Hnsw, column, None)
    }

    /// A condition that every row keeps; its constraint is called `ck_<table>_<rule>`.
    pub fn check(mut self, rule: &'static str, condition: &'static str) -> Self {
        self.checks.push(Check { rule, condition });
        self
    }

    /// A policy of a global table for writing, from its command on (`for update using (...)`).
    pub fn policy(mut self, name: &'static str, body: &'static str) -> Self {
        self.policies.push(Policy { name, body });
        self
    }

    /// A condition on the rows of a global table that the gateway writes, before and after.
    pub fn writes_where(mut self, condition: &'static str) -> Self {
        self.row_writes.push(condition);
        self
    }

    /// A privilege of the gateway on a global table, besides reading its key.
    pub fn grant(mut self, privilege: &'static str) -> Self {
        self.grants.push(privilege);
        self
    }

    fn column(
        mut self,
        name: &'static str,
        kind: &'static str,
        description: &'static str,
        secrecy: Secrecy,
    ) -> Self {
        let (kind, default) = match kind.split_once(" = ") {
            Some((kind, default)) => (kind, Some(default)),
            None => (kind, None),
        };
        self.columns.push(Column {
            name,
            kind: kind.trim_end_matches('?'),
            nullable: kind.ends_with('?'),
            default,
            expression: None,
            description,
            secrecy,
        });
        self
    }

    fn pointer(
        mut self,
        column: &'static str,
        with: Option<&'static str>,
        table: &'static str,
        on_delete: OnDelete,
        description: &'static str,
    ) -> Self {
        let name = column.trim_end_matches('?');
        self.foreign_keys.push(ForeignKey {
            column: name,
            with,
            table,
            on_delete,
        });
        let kind = if name == column { "uuid" } else { "uuid?" };
        self.column(name, kind, description, Secrecy::Open)
    }

    fn key(mut self, kind: KeyKind, columns: &'static str, name: Option<&'static str>) -> Self {
        self.keys.push(Key {
            kind,
            columns,
            name,
        });
        self
    }
}
