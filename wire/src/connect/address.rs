//! From a host of the URL to the addresses that it stands for, and to a socket.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;

use crate::config::Tcp;
use crate::config::hosts::{Host, Place};
use crate::error::Error;
use crate::stream::Socket;

/// The folders where PostgreSQL makes its socket unless told otherwise: Debian's, and its own.
#[cfg(unix)]
const FOLDERS: [&str; 2] = ["/var/run/postgresql", "/tmp"];

#[derive(Clone, Debug)]
pub(crate) enum Address {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

/// Every address of a host.
pub(crate) async fn resolve(host: &Host) -> Result<Vec<Address>, Error> {
    let port = host.port;
    match &host.place {
        Place::Usual => Ok(vec![usual(port)]),
        Place::Folder(folder) => Ok(vec![Address::Unix(folder.join(socket_name(port)))]),
        Place::Network {
            address: Some(address),
            ..
        } => Ok(vec![Address::Tcp(SocketAddr::new(*address, port))]),
        Place::Network { name, .. } => {
            let name = name.as_deref().unwrap_or("localhost");
            let found = tokio::net::lookup_host((name, port)).await;
            let doing = || format!("looking up {host}");
            let found: Vec<Address> = found
                .map_err(|error| Error::io(doing(), error))?
                .map(Address::Tcp)
                .collect();
            if found.is_empty() {
                let error = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
                return Err(Error::io(doing(), error));
            }
            Ok(found)
        }
    }
}

fn socket_name(port: u16) -> String {
    format!(".s.PGSQL.{port}")
}

fn usual(port: u16) -> Address {
    #[cfg(unix)]
    for folder in FOLDERS {
        let path = std::path::Path::new(folder).join(socket_name(port));
        if path.exists() {
            return Address::Unix(path);
        }
    }
    Address::Tcp(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port))
}

/// Connects.
pub(crate) async fn open(address: &Address, tcp: &Tcp) -> io::Result<Socket> {
    match address {
        Address::Tcp(address) => {
            let stream = TcpStream::connect(address).await?;
            prepare(&stream, tcp)?;
            Ok(Socket::Tcp(stream))
        }
        #[cfg(unix)]
        Address::Unix(path) => {
            use std::os::unix::ffi::{OsStrExt, OsStringExt};
            // An abstract socket is written with `@`, and begins with a zero byte.
            let path = match path.as_os_str().as_bytes() {
                [b'@', rest @ ..] => {
                    let name = [b"\0", rest].concat();
                    PathBuf::from(std::ffi::OsString::from_vec(name))
                }
                _ => path.clone(),
            };
            Ok(Socket::Unix(tokio::net::UnixStream::connect(path).await?))
        }
        #[cfg(not(unix))]
        Address::Unix(_) => Err(io::ErrorKind::Unsupported.into()),
    }
}

fn prepare(stream: &TcpStream, tcp: &Tcp) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    if tcp.keepalives {
        let mut keepalive = TcpKeepalive::new();
        if let Some(idle) = tcp.idle {
            keepalive = keepalive.with_time(idle);
        }
        if let Some(interval) = tcp.interval {
            keepalive = keepalive.with_interval(interval);
        }
        if let Some(count) = tcp.count {
            keepalive = keepalive.with_retries(count);
        }
        socket.set_tcp_keepalive(&keepalive)?;
    }
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(tcp.user_timeout)?;
    Ok(())
}
