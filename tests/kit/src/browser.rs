//! Somebody at the other end of HTTP: keeps cookies, sends the CSRF token, reads JSON.

use crate::contract;
use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A client with the memory of a browser.
#[derive(Clone)]
pub struct Browser {
    base: String,
    client: Client<HttpConnector, Full<Bytes>>,
    cookies: BTreeMap<String, String>,
    csrf: String,
    console: bool,
    checked: bool,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }

    /// The answer, if it has a status.
    pub fn expect(self, status: u16) -> Result<Answer> {
        ensure!(self.status.as_u16() == status, "expected {status}, got {}: {}", self.status, self.text());
        Ok(self)
    }

    /// The stable code of a problem.
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// Fields and codes of a problem.
    pub fn field_errors(&self) -> Vec<(String, String)> {
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        let all = self.json()["errors"].as_array().cloned().unwrap_or_default();
        all.iter().map(|e| (text(&e["field"]), text(&e["code"]))).collect()
    }
}

impl Browser {
    /// Somebody without a session, in the portal.
    pub fn new(base: &str) -> Browser {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Browser {
            base: base.to_owned(),
            client,
            cookies: BTreeMap::new(),
            csrf: String::new(),
            console: false,
            checked: true,
        }
    }

    /// The same from another address of this machine, such as `127.0.0.2`: another source for all limits.
    #[must_use]
    pub fn from_address(mut self, address: std::net::Ipv4Addr) -> Browser {
        let mut connector = HttpConnector::new();
        connector.set_local_address(Some(address.into()));
        self.client = Client::builder(TokioExecutor::new()).build(connector);
        self
    }

    /// The same without holding each answer against the API's document: in a benchmark that took a third of two cores,
    /// which what is measured then lacked.
    #[must_use]
    pub fn unchecked(mut self) -> Browser {
        self.checked = false;
        self
    }

    /// The same at another gateway, with the same cookies.
    #[must_use]
    pub fn at(mut self, base: &str) -> Browser {
        base.clone_into(&mut self.base);
        self
    }

    /// Puts a cookie in, as an attacker might.
    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    /// The same, in the console.
    #[must_use]
    pub fn console(mut self) -> Browser {
        self.console = true;
        self
    }

    /// Cookies by name.
    pub fn cookies(&self) -> &BTreeMap<String, String> {
        &self.cookies
    }

