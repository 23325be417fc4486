//! Roles and groups of agents.

use crate::{
    backend::{agents, groups, roles},
    pages::{
        answer::Answer,
        ask::{Ask, Posted, html},
        refusal::Refusal,
        scene::Scene,
    },
};
use axum::extract::Path;
use gateway_ui::vm::{
    Choice, Crumb, Faults, GroupView, RoleView, group_form, groups_page, role_form, roles_page, team_tabs,
};
use http::StatusCode;
use kernel::Error;
use proto::identity::v1::{DefineGroupRequest, DefineRoleRequest, Group, Role};

fn role_view(ask: &Ask, role: Role) -> RoleView {
    RoleView {
        url: (!role.built_in).then(|| ask.url(&format!("/roles/{}", role.role_id))),
        id: role.role_id,
        name: role.name,
        description: role.description,
        built_in: role.built_in,
        writes: role.records == "write",
        rights: role.rights,
        agents: role.agents.unsigned_abs(),
    }
}

fn crumb(ask: &Ask, what: &str) -> Crumb {
    let label = ask.lang().t(if what == "roles" { "roles-title" } else { "groups-title" });
    Crumb { label, url: ask.url(&format!("/{what}")) }
}

/// All roles.
pub(crate) async fn roles(ask: Ask) -> Answer {
    let scene = Scene::open(&ask).await?;
    let all = roles::all(&ask.app).await?.into_iter().map(|r| role_view(&ask, r)).collect();
    let tabs = team_tabs(scene.lang(), &ask.url(""), "roles");
    html(StatusCode::OK, &roles_page(scene.chrome(), all, Some(ask.url("/roles/new")), tabs))
}

/// The form of a new role.
pub(crate) async fn new_role(ask: Ask) -> Answer {
    let scene = Scene::open(&ask).await?;
    scene.fresh()?;
    let action = ask.url("/roles/new");
    let page = role_form(scene.chrome(), crumb(&ask, "roles"), action, &RoleView::default(), None, &Faults::default());
    html(StatusCode::OK, &page)
}

/// Makes a role.
pub(crate) async fn create_role(ask: Ask, body: String) -> Answer {
    save_role(ask, String::new(), body).await
}

/// Changes a role.
pub(crate) async fn change_role(ask: Ask, Path(id): Path<String>, body: String) -> Answer {
    save_role(ask, id, body).await
}

async fn save_role(ask: Ask, id: String, body: String) -> Answer {
    let scene = Scene::open(&ask).await?;
    let posted = Posted::parse(&body);
    let typed = RoleView {
        id: id.clone(),
        name: posted.text("name").trim().to_owned(),
        description: posted.text("description").trim().to_owned(),
        built_in: false,
        writes: posted.text("records") == "write",
        rights: posted.all("rights"),
        agents: 0,
        url: None,
    };
    let definition = DefineRoleRequest {
        role_id: id,
        name: typed.name.clone(),
        description: typed.description.clone(),
        records: if typed.writes { "write".into() } else { "read".into() },
        rights: typed.rights.clone(),
        idempotency_key: ask.admitted.idempotency_key.clone(),
    };
    match roles::define(&ask.app, definition).await {
        Ok(_) => ask.done(&ask.url("/roles"), "saved"),
        Err(error) => {
            let inputs =
                [("name", "name"), ("description", "description"), ("records", "records"), ("rights", "rights")];
            let refusal = Refusal::of(error, ask.lang(), &inputs)?;
            let action = ask.look.path.clone();
            let page = role_form(scene.chrome(), crumb(&ask, "roles"), action, &typed, None, &refusal.faults);
            html(refusal.status, &page)
        }
    }
}

/// The form of a role.
pub(crate) async fn role(ask: Ask, Path(id): Path<String>) -> Answer {
    show_role(&ask, &id, &Faults::default(), StatusCode::OK).await
}

async fn show_role(ask: &Ask, id: &str, faults: &Faults, status: StatusCode) -> Answer {
    let scene = Scene::open(ask).await?;
    let role = roles::all(&ask.app).await?.into_iter().find(|r| r.role_id == id && !r.built_in);
    let role = role_view(ask, role.ok_or_else(Error::not_found)?);
    let (action, delete) = (ask.url(&format!("/roles/{id}")), ask.url(&format!("/roles/{id}/delete")));
    html(status, &role_form(scene.chrome(), crumb(ask, "roles"), action, &role, Some(delete), faults))
}

