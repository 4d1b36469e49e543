//! Each sslmode against servers with and without TLS, over TCP on this machine.

use std::collections::HashMap;

use ring::digest;
use rustls::pki_types::CertificateDer;
use support::scripted::Server;
use support::tls::{Authority, Identity, self_signed};
use support::{message, scram};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use wire::{Config, Connection, Error, Settings};

mod support;

/// What a server does with TLS, and whom it lets in.
#[derive(Clone)]
enum Kind {
    /// It answers the question with N.
    Without,
    /// It answers the question with an error, as very old ones do.
    Erring,
    With(TlsAcceptor),
    /// TLS comes first, without a question.
    Direct(TlsAcceptor),
}

#[derive(Clone, Copy, PartialEq)]
enum Rule {
    All,
    EncryptedOnly,
    PlainOnly,
}

/// Serves one connection after the other, and says of each whether it was encrypted.
async fn serve(listener: TcpListener, kind: Kind, rule: Rule) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        // A client that breaks off is what some tests are about.
        tokio::spawn(one(stream, kind.clone(), rule));
    }
}

async fn one(mut stream: TcpStream, kind: Kind, rule: Rule) {
    let mut start = [0; 8];
    if let Kind::Direct(acceptor) = kind {
        if let Ok(stream) = acceptor.accept(stream).await {
            Server::new(stream).let_in().await;
        }
        return;
    }
    stream.peek(&mut start).await.unwrap();
    let asks = start[4..] == 80_877_103_u32.to_be_bytes();
    if !asks {
        return admit(Server::new(stream), rule != Rule::EncryptedOnly).await;
    }
    stream.read_exact(&mut start).await.unwrap();
    match kind {
        Kind::Without => {
            stream.write_all(b"N").await.unwrap();
            let mut next = [0; 1];
            if stream.peek(&mut next).await.unwrap_or(0) > 0 {
                admit(Server::new(stream), rule != Rule::EncryptedOnly).await;
            }
        }
        Kind::Erring => stream.write_all(b"Esomething").await.unwrap(),
        Kind::With(acceptor) => {
            stream.write_all(b"S").await.unwrap();
            if let Ok(stream) = acceptor.accept(stream).await {
                admit(Server::new(stream), rule != Rule::PlainOnly).await;
            }
        }
        Kind::Direct(_) => unreachable!(),
    }
}

async fn admit(mut server: Server, admitted: bool) {
    server.start_up().await;
    if admitted {
        server.welcome().await;
    } else {
        server
            .send(&message::error("FATAL", "28000", "no pg_hba.conf entry"))
            .await;
    }
    // Open until the client closes.
    while server.try_receive().await.is_some() {}
}

/// Whether the connection is encrypted, or the error.
async fn connect(port: u16, parameters: &str) -> Result<bool, Error> {
    let url = format!("postgres://u@localhost:{port}/d?hostaddr=127.0.0.1&{parameters}");
    let config = Config::parse(&url)?;
    let connection = Connection::connect(&config, &Settings::default()).await?;
    Ok(connection.is_encrypted())
}

async fn server(kind: Kind, rule: Rule) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(serve(listener, kind, rule));
    port
}

fn text(result: &Result<bool, Error>) -> &'static str {
    match result {
        Ok(true) => "encrypted",
        Ok(false) => "plain",
        Err(Error::Tls(_)) => "tls",
        Err(Error::Server(_)) => "refused",
        Err(_) => "other",
    }
}

#[tokio::test]
async fn every_mode_with_every_server() {
    let authority = Authority::new();
    let acceptor = authority.acceptor(&authority.identity(&["localhost"], "x"), false, true);
    let with = || Kind::With(acceptor.clone());
    let servers = [
        ("without", server(Kind::Without, Rule::All).await),
        ("erring", server(Kind::Erring, Rule::All).await),
        ("with", server(with(), Rule::All).await),
        ("hostssl", server(with(), Rule::EncryptedOnly).await),
        ("hostnossl", server(with(), Rule::PlainOnly).await),
    ];
    let ports: HashMap<&str, u16> = servers.into_iter().collect();
    let root = format!("sslrootcert={}", authority.root().display());
    // As libpq does: prefer falls back when TLS fails or the server refuses, allow the other way.
    let expected = [
        ("disable", ["plain", "plain", "plain", "refused", "plain"]),
        ("allow", ["plain", "plain", "plain", "encrypted", "plain"]),
        (
            "prefer",
            ["plain", "plain", "encrypted", "encrypted", "plain"],
        ),
        (
            "require",
            ["tls", "tls", "encrypted", "encrypted", "refused"],
        ),
        (
            "verify-ca",
            ["tls", "tls", "encrypted", "encrypted", "refused"],
        ),
        (
            "verify-full",
            ["tls", "tls", "encrypted", "encrypted", "refused"],
        ),
    ];
    for (mode, outcomes) in expected {
        for (kind, expected) in ["without", "erring", "with", "hostssl", "hostnossl"]
            .iter()
            .zip(outcomes)
        {
            let outcome = connect(ports[kind], &format!("sslmode={mode}&{root}")).await;
            assert_eq!(text(&outcome), expected, "{mode} {kind}: {outcome:?}");
        }
    }
}

