//! Certificates made for a test, and the server's side of TLS.

use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SignatureAlgorithm,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tempfile::TempDir;
use tokio_rustls::TlsAcceptor;

/// An authority, and a folder for what it gives out.
pub struct Authority {
    pub folder: TempDir,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate and its key.
pub struct Identity {
    pub certificate: CertificateDer<'static>,
    pub pem: String,
    pub key: KeyPair,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(DnType::CommonName, "an authority");
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("root.crt"), issuer.pem()).unwrap();
        Self { folder, issuer }
    }

    pub fn root(&self) -> PathBuf {
        self.folder.path().join("root.crt")
    }

    /// Gives out a certificate for these names.
    pub fn identity(&self, names: &[&str], common: &str) -> Identity {
        self.identity_by(names, common, &rcgen::PKCS_ECDSA_P256_SHA256)
    }

    pub fn identity_by(
        &self,
        names: &[&str],
        common: &str,
        algorithm: &'static SignatureAlgorithm,
    ) -> Identity {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, common);
        let key = KeyPair::generate_for(algorithm).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity {
            certificate: certificate.der().clone(),
            pem: certificate.pem(),
            key,
        }
    }

    /// Writes a certificate and its key, and gives their paths.
    pub fn write(&self, identity: &Identity) -> (PathBuf, PathBuf) {
        let (certificate, key) = (
            self.folder.path().join("client.crt"),
            self.folder.path().join("client.key"),
        );
        std::fs::write(&certificate, &identity.pem).unwrap();
        std::fs::write(&key, identity.key.serialize_pem()).unwrap();
        set_mode(&key, 0o600);
        (certificate, key)
    }

    /// The server's side of TLS; with `asks`, clients need a certificate of this authority.
    pub fn acceptor(&self, identity: &Identity, asks: bool, protocol: bool) -> TlsAcceptor {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap();
        let builder = if asks {
            let mut roots = RootCertStore::empty();
            roots.add(self.issuer.der().clone()).unwrap();
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            builder.with_client_cert_verifier(verifier.unwrap())
        } else {
            builder.with_no_client_auth()
        };
        let key = PrivateKeyDer::try_from(identity.key.serialize_der()).unwrap();
        let mut config = builder
            .with_single_cert(vec![identity.certificate.clone()], key)
            .unwrap();
        if protocol {
            config.alpn_protocols = vec![b"postgresql".to_vec()];
        }
        TlsAcceptor::from(Arc::new(config))
    }
}

/// A certificate that nobody else signed, as `openssl req -x509` makes them.
pub fn self_signed(names: &[&str], common: &str) -> Identity {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common);
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    Identity {
        certificate: certificate.der().clone(),
        pem: certificate.pem(),
        key,
    }
}

pub fn set_mode(path: &std::path::Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}
