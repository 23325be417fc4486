//! Administration: portal access, locked users, mails, agents, profiles. The services check the rights.

use super::body::{Body, if_match};
use crate::{
    app::App,
    guard::Admitted,
    problem::{Problem, ProblemBody},
    values,
};
use axum::{
    Json,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use kernel::Error;
use proto::{
    identity::v1::{
        Access, ChangeSupportDatesRequest, CreateAgentRequest, DisableAccessRequest, EnableAccessRequest,
        GetAccessRequest, ListAgentsRequest, ListLockedRequest, ResendInvitationRequest, SubjectKind, UnlockRequest,
    },
    notification::v1::{ListDeliveriesRequest, ResendDeliveryRequest},
    permissions::v1::{
        ChooseContactProfileRequest, GetProfileRequest, ListProfilesRequest, ProfileSummary, PublishProfileRequest,
        SaveDraftRequest,
    },
    records::v1::{GetRecordRequest, Record},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A contact's portal access.
#[derive(Serialize, ToSchema)]
pub(crate) struct AccessBody {
    contact_id: String,
    enabled: bool,
    login: Option<String>,
    support_start: Option<String>,
    support_end: Option<String>,
    /// `none`, `invited` or `active`.
    state: String,
    last_login_at: Option<String>,
    locked: bool,
    locked_until: Option<String>,
    invitation_expires_at: Option<String>,
}

/// Access, and whether the invitation left.
#[derive(Serialize, ToSchema)]
pub(crate) struct EnabledBody {
    #[serde(flatten)]
    access: AccessBody,
    invitation_sent: bool,
    /// Why not, for example `support_ended`.
    not_sent_reason: Option<String>,
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn access_body(access: Option<Access>) -> AccessBody {
    let access = access.unwrap_or_default();
    AccessBody {
        contact_id: access.contact_id,
        enabled: access.enabled,
        login: some(access.login),
        support_start: some(access.support_start),
        support_end: some(access.support_end),
        state: access.state,
        last_login_at: values::time(access.last_login_micros),
        locked: access.locked,
        locked_until: values::time(access.locked_until_micros),
        invitation_expires_at: values::time(access.invitation_expires_micros),
    }
}

/// The contact itself, as its agent sees it: identity is told name and e-mail, and 404 is 404.
pub(crate) async fn contact(app: &App, id: &str) -> Result<Record, Error> {
    let request = GetRecordRequest { module: "contacts".into(), id: id.to_owned(), with_deleted: false };
    let answer = app.clients.records().get_record(request).await.map_err(runtime::error_of)?;
    answer.into_inner().record.ok_or_else(Error::not_found)
}

/// A text field of a record.
pub(crate) fn text_of(record: &Record, field: &str) -> String {
    let found = record.fields.iter().find(|f| f.field == field).and_then(|f| f.value.as_ref());
    values::to_json(found).as_str().unwrap_or_default().to_owned()
}

/// The portal access of a contact.
#[utoipa::path(get, path = "/admin/contacts/{id}/portal-access",
    responses((status = 200, description = "Access", body = AccessBody)))]
pub(crate) async fn get_access(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
) -> Result<Json<AccessBody>, Problem> {
    admitted.signed_in()?;
    contact(&app, &id).await?;
    let answer = app.clients.identity().get_access(GetAccessRequest { contact_id: id }).await?.into_inner();
    Ok(Json(access_body(answer.access)))
}

/// First and last day of support, both inclusive, in the installation's time zone.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dates {
    /// YYYY-MM-DD
    support_start: String,
    /// YYYY-MM-DD
    support_end: String,
    /// Language of the invitation: `en` or `it`; the installation's without it.
    #[serde(default)]
    locale: Option<String>,
}

/// Switch portal access on; the invitation leaves at once.
#[utoipa::path(post, path = "/admin/contacts/{id}/portal-access", request_body = Dates, responses(
    (status = 200, description = "On", body = EnabledBody),
    (status = 422, description = "A date or the contact's e-mail is not right", body = ProblemBody)))]
