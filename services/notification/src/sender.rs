//! Sends what is queued. Any number of processes may do it at once: a lease keeps them apart, and the version at which
//! `sending` is recorded makes sure that only one of them hands a message over.
//!
//! While the mail server is away nothing is recorded and nothing fails: messages wait, the server is tried again after
//! growing pauses, and everything catches up by itself.

mod attempt;
mod lease;
mod meters;

pub use meters::Meters;

use crate::{
    commands::{self, Known, Refusal},
    domain::delivery::Command,
    neighbours::Neighbours,
    smtp::{Account, Connection, Failure},
    turn::Installation,
};
use eventlog::{Log, LogError};
use futures::{FutureExt, StreamExt, future::BoxFuture};
use lease::Leases;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use uuid::Uuid;

/// Messages that are handed over at the same time, each over a connection of its own. What they write to the log shares
/// commits. Fewer than mail servers let one client have by default (Postfix 50, Exchange 20).
const LANES: usize = 8;
/// Messages taken in one round.
const ROUND: i64 = 64;
/// How often the sender looks for due deliveries that it was not told of: queued, or left behind, by another process.
/// For a retry that it knows of it wakes when that is due.
const POLL: Duration = Duration::from_secs(5);
/// How long a log that is away is left alone.
const AWAY: Duration = Duration::from_secs(1);
/// Pauses while the mail server is away grow up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A mail server of which nothing was heard for so long is asked whether it is there.
const UNHEARD: Duration = Duration::from_secs(60);
/// An unused connection is closed after this.
const IDLE: Duration = Duration::from_secs(5);

/// What is known of the mail server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It answered the last time, or was not asked yet.
    Present,
    /// It can't be reached or does not let us in; the reason.
    Away(String),
    /// None is configured; the reason.
    NotConfigured(String),
}

/// What a sender works with.
pub struct SenderOptions {
    /// The mail account, or why there is none.
    pub account: Result<Account, String>,
    /// What all mails share.
    pub installation: Installation,
    /// How long a lease lasts that is not renewed: after this time other processes take over the messages of a killed
    /// one.
    pub lease: Duration,
}

/// The sender of one process.
pub struct Sender {
    log: Log,
    neighbours: Arc<dyn Neighbours>,
    account: Option<Account>,
    installation: Installation,
    meters: Meters,
    leases: Leases,
    standing: watch::Sender<Standing>,
    idle: Mutex<Vec<(Instant, Connection)>>,
    heard: Mutex<Option<Instant>>,
}

enum Round {
    Worked,
    /// Nothing is due for so long; the log ended at this position before it was looked.
    Idle(i64, Duration),
    ServerAway,
}

impl Sender {
    /// A sender that acts in notification's log.
    pub fn new(log: Log, neighbours: Arc<dyn Neighbours>, meters: Meters, options: SenderOptions) -> Sender {
        let (account, standing) = match options.account {
            Ok(account) => (Some(account), Standing::Present),
            Err(reason) => (None, Standing::NotConfigured(reason)),
        };
        let leases = Leases::new(log.pool().clone(), options.lease);
        Sender {
            log,
            neighbours,
            account,
            installation: options.installation,
            meters,
            leases,
            standing: watch::Sender::new(standing),
            idle: Mutex::default(),
            heard: Mutex::default(),
        }
    }

