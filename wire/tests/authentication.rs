//! Each way of authentication against real servers that the test makes itself:
//! `TESSERA_TEST_POSTGRES_BIN` names the folder of `initdb` and `pg_ctl`. TLS is left out where that
//! PostgreSQL was built without it, as the one of the Python wheel is.

use std::path::{Path, PathBuf};
use std::process::Command;

use support::tls::{Authority, set_mode};
use tempfile::TempDir;
use wire::{Config, Connection, Error, Event, Rows, Settings, Statement, Values};

mod support;

struct Postgres {
    bin: PathBuf,
    folder: TempDir,
    port: u16,
    has_tls: bool,
}

impl Postgres {
    /// Makes a server; none, with a word about it, if the environment does not say where from.
    fn start(authority: &Authority) -> Option<Self> {
        let Some(bin) = std::env::var_os("TESSERA_TEST_POSTGRES_BIN") else {
            eprintln!("left out: TESSERA_TEST_POSTGRES_BIN is not set");
            return None;
        };
        let bin = PathBuf::from(bin);
        let folder = tempfile::Builder::new()
            .prefix("wire-")
            .tempdir_in("/tmp")
            .unwrap();
        let configured = Command::new(bin.join("pg_config"))
            .arg("--configure")
            .output()
            .unwrap();
        let has_tls = String::from_utf8_lossy(&configured.stdout).contains("openssl");
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            bin,
            port: port.local_addr().unwrap().port(),
            folder,
            has_tls,
        };
        drop(port);
        let path = server.folder.path();
        let identity = authority.identity(&["localhost"], "x");
        std::fs::write(path.join("server.crt"), &identity.pem).unwrap();
        std::fs::write(path.join("server.key"), identity.key.serialize_pem()).unwrap();
        std::fs::copy(authority.root(), path.join("root.crt")).unwrap();
        set_mode(&path.join("server.key"), 0o600);
        set_mode(path, 0o755);
        if is_root() {
            run(Command::new("chown")
                .args(["-R", "nobody:nogroup"])
                .arg(path));
        }
        let data = path.join("data");
        run(server
            .tool("initdb")
            .args([
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
                "-D",
            ])
            .arg(&data));
        let place = path.display();
        let mut settings = std::fs::read_to_string(data.join("postgresql.conf")).unwrap();
        settings.push_str(&format!(
            "port = {}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{place}'\nfsync = off\n",
            server.port
        ));
        if has_tls {
            settings.push_str(&format!(
                "ssl = on\nssl_cert_file = '{place}/server.crt'\nssl_key_file = '{place}/server.key'\nssl_ca_file = '{place}/root.crt'\n"
            ));
        }
        std::fs::write(data.join("postgresql.conf"), settings).unwrap();
        let tls_rules = "hostssl all u_cert all cert\nhostssl all u_tls all scram-sha-256\nhostnossl all u_plain_only all scram-sha-256\n";
        let rules = format!(
            "local all all trust\n{}host all u_scram all scram-sha-256\nhost all u_md5 all md5\nhost all u_clear all password\n",
            if has_tls { tls_rules } else { "" }
        );
        std::fs::write(data.join("pg_hba.conf"), rules).unwrap();
        run(server
            .tool("pg_ctl")
            .args(["-w", "-l"])
            .arg(path.join("log"))
            .arg("-D")
            .arg(&data)
            .arg("start"));
        Some(server)
    }

    /// A program of PostgreSQL, which refuses to run as root.
    fn tool(&self, name: &str) -> Command {
        let program = self.bin.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"])
                .arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir("/");
        command
    }

    fn url(&self, login: &str, parameters: &str) -> String {
        format!(
            "postgres://{login}@localhost:{}/postgres?hostaddr=127.0.0.1&{parameters}",
            self.port
        )
    }

    async fn connect(&self, login: &str, parameters: &str) -> Result<Connection, Error> {
        let config = Config::parse(&self.url(login, parameters)).unwrap();
        Connection::connect(&config, &Settings::default()).await
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.folder.path().join("data");
        let _ = self
            .tool("pg_ctl")
            .args(["-m", "immediate", "-w", "-D"])
            .arg(data)
            .arg("stop")
            .output();
    }
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

fn run(command: &mut Command) {
    // What it starts keeps its output open, so it must not be waited for.
    let status = command
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "{command:?}");
}

