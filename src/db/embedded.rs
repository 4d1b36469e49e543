//! The embedded PostgreSQL: a whole server inside the process, with its data in a directory.

use std::path::{Path, PathBuf};

use pglite_oxide::{PgliteServer, extensions};

use super::stop_words;

/// A running embedded server. It has one backend, so it serves one connection at a time.
///
/// What was committed survives the process, however it ends; it is the operating system that
/// writes it to the disk, so a loss of power may cost the last seconds. WASI has no `fsync` of
/// folders, without which PostgreSQL refuses to promise more.
pub struct Embedded {
    server: PgliteServer,
    /// Holds the socket where the data folder's own path is too long for one.
    _socket_dir: Option<tempfile::TempDir>,
}

impl Embedded {
    /// Starts the server over the data in `dir`, which is made when it is missing.
    ///
    /// # Errors
    /// A sentence that says what to do: another process holds the folder, it cannot be written,
    /// or it holds something else.
    pub fn start(dir: &Path) -> Result<Self, String> {
        create_private(dir)?;
        let builder = PgliteServer::builder()
            .path(dir.join("postgres"))
            .extension(extensions::VECTOR)
            .extension(extensions::PG_TRGM)
            .extension(extensions::BTREE_GIN);
        let (builder, socket_dir) = listen(builder, dir)?;
        let server = builder.start().map_err(|error| explain(dir, &error))?;
        stop_words::write(server.root())
            .map_err(|error| format!("cannot write to {}: {error}", dir.display()))?;
        Ok(Self {
            server,
            _socket_dir: socket_dir,
        })
    }

    /// The URL for the one connection, as the superuser of the embedded server.
    pub fn url(&self) -> String {
        // The server's own form has no host, which is no URL; sqlx takes the socket's folder from
        // the parameter and ignores the host beside it.
        self.server.database_url().replacen("@/", "@localhost/", 1)
    }

    /// Stops the server once its connection is closed, and writes everything out.
    ///
    /// # Errors
    /// What went wrong; committed data is safe even then.
    pub fn stop(self) -> Result<(), String> {
        self.server
            .shutdown()
            .map_err(|error| format!("the embedded database did not stop cleanly: {error:#}"))
    }
}

fn create_private(dir: &Path) -> Result<(), String> {
    let refused = |error: std::io::Error| {
        format!(
            "cannot use the data directory {}: {error}; choose another with --data-dir",
            dir.display()
        )
    };
    std::fs::create_dir_all(dir).map_err(refused)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The database asks for no password, so only the owner may come near its socket.
        std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o700)).map_err(refused)?;
    }
    Ok(())
}

type Builder = pglite_oxide::PgliteServerBuilder;

/// Listens on a socket in the file system: nobody else can connect, and answers do not wait for
/// the acknowledgements of TCP, which cost 40 ms a statement.
#[cfg(unix)]
fn listen(builder: Builder, dir: &Path) -> Result<(Builder, Option<tempfile::TempDir>), String> {
    const NAME: &str = ".s.PGSQL.5432";
    // The path of a socket may have 107 bytes on Linux, 103 on macOS.
    const LONGEST: usize = 100;
    let dir: PathBuf = dir
        .canonicalize()
        .map_err(|error| format!("{}: {error}", dir.display()))?;
    if dir.join(NAME).as_os_str().len() <= LONGEST {
        return Ok((builder.unix(dir.join(NAME)), None));
    }
    let short = tempfile::Builder::new()
        .prefix("tessera-")
        .tempdir()
        .map_err(|error| format!("cannot create a directory for the database socket: {error}"))?;
    Ok((builder.unix(short.path().join(NAME)), Some(short)))
}

#[cfg(not(unix))]
fn listen(builder: Builder, _dir: &Path) -> Result<(Builder, Option<tempfile::TempDir>), String> {
    Ok((builder, None))
}

fn explain(dir: &Path, error: &anyhow::Error) -> String {
    let text = format!("{error:#}");
    if text.contains("lock") {
        return format!(
            "another process uses the data directory {}; stop it, or choose another directory with --data-dir",
            dir.display()
        );
    }
    format!(
        "the embedded database in {} does not start: {text}",
        dir.display()
    )
}
