//! Profiles: the draft, what is in force, and which is the default.

use super::unreadable;
use crate::{
    convert::{self, Event},
    domain::profile::{self, Document},
};
use eventlog::{Projection, Recorded};
use futures::future::BoxFuture;
use kernel::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

/// The projection `profiles_v1`.
pub(crate) struct ProfilesV1;

/// One change of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Change {
    Created { profile: Uuid, document: Document, version: i64, at: Timestamp },
    DraftSaved { profile: Uuid, document: Document, version: i64, at: Timestamp },
    Published { profile: Uuid, number: i32, document: Document, version: i64, at: Timestamp },
    DefaultChosen { profile: Uuid },
}

/// What an event changes.
fn project(recorded: &Recorded) -> Result<Option<Change>, eventlog::LogError> {
    let (version, at) = (recorded.version, recorded.recorded_at);
    Ok(match convert::event(recorded)? {
        Event::Profile(profile::Event::Created { profile, document, .. }) => {
            Some(Change::Created { profile, document, version, at })
        }
        Event::Profile(profile::Event::DraftSaved { profile, document }) => {
            Some(Change::DraftSaved { profile, document, version, at })
        }
        Event::Profile(profile::Event::Published { profile, number, document }) => {
            Some(Change::Published { profile, number, document, version, at })
        }
        Event::Default(chosen) => Some(Change::DefaultChosen { profile: chosen.profile }),
        Event::Contact(_) => None,
    })
}

impl Projection for ProfilesV1 {
    fn name(&self) -> &'static str {
        "profiles_v1"
    }

    fn tables<'a>(&'a self, _: &'a mut PgConnection) -> BoxFuture<'a, Result<Vec<String>, sqlx::Error>> {
        Box::pin(async { Ok(vec!["profiles_v1".to_owned()]) })
    }

    fn apply<'a>(
        &'a self,
        events: &'a [Recorded],
        connection: &'a mut PgConnection,
    ) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        Box::pin(async move {
            for recorded in events {
                if let Some(change) = project(recorded).map_err(unreadable)? {
                    write(change, connection).await?;
                }
            }
            Ok(())
        })
    }
}

async fn write(change: Change, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    match change {
        Change::Created { profile, document, version, at } => {
            sqlx::query(
                "insert into profiles_v1 (profile_id, draft_name, draft_description, draft, version, created_at, modified_at)
                 values ($1, $2, $3, $4, $5, $6, $6)",
            )
            .bind(profile)
            .bind(document.name)
            .bind(document.description)
            .bind(document.json)
            .bind(version)
            .bind(at.to_offset())
            .execute(connection)
            .await?;
        }
        Change::DraftSaved { profile, document, version, at } => {
            sqlx::query(
                "update profiles_v1 set draft_name = $2, draft_description = $3, draft = $4, version = $5, modified_at = $6
                 where profile_id = $1",
            )
            .bind(profile)
            .bind(document.name)
            .bind(document.description)
            .bind(document.json)
            .bind(version)
            .bind(at.to_offset())
            .execute(connection)
            .await?;
        }
        Change::Published { profile, number, document, version, at } => {
            sqlx::query(
                "update profiles_v1 set draft_name = $2, draft_description = $3, draft = $4, published_name = $2,
                        published_description = $3, published = $4, published_number = $5, version = $6, modified_at = $7
                 where profile_id = $1",
            )
            .bind(profile)
            .bind(document.name)
            .bind(document.description)
            .bind(document.json)
            .bind(number)
            .bind(version)
            .bind(at.to_offset())
            .execute(connection)
            .await?;
        }
        Change::DefaultChosen { profile } => {
            sqlx::query("update profiles_v1 set is_default = (profile_id = $1) where is_default or profile_id = $1")
                .bind(profile)
                .execute(connection)
                .await?;
        }
    }
    Ok(())
}
