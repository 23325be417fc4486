//! Live sessions, as their owner sees and ends them, and as agents do.

use crate::{
    authority::Intent,
    domain::activity::{Activity, EndReason},
    draft::{DraftEvents, unrepeated},
    error::database,
    identity::Identity,
    sessions::{self, EndSessions, Listed, own::Own},
};
use eventlog::{Draft, Meta};
use kernel::{Actor, Error, parse_id};
use proto::identity::v1 as wire;
use uuid::Uuid;

impl Identity {
    /// One's own live sessions.
    pub(crate) async fn list_sessions(
        &self,
        own: Own,
        _: wire::ListSessionsRequest,
    ) -> Result<wire::ListSessionsResponse, Error> {
        let live = sessions::of_user(&self.pool, own.session.user).await.map_err(database)?;
        // An agent's support access is not the user's session; the user's activity tells of it.
        let own_ones = live.into_iter().filter(|s| s.agent.is_none());
        Ok(wire::ListSessionsResponse { sessions: own_ones.map(|s| view(s, Some(own.session.id))).collect() })
    }

    /// Ends one of one's own sessions, or all but the one that asks.
    pub(crate) async fn end_session_of_own(
        &self,
        own: Own,
        request: wire::EndSessionRequest,
    ) -> Result<wire::EndSessionsResponse, Error> {
        let user = own.session.user;
        let mut live = sessions::of_user(&self.pool, user).await.map_err(database)?;
        if request.session_id.is_empty() {
            live.retain(|s| s.id != own.session.id && s.agent.is_none());
        } else {
            let wanted = parse_id(&request.session_id)?;
            live.retain(|s| s.id == wanted && s.agent.is_none());
            if live.is_empty() {
                return Err(Error::not_found());
            }
        }
        let whole = request.session_id.is_empty();
        self.end_listed(own.meta(), user, live, EndReason::Ended, whole).await
    }

    /// The live sessions of a user, support access included.
    pub(crate) async fn list_user_sessions(
        &self,
        actor: &Actor,
        request: &wire::ListUserSessionsRequest,
    ) -> Result<wire::ListSessionsResponse, Error> {
        let user = self.managed(actor, &request.user_id, Intent::Look).await?.user;
        let live = sessions::of_user(&self.pool, user).await.map_err(database)?;
        Ok(wire::ListSessionsResponse { sessions: live.into_iter().map(|s| view(s, None)).collect() })
    }

    /// Ends one session of a user, or all.
    pub(crate) async fn end_user_sessions(
        &self,
        actor: &Actor,
        request: &wire::EndUserSessionsRequest,
    ) -> Result<wire::EndSessionsResponse, Error> {
        let user = self.managed(actor, &request.user_id, Intent::Manage).await?.user;
        let mut live = sessions::of_user(&self.pool, user).await.map_err(database)?;
        if !request.session_id.is_empty() {
            let wanted = parse_id(&request.session_id)?;
            live.retain(|s| s.id == wanted);
            if live.is_empty() {
                return Err(Error::not_found());
            }
        }
        let whole = request.session_id.is_empty();
        self.end_listed(unrepeated(actor), user, live, EndReason::EndedByAgent, whole).await
    }

    /// Ends sessions that were listed, with an event for each; when they are all, an agent's support access too.
    pub(crate) async fn end_listed(
        &self,
        meta: Meta,
        user: Uuid,
        live: Vec<Listed>,
        reason: EndReason,
        whole: bool,
    ) -> Result<wire::EndSessionsResponse, Error> {
        let mut draft = Draft::default();
        if whole {
            self.end_support(user, reason, &mut draft).await?;
        }
        let gone = |s: &Listed| Activity::LoggedOut { user, session: s.id, reason, agent: s.agent };
        draft.activities(&live.iter().map(gone).collect::<Vec<_>>());
        if draft.events.is_empty() {
            return Ok(wire::EndSessionsResponse::default());
        }
        let ended = i32::try_from(live.len()).unwrap_or(i32::MAX);
        draft.side_writes.push(Box::new(EndSessions(live.into_iter().map(|s| s.id).collect())));
        let appended = self.log.append(draft.append(meta)).await?;
        Ok(wire::EndSessionsResponse { ended, position: appended.last })
    }
}

/// A session as its owner and agents see it.
pub(crate) fn view(session: Listed, asking: Option<Uuid>) -> wire::SessionView {
    wire::SessionView {
        current: asking == Some(session.id),
        session_id: session.id.to_string(),
        created_at_micros: session.created_at.micros(),
        last_seen_micros: session.last_seen.micros(),
        network: session.network,
        browser: session.browser,
        method: session.method,
        support_access: session.agent.is_some(),
    }
}
