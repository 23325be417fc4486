//! Sessions as the gateway knows them: identity's answer, kept for at most five seconds and dropped at once when
//! identity says that something about the user changed.

use crate::http::{clock::now_seconds, hex::hex};
use eventlog::Tail;
use kernel::{Actor, ActorKind, Channel, Error, FRESH_SECONDS};
use proto::identity::v1::{
    CheckApiTokenRequest, CheckSessionRequest, CheckSessionResponse, Stage, Subject, SubjectKind,
};
use ring::{digest, hmac};
use runtime::{Clients, error_of};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::mpsc;
use uuid::Uuid;

/// Hard bound within which a revoked session is dead, also when the bus is away.
const KEEP: Duration = Duration::from_secs(5);
const MOST: usize = 50_000;
/// No token of ours is longer, in characters.
const LONGEST: usize = 100;
/// Events after which every session is what it was before.
const CHANGES_NOTHING: [&str; 5] =
    [".logged_in.v1", ".login_failed.v1", ".attempts_blocked.v1", ".company_link.used.v1", ".reset_requested.v1"];

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

/// A session that identity confirmed, or what stands for one when a program shows its token.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) surface: Surface,
    pub(crate) token: String,
    pub(crate) answer: Arc<CheckSessionResponse>,
    /// What the token of a program may be used for; none for people.
    pub(crate) scopes: Option<Arc<Vec<String>>>,
}

impl Session {
    /// Whether it is an agent's look at the portal as a contact, which is kept in a cookie of its own.
    pub(crate) fn support(&self) -> bool {
        self.answer.agent.is_some()
    }

    pub(crate) fn subject(&self) -> Subject {
        self.answer.subject.clone().unwrap_or_default()
    }

    pub(crate) fn kind(&self) -> ActorKind {
        match self.subject().kind() {
            SubjectKind::Contact => ActorKind::Contact,
            SubjectKind::Agent => ActorKind::Agent,
            SubjectKind::Company => ActorKind::Company,
            _ => ActorKind::Service,
        }
    }

    /// What is still missing of the login.
    pub(crate) fn stage(&self) -> Stage {
        self.answer.stage()
    }

    /// True for the token of a program: nobody is there who could prove anything.
    pub(crate) fn is_program(&self) -> bool {
        self.scopes.is_some()
    }

    /// Whether the person has proved lately who they are, as far as the gateway knows, and will count as such for so many
    /// seconds more. The services decide; this is for requests that would do something before the call that asks for it,
    /// and for forms whose text would be lost.
    ///
    /// # Errors
    /// `step_up_required`, `person_required`.
    pub(crate) fn must_be_fresh(&self, for_seconds: i64) -> Result<(), Error> {
        if self.is_program() || self.support() || self.kind() == ActorKind::Company {
            return Err(runtime::person_required());
        }
        let answer = &self.answer;
        let recent = now_seconds() - answer.auth_time <= FRESH_SECONDS - for_seconds;
        if recent && (answer.factors.is_empty() || answer.assurance >= 2) {
            return Ok(());
        }
        Err(runtime::step_up_required())
    }

    /// Who it is, for the plan cache.
    pub(crate) fn actor(&self) -> Result<Actor, Error> {
        let subject = self.subject();
        let id = Uuid::try_parse(&subject.id).map_err(Error::internal)?;
        Ok(Actor {
            role: subject.role,
            session: Uuid::try_parse(&self.answer.session_id).ok(),
            ..Actor::new(self.kind(), id, Channel::Portal)
        })
    }

    /// The cookie that the session is kept in.
    pub(crate) fn cookie(&self, secure: bool) -> &'static str {
        if self.support() { support_cookie(secure) } else { self.surface.cookie(secure) }
    }

    /// The token that state-changing requests of this session carry: bound to the session, useless without its cookie.
    pub(crate) fn csrf_token(&self) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.answer.csrf_key);
        hex(hmac::sign(&key, b"csrf").as_ref())
    }
}

/// Name of the cookie of support access.
pub(crate) fn support_cookie(secure: bool) -> &'static str {
    if secure { "__Host-portico_imp" } else { "portico_imp" }
}

/// What identity answered about a token.
#[derive(Clone)]
struct Known {
    at: Instant,
    answer: Arc<CheckSessionResponse>,
    scopes: Option<Arc<Vec<String>>>,
    /// Identity was asked by a page itself: a person's own request must be told to identity all the same.
    background: bool,
}

impl Known {
    /// Whether it speaks of somebody: as the subject, or as the agent behind it.
    fn is_about(&self, id: &str) -> bool {
        [&self.answer.subject, &self.answer.agent].into_iter().flatten().any(|s| s.id == id)
    }
}

type Key = (Surface, Vec<u8>);

fn key_of(surface: Surface, token: &str) -> Key {
    (surface, digest::digest(&digest::SHA256, token.as_bytes()).as_ref().to_vec())
}

/// The cache.
#[derive(Clone)]
pub(crate) struct Sessions {
    clients: Clients,
    kept: Arc<Mutex<Kept>>,
}

