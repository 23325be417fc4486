//! What a login needs to know of an account. Each read is one statement.

use crate::domain::login::login_key;
use kernel::{ActorKind, Timestamp};
use sqlx::{PgPool, Row, postgres::PgRow};
use time::OffsetDateTime;
use uuid::Uuid;

/// The display name of account `a`, given the contact's name `n` from the records service.
macro_rules! shown_name {
    () => {
        "coalesce(nullif(concat_ws(' ', nullif(n.first_name, ''), nullif(n.last_name, '')), ''), a.name)"
    };
}
pub(crate) use shown_name;

/// What a login needs to know of an account.
#[derive(Debug, Clone)]
pub(crate) struct LoginFacts {
    pub(crate) user: Uuid,
    pub(crate) kind: ActorKind,
    pub(crate) enabled: bool,
    pub(crate) suspended: bool,
    pub(crate) login: String,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) locale: String,
    /// Version of the account's stream.
    pub(crate) version: i64,
    pub(crate) support_start: String,
    pub(crate) support_end: String,
    pub(crate) mfa_required: bool,
    pub(crate) totp: bool,
    pub(crate) passkeys: i32,
    pub(crate) terms_version: i32,
    pub(crate) credential: Option<Credential>,
    pub(crate) now: Timestamp,
}

/// A password as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct Credential {
    pub(crate) id: Uuid,
    /// The sealed hash.
    pub(crate) sealed: Vec<u8>,
    /// End of a one-time password.
    pub(crate) one_time_until: Option<Timestamp>,
    /// Shorter than what is asked of those without a second factor.
    pub(crate) short: bool,
}

impl LoginFacts {
    /// True when a second factor is set up.
    pub(crate) fn has_factor(&self) -> bool {
        self.totp || self.passkeys > 0
    }

    /// True when the account may be signed in to at all.
    pub(crate) fn is_open(&self) -> bool {
        self.enabled && !self.suspended
    }

    /// True when the login is the address for mails.
    pub(crate) fn login_is_email(&self) -> bool {
        !self.email.is_empty() && login_key(&self.login) == login_key(&self.email)
    }

    /// Second factors that are set up, as words.
    pub(crate) fn factors(&self) -> Vec<String> {
        let known = [(self.totp, "totp"), (self.passkeys > 0, "passkey"), (self.has_factor(), "recovery_code")];
        known.into_iter().filter(|(there, _)| *there).map(|(_, word)| word.to_owned()).collect()
    }
}

const LOGIN_FACTS: &str = concat!(
    "select a.user_id, a.kind, a.enabled, a.suspended, a.login, a.email, ",
    shown_name!(),
    " as name, a.role, a.locale, a.version, a.support_start, a.support_end, a.mfa_required, a.totp, a.passkeys,
      a.terms_version, c.credential_id, c.sealed, c.one_time_until, c.short, clock_timestamp() as now
     from accounts_v1 a
     left join credential c on c.user_id = a.user_id
     left join contact_name n on n.contact_id = a.user_id "
);

fn login_facts(row: &PgRow) -> Result<LoginFacts, sqlx::Error> {
    let credential: Option<Uuid> = row.try_get("credential_id")?;
    let credential = match credential {
        Some(id) => Some(Credential {
            id,
            sealed: row.try_get("sealed")?,
            one_time_until: row.try_get::<Option<OffsetDateTime>, _>("one_time_until")?.map(Timestamp::from_offset),
            short: row.try_get("short")?,
        }),
        None => None,
    };
    Ok(LoginFacts {
        user: row.try_get("user_id")?,
        kind: ActorKind::from_number(row.try_get("kind")?),
        enabled: row.try_get("enabled")?,
        suspended: row.try_get("suspended")?,
        login: row.try_get("login")?,
        email: row.try_get("email")?,
        name: row.try_get("name")?,
        role: row.try_get("role")?,
        locale: row.try_get("locale")?,
        version: row.try_get("version")?,
        support_start: row.try_get("support_start")?,
        support_end: row.try_get("support_end")?,
        mfa_required: row.try_get("mfa_required")?,
        totp: row.try_get("totp")?,
        passkeys: row.try_get("passkeys")?,
        terms_version: row.try_get("terms_version")?,
        credential,
        now: Timestamp::from_offset(row.try_get("now")?),
    })
}

/// The account of a login of one kind, and its credential.
pub(crate) async fn account_of_login(
    pool: &PgPool,
    login_key: &str,
    kind: ActorKind,
) -> Result<Option<LoginFacts>, sqlx::Error> {
    let sql = format!("{LOGIN_FACTS} where a.login_key = $1 and a.kind = $2");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(login_key).bind(kind.number()).fetch_optional(pool).await?;
    row.as_ref().map(login_facts).transpose()
}

/// The account of a user, and its credential.
pub(crate) async fn account_of_user(pool: &PgPool, user: Uuid) -> Result<Option<LoginFacts>, sqlx::Error> {
    let sql = format!("{LOGIN_FACTS} where a.user_id = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(user).fetch_optional(pool).await?;
    row.as_ref().map(login_facts).transpose()
}
