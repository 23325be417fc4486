//! Accounts as logins, sessions and lists need them: one row per person who may, or might, log in.

#![warn(clippy::wildcard_enum_match_arm)]

use crate::{
    codec::{self, AnyEvent},
    domain::{
        account::{DisableReason, Event, Factor, Support},
        activity::{Activity, Method},
        login::login_key,
    },
};
use eventlog::{Projection, Recorded};
use futures::future::BoxFuture;
use kernel::{ActorKind, Timestamp};
use sqlx::{PgConnection, Postgres, postgres::PgArguments, query::Query};
use together::Together;
use uuid::Uuid;

#[cfg(test)]
mod tests;
mod together;

/// Fills `accounts_v1`.
pub(crate) struct AccountsV1;

/// What an event changes in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// The whole row, as it is when access begins.
    Put(Put),
    /// A change of the row that is there.
    Set {
        user: Uuid,
        version: i64,
        what: Set,
    },
    SeenAt {
        user: Uuid,
        at: Timestamp,
    },
}

/// A row as it is when access begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Put {
    pub(crate) user: Uuid,
    pub(crate) kind: ActorKind,
    pub(crate) login: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) role: String,
    pub(crate) locale: String,
    pub(crate) support: Support,
    pub(crate) mfa_required: bool,
    pub(crate) service: bool,
    pub(crate) company: Option<Uuid>,
    pub(crate) version: i64,
}

/// What changes in a row that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Set {
    Dates(Support),
    /// No login any more; `forget` also frees the login for others.
    Off {
        forget: bool,
    },
    /// An agent may, or may not, sign in.
    Enabled(bool),
    Suspended(bool),
    Invited(Option<Timestamp>),
    PasswordChosen,
    Agent {
        name: Option<String>,
        email: Option<String>,
        role: Option<String>,
        locale: Option<String>,
    },
    Pending(String),
    Login {
        login: String,
        email: String,
    },
    Totp(bool),
    /// So many passkeys more or less.
    Passkeys(i32),
    NoFactors,
    MfaRequired(bool),
    Terms(i32),
    /// Nothing that the table shows, but the stream went on.
    Nothing,
}

/// What an event changes.
pub(crate) fn project(stored: &AnyEvent, version: i64, at: Timestamp) -> Option<Change> {
    match stored {
        AnyEvent::Account(event) => Some(project_account(event, version)),
        AnyEvent::Activity(activity) => match activity {
            // An agent who looks at the portal as the contact is not the contact's login.
            Activity::LoggedIn { user, method, .. } if *method != Method::SupportAccess => {
                Some(Change::SeenAt { user: *user, at })
            }
            Activity::LoggedIn { .. }
            | Activity::LoginFailed { .. }
            | Activity::Locked { .. }
            | Activity::AttemptsBlocked { .. }
            | Activity::Unlocked { .. }
            | Activity::TrustRevoked { .. }
            | Activity::LoggedOut { .. }
            | Activity::SteppedUp { .. }
            | Activity::ResetRequested { .. }
            | Activity::RecoveryCodeUsed { .. } => None,
        },
        AnyEvent::Administration(_) => None,
    }
}

fn project_account(event: &Event, version: i64) -> Change {
    let (user, what) = match event.clone() {
        Event::AgentCreated { user, login, name, email, role, locale, service } => {
            return Change::Put(Put {
                user,
                kind: ActorKind::Agent,
                login,
                name,
                email,
                role,
                locale,
                support: Support::default(),
                mfa_required: false,
                service,
                company: None,
                version,
            });
        }
        Event::AccessEnabled { user, login, name, email, support, locale, mfa_required, company, .. } => {
            return Change::Put(Put {
                user,
                kind: ActorKind::Contact,
                login,
                name,
                email,
                role: String::new(),
                locale,
                support,
                mfa_required,
                service: false,
                company: Uuid::try_parse(&company).ok(),
                version,
            });
        }
        Event::AgentChanged { user, name, email, role, locale } => (user, Set::Agent { name, email, role, locale }),
        Event::AgentDisabled { user } => (user, Set::Enabled(false)),
        Event::AgentEnabled { user } => (user, Set::Enabled(true)),
        Event::SupportDatesChanged { user, support } => (user, Set::Dates(support)),
        Event::AccessDisabled { user, reason } => (user, Set::Off { forget: reason == DisableReason::ContactDeleted }),
        Event::AccessSuspended { user, .. } => (user, Set::Suspended(true)),
        Event::AccessResumed { user } => (user, Set::Suspended(false)),
        Event::InvitationIssued { user, invitation, .. } => (user, Set::Invited(Some(invitation.expires_at))),
        Event::InvitationRevoked { user, .. } => (user, Set::Invited(None)),
        Event::PasswordSet { user, .. } => (user, Set::PasswordChosen),
        Event::LoginChangeRequested { user, new_email, .. } => (user, Set::Pending(new_email)),
        Event::LoginChanged { user, login, email, .. } => (user, Set::Login { login, email }),
        Event::TotpEnabled { user } => (user, Set::Totp(true)),
        Event::PasskeyAdded { user, .. } => (user, Set::Passkeys(1)),
        Event::FactorRemoved { user, factor, .. } => match factor {
            Factor::Totp => (user, Set::Totp(false)),
            Factor::Passkey(_) => (user, Set::Passkeys(-1)),
            Factor::All => (user, Set::NoFactors),
        },
        Event::RecoveryCodesMade { user, .. } => (user, Set::Nothing),
        Event::MfaRequirementChanged { user, required } => (user, Set::MfaRequired(required)),
        Event::TermsAccepted { user, version: terms } => (user, Set::Terms(terms)),
    };
    Change::Set { user, version, what }
}

