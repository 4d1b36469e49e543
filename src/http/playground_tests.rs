//! The playground's routes, as browsers and proxies use them.

use std::collections::HashSet;

use axum::body::{Body, to_bytes};
use axum::http::{Method, Request};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::*;

fn config(development: bool) -> PlaygroundConfig {
    PlaygroundConfig {
        development,
        introspection: true,
        endpoint: "/graphql".to_owned(),
        workspaces: vec![DemoWorkspace {
            slug: "gift-shop".to_owned(),
            name: "Gift Shop".to_owned(),
            token: "secret".to_owned(),
        }],
        examples: examples(),
    }
}

async fn ask(
    method: Method,
    path: &str,
    headers: &[(HeaderName, &str)],
) -> (Response<()>, Vec<u8>) {
    ask_as(true, method, path, headers).await
}

async fn ask_as(
    development: bool,
    method: Method,
    path: &str,
    headers: &[(HeaderName, &str)],
) -> (Response<()>, Vec<u8>) {
    let mut request = Request::builder().method(method).uri(path);
    if headers.iter().all(|(name, _)| *name != HOST) {
        request = request.header(HOST, "localhost:8080");
    }
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    let request = request.body(Body::empty()).unwrap();
    let response = router(config(development)).oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    (Response::from_parts(parts, ()), body)
}

fn header(response: &Response<()>, name: HeaderName) -> &str {
    response
        .headers()
        .get(&name)
        .map(|value| value.to_str().unwrap())
        .unwrap_or_default()
}

/// The addresses of scripts and styles in the page, which change with every build.
async fn linked_assets() -> Vec<String> {
    let (_, page) = ask(Method::GET, "/", &[]).await;
    let page = String::from_utf8(page).unwrap();
    page.split('"')
        .filter_map(|part| part.strip_prefix("./playground/assets/"))
        .map(|name| format!("/playground/assets/{name}"))
        .collect()
}

#[tokio::test]
async fn the_page_comes_packed_or_plain_as_the_client_likes() {
    for accept in [
        "br",
        "gzip, deflate, br, zstd",
        "br;q=0.5",
        "*",
        "gzip;q=0, BR",
    ] {
        let (response, body) = ask(Method::GET, "/", &[(ACCEPT_ENCODING, accept)]).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(header(&response, CONTENT_ENCODING), "br", "{accept}");
        let plain = String::from_utf8(unpack(&body).unwrap()).unwrap();
        assert!(plain.contains("<title>Tessera</title>"));
    }
    for accept in ["gzip", "identity", "br;q=0", "br;q=0, *", "*;q=0", ""] {
        let (response, body) = ask(Method::GET, "/", &[(ACCEPT_ENCODING, accept)]).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(header(&response, CONTENT_ENCODING), "", "{accept}");
        assert!(
            String::from_utf8(body)
                .unwrap()
                .contains("<title>Tessera</title>")
        );
    }
}

#[tokio::test]
async fn every_answer_says_that_it_varies_and_what_it_may_load() {
    let linked = linked_assets().await;
    assert!(linked.len() >= 2, "the page links a script and a style");
    for path in ["/", "/playground/config.json", "/playground/assets/none.js"]
        .into_iter()
        .chain(linked.iter().map(String::as_str))
    {
        let (response, _) = ask(Method::GET, path, &[]).await;
        assert_eq!(header(&response, CONTENT_SECURITY_POLICY), POLICY, "{path}");
        assert_eq!(
            header(&response, X_CONTENT_TYPE_OPTIONS),
            "nosniff",
            "{path}"
        );
    }
    let (response, _) = ask(Method::GET, "/", &[]).await;
    assert_eq!(header(&response, VARY), "accept-encoding");
}

