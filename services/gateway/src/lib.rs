//! The gateway: HTTP only. Pages for people, a JSON API for programs, over the same calls to the services.
//!
//! It keeps no data of its own: sessions are identity's, plans are permissions', records are records'. What it decides is
//! how a request is admitted ([`guard`](crate::http::guard)) and how an answer looks.
//!
//! From top to bottom, each knowing only what stands below it: `routes` puts everything together; `api` and `pages`, which
//! don't know each other; `backend` asks the services; `http` is what every request meets.

mod api;
mod backend;
mod http;
mod pages;
mod proofs;
mod routes;
#[cfg(test)]
mod tests;

pub use api::openapi;
pub use http::{app::StartError, limits::serve};
pub use routes::{Deps, router};
