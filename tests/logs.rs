//! The log and the other texts of the real process: on pipes that nobody reads or that were closed,
//! and in a flood of refused requests.

use std::io::{PipeReader, PipeWriter, Write, pipe};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::faults::gateway::{command, http};
use crate::faults::server::free_port;
use crate::faults::until;
use crate::harness::client::token;
use crate::harness::database::{Database, create};
use crate::harness::run;
use crate::harness::seed::{self, Side};

const LONG: Duration = Duration::from_secs(60);

/// A serving process over a database of its own.
struct Process {
    child: Child,
    http: reqwest::Client,
    port: u16,
    metrics: u16,
    _database: Database,
}

impl Process {
    async fn start(output: impl Into<Stdio>, log: impl Into<Stdio>) -> Self {
        Self::start_with(&["--log-format=json"], output, log).await
    }

    async fn start_with(
        arguments: &[&str],
        output: impl Into<Stdio>,
        log: impl Into<Stdio>,
    ) -> Self {
        let database = create(Some(seed::everything)).await;
        // The embedded server takes one connection at a time.
        database.db.close().await;
        let (port, metrics) = (free_port(), free_port());
        let child = command()
            .args(["serve", "--pool-size=1", "--max-batch=50"])
            .env("DATABASE_URL", &database.url)
            .env("TESSERA_LISTEN", format!("127.0.0.1:{port}"))
            .env("TESSERA_METRICS_LISTEN", format!("127.0.0.1:{metrics}"))
            .args(arguments)
            .stdout(output)
            .stderr(log)
            .spawn()
            .expect("the gateway runs");
        let process = Self {
            child,
            http: http(),
            port,
            metrics,
            _database: database,
        };
        until("the gateway listens", LONG, async || {
            process.health().await == Some(200)
        })
        .await;
        process
    }

    async fn health(&self) -> Option<u16> {
        let url = format!("http://127.0.0.1:{}/health/live", self.port);
        let response = self.http.get(url).send().await.ok()?;
        Some(response.status().as_u16())
    }

    async fn ask(&self, token: Option<&str>, body: &Value) -> u16 {
        let url = format!("http://127.0.0.1:{}/graphql", self.port);
        let request = self.http.post(url);
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let request = request.header("content-type", "application/json");
        let response = request.body(body.to_string()).send().await;
        response.expect("an answer").status().as_u16()
    }

    async fn dropped_lines(&self) -> f64 {
        let url = format!("http://127.0.0.1:{}/metrics", self.metrics);
        let response = self.http.get(url).send().await.expect("an answer");
        let text = response.text().await.expect("a body");
        let value = text
            .lines()
            .find_map(|line| line.strip_prefix("tessera_log_lines_dropped_total "));
        value
            .and_then(|value| value.parse().ok())
            .expect("a number")
    }

