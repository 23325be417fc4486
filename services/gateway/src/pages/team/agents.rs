//! Agents: the list, a new one, and what can be done with one.

use crate::{
    backend::{
        agents,
        credentials::{end_sessions, require_mfa, reset_mfa, send_reset_link, sessions_of, set_one_time_password},
        groups, roles,
    },
    pages::{
        answer::Answer,
        ask::{Ask, Posted, html},
        person::{one_time, session_row},
        refusal::Refusal,
        scene::Scene,
    },
};
use axum::extract::Path;
use gateway_ui::vm::{
    AgentDraft, AgentPage, AgentView, Crumb, Faults, Once, agent_page, agents_page, new_agent_page, role_name,
    secret_page, team_tabs,
};
use http::StatusCode;
use kernel::Error;
use proto::identity::v1::{Agent, ChangeAgentRequest, CreateAgentRequest};

/// Inputs of the forms, which have the names of the service's fields.
const INPUTS: [(&str, &str); 6] = [
    ("login", "login"),
    ("name", "name"),
    ("email", "email"),
    ("role", "role"),
    ("locale", "locale"),
    ("password", "password"),
];

fn view(scene: &Scene, agent: &Agent) -> AgentView {
    AgentView {
        name: agent.name.clone(),
        login: agent.login.clone(),
        email: agent.email.clone(),
        role: role_name(scene.lang(), &agent.role, &agent.role_name),
        locale: agent.locale.clone(),
        disabled: agent.disabled,
        service: agent.service,
        locked: agent.locked,
        mfa_required: agent.mfa_required,
        factors: agent.factors.clone(),
        last_login: scene.stamp_of(agent.last_login_micros),
        one_time: one_time(scene, agent.one_time_until_micros, agent.one_time_expired),
        url: url_of(&scene.ask, &agent.user_id),
    }
}

/// The page of an agent.
pub(crate) fn url_of(ask: &Ask, id: &str) -> String {
    ask.url(&format!("/agents/{id}"))
}

fn list_crumb(ask: &Ask) -> Crumb {
    Crumb { label: ask.lang().t("agents-title"), url: ask.url("/agents") }
}

/// The list.
pub(crate) async fn page(ask: Ask) -> Answer {
    let scene = Scene::open(&ask).await?;
    let agents = agents::all(&ask.app).await?.iter().map(|a| view(&scene, a)).collect();
    let tabs = team_tabs(scene.lang(), &ask.url(""), "agents");
    html(StatusCode::OK, &agents_page(scene.chrome(), agents, Some(ask.url("/agents/new")), tabs))
}

/// Roles that can be given, as id and name.
async fn offered(ask: &Ask) -> Result<Vec<(String, String)>, Error> {
    Ok(roles::all(&ask.app).await?.into_iter().map(|r| (r.role_id, r.name)).collect())
}

/// The form of a new one.
pub(crate) async fn new(ask: Ask) -> Answer {
    let scene = Scene::open(&ask).await?;
    scene.fresh()?;
    let draft = AgentDraft { locale: ask.app.config.language.clone(), ..AgentDraft::default() };
    form(&ask, &scene, &draft, &Faults::default(), StatusCode::OK).await
}

async fn form(ask: &Ask, scene: &Scene, draft: &AgentDraft, faults: &Faults, status: StatusCode) -> Answer {
    let roles = offered(ask).await?;
    let action = ask.url("/agents/new");
    html(status, &new_agent_page(scene.chrome(), list_crumb(ask), action, draft, &roles, faults))
}

/// Makes one.
pub(crate) async fn submit(ask: Ask, body: String) -> Answer {
    let scene = Scene::open(&ask).await?;
    let posted = Posted::parse(&body);
    let text = |name: &str| posted.text(name).trim().to_owned();
    let draft = AgentDraft {
        login: text("login"),
        name: text("name"),
        email: text("email"),
        role: text("role"),
        locale: text("locale"),
        service: text("kind") == "program",
    };
    let new = CreateAgentRequest {
        login: if draft.service { String::new() } else { draft.login.clone() },
        name: draft.name.clone(),
        email: draft.email.clone(),
        role: draft.role.clone(),
        password: if draft.service { String::new() } else { posted.text("password") },
        locale: draft.locale.clone(),
        service: draft.service,
        ..CreateAgentRequest::default()
    };
    match agents::create(&ask.app, new).await {
        Ok(id) => ask.done(&url_of(&ask, &id), if draft.service { "program_created" } else { "agent_created" }),
        Err(error) => {
            let refusal = Refusal::of(error, ask.lang(), &INPUTS)?;
            form(&ask, &scene, &draft, &refusal.faults, refusal.status).await
        }
    }
}

/// One agent.
pub(crate) async fn one(ask: Ask, Path(id): Path<String>) -> Answer {
    show(&ask, &id, None, None, StatusCode::OK).await
}

