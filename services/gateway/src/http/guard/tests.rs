//! Whom the guard lets where, over every route there is, without any service behind it.

use crate::{
    http::sessions::{Session, Surface},
    pages::routes::all,
    routes::routes,
    tests::away,
};
use axum::body::Body;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use proto::identity::v1::{CheckSessionResponse, Stage, Subject, SubjectKind};
use std::sync::Arc;
use tower::ServiceExt;

const PORTAL: &str = "pses_portal0000000000000000000000000000000000";
const CONSOLE: &str = "pses_console000000000000000000000000000000000";
const PROGRAM: &str = "pat_program0000000000000000000000000000000000";
const ID: &str = "01890000-0000-7000-8000-000000000000";
const OTHER: &str = "01890000-0000-7000-8000-000000000001";

struct Seen {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Seen {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|v| v.to_str().unwrap()).unwrap_or_default()
    }

    fn code(&self) -> String {
        let json: serde_json::Value = serde_json::from_str(&self.body).unwrap_or_default();
        json["code"].as_str().unwrap_or_default().to_owned()
    }
}

fn standing(kind: SubjectKind, stage: Stage) -> CheckSessionResponse {
    let subject = Subject { kind: kind.into(), id: ID.into(), name: "Somebody".into(), ..Subject::default() };
    CheckSessionResponse {
        subject: Some(subject),
        stage: stage.into(),
        csrf_key: vec![7; 32],
        // So that no profile asks for more: the plans are away.
        assurance: 2,
        ..CheckSessionResponse::default()
    }
}

fn csrf(answer: &CheckSessionResponse) -> String {
    let answer = Arc::new(answer.clone());
    Session { surface: Surface::Portal, token: String::new(), answer, scopes: None }.csrf_token()
}

/// Sends a request to a gateway that knows these sessions.
async fn send(known: &[(Surface, &str, CheckSessionResponse, Option<&[&str]>)], request: Request<Body>) -> Seen {
    let app = away();
    for (surface, token, answer, scopes) in known {
        app.sessions.plant(*surface, token, answer.clone(), *scopes);
    }
    let response = routes(app).oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    Seen { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&bytes).into_owned() }
}

/// Method and path of every call of the API, with something in its places.
fn calls() -> Vec<(Method, String)> {
    let document = serde_json::to_value(crate::api::openapi()).unwrap();
    let mut calls = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        let path = path.split('/').map(|part| match part {
            "{module}" => "tickets",
            "{token}" => "plnk_x",
            part if part.starts_with('{') => ID,
            part => part,
        });
        let path = path.collect::<Vec<_>>().join("/");
        for method in item.as_object().into_iter().flat_map(|item| item.keys()) {
            calls.push((method.to_uppercase().parse().unwrap(), format!("/api/v1{path}")));
        }
    }
    assert!(calls.len() > 40, "only {} calls", calls.len());
    calls
}

fn pages() -> impl Iterator<Item = (Method, String)> {
    all().into_iter().map(|(method, route)| {
        let path = route.split('/').map(|part| match part {
            "{module}" => "tickets",
            "{token}" => "plnk_x",
            part if part.starts_with('{') => ID,
            part => part,
        });
        (method.to_uppercase().parse().unwrap(), path.collect::<Vec<_>>().join("/"))
    })
}

fn request(method: &Method, path: &str, cookie: &str, token: &str) -> Request<Body> {
    let form = !path.starts_with("/api/");
    let (kind, body) = match form {
        true => ("application/x-www-form-urlencoded", format!("csrf_token={token}&form_id=1")),
        false => ("application/json", "{}".to_owned()),
    };
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::COOKIE, cookie)
        .header(header::CONTENT_TYPE, kind)
        .header("sec-fetch-site", "same-origin")
        .header("x-csrf-token", token)
        .body(Body::from(body))
        .unwrap()
}

