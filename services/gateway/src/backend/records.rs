//! Records of any module, with their comments and histories.

use super::answer;
use crate::http::app::App;
use kernel::Error;
use proto::records::v1::{
    AddCommentRequest, Comment, CreateRecordRequest, DeleteRecordRequest, Dependents, EditCommentRequest,
    GetHistoryRequest, GetHistoryResponse, GetRecordRequest, GetRecordResponse, ListCommentsRequest,
    ListCommentsResponse, ListRecordsRequest, ListRecordsResponse, MarkReadRequest, PreviewDeletionRequest, Record,
    RemoveCommentRequest, ResolveTitlesRequest, RestoreRecordRequest, SuggestRecordsRequest, Suggestion,
    UpdateRecordRequest,
};
use std::collections::HashMap;

/// A record; one that is unknown or not visible is not found.
pub(crate) async fn get(app: &App, module: &str, id: &str, with_deleted: bool) -> Result<Record, Error> {
    let (module, id) = (module.to_owned(), id.to_owned());
    let request = GetRecordRequest { module, id, with_deleted, ..GetRecordRequest::default() };
    answer(app.clients.records().get_record(request).await)?.record.ok_or_else(Error::not_found)
}

/// A record with what else the request asks for about it, as far as the viewer sees it.
pub(crate) async fn whole(app: &App, request: GetRecordRequest) -> Result<GetRecordResponse, Error> {
    answer(app.clients.records().get_record(request).await)
}

/// A page of a module's records.
pub(crate) async fn list(app: &App, request: ListRecordsRequest) -> Result<ListRecordsResponse, Error> {
    answer(app.clients.records().list_records(request).await)
}

/// Makes a record.
pub(crate) async fn create(app: &App, request: CreateRecordRequest) -> Result<Option<Record>, Error> {
    Ok(answer(app.clients.records().create_record(request).await)?.record)
}

/// Changes a record, if it is still the version that the request expects.
pub(crate) async fn update(app: &App, request: UpdateRecordRequest) -> Result<Option<Record>, Error> {
    Ok(answer(app.clients.records().update_record(request).await)?.record)
}

/// Deletes a record; it can be restored.
pub(crate) async fn delete(app: &App, request: DeleteRecordRequest) -> Result<(), Error> {
    answer(app.clients.records().delete_record(request).await).map(drop)
}

/// Takes a delete back.
pub(crate) async fn restore(app: &App, module: &str, id: &str) -> Result<Option<Record>, Error> {
    let request = RestoreRecordRequest { module: module.to_owned(), id: id.to_owned() };
    Ok(answer(app.clients.records().restore_record(request).await)?.record)
}

/// What points to a record and stays behind when it is deleted.
pub(crate) async fn dependents(app: &App, module: &str, id: &str) -> Result<Vec<Dependents>, Error> {
    let request = PreviewDeletionRequest { module: module.to_owned(), id: id.to_owned() };
    Ok(answer(app.clients.records().preview_deletion(request).await)?.dependents)
}

/// Records whose title or number fits a few letters.
pub(crate) async fn suggest(app: &App, module: &str, query: &str) -> Result<Vec<Suggestion>, Error> {
    let request = SuggestRecordsRequest { module: module.to_owned(), query: query.to_owned() };
    Ok(answer(app.clients.records().suggest_records(request).await)?.suggestions)
}

/// Titles by id, of what the viewer may see.
pub(crate) async fn titles(app: &App, ids: Vec<String>) -> Result<HashMap<String, String>, Error> {
    Ok(answer(app.clients.records().resolve_titles(ResolveTitlesRequest { ids }).await)?.titles)
}

/// A page of a record's history, the newest first.
pub(crate) async fn history(app: &App, request: GetHistoryRequest) -> Result<GetHistoryResponse, Error> {
    answer(app.clients.records().get_history(request).await)
}

/// The newest comments of a record, or of those before a place.
pub(crate) async fn comments(app: &App, request: ListCommentsRequest) -> Result<ListCommentsResponse, Error> {
    answer(app.clients.records().list_comments(request).await)
}

/// Says something about a record; answers with the comment and the record's status after it.
pub(crate) async fn comment(app: &App, request: AddCommentRequest) -> Result<(Option<Comment>, String), Error> {
    let answer = answer(app.clients.records().add_comment(request).await)?;
    Ok((answer.comment, answer.status))
}

/// Writes one of the viewer's own comments anew.
pub(crate) async fn edit_comment(app: &App, request: EditCommentRequest) -> Result<Option<Comment>, Error> {
    Ok(answer(app.clients.records().edit_comment(request).await)?.comment)
}

/// Takes one of the viewer's own comments back.
pub(crate) async fn remove_comment(app: &App, request: RemoveCommentRequest) -> Result<(), Error> {
    answer(app.clients.records().remove_comment(request).await).map(drop)
}

/// Notes that the viewer has seen a record, or wants it to count as not seen.
pub(crate) async fn mark_read(app: &App, module: &str, id: &str, unread: bool) -> Result<(), Error> {
    let request = MarkReadRequest { module: module.to_owned(), id: id.to_owned(), unread };
    answer(app.clients.records().mark_read(request).await).map(drop)
}
