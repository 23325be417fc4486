//! What agents do with the second factors and sessions of others.

use crate::{
    Identity,
    authority::Intent,
    commands::{Along, End, account::view, database},
    domain::{
        account::{Command, Event},
        activity::EndReason,
    },
    passkeys::DeletePasskeys,
    sessions,
    totp::{DeleteTotp, ReplaceCodes},
};
use eventlog::{Meta, SideWrite};
use kernel::{Actor, Error, new_id, parse_id};
use proto::identity::v1 as wire;

/// Fewest and most characters of a reason.
const REASON: std::ops::RangeInclusive<usize> = 10..=500;

impl Identity {
    /// Says whether a user must have a second factor. Sessions that were begun without one end.
    pub(crate) async fn require_mfa(
        &self,
        actor: &Actor,
        request: &wire::RequireMfaRequest,
    ) -> Result<wire::RequireMfaResponse, Error> {
        let required = request.required;
        // Lifting it takes protection away.
        let intent = if required { Intent::Manage } else { Intent::Become };
        let user = self.managed(actor, &request.user_id, intent).await?.user;
        let command = Command::RequireMfa { user, required };
        let end = if required { End::WithoutFactor(EndReason::MfaRequired) } else { End::Nobody };
        let along = |_: &_, _: &[Event]| Ok(Along { end: end.clone(), ..Along::default() });
        let done = self.change(user, &Meta::new(actor.clone(), new_id(), &[]), false, &command, along).await?;
        Ok(wire::RequireMfaResponse { position: done.position })
    }

    /// Removes every second factor of somebody who lost them; every session ends. Needs a reason.
    pub(crate) async fn reset_mfa(
        &self,
        actor: &Actor,
        request: &wire::ResetMfaRequest,
    ) -> Result<wire::ResetMfaResponse, Error> {
        let user = self.managed(actor, &request.user_id, Intent::Become).await?.user;
        let reason = reason(&request.reason)?;
        let command = Command::ResetFactors { user, reason };
        let along = |_: &_, _: &[Event]| {
            let side_writes: Vec<Box<dyn SideWrite>> = vec![
                Box::new(DeleteTotp(user)),
                Box::new(DeletePasskeys { user, only: None }),
                Box::new(ReplaceCodes { user, hashes: Vec::new() }),
            ];
            Ok(Along { side_writes, end: End::All(EndReason::MfaChanged), ..Along::default() })
        };
        let done = self.change(user, &Meta::new(actor.clone(), new_id(), &[]), false, &command, along).await?;
        Ok(wire::ResetMfaResponse { position: done.position })
    }

    /// The live sessions of a user, support access included.
    pub(crate) async fn list_user_sessions(
        &self,
        actor: &Actor,
        request: &wire::ListUserSessionsRequest,
    ) -> Result<wire::ListSessionsResponse, Error> {
        let user = self.managed(actor, &request.user_id, Intent::Look).await?.user;
        let live = sessions::of_user(&self.pool, user).await.map_err(database)?;
        Ok(wire::ListSessionsResponse { sessions: live.into_iter().map(|s| view(s, None)).collect() })
    }

    /// Ends one session of a user, or all.
    pub(crate) async fn end_user_sessions(
        &self,
        actor: &Actor,
        request: &wire::EndUserSessionsRequest,
    ) -> Result<wire::EndSessionsResponse, Error> {
        let user = self.managed(actor, &request.user_id, Intent::Manage).await?.user;
        let mut live = sessions::of_user(&self.pool, user).await.map_err(database)?;
        if !request.session_id.is_empty() {
            let wanted = parse_id(&request.session_id)?;
            live.retain(|s| s.id == wanted);
            if live.is_empty() {
                return Err(Error::not_found());
            }
        }
        let whole = request.session_id.is_empty();
        self.end_listed(Meta::new(actor.clone(), new_id(), &[]), user, live, EndReason::EndedByAgent, whole).await
    }
}

/// A reason in the agent's words: who reads it later must understand it.
pub(crate) fn reason(text: &str) -> Result<String, Error> {
    let wrong = || Error::invalid_field("reason", "out_of_range", "Please give a reason of 10 to 500 characters.");
    let kept = match kernel::text::lines(text, *REASON.end()) {
        Err(kernel::text::CONTROL_CHARACTERS) => {
            return Err(Error::invalid_field("reason", "not_plain_text", "Please use plain text."));
        }
        kept => kept.ok().flatten().unwrap_or_default(),
    };
    if REASON.contains(&kept.chars().count()) { Ok(kept) } else { Err(wrong()) }
}
