//! Authenticator apps (RFC 6238): SHA-1, six digits, thirty seconds, as every app understands; and recovery codes.
//!
//! A code of the current or the former step is accepted, so that a slow typist has a minute; each step once.

use crate::refusal::{ROW_IS_GONE, refuse};
use crate::secrets;
use eventlog::{Appended, SideWrite};
use kernel::{Error, Secret, Timestamp};
use sqlx::{PgConnection, PgPool};
use totp_rs::{Algorithm, Builder, Totp};
use uuid::Uuid;

/// Bytes of a secret: as long as the hash.
const SECRET_BYTES: usize = 20;
/// Seconds of a step.
const STEP: u64 = 30;
/// How long a secret that was shown waits to be confirmed.
const ENROLMENT_SECONDS: i64 = 600;
/// How many recovery codes there are.
pub(crate) const RECOVERY_CODES: usize = 10;
/// Crockford's alphabet: no letter that looks like a digit.
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of a recovery code: 120 bits.
const CODE_CHARACTERS: usize = 24;

/// A new secret.
pub(crate) fn new_secret() -> Result<Secret<Vec<u8>>, Error> {
    Ok(Secret::new(secrets::random::<SECRET_BYTES>()?.to_vec()))
}

/// The secret as a person types it, and as an app scans it.
pub(crate) fn shown(secret: &[u8], issuer: &str, account: &str) -> Result<(String, String), Error> {
    // A colon separates issuer and account in the address, so neither may have one.
    let plain = |text: &str| text.replace(':', " ");
    let totp = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(STEP)
        .with_secret(secret.to_vec())
        .with_issuer(Some(plain(issuer)))
        .with_account_name(plain(account))
        .build()
        .map_err(|e| Error::internal(e.to_string()))?;
    let typed = totp_rs::Secret::from(secret.to_vec()).to_base32();
    Ok((typed, totp.to_url().map_err(|e| Error::internal(e.to_string()))?))
}

/// A step whose code somebody has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step(i64);

/// A step whose code was shown and can't be shown again.
#[derive(Debug)]
pub(crate) struct UsedStep(());

/// The step whose code this is: the current one or the one before; None for any other text.
pub(crate) fn step_of(secret: &[u8], code: &str, now: Timestamp) -> Result<Option<Step>, Error> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    if code.len() != 6 || !code.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(None);
    }
    let totp: Totp = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(STEP)
        .with_secret(secret.to_vec())
        .build()
        .map_err(|e| Error::internal(e.to_string()))?;
    let second = u64::try_from(now.micros() / 1_000_000).unwrap_or_default();
    let current = second / STEP;
    // The library also takes the step that is about to come; we don't.
    let step = totp.check(&code, second).filter(|step| *step <= current);
    Ok(step.and_then(|step| i64::try_from(step).ok()).map(Step))
}

/// Remembers a secret until it is confirmed; a former one is forgotten.
pub(crate) async fn begin_enrolment(
    pool: &PgPool,
    user: Uuid,
    sealed: &[u8],
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into totp_enrolment (user_id, sealed, expires_at) values ($1, $2, $3)
         on conflict (user_id) do update set sealed = excluded.sealed, expires_at = excluded.expires_at",
    )
    .bind(user)
    .bind(sealed)
    .bind(now.plus_seconds(ENROLMENT_SECONDS).to_offset())
    .execute(pool)
    .await?;
    Ok(())
}

/// The secret that waits to be confirmed.
pub(crate) async fn enrolment(pool: &PgPool, user: Uuid) -> Result<Option<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar("select sealed from totp_enrolment where user_id = $1 and expires_at > now()")
        .bind(user)
        .fetch_optional(pool)
        .await
}

/// The confirmed secret of a user.
pub(crate) async fn find(pool: &PgPool, user: Uuid) -> Result<Option<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar("select sealed from totp where user_id = $1").bind(user).fetch_optional(pool).await
}

/// Uses a step up; None when it, or a later one, was used before. One statement decides among all processes.
pub(crate) async fn use_step(pool: &PgPool, user: Uuid, step: Step) -> Result<Option<UsedStep>, sqlx::Error> {
    let done = sqlx::query("update totp set last_counter = $2 where user_id = $1 and last_counter < $2")
        .bind(user)
        .bind(step.0)
        .execute(pool)
        .await?;
    Ok((done.rows_affected() == 1).then_some(UsedStep(())))
}