async fn show(
    ask: &Ask,
    id: &str,
    typed: Option<AgentDraft>,
    refused: Option<(&'static str, Faults)>,
    status: StatusCode,
) -> Answer {
    let scene = Scene::open(ask).await?;
    let (agent, roles, groups, sessions) =
        tokio::join!(agents::get(&ask.app, id), offered(ask), groups::all(&ask.app), sessions_of(&ask.app, id));
    let agent = agent?;
    let of_agent = groups?.into_iter().filter(|g| g.member_ids.contains(&agent.user_id));
    let draft = typed.unwrap_or_else(|| AgentDraft {
        login: agent.login.clone(),
        name: agent.name.clone(),
        email: agent.email.clone(),
        role: agent.role.clone(),
        locale: agent.locale.clone(),
        service: agent.service,
    });
    let page = AgentPage {
        draft,
        roles: roles?,
        groups: of_agent.map(|g| (g.name, ask.url(&format!("/groups/{}", g.group_id)))).collect(),
        sessions: sessions?.into_iter().map(|s| session_row(&scene, s)).collect(),
        manages: true,
        own: agent.user_id == scene.me.subject.id,
        refused,
        agent: view(&scene, &agent),
    };
    html(status, &agent_page(scene.chrome(), list_crumb(ask), page))
}

/// Back to the agent's page, or the page with what was refused.
async fn finish(
    ask: Ask,
    id: &str,
    result: Result<(), Error>,
    flash: &str,
    form: &'static str,
    inputs: &[(&str, &str)],
) -> Answer {
    match result {
        Ok(()) => ask.done(&url_of(&ask, id), flash),
        Err(error) => {
            let refusal = Refusal::of(error, ask.lang(), inputs)?;
            let ask = ask.clone().at(url_of(&ask, id));
            show(&ask, id, None, Some((form, refusal.faults)), refusal.status).await
        }
    }
}

/// Changes one.
pub(crate) async fn save(ask: Ask, Path(id): Path<String>, body: String) -> Answer {
    ask.admitted.signed_in()?;
    let posted = Posted::parse(&body);
    let text = |name: &str| posted.text(name).trim().to_owned();
    let wanted = ChangeAgentRequest {
        user_id: id.clone(),
        name: text("name"),
        email: text("email"),
        role: text("role"),
        locale: text("locale"),
    };
    if wanted.name.is_empty() {
        let refusal = Refusal::input("name", gateway_ui::vm::FieldFault::Required);
        return changed(ask, &id, &posted, refusal).await;
    }
    match agents::change(&ask.app, wanted).await {
        Ok(_) => ask.done(&url_of(&ask, &id), "saved"),
        Err(error) => {
            let refusal = Refusal::of(error, ask.lang(), &INPUTS)?;
            changed(ask, &id, &posted, refusal).await
        }
    }
}

async fn changed(ask: Ask, id: &str, posted: &Posted, refusal: Refusal) -> Answer {
    let typed = AgentDraft {
        login: String::new(),
        name: posted.text("name"),
        email: posted.text("email"),
        role: posted.text("role"),
        locale: posted.text("locale"),
        service: false,
    };
    let ask = ask.clone().at(url_of(&ask, id));
    show(&ask, id, Some(typed), Some(("change", refusal.faults)), refusal.status).await
}

/// Disables one.
pub(crate) async fn disable(ask: Ask, Path(id): Path<String>) -> Answer {
    ask.admitted.signed_in()?;
    let result = agents::set_enabled(&ask.app, &id, false).await;
    finish(ask, &id, result, "agent_disabled", "whole", &[]).await
}

/// Enables one.
pub(crate) async fn enable(ask: Ask, Path(id): Path<String>) -> Answer {
    ask.admitted.signed_in()?;
    let result = agents::set_enabled(&ask.app, &id, true).await;
    finish(ask, &id, result, "agent_enabled", "whole", &[]).await
}

/// Sends a link to choose a new password.
pub(crate) async fn reset_link(ask: Ask, Path(id): Path<String>) -> Answer {
    ask.admitted.signed_in()?;
    let result = send_reset_link(&ask.app, &id).await;
    finish(ask, &id, result, "reset_link_sent", "password", &[]).await
}

/// Sets a password that works once, and shows it once.
pub(crate) async fn one_time_password(ask: Ask, Path(id): Path<String>, body: String) -> Answer {
    ask.admitted.signed_in()?;
    let typed = Posted::parse(&body).text("one_time_password");
    match set_one_time_password(&ask.app, &id, typed).await {
        Ok(answer) => {
            let scene = Scene::open(&ask.clone().at(url_of(&ask, &id))).await?;
            let agent = agents::get(&ask.app, &id).await?;
            let back = Crumb { label: agent.name.clone(), url: url_of(&ask, &id) };
            let until = scene.stamp_of(answer.valid_until_micros);
            let once = Once::Password { name: agent.name, password: answer.password, until };
            html(StatusCode::OK, &secret_page(scene.chrome(), back, once))
        }
        Err(error) => {
            let inputs = [("password", "one_time_password")];
            finish(ask, &id, Err(error), "", "password", &inputs).await
        }
    }
}

/// Requires a second factor, or lifts the requirement.
pub(crate) async fn mfa(ask: Ask, Path(id): Path<String>, body: String) -> Answer {
    ask.admitted.signed_in()?;
    let required = Posted::parse(&body).text("mfa_required") == "true";
    let result = require_mfa(&ask.app, &id, required).await;
    finish(ask, &id, result, "mfa_saved", "mfa", &[]).await
}

/// Removes all second factors.
pub(crate) async fn mfa_reset(ask: Ask, Path(id): Path<String>, body: String) -> Answer {
    ask.admitted.signed_in()?;
    let result = reset_mfa(&ask.app, &id, Posted::parse(&body).text("mfa_reason")).await;
    finish(ask, &id, result, "mfa_reset", "mfa", &[("reason", "mfa_reason")]).await
}

/// Ends one of an agent's sessions, or all.
pub(crate) async fn sessions_end(ask: Ask, Path(id): Path<String>, body: String) -> Answer {
    ask.admitted.signed_in()?;
    let session = Posted::parse(&body).text("session_id");
    let result = end_sessions(&ask.app, &id, &session).await.map(|_| ());
    finish(ask, &id, result, "user_sessions_ended", "whole", &[]).await
}
