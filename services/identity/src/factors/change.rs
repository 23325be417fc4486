//! A factor that is set up, or removed: what both kinds have in common.

use crate::{
    accounts::{Along, End},
    domain::{
        account::{Command, Factor},
        activity::EndReason,
    },
    factors::recovery::ReplaceCodes,
    identity::Identity,
    proof::Enrolled,
    sessions::own::Own,
};
use eventlog::SideWrite;
use kernel::Error;
use proto::identity::v1 as wire;
use tracing::info;

impl Identity {
    /// Appends a new factor and lets the session go on: to its next stage, or with a new token. The session holds the
    /// factor now; that is no proof of who is there, so it is as fresh as before.
    pub(crate) async fn add_factor(
        &self,
        own: &Own,
        enrolled: Enrolled,
        command: Command,
        hashes: Vec<Vec<u8>>,
        store: impl Fn() -> Vec<Box<dyn SideWrite>>,
    ) -> Result<wire::LoginResponse, Error> {
        let user = own.session.user;
        let assured = own.session.assured.with(enrolled);
        let renewed = self.renew(own, assured)?;
        let done = self
            .change(user, &own.meta(), false, &command, |_, _| {
                let mut side_writes = store();
                if !hashes.is_empty() {
                    side_writes.push(Box::new(ReplaceCodes { user, hashes: hashes.clone() }));
                }
                side_writes.extend(renewed.write());
                Along { side_writes, ..Along::default() }
            })
            .await?;
        self.go_on(own, assured, renewed, done).await
    }

    /// Appends that a factor is gone, with its row; recovery codes go with the last one.
    pub(crate) async fn remove_factor(
        &self,
        own: &Own,
        factor: Factor,
        rest: bool,
        delete: impl Fn() -> Vec<Box<dyn SideWrite>>,
    ) -> Result<wire::LoginResponse, Error> {
        let user = own.session.user;
        let current = self.current.get().await?;
        let required = current.requires_mfa_of(own.session.kind);
        let command = Command::RemoveFactor { user, factor, required };
        let renewed = self.renew(own, own.session.assured)?;
        let done = self
            .change(user, &own.meta(), false, &command, |_, _| {
                let mut side_writes = delete();
                if !rest {
                    side_writes.push(Box::new(ReplaceCodes { user, hashes: Vec::new() }));
                }
                side_writes.extend(renewed.write());
                let end = End::Others(EndReason::MfaChanged, own.session.id);
                Along { side_writes, end, ..Along::default() }
            })
            .await?;
        info!(event = "factor.removed", user.id = %user, "a second factor was removed");
        Ok(renewed.answer(own, done.position))
    }
}
