//! The commands of administrators: workspaces, users, tokens and imports, as the real binary.

use std::path::Path;
use std::process::Output;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::faults::gateway::command;
use crate::harness::database::{Database, create};
use crate::harness::run;

/// A database of its own, which the commands share.
struct Administrator {
    database: Database,
    folder: tempfile::TempDir,
}

impl Administrator {
    fn new() -> Self {
        let database = run(async {
            let database = create(None).await;
            // The embedded server takes one connection at a time.
            database.db.close().await;
            database
        });
        Self {
            database,
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    fn output(&self, arguments: &[&str]) -> Output {
        command()
            .args(arguments)
            .env("DATABASE_URL", &self.database.url)
            .output()
            .expect("the command runs")
    }

    /// What a command prints that succeeds.
    fn run(&self, arguments: &[&str]) -> String {
        succeeded(&self.output(arguments))
    }

    /// The error of a command that fails.
    fn fails(&self, arguments: &[&str]) -> String {
        failed(&self.output(arguments))
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path.to_str().expect("UTF-8").to_owned()
    }
}

fn succeeded(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn failed(output: &Output) -> String {
    assert!(!output.status.success(), "{output:?}");
    assert_eq!(output.stdout, b"", "{output:?}");
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

/// Fails unless the text has all parts.
fn assert_says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in: {text}");
    }
}

/// The last id in a text.
fn id(text: &str) -> &str {
    let words = text.split(|character: char| !character.is_ascii_hexdigit() && character != '-');
    let mut ids = words.filter(|word| word.len() == 36);
    ids.next_back()
        .unwrap_or_else(|| panic!("no id in: {text}"))
}

fn claims(token: &str) -> Value {
    let payload = token.trim().split('.').nth(1).expect("a token");
    let json = BASE64_URL_SAFE_NO_PAD.decode(payload).expect("base64");
    serde_json::from_slice(&json).expect("JSON")
}

#[test]
fn a_workspace_is_created_once_and_listed() {
    let admin = Administrator::new();
    assert_says(
        &admin.run(&["workspace", "list"]),
        &["There is no workspace. To create one: tessera workspace create SLUG --owner EMAIL"],
    );
    let arguments = ["workspace", "create", "acme", "--owner", "Ada@Example.com"];
    let created = admin.run(&arguments);
    assert_says(
        &created,
        &[
            "The workspace `acme` (",
            ") was created. Its owner is ada@example.com, user ",
            "To make a token: tessera token --user ada@example.com --workspace acme\n",
        ],
    );
    let again = admin.run(&arguments);
    assert_says(&again, &["was there already. Its owner is ada@example.com"]);
    assert_eq!(id(&again), id(&created));
    let other = ["workspace", "create", "acme", "--owner", "bob@example.com"];
    assert_says(
        &admin.fails(&other),
        &["a workspace `acme` already, and its owner is ada@example.com"],
    );
    let named = ["workspace", "create", "b", "--owner", "ADA@example.com"];
    admin.run(&[&named[..], &["--name", "The B"]].concat());
    let listed = admin.run(&["workspace", "list"]);
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!(lines.len(), 3, "{listed}");
    assert_says(lines[0], &["slug", "name", "owner", "members", "id"]);
    assert_says(lines[1], &["acme  acme   ada@example.com  1 "]);
    assert_says(lines[2], &["b     The B  ada@example.com  1 "]);
    let users = admin.run(&["user", "list"]);
    assert!(
        !users.contains("bob@"),
        "nothing of a refused command stays: {users}"
    );
    for (slug, owner, expected) in [
        (
            "Acme Inc",
            "a@b.c",
            "the slug cannot be \"Acme Inc\"; it must be 1 to 100 lower-case",
        ),
        ("c", "nobody", "the e-mail address cannot be \"nobody\""),
    ] {
        assert_says(
            &admin.fails(&["workspace", "create", slug, "--owner", owner]),
            &[expected],
        );
    }
}

#[test]
fn users_are_added_listed_and_removed() {
    let admin = Administrator::new();
    admin.run(&["workspace", "create", "acme", "--owner", "ada@example.com"]);
    let add = |email: &str, role: &[&str]| {
        admin.run(&[&["user", "add", email, "--workspace", "acme"], role].concat())
    };
    let added = add("Bob@Example.com", &[]);
    assert_says(
        &added,
        &[
            "bob@example.com is a member of `acme` now, with the role member (a new account ",
            "To make a token: tessera token --user bob@example.com --workspace acme\n",
        ],
    );
    let again = add("BOB@example.com", &[]);
    assert_says(
        &again,
        &["bob@example.com was a member of `acme` already, with the role member"],
    );
    assert_eq!(id(&again), id(&added), "one account, whatever the case");
    let changed = add("bob@example.com", &["--role", "staff"]);
    assert_says(
        &changed,
        &["has the role staff in `acme` now; it was member"],
    );
    assert_says(
        &add("bob@example.com", &[]),
        &["already, with the role staff"],
    );

    let listed = admin.run(&["user", "list", "--workspace", "acme"]);
    assert_says(
        &listed,
        &[
            "ada@example.com  acme       owner  active",
            "bob@example.com  acme       staff  active",
            "tessera token --user EMAIL --workspace acme",
        ],
    );
    let staff = admin.run(&["user", "list", "--role", "staff"]);
    assert!(staff.contains("bob@") && !staff.contains("ada@"), "{staff}");

    assert_says(
        &admin.fails(&[
            "user",
            "add",
            "x@y.z",
            "--workspace",
            "acme",
            "--role",
            "boss",
        ]),
        &["`boss` is no role; the roles are viewer, member, staff, manager, admin, owner, system"],
    );
    for arguments in [
        &["user", "add", "x@y.z", "--workspace", "acne"][..],
        &["user", "remove", "bob@example.com", "--workspace", "acne"],
        &["user", "list", "--workspace", "acne"],
    ] {
        assert_says(
            &admin.fails(arguments),
            &["there is no workspace `acne` (similar: acme); create it with"],
        );
    }
    assert_says(
        &admin.fails(&["user", "remove", "bop@example.com", "--workspace", "acme"]),
        &["there is no user `bop@example.com` (similar: bob@example.com"],
    );

    let remove = ["user", "remove", "Bob@example.com", "--workspace", "acme"];
    assert_says(
        &admin.run(&remove),
        &[
            "bob@example.com is no member of `acme` any more; the role was staff",
            id(&added),
        ],
    );
    assert_says(
        &admin.run(&remove),
        &["was no member of `acme`; nothing was changed"],
    );
    assert_says(&admin.run(&["user", "list"]), &["bob@example.com"]);
}

#[test]
fn a_workspace_never_loses_its_last_owner() {
    let admin = Administrator::new();
    admin.run(&["workspace", "create", "acme", "--owner", "ada@example.com"]);
    let only =
        "`ada@example.com` is the only owner of the workspace `acme`; give it another one first";
    let remove = ["user", "remove", "ada@example.com", "--workspace", "acme"];
    let demote = [
        "user",
        "add",
        "ada@example.com",
        "--workspace",
        "acme",
        "--role",
        "staff",
    ];
    assert_says(&admin.fails(&remove), &[only]);
    assert_says(&admin.fails(&demote), &[only]);
    admin.run(&[
        "user",
        "add",
        "bob@example.com",
        "--workspace",
        "acme",
        "--role",
        "owner",
    ]);
    admin.run(&demote);
    let listed = admin.run(&["workspace", "list"]);
    assert_says(&listed, &["acme  acme  bob@example.com  2 "]);
    admin.run(&remove);
    let listed = admin.run(&["workspace", "list"]);
    assert_says(&listed, &["acme  acme  bob@example.com  1 "]);
}

fn for_acme<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [&["token", "--workspace", "acme"], arguments].concat()
}

#[test]
fn a_token_is_for_a_member_of_a_workspace_that_exists() {
    let admin = Administrator::new();
    let created = admin.run(&["workspace", "create", "acme", "--owner", "ada@example.com"]);
    for arguments in [
        &[][..],
        &["--user", "ADA@example.com"],
        &["--user", id(&created)],
    ] {
        let claims = claims(&admin.run(&for_acme(arguments)));
        assert_eq!(claims["sub"], id(&created), "{arguments:?}");
        assert_eq!(claims["workspaces"]["acme"], "owner");
        assert_eq!((claims.get("iss"), claims.get("aud")), (None, None));
    }
    // It is what a gateway of the same settings accepts.
    let terms = [
        "--jwt-issuer",
        "https://id.example",
        "--jwt-audience",
        "shop",
    ];
    let place = ["--jwt-claim-workspaces", "/app/roles"];
    let own = claims(&admin.run(&for_acme(&[&terms[..], &place].concat())));
    assert_eq!(own["iss"], "https://id.example");
    assert_eq!(own["aud"], "shop");
    assert_eq!(own["app"]["roles"]["acme"], "owner");
    assert_says(
        &admin.fails(&["token", "--workspace", "nope"]),
        &[
            "there is no workspace `nope` (there is acme); create it with `tessera workspace create nope",
        ],
    );
    let unknown = "01890000-0000-7000-8000-000000000000";
    for (arguments, expected) in [
        (
            &["--workspace", "acne"][..],
            "no workspace `acne` (similar: acme)",
        ),
        (
            &["--user", "eda@example.com"],
            "no user `eda@example.com` (similar: ada@example.com)",
        ),
        (&["--user", unknown], "there is no user `01890000"),
        (&["--user", "ada"], "the e-mail address cannot be \"ada\""),
    ] {
        assert_says(&admin.fails(&for_acme(arguments)), &[expected]);
    }
    admin.run(&["user", "add", "bob@example.com", "--workspace", "acme"]);
    admin.run(&["workspace", "create", "b", "--owner", "ada@example.com"]);
    assert_says(
        &admin.fails(&["token", "--workspace", "b", "--user", "bob@example.com"]),
        &[
            "bob@example.com is no member of the workspace `b`; to add the user, run `tessera user add bob@example.com --workspace b`",
        ],
    );
}

#[test]
fn a_secret_is_never_made_for_a_token() {
    let folder = tempfile::tempdir().expect("a folder");
    let token = |development: &str, secret: Option<&str>, arguments: &[&str]| {
        let mut command = command();
        command.env_remove("TESSERA_JWT_SECRET");
        if let Some(secret) = secret {
            command.env("TESSERA_JWT_SECRET", secret);
        }
        command
            .args(["token", "--development", development, "--data-dir"])
            .arg(folder.path())
            .args(arguments)
            .output()
            .expect("the command runs")
    };
    let sample = ["--workspace", "gift-shop"];
    let error = failed(&token("true", None, &sample));
    assert_says(
        &error,
        &[
            "no JWT secret is configured to sign with, and `tessera serve` has not made one in ",
            "set --jwt-secret-file or TESSERA_JWT_SECRET",
        ],
    );
    let error = failed(&token("false", None, &sample));
    assert_says(&error, &["set --jwt-secret-file or TESSERA_JWT_SECRET"]);
    let secret = Some("the secret of the tests, which is long enough");
    succeeded(&token("true", secret, &sample));
    let error = failed(&token("true", secret, &["--workspace", "nope"]));
    assert_says(
        &error,
        &["cannot be looked up: there is no embedded database in "],
    );
    assert!(is_empty(folder.path()), "nothing was made");

    std::fs::write(
        folder.path().join("development.secret"),
        "f3b1c9d27ea85046f3b1c9d27ea85047",
    )
    .expect("a secret");
    let output = token("true", None, &sample);
    assert_eq!(
        claims(&succeeded(&output))["workspaces"]["gift-shop"],
        "owner"
    );
    let told = String::from_utf8_lossy(&output.stderr);
    assert_says(&told, &["signed with the development secret in "]);
    // What was not signed is not called so.
    let error = failed(&token("true", None, &["--workspace", "nope"]));
    assert!(!error.contains("signed with"), "{error}");
    // What another command proposes finds the same database.
    let dir = folder.path().to_str().expect("UTF-8");
    let created = command()
        .args(["workspace", "create", "acme", "--owner", "ada@example.com"])
        .args(["--data-dir", dir])
        .output()
        .expect("the command runs");
    let proposed =
        format!("tessera token --user ada@example.com --workspace acme --data-dir {dir}\n");
    assert_says(&succeeded(&created), &[&proposed]);
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder)
        .expect("a folder")
        .next()
        .is_none()
}

