//! Around every request: its span, its metrics, its line in the access log, and the headers that every answer has.

use crate::http::{app::App, current, problem::as_problem};
use axum::{
    Router,
    extract::{DefaultBodyLimit, MatchedPath, Request, State},
    middleware::Next,
    response::Response,
    routing::post,
};
use http::{HeaderName, HeaderValue, StatusCode, header};
use runtime::HttpLabels;
use std::time::Instant;
use tracing::{Instrument, info, info_span, warn};

/// No script, style or frame that is not ours.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; report-to csp";
/// Where browsers say what the policy held back.
const REPORTS: &str = "/csp-reports";
/// Most bytes of such a report, and most reports of one that are looked at.
const MAX_REPORT: usize = 16 * 1024;
const MOST_REPORTS: usize = 10;

/// The one route without a guard: it changes nothing and answers nothing, and browsers send reports without cookies.
pub(crate) fn reports() -> Router<App> {
    Router::new().route(REPORTS, post(report)).layer(DefaultBodyLimit::max(MAX_REPORT))
}

/// Notes what the content security policy held back. Addresses of pages stay out of the log: they can hold tokens.
async fn report(body: axum::body::Bytes) -> StatusCode {
    let reports: Vec<serde_json::Value> = serde_json::from_slice(&body).unwrap_or_default();
    for report in reports.iter().take(MOST_REPORTS) {
        let word = |name: &str| -> String {
            let text = report["body"][name].as_str().unwrap_or_default();
            let place = text.split(['?', '#']).next().unwrap_or_default();
            place.split('/').take(3).collect::<Vec<_>>().join("/").chars().take(100).collect()
        };
        let (directive, blocked) = (word("effectiveDirective"), word("blockedURL"));
        warn!(event = "csp.violation", directive, blocked, "the content security policy held something back");
    }
    StatusCode::NO_CONTENT
}

/// The layer.
pub(crate) async fn observe(State(app): State<App>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"];
    let method = known.into_iter().find(|m| *m == request.method().as_str()).unwrap_or("_OTHER").to_owned();
    let route = request.extensions().get::<MatchedPath>().map_or("(none)", |m| m.as_str()).to_owned();
    let path = request.uri().path().to_owned();
    let span = info_span!(
        "request",
        otel.name = %format!("{method} {route}"),
        otel.kind = "server",
        http.request.method = %method,
        http.route = %route,
        http.response.status_code = tracing::field::Empty,
        url.scheme = if app.secure { "https" } else { "http" },
    );
    if let Some(theirs) = request.headers().get("traceparent").and_then(|v| v.to_str().ok()) {
        // Whoever goes on with a trace chooses its id and whether it is recorded: for our own proxies only. A stranger's
        // is noted as a link.
        if app.proxies.is_trusted_peer(request.extensions()) {
            eventlog::trace::set_parent(&span, theirs);
        } else {
            eventlog::trace::add_link(&span, theirs);
        }
    }
    let context = eventlog::trace::of(&span);
    let trace = context
        .as_deref()
        .and_then(|c| c.split('-').nth(1))
        .map_or_else(|| kernel::new_id().simple().to_string(), str::to_owned);
    app.metrics.http_active.inc();
    let answering = async {
        let response = next.run(request).await;
        if path.starts_with("/api/") { as_problem(response) } else { response }
    };
    let mut response = current::within(path.clone(), trace.clone(), answering.instrument(span.clone())).await;
    app.metrics.http_active.dec();
    let status = response.status().as_u16();
    span.record("http.response.status_code", status);
    let elapsed = started.elapsed();
    let labels = HttpLabels { method: method.clone(), route: route.clone(), status_code: status };
    app.metrics.http_requests.get_or_create(&labels).observe(elapsed.as_secs_f64());
    if !route.starts_with("/assets/") {
        // The route, not the path: paths can hold tokens.
        span.in_scope(|| {
            info!(
                event = "http.request",
                method,
                route,
                status,
                duration_ms = elapsed.as_millis() as u64,
                "{method} {route} {status}"
            );
        });
    }
    add_headers(&app, &mut response, &trace, context);
    response
}

fn add_headers(app: &App, response: &mut Response, trace: &str, context: Option<String>) {
    let is_html = response.headers().get(header::CONTENT_TYPE).is_some_and(|v| v.as_bytes().starts_with(b"text/html"));
    let headers = response.headers_mut();
    let mut put = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.entry(name).or_insert(value);
        }
    };
    put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(header::REFERRER_POLICY, "same-origin");
    put(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    put(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    put(HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
    put(header::CACHE_CONTROL, "no-store");
    if app.secure {
        put(header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains");
    }
    if is_html {
        put(header::CONTENT_SECURITY_POLICY, CSP);
        put(HeaderName::from_static("reporting-endpoints"), &format!("csp=\"{REPORTS}\""));
        put(header::VARY, "HX-Request, Cookie, Accept-Language");
    }
    put(HeaderName::from_static("server-timing"), &format!("trace;desc={trace}"));
    if let Some(context) = context {
        put(HeaderName::from_static("traceresponse"), &context);
    }
}
