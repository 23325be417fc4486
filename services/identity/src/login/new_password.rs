//! A password that is about to be set: found good enough, hashed, and written with all that it ends. Changing one's own.

use crate::{
    accounts::{Along, End},
    domain::{
        account::{Command, Event, Via},
        activity::EndReason,
        password::{self, DEMO_PASSWORD, min_characters},
        stage::Stage,
    },
    error::{database, wrong_code},
    facts::{Credential, LoginFacts},
    guard::attempts::{self, ClearUsers},
    identity::Identity,
    links::{invitations::CloseInvitation, mail::CloseLinks},
    login::{
        credential::StoreCredential,
        password::{Given, Verdict},
    },
    proof::Proved,
    secrets,
    sessions::own::Own,
};
use eventlog::SideWrite;
use kernel::{Code, Error, FieldError, Secret, Timestamp, new_id};
use proto::identity::v1 as wire;
use uuid::Uuid;

/// Name of the product: no password may be made of it.
const PRODUCT: &str = "Portico";

/// A password that is about to be set.
pub(crate) struct Setting<'a> {
    /// The field that is to blame when it is not good enough.
    pub(crate) field: &'a str,
    pub(crate) via: Via,
    pub(crate) user: Uuid,
    /// Names that others know: of the person, and how they sign in.
    pub(crate) about: [&'a str; 3],
    /// A second factor stands behind it, so it may be shorter.
    pub(crate) with_factor: bool,
    /// End of a one-time password.
    pub(crate) one_time_until: Option<Timestamp>,
    /// The password whose place it takes.
    pub(crate) former: Option<&'a Credential>,
}

impl<'a> Setting<'a> {
    /// For somebody who has an account.
    pub(crate) fn for_user(field: &'a str, via: Via, facts: &'a LoginFacts) -> Setting<'a> {
        Setting {
            field,
            via,
            user: facts.user,
            about: [&facts.name, &facts.email, &facts.login],
            with_factor: facts.has_factor() || facts.mfa_required,
            one_time_until: None,
            former: facts.credential.as_ref(),
        }
    }

    /// The password that this one must differ from: whoever changes a password wants another one, and what somebody else
    /// has set by hand never becomes lasting, on whatever way the next one is chosen.
    fn must_differ_from(&self) -> Option<&'a Credential> {
        let set_by_hand = self.former.filter(|c| c.one_time_until.is_some());
        match self.via {
            Via::Change => self.former,
            Via::Invitation | Via::Reset => set_by_hand,
            Via::OneTime | Via::Console | Via::Demo => None,
        }
    }
}

/// A password that was found good enough and hashed.
#[derive(Clone)]
pub(crate) struct NewPassword {
    pub(crate) credential: Uuid,
    sealed: Vec<u8>,
    one_time_until: Option<Timestamp>,
    short: bool,
}

impl NewPassword {
    /// What goes along with it: its hash, the end of all sessions, the end of a lock and of open links.
    pub(crate) fn along(&self, user: Uuid, events: &[Event]) -> Along {
        // Who chose a password because the account was not theirs alone any more wants no token to live on either.
        let taken_back = |event: &Event| matches!(event, Event::PasswordSet { via: Via::Reset | Via::OneTime, .. });
        Along {
            side_writes: self.stored(user, events),
            end: End::All(EndReason::PasswordSet),
            end_tokens: events.iter().any(taken_back),
            ..Along::default()
        }
    }

    fn stored(&self, user: Uuid, events: &[Event]) -> Vec<Box<dyn SideWrite>> {
        let mut side_writes: Vec<Box<dyn SideWrite>> =
            vec![Box::new(ClearUsers(vec![user])), Box::new(CloseInvitation(user)), Box::new(CloseLinks(user))];
        let version = events.iter().find_map(|event| match event {
            Event::PasswordSet { version, .. } => Some(*version),
            _ => None,
        });
        if let Some(version) = version {
            side_writes.push(Box::new(StoreCredential {
                user,
                credential: self.credential,
                version,
                sealed: self.sealed.clone(),
                one_time_until: self.one_time_until,
                short: self.short,
            }));
        }
        side_writes
    }
}

impl Identity {
    /// A one-time password, as typed or made, and its end.
    pub(crate) async fn one_time(&self, typed: String) -> Result<(Secret<String>, Timestamp), Error> {
        let given = if typed.is_empty() { secrets::readable_password()? } else { Secret::new(typed) };
        Ok((given, self.one_time_end().await?))
    }

    /// Until when a password works that somebody else sets now.
    pub(crate) async fn one_time_end(&self) -> Result<Timestamp, Error> {
        let hours = i64::from(self.current.get().await?.one_time_password_hours);
        Ok(self.log.now().plus_seconds(hours * 3600))
    }

