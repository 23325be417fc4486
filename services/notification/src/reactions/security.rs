//! Security mail: what identity's events tell the owner of an account, whoever's doing it was.
//!
//! A lock and a new password are told, so are links to choose one, another login and every change of second factors. A
//! suspension and support access are told to nobody. Links are asked for when the mail is written; nothing here has one.

use super::{Facts, id, identity::IdentityReactions, payload, queue_all};
use crate::{
    convert,
    copied::CopiedFact,
    domain::delivery::{Order, Template},
    owners::{self, Owner},
    recipients::Kind,
};
use eventlog::{HandlerError, Reaction, Recorded};
use proto::{event::StoredEvent, identity::v1 as heard};
use uuid::Uuid;

/// What a mail is about, before it is known where it goes.
struct Notice {
    template: Template,
    user: Uuid,
    facts: Facts,
}

/// For a mail that goes to one address only: the address, and what the event says about the person.
struct Destination {
    address: String,
    name: String,
    locale: String,
    kind: Kind,
    /// The wish that the link is for.
    request: String,
}

impl IdentityReactions {
    /// The security mail of an event, if it has one.
    pub(super) async fn tell(&self, event: &Recorded) -> Result<Reaction, HandlerError> {
        match &*event.stored_type {
            heard::PasswordSet::STORED_TYPE => {
                let m: heard::PasswordSet = payload(event)?;
                let Some(template) = told_of_password(&m) else { return Ok(Reaction::Nothing) };
                let facts = Facts { valid_until_micros: m.valid_until_micros, ..Facts::default() };
                self.notice(event, template, &m.user_id, facts).await
            }
            heard::PasswordResetRequested::STORED_TYPE => self.reset_requested(event).await,
            heard::LoginChangeRequested::STORED_TYPE => self.login_change_requested(event).await,
            heard::LoginChanged::STORED_TYPE => self.login_changed(event).await,
            heard::TotpEnabled::STORED_TYPE => {
                let m: heard::TotpEnabled = payload(event)?;
                let facts = Facts { factor: "totp".into(), ..Facts::default() };
                self.notice(event, Template::FactorAdded, &m.user_id, facts).await
            }
            heard::PasskeyAdded::STORED_TYPE => {
                let m: heard::PasskeyAdded = payload(event)?;
                let facts = Facts { factor: "passkey".into(), passkey: m.name, ..Facts::default() };
                self.notice(event, Template::FactorAdded, &m.user_id, facts).await
            }
            heard::FactorRemoved::STORED_TYPE => {
                let m: heard::FactorRemoved = payload(event)?;
                // The agent's reason stays inside.
                let facts = Facts { factor: m.factor, ..Facts::default() };
                self.notice(event, Template::FactorRemoved, &m.user_id, facts).await
            }
            heard::RecoveryCodeUsed::STORED_TYPE => {
                let m: heard::RecoveryCodeUsed = payload(event)?;
                let facts = Facts { codes: m.left.into(), ..Facts::default() };
                self.notice(event, Template::RecoveryCodeUsed, &m.user_id, facts).await
            }
            heard::RecoveryCodesMade::STORED_TYPE => {
                let m: heard::RecoveryCodesMade = payload(event)?;
                let facts = Facts { codes: m.count.into(), ..Facts::default() };
                self.notice(event, Template::RecoveryCodesMade, &m.user_id, facts).await
            }
            _ => Ok(Reaction::Nothing),
        }
    }

    /// A mail to where identity reaches the owner.
    async fn notice(
        &self,
        event: &Recorded,
        template: Template,
        user: &str,
        facts: Facts,
    ) -> Result<Reaction, HandlerError> {
        let notice = Notice { template, user: id(user)?, facts };
        let owner = owners::find(self.log().pool(), notice.user).await?;
        let delivery = delivery(&notice, event);
        let order = to_owner(notice, event, owner.as_ref());
        queue_all(self.log(), super::identity::NAME, event, vec![(delivery, order)], Vec::new()).await
    }

    async fn reset_requested(&self, event: &Recorded) -> Result<Reaction, HandlerError> {
        let m: heard::PasswordResetRequested = payload(event)?;
        let notice = Notice {
            template: Template::PasswordReset,
            user: id(&m.user_id)?,
            facts: Facts { by_agent: m.by == "agent", ..Facts::default() },
        };
        let to = Destination {
            address: m.email,
            name: m.name,
            locale: m.locale,
            kind: kind_of(m.kind),
            request: m.request_id,
        };
        let delivery = delivery(&notice, event);
        let order = to_address(notice, event, to);
        queue_all(self.log(), super::identity::NAME, event, vec![(delivery, order)], Vec::new()).await
    }

