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

    let mut costs = Vec::new();
    let (answer, cost) = count(admin.get("/modules/tickets/records")).await;
    answer?.expect(200)?;
    costs.push(("list", cost));
    let (answer, cost) = count(admin.get(&path)).await;
    let etag = answer?.expect(200)?.header("etag").to_owned();
    costs.push(("open", cost));
    let (answer, cost) = count(admin.get(&format!("{path}/comments"))).await;
    answer?.expect(200)?;
    costs.push(("comments", cost));
    let (answer, cost) = count(admin.get(&format!("{path}/history"))).await;
    answer?.expect(200)?;
    costs.push(("history", cost));
    let (answer, cost) = count(admin.post("/modules/tickets/records", json!({"fields": {"title": "Two"}}))).await;
    answer?.expect(201)?;
    costs.push(("create", cost));
    let (answer, cost) = count(admin.patch(&path, &etag, json!({"fields": {"priority": "high"}}))).await;
    answer?.expect(200)?;
    costs.push(("update", cost));
    let (answer, cost) = count(admin.post(&format!("{path}/comments"), json!({"body": "hello"}))).await;
    answer?.expect(201)?;
    costs.push(("comment", cost));

    // (statements, gRPC calls, commits), at most. The notifier's own calls about an assignment may fall into a count of
    // writes, so writes have room for them; reads have none.
    let limits = [
        ("list", (2, 1, 0)),
        ("open", (3, 1, 0)),
        ("comments", (3, 1, 0)),
        ("history", (4, 1, 0)),
        ("create", (16, 3, 1)),
        ("update", (16, 3, 1)),
        ("comment", (16, 3, 1)),
    ];
    for ((name, cost), (limited, (statements, calls, commits))) in costs.iter().zip(limits) {
        assert_eq!(*name, limited);
        assert!(cost.calls >= 1 && cost.statements >= 1, "{name}: nothing was counted: {cost:?}");
        assert!(
            cost.statements <= statements && cost.calls <= calls && cost.commits <= commits,
            "{name} costs {cost:?}, at most {statements} statements, {calls} calls, {commits} commits; all: {costs:?}"
        );
    }
    assert_eq!(costs[4].1.commits, 1);
    portal.stop().await
}
