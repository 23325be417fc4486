//! Many accounts in few statements: when access is given to many contacts, an append has hundreds of them.

use crate::{
    domain::login::login_key,
    projections::accounts_v1::{Change, Put, Set},
};
use kernel::Timestamp;
use sqlx::PgConnection;
use std::collections::HashSet;
use uuid::Uuid;

/// Changes that are written together: rows that begin, then their invitations. Each user is in it once for each of the
/// two, so that the order of a user's changes stays what it was.
#[derive(Default)]
pub(super) struct Together {
    puts: Vec<Put>,
    invited: Vec<(Uuid, Timestamp, i64)>,
    users: HashSet<Uuid>,
    guests: HashSet<Uuid>,
}

impl Together {
    /// Takes a change in; gives back one that must be written by itself, after what was taken in so far.
    pub(super) fn take(&mut self, change: Change) -> Option<Change> {
        match change {
            Change::Put(put) if !self.guests.contains(&put.user) && self.users.insert(put.user) => {
                self.puts.push(put);
                None
            }
            Change::Set { user, version, what: Set::Invited(Some(until)) } if self.guests.insert(user) => {
                self.invited.push((user, until, version));
                None
            }
            change @ (Change::Put(_) | Change::Set { .. } | Change::SeenAt { .. }) => Some(change),
        }
    }

    /// Writes what was taken in.
    pub(super) async fn write(&mut self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let Together { puts, invited, .. } = std::mem::take(self);
        if !puts.is_empty() {
            put(&puts, connection).await?;
        }
        if !invited.is_empty() {
            sqlx::query(
                "update accounts_v1 a set version = u.version, invitation_expires = u.until
                 from unnest($1::uuid[], $2::timestamptz[], $3::bigint[]) u(user_id, until, version)
                 where a.user_id = u.user_id",
            )
            .bind(invited.iter().map(|i| i.0).collect::<Vec<_>>())
            .bind(invited.iter().map(|i| i.1.to_offset()).collect::<Vec<_>>())
            .bind(invited.iter().map(|i| i.2).collect::<Vec<_>>())
            .execute(connection)
            .await?;
        }
        Ok(())
    }
}

/// Writes whole rows, each of another user.
pub(super) async fn put(puts: &[Put], connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    // An erased person's events read as empty: an empty login is nobody's. A program has no login.
    let key = |put: &Put| Some(login_key(&put.login)).filter(|k| !k.is_empty() && !put.service);
    let texts = |of: fn(&Put) -> &str| puts.iter().map(of).collect::<Vec<_>>();
    sqlx::query(
        "insert into accounts_v1 (user_id, kind, enabled, login, login_key, name, email, role, locale, support_start,
                                  support_end, has_password, mfa_required, service, company_id, version)
         select u.user_id, u.kind, true, u.login, u.login_key, u.name, u.email, u.role, u.locale, u.support_start,
                u.support_end, false, u.mfa_required, u.service, u.company_id, u.version
         from unnest($1::uuid[], $2::smallint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                     $9::text[], $10::text[], $11::boolean[], $12::boolean[], $13::uuid[], $14::bigint[])
              u(user_id, kind, login, login_key, name, email, role, locale, support_start, support_end, mfa_required,
                service, company_id, version)
         on conflict (user_id) do update set enabled = true, login = excluded.login,
             login_key = excluded.login_key, name = excluded.name, email = excluded.email, role = excluded.role,
             locale = excluded.locale, support_start = excluded.support_start,
             support_end = excluded.support_end, has_password = false, invitation_expires = null,
             suspended = false, mfa_required = excluded.mfa_required, totp = false, passkeys = 0,
             terms_version = 0, service = excluded.service, pending_email = '',
             company_id = excluded.company_id, version = excluded.version",
    )
    .bind(puts.iter().map(|p| p.user).collect::<Vec<_>>())
    .bind(puts.iter().map(|p| p.kind.number()).collect::<Vec<_>>())
    .bind(texts(|p| &p.login))
    .bind(puts.iter().map(key).collect::<Vec<_>>())
    .bind(texts(|p| &p.name))
    .bind(texts(|p| &p.email))
    .bind(texts(|p| &p.role))
    .bind(texts(|p| &p.locale))
    .bind(texts(|p| &p.support.start))
    .bind(texts(|p| &p.support.end))
    .bind(puts.iter().map(|p| p.mfa_required).collect::<Vec<_>>())
    .bind(puts.iter().map(|p| p.service).collect::<Vec<_>>())
    .bind(puts.iter().map(|p| p.company).collect::<Vec<_>>())
    .bind(puts.iter().map(|p| p.version).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(user: u128) -> Change {
        Change::Put(Put {
            user: Uuid::from_u128(user),
            kind: kernel::ActorKind::Contact,
            login: String::new(),
            name: String::new(),
            email: String::new(),
            role: String::new(),
            locale: String::new(),
            support: crate::domain::account::Support::default(),
            mfa_required: false,
            service: false,
            company: None,
            version: 1,
        })
    }

    fn set(user: u128, what: Set) -> Change {
        Change::Set { user: Uuid::from_u128(user), version: 2, what }
    }

    #[test]
    fn beginnings_and_invitations_go_together_and_whatever_depends_on_order_does_not() {
        let until = Set::Invited(Some(Timestamp::from_micros(5)));
        let mut together = Together::default();
        for user in [1, 2] {
            assert_eq!(together.take(begun(user)), None);
            assert_eq!(together.take(set(user, until.clone())), None);
        }
        assert_eq!((together.puts.len(), together.invited.len()), (2, 2));
        // A second invitation, another beginning, anything else of a user: after what is there.
        for change in [set(1, until), begun(1), set(2, Set::Suspended(true)), set(3, Set::Invited(None))] {
            assert_eq!(together.take(change.clone()), Some(change));
        }
        // Who was invited before this beginning is not to be invited after it.
        let mut turned = Together::default();
        assert_eq!(turned.take(set(4, Set::Invited(Some(Timestamp::from_micros(5))))), None);
        assert_eq!(turned.take(begun(4)), Some(begun(4)));
    }
}
