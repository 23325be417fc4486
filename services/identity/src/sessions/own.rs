//! The session that asks for somebody's own account: whether it may, and another token for it.

use crate::{
    convert,
    domain::{activity::Activity, stage::Stage},
    draft::DraftEvents,
    error::{database, invalid_credentials, no_session},
    facts::{self, LoginFacts},
    identity::Identity,
    kind::channel_of,
    proof::{Assured, Proved},
    rights, secrets,
    sessions::{
        self, RotateSession, Session, drop_pending,
        still_open::{CameBy, Closed},
    },
    source::Origin,
    streams::activity_stream,
};
use eventlog::{Draft, Expected, Meta, SideWrite};
use kernel::{Actor, ActorKind, Error, FRESH_SECONDS, new_id};
use proto::{
    identity::v1 as wire,
    method::{BySession, Method, Proof},
};
use runtime::step_up_required;

/// The step of a login that a method is; none for what only a complete login may do.
fn step_of(method: &Method) -> Option<Stage> {
    match method.name() {
        "VerifyFactor" => Some(Stage::Factor),
        "BeginTotp" | "ConfirmTotp" | "BeginPasskey" | "FinishPasskey" => Some(Stage::Enrolment),
        "ChangePassword" => Some(Stage::PasswordChange),
        "AcceptTerms" => Some(Stage::Terms),
        _ => None,
    }
}

/// What a page needs to know at every step.
fn at_every_step(method: &Method) -> bool {
    method.name() == "GetSecurity"
}

/// The session that asks, and its account.
pub(crate) struct Own {
    /// The service that asks for the person.
    pub(crate) caller: Actor,
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
            auth_time: self.session.assured.auth_at(),
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
        let now = self.session.now.micros();
        self.session.proved_at().is_some_and(|at| now - at.micros() <= FRESH_SECONDS * 1_000_000)
    }
}

/// Another token for a session, ready to be written with what made it necessary. The former one is dead with the same
/// commit. A login that waits for its next step has none: each step makes a session anew.
pub(crate) struct Renewed(Option<(secrets::Token, RotateSession)>);

impl Renewed {
    /// The session keeps its token.
    pub(crate) fn not_at_all() -> Renewed {
        Renewed(None)
    }

    /// What is to be written.
    pub(crate) fn write(&self) -> Option<Box<dyn SideWrite>> {
        self.0.as_ref().map(|(_, rotate)| Box::new(rotate.clone()) as Box<dyn SideWrite>)
    }

    /// The answer after it was written at this position; 0 when nothing was, and then the token is what it was.
    pub(crate) fn answer(self, own: &Own, position: i64) -> wire::LoginResponse {
        let s = &own.session;
        let token = self.0.filter(|_| position > 0).map(|(token, _)| token.text.expose().clone());
        wire::LoginResponse {
            session_token: token.unwrap_or_default(),
            session_id: s.id.to_string(),
            subject: Some(convert::subject(s.kind, s.user, &s.name, &s.role, &s.locale, &s.login)),
            position,
            stage: convert::stage(Stage::Complete).into(),
            device: String::new(),
            factors: Vec::new(),
        }
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
        let facts = facts::account_of_user(&self.pool, session.user).await.map_err(database)?;
        let facts = facts.filter(LoginFacts::is_open).ok_or_else(no_session)?;
        let origin = Origin::of(proof.source.as_ref());
        let own = Own { caller: actor.clone(), session, facts, origin, token_hash };
        if own.session.stage != Stage::Complete {
            self.may_go_on(&own).await?;
        }
        Ok(own)
    }

    /// The same for the account of a session that is there already. A login that waits and may not go on is over.
    pub(crate) async fn may_go_on(&self, own: &Own) -> Result<(), Error> {
        let waits = own.session.stage != Stage::Complete;
        let closed = match self.still_open(&own.facts, &own.came_by()).await {
            Ok(_) => return Ok(()),
            Err(closed) => closed,
        };
        match closed {
            Closed::Failed(e) => Err(e),
            // Not before the second factor is proved.
            Closed::Told(_) if own.session.stage == Stage::Factor => Ok(()),
            Closed::Told(e) => Err(e),
            Closed::Quietly if waits => {
                drop_pending(&self.pool, own.session.id).await.map_err(database)?;
                Err(if own.session.stage == Stage::Factor { invalid_credentials() } else { no_session() })
            }
            Closed::Quietly => Err(invalid_credentials()),
        }
    }

    /// The session that a request brings, if it may do what the method does: the login is complete, or waits for just this
    /// step, and the last proof is as new as the table of methods says. The only place that asks a session for it.
    ///
    /// # Errors
    /// Those of [`Identity::own`]; `login_not_complete`; `step_up_required` when the last proof is older than ten minutes.
    pub(crate) async fn own_for<R: BySession>(&self, actor: &Actor, request: &R) -> Result<Own, Error> {
        let own = self.own(actor, request.session()).await?;
        match own.session.stage {
            Stage::Complete if R::METHOD.proof == Proof::Fresh && !own.is_fresh() => Err(step_up_required()),
            Stage::Complete => Ok(own),
            stage if step_of(R::METHOD) == Some(stage) || at_every_step(R::METHOD) => Ok(own),
            Stage::Factor | Stage::Enrolment | Stage::PasswordChange | Stage::Terms => {
                Err(Error::forbidden("login_not_complete"))
            }
        }
    }

    /// Another token for a complete session that knows this of its person.
    pub(crate) fn renew(&self, own: &Own, assured: Assured) -> Result<Renewed, Error> {
        if own.session.stage != Stage::Complete {
            return Ok(Renewed(None));
        }
        let token = secrets::session_token()?;
        let rotate = RotateSession {
            session: own.session.id,
            former_hash: own.token_hash.clone(),
            token_hash: token.hash.clone(),
            assured,
        };
        Ok(Renewed(Some((token, rotate))))
    }

    /// Somebody proved again who they are: the session is fresh, under another token.
    pub(crate) async fn stepped_up(&self, own: &Own, proved: Proved) -> Result<wire::LoginResponse, Error> {
        let (user, session, method) = (own.session.user, own.session.id, proved.method());
        let renewed = self.renew(own, own.session.assured.and(&proved, own.facts.has_factor()))?;
        let mut draft = Draft::default();
        draft.side_writes.extend(renewed.write());
        // Gateways forget what they know of this user's sessions when they hear of it.
        let stream = draft.stream(activity_stream(user), Expected::Any);
        draft.activity(stream, &Activity::SteppedUp { user, session, method });
        let appended = self.log.append(draft.append(own.meta())).await.map_err(crate::error::unappended)?;
        Ok(renewed.answer(own, appended.last))
    }
}
