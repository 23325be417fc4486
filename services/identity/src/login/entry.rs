//! From a proof to a session: what is still missing is asked for step by step, and each step has a token of its own.

use crate::{
    accounts::Done,
    convert,
    domain::{
        account::Account,
        activity::{Activity, EndReason},
        attempt::Budget,
        stage::{self, Stage, Standing},
    },
    draft::DraftEvents,
    error::{database, no_session},
    facts::{self, LoginFacts},
    guard::attempts::ClearGuesses,
    identity::Identity,
    kind::channel_of,
    proof::Assured,
    refusal::Refusal,
    secrets,
    sessions::{
        self, EndSessions, MOST_SESSIONS, NewSession, Session, drop_pending,
        own::{Own, Renewed},
        still_open::{CameBy, Closed},
    },
    source::Origin,
    streams::activity_stream,
};
use eventlog::{Appended, Draft, Expected, LogError, Meta, SideWrite, Stored};
use kernel::{Actor, ActorKind, Code, Error, new_id};
use proto::identity::v1 as wire;
use sqlx::PgConnection;
use tracing::info;
use uuid::Uuid;

/// How often a session is made again after the account changed meanwhile.
const ATTEMPTS: usize = 3;

/// What somebody has proved so far.
pub(crate) struct Entry {
    pub(crate) origin: Origin,
    /// How, how much and when.
    pub(crate) assured: Assured,
    /// The login began with a password, so what is wrong with that password counts.
    pub(crate) by_password: bool,
    /// Guesses that were right, to be forgotten.
    pub(crate) cleared: Vec<Budget>,
    /// Under what the login's guesses at the password were counted; none when it began without one.
    pub(crate) budget: Option<Budget>,
    /// The session that waited for this step; it is dead when the next one is there.
    pub(crate) former: Option<Uuid>,
    /// The browser may keep that it was here.
    pub(crate) device: bool,
}

impl Entry {
    fn came_by(&self) -> CameBy<'_> {
        CameBy {
            by_password: self.by_password,
            budget: self.budget.as_ref(),
            cleared: &self.cleared,
            network: &self.origin.network,
        }
    }

    /// What a session that waits has proved.
    pub(crate) fn of_waiting(session: &Session) -> Entry {
        Entry {
            origin: Origin {
                address: String::new(),
                network: session.network.clone(),
                browser: session.browser.clone(),
            },
            assured: session.assured,
            by_password: session.by_password(),
            cleared: Vec::new(),
            budget: session.budget.clone(),
            former: Some(session.id),
            device: true,
        }
    }
}

impl Identity {
    /// Makes the session of a proof, or one that waits for what is still missing.
    ///
    /// For a complete session the account's stream is part of the append, unwritten: access that was switched off, or a
    /// password that was changed, at the same moment makes it start over.
    ///
    /// # Errors
    /// What [`Identity::still_open`] finds; `session_invalid` when the session that waited is gone.
    pub(crate) async fn enter(&self, mut facts: LoginFacts, entry: Entry) -> Result<wire::LoginResponse, Closed> {
        let proved = facts.credential.as_ref().map(|c| c.id);
        for _ in 0..ATTEMPTS {
            let not_after = match self.still_open(&facts, &entry.came_by()).await {
                Ok(not_after) => not_after,
                Err(closed) => {
                    match (&closed, entry.former) {
                        // What was proved was right, so it was no failure.
                        (Closed::Told(_), _) => self.forget_guesses(&entry).await?,
                        (Closed::Quietly, Some(former)) => {
                            drop_pending(&self.pool, former).await.map_err(database)?;
                        }
                        (Closed::Quietly, None) | (Closed::Failed(_), _) => {}
                    }
                    return Err(closed);
                }
            };
            let current = self.current.get().await?;
            let standing = standing(&facts, &entry, &current);
            let next = stage::next(standing);
            let token = secrets::session_token()?;
            let session = NewSession {
                id: new_id(),
                token_hash: token.hash.clone(),
                user: facts.user,
                kind: facts.kind,
                origin: entry.origin.clone(),
                limits: current.limits(facts.kind),
                not_after,
                stage: next,
                assured: if next == Stage::Complete || !entry.by_password {
                    entry.assured
                } else {
                    entry.assured.noted_as_password()
                },
                agent: None,
                read_only: false,
                budget: entry.budget.clone(),
            };
            if next != Stage::Complete {
                self.forget_guesses(&entry).await?;
                let now = self.log.now();
                let made = sessions::replace_pending(&self.pool, entry.former, &session, now).await;
                if !made.map_err(database)? {
                    return Err(Closed::Failed(no_session()));
                }
                return Ok(answer(&facts, session.id, token, next, 0));
            }
            match self.complete(&facts, &entry, session.clone()).await {
                Ok(position) => {
                    info!(event = "login.succeeded", user.id = %facts.user, session.id = %session.id, "a user logged in");
                    let mut answer = answer(&facts, session.id, token, next, position);
                    if entry.device {
                        let login_key = crate::domain::login::login_key(&facts.login);
                        let subject_key = self.keys.subject_key(facts.kind, &login_key);
                        answer.device = self.keys.device_token(&subject_key, self.log.now())?;
                    }
                    return Ok(answer);
                }
                Err(LogError::WrongExpectedVersion { .. }) => {
                    let now = facts::account_of_user(&self.pool, facts.user).await.map_err(database)?;
                    let same = |f: &LoginFacts| f.credential.as_ref().map(|c| c.id) == proved;
                    facts = now.filter(same).ok_or(Closed::Quietly)?;
                }
                Err(e) if Refusal::of(&e) == Some(Refusal::RowIsGone) => return Err(Closed::Failed(no_session())),
                Err(e) => return Err(Closed::Failed(e.into())),
            }
        }
        let public = "Somebody changed this account at the same moment.";
        Err(Closed::Failed(Error::new(Code::Conflict, "concurrent_change", public)))
    }