    /// What is known of the mail server, now and later.
    pub fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.subscribe()
    }

    /// Sends until shutdown; what is being handed over then is finished first. Goes on while the database, other
    /// services or the mail server are away.
    pub async fn run(self, shutdown: CancellationToken) {
        if let Standing::NotConfigured(reason) = &*self.standing.borrow() {
            warn!(event = "mail.not_configured", reason, "no mail can be sent; messages wait");
        }
        tokio::select! {
            () = self.work(&shutdown) => {}
            () = self.leases.keep() => {}
        }
        self.close_idle(Duration::ZERO).await;
        self.leases.release_all().await;
    }

    async fn work(&self, shutdown: &CancellationToken) {
        let mut pause = Duration::from_millis(500);
        while !shutdown.is_cancelled() {
            match self.round(shutdown).await {
                Ok(Round::Worked) => pause = Duration::from_millis(500),
                Ok(Round::Idle(head, rest)) => {
                    self.close_idle(IDLE).await;
                    tokio::select! {
                        () = shutdown.cancelled() => {}
                        _ = self.log.appended_after(head, rest) => {}
                    }
                }
                Ok(Round::ServerAway) => {
                    pause = (pause * 2).min(LONGEST_PAUSE);
                    let _ = tokio::time::timeout(pause, shutdown.cancelled()).await;
                }
                Err(e) => {
                    warn!(event = "mail.log_away", error = %e, "messages can't be looked for at the moment");
                    let _ = tokio::time::timeout(AWAY, shutdown.cancelled()).await;
                }
            }
        }
    }

    async fn round(&self, shutdown: &CancellationToken) -> Result<Round, LogError> {
        self.settle_abandoned().await?;
        let (head, _) = self.log.head().await?;
        let Some(account) = &self.account else {
            self.meters.waits(self.leases.due(self.log.now()).await?);
            return Ok(Round::Idle(head, POLL));
        };
        // Tested before anything is leased, so that mails are left to a process that can reach the server. And tested
        // although nothing is due: so it is known early that the server is away, and also that it is back when another
        // process has sent what was due.
        if *self.standing.borrow() != Standing::Present || self.unheard_of() {
            match Connection::open(account).await {
                Ok(connection) => self.keep(connection),
                Err(failure) => {
                    self.away(&failure);
                    self.meters.waits(self.leases.due(self.log.now()).await?);
                    return Ok(Round::ServerAway);
                }
            }
        }
        let due = self.leases.claim(self.log.now(), ROUND).await?;
        if due.is_empty() {
            self.meters.waits(0);
            let next = self.leases.next_due(self.log.now()).await?.unwrap_or(POLL);
            return Ok(Round::Idle(head, next.min(POLL)));
        }
        let result = self.work_off(account, &due, shutdown).await;
        // What was postponed has another holder's name by now.
        self.leases.release(&due).await;
        match result {
            Ok(()) => Ok(Round::Worked),
            Err(attempt::Stop::ServerAway(_)) => Ok(Round::ServerAway),
            Err(attempt::Stop::Log(error)) => Err(error),
        }
    }

    /// Attempts what was leased.
    async fn work_off(
        &self,
        account: &Account,
        due: &[Uuid],
        shutdown: &CancellationToken,
    ) -> Result<(), attempt::Stop> {
        let deliveries = commands::load_all(&self.log, due).await?;
        let modules = self.modules(&deliveries).await?;
        let attempts: Vec<BoxFuture<'_, Result<(), attempt::Stop>>> =
            deliveries.iter().map(|known| self.attempt_leased(account, known, &modules, shutdown).boxed()).collect();
        let results: Vec<_> = futures::stream::iter(attempts).buffer_unordered(LANES).collect().await;
        results.into_iter().collect()
    }

    async fn attempt_leased(
        &self,
        account: &Account,
        known: &Known,
        modules: &attempt::Modules,
        shutdown: &CancellationToken,
    ) -> Result<(), attempt::Stop> {
        // What has begun is finished; what has not waits for the server, or is another process's.
        if shutdown.is_cancelled() || *self.standing.borrow() != Standing::Present {
            return Ok(());
        }
        let result = self.attempt(account, known, modules).await;
        if let Err(attempt::Stop::ServerAway(failure)) = &result {
            self.away(failure);
        }
        if matches!(result, Ok(attempt::Ended::Postponed)) {
            // Asked again soon, by whoever is first.
            self.leases.postpone(known.delivery.id).await;
        }
        result.map(drop)
    }

    /// A delivery that is recorded as being sent, while no process sends it: the process is gone, and nobody knows what
    /// became of the message.
    async fn settle_abandoned(&self) -> Result<(), LogError> {
        for delivery in self.leases.abandoned().await? {
            match commands::settle(&self.log, delivery, Command::GiveUpOutcome).await {
                Ok(()) => {
                    self.meters.count("uncertain", "none");
                    warn!(event = "mail.uncertain", delivery = %delivery,
                          "a process ended while it sent this message; it is not sent again by itself");
                }
                // Its outcome was recorded after all, or is being recorded.
                Err(Refusal::Rejected(_) | Refusal::Stale { .. } | Refusal::Overtaken) => {}
                Err(Refusal::Log(e)) => return Err(e),
            }
        }
        Ok(())
    }

    /// Whether nothing was heard of the mail server for a while, or ever.
    fn unheard_of(&self) -> bool {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.is_none_or(|at| at.elapsed() > UNHEARD)
    }

    fn away(&self, failure: &Failure) {
        self.meters.server(false);
        let reason = failure.to_string();
        self.standing.send_if_modified(|standing| {
            let news = *standing == Standing::Present;
            if news {
                warn!(event = "mail.away", reason, "the mail server is away; messages wait");
            }
            *standing = Standing::Away(reason);
            true
        });
    }

    /// A connection that is free, or a new one.
    async fn connection(&self, account: &Account) -> Result<Connection, Failure> {
        let free = self.lock().pop();
        let connection = match free {
            Some((_, connection)) => connection,
            None => Connection::open(account).await?,
        };
        self.present();
        Ok(connection)
    }

    fn present(&self) {
        self.meters.server(true);
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        self.standing.send_if_modified(|standing| {
            let news = *standing != Standing::Present;
            if news {
                info!(event = "mail.back", "the mail server answers");
                *standing = Standing::Present;
            }
            news
        });
    }

    /// Keeps a connection for the next message.
    fn keep(&self, connection: Connection) {
        self.present();
        self.lock().push((Instant::now(), connection));
    }

    async fn close_idle(&self, after: Duration) {
        let old: Vec<Connection> = {
            let mut idle = self.lock();
            let (old, fresh) = idle.drain(..).partition::<Vec<_>, _>(|(since, _)| since.elapsed() >= after);
            *idle = fresh;
            old.into_iter().map(|(_, c)| c).collect()
        };
        for connection in old {
            connection.close().await;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(Instant, Connection)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
