//! A server that speaks as much of PostgreSQL's protocol as a scope needs, and ends a connection
//! after as many messages as a test says.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What a connection executed between two Syncs, with the values of each statement.
pub type Exchange = Vec<(String, Vec<String>)>;

#[derive(Default)]
pub struct Script {
    /// After how many messages of its answers the first connection that reads is cut.
    pub cut: Option<usize>,
    /// Whether settings are refused.
    pub refuses: bool,
    /// Whether settings of a new connection are refused, as connection poolers do.
    pub pools: bool,
}

pub struct Server {
    pub url: String,
    pub exchanges: Arc<Mutex<Vec<Exchange>>>,
}

impl Server {
    pub async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let exchanges = Arc::default();
        let server = Self {
            url: format!("postgres://me@{address}/db?sslmode=disable"),
            exchanges: Arc::clone(&exchanges),
        };
        let cut = Arc::new(Mutex::new(script.cut));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let connection = Connection {
                    stream,
                    cut: Arc::clone(&cut),
                    refuses: script.refuses,
                    pools: script.pools,
                    exchanges: Arc::clone(&exchanges),
                };
                tokio::spawn(connection.serve());
            }
        });
        server
    }
}

struct Connection {
    stream: TcpStream,
    cut: Arc<Mutex<Option<usize>>>,
    refuses: bool,
    pools: bool,
    exchanges: Arc<Mutex<Vec<Exchange>>>,
}

fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).expect("a short message");
    [&[tag][..], &length.to_be_bytes(), body].concat()
}

/// A row of values.
fn row(values: &[&[u8]]) -> Vec<u8> {
    let mut body = u16::try_from(values.len())
        .expect("few")
        .to_be_bytes()
        .to_vec();
    for value in values {
        body.extend(u32::try_from(value.len()).expect("short").to_be_bytes());
        body.extend_from_slice(value);
    }
    message(b'D', &body)
}

impl Connection {
    async fn untagged(&mut self) -> Option<Vec<u8>> {
        let length = self.stream.read_u32().await.ok()?;
        let mut body = vec![0; length as usize - 4];
        self.stream.read_exact(&mut body).await.ok()?;
        Some(body)
    }

    async fn serve(mut self) -> Option<()> {
        let start = self.untagged().await?;
        if self.pools && String::from_utf8_lossy(&start).contains("\0role\0") {
            let refusal = message(
                b'E',
                b"SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: role\0\0",
            );
            return self.stream.write_all(&refusal).await.ok();
        }
        let welcome = [
            message(b'R', &[0; 4]),
            message(b'K', &[0, 0, 0, 7, 0, 0, 0, 7]),
            message(b'Z', b"I"),
        ];
        self.stream.write_all(&welcome.concat()).await.ok()?;
        let mut statements: HashMap<String, String> = HashMap::new();
        let mut bound = (String::new(), Vec::new());
        let mut exchange = Exchange::new();
        let (mut failed, mut reads) = (false, false);
        loop {
            let tag = self.stream.read_u8().await.ok()?;
            let body = self.untagged().await?;
            let texts: Vec<&[u8]> = body.split(|&byte| byte == 0).collect();
            let text = |index: usize| String::from_utf8_lossy(texts[index]).into_owned();
            let answers = match tag {
                b'X' => return None,
                b'S' => {
                    failed = false;
                    let done = std::mem::take(&mut exchange);
                    self.exchanges.lock().expect("no panic").push(done);
                    vec![message(b'Z', b"I")]
                }
                _ if failed => vec![],
                b'P' => {
                    statements.insert(text(0), text(1));
                    vec![message(b'1', &[])]
                }
                b'B' => {
                    bound = (statements[&text(1)].clone(), values(&body));
                    vec![message(b'2', &[])]
                }
                b'E' => {
                    let sets = bound.0.contains("set_config");
                    if sets && self.refuses {
                        failed = true;
                        vec![message(b'E', b"SERROR\0VERROR\0C42501\0Mno\0\0")]
                    } else {
                        exchange.push(bound.clone());
                        reads |= sets;
                        let rows = match &bound.0 {
                            check if check.contains("pg_extension") => vec![row(&[&[1], &[0]])],
                            rows if rows.contains("rows") => vec![row(&[b"one"]), row(&[b"two"])],
                            _ => vec![row(&[b"set"])],
                        };
                        [rows, vec![message(b'C', b"SELECT 1\0")]].concat()
                    }
                }
                _ => vec![],
            };
            for answer in answers {
                // What every new connection is asked does not count.
                if reads {
                    let mut cut = self.cut.lock().expect("no panic");
                    match &mut *cut {
                        Some(0) => {
                            *cut = None;
                            return None;
                        }
                        Some(left) => *left -= 1,
                        None => {}
                    }
                }
                self.stream.write_all(&answer).await.ok()?;
            }
        }
    }
}

/// The values of a Bind, as texts.
fn values(body: &[u8]) -> Vec<String> {
    let names = body.splitn(3, |&byte| byte == 0).nth(2).expect("two names");
    let number = |at: usize| usize::from(u16::from_be_bytes([names[at], names[at + 1]]));
    let mut at = 2 + 2 * number(0);
    let count = number(at);
    at += 2;
    (0..count)
        .map(|_| {
            let length = names[at..at + 4].try_into().expect("a length");
            let length = usize::try_from(i32::from_be_bytes(length)).unwrap_or(0);
            let value = &names[at + 4..at + 4 + length];
            at += 4 + length;
            String::from_utf8_lossy(value).into_owned()
        })
        .collect()
}
