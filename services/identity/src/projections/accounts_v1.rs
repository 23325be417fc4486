//! Accounts as logins, sessions and lists need them: one row per person who may, or might, log in.

#![warn(clippy::wildcard_enum_match_arm)]

use crate::{
    codec::{self, Stored},
    domain::{
        account::{DisableReason, Event, Support},
        activity::Activity,
        login::login_key,
    },
    sessions::kind_number,
};
use eventlog::{Projection, Recorded};
use futures::future::BoxFuture;
use kernel::{ActorKind, Timestamp};
use sqlx::PgConnection;
use uuid::Uuid;

#[cfg(test)]
mod tests;

/// Fills `accounts_v1`.
pub(crate) struct AccountsV1;

/// What an event changes in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// The whole row, as it is when access begins.
    Put {
        user: Uuid,
        kind: ActorKind,
        login: String,
        name: String,
        email: String,
        role: String,
        locale: String,
        support: Support,
        version: i64,
    },
    Dates {
        user: Uuid,
        support: Support,
        version: i64,
    },
    /// No login any more; `forget` also frees the login for others.
    Disable {
        user: Uuid,
        forget: bool,
        version: i64,
    },
    Invited {
        user: Uuid,
        until: Timestamp,
        version: i64,
    },
    PasswordChosen {
        user: Uuid,
        version: i64,
    },
    SeenAt {
        user: Uuid,
        at: Timestamp,
    },
}

/// What an event changes.
pub(crate) fn project(stored: &Stored, version: i64, at: Timestamp) -> Option<Change> {
    match stored {
        Stored::Account(event) => Some(project_account(event, version)),
        Stored::Activity(activity) => match activity {
            Activity::LoggedIn { user, .. } => Some(Change::SeenAt { user: *user, at }),
            Activity::LoginFailed { .. }
            | Activity::Locked { .. }
            | Activity::Unlocked { .. }
            | Activity::LoggedOut { .. } => None,
        },
        Stored::Administration(_) => None,
    }
}

fn project_account(event: &Event, version: i64) -> Change {
    match event.clone() {
        Event::AgentCreated { user, login, name, email, role, locale } => Change::Put {
            user,
            kind: ActorKind::Agent,
            login,
            name,
            email,
            role: codec::role_word(role).to_owned(),
            locale,
            support: Support { start: String::new(), end: String::new() },
            version,
        },
        Event::AccessEnabled { user, login, name, email, support, locale } => Change::Put {
            user,
            kind: ActorKind::Contact,
            login,
            name,
            email,
            role: String::new(),
            locale,
            support,
            version,
        },
        Event::SupportDatesChanged { user, support } => Change::Dates { user, support, version },
        Event::AccessDisabled { user, reason } => {
            Change::Disable { user, forget: reason == DisableReason::ContactDeleted, version }
        }
        Event::InvitationIssued { user, invitation, .. } => {
            Change::Invited { user, until: invitation.expires_at, version }
        }
        Event::PasswordSet { user, .. } => Change::PasswordChosen { user, version },
    }
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
            for recorded in events {
                let stored = codec::decode(recorded).map_err(|e| sqlx::Error::Decode(Box::new(e)))?;
                if let Some(change) = project(&stored, recorded.version, recorded.recorded_at) {
                    apply_change(&change, connection).await?;
                }
            }
            Ok(())
        })
    }
}

async fn apply_change(change: &Change, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let query = match change {
        Change::Put { user, kind, login, name, email, role, locale, support, version } => {
            // An erased person's events read as empty: an empty login is nobody's.
            let key = Some(login_key(login)).filter(|k| !k.is_empty());
            sqlx::query(
                "insert into accounts_v1 (user_id, kind, enabled, login, login_key, name, email, role, locale,
                                          support_start, support_end, has_password, version)
                 values ($1, $2, true, $3, $4, $5, $6, $7, $8, $9, $10, false, $11)
                 on conflict (user_id) do update set enabled = true, login = excluded.login,
                     login_key = excluded.login_key, name = excluded.name, email = excluded.email, role = excluded.role,
                     locale = excluded.locale, support_start = excluded.support_start,
                     support_end = excluded.support_end, has_password = false, invitation_expires = null,
                     version = excluded.version",
            )
            .bind(user)
            .bind(kind_number(*kind))
            .bind(login)
            .bind(key)
            .bind(name)
            .bind(email)
            .bind(role)
            .bind(locale)
            .bind(&support.start)
            .bind(&support.end)
            .bind(version)
        }
        Change::Dates { user, support, version } => {
            sqlx::query("update accounts_v1 set support_start = $2, support_end = $3, version = $4 where user_id = $1")
                .bind(user)
                .bind(&support.start)
                .bind(&support.end)
                .bind(version)
        }
        Change::Disable { user, forget, version } => sqlx::query(
            "update accounts_v1 set enabled = false, has_password = false, invitation_expires = null,
                 login_key = case when $2 then null else login_key end, version = $3
             where user_id = $1",
        )
        .bind(user)
        .bind(forget)
        .bind(version),
        Change::Invited { user, until, version } => {
            sqlx::query("update accounts_v1 set invitation_expires = $2, version = $3 where user_id = $1")
                .bind(user)
                .bind(until.to_offset())
                .bind(version)
        }
        Change::PasswordChosen { user, version } => sqlx::query(
            "update accounts_v1 set has_password = true, invitation_expires = null, version = $2 where user_id = $1",
        )
        .bind(user)
        .bind(version),
        Change::SeenAt { user, at } => {
            sqlx::query("update accounts_v1 set last_login = greatest(last_login, $2) where user_id = $1")
                .bind(user)
                .bind(at.to_offset())
        }
    };
    query.execute(connection).await?;
    Ok(())
}