    /// Changes one's own password. Needs the current one, and a fresh second factor where there is one; other sessions
    /// end. At a login that waits for it, the password was just proved.
    pub(crate) async fn change_password(
        &self,
        own: Own,
        request: wire::ChangePasswordRequest,
    ) -> Result<wire::LoginResponse, Error> {
        let mut assured = own.session.assured;
        let (current, given) = (Secret::new(request.current_password), Secret::new(request.new_password));
        match own.session.stage {
            Stage::PasswordChange => {}
            Stage::Complete => {
                if own.facts.has_factor() && !own.is_fresh() {
                    return Err(runtime::step_up_required());
                }
                let proved = self.prove_password(&own, current, "current_password").await?;
                assured = assured.and(&proved, own.facts.has_factor());
            }
            Stage::Factor | Stage::Enrolment | Stage::Terms => return Err(Error::forbidden("login_not_complete")),
        }
        if given.expose().is_empty() {
            return Err(Error::invalid_field("new_password", "required", "Please fill this in."));
        }
        let user = own.session.user;
        let set = self.new_credential(Setting::for_user("new_password", Via::Change, &own.facts), given.expose());
        let set = set.await?;
        let command = Command::SetPassword { user, credential: set.credential, via: Via::Change, valid_until: None };
        let renewed = self.renew(&own, assured)?;
        let done = self
            .change(user, &own.meta(), false, &command, |_, events| {
                let mut side_writes = set.stored(user, events);
                side_writes.extend(renewed.write());
                let end = End::Others(EndReason::PasswordSet, own.session.id);
                Along { side_writes, end, ..Along::default() }
            })
            .await?;
        self.go_on(&own, assured, renewed, done).await
    }

    /// Checks the password of somebody who is signed in; a failure counts like one at the login.
    ///
    /// # Errors
    /// Code `wrong_password` for the field, also while the login is locked.
    pub(crate) async fn prove_password(
        &self,
        own: &Own,
        password: Secret<String>,
        field: &str,
    ) -> Result<Proved, Error> {
        if password.expose().is_empty() {
            return Err(Error::invalid_field(field, "required", "Please fill this in."));
        }
        let subject_key = self.password_key(&own.facts);
        let given = Given {
            facts: Some(&own.facts),
            kind: own.session.kind,
            subject_key: &subject_key,
            password: Secret::new(password::normalise(password.expose())),
            origin: &own.origin,
            device: "",
            budget: own.session.budget.as_ref(),
        };
        match self.check_password(&own.caller, given).await? {
            Verdict::Right(proved, reservation) => {
                attempts::clear(&self.pool, &reservation).await.map_err(database)?;
                Ok(proved)
            }
            Verdict::Wrong => Err(Error::invalid(vec![FieldError {
                code: "wrong_password".into(),
                message: "This is not your password.".to_owned(),
                ..wrong_code(field)
            }])),
        }
    }

    /// Checks a new password, hashes it, and seals the hash for its place.
    pub(crate) async fn new_credential(&self, setting: Setting<'_>, given: &str) -> Result<NewPassword, Error> {
        let former = setting.must_differ_from();
        let Setting { field, via, user, about, with_factor, one_time_until, .. } = setting;
        let normalised = Secret::new(password::normalise(given));
        if via == Via::Demo && !self.settings.demo {
            return Err(Error::new(Code::Precondition, "demo_is_off", "There is no demo data in this installation."));
        }
        let least = min_characters(with_factor);
        if normalised.expose() == DEMO_PASSWORD {
            if via != Via::Demo {
                let message = "This password is among the first that others would try.";
                return Err(Error::invalid_field(field, "password_too_common", message));
            }
        } else {
            let mut context = vec![PRODUCT, self.settings.company.as_str()];
            context.extend_from_slice(&about);
            password::check(field, normalised.expose(), &context, least).map_err(|e| Error::invalid(vec![e]))?;
        }
        if let Some(former) = former {
            let phc = self.keys.open_credential(user, former.id, &former.sealed)?;
            let slot = self.hashing.slot("")?;
            if self.hashing.verify(slot, normalised.clone(), phc, Box::new(|| {})).await?.right() {
                let message = "This is the password that is to be replaced. Please choose another one.";
                return Err(Error::invalid_field(field, "password_unchanged", message));
            }
        }
        let short = normalised.expose().chars().count() < min_characters(false);
        let slot = self.hashing.slot("")?;
        let phc = self.hashing.hash(slot, normalised).await?;
        let credential = new_id();
        let sealed = self.keys.seal_credential(user, credential, phc.expose())?;
        Ok(NewPassword { credential, sealed, one_time_until, short })
    }
}
