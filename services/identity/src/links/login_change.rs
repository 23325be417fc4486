//! Another address to sign in with: ordered here, confirmed by a link that goes to it.

use crate::{
    accounts::{Along, Done, End},
    codec,
    domain::{
        account::{Command, Event},
        activity::EndReason,
    },
    error::{database, link_unusable, misfit},
    guard::{attempts::ClearUsers, sources::Asking},
    identity::Identity,
    kind::channel_of,
    links::{
        invitations::CloseInvitation,
        mail::{self, CloseLinks, OpenLink, Purpose, UseLink},
    },
    rights, secrets,
    sessions::own::Own,
};
use eventlog::{Meta, SideWrite};
use kernel::{Actor, ActorKind, Error, new_id};
use proto::identity::v1 as wire;
use uuid::Uuid;

impl Identity {
    /// Asks for another address to sign in with. A link goes to the new one, a notice to the old one.
    pub(crate) async fn request_login_change(
        &self,
        own: Own,
        request: wire::RequestLoginChangeRequest,
    ) -> Result<wire::RequestLoginChangeResponse, Error> {
        let new_email = kernel::text::email(&request.new_email).map_err(|m| misfit("new_email", m))?;
        let (user, kind) = (own.session.user, own.session.kind);
        let done = self.order_login_change(&own.meta(), user, kind, new_email, false).await?;
        Ok(wire::RequestLoginChangeResponse { position: done.position })
    }

    /// Orders the link that confirms another login, and the notice at the present address.
    pub(crate) async fn order_login_change(
        &self,
        meta: &Meta,
        user: Uuid,
        kind: ActorKind,
        new_email: String,
        by_agent: bool,
    ) -> Result<Done, Error> {
        let id = new_id();
        let expires_at = self.log.now().plus_seconds(mail::LOGIN_CHANGE_SECONDS);
        let email = new_email.clone();
        let command = Command::RequestLoginChange { user, request: id, expires_at, new_email, by_agent };
        self.change(user, meta, false, &command, |_, _| {
            let email = email.clone();
            let purpose = Purpose::LoginChange;
            let open: Box<dyn SideWrite> = Box::new(OpenLink { user, purpose, request: id, kind, email, expires_at });
            Along { side_writes: vec![open], ..Along::default() }
        })
        .await
        .map_err(Error::from)
    }

    /// Confirms another login with a link's token. Every session ends.
    pub(crate) async fn confirm_login_change(
        &self,
        actor: &Actor,
        request: wire::ConfirmLoginChangeRequest,
    ) -> Result<wire::ConfirmLoginChangeResponse, Error> {
        rights::may_ask_for_strangers(actor)?;
        self.sources.ask(&request.source.unwrap_or_default().address, Asking::Link)?;
        let token_hash = secrets::link_token_hash(&request.token).ok_or_else(link_unusable)?;
        let found = mail::find(&self.pool, Purpose::LoginChange, &token_hash).await.map_err(database)?;
        let link = found.ok_or_else(link_unusable)?;
        let (user, kind) = (link.user, link.kind);
        let command = Command::ConfirmLoginChange { user, request: link.request };
        let subject = Actor::new(kind, user, channel_of(kind));
        let done = self
            .change(user, &Meta::new(subject, new_id(), &[]), false, &command, |_, events| {
                let mut along = self.login_changed(user, events);
                // Before all links are closed, this one too.
                let used = UseLink { request: link.request, token_hash: token_hash.clone() };
                along.side_writes.insert(0, Box::new(used));
                along
            })
            .await?;
        Ok(wire::ConfirmLoginChangeResponse { kind: codec::subject_kind(kind).into(), position: done.position })
    }

    /// What goes along when a login becomes another one: the claims, the end of all sessions, of links that were ordered and
    /// of an invitation to another address, no count of failures.
    pub(crate) fn login_changed(&self, user: Uuid, events: &[Event]) -> Along {
        let changed = events.iter().find_map(|event| match event {
            Event::LoginChanged { login, old_login, .. } => Some((login, old_login)),
            _ => None,
        });
        let Some((login, old_login)) = changed else { return Along::default() };
        let mut side_writes: Vec<Box<dyn SideWrite>> =
            vec![Box::new(ClearUsers(vec![user])), Box::new(CloseLinks(user))];
        if events.iter().any(|event| matches!(event, Event::InvitationRevoked { .. })) {
            side_writes.push(Box::new(CloseInvitation(user)));
        }
        Along {
            claims: self.take_login(user, login, Some(old_login)),
            side_writes,
            end: End::All(EndReason::LoginChanged),
            ..Along::default()
        }
    }
}
