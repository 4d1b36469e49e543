//! `tessera serve`.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use sqlx::{Connection, PgConnection};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::database::Database;
use super::greeting::Greeting;
use super::identity;
use crate::app;
use crate::auth::{Auth, AuthOptions};
use crate::config::Settings;
use crate::db::{Db, SEPARATE_LOGIN};
use crate::documents::{Documents, Store, Trusted};
use crate::engine::Engine;
use crate::http::playground::{self, DemoWorkspace, PlaygroundConfig};
use crate::http::{self, Bounds, Ended, Gateway, HttpOptions, Patience, Signal};
use crate::import::{Bar, Progress, Silent};
use crate::memory::Memory;
use crate::rate::Rates;
use crate::sample::{self, SampleWorkspace, WORKSPACES};
use crate::session::Role;
use crate::telemetry::{LogFormat, Stream, metrics, say};

/// How often the maintenance jobs of the database run.
const MAINTENANCE: Duration = Duration::from_secs(3600);
/// How often the statistics of the tables are read again.
const STATISTICS: Duration = Duration::from_secs(600);
/// How long the connections to the database may take to close.
const PATIENCE: Duration = Duration::from_secs(10);
/// Lifetime of the tokens of the playground.
const TOKEN_LIFETIME: Duration = Duration::from_secs(30 * 86_400);

pub(super) async fn run(settings: &Settings) -> Result<(), String> {
    let started = Instant::now();
    let identity = identity::options(settings)?;
    if settings.server.development && !settings.server.listen.ip().is_loopback() {
        return Err(format!(
            "development mode gives the schema, and tokens of the sample, to everybody who can reach it, so it only listens on this machine; set listen to 127.0.0.1:{} or development to false",
            settings.server.listen.port()
        ));
    }
    // Taken first: when the port is in use, nothing else should have been done.
    let listener = listen(settings.server.listen, "--listen").await?;
    let metrics = match settings.telemetry.metrics_listen {
        Some(address) => Some(listen(address, "--metrics-listen").await?),
        None => None,
    };
    // Settings that cannot be used should leave no database behind.
    let engine = app::engine(settings.limits)?.keeping(settings.documents.max_kept_bytes);
    let documents = documents(settings, &engine).await?;
    let database = Database::open(settings).await?;
    let served = (engine, documents, identity);
    let listeners = (listener, metrics);
    let outcome = serve(settings, &database, served, listeners, started).await;
    database.close().await?;
    outcome
}

