//! How customers count the versions of a record, and that nothing they are answered tells of what they don't see.

use crate::world::{World, fields};
use anyhow::Result;
use proto::records::v1::{
    AddCommentRequest, GetHistoryRequest, GetHistoryResponse, ListCommentsRequest, ListCommentsResponse,
    ListRecordsRequest, ListRecordsResponse, Record,
};
use records::Caller;

async fn say(world: &World, caller: &Caller, record: &Record, body: &str, internal: bool) -> Result<()> {
    let request = AddCommentRequest {
        occurred_at_micros: 0,
        module: record.module.clone(),
        id: record.id.clone(),
        body: body.into(),
        internal,
        idempotency_key: String::new(),
        set_status: String::new(),
    };
    world.records.comment(caller, &request).await?;
    Ok(())
}

async fn history(
    world: &World,
    caller: &Caller,
    record: &Record,
    limit: i32,
    before_version: i64,
) -> Result<GetHistoryResponse> {
    let request = GetHistoryRequest { module: record.module.clone(), id: record.id.clone(), limit, before_version };
    Ok(world.records.history(caller, &request).await?)
}

/// Everything that a caller can be answered about a record.
#[derive(Debug, PartialEq)]
struct Answers {
    record: Record,
    list: ListRecordsResponse,
    history: GetHistoryResponse,
    first_of_history: GetHistoryResponse,
    comments: ListCommentsResponse,
    last_comment: ListCommentsResponse,
    /// What lies before each number that a cursor could have.
    comments_before: Vec<usize>,
}

async fn answers(world: &World, caller: &Caller, record: &Record) -> Result<Answers> {
    let list = ListRecordsRequest { module: record.module.clone(), count: "exact".into(), ..Default::default() };
    let comments =
        ListCommentsRequest { module: record.module.clone(), id: record.id.clone(), ..ListCommentsRequest::default() };
    Ok(Answers {
        record: world.get(caller, record).await?,
        list: world.records.list(caller, &list).await?,
        history: history(world, caller, record, 0, 0).await?,
        first_of_history: history(world, caller, record, 1, 0).await?,
        comments: world.records.comments(caller, &comments).await?,
        last_comment: world.records.comments(caller, &ListCommentsRequest { limit: 1, ..comments.clone() }).await?,
        comments_before: {
            let mut counts = Vec::new();
            for before_version in 1..30 {
                let part = ListCommentsRequest { before_version, ..comments.clone() };
                counts.push(world.records.comments(caller, &part).await?.comments.len());
            }
            counts
        },
    })
}

fn versions(history: &GetHistoryResponse) -> Vec<i64> {
    history.entries.iter().map(|e| e.version).collect()
}

#[tokio::test]
async fn an_internal_note_changes_nothing_that_a_customer_is_answered() -> Result<()> {
    let world = World::new().await?;
    let emma = world.emma().await?;
    let made = world.make(&emma, "tickets", fields(&[("title", "Printer")])).await?;
    say(&world, &world.agent, &made, "Which?", false).await?;
    let before = answers(&world, &emma, &made).await?;
    for body in ["Psst", "Psst!"] {
        say(&world, &world.agent, &made, body, true).await?;
    }
    assert_eq!(before, answers(&world, &emma, &made).await?);
    Ok(())
}

