//! A contact's portal access as agents see it.

use crate::{
    accounts::Done,
    convert::micros,
    domain::{
        account::{Account, Rejection},
        login::login_key,
    },
    error::database,
    guard::trust,
    identity::Identity,
    login::locked,
};
use kernel::{Error, Timestamp};
use proto::identity::v1 as wire;
use sqlx::{PgPool, Row};
use time::OffsetDateTime;
use uuid::Uuid;

impl Identity {
    pub(super) async fn access_of(&self, user: Uuid) -> Result<wire::Access, Error> {
        let view = find(&self.pool, user).await.map_err(database)?;
        let locked = view.as_ref().is_some_and(|v| v.locked);
        let mut access = shown(user, view);
        if locked {
            let seen = trust::seen(&self.pool, &[user]).await.map_err(database)?;
            access.seen = seen.iter().map(locked::seen_network).collect();
        }
        Ok(access)
    }

    pub(super) async fn answer(&self, user: Uuid, done: Done) -> Result<wire::AccessResponse, Error> {
        Ok(wire::AccessResponse { access: Some(self.access_of(user).await?), position: done.position })
    }

    /// Fails unless the id is a contact's that has access.
    pub(super) async fn load_contact(&self, user: Uuid) -> Result<(), Error> {
        match self.log.aggregate::<Account>(user).await?.state {
            Account::Enabled(_) => Ok(()),
            Account::Agent(_) => Err(Rejection::IsAnAgent.into()),
            Account::Absent | Account::Disabled { .. } => Err(Rejection::AccessNotEnabled.into()),
        }
    }

    /// The address of a contact as it is now: what the caller read in its record, else what was heard of it last, else
    /// what the account has.
    pub(super) async fn address_of(&self, contact: Uuid, given: Option<&str>, had: &str) -> Result<String, Error> {
        if let Some(given) = given {
            return Ok(given.trim().to_owned());
        }
        let heard: Option<String> = sqlx::query_scalar("select email from contact_known where contact_id = $1")
            .bind(contact)
            .fetch_optional(&self.pool)
            .await
            .map_err(database)?;
        Ok(heard.filter(|e| !e.is_empty()).unwrap_or_else(|| had.to_owned()))
    }
}

/// A user's access as agents see it.
#[derive(Debug, Clone)]
pub(crate) struct AccessView {
    pub(crate) enabled: bool,
    pub(crate) suspended: bool,
    pub(crate) login: String,
    pub(crate) email: String,
    pub(crate) support_start: String,
    pub(crate) support_end: String,
    pub(crate) has_password: bool,
    pub(crate) last_login: Option<Timestamp>,
    pub(crate) locked: bool,
    pub(crate) locked_until: Option<Timestamp>,
    pub(crate) invitation_expires: Option<Timestamp>,
    pub(crate) version: i64,
    pub(crate) mfa_required: bool,
    pub(crate) totp: bool,
    pub(crate) passkeys: i32,
    /// End of a one-time password that was not used.
    pub(crate) one_time_until: Option<Timestamp>,
    pub(crate) one_time_expired: bool,
    /// A login that waits for its confirmation; empty for none.
    pub(crate) pending_email: String,
    pub(crate) sessions: i64,
}

/// The portal access of a contact; None when nobody ever gave it any.
pub(crate) async fn find(pool: &PgPool, contact: Uuid) -> Result<Option<AccessView>, sqlx::Error> {
    let row = sqlx::query(
        "select a.enabled, a.suspended, a.login, a.email, a.support_start, a.support_end, a.has_password, a.last_login,
                coalesce(l.held or l.locked_until is not null, false) as locked, l.locked_until, a.invitation_expires,
                a.version, a.mfa_required, a.totp, a.passkeys,
                c.one_time_until, coalesce(c.one_time_until <= now(), false) as one_time_expired,
                case when exists (select from one_time_link o where o.user_id = a.user_id and o.purpose = 2
                                  and o.expires_at > now()) then a.pending_email else '' end as pending_email,
                (select count(*) from session s where s.user_id = a.user_id and s.stage = 0 and s.agent_id is null
                     and s.expires_at > now() and s.last_seen_at + s.idle_seconds * interval '1 second' > now())
                    as sessions
         from accounts_v1 a
         left join credential c on c.user_id = a.user_id
         left join lateral (
             select t.held, t.locked_until from attempt t
             where t.user_id = a.user_id and t.kind in (1, 2, 4) and (t.held or t.locked_until > now())
             order by t.locked_at desc limit 1) l on true
         where a.user_id = $1 and a.kind = 1",
    )
    .bind(contact)
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let at =
        |name: &str| Ok::<_, sqlx::Error>(row.try_get::<Option<OffsetDateTime>, _>(name)?.map(Timestamp::from_offset));
    Ok(Some(AccessView {
        enabled: row.try_get("enabled")?,
        suspended: row.try_get("suspended")?,
        login: row.try_get("login")?,
        email: row.try_get("email")?,
        support_start: row.try_get("support_start")?,
        support_end: row.try_get("support_end")?,
        has_password: row.try_get("has_password")?,
        last_login: at("last_login")?,
        locked: row.try_get("locked")?,
        locked_until: at("locked_until")?,
        invitation_expires: at("invitation_expires")?,
        version: row.try_get("version")?,
        mfa_required: row.try_get("mfa_required")?,
        totp: row.try_get("totp")?,
        passkeys: row.try_get("passkeys")?,
        one_time_until: at("one_time_until")?,
        one_time_expired: row.try_get("one_time_expired")?,
        pending_email: row.try_get("pending_email")?,
        sessions: row.try_get("sessions")?,
    }))
}

/// A contact's portal access; without a view, that of somebody who never had any.
pub(crate) fn shown(contact: Uuid, view: Option<AccessView>) -> wire::Access {
    let contact_id = contact.to_string();
    let Some(view) = view else {
        return wire::Access { contact_id, state: "none".into(), ..wire::Access::default() };
    };
    let state = match (view.enabled, view.has_password) {
        (false, _) => "none",
        (true, false) => "invited",
        (true, true) => "active",
    };
    let factors = [(view.totp, "totp"), (view.passkeys > 0, "passkey")];
    let login_is_email = !view.email.is_empty() && login_key(&view.login) == login_key(&view.email);
    wire::Access {
        contact_id,
        enabled: view.enabled,
        login: view.login,
        support_start: view.support_start,
        support_end: view.support_end,
        state: state.into(),
        last_login_micros: micros(view.last_login),
        locked: view.locked,
        locked_until_micros: micros(view.locked_until),
        invitation_expires_micros: micros(view.invitation_expires),
        version: view.version,
        suspended: view.suspended,
        mfa_required: view.mfa_required,
        factors: factors.into_iter().filter(|(there, _)| *there).map(|(_, word)| word.to_owned()).collect(),
        login_is_email,
        one_time_password: view.one_time_until.is_some() && !view.one_time_expired,
        one_time_until_micros: micros(view.one_time_until),
        one_time_expired: view.one_time_expired,
        pending_email: view.pending_email,
        seen: Vec::new(),
        sessions: i32::try_from(view.sessions).unwrap_or(i32::MAX),
        email: view.email,
    }
}
