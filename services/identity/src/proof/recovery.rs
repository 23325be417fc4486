//! A recovery code: shown once, kept as its hash, good for one use.

use crate::{refusal::Refusal, secrets};
use eventlog::{Appended, SideWrite};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// Crockford's alphabet: no letter that looks like a digit.
pub(crate) const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Characters of a recovery code: 120 bits.
pub(crate) const CODE_CHARACTERS: usize = 24;

/// The hash under which a recovery code would be kept; None for what can be none. Case, spaces and dashes don't matter,
/// nor do letters that are often mistaken for digits.
pub(crate) fn code_hash(text: &str) -> Option<Vec<u8>> {
    let plain: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            c => c,
        })
        .collect();
    let fits = plain.len() == CODE_CHARACTERS && plain.bytes().all(|b| CROCKFORD.contains(&b));
    fits.then(|| secrets::sha256(&plain))
}

/// Whether a recovery code is a user's.
pub(crate) async fn has_code(pool: &PgPool, user: Uuid, hash: &[u8]) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("select exists (select from recovery_code where code_hash = $1 and user_id = $2)")
        .bind(hash)
        .bind(user)
        .fetch_one(pool)
        .await
}

/// Uses a recovery code up: compare and delete. Fails the whole append when it was used already.
#[derive(Clone)]
pub(crate) struct UseCode {
    pub(crate) user: Uuid,
    pub(crate) hash: Vec<u8>,
}

impl SideWrite for UseCode {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            let used = sqlx::query("delete from recovery_code where code_hash = $1 and user_id = $2")
                .bind(&self.hash)
                .bind(self.user)
                .execute(tx)
                .await?;
            if used.rows_affected() == 1 { Ok(()) } else { Err(Refusal::RowIsGone.into()) }
        })
    }
}
