//! Signing in and out, and setting the first password.

use super::body::Body;
use crate::{
    app::App,
    guard::{Admitted, session_cookie},
    problem::{Problem, ProblemBody},
    sessions::Surface,
    values,
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use proto::identity::v1::{AcceptInvitationRequest, LoginRequest, LogoutRequest, Subject, SubjectKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// User name and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Login {
    /// The e-mail by default.
    login: String,
    password: String,
}

/// Who a session belongs to.
#[derive(Serialize, ToSchema)]
pub(crate) struct SubjectBody {
    /// `contact`, `agent` or `service`.
    kind: &'static str,
    id: String,
    name: String,
}

/// Where a login stands.
#[derive(Serialize, ToSchema)]
pub(crate) struct LoginState {
    /// `authenticated`; later steps have their own words.
    status: &'static str,
    subject: SubjectBody,
}

/// A session as its owner sees it.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionBody {
    subject: SubjectBody,
    on_behalf_of: Option<SubjectBody>,
    /// Goes into X-CSRF-Token of every state-changing call.
    csrf_token: String,
    expires_at: Option<String>,
    idle_timeout_seconds: i32,
    /// The profile that applies, and why.
    profile: Option<ProfileBody>,
    locale: String,
}

/// A profile in a session.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProfileBody {
    id: String,
    version: u32,
    chosen_because: serde_json::Value,
}

fn subject_body(subject: &Subject) -> SubjectBody {
    let kind = match subject.kind() {
        SubjectKind::Contact => "contact",
        SubjectKind::Agent => "agent",
        _ => "service",
    };
    SubjectBody { kind, id: subject.id.clone(), name: subject.name.clone() }
}

/// Sign in. The portal's contacts by default; with `X-Portico-Surface: console`, agents.
#[utoipa::path(post, path = "/auth/login", request_body = Login, responses(
    (status = 200, description = "Signed in; the cookie is set", body = LoginState),
    (status = 401, description = "Wrong, for whatever reason", body = ProblemBody),
    (status = 403, description = "The password was right, but support has not started or has ended", body = ProblemBody)))]
pub(crate) async fn login(
    State(app): State<App>,
    admitted: Admitted,
    headers: HeaderMap,
    Body(body): Body<Login>,
) -> Result<Response, Problem> {
    let console = headers.get("x-portico-surface").is_some_and(|v| v == "console");
    let surface = if console { Surface::Console } else { Surface::Portal };
    let answer = sign_in(&app, &admitted, surface, body.login, body.password).await?;
    let subject = subject_body(&answer.subject.clone().unwrap_or_default());
    let cookie = session_cookie(&app, surface, &answer.session_token);
    let state = LoginState { status: "authenticated", subject };
    Ok(([(header::SET_COOKIE, cookie)], Json(state)).into_response())
}

/// The login that pages and API share.
pub(crate) async fn sign_in(
    app: &App,
    admitted: &Admitted,
    surface: Surface,
    login: String,
    password: String,
) -> Result<proto::identity::v1::LoginResponse, kernel::Error> {
    let request = LoginRequest {
        login,
        password,
        surface: surface.kind().into(),
        source: Some(admitted.source()),
        ..LoginRequest::default()
    };
    let answer = app.clients.as_service().identity().login(request).await.map_err(runtime::error_of)?.into_inner();
    // Whatever session the browser had is over: a login always begins a new one.
    if let Some(old) = &admitted.session
        && old.surface == surface
    {
        end(app, &old.token).await;
    }
    Ok(answer)
}

/// Ends a session; a session that is gone already is ended too.
pub(crate) async fn end(app: &App, token: &str) {
    app.sessions.forget(token);
    let request = LogoutRequest { session_token: token.to_owned() };
    if let Err(status) = app.clients.as_service().identity().logout(request).await {
        tracing::warn!(event = "logout.failed", code = %status.code(), "a session could not be ended");
    }
    app.sessions.forget(token);
}

/// Who am I, until when, and the CSRF token.
#[utoipa::path(get, path = "/auth/session", responses(
    (status = 200, description = "The session", body = SessionBody),
    (status = 401, description = "None", body = ProblemBody)))]
pub(crate) async fn session(State(app): State<App>, admitted: Admitted) -> Result<Json<SessionBody>, Problem> {
    let session = admitted.signed_in()?;
    let subject = session.subject();
    let profile = match app.plans.plan_for(&crate::web::actor(session)?).await {
        Ok(plan) => Some(ProfileBody {
            id: plan.profile.id.clone(),
            version: plan.profile.version,
            chosen_because: serde_json::to_value(plan.profile.chosen_because).unwrap_or_default(),
        }),
        Err(_) => None,
    };
    Ok(Json(SessionBody {
        subject: subject_body(&subject),
        on_behalf_of: None,
        csrf_token: session.csrf_token(),
        expires_at: values::time(session.answer.expires_at_micros),
        idle_timeout_seconds: session.answer.idle_timeout_seconds,
        profile,
        locale: subject.locale,
    }))
}

/// Sign out.
#[utoipa::path(post, path = "/auth/logout", responses((status = 204, description = "Signed out")))]
pub(crate) async fn logout(State(app): State<App>, admitted: Admitted) -> Result<Response, Problem> {
    let session = admitted.signed_in()?;
    end(&app, &session.token).await;
    let cookie = session_cookie(&app, session.surface, "");
    let clear = "\"cache\", \"storage\"".to_owned();
    let headers = [(header::SET_COOKIE, cookie), (http::HeaderName::from_static("clear-site-data"), clear)];
    Ok((StatusCode::NO_CONTENT, headers).into_response())
}

/// An invitation's token and the password to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Accept {
    token: String,
    new_password: String,
}

/// Choose the first password. The token works once.
#[utoipa::path(post, path = "/auth/invitations/accept", request_body = Accept, responses(
    (status = 204, description = "Set; sign in now"),
    (status = 422, description = "The password is not good enough, or the link can't be used", body = ProblemBody)))]
pub(crate) async fn accept_invitation(
    State(app): State<App>,
    admitted: Admitted,
    Body(body): Body<Accept>,
) -> Result<StatusCode, Problem> {
    let request =
        AcceptInvitationRequest { token: body.token, new_password: body.new_password, source: Some(admitted.source()) };
    app.clients.as_service().identity().accept_invitation(request).await?;
    Ok(StatusCode::NO_CONTENT)
}
