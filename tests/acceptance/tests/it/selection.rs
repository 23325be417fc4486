//! Several records of a list, changed at once and taken back.

use super::support::{create, id};
use anyhow::{Context, Result};
use http::Method;
use kit::{Answer, Browser, Portal};
use serde_json::json;

const LIST: &str = "/console/modules/tickets?view=all&q=Printer";

/// Where the form of a page posts to that ends like this.
fn action(page: &str, part: &str) -> Result<String> {
    let all = page.split("action=\"").skip(1).filter_map(|rest| rest.split('"').next());
    all.map(str::to_owned).find(|url| url.contains(part)).with_context(|| format!("no form to {part}: {page}"))
}

async fn choose(who: &mut Browser, ids: &[String], what: &[(&str, &str)]) -> Result<Answer> {
    let open = who.page(LIST).await?.expect(200)?;
    let page = open.text();
    let action = action(&page, "/change")?;
    // A row's checkbox holds id and version; what the list doesn't show is sent as somebody would who made it up.
    let boxes: Vec<&str> =
        page.split("name=\"record\" value=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let row =
        |id: &String| boxes.iter().find(|b| b.starts_with(id.as_str())).map_or(format!("{id} 1"), |b| (*b).to_owned());
    let rows: Vec<String> = ids.iter().map(row).collect();
    let mut fields: Vec<(&str, &str)> = rows.iter().map(|row| ("record", row.as_str())).collect();
    fields.extend(what);
    who.submit(&open, &action, &fields).await
}

async fn statuses(who: &mut Browser, ids: &[String]) -> Result<Vec<String>> {
    let mut all = Vec::new();
    for id in ids {
        let record = who.get(&format!("/modules/tickets/records/{id}")).await?.expect(200)?.json();
        all.push(record["fields"]["status"].as_str().unwrap_or_default().to_owned());
    }
    Ok(all)
}

/// proves: R07, R25
#[tokio::test]
async fn an_agent_changes_several_records_of_a_list_and_takes_that_back() -> Result<()> {
    let portal = Portal::start().await?;
    let mut agent = portal.agent("ada@test.test", "agent").await?;
    let mut ids = Vec::new();
    for n in 0..3 {
        ids.push(id(&create(&mut agent, "tickets", json!({"title": format!("Printer {n}")})).await?));
    }
    let before = statuses(&mut agent, &ids).await?;
    let close = [("do", "set"), ("value", "status=closed")];
    // Whoever presses Enter sets, or is asked what to set; nobody takes on what they did not mean to.
    let page = agent.page(LIST).await?.expect(200)?.text();
    let (set, take) = (page.find("name=\"do\" value=\"set\""), page.find("name=\"do\" value=\"take\""));
    assert!(set.is_some() && set < take, "{page}");
    let shown = choose(&mut agent, &ids, &close).await?.expect(200)?;
    let text = shown.text();
    assert!(text.contains("3 records changed") && text.contains("Status: Closed"), "{text}");
    // Back to the list with its view and its search.
    assert!(text.contains("/console/modules/tickets?") && text.contains("q=Printer"), "{text}");
    assert_eq!(statuses(&mut agent, &ids).await?, ["closed", "closed", "closed"]);

    // Somebody changes one of them meanwhile: that one stays, the others are as they were.
    let path = format!("/modules/tickets/records/{}", ids[2]);
    let etag = agent.get(&path).await?.header("etag").to_owned();
    agent.patch(&path, &etag, json!({"fields": {"title": "Printer, again"}})).await?.expect(200)?;
    let undo = action(&text, "/change/undo")?;
    let lines: Vec<String> =
        text.split("name=\"undo\" value=\"").skip(1).filter_map(|r| r.split('"').next()).map(str::to_owned).collect();
    assert_eq!(lines.len(), 3, "{text}");
    let fields: Vec<(&str, &str)> = lines.iter().map(|line| ("undo", line.as_str())).collect();
    let undone = agent.submit(&shown, &undo, &fields).await?.expect(200)?.text();
    assert!(undone.contains("2 records are as they were"), "{undone}");
    assert!(undone.contains("Somebody changed it meanwhile"), "{undone}");
    let after = statuses(&mut agent, &ids).await?;
    assert_eq!(after, [before[0].as_str(), before[1].as_str(), "closed"]);

    // What somebody changed since the list was drawn is not overwritten unseen.
    let open = agent.page(LIST).await?.expect(200)?;
    let seen = open.text();
    let row = seen.split("name=\"record\" value=\"").skip(1).filter_map(|r| r.split('"').next());
    let row = row.into_iter().find(|row| row.starts_with(&ids[0])).context("the row")?;
    let path = format!("/modules/tickets/records/{}", ids[0]);
    let etag = agent.get(&path).await?.header("etag").to_owned();
    agent.patch(&path, &etag, json!({"fields": {"priority": "high"}})).await?.expect(200)?;
    let action_of_list = action(&seen, "/change")?;
    let late = [("record", row), ("do", "set"), ("value", "status=closed")];
    let told = agent.submit(&open, &action_of_list, &late).await?.expect(200)?.text();
    assert!(told.contains("Nothing was changed") && told.contains("Somebody changed it meanwhile"), "{told}");
    // The same open form with another value is another change, and the answer's address leads to the list.
    let open = agent.page(LIST).await?.expect(200)?;
    let again = open.text();
    let row = again.split("name=\"record\" value=\"").skip(1).filter_map(|r| r.split('"').next());
    let row = row.into_iter().find(|row| row.starts_with(&ids[1])).context("the row")?;
    for (value, said) in [("status=waiting", "One record changed"), ("priority=high", "Somebody changed it meanwhile")]
    {
        let fields = [("record", row), ("do", "set"), ("value", value)];
        let told = agent.submit(&open, &action_of_list, &fields).await?.expect(200)?.text();
        assert!(told.contains(said), "{told}");
    }
    let gone = agent.page(&action_of_list).await?.expect(303)?;
    assert_eq!(gone.header("location"), "/console/modules/tickets");

    // Taking them on: who has one already is told so, and what isn't there keeps no other from being changed.
    let mut all = ids[..2].to_vec();
    all.push("0198f2c0-0000-7000-8000-000000000000".to_owned());
    let taken = choose(&mut agent, &all, &[("do", "take")]).await?.expect(200)?.text();
    let said = ["Assigned to Agent ada@test.test", "It was so already", "any more"];
    assert!(said.iter().all(|words| taken.contains(words)), "{taken}");
    portal.stop().await
}

/// proves: R07
#[tokio::test]
async fn what_can_not_be_changed_together_is_refused_with_a_reason() -> Result<()> {
    let portal = Portal::start().await?;
    let mut agent = portal.agent("ada@test.test", "agent").await?;
    let ticket = id(&create(&mut agent, "tickets", json!({"title": "Printer"})).await?);
    // Nothing chosen, nothing to set, a field that lists don't offer.
    for (ids, what, said) in [
        (vec![], vec![("do", "take")], "No record was chosen"),
        (vec![ticket.clone()], vec![("do", "set"), ("value", "")], "Choose what to set first"),
        (vec![ticket.clone()], vec![("do", "set"), ("value", "title=Mine")], "Choose what to set first"),
        (vec![ticket.clone()], vec![("do", "set"), ("value", "status=nowhere")], "Choose what to set first"),
    ] {
        let answer = choose(&mut agent, &ids, &what).await?.expect(303)?;
        assert!(answer.header("location").starts_with("/console/modules/tickets?"), "{}", answer.header("location"));
        let page = agent.follow(answer).await?.text();
        assert!(page.contains(said), "{page}");
    }
    // More than a page has.
    let many: Vec<String> = (0..51).map(|_| ticket.clone()).collect();
    choose(&mut agent, &many, &[("do", "take")]).await?.expect(422)?;
    // Whoever changes nothing is offered nothing, and is refused record by record.
    let mut viewer = portal.agent("vera@test.test", "viewer").await?;
    let open = viewer.page(LIST).await?.expect(200)?;
    assert!(!open.text().contains("name=\"record\""), "a viewer is offered a choice");
    let text = open.text();
    let csrf = text.split("name=\"csrf_token\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let (csrf, form) = (csrf.context("a token")?, kernel::new_id());
    let body = format!("csrf_token={csrf}&form_id={form}&record={ticket}+1&do=take");
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
    let path = "/console/modules/tickets/change";
    let answer = viewer.send(Method::POST, path, &headers, body.into_bytes()).await?;
    assert!(answer.text().contains("You may not change it") && answer.status == 200, "{}", answer.text());
    portal.stop().await
}
