//! Records.

use crate::{
    api::{
        body::{Body, NoBody},
        precondition::{IfMatch, change, etag, if_match, is_known},
        query::Query,
        shape::{FieldInput, FieldValue},
        values,
    },
    backend::{companies, records},
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
use http::{HeaderMap, StatusCode, header};
use kernel::Error;
use proto::{
    Row,
    records::v1::{
        Conversation, CreateRecordRequest, DeleteRecordRequest, ExternalActor, ListRecordsRequest, Record,
        UpdateRecordRequest,
    },
};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value as Json_};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// A record, as far as the caller may see it.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecordBody<'r> {
    id: &'r str,
    module: &'r str,
    /// With its prefix: TT1042.
    number: &'r str,
    version: i64,
    /// Values by field; empty is null.
    #[schema(value_type = BTreeMap<String, FieldValue>)]
    fields: Values<'r>,
    /// `masked`, `read` or `write` by field.
    #[schema(value_type = BTreeMap<String, String>)]
    access: Levels<'r>,
    /// What the caller may do with it.
    actions: &'r [String],
    created_by: Option<PersonBody<'r>>,
    created_by_ext: Option<ExternalBody<'r>>,
    modified_by_ext: Option<ExternalBody<'r>>,
    created_at: Option<String>,
    modified_at: Option<String>,
    deleted: bool,
    /// The newest of what the caller sees happen: a change, a comment; for agents a note, too.
    last_activity_at: Option<String>,
    /// Who spoke last in public, `customer` or `support`; null when nobody did, or for who reads no comments.
    last_word: Option<&'r str>,
    /// Since when the customer waits for an answer. For agents.
    waiting_since: Option<String>,
    /// When support answered first.
    first_answer_at: Option<String>,
    /// When it was closed; null while it is open.
    closed_at: Option<String>,
    /// How often it was opened again.
    reopened: u32,
    /// Something has happened since the caller looked last.
    unread: bool,
    /// Names of the records and agents that fields point to, by id.
    titles: BTreeMap<&'r str, &'r str>,
    /// Those of these ids whose records are deleted.
    deleted_titles: Vec<&'r str>,
}

/// Where a body's values stand: they are written as they came, for a page of a list has hundreds.
#[derive(Clone, Copy)]
enum Source<'r> {
    Record(&'r Record),
    Row(Row<'r>),
}

/// The values of a record's fields.
struct Values<'r>(Source<'r>);

impl Serialize for Values<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Source::Record(record) => {
                serializer.collect_map(record.fields.iter().map(|f| (&f.field, values::Written(f.value.as_ref()))))
            }
            Source::Row(row) => serializer.collect_map(row.values().map(|(f, v)| (f, values::Written(Some(v))))),
        }
    }
}

/// What may be done with them.
struct Levels<'r>(Source<'r>);

impl Serialize for Levels<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Source::Record(record) => serializer.collect_map(record.accesses()),
            Source::Row(row) => serializer.collect_map(row.accesses()),
        }
    }
}

/// Somebody.
#[derive(Serialize, ToSchema)]
pub(crate) struct PersonBody<'r> {
    id: &'r str,
    name: &'r str,
}

/// A contact who acted from outside.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExternalBody<'r> {
    id: &'r str,
    name: &'r str,
    /// The contact was deleted since; shown struck through.
    deleted: bool,
}

fn external(actor: Option<&ExternalActor>) -> Option<ExternalBody<'_>> {
    actor.map(|a| ExternalBody { id: &a.id, name: &a.name, deleted: a.deleted })
}

/// Where a conversation stands, if the answer says so.
#[derive(Clone, Copy)]
struct Talk<'r>(Option<&'r Conversation>);

impl<'r> Talk<'r> {
    fn at(self, micros: impl Fn(&Conversation) -> i64) -> Option<String> {
        values::time(self.0.map_or(0, micros))
    }

    fn last_word(self) -> Option<&'r str> {
        self.0.map(|c| c.last_word.as_str()).filter(|word| !word.is_empty())
    }
}

