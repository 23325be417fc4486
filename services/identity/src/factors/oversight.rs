//! What agents do with the second factors of others.

use crate::{
    accounts::{Along, End},
    authority::Intent,
    domain::{
        account::{Command, Event},
        activity::EndReason,
    },
    draft::unrepeated,
    factors::{passkeys::rows::DeletePasskeys, recovery::ReplaceCodes, totp::DeleteTotp},
    identity::Identity,
};
use eventlog::SideWrite;
use kernel::{Actor, Error};
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
        let along = |_: &_, _: &[Event]| Along { end: end.clone(), ..Along::default() };
        let done = self.change(user, &unrepeated(actor), false, &command, along).await?;
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
            Along { side_writes, end: End::All(EndReason::MfaChanged), ..Along::default() }
        };
        let done = self.change(user, &unrepeated(actor), false, &command, along).await?;
        Ok(wire::ResetMfaResponse { position: done.position })
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
