//! Names of the API as names of the code, so that what declares a name and what reads it share one
//! enum, and a name that is declared and not read does not compile.

/// A closed set of names: the fields of a type, the arguments of a field, the values of an enum.
pub trait Named: Copy + 'static {
    /// All of them, in the order of the schema.
    const ALL: &'static [Self];

    fn name(self) -> &'static str;

    fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.name() == name)
    }
}

/// Makes an enum of names.
macro_rules! names {
    ($(#[$about:meta])* $type:ident { $($(#[$each:meta])* $one:ident = $name:expr),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $type { $($(#[$each])* $one,)+ }

        impl $type {
            /// The name in the API.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$one => $name,)+ }
            }
        }

        impl $crate::engine::names::Named for $type {
            const ALL: &'static [Self] = &[$(Self::$one,)+];

            fn name(self) -> &'static str {
                Self::name(self)
            }
        }
    };
}
pub(crate) use names;

/// The field that every object type has.
pub const TYPE_NAME: &str = "__typename";

names! {
    /// The fields of the root type that ask about the schema.
    SchemaField { Schema = "__schema", Type = "__type" }
}
