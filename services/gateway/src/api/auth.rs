//! Signing in and out, and setting the first password. What people do with their accounts lies in the modules below.

pub(crate) mod factors;
pub(crate) mod link;
pub(crate) mod passkeys;
pub(crate) mod passwords;
pub(crate) mod security;
pub(crate) mod sessions;
pub(crate) mod tokens;

use crate::{
    api::{
        body::{Body, NoBody},
        values,
    },
    backend::logins,
    http::{
        app::App,
        cookies::{drop_session, keep_login},
        guard::{step_of_word, word_of},
        problem::{Problem, ProblemBody},
        request::Admitted,
        sessions::Surface,
    },
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use proto::identity::v1::{LoginResponse, Subject, SubjectKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// User name and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Credentials)]
pub(crate) struct Login {
    /// The e-mail by default.
    login: String,
    password: String,
}

/// Who a session belongs to.
#[derive(Serialize, ToSchema)]
pub(crate) struct SubjectBody {
    /// `contact`, `agent`, `service`, or `company` for who came by a company's link.
    kind: &'static str,
    id: String,
    name: String,
}

/// Where a login stands.
#[derive(Serialize, ToSchema)]
pub(crate) struct LoginState {
    /// `authenticated`, or what is missing: `mfa_required`, `mfa_enrolment_required`, `password_change_required`,
    /// `terms_required`. Until it is done the session can do nothing else.
    status: &'static str,
    subject: SubjectBody,
    /// Which second factors can be used now: `totp`, `passkey`, `recovery_code`.
    factors: Vec<String>,
}

impl LoginState {
    fn of(answer: &LoginResponse) -> LoginState {
        LoginState {
            status: word_of(answer.stage()),
            subject: subject_body(&answer.subject.clone().unwrap_or_default()),
            factors: answer.factors.clone(),
        }
    }
}

/// Answers a step of a login: where it stands, with the new cookie. The old token is dead.
pub(crate) fn stepped(app: &App, admitted: &Admitted, answer: &LoginResponse) -> Response {
    let mut response = Json(LoginState::of(answer)).into_response();
    renew(app, admitted, answer, &mut response);
    response
}

/// Puts the session's new token into the browser, and forgets the old one.
pub(crate) fn renew(app: &App, admitted: &Admitted, answer: &LoginResponse, response: &mut Response) {
    if let Some(session) = &admitted.session {
        app.sessions.forget(&session.token);
    }
    if !answer.session_token.is_empty() {
        keep_login(app, response, admitted.surface, answer);
    }
}

/// A session as its owner sees it.
#[derive(Serialize, ToSchema)]
#[schema(as = CurrentSession)]
pub(crate) struct SessionBody {
    subject: SubjectBody,
    /// The agent who acts for the subject, when one does; the same as `agent`.
    on_behalf_of: Option<SubjectBody>,
    /// The agent who looks at the portal as the subject.
    agent: Option<SubjectBody>,
    /// Nothing may be changed.
    read_only: bool,
    /// As in a login's answer.
    status: &'static str,
    /// Second factors for a step-up: `totp`, `passkey`.
    factors: Vec<String>,
    /// When the person last proved who they are.
    authenticated_at: Option<String>,
    /// What the token of a program may be used for; none for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    scopes: Option<Vec<String>>,
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
        SubjectKind::Company => "company",
        _ => "service",
    };
    SubjectBody { kind, id: subject.id.clone(), name: subject.name.clone() }
}

/// Sign in. The portal's contacts by default; with `X-Portico-Surface: console`, agents.
#[utoipa::path(post, path = "/auth/login", operation_id = "signIn", request_body = Login, responses(
    (status = 200, description = "Signed in, or what is missing; the cookie is set", body = LoginState),
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
    let answer = logins::sign_in(&app, &admitted, surface, body.login, body.password).await?;
    let mut response = Json(LoginState::of(&answer)).into_response();
    keep_login(&app, &mut response, surface, &answer);
    Ok(response)
}

/// Who am I, until when, and the CSRF token.
#[utoipa::path(get, path = "/auth/session", operation_id = "getSession", responses(
    (status = 200, description = "The session", body = SessionBody),
    (status = 401, description = "None", body = ProblemBody)))]
pub(crate) async fn session(State(app): State<App>, admitted: Admitted) -> Result<Json<SessionBody>, Problem> {
    let session = admitted.signed_in()?;
    let subject = session.subject();
    let status = word_of(session.stage());
    // Of an unfinished login nobody asks what it may see.
    let profile = match step_of_word(status) {
        Some(_) => None,
        None => app.plans.plan_for(&session.actor()?).await.ok().map(|plan| ProfileBody {
            id: plan.profile.id.clone(),
            version: plan.profile.version,
            chosen_because: serde_json::to_value(plan.profile.chosen_because).unwrap_or_default(),
        }),
    };
    Ok(Json(SessionBody {
        on_behalf_of: session.answer.agent.as_ref().map(subject_body),
        agent: session.answer.agent.as_ref().map(subject_body),
        read_only: session.answer.read_only,
        status,
        factors: session.answer.factors.clone(),
        authenticated_at: values::time(session.answer.auth_time.saturating_mul(1_000_000)),
        scopes: session.scopes.as_deref().cloned(),
        subject: subject_body(&subject),
        csrf_token: if session.is_program() { String::new() } else { session.csrf_token() },
        expires_at: values::time(session.answer.expires_at_micros),
        idle_timeout_seconds: session.answer.idle_timeout_seconds,
        profile,
        locale: subject.locale,
    }))
}

/// Sign out.
#[utoipa::path(post, path = "/auth/logout", operation_id = "signOut", responses((status = 204, description = "Signed out")))]
pub(crate) async fn logout(State(app): State<App>, admitted: Admitted, _: NoBody) -> Result<Response, Problem> {
    let session = admitted.signed_in()?;
    logins::end(&app, &session.token).await;
    let clear = [(http::HeaderName::from_static("clear-site-data"), "\"cache\", \"storage\"")];
    let mut response = (StatusCode::NO_CONTENT, clear).into_response();
    drop_session(&app, &mut response, session);
    Ok(response)
}

/// An invitation's token and the password to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Accept {
    token: String,
    new_password: String,
}

/// Choose the first password. The token works once.
#[utoipa::path(post, path = "/auth/invitations/accept", operation_id = "acceptInvitation", request_body = Accept, responses(
    (status = 204, description = "Set; sign in now"),
    (status = 422, description = "The password is not good enough, or the link can't be used", body = ProblemBody)))]
pub(crate) async fn accept_invitation(
    State(app): State<App>,
    admitted: Admitted,
    Body(body): Body<Accept>,
) -> Result<StatusCode, Problem> {
    logins::accept_invitation(&app, &admitted, body.token, body.new_password).await?;
    Ok(StatusCode::NO_CONTENT)
}
