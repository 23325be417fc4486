//! Roles: the built-in ones and those that administrators define.

use crate::{
    authority::level_of,
    domain::role::{BUILT_IN, Command, Definition, OwnRole, Records},
    draft::unrepeated,
    error::{database, role_in_use, undecided},
    identity::Identity,
    refusal::Refusal,
    rights,
};
use eventlog::{Appended, ClaimChange, DecideError, Decision, LogError, Meta, SideWrite};
use kernel::{Actor, Code, Error, Rights, command_id, derived_id, parse_id};
use prost::Message;
use proto::identity::v1 as wire;
use sqlx::{PgConnection, PgPool};
use std::collections::HashMap;
use uuid::Uuid;

/// Where names of roles are unique.
const NAMES: &str = "role_name";

/// True when agents can have this role: a built-in one's word, or the id of an own one.
pub(crate) async fn exists(pool: &PgPool, role: &str) -> Result<bool, Error> {
    let Ok(id) = Uuid::try_parse(role) else { return Ok(BUILT_IN.contains(&role)) };
    sqlx::query_scalar("select exists (select from roles_v1 where role_id = $1)")
        .bind(id)
        .fetch_one(pool)
        .await
        .map_err(database)
}

impl Identity {
    /// All roles, the built-in ones first.
    pub(crate) async fn list_roles(
        &self,
        actor: &Actor,
        _: wire::ListRolesRequest,
    ) -> Result<wire::ListRolesResponse, Error> {
        rights::may_see_access(actor)?;
        let counts: Vec<(String, i64)> =
            sqlx::query_as("select role, count(*) from accounts_v1 where kind = 2 group by role")
                .fetch_all(&self.pool)
                .await
                .map_err(database)?;
        let counts: HashMap<String, i64> = counts.into_iter().collect();
        let agents = |role: &str| i32::try_from(counts.get(role).copied().unwrap_or(0)).unwrap_or(i32::MAX);
        let built_in = BUILT_IN.map(|role| wire::Role {
            role_id: role.to_owned(),
            name: role.to_owned(),
            built_in: true,
            records: Records::of_built_in(role).as_str().to_owned(),
            rights: Rights::of_role(role).iter().map(|r| r.as_str().to_owned()).collect(),
            agents: agents(role),
            ..wire::Role::default()
        });
        let own: Vec<(Uuid, String, String, String, Vec<String>)> = sqlx::query_as(
            "select role_id, name, description, records, rights from roles_v1 order by lower(name), role_id",
        )
        .fetch_all(&self.pool)
        .await
        .map_err(database)?;
        let own = own.into_iter().map(|(id, name, description, records, rights)| wire::Role {
            agents: agents(&id.to_string()),
            role_id: id.to_string(),
            name,
            description,
            built_in: false,
            records,
            rights,
        });
        Ok(wire::ListRolesResponse { roles: built_in.into_iter().chain(own).collect() })
    }

    /// Makes an own role, or changes one. Nobody gives away what they don't have, or takes it from who has more.
    pub(crate) async fn define_role(
        &self,
        actor: &Actor,
        request: wire::DefineRoleRequest,
    ) -> Result<wire::DefineRoleResponse, Error> {
        rights::may_manage_agents(actor)?;
        let definition = Definition::parse(&request.name, &request.description, &request.records, &request.rights)
            .map_err(Error::invalid)?;
        self.may_give(actor, &definition.level()).await?;
        let command = command_id(actor.id, "DefineRole", &request.idempotency_key);
        let new = request.role_id.is_empty();
        let role = if new { derived_id("role", command.as_bytes()) } else { own_id(&request.role_id)? };
        if !new {
            self.may_give(actor, &level_of(&self.pool, &role.to_string()).await?).await?;
        }
        let meta = Meta::new(actor.clone(), command, &request.encode_to_vec());
        let decision = Decision {
            id: role,
            meta: &meta,
            command: Command::Define { role, new, definition },
            expected: None,
            repeatable: !request.idempotency_key.is_empty(),
        };
        let changed = self
            .log
            .decide::<OwnRole>(decision, |before, events, draft| {
                draft.claims = if events.is_empty() {
                    Vec::new()
                } else {
                    rename(NAMES, role, before.definition().map(|d| d.name.as_str()), &request.name)
                };
            })
            .await
            .map_err(|e| name_taken(e, "Another role has this name."))?;
        let definition = changed.state.definition().ok_or_else(Error::not_found)?;
        let count: i64 = sqlx::query_scalar("select count(*) from accounts_v1 where kind = 2 and role = $1")
            .bind(role.to_string())
            .fetch_one(&self.pool)
            .await
            .map_err(database)?;
        let answer = wire::Role {
            role_id: role.to_string(),
            name: definition.name.clone(),
            description: definition.description.clone(),
            built_in: false,
            records: definition.records.as_str().to_owned(),
            rights: definition.rights.iter().map(|r| r.as_str().to_owned()).collect(),
            agents: i32::try_from(count).unwrap_or(i32::MAX),
        };
        Ok(wire::DefineRoleResponse { role: Some(answer), position: changed.position })
    }

