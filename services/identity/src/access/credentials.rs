//! Passwords that somebody sets for somebody else: they work once and must be changed.

use crate::{
    authority::Intent,
    domain::account::{Command, Rejection, Via},
    draft::unrepeated,
    error::{database, user_unknown},
    facts,
    identity::Identity,
    login::new_password::Setting,
    rights,
};
use kernel::{Actor, Error, Secret, parse_id};
use proto::identity::v1 as wire;

impl Identity {
    /// Sets a password without an invitation: a lasting one for the demo data alone; what the command line sets for
    /// somebody works once and must be changed.
    pub(crate) async fn set_password(
        &self,
        actor: &Actor,
        request: wire::SetPasswordRequest,
    ) -> Result<wire::SetPasswordResponse, Error> {
        rights::may_set_passwords(actor)?;
        let given = Secret::new(request.password);
        let user = parse_id(&request.user_id)?;
        let (via, valid_until) = match request.via.as_str() {
            "demo" => (Via::Demo, None),
            "console" => (Via::OneTime, Some(self.one_time_end().await?)),
            _ => return Err(Error::invalid_field("via", "unknown", "Either demo or console.")),
        };
        let facts = facts::account_of_user(&self.pool, user).await.map_err(database)?.ok_or_else(user_unknown)?;
        let setting = Setting { one_time_until: valid_until, ..Setting::for_user("password", via, &facts) };
        let set = self.new_credential(setting, given.expose()).await?;
        let command = Command::SetPassword { user, credential: set.credential, via, valid_until };
        let meta = unrepeated(actor);
        let done = self.change(user, &meta, false, &command, |_, events| set.along(user, events)).await?;
        Ok(wire::SetPasswordResponse { position: done.position })
    }

    /// Sets a password that works once, for some days at most, and must be changed then. Agents can never choose a lasting
    /// one.
    pub(crate) async fn set_one_time_password(
        &self,
        actor: &Actor,
        request: wire::SetOneTimePasswordRequest,
    ) -> Result<wire::SetOneTimePasswordResponse, Error> {
        let facts = self.managed(actor, &request.user_id, Intent::Become).await?;
        if !facts.enabled {
            return Err(Rejection::AccessNotEnabled.into());
        }
        let user = facts.user;
        let (given, valid_until) = self.one_time(request.password).await?;
        let setting =
            Setting { one_time_until: Some(valid_until), ..Setting::for_user("password", Via::OneTime, &facts) };
        let set = self.new_credential(setting, given.expose()).await?;
        let command = Command::SetPassword {
            user,
            credential: set.credential,
            via: Via::OneTime,
            valid_until: Some(valid_until),
        };
        let meta = unrepeated(actor);
        let done = self.change(user, &meta, false, &command, |_, events| set.along(user, events)).await?;
        Ok(wire::SetOneTimePasswordResponse {
            password: given.expose().clone(),
            valid_until_micros: valid_until.micros(),
            position: done.position,
        })
    }
}
