//! Profiles, and which one a contact has.

use crate::{
    api::{
        body::{Body, NoBody},
        precondition::{change, etag, if_match},
    },
    backend::profiles,
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
use http::{HeaderMap, StatusCode};
use kernel::Error;
use proto::permissions::v1::{ProfileSummary, PublishProfileRequest, SaveDraftRequest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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
}

/// Profiles.
#[utoipa::path(get, path = "/admin/profiles", operation_id = "listProfiles", responses((status = 200, description = "Profiles", body = ProfilesBody)))]
pub(crate) async fn list(State(app): State<App>, admitted: Admitted) -> Result<Json<ProfilesBody>, Problem> {
    admitted.signed_in()?;
    Ok(Json(ProfilesBody { items: profiles::all(&app).await?.into_iter().map(summary_body).collect() }))
}

/// A profile whole.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProfileWholeBody {
    #[serde(flatten)]
    summary: ProfileSummaryBody,
    /// The version in force; null before the first.
    #[schema(value_type = Option<Object>)]
    published: serde_json::Value,
    /// What would be published.
    #[schema(value_type = Option<Object>)]
    draft: serde_json::Value,
}

/// One profile, with its draft; the ETag is what the draft's changes expect.
#[utoipa::path(get, path = "/admin/profiles/{id}", operation_id = "getProfile",
    responses((status = 200, description = "The profile", body = ProfileWholeBody, headers(("ETag" = String, description = "The version, for If-Match")))))]
pub(crate) async fn profile(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    admitted.signed_in()?;
    let answer = profiles::get(&app, &id).await?;
    let json = |text: &str| serde_json::from_str(text).unwrap_or(serde_json::Value::Null);
    let body = ProfileWholeBody {
        summary: summary_body(answer.summary.ok_or_else(|| Error::internal("an answer without its profile"))?),
        published: json(&answer.published_document),
        draft: json(&answer.draft_document),
    };
    Ok((etag(answer.version), Json(body)).into_response())
}

/// Save a profile's draft. Needs If-Match.
#[utoipa::path(put, path = "/admin/profiles/{id}", operation_id = "saveProfileDraft", request_body = Object,
    params(("If-Match" = String, Header, description = "The ETag of the profile, several of them, or *"),
        ("Idempotency-Key" = Option<String>, Header, description = "Any text of up to 200 characters; repeating the request with it makes nothing twice")),
    responses((status = 204, description = "Saved; nothing is live yet", headers(("ETag" = String, description = "The version, for If-Match"))), (status = 428, description = "If-Match is missing", body = ProblemBody), (status = 422, description = "Bad places, each named", body = ProblemBody)))]
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
        expected_version: 0,
        idempotency_key: admitted.idempotency_key.clone(),
    };
    let act = |expected_version| {
        let (app, request) = (app.clone(), SaveDraftRequest { expected_version, ..request.clone() });
        async move { profiles::save_draft(&app, request).await }
    };
    let current = async || Ok(profiles::get(&app, &request.profile_id).await?.version);
    let answer = change(if_match(&headers)?, current, act).await?;
    Ok((StatusCode::NO_CONTENT, etag(answer.version)).into_response())
}

/// Publish a profile's draft. Needs If-Match.
#[utoipa::path(post, path = "/admin/profiles/{id}/publish", operation_id = "publishProfile",
    params(("If-Match" = String, Header, description = "The ETag of the profile, several of them, or *"),
        ("Idempotency-Key" = Option<String>, Header, description = "Any text of up to 200 characters; repeating the request with it makes nothing twice")),
    responses((status = 204, description = "In force", headers(("ETag" = String, description = "The version, for If-Match"))), (status = 428, description = "If-Match is missing", body = ProblemBody)))]
pub(crate) async fn publish(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    headers: HeaderMap,
    _: NoBody,
) -> Result<Response, Problem> {
    admitted.signed_in()?;
    let request = PublishProfileRequest {
        profile_id: id,
        expected_version: 0,
        idempotency_key: admitted.idempotency_key.clone(),
    };
    let act = |expected_version| {
        let (app, request) = (app.clone(), PublishProfileRequest { expected_version, ..request.clone() });
        async move { profiles::publish(&app, request).await }
    };
    let current = async || Ok(profiles::get(&app, &request.profile_id).await?.version);
    let answer = change(if_match(&headers)?, current, act).await?;
    Ok((StatusCode::NO_CONTENT, etag(answer.version)).into_response())
}

/// Which profile.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Choice {
    /// Empty takes the choice back.
    profile_id: String,
}

/// Give a contact a profile by hand.
#[utoipa::path(put, path = "/admin/contacts/{id}/profile", operation_id = "chooseContactProfile", request_body = Choice,
    responses((status = 204, description = "Chosen")))]
pub(crate) async fn choose_profile(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    Body(body): Body<Choice>,
) -> Result<StatusCode, Problem> {
    admitted.signed_in()?;
    profiles::choose(&app, id, body.profile_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
