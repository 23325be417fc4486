//! What a page is asked for: on which front end, by whom, in which language, at which address; and the plain answers.

use crate::{
    http::{
        app::App, assets, clock::now_micros, cookies::cookie, current, kept::Kept, request::Admitted, sessions::Surface,
    },
    pages::{
        answer::{Answer, Fault},
        declared::{Needs, Pages},
        links::is_local,
    },
};
use axum::{
    extract::FromRequestParts,
    response::{Html, IntoResponse, Response},
};
use gateway_ui::{
    Lang, Template,
    fmt::{self, Stamp},
    query::{self, encode},
    vm::{Assets, Chrome, Flash, Theme},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts};
use kernel::Error;
use std::sync::Arc;
use uuid::Uuid;

/// Keeps the code of a message over one redirect.
const FLASH: &str = "portico_flash";
const LANGUAGE: &str = "portico_lang";
const THEME: &str = "portico_theme";
/// A year, for what a person chose once.
const LONG: u32 = 31_536_000;

/// How a page looks, before anybody is known.
#[derive(Clone)]
pub(crate) struct Look {
    pub(crate) surface: Surface,
    pub(crate) lang: Lang,
    pub(crate) theme: Theme,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    /// Code of the message that the redirect before left.
    flash: Option<String>,
    /// Asked by the page itself, not by the person.
    pub(crate) background: bool,
    /// Path and query of the page of ours that this request comes from.
    pub(crate) referer: Option<String>,
}

impl Look {
    /// Language: what the person chose with the language menu, then the account's, then the browser's, then the
    /// installation's. The choice comes first because nothing else lets a signed-in person change it.
    pub(crate) fn of(
        app: &App,
        surface: Surface,
        method: Method,
        uri: &http::Uri,
        headers: &HeaderMap,
        locale: &str,
    ) -> Look {
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let lang = cookie(headers, LANGUAGE)
            .and_then(|tag| Lang::from_tag(&tag))
            .or_else(|| Lang::from_tag(locale))
            .or_else(|| Lang::from_accept_language(accepted))
            .or_else(|| Lang::from_tag(&app.config.language))
            .unwrap_or_default();
        Look {
            surface,
            lang,
            theme: cookie(headers, THEME).and_then(|code| Theme::from_code(&code)).unwrap_or_default(),
            method,
            path: uri.path().to_owned(),
            query: uri.query().unwrap_or_default().to_owned(),
            flash: cookie(headers, FLASH),
            background: headers.contains_key("x-portal-background"),
            referer: referer(headers),
        }
    }

    /// The beginning of every address of this front end.
    pub(crate) fn base(&self) -> &'static str {
        match self.surface {
            Surface::Portal => "",
            Surface::Console => "/console",
        }
    }

    pub(crate) fn console(&self) -> bool {
        self.surface == Surface::Console
    }

    pub(crate) fn home_url(&self) -> &'static str {
        match self.surface {
            Surface::Portal => "/",
            Surface::Console => "/console",
        }
    }

    pub(crate) fn sign_in_url(&self) -> String {
        format!("{}/sign-in", self.base())
    }

    /// Path and query of this page.
    pub(crate) fn here(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) }
    }

    /// What stands around a page without a signed-in person.
    pub(crate) fn chrome(&self, app: &App, csrf_token: &str) -> Chrome {
        Chrome {
            surface: match self.surface {
                Surface::Portal => gateway_ui::vm::Surface::Portal,
                Surface::Console => gateway_ui::vm::Surface::Console,
            },
            lang: self.lang,
            theme: self.theme,
            product_name: app.config.portal_company_name.clone(),
            viewer: None,
            menu: Vec::new(),
            queue_url: None,
            home_url: self.home_url().to_owned(),
            sign_out_url: format!("{}/sign-out", self.base()),
            here: self.here(),
            csrf_token: csrf_token.to_owned(),
            form_seed: Uuid::new_v4(),
            flash: self.flash.as_deref().and_then(|code| Flash::of(code, self.lang)),
            assets: Assets {
                css: assets::url("app.css"),
                js: assets::url("app.js"),
                sprite: assets::url("icons.svg"),
                favicon: assets::url("favicon.svg"),
            },
            trace_id: current::trace(),
            traceparent: eventlog::trace::current().unwrap_or_default(),
            demo: app.config.demo,
            security_url: None,
            standing: None,
            clock: None,
        }
    }
}

