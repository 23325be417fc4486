//! The pages without any service behind them: routes, tokens, languages, and what is said while everything is away.

use super::{
    declared::Surfaces,
    places::pages_of,
    routes::{PAGES, all},
};
use crate::{http::guard::before_session, tests::gateway};
use axum::body::Body;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use std::collections::BTreeSet;
use tower::ServiceExt;

/// What a browser got.
struct Seen {
    status: StatusCode,
    headers: HeaderMap,
    html: String,
}

impl Seen {
    fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map(|v| v.to_str().unwrap()).unwrap_or_default()
    }

    fn cookies(&self) -> Vec<String> {
        let set = self.headers.get_all(header::SET_COOKIE).iter();
        set.map(|v| v.to_str().unwrap().split(';').next().unwrap().to_owned()).collect()
    }

    /// The value of a hidden field.
    fn hidden(&self, name: &str) -> String {
        let after = self.html.split(&format!("name=\"{name}\" value=\"")).nth(1).expect("the field is there");
        after.split('"').next().unwrap().to_owned()
    }
}

async fn send(request: Request<Body>) -> Seen {
    let response = gateway().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    Seen { status: parts.status, headers: parts.headers, html: String::from_utf8_lossy(&bytes).into_owned() }
}

async fn get(path: &str, headers: &[(&str, &str)]) -> Seen {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(request.body(Body::empty()).unwrap()).await
}

async fn post(path: &str, cookie: &str, form: &str) -> Seen {
    let request = Request::post(path)
        .header(header::COOKIE, cookie)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin");
    send(request.body(Body::from(form.to_owned())).unwrap()).await
}

/// An address of a route, with something in its places.
fn address(route: &str) -> String {
    route
        .replace("{module}", "tickets")
        .replace("{id}", "01890000-0000-7000-8000-000000000000")
        .replace("{token}", "plnk_x")
}

#[test]
fn no_route_is_in_the_table_twice_and_every_form_of_the_portal_is_in_the_console_too() {
    let routes = all();
    let table: BTreeSet<_> = routes.iter().collect();
    assert_eq!(table.len(), routes.len());
    for (method, path) in routes.iter().filter(|(_, path)| path.starts_with("/modules/")) {
        let console = format!("/console{path}");
        assert!(table.contains(&(*method, console.clone())), "{method} {console}");
    }
    assert!(routes.iter().all(|(method, _)| matches!(*method, "get" | "post")));
    for (_, path) in &routes {
        let at: Vec<_> = PAGES.iter().filter(|page| page.is_at(path)).collect();
        assert!(matches!(at[..], [page] if page.paths().any(|own| own == *path)), "{path}: {at:?}");
    }
}

#[test]
fn who_may_see_a_page_of_the_console_is_declared_with_it_and_the_menu_leads_to_pages() {
    // What there is to see on these follows from the plan, or from the service that is asked.
    let free = ["", "/", "/contacts/{id}/sessions", "/modules/{module}/change", "/modules/{module}/change/undo"];
    for page in PAGES {
        let shows = page.methods.contains(&"get");
        if page.surfaces == Surfaces::Console && shows {
            assert_eq!(page.needs.is_empty(), free.contains(&page.path), "{}", page.path);
        }
        assert!(page.surfaces == Surfaces::Console || page.needs.is_empty(), "{} is on both front ends", page.path);
        if let Some(entry) = page.menu {
            assert!(shows && !page.needs.is_empty() && page.surfaces == Surfaces::Console, "{}", page.path);
            for lang in gateway_ui::Lang::ALL {
                assert_ne!(lang.t(entry.label), entry.label, "{}", page.path);
            }
        }
    }
    let menu: Vec<&str> = PAGES.iter().filter(|page| page.menu.is_some()).map(|page| page.path).collect();
    assert_eq!(menu, ["/bulk", "/locked-users", "/deliveries", "/agents", "/api-tokens", "/settings/security"]);
}

