//! Secure links of companies: whoever has one sees the portal as the company's visitor, as long as nobody of the company is
//! a portal user. From then on the link only leads to the login, and who is there is out.

use crate::{
    authority::Intent,
    domain::{
        activity::EndReason,
        link::{Command, CompanyLink, MAX_DAYS, USUAL_DAYS},
        session::Limits,
        stage::Stage,
        visit::Visit,
    },
    draft::{DraftEvents, unrepeated},
    error::{database, link_unusable, unappended},
    identity::Identity,
    proof::Assured,
    refusal::Refusal,
    rights, secrets,
    sessions::{
        EndAllSessions, NewSession,
        visits::{ended, live_visitors},
    },
    source::Origin,
    streams::activity_stream,
};
use eventlog::{Appended, Decision, Draft, Expected, Meta, SideWrite, Stored};
use kernel::{Actor, ActorKind, Aggregate, Channel, Code, Error, Timestamp, new_id, parse_id};
use proto::identity::v1 as wire;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

impl Identity {
    /// The secure link and the portal users of a company.
    pub(crate) async fn get_company_access(
        &self,
        actor: &Actor,
        request: wire::GetCompanyAccessRequest,
    ) -> Result<wire::CompanyAccessResponse, Error> {
        rights::may_see_access(actor)?;
        self.company_access(parse_id(&request.company_id)?, 0).await
    }

    /// Makes a company's secure link. A former one dies, and whoever came by it is out.
    pub(crate) async fn issue_company_link(
        &self,
        actor: &Actor,
        request: wire::IssueCompanyLinkRequest,
    ) -> Result<wire::IssueCompanyLinkResponse, Error> {
        // Whoever has the link can look at the portal as the company.
        let company = self.contact(actor, &request.company_id, Intent::Become).await?;
        let days = if request.valid_days == 0 { USUAL_DAYS } else { request.valid_days };
        if !(1..=MAX_DAYS).contains(&days) {
            let message = "A link is valid for 1 to 365 days.";
            return Err(Error::invalid_field("valid_days", "out_of_range", message));
        }
        if !self.current.get().await?.company_links {
            let public = "Secure links of companies are switched off in the security settings.";
            return Err(Error::new(Code::Precondition, "company_links_off", public));
        }
        let token = secrets::company_link_token()?;
        let (link, now) = (new_id(), self.log.now());
        let expires_at = now.plus_seconds(i64::from(days) * 86_400);
        let visitors = live_visitors(&self.pool, Some(&[company])).await?;
        let meta = unrepeated(actor);
        let command = Command::Issue { company, link, expires_at };
        let decision = Decision { id: company, meta: &meta, command, expected: None, repeatable: false };
        let changed = self
            .log
            .decide::<CompanyLink>(decision, |_, _, draft| {
                draft.activities(&ended(&visitors, EndReason::LinkRevoked));
                draft.side_writes = vec![
                    Box::new(StoreLink { company, link, token_hash: token.hash.clone(), expires_at }),
                    Box::new(EndAllSessions { user: company, but: None }),
                ];
            })
            .await?;
        let link = format!("{}/link/{}", self.settings.portal_url, token.text.expose());
        let access = self.company_access(company, changed.position).await?;
        Ok(wire::IssueCompanyLinkResponse { link, access: Some(access) })
    }

    /// Withdraws a company's secure link; whoever came by it is out.
    pub(crate) async fn revoke_company_link(
        &self,
        actor: &Actor,
        request: wire::RevokeCompanyLinkRequest,
    ) -> Result<wire::CompanyAccessResponse, Error> {
        let company = self.contact(actor, &request.company_id, Intent::Manage).await?;
        let visitors = live_visitors(&self.pool, Some(&[company])).await?;
        let meta = unrepeated(actor);
        let command = Command::Revoke { company };
        let decision = Decision { id: company, meta: &meta, command, expected: None, repeatable: false };
        let changed = self
            .log
            .decide::<CompanyLink>(decision, |_, _, draft| {
                draft.activities(&ended(&visitors, EndReason::LinkRevoked));
                draft.side_writes =
                    vec![Box::new(DeleteLink(company)), Box::new(EndAllSessions { user: company, but: None })];
            })
            .await?;
        self.company_access(company, changed.position).await
    }