fn record_body(record: &Record) -> RecordBody<'_> {
    let creator = PersonBody { id: &record.created_by_id, name: &record.created_by_name };
    let talk = Talk(record.conversation.as_ref());
    RecordBody {
        last_activity_at: talk.at(|c| c.last_activity_at_micros),
        last_word: talk.last_word(),
        waiting_since: talk.at(|c| c.waiting_since_micros),
        first_answer_at: talk.at(|c| c.first_answer_at_micros),
        closed_at: talk.at(|c| c.closed_at_micros),
        reopened: talk.0.map_or(0, |c| c.reopened),
        unread: talk.0.is_some_and(|c| c.unread),
        id: &record.id,
        module: &record.module,
        number: &record.number,
        version: record.version,
        fields: Values(Source::Record(record)),
        access: Levels(Source::Record(record)),
        actions: &record.actions,
        created_by: Some(creator).filter(|c| !c.id.is_empty()),
        created_by_ext: external(record.created_by_ext.as_ref()),
        modified_by_ext: external(record.modified_by_ext.as_ref()),
        created_at: values::time(record.created_at_micros),
        modified_at: values::time(record.modified_at_micros),
        deleted: record.deleted,
        titles: record.titles.iter().map(|(id, title)| (id.as_str(), title.as_str())).collect(),
        deleted_titles: record.deleted_titles.iter().map(String::as_str).collect(),
    }
}

/// The same of a row of a page.
fn row_body(record: Row<'_>) -> RecordBody<'_> {
    let row = record.row();
    let own = (row.id.as_str(), row.title.as_str());
    let talk = Talk(row.conversation.as_ref());
    RecordBody {
        last_activity_at: talk.at(|c| c.last_activity_at_micros),
        last_word: talk.last_word(),
        waiting_since: talk.at(|c| c.waiting_since_micros),
        first_answer_at: talk.at(|c| c.first_answer_at_micros),
        closed_at: talk.at(|c| c.closed_at_micros),
        reopened: talk.0.map_or(0, |c| c.reopened),
        unread: talk.0.is_some_and(|c| c.unread),
        id: &row.id,
        module: record.module(),
        number: &row.number,
        version: row.version,
        fields: Values(Source::Row(record)),
        access: Levels(Source::Row(record)),
        actions: record.actions(),
        created_by: record.created_by().map(|p| PersonBody { id: &p.id, name: &p.name }),
        created_by_ext: external(record.created_by_ext()),
        modified_by_ext: external(record.modified_by_ext()),
        created_at: values::time(row.created_at_micros),
        modified_at: values::time(row.modified_at_micros),
        deleted: row.deleted,
        titles: record.titles().chain([own]).collect(),
        deleted_titles: record.deleted_titles().collect(),
    }
}

fn answer(status: StatusCode, record: Option<Record>) -> Result<Response, Problem> {
    let record = record.ok_or_else(|| Error::internal("an answer without its record"))?;
    // A record that its maker may not see: id and number, and no version that could be expected.
    if record.visible_version == 0 {
        return Ok((status, Json(record_body(&record))).into_response());
    }
    let tag = etag(record.visible_version);
    Ok((status, tag, Json(record_body(&record))).into_response())
}

/// Which page of a list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// 1 to 200; 50 without it.
    limit: Option<i32>,
    /// From the answer before.
    cursor: Option<String>,
    /// Up to three fields with commas between; with a minus in front, downwards.
    sort: Option<String>,
    /// Words that the title contains.
    q: Option<String>,
    /// A condition as JSON.
    filter: Option<String>,
    /// `mine` narrows the scope.
    scope: Option<String>,
    /// `exact` or `capped` adds the total.
    count: Option<String>,
}

/// A page of a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct ListBody<'r> {
    items: Vec<RecordBody<'r>>,
    /// For the next page; null at the end. A filtered page may hold fewer than `limit` items and still have one.
    next_cursor: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<i64>,
}