pub(crate) async fn enable_access(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    Body(dates): Body<Dates>,
) -> Result<Json<EnabledBody>, Problem> {
    admitted.signed_in()?;
    let locale = dates.locale.unwrap_or_else(|| app.config.language.clone());
    let answer =
        enable(&app, &id, dates.support_start, dates.support_end, locale, admitted.idempotency_key.clone()).await?;
    Ok(Json(EnabledBody {
        access: access_body(answer.access),
        invitation_sent: answer.invitation_sent,
        not_sent_reason: some(answer.not_sent_reason),
    }))
}

/// What pages and API share.
pub(crate) async fn enable(
    app: &App,
    id: &str,
    support_start: String,
    support_end: String,
    locale: String,
    idempotency_key: String,
) -> Result<proto::identity::v1::EnableAccessResponse, Error> {
    let record = contact(app, id).await?;
    let name = format!("{} {}", text_of(&record, "first_name"), text_of(&record, "last_name")).trim().to_owned();
    let request = EnableAccessRequest {
        contact_id: id.to_owned(),
        email: text_of(&record, "email"),
        name,
        support_start,
        support_end,
        locale,
        idempotency_key,
        ..EnableAccessRequest::default()
    };
    Ok(app.clients.identity().enable_access(request).await.map_err(runtime::error_of)?.into_inner())
}

/// Change the support dates.
#[utoipa::path(patch, path = "/admin/contacts/{id}/portal-access", request_body = Dates,
    responses((status = 200, description = "Changed", body = AccessBody)))]
pub(crate) async fn change_access(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    Body(dates): Body<Dates>,
) -> Result<Json<AccessBody>, Problem> {
    admitted.signed_in()?;
    contact(&app, &id).await?;
    let request = ChangeSupportDatesRequest {
        contact_id: id,
        support_start: dates.support_start,
        support_end: dates.support_end,
    };
    let answer = app.clients.identity().change_support_dates(request).await?.into_inner();
    Ok(Json(access_body(answer.access)))
}

/// Switch portal access off; live sessions end.
#[utoipa::path(delete, path = "/admin/contacts/{id}/portal-access",
    responses((status = 200, description = "Off", body = AccessBody)))]
pub(crate) async fn disable_access(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
) -> Result<Json<AccessBody>, Problem> {
    admitted.signed_in()?;
    contact(&app, &id).await?;
    let answer = app.clients.identity().disable_access(DisableAccessRequest { contact_id: id }).await?.into_inner();
    Ok(Json(access_body(answer.access)))
}

/// Send the invitation again; the old link dies.
#[utoipa::path(post, path = "/admin/contacts/{id}/portal-access/invitation",
    responses((status = 200, description = "Sent again", body = AccessBody)))]
pub(crate) async fn resend_invitation(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
) -> Result<Json<AccessBody>, Problem> {
    admitted.signed_in()?;
    contact(&app, &id).await?;
    let request = ResendInvitationRequest { contact_id: id };
    let answer = app.clients.identity().resend_invitation(request).await?.into_inner();
    Ok(Json(access_body(answer.access)))
}

/// Which page.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageQuery {
    /// 1 to 200.
    limit: Option<i32>,
    cursor: Option<String>,
    /// Only for deliveries: one state.
    state: Option<String>,
}

/// A locked user.
#[derive(Serialize, ToSchema)]
pub(crate) struct LockedBody {
    user_id: String,
    login: String,
    name: String,
    /// `contact` or `agent`.
    kind: &'static str,
    since: Option<String>,
    /// Null: until an agent unlocks.
    locked_until: Option<String>,
    failures: i32,
    /// Networks from which the failures came.
    networks: Vec<String>,
}

/// A page of locked users.
#[derive(Serialize, ToSchema)]
pub(crate) struct LockedListBody {
    items: Vec<LockedBody>,
    next_cursor: Option<String>,
}

/// Users that failed logins have locked.
#[utoipa::path(get, path = "/admin/locked-users", params(PageQuery),
    responses((status = 200, description = "Locked users", body = LockedListBody)))]