const STEPS: [(Stage, &str, &str); 4] = [
    (Stage::MfaRequired, "mfa_required", "/second-factor"),
    (Stage::MfaEnrolmentRequired, "mfa_enrolment_required", "/set-up-mfa"),
    (Stage::PasswordChangeRequired, "password_change_required", "/change-password"),
    (Stage::TermsRequired, "terms_required", "/terms"),
];

/// What each unfinished login may call, beside asking who it is and leaving.
fn own_calls(stage: Stage) -> &'static [(&'static str, &'static str)] {
    match stage {
        Stage::MfaRequired => &[
            ("POST", "/auth/mfa/verify"),
            ("POST", "/auth/passkeys/login/begin"),
            ("POST", "/auth/passkeys/login/finish"),
        ],
        Stage::MfaEnrolmentRequired => &[
            ("POST", "/auth/mfa/totp"),
            ("POST", "/auth/mfa/totp/confirm"),
            ("POST", "/auth/passkeys/register/begin"),
            ("POST", "/auth/passkeys/register/finish"),
        ],
        Stage::PasswordChangeRequired => &[("POST", "/auth/password/change")],
        Stage::TermsRequired => &[("GET", "/auth/terms"), ("POST", "/auth/terms")],
        _ => &[],
    }
}

#[tokio::test]
async fn an_unfinished_login_reaches_only_its_missing_step_over_the_api() {
    for (stage, word, _) in STEPS {
        let answer = standing(SubjectKind::Contact, stage);
        let token = csrf(&answer);
        let mut reached = 0;
        for (method, path) in calls() {
            if path.starts_with("/api/v1/admin/") {
                continue;
            }
            let sent = request(&method, &path, &format!("portico_session={PORTAL}"), &token);
            let seen = send(&[(Surface::Portal, PORTAL, answer.clone(), None)], sent).await;
            let call = path.strip_prefix("/api/v1").unwrap();
            let leaves = call == "/auth/session" || call == "/auth/logout";
            if leaves || own_calls(stage).contains(&(method.as_str(), call)) {
                assert_ne!(seen.code(), word, "{stage:?} {method} {path}");
                reached += 1;
            } else {
                assert_eq!((seen.status, &*seen.code()), (StatusCode::FORBIDDEN, word), "{stage:?} {method} {path}");
            }
        }
        assert_eq!(reached, own_calls(stage).len() + 2, "{stage:?}");
    }
}

#[tokio::test]
async fn an_unfinished_login_is_led_to_its_missing_step_from_every_page() {
    for (stage, _, step) in STEPS {
        for (surface, kind, cookie, token) in [
            (Surface::Portal, SubjectKind::Contact, "portico_session", PORTAL),
            (Surface::Console, SubjectKind::Agent, "portico_console", CONSOLE),
        ] {
            let answer = standing(kind, stage);
            let base = if surface == Surface::Console { "/console" } else { "" };
            for (method, path) in pages() {
                if (path == "/console" || path.starts_with("/console/")) != (surface == Surface::Console) {
                    continue;
                }
                let sent = request(&method, &path, &format!("{cookie}={token}"), &csrf(&answer));
                let seen = send(&[(surface, token, answer.clone(), None)], sent).await;
                let front = path.strip_prefix("/console").unwrap_or(&path);
                let location = seen.header("location");
                if front == step || front == "/sign-out" {
                    assert!(!location.starts_with(&format!("{base}{step}?")), "{stage:?} {method} {path}: {location}");
                } else {
                    assert_eq!(seen.status, StatusCode::SEE_OTHER, "{stage:?} {method} {path}");
                    let led = location.split('?').next().unwrap();
                    assert_eq!(led, format!("{base}{step}"), "{stage:?} {method} {path}");
                }
            }
        }
    }
}

