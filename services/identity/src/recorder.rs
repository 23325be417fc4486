//! Failed logins on their way to the log, after their answers went out.

use crate::{
    codec,
    commands::{LoginFailure, activity_stream},
};
use eventlog::{Append, Expected, Log};
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// How many may wait. The guard's row is committed before the answer; what is lost here is only the event.
const QUEUE: usize = 1024;
/// How long what still waits at shutdown may take.
const DRAIN: Duration = Duration::from_secs(5);

/// Where failures are handed in.
pub(crate) struct Recorder {
    sender: mpsc::Sender<LoginFailure>,
    receiver: Mutex<Option<mpsc::Receiver<LoginFailure>>>,
}

impl Recorder {
    pub(crate) fn new() -> Recorder {
        let (sender, receiver) = mpsc::channel(QUEUE);
        Recorder { sender, receiver: Mutex::new(Some(receiver)) }
    }

    /// Hands a failure in; never waits.
    pub(crate) fn record(&self, failure: LoginFailure) {
        if let Err(e) = self.sender.try_send(failure) {
            let user = match &e {
                mpsc::error::TrySendError::Full(f) | mpsc::error::TrySendError::Closed(f) => f.user,
            };
            warn!(event = "login.unrecorded", user.id = %user, "a failed login is counted but not in the log");
        }
    }

    /// Writes failures in their order until shutdown, and then what still waits.
    pub(crate) async fn run(&self, log: Log, shutdown: CancellationToken) {
        let receiver = self.receiver.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut receiver) = receiver else { return shutdown.cancelled().await };
        loop {
            tokio::select! {
                failure = receiver.recv() => match failure {
                    Some(failure) => write(&log, failure).await,
                    None => return,
                },
                () = shutdown.cancelled() => break,
            }
        }
        let drained = tokio::time::timeout(DRAIN, async {
            while let Ok(failure) = receiver.try_recv() {
                write(&log, failure).await;
            }
        });
        if drained.await.is_err() {
            warn!(event = "login.unrecorded", "failed logins were not written before the process ended");
        }
    }
}

async fn write(log: &Log, failure: LoginFailure) {
    let LoginFailure { user, meta, activities } = failure;
    let events = activities
        .iter()
        .map(|activity| {
            let (stored_type, payload) = codec::encode_activity(activity);
            (stored_type, payload, None)
        })
        .collect();
    let append = Append::events(meta, activity_stream(user), Expected::Any, events);
    if let Err(e) = log.append(append).await {
        warn!(event = "login.unrecorded", user.id = %user, error = %e, "a failed login is counted but not in the log");
    }
}
