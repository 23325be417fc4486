//! Sessions: checking one, ending one, telling which ended.

use crate::{
    Identity, codec,
    commands::{Draft, activity_stream, database, login::channel_of},
    convert,
    domain::activity::{Activity, EndReason},
    error::no_session,
    rights, secrets,
    sessions::{self, EndSession, Session},
};
use eventlog::{Expected, Meta};
use kernel::{Actor, Error, new_id};
use proto::identity::v1 as wire;
use runtime::token::{Claims, mint};
use uuid::Uuid;

impl Identity {
    /// Session token → subject and a fresh actor token. One call, so that no check can be forgotten.
    pub(crate) async fn check_session(
        &self,
        actor: &Actor,
        request: &wire::CheckSessionRequest,
    ) -> Result<wire::CheckSessionResponse, Error> {
        rights::may_ask_for_strangers(actor)?;
        let hash = secrets::session_token_hash(&request.session_token).ok_or_else(no_session)?;
        let found = sessions::find(&self.pool, &hash).await.map_err(database)?;
        let surface = codec::actor_kind(request.surface());
        let mut session = found.filter(|s| Some(s.kind) == surface).ok_or_else(no_session)?;
        if !request.background && session.life.needs_touch(session.now) {
            sessions::touch(&self.pool, &session).await.map_err(database)?;
            session.life.last_seen = session.now;
        }
        let key = self.signing.current().await?;
        let Session { id, user, kind, ref name, ref role, ref locale, .. } = session;
        let mut claims = Claims::new(&self.settings.installation, user, kind, role, session.now);
        claims.sid = Some(id);
        claims.auth_time = session.created_at.micros() / 1_000_000;
        Ok(wire::CheckSessionResponse {
            subject: Some(convert::subject(kind, user, name, role, locale)),
            session_id: id.to_string(),
            actor_token: mint(&key, &claims),
            expires_at_micros: session.life.expires_at.micros(),
            idle_timeout_seconds: session.life.idle_seconds,
            idle_expires_at_micros: session.life.idle_until().micros(),
            csrf_key: self.keys.csrf_key(&hash),
            stage: wire::Stage::Complete.into(),
            ..wire::CheckSessionResponse::default()
        })
    }

    /// Ends the session of a token. A token that is none is answered alike.
    pub(crate) async fn logout(
        &self,
        actor: &Actor,
        request: &wire::LogoutRequest,
    ) -> Result<wire::LogoutResponse, Error> {
        rights::may_ask_for_strangers(actor)?;
        let Some(hash) = secrets::session_token_hash(&request.session_token) else {
            return Ok(wire::LogoutResponse {});
        };
        if let Some(session) = sessions::find(&self.pool, &hash).await.map_err(database)? {
            let subject = Actor {
                role: session.role.clone(),
                session: Some(session.id),
                ..Actor::new(session.kind, session.user, channel_of(session.kind))
            };
            let meta = Meta::new(subject, new_id(), &[]);
            self.end_session(meta, session.id, session.user, EndReason::Logout).await?;
        }
        Ok(wire::LogoutResponse {})
    }

    /// Ends the sessions whose time is over, with an event for each. How many.
    pub(crate) async fn end_expired_sessions(&self) -> Result<usize, Error> {
        let expired = sessions::expired(&self.pool, 500).await.map_err(database)?;
        let count = expired.len();
        for (session, user, _) in expired {
            // The same session gives the same command, in whatever process.
            let id = kernel::derived_id("session expired", session.as_bytes());
            let meta = Meta::new(Actor::service("identity"), id, session.as_bytes());
            self.end_session(meta, session, user, EndReason::Expired).await?;
        }
        Ok(count)
    }

    async fn end_session(&self, meta: Meta, session: Uuid, user: Uuid, reason: EndReason) -> Result<(), Error> {
        let mut draft = Draft::default();
        // An agent who signs out is not to stay in the portal as somebody else.
        if reason == EndReason::Logout {
            self.end_support(user, reason, &mut draft).await?;
        }
        let stream = draft.once(activity_stream(user), Expected::Any);
        draft.activity(stream, &Activity::LoggedOut { user, session, reason, agent: None });
        draft.side_writes.push(Box::new(EndSession(session)));
        self.log.append(draft.append(meta)).await?;
        Ok(())
    }

    /// Sessions that ended before their time, after a position of the log.
    pub(crate) async fn list_revocations(
        &self,
        actor: &Actor,
        request: &wire::ListRevocationsRequest,
    ) -> Result<wire::ListRevocationsResponse, Error> {
        rights::may_ask_for_strangers(actor)?;
        let (ids, position) = sessions::revoked_after(&self.pool, request.after).await.map_err(database)?;
        Ok(wire::ListRevocationsResponse {
            all: ids.is_none(),
            session_ids: ids.unwrap_or_default().iter().map(Uuid::to_string).collect(),
            position,
        })
    }
}