/// Whether each of four modes takes a certificate, whose root is in a file.
async fn taken(identity: &Identity, authority: &Authority, root: &str) -> [bool; 4] {
    let acceptor = authority.acceptor(identity, false, true);
    let port = server(Kind::With(acceptor), Rule::All).await;
    let mut outcomes = [false; 4];
    let modes = [
        "sslmode=require".to_owned(),
        format!("sslmode=require&sslrootcert={root}"),
        format!("sslmode=verify-ca&sslrootcert={root}"),
        format!("sslmode=verify-full&sslrootcert={root}"),
    ];
    for (outcome, mode) in outcomes.iter_mut().zip(modes) {
        let connected = connect(port, &mode).await;
        *outcome = match &connected {
            Ok(encrypted) => *encrypted,
            Err(Error::Tls(_)) => false,
            Err(other) => panic!("{mode}: {other}"),
        };
    }
    outcomes
}

#[tokio::test]
async fn certificates() {
    let authority = Authority::new();
    let root = authority.root().display().to_string();
    let good = authority.identity(&["localhost"], "x");
    assert_eq!(taken(&good, &authority, &root).await, [true; 4]);
    let other_name = authority.identity(&["elsewhere"], "localhost");
    assert_eq!(
        taken(&other_name, &authority, &root).await,
        [true, true, true, false]
    );
    // Without other names the common name counts.
    let common = authority.identity(&[], "localhost");
    assert_eq!(taken(&common, &authority, &root).await, [true; 4]);
    let strange = Authority::new().identity(&["localhost"], "x");
    assert_eq!(
        taken(&strange, &authority, &root).await,
        [true, false, false, false]
    );
    // The file of a self-signed certificate is the server's certificate itself.
    for (identity, full) in [
        (self_signed(&["localhost"], "x"), true),
        (self_signed(&[], "localhost"), true),
        (self_signed(&[], "elsewhere"), false),
    ] {
        let path = authority.folder.path().join("self.crt");
        std::fs::write(&path, &identity.pem).unwrap();
        let taken = taken(&identity, &authority, &path.display().to_string()).await;
        assert_eq!(taken, [true, true, true, full]);
        assert_eq!(
            self::taken(&identity, &authority, &root).await,
            [true, false, false, false]
        );
    }
    // Nobody of the system's authorities gave this one.
    let acceptor = authority.acceptor(&good, false, true);
    let port = server(Kind::With(acceptor), Rule::All).await;
    match Config::parse("postgres://u@h?sslrootcert=system") {
        Ok(_) => assert_eq!(text(&connect(port, "sslrootcert=system").await), "tls"),
        Err(error) => eprintln!("left out: {error}"),
    }
}

#[tokio::test]
async fn an_address_in_place_of_a_name() {
    let authority = Authority::new();
    let identity = authority.identity(&["127.0.0.1"], "x");
    let acceptor = authority.acceptor(&identity, false, true);
    let port = server(Kind::With(acceptor), Rule::All).await;
    let root = authority.root().display().to_string();
    for (host, good) in [("127.0.0.1", true), ("localhost", false)] {
        let url = format!(
            "postgres://u@{host}:{port}/d?hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert={root}"
        );
        let config = Config::parse(&url).unwrap();
        let connected = Connection::connect(&config, &Settings::default()).await;
        assert_eq!(connected.is_ok(), good, "{host}");
    }
}

#[tokio::test]
async fn client_certificates() {
    let authority = Authority::new();
    let acceptor = authority.acceptor(&authority.identity(&["localhost"], "x"), true, true);
    let port = server(Kind::With(acceptor), Rule::All).await;
    let (certificate, key) = authority.write(&authority.identity(&[], "u"));
    let with = format!(
        "sslmode=require&sslcert={}&sslkey={}",
        certificate.display(),
        key.display()
    );
    assert_eq!(text(&connect(port, &with).await), "encrypted");
    // TLS 1.3 tells a client only after its handshake that its certificate is missing.
    assert!(connect(port, "sslmode=require").await.is_err());
    let without = format!("{with}&sslcertmode=disable");
    assert!(connect(port, &without).await.is_err());
    support::tls::set_mode(&key, 0o644);
    let open = connect(port, &with).await.unwrap_err().to_string();
    assert!(open.contains("chmod 0600"), "{open}");
}

#[tokio::test]
async fn direct_negotiation() {
    let authority = Authority::new();
    let identity = authority.identity(&["localhost"], "x");
    let speaks = authority.acceptor(&identity, false, true);
    let port = server(Kind::Direct(speaks), Rule::All).await;
    let direct = "sslmode=require&sslnegotiation=direct";
    assert_eq!(text(&connect(port, direct).await), "encrypted");
    // A server of something else must not be taken for PostgreSQL.
    let silent = authority.acceptor(&identity, false, false);
    let port = server(Kind::Direct(silent), Rule::All).await;
    let outcome = connect(port, direct).await;
    assert_eq!(text(&outcome), "tls", "{outcome:?}");
}