async fn serve(
    settings: &Settings,
    database: &Database,
    (engine, documents, identity): (Engine, Documents, AuthOptions),
    (listener, metrics): (TcpListener, Option<TcpListener>),
    started: Instant,
) -> Result<(), String> {
    // The embedded database has one backend.
    let connections = if database.is_embedded() {
        prepare(&database.url, settings.telemetry.log_format).await?;
        1
    } else {
        settings.server.pool_size
    };
    let db = Db::new(&settings.db_options(&database.url, connections))?;
    if !database.is_embedded() {
        check_model(&db, &database.url).await?;
        check_login(&db).await;
    }
    let demos = match &identity.secret {
        // Another database has no sample workspaces.
        Some(_) if settings.server.development && database.is_embedded() => demos(&identity),
        _ => Vec::new(),
    };
    // Not of the secret that development mode makes for itself.
    for warning in settings.auth.warnings() {
        tracing::warn!("{warning}");
    }
    let auth = Auth::new(identity);
    let keys = tokio::spawn(auth.keep_keys_fresh());
    let introspection = settings.documents.introspection;
    let playground = PlaygroundConfig {
        development: settings.server.development,
        introspection,
        endpoint: "/graphql".to_owned(),
        workspaces: demos.clone(),
        examples: playground::examples(),
    };
    let gateway = Gateway {
        documents,
        rates: Rates::new(&settings.rates),
        memory: Memory::new(settings.http.max_held_bytes),
        engine,
        db: db.clone(),
        auth,
        draining: AtomicBool::new(false),
        options: HttpOptions {
            open_introspection: settings.server.development && introspection,
            introspection,
            open_metrics: settings.server.development,
            ..settings.http.clone()
        },
    };
    let gateway = Arc::new(gateway);
    let metrics_address = metrics.as_ref().map(place).transpose()?;
    let metrics = metrics.map(|listener| {
        let router = http::metrics_router(Arc::clone(&gateway));
        tokio::spawn(async move { axum::serve(listener, router).await })
    });
    let routes = http::routes(Arc::clone(&gateway), playground);
    let address = place(&listener)?;
    let greeting = Greeting {
        settings,
        address,
        // Development mode serves them beside the API.
        metrics: metrics_address.or(settings.server.development.then_some(address)),
        embedded: database.is_embedded(),
        demos: &demos,
        after: started.elapsed(),
    };
    greeting.tell();

    let maintenance = tokio::spawn(maintain(db.clone()));
    let bounds = Bounds {
        connections: settings.http.max_connections,
        patience: Patience::default(),
        memory: Arc::clone(&gateway.memory),
    };
    let mut signals = signals();
    let ended = http::serve_until(listener, routes, bounds, &gateway, &mut signals).await?;
    keys.abort();
    if let Some(metrics) = metrics {
        metrics.abort();
    }
    maintenance.abort();
    let _ = maintenance.await;
    if ended != Ended::AtOnce {
        let _ = tokio::time::timeout(PATIENCE, db.close()).await;
    }
    tracing::info!("stopped");
    Ok(())
}

/// Refuses a database of another version of the model.
async fn check_model(db: &Db, url: &str) -> Result<(), String> {
    if matches!(db.is_current().await, Ok(true)) {
        return Ok(());
    }
    // It says what is missing, or why the database cannot be asked.
    let pending = migration::pending(url)
        .await
        .map_err(|error| error.to_string())?;
    if pending.is_empty() {
        return check_role(url).await;
    }
    Err(format!(
        "{} migrations are pending; run `tessera migrate` first",
        pending.len()
    ))
}

/// Refuses a login that may not act as the gateway. What cannot be asked now may be an outage, which
/// ends.
async fn check_role(url: &str) -> Result<(), String> {
    let asked = async {
        let mut connection = PgConnection::connect(url).await?;
        let query = "select session_user::text, pg_has_role(session_user, 'gateway', 'MEMBER')";
        sqlx::query_as(query).fetch_one(&mut connection).await
    };
    match asked.await {
        Ok::<(String, bool), sqlx::Error>((user, false)) => Err(format!(
            "the login `{user}` may not act as the role gateway; let an administrator run `grant gateway to \"{user}\"`"
        )),
        _ => Ok(()),
    }
}

/// Warns of a login that may do more than a gateway needs.
async fn check_login(db: &Db) {
    match db.excessive_privileges().await {
        Ok(found) if found.is_empty() => {}
        Ok(found) => tracing::warn!(
            "the login of the database has too many privileges for a gateway: it {}; {SEPARATE_LOGIN}",
            found.join(", ")
        ),
        Err(error) => {
            tracing::warn!(%error, "the privileges of the database's login could not be checked; run `tessera doctor`");
        }
    }
}

fn place(listener: &TcpListener) -> Result<SocketAddr, String> {
    listener.local_addr().map_err(|error| error.to_string())
}

async fn listen(address: SocketAddr, flag: &str) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|error| {
        format!("cannot listen on {address}: {error}; choose another address with {flag}")
    })
}

