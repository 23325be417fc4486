//! The gateway: HTTP only. Pages for people, a JSON API for programs, over the same calls to the services.
//!
//! It keeps no data of its own: sessions are identity's, plans are permissions', records are records'. What it decides is
//! how a request is admitted ([`guard`](crate::guard)) and how an answer looks.

mod api;
mod app;
mod assets;
mod guard;
mod kept;
mod limits;
mod observe;
mod problem;
mod proofs;
mod schemas;
mod sessions;
mod source;
mod values;
mod views;
mod web;

pub use api::openapi;
pub use app::{Deps, StartError, router};
pub use limits::serve;
