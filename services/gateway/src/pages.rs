//! The pages: a request, calls to the services, a view-model, a template. What the API does with JSON, they do with HTML,
//! over the same `backend`; they know nothing of the API.
//!
//! From top to bottom: `routes`; what there is to see (`home`, `account`, `access`, `team` …), over `records`; the blocks
//! that stand on the page of a contact or a company (`sections`); then what every page needs: `layer`, `scene`, `ask`.

mod access;
mod account;
mod answer;
mod api_docs;
mod ask;
mod declared;
mod deliveries;
mod detour;
mod entry;
mod error_page;
mod home;
mod layer;
mod links;
mod module;
mod person;
mod places;
mod records;
mod refusal;
pub(crate) mod routes;
mod scene;
mod sections;
mod session_clock;
mod settings;
mod team;
#[cfg(test)]
mod tests;
mod views;

use crate::http::{
    app::{App, Faces},
    request::{Asked, Refused},
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use futures::future::BoxFuture;
use http::{HeaderMap, Method, StatusCode, Uri};

pub(crate) use routes::{group_of, router};

/// How the pages look where a layer below them answers.
pub(crate) struct Pages;

impl Faces for Pages {
    fn refused<'a>(&'a self, app: &'a App, asked: &'a Asked, refused: Refused) -> BoxFuture<'a, Response> {
        Box::pin(detour::refused(app, asked, refused))
    }

    fn wordless(&self, app: &App, asked: &Asked, status: StatusCode) -> Response {
        error_page::wordless(app, asked, status)
    }

    fn shows_token(&self, path: &str) -> bool {
        error_page::shows_token(path)
    }
}

/// An address that nothing is at.
pub(crate) async fn not_found(State(app): State<App>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    error_page::nothing_here(&app, method, &uri, &headers).into_response()
}
