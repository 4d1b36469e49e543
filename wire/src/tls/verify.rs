//! Whether a server is who it should be.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use super::certificate::Facts;

/// Whose certificates are taken.
#[derive(Debug)]
pub(super) struct Trust {
    authorities: RootCertStore,
    /// The same certificates. One that a server shows itself is trusted as it is: many servers
    /// have one that they signed themselves, and clients that very file.
    certificates: Vec<CertificateDer<'static>>,
}

impl Trust {
    /// Exactly these.
    pub(super) fn only(certificates: Vec<CertificateDer<'static>>) -> Result<Self, Error> {
        let mut authorities = RootCertStore::empty();
        for certificate in &certificates {
            authorities.add(certificate.clone())?;
        }
        Ok(Self {
            authorities,
            certificates,
        })
    }

    /// Those of these that can be used.
    pub(super) fn some_of(certificates: Vec<CertificateDer<'static>>) -> Self {
        let mut authorities = RootCertStore::empty();
        authorities.add_parsable_certificates(certificates);
        Self {
            authorities,
            certificates: Vec::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.authorities.is_empty()
    }
}

/// Checks a certificate as far as the mode asks for it. Signatures of the handshake always must be
/// of the certificate that was shown.
#[derive(Debug)]
pub(super) struct Verifier {
    /// None takes any certificate.
    trust: Option<Trust>,
    /// Whether it must be for the server's name, too.
    names: bool,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Verifier {
    pub(super) fn new(
        trust: Option<Trust>,
        names: bool,
        algorithms: WebPkiSupportedAlgorithms,
    ) -> Self {
        Self {
            trust,
            names,
            algorithms,
        }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(trust) = &self.trust else {
            return Ok(ServerCertVerified::assertion());
        };
        let parsed = ParsedCertificate::try_from(shown)?;
        if trust.certificates.contains(shown) {
            holds_at(shown, now)?;
        } else {
            verify_server_cert_signed_by_trust_anchor(
                &parsed,
                &trust.authorities,
                intermediates,
                now,
                self.algorithms.all,
            )?;
        }
        if self.names {
            verify_server_name(&parsed, name).or_else(|error| {
                if is_common_name(shown, name) {
                    Ok(())
                } else {
                    Err(error)
                }
            })?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Whether a certificate that is trusted as it is holds now.
fn holds_at(certificate: &[u8], now: UnixTime) -> Result<(), Error> {
    let facts = Facts::of(certificate).ok_or(CertificateError::BadEncoding)?;
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    if now < facts.valid.0 {
        return Err(CertificateError::NotValidYet.into());
    }
    if now > facts.valid.1 {
        return Err(CertificateError::Expired.into());
    }
    Ok(())
}

/// Whether a certificate without alternative names has the server's name as its common name, which
/// libpq takes then.
fn is_common_name(certificate: &[u8], name: &ServerName<'_>) -> bool {
    let Some(common) = Facts::of(certificate).and_then(|facts| facts.common_name) else {
        return false;
    };
    let text = name.to_str();
    if common.eq_ignore_ascii_case(&text) {
        return true;
    }
    // A star stands for one label, and for no part of an address.
    let (ServerName::DnsName(_), Some(pattern)) = (name, common.strip_prefix("*.")) else {
        return false;
    };
    let (first, rest) = text.split_once('.').unwrap_or_default();
    !first.is_empty() && rest.eq_ignore_ascii_case(pattern) && pattern.contains('.')
}
