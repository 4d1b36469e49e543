//! What a source file mentions: paths, macros and strings, each with its line. Comments are no mention.

use proc_macro2::{Delimiter, Group, LexError, Spacing, TokenStream, TokenTree};

/// One thing that a file mentions.
#[derive(Debug, PartialEq)]
pub struct Mention {
    pub line: usize,
    /// Within `#[cfg(test)]`.
    pub in_test: bool,
    pub what: What,
}

#[derive(Debug, PartialEq)]
pub enum What {
    /// `crate::a::b`, also where the file says `super::b` or `use crate::{a::{b, c}}`. A lone name or
    /// keyword is a path of one segment; a crate imported whole is `["name", "self"]`.
    Path(Vec<String>),
    Macro(String),
    Text(String),
}

/// The mentions of a file whose module path is `module`, without the leading `crate`.
pub fn of(source: &str, module: &[String]) -> Result<Vec<Mention>, LexError> {
    let tokens: TokenStream = source.parse()?;
    let mut reader = Reader {
        module: module.to_vec(),
        in_test: false,
        found: Vec::new(),
    };
    reader.read(tokens);
    Ok(reader.found)
}

struct Reader {
    module: Vec<String>,
    in_test: bool,
    found: Vec<Mention>,
}

impl Reader {
    fn read(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let outer_test = self.in_test;
        let mut test_item = false;
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    let inner = is_punct(tokens.get(at + 1), '!');
                    let Some(TokenTree::Group(attribute)) = tokens.get(at + 1 + usize::from(inner))
                    else {
                        at += 1;
                        continue;
                    };
                    let text = attribute.stream().to_string().replace(' ', "");
                    if text == "cfg(test)" {
                        self.in_test = true;
                        test_item |= !inner;
                    } else if !text.starts_with("doc=") {
                        self.read(attribute.stream());
                    }
                    at += 2 + usize::from(inner);
                }
                TokenTree::Punct(punct) => {
                    if test_item && punct.as_char() == ';' {
                        self.in_test = outer_test;
                        test_item = false;
                    }
                    at += 1;
                }
                TokenTree::Group(group) => {
                    self.read(group.stream());
                    if test_item && group.delimiter() == Delimiter::Brace {
                        self.in_test = outer_test;
                        test_item = false;
                    }
                    at += 1;
                }
                TokenTree::Literal(literal) => {
                    let line = literal.span().start().line;
                    if let Some(text) = string(&literal.to_string()) {
                        self.mention(line, What::Text(text));
                    }
                    at += 1;
                }
                TokenTree::Ident(ident) if *ident == "mod" => {
                    at = self.read_module(&tokens, at + 1);
                    if test_item && !is_punct(tokens.get(at), ';') {
                        self.in_test = outer_test;
                        test_item = false;
                    }
                }
                TokenTree::Ident(ident) => {
                    let imports = *ident == "use";
                    let start = if imports { at + 1 } else { at };
                    // `use ::name` starts with the separator.
                    let start = start + 2 * usize::from(is_separator(&tokens, start));
                    at = self
                        .read_path(&tokens, start, Vec::new(), imports)
                        .max(at + 1);
                }
            }
        }
        self.in_test = outer_test;
    }

    /// `name { … }` or `name;`, from behind `mod`.
    fn read_module(&mut self, tokens: &[TokenTree], at: usize) -> usize {
        match (tokens.get(at), tokens.get(at + 1)) {
            (Some(TokenTree::Ident(name)), Some(TokenTree::Group(body))) => {
                self.module.push(name.to_string());
                self.read(body.stream());
                self.module.pop();
                at + 2
            }
            (Some(TokenTree::Ident(_)), _) => at + 1,
            _ => at,
        }
    }

    /// A path, from its first segment on; `prefix` stands before it in an import with braces. Returns
    /// where it ends.
    fn read_path(
        &mut self,
        tokens: &[TokenTree],
        mut at: usize,
        mut prefix: Vec<String>,
        imports: bool,
    ) -> usize {
        let mut line = None;
        loop {
            match tokens.get(at) {
                Some(TokenTree::Ident(segment)) => {
                    line = Some(segment.span().start().line);
                    prefix.push(segment.to_string());
                    at += 1;
                }
                Some(TokenTree::Group(group))
                    if imports && group.delimiter() == Delimiter::Brace =>
                {
                    self.read_imports(group, &prefix);
                    return at + 1;
                }
                Some(TokenTree::Punct(star)) if imports && star.as_char() == '*' => {
                    line.get_or_insert(star.span().start().line);
                    break;
                }
                _ => break,
            }
            if !is_separator(tokens, at) {
                break;
            }
            at += 2;
        }
        let Some(line) = line else {
            return at;
        };
        if is_punct(tokens.get(at), '!')
            && matches!(tokens.get(at + 1), Some(TokenTree::Group(_)))
            && let Some(name) = prefix.last()
        {
            self.mention(line, What::Macro(name.clone()));
        }
        if imports && prefix.len() == 1 {
            prefix.push("self".to_owned());
        }
        let path = self.absolute(prefix);
        self.mention(line, What::Path(path));
        at
    }

    /// The braces of an import: several paths behind one prefix.
    fn read_imports(&mut self, group: &Group, prefix: &[String]) {
        let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
        for path in tokens.split(|token| is_punct(Some(token), ',')) {
            self.read_path(path, 0, prefix.to_vec(), true);
        }
    }

    /// `super` and `self` at the head, spelled out from the crate's root.
    fn absolute(&self, path: Vec<String>) -> Vec<String> {
        let ups = path
            .iter()
            .take_while(|segment| *segment == "super")
            .count();
        let own = path.first().is_some_and(|first| first == "self");
        if ups == 0 && !(own && path.len() > 1) {
            return path;
        }
        let kept = self.module.len().saturating_sub(ups);
        let mut absolute = vec!["crate".to_owned()];
        absolute.extend_from_slice(&self.module[..kept]);
        absolute.extend(path.into_iter().skip(ups + usize::from(own)));
        absolute
    }

    fn mention(&mut self, line: usize, what: What) {
        self.found.push(Mention {
            line,
            in_test: self.in_test,
            what,
        });
    }
}

