//! The API's own rules: CSRF, problems, the document.

use anyhow::Result;
use http::Method;
use kit::{PASSWORD, Portal};

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
            let filled = path.replace("{module}", "tickets").replace("{id}", &kernel::new_id().to_string());
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
