//! How much a role allows.

use crate::{
    domain::role::{Level, Records},
    error::database,
};
use kernel::{Error, Right, Rights};
use sqlx::PgPool;
use uuid::Uuid;

/// What a role allows beyond records: a built-in one's word, or an own one's id. A role that is not there allows nothing.
pub(crate) async fn rights_of(pool: &PgPool, role: &str) -> Result<Rights, Error> {
    Ok(level_of(pool, role).await?.rights)
}

/// How much a role allows, likewise.
pub(crate) async fn level_of(pool: &PgPool, role: &str) -> Result<Level, Error> {
    let Ok(id) = Uuid::try_parse(role) else { return Ok(Level::of_built_in(role)) };
    let found: Option<(String, Vec<String>)> =
        sqlx::query_as("select records, rights from roles_v1 where role_id = $1")
            .bind(id)
            .fetch_optional(pool)
            .await
            .map_err(database)?;
    Ok(found.map_or_else(Level::default, |(records, rights)| Level {
        records: Records::from_word(&records),
        rights: rights.iter().filter_map(|word| Right::from_word(word)).collect(),
    }))
}
