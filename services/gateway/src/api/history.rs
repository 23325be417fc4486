//! The history of a record, out of the event log.

use crate::{
    api::{query::Query, shape::FieldValue, values},
    backend::records,
    http::{app::App, hex::hex, problem::Problem, request::Admitted},
};
use axum::{
    Json,
    extract::{Path, State},
};
use kernel::Error;
use proto::records::v1::{GetHistoryRequest, HistoryEntry};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which part of what is told from its end: a history, a conversation.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct PartQuery {
    /// 1 to 200; 50 without it.
    pub(super) limit: Option<i32>,
    /// From the answer before.
    cursor: Option<String>,
}

impl PartQuery {
    /// The version below which the part lies; 0 for the newest part.
    ///
    /// # Errors
    /// Invalid when the cursor is none that an answer gave.
    pub(super) fn before_version(&self) -> Result<i64, Error> {
        match self.cursor.as_deref() {
            None | Some("") => Ok(0),
            Some(text) => text
                .parse()
                .ok()
                .filter(|version| *version > 0)
                .ok_or_else(|| Error::invalid_field("cursor", "not_a_cursor", "This is not a cursor of ours.")),
        }
    }
}

/// The cursor to what lies below a version; none when nothing does.
pub(super) fn next_cursor(version: i64) -> Option<String> {
    (version > 0).then(|| version.to_string())
}

/// Who did something.
#[derive(Serialize, ToSchema)]
#[schema(as = Actor)]
pub(crate) struct ActorBody {
    pub(super) id: String,
    pub(super) name: String,
    /// `contact`, `company` (somebody who came by its secure link), `agent` or `system`.
    pub(super) kind: String,
}

/// One field's change.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChangeBody {
    field: String,
    #[schema(value_type = FieldValue)]
    old: serde_json::Value,
    #[schema(value_type = FieldValue)]
    new: serde_json::Value,
}

/// One entry.
#[derive(Serialize, ToSchema)]
pub(crate) struct EntryBody {
    version: i64,
    at: Option<String>,
    /// Whose doing it was; with support access the agent's.
    actor: ActorBody,
    /// The contact for whom an agent did it, with support access.
    on_behalf_of: Option<ActorBody>,
    /// `portal`, `console`, `api`, `import` or `system`.
    channel: String,
    /// `created`, `updated`, `commented`, …
    #[serde(rename = "type")]
    kind: String,
    changes: Vec<ChangeBody>,
    /// Link of the stream's hash chain, hexadecimal.
    hash: String,
    /// Personal values were erased.
    redacted: bool,
    /// A reply brought this change of the status.
    by_reply: bool,
}

/// A part of a history, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct HistoryBody {
    items: Vec<EntryBody>,
    next_cursor: Option<String>,
}

fn entry_body(entry: HistoryEntry) -> EntryBody {
    EntryBody {
        version: entry.version,
        at: values::time(entry.at_micros),
        actor: ActorBody { id: entry.actor_id, name: entry.actor_name, kind: entry.actor_kind },
        on_behalf_of: (!entry.on_behalf_of_id.is_empty()).then_some(ActorBody {
            id: entry.on_behalf_of_id,
            name: entry.on_behalf_of_name,
            kind: "contact".into(),
        }),
        channel: entry.channel,
        kind: entry.r#type,
        changes: entry
            .changes
            .iter()
            .map(|c| ChangeBody {
                field: c.field.clone(),
                old: values::to_json(c.old.as_ref()),
                new: values::to_json(c.new.as_ref()),
            })
            .collect(),
        hash: hex(&entry.hash),
        redacted: entry.redacted,
        by_reply: entry.by_reply,
    }
}

/// Who changed what, when and through what; only what the caller's profile lets through.
#[utoipa::path(get, path = "/modules/{module}/records/{id}/history", operation_id = "listHistory", params(PartQuery),
    responses((status = 200, description = "Entries, newest first", body = HistoryBody)))]
pub(crate) async fn history(
    State(app): State<App>,
    admitted: Admitted,
    Path((module, id)): Path<(String, String)>,
    Query(query): Query<PartQuery>,
) -> Result<Json<HistoryBody>, Problem> {
    admitted.signed_in()?;
    let before_version = query.before_version()?;
    let request = GetHistoryRequest { module, id, limit: query.limit.unwrap_or(0), before_version };
    let page = records::history(&app, request).await?;
    let next_cursor = next_cursor(page.next_before_version);
    Ok(Json(HistoryBody { items: page.entries.into_iter().map(entry_body).collect(), next_cursor }))
}
