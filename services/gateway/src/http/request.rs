//! A request as it is known to everything behind the guard: as it was asked, the form that came with it, who asks, and,
//! where it is not let in, why.

use super::{
    problem::Problem,
    sessions::{Session, Surface},
};
use axum::extract::{FromRequestParts, MatchedPath};
use http::{HeaderMap, Method, request::Parts};
use kernel::{ActorKind, Code, Error};
use std::{net::IpAddr, sync::Arc};

/// How a request was admitted; in the request's extensions.
#[derive(Clone)]
pub(crate) struct Admitted {
    pub(crate) session: Option<Session>,
    pub(crate) surface: Surface,
    pub(crate) client: IpAddr,
    pub(crate) user_agent: String,
    /// `Idempotency-Key` or the form's `form_id`; empty when there is none.
    pub(crate) idempotency_key: String,
    /// CSRF token for forms of this browser: of the session, or of the browser while there is none.
    pub(crate) csrf_token: String,
    /// What the browser is known by since an earlier login; empty when it is not.
    pub(crate) device: String,
    /// To be set when the browser has no pre-session cookie yet.
    pub(crate) set_pre: Option<String>,
}

impl Admitted {
    /// The session, or 401.
    pub(crate) fn signed_in(&self) -> Result<&Session, Error> {
        self.session.as_ref().ok_or_else(|| Error::new(Code::Unauthenticated, "unauthenticated", "Please sign in."))
    }

    /// True for a program with a token of its own.
    pub(crate) fn is_program(&self) -> bool {
        self.session.as_ref().is_some_and(Session::is_program)
    }

    /// The session of somebody who looks after an account of their own: no program, no agent in another's name. For
    /// visitors of a company's link there is no account, and no page about one.
    pub(crate) fn own(&self) -> Result<&Session, Error> {
        let session = self.signed_in()?;
        if session.is_program() {
            return Err(session_required());
        }
        if session.support() {
            return Err(Error::forbidden("support_access"));
        }
        if session.kind() == ActorKind::Company {
            return Err(Error::not_found());
        }
        Ok(session)
    }

    /// What identity is told about the session that asks.
    pub(crate) fn proof(&self, session: &Session) -> proto::identity::v1::SessionProof {
        proto::identity::v1::SessionProof {
            token: session.token.clone(),
            surface: session.surface.kind().into(),
            source: Some(self.source()),
        }
    }

    /// Where the request came from, for identity.
    pub(crate) fn source(&self) -> proto::identity::v1::Source {
        proto::identity::v1::Source { address: self.client.to_string(), user_agent: self.user_agent.clone() }
    }

    /// The key under which a creation is repeated safely. Without one from the caller each request makes something of its
    /// own.
    pub(crate) fn creation_key(&self) -> String {
        match self.idempotency_key.as_str() {
            "" => kernel::new_id().to_string(),
            key => key.to_owned(),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Admitted {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Admitted, Problem> {
        parts
            .extensions
            .get::<Admitted>()
            .cloned()
            .ok_or_else(|| Error::internal("a route outside of the guard").into())
    }
}

/// What is known of a request besides its body.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) uri: http::Uri,
    pub(crate) headers: HeaderMap,
    /// The route's pattern.
    pub(crate) route: String,
}

impl Asked {
    pub(crate) fn of(parts: &Parts) -> Asked {
        let route = parts.extensions.get::<MatchedPath>().map(|m| m.as_str().to_owned()).unwrap_or_default();
        Asked { method: parts.method.clone(), uri: parts.uri.clone(), headers: parts.headers.clone(), route }
    }
}

/// A request that is not admitted, with what is known of it: the form, if it was read, and the session.
pub(crate) struct Refused {
    pub(crate) error: Error,
    pub(crate) form: Option<Arc<Form>>,
    pub(crate) session: Option<Session>,
    /// The form's token is not the one of this session.
    pub(crate) stale: bool,
}

impl From<Error> for Refused {
    fn from(error: Error) -> Refused {
        Refused { error, form: None, session: None, stale: false }
    }
}

/// What was posted, in order.
#[derive(Debug)]
pub(crate) struct Form(pub(crate) Vec<(String, String)>);

impl Form {
    /// A value; of several of one name the last. Empty when there is none.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.iter().rev().find(|(k, _)| k == name).map(|(_, v)| v.as_str()).unwrap_or_default()
    }

    /// What may be kept: no secret, and no token of the form.
    pub(crate) fn keepable(&self) -> Vec<(String, String)> {
        let may = |name: &str| name != "csrf_token" && !gateway_ui::SECRETS.contains(&name);
        self.0.iter().filter(|(name, _)| may(name)).cloned().collect()
    }
}

/// What only a person in a session of their own can do.
pub(crate) fn session_required() -> Error {
    Error::new(Code::Forbidden, "session_required", "This needs a person who has signed in.")
}
