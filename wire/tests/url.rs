//! What a database URL may say, and what is said about one that cannot be used.

use wire::Config;

mod support;

fn debug(url: &str) -> String {
    match Config::parse(url) {
        Ok(config) => format!("{config:?}"),
        Err(error) => panic!("{url}: {error}"),
    }
}

fn refused(url: &str) -> String {
    match Config::parse(url) {
        Ok(config) => panic!("{url} is taken as {config:?}"),
        Err(error) => error.to_string(),
    }
}

#[track_caller]
fn holds(url: &str, parts: &[&str]) {
    let text = debug(url);
    for part in parts {
        assert!(text.contains(part), "{url}: {part:?} is not in {text}");
    }
}

#[test]
fn the_parts_of_a_url() {
    let all = "postgresql://jo%40x:p%2F%3Aw@db.example:6000/shop%20a?application_name=a%26b&options=-c%20x%3D1";
    let config = Config::parse(all).unwrap();
    assert_eq!((config.user(), config.database()), ("jo@x", "shop a"));
    holds(
        all,
        &[
            r#"name: Some("db.example")"#,
            "port: 6000",
            r#"application_name: Some("a&b")"#,
            r#"options: Some("-c x=1")"#,
        ],
    );
    // The database is named as the user unless the URL says otherwise.
    assert_eq!(Config::parse("postgres://jo@h").unwrap().database(), "jo");
    assert_eq!(Config::parse("postgres://jo@h/").unwrap().database(), "jo");
    let other = "postgres://h/db?user=a&dbname=b&host=c&port=7&password=d";
    let config = Config::parse(other).unwrap();
    assert_eq!((config.user(), config.database()), ("a", "b"));
    holds(other, &[r#"name: Some("c")"#, "port: 7"]);
}

#[test]
fn several_hosts() {
    let text = debug("postgres://u@a:1,[::1]:2,b,%2Frun%2Fpg:4/d");
    for part in [
        r#"Network { name: Some("a"), address: None }, port: 1,"#,
        r#"Network { name: Some("::1"), address: Some(::1) }, port: 2,"#,
        r#"Network { name: Some("b"), address: None }, port: 5432,"#,
        r#"Folder("/run/pg"), port: 4,"#,
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    holds(
        "postgres:///d?user=u&host=a,b&port=9",
        &[
            r#"Some("a"), address: None }, port: 9"#,
            r#"Some("b"), address: None }, port: 9"#,
        ],
    );
    holds(
        "postgres://u@a,b/d?hostaddr=10.0.0.1,10.0.0.2",
        &[
            r#"Some("a"), address: Some(10.0.0.1)"#,
            r#"Some("b"), address: Some(10.0.0.2)"#,
        ],
    );
    holds("postgres://u@/d", &["place: Usual, port: 5432"]);
    holds("postgres://u@:99/d", &["place: Usual, port: 99"]);
    // As the embedded server gives it.
    holds(
        "postgres://postgres@localhost/postgres?host=/tmp/x",
        &[r#"Folder("/tmp/x"), port: 5432"#],
    );
}

#[test]
fn times_and_words() {
    holds(
        "postgres://u@h?connect_timeout=3&keepalives_idle=10&keepalives_interval=5&keepalives_count=2&tcp_user_timeout=1500",
        &[
            "connect_timeout: Some(3s)",
            "idle: Some(10s)",
            "interval: Some(5s)",
            "count: Some(2)",
            "user_timeout: Some(1.5s)",
        ],
    );
    holds(
        "postgres://u@h?connect_timeout=0&keepalives=0",
        &["connect_timeout: None", "keepalives: false"],
    );
    for (word, name) in [
        ("any", "Any"),
        ("read-write", "ReadWrite"),
        ("read-only", "ReadOnly"),
        ("primary", "Primary"),
        ("standby", "Standby"),
        ("prefer-standby", "PreferStandby"),
    ] {
        let url = format!("postgres://u@h?target_session_attrs={word}");
        holds(&url, &[&format!("target: {name},")]);
    }
    for (word, name) in [
        ("disable", "Disable"),
        ("allow", "Allow"),
        ("prefer", "Prefer"),
        ("require", "Require"),
        ("verify-full", "VerifyFull"),
    ] {
        holds(
            &format!("postgres://u@h?sslmode={word}"),
            &[&format!("mode: {name},")],
        );
    }
    holds(
        "postgres://u@h",
        &["mode: Prefer", "roots: Any", "channel_binding: Prefer"],
    );
    holds("postgres://u@h?ssl=true", &["mode: Require"]);
    holds(
        "postgres://u@h?sslrootcert=system",
        &["mode: VerifyFull", "roots: System"],
    );
    holds(
        "postgres://u@h?require_auth=!password,!md5",
        &["negated: true"],
    );
    // Accepted, as they change nothing.
    for harmless in [
        "krbsrvname=x",
        "gsslib=gssapi",
        "sslcompression=1",
        "gssencmode=prefer",
        "client_encoding=UTF-8",
        "client_encoding=auto",
        "replication=false",
        "max_protocol_version=latest",
        "service=",
    ] {
        debug(&format!("postgres://u@h?{harmless}"));
    }
}

#[test]
fn what_cannot_be_used_is_named() {
    for (url, part) in [
        ("mysql://u@h", "postgres://"),
        ("host=a", "postgres://"),
        ("postgres://h/d", "names no user"),
        ("postgres://u@[::1", "`]`"),
        ("postgres://u@[]/d", "empty IPv6"),
        ("postgres://u@[::1]x/d", "IPv6"),
        ("postgres://u@h:0/d", "port"),
        ("postgres://u@h:70000/d", "port"),
        ("postgres://u@a,b,c/d?port=1,2", "`port`"),
        ("postgres://u@a/d?hostaddr=1.1.1.1,2.2.2.2", "`host`"),
        ("postgres://u@a/d?hostaddr=name", "`hostaddr`"),
        ("postgres://u@h/%zz", "`dbname`"),
        ("postgres://u@h/%00", "zero byte"),
        ("postgres://u@h/%ff", "UTF-8"),
        ("postgres://u@h?sslmode", "`=`"),
        ("postgres://u@h?options=a=b", "`options`"),
        (
            "postgres://u@h?sslmode=on",
            "disable, allow, prefer, require, verify-ca, verify-full",
        ),
        ("postgres://u@h?connect_timeout=soon", "`connect_timeout`"),
        ("postgres://u@h?nonsense=1", "`nonsense`"),
        ("postgres://u@h?service=x", "`service`"),
        ("postgres://u@h?requirepeer=x", "`requirepeer`"),
        ("postgres://u@h?sslcrl=x", "`sslcrl`"),
        ("postgres://u@h?gssencmode=require", "`gssencmode`"),
        ("postgres://u@h?client_encoding=LATIN1", "`client_encoding`"),
        ("postgres://u@h?replication=database", "`replication`"),
        (
            "postgres://u@h?min_protocol_version=3.2",
            "`min_protocol_version`",
        ),
        ("postgres://u@h?sslmode=verify-ca", "sslrootcert"),
        (
            "postgres://u@h?sslmode=require&sslrootcert=system",
            "verify-full",
        ),
        ("postgres://u@h?sslnegotiation=direct", "sslmode=require"),
        ("postgres://u@h?sslmode=require&sslcert=a", "sslkey"),
        ("postgres://u@h?sslmode=require&sslkey=a", "sslcert"),
        (
            "postgres://u@h?sslmode=require&sslrootcert=/nowhere/x",
            "`sslrootcert`",
        ),
        (
            "postgres://u@?hostaddr=1.1.1.1&sslmode=verify-full",
            "hostaddr",
        ),
        (
            "postgres://u@h?require_auth=md5,!password",
            "`require_auth`",
        ),
        ("postgres://u@h?require_auth=kerberos", "`require_auth`"),
        ("postgres://u@h?passfile=/nowhere/x", "`passfile`"),
        (
            "postgres://u@h?ssl_max_protocol_version=TLSv1.1",
            "`ssl_max_protocol_version`",
        ),
    ] {
        let error = refused(url);
        assert!(error.contains(part), "{url}: {part:?} is not in {error:?}");
    }
}

#[test]
fn nothing_shows_a_password() {
    const SECRETS: [&str; 2] = ["s3cr3t", "h1dd3n"];
    // As it should be written, and as people write it.
    for password in [
        "s3cr3t",
        "s3cr3t/h1dd3n",
        "s3cr3t@h1dd3n",
        "s3cr3t?h1dd3n",
        "s3cr3t:h1dd3n",
        "s3cr3t%h1dd3n",
        "s3cr3t/a@h1dd3n",
        "s3cr3t#h1dd3n",
        "s3cr3t&h1dd3n",
        "s3cr3t%zzh1dd3n",
        "s3cr3t,h1dd3n",
        "s3cr3t[h1dd3n",
        "[s3cr3t]h1dd3n",
    ] {
        for tail in [
            "h/d",
            "h:1/d?sslmode=bad",
            "h:port/d",
            "h/d?nonsense=1",
            "h",
        ] {
            let url = format!("postgres://u:{password}@{tail}");
            let text = match Config::parse(&url) {
                Ok(config) => format!("{config:?} {config}"),
                Err(error) => format!("{error} {error:?}"),
            };
            for secret in SECRETS {
                assert!(!text.contains(secret), "{url}: {text}");
            }
        }
    }
    let query = debug("postgres://u@h?password=s3cr3t");
    assert!(!query.contains("s3cr3t"), "{query}");
}

#[test]
fn passwords_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pass");
    std::fs::write(
        &path,
        "# nothing\nother:*:*:*:no\nh\\:1:5432:*:u:a\\:b\n*:*:d:u:rest\n",
    )
    .unwrap();
    support::tls::set_mode(&path, 0o644);
    let url = format!("postgres://u@h/d?passfile={}", path.display());
    assert!(refused(&url).contains("chmod 0600"));
    support::tls::set_mode(&path, 0o600);
    assert!(debug(&url).contains("password: Some(\"…\") }]"));
    let other = format!("postgres://nobody@h/d?passfile={}", path.display());
    assert!(debug(&other).contains("password: None }]"));
}
