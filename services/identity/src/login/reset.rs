//! Choosing a new password by a link: ordering it, and using it.

use crate::{
    authority::Intent,
    domain::{
        account::{Command, Via},
        activity::Activity,
        login::{MAX_LOGIN, login_key},
    },
    draft::{DraftEvents, unrepeated},
    error::{database, link_unusable},
    facts::{self, LoginFacts},
    guard::sources::Asking,
    identity::Identity,
    kind::{channel_of, person_kind},
    links::mail::{self, OpenLink, Purpose, UseLink},
    login::{locked, new_password::Setting},
    rights, secrets,
    streams::activity_stream,
};
use eventlog::{Draft, Expected, Meta};
use kernel::{Actor, ActorKind, Code, Error, Secret, new_id};
use proto::identity::v1 as wire;
use std::sync::Arc;
use tracing::{info, warn};

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
        let found = facts::account_of_login(&self.pool, &login_key(login), kind).await.map_err(database)?;
        // Who never chose a password has an invitation for that; when it was withdrawn, this is no way around.
        let chosen = |f: &LoginFacts| f.is_open() && f.login_is_email() && f.credential.is_some();
        let Some(facts) = found.filter(chosen) else { return Ok(()) };
        if !mail::reserve_reset(&self.pool, facts.user).await.map_err(database)? {
            info!(event = "reset.too_many", user.id = %facts.user, "a fourth link within the hour was not ordered");
            return Ok(());
        }
        self.order_reset(actor, &facts, false).await.map(drop)
    }

    async fn order_reset(&self, actor: &Actor, facts: &LoginFacts, by_agent: bool) -> Result<i64, Error> {
        let (user, request) = (facts.user, new_id());
        let expires_at = self.log.now().plus_seconds(mail::RESET_SECONDS);
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
        Ok(self.log.append(draft.append(unrepeated(actor))).await?.last)
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
        let found = mail::find(&self.pool, Purpose::Reset, &token_hash).await.map_err(database)?;
        let link = found.ok_or_else(link_unusable)?;
        let user = link.user;
        let facts = facts::account_of_user(&self.pool, user).await.map_err(database)?.ok_or_else(link_unusable)?;
        let setting = Setting::for_user("new_password", Via::Reset, &facts);
        let set = self.new_credential(setting, given.expose()).await?;
        let locked = locked::locked_among(&self.pool, &[user]).await.map_err(database)?;
        let command = Command::SetPassword { user, credential: set.credential, via: Via::Reset, valid_until: None };
        // Who holds the token is the user.
        let subject = Actor::new(link.kind, user, channel_of(link.kind));
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
                along
            })
            .await?;
        let kind = crate::codec::subject_kind(link.kind).into();
        Ok(wire::ResetPasswordResponse { kind, position: done.position, login: facts.login })
    }
}
