//! Making agents and the accounts of programs.

use crate::{
    accounts::Along,
    authority::level_of,
    domain::{
        account::{Account, Command, Via},
        login::locale_is_valid,
    },
    draft::unrepeated,
    error::kept,
    identity::Identity,
    login::new_password::Setting,
    rights,
    team::{
        agents::{self, RoleIsThere},
        roles,
    },
};
use eventlog::SideWrite;
use kernel::{Actor, Error, FieldError, Secret, new_id, parse_id, text};
use proto::identity::v1 as wire;
use uuid::Uuid;

impl Identity {
    /// Makes an agent with a first password that must be changed, or the account of a program, which has neither login nor password. With an
    /// id that is there already under the same login: already so.
    pub(crate) async fn create_agent(
        &self,
        actor: &Actor,
        request: wire::CreateAgentRequest,
    ) -> Result<wire::CreateAgentResponse, Error> {
        rights::may_manage_agents(actor)?;
        if request.lasting {
            rights::may_set_passwords(actor)?;
        }
        let given = Secret::new(request.password);
        let user = if request.user_id.is_empty() { new_id() } else { parse_id(&request.user_id)? };
        let service = request.service;
        let locale = if request.locale.is_empty() { "en".to_owned() } else { request.locale };
        let mut wrong = Vec::new();
        let login =
            if service { request.login.clone() } else { kept("login", text::login(&request.login), &mut wrong) };
        let unreachable = service && request.email.trim().is_empty();
        let email = if unreachable { String::new() } else { kept("email", text::email(&request.email), &mut wrong) };
        let name = kept("name", text::person_name(&request.name), &mut wrong);
        let mut check = |right: bool, field: &str, code: &'static str, message: &str| {
            if !right {
                let (field, message) = (field.to_owned(), message.to_owned());
                wrong.push(FieldError { field, code: code.into(), message });
            }
        };
        if service {
            check(login.is_empty(), "login", "not_for_programs", "A program does not sign in; it has tokens.");
            check(given.expose().is_empty(), "password", "not_for_programs", "A program has tokens, no password.");
        }
        check(locale_is_valid(&locale), "locale", "not_a_language", "Please give a language, for example en or it.");
        let role = request.role;
        let known = roles::exists(&self.pool, &role).await?;
        check(known, "role", "unknown_role", "There is no such role.");
        if !wrong.is_empty() {
            return Err(Error::invalid(wrong));
        }
        self.may_give(actor, &level_of(&self.pool, &role).await?).await?;

        // Seeds repeat this; a hash for nothing would cost them.
        if let Account::Agent(has) = self.log.aggregate::<Account>(user).await?.state
            && has.person.login == login
        {
            let user_id = user.to_string();
            return Ok(wire::CreateAgentResponse { user_id, ..wire::CreateAgentResponse::default() });
        }
        let own_role = Uuid::try_parse(&role).ok();
        let still_there = || own_role.map(|id| Box::new(RoleIsThere(id)) as Box<dyn SideWrite>);
        let (via, valid_until) = match (actor.role.as_str(), request.lasting) {
            _ if service => (Via::Console, None),
            ("demo", _) => (Via::Demo, None),
            // Whoever runs the machine chose it for themselves.
            (_, true) => (Via::Console, None),
            (_, false) => (Via::OneTime, Some(self.one_time_end().await?)),
        };
        let setting = Setting {
            field: "password",
            via,
            user,
            about: [&name, &email, &login],
            with_factor: false,
            one_time_until: valid_until,
            former: None,
        };
        let set = if service { None } else { Some(self.new_credential(setting, given.expose()).await?) };
        let command = Command::CreateAgent {
            user,
            login: login.clone(),
            name,
            email,
            role,
            locale,
            service,
            credential: set.as_ref().map(|s| (s.credential, via)),
            valid_until,
        };
        let meta = unrepeated(actor);
        let done = self
            .change(user, &meta, false, &command, |before, events| {
                let mut along = set.as_ref().map_or_else(Along::default, |s| s.along(user, events));
                if !service {
                    along.claims = self.take_login(user, &login, before.login());
                }
                along.side_writes.extend(still_there());
                along
            })
            .await
            .map_err(|e| e.at("login"))?;
        let valid_until_micros = crate::convert::micros(valid_until);
        Ok(wire::CreateAgentResponse { user_id: user.to_string(), position: done.position, valid_until_micros })
    }

    /// All agents, by name.
    pub(crate) async fn list_agents(&self, actor: &Actor) -> Result<wire::ListAgentsResponse, Error> {
        rights::may_see_access(actor)?;
        let agents = agents::agents(&self.pool, None).await?;
        Ok(wire::ListAgentsResponse { agents: agents.into_iter().map(|(agent, _)| agent).collect() })
    }
}
