//! Sessions as the gateway knows them: identity's answer, kept for at most five seconds and dropped at once when
//! identity says that something about the user changed.

use eventlog::Tail;
use kernel::{ActorKind, Error};
use proto::identity::v1::{CheckSessionRequest, CheckSessionResponse, Subject, SubjectKind};
use ring::{digest, hmac};
use runtime::{Clients, error_of};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::mpsc;

/// Hard bound within which a revoked session is dead, also when the bus is away.
const KEEP: Duration = Duration::from_secs(5);
const MOST: usize = 50_000;

/// Which of the two front ends a request is for. Each has its own cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Surface {
    Portal,
    Console,
}

impl Surface {
    pub(crate) fn kind(self) -> SubjectKind {
        match self {
            Surface::Portal => SubjectKind::Contact,
            Surface::Console => SubjectKind::Agent,
        }
    }

    /// Name of the cookie, with the prefix that only a secure host may set.
    pub(crate) fn cookie(self, secure: bool) -> &'static str {
        match (self, secure) {
            (Surface::Portal, false) => "portico_session",
            (Surface::Portal, true) => "__Host-portico_session",
            (Surface::Console, false) => "portico_console",
            (Surface::Console, true) => "__Host-portico_console",
        }
    }
}

/// A session that identity confirmed.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) surface: Surface,
    pub(crate) token: String,
    pub(crate) answer: Arc<CheckSessionResponse>,
}

impl Session {
    pub(crate) fn subject(&self) -> Subject {
        self.answer.subject.clone().unwrap_or_default()
    }

    pub(crate) fn kind(&self) -> ActorKind {
        match self.subject().kind() {
            SubjectKind::Contact => ActorKind::Contact,
            SubjectKind::Agent => ActorKind::Agent,
            _ => ActorKind::Service,
        }
    }

    /// The token that state-changing requests of this session carry: bound to the session, useless without its cookie.
    pub(crate) fn csrf_token(&self) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.answer.csrf_key);
        crate::guard::hex(hmac::sign(&key, b"csrf").as_ref())
    }
}

type Key = (Surface, Vec<u8>);

/// The cache.
#[derive(Clone)]
pub(crate) struct Sessions {
    clients: Clients,
    kept: Arc<Mutex<Kept>>,
}

type Kept = HashMap<Key, (Instant, Arc<CheckSessionResponse>)>;

impl Sessions {
    pub(crate) fn new(clients: Clients) -> Sessions {
        Sessions { clients: clients.as_service(), kept: Arc::default() }
    }

    /// The session of a token. None when it is unknown, ended or expired: the three look the same.
    pub(crate) async fn check(
        &self,
        surface: Surface,
        token: &str,
        background: bool,
    ) -> Result<Option<Session>, Error> {
        if !token.starts_with("pses_") || token.len() > 100 {
            return Ok(None);
        }
        let key = (surface, digest::digest(&digest::SHA256, token.as_bytes()).as_ref().to_vec());
        let session = |answer| Some(Session { surface, token: token.to_owned(), answer });
        if let Some((at, answer)) = self.lock().get(&key)
            && at.elapsed() < KEEP
        {
            return Ok(session(Arc::clone(answer)));
        }
        let request =
            CheckSessionRequest { session_token: token.to_owned(), surface: surface.kind().into(), background };
        match self.clients.identity().check_session(request).await {
            Ok(answer) => {
                let answer = Arc::new(answer.into_inner());
                let mut kept = self.lock();
                if kept.len() >= MOST {
                    kept.retain(|_, (at, _)| at.elapsed() < KEEP);
                }
                kept.insert(key, (Instant::now(), Arc::clone(&answer)));
                Ok(session(answer))
            }
            Err(status) => {
                let error = error_of(status);
                self.lock().remove(&key);
                if error.code == kernel::Code::Unauthenticated { Ok(None) } else { Err(error) }
            }
        }
    }

    /// Forgets a token at once: the answer to a logout.
    pub(crate) fn forget(&self, token: &str) {
        let hash = digest::digest(&digest::SHA256, token.as_bytes()).as_ref().to_vec();
        let mut kept = self.lock();
        kept.remove(&(Surface::Portal, hash.clone()));
        kept.remove(&(Surface::Console, hash));
    }

    /// Drops what identity's events make doubtful. An interruption drops all.
    pub(crate) async fn run(self, mut events: mpsc::Receiver<Tail>) {
        while let Some(tail) = events.recv().await {
            match tail {
                Tail::Restarted => self.lock().clear(),
                Tail::Event(event) => {
                    if event.stored_type.contains("logged_in") || event.stored_type.contains("login_failed") {
                        continue;
                    }
                    let json = proto::event::to_json(&event.stored_type, &event.payload).unwrap_or_default();
                    let user = json.get("user_id").and_then(|u| u.as_str()).unwrap_or_default().to_owned();
                    self.lock().retain(|_, (_, a)| a.subject.as_ref().is_some_and(|s| s.id != user));
                }
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
