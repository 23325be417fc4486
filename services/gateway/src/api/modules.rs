//! Modules and their effective fields, and the home.

use crate::{
    api::values,
    backend::{
        catalogue::{self, visible},
        requests,
    },
    http::{
        app::App,
        problem::{Problem, ProblemBody},
        request::Admitted,
    },
};
use axum::{
    Json,
    extract::{Path, State},
};
use fields::FieldType;
use kernel::{ActorKind, Error};
use policy::AccessPlan;
use proto::records::v1::{FieldDefinition, Label, ModuleView, Record};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A module as the caller may use it.
#[derive(Serialize, ToSchema)]
pub(crate) struct ModuleBody {
    name: String,
    singular: BTreeMap<String, String>,
    plural: BTreeMap<String, String>,
    icon: String,
    prefix: String,
    /// What the caller may do.
    actions: Vec<String>,
    /// `mine`, `company` or `all`.
    scope: String,
    fields: Vec<FieldBody>,
    list_columns: Vec<String>,
}

/// A field as the caller may use it; hidden ones are not there.
#[derive(Serialize, ToSchema)]
pub(crate) struct FieldBody {
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    labels: BTreeMap<String, String>,
    mandatory: bool,
    /// `masked`, `read` or `write`.
    access: String,
    max_length: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    values: Vec<PicklistBody>,
    target_module: Option<String>,
    sortable: bool,
}

/// A picklist value.
#[derive(Serialize, ToSchema)]
pub(crate) struct PicklistBody {
    key: String,
    labels: BTreeMap<String, String>,
    color: String,
}

fn labels(labels: &[Label]) -> BTreeMap<String, String> {
    labels.iter().map(|l| (l.language.clone(), l.text.clone())).collect()
}

fn field_body(field: &FieldDefinition, view: &ModuleView) -> FieldBody {
    FieldBody {
        name: field.name.clone(),
        kind: FieldType::numbered(field.r#type).unwrap_or(FieldType::Text).name(),
        labels: labels(&field.labels),
        mandatory: field.mandatory || view.mandatory.contains(&field.name),
        access: view.access.get(&field.name).cloned().unwrap_or_else(|| "read".into()),
        max_length: (field.max_length > 0).then_some(field.max_length),
        values: field
            .values
            .iter()
            .map(|v| PicklistBody { key: v.key.clone(), labels: labels(&v.labels), color: v.color.clone() })
            .collect(),
        target_module: (!field.target_module.is_empty()).then(|| field.target_module.clone()),
        sortable: catalogue::sorts(view, field),
    }
}

fn module_body(view: &ModuleView) -> ModuleBody {
    let definition = view.definition.clone().unwrap_or_default();
    ModuleBody {
        name: definition.name.clone(),
        singular: labels(&definition.singular),
        plural: labels(&definition.plural),
        icon: definition.icon.clone(),
        prefix: definition.prefix.clone(),
        actions: view.actions.clone(),
        scope: view.scope.clone(),
        fields: definition.fields.iter().map(|f| field_body(f, view)).collect(),
        list_columns: definition.list_columns.clone(),
    }
}

/// Modules that the caller may see.
#[utoipa::path(get, path = "/modules", operation_id = "listModules", responses((status = 200, description = "Modules", body = Vec<ModuleBody>)))]
pub(crate) async fn list(State(app): State<App>, admitted: Admitted) -> Result<Json<Vec<ModuleBody>>, Problem> {
    admitted.signed_in()?;
    Ok(Json(visible(&app).await?.iter().map(module_body).collect()))
}

/// One module.
#[utoipa::path(get, path = "/modules/{module}", operation_id = "getModule", responses(
    (status = 200, description = "The module", body = ModuleBody),
    (status = 404, description = "Unknown or not visible", body = ProblemBody)))]
pub(crate) async fn one(
    State(app): State<App>,
    admitted: Admitted,
    Path(module): Path<String>,
) -> Result<Json<ModuleBody>, Problem> {
    admitted.signed_in()?;
    let all = visible(&app).await?;
    let view = all.iter().find(|v| v.definition.as_ref().is_some_and(|d| d.name == module));
    Ok(Json(module_body(view.ok_or_else(Error::not_found)?)))
}

