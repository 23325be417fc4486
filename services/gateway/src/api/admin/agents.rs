//! Agents, and accounts for programs.

use crate::{
    api::{
        admin::{Made, some},
        body::{Body, NoBody},
        values,
    },
    backend::agents,
    http::{
        app::App,
        problem::{Problem, ProblemBody},
        request::Admitted,
    },
};
use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use proto::identity::v1::{Agent, ChangeAgentRequest, CreateAgentRequest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An agent.
#[derive(Serialize, ToSchema)]
pub(crate) struct AgentBody {
    id: String,
    name: String,
    email: String,
    /// `administrator`, `agent`, `viewer`, or the id of an own role.
    role: String,
    role_name: String,
    disabled: bool,
    login: String,
    locale: Option<String>,
    /// An account for a program: it has tokens, no password and no login.
    service: bool,
    mfa_required: bool,
    /// Second factors that are set up: `totp`, `passkey`.
    factors: Vec<String>,
    group_ids: Vec<String>,
    last_login_at: Option<String>,
    locked: bool,
    /// End of a one-time password that was not used.
    one_time_password_until: Option<String>,
    /// It has ended: nobody signs in with it any more. Set another one, or send a link.
    one_time_password_expired: bool,
}

/// All agents.
#[derive(Serialize, ToSchema)]
pub(crate) struct AgentsBody {
    items: Vec<AgentBody>,
}

fn agent_body(agent: Agent) -> AgentBody {
    AgentBody {
        id: agent.user_id,
        name: agent.name,
        email: agent.email,
        role: agent.role,
        role_name: agent.role_name,
        disabled: agent.disabled,
        login: agent.login,
        locale: some(agent.locale),
        service: agent.service,
        mfa_required: agent.mfa_required,
        factors: agent.factors,
        group_ids: agent.group_ids,
        last_login_at: values::time(agent.last_login_micros),
        locked: agent.locked,
        one_time_password_until: values::time(agent.one_time_until_micros),
        one_time_password_expired: agent.one_time_expired,
    }
}

/// Agents, disabled ones too, and accounts for programs.
#[utoipa::path(get, path = "/admin/agents", operation_id = "listAgents", responses((status = 200, description = "Agents", body = AgentsBody)))]
pub(crate) async fn agents(State(app): State<App>, admitted: Admitted) -> Result<Json<AgentsBody>, Problem> {
    admitted.signed_in()?;
    Ok(Json(AgentsBody { items: agents::all(&app).await?.into_iter().map(agent_body).collect() }))
}

/// A new agent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAgent {
    /// What the agent signs in with; not for a program.
    #[serde(default)]
    login: String,
    name: String,
    #[serde(default)]
    email: String,
    /// `administrator`, `agent`, `viewer`, or the id of an own role.
    role: String,
    /// First password: it works once, within the hours of the security settings, and must be changed. Not for a program.
    #[serde(default)]
    password: String,
    #[serde(default)]
    locale: String,
    /// An account for a program: no password, no login, only tokens.
    #[serde(default)]
    service: bool,
}

/// Create an agent, or an account for a program.
#[utoipa::path(post, path = "/admin/agents", operation_id = "createAgent", request_body = NewAgent,
    responses((status = 201, description = "Created", body = Made), (status = 409, description = "The login is taken", body = ProblemBody)))]
pub(crate) async fn create_agent(
    State(app): State<App>,
    admitted: Admitted,
    Body(body): Body<NewAgent>,
) -> Result<Response, Problem> {
    admitted.signed_in()?;
    let request = CreateAgentRequest {
        login: body.login,
        name: body.name,
        email: body.email,
        role: body.role,
        locale: body.locale,
        password: body.password,
        service: body.service,
        ..CreateAgentRequest::default()
    };
    let id = agents::create(&app, request).await?;
    Ok((StatusCode::CREATED, Json(Made { id })).into_response())
}

/// One agent.
#[utoipa::path(get, path = "/admin/agents/{id}", operation_id = "getAgent",
    responses((status = 200, description = "The agent", body = AgentBody)))]
pub(crate) async fn agent(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
) -> Result<Json<AgentBody>, Problem> {
    admitted.signed_in()?;
    Ok(Json(agent_body(agents::get(&app, &id).await?)))
}

/// What changes; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AgentChange {
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    locale: String,
}

/// Change an agent's name, address, role or language.
#[utoipa::path(patch, path = "/admin/agents/{id}", operation_id = "changeAgent", request_body = AgentChange, responses(
    (status = 200, description = "Changed", body = AgentBody),
    (status = 409, description = "There would be no administrator left", body = ProblemBody)))]
pub(crate) async fn change_agent(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    Body(body): Body<AgentChange>,
) -> Result<Json<AgentBody>, Problem> {
    admitted.signed_in()?;
    let request =
        ChangeAgentRequest { user_id: id, name: body.name, email: body.email, role: body.role, locale: body.locale };
    Ok(Json(agent_body(agents::change(&app, request).await?)))
}

/// Disable an agent: sessions and tokens end, records stay theirs.
#[utoipa::path(post, path = "/admin/agents/{id}/disable", operation_id = "disableAgent", responses((status = 204, description = "Disabled")))]
pub(crate) async fn disable_agent(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    _: NoBody,
) -> Result<StatusCode, Problem> {
    admitted.signed_in()?;
    agents::set_enabled(&app, &id, false).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Enable a disabled agent.
#[utoipa::path(post, path = "/admin/agents/{id}/enable", operation_id = "enableAgent", responses((status = 204, description = "Enabled")))]
pub(crate) async fn enable_agent(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    _: NoBody,
) -> Result<StatusCode, Problem> {
    admitted.signed_in()?;
    agents::set_enabled(&app, &id, true).await?;
    Ok(StatusCode::NO_CONTENT)
}