#[tokio::test]
async fn the_versions_of_a_customer_have_no_gaps_and_those_of_an_agent_are_the_logs() -> Result<()> {
    let world = World::new().await?;
    let emma = world.emma().await?;
    let made = world.make(&emma, "tickets", fields(&[("title", "Printer")])).await?;
    assert_eq!((made.version, made.visible_version), (2, 1), "it was created and assigned");
    say(&world, &world.agent, &made, "Psst", true).await?;
    say(&world, &emma, &made, "It is the big one.", false).await?;
    say(&world, &world.agent, &made, "Psst", true).await?;
    let changed = world.change(&emma, &made, &[("title", "The printer")]).await?;
    assert_eq!((changed.version, changed.visible_version), (4, 4));
    say(&world, &world.agent, &made, "Psst", true).await?;
    let closed = world.change(&world.agent, &made, &[("status", "closed")]).await?;
    assert_eq!((closed.version, closed.visible_version), (9, 8), "the agent's own count");

    let own = history(&world, &emma, &made, 0, 0).await?;
    assert_eq!(versions(&own), [6, 5, 4, 3, 2, 1]);
    let shown = world.get(&emma, &made).await?;
    assert_eq!((shown.version, shown.visible_version), (6, 5));
    let listed =
        world.records.list(&emma, &ListRecordsRequest { module: "tickets".into(), ..Default::default() }).await?;
    assert_eq!((listed.records()[0].version, listed.records()[0].visible_version), (6, 5));
    assert_eq!(versions(&history(&world, &world.agent, &made, 0, 0).await?), [9, 8, 7, 6, 5, 4, 3, 2, 1]);

    // Page by page the same, and every page but the last is full: a short one would tell of what lies between.
    let (mut paged, mut before) = (Vec::new(), 0);
    loop {
        let page = history(&world, &emma, &made, 2, before).await?;
        assert_eq!(page.entries.len(), 2);
        paged.extend(page.entries);
        before = page.next_before_version;
        if before == 0 {
            break;
        }
    }
    assert_eq!(paged, own.entries);

    // What was seen is what is expected, and the refusal tells no other number.
    let stale = world.change_at(&emma, &made, 4, &[("title", "A printer")]).await.unwrap_err();
    assert_eq!((stale.facts["expected"].as_str(), stale.facts["actual"].as_str()), ("4", "5"));
    world.change_at(&emma, &made, 5, &[("title", "A printer")]).await?;
    Ok(())
}

#[tokio::test]
async fn a_change_of_a_hidden_field_is_not_counted_and_has_no_doer() -> Result<()> {
    let world = World::new().await?;
    let marco = world.marco().await?;
    let mut profile = policy::Profile::standard_demo();
    let hidden = policy::FieldGrant::new(policy::Access::Hidden);
    profile.modules.get_mut("tickets").unwrap().fields.insert("category".into(), hidden);
    let emma = world.contact(&world.emma, &world.acme, &profile).await?;
    let mut open = policy::Profile::standard_demo();
    let tickets = open.modules.get_mut("tickets").unwrap();
    tickets.actions.set(policy::Action::Edit, policy::Grant::Company);
    tickets.fields.insert("category".into(), policy::FieldGrant::new(policy::Access::Write));
    let free = world.contact(&world.marco, &world.acme, &open).await?;

    let made = world.ticket("Printer", &world.emma, Some(&world.acme)).await?;
    let before = world.get(&emma, &made).await?;
    assert_eq!(before.modified_by_ext, None);
    world.change(&free, &made, &[("category", "problem")]).await?;
    let after = world.get(&emma, &made).await?;
    assert_eq!((before.version, before.visible_version), (after.version, after.visible_version));
    assert_eq!(after.modified_by_ext, None);
    let told = world.get(&marco, &made).await?.modified_by_ext.unwrap();
    assert_eq!((told.name.as_str(), told.id.as_str()), ("Marco Bianchi", world.marco.id.as_str()));
    // A change that shows names its doer to both.
    world.change(&free, &made, &[("title", "The printer")]).await?;
    assert_eq!(world.get(&emma, &made).await?.modified_by_ext.unwrap().id, world.marco.id);
    assert_eq!(world.get(&emma, &made).await?.version, before.version + 1);
    Ok(())
}

#[tokio::test]
async fn the_profile_assigned_what_a_customer_made_and_the_history_says_to_whom() -> Result<()> {
    let world = World::new().await?;
    let emma = world.emma().await?;
    let made = world.make(&emma, "tickets", fields(&[("title", "Printer")])).await?;
    for caller in [&emma, &world.agent] {
        let told = history(&world, caller, &made, 0, 0).await?;
        let [assigned, created] = told.entries.as_slice() else { panic!("{told:?}") };
        assert_eq!((created.r#type.as_str(), created.actor_name.as_str()), ("created", "Emma Rossi"));
        assert_eq!((assigned.r#type.as_str(), assigned.actor_kind.as_str()), ("assigned", "system"));
        assert_eq!((assigned.actor_name.as_str(), assigned.actor_id.as_str()), ("", ""));
        let to = assigned.changes.iter().find(|c| c.field == "owner_id").unwrap();
        assert_eq!(to.new, crate::world::text(world.administrator.actor.id.to_string()));
    }
    // An agent's doing is the agent's.
    world.change(&world.agent, &made, &[("owner_id", &world.agent.actor.id.to_string())]).await?;
    let told = history(&world, &emma, &made, 0, 0).await?;
    assert_eq!((told.entries[0].r#type.as_str(), told.entries[0].actor_name.as_str()), ("assigned", "Ben"));
    Ok(())
}