pub(crate) async fn locked_users(
    State(app): State<App>,
    admitted: Admitted,
    Query(query): Query<PageQuery>,
) -> Result<Json<LockedListBody>, Problem> {
    admitted.signed_in()?;
    let request = ListLockedRequest { limit: query.limit.unwrap_or(0), cursor: query.cursor.unwrap_or_default() };
    let page = app.clients.identity().list_locked(request).await?.into_inner();
    let items = page.users.into_iter().map(|u| LockedBody {
        kind: if u.kind() == SubjectKind::Agent { "agent" } else { "contact" },
        since: values::time(u.since_micros),
        locked_until: values::time(u.locked_until_micros),
        user_id: u.user_id,
        login: u.login,
        name: u.name,
        failures: u.failures,
        networks: u.networks,
    });
    Ok(Json(LockedListBody { items: items.collect(), next_cursor: some(page.next_cursor) }))
}

/// Whom to unlock.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unlock {
    user_ids: Vec<String>,
    #[serde(default)]
    note: String,
}

/// Who was unlocked.
#[derive(Serialize, ToSchema)]
pub(crate) struct UnlockedBody {
    unlocked: Vec<String>,
}

/// Unlock one or many.
#[utoipa::path(post, path = "/admin/locked-users/unlock", request_body = Unlock,
    responses((status = 200, description = "Unlocked", body = UnlockedBody)))]
pub(crate) async fn unlock(
    State(app): State<App>,
    admitted: Admitted,
    Body(body): Body<Unlock>,
) -> Result<Json<UnlockedBody>, Problem> {
    admitted.signed_in()?;
    let request = UnlockRequest { user_ids: body.user_ids, note: body.note, ..UnlockRequest::default() };
    let answer = app.clients.identity().unlock(request).await?.into_inner();
    Ok(Json(UnlockedBody { unlocked: answer.unlocked }))
}

/// A mail.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeliveryBody {
    id: String,
    template: String,
    recipient: String,
    /// `queued`, `sending`, `sent`, `retrying`, `failed`, `uncertain` or `skipped`.
    state: String,
    attempts: i32,
    error: Option<String>,
    created_at: Option<String>,
    updated_at: Option<String>,
    subject_id: Option<String>,
    message_id: Option<String>,
}

/// A page of mails.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeliveriesBody {
    items: Vec<DeliveryBody>,
    next_cursor: Option<String>,
}

/// The delivery log, newest first.
#[utoipa::path(get, path = "/admin/deliveries", params(PageQuery),
    responses((status = 200, description = "Mails", body = DeliveriesBody)))]
pub(crate) async fn deliveries(
    State(app): State<App>,
    admitted: Admitted,
    Query(query): Query<PageQuery>,
) -> Result<Json<DeliveriesBody>, Problem> {
    admitted.signed_in()?;
    let request = ListDeliveriesRequest {
        limit: query.limit.unwrap_or(0),
        cursor: query.cursor.unwrap_or_default(),
        state: query.state.unwrap_or_default(),
    };
    let page = app.clients.notification().list_deliveries(request).await?.into_inner();
    let items = page.deliveries.into_iter().map(|d| DeliveryBody {
        created_at: values::time(d.created_at_micros),
        updated_at: values::time(d.updated_at_micros),
        id: d.id,
        template: d.template,
        recipient: d.recipient,
        state: d.state,
        attempts: d.attempts,
        error: some(d.error),
        subject_id: some(d.subject_id),
        message_id: some(d.message_id),
    });
    Ok(Json(DeliveriesBody { items: items.collect(), next_cursor: some(page.next_cursor) }))
}

/// Send a failed or uncertain mail once more.
#[utoipa::path(post, path = "/admin/deliveries/{id}/resend", responses((status = 202, description = "Queued")))]
pub(crate) async fn resend_delivery(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    admitted.signed_in()?;
    app.clients.notification().resend_delivery(ResendDeliveryRequest { id }).await?;
    Ok(StatusCode::ACCEPTED)
}

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

/// The id of what was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct Made {
    id: String,
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

/// A profile in a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProfileSummaryBody {
    id: String,
    name: String,
    description: String,
    published_version: i32,
    is_default: bool,
    built_in: bool,
}

