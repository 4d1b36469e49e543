//! TLS as the client of a server, with libpq's rules of what is checked.

mod certificate;
mod der;
mod verify;

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::config::ConfigError;
use crate::config::privacy::{Owner, is_open_to_others};
use crate::config::ssl::{Roots, Ssl, SslMode};
use crate::error::Error;
use crate::stream::Socket;
use verify::{Trust, Verifier};

pub(crate) use certificate::end_point;

/// What PostgreSQL is called where protocols are negotiated within TLS.
const PROTOCOL: &[u8] = b"postgresql";

/// The settings of TLS, made once and used for each connection.
#[derive(Clone)]
pub(crate) struct Client {
    config: Arc<ClientConfig>,
}

impl Client {
    /// None where TLS is off.
    pub(crate) fn new(ssl: &Ssl) -> Result<Option<Self>, ConfigError> {
        if ssl.mode == SslMode::Disable {
            return Ok(None);
        }
        let trust = ssl.verifies().then(|| trust(&ssl.roots)).transpose()?;
        let provider = Arc::new(default_provider());
        let algorithms = provider.signature_verification_algorithms;
        let versions: &[_] = match ssl.versions {
            (true, false) => &[&rustls::version::TLS12],
            (false, _) => &[&rustls::version::TLS13],
            _ => rustls::DEFAULT_VERSIONS,
        };
        let names = ssl.mode == SslMode::VerifyFull;
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .map_err(|error| ConfigError::new(format!("TLS cannot be used: {error}")))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Verifier::new(trust, names, algorithms)));
        let mut config = match &ssl.client {
            None => builder.with_no_client_auth(),
            Some((certificates, key)) => {
                let chain = certificates_of(certificates, "sslcert")?;
                let key = private_key(key)?;
                builder.with_client_auth_cert(chain, key).map_err(|error| {
                    ConfigError::new(format!(
                        "`sslcert` and `sslkey` in the database URL do not go together: {error}"
                    ))
                })?
            }
        };
        config.enable_sni = ssl.sni;
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        Ok(Some(Self {
            config: Arc::new(config),
        }))
    }

    /// Shakes hands. Without asking the server first (`direct`), it must say that it is PostgreSQL.
    pub(crate) async fn handshake(
        &self,
        socket: Socket,
        name: ServerName<'static>,
        direct: bool,
    ) -> Result<TlsStream<Socket>, Error> {
        let connector = TlsConnector::from(Arc::clone(&self.config));
        let stream = connector.connect(name, socket).await.map_err(refused)?;
        if direct && stream.get_ref().1.alpn_protocol() != Some(PROTOCOL) {
            return Err(Error::Tls(
                "the server does not say that it speaks PostgreSQL's protocol; \
                 sslnegotiation=direct needs PostgreSQL 17 or newer"
                    .to_owned(),
            ));
        }
        Ok(stream)
    }
}

/// An error of the handshake: TLS's own, or of the network below it.
fn refused(error: std::io::Error) -> Error {
    let is_tls = error
        .get_ref()
        .is_some_and(|inner| inner.is::<rustls::Error>());
    if is_tls {
        Error::Tls(error.to_string())
    } else {
        Error::io("shaking hands by TLS", error)
    }
}

/// The name that a certificate must be for, and that the server is told.
pub(crate) fn server_name(
    name: Option<&str>,
    address: Option<IpAddr>,
    must_match: bool,
) -> Result<ServerName<'static>, Error> {
    let named = name.and_then(|name| ServerName::try_from(name.to_owned()).ok());
    let by_address = || {
        (!must_match)
            .then(|| address.map(ServerName::from))
            .flatten()
    };
    named.or_else(by_address).ok_or_else(|| {
        Error::Tls(
            "the server's name in the database URL is none that a certificate is for".to_owned(),
        )
    })
}

fn trust(roots: &Roots) -> Result<Trust, ConfigError> {
    match roots {
        Roots::File(path) => {
            let certificates = certificates_of(path, "sslrootcert")?;
            Trust::only(certificates).map_err(|error| {
                ConfigError::new(format!(
                    "`sslrootcert` in the database URL: {} holds a certificate that cannot be used: {error}",
                    path.display()
                ))
            })
        }
        Roots::System | Roots::Any => {
            let found = rustls_native_certs::load_native_certs();
            for error in &found.errors {
                tracing::debug!(%error, "some certificates of the system cannot be read");
            }
            let trust = Trust::some_of(found.certs);
            if trust.is_empty() {
                return Err(ConfigError::new(
                    "the operating system has no certificates of authorities (on Debian they are in \
                     the package ca-certificates); install them, or set sslrootcert=<file> in the database URL",
                ));
            }
            Ok(trust)
        }
    }
}

fn certificates_of(
    path: &Path,
    parameter: &str,
) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
    let wrong = |what: String| {
        ConfigError::new(format!(
            "`{parameter}` in the database URL: {} {what}",
            path.display()
        ))
    };
    let certificates = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| wrong(format!("cannot be read: {error}")))?;
    if certificates.is_empty() {
        return Err(wrong("holds no certificate in PEM form".to_owned()));
    }
    Ok(certificates)
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, ConfigError> {
    let wrong = |what: &str| {
        ConfigError::new(format!(
            "`sslkey` in the database URL: {} {what}",
            path.display()
        ))
    };
    let key = PrivateKeyDer::from_pem_file(path)
        .map_err(|_| wrong("cannot be read, or holds no unencrypted private key in PEM form"))?;
    if is_open_to_others(path, Owner::CallerOrRoot) {
        return Err(wrong("can be read by others; make it private (chmod 0600)"));
    }
    Ok(key)
}