    /// What a secure link leads to. Changes nothing.
    pub(crate) async fn inspect_company_link(
        &self,
        actor: &Actor,
        request: &wire::InspectCompanyLinkRequest,
    ) -> Result<wire::InspectCompanyLinkResponse, Error> {
        rights::may_ask_for_strangers(actor)?;
        let Some((company, _)) = self.open_link(&request.token).await? else {
            return Ok(wire::InspectCompanyLinkResponse::default());
        };
        Ok(wire::InspectCompanyLinkResponse {
            usable: true,
            sign_in_instead: has_portal_users(&self.pool, company).await.map_err(database)?,
            company_id: company.to_string(),
        })
    }

    /// Makes a session of a secure link. Nobody has proved who they are: it sees what the company's visitors see.
    pub(crate) async fn open_company_link(
        &self,
        actor: &Actor,
        request: &wire::OpenCompanyLinkRequest,
    ) -> Result<wire::LoginResponse, Error> {
        rights::may_ask_for_strangers(actor)?;
        let (company, token_hash) = self.open_link(&request.token).await?.ok_or_else(link_unusable)?;
        let origin = Origin::of(request.source.as_ref());
        let token = secrets::session_token()?;
        let session = new_id();
        let mut draft = Draft::default();
        let stream = draft.stream(activity_stream(company), Expected::Any);
        let (network, browser) = (origin.network.clone(), origin.browser.clone());
        let visit = Visit::LinkUsed { company, session, network, browser };
        draft.administration(stream, &crate::codec::administration::Administration::Visit(visit));
        draft.side_writes.push(Box::new(EnterByLink { company, token_hash }));
        draft.side_writes.push(Box::new(NewSession {
            id: session,
            token_hash: token.hash,
            user: company,
            kind: ActorKind::Company,
            origin,
            limits: Limits::of(ActorKind::Company),
            not_after: None,
            stage: Stage::Complete,
            assured: Assured::by_link(),
            agent: None,
            read_only: false,
            budget: None,
        }));
        let visitor = Actor { session: Some(session), ..Actor::new(ActorKind::Company, company, Channel::Portal) };
        let appended = self.log.append(draft.append(Meta::new(visitor, new_id(), &[]))).await.map_err(unappended)?;
        tracing::info!(event = "link.opened", session.id = %session, "somebody came by a company's link");
        Ok(wire::LoginResponse {
            session_token: token.text.expose().clone(),
            session_id: session.to_string(),
            subject: Some(crate::convert::subject(ActorKind::Company, company, "", "", "", "")),
            position: appended.last,
            stage: wire::Stage::Complete.into(),
            ..wire::LoginResponse::default()
        })
    }

    /// The company of a link that is open, and the link's hash; None for unknown, revoked, expired, switched off alike.
    async fn open_link(&self, token: &str) -> Result<Option<(Uuid, Vec<u8>)>, Error> {
        let Some(hash) = secrets::company_link_token_hash(token) else { return Ok(None) };
        let company: Option<Uuid> =
            sqlx::query_scalar("select company_id from company_link where token_hash = $1 and expires_at > now()")
                .bind(&hash)
                .fetch_optional(&self.pool)
                .await
                .map_err(database)?;
        if !self.current.get().await?.company_links {
            return Ok(None);
        }
        Ok(company.map(|company| (company, hash)))
    }

    async fn company_access(&self, company: Uuid, position: i64) -> Result<wire::CompanyAccessResponse, Error> {
        let users: Vec<Uuid> = sqlx::query_scalar(
            "select a.user_id from contact_known k join accounts_v1 a on a.user_id = k.contact_id
             where k.company_id = $1 and a.kind = 1 and a.enabled order by lower(a.name), a.user_id",
        )
        .bind(company)
        .fetch_all(&self.pool)
        .await
        .map_err(database)?;
        let link: Option<(OffsetDateTime, OffsetDateTime, Option<OffsetDateTime>)> = sqlx::query_as(
            "select issued_at, expires_at, last_used_at from company_link where company_id = $1 and expires_at > now()",
        )
        .bind(company)
        .fetch_optional(&self.pool)
        .await
        .map_err(database)?;
        let micros = |at: OffsetDateTime| Timestamp::from_offset(at).micros();
        let links_enabled = self.current.get().await?.company_links;
        Ok(wire::CompanyAccessResponse {
            company_id: company.to_string(),
            portal_users: i32::try_from(users.len()).unwrap_or(i32::MAX),
            link_open: link.is_some(),
            link_issued_micros: link.map_or(0, |l| micros(l.0)),
            link_expires_micros: link.map_or(0, |l| micros(l.1)),
            link_last_used_micros: link.and_then(|l| l.2).map_or(0, micros),
            links_enabled,
            position,
            contact_ids: users.iter().map(Uuid::to_string).collect(),
        })
    }
}

