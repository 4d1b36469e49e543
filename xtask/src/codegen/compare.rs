//! Writing what codegen made, or telling how the files on disk differ from it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::{Context, Result};

/// Makes `folder` hold exactly `files`. Unchanged files are not touched, so that cargo does not rebuild
/// for them. Returns the names of those that were written or removed.
pub fn replace(folder: &Path, files: &BTreeMap<String, String>) -> Result<Vec<String>> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let present = names(folder)?;
    let mut changed = Vec::new();
    for (name, content) in files {
        let path = folder.join(name);
        if present.contains(name)
            && fs::read(&path).is_ok_and(|present| present == content.as_bytes())
        {
            continue;
        }
        fs::write(&path, content).with_context(|| format!("cannot write {}", path.display()))?;
        changed.push(name.clone());
    }
    for name in present {
        if !files.contains_key(&name) {
            let path = folder.join(&name);
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
            changed.push(name);
        }
    }
    Ok(changed)
}

/// One line per file of `folder` that is missing, not generated, or different.
pub fn differences(folder: &Path, files: &BTreeMap<String, String>) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut present = if folder.is_dir() {
        names(folder)?
    } else {
        BTreeSet::new()
    };
    for (name, expected) in files {
        if !present.remove(name) {
            found.push(format!("{name}: missing"));
            continue;
        }
        let path = folder.join(name);
        let actual = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let actual = String::from_utf8_lossy(&actual);
        found.extend(first_difference(&actual, expected).map(|text| format!("{name}:{text}")));
    }
    found.extend(
        present
            .into_iter()
            .map(|name| format!("{name}: not generated any more")),
    );
    Ok(found)
}

/// `line: is …, should be …` for the first line that differs.
pub fn first_difference(actual: &str, expected: &str) -> Option<String> {
    if actual == expected {
        return None;
    }
    let (mut actual, mut expected) = (actual.split('\n'), expected.split('\n'));
    let mut line = 1;
    loop {
        match (actual.next(), expected.next()) {
            (Some(is), Some(should)) if is == should => line += 1,
            (is, should) => {
                let show = |text: Option<&str>| {
                    text.map_or("the end".to_owned(), |text| format!("{text:?}"))
                };
                return Some(format!(
                    "{line}: is {}, should be {}",
                    show(is),
                    show(should)
                ));
            }
        }
    }
}

/// The `.rs` files directly in a folder.
fn names(folder: &Path) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".rs") {
            names.insert(name);
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generated() -> BTreeMap<String, String> {
        [("lib.rs", "pub mod a;\n"), ("a.rs", "one\ntwo\n")]
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .into()
    }

    #[test]
    fn a_written_folder_does_not_differ() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("src");
        assert_eq!(differences(&folder, &generated()).unwrap().len(), 2);
        assert_eq!(replace(&folder, &generated()).unwrap(), ["a.rs", "lib.rs"]);
        assert!(differences(&folder, &generated()).unwrap().is_empty());
        assert!(replace(&folder, &generated()).unwrap().is_empty());
    }

    #[test]
    fn missing_extra_and_different_files_are_named() {
        let folder = tempfile::tempdir().unwrap();
        replace(folder.path(), &generated()).unwrap();
        fs::write(folder.path().join("a.rs"), "one\nthree\n").unwrap();
        fs::write(folder.path().join("b.rs"), "").unwrap();
        fs::remove_file(folder.path().join("lib.rs")).unwrap();
        assert_eq!(
            differences(folder.path(), &generated()).unwrap(),
            [
                "a.rs:2: is \"three\", should be \"two\"",
                "lib.rs: missing",
                "b.rs: not generated any more",
            ]
        );
        assert_eq!(
            replace(folder.path(), &generated()).unwrap(),
            ["a.rs", "lib.rs", "b.rs"]
        );
        assert!(differences(folder.path(), &generated()).unwrap().is_empty());
    }

    #[test]
    fn a_file_that_stops_early_differs_at_its_end() {
        assert_eq!(
            first_difference("one\n", "one\ntwo\n").unwrap(),
            "2: is \"\", should be \"two\""
        );
        assert_eq!(
            first_difference("one", "one\n").unwrap(),
            "2: is the end, should be \"\""
        );
    }
}
