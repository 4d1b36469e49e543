//! One SeaORM entity per table and view, and the `lib.rs` that lists them.

use std::{collections::BTreeMap, fmt::Write};

use anyhow::{Context, Result, bail};
use sea_orm_codegen::{
    BannerVersion, BigIntegerType, DateTimeCrate, EntityFormat, EntityTransformer,
    EntityWriterContext, OutputFile, WithPrelude, WithSerde,
};
use sea_schema::sea_query::TableCreateStatement;

use super::{BANNER, catalog::Catalog};

/// Files by name within `entity/src`, not yet formatted.
pub fn write(
    statements: Vec<TableCreateStatement>,
    catalog: &Catalog,
) -> Result<BTreeMap<String, String>> {
    let writer = EntityTransformer::transform(statements)
        .context("the entity generator refuses the tables")?;
    let mut files = BTreeMap::new();
    for OutputFile { name, content } in writer.generate(&context()).files {
        // The generator's own list of modules gives way to the one below.
        if name != "lib.rs" {
            files.insert(name, replace_banner(&content));
        }
    }
    for table in catalog.relations.keys() {
        if !files.contains_key(&format!("{table}.rs")) {
            bail!("no entity came out for {table}: its name must be in snake_case");
        }
    }
    files.insert("lib.rs".to_owned(), lib(catalog)?);
    Ok(files)
}

fn context() -> EntityWriterContext {
    EntityWriterContext::new(
        // The dense format takes tables with composite keys for junctions and drops their relations.
        EntityFormat::Compact,
        WithPrelude::None,
        WithSerde::None,
        true,
        DateTimeCrate::Chrono,
        BigIntegerType::I64,
        None,
        true,
        false,
        false,
        Vec::new(),
        Vec::new(),
        Vec::new(),
        Vec::new(),
        Vec::new(),
        false,
        true,
        BannerVersion::Off,
    )
}

/// The generator's banner names the generator; ours says what to run instead of editing.
fn replace_banner(content: &str) -> String {
    let body = content
        .strip_prefix("//!")
        .and_then(|rest| rest.split_once('\n'))
        .map_or(content, |(_, body)| body);
    format!("{BANNER}\n\n{}", body.trim_start())
}

fn lib(catalog: &Catalog) -> Result<String> {
    let mut text = format!("{BANNER}\n\n");
    let mut modules: Vec<&str> = catalog.relations.keys().map(String::as_str).collect();
    modules.push("facts");
    if !catalog.enums.is_empty() {
        modules.push("sea_orm_active_enums");
    }
    modules.sort_unstable();
    for module in modules {
        writeln!(text, "pub mod {module};")?;
    }
    text.push_str(
        "
/// Calls the macro that it is given once, with the `Entity` types of all tables and views, separated by
/// commas: `for_each_entity!(list)` becomes `list! { entity::agents::Entity, … }`. Where one macro has
/// to see them all, it can make statements of them, or one expression such as a `vec![…]`.
#[macro_export]
macro_rules! for_each_entity {
    ($($callback:ident)::+) => {
        $($callback)::+! {
",
    );
    for table in catalog.relations.keys() {
        writeln!(text, "            $crate::{table}::Entity,")?;
    }
    text.push_str("        }\n    };\n}\n");
    Ok(text)
}