    /// Sends any request, as it stands, with the cookies.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<Answer> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        if !self.cookies.is_empty() {
            let all: Vec<String> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
            request = request.header(header::COOKIE, all.join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body.into()))?;
        let asked = self.checked.then(|| (request.method().clone(), request.uri().path().to_owned()));
        let response = self.client.request(request).await?;
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let (pair, attributes) = cookie.to_str()?.split_once(';').unwrap_or((cookie.to_str()?, ""));
            if let Some((name, value)) = pair.split_once('=') {
                if attributes.contains("Max-Age=0") {
                    self.cookies.remove(name);
                } else {
                    self.cookies.insert(name.to_owned(), value.to_owned());
                }
            }
        }
        let body = body.collect().await?.to_bytes();
        if let Some((method, path)) = asked {
            contract::check_answer(&method, &path, parts.status, &parts.headers, &body);
        }
        Ok(Answer { status: parts.status, headers: parts.headers, body })
    }

    /// Calls the API: the path after `/api/v1`, JSON in and out, CSRF token and extra headers.
    pub async fn call_with(
        &mut self,
        method: &str,
        path: &str,
        extra: &[(&str, &str)],
        body: Option<Value>,
    ) -> Result<Answer> {
        let csrf = self.csrf.clone();
        let mut headers = extra.to_vec();
        if self.console {
            headers.push(("x-portico-surface", "console"));
        }
        if method != "GET" && !csrf.is_empty() {
            headers.push(("x-csrf-token", &csrf));
        }
        let bytes = match &body {
            Some(json) => {
                headers.push(("content-type", "application/json"));
                json.to_string().into_bytes()
            }
            None => Vec::new(),
        };
        self.send(method.parse()?, &format!("/api/v1{path}"), &headers, bytes).await
    }

    /// Calls the API. Creations get an idempotency key of their own.
    pub async fn call(&mut self, method: &str, path: &str, body: Option<Value>) -> Result<Answer> {
        let key = kernel::new_id().to_string();
        let extra: &[(&str, &str)] = if method == "POST" { &[("idempotency-key", &key)] } else { &[] };
        self.call_with(method, path, extra, body).await
    }

    /// GET of the API.
    pub async fn get(&mut self, path: &str) -> Result<Answer> {
        self.call("GET", path, None).await
    }

    /// POST of the API.
    pub async fn post(&mut self, path: &str, body: Value) -> Result<Answer> {
        self.call("POST", path, Some(body)).await
    }

    /// PATCH of the API with the version that was seen.
    pub async fn patch(&mut self, path: &str, etag: &str, body: Value) -> Result<Answer> {
        self.call_with("PATCH", path, &[("if-match", etag)], Some(body)).await
    }

    /// A page.
    pub async fn page(&mut self, path: &str) -> Result<Answer> {
        self.send(Method::GET, path, &[("accept", "text/html")], Vec::new()).await
    }

    /// Sends a form of a page that is open, as a person does without scripts: what it hides goes along, and some fields are
    /// filled in.
    pub async fn submit(&mut self, page: &Answer, action: &str, fields: &[(&str, &str)]) -> Result<Answer> {
        let mut all = hidden_fields(&page.text(), action).with_context(|| format!("a form that posts to {action}"))?;
        all.retain(|(hidden, _)| !fields.iter().any(|(name, _)| name == hidden));
        all.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let pairs: Vec<String> =
            all.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
        self.send(Method::POST, action, &headers, pairs.join("&").into_bytes()).await
    }

    /// Goes where a redirect leads, as often as it leads anywhere.
    pub async fn follow(&mut self, answer: Answer) -> Result<Answer> {
        let mut answer = answer;
        for _ in 0..5 {
            if !answer.status.is_redirection() {
                return Ok(answer);
            }
            let to = answer.header("location").to_owned();
            answer = self.page(&to).await?;
        }
        anyhow::bail!("it leads round and round, last to {}", answer.header("location"))
    }

    /// Signs in, and remembers the CSRF token.
    pub async fn sign_in(&mut self, login: &str, password: &str) -> Result<()> {
        self.post("/auth/login", json!({"login": login, "password": password})).await?.expect(200)?;
        self.refresh_csrf().await
    }

    /// Asks for the CSRF token of the session.
    pub async fn refresh_csrf(&mut self) -> Result<()> {
        let session = self.get("/auth/session").await?.expect(200)?.json();
        self.csrf = session["csrf_token"].as_str().context("a csrf_token")?.to_owned();
        Ok(())
    }
}

/// Names and values of the hidden fields of a page's form.
fn hidden_fields(html: &str, action: &str) -> Option<Vec<(String, String)>> {
    let form = html
        .split("<form")
        .skip(1)
        .find(|form| form.split('>').next().is_some_and(|tag| tag.contains(&format!("action=\"{action}\""))))?;
    let form = form.split("</form>").next()?;
    let value = |tag: &str, name: &str| {
        let after = tag.split(&format!(" {name}=\"")).nth(1)?;
        Some(after.split('"').next()?.replace("&#38;", "&").replace("&#39;", "'").replace("&#34;", "\""))
    };
    let inputs = form.split("<input").skip(1).filter_map(|input| input.split('>').next());
    let hidden = inputs.filter(|tag| tag.contains("type=\"hidden\""));
    Some(hidden.filter_map(|tag| Some((value(tag, "name")?, value(tag, "value")?))).collect())
}

/// Text as it stands in a form.
fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
