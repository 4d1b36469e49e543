//! The TOML file with settings. Its keys are the names of the flags with `_` for `-`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::de::DeserializeOwned;

/// Most names of one proposal.
const MOST: usize = 3;

/// What is set in another way than its name suggests.
const ELSEWHERE: [(&str, &str); 1] = [(
    "jwt_secret",
    "name a file that holds the secret with `jwt_secret_file`, or set the environment variable TESSERA_JWT_SECRET to the secret itself",
)];

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
                let known: Vec<&str> = keys.concat();
                return Err(format!(
                    "{}, line {}: there is no setting `{}`; {}",
                    file.name,
                    file.line(key.span().start),
                    key.get_ref(),
                    proposal(key.get_ref(), &known),
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
            let span = error.span().unwrap_or_default();
            let (name, line) = (&self.name, self.line(span.start));
            let what = match self.member(span.start) {
                Some((key, given)) => of_value(&key, &given, error.message()),
                None if error.message().contains("duplicate key") => {
                    let key = self.text.get(span).unwrap_or_default();
                    format!("`{key}` is set twice; remove one of the two")
                }
                None => error.message().to_owned(),
            };
            format!("{name}, line {line}: {what}")
        })
    }

    /// The key whose value stands at an offset, and the value; none in what is not TOML.
    fn member(&self, offset: usize) -> Option<(String, String)> {
        type Members = BTreeMap<toml::Spanned<String>, toml::Spanned<toml::Value>>;
        let members: Members = toml::from_str(&self.text).ok()?;
        let mut members = members.into_iter();
        let (key, value) = members.find(|(_, value)| value.span().contains(&offset))?;
        let given = match value.get_ref() {
            // They may hold an address with a password.
            toml::Value::Array(_) => "a list".to_owned(),
            toml::Value::Table(_) => "a table".to_owned(),
            one => one.to_string(),
        };
        Some((key.into_inner(), given))
    }

    fn line(&self, offset: usize) -> usize {
        self.text[..offset].matches('\n').count() + 1
    }
}

/// What a key takes instead of its value.
fn of_value(key: &str, given: &str, message: &str) -> String {
    let takes = match message.rsplit_once("expected ") {
        Some((_, "a boolean")) => "true or false",
        Some((_, "path string")) => "a string",
        Some((_, "f64")) => "a number",
        Some((_, "u32")) => "a whole number from 0 to 4294967295",
        Some((_, "u64" | "usize")) => "a whole number that is not negative",
        Some((_, expected)) => expected,
        None if message.starts_with("a ") => message,
        None => return format!("`{key}`: {message}"),
    };
    format!("`{key}` takes {takes}, not {given}")
}

/// What to do about a key that does not exist.
fn proposal(key: &str, known: &[&str]) -> String {
    if let Some((_, advice)) = ELSEWHERE.iter().find(|(name, _)| *name == key) {
        return (*advice).to_owned();
    }
    let names: Vec<String> = nearest(key, known)
        .iter()
        .map(|name| format!("`{name}`"))
        .collect();
    match &names[..] {
        [] => "`tessera --help` lists the settings".to_owned(),
        names => format!("did you mean {}?", names.join(" or ")),
    }
}

/// The known names that an unknown one was probably meant to be.
fn nearest<'a>(name: &str, known: &[&'a str]) -> Vec<&'a str> {
    let name = name.to_lowercase().replace('-', "_");
    // A third of the letters may be wrong.
    let most = (name.chars().count() / 3).max(1);
    let distances = known
        .iter()
        .map(|&known| (strsim::damerau_levenshtein(&name, known), known));
    if let Some((distance, nearest)) = distances.min()
        && distance <= most
    {
        return vec![nearest];
    }
    let known = known.iter().copied();
    let mut longer: Vec<&str> = known.filter(|known| is_short_for(&name, known)).collect();
    longer.sort_unstable_by_key(|known| (known.len(), *known));
    longer.truncate(MOST);
    longer
}

/// Whether a name is the beginning of a known one, or its letters with some left out.
fn is_short_for(name: &str, known: &str) -> bool {
    let rest = known.strip_prefix(name);
    let begins = rest.is_some_and(|rest| rest.starts_with('_'));
    let mut letters = known.chars();
    let in_order = name.chars().all(|one| letters.any(|letter| letter == one));
    let same_start = name.chars().next() == known.chars().next();
    let abbreviates = in_order && same_start && 2 * name.len() > known.len();
    name.len() > 2 && (begins || abbreviates)
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
            "line 1: there is no setting `database`; `tessera --help` lists the settings"
        ));
        let error = read("jwt_secret = \"x\"\n").unwrap_err();
        assert!(error.contains("`jwt_secret`; name a file that holds the secret with"));
        assert!(error.contains("TESSERA_JWT_SECRET"));
    }

    #[test]
    fn a_key_that_stands_twice_is_named() {
        let error = read("listen = \"a\"\npool_size = 1\npool_size = 2\n").unwrap_err();
        assert!(
            error.contains("line 3: `pool_size` is set twice; remove one of the two"),
            "{error}"
        );
    }

    #[test]
    fn the_nearest_name_is_the_one_that_is_meant() {
        let known = [
            "cors_header",
            "cors_origin",
            "database_url",
            "listen",
            "log",
            "log_format",
            "pool_size",
        ];
        let cases: [(&str, &[&str]); 14] = [
            ("pool-size", &["pool_size"]),
            ("poolsize", &["pool_size"]),
            ("PoolSize", &["pool_size"]),
            ("cors_orgins", &["cors_origin"]),
            ("cors_headers", &["cors_header"]),
            ("lsiten", &["listen"]),
            ("lag", &["log"]),
            ("log_fmt", &["log_format"]),
            ("database", &["database_url"]),
            ("cors", &["cors_header", "cors_origin"]),
            ("http", &[]),
            ("password", &[]),
            ("", &[]),
            ("é", &[]),
        ];
        for (name, expected) in cases {
            assert_eq!(nearest(name, &known), expected, "{name}");
        }
    }

    #[test]
    fn a_value_of_another_type_is_told_with_its_line() {
        #[derive(Debug, serde::Deserialize)]
        struct Section {
            #[serde(rename = "pool_size")]
            _pool_size: Option<u32>,
            #[serde(rename = "listen")]
            _listen: Option<String>,
        }
        for (text, told) in [
            (
                "listen = \"a\"\npool_size = \"many\"\n",
                "line 2: `pool_size` takes a whole number from 0 to 4294967295, not \"many\"",
            ),
            (
                "pool_size = -1\n",
                "line 1: `pool_size` takes a whole number from 0 to 4294967295, not -1",
            ),
            ("\nlisten = 5\n", "line 2: `listen` takes a string, not 5"),
            (
                "listen = [\"a\"]\n",
                "line 1: `listen` takes a string, not a list",
            ),
        ] {
            let file = read(text).unwrap();
            let error = file.section::<Section>().unwrap_err();
            assert!(error.ends_with(told), "{error}");
        }
    }

    #[test]
    fn what_is_no_toml_is_told_with_its_line() {
        let error = read("listen = \"a\"\n= 3\n").unwrap_err();
        assert!(error.contains("line 2: "), "{error}");
    }
}
