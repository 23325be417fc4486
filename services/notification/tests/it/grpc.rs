//! The delivery log as agents get it.

use crate::ground::{AGENT, CONTACT, Ground, Heard, MailServer, Process, TestNeighbours};
use kernel::{Actor, ActorKind};
use notification::{NotificationGrpc, reactions::IdentityReactions, sender::Standing};
use proto::notification::v1::{
    Delivery, ListDeliveriesRequest, ResendDeliveryRequest, notification_service_server::NotificationService,
};
use std::sync::Arc;
use tokio::sync::watch;
use tonic::{Code, Request, Status};

fn call<T>(kind: ActorKind, role: &str, message: T) -> Request<T> {
    let id = if kind == ActorKind::Contact { CONTACT } else { AGENT };
    let actor = Actor { kind, ..Actor::agent(id, role) };
    let mut request = Request::new(message);
    request.extensions_mut().insert(actor);
    request
}

fn agent<T>(message: T) -> Request<T> {
    call(ActorKind::Agent, "agent", message)
}

fn page(limit: i32, cursor: &str, state: &str) -> ListDeliveriesRequest {
    ListDeliveriesRequest { limit, cursor: cursor.into(), state: state.into() }
}

fn grpc(ground: &Ground, standing: Standing) -> NotificationGrpc {
    NotificationGrpc::new(ground.log.clone(), watch::Sender::new(standing).subscribe())
}

async fn list(grpc: &NotificationGrpc, request: ListDeliveriesRequest) -> (Vec<Delivery>, String) {
    let answer = grpc.list_deliveries(agent(request)).await.unwrap().into_inner();
    (answer.deliveries, answer.next_cursor)
}

async fn ground_with(invitations: usize) -> Ground {
    let (ground, heard) = (Ground::new().await, Heard::new());
    let handler = IdentityReactions::new(ground.log.clone());
    for _ in 0..invitations {
        ground.handle(&handler, &heard.invitation_issued()).await;
    }
    ground
}

#[tokio::test]
async fn pages_follow_each_other_newest_first_without_gap_or_double() {
    let ground = ground_with(7).await;
    let grpc = grpc(&ground, Standing::Present);
    let (all, end) = list(&grpc, page(0, "", "")).await;
    assert_eq!((all.len(), end.as_str()), (7, ""));
    assert!(all.windows(2).all(|w| w[0].created_at_micros >= w[1].created_at_micros));
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let (deliveries, next) = list(&grpc, page(3, &cursor, "queued")).await;
        seen.extend(deliveries);
        if next.is_empty() {
            break;
        }
        cursor = next;
    }
    assert_eq!(seen, all);
    let first = &all[0];
    assert_eq!((first.recipient.as_str(), first.template.as_str()), ("emma@acme.test", "invitation"));
    assert!(list(&grpc, page(3, "", "sent")).await.0.is_empty());
}

#[tokio::test]
async fn a_waiting_delivery_says_that_the_mail_server_is_away() {
    let ground = ground_with(1).await;
    for (standing, reason) in [
        (Standing::Present, ""),
        (Standing::Away("refused".into()), "mail_server_away"),
        (Standing::NotConfigured("none".into()), "mail_server_not_configured"),
    ] {
        let (deliveries, _) = list(&grpc(&ground, standing), page(0, "", "")).await;
        assert_eq!(deliveries[0].error, reason);
    }
}

#[tokio::test]
async fn bad_questions_name_their_field() {
    let ground = ground_with(0).await;
    let grpc = grpc(&ground, Standing::Present);
    for (request, field) in [
        (page(201, "", ""), "limit"),
        (page(-1, "", ""), "limit"),
        (page(0, "zz", ""), "cursor"),
        (page(0, "", "lost"), "state"),
    ] {
        let error = runtime::error_of(grpc.list_deliveries(agent(request)).await.unwrap_err());
        assert_eq!((error.code, error.fields[0].field.as_str()), (kernel::Code::Invalid, field));
    }
}

#[tokio::test]
async fn contacts_see_nothing_and_viewers_resend_nothing() {
    let ground = ground_with(1).await;
    let grpc = grpc(&ground, Standing::Present);
    let id = list(&grpc, page(0, "", "")).await.0[0].id.clone();
    let refused = |status: Status| assert_eq!(status.code(), Code::PermissionDenied);
    refused(grpc.list_deliveries(call(ActorKind::Contact, "", page(0, "", ""))).await.unwrap_err());
    assert!(grpc.list_deliveries(call(ActorKind::Agent, "viewer", page(0, "", ""))).await.is_ok());
    let resend = || ResendDeliveryRequest { id: id.clone() };
    refused(grpc.resend_delivery(call(ActorKind::Contact, "", resend())).await.unwrap_err());
    refused(grpc.resend_delivery(call(ActorKind::Agent, "viewer", resend())).await.unwrap_err());
    assert_eq!(grpc.list_deliveries(Request::new(page(0, "", ""))).await.unwrap_err().code(), Code::Unauthenticated);
}

#[tokio::test]
async fn an_agent_sends_an_uncertain_message_again_under_the_same_message_id() {
    let (ground, mail, village) =
        (ground_with(1).await, MailServer::start().await, Arc::new(TestNeighbours::default()));
    let grpc = grpc(&ground, Standing::Present);
    mail.misbehave("250", "data", 60, 1).await;
    let killed = Process::start(ground.log.clone(), &village, &mail);
    ground.settle("sending").await;
    mail.misbehaved().await;
    killed.kill().await;
    let process = Process::start(ground.log.clone(), &village, &mail);
    ground.settle("uncertain").await;

    let id = list(&grpc, page(0, "", "uncertain")).await.0[0].id.clone();
    let answer = grpc.resend_delivery(agent(ResendDeliveryRequest { id: id.clone() })).await.unwrap().into_inner();
    assert_eq!(answer.position, 4);
    ground.settle("sent").await;
    let mails = mail.mails().await;
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0].headers["Message-ID"], mails[1].headers["Message-ID"]);
    let events = ground.log.read(4, 1).await.unwrap();
    assert_eq!((events[0].actor_id, events[0].actor_kind), (AGENT, ActorKind::Agent));

    // What was sent is not sent again.
    let error = grpc.resend_delivery(agent(ResendDeliveryRequest { id })).await.unwrap_err();
    assert_eq!(
        (error.code(), runtime::error_of(error).reason.as_ref()),
        (Code::FailedPrecondition, "delivery_already_sent")
    );
    let unknown = ResendDeliveryRequest { id: uuid::Uuid::now_v7().to_string() };
    assert_eq!(grpc.resend_delivery(agent(unknown)).await.unwrap_err().code(), Code::NotFound);
    process.stop().await;
}

#[tokio::test]
async fn a_queued_delivery_that_is_resent_is_already_so() {
    let ground = ground_with(1).await;
    let grpc = grpc(&ground, Standing::Present);
    let id = list(&grpc, page(0, "", "")).await.0[0].id.clone();
    let answer = grpc.resend_delivery(agent(ResendDeliveryRequest { id })).await.unwrap().into_inner();
    assert_eq!(answer.position, 1);
    assert_eq!(ground.log.head().await.unwrap().0, 1);
}
