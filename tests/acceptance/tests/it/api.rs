//! The API's own rules: CSRF, problems, the document.

use anyhow::Result;
use http::Method;
use kit::{PASSWORD, Portal};
use serde_json::json;

/// Every state-changing route of the document, called with a live session but without its token, or from elsewhere.
#[tokio::test(flavor = "multi_thread")]
async fn no_mutating_route_can_be_reached_without_the_token_of_the_session() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let document = serde_json::to_value(gateway::openapi())?;
    let mut tried = 0;
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for method in item.as_object().into_iter().flat_map(|i| i.keys()) {
            let method: Method = method.to_uppercase().parse()?;
            if method == Method::GET {
                continue;
            }
            let id = kernel::new_id().to_string();
            let filled = path.replace("{module}", "tickets").replace("{id}", &id).replace("{token}", "plnk_x");
            let url = format!("/api/v1{filled}");
            let json = [("content-type", "application/json"), ("x-portico-surface", "console")];
            let answer = admin.send(method.clone(), &url, &json, b"{}".to_vec()).await?;
            assert_eq!((answer.status.as_u16(), &*answer.code()), (403, "csrf_failed"), "{method} {url}");
            for (name, value) in [
                ("sec-fetch-site", "cross-site"),
                ("sec-fetch-site", "same-site"),
                ("origin", "https://evil.example"),
                ("origin", "null"),
            ] {
                let csrf =
                    admin.get("/auth/session").await?.json()["csrf_token"].as_str().unwrap_or_default().to_owned();
                let headers = [&json[..], &[(name, value), ("x-csrf-token", &csrf)]].concat();
                let answer = admin.send(method.clone(), &url, &headers, b"{}".to_vec()).await?;
                assert_eq!((answer.status.as_u16(), &*answer.code()), (403, "csrf_failed"), "{method} {url} {value}");
            }
            tried += 1;
        }
    }
    assert!(tried >= 15, "only {tried} routes were tried");
    portal.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_is_a_problem_with_a_stable_code_and_a_trace() -> Result<()> {
    let portal = Portal::start().await?;
    let answer = portal.browser().get("/auth/session").await?.expect(401)?;
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let problem = answer.json();
    for key in ["type", "title", "status", "detail", "instance", "code", "trace_id"] {
        assert!(!problem[key].is_null(), "{key} is missing in {problem}");
    }
    assert_eq!(problem["instance"], "/api/v1/auth/session");
    assert!(answer.header("server-timing").contains(problem["trace_id"].as_str().unwrap_or("?")));
    let missing = portal.browser().get("/no/such/thing").await?.expect(404)?;
    assert_eq!(missing.code(), "not_found");
    let document = portal.browser().send(Method::GET, "/api/openapi.json", &[], Vec::new()).await?.expect(200)?.json();
    assert!(document["openapi"].as_str().is_some_and(|v| v.starts_with("3.1")), "{}", document["openapi"]);
    assert!(document["paths"]["/api/v1/modules/{module}/records"]["post"].is_object());
    portal.browser().send(Method::GET, "/api/docs", &[], Vec::new()).await?.expect(200)?;
    portal.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_that_pretend_to_be_somebody_have_no_effect() -> Result<()> {
    let portal = Portal::start().await?;
    portal.make_agent("admin@test.test", "administrator").await?;
    let headers = [("x-actor", "admin"), ("x-forwarded-user", "admin"), ("portico-channel", "console")];
    let answer = portal.browser().send(Method::GET, "/api/v1/modules", &headers, Vec::new()).await?;
    assert_eq!(answer.status.as_u16(), 401);
    let bearer = [("authorization", "Bearer v4.public.nonsense")];
    let answer = portal.browser().send(Method::GET, "/api/v1/modules", &bearer, Vec::new()).await?;
    assert_eq!(answer.status.as_u16(), 401);
    // A console session is none in the portal.
    let mut agent = portal.browser().console();
    agent.sign_in("admin@test.test", PASSWORD).await?;
    let token = agent.cookies().get("portico_console").cloned().unwrap_or_default();
    let cookie = format!("portico_session={token}");
    let answer = portal.browser().send(Method::GET, "/api/v1/auth/session", &[("cookie", &cookie)], Vec::new()).await?;
    assert_eq!(answer.status.as_u16(), 401);
    portal.stop().await
}

/// Input that nobody sends by mistake: a clear refusal each time, never a failure, and nobody else notices.
#[tokio::test(flavor = "multi_thread")]
async fn odd_input_is_refused_and_never_a_failure() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let ticket = crate::support::create(&mut admin, "tickets", json!({"title": "One"})).await?;
    let path = format!("/modules/tickets/records/{}", crate::support::id(&ticket));
    let long = "n".repeat(60_000);
    let many: serde_json::Map<_, _> = (0..180).map(|n| (format!("unknown_{n}"), json!(1))).collect();
    let records = "/modules/tickets/records";
    for fields in [json!({long.as_str(): 1}), json!(many), json!({"title": "a\u{0}b"}), json!({"title": {"deep": []}})]
    {
        let refused = admin.post(records, json!({"fields": fields})).await?;
        assert_eq!(refused.status.as_u16(), 422, "{}", &refused.text()[..200.min(refused.text().len())]);
        assert!(!refused.field_errors().is_empty());
    }
    let filter =
        format!("%7B%22field%22%3A%22{}%22%2C%22op%22%3A%22eq%22%2C%22value%22%3A%22x%22%7D", "n".repeat(5_000));
    for query in
        ["q=%00".to_owned(), format!("filter={filter}"), "filter=%7B".into(), "limit=0".into(), "sort=%00".into()]
    {
        let refused = admin.get(&format!("{records}?{query}")).await?;
        assert_eq!(refused.status.as_u16(), 422, "{query}: {}", refused.text());
    }
    for query in ["version=1", "at=2020-01-01T00:00:00Z", "bogus=1"] {
        let refused = admin.get(&format!("{path}?{query}")).await?.expect(422)?;
        assert_eq!(refused.field_errors()[0].1, "unknown_field");
    }
    admin.post(&format!("{path}/restore"), json!({"version": 1})).await?.expect(422)?;
    let csrf = admin.get("/auth/session").await?.json()["csrf_token"].as_str().unwrap_or_default().to_owned();
    let headers =
        [("content-type", "application/json"), ("x-csrf-token", csrf.as_str()), ("x-portico-surface", "console")];
    let huge =
        admin.send(Method::POST, &format!("/api/v1{records}"), &headers, vec![b' '; 300_000]).await?.expect(413)?;
    assert_eq!((huge.header("content-type"), huge.code().as_str()), ("application/problem+json", "too_large"));
    let wrong = admin.send(Method::PUT, &format!("/api/v1{records}"), &headers, b"{}".to_vec()).await?.expect(405)?;
    assert_eq!(wrong.code(), "method_not_allowed");
    let nobody = portal.browser().post("/admin/agents", json!({"x": 1})).await?;
    assert_eq!(nobody.status.as_u16(), 401, "who is asked before what");
    admin.get(records).await?.expect(200)?;
    portal.stop().await
}
