//! Links that come by mail: to choose a new password, or to confirm another login. One of each kind per user; its token is
//! made when the mail is sent, so that no token ever crosses the bus, and only its hash is stored. Each works once.

use crate::{
    convert, domain::password::min_characters, error::database, facts, guard::sources::Asking, identity::Identity,
    refusal::Refusal, rights, secrets,
};
use eventlog::{Appended, SideWrite};
use kernel::{Actor, ActorKind, Error, Timestamp, parse_id};
use proto::identity::v1 as wire;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

/// How long a link to choose a new password works: 30 min.
pub(crate) const RESET_SECONDS: i64 = 30 * 60;
/// How long a link to confirm another login works: 24 h.
pub(crate) const LOGIN_CHANGE_SECONDS: i64 = 24 * 3600;
/// So many links to choose a new password an hour.
const RESETS_AN_HOUR: i64 = 3;

/// What a link is for; a link of one kind does nothing elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Reset,
    LoginChange,
}

impl Purpose {
    fn number(self) -> i16 {
        match self {
            Purpose::Reset => 1,
            Purpose::LoginChange => 2,
        }
    }

    /// The purpose of a word.
    pub(crate) fn from_word(word: &str) -> Option<Purpose> {
        match word {
            "reset" => Some(Purpose::Reset),
            "login_change" => Some(Purpose::LoginChange),
            _ => None,
        }
    }

    /// The page that a link leads to.
    pub(crate) fn path(self, kind: ActorKind) -> &'static str {
        match (self, kind) {
            (Purpose::Reset, ActorKind::Agent) => "/console/reset",
            (Purpose::Reset, _) => "/reset",
            (Purpose::LoginChange, ActorKind::Agent) => "/console/confirm-login",
            (Purpose::LoginChange, _) => "/confirm-login",
        }
    }
}

impl Identity {
    /// What a link leads to. Changes nothing.
    pub(crate) async fn inspect_link(
        &self,
        actor: &Actor,
        request: &wire::InspectLinkRequest,
    ) -> Result<wire::InspectLinkResponse, Error> {
        rights::may_ask_for_strangers(actor)?;
        let purpose = Purpose::from_word(&request.purpose)
            .ok_or_else(|| Error::invalid_field("purpose", "unknown", "Either reset or login_change."))?;
        let address = request.source.as_ref().map(|s| s.address.as_str()).unwrap_or_default();
        self.sources.ask(address, Asking::Link)?;
        let found = match secrets::link_token_hash(&request.token) {
            Some(hash) => find(&self.pool, purpose, &hash).await.map_err(database)?,
            None => None,
        };
        // Whoever holds the token of a reset can choose the password, and is told the login with it; before that it helps
        // password managers to keep the two together.
        let login = match &found {
            Some(link) if purpose == Purpose::Reset => self.login_of(link.user).await?,
            _ => String::new(),
        };
        Ok(match found {
            Some(link) => wire::InspectLinkResponse {
                usable: true,
                kind: crate::codec::subject_kind(link.kind).into(),
                min_length: i32::try_from(min_characters(link.has_factor)).unwrap_or_default(),
                login,
            },
            None => wire::InspectLinkResponse::default(),
        })
    }

    /// A new link for a request, for the mail that is being sent.
    pub(crate) async fn issue_link(
        &self,
        actor: &Actor,
        request: &wire::IssueLinkRequest,
    ) -> Result<wire::IssueLinkResponse, Error> {
        rights::may_issue_links(actor)?;
        let request = parse_id(&request.request_id)?;
        let token = secrets::link_token()?;
        let renewed = renew_token(&self.pool, request, &token.hash).await.map_err(database)?;
        Ok(match renewed {
            Some((purpose, kind, expires_at)) => wire::IssueLinkResponse {
                link: format!("{}{}?token={}", self.settings.portal_url, purpose.path(kind), token.text.expose()),
                expires_at_micros: convert::micros(Some(expires_at)),
                usable: true,
            },
            None => wire::IssueLinkResponse::default(),
        })
    }

    /// What the owner of a link signs in with.
    pub(crate) async fn login_of(&self, user: uuid::Uuid) -> Result<String, Error> {
        let facts = facts::account_of_user(&self.pool, user).await.map_err(database)?;
        Ok(facts.map(|facts| facts.login).unwrap_or_default())
    }
}

/// Opens a link; an older one of the same kind is dead.
pub(crate) struct OpenLink {
    pub(crate) user: Uuid,
    pub(crate) purpose: Purpose,
    pub(crate) request: Uuid,
    pub(crate) kind: ActorKind,
    /// The new login, for a change of it.
    pub(crate) email: String,
    pub(crate) expires_at: Timestamp,
}