/// A page of a module's records, within the caller's scope.
#[utoipa::path(get, path = "/modules/{module}/records", operation_id = "listRecords", params(ListQuery), responses(
    (status = 200, description = "The page", body = ListBody<'_>),
    (status = 403, description = "The caller may make records of the module, and see none", body = ProblemBody),
    (status = 404, description = "No such module for this caller", body = ProblemBody),
    (status = 409, description = "The list can be sorted by this field soon: it is being prepared", body = ProblemBody),
    (status = 422, description = "A field that can't be sorted or filtered by", body = ProblemBody)))]
pub(crate) async fn list(
    State(app): State<App>,
    admitted: Admitted,
    Path(module): Path<String>,
    Query(query): Query<ListQuery>,
) -> Result<Response, Problem> {
    admitted.signed_in()?;
    let limit = query.limit.unwrap_or(0);
    if query.limit == Some(0) {
        return Err(Error::invalid_field("limit", "out_of_range", "A page has 1 to 200 items.").into());
    }
    if query.filter.as_deref().is_some_and(|f| f.len() > 8192 || f.contains('\0') || f.contains("\\u0000")) {
        return Err(Error::invalid_field(
            "filter",
            "bad_value",
            "This filter is too long, or holds what no field holds.",
        )
        .into());
    }
    let request = ListRecordsRequest {
        module,
        limit,
        cursor: query.cursor.unwrap_or_default(),
        sort: query.sort.unwrap_or_default(),
        filter: query.filter.unwrap_or_default(),
        query: query.q.unwrap_or_default(),
        narrow: query.scope.unwrap_or_default(),
        count: query.count.unwrap_or_default(),
    };
    let page = records::list(&app, request).await?;
    let body = ListBody {
        items: page.rows().map(row_body).collect(),
        next_cursor: (!page.next_cursor.is_empty()).then_some(page.next_cursor.as_str()),
        total: page.total,
    };
    Ok(Json(body).into_response())
}

/// Field values.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fields {
    /// Values by field.
    #[schema(value_type = BTreeMap<String, FieldInput>)]
    fields: Map<String, Json_>,
}

/// Create a record. Repeating the request with the same Idempotency-Key creates nothing twice.
#[utoipa::path(post, path = "/modules/{module}/records", operation_id = "createRecord", request_body = Fields,
    params(("Idempotency-Key" = Option<String>, Header, description = "Any text of up to 200 characters; repeating the request with it makes nothing twice")), responses(
    (status = 201, description = "Created; where the caller may make such records and not see them, only id and number are filled in", body = RecordBody<'_>,
        headers(("Location" = String, description = "The record"))),
    (status = 422, description = "Bad fields, each named", body = ProblemBody)))]
pub(crate) async fn create(
    State(app): State<App>,
    admitted: Admitted,
    Path(module): Path<String>,
    Body(body): Body<Fields>,
) -> Result<Response, Problem> {
    admitted.signed_in()?;
    let request = CreateRecordRequest {
        occurred_at_micros: 0,
        idempotency_key: admitted.creation_key(),
        fields: values::from_object(body.fields)?,
        module: module.clone(),
    };
    let record = records::create(&app, request).await?;
    let location = record.as_ref().map(|r| format!("/api/v1/modules/{module}/records/{}", r.id)).unwrap_or_default();
    Ok(([(header::LOCATION, location)], answer(StatusCode::CREATED, record)?).into_response())
}

/// The version of a record that its `ETag` names.
async fn version_of(app: &App, module: &str, id: &str) -> Result<i64, Error> {
    Ok(records::get(app, module, id, false).await?.visible_version)
}

/// One record.
#[utoipa::path(get, path = "/modules/{module}/records/{id}", operation_id = "getRecord",
    params(("If-None-Match" = Option<String>, Header, description = "The ETag that the caller has: 304 when nothing changed")), responses(
    (status = 200, description = "The record; its ETag is the version of the last field change that the caller can see", body = RecordBody<'_>,
        headers(("ETag" = String, description = "The version, for If-Match"))),
    (status = 304, description = "Not changed since If-None-Match", headers(("ETag" = String, description = "The version, for If-Match"))),
    (status = 404, description = "Unknown or not visible; the two look the same", body = ProblemBody)))]
