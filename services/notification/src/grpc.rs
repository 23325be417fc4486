//! The delivery log over gRPC, for agents.

use crate::{
    commands,
    queries::{self, Shown},
    sender::Standing,
};
use eventlog::Log;
use kernel::{Actor, Error};
use proto::notification::v1::{
    Delivery, ListDeliveriesRequest, ListDeliveriesResponse, ResendDeliveryRequest, ResendDeliveryResponse,
    notification_service_server::NotificationService,
};
use runtime::{actor, status};
use tokio::sync::watch;
use tonic::{Request, Response, Status};

/// The gRPC server.
pub struct NotificationGrpc {
    log: Log,
    standing: watch::Receiver<Standing>,
}

impl NotificationGrpc {
    /// Serves a log; `standing` tells whether the mail server can be reached.
    pub fn new(log: Log, standing: watch::Receiver<Standing>) -> NotificationGrpc {
        NotificationGrpc { log, standing }
    }

    async fn list(&self, actor: &Actor, request: ListDeliveriesRequest) -> Result<ListDeliveriesResponse, Error> {
        if actor.kind.is_customer() {
            return Err(Error::forbidden("agents_only"));
        }
        let (shown, next_cursor) =
            queries::list(self.log.pool(), request.limit, &request.cursor, &request.state).await?;
        let waiting_for = match &*self.standing.borrow() {
            Standing::Present => "",
            Standing::Away(_) => "mail_server_away",
            Standing::NotConfigured(_) => "mail_server_not_configured",
        };
        let deliveries = shown.into_iter().map(|d| message(d, waiting_for)).collect();
        Ok(ListDeliveriesResponse { deliveries, next_cursor })
    }

    async fn resend(&self, actor: Actor, request: ResendDeliveryRequest) -> Result<ResendDeliveryResponse, Error> {
        if actor.read_only {
            return Err(Error::forbidden(kernel::READ_ONLY));
        }
        if !actor.may(kernel::Right::ManageAccess) {
            return Err(Error::forbidden("agents_only"));
        }
        let position = commands::resend(&self.log, actor, kernel::parse_id(&request.id)?).await?;
        Ok(ResendDeliveryResponse { position })
    }
}

/// A delivery that waits says for what.
fn message(shown: Shown, waiting_for: &str) -> Delivery {
    let waits = shown.state == "queued" && shown.error.is_empty();
    Delivery {
        id: shown.id.to_string(),
        template: shown.template,
        recipient: shown.recipient,
        error: if waits { waiting_for.to_owned() } else { shown.error },
        state: shown.state,
        attempts: shown.attempts,
        created_at_micros: shown.created_at.micros(),
        updated_at_micros: shown.updated_at.micros(),
        subject_id: shown.subject_id,
        message_id: shown.message_id,
        redirected: shown.redirected,
    }
}

#[tonic::async_trait]
impl NotificationService for NotificationGrpc {
    async fn list_deliveries(
        &self,
        request: Request<ListDeliveriesRequest>,
    ) -> Result<Response<ListDeliveriesResponse>, Status> {
        let actor = actor(&request)?;
        self.list(&actor, request.into_inner()).await.map(Response::new).map_err(status)
    }

    async fn resend_delivery(
        &self,
        request: Request<ResendDeliveryRequest>,
    ) -> Result<Response<ResendDeliveryResponse>, Status> {
        let actor = actor(&request)?;
        self.resend(actor, request.into_inner()).await.map(Response::new).map_err(status)
    }
}
