//! The schema is a golden file, and everything in it is described.

use tessera::app;

use crate::harness::generate::Schema;

#[test]
fn schema_graphql_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql");
    let golden = std::fs::read_to_string(path).unwrap_or_default();
    let sdl = app::sdl().expect("a schema");
    assert!(
        golden == sdl,
        "schema.graphql differs from the code; run `cargo xtask codegen` and look at the change"
    );
}

/// A schema that is larger takes long to load in a browser.
#[test]
fn the_schema_stays_small() {
    let sdl = app::sdl().expect("a schema");
    assert!(sdl.len() < 1_500_000, "{} bytes", sdl.len());
}

#[test]
fn everything_is_described() {
    let catalog = app::catalog().expect("the model fits together");
    let mut silent = Vec::new();
    for table in &catalog.tables {
        if table.comment.trim().is_empty() {
            silent.push(table.name.clone());
        }
        for (_, column) in table
            .fields()
            .filter(|(_, column)| column.comment.trim().is_empty())
        {
            silent.push(format!("{}.{}", table.name, column.name));
        }
        for relation in table
            .relations
            .iter()
            .filter(|relation| relation.comment.trim().is_empty())
        {
            silent.push(format!("{}.{}", table.name, relation.field));
        }
    }
    silent.extend(
        catalog
            .enums
            .iter()
            .filter(|one| one.comment.trim().is_empty())
            .map(|one| one.name.clone()),
    );
    assert!(
        silent.is_empty(),
        "without a description: {}",
        silent.join(", ")
    );
}

#[test]
fn every_value_of_an_enum_is_described() {
    let schema = Schema::read(&app::sdl().expect("a schema"));
    let types = schema.parsed().types.values();
    let enums = types
        .filter(|one| !one.is_built_in())
        .filter_map(|one| one.as_enum());
    let silent: Vec<String> = enums
        .flat_map(|one| {
            let values = one.values.values().filter(|value| {
                let description = value.description.as_deref();
                description.is_none_or(|text| text.trim().is_empty())
            });
            values.map(move |value| format!("{}.{}", one.name, value.value))
        })
        .collect();
    assert!(
        silent.is_empty(),
        "without a description: {}",
        silent.join(", ")
    );
}

/// Code generators name the arguments of a field after its type and the field.
#[test]
fn the_arguments_of_a_field_have_a_name_of_their_own() {
    let sdl = app::sdl().expect("a schema");
    let mut names: Vec<String> = Vec::new();
    let mut of = "";
    for line in sdl.lines() {
        if let Some(rest) = line.strip_prefix("type ") {
            of = rest.split([' ', '{']).next().unwrap_or_default();
        }
        let field = line
            .strip_prefix('\t')
            .and_then(|line| line.split_once('('));
        if let Some((field, _)) = field.filter(|(field, _)| !field.contains(['\t', ' ', '"'])) {
            let (first, rest) = field.split_at(1);
            names.push(format!("{of}{}{rest}", first.to_uppercase()));
        }
    }
    assert!(names.len() > 500, "{} fields have arguments", names.len());
    names.sort_unstable();
    let twice: Vec<&[String]> = names.windows(2).filter(|two| two[0] == two[1]).collect();
    assert!(twice.is_empty(), "{twice:?}");
}
