//! What is said on a record.

use crate::{
    api::{
        body::Body,
        history::{ActorBody, PartQuery, next_cursor},
        query::Query,
        values,
    },
    backend::records,
    http::{app::App, problem::Problem, request::Admitted},
};
use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use kernel::Error;
use proto::records::v1::{AddCommentRequest, Comment, ListCommentsRequest};
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
}

/// Comment on a record.
#[utoipa::path(post, path = "/modules/{module}/records/{id}/comments", operation_id = "createComment", request_body = NewComment,
    params(("Idempotency-Key" = Option<String>, Header, description = "Any text of up to 200 characters; repeating the request with it makes nothing twice")),
    responses((status = 201, description = "Said", body = CommentBody)))]
pub(crate) async fn comment(
    State(app): State<App>,
    admitted: Admitted,
    Path((module, id)): Path<(String, String)>,
    Body(body): Body<NewComment>,
) -> Result<Response, Problem> {
    admitted.signed_in()?;
    let request = AddCommentRequest {
        module,
        id,
        idempotency_key: admitted.creation_key(),
        body: body.body,
        internal: body.internal,
    };
    let comment = records::comment(&app, request).await?;
    let comment = comment.ok_or_else(|| Error::internal("an answer without its comment"))?;
    Ok((StatusCode::CREATED, Json(comment_body(comment))).into_response())
}
