//! Declares searches, and what edges tell of them.

use async_graphql::dynamic::{Enum, Field, InputObject, InputValue, Object, TypeRef};

use super::{ARGUMENT, FoundField, HIGHLIGHT, HighlightField, Leg, Mode, RANKS, SearchField};
use crate::engine::catalog::{Searchable, Table};
use crate::engine::declare::{self, field};
use crate::engine::names::Named;

const TEXT_SEARCH: &str = "TextSearch";
const HYBRID_SEARCH: &str = "HybridSearch";
const MODE: &str = "SearchMode";

/// The argument of a list of rows that can be searched.
pub fn argument(table: &Table, searchable: &Searchable) -> InputValue {
    let of = match searchable.embedding {
        Some(_) => HYBRID_SEARCH,
        None => TEXT_SEARCH,
    };
    let texts = searchable.texts.iter();
    let texts = texts.map(|text| format!("`{}`", table.column(text.column).field));
    let texts: Vec<String> = texts.collect();
    InputValue::new(ARGUMENT, TypeRef::named(of)).description(format!(
        "Returns only the {} that match a search in {}, in the order of their score unless `orderBy` says otherwise. `where`, `totalCount`, `aggregate` and `groups` are about the rows that match.",
        table.nouns,
        texts.join(", ")
    ))
}

/// A search of rows without embeddings.
pub fn text_search() -> InputObject {
    let fields = SearchField::ALL.iter().filter(|one| one.is_about_text());
    let input = InputObject::new(TEXT_SEARCH).description("A search for words.");
    fields.fold(input, |input, &one| {
        let value = declare_field(one);
        input.field(match one {
            SearchField::Text => InputValue::new(one.name(), TypeRef::named_nn(TypeRef::STRING))
                .description(describe(one)),
            _ => value,
        })
    })
}

/// A search of rows with embeddings.
pub fn hybrid_search() -> InputObject {
    let input = InputObject::new(HYBRID_SEARCH).description(
        "A search for words, for rows with an embedding near another one, or for both.",
    );
    SearchField::ALL
        .iter()
        .fold(input, |input, &one| input.field(declare_field(one)))
}

fn declare_field(one: SearchField) -> InputValue {
    let of = match one {
        SearchField::Text => TypeRef::named(TypeRef::STRING),
        SearchField::Vector => TypeRef::named_nn_list(TypeRef::FLOAT),
        SearchField::Like => TypeRef::named(TypeRef::ID),
        SearchField::Mode => TypeRef::named(MODE),
        SearchField::Typos => TypeRef::named(TypeRef::BOOLEAN),
    };
    InputValue::new(one.name(), of).description(describe(one))
}

fn describe(one: SearchField) -> &'static str {
    match one {
        SearchField::Text => {
            "The words, as in a web search: all must occur; `or` stands between alternatives, `-` before what must not occur, and quotes around words that follow each other. Words match in all their forms, in the language of the workspace, and the last one may be unfinished. A text without a word matches no row. At most 500 characters."
        }
        SearchField::Vector => {
            "An embedding, with as many numbers as those of the rows have. Rows without one do not match."
        }
        SearchField::Like => {
            "The `id` of a row of this type: finds rows with an embedding near that of the row, without the row itself."
        }
        SearchField::Mode => {
            "How rows are found and ranked; by default HYBRID if `text` is given with `vector` or `like`, and otherwise by what is given."
        }
        SearchField::Typos => {
            "Whether a row also matches if its names and labels have a word similar to each one of `text`; true by default. Such rows come last, with a score below 1. It has no effect on a text with quotes, `or` or `-`, nor where PostgreSQL lacks the extension pg_trgm."
        }
    }
}

pub fn mode_type() -> Enum {
    declare::enumeration(MODE, "How rows are found and ranked.", |mode| match mode {
        Mode::Text => {
            "Rows that match the words. The score is 1 or more, and higher the more and the closer the words occur, and in names rather than in running text."
        }
        Mode::Vector => {
            "All rows with an embedding, by their cosine similarity, which is the score, from -1 to 1. In large workspaces, the first page is found with an approximate index."
        }
        Mode::Hybrid => {
            "The first 1000 rows of either ranking. The score adds 1 / (60 + rank) for each ranking that has the row (reciprocal rank fusion)."
        }
    })
}

/// The fields of an edge that tell how its row was found.
pub fn edge_fields() -> impl Iterator<Item = Field> {
    FoundField::ALL.iter().map(|&one| {
        let (of, description) = match one {
            FoundField::Score => (
                TypeRef::named(TypeRef::FLOAT),
                "How well the row matches the search; comparable only within one search. Null without one.",
            ),
            FoundField::Ranks => (
                TypeRef::named(RANKS),
                "The positions of the row in the rankings of a hybrid search; null in other lists.",
            ),
            FoundField::Highlights => (
                TypeRef::named_nn_list_nn(HIGHLIGHT),
                "The fields in which words of the search occur; empty without a search for words.",
            ),
        };
        field(one.name(), of, description)
    })
}

pub fn ranks() -> Object {
    let description = "The positions of a row in the two rankings of a hybrid search, from 1 on.";
    declare::object(RANKS, description, |leg| {
        let about = match leg {
            Leg::Text => "The position by words; null if it is not among the first 1000.",
            Leg::Vector => "The position by similarity; null if it is not among the first 1000.",
        };
        (TypeRef::named(TypeRef::INT), about)
    })
}

pub fn highlight() -> Object {
    let description = "A field in which words of a search occur.";
    declare::object(HIGHLIGHT, description, |one| match one {
        HighlightField::Field => (TypeRef::named_nn(TypeRef::STRING), "The name of the field."),
        HighlightField::Snippet => (
            TypeRef::named_nn(TypeRef::STRING),
            "The field, or parts of a long one, as HTML: the text is escaped, and the words stand in `<mark>`.",
        ),
    })
}
