//! Sessions: checking one, ending one, telling which ended.

use crate::{
    authority::rights_of,
    codec, convert,
    domain::{
        activity::{Activity, EndReason},
        stage::Stage,
    },
    draft::DraftEvents,
    error::{database, no_session},
    identity::Identity,
    kind::channel_of,
    rights, secrets,
    sessions::{self, EndSession, Session},
    streams::activity_stream,
};
use eventlog::{Draft, Expected, Meta};
use kernel::{Actor, ActorKind, Error, Rights, Timestamp, new_id};
use proto::identity::v1 as wire;
use runtime::token::{Claims, mint};
use uuid::Uuid;

impl Identity {
    /// Session token → subject and a fresh actor token. One call, so that no check can be forgotten. A login that is not
    /// complete gets no actor token: no service but this one can be asked with it.
    pub(crate) async fn check_session(
        &self,
        actor: &Actor,
        request: &wire::CheckSessionRequest,
    ) -> Result<wire::CheckSessionResponse, Error> {
        rights::may_ask_for_strangers(actor)?;
        let hash = secrets::session_token_hash(&request.session_token).ok_or_else(no_session)?;
        let found = sessions::find(&self.pool, &hash).await.map_err(database)?;
        let surface = codec::actor_kind(request.surface());
        let mut session = found.filter(|s| on_surface(s.kind, surface)).ok_or_else(no_session)?;
        if !request.background && session.life.needs_touch(session.now) {
            sessions::touch(&self.pool, &session).await.map_err(database)?;
            session.life.last_seen = session.now;
        }
        let seconds = |at: Timestamp| at.micros() / 1_000_000;
        let auth_time = session.assured.auth_at().map_or(0, seconds);
        let actor_token = match session.stage {
            Stage::Complete => {
                let key = self.signing.current().await?;
                let mut claims =
                    Claims::new(&self.settings.installation, session.user, session.kind, &session.role, session.now);
                claims.sid = Some(session.id);
                claims.act = session.agent.as_ref().map(|(id, _)| *id);
                claims.read_only = session.read_only;
                claims.aal = u8::try_from(session.assured.assurance()).unwrap_or_default();
                claims.auth_time = session.proved_at().map_or(0, seconds);
                if session.kind == ActorKind::Agent {
                    claims.rights = self.rights_of(&session.role).await?;
                }
                mint(&key, &claims)
            }
            Stage::Factor | Stage::Enrolment | Stage::PasswordChange | Stage::Terms => String::new(),
        };
        let Session { id, user, kind, ref name, ref role, ref locale, ref login, .. } = session;
        let agent = session.agent.as_ref();
        Ok(wire::CheckSessionResponse {
            subject: Some(convert::subject(kind, user, name, role, locale, login)),
            session_id: id.to_string(),
            actor_token,
            expires_at_micros: session.life.expires_at.micros(),
            idle_timeout_seconds: session.life.idle_seconds,
            idle_expires_at_micros: session.life.idle_until().micros(),
            csrf_key: self.keys.csrf_key(&hash),
            stage: convert::stage(session.stage).into(),
            agent: agent.map(|(id, name)| convert::subject(ActorKind::Agent, *id, name, "", "", "")),
            read_only: session.read_only,
            auth_time,
            factors: session.factors(),
            assurance: session.assured.assurance().into(),
        })
    }

    /// The rights that a role gives.
    pub(crate) async fn rights_of(&self, role: &str) -> Result<Rights, Error> {
        rights_of(&self.pool, role).await
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
            if session.stage != Stage::Complete {
                sessions::drop_pending(&self.pool, session.id).await.map_err(database)?;
                return Ok(wire::LogoutResponse {});
            }
            let agent = session.agent.as_ref().map(|(id, _)| *id);
            let subject = Actor {
                role: session.role.clone(),
                session: Some(session.id),
                on_behalf_of: agent,
                ..Actor::new(session.kind, session.user, channel_of(session.kind))
            };
            let meta = Meta::new(subject, new_id(), &[]);
            self.end_session(meta, session.id, session.user, agent, EndReason::Logout).await?;
        }
        Ok(wire::LogoutResponse {})
    }

    /// Ends the sessions whose time is over, with an event for each that was complete. How many.
    pub(crate) async fn end_expired_sessions(&self) -> Result<usize, Error> {
        let expired = sessions::expired(&self.pool, 500).await.map_err(database)?;
        let count = expired.len();
        for (session, user, agent, complete) in expired {
            if !complete {
                sessions::drop_pending(&self.pool, session).await.map_err(database)?;
                continue;
            }
            // The same session gives the same command, in whatever process.
            let id = kernel::derived_id("session expired", session.as_bytes());
            let meta = Meta::new(Actor::service("identity"), id, session.as_bytes());
            self.end_session(meta, session, user, agent, EndReason::Expired).await?;
        }
        Ok(count)
    }

    async fn end_session(
        &self,
        meta: Meta,
        session: Uuid,
        user: Uuid,
        agent: Option<Uuid>,
        reason: EndReason,
    ) -> Result<(), Error> {
        let mut draft = Draft::default();
        // An agent who signs out is not to stay in the portal as somebody else.
        if reason == EndReason::Logout && agent.is_none() {
            self.end_support(user, reason, &mut draft).await?;
        }
        let stream = draft.stream(activity_stream(user), Expected::Any);
        draft.activity(stream, &Activity::LoggedOut { user, session, reason, agent });
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

/// Portal and console have a cookie each; who came by a company's link looks at the portal.
fn on_surface(kind: ActorKind, surface: Option<ActorKind>) -> bool {
    surface == Some(kind) || (kind == ActorKind::Company && surface == Some(ActorKind::Contact))
}
