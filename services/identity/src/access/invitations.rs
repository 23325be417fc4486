//! Invitations: looking at one, accepting it, sending it again, withdrawing it.

use crate::{
    access::view,
    accounts::{Along, Done, Unchanged},
    authority::Intent,
    domain::account::{Command, Event, Invitation, Via},
    draft::unrepeated,
    error::{database, invitation_unusable, misfit},
    facts::{self, LoginFacts},
    guard::sources::Asking,
    identity::Identity,
    links::invitations::{self, CloseInvitation, OpenInvitation, UseInvitation},
    login::new_password::Setting,
    refusal::Refusal,
    rights, secrets,
};
use eventlog::{Meta, SideWrite};
use kernel::{Actor, ActorKind, Channel, Error, Secret, Timestamp, new_id, parse_id, support_day_bounds, text};
use proto::identity::v1 as wire;

impl Identity {
    /// Whether an invitation's link works. Changes nothing.
    pub(crate) async fn inspect_invitation(
        &self,
        actor: &Actor,
        request: &wire::InspectInvitationRequest,
    ) -> Result<wire::InspectInvitationResponse, Error> {
        rights::may_ask_for_strangers(actor)?;
        let found = match secrets::invitation_token_hash(&request.token) {
            Some(hash) => invitations::find(&self.pool, &hash).await.map_err(database)?,
            None => None,
        };
        Ok(match found {
            Some((_, user)) => wire::InspectInvitationResponse { usable: true, login: self.login_of(user).await? },
            None => wire::InspectInvitationResponse::default(),
        })
    }

    /// Sets the first password with an invitation's token; the token works once.
    pub(crate) async fn accept_invitation(
        &self,
        actor: &Actor,
        request: wire::AcceptInvitationRequest,
    ) -> Result<wire::AcceptInvitationResponse, Error> {
        rights::may_ask_for_strangers(actor)?;
        self.sources.ask(&request.source.unwrap_or_default().address, Asking::Link)?;
        let given = Secret::new(request.new_password);
        let hash = secrets::invitation_token_hash(&request.token).ok_or_else(invitation_unusable)?;
        let found = invitations::find(&self.pool, &hash).await.map_err(database)?;
        let (invitation, user) = found.ok_or_else(invitation_unusable)?;
        let facts = facts::account_of_user(&self.pool, user).await.map_err(database)?;
        let facts = facts.filter(LoginFacts::is_open).ok_or_else(invitation_unusable)?;
        let set = self.new_credential(Setting::for_user("new_password", Via::Invitation, &facts), given.expose());
        let set = set.await?;
        // Who holds the token is the contact.
        let subject = Actor::new(ActorKind::Contact, user, Channel::Portal);
        let command = Command::AcceptInvitation { user, invitation, credential: set.credential };
        let done = self
            .change(user, &Meta::new(subject, new_id(), &[]), false, &command, |_, events| {
                let mut along = set.along(user, events);
                // Before what else would close it: the token must be the live one.
                along.side_writes.insert(0, Box::new(UseInvitation { invitation, token_hash: hash.clone() }));
                along
            })
            .await
            .map_err(|e| match e {
                Unchanged::Refused(Refusal::RowIsGone) => invitation_unusable(),
                e => e.into(),
            })?;
        Ok(wire::AcceptInvitationResponse { login: facts.login, position: done.position })
    }

    /// Invites a contact again; the former link dies.
    pub(crate) async fn resend_invitation(
        &self,
        actor: &Actor,
        request: &wire::ResendInvitationRequest,
    ) -> Result<wire::ResendInvitationResponse, Error> {
        let user = self.contact(actor, &request.contact_id, Intent::Manage).await?;
        let view = view::find(&self.pool, user).await.map_err(database)?;
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
            along
        };
        let Done { position, .. } = self.change(user, &unrepeated(actor), false, &command, along).await?;
        Ok(wire::ResendInvitationResponse { access: Some(self.access_of(user).await?), position })
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
            Along { side_writes: vec![close], ..Along::default() }
        };
        let done = self.change(user, &unrepeated(actor), false, &command, along).await?;
        self.answer(user, done).await
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
}

pub(crate) fn new_invitation(now: Timestamp) -> Invitation {
    Invitation { id: new_id(), expires_at: now.plus_seconds(invitations::VALID_SECONDS) }
}

/// The rows of invitations that were issued.
pub(crate) fn opened(events: &[Event]) -> Vec<Box<dyn SideWrite>> {
    let issued = events.iter().filter_map(|event| match event {
        Event::InvitationIssued { user, invitation, .. } => Some((*user, *invitation)),
        _ => None,
    });
    issued.map(|(user, invitation)| Box::new(OpenInvitation { user, invitation }) as Box<dyn SideWrite>).collect()
}
