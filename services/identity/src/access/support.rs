//! Support access: an agent opens the portal as a contact, to look or, with a right of its own, to change things. The
//! session is the contact's and says whose it is; each agent has one at most.

use crate::{
    authority::{Intent, rights_of},
    codec::administration::{Administration, encode},
    convert,
    domain::{account::Account, activity::EndReason, session::Limits, stage::Stage, visit::Visit},
    identity::Identity,
    proof::Assured,
    secrets,
    sessions::NewSession,
    streams::activity_stream,
};
use eventlog::{Appended, Draft, Expected, Loaded, LogError, Meta, SideWrite, Stored};
use kernel::{Actor, ActorKind, Code, Error, FieldError, new_id, parse_id};
use proto::identity::v1 as wire;
use sqlx::PgConnection;
use uuid::Uuid;

/// Fewest and most characters of a reason.
const REASON: std::ops::RangeInclusive<usize> = 10..=500;

impl Identity {
    /// Opens the portal as a contact. The former support access of the same agent ends with it.
    pub(crate) async fn begin_impersonation(
        &self,
        caller: &Actor,
        request: &wire::BeginImpersonationRequest,
    ) -> Result<wire::LoginResponse, Error> {
        let own = self.own_for(caller, request).await?;
        let agent = Actor { rights: rights_of(&self.pool, &own.session.role).await?, ..own.actor() };
        let intent = Intent::Impersonate { write: request.write };
        let contact = parse_id(&request.contact_id)?;
        self.may_act_on(&agent, &[contact], intent).await?;
        let (reason, ticket) = checked(request)?;
        let now = self.log.now();

        let Loaded { state: account, version, .. } = self.log.aggregate::<Account>(contact).await?;
        let person = match &account {
            Account::Enabled(access) if !access.person.suspended => &access.person,
            Account::Enabled(_) | Account::Disabled { .. } | Account::Absent => {
                let public = "Only a contact with portal access can be looked at from inside.";
                return Err(Error::new(Code::Precondition, "access_not_enabled", public));
            }
            Account::Agent(_) => {
                return Err(Error::new(Code::Precondition, "is_an_agent", "Nobody acts as another agent."));
            }
        };
        let agent_version = self.log.aggregate::<Account>(agent.id).await?.version;
        let token = secrets::session_token()?;
        let (session, limits) = (new_id(), Limits::of_support_access());
        let expires_at = now.plus_seconds(limits.absolute_seconds);
        let mut draft = Draft::default();
        // Unwritten, but part of the append: whoever loses access, or is disabled, at this moment is not let in.
        draft.stream(Account::stream(contact), Expected::Version(version));
        draft.stream(Account::stream(agent.id), Expected::Version(agent_version));
        self.end_support(agent.id, EndReason::Ended, &mut draft).await?;
        let stream = draft.stream(activity_stream(contact), Expected::Any);
        let write = request.write;
        let visit =
            Visit::SupportStarted { user: contact, agent: agent.id, session, reason, ticket, write, expires_at };
        let (stored_type, payload) = encode(&Administration::Visit(visit));
        let key = self.log.keys().key_for(contact).await?;
        draft.event(stream, (stored_type, payload), Some(key));
        draft.side_writes.push(Box::new(SupportSession { agent: agent.id, session }));
        draft.side_writes.push(Box::new(NewSession {
            id: session,
            token_hash: token.hash,
            user: contact,
            kind: ActorKind::Contact,
            origin: own.origin.clone(),
            limits,
            not_after: None,
            stage: Stage::Complete,
            assured: Assured::by_support_access(),
            agent: Some(agent.id),
            read_only: !write,
            budget: None,
        }));
        let meta = Meta::new(agent.clone(), new_id(), &[]);
        let appended = match self.log.append(draft.append(meta)).await {
            Ok(appended) => appended,
            Err(LogError::WrongExpectedVersion { .. }) => {
                let public = "Somebody changed this access at the same moment. Please try again.";
                return Err(Error::new(Code::Conflict, "concurrent_change", public));
            }
            Err(e) => return Err(e.into()),
        };
        tracing::info!(event = "support.started", user.id = %contact, agent.id = %agent.id, session.id = %session,
                       "an agent opened the portal as a contact");
        let subject = convert::subject(ActorKind::Contact, contact, &person.name, "", &person.locale, &person.login);
        Ok(wire::LoginResponse {
            session_token: token.text.expose().clone(),
            session_id: session.to_string(),
            subject: Some(subject),
            position: appended.last,
            stage: wire::Stage::Complete.into(),
            ..wire::LoginResponse::default()
        })
    }
}

/// The reason and the ticket, or all that is wrong with them.
fn checked(request: &wire::BeginImpersonationRequest) -> Result<(String, Option<Uuid>), Error> {
    let mut faults = Vec::new();
    let mut fault = |field: &str, code: &'static str, message: &str| {
        faults.push(FieldError { field: field.to_owned(), code: code.into(), message: message.to_owned() });
    };
    // Far more than is taken, so that what is too long is told from what can't be shown.
    let kept = kernel::text::lines(&request.reason, 10 * REASON.end());
    if let Err((code, message)) = kept {
        fault("reason", code, message);
    }
    let reason = kept.clone().ok().flatten().unwrap_or_default();
    match reason.chars().count() {
        _ if kept.is_err() => {}
        count if count < *REASON.start() => fault("reason", "too_short", "Please say why, in at least 10 characters."),
        count if count > *REASON.end() => fault("reason", "too_long", "A reason has at most 500 characters."),
        _ => {}
    }
    let ticket = if request.ticket_id.is_empty() { None } else { Uuid::try_parse(&request.ticket_id).ok() };
    if ticket.is_none() && !request.ticket_id.is_empty() {
        fault("ticket_id", "unknown", "There is no such ticket.");
    }
    if faults.is_empty() { Ok((reason, ticket)) } else { Err(Error::invalid(faults)) }
}

/// Remembers which session of an agent shows the portal as a contact.
struct SupportSession {
    agent: Uuid,
    session: Uuid,
}

impl SideWrite for SupportSession {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            sqlx::query(
                "insert into support_session (agent_id, session_id) values ($1, $2)
                 on conflict (agent_id) do update set session_id = excluded.session_id",
            )
            .bind(self.agent)
            .bind(self.session)
            .execute(tx)
            .await?;
            Ok(())
        })
    }
}