fn is_punct(token: Option<&TokenTree>, sign: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}

/// `::` at `at`.
fn is_separator(tokens: &[TokenTree], at: usize) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == ':' && punct.spacing() == Spacing::Joint)
        && is_punct(tokens.get(at + 1), ':')
}

/// What stands between the quotes of a string literal. Escapes are left as they are: no name that a
/// rule looks for has any.
fn string(literal: &str) -> Option<String> {
    let quoted = literal
        .strip_prefix('r')
        .map_or(literal, |raw| raw.trim_matches('#'));
    let text = quoted.strip_prefix('"')?.strip_suffix('"')?;
    Some(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(source: &str, module: &str) -> Vec<String> {
        let module: Vec<String> = module.split("::").map(str::to_owned).collect();
        let found = of(source, &module).unwrap();
        let paths = found.into_iter().filter_map(|mention| match mention.what {
            What::Path(path) if path.len() > 1 => Some(path.join("::")),
            _ => None,
        });
        paths.collect()
    }

    #[test]
    fn imports_are_spread_out() {
        assert_eq!(
            paths("use crate::{db, engine::{plan::Plan, *}, self};", "a"),
            [
                "crate::db",
                "crate::engine::plan::Plan",
                "crate::engine",
                "crate::self"
            ]
        );
        assert_eq!(paths("use entity as model;", "a"), ["entity::self"]);
        assert_eq!(paths("use ::entity::agents;", "a"), ["entity::agents"]);
        assert_eq!(
            paths("pub(crate) use sea_orm::entity::prelude::*;", "a"),
            ["sea_orm::entity::prelude"]
        );
    }

    #[test]
    fn relative_paths_start_at_the_root() {
        assert_eq!(
            paths(
                "fn f() { super::super::http::go(self::x()) }",
                "engine::plan"
            ),
            ["crate::http::go", "crate::engine::plan::x"]
        );
        assert_eq!(
            paths("mod inner { use super::super::db; }", "engine::plan"),
            ["crate::engine::db"]
        );
    }

    #[test]
    fn macros_strings_and_test_code() {
        let source = "
            //! crate::http in a comment
            fn f() { if a != (b) { dbg!(\"orders\", r#\"tasks\"#); } }
            #[cfg(test)]
            mod tests { fn g() { crate::http::go() } }
            fn h() { crate::db::go() }
            #[cfg(test)] mod more;
            #[cfg(test)] use crate::http;
            const X: &str = \"after\";";
        let found = of(source, &[]).unwrap();
        let of_kind = |wanted: What| {
            let mention = found.iter().find(|mention| mention.what == wanted);
            mention.map(|mention| (mention.line, mention.in_test))
        };
        let path = |path: &str| What::Path(path.split("::").map(str::to_owned).collect());
        assert_eq!(of_kind(What::Macro("dbg".to_owned())), Some((3, false)));
        assert_eq!(of_kind(What::Text("orders".to_owned())), Some((3, false)));
        assert_eq!(of_kind(What::Text("tasks".to_owned())), Some((3, false)));
        assert_eq!(of_kind(path("crate::http::go")), Some((5, true)));
        assert_eq!(of_kind(path("crate::db::go")), Some((6, false)));
        assert_eq!(of_kind(path("crate::http")), Some((8, true)));
        assert_eq!(of_kind(What::Text("after".to_owned())), Some((9, false)));
        let macros = found
            .iter()
            .filter(|mention| matches!(mention.what, What::Macro(_)));
        assert_eq!(macros.count(), 1);
    }
}