#[tokio::test]
async fn support_access_that_only_reads_changes_nothing_but_its_own_end() {
    let mut answer = standing(SubjectKind::Contact, Stage::Complete);
    answer.read_only = true;
    answer.agent = Some(Subject { kind: SubjectKind::Agent.into(), id: ID.into(), ..Subject::default() });
    let token = csrf(&answer);
    let cookie = format!("portico_imp={PORTAL}");
    let known = [(Surface::Portal, PORTAL, answer, None)];
    let ends = ["/impersonation/end", "/sign-out", "/api/v1/auth/impersonation/end", "/api/v1/auth/logout"];
    let mut refused = 0;
    for (method, path) in calls().into_iter().chain(pages()) {
        let console = path == "/console" || path.starts_with("/console/") || path.starts_with("/api/v1/admin/");
        if method == Method::GET || console {
            continue;
        }
        let seen = send(&known, request(&method, &path, &cookie, &token)).await;
        if ends.contains(&path.as_str()) {
            assert!(seen.status.is_redirection() || seen.status == StatusCode::NO_CONTENT, "{path}: {}", seen.status);
            // The cookie of support access ends, and no other.
            assert!(seen.header("set-cookie").starts_with("portico_imp=;"), "{path}");
        } else {
            assert_eq!(seen.status, StatusCode::FORBIDDEN, "{method} {path}");
            if path.starts_with("/api/") {
                assert_eq!(seen.code(), "read_only_session", "{method} {path}");
            }
            refused += 1;
        }
    }
    assert!(refused > 30, "only {refused}");
}

#[tokio::test]
async fn support_access_wins_over_the_portals_own_session_and_says_who_looks() {
    let own = standing(SubjectKind::Contact, Stage::Complete);
    let mut looked = standing(SubjectKind::Contact, Stage::Complete);
    looked.read_only = true;
    looked.subject =
        Some(Subject { kind: SubjectKind::Contact.into(), id: ID.into(), name: "Emma".into(), ..Subject::default() });
    let agent = Subject { kind: SubjectKind::Agent.into(), id: ID.into(), name: "Ada".into(), ..Subject::default() };
    looked.agent = Some(agent);
    let known = [(Surface::Portal, PORTAL, own, None), (Surface::Portal, CONSOLE, looked, None)];
    let cookies = format!("portico_session={PORTAL}; portico_imp={CONSOLE}");
    let seen = send(&known, request(&Method::GET, "/api/v1/auth/session", &cookies, "")).await;
    let body: serde_json::Value = serde_json::from_str(&seen.body).unwrap();
    assert_eq!((&body["subject"]["name"], &body["agent"]["name"]), (&"Emma".into(), &"Ada".into()));
    assert_eq!((&body["read_only"], &body["on_behalf_of"]["name"]), (&true.into(), &"Ada".into()));
    // Nothing about the account can be asked for in another's name.
    for path in ["/api/v1/auth/security", "/api/v1/auth/sessions", "/api/v1/auth/api-tokens", "/api/v1/auth/activity"] {
        let seen = send(&known, request(&Method::GET, path, &cookies, "")).await;
        assert_eq!((seen.status, &*seen.code()), (StatusCode::FORBIDDEN, "support_access"), "{path}");
    }
}

#[tokio::test]
async fn a_contacts_own_session_is_no_support_access_under_whatever_name_it_comes() {
    let own = standing(SubjectKind::Contact, Stage::Complete);
    let known = [(Surface::Portal, PORTAL, own, None)];
    let cookie = format!("portico_imp={PORTAL}");
    let seen = send(&known, request(&Method::GET, "/api/v1/auth/session", &cookie, "")).await;
    assert_eq!(seen.status, StatusCode::UNAUTHORIZED);
    let seen = send(&known, request(&Method::GET, "/", &cookie, "")).await;
    assert!(seen.header("location").starts_with("/sign-in"), "{}", seen.header("location"));
}

