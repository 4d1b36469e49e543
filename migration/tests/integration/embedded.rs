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
    let url = server.database_url();
    checks::up_down_up(&url).await;
    checks::from_before_reading(&url).await;
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
        migration::pending(&url).await.expect("pending").len(),
        21,
        "nothing was written"
    );
}
