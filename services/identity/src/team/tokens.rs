//! Tokens of programs: made, checked, listed, revoked. A token's owner is an agent, a contact or a program's account; the
//! token is alive as long as the owner may sign in.

use crate::{
    authority::{Intent, rights_of},
    convert,
    domain::token::{Command, Event, Scope, Tokens, Wish},
    draft::unrepeated,
    error::database,
    identity::Identity,
    rights, secrets,
    sessions::own::Own,
};
use eventlog::{Appended, Decision, SideWrite};
use kernel::{Actor, ActorKind, Code, Error, Timestamp, new_id, parse_id, support_day_bounds};
use proto::identity::v1 as wire;
use runtime::token::{Claims, mint};
use sqlx::{PgConnection, PgPool, Row};
use time::OffsetDateTime;
use uuid::Uuid;

/// The one answer for every token that is none: unknown, expired, revoked, of somebody who may not sign in.
fn no_token() -> Error {
    Error::new(Code::Unauthenticated, "token_invalid", "This token is not valid.")
}

/// What `CreateApiToken` and `CreateServiceToken` ask for.
pub(crate) struct TokenRequest<'a> {
    pub(crate) name: &'a str,
    pub(crate) scopes: &'a [String],
    pub(crate) valid_days: i32,
}

/// An owner of tokens who may sign in.
struct Owner {
    kind: ActorKind,
    name: String,
}

impl Identity {
    /// Makes a token for an account. Whether the caller may, and has proved it freshly, is decided before.
    pub(crate) async fn create_token(
        &self,
        actor: &Actor,
        user: Uuid,
        asked: TokenRequest<'_>,
    ) -> Result<wire::CreateApiTokenResponse, Error> {
        let owner = owner(&self.pool, user).await?.ok_or_else(Error::not_found)?;
        let agent = owner.kind == ActorKind::Agent;
        let wish = Wish::parse(asked.name, asked.scopes, asked.valid_days, agent).map_err(Error::invalid)?;
        let text = secrets::api_token()?;
        let (token, now) = (new_id(), self.log.now());
        let expires_at = now.plus_seconds(i64::from(wish.valid_days) * 86_400);
        let hint: String = text.text.expose().chars().skip(text.text.expose().len() - 4).collect();
        let row = StoreToken { token, user, hash: text.hash, hint: hint.clone(), wish: wish.clone(), expires_at };
        let meta = unrepeated(actor);
        let (name, scopes) = (wish.name.clone(), wish.scopes.clone());
        let command = Command::Create { user, token, name, scopes, expires_at, now };
        let decision = Decision { id: user, meta: &meta, command, expected: None, repeatable: false };
        let changed = self
            .log
            .decide::<Tokens>(decision, |_, _, draft| {
                draft.side_writes = vec![Box::new(row.clone())];
            })
            .await?;
        let token = wire::ApiToken {
            token_id: token.to_string(),
            user_id: user.to_string(),
            user_name: owner.name,
            name: wish.name,
            scopes: words(&wish.scopes),
            created_at_micros: now.micros(),
            expires_at_micros: expires_at.micros(),
            last_used_micros: 0,
            hint,
        };
        let secret = text.text.expose().clone();
        Ok(wire::CreateApiTokenResponse { token: Some(token), secret, position: changed.position })
    }

    /// The live tokens of an account; of all accounts when none is named. The newest first.
    pub(crate) async fn tokens_of(&self, user: Option<Uuid>) -> Result<wire::ListApiTokensResponse, Error> {
        type Row =
            (Uuid, Uuid, String, String, Vec<String>, String, OffsetDateTime, OffsetDateTime, Option<OffsetDateTime>);
        let rows: Vec<Row> = sqlx::query_as(
            "select t.token_id, t.user_id,
                    coalesce(nullif(concat_ws(' ', nullif(n.first_name, ''), nullif(n.last_name, '')), ''), a.name, ''),
                    t.name, t.scopes, t.hint, t.created_at, t.expires_at, t.last_used_at
             from api_token t
             left join accounts_v1 a on a.user_id = t.user_id
             left join contact_name n on n.contact_id = t.user_id
             where t.expires_at > now() and ($1::uuid is null or t.user_id = $1)
             order by t.created_at desc, t.token_id desc limit 5000",
        )
        .bind(user)
        .fetch_all(&self.pool)
        .await
        .map_err(database)?;
        let micros = |at: OffsetDateTime| Timestamp::from_offset(at).micros();
        let tokens = rows.into_iter().map(|(token, user, user_name, name, scopes, hint, created, expires, used)| {
            wire::ApiToken {
                token_id: token.to_string(),
                user_id: user.to_string(),
                user_name,
                name,
                scopes,
                created_at_micros: micros(created),
                expires_at_micros: micros(expires),
                last_used_micros: used.map_or(0, micros),
                hint,
            }
        });
        Ok(wire::ListApiTokensResponse { tokens: tokens.collect() })
    }

