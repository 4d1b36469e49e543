//! Searches: lists whose rows match words, are near an embedding, or both.

mod highlight;
mod read;
mod schema;

use super::names::names;

pub use self::highlight::highlighted;
pub use self::read::{mode, order, read};
pub use self::schema::{
    argument, edge_fields, highlight, hybrid_search, mode_type, ranks, text_search,
};

/// The argument of a list that says what is sought.
pub const ARGUMENT: &str = "search";

names! {
    /// The fields of a search.
    SearchField {
        Text = "text",
        Vector = "vector",
        Like = "like",
        Mode = "mode",
        Typos = "typos",
    }
}

impl SearchField {
    /// Whether it is about words, which every searchable table has.
    fn is_about_text(self) -> bool {
        matches!(self, Self::Text | Self::Typos)
    }
}

names! {
    /// How rows are found and ranked.
    Mode { Text = "TEXT", Vector = "VECTOR", Hybrid = "HYBRID" }
}

impl Mode {
    /// Whether words are looked for.
    pub fn has_text(self) -> bool {
        self != Self::Vector
    }
}

names! {
    /// The fields of an edge that tell how its row was found.
    FoundField { Score = "score", Ranks = "ranks", Highlights = "highlights" }
}

names! {
    /// The two rankings of a hybrid search.
    Leg { Text = "text", Vector = "vector" }
}

names! { HighlightField { Field = "field", Snippet = "snippet" } }

/// The type of the ranks of a row.
pub const RANKS: &str = "SearchRanks";
/// The type of a highlight.
pub const HIGHLIGHT: &str = "SearchHighlight";
