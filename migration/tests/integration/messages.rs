//! What a user is told when the database cannot be reached; never the password.

#[tokio::test]
async fn names_the_place_and_hides_the_password() {
    // Nothing listens on a port that was free a moment ago.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("its address").port();
    drop(listener);
    let url = format!("postgres://someone:s3cret@127.0.0.1:{port}/shop");
    let begin = std::time::Instant::now();
    let error = migration::up(&url).await.expect_err("nothing listens");
    let message = error.to_string();
    assert!(message.contains(&format!("127.0.0.1:{port}")), "{message}");
    assert!(message.contains("check that the server runs"), "{message}");
    assert!(!format!("{message}{error:?}").contains("s3cret"));
    assert!(begin.elapsed().as_secs() < 5, "it says so at once");
}

#[tokio::test]
async fn refuses_what_is_no_url() {
    for url in ["", "shop.db", "mysql://root:s3cret@localhost/shop"] {
        let error = migration::pending(url).await.expect_err("no URL");
        let message = error.to_string();
        assert!(message.contains("postgres://user:password@"), "{message}");
        assert!(!message.contains("s3cret"), "{message}");
    }
}
