//! Login: slot, guard, verification, session. Whatever fails before the password is proved right gives the same answer in
//! about the same time.

use crate::{
    Identity, codec,
    commands::{ATTEMPTS, Draft, account_stream, activity_stream, database},
    convert,
    domain::{
        activity::{Activity, Method},
        login::{MAX_LOGIN, login_key},
        password::{DEMO_PASSWORD, MAX_BYTES, normalise},
    },
    error::invalid_credentials,
    guard::{self, ClearLogin, Reservation},
    queries::{self, LoginFacts},
    rights, secrets,
    sessions::NewSession,
    source::Origin,
};
use eventlog::{Expected, LogError, Meta};
use kernel::{Actor, ActorKind, Channel, Code, Error, FieldError, Secret, Timestamp, new_id, support_day_bounds};
use proto::identity::v1 as wire;
use std::time::Instant;
use tracing::{info, warn};
use uuid::Uuid;

/// A login that failed for a known account, on its way to the log. It is written after the answer went out: an answer
/// that waits for a commit only when the login is known would tell who is known.
#[derive(Debug, Clone)]
pub(crate) struct LoginFailure {
    pub(crate) user: Uuid,
    pub(crate) meta: Meta,
    pub(crate) activities: Vec<Activity>,
}

impl Identity {
    /// Checks a password and makes a session.
    pub(crate) async fn login(&self, actor: &Actor, request: wire::LoginRequest) -> Result<wire::LoginResponse, Error> {
        rights::may_ask_for_strangers(actor)?;
        let kind = codec::actor_kind(request.surface()).filter(|k| *k != ActorKind::Service);
        let kind = kind.ok_or_else(|| Error::invalid_field("surface", "required", "Portal or console?"))?;
        let origin = Origin::of(request.source.as_ref());
        let given = Secret::new(request.password);
        check_present(&request.login, given.expose())?;
        // Nobody can have these; saying so depends on nothing that is stored.
        let impossible = request.login.len() > MAX_LOGIN || request.login.chars().any(char::is_control);
        if impossible || given.expose().len() > MAX_BYTES {
            return Err(invalid_credentials());
        }
        let password = Secret::new(normalise(given.expose()));
        let login_key = login_key(&request.login);

        // The buckets per source come here: before the slot, so that one source can't fill the queue.
        let slot = self.hashing.slot()?;
        let started = Instant::now();
        let facts = queries::account_of_login(&self.pool, &login_key, kind).await.map_err(database)?;
        let user = facts.as_ref().map(|f| f.user);
        let subject_key = self.keys.subject_key(kind, &login_key);
        // A device cookie with a budget of its own comes here.
        let reservation = guard::reserve_attempt(&self.pool, &subject_key, user, &origin.network).await;
        let Some(reservation) = reservation.map_err(database)? else {
            drop(slot);
            // A locked login costs no hash; it waits for as long as one takes at the moment.
            tokio::time::sleep(self.hashing.mean().saturating_sub(started.elapsed())).await;
            return Err(invalid_credentials());
        };

        let phc = self.phc_of(facts.as_ref())?;
        let demo_is_off = !self.settings.demo && password.expose() == DEMO_PASSWORD;
        let right = self.hashing.verify(slot, password, phc, self.unhashed(&reservation)).await?;
        match facts {
            Some(facts) if right && facts.enabled && facts.credential.is_some() && !demo_is_off => {
                self.open_session(facts, &login_key, kind, origin, subject_key).await
            }
            facts => {
                if let Some(facts) = facts {
                    self.record_failure(actor, &facts, kind, &origin, &reservation);
                }
                Err(invalid_credentials())
            }
        }
    }

    /// The account's hash, or one that fits no password.
    fn phc_of(&self, facts: Option<&LoginFacts>) -> Result<Secret<String>, Error> {
        match facts.and_then(|f| f.credential.as_ref().map(|(id, sealed)| (f.user, *id, sealed))) {
            Some((user, credential, sealed)) => Ok(self.keys.open_credential(user, credential, sealed)?),
            None => Ok(self.hashing.dummy()),
        }
    }

    /// Gives an attempt back whose password was never looked at.
    fn unhashed(&self, reservation: &Reservation) -> crate::hashing::Unhashed {
        let (pool, reservation) = (self.pool.clone(), reservation.clone());
        let runtime = tokio::runtime::Handle::current();
        Box::new(move || {
            runtime.spawn(async move {
                if let Err(e) = guard::give_back(&pool, &reservation).await {
                    warn!(event = "login.give_back_failed", error = %e, "an unused attempt stays counted");
                }
            });
        })
    }

