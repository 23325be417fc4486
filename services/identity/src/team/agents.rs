//! Agents: what changes after they were made, and the last of them who may do everything.

use crate::{
    accounts::{Along, End},
    authority::{Intent, level_of},
    domain::{
        account::{Account, Agent, Command},
        activity::EndReason,
        login::locale_is_valid,
        role::BUILT_IN,
    },
    draft::unrepeated,
    error::{database, kept, not_yourself},
    identity::Identity,
    refusal::Refusal,
    rights,
    team::roles,
};
use eventlog::{Appended, SideWrite};
use kernel::{Actor, Error, FieldError, Timestamp, parse_id, text};
use proto::identity::v1 as wire;
use sqlx::{PgConnection, PgPool, Row};
use time::OffsetDateTime;
use uuid::Uuid;

impl Identity {
    /// One agent.
    pub(crate) async fn get_agent(
        &self,
        actor: &Actor,
        request: wire::GetAgentRequest,
    ) -> Result<wire::GetAgentResponse, Error> {
        rights::may_see_access(actor)?;
        let user = parse_id(&request.user_id)?;
        let (agent, version) = self.agent(user).await?;
        Ok(wire::GetAgentResponse { agent: Some(agent), version })
    }

    /// Changes an agent. Another role ends the agent's sessions: what was open under the old one is not to go on.
    pub(crate) async fn change_agent(
        &self,
        actor: &Actor,
        request: wire::ChangeAgentRequest,
    ) -> Result<wire::ChangeAgentResponse, Error> {
        rights::may_manage_agents(actor)?;
        let user = parse_id(&request.user_id)?;
        let agent = self.agent_account(user).await?;
        self.may_act_on(actor, &[user], Intent::Manage).await?;
        let given = |text: &str| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
        let (role, locale) = (given(&request.role), given(&request.locale));
        let mut faults = Vec::new();
        let name = given(&request.name).map(|n| kept("name", text::person_name(&n), &mut faults));
        let email = given(&request.email).map(|e| kept("email", text::email(&e), &mut faults));
        let mut check = |right: bool, field: &str, code: &'static str, message: &str| {
            if !right {
                faults.push(FieldError { field: field.to_owned(), code: code.into(), message: message.to_owned() });
            }
        };
        let language = locale.as_ref().is_none_or(|l| locale_is_valid(l));
        check(language, "locale", "not_a_language", "Please give a language, for example en or it.");
        let known = match &role {
            None => true,
            Some(role) => roles::exists(&self.pool, role).await?,
        };
        check(known, "role", "unknown_role", "There is no such role.");
        if !faults.is_empty() {
            return Err(Error::invalid(faults));
        }

        let another_role = role.as_ref().filter(|role| **role != agent.role);
        if let Some(role) = another_role {
            if actor.id == user {
                return Err(not_yourself());
            }
            self.may_give(actor, &level_of(&self.pool, role).await?).await?;
        }
        let (was, will_be) = (agent.role.clone(), another_role.cloned());
        let command = Command::ChangeAgent { user, name, email, role, locale };
        let meta = unrepeated(actor);
        let done = self
            .change(user, &meta, false, &command, |_, _| {
                let mut along = Along::default();
                if let Some(role) = &will_be {
                    along.end = End::All(EndReason::RoleChanged);
                    if let Ok(id) = Uuid::try_parse(role) {
                        along.side_writes.push(Box::new(RoleIsThere(id)));
                    }
                    if was == BUILT_IN[0] {
                        along.side_writes.push(Box::new(SomebodyAdministrates));
                    }
                }
                along
            })
            .await?;
        let (agent, _) = self.agent(user).await?;
        Ok(wire::ChangeAgentResponse { agent: Some(agent), position: done.position })
    }

    /// Disables an agent: sessions and tokens end, no login; what the agent owns stays.
    pub(crate) async fn disable_agent(
        &self,
        actor: &Actor,
        request: wire::DisableAgentRequest,
    ) -> Result<wire::DisableAgentResponse, Error> {
        rights::may_manage_agents(actor)?;
        let user = parse_id(&request.user_id)?;
        self.agent_account(user).await?;
        if actor.id == user {
            return Err(not_yourself());
        }
        self.may_act_on(actor, &[user], Intent::Manage).await?;
        let meta = unrepeated(actor);
        let done = self
            .change(user, &meta, false, &Command::DisableAgent { user }, |_, _| Along {
                end: End::All(EndReason::AccessDisabled),
                end_tokens: true,
                side_writes: vec![Box::new(SomebodyAdministrates)],
                ..Along::default()
            })
            .await?;
        Ok(wire::DisableAgentResponse { position: done.position })
    }

    /// Lets a disabled agent sign in again, with the password of before.
    pub(crate) async fn enable_agent(
        &self,
        actor: &Actor,
        request: wire::EnableAgentRequest,
    ) -> Result<wire::EnableAgentResponse, Error> {
        rights::may_manage_agents(actor)?;
        let user = parse_id(&request.user_id)?;
        self.agent_account(user).await?;
        self.may_act_on(actor, &[user], Intent::Manage).await?;
        let meta = unrepeated(actor);
        let command = Command::EnableAgent { user };
        let done = self.change(user, &meta, false, &command, |_, _| Along::default()).await?;
        Ok(wire::EnableAgentResponse { position: done.position })
    }

    async fn agent_account(&self, user: Uuid) -> Result<Agent, Error> {
        match self.log.aggregate::<Account>(user).await?.state {
            Account::Agent(agent) => Ok(agent),
            Account::Absent | Account::Enabled(_) | Account::Disabled { .. } => Err(Error::not_found()),
        }
    }

    async fn agent(&self, user: Uuid) -> Result<(wire::Agent, i64), Error> {
        agents(&self.pool, Some(user)).await?.pop().ok_or_else(Error::not_found)
    }
}

