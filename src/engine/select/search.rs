//! Searches: what rows are found by, and how their scores and ranks are written.
//!
//! `search.rs` of the migrations says what the columns and functions of the database are.

use std::fmt::Write;
use std::mem;

use super::joins::Join;
use super::parameters::Slot;
use super::render::{Alias, Renderer};
use super::shape::Leaf;
use super::{Keys, Output, Predicate, Scoped, Select, scoped};
use crate::engine::catalog::{ColumnId, Kind};
use crate::engine::search::{Leg, Mode};
use crate::sql::Value;

/// Rows of each ranking that a hybrid search takes.
const MOST_RANKED: u64 = 1000;
/// The constant of reciprocal rank fusion, from the paper that introduced it.
const FUSION: u64 = 60;

/// The name of what the words are read as.
const SOUGHT: &str = "sought";

/// Stand before and behind a marked word of a snippet: characters that Unicode gives no meaning.
pub const MARK_START: char = '\u{E000}';
pub const MARK_END: char = '\u{E001}';

/// What is sought. `V` stands for its values.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Search<V = Value> {
    /// Words.
    pub text: Option<V>,
    /// Whether names match with typos.
    pub typos: bool,
    /// An embedding that those of the rows are near to.
    pub near: Option<Nearest<V>>,
    /// Whether the nearest rows are found by looking at all of them. An index may miss some.
    pub exact: bool,
}

/// The embedding that is sought.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Nearest<V = Value> {
    Vector(V),
    /// That of the row with this key.
    Like(V),
}

impl<V> Nearest<V> {
    pub fn value(&self) -> &V {
        match self {
            Self::Vector(value) | Self::Like(value) => value,
        }
    }
}

impl<V> Search<V> {
    pub fn mode(&self) -> Mode {
        match (&self.text, &self.near) {
            (Some(_), Some(_)) => Mode::Hybrid,
            (None, Some(_)) => Mode::Vector,
            _ => Mode::Text,
        }
    }

    /// The search with something else for each value.
    pub fn map<'s, W>(&'s self, mut with: impl FnMut(&'s V) -> W) -> Search<W> {
        Search {
            text: self.text.as_ref().map(&mut with),
            typos: self.typos,
            near: self.near.as_ref().map(|near| match near {
                Nearest::Vector(value) => Nearest::Vector(with(value)),
                Nearest::Like(value) => Nearest::Like(with(value)),
            }),
            exact: self.exact,
        }
    }

    /// What it costs to look at a row, in conditions. An embedding has to be read and computed with.
    pub fn looks(&self) -> u64 {
        let text = self.text.as_ref().map_or(0, |_| 2);
        let near = self.near.as_ref().map_or(0, |_| 20);
        text + near
    }

    pub fn values(&self) -> impl Iterator<Item = &V> {
        let near = self.near.iter().map(Nearest::value);
        self.text.iter().chain(near)
    }
}

/// The search of a statement, and what belongs to it.
#[derive(Clone)]
pub(super) struct Searching {
    search: Search<Leaf>,
    from: Scoped,
    /// The other conditions on the rows.
    filter: Vec<Predicate<Leaf>>,
    keys: SearchKeys,
    /// The name of the fused rankings, once they are joined.
    fused: Option<Alias>,
}

/// How the rows that are ranked belong to keys.
#[derive(Clone, Copy)]
pub(super) enum SearchKeys {
    None,
    /// Each key has rankings of its own.
    Among(ColumnId),
    /// The same, whatever the keys are.
    Apart(ColumnId),
    /// They are ranked for one key at a time.
    Each(ColumnId),
}

impl Searching {
    pub(super) fn of(select: &Select<Leaf, Slot>) -> Option<Self> {
        let search = select.filter.iter().find_map(find)?.clone();
        let filter = select.filter.iter();
        let filter = filter.filter(|one| !matches!(one, Predicate::After { .. }));
        let by_row = match &select.output {
            Output::Columns(_) | Output::CountUpTo(_) => true,
            Output::Aggregates(_) | Output::Groups { .. } | Output::Walk(_) => false,
        };
        Some(Self {
            search,
            from: select.from,
            filter: filter.cloned().collect(),
            keys: keys(&select.keys, by_row),
            fused: None,
        })
    }
}

fn keys(keys: &Keys, by_row: bool) -> SearchKeys {
    match keys {
        Keys::None => SearchKeys::None,
        Keys::Among(column) | Keys::PageOf(column) => match by_row {
            true => SearchKeys::Each(*column),
            false => SearchKeys::Among(*column),
        },
        // The keys of the statement are those of the groups.
        Keys::InGroups(_, of) => match self::keys(of, false) {
            SearchKeys::Among(column) => SearchKeys::Apart(column),
            other => other,
        },
    }
}

