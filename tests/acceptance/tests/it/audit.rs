//! The log as evidence: append-only by grants, erasable by key, rebuildable.

use crate::support::{company_and_contact, create, id, portal_user};
use anyhow::Result;
use kit::Portal;
use serde_json::json;
use sqlx::Executor;

/// proves: R16
#[tokio::test(flavor = "multi_thread")]
async fn the_role_of_a_service_can_only_add_to_its_log() -> Result<()> {
    let portal = Portal::start().await?;
    for service in runtime::SERVICES {
        let pool = portal.database.pool(service)?;
        for sql in [
            "update event set payload = ''",
            "delete from event",
            "truncate event",
            "truncate event_p0",
            "drop table event",
            "alter table event_p0 disable trigger all",
            "update stream set stream_id = stream_id where false; delete from stream",
        ] {
            let refused = pool.execute(sqlx::AssertSqlSafe(sql.to_owned())).await;
            let code = refused.err().and_then(|e| e.as_database_error().and_then(|d| d.code().map(|c| c.into_owned())));
            assert_eq!(code.as_deref(), Some("42501"), "{service}: {sql}");
        }
        // No service reads another's schema.
        let other = if service == "records" { "identity" } else { "records" };
        let sql = format!("select * from {other}_log.event limit 1");
        assert!(pool.execute(sqlx::AssertSqlSafe(sql)).await.is_err(), "{service} reads {other}");
    }
    let mut owner = portal.database.owner().await?;
    for sql in ["update records_log.event set payload = ''", "truncate records_log.event_p0"] {
        let refused = owner.execute(sqlx::AssertSqlSafe(sql.to_owned())).await;
        assert!(refused.is_err_and(|e| e.to_string().contains("append-only")), "{sql}");
    }
    portal.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_person_is_gone_and_the_log_still_verifies_and_rebuilds() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let (_, contact) = company_and_contact(&mut admin, "Acme", "erasable@acme.test").await?;
    let mut user = portal_user(&portal, &mut admin, &contact, "erasable@acme.test").await?;
    let ticket =
        create(&mut user, "tickets", json!({"title": "About me", "description": "secret-description"})).await?;
    let path = format!("/modules/tickets/records/{}", id(&ticket));
    user.post(&format!("{path}/comments"), json!({"body": "secret-comment"})).await?.expect(201)?;
    portal.settle().await?;

    // Nothing personal stands in the log in clear.
    let mut owner = portal.database.owner().await?;
    for secret in ["erasable@acme.test", "secret-comment"] {
        for service in ["records", "identity", "notification"] {
            let sql = format!("select count(*) from {service}_log.event where position($1::bytea in payload) > 0");
            let found: i64 =
                sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(secret.as_bytes()).fetch_one(&mut owner).await?;
            assert_eq!(found, 0, "{secret} stands in clear in the log of {service}");
        }
    }
    let log = portal.log("records");
    log.keys().erase(contact.parse()?).await?;
    let events = log.read(1, 100_000).await?;
    assert!(events.iter().any(|e| e.redacted), "nothing was redacted");
    for event in &events {
        let json = proto::event::to_json(&event.stored_type, &event.payload)?.to_string();
        assert!(!json.contains("erasable@acme.test") && !json.contains("secret-comment"), "{json}");
    }
    assert_eq!(eventlog::verify(log, None).await?.violation, None);
    for projection in log.projections() {
        eventlog::rebuild(log, projection).await?;
    }
    let comments = admin.get(&format!("{path}/comments")).await?.expect(200)?;
    assert!(!comments.text().contains("secret-comment"), "{}", comments.text());
    let page = admin.get(&format!("/modules/contacts/records/{contact}")).await?.expect(200)?;
    assert!(!page.text().contains("erasable@acme.test"), "{}", page.text());
    // The key is never made again.
    assert!(matches!(log.keys().key_for(contact.parse()?).await, Err(eventlog::LogError::KeyErased(_))));
    portal.stop().await
}

/// proves: O08
#[tokio::test(flavor = "multi_thread")]
async fn every_projection_can_be_rebuilt_while_people_work() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    for n in 0..10 {
        create(&mut admin, "tickets", json!({"title": format!("Before {n}")})).await?;
    }
    let before = admin.get("/modules/tickets/records?sort=number").await?.expect(200)?.json();
    let writing = async {
        for n in 0..10 {
            admin
                .clone()
                .post("/modules/tickets/records", json!({"fields": {"title": format!("During {n}")}}))
                .await?
                .expect(201)?;
        }
        anyhow::Ok(())
    };
    let rebuilding = async {
        for service in runtime::SERVICES {
            let log = portal.log(service);
            for projection in log.projections() {
                eventlog::rebuild(log, projection).await?;
            }
        }
        anyhow::Ok(())
    };
    let (written, rebuilt) = tokio::join!(writing, rebuilding);
    written?;
    rebuilt?;
    let after = admin.get("/modules/tickets/records?sort=number").await?.expect(200)?.json();
    let (before, after) = (crate::support::items(&before), crate::support::items(&after));
    assert_eq!(after.len(), 20);
    assert_eq!(before[..], after[..10], "the rebuilt rows differ");
    portal.stop().await
}
