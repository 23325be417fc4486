//! Portal access of contacts: giving, changing, taking away, inviting.

use crate::{
    Identity,
    authority::Intent,
    commands::{Along, Done, End, database, passwords::Setting},
    convert,
    credentials::DeleteCredential,
    domain::{
        account::{Account, Command, DisableReason, Event, FirstStep, Invitation, Rejection, Support, Via},
        activity::EndReason,
        login::{locale_is_valid, login_key},
    },
    error::{kept, misfit},
    invitations::{self, CloseInvitation, OpenInvitation},
    queries, rights, secrets,
    sessions::BoundSessions,
    trust,
};
use eventlog::{Meta, SideWrite};
use kernel::{
    Actor, ActorKind, Error, FieldError, Timestamp, command_id, new_id, parse_id, support_day_bounds, support_period,
    text,
};
use prost::Message;
use proto::identity::v1 as wire;
use uuid::Uuid;

/// Longest note, in characters.
const MAX_NOTE: usize = 500;

/// Access that is about to be given.
struct Planned {
    login: String,
    email: String,
    name: String,
    locale: String,
    /// Last moment of support.
    end: Timestamp,
}

impl Identity {
    /// Gives a contact access to the portal, and invites them unless their support is over. Without an address, an agent
    /// gives a user name and a first password that must be changed at once.
    pub(crate) async fn enable_access(
        &self,
        actor: &Actor,
        request: &wire::EnableAccessRequest,
    ) -> Result<wire::EnableAccessResponse, Error> {
        // Who chooses the login or the first password can sign in with it.
        let chosen = !request.first_password.is_empty() || !request.login.trim().is_empty();
        let intent = if chosen { Intent::Become } else { Intent::Manage };
        let (user, now) = (self.contact(actor, &request.contact_id, intent).await?, self.log.now());
        let mut wrong = Vec::new();
        let plan = self.plan_access(request, &mut wrong)?;
        let (Some(plan), true) = (plan, wrong.is_empty()) else { return Err(Error::invalid(wrong)) };
        let (login, email) = (plan.login.clone(), plan.email.clone());
        let mut set = None;
        let first = if !request.first_password.is_empty() {
            let (given, valid_until) = self.one_time(request.first_password.clone()).await?;
            let setting = Setting {
                field: "first_password",
                via: Via::OneTime,
                user,
                about: [&plan.name, &email, &login],
                with_factor: request.mfa_required,
                one_time_until: Some(valid_until),
                former: None,
            };
            let made = self.new_credential(setting, given.expose()).await?;
            let credential = made.credential;
            set = Some(made);
            FirstStep::OneTime { credential, valid_until }
        } else if plan.end < now {
            FirstStep::Nothing
        } else {
            FirstStep::Invite(new_invitation(now))
        };
        let command = Command::EnableAccess {
            user,
            login: login.clone(),
            name: plan.name,
            email,
            locale: plan.locale,
            support: Support { start: request.support_start.clone(), end: request.support_end.clone() },
            first,
            mfa_required: request.mfa_required,
            profile: request.profile_id.clone(),
            company: request.company_id.clone(),
        };
        let id = command_id(actor.id, "EnableAccess", &request.idempotency_key);
        // The password is no part of what makes two requests the same: only its hash would tell, and that has a salt.
        let asked = wire::EnableAccessRequest { first_password: String::new(), ..request.clone() };
        let meta = Meta::new(actor.clone(), id, &asked.encode_to_vec());
        let repeatable = !request.idempotency_key.is_empty();
        let done = self
            .change(user, &meta, repeatable, &command, |before, events| {
                let mut along = set.as_ref().map(|s| s.along(user, events)).unwrap_or_default();
                along.claims =
                    if events.is_empty() { Vec::new() } else { self.take_login(user, &login, before.login()) };
                along.side_writes.extend(opened(events));
                along.result = not_sent(events).as_bytes().to_vec();
                Ok(along)
            })
            .await?;
        let not_sent_reason = String::from_utf8_lossy(&done.result).into_owned();
        Ok(wire::EnableAccessResponse {
            access: Some(self.access_of(user).await?),
            invitation_sent: not_sent_reason.is_empty(),
            not_sent_reason,
            position: done.position,
        })
    }

