//! What the migrations say of access to each table, for those who compare a database with it.

use crate::steps;

/// A table as the migrations make it.
pub struct DeclaredTable {
    pub name: &'static str,
    /// Row level security by name, with the statement that makes each policy.
    pub policies: Vec<(String, String)>,
    /// The triggers that guard columns and log changes, by name, with the statement that makes each.
    pub triggers: Vec<(String, String)>,
    /// What the role `gateway` may do: a privilege, and its columns where it is not all of them.
    pub privileges: Vec<(String, Option<Vec<String>>)>,
}

/// All tables of this version of the model.
pub fn declared() -> Vec<DeclaredTable> {
    let tables = steps::domains()
        .into_iter()
        .flat_map(|domain| (domain.tables)());
    tables
        .map(|table| DeclaredTable {
            name: table.name,
            policies: table
                .policies_sql()
                .into_iter()
                .map(|(name, statement)| (name.to_owned(), statement))
                .chain(table.write_policies())
                .collect(),
            triggers: table
                .guards()
                .into_iter()
                .chain(table.log_triggers())
                .collect(),
            privileges: table
                .privileges()
                .iter()
                .flat_map(|text| privileges(text))
                .collect(),
        })
        .collect()
}

/// A view of schema `read` as the migrations make it.
pub struct DeclaredView {
    pub name: &'static str,
    pub query: String,
}

/// The views by which the gateway reads, one for each table and computed view.
pub fn read_views() -> Vec<DeclaredView> {
    let views = steps::read_views().into_iter();
    views
        .map(|view| DeclaredView {
            name: view.name,
            query: view.query(),
        })
        .collect()
}

/// The computed views of this version of the model, in schema `public`.
pub fn views() -> Vec<&'static str> {
    steps::views()
}

/// Reads `insert, delete` or `update (name, slug)`.
fn privileges(text: &str) -> Vec<(String, Option<Vec<String>>)> {
    let names = |list: &str| -> Vec<String> {
        list.split(',').map(|name| name.trim().to_owned()).collect()
    };
    match text.split_once('(') {
        Some((privilege, columns)) => vec![(
            privilege.trim().to_owned(),
            Some(names(columns.trim_end().trim_end_matches(')'))),
        )],
        None => names(text).into_iter().map(|name| (name, None)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_has_policies_and_can_be_read() {
        let tables = declared();
        assert_eq!(tables.len(), 76);
        for table in tables {
            assert!(!table.policies.is_empty(), "{}", table.name);
            let mut names = table.privileges.iter().map(|(name, _)| name.as_str());
            assert!(names.any(|name| name == "select"), "{}", table.name);
        }
    }

    #[test]
    fn every_table_and_computed_view_is_read_through_a_view() {
        let views: Vec<&str> = read_views().iter().map(|view| view.name).collect();
        let tables = declared().into_iter().map(|table| table.name);
        let expected: Vec<&str> = tables.chain(super::views()).collect();
        assert_eq!(views, expected);
    }

    #[test]
    fn columns_are_told_from_lists() {
        let columns = Some(vec!["name".to_owned(), "slug".to_owned()]);
        assert_eq!(
            privileges("update (name, slug)"),
            [("update".to_owned(), columns)]
        );
        let names: Vec<String> = privileges("insert, delete")
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names, ["insert", "delete"]);
    }
}
