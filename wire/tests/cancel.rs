//! What a request to cancel looks like, and how long it takes at most.

use std::time::Duration;

use support::scripted::Server;
use support::tls::Authority;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wire::{Config, Connection, Error, Settings};

mod support;

#[tokio::test]
async fn with_the_key_over_a_connection_of_its_own() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let config =
        Config::parse(&format!("postgres://u@127.0.0.1:{port}/d?sslmode=disable")).unwrap();
    let settings = Settings::default();
    let serve = async {
        let mut server = Server::new(listener.accept().await.unwrap().0);
        server.let_in().await;
        server
    };
    let (connection, _server) = tokio::join!(Connection::connect(&config, &settings), serve);
    let token = connection.unwrap().cancel_token().unwrap().clone();
    let serve = async {
        let mut server = Server::new(listener.accept().await.unwrap().0);
        server.untagged().await
    };
    let (cancelled, request) = tokio::join!(token.cancel(Duration::from_secs(5)), serve);
    cancelled.unwrap();
    let expected = [80_877_102_i32, 7, 77].map(i32::to_be_bytes).concat();
    assert_eq!(request, expected);
    // A server that takes it and then says nothing is waited for only so long.
    let silent = async { listener.accept().await.unwrap() };
    let (cancelled, _open) = tokio::join!(token.cancel(Duration::from_millis(50)), silent);
    assert!(matches!(cancelled, Err(Error::Late(_))));
    drop(listener);
    assert!(token.cancel(Duration::from_secs(5)).await.is_err());
}

#[tokio::test]
async fn encrypted_as_the_session_is() {
    let authority = Authority::new();
    let acceptor = authority.acceptor(&authority.identity(&["127.0.0.1"], "x"), false, true);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let url = format!(
        "postgres://u@127.0.0.1:{port}/d?sslmode=verify-full&sslrootcert={}",
        authority.root().display()
    );
    let config = Config::parse(&url).unwrap();
    let settings = Settings::default();
    let accept = async || {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut question = [0; 8];
        stream.read_exact(&mut question).await.unwrap();
        assert_eq!(question[4..], 80_877_103_i32.to_be_bytes());
        stream.write_all(b"S").await.unwrap();
        Server::new(acceptor.accept(stream).await.unwrap())
    };
    let serve = async {
        let mut server = accept().await;
        server.let_in().await;
        server
    };
    let (connection, _server) = tokio::join!(Connection::connect(&config, &settings), serve);
    let token = connection.unwrap().cancel_token().unwrap().clone();
    let serve = async { accept().await.untagged().await };
    let (cancelled, request) = tokio::join!(token.cancel(Duration::from_secs(5)), serve);
    cancelled.unwrap();
    assert_eq!(request[4..8], 7_i32.to_be_bytes());
}