/// The composed home.
#[derive(Serialize, ToSchema)]
pub(crate) struct HomeBody {
    greeting: String,
    menu: Vec<MenuEntry>,
    shortcuts: Vec<ShortcutBody>,
    /// The caller's own open requests that wait for the caller's answer, what happened last first.
    waiting_for_you: Vec<RequestBody>,
    /// The other open ones.
    open_requests: Vec<RequestBody>,
    /// Those that were closed in the last two weeks.
    solved_requests: Vec<RequestBody>,
}

/// A request in short.
#[derive(Serialize, ToSchema)]
pub(crate) struct RequestBody {
    module: String,
    id: String,
    number: String,
    title: String,
    /// Something has happened since the caller looked last.
    unread: bool,
    last_activity_at: Option<String>,
}

fn request_body(record: &Record) -> RequestBody {
    let talk = record.conversation.as_ref();
    RequestBody {
        module: record.module.clone(),
        id: record.id.clone(),
        number: record.number.clone(),
        title: record.titles.get(&record.id).cloned().unwrap_or_default(),
        unread: talk.is_some_and(|talk| talk.unread),
        last_activity_at: values::time(talk.map_or(0, |talk| talk.last_activity_at_micros)),
    }
}

/// An entry of the menu, in the profile's order.
#[derive(Serialize, ToSchema)]
pub(crate) struct MenuEntry {
    module: String,
    labels: BTreeMap<String, String>,
    icon: String,
}

/// A shortcut that the caller has the right to.
#[derive(Serialize, ToSchema)]
pub(crate) struct ShortcutBody {
    /// `create` or `open`.
    action: &'static str,
    module: String,
}

/// Greeting, menu, shortcuts and requests of this user.
#[utoipa::path(get, path = "/portal/home", operation_id = "getHome", responses((status = 200, description = "The home", body = HomeBody)))]
pub(crate) async fn home(State(app): State<App>, admitted: Admitted) -> Result<Json<HomeBody>, Problem> {
    let session = admitted.signed_in()?;
    let plan = app.plans.plan_for(&session.actor()?).await?;
    let all = visible(&app).await?;
    let own = session.kind() == ActorKind::Contact;
    let requests = requests::of(&app, &requests::modules(&plan, &all), own).await;
    let views = menu_order(&plan, &all);
    let menu = views.iter().map(|(view, label)| {
        let definition = view.definition.clone().unwrap_or_default();
        let mut texts = labels(&definition.plural);
        texts.extend(label.clone());
        MenuEntry { module: definition.name, labels: texts, icon: definition.icon }
    });
    let mut shortcuts = Vec::new();
    for (view, _) in &views {
        let name = view.definition.as_ref().map(|d| d.name.clone()).unwrap_or_default();
        if view.actions.iter().any(|a| a == "create") {
            shortcuts.push(ShortcutBody { action: "create", module: name.clone() });
        }
        shortcuts.push(ShortcutBody { action: "open", module: name });
    }
    Ok(Json(HomeBody {
        greeting: format!("Welcome to {}", app.config.portal_company_name),
        menu: menu.collect(),
        shortcuts,
        waiting_for_you: requests.waiting.iter().map(request_body).collect(),
        open_requests: requests.open.iter().map(request_body).collect(),
        solved_requests: requests.solved.iter().map(request_body).collect(),
    }))
}

/// The modules of a menu in the plan's order, with the plan's own labels.
fn menu_order<'v>(plan: &AccessPlan, views: &'v [ModuleView]) -> Vec<(&'v ModuleView, BTreeMap<String, String>)> {
    let name = |v: &ModuleView| v.definition.as_ref().map(|d| d.name.clone()).unwrap_or_default();
    if plan.sees_all_modules() {
        return views.iter().map(|v| (v, BTreeMap::new())).collect();
    }
    plan.menu()
        .into_iter()
        .filter_map(|(module, menu)| {
            let view = views.iter().find(|v| name(v) == module)?;
            Some((view, menu.label.0.clone()))
        })
        .collect()
}
