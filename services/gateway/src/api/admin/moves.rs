//! A contact goes to another company: what stays and what goes along, and closing to the contact what stays.

use crate::{
    api::{body::NoBody, query::Query},
    backend::moves::{close, preview},
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
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which company the contact would have.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct MoveQuery {
    /// Its id; empty for none. Without it: the company that the contact has.
    company_id: Option<String>,
}

/// What becomes of the records that are tied to a contact.
#[derive(Serialize, ToSchema)]
pub(crate) struct MoveBody {
    /// Only modules with such records.
    modules: Vec<TiedBody>,
}

/// Records of one module.
#[derive(Serialize, ToSchema)]
pub(crate) struct TiedBody {
    module: String,
    /// They name another company, and stay with it and with the contact.
    stay: i64,
    /// They name no company, and go where the contact goes.
    r#move: i64,
}

/// What was closed.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClosedBody {
    /// So many records are no longer tied to the contact.
    closed: i64,
    /// So many still are: for another call, or not to be changed by the caller.
    left: i64,
}

/// What a change of a contact's company would do to the records that are tied to the contact. Changes nothing.
#[utoipa::path(get, path = "/admin/contacts/{id}/company-change", operation_id = "previewCompanyChange", params(MoveQuery), responses(
    (status = 200, description = "By module", body = MoveBody),
    (status = 404, description = "Unknown or not visible", body = ProblemBody),
    (status = 422, description = "There is no such company", body = ProblemBody)))]
pub(crate) async fn preview_move(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    Query(query): Query<MoveQuery>,
) -> Result<Json<MoveBody>, Problem> {
    admitted.signed_in()?;
    let answer = preview(&app, &id, query.company_id).await?;
    let body = |t: proto::records::v1::TiedRecords| TiedBody { module: t.module, stay: t.stay, r#move: t.r#move };
    Ok(Json(MoveBody { modules: answer.modules.into_iter().map(body).collect() }))
}

/// Close to a contact the records that name another company than the contact's: they stay with that company, and are no
/// longer tied to the contact. At most 200 at a time; each is a change in its record's history.
#[utoipa::path(post, path = "/admin/contacts/{id}/company-change/close", operation_id = "closeToContact", responses(
    (status = 200, description = "How many were closed, and how many are left", body = ClosedBody),
    (status = 403, description = "The right to change the contact is missing", body = ProblemBody),
    (status = 404, description = "Unknown or not visible", body = ProblemBody)))]
pub(crate) async fn close_to_contact(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    _: NoBody,
) -> Result<Json<ClosedBody>, Problem> {
    admitted.signed_in()?;
    let closed = close(&app, &id).await?;
    Ok(Json(ClosedBody { closed: closed.closed, left: closed.left }))
}