    /// What is asked for, checked field by field; None after adding what is wrong with the dates.
    fn plan_access(
        &self,
        request: &wire::EnableAccessRequest,
        wrong: &mut Vec<FieldError>,
    ) -> Result<Option<Planned>, Error> {
        let by_hand = !request.first_password.is_empty();
        let email = match request.email.trim() {
            "" if by_hand => String::new(),
            given => text::email(given).unwrap_or_else(|(code, _)| {
                let message =
                    "Portal access needs a valid e-mail address on the contact, or a user name and a first password.";
                wrong.push(field("email", code, message));
                String::new()
            }),
        };
        let login = match request.login.trim() {
            "" => email.clone(),
            given => kept("login", text::login(given), wrong),
        };
        let name = match text::line(&request.name, text::MAX_PERSON_NAME) {
            Ok(name) => name.unwrap_or_else(|| login.clone()),
            Err(misfit) => kept("name", Err(misfit), wrong),
        };
        let locale = if request.locale.is_empty() { "en".to_owned() } else { request.locale.clone() };
        if login.is_empty() && wrong.is_empty() {
            wrong.push(field("login", "not_a_login", "A user name has 3 to 254 characters and no spaces."));
        }
        if !locale_is_valid(&locale) {
            wrong.push(field("locale", "not_a_language", "Please give a language, for example en or it."));
        }
        for (name, id) in [("profile_id", &request.profile_id), ("company_id", &request.company_id)] {
            if !id.is_empty() && Uuid::try_parse(id).is_err() {
                wrong.push(field(name, "not_an_id", "This is no id."));
            }
        }
        let bounds = self.check_dates(&request.support_start, &request.support_end, wrong)?;
        Ok(bounds.map(|(_, end)| Planned { login, email, name, locale, end }))
    }

    /// Changes the support dates; live sessions follow at once.
    pub(crate) async fn change_support_dates(
        &self,
        actor: &Actor,
        request: &wire::ChangeSupportDatesRequest,
    ) -> Result<wire::ChangeSupportDatesResponse, Error> {
        let user = self.contact(actor, &request.contact_id, Intent::Manage).await?;
        let mut wrong = Vec::new();
        let bounds = self.check_dates(&request.support_start, &request.support_end, &mut wrong)?;
        let Some((begin, end)) = bounds else { return Err(Error::invalid(wrong)) };
        let now = self.log.now();
        let support = Support { start: request.support_start.clone(), end: request.support_end.clone() };
        let command = Command::ChangeSupportDates { user, support };
        let done = self
            .change(user, &fresh(actor), false, &command, |_, _| {
                if now < begin || end < now {
                    return Ok(Along { end: End::All(EndReason::Expired), ..Along::default() });
                }
                let bound: Box<dyn SideWrite> = Box::new(BoundSessions { user, not_after: end });
                Ok(Along { side_writes: vec![bound], ..Along::default() })
            })
            .await?;
        let access = Some(self.access_of(user).await?);
        Ok(wire::ChangeSupportDatesResponse { access, position: done.position })
    }

    /// Switches portal access off: sessions end, the password and an open invitation are gone.
    pub(crate) async fn disable_access(
        &self,
        actor: &Actor,
        request: &wire::DisableAccessRequest,
    ) -> Result<wire::DisableAccessResponse, Error> {
        let user = self.contact(actor, &request.contact_id, Intent::Manage).await?;
        let command = Command::DisableAccess { user, reason: DisableReason::Agent };
        let done = self.change(user, &fresh(actor), false, &command, |_, _| Ok(disabling(user))).await?;
        Ok(wire::DisableAccessResponse { access: Some(self.access_of(user).await?), position: done.position })
    }

    /// Invites a contact again; the former link dies.
    pub(crate) async fn resend_invitation(
        &self,
        actor: &Actor,
        request: &wire::ResendInvitationRequest,
    ) -> Result<wire::ResendInvitationResponse, Error> {
        let user = self.contact(actor, &request.contact_id, Intent::Manage).await?;
        let view = queries::access(&self.pool, user).await.map_err(database)?;
        let now = self.log.now();
        let support_over = match view.as_ref().filter(|v| v.enabled) {
            Some(v) => support_day_bounds(&v.support_start, &v.support_end, &self.settings.time_zone)?.1 < now,
            None => false,
        };
        let had = view.map(|v| v.email).unwrap_or_default();
        let email = self.address_of(user, request.email.as_deref(), &had).await?;
        let email = match email.as_str() {
            "" => email,
            given => text::email(given).map_err(|m| misfit("email", m))?,
        };
        let command = Command::ResendInvitation { user, support_over, invitation: new_invitation(now), email };
        let along = |_: &_, events: &[Event]| {
            let mut along = self.login_changed(user, events);
            along.side_writes.extend(opened(events));
            Ok(along)
        };
        let Done { position, .. } = self.change(user, &fresh(actor), false, &command, along).await?;
        Ok(wire::ResendInvitationResponse { access: Some(self.access_of(user).await?), position })
    }

