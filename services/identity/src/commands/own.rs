//! Somebody's own account: which session asks, whether it may, and a new token after a proof.

use crate::{
    Identity,
    commands::{Draft, activity_stream, database, entry::row_is_gone, login::channel_of, still_open::CameBy},
    convert,
    domain::{
        activity::{Activity, Method},
        login::login_key,
        stage::Stage,
    },
    error::{no_session, step_up_required},
    queries::{self, LoginFacts},
    rights, secrets,
    sessions::{self, RotateSession, Session},
    source::Origin,
};
use eventlog::{Expected, Meta};
use kernel::{Actor, ActorKind, Error, FRESH_SECONDS, new_id};
use proto::identity::v1 as wire;

/// The session that asks, and its account.
pub(crate) struct Own {
    pub(crate) session: Session,
    pub(crate) facts: LoginFacts,
    pub(crate) origin: Origin,
    /// Hash of the token that asked.
    pub(crate) token_hash: Vec<u8>,
}

impl Own {
    /// The person as actor.
    pub(crate) fn actor(&self) -> Actor {
        Actor {
            role: self.session.role.clone(),
            session: Some(self.session.id),
            auth_time: self.session.auth_at,
            ..Actor::new(self.session.kind, self.session.user, channel_of(self.session.kind))
        }
    }

    /// What the login of this session came by.
    pub(crate) fn came_by(&self) -> CameBy<'_> {
        CameBy {
            by_password: self.session.by_password(),
            budget: self.session.budget.as_ref(),
            cleared: &[],
            network: &self.session.network,
        }
    }

    /// A meta of the person's own doing.
    pub(crate) fn meta(&self) -> Meta {
        Meta::new(self.actor(), new_id(), &[])
    }

    /// True when the person proved who they are within the last ten minutes, with the second factor if there is one.
    pub(crate) fn is_fresh(&self) -> bool {
        let recent =
            self.session.auth_at.is_some_and(|at| self.session.now.micros() - at.micros() <= FRESH_SECONDS * 1_000_000);
        recent && (!self.facts.has_factor() || self.session.assurance >= 2)
    }
}

impl Identity {
    /// The session of a proof, at whatever stage; only a person's own. A login that waits is asked everything again.
    ///
    /// # Errors
    /// What [`Identity::may_go_on`] says of a login that waits; `session_invalid`; `own_session_only` for support access, links and programs.
    pub(crate) async fn own(&self, actor: &Actor, proof: Option<&wire::SessionProof>) -> Result<Own, Error> {
        rights::may_ask_for_strangers(actor)?;
        let proof = proof.ok_or_else(no_session)?;
        let token_hash = secrets::session_token_hash(&proof.token).ok_or_else(no_session)?;
        let session = sessions::find(&self.pool, &token_hash).await.map_err(database)?.ok_or_else(no_session)?;
        let surface = crate::codec::actor_kind(proof.surface());
        if session.agent.is_some() || session.kind == ActorKind::Company {
            return Err(Error::forbidden("own_session_only"));
        }
        if surface != Some(session.kind) {
            return Err(no_session());
        }
        let facts = queries::account_of_user(&self.pool, session.user).await.map_err(database)?;
        let facts = facts.filter(LoginFacts::is_open).ok_or_else(no_session)?;
        let own = Own { session, facts, origin: Origin::of(proof.source.as_ref()), token_hash };
        if own.session.stage != Stage::Complete {
            self.may_go_on(&own).await?;
        }
        Ok(own)
    }

    /// The same, for what a login must be complete for.
    pub(crate) async fn own_complete(&self, actor: &Actor, proof: Option<&wire::SessionProof>) -> Result<Own, Error> {
        let own = self.own(actor, proof).await?;
        if own.session.stage == Stage::Complete { Ok(own) } else { Err(Error::forbidden("login_not_complete")) }
    }

    /// The same, for what is sensitive.
    ///
    /// # Errors
    /// `step_up_required` when the last proof is older than ten minutes.
    pub(crate) async fn own_fresh(&self, actor: &Actor, proof: Option<&wire::SessionProof>) -> Result<Own, Error> {
        let own = self.own_complete(actor, proof).await?;
        if own.is_fresh() { Ok(own) } else { Err(step_up_required()) }
    }

    /// The same, for what may be done at one stage of a login, or later with a fresh proof.
    pub(crate) async fn own_at(
        &self,
        actor: &Actor,
        proof: Option<&wire::SessionProof>,
        stage: Stage,
    ) -> Result<Own, Error> {
        let own = self.own(actor, proof).await?;
        match own.session.stage {
            Stage::Complete if own.is_fresh() => Ok(own),
            Stage::Complete => Err(step_up_required()),
            at if at == stage => Ok(own),
            _ => Err(Error::forbidden("login_not_complete")),
        }
    }

    /// A new token for the session, with what else is to be written; the former token is dead with the same commit.
    pub(crate) async fn rotate(
        &self,
        own: &Own,
        method: Method,
        mut draft: Draft,
    ) -> Result<wire::LoginResponse, Error> {
        let token = secrets::session_token()?;
        let (user, session) = (own.session.user, own.session.id);
        draft.side_writes.push(Box::new(RotateSession {
            session,
            former_hash: own.token_hash.clone(),
            token_hash: token.hash.clone(),
            assurance: method.assurance(),
        }));
        // Gateways forget what they know of this user's sessions when they hear of it.
        if draft.streams.is_empty() {
            let stream = draft.stream(activity_stream(user), Expected::Any);
            draft.activity(stream, &Activity::SteppedUp { user, session, method });
        }
        let appended = match self.log.append(draft.append(own.meta())).await {
            Ok(appended) => appended,
            Err(e) if row_is_gone(&e) => return Err(no_session()),
            Err(e) => return Err(crate::commands::refusal(e)),
        };
        let s = &own.session;
        Ok(wire::LoginResponse {
            session_token: token.text.expose().clone(),
            session_id: session.to_string(),
            subject: Some(convert::subject(s.kind, s.user, &s.name, &s.role, &s.locale, &s.login)),
            position: appended.last,
            stage: convert::stage(Stage::Complete).into(),
            device: String::new(),
            factors: Vec::new(),
        })
    }

    /// Under what guesses at the password of an account are counted, on every way.
    pub(crate) fn password_key(&self, facts: &LoginFacts) -> Vec<u8> {
        self.keys.subject_key(facts.kind, &login_key(&facts.login))
    }
}