/// The search among the conditions that all must hold.
fn find(predicate: &Predicate<Leaf>) -> Option<&Search<Leaf>> {
    match predicate {
        Predicate::Search(search) => Some(search),
        Predicate::All(parts) => parts.iter().find_map(find),
        _ => None,
    }
}

impl Renderer<'_> {
    /// The condition that a row is found.
    pub(super) fn found(&mut self, search: &Search<Leaf>) -> String {
        match search.mode() {
            // In the rankings of a hybrid search, each has a condition of its own.
            _ if self.ranks => "true".to_owned(),
            Mode::Text => self.has_words(search),
            Mode::Vector => self.has_embedding(search),
            Mode::Hybrid => {
                let fused = self.fused();
                format!("{fused}.score is not null")
            }
        }
    }

    /// The score of a row.
    pub(super) fn score(&mut self, mode: Mode) -> String {
        match mode {
            Mode::Text => self.score_of_words(),
            Mode::Vector => format!("(1 - {})", self.distance()),
            Mode::Hybrid => {
                let fused = self.fused();
                format!("{fused}.score")
            }
        }
    }

    /// The position of a row in one of the rankings.
    pub(super) fn rank(&mut self, leg: Leg) -> String {
        let fused = self.fused();
        match leg {
            Leg::Text => format!("{fused}.text_rank"),
            Leg::Vector => format!("{fused}.vector_rank"),
        }
    }

    /// A text with its words marked, or parts of it if it is long.
    pub(super) fn snippet(&mut self, column: ColumnId) -> String {
        if self.sought().is_none() {
            return "null::text".to_owned();
        }
        let alias = self.alias;
        let text = self.column(column);
        let searchable = self.table.search.as_ref();
        let mut texts = searchable.into_iter().flat_map(|one| &one.texts);
        let parts = match texts.any(|text| text.column == column && text.is_long) {
            true => "MaxFragments=2, MinWords=8, MaxWords=24, FragmentDelimiter=\" … \"",
            false => "HighlightAll=true",
        };
        format!(
            "ts_headline({alias}.search_language, translate({text}, '{MARK_START}{MARK_END}', ''), (select words from {SOUGHT}), 'StartSel={MARK_START}, StopSel={MARK_END}, {parts}')"
        )
    }

    /// The words as a parameter.
    fn sought(&mut self) -> Option<String> {
        let words = self.searching.as_ref()?.search.text?;
        Some(self.parameters.repeated(words))
    }

    /// What stands in front of a statement that searches for words: what they are read as, so that
    /// they are read once.
    pub(super) fn reading_words(&mut self) -> Option<String> {
        let words = self.sought()?;
        Some(format!(
            "with {SOUGHT} as materialized (select app.search_query({words}) as words, app.search_condition({words}) as condition, app.search_words({words}) as typed)\n"
        ))
    }

    fn has_words(&mut self, search: &Search<Leaf>) -> String {
        if self.sought().is_none() {
            return "false".to_owned();
        }
        let alias = self.alias;
        let exactly = format!("{alias}.search @@ (select condition from {SOUGHT})");
        match search.typos {
            true => format!(
                "({exactly} or app.is_similar({alias}.search_names, (select typed[1] from {SOUGHT}), (select typed from {SOUGHT})))"
            ),
            false => exactly,
        }
    }

    /// At least 1 for a row with the words, so that one with typos comes later.
    fn score_of_words(&mut self) -> String {
        if self.sought().is_none() {
            return "null::float8".to_owned();
        }
        let alias = self.alias;
        let typos = self.searching.as_ref().is_some_and(|one| one.search.typos);
        let query = format!("(select words from {SOUGHT})");
        // Longer texts count their words for less.
        let rank = format!("1 + ts_rank({alias}.search, {query}, 1)");
        match typos {
            true => format!(
                "(case when {alias}.search @@ {query} then {rank} else 0.99 * app.similarity({alias}.search_names, (select typed from {SOUGHT})) end)::float8"
            ),
            false => format!("({rank})::float8"),
        }
    }

    fn has_embedding(&mut self, search: &Search<Leaf>) -> String {
        let own = self.embedding();
        match &search.near {
            Some(Nearest::Like(id)) => {
                let id = self.parameters.of(*id, Kind::Uuid);
                let alias = self.alias;
                let other = self.near();
                format!("({own} is not null and {other} is not null and {alias}.\"id\" <> {id})")
            }
            _ => format!("{own} is not null"),
        }
    }

    /// The cosine distance of a row, from 0 to 2.
    pub(super) fn distance(&mut self) -> String {
        let own = self.embedding();
        let near = self.near();
        let exact = self.searching.as_ref().is_none_or(|one| one.search.exact);
        match exact {
            // The distance of a vector of zeros is none, which counts as the greatest. An order by
            // such a term does not use the index.
            true => format!("least({own} <=> {near}, 2)"),
            false => format!("({own} <=> {near})"),
        }
    }

    /// The embedding of the row.
    fn embedding(&mut self) -> String {
        let embedding = self.table.search.as_ref().and_then(|one| one.embedding);
        let Some(embedding) = embedding else {
            return "null::vector".to_owned();
        };
        match embedding.relation {
            None => self.column(embedding.column),
            Some(relation) => self.of_related(relation, |to| to.column(embedding.column)),
        }
    }

    /// The embedding that is sought.
    fn near(&mut self) -> String {
        let near = self
            .searching
            .as_ref()
            .and_then(|one| one.search.near.clone());
        match near {
            None => "null::vector".to_owned(),
            Some(Nearest::Vector(value)) => self.parameters.vector(value),
            Some(Nearest::Like(id)) => {
                let Some(from) = self.searching.as_ref().map(|one| one.from) else {
                    return "null::vector".to_owned();
                };
                let joins = mem::take(&mut self.joins);
                let alias = self.new_alias();
                let frame = self.enter(self.catalog.table(from.table()), alias);
                let (table, mut conditions) = self.mention(scoped(from.table()));
                let id = self.parameters.of(id, Kind::Uuid);
                conditions.push(format!("{alias}.\"id\" = {id}"));
                let embedding = self.embedding();
                let joined = self.take_joins();
                self.leave(frame);
                self.joins = joins;
                let conditions = conditions.join(" and ");
                format!("(select {embedding} from {table}{joined} where {conditions})")
            }
        }
    }

    /// The name of the two rankings, fused and joined to the rows.
    fn fused(&mut self) -> Alias {
        if let Some(alias) = self.searching.as_ref().and_then(|one| one.fused) {
            return alias;
        }
        let alias = self.new_alias();
        let Some(searching) = self.searching.clone() else {
            return alias;
        };
        let [text, vector] = [Leg::Text, Leg::Vector].map(|leg| self.ranking(leg, &searching));
        self.searching = Some(Searching {
            fused: Some(alias),
            ..searching
        });
        let table = format!(
            "(\nselect l.id, sum(1 / ({FUSION} + l.n)::float8) as score, max(l.n) filter (where l.leg = 1)::integer as text_rank, max(l.n) filter (where l.leg = 2)::integer as vector_rank\nfrom (\n{text}\nunion all\n{vector}\n) l\ngroup by l.id\n) {alias}"
        );
        let on = format!("{alias}.id = {}.\"id\"", self.alias);
        self.joins.push(Join::fused(self.alias, alias, table, on));
        alias
    }

    /// The first rows of one ranking.
    fn ranking(&mut self, leg: Leg, searching: &Searching) -> String {
        let Searching {
            search,
            from,
            filter,
            keys,
            ..
        } = searching;
        let joins = mem::take(&mut self.joins);
        let by_row = mem::replace(&mut self.by_row, false);
        let ranks = mem::replace(&mut self.ranks, true);
        let alias = self.new_alias();
        let frame = self.enter(self.catalog.table(from.table()), alias);
        let (table, mut conditions) = self.mention(*from);
        let partition = match *keys {
            SearchKeys::None => String::new(),
            SearchKeys::Among(column) => {
                let key = self.parent_key(column);
                conditions.push(key.is_among());
                format!("partition by {} ", key.id())
            }
            SearchKeys::Apart(column) => format!("partition by {} ", self.column(column)),
            SearchKeys::Each(column) => {
                conditions.push(self.parent_key(column).is_one());
                String::new()
            }
        };
        for predicate in filter {
            let predicate = self.predicate(predicate);
            if predicate != "true" {
                conditions.push(predicate);
            }
        }
        let (number, condition, order) = match leg {
            Leg::Text => (1, self.has_words(search), self.score_of_words() + " desc"),
            Leg::Vector => (2, self.has_embedding(search), self.distance()),
        };
        conditions.push(condition);
        let joined = self.take_joins();
        self.leave(frame);
        self.joins = joins;
        self.by_row = by_row;
        self.ranks = ranks;
        let mut text = String::new();
        let conditions = conditions.join(" and ");
        let _ = write!(
            text,
            "select * from (\nselect {alias}.\"id\" as id, row_number() over ({partition}order by {order}, {alias}.\"id\") as n, {number} as leg\nfrom {table}{joined}\nwhere {conditions}\n) r where n <= {MOST_RANKED}"
        );
        text
    }
}