/// Puts a confirmed secret in its place.
pub(crate) struct StoreTotp {
    pub(crate) user: Uuid,
    pub(crate) sealed: Vec<u8>,
    /// The step of the code that confirmed it: used.
    pub(crate) step: Step,
}

impl SideWrite for StoreTotp {
    fn write<'a>(&'a self, appended: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            // A secret that another request confirmed or replaced meanwhile is not this one.
            let taken = sqlx::query("delete from totp_enrolment where user_id = $1 and sealed = $2")
                .bind(self.user)
                .bind(&self.sealed)
                .execute(&mut *tx)
                .await?;
            if taken.rows_affected() != 1 {
                return Err(refuse(ROW_IS_GONE));
            }
            sqlx::query(
                "insert into totp (user_id, sealed, last_counter, created_at) values ($1, $2, $3, $4)
                 on conflict (user_id) do update set sealed = excluded.sealed, last_counter = excluded.last_counter,
                     created_at = excluded.created_at",
            )
            .bind(self.user)
            .bind(&self.sealed)
            .bind(self.step.0)
            .bind(appended.at.to_offset())
            .execute(tx)
            .await?;
            Ok(())
        })
    }
}

/// Deletes an authenticator app's secret.
pub(crate) struct DeleteTotp(pub(crate) Uuid);

impl SideWrite for DeleteTotp {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            sqlx::query("delete from totp where user_id = $1").bind(self.0).execute(tx).await?;
            Ok(())
        })
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

/// How many recovery codes a user has left.
pub(crate) async fn codes_left(pool: &PgPool, user: Uuid) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("select count(*) from recovery_code where user_id = $1").bind(user).fetch_one(pool).await
}

/// Whether a recovery code is a user's.
pub(crate) async fn has_code(pool: &PgPool, user: Uuid, hash: &[u8]) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("select exists (select from recovery_code where code_hash = $1 and user_id = $2)")
        .bind(hash)
        .bind(user)
        .fetch_one(pool)
        .await
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
            if used.rows_affected() == 1 { Ok(()) } else { Err(refuse(ROW_IS_GONE)) }
        })
    }
}

/// Forgets secrets that nobody confirmed.
pub(crate) async fn sweep(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query("delete from totp_enrolment where expires_at <= now()").execute(pool).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238 appendix B: the SHA-1 secret, whose last six digits at second 59 are 287082.
    const SECRET: &[u8] = b"12345678901234567890";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_micros(second * 1_000_000)
    }

    #[test]
    fn the_codes_are_those_of_the_standard() {
        for (second, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(step_of(SECRET, code, at(second)).unwrap(), Some(Step(second / 30)), "{second}");
        }
    }

    #[test]
    fn the_current_and_the_former_step_count_and_no_other() {
        let step = |second| step_of(SECRET, "081804", at(second)).unwrap();
        let begins = 1_111_111_109 / 30 * 30;
        assert_eq!(step(begins - 1), None, "a code of the step to come");
        assert_eq!(step(begins), Some(Step(begins / 30)));
        assert_eq!(step(begins + 59), Some(Step(begins / 30)), "the step before the current one");
        assert_eq!(step(begins + 60), None);
    }

    #[test]
    fn what_is_no_code_is_none() {
        for text in ["", "28708", "2870820", "28708a", "٢٨٧٠٨٢"] {
            assert_eq!(step_of(SECRET, text, at(59)).unwrap(), None, "{text}");
        }
        assert_eq!(step_of(SECRET, "287 082", at(59)).unwrap(), Some(Step(1)), "as apps show it");
    }

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

    #[test]
    fn an_app_reads_issuer_and_account() {
        let (typed, uri) = shown(SECRET, "Acme: Desk", "emma@acme.test").unwrap();
        assert_eq!(typed, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert!(uri.starts_with("otpauth://totp/") && uri.contains("secret=GEZDGNBV"), "{uri}");
        assert!(uri.contains("issuer=Acme"), "{uri}");
    }
}