#[tokio::test]
async fn versions() {
    let authority = Authority::new();
    let acceptor = authority.acceptor(&authority.identity(&["localhost"], "x"), false, true);
    let port = server(Kind::With(acceptor), Rule::All).await;
    for version in [
        "min_protocol_version=TLSv1.3",
        "max_protocol_version=TLSv1.2",
    ] {
        let outcome = connect(port, &format!("sslmode=require&ssl_{version}")).await;
        assert_eq!(text(&outcome), "encrypted", "{version}: {outcome:?}");
    }
}

/// Bytes that come before TLS are no part of it: somebody in between may have put them there.
#[tokio::test]
async fn nothing_is_read_before_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut start = [0; 8];
        stream.read_exact(&mut start).await.unwrap();
        let early = [b"S".to_vec(), message::ok(), message::ready()].concat();
        stream.write_all(&early).await.unwrap();
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
    });
    assert!(connect(port, "sslmode=require").await.is_err());
}

/// How a client authenticates by SCRAM over TLS with a certificate.
async fn bound(
    identity: &Identity,
    authority: &Authority,
    mechanisms: &'static [&'static str],
    parameters: &str,
    digest: fn(&CertificateDer<'_>) -> Vec<u8>,
) -> (Result<Connection, Error>, Option<scram::Outcome>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = authority.acceptor(identity, false, true);
    let binding = digest(&identity.certificate);
    let serve = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut start = [0; 8];
        stream.read_exact(&mut start).await.unwrap();
        stream.write_all(b"S").await.unwrap();
        let mut server = Server::new(acceptor.accept(stream).await.unwrap());
        server.start_up().await;
        let asked = scram::ask(&mut server, "secret", mechanisms, &binding, false);
        let outcome = asked.await;
        server.welcome().await;
        outcome
    };
    let url = format!(
        "postgres://u:secret@localhost:{port}/d?hostaddr=127.0.0.1&sslmode=require&{parameters}"
    );
    let config = Config::parse(&url).unwrap();
    let settings = Settings::default();
    tokio::pin!(serve);
    let connect = Connection::connect(&config, &settings);
    tokio::pin!(connect);
    tokio::select! {
        // A client that refuses leaves the server in the middle.
        biased;
        outcome = &mut serve => (connect.await, Some(outcome)),
        connection = &mut connect => (connection, None),
    }
}

const BOTH: &[&str] = &["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"];
const PLAIN: &[&str] = &["SCRAM-SHA-256"];

fn sha256(certificate: &CertificateDer<'_>) -> Vec<u8> {
    digest::digest(&digest::SHA256, certificate)
        .as_ref()
        .to_vec()
}

fn sha384(certificate: &CertificateDer<'_>) -> Vec<u8> {
    digest::digest(&digest::SHA384, certificate)
        .as_ref()
        .to_vec()
}

#[tokio::test]
async fn channel_binding() {
    let authority = Authority::new();
    let identity = authority.identity(&["localhost"], "x");
    let (plus, plain) = ("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256");
    let p = "p=tls-server-end-point";
    for (mechanisms, parameter, mechanism, flag) in [
        (BOTH, "prefer", plus, p),
        (BOTH, "require", plus, p),
        (BOTH, "disable", plain, "n"),
        // The server can tell from `y` whether somebody took its offer away.
        (PLAIN, "prefer", plain, "y"),
        (PLAIN, "disable", plain, "n"),
    ] {
        let parameter = format!("channel_binding={parameter}");
        let (connection, outcome) =
            bound(&identity, &authority, mechanisms, &parameter, sha256).await;
        let outcome = outcome.unwrap();
        assert!(connection.is_ok() && outcome.right, "{parameter}");
        assert_eq!(
            (outcome.mechanism.as_str(), outcome.flag.as_str()),
            (mechanism, flag)
        );
    }
    let required = "channel_binding=require";
    let (connection, _) = bound(&identity, &authority, PLAIN, required, sha256).await;
    assert!(matches!(connection, Err(Error::Authentication(_))));
}

/// The digest is that of the certificate's own signature.
#[tokio::test]
async fn channel_binding_by_the_hash_of_the_signature() {
    let authority = Authority::new();
    let signed = |algorithm| {
        let mut params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.is_ca = rcgen::IsCa::NoCa;
        let key = rcgen::KeyPair::generate_for(algorithm).unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Identity {
            certificate: certificate.der().clone(),
            pem: certificate.pem(),
            key,
        }
    };
    let required = "channel_binding=require";
    let identity = signed(&rcgen::PKCS_ECDSA_P384_SHA384);
    let (connection, outcome) = bound(&identity, &authority, BOTH, required, sha384).await;
    assert!(connection.is_ok() && outcome.unwrap().right);
    // Ed25519 has no hash of its own, so there is nothing to bind to; libpq cannot, either.
    let identity = signed(&rcgen::PKCS_ED25519);
    let (connection, outcome) = bound(&identity, &authority, BOTH, "", sha256).await;
    assert!(connection.is_ok() && outcome.unwrap().flag == "n");
    let (connection, _) = bound(&identity, &authority, BOTH, required, sha256).await;
    assert!(matches!(connection, Err(Error::Authentication(_))));
}
