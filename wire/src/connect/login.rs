//! From the start-up message to the first `ReadyForQuery`.

use std::collections::BTreeMap;

use postgres_protocol::message::backend::Message;
use postgres_protocol::message::frontend;
use tokio::time::Instant;

use super::authenticate::{Authentication, Who};
use crate::config::Config;
use crate::error::Error;
use crate::pipe::Pipe;
use crate::protocol::remember;
use crate::server_error::ServerError;

/// Most bytes of one message before the connection is ready; libpq allows about as much.
pub(crate) const MESSAGE: usize = 64 * 1024;
/// Most bytes of all of them.
const ALL: usize = 1 << 20;

const DOING: &str = "logging in";

/// What the server said of itself.
pub(crate) struct Welcome {
    pub(crate) parameters: BTreeMap<String, String>,
    /// Process and secret, to cancel with.
    pub(crate) key: Option<(i32, i32)>,
}

/// Why the server did not let us in.
pub(crate) struct Refused {
    pub(crate) error: Error,
    /// Whether the server itself refused before it knew who we are. It may think otherwise of a
    /// connection that is encrypted, or is not.
    pub(crate) by_rule: bool,
}

/// Logs in over a stream at whose end a server waits.
pub(crate) async fn login(
    pipe: &mut Pipe,
    config: &Config,
    who: &Who<'_>,
    parameters: &[(String, String)],
    deadline: Instant,
) -> Result<Welcome, Refused> {
    let mut authentication = Authentication::new(who);
    let welcome = converse(pipe, config, &mut authentication, parameters, deadline).await;
    welcome.map_err(|error| Refused {
        by_rule: matches!(error, Error::Server(_)) && !authentication.is_done(),
        error,
    })
}

async fn converse(
    pipe: &mut Pipe,
    config: &Config,
    authentication: &mut Authentication<'_>,
    parameters: &[(String, String)],
    deadline: Instant,
) -> Result<Welcome, Error> {
    start(pipe, config, parameters)?;
    let mut welcome = Welcome {
        parameters: BTreeMap::new(),
        key: None,
    };
    let mut spent = 0;
    loop {
        let Some(head) = pipe.inbox.head()? else {
            pipe.exchange(deadline, DOING).await?;
            continue;
        };
        spent += head.length;
        if spent > ALL {
            return Err(Error::TooLarge {
                what: "what the server says before it is ready",
                limit: ALL,
            });
        }
        match pipe.inbox.parse(head)? {
            Message::ErrorResponse(body) => {
                return Err(ServerError::read(body.fields())?.into());
            }
            Message::NoticeResponse(body) => ServerError::read(body.fields())?.log_as_notice(),
            message if !authentication.is_done() => {
                authentication.answer(&message, &mut pipe.outbox)?;
            }
            Message::ParameterStatus(body) => remember(&mut welcome.parameters, &body)?,
            Message::BackendKeyData(body) => {
                welcome.key = Some((body.process_id(), body.secret_key()));
            }
            Message::ReadyForQuery(body) if body.status() == b'I' => break,
            _ => return Err(Error::protocol("a message that no login has")),
        }
    }
    // Whatever is not UTF-8 would be read wrongly from here on.
    match welcome.parameters.get("client_encoding") {
        Some(encoding) if encoding != "UTF8" => Err(Error::protocol(format!(
            "it sends texts as {encoding}, though asked for UTF8"
        ))),
        _ => Ok(welcome),
    }
}

fn start(pipe: &mut Pipe, config: &Config, more: &[(String, String)]) -> Result<(), Error> {
    let mut parameters = vec![
        ("user", config.user.as_str()),
        ("database", config.database.as_str()),
        ("client_encoding", "UTF8"),
    ];
    let named = [
        ("application_name", &config.application_name),
        ("options", &config.options),
    ];
    parameters.extend(
        named
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.as_deref()?))),
    );
    for (name, value) in more {
        if !parameters.iter().any(|(known, _)| known == name) {
            parameters.push((name, value));
        }
    }
    frontend::startup_message(parameters, &mut pipe.outbox)
        .map_err(|error| Error::Argument(format!("a start-up parameter: {error}")))
}
