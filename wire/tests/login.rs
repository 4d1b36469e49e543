//! How a server may ask who we are, over a connection in memory.

use support::scripted::Server;
use support::{message, scram};
use wire::{Config, Connection, Error, Settings};

mod support;

const URL: &str = "postgres://u:the%20password@nowhere/d";

/// Logs in with a URL while the server does as it is told after the start-up message.
async fn login<T>(
    url: &str,
    server: impl AsyncFnOnce(&mut Server) -> T,
) -> (Result<Connection, Error>, T) {
    let (client, end) = tokio::io::duplex(64 * 1024);
    let mut end = Server::new(end);
    let config = Config::parse(url).unwrap();
    let settings = Settings::default();
    let serve = async {
        end.start_up().await;
        server(&mut end).await
    };
    tokio::join!(Connection::over(client, &config, &settings), serve)
}

#[track_caller]
fn refused(connection: Result<Connection, Error>) -> Error {
    match connection {
        Ok(_) => panic!("it was let in"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn the_start_up_says_who_and_how() {
    let (client, server) = tokio::io::duplex(64 * 1024);
    let mut server = Server::new(server);
    let url = "postgres://u@nowhere/d?application_name=a&options=-c%20work_mem%3D1MB";
    let config = Config::parse(url).unwrap();
    let settings = Settings {
        parameters: vec![
            ("role".to_owned(), "gateway".to_owned()),
            ("application_name".to_owned(), "another".to_owned()),
        ],
        ..Settings::default()
    };
    let serve = async {
        let parameters = server.start_up().await;
        server.welcome().await;
        parameters
    };
    let (connection, parameters) =
        tokio::join!(Connection::over(client, &config, &settings), serve);
    let expected = [
        ("user", "u"),
        ("database", "d"),
        ("client_encoding", "UTF8"),
        ("application_name", "a"),
        ("options", "-c work_mem=1MB"),
        ("role", "gateway"),
    ];
    assert_eq!(parameters.len(), expected.len());
    for (name, value) in expected {
        assert!(parameters.contains(&(name.to_owned(), value.to_owned())));
    }
    let connection = connection.unwrap();
    assert!(connection.is_idle());
    assert_eq!(connection.parameter("server_version"), Some("18.0"));
    assert!(connection.cancel_token().is_none());
}

#[tokio::test]
async fn clear_text() {
    let (connection, sent) = login(URL, async |server| {
        server.send(&message::authentication(3, &[])).await;
        let sent = server.receive().await;
        server.welcome().await;
        sent
    })
    .await;
    assert!(connection.unwrap().is_idle());
    assert_eq!((sent.tag, sent.text(0).as_str()), (b'p', "the password"));
}

#[tokio::test]
async fn md5() {
    let url = "postgres://md5_user:password@nowhere/d";
    let (connection, sent) = login(url, async |server| {
        let salt = [0x2a, 0x3d, 0x8f, 0xe0];
        server.send(&message::authentication(5, &salt)).await;
        let sent = server.receive().await;
        server.welcome().await;
        sent
    })
    .await;
    connection.unwrap();
    // A vector that other drivers test with.
    assert_eq!(sent.text(0), "md562af4dd09bbb41884907a838a3233294");
}

#[tokio::test]
async fn scram_both_ways() {
    let (connection, outcome) = login(URL, async |server| {
        let outcome = scram::ask(server, "the password", &["SCRAM-SHA-256"], b"", false).await;
        server.welcome().await;
        outcome
    })
    .await;
    connection.unwrap();
    assert!(outcome.right);
    // Without TLS there is nothing to bind to.
    assert_eq!(
        (outcome.flag.as_str(), outcome.mechanism.as_str()),
        ("n", "SCRAM-SHA-256")
    );

    let wrong = "postgres://u:wrong@nowhere/d";
    let (connection, _) = login(wrong, async |server| {
        scram::ask(server, "the password", &["SCRAM-SHA-256"], b"", false).await
    })
    .await;
    let error = refused(connection);
    assert_eq!(error.server().unwrap().code, "28P01");

    // A server that does not know the password is none of ours.
    let (connection, _) = login(URL, async |server| {
        scram::ask(server, "the password", &["SCRAM-SHA-256"], b"", true).await
    })
    .await;
    assert!(matches!(refused(connection), Error::Authentication(_)));
}

#[tokio::test]
async fn a_server_cannot_skip_its_proof() {
    let (connection, ()) = login(URL, async |server| {
        let list = b"SCRAM-SHA-256\0\0";
        server.send(&message::authentication(10, list)).await;
        server.receive().await;
        server.welcome().await;
    })
    .await;
    assert!(refused(connection).to_string().contains("did not prove"));
}

#[tokio::test]
async fn what_is_not_allowed_or_not_possible() {
    let kinds: [(&str, u32, &[u8], &str); 9] = [
        ("require_auth=scram-sha-256", 3, b"", "require_auth"),
        ("require_auth=scram-sha-256", 5, b"salt", "require_auth"),
        ("require_auth=scram-sha-256", 0, b"", "require_auth"),
        (
            "require_auth=!scram-sha-256",
            10,
            b"SCRAM-SHA-256\0\0",
            "require_auth",
        ),
        ("channel_binding=require", 3, b"", "channel_binding"),
        ("channel_binding=require", 0, b"", "channel_binding"),
        (
            "channel_binding=require",
            10,
            b"SCRAM-SHA-256\0\0",
            "channel_binding",
        ),
        (
            "",
            10,
            b"SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0",
            "not encrypted",
        ),
        ("", 7, b"", "GSSAPI"),
    ];
    for (parameter, kind, rest, part) in kinds {
        let (connection, ()) = login(&format!("{URL}?{parameter}"), async |server| {
            server.send(&message::authentication(kind, rest)).await;
        })
        .await;
        let error = refused(connection);
        assert!(
            error.to_string().contains(part),
            "{parameter} {kind}: {error}"
        );
    }
    let (connection, ()) = login("postgres://u@nowhere/d", async |server| {
        server.send(&message::authentication(3, &[])).await;
    })
    .await;
    assert!(refused(connection).to_string().contains("URL has none"));
}

#[tokio::test]
async fn an_error_is_data() {
    let (connection, ()) = login(URL, async |server| {
        let fields = "SFATAL\0VFATAL\0C3D000\0Mno such database\0Ddetail\0Hhint\0\
                      Wwhere\0sschema\0ttable\0ccolumn\0dtype\0nconstraint\0P12\0\0";
        server.send(&message::notice("first")).await;
        server
            .send(&message::message(b'E', fields.as_bytes()))
            .await;
    })
    .await;
    let error = refused(connection);
    let error = error.server().unwrap();
    assert_eq!(
        (error.code.as_str(), error.severity.as_str()),
        ("3D000", "FATAL")
    );
    assert_eq!(error.message, "no such database");
    assert_eq!(error.position, Some(12));
    let texts = [
        (&error.detail, "detail"),
        (&error.hint, "hint"),
        (&error.context, "where"),
        (&error.schema, "schema"),
        (&error.table, "table"),
        (&error.column, "column"),
        (&error.data_type, "type"),
        (&error.constraint, "constraint"),
    ];
    for (text, expected) in texts {
        assert_eq!(text.as_deref(), Some(expected));
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_server_is_given_up() {
    let (client, server) = tokio::io::duplex(64 * 1024);
    let mut server = Server::new(server);
    let config = Config::parse(URL).unwrap();
    let settings = Settings::default();
    let serve = async {
        server.start_up().await;
        server.send(&message::ok()).await;
    };
    let (connection, ()) = tokio::join!(Connection::over(client, &config, &settings), serve);
    assert!(matches!(refused(connection), Error::Late(_)));
}
