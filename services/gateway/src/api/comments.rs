//! What is said on a record.

use crate::{
    api::{
        body::Body,
        history::{ActorBody, PartQuery, next_cursor},
        query::Query,
        values,
    },
    backend::records,
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
use http::StatusCode;
use kernel::Error;
use proto::records::v1::{AddCommentRequest, Comment, EditCommentRequest, ListCommentsRequest, RemoveCommentRequest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A comment.
#[derive(Serialize, ToSchema)]
pub(crate) struct CommentBody {
    id: String,
    /// Markdown.
    body: String,
    /// Never true in what a contact gets.
    internal: bool,
    author: AuthorBody,
    at: Option<String>,
    /// The text was erased with its author's data.
    redacted: bool,
    /// When its author wrote it anew; null when it stands as it was written.
    edited_at: Option<String>,
    /// Its author took it back: there is no text.
    removed: bool,
    /// Until when the caller may write it anew or take it back; null when it may not.
    open_until: Option<String>,
    /// The key of the record's status after a new comment, where the caller sees it; only in the answer to that.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
}

/// Who wrote a comment.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuthorBody {
    id: String,
    name: String,
    /// `contact`, `company` (somebody who came by its secure link), `agent` or `system`.
    kind: String,
    deleted: bool,
    /// The contact for whom an agent wrote it, with support access.
    on_behalf_of: Option<ActorBody>,
}

fn comment_body(comment: Comment) -> CommentBody {
    CommentBody {
        id: comment.id,
        body: comment.body,
        internal: comment.internal,
        author: AuthorBody {
            id: comment.author_id,
            name: comment.author_name,
            kind: comment.author_kind,
            deleted: comment.author_deleted,
            on_behalf_of: (!comment.on_behalf_of_id.is_empty()).then_some(ActorBody {
                id: comment.on_behalf_of_id,
                name: comment.on_behalf_of_name,
                kind: "contact".into(),
            }),
        },
        at: values::time(comment.at_micros),
        redacted: comment.redacted,
        edited_at: values::time(comment.edited_at_micros),
        removed: comment.removed,
        open_until: values::time(comment.open_until_micros),
        status: None,
    }
}

/// A part of the comments.
#[derive(Serialize, ToSchema)]
pub(crate) struct CommentsBody {
    items: Vec<CommentBody>,
    /// For the comments before these.
    next_cursor: Option<String>,
}

/// What was said on a record last; the cursor leads to what was said before. Internal comments only for agents.
#[utoipa::path(get, path = "/modules/{module}/records/{id}/comments", operation_id = "listComments", params(PartQuery),
    responses((status = 200, description = "Comments, oldest first", body = CommentsBody)))]
pub(crate) async fn comments(
    State(app): State<App>,
    admitted: Admitted,
    Path((module, id)): Path<(String, String)>,
    Query(query): Query<PartQuery>,
) -> Result<Json<CommentsBody>, Problem> {
    admitted.signed_in()?;
    let request =
        ListCommentsRequest { module, id, limit: query.limit.unwrap_or(0), before_version: query.before_version()? };
    let part = records::comments(&app, request).await?;
    Ok(Json(CommentsBody {
        items: part.comments.into_iter().map(comment_body).collect(),
        next_cursor: next_cursor(part.next_before_version),
    }))
}

/// What to say.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewComment {
    /// Markdown.
    body: String,
    /// Among agents only.
    #[serde(default)]
    internal: bool,
    /// The key that the record's status gets with it. Without it the module decides: a customer's reply to what waits for
    /// the customer, or is closed, opens it again.
    #[serde(default)]
    set_status: Option<String>,
}

/// Comment on a record.
#[utoipa::path(post, path = "/modules/{module}/records/{id}/comments", operation_id = "createComment", request_body = NewComment,
    params(("Idempotency-Key" = Option<String>, Header, description = "Any text of up to 200 characters; repeating the request with it makes nothing twice")),
    responses((status = 201, description = "Said", body = CommentBody),
        (status = 403, description = "The caller may not comment, or (`record_closed`) the record is closed and the caller may not open it again", body = ProblemBody),
        (status = 409, description = "Others were faster several times", body = ProblemBody),
        (status = 422, description = "The text or the status is not right", body = ProblemBody)))]
pub(crate) async fn comment(
    State(app): State<App>,
    admitted: Admitted,
    Path((module, id)): Path<(String, String)>,
    Body(body): Body<NewComment>,
) -> Result<Response, Problem> {
    admitted.signed_in()?;
    let request = AddCommentRequest {
        occurred_at_micros: 0,
        module,
        id,
        idempotency_key: admitted.creation_key(),
        body: body.body,
        internal: body.internal,
        set_status: body.set_status.unwrap_or_default(),
    };
    let (comment, status) = records::comment(&app, request).await?;
    let comment = comment.ok_or_else(|| Error::internal("an answer without its comment"))?;
    let said = CommentBody { status: Some(status).filter(|s| !s.is_empty()), ..comment_body(comment) };
    Ok((StatusCode::CREATED, Json(said)).into_response())
}

/// A comment's new text.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CommentChange {
    /// Markdown.
    body: String,
}

/// Write one's own comment anew, within fifteen minutes. It is marked, and agents find the old text in the history.
#[utoipa::path(patch, path = "/modules/{module}/records/{id}/comments/{comment}", operation_id = "updateComment",
    request_body = CommentChange, responses((status = 200, description = "Changed", body = CommentBody),
        (status = 403, description = "It is somebody else's, or stands for good by now", body = ProblemBody),
        (status = 404, description = "Unknown or not visible; the two look the same", body = ProblemBody)))]
pub(crate) async fn edit(
    State(app): State<App>,
    admitted: Admitted,
    Path((module, id, comment)): Path<(String, String, String)>,
    Body(body): Body<CommentChange>,
) -> Result<Json<CommentBody>, Problem> {
    admitted.signed_in()?;
    let request = EditCommentRequest { module, id, comment_id: comment, body: body.body };
    let comment = records::edit_comment(&app, request).await?;
    Ok(Json(comment_body(comment.ok_or_else(|| Error::internal("an answer without its comment"))?)))
}

/// Take one's own comment back, within fifteen minutes. That something was said stays; the text is gone for all but the
/// history that agents see.
#[utoipa::path(delete, path = "/modules/{module}/records/{id}/comments/{comment}", operation_id = "deleteComment", responses(
    (status = 204, description = "Taken back"),
    (status = 403, description = "It is somebody else's, or stands for good by now", body = ProblemBody),
    (status = 404, description = "Unknown or not visible; the two look the same", body = ProblemBody)))]
pub(crate) async fn remove(
    State(app): State<App>,
    admitted: Admitted,
    Path((module, id, comment)): Path<(String, String, String)>,
) -> Result<StatusCode, Problem> {
    admitted.signed_in()?;
    records::remove_comment(&app, RemoveCommentRequest { module, id, comment_id: comment }).await?;
    Ok(StatusCode::NO_CONTENT)
}
