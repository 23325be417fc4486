//! Display names of users.

use crate::{codec, error::database, facts::shown_name, identity::Identity};
use kernel::{ActorKind, Error, MAX_PAGE};
use proto::identity::v1 as wire;
use sqlx::PgPool;
use uuid::Uuid;

impl Identity {
    /// Display names of users.
    pub(crate) async fn resolve_names(
        &self,
        request: &wire::ResolveNamesRequest,
    ) -> Result<wire::ResolveNamesResponse, Error> {
        if request.user_ids.len() > MAX_PAGE as usize {
            return Err(Error::invalid_field("user_ids", "out_of_range", "At most 200 users at once."));
        }
        let ids: Vec<Uuid> = request.user_ids.iter().filter_map(|id| Uuid::try_parse(id).ok()).collect();
        let names = if ids.is_empty() { Vec::new() } else { names(&self.pool, &ids).await.map_err(database)? };
        let names = names.into_iter().map(|(user, name, kind)| wire::Name {
            user_id: user.to_string(),
            name,
            kind: codec::subject_kind(kind).into(),
        });
        Ok(wire::ResolveNamesResponse { names: names.collect() })
    }
}

/// Display names of users; unknown ids are left out.
pub(crate) async fn names(pool: &PgPool, users: &[Uuid]) -> Result<Vec<(Uuid, String, ActorKind)>, sqlx::Error> {
    let rows: Vec<(Uuid, String, i16)> = sqlx::query_as(concat!(
        "select a.user_id, ",
        shown_name!(),
        ", a.kind from accounts_v1 a left join contact_name n on n.contact_id = a.user_id
         where a.user_id = any ($1) order by a.user_id"
    ))
    .bind(users)
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|(user, name, kind)| (user, name, ActorKind::from_number(kind))).collect())
}
