//! Agents, and accounts for programs.

use super::{Made, some};
use crate::{
    api::body::{Body, NoBody},
    app::App,
    guard::Admitted,
    problem::{Problem, ProblemBody},
    values,
};
use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use kernel::Error;
use proto::identity::v1::{
    Agent, ChangeAgentRequest, CreateAgentRequest, DisableAgentRequest, EnableAgentRequest, GetAgentRequest,
    ListAgentsRequest,
};
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
}

/// All agents.
#[derive(Serialize, ToSchema)]
pub(crate) struct AgentsBody {
    items: Vec<AgentBody>,
    next_cursor: Option<String>,
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
    }
}

/// One agent.
pub(crate) async fn get(app: &App, id: &str) -> Result<Agent, Error> {
    let request = GetAgentRequest { user_id: id.to_owned() };
    let answer = app.clients.identity_administration().get_agent(request).await.map_err(runtime::error_of)?;
    answer.into_inner().agent.ok_or_else(Error::not_found)
}

/// Agents, disabled ones too, and accounts for programs.
#[utoipa::path(get, path = "/admin/agents", operation_id = "listAgents", responses((status = 200, description = "Agents", body = AgentsBody)))]
pub(crate) async fn agents(State(app): State<App>, admitted: Admitted) -> Result<Json<AgentsBody>, Problem> {
    admitted.signed_in()?;
    let all = app.clients.identity().list_agents(ListAgentsRequest {}).await?.into_inner().agents;
    Ok(Json(AgentsBody { items: all.into_iter().map(agent_body).collect(), next_cursor: None }))
}

/// A new agent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAgent {
    /// What the agent signs in with; not for a program.
    #[serde(default)]
    pub(crate) login: String,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) email: String,
    /// `administrator`, `agent`, `viewer`, or the id of an own role.
    pub(crate) role: String,
    /// First password; not for a program.
    #[serde(default)]
    pub(crate) password: String,
    #[serde(default)]
    pub(crate) locale: String,
    /// An account for a program: no password, no login, only tokens.
    #[serde(default)]
    pub(crate) service: bool,
}

/// Makes an agent; answers the id.
pub(crate) async fn create(app: &App, new: NewAgent) -> Result<String, Error> {
    let request = CreateAgentRequest {
        login: new.login,
        name: new.name,
        email: new.email,
        role: new.role,
        locale: new.locale,
        password: new.password,
        user_id: String::new(),
        service: new.service,
    };
    Ok(app.clients.identity().create_agent(request).await.map_err(runtime::error_of)?.into_inner().user_id)
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
    let id = create(&app, body).await?;
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
    Ok(Json(agent_body(get(&app, &id).await?)))
}

/// What changes; what is left out stays.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AgentChange {
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) email: String,
    #[serde(default)]
    pub(crate) role: String,
    #[serde(default)]
    pub(crate) locale: String,
}

/// Changes an agent.
pub(crate) async fn change(app: &App, id: &str, change: AgentChange) -> Result<Agent, Error> {
    let request = ChangeAgentRequest {
        user_id: id.to_owned(),
        name: change.name,
        email: change.email,
        role: change.role,
        locale: change.locale,
    };
    let answer = app.clients.identity_administration().change_agent(request).await.map_err(runtime::error_of)?;
    answer.into_inner().agent.ok_or_else(|| Error::internal("an answer without its agent"))
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
    Ok(Json(agent_body(change(&app, &id, body).await?)))
}

/// Disables or enables an agent.
pub(crate) async fn set_enabled(app: &App, id: &str, enabled: bool) -> Result<(), Error> {
    let (mut identity, user_id) = (app.clients.identity_administration(), id.to_owned());
    if enabled {
        identity.enable_agent(EnableAgentRequest { user_id }).await.map_err(runtime::error_of)?;
    } else {
        identity.disable_agent(DisableAgentRequest { user_id }).await.map_err(runtime::error_of)?;
    }
    Ok(())
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
    set_enabled(&app, &id, false).await?;
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
    set_enabled(&app, &id, true).await?;
    Ok(StatusCode::NO_CONTENT)
}
