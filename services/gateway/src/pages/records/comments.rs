//! The conversation of a record.

use crate::{
    backend::records,
    http::{assets, hex::hex},
    pages::{
        answer::Answer,
        ask::Ask,
        module::{Module, may},
        scene::{Me, Scene},
    },
};
use axum::{
    extract::Path,
    response::{Html, IntoResponse},
};
use gateway_ui::{
    Template, fmt, markdown,
    vm::{Author, AuthorKind, Comment, Comments, CommentsFragment, Composer, FieldFault},
};
use http::{HeaderMap, StatusCode, header};
use kernel::{Code, Error};
use policy::{Action, Scope};
use proto::records::v1::{self, ListCommentsRequest, ListCommentsResponse, Record};
use ring::digest;

/// Longest comment, in characters, as records accepts it.
pub(crate) const MAX: u32 = 10_000;

/// A comment that was refused: what was typed, and why.
pub(crate) struct Refused {
    pub(crate) body: String,
    pub(crate) internal: bool,
    pub(crate) fault: FieldFault,
}

/// What was said on a record last; none when the viewer may not see any.
async fn fetch(me: &Me, ask: &Ask, module: &str, id: &str) -> Result<Option<Vec<v1::Comment>>, Error> {
    if me.plan.scope(module, Action::ViewComments) == Scope::None {
        return Ok(None);
    }
    let request =
        ListCommentsRequest { module: module.to_owned(), id: id.to_owned(), ..ListCommentsRequest::default() };
    match records::comments(&ask.app, request).await {
        Ok(part) => Ok(Some(part.comments)),
        Err(error) if error.code == Code::Forbidden => Ok(None),
        Err(error) => Err(error),
    }
}

/// A part of the conversation, what was said before a version or (0) last, with its box.
pub(crate) fn view(
    scene: &Scene,
    module: Module<'_>,
    record: &Record,
    part: ListCommentsResponse,
    before: i64,
    refused: Option<Refused>,
) -> Comments {
    let page = scene.ask.record_url(module.name(), &record.id);
    let url = format!("{page}/comments");
    let earlier = part.next_before_version;
    let (body, internal, fault) = match refused {
        Some(refused) => (refused.body, refused.internal, Some(refused.fault)),
        None => (String::new(), false, None),
    };
    let composer = may(record, "comment").then(|| Composer {
        action: url.clone(),
        body,
        internal: internal && scene.console(),
        offers_internal: scene.console(),
        fault,
        max_length: MAX,
    });
    Comments {
        items: items(&scene.ask, &scene.me.subject.id, part.comments),
        earlier_url: (earlier > 0).then(|| format!("{page}?earlier={earlier}")),
        latest_url: (before > 0).then_some(page),
        refresh_url: (before == 0).then_some(url),
        composer,
    }
}

fn items(ask: &Ask, me: &str, comments: Vec<v1::Comment>) -> Vec<Comment> {
    let console = ask.look.console();
    // The service gives internal ones to agents only; the portal's pages have no place for them at all.
    comments.into_iter().filter(|c| console || !c.internal).map(|c| item(ask, me, c)).collect()
}

fn item(ask: &Ask, me: &str, comment: v1::Comment) -> Comment {
    Comment {
        author: Author {
            me: comment.author_id == me,
            name: comment.author_name,
            kind: match comment.author_kind.as_str() {
                "contact" | "company" => AuthorKind::Contact,
                "agent" => AuthorKind::Agent,
                _ => AuthorKind::System,
            },
            deleted: comment.author_deleted,
            on_behalf_of: (!comment.on_behalf_of_name.is_empty()).then_some(comment.on_behalf_of_name),
        },
        at: fmt::stamp(comment.at_micros, ask.lang(), &ask.app.zone),
        body: (!comment.redacted).then(|| markdown::render(&comment.body)),
        internal: comment.internal,
        id: comment.id,
    }
}

/// Only the list, for the open page's own look every half minute.
pub(crate) async fn fragment(ask: Ask, Path((module, id)): Path<(String, String)>, headers: HeaderMap) -> Answer {
    let me = Me::of(&ask).await?;
    let comments = fetch(&me, &ask, &module, &id).await?.ok_or_else(Error::not_found)?;
    let fragment = CommentsFragment {
        lang: ask.lang(),
        sprite: assets::url("icons.svg"),
        items: items(&ask, &me.subject.id, comments),
    };
    let html = fragment.render().map_err(Error::internal)?;
    let tag = format!("\"{}\"", hex(&digest::digest(&digest::SHA256, html.as_bytes()).as_ref()[..16]));
    if headers.get(header::IF_NONE_MATCH).is_some_and(|v| v.as_bytes() == tag.as_bytes()) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    Ok(([(header::ETAG, tag)], Html(html)).into_response())
}
