//! Recovery codes: ten, made with the first factor, and anew when somebody wants it.

use crate::{
    accounts::Along,
    domain::account::Command,
    error::database,
    identity::Identity,
    proof::recovery::{CODE_CHARACTERS, CROCKFORD},
    secrets,
    sessions::own::Own,
};
use eventlog::{Appended, SideWrite};
use kernel::Error;
use proto::identity::v1 as wire;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// How many recovery codes there are.
pub(crate) const RECOVERY_CODES: usize = 10;

impl Identity {
    /// Ten new recovery codes in the place of the former ones.
    pub(crate) async fn make_recovery_codes(
        &self,
        own: Own,
        _: wire::MakeRecoveryCodesRequest,
    ) -> Result<wire::MakeRecoveryCodesResponse, Error> {
        let user = own.session.user;
        let (shown, hashes) = new_codes()?;
        let command = Command::MakeRecoveryCodes { user, codes: i32::try_from(shown.len()).unwrap_or_default() };
        self.change(user, &own.meta(), false, &command, |_, _| {
            let codes: Box<dyn SideWrite> = Box::new(ReplaceCodes { user, hashes: hashes.clone() });
            Along { side_writes: vec![codes], ..Along::default() }
        })
        .await?;
        Ok(wire::MakeRecoveryCodesResponse { recovery_codes: shown })
    }

    /// Recovery codes for a first factor; none when there are some.
    pub(crate) async fn codes_for(&self, own: &Own) -> Result<(Vec<String>, Vec<Vec<u8>>), Error> {
        if codes_left(&self.pool, own.session.user).await.map_err(database)? > 0 {
            return Ok((Vec::new(), Vec::new()));
        }
        new_codes()
    }
}

/// New recovery codes: as they are shown, and as they are kept.
pub(crate) fn new_codes() -> Result<(Vec<String>, Vec<Vec<u8>>), Error> {
    let mut shown = Vec::with_capacity(RECOVERY_CODES);
    let mut hashes = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        let bits = u128::from_be_bytes(secrets::random::<16>()?);
        let letter = |n: usize| char::from(CROCKFORD[(bits >> (5 * n) & 31) as usize]);
        let code: String = (0..CODE_CHARACTERS).map(letter).collect();
        hashes.push(secrets::sha256(&code));
        let groups: Vec<String> = code.as_bytes().chunks(4).map(|g| String::from_utf8_lossy(g).into_owned()).collect();
        shown.push(groups.join("-"));
    }
    Ok((shown, hashes))
}

/// How many recovery codes a user has left.
pub(crate) async fn codes_left(pool: &PgPool, user: Uuid) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("select count(*) from recovery_code where user_id = $1").bind(user).fetch_one(pool).await
}

/// Puts new recovery codes in the place of all former ones; none deletes them.
pub(crate) struct ReplaceCodes {
    pub(crate) user: Uuid,
    pub(crate) hashes: Vec<Vec<u8>>,
}

impl SideWrite for ReplaceCodes {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            sqlx::query("delete from recovery_code where user_id = $1").bind(self.user).execute(&mut *tx).await?;
            if !self.hashes.is_empty() {
                sqlx::query("insert into recovery_code (code_hash, user_id) select h, $1 from unnest($2::bytea[]) h")
                    .bind(self.user)
                    .bind(&self.hashes)
                    .execute(tx)
                    .await?;
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proof::recovery::code_hash;

    #[test]
    fn ten_recovery_codes_of_120_bits_each_read_back_however_they_are_typed() {
        let (shown, hashes) = new_codes().unwrap();
        assert_eq!((shown.len(), hashes.len()), (10, 10));
        for (code, hash) in shown.iter().zip(&hashes) {
            assert_eq!(code.len(), 29, "{code}");
            assert_eq!(code_hash(code).as_ref(), Some(hash));
            assert_eq!(code_hash(&code.to_lowercase().replace('-', " ")).as_ref(), Some(hash));
            assert_eq!(code_hash(&code.replace('0', "o").replace('1', "l")).as_ref(), Some(hash));
        }
        assert_eq!(code_hash("0000-0000"), None);
        assert_eq!(code_hash("UUUU-UUUU-UUUU-UUUU-UUUU-UUUU"), None);
    }
}
