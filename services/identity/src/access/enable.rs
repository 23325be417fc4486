//! Portal access of a contact: given, bounded by dates, switched off, suspended, resumed, looked at.

use crate::{
    access::invitations::{new_invitation, opened},
    accounts::{Along, End},
    authority::Intent,
    domain::{
        account::{Command, DisableReason, Event, FirstStep, Support, Via},
        activity::EndReason,
        login::locale_is_valid,
    },
    draft::unrepeated,
    error::{kept, misfit},
    identity::Identity,
    links::invitations::CloseInvitation,
    login::{credential::DeleteCredential, new_password::Setting},
    rights,
    sessions::BoundSessions,
};
use eventlog::{Meta, SideWrite};
use kernel::{Actor, Error, FieldError, Timestamp, command_id, parse_id, support_period, text};
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
                along
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
            .change(user, &unrepeated(actor), false, &command, |_, _| {
                if now < begin || end < now {
                    return Along { end: End::All(EndReason::Expired), ..Along::default() };
                }
                let bound: Box<dyn SideWrite> = Box::new(BoundSessions { user, not_after: end });
                Along { side_writes: vec![bound], ..Along::default() }
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
        let done = self.change(user, &unrepeated(actor), false, &command, |_, _| disabling(user)).await?;
        Ok(wire::DisableAccessResponse { access: Some(self.access_of(user).await?), position: done.position })
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
        let along = |_: &_, _: &[Event]| Along { end: End::All(EndReason::Suspended), ..Along::default() };
        let done = self.change(user, &unrepeated(actor), false, &command, along).await?;
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
        let done = self.change(user, &unrepeated(actor), false, &command, |_, _| Along::default()).await?;
        self.answer(user, done).await
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
