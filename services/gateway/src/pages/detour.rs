//! A request that is led elsewhere first: to the sign-in, to a missing step of the login, to a fresh proof, or back to its
//! own form. What was typed is kept for when the person comes back.

use crate::{
    http::{
        app::App,
        cookies::keep_session,
        guard::{before_session, step_of_word},
        kept::{self, Keeping, Kept, Owner},
        request::{Asked, Form, Refused},
        sessions::{Session, Surface},
    },
    pages::{
        answer::kind_of,
        ask::{Ask, Look, see_other},
        error_page,
        links::{is_local, with_next},
        places::page_of,
    },
};
use axum::response::{IntoResponse, Response};
use gateway_ui::{query::encode, vm::ErrorKind};
use http::{Method, StatusCode};
use kernel::{Code, Error};

/// The page to come back to after a detour. What was posted can't be posted again: then it is the page of the form.
pub(super) fn come_back(asked: &Asked, look: &Look, form: Option<&Form>) -> String {
    if asked.method == Method::GET {
        return look.here();
    }
    let next = page_of(asked, look, |name| form.map(|f| f.text(name)).unwrap_or_default());
    if is_local(&next) { next } else { String::new() }
}

/// Keeps a form for its owner, if there is anything in it that is no secret.
async fn keep(app: &App, owner: Owner, asked: &Asked, page: &str, form: &Form) -> Option<Keeping> {
    let typed = form.keepable();
    let only_secrets =
        typed.len() + 1 < form.0.len() && typed.iter().all(|(n, _)| ["form_id", "next"].contains(&n.as_str()));
    if page.is_empty() || only_secrets {
        return None;
    }
    kept::keep(app, owner, Kept::new(page, asked.uri.path(), typed)).await
}

/// Leads a handler's request elsewhere, with what was typed kept for this session's person.
pub(super) async fn lead(ask: &Ask, asked: &Asked, form: Option<&Form>, url: impl Fn(&str) -> String) -> Response {
    let page = come_back(asked, &ask.look, form);
    let mut response = see_other(&url(&page));
    if let (Some(form), Some(session)) = (form, &ask.admitted.session)
        && let Some(keeping) = keep(&ask.app, kept::owner_of(&ask.app, session), asked, &page, form).await
    {
        keeping.tell(&ask.app, &asked.headers, &mut response);
    }
    response
}

/// A page request that the guard did not admit.
pub(crate) async fn refused(app: &App, asked: &Asked, refused: Refused) -> Response {
    let Refused { error, form, session, stale } = refused;
    let path = asked.uri.path();
    let surface = if path == "/console" || path.starts_with("/console/") { Surface::Console } else { Surface::Portal };
    let look = Look::of(app, surface, asked.method.clone(), &asked.uri, &asked.headers, "");
    let form = form.as_deref();
    let mut response = match (form, session) {
        (Some(form), session) if stale => stale_form(app, asked, &look, form, session).await,
        (form, session) => match step_of_word(&error.reason) {
            Some(_) if look.background => StatusCode::FORBIDDEN.into_response(),
            Some(step) => {
                // The sign-in page itself is nothing to come back to.
                let there = path == look.sign_in_url();
                let page = if there { String::new() } else { come_back(asked, &look, form) };
                let url = with_next(format!("{}{}", look.base(), step.page), &page, look.home_url());
                let owner = form.and_then(|f| kept::owner_in(app, f.text("csrf_token")));
                let mine = session.is_some_and(|s| owner == Some(kept::owner_of(app, &s)));
                led(app, asked, &page, &url, form.filter(|_| mine), owner).await
            }
            None => page_of_error(app, &look, &error, form),
        },
    };
    error_page::hide_address(&look, &mut response);
    response
}

async fn led(app: &App, asked: &Asked, page: &str, url: &str, form: Option<&Form>, owner: Option<Owner>) -> Response {
    let mut response = see_other(url);
    if let (Some(form), Some(owner)) = (form, owner)
        && let Some(keeping) = keep(app, owner, asked, page, form).await
    {
        keeping.tell(app, &asked.headers, &mut response);
    }
    response
}

