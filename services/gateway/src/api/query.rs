//! Query parameters: what the document declares is taken, all else is refused with its name.

use crate::{
    api::{DESCRIBED, document::is_public},
    http::{problem::Problem, request::Admitted},
};
use axum::{
    extract::{FromRequestParts, MatchedPath, Request},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::request::Parts;
use kernel::Error;
use serde::de::DeserializeOwned;
use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

/// The declared names of each operation, by method and path.
static DECLARED: LazyLock<HashMap<(String, String), HashSet<String>>> = LazyLock::new(|| {
    let mut declared = HashMap::new();
    for (path, item) in DESCRIBED.1["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let all = operation["parameters"].as_array().into_iter().flatten();
            let names = all.filter(|p| p["in"] == "query").filter_map(|p| p["name"].as_str().map(str::to_owned));
            declared.insert((method.to_uppercase(), path.clone()), names.collect());
        }
    }
    declared
});

/// Refuses parameters that the operation doesn't declare, or that come twice: what is asked for and not there is never
/// answered with something else. So a parameter that a handler takes is in the document, or it can't be used.
pub(super) async fn only_declared(request: Request, next: Next) -> Response {
    match check(&request) {
        Ok(()) => next.run(request).await,
        Err(error) => Problem::from(error).into_response(),
    }
}

fn check(request: &Request) -> Result<(), Error> {
    let Some(query) = request.uri().query().filter(|q| !q.is_empty()) else { return Ok(()) };
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str).unwrap_or_default();
    let path = path.strip_prefix(super::document::BASE).unwrap_or(path);
    let method = match request.method().as_str() {
        "HEAD" => "GET",
        other => other,
    };
    let Some(names) = DECLARED.get(&(method.to_owned(), path.to_owned())) else { return Ok(()) };
    // Who is asked before what.
    let nobody = request.extensions().get::<Admitted>().is_some_and(|a| a.session.is_none());
    if nobody && !is_public(&method.to_lowercase(), path) {
        return Ok(());
    }
    let mut seen = HashSet::new();
    for (name, _) in form_urlencoded::parse(query.as_bytes()) {
        if !names.contains(&*name) {
            return Err(Error::invalid_field(name, "unknown_field", "There is no such parameter."));
        }
        if !seen.insert(name.clone()) {
            return Err(Error::invalid_field(name, "duplicate", "This parameter comes twice."));
        }
    }
    Ok(())
}

/// The query as a type; what does not fit is refused with its name.
pub(crate) struct Query<T>(pub(crate) T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Query<T>, Problem> {
        let pairs = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
        serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(pairs)).map(Query).map_err(|e| {
            let message = "This parameter does not fit its type.";
            Error::invalid_field(e.path().to_string(), "wrong_type", message).into()
        })
    }
}