#[tokio::test]
async fn the_page_is_revalidated_and_its_assets_are_kept() {
    let (page, _) = ask(Method::GET, "/", &[]).await;
    assert_eq!(header(&page, CACHE_CONTROL), "no-cache");
    assert_eq!(header(&page, CONTENT_TYPE), "text/html; charset=utf-8");
    for path in linked_assets().await {
        let (response, body) = ask(Method::GET, &path, &[]).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert!(!body.is_empty());
        assert!(
            header(&response, CACHE_CONTROL).contains("immutable"),
            "{path}"
        );
        assert!(
            !header(&response, CONTENT_TYPE).starts_with("application/octet"),
            "{path}"
        );
    }
    let (licences, _) = ask(Method::GET, "/playground/assets/licenses.md", &[]).await;
    assert_eq!(header(&licences, CACHE_CONTROL), "no-cache");
}

#[tokio::test]
async fn what_the_client_holds_is_not_sent_again() {
    let path = linked_assets().await.remove(0);
    let (first, body) = ask(Method::GET, &path, &[(ACCEPT_ENCODING, "br")]).await;
    let tag = header(&first, ETAG).to_owned();
    assert!(tag.starts_with("W/\"") && !body.is_empty());
    for known in [tag.as_str(), "*", &format!("\"other\", {tag}"), &tag[2..]] {
        let (again, body) = ask(Method::GET, &path, &[(IF_NONE_MATCH, known)]).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{known}");
        assert_eq!(header(&again, ETAG), tag);
        assert!(body.is_empty());
    }
    let (changed, body) = ask(Method::GET, &path, &[(IF_NONE_MATCH, "W/\"other\"")]).await;
    assert_eq!(changed.status(), StatusCode::OK);
    assert!(!body.is_empty());
}

#[tokio::test]
async fn head_answers_like_get_without_the_body() {
    let accept = [(ACCEPT_ENCODING, "br")];
    for path in ["/", "/playground/config.json"] {
        let (get, body) = ask(Method::GET, path, &accept).await;
        let (head, nothing) = ask(Method::HEAD, path, &accept).await;
        assert_eq!(head.status(), StatusCode::OK);
        assert!(nothing.is_empty());
        assert_eq!(head.headers().get(ETAG), get.headers().get(ETAG));
        assert_eq!(
            header(&head, axum::http::header::CONTENT_LENGTH),
            body.len().to_string()
        );
    }
}