    /// Makes the session of a proved password. The account's stream is part of the append, unwritten: access that was
    /// switched off, or a password that was changed, at the same moment makes it start over.
    async fn open_session(
        &self,
        mut facts: LoginFacts,
        login_key: &str,
        kind: ActorKind,
        origin: Origin,
        subject_key: Vec<u8>,
    ) -> Result<wire::LoginResponse, Error> {
        let proved = facts.credential.as_ref().map(|c| c.0);
        for _ in 0..ATTEMPTS {
            let not_after = match self.support_of(&facts, kind) {
                Ok(not_after) => not_after,
                Err(refused) => {
                    // The password was right, so it was no failure.
                    guard::clear(&self.pool, &subject_key).await.map_err(database)?;
                    return Err(refused);
                }
            };
            let token = secrets::session_token()?;
            let (user, session) = (facts.user, new_id());
            let mut draft = Draft::default();
            draft.stream(account_stream(user), Expected::Version(facts.version));
            let stream = draft.stream(activity_stream(user), Expected::Any);
            let (network, browser) = (origin.network.clone(), origin.browser.clone());
            draft.activity(
                stream,
                &Activity::LoggedIn { user, session, network, browser, kind, method: Method::Password, agent: None },
            );
            draft.side_writes.push(Box::new(NewSession {
                id: session,
                token_hash: token.hash,
                user,
                kind,
                origin: origin.clone(),
                not_after,
            }));
            draft.side_writes.push(Box::new(ClearLogin(subject_key.clone())));
            let subject =
                Actor { role: facts.role.clone(), session: Some(session), ..Actor::new(kind, user, channel_of(kind)) };
            match self.log.append(draft.append(Meta::new(subject, new_id(), &[]))).await {
                Ok(appended) => {
                    info!(event = "login.succeeded", user.id = %user, session.id = %session, "a user logged in");
                    return Ok(wire::LoginResponse {
                        session_token: token.text.expose().clone(),
                        session_id: session.to_string(),
                        subject: Some(convert::subject(kind, user, &facts.name, &facts.role, &facts.locale)),
                        position: appended.last,
                        stage: wire::Stage::Complete.into(),
                        ..wire::LoginResponse::default()
                    });
                }
                Err(LogError::WrongExpectedVersion { .. }) => {
                    let now = queries::account_of_login(&self.pool, login_key, kind).await.map_err(database)?;
                    let same = |f: &LoginFacts| f.enabled && f.credential.as_ref().map(|c| c.0) == proved;
                    facts = now.filter(same).ok_or_else(invalid_credentials)?;
                }
                Err(e) => return Err(e.into()),
            }
        }
        Err(Error::new(Code::Conflict, "concurrent_change", "Somebody changed this account at the same moment."))
    }

    /// The end of support of a contact; None for agents.
    fn support_of(&self, facts: &LoginFacts, kind: ActorKind) -> Result<Option<Timestamp>, Error> {
        if kind != ActorKind::Contact {
            return Ok(None);
        }
        let (start, end) = (&facts.support_start, &facts.support_end);
        let (begin, last) = support_day_bounds(start, end, &self.settings.time_zone)?;
        let now = self.log.now();
        if now < begin {
            let public = format!("Your support begins on {start}.");
            return Err(Error::new(Code::Precondition, "support_not_started", public).with("date", start));
        }
        if last < now {
            let public = format!("Your support ended on {end}.");
            return Err(Error::new(Code::Precondition, "support_ended", public).with("date", end));
        }
        Ok(Some(last))
    }

    fn record_failure(
        &self,
        actor: &Actor,
        facts: &LoginFacts,
        kind: ActorKind,
        origin: &Origin,
        reservation: &Reservation,
    ) {
        let (user, network, failures) = (facts.user, origin.network.clone(), reservation.failures);
        let mut activities = vec![Activity::LoginFailed { user, network, failures }];
        if let Some(lock) = reservation.lock {
            activities.push(Activity::Locked { user, until: lock.until, ladder_step: lock.ladder_step, kind });
            info!(event = "login.locked", user.id = %user, ladder_step = lock.ladder_step, "an account was locked");
        }
        let meta = Meta::new(actor.clone(), new_id(), &[]);
        self.recorder.record(LoginFailure { user, meta, activities });
    }
}

/// Through what a subject acts that logged in on a surface.
pub(crate) fn channel_of(kind: ActorKind) -> Channel {
    match kind {
        ActorKind::Contact | ActorKind::Company => Channel::Portal,
        ActorKind::Agent => Channel::Console,
        ActorKind::Service => Channel::System,
    }
}

fn check_present(login: &str, password: &str) -> Result<(), Error> {
    let empty = [("login", login.trim().is_empty()), ("password", password.is_empty())];
    let missing: Vec<FieldError> = empty
        .into_iter()
        .filter(|(_, is_empty)| *is_empty)
        .map(|(field, _)| FieldError {
            field: field.to_owned(),
            code: "required".into(),
            message: "Please fill this in.".to_owned(),
        })
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(Error::invalid(missing)) }
}
