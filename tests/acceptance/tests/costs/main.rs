//! What each endpoint costs: SQL statements, gRPC calls, commits. A process of its own, so that nothing else is counted.
//! A change of a number here is a decision, not an accident.

use anyhow::Result;
use kit::{Portal, count, eventually};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn each_endpoint_costs_what_it_is_meant_to_cost() -> Result<()> {
    let ((), _) = count(async {}).await;
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let ticket = eventually("modules to be there", async || {
        let body = json!({"fields": {"title": "One"}});
        Ok(admin.clone().post("/modules/tickets/records", body).await?.expect(201)?.json())
    })
    .await?;
    let path = format!("/modules/tickets/records/{}", ticket["id"].as_str().unwrap_or_default());
    // Once to fill the caches that every process has: session, plan, modules.
    admin.get("/modules/tickets/records").await?.expect(200)?;
    portal.settle().await?;

    // The least of three: a plan or a token that ran out in between is fetched again, which is nobody's cost in particular.
    let mut costs = Vec::new();
    for _ in 0..3 {
        let comments = format!("{path}/comments");
        let etag = admin.get(&path).await?.expect(200)?.header("etag").to_owned();
        let mut measured = Vec::new();
        let (answer, cost) = count(admin.get("/modules/tickets/records")).await;
        answer?.expect(200)?;
        measured.push(("list", cost));
        let (answer, cost) = count(admin.get(&path)).await;
        answer?.expect(200)?;
        measured.push(("open", cost));
        let (answer, cost) = count(admin.get(&comments)).await;
        answer?.expect(200)?;
        measured.push(("comments", cost));
        let (answer, cost) = count(admin.get(&format!("{path}/history"))).await;
        answer?.expect(200)?;
        measured.push(("history", cost));
        let (answer, cost) = count(admin.post("/modules/tickets/records", json!({"fields": {"title": "Two"}}))).await;
        answer?.expect(201)?;
        measured.push(("create", cost));
        let priority = if costs.len() % 2 == 0 { "high" } else { "low" };
        let (answer, cost) = count(admin.patch(&path, &etag, json!({"fields": {"priority": priority}}))).await;
        answer?.expect(200)?;
        measured.push(("update", cost));
        let (answer, cost) = count(admin.post(&comments, json!({"body": "hello"}))).await;
        answer?.expect(201)?;
        measured.push(("comment", cost));
        costs.push(measured);
    }

    // (statements, gRPC calls, commits): what it is today. A change of a number here is a decision.
    let expected = [
        ("list", (2, 1, 0)),
        ("open", (2, 1, 0)),
        ("comments", (2, 1, 0)),
        ("history", (3, 1, 0)),
        ("create", (8, 1, 1)),
        ("update", (10, 1, 1)),
        ("comment", (10, 1, 1)),
    ];
    for (at, (name, (statements, calls, commits))) in expected.into_iter().enumerate() {
        assert!(costs.iter().all(|measured| measured[at].0 == name));
        let least = costs.iter().map(|measured| measured[at].1).min();
        let expected = kit::Counts { statements, calls, commits };
        assert_eq!(least, Some(expected), "{name}; all: {costs:#?}");
    }
    portal.stop().await
}
