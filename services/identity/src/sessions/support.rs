//! The end of support access: an agent's session in the portal as somebody else.

use crate::{
    domain::activity::{Activity, EndReason},
    draft::DraftEvents,
    identity::Identity,
    sessions::EndSession,
};
use eventlog::{Appended, Draft, LogError, SideWrite};
use sqlx::PgConnection;
use uuid::Uuid;

impl Identity {
    /// Adds the end of the support access that an agent has under way to a draft.
    pub(crate) async fn end_support(&self, agent: Uuid, reason: EndReason, draft: &mut Draft) -> Result<(), LogError> {
        let live: Vec<(Uuid, Uuid)> =
            sqlx::query_as("select session_id, user_id from session where agent_id = $1 order by session_id")
                .bind(agent)
                .fetch_all(&self.pool)
                .await?;
        for (session, user) in live {
            draft.activities(&[Activity::LoggedOut { user, session, reason, agent: Some(agent) }]);
            draft.side_writes.push(Box::new(EndSession(session)));
        }
        draft.side_writes.push(Box::new(EndSupportOf(agent)));
        Ok(())
    }
}

/// Ends all support access of an agent, also what began since the events were decided, and tells gateways.
struct EndSupportOf(Uuid);

impl SideWrite for EndSupportOf {
    fn write<'a>(&'a self, appended: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            sqlx::query(
                "with gone as (delete from session where agent_id = $1 returning session_id),
                      forgotten as (delete from support_session where agent_id = $1)
                 insert into revocation (session_id, position) select session_id, $2 from gone
                 on conflict (session_id) do nothing",
            )
            .bind(self.0)
            .bind(appended.last)
            .execute(tx)
            .await?;
            Ok(())
        })
    }
}