pub(crate) async fn get(
    State(app): State<App>,
    admitted: Admitted,
    Path((module, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    admitted.signed_in()?;
    let record = records::get(&app, &module, &id, false).await?;
    if is_known(&headers, record.visible_version) {
        return Ok((StatusCode::NOT_MODIFIED, etag(record.visible_version)).into_response());
    }
    answer(StatusCode::OK, Some(record))
}

/// The version that the caller saw. Whether the record is there for the caller is said before that the header is missing
/// or wrong, so that nobody learns of a record by leaving it out.
async fn precondition(app: &App, headers: &HeaderMap, module: &str, id: &str) -> Result<IfMatch, Error> {
    match if_match(headers) {
        Ok(wanted) => Ok(wanted),
        Err(refused) => version_of(app, module, id).await.and(Err(refused)),
    }
}

/// Change fields. Needs If-Match.
#[utoipa::path(patch, path = "/modules/{module}/records/{id}", operation_id = "updateRecord", request_body = Fields,
    params(("If-Match" = String, Header, description = "The ETag of the version that the caller saw, several of them, or *"),
        ("Idempotency-Key" = Option<String>, Header, description = "Any text of up to 200 characters; repeating the request with it makes nothing twice")), responses(
    (status = 200, description = "Changed", body = RecordBody<'_>, headers(("ETag" = String, description = "The version, for If-Match"))),
    (status = 412, description = "Changed meanwhile; both versions are in the answer", body = ProblemBody),
    (status = 422, description = "Bad fields, each named", body = ProblemBody),
    (status = 428, description = "If-Match is missing", body = ProblemBody)))]
pub(crate) async fn update(
    State(app): State<App>,
    admitted: Admitted,
    Path((module, id)): Path<(String, String)>,
    headers: HeaderMap,
    Body(body): Body<Fields>,
) -> Result<Response, Problem> {
    admitted.signed_in()?;
    let wanted = precondition(&app, &headers, &module, &id).await?;
    let request = UpdateRecordRequest {
        occurred_at_micros: 0,
        module,
        id,
        expected_version: 0,
        fields: values::from_object(body.fields)?,
        idempotency_key: admitted.idempotency_key.clone(),
    };
    let act = |expected_version| {
        let (app, request) = (app.clone(), UpdateRecordRequest { expected_version, ..request.clone() });
        async move { records::update(&app, request).await }
    };
    let current = || version_of(&app, &request.module, &request.id);
    answer(StatusCode::OK, change(wanted, current, act).await?)
}

/// What hangs on a record.
#[derive(Serialize, ToSchema)]
pub(crate) struct DependentsBody {
    /// Records that point to it, as far as the caller sees them. They stay, and show its name struck through.
    items: Vec<DependentBody>,
    /// For a company, to those who see access: its people and its link.
    access: Option<CompanyDependents>,
}

/// Records of one module that point to a record with one field.
#[derive(Serialize, ToSchema)]
pub(crate) struct DependentBody {
    module: String,
    field: String,
    /// Stops at 1,001.
    total: i64,
    /// Names of the first of them.
    titles: Vec<String>,
}

/// Ways into the portal that hang on a company.
#[derive(Serialize, ToSchema)]
pub(crate) struct CompanyDependents {
    /// People with access. They keep it.
    portal_users: i32,
    /// There is a secure link. It ends, and with it the sessions of those who came by it.
    link_open: bool,
}

/// What hangs on a record, before it is deleted. For those who may delete it.
#[utoipa::path(get, path = "/modules/{module}/records/{id}/dependents", operation_id = "listDependents", responses(
    (status = 200, description = "What points to it and who has access by it", body = DependentsBody),
    (status = 404, description = "Unknown or not visible; the two look the same", body = ProblemBody)))]
