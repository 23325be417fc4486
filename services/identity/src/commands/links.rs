//! Links that come by mail: asking for one, looking at what it leads to, using it.

use crate::{
    Identity,
    authority::Intent,
    commands::{Along, Done, Draft, End, activity_stream, database, login::person_kind, own::Own, passwords::Setting},
    convert,
    domain::{
        account::{Command, Event, Via},
        activity::{Activity, EndReason},
        login::{MAX_LOGIN, login_key},
        password::min_characters,
    },
    error::{link_unusable, misfit},
    guard::ClearUsers,
    invitations::CloseInvitation,
    links::{self, CloseLinks, OpenLink, Purpose, UseLink},
    queries::{self, LoginFacts},
    rights, secrets,
    sources::Asking,
};
use eventlog::{Expected, Meta, SideWrite};
use kernel::{Actor, ActorKind, Code, Error, Secret, new_id, parse_id};
use proto::identity::v1 as wire;
use std::sync::Arc;
use tracing::{info, warn};
use uuid::Uuid;

impl Identity {
    /// Asks for a link to choose a new password. The answer is the same for everybody and comes before anything is
    /// looked up; the work is done afterwards.
    pub(crate) async fn request_password_reset(
        self: &Arc<Self>,
        actor: &Actor,
        request: wire::RequestPasswordResetRequest,
    ) -> Result<wire::RequestPasswordResetResponse, Error> {
        rights::may_ask_for_strangers(actor)?;
        let kind = person_kind(request.surface())?;
        if request.login.trim().is_empty() {
            return Err(Error::invalid_field("login", "required", "Please fill this in."));
        }
        self.sources.ask(&request.source.unwrap_or_default().address, Asking::Reset)?;
        if request.login.len() > MAX_LOGIN || request.login.chars().any(char::is_control) {
            return Ok(wire::RequestPasswordResetResponse {});
        }
        let Ok(permit) = Arc::clone(&self.resets).try_acquire_owned() else {
            warn!(event = "reset.dropped", "too many resets are asked for at once; one was dropped");
            return Ok(wire::RequestPasswordResetResponse {});
        };
        let (identity, actor, login) = (Arc::clone(self), actor.clone(), request.login);
        tokio::spawn(async move {
            let _permit = permit;
            if let Err(e) = identity.reset_of_login(&actor, kind, &login).await {
                warn!(event = "reset.failed", error = %e, "a link to choose a new password could not be ordered");
            }
        });
        Ok(wire::RequestPasswordResetResponse {})
    }

    /// Orders the link, if somebody has the login and it is an address.
    async fn reset_of_login(&self, actor: &Actor, kind: ActorKind, login: &str) -> Result<(), Error> {
        let found = queries::account_of_login(&self.pool, &login_key(login), kind).await.map_err(database)?;
        // Who never chose a password has an invitation for that; when it was withdrawn, this is no way around.
        let chosen = |f: &LoginFacts| f.is_open() && f.login_is_email() && f.credential.is_some();
        let Some(facts) = found.filter(chosen) else { return Ok(()) };
        if !links::reserve_reset(&self.pool, facts.user).await.map_err(database)? {
            info!(event = "reset.too_many", user.id = %facts.user, "a fourth link within the hour was not ordered");
            return Ok(());
        }
        self.order_reset(actor, &facts, false).await.map(drop)
    }

    async fn order_reset(&self, actor: &Actor, facts: &LoginFacts, by_agent: bool) -> Result<i64, Error> {
        let (user, request) = (facts.user, new_id());
        let expires_at = self.log.now().plus_seconds(links::RESET_SECONDS);
        let requested = Activity::ResetRequested {
            user,
            request,
            expires_at,
            by_agent,
            email: facts.email.clone(),
            name: facts.name.clone(),
            locale: facts.locale.clone(),
            kind: facts.kind,
        };
        let key = self.log.keys().key_for(user).await?;
        let mut draft = Draft::default();
        let stream = draft.stream(activity_stream(user), Expected::Any);
        draft.sealed_activity(stream, &requested, key);
        draft.side_writes.push(Box::new(OpenLink {
            user,
            purpose: Purpose::Reset,
            request,
            kind: facts.kind,
            email: String::new(),
            expires_at,
        }));
        Ok(self.log.append(draft.append(Meta::new(actor.clone(), new_id(), &[]))).await?.last)
    }

    /// Sends a link to choose a new password, by an agent's wish.
    pub(crate) async fn send_reset_link(
        &self,
        actor: &Actor,
        request: &wire::SendResetLinkRequest,
    ) -> Result<wire::SendResetLinkResponse, Error> {
        let facts = self.managed(actor, &request.user_id, Intent::Manage).await?;
        if !facts.enabled {
            return Err(crate::domain::account::Rejection::AccessNotEnabled.into());
        }
        if !facts.login_is_email() {
            return Err(crate::domain::account::Rejection::LoginIsNoEmail.into());
        }
        if facts.credential.is_none() {
            let public = "No password was chosen yet. Send the invitation again instead.";
            return Err(Error::new(Code::Precondition, "no_password_yet", public));
        }
        Ok(wire::SendResetLinkResponse { position: self.order_reset(actor, &facts, true).await? })
    }

