//! Portal access of contacts: giving, changing, taking away, inviting.

use crate::{
    Identity,
    commands::{Along, Done, database},
    convert,
    credentials::DeleteCredential,
    domain::{
        account::{Command, DisableReason, Event, FirstStep, Invitation, Support},
        activity::EndReason,
        login::{email_is_valid, locale_is_valid},
    },
    invitations::{self, CloseInvitation, OpenInvitation},
    queries, rights, secrets,
    sessions::BoundSessions,
};
use eventlog::{Meta, SideWrite};
use kernel::{Actor, Error, FieldError, Timestamp, command_id, new_id, parse_id, support_day_bounds};
use prost::Message;
use proto::identity::v1 as wire;
use uuid::Uuid;

/// Longest display name, in characters.
const MAX_NAME: usize = 200;

impl Identity {
    /// Gives a contact access to the portal, and invites them unless their support is over.
    pub(crate) async fn enable_access(
        &self,
        actor: &Actor,
        request: &wire::EnableAccessRequest,
    ) -> Result<wire::EnableAccessResponse, Error> {
        rights::may_manage_access(actor)?;
        let user = parse_id(&request.contact_id)?;
        let email = request.email.trim().to_owned();
        let name = if request.name.trim().is_empty() { email.clone() } else { request.name.trim().to_owned() };
        let locale = if request.locale.is_empty() { "en".to_owned() } else { request.locale.clone() };
        let mut wrong = Vec::new();
        if !email_is_valid(&email) {
            let message = "Portal access needs a valid e-mail address on the contact.";
            wrong.push(field("email", "not_an_email", message));
        }
        if name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
            wrong.push(field("name", "too_long", "A name has at most 200 characters, in one line."));
        }
        if !locale_is_valid(&locale) {
            wrong.push(field("locale", "not_a_language", "Please give a language, for example en or it."));
        }
        let bounds = self.check_dates(&request.support_start, &request.support_end, &mut wrong)?;
        let (Some((_, end)), true) = (bounds, wrong.is_empty()) else { return Err(Error::invalid(wrong)) };

        let now = self.log.now();
        let command = Command::EnableAccess {
            user,
            login: email.clone(),
            name,
            email: email.clone(),
            locale,
            support: Support { start: request.support_start.clone(), end: request.support_end.clone() },
            first: if end < now { FirstStep::Nothing } else { FirstStep::Invite(new_invitation(now)) },
            mfa_required: request.mfa_required,
            profile: request.profile_id.clone(),
            company: request.company_id.clone(),
        };
        let id = command_id(actor.id, "EnableAccess", &request.idempotency_key);
        let meta = Meta::new(actor.clone(), id, &request.encode_to_vec());
        let repeatable = !request.idempotency_key.is_empty();
        let done = self
            .change(user, &meta, repeatable, &command, |before, events| {
                Ok(Along {
                    claims: if events.is_empty() { Vec::new() } else { self.take_login(user, &email, before.login()) },
                    side_writes: opened(events),
                    result: not_sent(events).as_bytes().to_vec(),
                    ..Along::default()
                })
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

    /// Changes the support dates; live sessions follow at once.
    pub(crate) async fn change_support_dates(
        &self,
        actor: &Actor,
        request: &wire::ChangeSupportDatesRequest,
    ) -> Result<wire::ChangeSupportDatesResponse, Error> {
        rights::may_manage_access(actor)?;
        let user = parse_id(&request.contact_id)?;
        let mut wrong = Vec::new();
        let bounds = self.check_dates(&request.support_start, &request.support_end, &mut wrong)?;
        let Some((begin, end)) = bounds else { return Err(Error::invalid(wrong)) };
        let now = self.log.now();
        let support = Support { start: request.support_start.clone(), end: request.support_end.clone() };
        let command = Command::ChangeSupportDates { user, support };
        let done = self
            .change(user, &fresh(actor), false, &command, |_, _| {
                if now < begin || end < now {
                    return Ok(Along { end_sessions: Some(EndReason::Expired), ..Along::default() });
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
        rights::may_manage_access(actor)?;
        let user = parse_id(&request.contact_id)?;
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
        rights::may_manage_access(actor)?;
        let user = parse_id(&request.contact_id)?;
        let view = queries::access(&self.pool, user).await.map_err(database)?;
        let now = self.log.now();
        let support_over = match view.filter(|v| v.enabled) {
            Some(v) => support_day_bounds(&v.support_start, &v.support_end, &self.settings.time_zone)?.1 < now,
            None => false,
        };
        let command = Command::ResendInvitation { user, support_over, invitation: new_invitation(now) };
        let along = |_: &_, events: &[Event]| Ok(Along { side_writes: opened(events), ..Along::default() });
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
        Ok(wire::GetAccessResponse { access: Some(self.access_of(user).await?) })
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

    async fn access_of(&self, user: Uuid) -> Result<wire::Access, Error> {
        Ok(convert::access(user, queries::access(&self.pool, user).await.map_err(database)?))
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
        match support_day_bounds(start, end, &self.settings.time_zone) {
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
        end_sessions: Some(EndReason::AccessDisabled),
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
        _ => "",
    }
}

fn field(name: &str, code: &'static str, message: &str) -> FieldError {
    FieldError { field: name.to_owned(), code: code.into(), message: message.to_owned() }
}
