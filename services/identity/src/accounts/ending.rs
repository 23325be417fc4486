//! What ends with a change of an account: its tokens, and the visits to a company that has a portal user now.

use crate::{
    domain::{
        account::Event,
        token::{self, Tokens},
    },
    identity::Identity,
};
use eventlog::{Appended, Draft, Expected, LogError, SideWrite, Stored};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

impl Identity {
    /// Adds the end of all tokens of an account to a draft, with an event for each.
    pub(crate) async fn end_tokens(&self, user: Uuid, draft: &mut Draft) -> Result<(), LogError> {
        let live = tokens_of(&self.pool, user).await?;
        if !live.is_empty() {
            let stream = draft.stream(Tokens::stream(user), Expected::Any);
            for token in live {
                draft.event(stream, Tokens::encode(user, &token::Event::Revoked { user, token }), None);
            }
        }
        draft.side_writes.push(Box::new(DeleteAllTokens(user)));
        Ok(())
    }

    /// Adds to an account's draft what follows for its company's link: from the first portal user on it only leads to
    /// the login.
    pub(crate) async fn close_link_of(&self, events: &[Event], draft: &mut Draft) -> Result<(), LogError> {
        for event in events {
            let Event::AccessEnabled { user, company, .. } = event else { continue };
            let company = Uuid::try_parse(company).ok();
            let known: Option<Option<Uuid>> =
                sqlx::query_scalar("select company_id from contact_known where contact_id = $1")
                    .bind(user)
                    .fetch_optional(&self.pool)
                    .await?;
            if let Some(given) = company {
                draft.side_writes.push(Box::new(RememberCompany { contact: *user, company: given }));
            }
            if let Some(company) = known.flatten().or(company) {
                self.end_visits(&[company], draft).await?;
            }
        }
        Ok(())
    }
}

/// The ids of an account's tokens.
async fn tokens_of(pool: &PgPool, user: Uuid) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar("select token_id from api_token where user_id = $1 order by token_id")
        .bind(user)
        .fetch_all(pool)
        .await
}

/// Deletes all tokens of an account, also those made since the events were decided.
struct DeleteAllTokens(Uuid);

impl SideWrite for DeleteAllTokens {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            sqlx::query("delete from api_token where user_id = $1").bind(self.0).execute(tx).await?;
            Ok(())
        })
    }
}

/// Keeps the company that was named when access was given, until the records service's events tell more.
struct RememberCompany {
    contact: Uuid,
    company: Uuid,
}

impl SideWrite for RememberCompany {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            sqlx::query(
                "insert into contact_known as k (contact_id, company_id) values ($1, $2)
                 on conflict (contact_id) do update set company_id = coalesce(k.company_id, excluded.company_id)",
            )
            .bind(self.contact)
            .bind(self.company)
            .execute(tx)
            .await?;
            Ok(())
        })
    }
}
