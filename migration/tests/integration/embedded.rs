//! The whole way up, down and up again on the embedded server, which has a single connection.

use pglite_oxide::PgliteServer;
use pglite_oxide::extensions::VECTOR;

use crate::checks;

#[tokio::test(flavor = "multi_thread")]
async fn goes_up_down_and_up_again() {
    let server = PgliteServer::builder()
        .temporary()
        .extension(VECTOR)
        .start()
        .expect("the embedded server starts");
    // It comes without the words that searches pass over, and its dictionaries want a file.
    let words = server
        .root()
        .join("tmp/pglite/share/postgresql/tsearch_data");
    std::fs::create_dir_all(&words).expect("a folder");
    std::fs::write(words.join("english.stop"), "").expect("a file");
    let url = server.database_url();
    checks::up_down_up(&url).await;
    checks::older::from_before_reading(&url).await;
    checks::older::from_before_derived(&url).await;
    checks::older::from_before_writing(&url).await;
    checks::all(&url).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_the_missing_extension() {
    let server = PgliteServer::temporary_tcp().expect("the embedded server starts");
    let url = server.database_url();
    let error = migration::up(&url).await.expect_err("there is no vector");
    assert!(
        matches!(error, migration::MigrateError::VectorMissing),
        "{error}"
    );
    assert_eq!(
        migration::pending(&url).await.expect("pending"),
        migration::known(),
        "nothing was written"
    );
}
