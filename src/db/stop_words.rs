//! The words that searches pass over, such as "the", for the embedded server: it comes without the
//! files that its dictionaries of languages need.

use std::path::Path;
use std::{fs, io};

use stop_words::Language;

/// Where the server looks for the files, below the folder of its data.
const FOLDER: &str = "tmp/pglite/share/postgresql/tsearch_data";

/// The languages of PostgreSQL that have such a file.
const LANGUAGES: [(&str, Language); 15] = [
    ("danish", Language::Danish),
    ("dutch", Language::Dutch),
    ("english", Language::English),
    ("finnish", Language::Finnish),
    ("french", Language::French),
    ("german", Language::German),
    ("hungarian", Language::Hungarian),
    ("italian", Language::Italian),
    ("nepali", Language::Nepali),
    ("norwegian", Language::Norwegian),
    ("portuguese", Language::Portuguese),
    ("russian", Language::Russian),
    ("spanish", Language::Spanish),
    ("swedish", Language::Swedish),
    ("turkish", Language::Turkish),
];

/// Writes the files that are missing. The server reads them when it needs them first.
pub fn write(data: &Path) -> io::Result<()> {
    let folder = data.join(FOLDER);
    fs::create_dir_all(&folder)?;
    for (name, language) in LANGUAGES {
        let path = folder.join(format!("{name}.stop"));
        if !path.exists() {
            let words: String = stop_words::get(language)
                .iter()
                .map(|word| format!("{word}\n"))
                .collect();
            fs::write(path, words)?;
        }
    }
    Ok(())
}
