//! Proves to the server who we are, and has it prove that it knows us.

use bytes::BytesMut;
use fallible_iterator::FallibleIterator;
use postgres_protocol::authentication::md5_hash;
use postgres_protocol::authentication::sasl::{
    self, ChannelBinding as Binding, SCRAM_SHA_256, SCRAM_SHA_256_PLUS, ScramSha256,
};
use postgres_protocol::message::backend::{AuthenticationSaslBody, Message};
use postgres_protocol::message::frontend;

use crate::config::auth::{ChannelBinding, Method, Methods};
use crate::config::secret::Secret;
use crate::error::Error;

/// Who logs in, and over what.
pub(crate) struct Who<'a> {
    pub(crate) user: &'a str,
    pub(crate) password: Option<&'a Secret>,
    pub(crate) binding: ChannelBinding,
    pub(crate) methods: &'a Methods,
    pub(crate) encrypted: bool,
    /// The digest of the server's certificate, where it has one.
    pub(crate) end_point: Option<Vec<u8>>,
}

pub(super) struct Authentication<'a> {
    who: &'a Who<'a>,
    state: State,
}

enum State {
    /// The server has asked nothing yet.
    Start,
    /// A password was sent.
    Sent,
    Scram {
        scram: Box<ScramSha256>,
        bound: bool,
        answered: bool,
    },
    /// The server has shown that it knows the password's hash.
    Proven {
        bound: bool,
    },
    Done,
}

impl<'a> Authentication<'a> {
    pub(super) fn new(who: &'a Who<'a>) -> Self {
        Self {
            who,
            state: State::Start,
        }
    }

    pub(super) fn is_done(&self) -> bool {
        matches!(self.state, State::Done)
    }

    /// Answers a message of the server.
    pub(super) fn answer(&mut self, message: &Message, out: &mut BytesMut) -> Result<(), Error> {
        let start = matches!(self.state, State::Start);
        match (message, &mut self.state) {
            (Message::AuthenticationOk, state) => {
                match state {
                    State::Start if !self.who.methods.allow(Method::None) => {
                        return Err(refuse(
                            "the server asks for no proof, which require_auth forbids",
                        ));
                    }
                    State::Scram { .. } => {
                        return Err(refuse(
                            "the server did not prove that it knows the password",
                        ));
                    }
                    _ => {}
                }
                let bound = matches!(state, State::Proven { bound: true });
                if self.who.binding == ChannelBinding::Require && !bound {
                    return Err(unbound());
                }
                *state = State::Done;
                Ok(())
            }
            (Message::AuthenticationCleartextPassword, _) if start => {
                self.allow(Method::Password, "the password in clear text")?;
                let password = self.password()?.to_owned();
                self.send(password.as_bytes(), out)
            }
            (Message::AuthenticationMd5Password(body), _) if start => {
                self.allow(Method::Md5, "an MD5 hash of the password")?;
                let hash = md5_hash(
                    self.who.user.as_bytes(),
                    self.password()?.as_bytes(),
                    body.salt(),
                );
                self.send(hash.as_bytes(), out)
            }
            (Message::AuthenticationSasl(body), _) if start => self.begin_scram(body, out),
            (
                Message::AuthenticationSaslContinue(body),
                State::Scram {
                    scram,
                    answered: answered @ false,
                    ..
                },
            ) => {
                scram.update(body.data()).map_err(failed)?;
                *answered = true;
                frontend::sasl_response(scram.message(), out).map_err(failed)
            }
            (
                Message::AuthenticationSaslFinal(body),
                State::Scram {
                    scram,
                    answered: true,
                    bound,
                },
            ) => {
                scram.finish(body.data()).map_err(failed)?;
                self.state = State::Proven { bound: *bound };
                Ok(())
            }
            (
                Message::AuthenticationKerberosV5
                | Message::AuthenticationGss
                | Message::AuthenticationSspi
                | Message::AuthenticationScmCredential,
                _,
            ) => Err(refuse(
                "the server asks for GSSAPI, SSPI or Kerberos, which are not supported; \
                 use scram-sha-256 or cert in its pg_hba.conf",
            )),
            _ => Err(Error::protocol("a message that no authentication has")),
        }
    }

    fn send(&mut self, password: &[u8], out: &mut BytesMut) -> Result<(), Error> {
        self.state = State::Sent;
        frontend::password_message(password, out).map_err(failed)
    }

    fn allow(&self, method: Method, what: &str) -> Result<(), Error> {
        if !self.who.methods.allow(method) {
            return Err(refuse(&format!(
                "the server asks for {what}, which require_auth forbids"
            )));
        }
        if self.who.binding == ChannelBinding::Require && method != Method::Scram {
            return Err(unbound());
        }
        Ok(())
    }

    fn password(&self) -> Result<&str, Error> {
        self.who
            .password
            .map(Secret::reveal)
            .ok_or_else(|| refuse("the server asks for a password, and the database URL has none"))
    }

    fn begin_scram(
        &mut self,
        body: &AuthenticationSaslBody,
        out: &mut BytesMut,
    ) -> Result<(), Error> {
        self.allow(Method::Scram, "SCRAM-SHA-256")?;
        let (mut plain, mut plus) = (false, false);
        let mut mechanisms = body.mechanisms();
        while let Some(mechanism) = mechanisms.next().map_err(failed)? {
            plain |= mechanism == SCRAM_SHA_256;
            plus |= mechanism == SCRAM_SHA_256_PLUS;
        }
        if plus && !self.who.encrypted {
            return Err(refuse(
                "the server offers channel binding over a connection that is not encrypted",
            ));
        }
        let wanted = self.who.binding != ChannelBinding::Disable;
        let end_point = self.who.end_point.clone().filter(|_| wanted);
        let (binding, mechanism) = match end_point {
            Some(end_point) if plus => {
                (Binding::tls_server_end_point(end_point), SCRAM_SHA_256_PLUS)
            }
            _ if !plain => {
                return Err(refuse(
                    "the server offers no mechanism that is known; use scram-sha-256",
                ));
            }
            // The server learns that we would have bound, and sees if somebody took its offer away.
            Some(_) => (Binding::unrequested(), SCRAM_SHA_256),
            None => (Binding::unsupported(), SCRAM_SHA_256),
        };
        let bound = mechanism == SCRAM_SHA_256_PLUS;
        if self.who.binding == ChannelBinding::Require && !bound {
            return Err(unbound());
        }
        let scram = Box::new(sasl::ScramSha256::new(self.password()?.as_bytes(), binding));
        frontend::sasl_initial_response(mechanism, scram.message(), out).map_err(failed)?;
        self.state = State::Scram {
            scram,
            bound,
            answered: false,
        };
        Ok(())
    }
}

fn refuse(why: &str) -> Error {
    Error::Authentication(why.to_owned())
}

fn failed(error: std::io::Error) -> Error {
    Error::Authentication(error.to_string())
}

fn unbound() -> Error {
    refuse(
        "channel_binding=require, but the server did not take part in it: it needs TLS, \
         scram-sha-256, and a certificate whose signature has a hash",
    )
}
