//! What is told when the gateway has started: a screen for people, or one line of a log in JSON.

use std::net::SocketAddr;
use std::time::Duration;

use crate::config::Settings;
use crate::http::playground::DemoWorkspace;
use crate::telemetry::{LogFormat, Stream, say};

/// What has started.
pub(super) struct Greeting<'a> {
    pub settings: &'a Settings,
    /// Where the API listens.
    pub address: SocketAddr,
    /// Where the metrics are served, if they are.
    pub metrics: Option<SocketAddr>,
    pub embedded: bool,
    pub demos: &'a [DemoWorkspace],
    /// How long the start took.
    pub after: Duration,
}

impl Greeting<'_> {
    /// Tells it on the stream that the format of the log leaves to it.
    pub fn tell(&self) {
        match self.settings.telemetry.log_format {
            LogFormat::Text => say(Stream::Output, self.screen()),
            LogFormat::Json => {
                let metrics = self
                    .metrics
                    .map(|metrics| format!("http://{metrics}/metrics"));
                tracing::info!(
                    version = env!("CARGO_PKG_VERSION"),
                    endpoint = format!("http://{}/graphql", self.address),
                    metrics,
                    seconds = (self.after.as_secs_f64() * 10.0).round() / 10.0,
                    "serving"
                );
            }
        }
    }

    fn screen(&self) -> String {
        let address = self.address;
        let mut lines = vec![
            format!(
                "Tessera {} is up after {:.1} s",
                env!("CARGO_PKG_VERSION"),
                self.after.as_secs_f64()
            ),
            String::new(),
        ];
        if self.settings.http.playground {
            lines.push(format!("  GraphiQL   http://{address}/"));
        }
        lines.push(format!("  Endpoint   http://{address}/graphql"));
        if let Some(metrics) = self.metrics {
            lines.push(format!("  Metrics    http://{metrics}/metrics"));
        }
        if self.embedded {
            lines.push(format!(
                "  Database   embedded, in {}",
                self.settings.server.data_dir.display()
            ));
        }
        for demo in self.demos {
            lines.extend([
                String::new(),
                format!(
                    "  {}, workspace `{}`, token of its owner:",
                    demo.name, demo.slug
                ),
                format!("  {}", demo.token),
            ]);
        }
        if let Some(first) = self.demos.first() {
            lines.extend([
                String::new(),
                "Example request:".to_owned(),
                String::new(),
                format!("  curl http://{address}/graphql -H 'Content-Type: application/json' \\"),
                format!("    -H 'Authorization: Bearer {}' \\", first.token),
                "    -d '{\"query\": \"{ customers(first: 3, orderBy: [{ totalSpent: DESC }]) { nodes { email totalSpent } } }\"}'".to_owned(),
            ]);
        }
        if self.settings.server.development && self.demos.is_empty() {
            lines.extend([
                String::new(),
                "To make a token, with the same secret and the administrator's DATABASE_URL:"
                    .to_owned(),
                "  tessera token --workspace SLUG".to_owned(),
            ]);
        }
        lines.extend([String::new(), "Ctrl-C stops it.\n".to_owned()]);
        lines.join("\n")
    }
}