/// Deletes a role that no agent has.
pub(crate) async fn delete_role(ask: Ask, Path(id): Path<String>) -> Answer {
    ask.admitted.signed_in()?;
    match roles::remove(&ask.app, &id).await {
        Ok(()) => ask.done(&ask.url("/roles"), "removed"),
        Err(error) => {
            let refusal = Refusal::of(error, ask.lang(), &[])?;
            let ask = ask.clone().at(ask.url(&format!("/roles/{id}")));
            show_role(&ask, &id, &refusal.faults, refusal.status).await
        }
    }
}

/// All groups.
pub(crate) async fn groups(ask: Ask) -> Answer {
    let scene = Scene::open(&ask).await?;
    let (groups, agents) = tokio::join!(groups::all(&ask.app), agents::all(&ask.app));
    let (groups, agents) = (groups?, agents?);
    let name = |id: &String| agents.iter().find(|a| a.user_id == *id).map(|a| a.name.clone());
    let view = |group: Group| GroupView {
        url: Some(ask.url(&format!("/groups/{}", group.group_id))),
        members: group.member_ids.iter().filter_map(name).collect(),
        id: group.group_id,
        name: group.name,
        description: group.description,
    };
    let tabs = team_tabs(scene.lang(), &ask.url(""), "groups");
    let new = Some(ask.url("/groups/new"));
    html(StatusCode::OK, &groups_page(scene.chrome(), groups.into_iter().map(view).collect(), new, tabs))
}

/// The form of a new group.
pub(crate) async fn new_group(ask: Ask) -> Answer {
    show_group(&ask, Group::default(), &Faults::default(), StatusCode::OK).await
}

/// The form of a group.
pub(crate) async fn group(ask: Ask, Path(id): Path<String>) -> Answer {
    ask.admitted.signed_in()?;
    let found = groups::all(&ask.app).await?.into_iter().find(|g| g.group_id == id);
    show_group(&ask, found.ok_or_else(Error::not_found)?, &Faults::default(), StatusCode::OK).await
}

async fn show_group(ask: &Ask, group: Group, faults: &Faults, status: StatusCode) -> Answer {
    let scene = Scene::open(ask).await?;
    // A disabled agent is offered only where they are a member already.
    let is_member = |id: &String| group.member_ids.contains(id);
    let agents = agents::all(&ask.app).await?.into_iter().filter(|a| !a.disabled || is_member(&a.user_id));
    let choices = agents
        .map(|a| Choice { selected: is_member(&a.user_id), value: a.user_id, label: a.name, detail: a.login })
        .collect();
    let path = if group.group_id.is_empty() { "/groups/new".to_owned() } else { format!("/groups/{}", group.group_id) };
    let delete = (!group.group_id.is_empty()).then(|| ask.url(&format!("{path}/delete")));
    let view = GroupView {
        id: group.group_id.clone(),
        name: group.name.clone(),
        description: group.description.clone(),
        ..GroupView::default()
    };
    html(status, &group_form(scene.chrome(), crumb(ask, "groups"), ask.url(&path), &view, choices, delete, faults))
}

/// Makes a group.
pub(crate) async fn create_group(ask: Ask, body: String) -> Answer {
    save_group(ask, String::new(), body).await
}

/// Changes a group.
pub(crate) async fn change_group(ask: Ask, Path(id): Path<String>, body: String) -> Answer {
    save_group(ask, id, body).await
}

async fn save_group(ask: Ask, id: String, body: String) -> Answer {
    ask.admitted.signed_in()?;
    let posted = Posted::parse(&body);
    let typed = Group {
        group_id: id.clone(),
        name: posted.text("name").trim().to_owned(),
        description: posted.text("description").trim().to_owned(),
        member_ids: posted.all("member_ids"),
    };
    let definition = DefineGroupRequest {
        group_id: id,
        name: typed.name.clone(),
        description: typed.description.clone(),
        member_ids: typed.member_ids.clone(),
        idempotency_key: ask.admitted.idempotency_key.clone(),
    };
    match groups::define(&ask.app, definition).await {
        Ok(_) => ask.done(&ask.url("/groups"), "saved"),
        Err(error) => {
            let inputs = [("name", "name"), ("description", "description"), ("member_ids", "member_ids")];
            let refusal = Refusal::of(error, ask.lang(), &inputs)?;
            show_group(&ask, typed, &refusal.faults, refusal.status).await
        }
    }
}

/// Deletes a group.
pub(crate) async fn delete_group(ask: Ask, Path(id): Path<String>) -> Answer {
    ask.admitted.signed_in()?;
    groups::remove(&ask.app, &id).await?;
    ask.done(&ask.url("/groups"), "removed")
}
