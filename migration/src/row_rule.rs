//! Conditions on a row and its caller as data, and the one place that writes them as SQL.

/// A condition on a row. It compares columns of the row with what is known of the caller, so that
/// it can be written for the database's policies and views and for the statements of a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowRule {
    /// The column holds the caller's user id.
    IsCaller(&'static str),
    /// The column holds the workspace of the request.
    IsWorkspace(&'static str),
    IsNull(&'static str),
    /// The column holds none of the values; null does not satisfy it.
    NotAmong(&'static str, &'static [&'static str]),
    /// The caller's role sees the rows of all users.
    SeesAll,
    /// A row of `table` satisfies `and`, and its column `theirs` equals the column `ours`.
    Exists {
        table: &'static str,
        theirs: &'static str,
        ours: &'static str,
        and: &'static RowRule,
    },
    Any(&'static [RowRule]),
    All(&'static [RowRule]),
}

/// How the caller, and the tables that a condition looks into, are written.
pub trait Caller {
    /// The id of the workspace of the request.
    fn workspace(&mut self) -> String;
    /// The id of the caller's user.
    fn user(&mut self) -> String;
    /// Whether the caller's role sees the rows of all users.
    fn sees_all(&mut self) -> String;
    /// The table of this name.
    fn table(&mut self, name: &str) -> String;
}

impl RowRule {
    /// The condition over the rows of `alias`.
    pub fn sql(&self, alias: &str, caller: &mut dyn Caller) -> String {
        match self {
            Self::IsCaller(column) => format!("{alias}.\"{column}\" = {}", caller.user()),
            Self::IsWorkspace(column) => format!("{alias}.\"{column}\" = {}", caller.workspace()),
            Self::IsNull(column) => format!("{alias}.\"{column}\" is null"),
            Self::NotAmong(column, values) => {
                let values: Vec<String> = values
                    .iter()
                    .map(|value| format!("'{}'", value.replace('\'', "''")))
                    .collect();
                format!("{alias}.\"{column}\" not in ({})", values.join(", "))
            }
            Self::SeesAll => caller.sees_all(),
            Self::Exists {
                table,
                theirs,
                ours,
                and,
            } => {
                let from = caller.table(table);
                // One level deep, so that one alias is enough.
                let and = and.sql("m", caller);
                format!(
                    "exists (select from {from} m where m.\"{theirs}\" = {alias}.\"{ours}\" and {and})"
                )
            }
            Self::Any(several) => joined(several, " or ", alias, caller),
            Self::All(several) => joined(several, " and ", alias, caller),
        }
    }
}

fn joined(several: &[RowRule], with: &str, alias: &str, caller: &mut dyn Caller) -> String {
    let parts: Vec<String> = several.iter().map(|one| one.sql(alias, caller)).collect();
    format!("({})", parts.join(with))
}

/// The caller as the database knows it: by the settings of the transaction. A missing setting is
/// null, which satisfies no comparison.
pub(crate) struct Settings;

impl Caller for Settings {
    fn workspace(&mut self) -> String {
        "app.workspace_id()".to_owned()
    }

    fn user(&mut self) -> String {
        "app.user_id()".to_owned()
    }

    fn sees_all(&mut self) -> String {
        "app.sees_all()".to_owned()
    }

    fn table(&mut self, name: &str) -> String {
        format!("public.{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_conditions_keep_their_parentheses() {
        const RULE: RowRule = RowRule::All(&[
            RowRule::Any(&[RowRule::IsNull("a"), RowRule::SeesAll]),
            RowRule::NotAmong("b", &["it's", "x"]),
        ]);
        assert_eq!(
            RULE.sql("t", &mut Settings),
            "((t.\"a\" is null or app.sees_all()) and t.\"b\" not in ('it''s', 'x'))"
        );
    }

    #[test]
    fn another_table_is_joined_to_the_row() {
        const RULE: RowRule = RowRule::Exists {
            table: "members",
            theirs: "user_id",
            ours: "id",
            and: &RowRule::IsWorkspace("workspace_id"),
        };
        assert_eq!(
            RULE.sql("t", &mut Settings),
            "exists (select from public.members m where m.\"user_id\" = t.\"id\" \
             and m.\"workspace_id\" = app.workspace_id())"
        );
    }
}
