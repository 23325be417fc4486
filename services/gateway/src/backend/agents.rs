//! Agents, and accounts for programs.

use super::answer;
use crate::http::app::App;
use kernel::Error;
use proto::identity::v1::{
    Agent, ChangeAgentRequest, CreateAgentRequest, DisableAgentRequest, EnableAgentRequest, GetAgentRequest,
    ListAgentsRequest,
};

/// Every agent, disabled ones too, and accounts for programs.
pub(crate) async fn all(app: &App) -> Result<Vec<Agent>, Error> {
    Ok(answer(app.clients.identity().list_agents(ListAgentsRequest {}).await)?.agents)
}

/// One agent.
pub(crate) async fn get(app: &App, id: &str) -> Result<Agent, Error> {
    let request = GetAgentRequest { user_id: id.to_owned() };
    answer(app.clients.identity_administration().get_agent(request).await)?.agent.ok_or_else(Error::not_found)
}

/// Makes an agent; answers the id.
pub(crate) async fn create(app: &App, request: CreateAgentRequest) -> Result<String, Error> {
    Ok(answer(app.clients.identity().create_agent(request).await)?.user_id)
}

/// Changes an agent; what is empty stays.
pub(crate) async fn change(app: &App, request: ChangeAgentRequest) -> Result<Agent, Error> {
    let changed = answer(app.clients.identity_administration().change_agent(request).await)?.agent;
    changed.ok_or_else(|| Error::internal("an answer without its agent"))
}

/// Disables or enables an agent.
pub(crate) async fn set_enabled(app: &App, id: &str, enabled: bool) -> Result<(), Error> {
    let (mut identity, user_id) = (app.clients.identity_administration(), id.to_owned());
    if enabled {
        answer(identity.enable_agent(EnableAgentRequest { user_id }).await).map(drop)
    } else {
        answer(identity.disable_agent(DisableAgentRequest { user_id }).await).map(drop)
    }
}
