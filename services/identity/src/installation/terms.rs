//! The terms of use, and what else everybody may know before signing in.

use crate::{
    accounts::Along,
    domain::{account::Command, password::min_characters},
    identity::Identity,
    sessions::own::{Own, Renewed},
};
use kernel::{Actor, Error};
use proto::identity::v1 as wire;

impl Identity {
    /// Agrees to the terms of use as they are now. Whoever agrees proves nothing by it: a login that waits for it goes on
    /// as fresh as it was, and a session that is complete keeps its token.
    pub(crate) async fn accept_terms(
        &self,
        own: Own,
        request: wire::AcceptTermsRequest,
    ) -> Result<wire::LoginResponse, Error> {
        let current = self.current.get().await?;
        if request.terms_version != current.terms_version() {
            let message = "The terms have changed meanwhile. Please read them again.";
            return Err(Error::invalid_field("terms_version", "stale", message));
        }
        let user = own.session.user;
        let command = Command::AcceptTerms { user, version: request.terms_version };
        let done = self.change(user, &own.meta(), false, &command, |_, _| Along::default()).await?;
        self.go_on(&own, own.session.assured, Renewed::not_at_all(), done).await
    }

    /// What everybody may know before signing in.
    pub(crate) async fn get_public_policy(
        &self,
        _: &Actor,
        _: &wire::GetPublicPolicyRequest,
    ) -> Result<wire::GetPublicPolicyResponse, Error> {
        let current = self.current.get().await?;
        Ok(wire::GetPublicPolicyResponse {
            min_password_length: i32::try_from(min_characters(false)).unwrap_or_default(),
            terms_required: current.required_terms().is_some(),
            terms_version: current.terms_version(),
            terms: current.terms.clone().into_iter().collect(),
            help_contact: current.help_contact.clone(),
            lock_failures: current.lock_failures,
        })
    }
}