impl SideWrite for OpenLink {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            sqlx::query(
                "insert into one_time_link (user_id, purpose, request_id, token_hash, kind, email, expires_at)
                 values ($1, $2, $3, null, $4, $5, $6)
                 on conflict (user_id, purpose) do update set request_id = excluded.request_id, token_hash = null,
                     kind = excluded.kind, email = excluded.email, expires_at = excluded.expires_at",
            )
            .bind(self.user)
            .bind(self.purpose.number())
            .bind(self.request)
            .bind(self.kind.number())
            .bind(&self.email)
            .bind(self.expires_at.to_offset())
            .execute(tx)
            .await?;
            Ok(())
        })
    }
}

/// Uses a link up: compare and delete. Fails the whole append when the token is not the live one any more.
pub(crate) struct UseLink {
    pub(crate) request: Uuid,
    pub(crate) token_hash: Vec<u8>,
}

impl SideWrite for UseLink {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            let used = sqlx::query("delete from one_time_link where request_id = $1 and token_hash = $2")
                .bind(self.request)
                .bind(&self.token_hash)
                .execute(tx)
                .await?;
            if used.rows_affected() == 1 { Ok(()) } else { Err(Refusal::RowIsGone.into()) }
        })
    }
}

/// Withdraws a user's links of every purpose: a password was chosen, or the login is another one. What somebody ordered
/// before, perhaps somebody else, leads nowhere any more.
pub(crate) struct CloseLinks(pub(crate) Uuid);

impl SideWrite for CloseLinks {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            sqlx::query("delete from one_time_link where user_id = $1").bind(self.0).execute(tx).await?;
            Ok(())
        })
    }
}

/// A link that works.
#[derive(Debug, Clone)]
pub(crate) struct OpenedLink {
    pub(crate) user: Uuid,
    pub(crate) request: Uuid,
    pub(crate) kind: ActorKind,
    /// Fewer characters are enough: a second factor stands behind the password.
    pub(crate) has_factor: bool,
}

/// The link of a token's hash. Changes nothing.
pub(crate) async fn find(
    pool: &PgPool,
    purpose: Purpose,
    token_hash: &[u8],
) -> Result<Option<OpenedLink>, sqlx::Error> {
    let row: Option<(Uuid, Uuid, i16, bool)> = sqlx::query_as(
        "select l.user_id, l.request_id, l.kind, a.totp or a.passkeys > 0 or a.mfa_required
         from one_time_link l
         join accounts_v1 a on a.user_id = l.user_id and a.enabled and not a.suspended
         where l.token_hash = $1 and l.purpose = $2 and l.expires_at > now()",
    )
    .bind(token_hash)
    .bind(purpose.number())
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|(user, request, kind, has_factor)| OpenedLink {
        user,
        request,
        kind: ActorKind::from_number(kind),
        has_factor,
    }))
}

/// Gives an open link a new token; the former one dies. Purpose, kind of user and expiry; None when it is not open.
pub(crate) async fn renew_token(
    pool: &PgPool,
    request: Uuid,
    token_hash: &[u8],
) -> Result<Option<(Purpose, ActorKind, Timestamp)>, sqlx::Error> {
    let row: Option<(i16, i16, OffsetDateTime)> = sqlx::query_as(
        "update one_time_link set token_hash = $2 where request_id = $1 and expires_at > now()
         returning purpose, kind, expires_at",
    )
    .bind(request)
    .bind(token_hash)
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|(purpose, kind, at)| {
        let purpose = if purpose == 1 { Purpose::Reset } else { Purpose::LoginChange };
        (purpose, ActorKind::from_number(kind), Timestamp::from_offset(at))
    }))
}

/// Counts a request for a link; false when there were three within the hour.
pub(crate) async fn reserve_reset(pool: &PgPool, user: Uuid) -> Result<bool, sqlx::Error> {
    let mut tx = pool.begin().await?;
    // One at a time per user, whatever process it comes from.
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('reset ' || $1::text, 0))")
        .bind(user)
        .execute(&mut *tx)
        .await?;
    let done = sqlx::query(
        "insert into reset_request (user_id, at) select $1, now() where (
             select count(*) from reset_request where user_id = $1 and at > now() - interval '1 hour') < $2",
    )
    .bind(user)
    .bind(RESETS_AN_HOUR)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(done.rows_affected() == 1)
}

/// Deletes links whose time is over, and counts of requests that matter no more.
pub(crate) async fn sweep(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query("delete from one_time_link where expires_at <= now()").execute(pool).await?;
    sqlx::query("delete from reset_request where at < now() - interval '1 hour'").execute(pool).await?;
    Ok(())
}
