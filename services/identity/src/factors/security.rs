//! What is set up for one's own account, and what is asked of it.

use crate::{
    domain::password::min_characters,
    error::database,
    factors::{passkeys::rows, recovery},
    identity::Identity,
    sessions::own::Own,
};
use kernel::{Error, Timestamp};
use proto::identity::v1 as wire;
use sqlx::PgPool;
use time::OffsetDateTime;
use uuid::Uuid;

impl Identity {
    /// What is set up for the account, and what is asked of it.
    pub(crate) async fn get_security(
        &self,
        own: Own,
        _: wire::GetSecurityRequest,
    ) -> Result<wire::GetSecurityResponse, Error> {
        let user = own.session.user;
        let (current, keys) = (self.current.get().await?, rows::of_user(&self.pool, user).await.map_err(database)?);
        let left = recovery::codes_left(&self.pool, user).await.map_err(database)?;
        let (pending_email, password_set) = own_details(&self.pool, user).await.map_err(database)?;
        let facts = &own.facts;
        let mfa_required = facts.mfa_required || current.requires_mfa_of(facts.kind);
        let micros = crate::convert::micros;
        Ok(wire::GetSecurityResponse {
            login: facts.login.clone(),
            login_is_email: facts.login_is_email(),
            email: facts.email.clone(),
            has_password: facts.credential.is_some(),
            password_set_micros: micros(password_set),
            totp: facts.totp,
            passkeys: keys
                .into_iter()
                .map(|k| wire::Passkey {
                    passkey_id: k.id.to_string(),
                    name: k.name,
                    created_at_micros: k.created_at.micros(),
                    last_used_micros: micros(k.last_used_at),
                })
                .collect(),
            recovery_codes_left: i32::try_from(left).unwrap_or(i32::MAX),
            mfa_required,
            pending_email,
            min_password_length: i32::try_from(min_characters(facts.has_factor() || mfa_required)).unwrap_or_default(),
        })
    }
}

/// The login that waits for its confirmation, and when the password was set.
pub(crate) async fn own_details(pool: &PgPool, user: Uuid) -> Result<(String, Option<Timestamp>), sqlx::Error> {
    let (pending, set): (String, Option<OffsetDateTime>) = sqlx::query_as(
        "select a.pending_email, c.set_at from accounts_v1 a left join credential c on c.user_id = a.user_id
         where a.user_id = $1",
    )
    .bind(user)
    .fetch_one(pool)
    .await?;
    Ok((pending, set.map(Timestamp::from_offset)))
}
