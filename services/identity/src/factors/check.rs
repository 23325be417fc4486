//! A code of an authenticator app, or a recovery code: at a login, and where somebody proves again who they are.

use crate::{
    domain::{activity::Activity, attempt::Guess, stage::Stage},
    draft::DraftEvents,
    error::{database, invalid_credentials, no_session, wrong_code},
    factors::{recovery, totp},
    facts,
    guard::{
        attempts::{self, Reservation},
        sources::Asking,
    },
    identity::Identity,
    login::entry::Entry,
    proof::{Proved, app, recovery as recovery_code},
    refusal::Refusal,
    sessions::{drop_pending, own::Own, still_open::Closed},
    streams::activity_stream,
};
use eventlog::{Draft, Expected};
use kernel::{Error, Secret};
use proto::identity::v1 as wire;
use uuid::Uuid;

/// A proof of a second factor.
pub(crate) enum Shown<'a> {
    Code(&'a str),
    Recovery(&'a str),
}

/// What came of looking at one.
pub(crate) enum Checked {
    Right(Proved, (Guess, Vec<u8>)),
    /// Wrong; `last` when no more guesses are allowed for now.
    Wrong {
        last: bool,
    },
}

impl Identity {
    /// Completes a login with a code of the app, or with a recovery code.
    pub(crate) async fn verify_factor(
        &self,
        own: Own,
        request: wire::VerifyFactorRequest,
    ) -> Result<wire::LoginResponse, Error> {
        if own.session.stage != Stage::Factor {
            return Err(Error::forbidden("no_factor_asked"));
        }
        self.sources.ask(&own.origin.address, Asking::Login)?;
        let shown = match (request.code.as_str(), request.recovery_code.as_str()) {
            ("", "") => return Err(Error::invalid_field("code", "required", "Please enter the code.")),
            (code, "") => Shown::Code(code),
            (_, recovery) => Shown::Recovery(recovery),
        };
        match self.check_factor(&own, shown).await? {
            Checked::Right(proved, cleared) => {
                let facts = facts::account_of_user(&self.pool, own.session.user).await.map_err(database)?;
                let mut entry = Entry::of_waiting(&own.session);
                entry.assured = entry.assured.and(&proved, own.facts.has_factor());
                entry.cleared.push(cleared);
                Ok(self.enter(facts.ok_or_else(no_session)?, entry).await?)
            }
            Checked::Wrong { last } => {
                if last {
                    drop_pending(&self.pool, own.session.id).await.map_err(database)?;
                }
                Err(invalid_credentials())
            }
        }
    }

    /// Proves again who is there: with the password, or with a code where there is a second factor.
    pub(crate) async fn step_up(&self, own: Own, request: wire::StepUpRequest) -> Result<wire::LoginResponse, Error> {
        self.sources.ask(&own.origin.address, Asking::Login)?;
        match self.still_open(&own.facts, &own.came_by()).await {
            // As if the code were wrong; for a password the guard itself says so.
            Err(Closed::Quietly) if !request.code.is_empty() => {
                return Err(Error::invalid(vec![wrong_code("code")]));
            }
            Err(Closed::Told(e) | Closed::Failed(e)) => return Err(e),
            Ok(_) | Err(Closed::Quietly) => {}
        }
        if own.facts.totp && !request.code.is_empty() {
            return match self.check_factor(&own, Shown::Code(&request.code)).await? {
                Checked::Right(proved, (guess, subject_key)) => {
                    let right = Reservation { guess, subject_key, failures: 0, lock: None };
                    attempts::clear(&self.pool, &right).await.map_err(database)?;
                    self.stepped_up(&own, proved).await
                }
                Checked::Wrong { .. } => Err(Error::invalid(vec![wrong_code("code")])),
            };
        }
        if own.facts.has_factor() {
            // A password alone is less than what the login asked for.
            let message = "Please confirm with your second factor.";
            return Err(Error::invalid_field("code", "required", message));
        }
        let proved = self.prove_password(&own, Secret::new(request.password), "password").await?;
        self.stepped_up(&own, proved).await
    }

    /// Looks at a code behind the guard. A recovery code that is right is used up, in the log.
    pub(crate) async fn check_factor(&self, own: &Own, shown: Shown<'_>) -> Result<Checked, Error> {
        let user = own.session.user;
        let key = self.keys.factor_key(user);
        let rules = self.lock_rules().await?;
        let reserved =
            attempts::reserve_attempt(&self.pool, Guess::Factor, &key, Some(user), &own.origin.network, &rules).await;
        let Some(reservation) = reserved.map_err(database)? else { return Ok(Checked::Wrong { last: true }) };
        let proved = match shown {
            Shown::Code(code) => self.prove_by_code(user, code).await?,
            Shown::Recovery(code) => self.prove_by_recovery_code(own, code).await?,
        };
        match proved {
            Some(proved) => Ok(Checked::Right(proved, (Guess::Factor, key))),
            None => {
                let last = reservation.lock.is_some();
                self.record_failure(&own.caller, user, own.session.kind, &own.origin, &reservation);
                Ok(Checked::Wrong { last })
            }
        }
    }

    async fn prove_by_code(&self, user: Uuid, code: &str) -> Result<Option<Proved>, Error> {
        let Some(sealed) = totp::find(&self.pool, user).await.map_err(database)? else { return Ok(None) };
        let (secret, now) = (self.keys.open_totp(user, &sealed)?, self.log.now());
        let Some(step) = app::step_of(secret.expose(), code, now)? else { return Ok(None) };
        let used = app::use_step(&self.pool, user, step).await.map_err(database)?;
        Ok(used.map(|used| Proved::by_code(used, now)))
    }

    async fn prove_by_recovery_code(&self, own: &Own, code: &str) -> Result<Option<Proved>, Error> {
        let user = own.session.user;
        let Some(hash) = recovery_code::code_hash(code) else { return Ok(None) };
        if !recovery_code::has_code(&self.pool, user, &hash).await.map_err(database)? {
            return Ok(None);
        }
        let left = recovery::codes_left(&self.pool, user).await.map_err(database)? - 1;
        let mut draft = Draft::default();
        let stream = draft.stream(activity_stream(user), Expected::Any);
        let left = i32::try_from(left.max(0)).unwrap_or(i32::MAX);
        draft.activity(stream, &Activity::RecoveryCodeUsed { user, left });
        let code = recovery_code::UseCode { user, hash };
        draft.side_writes.push(Box::new(code.clone()));
        match self.log.append(draft.append(own.meta())).await {
            Ok(appended) => Ok(Some(Proved::by_recovery_code(&code, &appended))),
            Err(e) if Refusal::of(&e) == Some(Refusal::RowIsGone) => Ok(None),
            Err(e) => Err(e.into()),
        }
    }
}