pub(crate) async fn dependents(
    State(app): State<App>,
    admitted: Admitted,
    Path((module, id)): Path<(String, String)>,
) -> Result<Json<DependentsBody>, Problem> {
    admitted.signed_in()?;
    let found = records::dependents(&app, &module, &id).await?;
    let access = match module == policy::COMPANIES {
        true => companies::access_of(&app, &id).await.ok(),
        false => None,
    };
    Ok(Json(DependentsBody {
        items: found
            .into_iter()
            .map(|d| DependentBody { module: d.module, field: d.field, total: d.total, titles: d.titles })
            .collect(),
        access: access.map(|a| CompanyDependents { portal_users: a.portal_users, link_open: a.link_open }),
    }))
}

/// What is said of what hangs on a record.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeleteQuery {
    /// `keep`: the caller knows that the company has contacts, and what becomes of them. Without it such a company is not
    /// deleted.
    dependents: Option<String>,
}

/// Delete; it can be restored. Needs If-Match.
#[utoipa::path(delete, path = "/modules/{module}/records/{id}", operation_id = "deleteRecord",
    params(DeleteQuery,
        ("If-Match" = String, Header, description = "The ETag of the version that the caller saw, several of them, or *")),
    responses((status = 204, description = "Deleted"),
        (status = 409, description = "A company that has contacts, without `dependents=keep`", body = ProblemBody),
        (status = 428, description = "If-Match is missing", body = ProblemBody)))]
pub(crate) async fn delete(
    State(app): State<App>,
    admitted: Admitted,
    Path((module, id)): Path<(String, String)>,
    Query(query): Query<DeleteQuery>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    admitted.signed_in()?;
    let accept_dependents = match query.dependents.as_deref() {
        None => false,
        Some("keep") => true,
        Some(_) => return Err(Error::invalid_field("dependents", "unknown_value", "What hangs on it is kept.").into()),
    };
    let wanted = precondition(&app, &headers, &module, &id).await?;
    let act = |expected_version| {
        let (module, id) = (module.clone(), id.clone());
        let request = DeleteRecordRequest { module, id, expected_version, accept_dependents };
        let app = app.clone();
        async move { records::delete(&app, request).await }
    };
    change(wanted, || version_of(&app, &module, &id), act).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Undo a delete.
#[utoipa::path(post, path = "/modules/{module}/records/{id}/restore", operation_id = "restoreRecord",
    responses((status = 200, description = "Restored", body = RecordBody<'_>, headers(("ETag" = String, description = "The version, for If-Match")))))]
pub(crate) async fn restore(
    State(app): State<App>,
    admitted: Admitted,
    Path((module, id)): Path<(String, String)>,
    // Restoring an old version is not built yet; a deleted record comes back as it was.
    _: NoBody,
) -> Result<Response, Problem> {
    admitted.signed_in()?;
    answer(StatusCode::OK, records::restore(&app, &module, &id).await?)
}

/// Everything that has happened so far counts as seen by the caller.
#[utoipa::path(post, path = "/modules/{module}/records/{id}/read", operation_id = "markRead", responses(
    (status = 204, description = "Seen"),
    (status = 404, description = "Unknown or not visible; the two look the same", body = ProblemBody)))]
pub(crate) async fn read(
    State(app): State<App>,
    admitted: Admitted,
    Path((module, id)): Path<(String, String)>,
    _: NoBody,
) -> Result<StatusCode, Problem> {
    admitted.signed_in()?;
    records::mark_read(&app, &module, &id, false).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// It counts as not seen by the caller, until it is opened again.
#[utoipa::path(post, path = "/modules/{module}/records/{id}/unread", operation_id = "markUnread", responses(
    (status = 204, description = "Not seen"),
    (status = 404, description = "Unknown or not visible; the two look the same", body = ProblemBody)))]
pub(crate) async fn unread(
    State(app): State<App>,
    admitted: Admitted,
    Path((module, id)): Path<(String, String)>,
    _: NoBody,
) -> Result<StatusCode, Problem> {
    admitted.signed_in()?;
    records::mark_read(&app, &module, &id, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests;
