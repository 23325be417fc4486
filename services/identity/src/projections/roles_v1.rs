//! Own roles and groups of agents, for lists and for the rights in tokens.

use crate::{
    codec::{self, AnyEvent, administration::Administration},
    domain::{group, role},
};
use eventlog::{Projection, Recorded};
use futures::future::BoxFuture;
use sqlx::PgConnection;
use uuid::Uuid;

/// Fills `roles_v1`.
pub(crate) struct RolesV1;

impl Projection for RolesV1 {
    fn name(&self) -> &'static str {
        "roles_v1"
    }

    fn tables<'a>(&'a self, _: &'a mut PgConnection) -> BoxFuture<'a, Result<Vec<String>, sqlx::Error>> {
        Box::pin(async { Ok(vec!["roles_v1".to_owned()]) })
    }

    fn apply<'a>(
        &'a self,
        events: &'a [Recorded],
        connection: &'a mut PgConnection,
    ) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        Box::pin(async move {
            for recorded in events.iter().filter(|r| r.stored_type.starts_with("identity.role.")) {
                if let AnyEvent::Administration(Administration::Role(event)) = decode(recorded)? {
                    role_changed(&event, recorded.version, connection).await?;
                }
            }
            Ok(())
        })
    }
}

/// Fills `groups_v1`.
pub(crate) struct GroupsV1;

impl Projection for GroupsV1 {
    fn name(&self) -> &'static str {
        "groups_v1"
    }

    fn tables<'a>(&'a self, _: &'a mut PgConnection) -> BoxFuture<'a, Result<Vec<String>, sqlx::Error>> {
        Box::pin(async { Ok(vec!["groups_v1".to_owned()]) })
    }

    fn apply<'a>(
        &'a self,
        events: &'a [Recorded],
        connection: &'a mut PgConnection,
    ) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        Box::pin(async move {
            for recorded in events.iter().filter(|r| r.stored_type.starts_with("identity.group.")) {
                if let AnyEvent::Administration(Administration::Group(event)) = decode(recorded)? {
                    group_changed(&event, recorded.version, connection).await?;
                }
            }
            Ok(())
        })
    }
}

fn decode(recorded: &Recorded) -> Result<AnyEvent, sqlx::Error> {
    codec::decode(recorded).map_err(|e| sqlx::Error::Decode(Box::new(e)))
}

async fn role_changed(event: &role::Event, version: i64, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    match event {
        role::Event::Defined { role, definition } => {
            let rights: Vec<&str> = definition.rights.iter().map(|r| r.as_str()).collect();
            sqlx::query(
                "insert into roles_v1 (role_id, name, description, records, rights, version)
                 values ($1, $2, $3, $4, $5, $6)
                 on conflict (role_id) do update set name = excluded.name, description = excluded.description,
                     records = excluded.records, rights = excluded.rights, version = excluded.version",
            )
            .bind(role)
            .bind(&definition.name)
            .bind(&definition.description)
            .bind(definition.records.as_str())
            .bind(rights)
            .bind(version)
            .execute(connection)
            .await?;
        }
        role::Event::Deleted { role } => {
            sqlx::query("delete from roles_v1 where role_id = $1").bind(role).execute(connection).await?;
        }
    }
    Ok(())
}

async fn group_changed(event: &group::Event, version: i64, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    match event {
        group::Event::Defined { group, definition } => {
            let members: Vec<Uuid> = definition.members.iter().copied().collect();
            sqlx::query(
                "insert into groups_v1 (group_id, name, description, member_ids, version) values ($1, $2, $3, $4, $5)
                 on conflict (group_id) do update set name = excluded.name, description = excluded.description,
                     member_ids = excluded.member_ids, version = excluded.version",
            )
            .bind(group)
            .bind(&definition.name)
            .bind(&definition.description)
            .bind(members)
            .bind(version)
            .execute(connection)
            .await?;
        }
        group::Event::Deleted { group } => {
            sqlx::query("delete from groups_v1 where group_id = $1").bind(group).execute(connection).await?;
        }
    }
    Ok(())
}