#[tokio::test]
async fn every_form_without_its_token_or_its_id_does_nothing() {
    let page = get("/sign-in", &[]).await;
    let (cookie, token) = (page.cookies().join("; "), page.hidden("csrf_token"));
    let forms: Vec<_> = all().into_iter().filter(|(method, _)| *method == "post").collect();
    assert!(forms.len() > 20, "only {} forms", forms.len());
    for (_, route) in forms {
        let path = address(&route);
        let without_both = post(&path, &cookie, "login=a&password=b").await;
        let without_token = post(&path, &cookie, "form_id=1").await;
        let with_another = post(&path, &cookie, "form_id=1&csrf_token=0000").await;
        let without_id = post(&path, &cookie, &format!("csrf_token={token}")).await;
        let of_another_browser = post(&path, "", &format!("form_id=1&csrf_token={token}")).await;
        for seen in [without_both, without_token, with_another, without_id, of_another_browser] {
            // Led to the sign-in, or to the form's own page, which has a token that fits; never a bare refusal.
            assert_eq!(seen.status, StatusCode::SEE_OTHER, "{path}: {}", seen.html);
            let to = seen.header(header::LOCATION).split('?').next().unwrap().to_owned();
            let sign_in = if path.starts_with("/console") { "/console/sign-in" } else { "/sign-in" };
            assert!(to == sign_in || (to == path && before_session(&path)), "{path} leads to {to}");
        }
        let with_both = post(&path, &cookie, &format!("form_id=1&csrf_token={token}&token=x")).await;
        assert_ne!(with_both.status, StatusCode::FORBIDDEN, "{path}");
    }
}

#[test]
fn every_form_has_a_page_that_it_stands_on() {
    let routes = all();
    for (_, route) in routes.iter().filter(|(method, _)| *method == "post") {
        let pages = pages_of(route).unwrap_or_else(|| panic!("{route} is not in the table of places"));
        for page in pages {
            let known = |(method, pattern): &(&str, String)| {
                let fits = pattern.split('/').count() == page.split('/').count()
                    && pattern.split('/').zip(page.split('/')).all(|(p, a)| p == a || p == "{module}");
                *method == "get" && fits
            };
            assert!(routes.iter().any(known), "{route} stands on {page}, which is no page");
        }
    }
}

#[tokio::test]
async fn a_sign_in_form_that_is_too_old_comes_back_with_the_login_and_without_the_password() {
    let page = get("/sign-in", &[]).await;
    let old = page.hidden("csrf_token");
    // The browser was opened anew: another cookie, the same form.
    let another = get("/sign-in", &[]).await.cookies().join("; ");
    let form =
        format!("form_id=1&csrf_token={old}&login=emma%40acme.test&password=hidden-words&next=%2Fmodules%2Ftickets");
    let seen = post("/sign-in", &another, &form).await;
    assert_eq!(seen.header(header::LOCATION), "/sign-in?reason=form&next=%2Fmodules%2Ftickets");
    let kept = seen.cookies().join("; ");
    assert!(!kept.contains("emma") && !kept.contains("hidden"), "{kept}");
    let again = get(seen.header(header::LOCATION), &[("cookie", &format!("{another}; {kept}"))]).await;
    assert!(again.html.contains("value=\"emma@acme.test\"") && !again.html.contains("hidden-words"));
    assert!(again.html.contains("open for too long"), "{}", again.html);
    // No other page shows it, and a browser without cookies is told so.
    let elsewhere = get("/forgot-password", &[("cookie", &kept)]).await;
    assert!(!elsewhere.html.contains("emma@acme.test"));
    let seen = post("/sign-in", "", &form).await;
    assert_eq!(seen.header(header::LOCATION), "/sign-in?reason=cookies&next=%2Fmodules%2Ftickets");
    assert!(get("/sign-in?reason=cookies", &[]).await.html.contains("sent no cookie"));
}

#[tokio::test]
async fn a_text_browser_signs_in_by_its_referrer_and_no_other_site_can() {
    let page = get("/sign-in", &[]).await;
    let form = format!("form_id=1&csrf_token={}&login=a&password=b", page.hidden("csrf_token"));
    let request = |referer: &str| {
        let mut request = Request::post("/sign-in")
            .header(header::COOKIE, page.cookies().join("; "))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if !referer.is_empty() {
            request = request.header(header::REFERER, referer);
        }
        request.body(Body::from(form.clone())).unwrap()
    };
    // Identity is away, so far it gets.
    let seen = send(request("http://127.0.0.1:8080/sign-in?next=%2F")).await;
    assert_eq!(seen.status, StatusCode::SERVICE_UNAVAILABLE);
    for (referer, sentence) in [
        ("", "say where this form comes from"),
        ("http://127.0.0.1:8080.evil.test/sign-in", "another site"),
        ("http://evil.test/http://127.0.0.1:8080/", "another site"),
        ("http://127.0.0.1:8080@evil.test/", "another site"),
        ("https://127.0.0.1:8080/", "another site"),
        ("127.0.0.1:8080", "another site"),
    ] {
        let seen = send(request(referer)).await;
        assert_eq!(seen.status, StatusCode::FORBIDDEN, "{referer}");
        assert!(seen.html.replace("&#39;", "’").contains(sentence), "{referer}: {}", seen.html);
    }
}

