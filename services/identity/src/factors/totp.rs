//! Authenticator apps: setting one up, its secret, removing it.

use crate::{
    domain::account::{Command, Factor},
    error::{database, wrong_code},
    guard::sources::Asking,
    identity::Identity,
    proof::{
        Enrolled,
        app::{self, Step},
    },
    refusal::Refusal,
    secrets,
    sessions::own::Own,
};
use eventlog::{Appended, SideWrite};
use kernel::{Error, Secret, Timestamp};
use proto::identity::v1 as wire;
use sqlx::{PgConnection, PgPool};
use totp_rs::{Algorithm, Builder};
use tracing::info;
use uuid::Uuid;

/// Bytes of a secret: as long as the hash.
const SECRET_BYTES: usize = 20;
/// How long a secret that was shown waits to be confirmed.
const ENROLMENT_SECONDS: i64 = 600;

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
        .with_step_duration(app::STEP)
        .with_secret(secret.to_vec())
        .with_issuer(Some(plain(issuer)))
        .with_account_name(plain(account))
        .build()
        .map_err(|e| Error::internal(e.to_string()))?;
    let typed = totp_rs::Secret::from(secret.to_vec()).to_base32();
    Ok((typed, totp.to_url().map_err(|e| Error::internal(e.to_string()))?))
}

impl Identity {
    /// A secret for an authenticator app. Nothing changes until a code confirms it.
    pub(crate) async fn begin_totp(
        &self,
        own: Own,
        _: wire::BeginTotpRequest,
    ) -> Result<wire::BeginTotpResponse, Error> {
        let secret = new_secret()?;
        let user = own.session.user;
        let sealed = self.keys.seal_totp(user, secret.expose())?;
        begin_enrolment(&self.pool, user, &sealed, self.log.now()).await.map_err(database)?;
        let (secret, otpauth_uri) = shown(secret.expose(), &self.settings.company, &own.facts.login)?;
        Ok(wire::BeginTotpResponse { secret, otpauth_uri })
    }

    /// Confirms the app with a first code. With the first factor come ten recovery codes, shown once.
    pub(crate) async fn confirm_totp(
        &self,
        own: Own,
        request: wire::ConfirmTotpRequest,
    ) -> Result<wire::FactorAddedResponse, Error> {
        self.sources.ask(&own.origin.address, Asking::Login)?;
        let user = own.session.user;
        let Some(sealed) = enrolment(&self.pool, user).await.map_err(database)? else {
            return Err(Error::new(
                kernel::Code::Precondition,
                "enrolment_over",
                "This code is for a set-up that is over. Please begin again.",
            ));
        };
        let secret = self.keys.open_totp(user, &sealed)?;
        let Some(step) = app::step_of(secret.expose(), &request.code, self.log.now())? else {
            return Err(Error::invalid(vec![wrong_code("code")]));
        };
        let (shown, hashes) = self.codes_for(&own).await?;
        let command = Command::EnableTotp { user, codes: i32::try_from(shown.len()).unwrap_or_default() };
        let store =
            move || -> Vec<Box<dyn SideWrite>> { vec![Box::new(StoreTotp { user, sealed: sealed.clone(), step })] };
        let login = self.add_factor(&own, Enrolled::app(step), command, hashes, store).await?;
        info!(event = "factor.added", user.id = %user, factor = "totp", "a second factor was set up");
        Ok(wire::FactorAddedResponse { recovery_codes: shown, login: Some(login), passkey_id: String::new() })
    }

    /// Removes the authenticator app. Other sessions end.
    pub(crate) async fn remove_totp(&self, own: Own, _: wire::RemoveTotpRequest) -> Result<wire::LoginResponse, Error> {
        let user = own.session.user;
        let rest = own.facts.passkeys > 0;
        self.remove_factor(&own, Factor::Totp, rest, move || vec![Box::new(DeleteTotp(user))]).await
    }
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
                return Err(Refusal::RowIsGone.into());
            }
            sqlx::query(
                "insert into totp (user_id, sealed, last_counter, created_at) values ($1, $2, $3, $4)
                 on conflict (user_id) do update set sealed = excluded.sealed, last_counter = excluded.last_counter,
                     created_at = excluded.created_at",
            )
            .bind(self.user)
            .bind(&self.sealed)
            .bind(self.step.number())
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

    #[test]
    fn an_app_reads_issuer_and_account() {
        let (typed, uri) = shown(SECRET, "Acme: Desk", "emma@acme.test").unwrap();
        assert_eq!(typed, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert!(uri.starts_with("otpauth://totp/") && uri.contains("secret=GEZDGNBV"), "{uri}");
        assert!(uri.contains("issuer=Acme"), "{uri}");
    }
}