    /// Confirmed at the new address, announced at the old.
    async fn login_change_requested(&self, event: &Recorded) -> Result<Reaction, HandlerError> {
        let m: heard::LoginChangeRequested = payload(event)?;
        let user = id(&m.user_id)?;
        let mut orders = Vec::new();
        for (template, address) in
            [(Template::LoginChangeConfirm, m.new_email), (Template::LoginChangeAnnounced, m.old_email)]
        {
            // Whoever signs in with a user name has no old address.
            if address.is_empty() {
                continue;
            }
            let notice = Notice { template, user, facts: Facts { by_agent: m.by == "agent", ..Facts::default() } };
            let to = Destination {
                address,
                name: m.name.clone(),
                locale: m.locale.clone(),
                kind: kind_of(m.kind),
                request: m.request_id.clone(),
            };
            orders.push((delivery(&notice, event), to_address(notice, event, to)));
        }
        queue_all(self.log(), super::identity::NAME, event, orders, Vec::new()).await
    }

    async fn login_changed(&self, event: &Recorded) -> Result<Reaction, HandlerError> {
        let m: heard::LoginChanged = payload(event)?;
        let user = id(&m.user_id)?;
        let at = event.recorded_at.to_offset();
        let moved = CopiedFact::LoginMoved { id: user, login: m.login.clone(), email: m.email.clone(), at };
        // Nobody has signed in yet: the invitation that comes with it says all there is to say, and the former address was
        // a mistake.
        if m.via == "contact" {
            return Ok(super::learned(super::identity::NAME, event, vec![moved]));
        }
        let owner = owners::find(self.log().pool(), user).await?;
        let facts = Facts { by_agent: m.via == "agent", login: m.login, ..Facts::default() };
        let changed = Notice { template: Template::LoginChanged, user, facts };
        let mut orders = Vec::new();
        let mut now = to_owner(changed, event, owner.as_ref());
        if !m.email.is_empty() {
            now.recipient.clone_from(&m.email);
        }
        orders.push((convert::delivery_id(event.event_id, user), now));
        if m.old_login.contains('@') && m.old_login != m.email {
            let facts = Facts { by_agent: m.via == "agent", ..Facts::default() };
            let left = Notice { template: Template::LoginLeft, user, facts };
            let kind = owner.as_ref().map_or(Kind::Contact, |o| o.kind);
            let (name, locale) = owner.map(|o| (o.name, o.locale)).unwrap_or_default();
            let to = Destination { address: m.old_login, name, locale, kind, request: String::new() };
            orders.push((delivery(&left, event), to_address(left, event, to)));
        }
        queue_all(self.log(), super::identity::NAME, event, orders, vec![moved]).await
    }
}

/// Which mail a new password makes necessary. A first one is chosen on invitation, or set with the account: that is
/// nobody else's work.
fn told_of_password(m: &heard::PasswordSet) -> Option<Template> {
    match m.via.as_str() {
        "one_time" => Some(Template::OneTimePassword),
        "reset" => Some(Template::PasswordSet),
        "change" | "console" if m.credential_version >= 2 => Some(Template::PasswordSet),
        _ => None,
    }
}

fn kind_of(kind: i32) -> Kind {
    if kind == heard::SubjectKind::Agent as i32 { Kind::Agent } else { Kind::Contact }
}

/// The delivery's id. Recovery codes that are made together with a first factor get the id of the factor's mail, so
/// that one command leads to one mail.
fn delivery(notice: &Notice, event: &Recorded) -> Uuid {
    match notice.template {
        Template::FactorAdded | Template::RecoveryCodesMade => convert::delivery_id(event.command_id, notice.user),
        Template::LoginChangeAnnounced | Template::LoginLeft => {
            convert::second_delivery_id(event.event_id, notice.user, notice.template)
        }
        _ => convert::delivery_id(event.event_id, notice.user),
    }
}

fn to_owner(notice: Notice, event: &Recorded, owner: Option<&Owner>) -> Order {
    let kind = owner.map_or(Kind::Contact, |o| o.kind);
    let by_agent = notice.facts.by_agent || event.actor_id != notice.user;
    let facts = Facts { to: kind.as_str().into(), by_agent, ..notice.facts };
    Order {
        template: notice.template,
        recipient_id: notice.user,
        recipient: owner.map(|o| o.address.clone()).unwrap_or_default(),
        locale: owner.map(|o| o.locale.clone()).unwrap_or_default(),
        subject_id: notice.user.to_string(),
        subject_module: String::new(),
        source_event_id: event.event_id,
        facts: facts.json(),
    }
}

fn to_address(notice: Notice, event: &Recorded, to: Destination) -> Order {
    let facts = Facts { to: to.kind.as_str().into(), name: to.name, ..notice.facts };
    Order {
        template: notice.template,
        recipient_id: notice.user,
        recipient: to.address,
        locale: to.locale,
        subject_id: if to.request.is_empty() { notice.user.to_string() } else { to.request },
        subject_module: String::new(),
        source_event_id: event.event_id,
        facts: facts.json(),
    }
}
