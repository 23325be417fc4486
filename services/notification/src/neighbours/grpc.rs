//! The neighbours as they are: identity and records over gRPC, with notification's own token.

use super::{CommentFacts, IssuedLink, Neighbours, RecordFacts, Trouble};
use futures::future::BoxFuture;
use kernel::{Code, Timestamp};
use proto::{
    identity::v1::{GetAccessRequest, IssueInvitationLinkRequest, IssueLinkRequest},
    records::v1::{GetRecordRequest, ListCommentsRequest, value},
};
use runtime::{Clients, error_of};
use tonic::Status;
use uuid::Uuid;

/// See the module.
pub(crate) struct GrpcNeighbours {
    clients: Clients,
}

impl GrpcNeighbours {
    /// Calls in notification's own name, whoever's work is under way.
    pub(crate) fn new(clients: &Clients) -> GrpcNeighbours {
        GrpcNeighbours { clients: clients.as_service() }
    }
}

/// The answer, `None` for what is unknown.
fn found<T>(service: &'static str, answer: Result<T, Status>) -> Result<Option<T>, Trouble> {
    let error = match answer {
        Ok(answer) => return Ok(Some(answer)),
        Err(status) => error_of(status),
    };
    match error.code {
        Code::NotFound => Ok(None),
        // A token that is not accepted is one whose key is not known yet.
        Code::Unavailable | Code::Timeout | Code::RateLimited | Code::Unauthenticated => Err(Trouble::Away(service)),
        Code::Invalid | Code::Forbidden | Code::Conflict | Code::Precondition | Code::Internal => {
            Err(Trouble::Refused(service, error.reason.into_owned()))
        }
    }
}

impl Neighbours for GrpcNeighbours {
    fn invitation_link<'a>(&'a self, invitation: &'a str) -> BoxFuture<'a, Result<Option<IssuedLink>, Trouble>> {
        Box::pin(async move {
            let request = IssueInvitationLinkRequest { invitation_id: invitation.to_owned() };
            let answer = self.clients.identity().issue_invitation_link(request).await;
            let answer = found("identity", answer)?.map(tonic::Response::into_inner);
            Ok(answer
                .filter(|a| a.usable)
                .map(|a| IssuedLink { link: a.link, expires_at: Timestamp::from_micros(a.expires_at_micros) }))
        })
    }

    fn link<'a>(&'a self, request: &'a str) -> BoxFuture<'a, Result<Option<IssuedLink>, Trouble>> {
        Box::pin(async move {
            let answer = self.clients.identity().issue_link(IssueLinkRequest { request_id: request.to_owned() }).await;
            let answer = found("identity", answer)?.map(tonic::Response::into_inner);
            Ok(answer
                .filter(|a| a.usable)
                .map(|a| IssuedLink { link: a.link, expires_at: Timestamp::from_micros(a.expires_at_micros) }))
        })
    }

    fn record<'a>(&'a self, module: &'a str, id: &'a str) -> BoxFuture<'a, Result<Option<RecordFacts>, Trouble>> {
        Box::pin(async move {
            let request = GetRecordRequest { module: module.to_owned(), id: id.to_owned(), with_deleted: false };
            let answer = self.clients.records().get_record(request).await;
            let record = found("records", answer)?.and_then(|a| a.into_inner().record);
            Ok(record.filter(|r| !r.deleted).map(|r| RecordFacts {
                number: r.number,
                texts: r
                    .fields
                    .into_iter()
                    .filter_map(|f| match f.value?.kind? {
                        value::Kind::Text(text) => Some((f.field, text)),
                        value::Kind::Integer(_) | value::Kind::Boolean(_) => None,
                    })
                    .collect(),
            }))
        })
    }

    fn comment<'a>(
        &'a self,
        module: &'a str,
        record: &'a str,
        comment: &'a str,
    ) -> BoxFuture<'a, Result<Option<CommentFacts>, Trouble>> {
        Box::pin(async move {
            let request = ListCommentsRequest { module: module.to_owned(), id: record.to_owned() };
            let answer = self.clients.records().list_comments(request).await;
            let comments = found("records", answer)?.map(|a| a.into_inner().comments).unwrap_or_default();
            let wanted = comments.into_iter().find(|c| c.id == comment && !c.internal && !c.redacted);
            Ok(wanted.map(|c| CommentFacts { body: c.body, author: c.author_name }))
        })
    }

    fn has_access(&self, contact: Uuid) -> BoxFuture<'_, Result<bool, Trouble>> {
        Box::pin(async move {
            let request = GetAccessRequest { contact_id: contact.to_string() };
            let answer = found("identity", self.clients.identity().get_access(request).await)?;
            Ok(answer.and_then(|a| a.into_inner().access).is_some_and(|a| a.enabled))
        })
    }
}
