//! Password hashes: sealed, in a table, written in the same transaction as the event that says a password was set.

use eventlog::{Appended, SideWrite};
use futures::future::BoxFuture;
use sqlx::PgConnection;
use uuid::Uuid;

/// The key that seals credentials now; rows name theirs, so that keys can change without passwords.
const KEY_NUMBER: i16 = 1;

/// Puts a credential in the place of the account's former one.
pub(crate) struct StoreCredential {
    pub(crate) user: Uuid,
    pub(crate) credential: Uuid,
    pub(crate) version: i64,
    pub(crate) sealed: Vec<u8>,
}

impl SideWrite for StoreCredential {
    fn write<'a>(&'a self, appended: &'a Appended, tx: &'a mut PgConnection) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        Box::pin(async move {
            sqlx::query(
                "insert into credential (user_id, credential_id, version, key_number, sealed, set_at)
                 values ($1, $2, $3, $4, $5, $6)
                 on conflict (user_id) do update set credential_id = excluded.credential_id, version = excluded.version,
                     key_number = excluded.key_number, sealed = excluded.sealed, set_at = excluded.set_at",
            )
            .bind(self.user)
            .bind(self.credential)
            .bind(self.version)
            .bind(KEY_NUMBER)
            .bind(&self.sealed)
            .bind(appended.at.to_offset())
            .execute(tx)
            .await?;
            Ok(())
        })
    }
}

/// Deletes an account's credential.
pub(crate) struct DeleteCredential(pub(crate) Uuid);

impl SideWrite for DeleteCredential {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        Box::pin(async move {
            sqlx::query("delete from credential where user_id = $1").bind(self.0).execute(tx).await?;
            Ok(())
        })
    }
}