fn summary_body(summary: ProfileSummary) -> ProfileSummaryBody {
    ProfileSummaryBody {
        id: summary.profile_id,
        name: summary.name,
        description: summary.description,
        published_version: summary.published_number,
        is_default: summary.is_default,
        built_in: summary.built_in,
    }
}

/// All profiles.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProfilesBody {
    items: Vec<ProfileSummaryBody>,
    next_cursor: Option<String>,
}

/// Profiles.
#[utoipa::path(get, path = "/admin/profiles", responses((status = 200, description = "Profiles", body = ProfilesBody)))]
pub(crate) async fn profiles(State(app): State<App>, admitted: Admitted) -> Result<Json<ProfilesBody>, Problem> {
    admitted.signed_in()?;
    let all = app.clients.permissions().list_profiles(ListProfilesRequest {}).await?.into_inner().profiles;
    Ok(Json(ProfilesBody { items: all.into_iter().map(summary_body).collect(), next_cursor: None }))
}

/// A profile whole.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProfileWholeBody {
    #[serde(flatten)]
    summary: ProfileSummaryBody,
    #[schema(value_type = Object)]
    published: serde_json::Value,
    #[schema(value_type = Object)]
    draft: serde_json::Value,
}

/// One profile, with its draft; the ETag is what the draft's changes expect.
#[utoipa::path(get, path = "/admin/profiles/{id}",
    responses((status = 200, description = "The profile", body = ProfileWholeBody)))]
pub(crate) async fn profile(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    admitted.signed_in()?;
    let answer = app.clients.permissions().get_profile(GetProfileRequest { profile_id: id }).await?.into_inner();
    let json = |text: &str| serde_json::from_str(text).unwrap_or(serde_json::Value::Null);
    let body = ProfileWholeBody {
        summary: summary_body(answer.summary.ok_or_else(|| Error::internal("an answer without its profile"))?),
        published: json(&answer.published_document),
        draft: json(&answer.draft_document),
    };
    Ok((super::body::etag(answer.version), Json(body)).into_response())
}

/// Save a profile's draft. Needs If-Match.
#[utoipa::path(put, path = "/admin/profiles/{id}", request_body = Object,
    params(("If-Match" = String, Header, description = "The ETag of the profile")),
    responses((status = 204, description = "Saved; nothing is live yet"), (status = 422, description = "Bad places, each named", body = ProblemBody)))]
pub(crate) async fn save_draft(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(body): Body<serde_json::Value>,
) -> Result<Response, Problem> {
    admitted.signed_in()?;
    let request = SaveDraftRequest {
        profile_id: id,
        document: body.to_string(),
        expected_version: if_match(&headers)?,
        idempotency_key: admitted.idempotency_key.clone(),
    };
    let answer = app.clients.permissions().save_draft(request).await?.into_inner();
    Ok((StatusCode::NO_CONTENT, super::body::etag(answer.version)).into_response())
}

/// Publish a profile's draft. Needs If-Match.
#[utoipa::path(post, path = "/admin/profiles/{id}/publish",
    params(("If-Match" = String, Header, description = "The ETag of the profile")),
    responses((status = 204, description = "In force")))]
pub(crate) async fn publish(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    admitted.signed_in()?;
    let request = PublishProfileRequest {
        profile_id: id,
        expected_version: if_match(&headers)?,
        idempotency_key: admitted.idempotency_key.clone(),
    };
    let answer = app.clients.permissions().publish_profile(request).await?.into_inner();
    Ok((StatusCode::NO_CONTENT, super::body::etag(answer.version)).into_response())
}

/// Which profile.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Choice {
    /// Empty takes the choice back.
    profile_id: String,
}

/// Give a contact a profile by hand.
#[utoipa::path(put, path = "/admin/contacts/{id}/profile", request_body = Choice,
    responses((status = 204, description = "Chosen")))]
pub(crate) async fn choose_profile(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    Body(body): Body<Choice>,
) -> Result<StatusCode, Problem> {
    admitted.signed_in()?;
    let request = ChooseContactProfileRequest { contact_id: id, profile_id: body.profile_id };
    app.clients.permissions().choose_contact_profile(request).await?;
    Ok(StatusCode::NO_CONTENT)
}