async fn ask(connection: &mut Connection, text: &str) -> String {
    let mut exchange = connection.exchange().unwrap();
    exchange
        .add(&Statement::once(text, []), &Values::new(), Rows::Read)
        .unwrap();
    exchange.sync();
    let mut answer = String::new();
    while let Some(event) = exchange.next().await.unwrap() {
        match event {
            Event::Row { row, .. } => {
                answer = String::from_utf8_lossy(row.get(0).unwrap()).into_owned()
            }
            Event::Failed { error, .. } => panic!("{text}: {error}"),
            _ => {}
        }
    }
    answer
}

fn code(connection: Result<Connection, Error>) -> String {
    match connection {
        Ok(_) => "let in".to_owned(),
        Err(error) => error
            .server()
            .map_or(error.to_string(), |error| error.code.clone()),
    }
}

async fn by_socket(folder: &Path, port: u16) -> Connection {
    let folder = folder.display().to_string().replace('/', "%2F");
    let config = Config::parse(&format!("postgres://postgres@{folder}:{port}/postgres")).unwrap();
    Connection::connect(&config, &Settings::default())
        .await
        .unwrap()
}

#[tokio::test]
async fn every_way() {
    let authority = Authority::new();
    let Some(server) = Postgres::start(&authority) else {
        return;
    };
    let mut admin = by_socket(server.folder.path(), server.port).await;
    for (encryption, role) in [
        ("scram-sha-256", "u_scram login password 'pass wörd/@:'"),
        ("scram-sha-256", "u_clear login password 'clear'"),
        ("scram-sha-256", "u_tls login password 'tls'"),
        ("scram-sha-256", "u_plain_only login password 'plain'"),
        ("md5", "u_md5 login password 'md5 secret'"),
        ("md5", "u_cert login"),
    ] {
        ask(
            &mut admin,
            &format!("set password_encryption = '{encryption}'"),
        )
        .await;
        ask(&mut admin, &format!("create role {role}")).await;
    }
    let scram = "u_scram:pass%20w%C3%B6rd%2F%40%3A";
    for login in [scram, "u_clear:clear", "u_md5:md5%20secret"] {
        let mut connection = server.connect(login, "sslmode=disable").await.unwrap();
        assert!(login.starts_with(&ask(&mut connection, "select current_user::text").await));
        let name = login.split(':').next().unwrap();
        let wrong = server
            .connect(&format!("{name}:wrong"), "sslmode=disable")
            .await;
        assert_eq!(code(wrong), "28P01", "{name}");
    }
    let only_scram = server
        .connect(
            "u_md5:md5%20secret",
            "sslmode=disable&require_auth=scram-sha-256",
        )
        .await;
    assert!(code(only_scram).contains("require_auth"));
    let nobody = server.connect("nobody:x", "sslmode=disable").await;
    assert_eq!(code(nobody), "28000");
    if !server.has_tls {
        eprintln!("left out: this PostgreSQL was built without TLS");
        return;
    }
    let root = format!("sslrootcert={}", authority.root().display());
    for mode in ["prefer", "require", "verify-ca", "verify-full"] {
        for binding in ["disable", "prefer", "require"] {
            let parameters = format!("sslmode={mode}&{root}&channel_binding={binding}");
            let mut connection = server.connect(scram, &parameters).await.unwrap();
            let encrypted = "select ssl::text from pg_stat_ssl where pid = pg_backend_pid()";
            assert_eq!(
                ask(&mut connection, encrypted).await,
                "true",
                "{parameters}"
            );
        }
    }
    // What pg_hba.conf asks for is found by those modes that may look for it.
    for (login, mode, expected) in [
        ("u_tls:tls", "disable", "28000"),
        ("u_tls:tls", "allow", "let in"),
        ("u_tls:tls", "prefer", "let in"),
        ("u_plain_only:plain", "allow", "let in"),
        ("u_plain_only:plain", "prefer", "let in"),
        ("u_plain_only:plain", "require", "28000"),
    ] {
        let connection = server.connect(login, &format!("sslmode={mode}")).await;
        assert_eq!(code(connection), expected, "{login} {mode}");
    }
    let (certificate, key) = authority.write(&authority.identity(&[], "u_cert"));
    let with = format!(
        "sslmode=verify-full&{root}&sslcert={}&sslkey={}",
        certificate.display(),
        key.display()
    );
    let mut connection = server.connect("u_cert", &with).await.unwrap();
    assert_eq!(
        ask(&mut connection, "select current_user::text").await,
        "u_cert"
    );
    assert_ne!(
        code(server.connect("u_cert", "sslmode=require").await),
        "let in"
    );
    // Cancelling goes the same way.
    let token = connection.cancel_token().unwrap().clone();
    token
        .cancel(std::time::Duration::from_secs(5))
        .await
        .unwrap();
    assert_eq!(
        ask(&mut connection, "select 'still there'").await,
        "still there"
    );
}