    /// A contact's portal access.
    pub(crate) async fn get_access(
        &self,
        actor: &Actor,
        request: &wire::GetAccessRequest,
    ) -> Result<wire::GetAccessResponse, Error> {
        rights::may_see_access(actor)?;
        let user = parse_id(&request.contact_id)?;
        let mut access = self.access_of(user).await?;
        if rights::may_unlock(actor).is_err() {
            // From where somebody signs in is for those who choose what to trust.
            access.seen.clear();
        }
        Ok(wire::GetAccessResponse { access: Some(access) })
    }

    /// A new link for an open invitation, for the mail that is being sent.
    pub(crate) async fn issue_invitation_link(
        &self,
        actor: &Actor,
        request: &wire::IssueInvitationLinkRequest,
    ) -> Result<wire::IssueInvitationLinkResponse, Error> {
        rights::may_issue_links(actor)?;
        let invitation = parse_id(&request.invitation_id)?;
        let token = secrets::invitation_token()?;
        let expires = invitations::renew_token(&self.pool, invitation, &token.hash).await.map_err(database)?;
        Ok(match expires {
            Some(at) => wire::IssueInvitationLinkResponse {
                link: format!("{}/invitation?token={}", self.settings.portal_url, token.text.expose()),
                expires_at_micros: at.micros(),
                usable: true,
            },
            None => wire::IssueInvitationLinkResponse::default(),
        })
    }

    /// Withdraws the open invitation; its link is dead.
    pub(crate) async fn revoke_invitation(
        &self,
        actor: &Actor,
        request: &wire::RevokeInvitationRequest,
    ) -> Result<wire::AccessResponse, Error> {
        let user = self.contact(actor, &request.contact_id, Intent::Manage).await?;
        let command = Command::RevokeInvitation { user };
        let along = |_: &_, _: &[Event]| {
            let close: Box<dyn SideWrite> = Box::new(CloseInvitation(user));
            Ok(Along { side_writes: vec![close], ..Along::default() })
        };
        let done = self.change(user, &fresh(actor), false, &command, along).await?;
        self.answer(user, done).await
    }

    /// Takes access away for a while: sessions end, password, factors and profile stay.
    pub(crate) async fn suspend_access(
        &self,
        actor: &Actor,
        request: &wire::SuspendAccessRequest,
    ) -> Result<wire::AccessResponse, Error> {
        let user = self.contact(actor, &request.contact_id, Intent::Manage).await?;
        let note = text::lines(&request.note, MAX_NOTE).map_err(|m| misfit("note", m))?.unwrap_or_default();
        self.load_contact(user).await?;
        let command = Command::Suspend { user, note };
        let along = |_: &_, _: &[Event]| Ok(Along { end: End::All(EndReason::Suspended), ..Along::default() });
        let done = self.change(user, &fresh(actor), false, &command, along).await?;
        self.answer(user, done).await
    }

    /// Ends a suspension.
    pub(crate) async fn resume_access(
        &self,
        actor: &Actor,
        request: &wire::ResumeAccessRequest,
    ) -> Result<wire::AccessResponse, Error> {
        let user = self.contact(actor, &request.contact_id, Intent::Manage).await?;
        self.load_contact(user).await?;
        let command = Command::Resume { user };
        let done = self.change(user, &fresh(actor), false, &command, |_, _| Ok(Along::default())).await?;
        self.answer(user, done).await
    }

    /// The address of a contact as it is now: what the caller read in its record, else what was heard of it last, else
    /// what the account has.
    async fn address_of(&self, contact: Uuid, given: Option<&str>, had: &str) -> Result<String, Error> {
        if let Some(given) = given {
            return Ok(given.trim().to_owned());
        }
        let heard: Option<String> = sqlx::query_scalar("select email from contact_known where contact_id = $1")
            .bind(contact)
            .fetch_optional(&self.pool)
            .await
            .map_err(database)?;
        Ok(heard.filter(|e| !e.is_empty()).unwrap_or_else(|| had.to_owned()))
    }