    /// Appends the login and its session; the oldest sessions beyond ten end with it.
    async fn complete(&self, facts: &LoginFacts, entry: &Entry, session: NewSession) -> Result<i64, LogError> {
        let (user, kind, id) = (facts.user, facts.kind, session.id);
        let mut draft = Draft::default();
        draft.stream(Account::stream(user), Expected::Version(facts.version));
        let stream = draft.stream(activity_stream(user), Expected::Any);
        let Origin { network, browser, .. } = entry.origin.clone();
        let method = entry.assured.method();
        draft.activity(stream, &Activity::LoggedIn { user, session: id, network, browser, kind, method, agent: None });
        let own = sessions::of_user(&self.pool, user).await?;
        let beyond: Vec<Uuid> =
            own.iter().filter(|s| s.agent.is_none()).skip(MOST_SESSIONS - 1).map(|s| s.id).collect();
        for session in &beyond {
            let (session, reason) = (*session, EndReason::TooMany);
            draft.activity(stream, &Activity::LoggedOut { user, session, reason, agent: None });
        }
        if !beyond.is_empty() {
            draft.side_writes.push(Box::new(EndSessions(beyond)));
        }
        if let Some(former) = entry.former {
            draft.side_writes.push(Box::new(TakeWaiting(former)));
        }
        draft.side_writes.push(Box::new(session));
        draft.side_writes.push(Box::new(ClearGuesses(entry.cleared.clone())));
        let subject = Actor { role: facts.role.clone(), session: Some(id), ..Actor::new(kind, user, channel_of(kind)) };
        Ok(self.log.append(draft.append(Meta::new(subject, new_id(), &[]))).await?.last)
    }

    /// After a step: the next stage of a login, or the new token of a session that is complete.
    pub(crate) async fn go_on(
        &self,
        own: &Own,
        assured: Assured,
        renewed: Renewed,
        done: Done,
    ) -> Result<wire::LoginResponse, Error> {
        if own.session.stage == Stage::Complete {
            return Ok(renewed.answer(own, done.position));
        }
        let facts = facts::account_of_user(&self.pool, own.session.user).await.map_err(database)?;
        let entry = Entry { assured, ..Entry::of_waiting(&own.session) };
        Ok(self.enter(facts.ok_or_else(no_session)?, entry).await?)
    }

    async fn forget_guesses(&self, entry: &Entry) -> Result<(), Error> {
        for (guess, subject_key) in &entry.cleared {
            let reservation = crate::guard::attempts::Reservation {
                guess: *guess,
                subject_key: subject_key.clone(),
                failures: 0,
                lock: None,
            };
            crate::guard::attempts::clear(&self.pool, &reservation).await.map_err(database)?;
        }
        Ok(())
    }
}

fn standing(facts: &LoginFacts, entry: &Entry, current: &crate::settings::Current) -> Standing {
    let credential = facts.credential.as_ref().filter(|_| entry.by_password);
    Standing {
        has_factor: facts.has_factor(),
        factor_proved: entry.assured.assurance() >= 2,
        one_time_password: credential.is_some_and(|c| c.one_time_until.is_some()),
        short_password: credential.is_some_and(|c| c.short),
        factor_required: facts.mfa_required || current.requires_mfa_of(facts.kind),
        terms_due: facts.kind == ActorKind::Contact
            && current.required_terms().is_some_and(|version| facts.terms_version < version),
    }
}

fn answer(
    facts: &LoginFacts,
    session: Uuid,
    token: secrets::Token,
    stage: Stage,
    position: i64,
) -> wire::LoginResponse {
    let subject = convert::subject(facts.kind, facts.user, &facts.name, &facts.role, &facts.locale, &facts.login);
    wire::LoginResponse {
        session_token: token.text.expose().clone(),
        session_id: session.to_string(),
        subject: Some(subject),
        position,
        stage: convert::stage(stage).into(),
        device: String::new(),
        factors: if stage == Stage::Factor { facts.factors() } else { Vec::new() },
    }
}

/// Uses a session up that waited for its next step. Fails the whole append when it was used already.
pub(crate) struct TakeWaiting(pub(crate) Uuid);

impl SideWrite for TakeWaiting {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            let taken = sqlx::query("delete from session where session_id = $1 and stage <> 0")
                .bind(self.0)
                .execute(tx)
                .await?;
            if taken.rows_affected() == 1 { Ok(()) } else { Err(Refusal::RowIsGone.into()) }
        })
    }
}
