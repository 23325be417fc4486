//! What somebody has proved about who they are.
//!
//! Giving a session another token and proving a person are two things. [`Proved`] can only be made of what came of a
//! verification, and only with one in hand does [`Assured`], the sole way to a session's `auth_at` and assurance, become
//! newer or higher. Whatever else renews a session leaves both as they were.

pub(crate) mod app;
pub(crate) mod recovery;

use crate::{domain::activity::Method, guard::hashing::Verified};
use eventlog::Appended;
use kernel::{ActorKind, Timestamp};
use sqlx::{Row, postgres::PgRow};
use time::OffsetDateTime;
use uuid::Uuid;
use webauthn_rs::prelude::{AuthenticationResult, Passkey};

/// Somebody has just proved who they are.
#[derive(Debug)]
pub(crate) struct Proved {
    method: Method,
    at: Timestamp,
}

impl Proved {
    /// With the password that was looked at; none when it was wrong.
    pub(crate) fn by_password(verified: Verified, at: Timestamp) -> Option<Proved> {
        verified.right().then_some(Proved { method: Method::Password, at })
    }

    /// With a code of the authenticator app, whose step is used up.
    pub(crate) fn by_code(_: app::UsedStep, at: Timestamp) -> Proved {
        Proved { method: Method::Totp, at }
    }

    /// With a recovery code, which the append has used up.
    pub(crate) fn by_recovery_code(_: &recovery::UseCode, appended: &Appended) -> Proved {
        Proved { method: Method::RecoveryCode, at: appended.at }
    }

    /// With a passkey whose device has verified its owner; none when it did not.
    pub(crate) fn by_passkey(result: &AuthenticationResult, at: Timestamp) -> Option<Proved> {
        result.user_verified().then_some(Proved { method: Method::Passkey, at })
    }

    /// How.
    pub(crate) fn method(&self) -> Method {
        self.method
    }
}

/// A second factor that somebody has just tied to their account and used once. That is no proof of who they are: whoever
/// holds the session could do it with a device of their own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Enrolled(Method);

impl Enrolled {
    /// An app whose first code was right.
    pub(crate) fn app(_: app::Step) -> Enrolled {
        Enrolled(Method::Totp)
    }

    /// A passkey that the device made.
    pub(crate) fn passkey(_: &Passkey) -> Enrolled {
        Enrolled(Method::Passkey)
    }
}

/// What a session knows of its person: how, how much and when they proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Assured {
    method: Method,
    assurance: i16,
    auth_at: Option<Timestamp>,
}

impl Assured {
    /// A visitor by a company's link.
    pub(crate) fn by_link() -> Assured {
        Assured { method: Method::Link, assurance: Method::Link.assurance(), auth_at: None }
    }

    /// Of the contact as whom an agent looks at the portal: the agent proved something, the contact did not.
    pub(crate) fn by_support_access() -> Assured {
        Assured { method: Method::SupportAccess, assurance: Method::SupportAccess.assurance(), auth_at: None }
    }

    /// Of a session that is there: what its row says.
    pub(crate) fn of_row(row: &PgRow) -> Result<Assured, sqlx::Error> {
        let (kind, agent): (i16, Option<Uuid>) = (row.try_get("kind")?, row.try_get("agent_id")?);
        let kept: Option<OffsetDateTime> = row.try_get("auth_at")?;
        let began: OffsetDateTime = row.try_get("created_at")?;
        // A session from before this was kept began with a proof; a link proves nothing, nor does support access.
        let proves = ActorKind::from_number(kind) != ActorKind::Company && agent.is_none();
        Ok(Assured {
            method: Method::from_word(&row.try_get::<String, _>("method")?).unwrap_or(Method::Password),
            assurance: row.try_get("assurance")?,
            auth_at: kept.or(proves.then_some(began)).map(Timestamp::from_offset),
        })
    }

    /// After the first proof of a login.
    pub(crate) fn begun(proved: &Proved) -> Assured {
        Assured { method: proved.method, assurance: proved.method.assurance(), auth_at: Some(proved.at) }
    }

    /// After another proof of somebody who has a second factor, or has none. Who has one is no fresher for a password
    /// alone.
    pub(crate) fn and(self, proved: &Proved, has_factor: bool) -> Assured {
        if has_factor && proved.method.assurance() < 2 {
            return self;
        }
        Assured {
            method: proved.method,
            assurance: self.assurance.max(proved.method.assurance()),
            auth_at: self.auth_at.max(Some(proved.at)),
        }
    }

    /// After a factor was set up: the session holds it, and is as fresh as it was.
    pub(crate) fn with(self, enrolled: Enrolled) -> Assured {
        Assured { method: enrolled.0, assurance: self.assurance.max(enrolled.0.assurance()), ..self }
    }

    /// The same, noted as a login by password: what is wrong with the password still counts.
    pub(crate) fn noted_as_password(self) -> Assured {
        Assured { method: Method::Password, ..self }
    }

    /// How, the last time.
    pub(crate) fn method(self) -> Method {
        self.method
    }

    /// 0 a link, 1 a password, 2 with a second factor.
    pub(crate) fn assurance(self) -> i16 {
        self.assurance
    }

    /// When, the last time.
    pub(crate) fn auth_at(self) -> Option<Timestamp> {
        self.auth_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_micros(second * 1_000_000)
    }

    fn proved(method: Method, second: i64) -> Proved {
        Proved { method, at: at(second) }
    }

    fn session(assurance: i16) -> Assured {
        Assured { method: Method::Password, assurance, auth_at: Some(at(100)) }
    }

    #[test]
    fn a_proof_makes_a_session_fresh_and_never_less_sure() {
        for (method, assurance) in
            [(Method::Password, 1), (Method::Totp, 2), (Method::RecoveryCode, 2), (Method::Passkey, 2)]
        {
            let after = session(1).and(&proved(method, 200), false);
            assert_eq!(after, Assured { method, assurance, auth_at: Some(at(200)) });
            assert_eq!(session(2).and(&proved(method, 200), false).assurance(), 2);
        }
        assert_eq!(session(1).and(&proved(Method::Totp, 50), true).auth_at(), Some(at(100)), "time does not go back");
    }

    #[test]
    fn a_password_alone_is_no_fresh_proof_of_who_has_a_second_factor() {
        for assurance in [1, 2] {
            assert_eq!(session(assurance).and(&proved(Method::Password, 200), true), session(assurance));
        }
        assert_eq!(session(1).and(&proved(Method::Totp, 200), true).auth_at(), Some(at(200)));
    }

    #[test]
    fn what_proves_nothing_leaves_a_session_as_fresh_as_it_was() {
        let enrolled = session(1).with(Enrolled(Method::Totp));
        assert_eq!((enrolled.auth_at(), enrolled.assurance()), (Some(at(100)), 2));
        assert_eq!(session(2).noted_as_password().auth_at(), Some(at(100)));
        for nobody in [Assured::by_link(), Assured::by_support_access()] {
            assert_eq!(nobody.auth_at(), None);
            assert!(nobody.assurance() < 2);
        }
    }
}
