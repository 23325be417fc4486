//! Visits by a company's link: sessions of nobody in particular.

use crate::{
    domain::activity::{Activity, EndReason},
    draft::DraftEvents,
    error::database,
    identity::Identity,
    sessions::EndAllSessions,
};
use eventlog::{Appended, Draft, LogError, SideWrite};
use kernel::Error;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// Live sessions that came by a link: session and company.
pub(crate) type Visitors = Vec<(Uuid, Uuid)>;

impl Identity {
    /// Adds the end of the visits to companies that have a portal user now.
    pub(crate) async fn end_visits(&self, companies: &[Uuid], draft: &mut Draft) -> Result<(), LogError> {
        let visitors = visitors(&self.pool, Some(companies)).await?;
        draft.activities(&ended(&visitors, EndReason::PortalUserExists));
        draft
            .side_writes
            .extend(companies.iter().map(|c| Box::new(EndAllSessions { user: *c, but: None }) as Box<dyn SideWrite>));
        Ok(())
    }
}

/// The visitors of some companies, or of all.
pub(crate) async fn live_visitors(pool: &PgPool, companies: Option<&[Uuid]>) -> Result<Visitors, Error> {
    visitors(pool, companies).await.map_err(database)
}

async fn visitors(pool: &PgPool, companies: Option<&[Uuid]>) -> Result<Visitors, sqlx::Error> {
    sqlx::query_as(
        "select session_id, user_id from session where kind = 4 and ($1::uuid[] is null or user_id = any ($1))
         order by user_id, session_id",
    )
    .bind(companies)
    .fetch_all(pool)
    .await
}

/// Their ends as events.
pub(crate) fn ended(visitors: &Visitors, reason: EndReason) -> Vec<Activity> {
    let ends = visitors.iter().map(|&(session, user)| Activity::LoggedOut { user, session, reason, agent: None });
    ends.collect()
}

/// Ends all visits, also those made since the events were decided, and tells gateways.
pub(crate) struct EndAllVisitors;

impl SideWrite for EndAllVisitors {
    fn write<'a>(&'a self, appended: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            sqlx::query(
                "with gone as (delete from session where kind = 4 returning session_id)
                 insert into revocation (session_id, position) select session_id, $1 from gone
                 on conflict (session_id) do nothing",
            )
            .bind(appended.last)
            .execute(tx)
            .await?;
            Ok(())
        })
    }
}
