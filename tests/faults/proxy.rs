//! A network between gateway and database that can be hurt.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// Everything passes.
    Sound,
    /// Each new connection is cut after some bytes of the server, wherever in a message that is.
    Cutting,
    /// Nothing passes, and nobody is told: neither old connections nor new ones.
    Silent,
}

pub struct Proxy {
    pub port: u16,
    network: watch::Sender<Network>,
    task: JoinHandle<()>,
}

impl Proxy {
    pub async fn start(to: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let network = watch::Sender::new(Network::Sound);
        let sender = network.clone();
        let task = tokio::spawn(async move {
            let number = Arc::new(AtomicU64::new(0));
            loop {
                let (client, _) = listener.accept().await.expect("a connection");
                let turn = number.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(relay(client, to, sender.subscribe(), turn));
            }
        });
        Self {
            port,
            network,
            task,
        }
    }

    pub fn set(&self, network: Network) {
        self.network.send_replace(network);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn relay(mut client: TcpStream, to: u16, mut network: watch::Receiver<Network>, turn: u64) {
    let born_in = *network.borrow();
    // Spread without chance over the greeting, the scope and the rows.
    let mut allowance = match born_in {
        Network::Cutting => 200 + (turn * 7919) % 6000,
        _ => u64::MAX,
    };
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", to)).await else {
        return;
    };
    let mut from_client = vec![0; 16 * 1024];
    let mut from_server = vec![0; 16 * 1024];
    loop {
        if *network.borrow_and_update() == Network::Silent {
            // What was silent once stays silent, as behind a firewall that forgot it; the sockets
            // stay open.
            std::future::pending::<()>().await;
        }
        tokio::select! {
            changed = network.changed() => {
                if changed.is_err() {
                    return;
                }
            }
            read = client.read(&mut from_client) => {
                let Ok(count @ 1..) = read else { return };
                if server.write_all(&from_client[..count]).await.is_err() {
                    return;
                }
            }
            read = server.read(&mut from_server) => {
                let Ok(count @ 1..) = read else { return };
                let passing = count.min(usize::try_from(allowance).unwrap_or(usize::MAX));
                if client.write_all(&from_server[..passing]).await.is_err() || passing < count {
                    return;
                }
                allowance -= passing as u64;
            }
        }
    }
}