type Kept = HashMap<Key, Known>;

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
        if !token.starts_with("pses_") || token.len() > LONGEST {
            return Ok(None);
        }
        let key = key_of(surface, token);
        let session = |answer| Some(Session { surface, token: token.to_owned(), answer, scopes: None });
        if let Some(known) = self.fresh(&key).filter(|known| background || !known.background) {
            return Ok(session(known.answer));
        }
        let request =
            CheckSessionRequest { session_token: token.to_owned(), surface: surface.kind().into(), background };
        match self.clients.identity().check_session(request).await {
            Ok(answer) => {
                let answer = Arc::new(answer.into_inner());
                self.keep(key, Known { at: Instant::now(), answer: Arc::clone(&answer), scopes: None, background });
                Ok(session(answer))
            }
            Err(status) => {
                let error = error_of(status);
                self.lock().remove(&key);
                if error.code == kernel::Code::Unauthenticated { Ok(None) } else { Err(error) }
            }
        }
    }

    /// What the token of a program stands for; none when it is unknown, revoked or expired.
    pub(crate) async fn check_program(&self, token: &str) -> Result<Option<Session>, Error> {
        if !token.starts_with("pat_") || token.len() > LONGEST {
            return Ok(None);
        }
        // Tokens of programs belong to no front end: they are kept under one of them.
        let key = key_of(Surface::Console, token);
        let session = |known: Known| {
            let customer = known.answer.subject.as_ref().is_some_and(|s| s.kind() == SubjectKind::Contact);
            let surface = if customer { Surface::Portal } else { Surface::Console };
            let Known { answer, scopes, .. } = known;
            Some(Session { surface, token: token.to_owned(), answer, scopes })
        };
        if let Some(known) = self.fresh(&key) {
            return Ok(session(known));
        }
        match self.clients.identity().check_api_token(CheckApiTokenRequest { token: token.to_owned() }).await {
            Ok(answer) => {
                let answer = answer.into_inner();
                let standing = CheckSessionResponse {
                    subject: answer.subject,
                    actor_token: answer.actor_token,
                    expires_at_micros: answer.expires_at_micros,
                    stage: Stage::Complete.into(),
                    ..CheckSessionResponse::default()
                };
                let scopes = Some(Arc::new(answer.scopes));
                let known = Known { at: Instant::now(), answer: Arc::new(standing), scopes, background: false };
                self.keep(key, known.clone());
                Ok(session(known))
            }
            Err(status) => {
                let error = error_of(status);
                self.lock().remove(&key);
                if error.code == kernel::Code::Unauthenticated { Ok(None) } else { Err(error) }
            }
        }
    }

    fn fresh(&self, key: &Key) -> Option<Known> {
        self.lock().get(key).filter(|known| known.at.elapsed() < KEEP).cloned()
    }

    fn keep(&self, key: Key, known: Known) {
        let mut kept = self.lock();
        if kept.len() >= MOST {
            kept.retain(|_, known| known.at.elapsed() < KEEP);
        }
        kept.insert(key, known);
    }

    /// Forgets a token at once: the answer to a logout.
    pub(crate) fn forget(&self, token: &str) {
        let mut kept = self.lock();
        kept.remove(&key_of(Surface::Portal, token));
        kept.remove(&key_of(Surface::Console, token));
    }

    /// Puts a session into the cache as if identity had just confirmed it.
    #[cfg(test)]
    pub(crate) fn plant(&self, surface: Surface, token: &str, answer: CheckSessionResponse, scopes: Option<&[&str]>) {
        let scopes = scopes.map(|all| Arc::new(all.iter().map(|&s| s.to_owned()).collect()));
        self.keep(
            key_of(surface, token),
            Known { at: Instant::now(), answer: Arc::new(answer), scopes, background: false },
        );
    }

    /// Forgets everything about somebody: the next request asks identity.
    pub(crate) fn forget_subject(&self, id: &str) {
        self.lock().retain(|_, known| !known.is_about(id));
    }

    /// Drops what identity's events make doubtful. An interruption drops all.
    pub(crate) async fn run(self, mut events: mpsc::Receiver<Tail>) {
        while let Some(tail) = events.recv().await {
            match tail {
                Tail::Restarted => self.lock().clear(),
                Tail::Event(event) => {
                    if CHANGES_NOTHING.iter().any(|kind| event.stored_type.ends_with(kind)) {
                        continue;
                    }
                    let json = proto::event::to_json(&event.stored_type, &event.payload).unwrap_or_default();
                    let ids: Vec<&str> = ["user_id", "company_id"]
                        .into_iter()
                        .filter_map(|name| json.get(name).and_then(|id| id.as_str()).filter(|id| !id.is_empty()))
                        .collect();
                    // What names nobody (a role, the settings) may concern everybody.
                    self.lock().retain(|_, known| !ids.is_empty() && !ids.iter().any(|id| known.is_about(id)));
                }
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