/// Path and query of the page that a request comes from, if it is one of ours.
fn referer(headers: &HeaderMap) -> Option<String> {
    let text = |name: HeaderName| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let (_, rest) = text(header::REFERER).split_once("://")?;
    let local = rest.strip_prefix(text(header::HOST)).filter(|_| !text(header::HOST).is_empty())?;
    is_local(local).then(|| local.to_owned())
}

/// A request for a page.
#[derive(Clone)]
pub(crate) struct Ask {
    pub(crate) app: App,
    pub(crate) admitted: Admitted,
    pub(crate) look: Look,
    /// The token of a session that the browser came with and that is none any more.
    pub(crate) dead_token: Option<String>,
    /// As the browser sent them.
    pub(crate) headers: Arc<HeaderMap>,
    /// What was typed into a form of this page before a detour.
    pub(crate) kept: Option<Arc<Kept>>,
    /// Asked by a script that reads the answer itself.
    pub(crate) wants_json: bool,
    /// The rights that lead to the page.
    pub(crate) needs: Needs,
    /// All pages there are.
    pub(crate) pages: Pages,
}

impl Ask {
    pub(crate) fn of(app: &App, parts: &Parts) -> Result<Ask, Error> {
        let admitted = parts
            .extensions
            .get::<Admitted>()
            .cloned()
            .ok_or_else(|| Error::internal("a page outside of the guard"))?;
        let locale = admitted.session.as_ref().map(|s| s.subject().locale).unwrap_or_default();
        let surface = admitted.surface;
        let look = Look::of(app, surface, parts.method.clone(), &parts.uri, &parts.headers, &locale);
        let dead_token =
            cookie(&parts.headers, surface.cookie(app.secure)).filter(|c| !c.is_empty() && admitted.session.is_none());
        let kept = parts.extensions.get::<Arc<Kept>>().cloned();
        let accept = parts.headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let wants_json = accept.starts_with("application/json");
        let headers = Arc::new(parts.headers.clone());
        let needs = parts.extensions.get().copied().unwrap_or_default();
        let pages = parts.extensions.get().copied().unwrap_or_default();
        Ok(Ask { app: app.clone(), admitted, look, dead_token, headers, kept, wants_json, needs, pages })
    }

    pub(crate) fn lang(&self) -> Lang {
        self.look.lang
    }

    /// An address of this front end.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.look.base())
    }

    pub(crate) fn list_url(&self, module: &str) -> String {
        self.url(&format!("/modules/{module}"))
    }

    pub(crate) fn record_url(&self, module: &str, id: &str) -> String {
        self.url(&format!("/modules/{module}/{id}"))
    }

    /// A moment as the reader reads it, with how long ago it was; none of 0.
    pub(crate) fn stamp_ago(&self, micros: i64) -> Option<Stamp> {
        (micros != 0).then(|| fmt::stamp_ago(micros, now_micros(), self.lang(), &self.app.zone))
    }

    /// The same request as if another page had been asked for: what a refused form shows is that page.
    pub(crate) fn at(mut self, path: String) -> Ask {
        self.look.path = path;
        self.look.query.clear();
        self
    }

    /// What was typed into this page's form before a detour, for forms that draw themselves with it.
    pub(crate) fn typed_before(&self) -> Option<Posted> {
        self.kept.as_ref().map(|kept| Posted(kept.typed.clone()))
    }

    /// The code of the message that the redirect before left.
    pub(crate) fn flash(&self) -> Option<&str> {
        self.look.flash.as_deref()
    }

    /// On to another page (303), with the code of a message for it; an empty code leaves none.
    pub(crate) fn on_to(&self, url: &str, flash: &str) -> Response {
        let mut response = see_other(url);
        if !flash.is_empty() {
            set_cookie(&mut response, &self.app, FLASH, flash, 60, true);
        }
        response
    }

    /// A command did what was wanted: back to a page, with a message.
    pub(crate) fn done(&self, url: &str, flash: &str) -> Answer {
        Ok(self.on_to(url, flash))
    }
}

