//! The layer around every page. Handlers answer errors; it turns them into pages, so that every page looks the same and
//! none is forgotten.

use crate::{
    http::{
        app::App,
        kept::{self, Kept},
        request::{Asked, Form},
    },
    pages::{
        answer::{Fault, kind_of},
        ask::{Ask, forget_flash, preference},
        detour, error_page,
        links::with_next,
        scene::Scene,
    },
};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use gateway_ui::{Lang, refill, vm::ErrorKind};
use http::{Method, StatusCode, header};
use kernel::{Code, Error};
use std::{sync::Arc, time::Duration};

/// How long the menu of an error page may take.
const MENU: Duration = Duration::from_millis(500);

/// The layer around every page: language and theme links, the message after a redirect, errors, and what was typed before
/// a detour.
pub(crate) async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let asked = Asked::of(&parts);
    let form = parts.extensions.get::<Arc<Form>>().cloned();
    let mut ask = match Ask::of(&app, &parts) {
        Ok(ask) => ask,
        Err(error) => return Fault::from(error).into_response(),
    };
    if asked.method == Method::GET {
        if let Some(response) = preference(&app, &ask.look) {
            return response;
        }
        let session = ask.admitted.session.as_ref();
        // Without it the page is still the page.
        ask.kept = kept::find(&app, &asked.headers, &ask.look.path, session).await.unwrap_or_default().map(Arc::new);
        if let Some(kept) = &ask.kept {
            parts.extensions.insert(Arc::clone(kept));
        }
    }
    let response = next.run(Request::from_parts(parts, body)).await;
    let mut response = face(&app, &ask, &asked, form.as_deref(), response).await;
    if let Some(kept) = ask.kept.filter(|_| response.status() == StatusCode::OK) {
        response = filled(response, &kept, ask.look.lang).await;
    }
    error_page::hide_address(&ask.look, &mut response);
    response
}

/// The page with what was typed before.
async fn filled(response: Response, kept: &Kept, lang: Lang) -> Response {
    let is_page = response.headers().get(header::CONTENT_TYPE).is_some_and(|v| v.as_bytes().starts_with(b"text/html"));
    if !is_page {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let html = String::from_utf8_lossy(&bytes);
    let sprite = (!kept.quietly()).then(|| crate::http::assets::url("icons.svg"));
    let html = refill(&html, &kept.action, &kept.typed, lang, sprite.as_deref());
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, axum::body::Body::from(html))
}

async fn face(app: &App, ask: &Ask, asked: &Asked, form: Option<&Form>, mut response: Response) -> Response {
    if let Some(Fault(error)) = response.extensions_mut().remove::<Fault>() {
        return answer(ask, asked, form, &error).await;
    }
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        return error_page::bare(app, &ask.look, ErrorKind::BadRequest, StatusCode::METHOD_NOT_ALLOWED, None, None);
    }
    if form.is_some() && response.status().is_redirection() {
        kept::forget(app, &asked.headers, &ask.look.path, &mut response);
    }
    forget_flash(&ask.look, app, &mut response);
    response
}

/// The page of an error that a handler answered.
async fn answer(ask: &Ask, asked: &Asked, form: Option<&Form>, error: &Error) -> Response {
    if error.code == Code::Internal {
        tracing::error!(event = "request.failed", error = %error, "a page failed");
    }
    let look = &ask.look;
    if error.code == Code::Unauthenticated {
        if look.background {
            return StatusCode::UNAUTHORIZED.into_response();
        }
        return detour::lead(ask, asked, form, |next| with_next(look.sign_in_url(), next, look.home_url())).await;
    }
    if error.reason == "step_up_required" && !look.background {
        return detour::lead(ask, asked, form, |next| with_next(ask.url("/step-up"), next, "")).await;
    }
    let (kind, status) = kind_of(error);
    if look.background {
        return status.into_response();
    }
    // The menu helps to go on where the services answer; where they don't, the page stands without it.
    let chrome = match (kind, &ask.admitted.session) {
        (ErrorKind::Unavailable(_) | ErrorKind::Internal, _) | (_, None) => {
            look.chrome(&ask.app, &ask.admitted.csrf_token)
        }
        (_, Some(_)) => match tokio::time::timeout(MENU, Scene::open(ask)).await {
            Ok(Ok(scene)) => scene.chrome(),
            _ => look.chrome(&ask.app, &ask.admitted.csrf_token),
        },
    };
    error_page::page(chrome, kind, status, error_page::back(look), form)
}
