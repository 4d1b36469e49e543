//! Callers who send or read slowly, and callers who leave.

use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};

use super::gateway::Gateway;
use super::load::{Caller, good};
use super::server::Server;
use super::{on_own_server, until};
use crate::harness::client::token;
use crate::harness::seed::Side;

const QUERY: &str = "{ products { nodes { id title } } }";

const CONNECTIONS: &str = "select count(*) from pg_stat_activity where usename = 'tessera'";

/// Waits until no connection of the gateway is in a transaction.
async fn until_idle(server: &Server, patience: Duration) {
    let busy = format!("{CONNECTIONS} and state <> 'idle'");
    until("no transaction is open", patience, async || {
        server.number(&busy).await == 0
    })
    .await;
}

fn request(query: &str) -> Vec<u8> {
    let body = json!({ "query": query }).to_string();
    format!(
        "POST /graphql HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\n\
         authorization: Bearer {}\r\ncontent-length: {}\r\n\r\n{body}",
        token(Side::A),
        body.len()
    )
    .into_bytes()
}

#[test]
fn slow_callers_hold_no_connection() {
    on_own_server(async |server| {
        // Enough for an answer that no buffer on the way takes whole.
        server
            .script(&format!(
                "insert into genres (workspace_id, name) \
                 select '{}', 'alpha' || repeat(md5(n::text), 6) || n from generate_series(1, 500) n",
                Side::A.workspace()
            ))
            .await;
        let aliases: String = (0..9)
            .map(|number| format!("a{number}: genres(first: 500) {{ nodes {{ id name }} }} "))
            .collect();
        let large = request(&format!("{{ {aliases} }}"));
        let gateway = Gateway::start(&server.url(), &["--pool-size", "2"], &[]).await;
        let caller = Caller::new(&gateway, Side::B, QUERY).await;

        let mut slow = Vec::new();
        for _ in 0..10 {
            let socket = TcpSocket::new_v4().expect("a socket");
            socket.set_recv_buffer_size(4096).expect("a small buffer");
            let to = ([127, 0, 0, 1], gateway.port).into();
            let mut reader = socket.connect(to).await.expect("a connection");
            reader.write_all(&large).await.expect("a request");
            let mut writer = TcpStream::connect(("127.0.0.1", gateway.port))
                .await
                .expect("a connection");
            writer
                .write_all(&large[..large.len() / 2])
                .await
                .expect("half a request");
            slow.push((reader, writer));
        }
        for (reader, _) in &slow {
            reader.readable().await.expect("the answer begins");
        }
        // All their answers are made and none is taken: the connections are free all the same.
        until_idle(server, Duration::from_secs(5)).await;
        for _ in 0..20 {
            let record = caller.ask().await;
            assert!(good(&record.outcome), "{record:?}");
            assert!(record.took() < Duration::from_secs(3), "{record:?}");
        }
        assert_eq!(gateway.ready().await, Some(200));
    });
}

#[test]
fn callers_who_leave_take_no_connection_along() {
    on_own_server(async |server| {
        let gateway = Gateway::start(&server.url(), &["--pool-size", "2"], &[]).await;
        let caller = Caller::new(&gateway, Side::B, QUERY).await;
        let wish = request("{ orders { nodes { id items { nodes { id } } customer { email } } } }");
        for _ in 0..1000 {
            let mut stream = TcpStream::connect(("127.0.0.1", gateway.port))
                .await
                .expect("a connection");
            stream.write_all(&wish).await.expect("a request");
        }
        let record = caller.ask().await;
        assert!(good(&record.outcome), "{record:?}");
        until_idle(server, Duration::from_secs(10)).await;
        // Beside the pool are the one that stops statements, and for a moment a probe.
        assert!(server.number(CONNECTIONS).await <= 4);
        // Both places of the pool are there: two statements can wait for a lock at once.
        let (one, two) = tokio::join!(caller.ask(), caller.ask());
        assert!(good(&one.outcome) && good(&two.outcome), "{one:?} {two:?}");
    });
}
