//! The limits of one request, in one list: its name is that of the setting, and of the error.

use crate::error::{Code, Error};

/// Hands the list of all limits to a macro: name in the settings, name in the code, type, default,
/// bounds of the setting, variable, what is counted, what the setting means, and what to do when
/// it is met.
macro_rules! for_each_limit {
    ($callback:ident) => {
        $callback! {
            max_query_bytes QueryBytes: u64 = 131072, 1..=16777216, "TESSERA_MAX_QUERY_BYTES",
                "bytes", "Maximum size of a document in bytes",
                "Send a shorter document, and values as variables.";
            max_tokens Tokens: u64 = 10000, 1..=1000000, "TESSERA_MAX_TOKENS",
                "tokens", "Maximum number of tokens (names, values and punctuators) of a document",
                "Send a shorter document, and long lists as variables.";
            max_nesting Nesting: u64 = 128, 1..=128, "TESSERA_MAX_NESTING",
                "brackets inside each other", "Maximum nesting of brackets in a document",
                "Ask for fewer levels at once.";
            max_depth Depth: u64 = 30, 1..=100, "TESSERA_MAX_DEPTH",
                "levels with its fragments expanded",
                "Maximum depth of selections, with fragments expanded",
                "Ask for fewer levels at once.";
            max_fields Fields: u64 = 5000, 1..=1000000, "TESSERA_MAX_FIELDS",
                "fields with its fragments expanded",
                "Maximum number of fields of an operation, with fragments expanded",
                "Ask for less at once.";
            max_root_fields RootFields: u64 = 50, 1..=1000000, "TESSERA_MAX_ROOT_FIELDS",
                "fields at the root with its fragments expanded",
                "Maximum number of root fields of an operation, with fragments expanded",
                "Send several requests.";
            max_aliases Aliases: u64 = 100, 0..=1000000, "TESSERA_MAX_ALIASES",
                "aliases with its fragments expanded",
                "Maximum number of aliases of an operation, with fragments expanded",
                "Ask for several rows by one list with `where`, or send several requests.";
            max_directives Directives: u64 = 100, 0..=1000000, "TESSERA_MAX_DIRECTIVES",
                "directives", "Maximum number of directives of a document",
                "Put one directive on a fragment instead of one on each field.";
            max_directives_per_location DirectivesPerLocation: u64 = 5, 0..=1000000,
                "TESSERA_MAX_DIRECTIVES_PER_LOCATION",
                "directives at one place", "Maximum number of directives at one location of a document",
                "Give each directive once.";
            max_list_depth ListDepth: u64 = 7, 1..=100, "TESSERA_MAX_LIST_DEPTH",
                "lists inside each other", "Maximum nesting of lists of rows",
                "Ask for fewer levels at once.";
            max_schema_depth SchemaDepth: u64 = 3, 1..=100, "TESSERA_MAX_SCHEMA_DEPTH",
                "lists of the schema inside each other",
                "Maximum nesting of lists in an introspection query",
                "Ask for each type by `__type(name:)`.";
            max_schema_values SchemaValues: u64 = 300000, 1..=1000000000,
                "TESSERA_MAX_SCHEMA_VALUES",
                "values of the schema",
                "Maximum number of values in the response to an introspection query",
                "Ask for each type by `__type(name:)`.";
            max_variable_bytes VariableBytes: u64 = 524288, 1..=16777216,
                "TESSERA_MAX_VARIABLE_BYTES",
                "bytes in its variables", "Maximum number of bytes of keys and strings in the variables",
                "Send several requests.";
            max_variable_values VariableValues: u64 = 50000, 1..=1000000,
                "TESSERA_MAX_VARIABLE_VALUES",
                "values in its variables",
                "Maximum number of values in the variables, including those inside lists and objects",
                "Send several requests.";
            max_input_depth InputDepth: u64 = 50, 1..=100, "TESSERA_MAX_INPUT_DEPTH",
                "lists and objects inside each other in a value",
                "Maximum nesting of lists and objects in an argument or variable",
                "Say the same in a flatter way: `and`, `or` and `in` take lists.";
            max_conditions Conditions: u64 = 200, 1..=10000, "TESSERA_MAX_CONDITIONS",
                "conditions", "Maximum number of conditions in the filters of one operation",
                "Ask for several values of one field by `in`, or send several requests.";
            max_cost Cost: u64 = 200000, 1..=1000000000000, "TESSERA_MAX_COST",
                "rows of cost",
                "Maximum cost of one operation: rows that it may return or examine, statements and conditions",
                "Ask for smaller pages or fewer levels, for `countUpTo` instead of `totalCount`, and filter by a key. In a mutation write fewer rows, or lower `max`.";
            max_statements Statements: u64 = 250, 1..=10000, "TESSERA_MAX_STATEMENTS",
                "statements",
                "Maximum number of statements of one operation: the lists, counts and relations that it selects",
                "Ask for fewer lists, counts and relations at once.";
            max_page Page: u64 = 500, 1..=100000, "TESSERA_MAX_PAGE",
                "rows in one page", "Maximum number of rows of one page of a list",
                "Ask for less and page on with `after`.";
            max_written_rows WrittenRows: u64 = 10000, 1..=1000000, "TESSERA_MAX_WRITTEN_ROWS",
                "rows to write",
                "Maximum number of rows that one mutation writes as far as its input says",
                "Send several requests.";
            max_answer_bytes AnswerBytes: u64 = 16777216, 1024..=1073741824,
                "TESSERA_MAX_ANSWER_BYTES",
                "bytes", "Maximum number of bytes of a response, and of the data that is read for it",
                "Ask for smaller pages, or for fewer long values at once.";
        }
    };
}
pub(crate) use for_each_limit;

