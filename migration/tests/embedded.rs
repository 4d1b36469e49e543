//! The migrations on the embedded PostgreSQL, which has a single connection.

use pglite_oxide::PgliteServer;
use pglite_oxide::extensions::VECTOR;

#[tokio::test(flavor = "multi_thread")]
async fn goes_up_down_and_up_again() {
    let server = PgliteServer::builder()
        .temporary()
        .extension(VECTOR)
        .start()
        .expect("the embedded server starts");
    let url = server.database_url();

    let all = migration::pending(&url)
        .await
        .expect("pending of an empty database");
    let begin = std::time::Instant::now();
    let report = migration::up(&url).await.expect("first up");
    println!("up took {:?}", begin.elapsed());
    assert_eq!(report.applied, all);
    assert!(!all.is_empty());

    let again = migration::up(&url)
        .await
        .expect("up of a complete database");
    assert!(again.applied.is_empty());
    assert!(migration::pending(&url).await.expect("pending").is_empty());

    let undone = migration::down(&url, Some(1)).await.expect("one step down");
    assert_eq!(undone.as_slice(), &all[all.len() - 1..]);
    assert_eq!(migration::pending(&url).await.expect("pending"), undone);

    let undone = migration::down(&url, None).await.expect("all the way down");
    assert_eq!(undone.len(), all.len() - 1);
    assert!(
        migration::down(&url, None)
            .await
            .expect("down of nothing")
            .is_empty()
    );

    let report = migration::up(&url).await.expect("up once more");
    assert_eq!(report.applied, all);
}