    /// Deletes an own role that no agent has.
    pub(crate) async fn delete_role(
        &self,
        actor: &Actor,
        request: wire::DeleteRoleRequest,
    ) -> Result<wire::DeleteRoleResponse, Error> {
        rights::may_manage_agents(actor)?;
        let role = own_id(&request.role_id)?;
        self.may_give(actor, &level_of(&self.pool, &role.to_string()).await?).await?;
        let taken: bool = sqlx::query_scalar("select exists (select from accounts_v1 where kind = 2 and role = $1)")
            .bind(role.to_string())
            .fetch_one(&self.pool)
            .await
            .map_err(database)?;
        if taken {
            return Err(role_in_use());
        }
        let meta = unrepeated(actor);
        let command = Command::Delete { role };
        let decision = Decision { id: role, meta: &meta, command, expected: None, repeatable: false };
        let changed = self
            .log
            .decide::<OwnRole>(decision, |before, _, draft| {
                draft.claims = before.definition().map(|d| release(NAMES, role, &d.name)).into_iter().collect();
                draft.side_writes = vec![Box::new(NobodyHas(role))];
            })
            .await
            .map_err(undecided)?;
        Ok(wire::DeleteRoleResponse { position: changed.position })
    }
}

/// Fails the append when an agent was given the role in between.
struct NobodyHas(Uuid);

impl SideWrite for NobodyHas {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            let taken: bool =
                sqlx::query_scalar("select exists (select from accounts_v1 where kind = 2 and role = $1)")
                    .bind(self.0.to_string())
                    .fetch_one(tx)
                    .await?;
            if taken { Err(Refusal::RoleInUse.into()) } else { Ok(()) }
        })
    }
}

/// Built-in roles have words instead of ids; they can't be changed.
fn own_id(role: &str) -> Result<Uuid, Error> {
    if BUILT_IN.contains(&role) {
        return Err(Error::new(Code::Precondition, "role_is_built_in", "A built-in role can't be changed."));
    }
    parse_id(role)
}

/// The claims of a name that is taken, or changed.
pub(super) fn rename(scope: &'static str, holder: Uuid, had: Option<&str>, name: &str) -> Vec<ClaimChange> {
    let key = name_key(name);
    let mut claims = Vec::new();
    if let Some(old) = had.filter(|h| name_key(h) != key) {
        claims.push(release(scope, holder, old));
    }
    claims.push(ClaimChange::Take { scope, key, holder });
    claims
}

/// Gives a name back.
pub(super) fn release(scope: &'static str, holder: Uuid, name: &str) -> ClaimChange {
    ClaimChange::Release { scope, key: name_key(name), holder }
}

/// Names that differ in case alone are the same.
fn name_key(name: &str) -> Vec<u8> {
    name.trim().to_lowercase().into_bytes()
}

/// Why nothing came of a command whose one claim is a name; a taken one is told at its field.
pub(super) fn name_taken<R: Into<Error>>(e: DecideError<R>, message: &str) -> Error {
    if !matches!(e, DecideError::Log(LogError::ClaimTaken { .. })) {
        return e.into();
    }
    let mut error = Error::invalid_field("name", "name_taken", message);
    error.code = Code::Conflict;
    error.reason = "name_taken".into();
    error
}
