//! Groups of agents.

use crate::{
    authority::Intent,
    domain::group::{Command, Definition, Group, unknown_member},
    draft::unrepeated,
    error::database,
    identity::Identity,
    rights,
    team::roles::{name_taken, release, rename},
};
use eventlog::{Decision, Meta};
use kernel::{Actor, Error, command_id, derived_id, parse_id};
use prost::Message;
use proto::identity::v1 as wire;
use uuid::Uuid;

/// Where names of groups are unique.
const NAMES: &str = "group_name";

impl Identity {
    /// All groups, by name.
    pub(crate) async fn list_groups(
        &self,
        actor: &Actor,
        _: wire::ListGroupsRequest,
    ) -> Result<wire::ListGroupsResponse, Error> {
        rights::may_see_access(actor)?;
        let rows: Vec<(Uuid, String, String, Vec<Uuid>)> = sqlx::query_as(
            "select group_id, name, description, member_ids from groups_v1 order by lower(name), group_id",
        )
        .fetch_all(&self.pool)
        .await
        .map_err(database)?;
        let groups = rows.into_iter().map(|(id, name, description, members)| wire::Group {
            group_id: id.to_string(),
            name,
            description,
            member_ids: members.iter().map(Uuid::to_string).collect(),
        });
        Ok(wire::ListGroupsResponse { groups: groups.collect() })
    }

    /// Makes a group, or changes one. Nobody moves into a group, or out of one, who may do more than the caller.
    pub(crate) async fn define_group(
        &self,
        actor: &Actor,
        request: wire::DefineGroupRequest,
    ) -> Result<wire::DefineGroupResponse, Error> {
        rights::may_manage_agents(actor)?;
        let definition =
            Definition::parse(&request.name, &request.description, &request.member_ids).map_err(Error::invalid)?;
        self.check_members(&request.member_ids).await?;
        let command = command_id(actor.id, "DefineGroup", &request.idempotency_key);
        let new = request.group_id.is_empty();
        let group = if new { derived_id("group", command.as_bytes()) } else { parse_id(&request.group_id)? };
        let (mut moved, now) = (self.members(group).await?, definition.members.clone());
        moved = moved
            .iter()
            .filter(|m| !now.contains(m))
            .chain(now.iter().filter(|m| !moved.contains(m)))
            .copied()
            .collect();
        self.may_act_on(actor, &moved, Intent::Manage).await?;
        let meta = Meta::new(actor.clone(), command, &request.encode_to_vec());
        let decision = Decision {
            id: group,
            meta: &meta,
            command: Command::Define { group, new, definition },
            expected: None,
            repeatable: !request.idempotency_key.is_empty(),
        };
        let changed = self
            .log
            .decide::<Group>(decision, |before, events, draft| {
                draft.claims = if events.is_empty() {
                    Vec::new()
                } else {
                    rename(NAMES, group, before.definition().map(|d| d.name.as_str()), &request.name)
                };
            })
            .await
            .map_err(|e| name_taken(e, "Another group has this name."))?;
        let definition = changed.state.definition().ok_or_else(Error::not_found)?;
        let answer = wire::Group {
            group_id: group.to_string(),
            name: definition.name.clone(),
            description: definition.description.clone(),
            member_ids: definition.members.iter().map(Uuid::to_string).collect(),
        };
        Ok(wire::DefineGroupResponse { group: Some(answer), position: changed.position })
    }

    /// Deletes a group.
    pub(crate) async fn delete_group(
        &self,
        actor: &Actor,
        request: wire::DeleteGroupRequest,
    ) -> Result<wire::DeleteGroupResponse, Error> {
        rights::may_manage_agents(actor)?;
        let group = parse_id(&request.group_id)?;
        self.may_act_on(actor, &self.members(group).await?, Intent::Manage).await?;
        let meta = unrepeated(actor);
        let command = Command::Delete { group };
        let decision = Decision { id: group, meta: &meta, command, expected: None, repeatable: false };
        let changed = self
            .log
            .decide::<Group>(decision, |before, _, draft| {
                draft.claims = before.definition().map(|d| release(NAMES, group, &d.name)).into_iter().collect();
            })
            .await?;
        Ok(wire::DeleteGroupResponse { position: changed.position })
    }

    /// Who is in a group now; nobody when there is none.
    async fn members(&self, group: Uuid) -> Result<Vec<Uuid>, Error> {
        let members: Option<Vec<Uuid>> = sqlx::query_scalar("select member_ids from groups_v1 where group_id = $1")
            .bind(group)
            .fetch_optional(&self.pool)
            .await
            .map_err(database)?;
        Ok(members.unwrap_or_default())
    }

    /// Each member must be an agent; who is none is named by place.
    async fn check_members(&self, members: &[String]) -> Result<(), Error> {
        let ids: Vec<Uuid> = members.iter().filter_map(|m| Uuid::try_parse(m).ok()).collect();
        let known: Vec<Uuid> =
            sqlx::query_scalar("select user_id from accounts_v1 where kind = 2 and user_id = any ($1)")
                .bind(&ids)
                .fetch_all(&self.pool)
                .await
                .map_err(database)?;
        let faults: Vec<_> =
            ids.iter().enumerate().filter(|(_, id)| !known.contains(id)).map(|(n, _)| unknown_member(n)).collect();
        if faults.is_empty() { Ok(()) } else { Err(Error::invalid(faults)) }
    }
}
