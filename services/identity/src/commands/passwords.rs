//! Passwords: choosing the first with an invitation, and setting one for the operator.

use crate::{
    Identity,
    commands::{Along, database},
    credentials::StoreCredential,
    domain::{
        account::{Command, Event, Via},
        activity::EndReason,
        password::{self, DEMO_PASSWORD},
    },
    error::invitation_unusable,
    guard::ClearUsers,
    invitations::{self, CloseInvitation, UseInvitation},
    queries, rights, secrets,
};
use eventlog::{Meta, SideWrite};
use kernel::{Actor, ActorKind, Channel, Code, Error, Secret, new_id, parse_id};
use proto::identity::v1 as wire;
use uuid::Uuid;

/// Name of the product: no password may be made of it.
const PRODUCT: &str = "Portico";

impl Identity {
    /// Whether an invitation's link works. Changes nothing.
    pub(crate) async fn inspect_invitation(
        &self,
        actor: &Actor,
        request: &wire::InspectInvitationRequest,
    ) -> Result<wire::InspectInvitationResponse, Error> {
        rights::may_ask_for_strangers(actor)?;
        let usable = match secrets::invitation_token_hash(&request.token) {
            Some(hash) => invitations::find(&self.pool, &hash).await.map_err(database)?.is_some(),
            None => false,
        };
        Ok(wire::InspectInvitationResponse { usable })
    }

    /// Sets the first password with an invitation's token; the token works once.
    pub(crate) async fn accept_invitation(
        &self,
        actor: &Actor,
        request: wire::AcceptInvitationRequest,
    ) -> Result<wire::AcceptInvitationResponse, Error> {
        rights::may_ask_for_strangers(actor)?;
        let given = Secret::new(request.new_password);
        let hash = secrets::invitation_token_hash(&request.token).ok_or_else(invitation_unusable)?;
        let found = invitations::find(&self.pool, &hash).await.map_err(database)?;
        let (invitation, user) = found.ok_or_else(invitation_unusable)?;
        let (name, email, login) =
            queries::about(&self.pool, user).await.map_err(database)?.ok_or_else(invitation_unusable)?;
        let credential = new_id();
        let about = [name.as_str(), email.as_str(), login.as_str()];
        let sealed =
            self.new_credential("new_password", given.expose(), &about, Via::Invitation, user, credential).await?;
        // Who holds the token is the contact.
        let subject = Actor::new(ActorKind::Contact, user, Channel::Portal);
        let command = Command::AcceptInvitation { user, invitation, credential };
        let done = self
            .change(user, &Meta::new(subject, new_id(), &[]), false, &command, |_, events| {
                let used = UseInvitation { invitation, token_hash: hash.clone() };
                let mut along = storing(user, events, &sealed);
                along.side_writes.push(Box::new(used));
                Ok(along)
            })
            .await?;
        Ok(wire::AcceptInvitationResponse { login, position: done.position })
    }

    /// Sets a password without an invitation.
    pub(crate) async fn set_password(
        &self,
        actor: &Actor,
        request: wire::SetPasswordRequest,
    ) -> Result<wire::SetPasswordResponse, Error> {
        rights::may_set_passwords(actor)?;
        let given = Secret::new(request.password);
        let user = parse_id(&request.user_id)?;
        let via = match request.via.as_str() {
            "demo" => Via::Demo,
            "console" => Via::Console,
            _ => return Err(Error::invalid_field("via", "unknown", "Either demo or console.")),
        };
        let (name, email, login) =
            queries::about(&self.pool, user).await.map_err(database)?.ok_or_else(Error::not_found)?;
        let credential = new_id();
        let about = [name.as_str(), email.as_str(), login.as_str()];
        let sealed = self.new_credential("password", given.expose(), &about, via, user, credential).await?;
        let command = Command::SetPassword { user, credential, via, valid_until: None };
        let done = self
            .change(user, &Meta::new(actor.clone(), new_id(), &[]), false, &command, |_, events| {
                let mut along = storing(user, events, &sealed);
                along.side_writes.push(Box::new(CloseInvitation(user)));
                Ok(along)
            })
            .await?;
        Ok(wire::SetPasswordResponse { position: done.position })
    }

    /// Checks a new password, hashes it, and seals the hash for its place.
    pub(crate) async fn new_credential(
        &self,
        field: &str,
        given: &str,
        about: &[&str],
        via: Via,
        user: Uuid,
        credential: Uuid,
    ) -> Result<Vec<u8>, Error> {
        let normalised = Secret::new(password::normalise(given));
        if via == Via::Demo && !self.settings.demo {
            return Err(Error::new(Code::Precondition, "demo_is_off", "There is no demo data in this installation."));
        }
        if normalised.expose() == DEMO_PASSWORD {
            if via != Via::Demo {
                let message = "This password is among the first that others would try.";
                return Err(Error::invalid_field(field, "password_too_common", message));
            }
        } else {
            let mut context = vec![PRODUCT, self.settings.company.as_str()];
            context.extend_from_slice(about);
            password::check(field, normalised.expose(), &context).map_err(|e| Error::invalid(vec![e]))?;
        }
        let slot = self.hashing.slot()?;
        let phc = self.hashing.hash(slot, normalised).await?;
        self.keys.seal_credential(user, credential, phc.expose())
    }
}

/// What goes along with a password that was set: its hash, the end of all sessions, the end of a lock.
pub(crate) fn storing(user: Uuid, events: &[Event], sealed: &[u8]) -> Along {
    let stored = events.iter().find_map(|event| match event {
        Event::PasswordSet { credential, version, .. } => Some((*credential, *version)),
        _ => None,
    });
    let mut side_writes: Vec<Box<dyn SideWrite>> = vec![Box::new(ClearUsers(vec![user]))];
    if let Some((credential, version)) = stored {
        side_writes.push(Box::new(StoreCredential { user, credential, version, sealed: sealed.to_vec() }));
    }
    Along { side_writes, end_sessions: Some(EndReason::PasswordSet), ..Along::default() }
}
