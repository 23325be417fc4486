//! The log and its read model: rebuilt is the same, erased is erased.

use crate::ground::{CONTACT, Ground, Heard, MailServer, Process, TestNeighbours};
use notification::reactions::IdentityReactions;
use std::sync::Arc;

async fn table(ground: &Ground) -> Vec<String> {
    sqlx::query_scalar("select d::text from deliveries_v1 d order by id").fetch_all(ground.log.pool()).await.unwrap()
}

/// Some deliveries: sent, failed, queued.
async fn history() -> Ground {
    let (ground, mail, heard) = (Ground::new().await, MailServer::start().await, Heard::new());
    let handler = IdentityReactions::new(ground.log.clone());
    ground.handle(&handler, &heard.access_enabled()).await;
    ground.handle(&handler, &heard.invitation_issued()).await;
    let village = Arc::new(TestNeighbours::default());
    let process = Process::start(ground.log.clone(), &village, &mail);
    ground.settle("sent").await;
    mail.misbehave("550", "rcpt", 0, 1).await;
    ground.handle(&handler, &heard.locked()).await;
    ground.settle_one(1, "failed").await;
    process.stop().await;
    ground.handle(&handler, &heard.invitation_issued()).await;
    ground
}

#[tokio::test]
async fn a_rebuilt_delivery_log_is_the_one_that_grew() {
    let ground = history().await;
    let grown = table(&ground).await;
    assert_eq!(grown.len(), 3);
    for projection in notification::projections() {
        eventlog::rebuild(&ground.log, &projection).await.unwrap();
    }
    assert_eq!(table(&ground).await, grown);
}

#[tokio::test]
async fn applying_everything_once_more_changes_nothing() {
    let ground = history().await;
    let grown = table(&ground).await;
    let events = ground.log.read(1, 1000).await.unwrap();
    let mut connection = ground.log.pool().acquire().await.unwrap();
    for projection in notification::projections() {
        projection.apply(&events, &mut connection).await.unwrap();
        for event in &events {
            projection.apply(std::slice::from_ref(event), &mut connection).await.unwrap();
        }
    }
    assert_eq!(table(&ground).await, grown);
}

#[tokio::test]
async fn an_erased_person_is_gone_from_the_log_and_what_is_rebuilt_and_gets_no_more_mail() {
    let ground = history().await;
    let heard = Heard::new();
    assert!(table(&ground).await.iter().any(|row| row.contains("emma@acme.test")));
    ground.log.keys().erase(CONTACT).await.unwrap();
    let events = ground.log.read(1, 1000).await.unwrap();
    assert!(events.iter().any(|e| e.redacted));
    assert!(events.iter().all(|e| !String::from_utf8_lossy(&e.payload).contains("emma")));
    for projection in notification::projections() {
        eventlog::rebuild(&ground.log, &projection).await.unwrap();
    }
    let rows = table(&ground).await;
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|row| !row.contains("emma")), "{rows:?}");
    let verified = eventlog::verify(&ground.log, None).await.unwrap();
    assert!(verified.violation.is_none(), "{:?}", verified.violation);
    // Nothing more is written about the person.
    let handler = IdentityReactions::new(ground.log.clone());
    ground.handle(&handler, &heard.invitation_issued()).await;
    assert_eq!(table(&ground).await.len(), 3);
    // What was queued before can't be sent any more, and says why.
    let (mail, village) = (MailServer::start().await, Arc::new(TestNeighbours::default()));
    let process = Process::start(ground.log.clone(), &village, &mail);
    ground.settle_one(2, "skipped").await;
    process.stop().await;
    assert_eq!(ground.deliveries().await[2].2, "no_address");
    assert!(mail.mails().await.is_empty());
}