/// Agents as lists show them, by name, and the versions of their streams; one, or all.
pub(crate) async fn agents(pool: &PgPool, user: Option<Uuid>) -> Result<Vec<(wire::Agent, i64)>, Error> {
    let rows = sqlx::query(
        "select a.user_id, a.name, a.email, a.role, not a.enabled, coalesce(r.name, a.role), a.login, a.locale,
                a.service, a.mfa_required, a.totp, a.passkeys,
                array(select g.group_id::text from groups_v1 g where a.user_id = any (g.member_ids) order by g.group_id),
                a.last_login, c.one_time_until, coalesce(c.one_time_until <= now(), false) as one_time_expired,
                exists (select from attempt t where t.user_id = a.user_id and t.kind in (1, 2, 4)
                        and (t.held or t.locked_until > now())),
                a.version
         from accounts_v1 a left join roles_v1 r on r.role_id::text = a.role
         left join credential c on c.user_id = a.user_id
         where a.kind = 2 and ($1::uuid is null or a.user_id = $1)
         order by lower(a.name), a.user_id",
    )
    .bind(user)
    .fetch_all(pool)
    .await
    .map_err(database)?;
    let agent = |row: &sqlx::postgres::PgRow| -> Result<(wire::Agent, i64), sqlx::Error> {
        let factors = [("totp", row.try_get::<bool, _>(10)?), ("passkey", row.try_get::<i32, _>(11)? > 0)];
        let (last_login, one_time_until): (Option<OffsetDateTime>, Option<OffsetDateTime>) =
            (row.try_get(13)?, row.try_get(14)?);
        let agent = wire::Agent {
            user_id: row.try_get::<Uuid, _>(0)?.to_string(),
            name: row.try_get(1)?,
            email: row.try_get(2)?,
            role: row.try_get(3)?,
            disabled: row.try_get(4)?,
            role_name: row.try_get(5)?,
            login: row.try_get(6)?,
            locale: row.try_get(7)?,
            service: row.try_get(8)?,
            mfa_required: row.try_get(9)?,
            factors: factors.into_iter().filter(|(_, has)| *has).map(|(word, _)| word.to_owned()).collect(),
            group_ids: row.try_get(12)?,
            last_login_micros: last_login.map_or(0, |at| Timestamp::from_offset(at).micros()),
            one_time_until_micros: one_time_until.map_or(0, |at| Timestamp::from_offset(at).micros()),
            one_time_expired: row.try_get(15)?,
            locked: row.try_get(16)?,
        };
        Ok((agent, row.try_get(17)?))
    };
    rows.iter().map(agent).collect::<Result<_, _>>().map_err(database)
}

/// Fails the append when it would leave nobody who may do everything. Read models are written before it.
struct SomebodyAdministrates;

impl SideWrite for SomebodyAdministrates {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            let left: bool = sqlx::query_scalar(
                "select exists (select from accounts_v1 where kind = 2 and enabled and not suspended and not service
                                and role = $1)",
            )
            .bind(BUILT_IN[0])
            .fetch_one(tx)
            .await?;
            if left { Ok(()) } else { Err(Refusal::LastAdministrator.into()) }
        })
    }
}

/// Fails the append when the role was deleted in between.
pub(crate) struct RoleIsThere(pub(crate) Uuid);

impl SideWrite for RoleIsThere {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            let there: bool = sqlx::query_scalar("select exists (select from roles_v1 where role_id = $1)")
                .bind(self.0)
                .fetch_one(tx)
                .await?;
            if there { Ok(()) } else { Err(Refusal::RoleIsGone.into()) }
        })
    }
}
