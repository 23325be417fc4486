//! Contacts that were given a profile by hand.

use super::unreadable;
use crate::convert::{self, Event};
use eventlog::{Projection, Recorded};
use futures::future::BoxFuture;
use sqlx::PgConnection;

/// The projection `contact_profile_v1`.
pub(crate) struct ContactProfileV1;

impl Projection for ContactProfileV1 {
    fn name(&self) -> &'static str {
        "contact_profile_v1"
    }

    fn tables<'a>(&'a self, _: &'a mut PgConnection) -> BoxFuture<'a, Result<Vec<String>, sqlx::Error>> {
        Box::pin(async { Ok(vec!["contact_profile_v1".to_owned()]) })
    }

    fn apply<'a>(
        &'a self,
        events: &'a [Recorded],
        connection: &'a mut PgConnection,
    ) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        Box::pin(async move {
            for recorded in events {
                let Event::Contact(chosen) = convert::event(recorded).map_err(unreadable)? else { continue };
                let query = match chosen.profile {
                    Some(profile) => sqlx::query(
                        "insert into contact_profile_v1 (contact_id, profile_id) values ($1, $2)
                         on conflict (contact_id) do update set profile_id = excluded.profile_id",
                    )
                    .bind(chosen.contact)
                    .bind(profile),
                    None => sqlx::query("delete from contact_profile_v1 where contact_id = $1").bind(chosen.contact),
                };
                query.execute(&mut *connection).await?;
            }
            Ok(())
        })
    }
}
