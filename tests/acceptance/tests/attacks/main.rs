//! What somebody would try who wants in without a right to: black box, over HTTP, from addresses of this machine only.

mod locks;
mod secrets;
mod sessions;
mod sources;
#[path = "../it/support.rs"]
#[allow(dead_code, reason = "shared with the other tests")]
mod support;
mod takeover;
mod timing;
#[path = "../it/totp.rs"]
#[allow(dead_code, reason = "shared with the other tests")]
mod totp;

use anyhow::Result;
use kit::{Browser, Portal, PortalOptions};
use serde_json::json;
use std::net::Ipv4Addr;

/// A password that nobody has.
const WRONG: &str = "wrong wrong wrong wrong";

/// Limits per source that stop no test: what is tested is behind them.
const NO_LIMITS: [(&str, &str); 3] =
    [("PORTICO_SOURCE_FAILURES", "5000"), ("PORTICO_SOURCE_LOGINS", "5000"), ("PORTICO_SOURCE_PAIRS", "5000")];

/// A portal with other limits than usual.
async fn portal(settings: &[(&str, &str)]) -> Result<Portal> {
    let settings = settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Portal::with(PortalOptions { settings, ..PortalOptions::default() }).await
}

/// Somebody at another address: 127.0.0.n.
fn at(portal: &Portal, n: u8) -> Browser {
    portal.browser().from_address(Ipv4Addr::new(127, 0, 0, n))
}

/// Status and body of a login, without what differs in every answer, and the names of its headers.
async fn attempt(browser: &Browser, login: &str, password: &str) -> Result<(u16, String, Vec<String>)> {
    let mut browser = browser.clone();
    let answer = browser.post("/auth/login", json!({"login": login, "password": password})).await?;
    let length = answer.header("content-length").to_owned();
    let mut body = answer.json();
    if let Some(problem) = body.as_object_mut() {
        problem.remove("trace_id");
    }
    let mut names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
    names.sort();
    Ok((answer.status.as_u16(), format!("{body} {length}"), names))
}

/// Only the status.
async fn status(browser: &Browser, login: &str, password: &str) -> Result<u16> {
    Ok(attempt(browser, login, password).await?.0)
}
