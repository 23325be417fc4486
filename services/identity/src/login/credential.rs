//! Password hashes: sealed, in a table, written in the same transaction as the event that says a password was set.

use eventlog::{Appended, SideWrite};
use kernel::Timestamp;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// The key that seals credentials now; rows name theirs, so that keys can change without passwords.
const KEY_NUMBER: i16 = 1;

/// Puts a credential in the place of the account's former one.
pub(crate) struct StoreCredential {
    pub(crate) user: Uuid,
    pub(crate) credential: Uuid,
    pub(crate) version: i64,
    pub(crate) sealed: Vec<u8>,
    /// End of a one-time password.
    pub(crate) one_time_until: Option<Timestamp>,
    /// Shorter than what is asked of those without a second factor.
    pub(crate) short: bool,
}

impl SideWrite for StoreCredential {
    fn write<'a>(&'a self, appended: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            sqlx::query(
                "insert into credential (user_id, credential_id, version, key_number, sealed, set_at, one_time_until, short)
                 values ($1, $2, $3, $4, $5, $6, $7, $8)
                 on conflict (user_id) do update set credential_id = excluded.credential_id, version = excluded.version,
                     key_number = excluded.key_number, sealed = excluded.sealed, set_at = excluded.set_at,
                     one_time_until = excluded.one_time_until, short = excluded.short",
            )
            .bind(self.user)
            .bind(self.credential)
            .bind(self.version)
            .bind(KEY_NUMBER)
            .bind(&self.sealed)
            .bind(appended.at.to_offset())
            .bind(self.one_time_until.map(Timestamp::to_offset))
            .bind(self.short)
            .execute(tx)
            .await?;
            Ok(())
        })
    }
}

/// Puts a hash of today's cost in the place of a cheaper one of the same password.
pub(crate) async fn replace_hash(
    pool: &PgPool,
    user: Uuid,
    credential: Uuid,
    sealed: &[u8],
) -> Result<(), sqlx::Error> {
    sqlx::query("update credential set sealed = $3, key_number = $4 where user_id = $1 and credential_id = $2")
        .bind(user)
        .bind(credential)
        .bind(sealed)
        .bind(KEY_NUMBER)
        .execute(pool)
        .await?;
    Ok(())
}

/// Deletes an account's credential, second factors, links and trusts.
pub(crate) struct DeleteCredential(pub(crate) Uuid);

impl SideWrite for DeleteCredential {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            for sql in [
                "delete from credential where user_id = $1",
                "delete from totp where user_id = $1",
                "delete from totp_enrolment where user_id = $1",
                "delete from recovery_code where user_id = $1",
                "delete from passkey where user_id = $1",
                "delete from one_time_link where user_id = $1",
                "delete from trust where user_id = $1",
            ] {
                sqlx::query(sql).bind(self.0).execute(&mut *tx).await?;
            }
            Ok(())
        })
    }
}
