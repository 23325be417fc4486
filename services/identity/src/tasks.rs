//! Work in the background: writing failed logins, changing signing keys, ending what is over.

use crate::{
    draft::DraftEvents,
    error::database,
    factors::{passkeys::rows as passkeys, totp},
    guard::attempts,
    identity::Identity,
    links::{company, invitations, mail},
    sessions::{self, kept},
    streams::activity_stream,
    team::tokens,
    timelines,
};
use eventlog::{Draft, Expected, Meta};
use kernel::{Actor, Error, new_id};
use runtime::Task;
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// How often old rows and expired sessions are looked for.
const SWEEP: Duration = Duration::from_secs(60);
/// How often it is checked whether a new signing key is due.
const ROTATE: Duration = Duration::from_secs(60);

/// The tasks; each ends only at shutdown.
pub(crate) fn tasks(identity: &Arc<Identity>, shutdown: &CancellationToken) -> Vec<Task> {
    let record = {
        let (identity, shutdown) = (Arc::clone(identity), shutdown.clone());
        async move { identity.recorder.run(identity.log.clone(), shutdown).await }
    };
    let rotate = {
        let (identity, shutdown) = (Arc::clone(identity), shutdown.clone());
        async move {
            every(ROTATE, &shutdown, "identity.rotate", || identity.rotate_signing_keys()).await;
        }
    };
    let sweep = {
        let (identity, shutdown) = (Arc::clone(identity), shutdown.clone());
        async move { every(SWEEP, &shutdown, "identity.sweep", || identity.sweep()).await }
    };
    vec![
        Task { name: "failed logins", run: Box::pin(record) },
        Task { name: "signing keys", run: Box::pin(rotate) },
        Task { name: "expired sessions", run: Box::pin(sweep) },
        Task { name: "bulk access", run: Box::pin(Arc::clone(identity).run_bulk(shutdown.clone())) },
    ]
}

impl Identity {
    /// Runs the background work until shutdown; what the service's tasks do, for tests that assemble no service.
    pub async fn run_tasks(self: Arc<Identity>, shutdown: CancellationToken) {
        futures::future::join_all(tasks(&self, &shutdown).into_iter().map(|task| task.run)).await;
    }

    /// Makes the next signing key when it is time, and deletes keys whose tokens are all over.
    pub async fn rotate_signing_keys(&self) -> Result<(), Error> {
        self.signing.rotate().await
    }

    /// Writes how many attempts locks have answered: at most one event per account in ten minutes.
    async fn tell_blocked(&self) -> Result<(), Error> {
        for activity in attempts::take_blocked(&self.pool).await.map_err(database)? {
            let mut draft = Draft::default();
            let stream = draft.stream(activity_stream(activity.user()), Expected::Any);
            draft.activity(stream, &activity);
            let meta = Meta::new(Actor::service("identity"), new_id(), &[]);
            self.log.append(draft.append(meta)).await?;
        }
        Ok(())
    }

    /// Ends what is over: sessions with an event for each, invitations, counts, old revocations.
    pub async fn sweep(&self) -> Result<(), Error> {
        self.end_expired_sessions().await?;
        self.tell_blocked().await?;
        self.sources.sweep();
        attempts::sweep(&self.pool).await.map_err(database)?;
        invitations::sweep(&self.pool).await.map_err(database)?;
        tokens::sweep(&self.pool).await.map_err(database)?;
        company::sweep(&self.pool).await.map_err(database)?;
        timelines::sweep(&self.pool).await.map_err(database)?;
        mail::sweep(&self.pool).await.map_err(database)?;
        passkeys::sweep(&self.pool).await.map_err(database)?;
        totp::sweep(&self.pool).await.map_err(database)?;
        kept::sweep(&self.pool).await.map_err(database)?;
        sessions::sweep_revocations(&self.pool).await.map_err(database)
    }
}

/// Does something at once and then again and again; a failure is logged and tried again the next time.
async fn every<F, W>(pause: Duration, shutdown: &CancellationToken, what: &'static str, mut work: F)
where
    F: FnMut() -> W,
    W: Future<Output = Result<(), Error>>,
{
    while !shutdown.is_cancelled() {
        tokio::select! {
            result = work() => if let Err(e) = result {
                warn!(event = what, error = %e, "background work did not succeed and is tried again");
            },
            () = shutdown.cancelled() => return,
        }
        // The pause ends early at shutdown; either way the loop looks again.
        let _ = tokio::time::timeout(pause, shutdown.cancelled()).await;
    }
}