    /// What a link leads to. Changes nothing.
    pub(crate) async fn inspect_link(
        &self,
        actor: &Actor,
        request: &wire::InspectLinkRequest,
    ) -> Result<wire::InspectLinkResponse, Error> {
        rights::may_ask_for_strangers(actor)?;
        let purpose = Purpose::from_word(&request.purpose)
            .ok_or_else(|| Error::invalid_field("purpose", "unknown", "Either reset or login_change."))?;
        let address = request.source.as_ref().map(|s| s.address.as_str()).unwrap_or_default();
        self.sources.ask(address, Asking::Link)?;
        let found = match secrets::link_token_hash(&request.token) {
            Some(hash) => links::find(&self.pool, purpose, &hash).await.map_err(database)?,
            None => None,
        };
        // Whoever holds the token of a reset can choose the password, and is told the login with it; before that it helps
        // password managers to keep the two together.
        let login = match &found {
            Some(link) if purpose == Purpose::Reset => self.login_of(link.user).await?,
            _ => String::new(),
        };
        Ok(match found {
            Some(link) => wire::InspectLinkResponse {
                usable: true,
                kind: crate::codec::subject_kind(link.kind).into(),
                min_length: i32::try_from(min_characters(link.has_factor)).unwrap_or_default(),
                login,
            },
            None => wire::InspectLinkResponse::default(),
        })
    }

    /// Chooses a new password with a link's token. No session comes of it; every session ends, a lock too.
    pub(crate) async fn reset_password(
        &self,
        actor: &Actor,
        request: wire::ResetPasswordRequest,
    ) -> Result<wire::ResetPasswordResponse, Error> {
        rights::may_ask_for_strangers(actor)?;
        self.sources.ask(&request.source.unwrap_or_default().address, Asking::Link)?;
        let given = Secret::new(request.new_password);
        let token_hash = secrets::link_token_hash(&request.token).ok_or_else(link_unusable)?;
        let found = links::find(&self.pool, Purpose::Reset, &token_hash).await.map_err(database)?;
        let link = found.ok_or_else(link_unusable)?;
        let user = link.user;
        let facts = queries::account_of_user(&self.pool, user).await.map_err(database)?.ok_or_else(link_unusable)?;
        let setting = Setting::for_user("new_password", Via::Reset, &facts);
        let set = self.new_credential(setting, given.expose()).await?;
        let locked = queries::locked_among(&self.pool, &[user]).await.map_err(database)?;
        let command = Command::SetPassword { user, credential: set.credential, via: Via::Reset, valid_until: None };
        // Who holds the token is the user.
        let subject = Actor::new(link.kind, user, crate::commands::login::channel_of(link.kind));
        let done = self
            .change(user, &Meta::new(subject, new_id(), &[]), false, &command, |_, events| {
                let mut along = set.along(user, events);
                let request = link.request;
                // First of all: a new password withdraws the open links, this one among them.
                along.side_writes.insert(0, Box::new(UseLink { request, token_hash: token_hash.clone() }));
                for (user, kind) in &locked {
                    let note = String::new();
                    along.activities.push(Activity::Unlocked { user: *user, note, kind: *kind, trusted: Vec::new() });
                }
                Ok(along)
            })
            .await?;
        let kind = crate::codec::subject_kind(link.kind).into();
        Ok(wire::ResetPasswordResponse { kind, position: done.position, login: facts.login })
    }

    /// What the owner of a link signs in with.
    pub(crate) async fn login_of(&self, user: uuid::Uuid) -> Result<String, Error> {
        let facts = queries::account_of_user(&self.pool, user).await.map_err(database)?;
        Ok(facts.map(|facts| facts.login).unwrap_or_default())
    }

    /// A new link for a request, for the mail that is being sent.
    pub(crate) async fn issue_link(
        &self,
        actor: &Actor,
        request: &wire::IssueLinkRequest,
    ) -> Result<wire::IssueLinkResponse, Error> {
        rights::may_issue_links(actor)?;
        let request = parse_id(&request.request_id)?;
        let token = secrets::link_token()?;
        let renewed = links::renew_token(&self.pool, request, &token.hash).await.map_err(database)?;
        Ok(match renewed {
            Some((purpose, kind, expires_at)) => wire::IssueLinkResponse {
                link: format!("{}{}?token={}", self.settings.portal_url, purpose.path(kind), token.text.expose()),
                expires_at_micros: convert::micros(Some(expires_at)),
                usable: true,
            },
            None => wire::IssueLinkResponse::default(),
        })
    }

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
        let expires_at = self.log.now().plus_seconds(links::LOGIN_CHANGE_SECONDS);
        let email = new_email.clone();
        let command = Command::RequestLoginChange { user, request: id, expires_at, new_email, by_agent };
        self.change(user, meta, false, &command, |_, _| {
            let email = email.clone();
            let purpose = Purpose::LoginChange;
            let open: Box<dyn SideWrite> = Box::new(OpenLink { user, purpose, request: id, kind, email, expires_at });
            Ok(Along { side_writes: vec![open], ..Along::default() })
        })
        .await
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
        let found = links::find(&self.pool, Purpose::LoginChange, &token_hash).await.map_err(database)?;
        let link = found.ok_or_else(link_unusable)?;
        let (user, kind) = (link.user, link.kind);
        let command = Command::ConfirmLoginChange { user, request: link.request };
        let subject = Actor::new(kind, user, crate::commands::login::channel_of(kind));
        let done = self
            .change(user, &Meta::new(subject, new_id(), &[]), false, &command, |_, events| {
                let mut along = self.login_changed(user, events);
                // Before all links are closed, this one too.
                let used = UseLink { request: link.request, token_hash: token_hash.clone() };
                along.side_writes.insert(0, Box::new(used));
                Ok(along)
            })
            .await?;
        Ok(wire::ConfirmLoginChangeResponse { kind: crate::codec::subject_kind(kind).into(), position: done.position })
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
