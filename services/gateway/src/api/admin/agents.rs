//! Agents.

use super::Made;
use crate::{
    api::body::Body,
    app::App,
    guard::Admitted,
    problem::{Problem, ProblemBody},
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use proto::identity::v1::{CreateAgentRequest, ListAgentsRequest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An agent.
#[derive(Serialize, ToSchema)]
pub(crate) struct AgentBody {
    id: String,
    name: String,
    email: String,
    role: String,
    disabled: bool,
}

/// All agents.
#[derive(Serialize, ToSchema)]
pub(crate) struct AgentsBody {
    items: Vec<AgentBody>,
    next_cursor: Option<String>,
}

/// Agents, disabled ones too.
#[utoipa::path(get, path = "/admin/agents", responses((status = 200, description = "Agents", body = AgentsBody)))]
pub(crate) async fn agents(State(app): State<App>, admitted: Admitted) -> Result<Json<AgentsBody>, Problem> {
    admitted.signed_in()?;
    let all = app.clients.identity().list_agents(ListAgentsRequest {}).await?.into_inner().agents;
    let items = all.into_iter().map(|a| AgentBody {
        id: a.user_id,
        name: a.name,
        email: a.email,
        role: a.role,
        disabled: a.disabled,
    });
    Ok(Json(AgentsBody { items: items.collect(), next_cursor: None }))
}

/// A new agent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAgent {
    login: String,
    name: String,
    email: String,
    /// `administrator`, `agent` or `viewer`.
    role: String,
    /// First password.
    password: String,
    #[serde(default)]
    locale: String,
}

/// Create an agent.
#[utoipa::path(post, path = "/admin/agents", request_body = NewAgent,
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
        user_id: String::new(),
        ..CreateAgentRequest::default()
    };
    let answer = app.clients.identity().create_agent(request).await?.into_inner();
    Ok((StatusCode::CREATED, Json(Made { id: answer.user_id })).into_response())
}