impl FromRequestParts<App> for Ask {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Ask, Fault> {
        Ok(Ask::of(app, parts)?)
    }
}

/// The names and values of a posted form.
pub(crate) struct Posted(pub(crate) Vec<(String, String)>);

impl Posted {
    pub(crate) fn parse(body: &str) -> Posted {
        Posted(query::pairs(body))
    }

    /// A value; of several of one name the last, as a ticked checkbox follows its hidden "false".
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(k, _)| k == name).map(|(_, v)| v.as_str())
    }

    /// A value; empty when there is none.
    pub(crate) fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().to_owned()
    }

    /// All values of a name.
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(k, v)| k == name && !v.is_empty()).map(|(_, v)| v.clone()).collect()
    }
}

/// A rendered page or fragment.
pub(crate) fn html<T: Template>(status: StatusCode, page: &T) -> Answer {
    let html = page.render().map_err(Error::internal)?;
    Ok((status, Html(html)).into_response())
}

/// On to another page.
pub(crate) fn see_other(url: &str) -> Response {
    let location = HeaderValue::from_str(url).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

/// `?lang=` and `?theme=` of a page: the cookie is set and the same address follows without them.
pub(crate) fn preference(app: &App, look: &Look) -> Option<Response> {
    let mut chosen = Vec::new();
    let mut rest = Vec::new();
    for (name, value) in query::pairs(&look.query) {
        match name.as_str() {
            "lang" if Lang::from_tag(&value).is_some() => {
                chosen.push((LANGUAGE, Lang::from_tag(&value).unwrap_or_default().code(), true));
            }
            "theme" if Theme::from_code(&value).is_some() => {
                chosen.push((THEME, Theme::from_code(&value).unwrap_or_default().code(), false));
            }
            _ => rest.push(format!("{}={}", encode(&name), encode(&value))),
        }
    }
    if chosen.is_empty() {
        return None;
    }
    let url = if rest.is_empty() { look.path.clone() } else { format!("{}?{}", look.path, rest.join("&")) };
    // A path that begins with two slashes would lead to another host.
    let mut response = see_other(&format!("/{}", url.trim_start_matches(['/', '\\'])));
    for (name, value, hidden) in chosen {
        set_cookie(&mut response, app, name, value, LONG, hidden);
    }
    Some(response)
}

/// Forgets the message that this page has shown.
pub(crate) fn forget_flash(look: &Look, app: &App, response: &mut Response) {
    if look.flash.is_some() && look.method == Method::GET && !look.background && response.status() == StatusCode::OK {
        set_cookie(response, app, FLASH, "", 0, true);
    }
}

/// Adds a cookie. The script changes the theme too, so that one is not hidden from it.
fn set_cookie(response: &mut Response, app: &App, name: &str, value: &str, seconds: u32, hidden: bool) {
    let secure = if app.secure { "; Secure" } else { "" };
    let hidden = if hidden { "; HttpOnly" } else { "" };
    let cookie = format!("{name}={value}; Path=/; Max-Age={seconds}; SameSite=Lax{hidden}{secure}");
    add_header(response, header::SET_COOKIE, &cookie);
}

/// Adds a header beside those of its name.
pub(crate) fn add_header(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().append(name, value);
    }
}
