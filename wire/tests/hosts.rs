//! Several servers in one URL: which of them is taken, and when the search ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use support::message;
use support::scripted::Server;
use tokio::net::{TcpListener, UnixListener};
use wire::{Config, Connection, Error, Settings};

mod support;

/// What a server answers to a start-up.
#[derive(Clone, Copy)]
enum Kind {
    Primary,
    Standby,
    /// A primary whose transactions are read only.
    ReadOnly,
    /// Before 14, a server does not say what it is, and must be asked.
    OldPrimary,
    OldStandby,
    Starting,
    Refusing,
    Silent,
}

struct Place {
    port: u16,
    /// How often somebody connected.
    count: Arc<AtomicUsize>,
}

impl Place {
    async fn new(kind: Kind) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let count = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&count);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                counter.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(serve(Server::new(stream), kind));
            }
        });
        Self { port, count }
    }

    fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }
}

async fn serve(mut server: Server, kind: Kind) {
    server.start_up().await;
    let (standby, read_only) = match kind {
        Kind::Starting | Kind::Refusing => {
            let code = if matches!(kind, Kind::Starting) {
                "57P03"
            } else {
                "28P01"
            };
            server.send(&message::error("FATAL", code, "no")).await;
            return;
        }
        Kind::Silent => {
            server.try_receive().await;
            return;
        }
        Kind::Primary | Kind::OldPrimary => ("off", "off"),
        Kind::Standby | Kind::OldStandby => ("on", "off"),
        Kind::ReadOnly => ("off", "on"),
    };
    let mut welcome = vec![message::ok()];
    let old = matches!(kind, Kind::OldPrimary | Kind::OldStandby);
    if !old {
        welcome.push(message::parameter("in_hot_standby", standby));
        welcome.push(message::parameter(
            "default_transaction_read_only",
            read_only,
        ));
    }
    welcome.push(message::ready());
    server.send_all(&welcome).await;
    while let Some(sent) = server.try_receive().await {
        if sent.tag == b'S' {
            let standby = [u8::from(standby == "on")];
            let row = message::row(&[Some(&standby), Some(&standby)]);
            server
                .send_all(&[
                    message::parsed(),
                    message::bound(),
                    row,
                    message::complete("SELECT 1"),
                    message::ready(),
                ])
                .await;
        }
    }
}

/// The place that is taken of several, or the error.
async fn taken(places: &[&Place], parameters: &str) -> Result<usize, Error> {
    let before: Vec<usize> = places.iter().map(|place| place.count()).collect();
    let list: Vec<String> = places
        .iter()
        .map(|place| format!("127.0.0.1:{}", place.port))
        .collect();
    let url = format!(
        "postgres://u@{}/d?sslmode=disable&{parameters}",
        list.join(",")
    );
    let config = Config::parse(&url).unwrap();
    Connection::connect(&config, &Settings::default()).await?;
    let last = (0..places.len())
        .rev()
        .find(|index| places[*index].count() > before[*index]);
    Ok(last.unwrap())
}

/// A port at which nobody listens.
async fn nobody() -> Place {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    Place {
        port: listener.local_addr().unwrap().port(),
        count: Arc::default(),
    }
}

#[tokio::test]
async fn the_next_one_where_nobody_is() {
    let (nobody, primary) = (nobody().await, Place::new(Kind::Primary).await);
    assert_eq!(taken(&[&nobody, &primary], "").await.unwrap(), 1);
    let starting = Place::new(Kind::Starting).await;
    assert_eq!(taken(&[&starting, &primary], "").await.unwrap(), 1);
    let error = taken(&[&primary, &nobody], "target_session_attrs=standby")
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Io { .. }), "{error}");
    assert!(error.to_string().contains(&nobody.port.to_string()));
}

#[tokio::test]
async fn a_refused_login_ends_the_search() {
    let (refusing, primary) = (
        Place::new(Kind::Refusing).await,
        Place::new(Kind::Primary).await,
    );
    let error = taken(&[&refusing, &primary], "").await.unwrap_err();
    assert_eq!(error.server().unwrap().code, "28P01");
    assert_eq!(primary.count(), 0);
}

#[tokio::test]
async fn the_next_one_after_silence() {
    let (silent, primary) = (
        Place::new(Kind::Silent).await,
        Place::new(Kind::Primary).await,
    );
    assert_eq!(
        taken(&[&silent, &primary], "connect_timeout=1")
            .await
            .unwrap(),
        1
    );
}

#[tokio::test]
async fn the_wanted_kind() {
    let primary = Place::new(Kind::Primary).await;
    let standby = Place::new(Kind::Standby).await;
    let read_only = Place::new(Kind::ReadOnly).await;
    let all = [&read_only, &standby, &primary];
    for (kind, index) in [
        ("any", 0),
        ("read-write", 2),
        ("read-only", 0),
        ("primary", 0),
        ("standby", 1),
        ("prefer-standby", 1),
    ] {
        let found = taken(&all, &format!("target_session_attrs={kind}"))
            .await
            .unwrap();
        assert_eq!(found, index, "{kind}");
    }
    // Without a standby, prefer-standby takes what is there.
    let found = taken(
        &[&primary, &read_only],
        "target_session_attrs=prefer-standby",
    )
    .await;
    assert!(found.is_ok());
    let none = taken(&[&primary], "target_session_attrs=standby").await;
    assert!(matches!(none, Err(Error::Target("standby"))));
}

#[tokio::test]
async fn old_servers_are_asked() {
    let (primary, standby) = (
        Place::new(Kind::OldPrimary).await,
        Place::new(Kind::OldStandby).await,
    );
    for (kind, index) in [
        ("read-write", 1),
        ("primary", 1),
        ("standby", 0),
        ("read-only", 0),
    ] {
        let found = taken(
            &[&standby, &primary],
            &format!("target_session_attrs={kind}"),
        )
        .await;
        assert_eq!(found.unwrap(), index, "{kind}");
    }
}

#[tokio::test]
async fn load_is_spread_where_it_may_be() {
    let (one, other) = (
        Place::new(Kind::Primary).await,
        Place::new(Kind::Primary).await,
    );
    for _ in 0..64 {
        taken(&[&one, &other], "load_balance_hosts=random")
            .await
            .unwrap();
    }
    // With a chance of one in 10^19 one of them is never first.
    assert!(one.count() > 0 && other.count() > 0);
}

#[tokio::test]
async fn unix_sockets() {
    let folder = tempfile::tempdir().unwrap();
    let listener = UnixListener::bind(folder.path().join(".s.PGSQL.7777")).unwrap();
    let serve = async {
        let (stream, _) = listener.accept().await.unwrap();
        let mut server = Server::new(stream);
        server.let_in().await;
        server
    };
    let path = folder.path().display().to_string().replace('/', "%2F");
    // As in libpq, sslmode is of no matter there.
    let config = Config::parse(&format!("postgres://u@{path}:7777/d?sslmode=require")).unwrap();
    let settings = Settings::default();
    let (connection, _server) = tokio::join!(Connection::connect(&config, &settings), serve);
    let connection = connection.unwrap();
    assert!(!connection.is_encrypted());
    assert_eq!(connection.cancel_token().unwrap().process(), 7);
}