    /// Revokes one of an account's tokens.
    pub(crate) async fn revoke_token(
        &self,
        actor: &Actor,
        user: Uuid,
        token: Uuid,
    ) -> Result<wire::RevokeApiTokenResponse, Error> {
        let meta = unrepeated(actor);
        let command = Command::Revoke { user, token };
        let decision = Decision { id: user, meta: &meta, command, expected: None, repeatable: false };
        let changed = self
            .log
            .decide::<Tokens>(decision, |_, events, draft| {
                draft.side_writes = vec![Box::new(DeleteTokens(events.iter().map(token_of).collect()))];
            })
            .await?;
        Ok(wire::RevokeApiTokenResponse { position: changed.position })
    }

    /// A token of one's own. Its rights are the owner's, so the proof must be fresh.
    pub(crate) async fn create_own_token(
        &self,
        own: Own,
        request: wire::CreateApiTokenRequest,
    ) -> Result<wire::CreateApiTokenResponse, Error> {
        let asked = TokenRequest { name: &request.name, scopes: &request.scopes, valid_days: request.valid_days };
        self.create_token(&own.actor(), own.session.user, asked).await
    }

    /// One's own live tokens.
    pub(crate) async fn list_own_tokens(
        &self,
        own: Own,
        _: wire::ListApiTokensRequest,
    ) -> Result<wire::ListApiTokensResponse, Error> {
        self.tokens_of(Some(own.session.user)).await
    }

    /// Revokes a token of one's own.
    pub(crate) async fn revoke_own_token(
        &self,
        own: Own,
        request: wire::RevokeApiTokenRequest,
    ) -> Result<wire::RevokeApiTokenResponse, Error> {
        self.revoke_token(&own.actor(), own.session.user, parse_id(&request.token_id)?).await
    }

    /// Every live token of the installation, but for those of who may do more than the caller.
    pub(crate) async fn list_all_api_tokens(
        &self,
        actor: &Actor,
        _: wire::ListAllApiTokensRequest,
    ) -> Result<wire::ListApiTokensResponse, Error> {
        rights::may_manage_agents(actor)?;
        let mut all = self.tokens_of(None).await?;
        let owner = |token: &wire::ApiToken| Uuid::try_parse(&token.user_id).unwrap_or_default();
        let mut owners: Vec<Uuid> = all.tokens.iter().map(owner).collect();
        owners.sort_unstable();
        owners.dedup();
        let within = self.within(actor, &owners, Intent::Tokens).await?;
        all.tokens.retain(|token| within.contains(&owner(token)));
        Ok(all)
    }

    /// A token for the account of a program. The rights of its role must be the caller's too.
    pub(crate) async fn create_service_token(
        &self,
        actor: &Actor,
        request: wire::CreateServiceTokenRequest,
    ) -> Result<wire::CreateApiTokenResponse, Error> {
        rights::may_manage_agents(actor)?;
        let user = parse_id(&request.user_id)?;
        let service: Option<bool> =
            sqlx::query_scalar("select service from accounts_v1 where user_id = $1 and kind = 2")
                .bind(user)
                .fetch_optional(&self.pool)
                .await
                .map_err(database)?;
        let service = service.ok_or_else(Error::not_found)?;
        if !service {
            let message = "People make their tokens themselves. Please choose a program's account.";
            return Err(Error::invalid_field("user_id", "not_a_program", message));
        }
        self.may_act_on(actor, &[user], Intent::Tokens).await?;
        let asked = TokenRequest { name: &request.name, scopes: &request.scopes, valid_days: request.valid_days };
        self.create_token(actor, user, asked).await
    }

    /// Revokes whosever token.
    pub(crate) async fn revoke_any_api_token(
        &self,
        actor: &Actor,
        request: wire::RevokeAnyApiTokenRequest,
    ) -> Result<wire::RevokeApiTokenResponse, Error> {
        rights::may_manage_agents(actor)?;
        let token = parse_id(&request.token_id)?;
        let user: Option<Uuid> = sqlx::query_scalar("select user_id from api_token where token_id = $1")
            .bind(token)
            .fetch_optional(&self.pool)
            .await
            .map_err(database)?;
        let user = user.ok_or_else(Error::not_found)?;
        self.may_act_on(actor, &[user], Intent::Tokens).await?;
        self.revoke_token(actor, user, token).await
    }

    /// Bearer token of a program → subject and a fresh actor token.
    pub(crate) async fn check_api_token(
        &self,
        actor: &Actor,
        request: &wire::CheckApiTokenRequest,
    ) -> Result<wire::CheckApiTokenResponse, Error> {
        rights::may_ask_for_strangers(actor)?;
        let hash = secrets::api_token_hash(&request.token).ok_or_else(no_token)?;
        let found = find(&self.pool, &hash).await.map_err(database)?.ok_or_else(no_token)?;
        if found.kind == ActorKind::Contact {
            let bounds = support_day_bounds(&found.support_start, &found.support_end, &self.settings.time_zone)?;
            if found.now < bounds.0 || bounds.1 < found.now {
                return Err(no_token());
            }
        }
        if found.needs_touch {
            touch(&self.pool, found.token).await.map_err(database)?;
        }
        let key = self.signing.current().await?;
        let mut claims = Claims::new(&self.settings.installation, found.user, found.kind, &found.role, found.now);
        let has = |scope: Scope| found.scopes.iter().any(|word| word == scope.as_str());
        if has(Scope::Admin) {
            claims.rights = rights_of(&self.pool, &found.role).await?;
        }
        claims.read_only = !has(Scope::Write);
        claims.auth_time = 0;
        let Found { kind, user, ref name, ref role, ref locale, ref login, .. } = found;
        Ok(wire::CheckApiTokenResponse {
            subject: Some(convert::subject(kind, user, name, role, locale, login)),
            token_id: found.token.to_string(),
            actor_token: mint(&key, &claims),
            scopes: found.scopes,
            expires_at_micros: found.expires_at.micros(),
        })
    }
}