macro_rules! limits {
    ($($name:ident $variant:ident: $type:ty = $default:literal, $bounds:expr, $variable:literal,
        $unit:literal, $meaning:literal, $advice:literal;)*) => {
        /// The limits that one request must keep.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Limits {
            $(#[doc = $meaning] pub $name: $type,)*
            /// Rows of a page if the query gives no number; never more than `max_page`.
            pub default_page: u64,
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($name: $default,)* default_page: DEFAULT_PAGE }
            }
        }

        /// One of the limits.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Limit {
            $(#[doc = $meaning] $variant,)*
        }

        impl Limit {
            /// All of them, in the order of the settings.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name of the setting.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => stringify!($name),)* }
            }

            fn texts(self) -> (&'static str, &'static str) {
                match self { $(Self::$variant => ($unit, $advice),)* }
            }
        }

        impl Limits {
            /// What a limit is set to.
            pub fn of(&self, limit: Limit) -> u64 {
                match limit { $(Limit::$variant => self.$name,)* }
            }
        }
    };
}

/// Rows of a page if neither the query nor the settings give a number.
pub const DEFAULT_PAGE: u64 = 25;

for_each_limit!(limits);

impl Limits {
    /// Compares what was counted with a limit.
    ///
    /// # Errors
    /// As [`Self::exceeded`].
    pub fn hold(&self, limit: Limit, cost: u64) -> Result<(), Error> {
        if cost <= self.of(limit) {
            return Ok(());
        }
        Err(self.exceeded(limit, cost))
    }

    /// `QUERY_TOO_EXPENSIVE` with the limit's name, its value and what was counted. Some counts
    /// stop when they pass the limit, so the message says how far they came.
    pub fn exceeded(&self, limit: Limit, cost: u64) -> Error {
        let (name, max) = (limit.name(), self.of(limit));
        let (unit, advice) = limit.texts();
        let message =
            format!("The request comes to {cost} {unit}; `{name}` allows {max}. {advice}");
        Error::new(Code::QueryTooExpensive, message)
            .with("name", name)
            .with("cost", cost)
            .with("limit", max)
    }
}