impl Identity {
    /// Adds the end of a company's link, with its event, and of the visits by it.
    pub(crate) async fn end_company(&self, company: Uuid, draft: &mut Draft) -> Result<(), Error> {
        let loaded = self.log.aggregate::<CompanyLink>(company).await?;
        let events = loaded.state.decide(Command::Revoke { company }).map_err(Error::from)?;
        if !events.is_empty() {
            let stream = draft.stream(CompanyLink::stream(company), Expected::Version(loaded.version));
            for event in events {
                draft.event(stream, CompanyLink::encode(company, &event), None);
            }
        }
        let visitors = live_visitors(&self.pool, Some(&[company])).await?;
        draft.activities(&ended(&visitors, EndReason::LinkRevoked));
        draft.side_writes.push(Box::new(DeleteLink(company)));
        draft.side_writes.push(Box::new(EndAllSessions { user: company, but: None }));
        Ok(())
    }
}

/// True when a contact of the company has portal access.
async fn has_portal_users<'e>(on: impl sqlx::PgExecutor<'e>, company: Uuid) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "select exists (select from contact_known k join accounts_v1 a on a.user_id = k.contact_id
                        where k.company_id = $1 and a.kind = 1 and a.enabled)",
    )
    .bind(company)
    .fetch_one(on)
    .await
}

/// Deletes links whose time is over.
pub(crate) async fn sweep(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query("delete from company_link where expires_at <= now()").execute(pool).await?;
    Ok(())
}

/// Puts a company's link in the place of the former one.
struct StoreLink {
    company: Uuid,
    link: Uuid,
    token_hash: Vec<u8>,
    expires_at: Timestamp,
}

impl SideWrite for StoreLink {
    fn write<'a>(&'a self, appended: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            sqlx::query(
                "insert into company_link (company_id, link_id, token_hash, issued_at, expires_at)
                 values ($1, $2, $3, $4, $5)
                 on conflict (company_id) do update set link_id = excluded.link_id, token_hash = excluded.token_hash,
                     issued_at = excluded.issued_at, expires_at = excluded.expires_at, last_used_at = null",
            )
            .bind(self.company)
            .bind(self.link)
            .bind(&self.token_hash)
            .bind(appended.at.to_offset())
            .bind(self.expires_at.to_offset())
            .execute(tx)
            .await?;
            Ok(())
        })
    }
}

/// Deletes a company's link.
struct DeleteLink(Uuid);

impl SideWrite for DeleteLink {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            sqlx::query("delete from company_link where company_id = $1").bind(self.0).execute(tx).await?;
            Ok(())
        })
    }
}

/// Uses a link, under the head lock: refuses when it is not the open one any more, or the company has a portal user now.
struct EnterByLink {
    company: Uuid,
    token_hash: Vec<u8>,
}

impl SideWrite for EnterByLink {
    fn write<'a>(&'a self, appended: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            let used = sqlx::query(
                "update company_link set last_used_at = $3
                 where company_id = $1 and token_hash = $2 and expires_at > $3
                   and (select (document::jsonb ->> 'company_links')::boolean from settings_v1)",
            )
            .bind(self.company)
            .bind(&self.token_hash)
            .bind(appended.at.to_offset())
            .execute(&mut *tx)
            .await?;
            if used.rows_affected() != 1 {
                return Err(Refusal::LinkNotOpen.into());
            }
            if has_portal_users(tx, self.company).await? { Err(Refusal::PortalUserExists.into()) } else { Ok(()) }
        })
    }
}
