//! A conversation over the API: replies that move the state, what is new, one's own words mended.

use crate::support::{company_and_contact, create, id, items, portal_user};
use anyhow::Result;
use kit::Portal;
use serde_json::{Value, json};

/// proves: R09, R10, R26, R07
#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_goes_back_and_forth_and_each_side_sees_whose_turn_it_is() -> Result<()> {
    let portal = Portal::start().await?;
    let mut agent = portal.agent("agent@test.test", "administrator").await?;
    let (_, contact) = company_and_contact(&mut agent, "Acme", "emma@acme.test").await?;
    let mut emma = portal_user(&portal, &mut agent, &contact, "emma@acme.test").await?;
    let made = create(&mut emma, "tickets", json!({"title": "Printer", "description": "It smokes."})).await?;
    let path = format!("/modules/tickets/records/{}", id(&made));
    assert_eq!(
        (&made["last_word"], &made["waiting_since"], &made["unread"]),
        (&json!("customer"), &Value::Null, &json!(false))
    );

    // The agent finds it by whose turn it is, reads it, and asks back.
    let queue = json!({"all": [
        {"field": "closed_at", "op": "is_empty"}, {"field": "last_word", "op": "eq", "value": "customer"},
    ]});
    let filter: String = form_urlencoded::byte_serialize(queue.to_string().as_bytes()).collect();
    let list = format!("/modules/tickets/records?filter={filter}&sort=last_activity_at&count=capped");
    let found = agent.get(&list).await?.expect(200)?.json();
    assert_eq!((&found["total"], items(&found).len()), (&json!(1), 1));
    let row = &items(&found)[0];
    assert_eq!((&row["waiting_since"], &row["unread"]), (&made["created_at"], &json!(true)));
    agent.post(&format!("{path}/read"), json!({})).await?.expect(204)?;
    assert_eq!(agent.get(&path).await?.expect(200)?.json()["unread"], false);
    agent.post(&format!("{path}/unread"), json!({})).await?.expect(204)?;
    assert_eq!(agent.get(&path).await?.expect(200)?.json()["unread"], true);
    let asked = json!({"body": "Which one?", "set_status": "waiting"});
    let asked = agent.post(&format!("{path}/comments"), asked).await?.expect(201)?.json();
    assert_eq!(asked["status"], "waiting");
    assert!(asked["open_until"].is_string(), "{asked}");
    assert_eq!(items(&agent.get(&list).await?.expect(200)?.json()).len(), 0, "it waits for the customer");

    // It is new to the customer, whose home begins with it; the customer answers and mends what was said.
    let home = emma.get("/portal/home").await?.expect(200)?.json();
    let waiting = &home["waiting_for_you"];
    assert_eq!((&waiting[0]["id"], &waiting[0]["unread"], waiting[1].is_null()), (&made["id"], &json!(true), true));
    assert!(home["open_requests"][0].is_null(), "{home}");
    let seen = emma.get(&path).await?.expect(200)?.json();
    assert_eq!(
        (&seen["unread"], &seen["last_word"], &seen["fields"]["status"]),
        (&json!(true), &json!("support"), &json!("waiting"))
    );
    let said = emma.post(&format!("{path}/comments"), json!({"body": "The lagre one"})).await?.expect(201)?.json();
    assert_eq!(said["status"], "open", "a reply goes on with what waited");
    let home = emma.get("/portal/home").await?.expect(200)?.json();
    assert_eq!((&home["open_requests"][0]["id"], home["waiting_for_you"][0].is_null()), (&made["id"], true));
    let comment = format!("{path}/comments/{}", id(&said));
    let mended =
        emma.call_with("PATCH", &comment, &[], Some(json!({"body": "The large one"}))).await?.expect(200)?.json();
    assert_eq!((&mended["body"], mended["edited_at"].is_string()), (&json!("The large one"), true));
    agent.call_with("PATCH", &comment, &[], Some(json!({"body": "x"}))).await?.expect(403)?;
    emma.call_with("DELETE", &comment, &[], None).await?.expect(204)?;
    let left = agent.get(&format!("{path}/comments")).await?.expect(200)?.json();
    assert_eq!((&items(&left)[1]["removed"], &items(&left)[1]["body"]), (&json!(true), &json!("")));

    // Closed with an answer; under DEFAULT a customer opens nothing again, and is told so.
    let done = json!({"body": "Done.", "set_status": "closed"});
    agent.post(&format!("{path}/comments"), done).await?.expect(201)?;
    let closed = emma.get(&path).await?.expect(200)?.json();
    assert!(closed["closed_at"].is_string() && closed["first_answer_at"].is_string(), "{closed}");
    let home = emma.get("/portal/home").await?.expect(200)?.json();
    assert_eq!(home["solved_requests"][0]["id"], made["id"]);
    let refused = emma.post(&format!("{path}/comments"), json!({"body": "Not at all"})).await?.expect(403)?;
    assert_eq!(refused.code(), "record_closed");
    let unknown =
        agent.post(&format!("{path}/comments"), json!({"body": "x", "set_status": "gone"})).await?.expect(422)?;
    assert_eq!(unknown.field_errors()[0].0, "status");
    let history = emma.get(&format!("{path}/history")).await?.expect(200)?.json();
    let entries = items(&history);
    let turns: Vec<&Value> = entries.iter().filter(|e| e["by_reply"] == true).map(|e| &e["type"]).collect();
    assert_eq!(turns, ["closed", "status_changed", "status_changed"]);
    portal.stop().await
}