fn words(scopes: &[Scope]) -> Vec<String> {
    scopes.iter().map(|s| s.as_str().to_owned()).collect()
}

fn token_of(event: &Event) -> Uuid {
    match event {
        Event::Created { token, .. } | Event::Revoked { token, .. } => *token,
    }
}

/// The owner of tokens-to-be, who must be able to sign in.
async fn owner(pool: &PgPool, user: Uuid) -> Result<Option<Owner>, Error> {
    let row: Option<(i16, String)> = sqlx::query_as(
        "select a.kind,
                coalesce(nullif(concat_ws(' ', nullif(n.first_name, ''), nullif(n.last_name, '')), ''), a.name)
         from accounts_v1 a left join contact_name n on n.contact_id = a.user_id
         where a.user_id = $1 and a.enabled and not a.suspended",
    )
    .bind(user)
    .fetch_optional(pool)
    .await
    .map_err(database)?;
    Ok(row.map(|(kind, name)| Owner { kind: ActorKind::from_number(kind), name }))
}

/// A live token and its owner.
struct Found {
    token: Uuid,
    user: Uuid,
    kind: ActorKind,
    name: String,
    role: String,
    locale: String,
    login: String,
    support_start: String,
    support_end: String,
    scopes: Vec<String>,
    expires_at: Timestamp,
    needs_touch: bool,
    now: Timestamp,
}

/// The token of a hash, if it is alive and its owner may sign in. One statement.
async fn find(pool: &PgPool, hash: &[u8]) -> Result<Option<Found>, sqlx::Error> {
    let row = sqlx::query(
        "select t.token_id, a.user_id, a.kind,
                coalesce(nullif(concat_ws(' ', nullif(n.first_name, ''), nullif(n.last_name, '')), ''), a.name),
                a.role, a.locale, a.login, a.support_start, a.support_end, t.scopes, t.expires_at,
                t.last_used_at is null or t.last_used_at < now() - interval '1 minute', clock_timestamp()
         from api_token t
         join accounts_v1 a on a.user_id = t.user_id and a.enabled and not a.suspended
         left join contact_name n on n.contact_id = t.user_id
         where t.token_hash = $1 and t.expires_at > now()",
    )
    .bind(hash)
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Found {
        token: row.try_get(0)?,
        user: row.try_get(1)?,
        kind: ActorKind::from_number(row.try_get(2)?),
        name: row.try_get(3)?,
        role: row.try_get(4)?,
        locale: row.try_get(5)?,
        login: row.try_get(6)?,
        support_start: row.try_get(7)?,
        support_end: row.try_get(8)?,
        scopes: row.try_get(9)?,
        expires_at: Timestamp::from_offset(row.try_get(10)?),
        needs_touch: row.try_get(11)?,
        now: Timestamp::from_offset(row.try_get(12)?),
    }))
}

/// Writes a use down, at most once a minute.
async fn touch(pool: &PgPool, token: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query(
        "update api_token set last_used_at = now()
         where token_id = $1 and (last_used_at is null or last_used_at < now() - interval '1 minute')",
    )
    .bind(token)
    .execute(pool)
    .await?;
    Ok(())
}

/// Deletes tokens whose time is over.
pub(crate) async fn sweep(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query("delete from api_token where expires_at <= now()").execute(pool).await?;
    Ok(())
}

/// Stores a new token's hash.
#[derive(Clone)]
struct StoreToken {
    token: Uuid,
    user: Uuid,
    hash: Vec<u8>,
    hint: String,
    wish: Wish,
    expires_at: Timestamp,
}

impl SideWrite for StoreToken {
    fn write<'a>(&'a self, appended: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            sqlx::query(
                "insert into api_token (token_id, user_id, token_hash, hint, name, scopes, created_at, expires_at)
                 values ($1, $2, $3, $4, $5, $6, $7, $8)",
            )
            .bind(self.token)
            .bind(self.user)
            .bind(&self.hash)
            .bind(&self.hint)
            .bind(&self.wish.name)
            .bind(words(&self.wish.scopes))
            .bind(appended.at.to_offset())
            .bind(self.expires_at.to_offset())
            .execute(tx)
            .await?;
            Ok(())
        })
    }
}

/// Deletes tokens.
struct DeleteTokens(Vec<Uuid>);

impl SideWrite for DeleteTokens {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            sqlx::query("delete from api_token where token_id = any ($1)").bind(&self.0).execute(tx).await?;
            Ok(())
        })
    }
}
