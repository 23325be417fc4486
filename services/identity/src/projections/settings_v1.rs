//! The security settings in force, as one row that is cheap to read.

use crate::{
    codec::{self, AnyEvent, administration::Administration},
    domain::settings::Event,
};
use eventlog::{Projection, Recorded};
use futures::future::BoxFuture;
use sqlx::PgConnection;

/// Fills `settings_v1`.
pub(crate) struct SettingsV1;

impl Projection for SettingsV1 {
    fn name(&self) -> &'static str {
        "settings_v1"
    }

    fn tables<'a>(&'a self, _: &'a mut PgConnection) -> BoxFuture<'a, Result<Vec<String>, sqlx::Error>> {
        Box::pin(async { Ok(vec!["settings_v1".to_owned()]) })
    }

    fn apply<'a>(
        &'a self,
        events: &'a [Recorded],
        connection: &'a mut PgConnection,
    ) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        Box::pin(async move {
            for recorded in events.iter().filter(|r| r.stored_type.starts_with("identity.settings.")) {
                let stored = codec::decode(recorded).map_err(|e| sqlx::Error::Decode(Box::new(e)))?;
                let AnyEvent::Administration(Administration::Settings(Event::Changed { document, terms_version })) =
                    stored
                else {
                    continue;
                };
                let document = serde_json::to_string(&document).map_err(|e| sqlx::Error::Encode(Box::new(e)))?;
                sqlx::query(
                    "insert into settings_v1 (one, document, terms_version, version) values (true, $1, $2, $3)
                     on conflict (one) do update set document = excluded.document,
                         terms_version = excluded.terms_version, version = excluded.version",
                )
                .bind(document)
                .bind(terms_version)
                .bind(recorded.version)
                .execute(&mut *connection)
                .await?;
            }
            Ok(())
        })
    }
}