/// Which documents run, as the settings have it.
async fn documents(settings: &Settings, engine: &Engine) -> Result<Documents, String> {
    let documents = match &settings.documents.manifest {
        Some(file) => {
            let trusted = Trusted::open(file, engine).await?;
            metrics().register_names(trusted.operation_names());
            tracing::info!(
                documents = trusted.len(),
                "only trusted documents are executed"
            );
            Documents::trusted(trusted)
        }
        None if settings.documents.apq => Documents::persisted(Store::default()),
        None => Documents::any(),
    };
    Ok(documents.keeping(settings.documents.max_kept_bytes))
}

/// Brings the embedded database up to date, with the sample in it.
async fn prepare(url: &str, format: LogFormat) -> Result<(), String> {
    let is_text = format == LogFormat::Text;
    let tell = |text: &str| match is_text {
        true => say(Stream::Error, format!("{text} …\n")),
        false => tracing::info!("{text}"),
    };
    let pending = migration::pending(url)
        .await
        .map_err(|error| error.to_string())?;
    if !pending.is_empty() {
        tell("Preparing the embedded database");
        migration::up(url)
            .await
            .map_err(|error| error.to_string())?;
    }
    let mut connection = sample::connect_as_owner(url).await?;
    let missing = sample::missing(&mut connection).await?;
    for sample in &missing {
        tell(&format!("Importing the sample of {}", sample.name));
        let progress: Box<dyn Progress> = match is_text {
            true => Box::new(Bar::stderr()),
            false => Box::new(Silent),
        };
        let summary = sample::load(&mut connection, sample, &*progress).await?;
        if is_text && std::io::stderr().is_terminal() {
            say(Stream::Error, format!("{summary}\n"));
        }
    }
    connection.close().await.map_err(|error| error.to_string())
}

/// The sample workspaces with tokens; none where these settings can make no tokens.
fn demos(identity: &AuthOptions) -> Vec<DemoWorkspace> {
    let demo = |sample: &SampleWorkspace| {
        let roles = [(sample.slug, Role::Owner)];
        Ok::<_, String>(DemoWorkspace {
            slug: sample.slug.to_owned(),
            name: sample.name.to_owned(),
            token: identity.issue(sample.owner(), &roles, TOKEN_LIFETIME)?,
        })
    };
    let demos = WORKSPACES.iter().map(demo).collect::<Result<_, _>>();
    demos.unwrap_or_else(|error| {
        tracing::warn!("there are no tokens of the sample workspaces: {error}");
        Vec::new()
    })
}

async fn maintain(db: Db) {
    let mut jobs = tokio::time::interval(MAINTENANCE);
    let mut statistics = tokio::time::interval(STATISTICS);
    loop {
        tokio::select! {
            _ = jobs.tick() => if let Err(error) = db.maintain().await {
                tracing::warn!(%error, "the maintenance jobs of the database failed; they are tried again in an hour");
            },
            _ = statistics.tick() => if let Err(error) = db.read_statistics().await {
                tracing::warn!(%error, "the table statistics could not be read; the previous ones stay in use");
            },
        }
    }
}

/// Ctrl-C, and the signal with which service managers stop a process, as they come.
fn signals() -> mpsc::Receiver<Signal> {
    let (sender, receiver) = mpsc::channel(2);
    tokio::spawn(async move {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let interrupt = signal(SignalKind::interrupt());
            let terminate = signal(SignalKind::terminate());
            if let (Ok(mut interrupt), Ok(mut terminate)) = (interrupt, terminate) {
                loop {
                    let signal = tokio::select! {
                        _ = interrupt.recv() => interrupted(),
                        _ = terminate.recv() => Signal::Manager,
                    };
                    if sender.send(signal).await.is_err() {
                        return;
                    }
                }
            }
        }
        while tokio::signal::ctrl_c().await.is_ok() {
            if sender.send(interrupted()).await.is_err() {
                return;
            }
        }
    });
    receiver
}

/// Who sends Ctrl-C's signal: a person at the terminal, or a program without one.
fn interrupted() -> Signal {
    if std::io::stdin().is_terminal() {
        Signal::Person
    } else {
        Signal::Manager
    }
}
