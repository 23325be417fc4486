//! One's own account beyond passwords and factors: a fresh proof, terms, sessions, what is set up.

use crate::{
    Identity,
    commands::{
        Along, Draft, database,
        entry::required_of,
        factors::{Checked, Shown, wrong_code},
        own::{Own, Renewed},
    },
    domain::{
        account::Command,
        activity::{Activity, EndReason},
        password::min_characters,
    },
    guard::{self, Reservation},
    passkeys,
    proof::Assured,
    queries,
    sessions::{self, EndSessions, Listed},
    sources::Asking,
    totp,
};
use kernel::{Actor, Error, Secret, parse_id};
use proto::identity::v1 as wire;
use uuid::Uuid;

impl Identity {
    /// Proves again who is there: with the password, or with a code where there is a second factor.
    pub(crate) async fn step_up(&self, own: Own, request: wire::StepUpRequest) -> Result<wire::LoginResponse, Error> {
        self.sources.ask(&own.origin.address, Asking::Login)?;
        match self.may_go_on(&own).await {
            // As if the code were wrong; for a password the guard itself says so.
            Err(e) if e.reason == "invalid_credentials" && !request.code.is_empty() => {
                return Err(Error::invalid(vec![wrong_code("code")]));
            }
            Err(e) if e.reason != "invalid_credentials" => return Err(e),
            Ok(()) | Err(_) => {}
        }
        if own.facts.totp && !request.code.is_empty() {
            return match self.check_factor(&own, Shown::Code(&request.code)).await? {
                Checked::Right(proved, (guess, subject_key)) => {
                    let right = Reservation { guess, subject_key, failures: 0, lock: None };
                    guard::clear(&self.pool, &right).await.map_err(database)?;
                    self.stepped_up(&own, proved).await
                }
                Checked::Wrong { .. } => Err(Error::invalid(vec![wrong_code("code")])),
            };
        }
        if own.facts.has_factor() {
            // A password alone is less than what the login asked for.
            let message = "Please confirm with your second factor.";
            return Err(Error::invalid_field("code", "required", message));
        }
        let proved = self.prove_password(&own, Secret::new(request.password), "password").await?;
        self.stepped_up(&own, proved).await
    }

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
        let done = self.change(user, &own.meta(), false, &command, |_, _| Ok(Along::default())).await?;
        self.go_on(&own, Assured::of(&own.session), Renewed::not_at_all(), done).await
    }

    /// What is set up for the account, and what is asked of it.
    pub(crate) async fn get_security(
        &self,
        own: Own,
        _: wire::GetSecurityRequest,
    ) -> Result<wire::GetSecurityResponse, Error> {
        let user = own.session.user;
        let (current, keys) = (self.current.get().await?, passkeys::of_user(&self.pool, user).await.map_err(database)?);
        let left = totp::codes_left(&self.pool, user).await.map_err(database)?;
        let (pending_email, password_set) = queries::own_details(&self.pool, user).await.map_err(database)?;
        let facts = &own.facts;
        let mfa_required = facts.mfa_required || required_of(facts.kind, &current);
        let micros = crate::convert::micros;
        Ok(wire::GetSecurityResponse {
            login: facts.login.clone(),
            login_is_email: facts.login_is_email(),
            email: facts.email.clone(),
            has_password: facts.credential.is_some(),
            password_set_micros: micros(password_set),
            totp: facts.totp,
            passkeys: keys
                .into_iter()
                .map(|k| wire::Passkey {
                    passkey_id: k.id.to_string(),
                    name: k.name,
                    created_at_micros: k.created_at.micros(),
                    last_used_micros: micros(k.last_used_at),
                })
                .collect(),
            recovery_codes_left: i32::try_from(left).unwrap_or(i32::MAX),
            mfa_required,
            pending_email,
            min_password_length: i32::try_from(min_characters(facts.has_factor() || mfa_required)).unwrap_or_default(),
        })
    }

    /// One's own live sessions.
    pub(crate) async fn list_sessions(
        &self,
        own: Own,
        _: wire::ListSessionsRequest,
    ) -> Result<wire::ListSessionsResponse, Error> {
        let live = sessions::of_user(&self.pool, own.session.user).await.map_err(database)?;
        // An agent's support access is not the user's session; the user's activity tells of it.
        let own_ones = live.into_iter().filter(|s| s.agent.is_none());
        Ok(wire::ListSessionsResponse { sessions: own_ones.map(|s| view(s, Some(own.session.id))).collect() })
    }

    /// Ends one of one's own sessions, or all but the one that asks.
    pub(crate) async fn end_session_of_own(
        &self,
        own: Own,
        request: wire::EndSessionRequest,
    ) -> Result<wire::EndSessionsResponse, Error> {
        let user = own.session.user;
        let mut live = sessions::of_user(&self.pool, user).await.map_err(database)?;
        if request.session_id.is_empty() {
            live.retain(|s| s.id != own.session.id && s.agent.is_none());
        } else {
            let wanted = parse_id(&request.session_id)?;
            live.retain(|s| s.id == wanted && s.agent.is_none());
            if live.is_empty() {
                return Err(Error::not_found());
            }
        }
        let whole = request.session_id.is_empty();
        self.end_listed(own.meta(), user, live, EndReason::Ended, whole).await
    }

    /// Ends sessions that were listed, with an event for each; when they are all, an agent's support access too.
    pub(crate) async fn end_listed(
        &self,
        meta: eventlog::Meta,
        user: Uuid,
        live: Vec<Listed>,
        reason: EndReason,
        whole: bool,
    ) -> Result<wire::EndSessionsResponse, Error> {
        let mut draft = Draft::default();
        if whole {
            self.end_support(user, reason, &mut draft).await?;
        }
        let gone = |s: &Listed| Activity::LoggedOut { user, session: s.id, reason, agent: s.agent };
        draft.activities(&live.iter().map(gone).collect::<Vec<_>>());
        if draft.events.is_empty() {
            return Ok(wire::EndSessionsResponse::default());
        }
        let ended = i32::try_from(live.len()).unwrap_or(i32::MAX);
        draft.side_writes.push(Box::new(EndSessions(live.into_iter().map(|s| s.id).collect())));
        let appended = self.log.append(draft.append(meta)).await?;
        Ok(wire::EndSessionsResponse { ended, position: appended.last })
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

/// A session as its owner and agents see it.
pub(crate) fn view(session: Listed, asking: Option<Uuid>) -> wire::SessionView {
    wire::SessionView {
        current: asking == Some(session.id),
        session_id: session.id.to_string(),
        created_at_micros: session.created_at.micros(),
        last_seen_micros: session.last_seen.micros(),
        network: session.network,
        browser: session.browser,
        method: session.method,
        support_access: session.agent.is_some(),
    }
}
