//! `cargo xtask tidy`: rules of the source that no compiler checks.

use std::{
    collections::BTreeSet,
    fmt, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use proc_macro2::{TokenStream, TokenTree};

use mentions::{Mention, What};
use rules::{
    ALSO_A_FIELD, ARROWS, FACTS, HAND_WRITTEN, LONGEST_FILE, NAMES_NO_TABLE, NOTES, POOL_OWNER,
    POOLS, UNFINISHED,
};

mod mentions;
pub mod rules;

/// A place that breaks a rule.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// From the root, with `/` between the parts.
    pub file: String,
    pub line: usize,
    pub reason: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.reason)
    }
}

/// Fails with a list of the violations.
pub fn run(root: &Path) -> Result<String> {
    let violations = violations(root)?;
    if violations.is_empty() {
        return Ok("the source is tidy".to_owned());
    }
    let list: Vec<String> = violations.iter().map(Violation::to_string).collect();
    bail!("{}", list.join("\n"));
}

/// Every place below `root` that breaks a rule, by file and line.
pub fn violations(root: &Path) -> Result<Vec<Violation>> {
    let tables = table_names(root)?;
    let mut files = Vec::new();
    for folder in HAND_WRITTEN {
        collect(&root.join(folder), &mut files)?;
    }
    let mut found = Vec::new();
    for path in files {
        let source =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let relative = path.strip_prefix(root).unwrap_or(&path);
        let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
        let file = File {
            name: parts.join("/"),
            source: &source,
        };
        file.check_text(&mut found);
        file.check_mentions(&tables, &mut found);
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// The tables and views, read from the generated text and not from the crate: this also has to work
/// while that crate does not compile.
fn table_names(root: &Path) -> Result<BTreeSet<String>> {
    let path = root.join(FACTS);
    let text = fs::read_to_string(&path)
        .with_context(|| format!("cannot read {FACTS}: run `cargo xtask codegen`"))?;
    let tokens: TokenStream = text
        .parse()
        .map_err(|error| anyhow::anyhow!("{FACTS}: {error}: run `cargo xtask codegen`"))?;
    let mut names = BTreeSet::new();
    collect_names(tokens, &mut names);
    if names.is_empty() {
        bail!("{FACTS} lists no table: run `cargo xtask codegen`");
    }
    Ok(names)
}

/// The `name: "…"` at the head of every `TableFacts { … }`.
fn collect_names(tokens: TokenStream, names: &mut BTreeSet<String>) {
    let mut is_table = false;
    for token in tokens {
        if let TokenTree::Group(group) = &token {
            if is_table && let Some(TokenTree::Literal(name)) = group.stream().into_iter().nth(2) {
                names.insert(name.to_string().trim_matches('"').to_owned());
            }
            collect_names(group.stream(), names);
        }
        is_table = matches!(token, TokenTree::Ident(ident) if ident == "TableFacts");
    }
}

/// The `.rs` files of a folder and the folders in it, where it exists.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "target") {
                collect(&path, files)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

struct File<'a> {
    name: String,
    source: &'a str,
}

impl File<'_> {
    fn violation(&self, line: usize, reason: impl Into<String>) -> Violation {
        Violation {
            file: self.name.clone(),
            line,
            reason: reason.into(),
        }
    }

    fn is_in(&self, folder: &str) -> bool {
        self.name
            .strip_prefix(folder)
            .is_some_and(|rest| rest.starts_with('/') || rest.starts_with(".rs"))
    }

    /// A module of tests in a file of its own, and everything outside of `src`.
    fn is_test(&self) -> bool {
        let mut parts = self.name.split('/');
        !self.is_in("src") || parts.any(|part| part == "tests" || part == "tests.rs")
    }

    fn check_text(&self, found: &mut Vec<Violation>) {
        if !self.source.starts_with("//! ") {
            found.push(self.violation(
                1,
                "must open with a `//!` line that says what the file is for",
            ));
        }
        let mut lines = 0;
        for (number, line) in (1..).zip(self.source.lines()) {
            lines = number;
            if line.ends_with(char::is_whitespace) {
                found.push(self.violation(number, "ends in white space"));
            }
            if line.contains('\t') {
                found.push(self.violation(number, "holds a tab; in a string write \\t"));
            }
            for note in NOTES.iter().filter(|note| line.contains(**note)) {
                found.push(self.violation(number, format!("{note}: do it now, or open an issue")));
            }
        }
        if lines > LONGEST_FILE {
            found.push(self.violation(
                lines,
                format!("the file has {lines} lines, {LONGEST_FILE} at most: split it"),
            ));
        }
    }

    fn check_mentions(&self, tables: &BTreeSet<String>, found: &mut Vec<Violation>) {
        let mentions = match mentions::of(self.source, &self.module()) {
            Ok(mentions) => mentions,
            Err(error) => {
                found.push(
                    self.violation(error.span().start().line, format!("is no Rust: {error}")),
                );
                return;
            }
        };
        for mention in &mentions {
            if let What::Macro(name) = &mention.what
                && UNFINISHED.contains(&name.as_str())
            {
                found.push(self.violation(
                    mention.line,
                    format!("`{name}!` does not belong into finished code"),
                ));
            }
            if !self.is_test() && !mention.in_test {
                self.check_production(mention, tables, found);
            }
        }
    }

    fn check_production(
        &self,
        mention: &Mention,
        tables: &BTreeSet<String>,
        found: &mut Vec<Violation>,
    ) {
        match &mention.what {
            What::Path(path) => {
                for arrow in ARROWS.iter().filter(|arrow| self.is_in(arrow.folder)) {
                    for forbidden in arrow.forbidden.iter().filter(|rule| is_below(path, rule)) {
                        found.push(self.violation(
                            mention.line,
                            format!("mentions `{forbidden}`: {}", arrow.because),
                        ));
                    }
                }
                if !self.is_in(POOL_OWNER)
                    && let Some(pool) = path.iter().find(|part| POOLS.contains(&part.as_str()))
                {
                    found.push(self.violation(
                        mention.line,
                        format!("mentions `{pool}`: only {POOL_OWNER} holds a pool, because it sets role and workspace"),
                    ));
                }
            }
            What::Text(text)
                if self.is_in(NAMES_NO_TABLE)
                    && tables.contains(text)
                    && !ALSO_A_FIELD.contains(&text.as_str()) =>
            {
                found.push(self.violation(
                    mention.line,
                    format!("names the table {text:?}: {NAMES_NO_TABLE} takes the model as data"),
                ));
            }
            What::Text(_) | What::Macro(_) => {}
        }
    }

    /// `src/engine/plan/mod.rs` is `engine::plan`.
    fn module(&self) -> Vec<String> {
        let path = self.name.trim_start_matches("src/").trim_end_matches(".rs");
        let mut parts: Vec<String> = path.split('/').map(str::to_owned).collect();
        if parts
            .last()
            .is_some_and(|last| matches!(last.as_str(), "mod" | "lib" | "main"))
        {
            parts.pop();
        }
        parts
    }
}

/// Whether a path is the forbidden one or lies below it. A lone name forbids the keyword, or a crate,
/// and a crate takes a second segment: a variable may have its name.
fn is_below(path: &[String], forbidden: &str) -> bool {
    let mut wanted = forbidden.split("::");
    let keyword = matches!(forbidden, "async" | "await");
    let long_enough = keyword || path.len() > 1;
    long_enough && {
        let mut parts = path.iter();
        wanted.all(|wanted| parts.next().is_some_and(|part| part == wanted))
    }
}