impl Projection for AccountsV1 {
    fn name(&self) -> &'static str {
        "accounts_v1"
    }

    fn tables<'a>(&'a self, _: &'a mut PgConnection) -> BoxFuture<'a, Result<Vec<String>, sqlx::Error>> {
        Box::pin(async { Ok(vec!["accounts_v1".to_owned()]) })
    }

    fn apply<'a>(
        &'a self,
        events: &'a [Recorded],
        connection: &'a mut PgConnection,
    ) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        Box::pin(async move {
            let mut together = Together::default();
            for recorded in events {
                let stored = codec::decode(recorded).map_err(|e| sqlx::Error::Decode(Box::new(e)))?;
                if let Some(change) = project(&stored, recorded.version, recorded.recorded_at)
                    && let Some(single) = together.take(change)
                {
                    together.write(connection).await?;
                    apply_change(&single, connection).await?;
                }
            }
            together.write(connection).await
        })
    }
}

async fn apply_change(change: &Change, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let query = match change {
        Change::Put(row) => return together::put(std::slice::from_ref(row), connection).await,
        Change::Set { user, version, what } => set(user, *version, what),
        Change::SeenAt { user, at } => {
            sqlx::query("update accounts_v1 set last_login = greatest(last_login, $2) where user_id = $1")
                .bind(user)
                .bind(at.to_offset())
        }
    };
    query.execute(connection).await?;
    Ok(())
}

type Statement<'a> = Query<'a, Postgres, PgArguments>;

/// One column or a few of a row, and always the stream's version.
fn set<'a>(user: &'a Uuid, version: i64, what: &'a Set) -> Statement<'a> {
    let begin = |sql: &'static str| sqlx::query(sql).bind(user).bind(version);
    match what {
        Set::Dates(support) => {
            begin("update accounts_v1 set version = $2, support_start = $3, support_end = $4 where user_id = $1")
                .bind(&support.start)
                .bind(&support.end)
        }
        Set::Off { forget } => begin(
            "update accounts_v1 set version = $2, enabled = false, has_password = false, invitation_expires = null,
                 totp = false, passkeys = 0, pending_email = '', suspended = false,
                 login_key = case when $3 then null else login_key end
             where user_id = $1",
        )
        .bind(forget),
        Set::Enabled(enabled) => {
            begin("update accounts_v1 set version = $2, enabled = $3 where user_id = $1").bind(enabled)
        }
        Set::Suspended(suspended) => {
            begin("update accounts_v1 set version = $2, suspended = $3 where user_id = $1").bind(suspended)
        }
        Set::Invited(until) => begin("update accounts_v1 set version = $2, invitation_expires = $3 where user_id = $1")
            .bind(until.map(Timestamp::to_offset)),
        Set::PasswordChosen => begin(
            "update accounts_v1 set version = $2, has_password = true, invitation_expires = null where user_id = $1",
        ),
        Set::Agent { name, email, role, locale } => begin(
            "update accounts_v1 set version = $2, name = coalesce($3, name), email = coalesce($4, email),
                 role = coalesce($5, role), locale = coalesce($6, locale)
             where user_id = $1",
        )
        .bind(name)
        .bind(email)
        .bind(role)
        .bind(locale),
        Set::Pending(email) => {
            begin("update accounts_v1 set version = $2, pending_email = $3 where user_id = $1").bind(email)
        }
        Set::Login { login, email } => begin(
            "update accounts_v1 set version = $2, login = $3, login_key = $4, email = $5, pending_email = ''
             where user_id = $1",
        )
        .bind(login)
        .bind(Some(login_key(login)).filter(|k| !k.is_empty()))
        .bind(email),
        Set::Totp(on) => begin("update accounts_v1 set version = $2, totp = $3 where user_id = $1").bind(on),
        Set::Passkeys(by) => {
            begin("update accounts_v1 set version = $2, passkeys = greatest(passkeys + $3, 0) where user_id = $1")
                .bind(by)
        }
        Set::NoFactors => begin("update accounts_v1 set version = $2, totp = false, passkeys = 0 where user_id = $1"),
        Set::MfaRequired(required) => {
            begin("update accounts_v1 set version = $2, mfa_required = $3 where user_id = $1").bind(required)
        }
        Set::Terms(terms) => {
            begin("update accounts_v1 set version = $2, terms_version = $3 where user_id = $1").bind(terms)
        }
        Set::Nothing => begin("update accounts_v1 set version = $2 where user_id = $1"),
    }
}