#[tokio::test]
async fn for_a_visitor_by_a_companys_link_there_are_no_account_pages() {
    let answer = standing(SubjectKind::Company, Stage::Complete);
    let known = [(Surface::Portal, PORTAL, answer, None)];
    let cookie = format!("portico_session={PORTAL}");
    for (method, path) in pages().filter(|(method, path)| method == Method::GET && path.starts_with("/account/")) {
        let seen = send(&known, request(&method, &path, &cookie, "")).await;
        assert_eq!(seen.status, StatusCode::NOT_FOUND, "{path}");
    }
    for path in ["/api/v1/auth/security", "/api/v1/auth/sessions", "/api/v1/auth/passkeys"] {
        assert_eq!(
            send(&known, request(&Method::GET, path, &cookie, "")).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_program_does_what_its_scopes_say_and_nothing_with_an_account() {
    let program = |scopes: &'static [&'static str]| {
        [(Surface::Console, PROGRAM, standing(SubjectKind::Service, Stage::Complete), Some(scopes))]
    };
    let call = |method: &Method, path: &str| {
        Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {PROGRAM}"))
            // A cookie that comes along means nothing: it would be another's session.
            .header(header::COOKIE, format!("portico_console={CONSOLE}"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from("{}"))
            .unwrap()
    };
    for (method, path) in calls() {
        let reads = method == Method::GET;
        let scope = if path.starts_with("/api/v1/admin/") {
            "admin"
        } else if reads {
            "read"
        } else {
            "write"
        };
        let all: &[&str] = &["read", "write", "admin"];
        if path.starts_with("/api/v1/auth/") {
            let seen = send(&program(all), call(&method, &path)).await;
            if path != "/api/v1/auth/session" {
                assert_eq!(
                    (seen.status, &*seen.code()),
                    (StatusCode::FORBIDDEN, "session_required"),
                    "{method} {path}"
                );
            } else {
                assert_eq!(seen.status, StatusCode::OK);
            }
            continue;
        }
        let without: &[&str] = match scope {
            "admin" => &["read", "write"],
            "read" => &["write", "admin"],
            _ => &["read", "admin"],
        };
        let seen = send(&program(without), call(&method, &path)).await;
        assert_eq!((seen.status, &*seen.code()), (StatusCode::FORBIDDEN, "scope_missing"), "{method} {path}");
        // Needs no token of a form; what refuses it now is that the services are away, or the empty body.
        let seen = send(&program(all), call(&method, &path)).await;
        assert!(!["scope_missing", "csrf_failed"].contains(&&*seen.code()), "{method} {path} {}", seen.code());
        assert_ne!(seen.status, StatusCode::UNAUTHORIZED, "{method} {path}");
    }
    // Pages are for people, and other kinds of authorization mean nothing.
    let seen = send(&program(&["read"]), call(&Method::GET, "/")).await;
    assert_eq!(seen.status, StatusCode::UNAUTHORIZED);
    let basic =
        Request::get("/api/v1/modules").header(header::AUTHORIZATION, "Basic eDp5").body(Body::empty()).unwrap();
    assert_eq!(send(&program(&["read"]), basic).await.code(), "invalid_token");
}

#[tokio::test]
async fn each_front_ends_cookie_is_worth_nothing_at_the_other() {
    let known = [
        (Surface::Portal, PORTAL, standing(SubjectKind::Contact, Stage::Complete), None),
        (Surface::Console, CONSOLE, standing(SubjectKind::Agent, Stage::Complete), None),
    ];
    for (method, path) in calls() {
        if path.starts_with("/api/v1/admin/") {
            let seen = send(&known, request(&method, &path, &format!("portico_session={PORTAL}"), "")).await;
            assert_eq!(seen.status, StatusCode::NOT_FOUND, "{method} {path}");
        }
        if path.starts_with("/api/v1/portal/") {
            let seen = send(&known, request(&method, &path, &format!("portico_console={CONSOLE}"), "")).await;
            assert_eq!(seen.status, StatusCode::UNAUTHORIZED, "{method} {path}");
        }
    }
    let asks = |cookie: &str| request(&Method::GET, "/api/v1/auth/session", cookie, "");
    // Shared calls take the only cookie that comes.
    let seen = send(&known, asks(&format!("portico_console={CONSOLE}"))).await;
    assert!(seen.body.contains("\"agent\""), "{}", seen.body);
    let seen = send(&known, asks(&format!("portico_session={PORTAL}; portico_console={CONSOLE}"))).await;
    assert!(seen.body.contains("\"contact\""), "{}", seen.body);
}

#[tokio::test]
async fn no_change_is_made_by_a_request_from_elsewhere() {
    let answer = standing(SubjectKind::Contact, Stage::Complete);
    let token = csrf(&answer);
    let known = [(Surface::Portal, PORTAL, answer, None)];
    let changes = [
        "/sign-in",
        "/sign-out",
        "/change-password",
        "/step-up",
        "/account/api-tokens",
        "/modules/tickets/new",
        "/account/sessions/end-others",
        "/api/v1/auth/login",
        "/api/v1/auth/logout",
        "/api/v1/auth/password/change",
        "/api/v1/auth/api-tokens",
        "/api/v1/modules/tickets/records",
    ];
    let sites = [Some("cross-site"), Some("same-site"), None];
    let origins = [Some("https://evil.example"), Some("null"), None];
    let kinds = ["application/x-www-form-urlencoded", "text/plain", "application/json"];
    let send = async |path: &str, site: Option<&str>, origin: Option<&str>, kind: &str, with_token: bool| {
        let form = if with_token { format!("csrf_token={token}&form_id=1") } else { "form_id=1".to_owned() };
        let body = if kind.ends_with("json") { "{}".to_owned() } else { form };
        let mut request = Request::post(path)
            .header(header::COOKIE, format!("portico_session={PORTAL}"))
            .header(header::CONTENT_TYPE, kind);
        for (name, value) in [("sec-fetch-site", site), ("origin", origin)] {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        if with_token {
            request = request.header("x-csrf-token", &token);
        }
        self::send(&known, request.body(Body::from(body)).unwrap()).await.status.as_u16()
    };
    for path in changes {
        for site in sites {
            for origin in origins {
                for kind in kinds {
                    let case = format!("{path} {site:?} {origin:?} {kind}");
                    let forged = send(path, site, origin, kind, false).await;
                    assert!([403, 415].contains(&forged), "{case}: {forged}");
                    // Even who had stolen the token gets nowhere from another origin. A program that sends no word of
                    // where it is has to send JSON and the token in a header, which no foreign page can.
                    let program =
                        site.is_none() && origin.is_none() && path.starts_with("/api/") && kind.ends_with("json");
                    let stolen = send(path, site, origin, kind, true).await;
                    if !program {
                        assert!([403, 415].contains(&stolen), "{case} with the token: {stolen}");
                    }
                }
            }
        }
        let kind = if path.starts_with("/api/") { kinds[2] } else { kinds[0] };
        for (site, origin) in [(Some("same-origin"), None), (None, Some("http://127.0.0.1:8080"))] {
            let passes = send(path, site, origin, kind, true).await;
            assert!(![403, 415].contains(&passes), "{path} {site:?} {origin:?}: {passes}");
        }
    }
}

/// Sends a form of a page with a text in it.
async fn send_text(
    known: &[(Surface, &str, CheckSessionResponse, Option<&[&str]>)],
    path: &str,
    cookie: &str,
    token: &str,
) -> Seen {
    let body = format!("csrf_token={token}&form_id=1&body=Long+thought+of&password=hidden-words&code=123456");
    let request = Request::post(path)
        .header(header::COOKIE, cookie)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin");
    send(known, request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn a_form_of_another_session_is_never_done_and_never_loses_its_text() {
    let app = away();
    let mut walked = 0;
    for (surface, kind, name, token) in [
        (Surface::Portal, SubjectKind::Contact, "portico_session", PORTAL),
        (Surface::Console, SubjectKind::Agent, "portico_console", CONSOLE),
    ] {
        let session = |answer: &CheckSessionResponse| Session {
            surface,
            token: String::new(),
            answer: Arc::new(answer.clone()),
            scopes: None,
        };
        let now = standing(kind, Stage::Complete);
        let before = CheckSessionResponse { csrf_key: vec![9; 32], ..now.clone() };
        let mut other = before.clone();
        other.subject = Some(Subject { kind: kind.into(), id: OTHER.into(), ..Subject::default() });
        let known = [(surface, token, now.clone(), None)];
        let cookie = format!("{name}={token}");
        let (mine, anothers) =
            (crate::http::kept::token_of(&app, &session(&before)), crate::http::kept::token_of(&app, &session(&other)));
        let leaving = ["/sign-out", "/impersonation/end", "/session/extend"];
        for (method, path) in pages() {
            let console = path == "/console" || path.starts_with("/console/");
            let front = path.strip_prefix("/console").unwrap_or(&path);
            if method != Method::POST || console != (surface == Surface::Console) || super::before_session(&path) {
                continue;
            }
            // The same person in an older session: identity is away, so nothing can be kept, and the page shows the text.
            let seen = send_text(&known, &path, &cookie, &mine).await;
            if leaving.contains(&front) {
                assert_ne!(seen.status, StatusCode::OK, "{path}");
                continue;
            }
            assert_eq!(seen.status, StatusCode::FORBIDDEN, "{path}");
            assert!(
                seen.body.contains("out of date") && seen.body.contains("Long thought of"),
                "{path}: {}",
                seen.body
            );
            assert!(!seen.body.contains("hidden-words") && !seen.body.contains("123456"), "{path}");
            // Somebody else: told so, and shown nothing.
            let seen = send_text(&known, &path, &cookie, &anothers).await;
            assert_eq!(seen.status, StatusCode::FORBIDDEN, "{path}");
            assert!(seen.body.contains("somebody else now") && !seen.body.contains("Long thought of"), "{path}");
            // A form that is none of ours.
            for forged in ["", "0000", "0000.0000", &format!("{}.{}", "0".repeat(64), "1".repeat(64))] {
                let seen = send_text(&known, &path, &cookie, forged).await;
                assert_eq!(seen.status, StatusCode::FORBIDDEN, "{path} {forged}");
                assert!(seen.header("set-cookie").is_empty() || !seen.header("set-cookie").contains("kept"), "{path}");
            }
            walked += 1;
        }
    }
    assert!(walked > 60, "only {walked} forms");
}

#[tokio::test]
async fn the_second_of_two_sign_in_tabs_goes_home() {
    let answer = standing(SubjectKind::Contact, Stage::Complete);
    let known = [(Surface::Portal, PORTAL, answer, None)];
    let page = send(&[], request(&Method::GET, "/sign-in", "", "")).await;
    let pre = page.header("set-cookie").split(';').next().unwrap().to_owned();
    let token = page.body.split("name=\"csrf_token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    for (path, home) in [("/sign-in", "/modules/tickets"), ("/sign-in/passkey", "/modules/tickets")] {
        let body = format!("csrf_token={token}&form_id=1&login=a&password=b&next=%2Fmodules%2Ftickets");
        let request = Request::post(path)
            .header(header::COOKIE, format!("{pre}; portico_session={PORTAL}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        let seen = send(&known, request.body(Body::from(body)).unwrap()).await;
        assert_eq!((seen.status, seen.header("location")), (StatusCode::SEE_OTHER, home), "{path}");
    }
}

#[tokio::test]
async fn nothing_is_changed_by_looking() {
    let everything: Vec<_> = calls().into_iter().chain(pages()).collect();
    for (method, path) in &everything {
        let by_get = everything.iter().any(|(other, at)| at == path && *other == Method::GET);
        if *method == Method::GET || by_get {
            continue;
        }
        for look in [Method::GET, Method::HEAD] {
            let seen = send(&[], request(&look, path, "", "")).await;
            assert_eq!(seen.status, StatusCode::METHOD_NOT_ALLOWED, "{look} {path}");
        }
    }
}

#[tokio::test]
async fn headers_and_logins_have_a_size() {
    let long = "x".repeat(17 * 1024);
    let request = Request::get("/api/v1/modules").header("x-long", &long).body(Body::empty()).unwrap();
    let seen = send(&[], request).await;
    assert_eq!((seen.status.as_u16(), &*seen.code()), (431, "headers_too_large"));
    let login = format!("{{\"login\":\"a\",\"password\":\"{}\"}}", "x".repeat(5_000));
    let request = Request::post("/api/v1/auth/login")
        .header(header::CONTENT_TYPE, "application/json")
        .header("sec-fetch-site", "same-origin");
    let seen = send(&[], request.body(Body::from(login)).unwrap()).await;
    assert_eq!((seen.status.as_u16(), &*seen.code()), (413, "too_large"));
}

#[tokio::test]
async fn every_page_forbids_what_is_not_ours() {
    let seen = send(&[], request(&Method::GET, "/sign-in", "", "")).await;
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
        connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; report-to csp";
    for (name, value) in [
        ("content-security-policy", policy),
        ("reporting-endpoints", "csp=\"/csp-reports\""),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(seen.header(name), value, "{name}");
    }
    assert!(seen.header("permissions-policy").split(", ").all(|p| p.ends_with("=()")));
    assert!(seen.header("access-control-allow-origin").is_empty());
    let report =
        "[{\"type\":\"csp-violation\",\"body\":{\"effectiveDirective\":\"script-src\",\"blockedURL\":\"inline\"}}]";
    let sent = Request::post("/csp-reports").header(header::CONTENT_TYPE, "application/reports+json");
    assert_eq!(send(&[], sent.body(Body::from(report)).unwrap()).await.status, StatusCode::NO_CONTENT);
    let large = Request::post("/csp-reports").body(Body::from("x".repeat(20_000))).unwrap();
    assert_eq!(send(&[], large).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn the_document_says_who_may_call_what() {
    let document = crate::api::openapi();
    let program = standing(SubjectKind::Service, Stage::Complete);
    let scopes: &[&str] = &["read", "write", "admin"];
    let known = [(Surface::Console, PROGRAM, program, Some(scopes))];
    for (template, item) in document["paths"].as_object().unwrap() {
        let path = template.replace("{module}", "tickets").replace("{token}", "plnk_x");
        let path = format!("/api/v1{}", path.replace("{id}", ID).replace("{session}", ID));
        for (method, operation) in item.as_object().unwrap() {
            let method: Method = method.to_uppercase().parse().unwrap();
            let ways = operation["security"].as_array().unwrap();
            let seen = send(&[], request(&method, &path, "", "")).await;
            let public = seen.status != StatusCode::UNAUTHORIZED;
            assert_eq!(ways.is_empty(), public, "{method} {path} without a session: {}", seen.status);
            let by_token = ways.is_empty() || ways.iter().any(|way| way["apiToken"].is_array());
            let sent = Request::builder()
                .method(&method)
                .uri(&path)
                .header(header::AUTHORIZATION, format!("bearer {PROGRAM}"))
                .header(header::CONTENT_TYPE, "application/json");
            let seen = send(&known, sent.body(Body::from("{}")).unwrap()).await;
            let refused = seen.code() == "session_required" && !ways.is_empty();
            assert_eq!(by_token, !refused, "{method} {path} with a token: {} {}", seen.status, seen.code());
        }
    }
}
