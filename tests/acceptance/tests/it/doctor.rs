//! `portico doctor` says what is wrong, and only that.

use anyhow::Result;
use kit::{Portal, PortalOptions, eventually};
use portico::doctor::{Finding, examine};

/// What the doctor finds, without the disk: that is the machine's, and may really be full.
async fn examined(config: &runtime::Config) -> Vec<Finding> {
    examine(config).await.into_iter().filter(|f| f.check != "disk").collect()
}

/// What is found wrong: the names of the checks.
async fn wrong(config: &runtime::Config) -> Vec<String> {
    examined(config).await.into_iter().filter(|f| !f.ok).map(|f| f.check).collect()
}

fn detail<'a>(findings: &'a [Finding], check: &str) -> &'a str {
    findings.iter().find(|f| f.check == check).map_or("no such check", |f| f.detail.as_str())
}

/// proves: O10
#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_finds_a_stopped_service_a_diverged_log_and_a_missing_mail_server() -> Result<()> {
    let mut portal = Portal::with(PortalOptions { split: true, ..PortalOptions::default() }).await?;
    portal.make_agent("admin@test.test", "administrator").await?;
    portal.settle().await?;
    let config = portal.config.clone();
    let found = examined(&config).await;
    assert!(found.iter().all(|f| f.ok), "{found:?}");
    assert!(found.len() > 20, "{found:?}");

    portal.mail.kill().await;
    assert_eq!(wrong(&config).await, ["mail server"]);
    portal.mail.start_again().await?;

    // The log was given another epoch, as after a restore, and nobody told the bus; and a service is stopped.
    portal.stop_service("permissions").await;
    sqlx::query("select identity_log.begin_epoch()").execute(&mut portal.database.owner().await?).await?;
    let found = examined(&config).await;
    let bad: Vec<_> = found.iter().filter(|f| !f.ok).map(|f| f.check.as_str()).collect();
    // Who reads identity's events is stuck as long as the bus is.
    let expected = [
        "identity stream",
        "permissions consumers",
        "permissions process",
        "records consumers",
        "notification consumers",
    ];
    assert_eq!(bad, expected, "{found:?}");
    assert!(detail(&found, "identity stream").contains("diverged: the stream has epoch 1, the log has 2"), "{found:?}");
    assert!(detail(&found, "permissions consumers").contains("still in epoch 1 of 2"), "{found:?}");
    assert!(detail(&found, "permissions process").contains("no permissions answers"), "{found:?}");

    portal.nats.kill().await;
    let bad = wrong(&config).await;
    for service in runtime::SERVICES {
        assert!(bad.contains(&format!("{service} stream")), "{bad:?}");
    }
    assert!(bad.contains(&"bus storage".to_owned()), "{bad:?}");
    portal.nats.start_again().await?;
    eventually("the bus to be back", async || {
        let bad = wrong(&config).await;
        anyhow::ensure!(!bad.contains(&"records stream".to_owned()), "{bad:?}");
        Ok(())
    })
    .await?;
    portal.stop().await
}
