//! The read model shows the log and nothing else.

use crate::portal::{Portal, agent, by, day};
use proto::identity::v1::{identity_service_server::IdentityService, *};

async fn rows(portal: &Portal) -> Vec<String> {
    sqlx::query_scalar("select to_jsonb(a)::text from accounts_v1 a order by user_id")
        .fetch_all(&mut portal.owner().await)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn rebuilt_is_as_it_grew() {
    let portal = Portal::new().await;
    portal.active_agent("ada", "administrator").await;
    let emma = portal.active_contact("emma@acme.test").await;
    portal.login("emma@acme.test").await;
    portal.guess("emma@acme.test", 5).await;
    let marco = portal.active_contact("marco@acme.test").await;
    portal.disable(marco).await;
    portal.contact("nina@globex.test").await;
    let (contact_id, support_start, support_end) = (emma.to_string(), day(-2), day(40));
    let change = ChangeSupportDatesRequest { contact_id, support_start, support_end };
    portal.server.change_support_dates(by(&agent("agent"), change)).await.unwrap();
    portal.settled::<Locked>(1).await;

    let grown = rows(&portal).await;
    assert_eq!(grown.len(), 4);
    let log = portal.identity.log();
    for _ in 0..2 {
        let status = eventlog::rebuild(log, &log.projections()[0]).await.unwrap();
        assert_eq!(status.state, "done");
        assert_eq!(rows(&portal).await, grown);
    }
    // The rebuilt table is the live one: the service goes on with it.
    portal.sql("update attempt set locked_until = now() - interval '1 second'").await;
    portal.login("emma@acme.test").await;
    assert_eq!(eventlog::verify(log, None).await.unwrap().violation, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_in_the_table_are_those_of_the_log() {
    let portal = Portal::new().await;
    portal.active_contact("emma@acme.test").await;
    let set = portal.events::<PasswordSet>().await.remove(0);
    let row: (uuid::Uuid, i64) = sqlx::query_as("select credential_id, version from credential")
        .fetch_one(&mut portal.owner().await)
        .await
        .unwrap();
    assert_eq!((row.0.to_string(), row.1), (set.credential_id, set.credential_version));
}
