//! Which contacts a job is about, and what it would do with each.

use crate::domain::login::{email_is_valid, login_key};
use sqlx::{PgPool, Row};
use std::collections::HashSet;
use uuid::Uuid;

/// What a job does with a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Enable,
    AlreadyEnabled,
    NoEmail,
    DuplicateEmail,
    LoginTaken,
    Unknown,
    Deleted,
}

impl Outcome {
    /// The word in messages and rows.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Outcome::Enable => "enable",
            Outcome::AlreadyEnabled => "already_enabled",
            Outcome::NoEmail => "no_email",
            Outcome::DuplicateEmail => "duplicate_email",
            Outcome::LoginTaken => "login_taken",
            Outcome::Unknown => "unknown",
            Outcome::Deleted => "deleted",
        }
    }
}

/// A contact as identity knows it.
#[derive(Debug, Clone, Default)]
pub(super) struct Candidate {
    pub(super) contact: Uuid,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) company: Option<Uuid>,
    pub(super) known: bool,
    pub(super) deleted: bool,
    /// It has an account: kind, whether it may sign in, and the version of its stream.
    pub(super) account: Option<(i16, bool, i64)>,
    /// Somebody else signs in with the address.
    pub(super) taken: bool,
}

/// What becomes of each contact; of several with one address the first wins.
pub(super) fn decide(candidates: &[Candidate]) -> Vec<Outcome> {
    let mut seen = HashSet::new();
    candidates
        .iter()
        .map(|candidate| match candidate {
            Candidate { account: Some((kind, ..)), .. } if *kind != 1 => Outcome::Unknown,
            Candidate { deleted: true, .. } => Outcome::Deleted,
            Candidate { account: Some((_, true, _)), .. } => Outcome::AlreadyEnabled,
            Candidate { known: false, .. } => Outcome::Unknown,
            Candidate { email, .. } if !email_is_valid(email) => Outcome::NoEmail,
            Candidate { email, .. } if !seen.insert(login_key(email)) => Outcome::DuplicateEmail,
            Candidate { taken: true, .. } => Outcome::LoginTaken,
            Candidate { .. } => Outcome::Enable,
        })
        .collect()
}

/// The contacts that were named, then those of the companies that are not deleted; each once. A few more than there may
/// be at most.
pub(super) async fn chosen(pool: &PgPool, named: Vec<Uuid>, companies: &[Uuid]) -> Result<Vec<Uuid>, sqlx::Error> {
    let mut seen = HashSet::new();
    let mut contacts: Vec<Uuid> = named.into_iter().filter(|id| seen.insert(*id)).collect();
    if !companies.is_empty() {
        let of_companies: Vec<Uuid> = sqlx::query_scalar(
            "select contact_id from contact_known where company_id = any ($1) and not deleted
             order by company_id, contact_id limit 40001",
        )
        .bind(companies)
        .fetch_all(pool)
        .await?;
        contacts.extend(of_companies.into_iter().filter(|id| seen.insert(*id)));
    }
    Ok(contacts)
}

/// What identity knows of some contacts, in their order. Two statements.
pub(super) async fn candidates(pool: &PgPool, contacts: &[Uuid]) -> Result<Vec<Candidate>, sqlx::Error> {
    let rows = sqlx::query(
        "select u.id, k.contact_id is not null, coalesce(k.email, ''), k.company_id, coalesce(k.deleted, false),
                concat_ws(' ', nullif(n.first_name, ''), nullif(n.last_name, '')), a.kind, a.enabled, a.version
         from unnest($1::uuid[]) with ordinality u(id, ord)
         left join contact_known k on k.contact_id = u.id
         left join contact_name n on n.contact_id = u.id
         left join accounts_v1 a on a.user_id = u.id
         order by u.ord",
    )
    .bind(contacts)
    .fetch_all(pool)
    .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        let (name, email): (String, String) = (row.try_get(5)?, row.try_get(2)?);
        // An address may be older than the form in which they are kept now.
        let email = kernel::text::email(&email).unwrap_or(email);
        let kind: Option<i16> = row.try_get(6)?;
        let account = match kind {
            Some(kind) => Some((kind, row.try_get(7)?, row.try_get(8)?)),
            None => None,
        };
        found.push(Candidate {
            contact: row.try_get(0)?,
            name: if name.is_empty() { email.clone() } else { name },
            email,
            company: row.try_get(3)?,
            known: row.try_get(1)?,
            deleted: row.try_get(4)?,
            account,
            taken: false,
        });
    }
    let keys: Vec<String> = found.iter().map(|c| login_key(&c.email)).collect();
    let holders: Vec<(String, Uuid)> =
        sqlx::query_as("select login_key, user_id from accounts_v1 where login_key = any ($1)")
            .bind(&keys)
            .fetch_all(pool)
            .await?;
    let holders: std::collections::HashMap<String, Uuid> = holders.into_iter().collect();
    for (candidate, key) in found.iter_mut().zip(&keys) {
        candidate.taken = holders.get(key).is_some_and(|holder| *holder != candidate.contact);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(n: u128, email: &str) -> Candidate {
        let (contact, email) = (Uuid::from_u128(n), email.to_owned());
        Candidate { contact, name: email.clone(), email, known: true, ..Candidate::default() }
    }

    #[test]
    fn each_contact_has_the_outcome_that_its_facts_give() {
        let table = [
            (candidate(1, "a@x.test"), Outcome::Enable),
            (candidate(2, "A@x.test"), Outcome::DuplicateEmail),
            (candidate(3, ""), Outcome::NoEmail),
            (candidate(4, "no address"), Outcome::NoEmail),
            (Candidate { taken: true, ..candidate(5, "b@x.test") }, Outcome::LoginTaken),
            (Candidate { known: false, ..candidate(6, "c@x.test") }, Outcome::Unknown),
            (Candidate { deleted: true, ..candidate(7, "d@x.test") }, Outcome::Deleted),
            (Candidate { account: Some((1, true, 4)), ..candidate(8, "e@x.test") }, Outcome::AlreadyEnabled),
            (Candidate { account: Some((1, false, 4)), ..candidate(9, "f@x.test") }, Outcome::Enable),
            (Candidate { account: Some((2, true, 4)), ..candidate(10, "g@x.test") }, Outcome::Unknown),
        ];
        let (candidates, expected): (Vec<_>, Vec<_>) = table.into_iter().unzip();
        assert_eq!(decide(&candidates), expected);
    }
}