    /// Gives a contact another login: an address, to which mails then go, or a user name. Where a password was chosen, an
    /// address that is new to the account is confirmed there first and announced at the present one.
    pub(crate) async fn change_login(
        &self,
        actor: &Actor,
        request: &wire::ChangeLoginRequest,
    ) -> Result<wire::AccessResponse, Error> {
        let user = self.contact(actor, &request.contact_id, Intent::Become).await?;
        let (account, _) = self.load_account(user).await?;
        let person = account.person().cloned().unwrap_or_default();
        let known = person.email.clone();
        let given = match request.login.trim() {
            "" => self.address_of(user, request.email.as_deref(), &known).await?,
            _ => request.login.clone(),
        };
        if given.is_empty() {
            let message = "There is no e-mail address to sign in with. Please give a user name.";
            return Err(Error::invalid_field("login", "required", message));
        }
        let login = text::login(&given).map_err(|_| {
            let message = "A login is an e-mail address, or a user name of 3 to 254 characters without spaces.";
            Error::invalid_field("login", "not_a_login", message)
        })?;
        let is_address = login.contains('@');
        if is_address && person.has_password && login_key(&login) != login_key(&known) {
            self.load_contact(user).await?;
            let kind = ActorKind::Contact;
            let done = self.order_login_change(&fresh(actor), user, kind, login, true).await?;
            return self.answer(user, done).await;
        }
        let email = if is_address { login.clone() } else { known };
        let command = Command::ChangeLogin { user, login, email };
        let done = self
            .change(user, &fresh(actor), false, &command, |_, events| Ok(self.login_changed(user, events)))
            .await
            .map_err(|e| if e.reason == "login_taken" { crate::error::login_taken("login") } else { e })?;
        self.answer(user, done).await
    }

    /// Fails unless the id is a contact's that has access.
    async fn load_contact(&self, user: Uuid) -> Result<(), Error> {
        match self.load_account(user).await?.0 {
            Account::Enabled(_) => Ok(()),
            Account::Agent(_) => Err(Rejection::IsAnAgent.into()),
            Account::Absent | Account::Disabled { .. } => Err(Rejection::AccessNotEnabled.into()),
        }
    }

    async fn answer(&self, user: Uuid, done: Done) -> Result<wire::AccessResponse, Error> {
        Ok(wire::AccessResponse { access: Some(self.access_of(user).await?), position: done.position })
    }

    async fn access_of(&self, user: Uuid) -> Result<wire::Access, Error> {
        let view = queries::access(&self.pool, user).await.map_err(database)?;
        let locked = view.as_ref().is_some_and(|v| v.locked);
        let mut access = convert::access(user, view);
        if locked {
            let seen = trust::seen(&self.pool, &[user]).await.map_err(database)?;
            access.seen = seen.iter().map(convert::seen_network).collect();
        }
        Ok(access)
    }

    /// The first and last moment of support; None after adding what is wrong with the dates.
    pub(crate) fn check_dates(
        &self,
        start: &str,
        end: &str,
        wrong: &mut Vec<FieldError>,
    ) -> Result<Option<(Timestamp, Timestamp)>, Error> {
        let missing = [("support_start", start), ("support_end", end)].into_iter().filter(|(_, text)| text.is_empty());
        let before = wrong.len();
        wrong.extend(missing.map(|(name, _)| field(name, "required", "Both support dates are needed.")));
        if wrong.len() > before {
            return Ok(None);
        }
        match support_period(start, end, &self.settings.time_zone) {
            Ok(bounds) => Ok(Some(bounds)),
            Err(e) if e.fields.is_empty() => Err(e),
            Err(e) => {
                wrong.extend(e.fields);
                Ok(None)
            }
        }
    }
}

/// What goes along when access ends.
pub(crate) fn disabling(user: Uuid) -> Along {
    Along {
        side_writes: vec![Box::new(DeleteCredential(user)), Box::new(CloseInvitation(user))],
        end: End::All(EndReason::AccessDisabled),
        end_tokens: true,
        ..Along::default()
    }
}

fn fresh(actor: &Actor) -> Meta {
    Meta::new(actor.clone(), new_id(), &[])
}

fn new_invitation(now: Timestamp) -> Invitation {
    Invitation { id: new_id(), expires_at: now.plus_seconds(invitations::VALID_SECONDS) }
}

/// The rows of invitations that were issued.
fn opened(events: &[Event]) -> Vec<Box<dyn SideWrite>> {
    let issued = events.iter().filter_map(|event| match event {
        Event::InvitationIssued { user, invitation, .. } => Some((*user, *invitation)),
        _ => None,
    });
    issued.map(|(user, invitation)| Box::new(OpenInvitation { user, invitation }) as Box<dyn SideWrite>).collect()
}

/// Why no invitation leaves; empty when one does.
fn not_sent(events: &[Event]) -> &'static str {
    match events {
        [] => "already_enabled",
        [Event::AccessEnabled { .. }] => "support_ended",
        [Event::AccessEnabled { .. }, Event::PasswordSet { .. }] => "password_set_by_hand",
        _ => "",
    }
}

fn field(name: &str, code: &'static str, message: &str) -> FieldError {
    FieldError { field: name.to_owned(), code: code.into(), message: message.to_owned() }
}
