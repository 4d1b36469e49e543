//! The TOML file with settings. Its keys are the names of the flags with `_` for `-`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::de::DeserializeOwned;

/// The text of a file whose keys are all known.
#[derive(Debug, Default)]
pub(super) struct File {
    name: String,
    text: String,
}

impl File {
    /// Reads a file and checks its keys.
    ///
    /// # Errors
    /// A sentence with the file and the line.
    pub(super) fn read(path: &Path, keys: &[&[&str]]) -> Result<Self, String> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| format!("cannot read the settings in {}: {error}", path.display()))?;
        let file = Self {
            name: path.display().to_string(),
            text,
        };
        let members: BTreeMap<toml::Spanned<String>, toml::Value> = file.parse()?;
        for key in members.keys() {
            if !keys.iter().any(|keys| keys.contains(&&**key.get_ref())) {
                let mut known: Vec<&str> = keys.concat();
                known.sort_unstable();
                let hint = match nearest(key.get_ref(), &known) {
                    Some(name) => format!("did you mean `{name}`?"),
                    None => format!("the settings are {}", known.join(", ")),
                };
                return Err(format!(
                    "{}, line {}: there is no setting `{}`; {hint}",
                    file.name,
                    file.line(key.span().start),
                    key.get_ref(),
                ));
            }
        }
        Ok(file)
    }

    /// The settings of one section.
    ///
    /// # Errors
    /// A sentence with the file and the line when a value is of another type.
    pub(super) fn section<T: DeserializeOwned>(&self) -> Result<T, String> {
        self.parse()
    }

    fn parse<T: DeserializeOwned>(&self) -> Result<T, String> {
        toml::from_str(&self.text).map_err(|error| {
            let line = error.span().map_or(1, |span| self.line(span.start));
            format!("{}, line {line}: {}", self.name, error.message())
        })
    }

    fn line(&self, offset: usize) -> usize {
        self.text[..offset].matches('\n').count() + 1
    }
}

/// The known name that an unknown one was probably meant to be.
fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let name = name.to_lowercase().replace('-', "_");
    // A third of the letters may be wrong.
    let most = (name.chars().count() / 3).max(1);
    let distances = known
        .iter()
        .map(|&known| (strsim::damerau_levenshtein(&name, known), known));
    let (distance, nearest) = distances.min()?;
    (distance <= most).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn read(text: &str) -> Result<File, String> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        File::read(file.path(), &[&["listen"], &["pool_size"]])
    }

    #[test]
    fn an_unknown_key_is_told_with_its_line_and_what_there_is() {
        let error = read("listen = \"a\"\n\npol_size = 3\n").unwrap_err();
        assert!(
            error.contains("line 3: there is no setting `pol_size`; did you mean `pool_size`?")
        );
        let error = read("database = 1\n").unwrap_err();
        assert!(error.contains(
            "line 1: there is no setting `database`; the settings are listen, pool_size"
        ));
    }

    #[test]
    fn the_nearest_name_is_the_one_that_is_meant() {
        let known = ["cors_header", "cors_origin", "listen", "log", "pool_size"];
        for (name, expected) in [
            ("pool-size", Some("pool_size")),
            ("poolsize", Some("pool_size")),
            ("PoolSize", Some("pool_size")),
            ("cors_orgins", Some("cors_origin")),
            ("cors_headers", Some("cors_header")),
            ("lsiten", Some("listen")),
            ("lag", Some("log")),
            ("http", None),
            ("password", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, &known), expected, "{name}");
        }
    }

    #[test]
    fn a_value_of_another_type_is_told_with_its_line() {
        #[derive(Debug, serde::Deserialize)]
        struct Section {
            #[serde(rename = "pool_size")]
            _pool_size: Option<u32>,
        }
        let file = read("listen = \"a\"\npool_size = \"many\"\n").unwrap();
        let error = file.section::<Section>().unwrap_err();
        assert!(error.contains("line 2: "), "{error}");
    }

    #[test]
    fn what_is_no_toml_is_told_with_its_line() {
        let error = read("listen = \"a\"\n= 3\n").unwrap_err();
        assert!(error.contains("line 2: "), "{error}");
    }
}