#[tokio::test]
async fn nothing_but_the_bundle_is_served() {
    for path in [
        "/playground/assets/none.js",
        "/playground/assets/",
        "/playground/assets/licenses.md.br",
        "/playground/assets/..%2f..%2findex.html",
        "/playground/assets/..%2f..%2f..%2fexamples%2f07-viewer.graphql",
        "/playground/assets/%2fetc%2fpasswd",
    ] {
        let (response, _) = ask(Method::GET, path, &[]).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
    }
    let (response, _) = ask(Method::POST, "/", &[]).await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn tokens_are_handed_out_in_development_only() {
    let path = "/playground/config.json";
    let (response, body) = ask_as(true, Method::GET, path, &[]).await;
    assert_eq!(header(&response, CACHE_CONTROL), "no-store");
    let settings: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(settings["endpoint"], "/graphql");
    assert_eq!(
        settings["workspaces"],
        json!([{ "slug": "gift-shop", "name": "Gift Shop", "token": "secret" }])
    );

    let (_, body) = ask_as(false, Method::GET, path, &[]).await;
    let settings: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(settings["development"], json!(false));
    assert_eq!(settings["workspaces"], json!([]));
    assert!(!String::from_utf8(body).unwrap().contains("secret"));
}

#[test]
fn every_example_file_is_offered_with_title_workspace_and_variables() {
    let files = ExampleFiles::iter()
        .filter(|name| name.ends_with(".graphql"))
        .count();
    let examples = examples();
    assert!(files > 0);
    assert_eq!(examples.len(), files, "a file lacks its two first lines");
    let titles: HashSet<_> = examples.iter().map(|example| &example.title).collect();
    assert_eq!(titles.len(), files, "two examples share a title");
    for Example {
        title,
        query,
        variables,
        ..
    } in &examples
    {
        assert!(!query.contains("# workspace:"), "{title}");
        let declared = query.contains("($");
        assert_eq!(!variables.is_empty(), declared, "{title}");
        if declared {
            let values: Value = serde_json::from_str(variables).unwrap();
            for name in values.as_object().unwrap().keys() {
                assert!(
                    query.contains(&format!("${name}:")),
                    "{title} declares no ${name}"
                );
            }
        }
    }
}

#[test]
fn an_example_without_its_two_first_lines_is_no_example() {
    let example = parse(
        "# Title\n# workspace: shop\n#\n# Why.\n{ a }\n",
        "{}".to_owned(),
    );
    assert_eq!(
        example,
        Some(Example {
            title: "Title".to_owned(),
            workspace: Some("shop".to_owned()),
            query: "# Why.\n{ a }\n".to_owned(),
            variables: "{}".to_owned(),
        })
    );
    let anywhere = parse("# Title\n# workspace: any\n{ a }", String::new());
    assert_eq!(anywhere.and_then(|example| example.workspace), None);
    assert_eq!(parse("{ a }", String::new()), None);
    assert_eq!(parse("# Title\n{ a }\n", String::new()), None);
}

#[tokio::test]
async fn tokens_are_handed_out_on_this_machine_alone() {
    let path = "/playground/config.json";
    for (host, expected) in [
        ("localhost", StatusCode::OK),
        ("LOCALHOST:8080", StatusCode::OK),
        ("127.0.0.1:8080", StatusCode::OK),
        ("[::1]:8080", StatusCode::OK),
        ("tessera.example", StatusCode::FORBIDDEN),
        ("localhost.example:8080", StatusCode::FORBIDDEN),
        ("192.0.2.1", StatusCode::FORBIDDEN),
        ("", StatusCode::FORBIDDEN),
    ] {
        let (response, _) = ask(Method::GET, path, &[(HOST, host)]).await;
        assert_eq!(response.status(), expected, "{host}");
        // Where no token is handed out, any name will do.
        let (response, _) = ask_as(false, Method::GET, path, &[(HOST, host)]).await;
        assert_eq!(response.status(), StatusCode::OK, "{host}");
    }
}

#[tokio::test]
async fn tokens_are_not_handed_out_behind_a_proxy() {
    let path = "/playground/config.json";
    for (name, value) in [
        ("forwarded", "for=192.0.2.60"),
        ("x-forwarded-for", "192.0.2.60"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "localhost"),
        ("x-forwarded-server", "web"),
        ("x-real-ip", "127.0.0.1"),
        ("via", "1.1 proxy"),
        ("x-forwarded-for", ""),
    ] {
        let headers = [(HeaderName::from_static(name), value)];
        let (response, body) = ask(Method::GET, path, &headers).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{name}");
        let text = String::from_utf8(body).unwrap();
        assert!(
            text.contains(name) && text.contains("development"),
            "{text}"
        );
        assert!(!text.contains("secret"));
        // Where no token is handed out, proxies are welcome.
        let (response, _) = ask_as(false, Method::GET, path, &headers).await;
        assert_eq!(response.status(), StatusCode::OK, "{name}");
        let (response, _) = ask(Method::GET, "/", &headers).await;
        assert_eq!(response.status(), StatusCode::OK, "{name}");
    }
}

#[tokio::test]
async fn a_file_is_unpacked_once_for_all_answers() {
    let path = linked_assets().await.remove(0);
    for accept in ["identity", "br"] {
        let mut bodies = Vec::new();
        for _ in 0..2 {
            let request = Request::get(&path).header(ACCEPT_ENCODING, accept);
            let request = request.body(Body::empty()).unwrap();
            let response = router(config(true)).oneshot(request).await.unwrap();
            bodies.push(to_bytes(response.into_body(), usize::MAX).await.unwrap());
        }
        let addresses: HashSet<_> = bodies.iter().map(|body| body.as_ptr()).collect();
        assert_eq!(
            addresses.len(),
            1,
            "{accept}: each answer has bytes of its own"
        );
    }
}