/// A form whose token is not the one of this session, or of this browser before there is one.
async fn stale_form(app: &App, asked: &Asked, look: &Look, form: &Form, session: Option<Session>) -> Response {
    let path = asked.uri.path();
    if before_session(path) {
        return before(app, asked, look, form);
    }
    let owner = kept::owner_in(app, form.text("csrf_token"));
    let leaves = path.strip_prefix("/console").unwrap_or(path) == "/sign-out";
    let page = come_back(asked, look, Some(form));
    match (session, owner) {
        // Whoever wanted to leave has left.
        (None, _) if leaves => {
            let mut response = see_other(&look.sign_in_url());
            keep_session(app, &mut response, look.surface, "");
            response
        }
        (None, _) if look.background => StatusCode::UNAUTHORIZED.into_response(),
        (None, owner) => {
            let url = with_next(look.sign_in_url(), &page, look.home_url());
            led(app, asked, &page, &url, Some(form), owner).await
        }
        (Some(session), Some(owner)) if owner == kept::owner_of(app, &session) => {
            // The same person, who signed in again meanwhile: back to the form, which holds what was typed.
            match keep(app, owner, asked, &page, form).await {
                Some(keeping) => {
                    let mut response = see_other(&page);
                    keeping.tell(app, &asked.headers, &mut response);
                    response
                }
                None => {
                    let back = Some(page).filter(|p| !p.is_empty());
                    error_page::bare(app, look, ErrorKind::FormStale, StatusCode::FORBIDDEN, back, Some(form))
                }
            }
        }
        (Some(_), Some(owner)) => {
            let mut response = error_page::bare(app, look, ErrorKind::OtherPerson, StatusCode::FORBIDDEN, None, None);
            if let Some(keeping) = keep(app, owner, asked, &page, form).await {
                keeping.tell(app, &asked.headers, &mut response);
            }
            response
        }
        (Some(_), None) => {
            let back = Some(page).filter(|p| !p.is_empty());
            error_page::bare(app, look, ErrorKind::FormStale, StatusCode::FORBIDDEN, back, Some(form))
        }
    }
}

/// A form of somebody who is not signed in: its page again, with a token that fits and the login that was typed.
fn before(app: &App, asked: &Asked, look: &Look, form: &Form) -> Response {
    let page = come_back(asked, look, Some(form));
    let front = asked.uri.path().strip_prefix("/console").unwrap_or(asked.uri.path());
    let url = if front.starts_with("/sign-in") {
        let cookies = asked.headers.get(http::header::COOKIE).is_some_and(|value| !value.is_empty());
        let reason = if cookies { "form" } else { "cookies" };
        let next = form.text("next");
        let next = if is_local(next) { format!("&next={}", encode(next)) } else { String::new() };
        format!("{}?reason={reason}{next}", look.sign_in_url())
    } else {
        page.clone()
    };
    let mut response = see_other(&url);
    if !form.text("login").is_empty()
        && let Some(keeping) = keep_login_name(app, &page, form.text("login"))
    {
        keeping.tell(app, &asked.headers, &mut response);
    }
    response
}

/// Keeps what somebody signs in with for the form of a page, in the browser itself.
pub(super) fn keep_login_name(app: &App, page: &str, login: &str) -> Option<Keeping> {
    let path = page.split('?').next().unwrap_or_default();
    kept::keep_inline(app, &Kept::new(path, path, vec![("login".to_owned(), login.to_owned())]))
}

fn page_of_error(app: &App, look: &Look, error: &Error, form: Option<&Form>) -> Response {
    if error.code == Code::Unauthenticated {
        return error_page::bare(app, look, ErrorKind::Forbidden, StatusCode::UNAUTHORIZED, None, None);
    }
    let (kind, status) = kind_of(error);
    error_page::bare(app, look, kind, status, error_page::back(look), form)
}
