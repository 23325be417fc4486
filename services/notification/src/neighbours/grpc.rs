//! The neighbours as they are: identity and records over gRPC, with notification's own token.

use super::{CommentFacts, Entry, IssuedLink, Neighbours, RecordFacts, Shown, Trouble, View};
use crate::{audience::Involved, domain::delivery::Order, recipients::Kind};
use futures::future::BoxFuture;
use kernel::{Code, Timestamp};
use proto::{
    identity::v1::{CheckEntryRequest, IssueInvitationLinkRequest, IssueLinkRequest},
    records::v1::{GetRecordRequest, ListInvolvedRequest, Record, ShowToRequest},
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

    fn entry(&self, person: Uuid) -> BoxFuture<'_, Result<Entry, Trouble>> {
        Box::pin(async move {
            let request = CheckEntryRequest { user_id: person.to_string() };
            let answer = found("identity", self.clients.identity().check_entry(request).await)?;
            Ok(match answer.map(tonic::Response::into_inner) {
                Some(answer) if answer.open => Entry::Open,
                Some(answer) => Entry::Closed(answer.reason),
                None => Entry::Closed(String::new()),
            })
        })
    }

    fn involved<'a>(&'a self, module: &'a str, id: &'a str) -> BoxFuture<'a, Result<Option<Involved>, Trouble>> {
        Box::pin(async move {
            let request = ListInvolvedRequest { module: module.to_owned(), id: id.to_owned() };
            let answer = found("records", self.clients.records().list_involved(request).await)?;
            let id = |text: &String| Uuid::try_parse(text).ok();
            Ok(answer.map(tonic::Response::into_inner).map(|a| Involved {
                owner: id(&a.owner_id),
                contact: id(&a.contact_id),
                creator: id(&a.creator_id),
                participants: a.participant_ids.iter().filter_map(id).collect(),
                has_owners: a.has_owners,
                has_contacts: a.has_contacts,
            }))
        })
    }

    fn shown_to<'a>(
        &'a self,
        (kind, person): (Kind, Uuid),
        order: &'a Order,
        comment: &'a str,
    ) -> BoxFuture<'a, Result<View, Trouble>> {
        Box::pin(async move {
            let request = ShowToRequest {
                module: order.subject_module.clone(),
                id: order.subject_id.clone(),
                subject_kind: kind.as_str().to_owned(),
                subject_id: person.to_string(),
                comment_id: comment.to_owned(),
            };
            let answer = found("records", self.clients.records().show_to(request).await)?;
            let Some(answer) = answer.map(tonic::Response::into_inner) else { return Ok(View::Gone) };
            Ok(match (answer.hidden.as_str(), answer.record) {
                ("record_gone", _) => View::Gone,
                ("", Some(record)) => View::Shown(Box::new(Shown {
                    record: facts(record),
                    comments_hidden: answer.comments_hidden,
                    comment: answer
                        .comment
                        .filter(|c| !c.internal && !c.redacted)
                        .map(|c| CommentFacts { body: c.body, author: c.author_name }),
                })),
                _ => View::Hidden,
            })
        })
    }

    fn record<'a>(&'a self, module: &'a str, id: &'a str) -> BoxFuture<'a, Result<Option<RecordFacts>, Trouble>> {
        Box::pin(async move {
            let request =
                GetRecordRequest { module: module.to_owned(), id: id.to_owned(), ..GetRecordRequest::default() };
            let answer = self.clients.records().get_record(request).await;
            Ok(found("records", answer)?.and_then(|a| a.into_inner().record).map(facts))
        })
    }
}

/// Number and name, as far as the answer's reader may see them.
fn facts(mut record: Record) -> RecordFacts {
    RecordFacts { title: record.titles.remove(&record.id).unwrap_or_default(), number: record.number }
}
