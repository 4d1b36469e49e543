//! A section of the settings: one list of fields for flags, environment variables and file.

/// Declares a struct whose fields are all optional and can be read from flags, variables and a
/// TOML file. Every field carries its `#[arg(..)]` with the variable; the key in the file is the
/// name of the field.
macro_rules! section {
    (
        $(#[$attribute:meta])*
        pub struct $name:ident {
            $($(#[$field_attribute:meta])* $field:ident: $type:ty,)*
        }
    ) => {
        #[derive(clap::Args, Clone, Debug, Default, serde::Deserialize)]
        $(#[$attribute])*
        pub struct $name {
            $($(#[$field_attribute])* pub $field: Option<$type>,)*
        }

        impl $name {
            /// The keys of the section in a file.
            pub(super) const KEYS: &'static [&'static str] = &[$(stringify!($field)),*];

            /// What is set here, and otherwise what is set in `below`.
            pub(super) fn over(&self, below: Self) -> Self {
                Self { $($field: self.$field.clone().or(below.$field),)* }
            }
        }
    };
}

pub(super) use section;