    /// Asks the process to stop, and waits for its end.
    async fn stop(mut self) -> ExitStatus {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status();
        assert!(sent.expect("kill runs").success());
        let mut ended = None;
        until("the process ends", LONG, async || {
            ended = self.child.try_wait().expect("the process is ours");
            ended.is_some()
        })
        .await;
        ended.expect("it ended")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A pipe that is full, and stays so until its reader is dropped.
fn full_pipe() -> (PipeReader, PipeWriter) {
    let (reader, writer) = pipe().expect("a pipe");
    let mut filler = writer.try_clone().expect("another end");
    std::thread::spawn(move || while filler.write(&[b'.'; 512]).is_ok() {});
    (reader, writer)
}

fn closed_pipe() -> PipeWriter {
    pipe().expect("a pipe").1
}

#[test]
fn a_log_that_nobody_reads_stops_nothing() {
    run(async {
        let (_reader, writer) = full_pipe();
        let output = writer.try_clone().expect("another end");
        let process = Process::start(output, writer).await;
        for _ in 0..300 {
            let status = process.ask(None, &json!({"query": "{ __typename }"})).await;
            assert_eq!(status, 401);
        }
        let token = token(Side::A);
        let batch = Value::Array(vec![json!({"query": "{ __typename }"}); 50]);
        for _ in 0..400 {
            assert_eq!(process.ask(Some(&token), &batch).await, 200);
            if process.dropped_lines().await > 0.0 {
                break;
            }
        }
        assert!(process.dropped_lines().await > 0.0);
        assert_eq!(process.health().await, Some(200));
        assert!(process.stop().await.success());
    });
}

#[test]
fn a_flood_of_refused_requests_is_told_in_few_lines() {
    run(async {
        const REQUESTS: u64 = 300;
        let log = tempfile::NamedTempFile::new().expect("a file");
        let file = log.reopen().expect("the same file");
        // The one who reads the greeting may have left.
        let process = Process::start(closed_pipe(), file).await;
        for _ in 0..REQUESTS {
            let status = process.ask(None, &json!({"query": "{ __typename }"})).await;
            assert_eq!(status, 401);
        }
        let mut alone = 0;
        until("all requests are told", LONG, async || {
            let text = std::fs::read_to_string(log.path()).expect("the log");
            let lines = text
                .lines()
                .filter_map(|line| serde_json::from_str::<Value>(line).ok());
            let lines: Vec<Value> = lines.collect();
            alone = lines
                .iter()
                .filter(|line| line["message"] == "operation")
                .count() as u64;
            let together: u64 = lines
                .iter()
                .filter_map(|line| line["requests"].as_u64())
                .sum();
            alone + together == REQUESTS
        })
        .await;
        assert!((10..REQUESTS / 2).contains(&alone), "{alone} lines");
        assert!(process.stop().await.success());
    });
}

/// A file, and another handle of it.
fn file() -> (tempfile::NamedTempFile, std::fs::File) {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let handle = file.reopen().expect("the same file");
    (file, handle)
}

fn read(file: &tempfile::NamedTempFile) -> String {
    std::fs::read_to_string(file.path()).expect("the file")
}

#[test]
fn a_log_in_json_is_json_from_the_start_to_the_stop() {
    run(async {
        let (output, to_output) = file();
        let (log, to_log) = file();
        let process = Process::start(to_output, to_log).await;
        let (token, query) = (token(Side::A), json!({"query": "{ __typename }"}));
        assert_eq!(process.ask(Some(&token), &query).await, 200);
        let metrics = process.metrics;
        assert!(process.stop().await.success());
        assert_eq!(read(&output), "");
        let text = read(&log);
        let lines: Vec<Value> = text
            .lines()
            .map(|line| {
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
            })
            .collect();
        let of = |message: &str| {
            let found = lines.iter().find(|line| {
                line["message"]
                    .as_str()
                    .is_some_and(|text| text.starts_with(message))
            });
            found.unwrap_or_else(|| panic!("no `{message}` in {text}"))
        };
        let address = format!("http://127.0.0.1:{metrics}/metrics");
        assert_eq!(of("serving")["metrics"], address);
        of("stopped");
        // The databases of the tests are a superuser's.
        let warning = of("the login of the database has too many privileges");
        assert_eq!(warning["level"], "WARN");
        let spent = of("operation")["milliseconds"].as_f64().expect("a number");
        let digits = spent.to_string();
        let decimals = digits
            .split_once('.')
            .map_or(0, |(_, decimals)| decimals.len());
        assert!(spent < 1.0 || decimals <= 1, "{digits}");
        let nowhere = "--database-url=postgres://x@127.0.0.1:1/x";
        for arguments in [
            &[
                "serve",
                nowhere,
                "--log-format=json",
                "--listen=127.0.0.1:0",
            ][..],
            &["--log-format", "json", "--listem", "127.0.0.1:0"],
            &["refresh", nowhere, "--log-format=json"],
            &["token", nowhere, "--log-format=json", "--workspace=nope"],
        ] {
            let failed = command()
                .args(arguments)
                .output()
                .expect("the command runs");
            assert!(!failed.status.success(), "{arguments:?}");
            let errors = String::from_utf8_lossy(&failed.stderr);
            assert_ne!(errors, "", "{arguments:?}");
            for line in errors.lines() {
                let line: Value = serde_json::from_str(line).expect("JSON");
                assert!(line["message"].is_string(), "{line}");
            }
        }
    });
}

#[test]
fn what_goes_to_no_terminal_has_no_colors_and_the_screen_names_the_metrics() {
    run(async {
        let (output, to_output) = file();
        let (log, to_log) = file();
        let process = Process::start_with(&["--log-format=text"], to_output, to_log).await;
        assert_eq!(
            process.ask(None, &json!({"query": "{ __typename }"})).await,
            401
        );
        let metrics = process.metrics;
        assert!(process.stop().await.success());
        let (output, log) = (read(&output), read(&log));
        assert!(log.contains("INFO"), "{log}");
        assert!(
            !output.contains('\u{1b}') && !log.contains('\u{1b}'),
            "{output}{log}"
        );
        let line = format!("  Metrics    http://127.0.0.1:{metrics}/metrics\n");
        assert!(output.contains(&line), "{output}");
    });
}

#[test]
fn development_on_another_database_promises_no_sample() {
    run(async {
        let (output, to_output) = file();
        let process = Process::start_with(&["--development"], to_output, Stdio::null()).await;
        assert!(process.stop().await.success());
        let output = read(&output);
        assert!(!output.contains("gift-shop"), "{output}");
        assert!(
            output.contains("  tessera token --workspace SLUG\n"),
            "{output}"
        );
    });
}

#[test]
fn a_reader_that_has_read_enough_is_no_error() {
    let token = [
        "token",
        "--workspace=a",
        "--user=00000000-0000-0000-0000-000000000001",
    ];
    let commands: [(&[&str], bool); 6] = [
        (&["schema"], true),
        (&["--help"], true),
        (&["import", "--help"], true),
        (&["--version"], true),
        (&token, true),
        // There is no database.
        (
            &["doctor", "--database-url=postgres://x@127.0.0.1:1/x"],
            false,
        ),
    ];
    for (arguments, succeeds) in commands {
        let output = command()
            .args(arguments)
            .stdout(closed_pipe())
            .stderr(Stdio::piped())
            .output()
            .expect("the command runs");
        // A token is not checked where there is no database, which is said.
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(
            told.is_empty() || told.contains("is not checked") && told.lines().count() == 1,
            "{arguments:?}: {told}"
        );
        assert_eq!(output.status.success(), succeeds, "{arguments:?}");
    }
}

#[test]
fn the_help_of_a_command_begins_with_its_own_flags() {
    for (name, flags) in [
        ("token", &["--workspace", "--user", "--role", "--days"][..]),
        ("doctor", &["--json"]),
        ("import", &["--help"]),
    ] {
        let output = command().args([name, "--help"]).output();
        let text = String::from_utf8(output.expect("the command runs").stdout).expect("UTF-8");
        let settings = text
            .find("Settings:")
            .expect("the settings of all commands");
        let (own, all) = text.split_at(settings);
        for flag in flags {
            assert!(
                own.contains(&format!("{flag} ")) || own.contains(&format!("{flag}\n")),
                "{flag}: {own}"
            );
        }
        assert!(
            !own.contains("--database-url") && all.contains("--database-url"),
            "{text}"
        );
    }
}
