//! The rules of `cargo xtask tidy` as data. ARCHITECTURE.md gives the reasons; a new rule is a new line here.

/// Folders with hand-written source. `entity` is generated and keeps codegen's rules instead.
pub const HAND_WRITTEN: &[&str] = &["benches", "examples", "migration", "src", "tests", "xtask"];

/// A file that needs more than this holds more than one thing.
pub const LONGEST_FILE: usize = 600;

/// Notes to oneself belong into an issue. Joined here, so that this file does not break its own rule.
pub const NOTES: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME")];

/// Macros that mark unfinished work or were left behind while looking for a mistake.
pub const UNFINISHED: &[&str] = &["dbg", "todo", "unimplemented"];

/// What the production code of a folder must not mention.
pub struct Arrow {
    pub folder: &'static str,
    /// Paths, with everything below them. A lone name is a crate or a keyword.
    pub forbidden: &'static [&'static str],
    pub because: &'static str,
}

const BLOCKING: &[&str] = &["async", "await", "crate::db"];
const PURE: &str = "planning is pure and synchronous: what needs the database belongs into load";

pub const ARROWS: &[Arrow] = &[
    Arrow {
        folder: "src/engine",
        forbidden: &[
            "crate::app",
            "crate::auth",
            "crate::config",
            "crate::http",
            "crate::import",
            "crate::operations",
            "entity",
        ],
        because: "the engine serves any model: app.rs hands the entities and operations in, and a session comes by argument",
    },
    Arrow {
        folder: "src/engine/connection",
        forbidden: BLOCKING,
        because: PURE,
    },
    Arrow {
        folder: "src/engine/filter",
        forbidden: BLOCKING,
        because: PURE,
    },
    Arrow {
        folder: "src/engine/order",
        forbidden: BLOCKING,
        because: PURE,
    },
    Arrow {
        folder: "src/engine/plan",
        forbidden: BLOCKING,
        because: PURE,
    },
    Arrow {
        folder: "src/engine/root",
        forbidden: BLOCKING,
        because: PURE,
    },
    Arrow {
        folder: "src/engine/row",
        forbidden: BLOCKING,
        because: PURE,
    },
    Arrow {
        folder: "src/engine/scalar",
        forbidden: BLOCKING,
        because: PURE,
    },
    Arrow {
        folder: "src/db",
        forbidden: &[
            "crate::app",
            "crate::auth",
            "crate::config",
            "crate::engine",
            "crate::guard",
            "crate::http",
            "crate::import",
            "crate::operations",
        ],
        because: "the database layer is at the bottom and calls nobody back",
    },
    Arrow {
        folder: "src/auth",
        forbidden: &[
            "axum",
            "crate::app",
            "crate::config",
            "crate::engine",
            "crate::guard",
            "crate::http",
            "crate::import",
            "crate::operations",
        ],
        because: "auth turns a token into a session and knows neither the web server nor what is asked",
    },
    Arrow {
        folder: "src/guard",
        forbidden: &[
            "axum",
            "crate::app",
            "crate::config",
            "crate::db",
            "crate::http",
            "crate::import",
            "crate::operations",
        ],
        because: "the guard judges a parsed document before anything is fetched",
    },
    Arrow {
        folder: "src/documents",
        forbidden: &[
            "axum",
            "crate::app",
            "crate::config",
            "crate::db",
            "crate::http",
            "crate::import",
        ],
        because: "documents are found and read here, and nothing is fetched for them",
    },
    Arrow {
        folder: "src/rate",
        forbidden: &[
            "axum",
            "crate::app",
            "crate::config",
            "crate::db",
            "crate::http",
            "crate::import",
        ],
        because: "a limit knows whose units it counts, never the request they came in",
    },
    Arrow {
        folder: "src/http",
        forbidden: &["crate::app", "crate::cli", "crate::config"],
        because: "http owns its options: config reads flags and file into them, and the command passes them on",
    },
    Arrow {
        folder: "src/telemetry",
        forbidden: &[
            "crate::app",
            "crate::cli",
            "crate::config",
            "crate::engine",
            "crate::http",
        ],
        because: "telemetry owns its options, and everybody reports to it: it calls nobody back",
    },
    Arrow {
        folder: "src/operations",
        forbidden: &["axum", "crate::app", "crate::http", "crate::import"],
        because: "an operation sees a session and its arguments, never the request they came in",
    },
];

/// Only this folder may hold a pool, so that no statement escapes the role and settings set there.
pub const POOL_OWNER: &str = "src/db";
pub const POOLS: &[&str] = &["DatabaseConnection", "PgPool", "PgPoolOptions"];

/// This folder names no table of the model in a string.
pub const NAMES_NO_TABLE: &str = "src/engine";

/// Names of tables that the engine may say because the API itself uses the word: `viewer` has a field
/// of this name in every model.
pub const ALSO_A_FIELD: &[&str] = &["workspaces"];

/// Where the names of the tables stand.
pub const FACTS: &str = "entity/src/facts.rs";
