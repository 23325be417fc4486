//! Whether somebody could sign in at this moment.

use crate::{error::database, facts, identity::Identity, rights, sessions::still_open::Closed};
use kernel::{Actor, ActorKind, Error, parse_id};
use proto::identity::v1 as wire;

impl Identity {
    /// What stands between a person and the portal or console now, if anything does. Locks are left out: they pass, and
    /// a reset link opens them.
    ///
    /// # Errors
    /// Forbidden for everybody but services.
    pub(crate) async fn check_entry(
        &self,
        actor: &Actor,
        request: &wire::CheckEntryRequest,
    ) -> Result<wire::CheckEntryResponse, Error> {
        rights::may_ask_for_strangers(actor)?;
        let user = parse_id(&request.user_id)?;
        let facts = facts::account_of_user(&self.pool, user).await.map_err(database)?;
        let reason = match facts {
            None => "no_access".to_owned(),
            Some(facts) if !facts.enabled && facts.kind == ActorKind::Agent => "disabled".to_owned(),
            Some(facts) if !facts.enabled => "no_access".to_owned(),
            Some(facts) if facts.suspended => "suspended".to_owned(),
            Some(facts) => match self.support_of(&facts) {
                Ok(_) => String::new(),
                Err(Closed::Told(refused)) => refused.reason.into_owned(),
                Err(Closed::Quietly) => "no_access".to_owned(),
                Err(Closed::Failed(error)) => return Err(error),
            },
        };
        Ok(wire::CheckEntryResponse { open: reason.is_empty(), reason })
    }
}
