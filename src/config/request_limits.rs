//! Settings of the limits of one request.

use super::section::section;
use crate::guard::{DEFAULT_PAGE, Limits, for_each_limit};

macro_rules! flags {
    ($($name:ident $variant:ident: $type:ty = $default:literal, $bounds:expr, $variable:literal,
        $unit:literal, $meaning:literal, $advice:literal;)*) => {
        section! {
            /// Flags of limits.
            #[command(next_help_heading = "Limits of a request")]
            pub struct LimitFlags {
                $(#[arg(long, global = true, env = $variable, value_name = "NUMBER",
                    help = concat!($meaning, " [default: ", $default, "]"))]
                $name: $type,)*
                /// Rows of a page if the query gives no number [default: 25].
                #[arg(long, global = true, env = "TESSERA_DEFAULT_PAGE", value_name = "NUMBER")]
                default_page: u64,
            }
        }

        impl LimitFlags {
            pub(super) fn check(self) -> Result<Limits, String> {
                let mut limits = Limits {
                    $($name: super::between(stringify!($name), self.$name, $default, $bounds)?,)*
                    default_page: DEFAULT_PAGE,
                };
                let largest = limits.max_page;
                // Without a number of its own it gives way to a smaller page.
                let default = DEFAULT_PAGE.min(largest);
                limits.default_page =
                    super::between("default_page", self.default_page, default, 1..=largest)?;
                Ok(limits)
            }
        }

        #[cfg(test)]
        const ROWS: &[(&str, &str, u64)] = &[$((stringify!($name), $variable, $default)),*];
    };
}

for_each_limit!(flags);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_tells_every_limit_with_its_default() {
        let page = include_str!("../../docs/configuration.md");
        for (name, variable, default) in ROWS {
            let row = format!(
                "| `--{}` | `{variable}` | {default} |",
                name.replace('_', "-")
            );
            assert!(
                page.contains(&row),
                "docs/configuration.md lacks the row {row}"
            );
        }
        assert!(page.contains("| `--default-page` | `TESSERA_DEFAULT_PAGE` | 25 |"));
    }

    #[test]
    fn without_settings_the_limits_are_the_defaults() {
        assert_eq!(LimitFlags::default().check(), Ok(Limits::default()));
        let small = LimitFlags {
            max_page: Some(10),
            ..LimitFlags::default()
        };
        assert_eq!(small.check().map(|limits| limits.default_page), Ok(10));
    }

    #[test]
    fn a_limit_out_of_bounds_is_refused_by_name() {
        let deep = LimitFlags {
            max_nesting: Some(129),
            ..LimitFlags::default()
        };
        assert!(deep.check().unwrap_err().contains("max_nesting is 129"));
        let page = LimitFlags {
            default_page: Some(501),
            ..LimitFlags::default()
        };
        assert!(page.check().unwrap_err().contains("default_page is 501"));
    }
}