const PRODUCTS: &str = "Handle,Title,Status,Variant Price\nhat,Hat,active,9.99\n";

#[test]
fn an_import_creates_the_workspace_only_if_it_succeeds() {
    let admin = Administrator::new();
    let import = |file: &str| {
        let file = admin.file("products.csv", file);
        admin.output(&[
            "import",
            "shopify-products",
            &file,
            "--workspace",
            "acme",
            "--create-for",
            "Ada@Example.com",
        ])
    };
    let error = failed(&import(&PRODUCTS.replace("9.99", "cheap")));
    assert_says(&error, &["line 2, column 4 (Variant Price)"]);
    assert_says(
        &admin.run(&["workspace", "list"]),
        &["There is no workspace."],
    );
    assert_says(&admin.run(&["user", "list"]), &["There is no such user."]);

    let printed = succeeded(&import(PRODUCTS));
    let listed = admin.run(&["user", "list", "--workspace", "acme"]);
    assert_says(&listed, &["ada@example.com  acme       owner"]);
    let owner = format!("Its owner is ada@example.com, user {}.\n", id(&listed));
    assert_says(
        &printed,
        &[
            "The workspace `acme` was created.",
            &owner,
            "To make a token: tessera token --user ada@example.com --workspace acme\n",
        ],
    );
    let again = succeeded(&import(PRODUCTS));
    assert_says(
        &again,
        &["was there already. Its owner is ada@example.com, user "],
    );
}

#[test]
fn an_unknown_status_is_noted_unless_the_import_is_strict() {
    let admin = Administrator::new();
    admin.run(&["workspace", "create", "acme", "--owner", "ada@example.com"]);
    let file = admin.file("products.csv", &PRODUCTS.replace("active", "hidden"));
    let import = ["import", "shopify-products", &file, "--workspace", "acme"];
    let error = admin.fails(&[&import[..], &["--strict"]].concat());
    assert_says(
        &error,
        &["expected one of active, draft, archived, unlisted, found `hidden`"],
    );
    assert_says(
        &admin.run(&import),
        &["1  unknown values `hidden` of `Status`, first on line 2: the product is inactive"],
    );
}
