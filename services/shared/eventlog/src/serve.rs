//! Serves a log over gRPC, to consumers that need what the bus no longer has.

use crate::{Log, LogError, source::wire};
use proto::eventlog::v1::{
    GetHeadRequest, GetHeadResponse, ReadAllRequest, ReadAllResponse, event_log_service_server::EventLogService,
};
use std::pin::Pin;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

/// Positions read with one statement, and sent in chunks of at most a twentieth of it.
const READ: i64 = 10_000;
const CHUNK: usize = 500;

/// Serves the logs of this process to other services. Callers must hold a service's token; the server's
/// authentication layer checks that there is one, this checks its kind through `allowed`.
#[derive(Clone)]
pub struct EventLogGrpc {
    logs: Vec<Log>,
    allowed: fn(&tonic::Extensions) -> bool,
}

impl EventLogGrpc {
    /// Serves these logs to callers for which `allowed` says yes.
    pub fn new(logs: Vec<Log>, allowed: fn(&tonic::Extensions) -> bool) -> EventLogGrpc {
        EventLogGrpc { logs, allowed }
    }

    fn log<T>(&self, request: &Request<T>, service: &str) -> Result<Log, Status> {
        if !(self.allowed)(request.extensions()) {
            return Err(Status::permission_denied("only services read logs"));
        }
        let log = self.logs.iter().find(|l| l.service() == service);
        log.cloned().ok_or_else(|| Status::not_found("this process does not serve that log"))
    }
}

#[tonic::async_trait]
impl EventLogService for EventLogGrpc {
    type ReadAllStream = Pin<Box<dyn tokio_stream::Stream<Item = Result<ReadAllResponse, Status>> + Send>>;

    async fn read_all(&self, request: Request<ReadAllRequest>) -> Result<Response<Self::ReadAllStream>, Status> {
        let log = self.log(&request, &request.get_ref().service)?;
        let mut from = request.get_ref().from.max(1);
        let (sender, receiver) = mpsc::channel(4);
        tokio::spawn(async move {
            loop {
                let events = match log.read(from, READ).await {
                    Ok(events) => events,
                    Err(error) => {
                        let _ = sender.send(Err(status(&error))).await;
                        return;
                    }
                };
                let Some(last) = events.last() else { return };
                from = last.position + 1;
                let mut events = events.into_iter().map(wire).peekable();
                while events.peek().is_some() {
                    let chunk = ReadAllResponse { events: events.by_ref().take(CHUNK).collect() };
                    // A caller that has enough hangs up.
                    if sender.send(Ok(chunk)).await.is_err() {
                        return;
                    }
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }

    async fn get_head(&self, request: Request<GetHeadRequest>) -> Result<Response<GetHeadResponse>, Status> {
        let log = self.log(&request, &request.get_ref().service)?;
        let (position, epoch) = log.head().await.map_err(|e| status(&e))?;
        let pool = log.pool();
        Ok(Response::new(GetHeadResponse {
            position,
            epoch,
            clock_micros: log.now().micros(),
            pool_limit: pool.options().get_max_connections(),
            pool_size: pool.size(),
            pool_idle: u32::try_from(pool.num_idle()).unwrap_or(u32::MAX),
        }))
    }
}

fn status(error: &LogError) -> Status {
    tracing::warn!(event = "log.read_failed", error = %error, "the log can't be read");
    Status::unavailable("the log can't be read at the moment")
}
