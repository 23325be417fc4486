//! What identity's events mean here: addresses of agents, access of contacts, and security mail.

use super::{Facts, id, learned, payload, queue};
use crate::{
    copied::CopiedFact,
    domain::delivery::{Order, Template},
    owners::{self, Owner},
};
use eventlog::{Handler, HandlerError, Log, Reaction, Recorded};
use futures::future::BoxFuture;
use proto::{event::StoredEvent, identity::v1 as heard};
use sqlx::PgConnection;
use uuid::Uuid;

pub(super) const NAME: &str = "notification-identity";
/// At most one mail about a lock within these seconds: whoever guesses passwords must not be able to flood a mailbox.
const LOCK_TOLD_EVERY: i64 = 24 * 3600;

/// Hears identity.
pub struct IdentityReactions {
    log: Log,
}

impl IdentityReactions {
    /// Acts in notification's log.
    pub fn new(log: Log) -> IdentityReactions {
        IdentityReactions { log }
    }

    pub(super) fn log(&self) -> &Log {
        &self.log
    }

    async fn react(&self, event: &Recorded) -> Result<Reaction, HandlerError> {
        match &*event.stored_type {
            heard::AgentCreated::STORED_TYPE => {
                let m: heard::AgentCreated = payload(event)?;
                let (id, at) = (id(&m.user_id)?, event.recorded_at.to_offset());
                let (login, name, email, locale) = (m.login, m.name, m.email, m.locale);
                let agent = CopiedFact::Agent { id, login, name, email, locale, at };
                Ok(learned(NAME, event, vec![agent]))
            }
            heard::AgentChanged::STORED_TYPE => {
                let m: heard::AgentChanged = payload(event)?;
                let (id, at) = (id(&m.user_id)?, event.recorded_at.to_offset());
                let agent = CopiedFact::AgentChanged { id, name: m.name, email: m.email, locale: m.locale, at };
                Ok(learned(NAME, event, vec![agent]))
            }
            heard::AccessEnabled::STORED_TYPE => {
                let m: heard::AccessEnabled = payload(event)?;
                let (id, login, name, email) = (id(&m.user_id)?, m.login, m.name, m.email);
                let access = CopiedFact::AccessOn { id, login, name, email, locale: m.locale };
                Ok(learned(NAME, event, vec![access]))
            }
            heard::AccessDisabled::STORED_TYPE => {
                let m: heard::AccessDisabled = payload(event)?;
                Ok(learned(NAME, event, vec![CopiedFact::AccessOff { id: id(&m.user_id)? }]))
            }
            heard::AccessSuspended::STORED_TYPE => {
                let m: heard::AccessSuspended = payload(event)?;
                Ok(learned(NAME, event, vec![CopiedFact::Suspended { id: id(&m.user_id)?, suspended: true }]))
            }
            heard::AccessResumed::STORED_TYPE => {
                let m: heard::AccessResumed = payload(event)?;
                Ok(learned(NAME, event, vec![CopiedFact::Suspended { id: id(&m.user_id)?, suspended: false }]))
            }
            heard::InvitationIssued::STORED_TYPE => self.invited(event).await,
            heard::Locked::STORED_TYPE => self.locked(event).await,
            _ => self.tell(event).await,
        }
    }

    async fn invited(&self, event: &Recorded) -> Result<Reaction, HandlerError> {
        let m: heard::InvitationIssued = payload(event)?;
        let facts = Facts { name: m.name, to: "contact".into(), support_start: m.support_start, ..Facts::default() };
        let order = Order {
            template: Template::Invitation,
            recipient_id: id(&m.user_id)?,
            recipient: m.email,
            locale: m.locale,
            subject_id: m.invitation_id,
            subject_module: String::new(),
            source_event_id: event.event_id,
            facts: facts.json(),
        };
        queue(&self.log, NAME, event, order, Vec::new()).await
    }

    async fn locked(&self, event: &Recorded) -> Result<Reaction, HandlerError> {
        let m: heard::Locked = payload(event)?;
        let user = id(&m.user_id)?;
        let owner = owners::find(self.log.pool(), user).await?;
        let now = event.recorded_at.to_offset();
        let told = owner.as_ref().and_then(|o| o.lock_told_at);
        if told.is_some_and(|t| (now - t).whole_seconds() < LOCK_TOLD_EVERY) {
            return Ok(Reaction::Nothing);
        }
        let kind = if m.kind == heard::SubjectKind::Agent as i32 { "agent" } else { "contact" };
        let facts = Facts { to: kind.into(), locked_until_micros: m.locked_until_micros, ..Facts::default() };
        let order = self.security_mail(Template::AccountLocked, user, owner, event, &facts);
        queue(&self.log, NAME, event, order, vec![CopiedFact::LockTold { id: user, at: now }]).await
    }

    fn security_mail(
        &self,
        template: Template,
        user: Uuid,
        owner: Option<Owner>,
        event: &Recorded,
        facts: &Facts,
    ) -> Order {
        let (recipient, locale) = owner.map(|o| (o.address, o.locale)).unwrap_or_default();
        Order {
            template,
            recipient_id: user,
            recipient,
            locale,
            subject_id: user.to_string(),
            subject_module: String::new(),
            source_event_id: event.event_id,
            facts: facts.json(),
        }
    }
}

impl Handler for IdentityReactions {
    fn name(&self) -> &'static str {
        NAME
    }

    fn handle<'a>(&'a self, event: &'a Recorded) -> BoxFuture<'a, Result<Reaction, HandlerError>> {
        Box::pin(self.react(event))
    }

    fn reset<'a>(&'a self, connection: &'a mut PgConnection) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        Box::pin(async move {
            // What records said of contacts stays; what identity said is heard again.
            sqlx::query("delete from recipients where kind = 'agent'").execute(&mut *connection).await?;
            sqlx::query(
                "update recipients set access_name = '', access_email = '', locale = '', access = null,
                     lock_told_at = null, login_email = '', login_email_at = null, account_login = '',
                     account_email = ''",
            )
            .execute(connection)
            .await?;
            Ok(())
        })
    }
}
