//! Whether a file with a secret in it is kept from others, by libpq's rules.

use std::path::Path;

/// Whose file it may be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    /// The user who reads it.
    Caller,
    /// That, or the administrator, who may let a group read it.
    CallerOrRoot,
}

/// Whether others may read the file.
#[cfg(unix)]
pub(crate) fn is_open_to_others(path: &Path, owner: Owner) -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).is_ok_and(|metadata| {
        let forbidden = if owner == Owner::CallerOrRoot && metadata.uid() == 0 {
            0o027
        } else {
            0o077
        };
        metadata.mode() & forbidden != 0
    })
}

#[cfg(not(unix))]
pub(crate) fn is_open_to_others(_path: &Path, _owner: Owner) -> bool {
    false
}