#[tokio::test]
async fn a_form_from_another_site_is_refused_with_the_right_token() {
    let page = get("/sign-in", &[]).await;
    let form = format!("form_id=1&csrf_token={}", page.hidden("csrf_token"));
    let request = |site: &str, origin: &str| {
        Request::post("/sign-in")
            .header(header::COOKIE, page.cookies().join("; "))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", site)
            .header(header::ORIGIN, origin)
            .body(Body::from(form.clone()))
            .unwrap()
    };
    assert_eq!(send(request("cross-site", "https://evil.test")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(send(request("same-site", "http://127.0.0.1:8080")).await.status, StatusCode::FORBIDDEN);
    assert_ne!(send(request("same-origin", "http://127.0.0.1:8080")).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn every_page_of_somebody_signed_out_leads_to_the_right_sign_in_and_back() {
    let open = ["/sign-in", "/login", "/invitation", "/m/", "/forgot-password", "/reset", "/confirm-login", "/link/"];
    for (method, route) in all() {
        let path = address(&route).replace("{field}", "company_id");
        let front = path.strip_prefix("/console").unwrap_or(&path);
        if method != "get" || open.iter().any(|o| front.starts_with(o)) {
            continue;
        }
        let seen = get(&path, &[]).await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER, "{path}");
        let sign_in = if path.starts_with("/console") { "/console/sign-in" } else { "/sign-in" };
        let home = matches!(path.as_str(), "/" | "/console");
        let next = if home { String::new() } else { format!("?next={}", gateway_ui::query::encode(&path)) };
        assert_eq!(seen.header(header::LOCATION), format!("{sign_in}{next}"));
        // The page's own look every half minute leads nowhere.
        let background = get(&path, &[("x-portal-background", "1")]).await;
        assert_eq!(background.status, StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[tokio::test]
async fn addresses_in_mails_lead_to_the_pages() {
    let record = "01890000-0000-7000-8000-000000000000";
    for (old, new) in [
        ("/login".to_owned(), "/sign-in".to_owned()),
        ("/console/login".to_owned(), "/console/sign-in".to_owned()),
        (format!("/m/tickets/{record}"), format!("/modules/tickets/{record}")),
        (format!("/console/m/tickets/{record}"), format!("/console/modules/tickets/{record}")),
    ] {
        let seen = get(&old, &[]).await;
        assert_eq!((seen.status, seen.header(header::LOCATION)), (StatusCode::SEE_OTHER, new.as_str()));
    }
}

#[tokio::test]
async fn a_chosen_language_and_theme_are_kept_and_the_address_loses_them() {
    let seen = get("/sign-in?lang=it&next=%2Fmodules%2Ftickets&theme=dark", &[]).await;
    assert_eq!(seen.status, StatusCode::SEE_OTHER);
    assert_eq!(seen.header(header::LOCATION), "/sign-in?next=%2Fmodules%2Ftickets");
    let cookies = seen.cookies();
    assert!(cookies.contains(&"portico_lang=it".to_owned()) && cookies.contains(&"portico_theme=dark".to_owned()));
    let page = get("/sign-in", &[("cookie", &cookies.join("; ")), ("accept-language", "en")]).await;
    assert!(page.html.contains("<html lang=\"it\"") && page.html.contains("data-theme=\"dark\""));
    // What is not offered changes nothing.
    assert_eq!(get("/sign-in?lang=xx&theme=pink", &[]).await.status, StatusCode::OK);
    let italian = get("/sign-in", &[("accept-language", "it-IT,it;q=0.9,en;q=0.5")]).await;
    assert!(italian.html.contains("<html lang=\"it\""));
}

#[tokio::test]
async fn an_address_that_nothing_is_at_is_a_page_in_the_readers_language() {
    for path in ["/nothing", "/console/nothing", "/modules", "/assets-of-another"] {
        let seen = get(path, &[("accept-language", "it")]).await;
        assert_eq!(seen.status, StatusCode::NOT_FOUND, "{path}");
        assert!(seen.html.contains("<html lang=\"it\"") && seen.html.contains("Acme Support"), "{path}");
    }
    let posted_only = get("/sign-out", &[]).await;
    assert_eq!(posted_only.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(posted_only.html.contains("<h1>"));
}

#[tokio::test]
async fn while_identity_is_away_signing_in_says_so_and_keeps_the_login() {
    let page = get("/sign-in", &[]).await;
    let token = page.hidden("csrf_token");
    let form = format!("form_id=1&csrf_token={token}&login=emma%40acme.test&password=secret&next=");
    let seen = post("/sign-in", &page.cookies().join("; "), &form).await;
    assert_eq!(seen.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!seen.header(header::RETRY_AFTER).is_empty());
    assert!(seen.html.contains("value=\"emma@acme.test\"") && !seen.html.contains("secret"));
}

#[tokio::test]
async fn the_page_behind_an_invitation_link_tells_its_address_to_nobody() {
    let seen = get("/invitation?token=pinv_x", &[]).await;
    assert_eq!(seen.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(seen.header(header::REFERRER_POLICY), "no-referrer");
    assert_eq!(seen.header(header::CACHE_CONTROL), "no-store");
    assert!(seen.html.contains("data-retry-after"));
    // Sent from such a page, a form names no origin.
    let page = get("/sign-in", &[]).await;
    let form = format!("form_id=1&csrf_token={}&token=x&new_password=a&repeat_password=b", page.hidden("csrf_token"));
    let request = Request::post("/invitation")
        .header(header::COOKIE, page.cookies().join("; "))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ORIGIN, "null");
    let seen = send(request.body(Body::from(form)).unwrap()).await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY, "the two passwords differ");
    assert_eq!(seen.header(header::REFERRER_POLICY), "no-referrer");
}

#[tokio::test]
async fn pages_whose_address_holds_a_token_tell_it_to_nobody() {
    for path in ["/reset?token=x", "/console/reset?token=x", "/confirm-login?token=x", "/link/plnk_x"] {
        let seen = get(path, &[]).await;
        assert_eq!(seen.header(header::REFERRER_POLICY), "no-referrer", "{path}");
        assert_eq!(seen.header(header::CACHE_CONTROL), "no-store", "{path}");
        assert!(!seen.html.contains("src=\"http") && !seen.html.contains("href=\"http"), "{path}");
    }
}

#[tokio::test]
async fn a_forgotten_password_can_be_told_while_nobody_says_whom_to_ask() {
    let page = get("/forgot-password", &[]).await;
    assert_eq!(page.status, StatusCode::OK);
    let token = page.hidden("csrf_token");
    let cookie = page.cookies().join("; ");
    let empty = post("/forgot-password", &cookie, &format!("form_id=1&csrf_token={token}&login=")).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    let away = post("/forgot-password", &cookie, &format!("form_id=1&csrf_token={token}&login=emma%40acme.test")).await;
    assert_eq!(away.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!away.header(header::RETRY_AFTER).is_empty() && away.html.contains("value=\"emma@acme.test\""));
}

#[tokio::test]
async fn a_form_of_a_session_that_nobody_can_check_is_not_lost_as_forged() {
    let cookie = "portico_session=pses_00000000000000000000000000000000";
    let seen = post("/modules/tickets/new", cookie, "form_id=1&csrf_token=old&title=x").await;
    assert_eq!(seen.status, StatusCode::SERVICE_UNAVAILABLE);
    // A cookie that can be no session ends at the sign-in, and comes back to the form.
    let seen = post("/modules/tickets/new", "portico_session=stale", "form_id=1&csrf_token=old&title=x").await;
    assert_eq!(seen.status, StatusCode::SEE_OTHER);
    assert_eq!(seen.header(header::LOCATION), "/sign-in?next=%2Fmodules%2Ftickets%2Fnew");
}
