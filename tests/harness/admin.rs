//! What the administrator of a database asks and changes, beside the gateway.

use tessera::db::{Db, Lent, Row};
use wire::{Config, Connection, Event, Rows, ServerError, Settings, Statement, Values};

/// What a connection of the gateway becomes for the administrator, and how it goes back.
const BEFORE: &str = "set role none; set search_path = public; \
    set default_transaction_isolation = 'read committed'; set default_transaction_read_only = off; \
    set statement_timeout = 0";
const AFTER: &str = "rollback; set role gateway; set search_path = read, public; \
    set default_transaction_isolation = 'repeatable read'; set default_transaction_read_only = on";

/// A connection of the administrator. The embedded server takes only one, so there the gateway
/// lends its own.
pub enum Admin {
    Own(Box<Connection>),
    Lent(Box<Lent>),
}

/// A row of an answer, whose values are read as the types that the test names.
pub struct AdminRow(Row);

impl Admin {
    pub async fn connect(url: &str) -> Self {
        let config = Config::parse(url).expect("a URL");
        let connection = Connection::connect(&config, &Settings::default()).await;
        Self::Own(Box::new(connection.expect("a connection")))
    }

    pub async fn of(db: &Db) -> Self {
        let mut admin = Self::Lent(Box::new(db.lend().await.expect("a connection")));
        admin.run(BEFORE).await.expect("it is the administrator's");
        admin
    }

    fn connection(&mut self) -> &mut Connection {
        match self {
            Self::Own(connection) => connection,
            Self::Lent(lent) => lent.connection().expect("a connection"),
        }
    }

    /// Runs a script in one transaction, and gives the rows of all its statements.
    pub async fn run(&mut self, script: &str) -> Result<Vec<AdminRow>, Box<ServerError>> {
        let connection = self.connection();
        let mut exchange = connection.exchange().expect("it is at rest");
        exchange.set_patience(std::time::Duration::from_secs(300));
        for statement in statements(script) {
            let statement = Statement::once(statement, []);
            let added = exchange.add(&statement, &Values::new(), Rows::Read);
            added.expect("a statement");
        }
        exchange.sync();
        let (mut rows, mut failed) = (Vec::new(), None);
        while let Some(event) = exchange.next().await.expect("the server answers") {
            match event {
                Event::Row { row, .. } => rows.push(AdminRow(row)),
                Event::Failed { error, .. } => failed = Some(error),
                _ => {}
            }
        }
        failed.map_or(Ok(rows), Err)
    }

    /// Ends what is open, and gives a connection of the gateway back as it was.
    pub async fn close(mut self) {
        match self {
            Self::Own(connection) => connection.close().await,
            Self::Lent(_) => {
                self.run(AFTER).await.expect("it is the gateway's again");
            }
        }
    }
}

/// The statements of a script: what stands between semicolons, but for those inside of texts.
fn statements(script: &str) -> Vec<&str> {
    let bytes = script.as_bytes();
    let (mut found, mut start, mut at) = (Vec::new(), 0, 0);
    while at < bytes.len() {
        let rest = &script[at..];
        let skipped = match bytes[at] {
            b';' => {
                found.push(script[start..at].trim());
                start = at + 1;
                1
            }
            quote @ (b'\'' | b'"') => {
                let end = rest[1..].find(char::from(quote));
                end.expect("the end of a text") + 2
            }
            b'$' => {
                let tag = rest[1..].find('$').map(|end| &rest[..end + 2]);
                let tag = tag.filter(|tag| {
                    tag.bytes()
                        .all(|byte| byte == b'$' || byte == b'_' || byte.is_ascii_alphabetic())
                });
                match tag {
                    Some(tag) => {
                        let end = rest[tag.len()..].find(tag);
                        end.expect("the end of a text") + 2 * tag.len()
                    }
                    None => 1,
                }
            }
            b'-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            _ => 1,
        };
        at += skipped;
    }
    found.push(script[start..].trim());
    found.retain(|statement| !statement.is_empty());
    found
}

/// A type that a value of a row can be read as.
pub trait FromColumn: Sized {
    fn read(bytes: &[u8]) -> Self;
}

impl AdminRow {
    /// A value that is not null.
    pub fn get<T: FromColumn>(&self, column: usize) -> T {
        T::read(self.0.get(column).expect("a value"))
    }
}

impl FromColumn for String {
    fn read(bytes: &[u8]) -> Self {
        Self::from_utf8(bytes.to_vec()).expect("UTF-8")
    }
}

impl FromColumn for bool {
    fn read(bytes: &[u8]) -> Self {
        bytes == [1]
    }
}

impl FromColumn for i32 {
    fn read(bytes: &[u8]) -> Self {
        Self::from_be_bytes(bytes.try_into().expect("four bytes"))
    }
}

impl FromColumn for i64 {
    fn read(bytes: &[u8]) -> Self {
        Self::from_be_bytes(bytes.try_into().expect("eight bytes"))
    }
}
