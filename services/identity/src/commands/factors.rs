//! Second factors: codes of an authenticator app and recovery codes, at a login and in one's own account.

use crate::refusal::{ROW_IS_GONE, log_refused_by};
use crate::{
    Identity,
    commands::{
        Along, Done, Draft, End, activity_stream, database,
        entry::{Entry, required_of},
        own::{Own, Renewed},
    },
    domain::{
        account::{Command, Factor},
        activity::{Activity, EndReason},
        stage::Stage,
    },
    error::{invalid_credentials, no_session},
    guard::{self, Guess},
    proof::{Assured, Enrolled, Proved},
    queries,
    sessions::drop_pending,
    sources::Asking,
    totp::{self, DeleteTotp, ReplaceCodes, StoreTotp, UseCode},
};
use eventlog::{Expected, SideWrite};
use kernel::{Error, FieldError};
use proto::identity::v1 as wire;
use tracing::info;
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
                let facts = queries::account_of_user(&self.pool, own.session.user).await.map_err(database)?;
                let mut entry = Entry::of_waiting(&own.session);
                entry.assured = entry.assured.and(&proved, own.facts.has_factor());
                entry.cleared.push(cleared);
                self.enter(facts.ok_or_else(no_session)?, entry).await
            }
            Checked::Wrong { last } => {
                if last {
                    drop_pending(&self.pool, own.session.id).await.map_err(database)?;
                }
                Err(invalid_credentials())
            }
        }
    }

    /// Looks at a code behind the guard. A recovery code that is right is used up, in the log.
    pub(crate) async fn check_factor(&self, own: &Own, shown: Shown<'_>) -> Result<Checked, Error> {
        let user = own.session.user;
        let key = self.keys.factor_key(user);
        let rules = self.lock_rules().await?;
        let reserved =
            guard::reserve_attempt(&self.pool, Guess::Factor, &key, Some(user), &own.origin.network, &rules).await;
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
        let Some(step) = totp::step_of(secret.expose(), code, now)? else { return Ok(None) };
        let used = totp::use_step(&self.pool, user, step).await.map_err(database)?;
        Ok(used.map(|used| Proved::by_code(used, now)))
    }

    async fn prove_by_recovery_code(&self, own: &Own, code: &str) -> Result<Option<Proved>, Error> {
        let user = own.session.user;
        let Some(hash) = totp::code_hash(code) else { return Ok(None) };
        if !totp::has_code(&self.pool, user, &hash).await.map_err(database)? {
            return Ok(None);
        }
        let left = totp::codes_left(&self.pool, user).await.map_err(database)? - 1;
        let mut draft = Draft::default();
        let stream = draft.stream(activity_stream(user), Expected::Any);
        let left = i32::try_from(left.max(0)).unwrap_or(i32::MAX);
        draft.activity(stream, &Activity::RecoveryCodeUsed { user, left });
        let code = UseCode { user, hash };
        draft.side_writes.push(Box::new(code.clone()));
        match self.log.append(draft.append(own.meta())).await {
            Ok(appended) => Ok(Some(Proved::by_recovery_code(&code, &appended))),
            Err(e) if log_refused_by(&e, ROW_IS_GONE) => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    /// A secret for an authenticator app. Nothing changes until a code confirms it.
    pub(crate) async fn begin_totp(
        &self,
        own: Own,
        _: wire::BeginTotpRequest,
    ) -> Result<wire::BeginTotpResponse, Error> {
        let secret = totp::new_secret()?;
        let user = own.session.user;
        let sealed = self.keys.seal_totp(user, secret.expose())?;
        totp::begin_enrolment(&self.pool, user, &sealed, self.log.now()).await.map_err(database)?;
        let (secret, otpauth_uri) = totp::shown(secret.expose(), &self.settings.company, &own.facts.login)?;
        Ok(wire::BeginTotpResponse { secret, otpauth_uri })
    }

    /// Confirms the app with a first code. With the first factor come ten recovery codes, shown once.
    pub(crate) async fn confirm_totp(
        &self,
        own: Own,
        request: wire::ConfirmTotpRequest,
    ) -> Result<wire::FactorAddedResponse, Error> {
        self.sources.ask(&own.origin.address, Asking::Login)?;
        let user = own.session.user;
        let Some(sealed) = totp::enrolment(&self.pool, user).await.map_err(database)? else {
            return Err(Error::new(
                kernel::Code::Precondition,
                "enrolment_over",
                "This code is for a set-up that is over. Please begin again.",
            ));
        };
        let secret = self.keys.open_totp(user, &sealed)?;
        let Some(step) = totp::step_of(secret.expose(), &request.code, self.log.now())? else {
            return Err(Error::invalid(vec![wrong_code("code")]));
        };
        let (shown, hashes) = self.codes_for(&own).await?;
        let command = Command::EnableTotp { user, codes: i32::try_from(shown.len()).unwrap_or_default() };
        let store =
            move || -> Vec<Box<dyn SideWrite>> { vec![Box::new(StoreTotp { user, sealed: sealed.clone(), step })] };
        let login = self.add_factor(&own, Enrolled::app(step), command, hashes, store).await?;
        info!(event = "factor.added", user.id = %user, factor = "totp", "a second factor was set up");
        Ok(wire::FactorAddedResponse { recovery_codes: shown, login: Some(login), passkey_id: String::new() })
    }

    /// Recovery codes for a first factor; none when there are some.
    pub(crate) async fn codes_for(&self, own: &Own) -> Result<(Vec<String>, Vec<Vec<u8>>), Error> {
        if totp::codes_left(&self.pool, own.session.user).await.map_err(database)? > 0 {
            return Ok((Vec::new(), Vec::new()));
        }
        totp::new_codes()
    }

    /// Appends a new factor and lets the session go on: to its next stage, or with a new token. The session holds the
    /// factor now; that is no proof of who is there, so it is as fresh as before.
    pub(crate) async fn add_factor(
        &self,
        own: &Own,
        enrolled: Enrolled,
        command: Command,
        hashes: Vec<Vec<u8>>,
        store: impl Fn() -> Vec<Box<dyn SideWrite>>,
    ) -> Result<wire::LoginResponse, Error> {
        let user = own.session.user;
        let assured = Assured::of(&own.session).with(enrolled);
        let renewed = self.renew(own, assured)?;
        let done = self
            .change(user, &own.meta(), false, &command, |_, _| {
                let mut side_writes = store();
                if !hashes.is_empty() {
                    side_writes.push(Box::new(ReplaceCodes { user, hashes: hashes.clone() }));
                }
                side_writes.extend(renewed.write());
                Ok(Along { side_writes, ..Along::default() })
            })
            .await?;
        self.go_on(own, assured, renewed, done).await
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
        let facts = queries::account_of_user(&self.pool, own.session.user).await.map_err(database)?;
        let entry = Entry { assured, ..Entry::of_waiting(&own.session) };
        self.enter(facts.ok_or_else(no_session)?, entry).await
    }

    /// Removes the authenticator app. Other sessions end.
    pub(crate) async fn remove_totp(&self, own: Own, _: wire::RemoveTotpRequest) -> Result<wire::LoginResponse, Error> {
        let user = own.session.user;
        let rest = own.facts.passkeys > 0;
        self.remove_factor(&own, Factor::Totp, rest, move || vec![Box::new(DeleteTotp(user))]).await
    }

    /// Appends that a factor is gone, with its row; recovery codes go with the last one.
    pub(crate) async fn remove_factor(
        &self,
        own: &Own,
        factor: Factor,
        rest: bool,
        delete: impl Fn() -> Vec<Box<dyn SideWrite>>,
    ) -> Result<wire::LoginResponse, Error> {
        let user = own.session.user;
        let current = self.current.get().await?;
        let required = required_of(own.session.kind, &current);
        let command = Command::RemoveFactor { user, factor, required };
        let renewed = self.renew(own, Assured::of(&own.session))?;
        let done = self
            .change(user, &own.meta(), false, &command, |_, _| {
                let mut side_writes = delete();
                if !rest {
                    side_writes.push(Box::new(ReplaceCodes { user, hashes: Vec::new() }));
                }
                side_writes.extend(renewed.write());
                let end = End::Others(EndReason::MfaChanged, own.session.id);
                Ok(Along { side_writes, end, ..Along::default() })
            })
            .await?;
        info!(event = "factor.removed", user.id = %user, "a second factor was removed");
        Ok(renewed.answer(own, done.position))
    }

    /// Ten new recovery codes in the place of the former ones.
    pub(crate) async fn make_recovery_codes(
        &self,
        own: Own,
        _: wire::MakeRecoveryCodesRequest,
    ) -> Result<wire::MakeRecoveryCodesResponse, Error> {
        let user = own.session.user;
        let (shown, hashes) = totp::new_codes()?;
        let command = Command::MakeRecoveryCodes { user, codes: i32::try_from(shown.len()).unwrap_or_default() };
        self.change(user, &own.meta(), false, &command, |_, _| {
            let codes: Box<dyn SideWrite> = Box::new(ReplaceCodes { user, hashes: hashes.clone() });
            Ok(Along { side_writes: vec![codes], ..Along::default() })
        })
        .await?;
        Ok(wire::MakeRecoveryCodesResponse { recovery_codes: shown })
    }
}

/// A code that is not right, where saying so tells nothing.
pub(crate) fn wrong_code(field: &str) -> FieldError {
    FieldError {
        field: field.to_owned(),
        code: "wrong_code".into(),
        message: "This code is not right. Codes change every 30 seconds; is the clock of your device right?".to_owned(),
    }
}
