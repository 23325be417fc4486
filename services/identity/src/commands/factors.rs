//! Second factors: codes of an authenticator app and recovery codes, at a login and in one's own account.

use crate::{
    Identity,
    commands::{
        Along, Done, Draft, End, activity_stream, database,
        entry::{Entry, required_of, row_is_gone},
        own::Own,
    },
    domain::{
        account::{Command, Factor},
        activity::{Activity, EndReason, Method},
        stage::Stage,
    },
    error::{invalid_credentials, no_session},
    guard::{self, Guess},
    queries,
    sessions::drop_pending,
    sources::Asking,
    totp::{self, DeleteTotp, ReplaceCodes, StoreTotp, UseCode},
};
use eventlog::{Expected, SideWrite};
use kernel::{Actor, Error, FieldError};
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
    Right(Method, (Guess, Vec<u8>)),
    /// Wrong; `last` when no more guesses are allowed for now.
    Wrong {
        last: bool,
    },
}

impl Identity {
    /// Completes a login with a code of the app, or with a recovery code.
    pub(crate) async fn verify_factor(
        &self,
        actor: &Actor,
        request: wire::VerifyFactorRequest,
    ) -> Result<wire::LoginResponse, Error> {
        let own = self.own(actor, request.session.as_ref()).await?;
        if own.session.stage != Stage::Factor {
            return Err(Error::forbidden("no_factor_asked"));
        }
        self.sources.ask(&own.origin.address, Asking::Login)?;
        let shown = match (request.code.as_str(), request.recovery_code.as_str()) {
            ("", "") => return Err(Error::invalid_field("code", "required", "Please enter the code.")),
            (code, "") => Shown::Code(code),
            (_, recovery) => Shown::Recovery(recovery),
        };
        match self.check_factor(actor, &own, shown).await? {
            Checked::Right(method, cleared) => {
                let facts = queries::account_of_user(&self.pool, own.session.user).await.map_err(database)?;
                let mut entry = Entry::of_waiting(&own.session);
                entry.method = method;
                entry.assurance = method.assurance();
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
    pub(crate) async fn check_factor(&self, actor: &Actor, own: &Own, shown: Shown<'_>) -> Result<Checked, Error> {
        let user = own.session.user;
        let key = self.keys.factor_key(user);
        let rules = self.lock_rules().await?;
        let reserved =
            guard::reserve_attempt(&self.pool, Guess::Factor, &key, Some(user), &own.origin.network, &rules).await;
        let Some(reservation) = reserved.map_err(database)? else { return Ok(Checked::Wrong { last: true }) };
        let method = match shown {
            Shown::Code(code) => self.code_is_right(user, code).await?.then_some(Method::Totp),
            Shown::Recovery(code) => self.use_recovery_code(own, code).await?.then_some(Method::RecoveryCode),
        };
        match method {
            Some(method) => Ok(Checked::Right(method, (Guess::Factor, key))),
            None => {
                let last = reservation.lock.is_some();
                self.record_failure(actor, user, own.session.kind, &own.origin, &reservation);
                Ok(Checked::Wrong { last })
            }
        }
    }

    async fn code_is_right(&self, user: Uuid, code: &str) -> Result<bool, Error> {
        let Some(sealed) = totp::find(&self.pool, user).await.map_err(database)? else { return Ok(false) };
        let secret = self.keys.open_totp(user, &sealed)?;
        match totp::step_of(secret.expose(), code, self.log.now())? {
            Some(step) => totp::use_step(&self.pool, user, step).await.map_err(database),
            None => Ok(false),
        }
    }

    async fn use_recovery_code(&self, own: &Own, code: &str) -> Result<bool, Error> {
        let user = own.session.user;
        let Some(hash) = totp::code_hash(code) else { return Ok(false) };
        if !totp::has_code(&self.pool, user, &hash).await.map_err(database)? {
            return Ok(false);
        }
        let left = totp::codes_left(&self.pool, user).await.map_err(database)? - 1;
        let mut draft = Draft::default();
        let stream = draft.stream(activity_stream(user), Expected::Any);
        let left = i32::try_from(left.max(0)).unwrap_or(i32::MAX);
        draft.activity(stream, &Activity::RecoveryCodeUsed { user, left });
        draft.side_writes.push(Box::new(UseCode { user, hash }));
        match self.log.append(draft.append(own.meta())).await {
            Ok(_) => Ok(true),
            Err(e) if row_is_gone(&e) => Ok(false),
            Err(e) => Err(e.into()),
        }
    }

    /// A secret for an authenticator app. Nothing changes until a code confirms it.
    pub(crate) async fn begin_totp(
        &self,
        actor: &Actor,
        request: wire::BeginTotpRequest,
    ) -> Result<wire::BeginTotpResponse, Error> {
        let own = self.own_at(actor, request.session.as_ref(), Stage::Enrolment).await?;
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
        actor: &Actor,
        request: wire::ConfirmTotpRequest,
    ) -> Result<wire::FactorAddedResponse, Error> {
        let own = self.own_at(actor, request.session.as_ref(), Stage::Enrolment).await?;
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
        let login = self.add_factor(&own, Method::Totp, command, hashes, store).await?;
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

    /// Appends a new factor and lets the session go on: to its next stage, or with a new token.
    pub(crate) async fn add_factor(
        &self,
        own: &Own,
        method: Method,
        command: Command,
        hashes: Vec<Vec<u8>>,
        store: impl Fn() -> Vec<Box<dyn SideWrite>>,
    ) -> Result<wire::LoginResponse, Error> {
        let user = own.session.user;
        let done: Result<Done, Error> = self
            .change(user, &own.meta(), false, &command, |_, _| {
                let mut side_writes = store();
                if !hashes.is_empty() {
                    side_writes.push(Box::new(ReplaceCodes { user, hashes: hashes.clone() }));
                }
                Ok(Along { side_writes, ..Along::default() })
            })
            .await;
        done?;
        self.go_on(own, method).await
    }

    /// After a step: the next stage of a login, or a new token for a session that is complete.
    pub(crate) async fn go_on(&self, own: &Own, method: Method) -> Result<wire::LoginResponse, Error> {
        if own.session.stage == Stage::Complete {
            return self.rotate(own, method, Draft::default()).await;
        }
        let facts = queries::account_of_user(&self.pool, own.session.user).await.map_err(database)?;
        let mut entry = Entry::of_waiting(&own.session);
        entry.assurance = entry.assurance.max(method.assurance());
        if method.assurance() >= 2 {
            entry.method = method;
        }
        self.enter(facts.ok_or_else(no_session)?, entry).await
    }

    /// Removes the authenticator app. Other sessions end.
    pub(crate) async fn remove_totp(
        &self,
        actor: &Actor,
        request: wire::RemoveTotpRequest,
    ) -> Result<wire::LoginResponse, Error> {
        let own = self.own_fresh(actor, request.session.as_ref()).await?;
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
        self.change(user, &own.meta(), false, &command, |_, _| {
            let mut side_writes = delete();
            if !rest {
                side_writes.push(Box::new(ReplaceCodes { user, hashes: Vec::new() }));
            }
            let end = End::Others(EndReason::MfaChanged, own.session.id);
            Ok(Along { side_writes, end, ..Along::default() })
        })
        .await?;
        info!(event = "factor.removed", user.id = %user, "a second factor was removed");
        self.rotate(own, own.session.method, Draft::default()).await
    }

    /// Ten new recovery codes in the place of the former ones.
    pub(crate) async fn make_recovery_codes(
        &self,
        actor: &Actor,
        request: wire::MakeRecoveryCodesRequest,
    ) -> Result<wire::MakeRecoveryCodesResponse, Error> {
        let own = self.own_fresh(actor, request.session.as_ref()).await?;
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
