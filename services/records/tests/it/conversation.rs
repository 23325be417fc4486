//! What a reply does to a record, where its conversation stands, and what is new to whom.

use crate::world::{World, fields, value};
use anyhow::Result;
use kernel::{Code, Error};
use proto::records::v1::{
    AddCommentRequest, AddCommentResponse, Conversation, EditCommentRequest, GetHistoryRequest, HistoryEntry,
    ListCommentsRequest, ListRecordsRequest, MarkReadRequest, Record, RemoveCommentRequest,
};
use records::Caller;
use serde_json::{Value as Json, json};

fn words(body: &str, record: &Record, internal: bool, set_status: &str) -> AddCommentRequest {
    AddCommentRequest {
        occurred_at_micros: 0,
        module: record.module.clone(),
        id: record.id.clone(),
        body: body.into(),
        internal,
        set_status: set_status.into(),
        idempotency_key: String::new(),
    }
}

async fn say(world: &World, caller: &Caller, record: &Record, body: &str) -> Result<AddCommentResponse, Error> {
    let said = world.records.comment(caller, &words(body, record, false, "")).await;
    world.row_is_stream(record).await?;
    said
}

async fn talk(world: &World, caller: &Caller, record: &Record) -> Result<Conversation> {
    Ok(world.get(caller, record).await?.conversation.unwrap())
}

async fn status(world: &World, record: &Record) -> Result<String> {
    Ok(value(&world.get(&world.agent, record).await?, "status").unwrap_or_default())
}

async fn past(world: &World, caller: &Caller, record: &Record) -> Result<Vec<HistoryEntry>> {
    let request = GetHistoryRequest { module: record.module.clone(), id: record.id.clone(), ..Default::default() };
    Ok(world.records.history(caller, &request).await?.entries)
}

async fn listed(world: &World, caller: &Caller, filter: Json, sort: &str) -> Result<Vec<String>, Error> {
    let request = ListRecordsRequest {
        module: "tickets".into(),
        filter: if filter.is_null() { String::new() } else { filter.to_string() },
        sort: sort.into(),
        ..ListRecordsRequest::default()
    };
    let page = world.records.list(caller, &request).await?;
    Ok(page.records().iter().map(|r| value(r, "title").unwrap()).collect())
}

async fn mark(world: &World, caller: &Caller, record: &Record, unread: bool) -> Result<(), Error> {
    let request = MarkReadRequest { module: record.module.clone(), id: record.id.clone(), unread };
    world.records.mark_read(caller, &request).await
}

#[tokio::test]
async fn a_customers_reply_goes_on_with_what_waited_and_opens_what_was_closed() -> Result<()> {
    let world = World::new().await?;
    let emma = world.emma().await?;
    let made = world.make(&emma, "tickets", fields(&[("title", "Printer")])).await?;
    assert_eq!(say(&world, &emma, &made, "And the scanner").await?.status, "open");

    let sent = world.records.comment(&world.agent, &words("Which one?", &made, false, "waiting")).await?;
    assert_eq!((sent.status.as_str(), status(&world, &made).await?.as_str()), ("waiting", "waiting"));
    assert_eq!(say(&world, &emma, &made, "The large one").await?.status, "open");

    let closed = world.records.comment(&world.agent, &words("Done.", &made, false, "closed")).await?;
    assert_eq!(closed.status, "closed");
    assert!(talk(&world, &emma, &made).await?.closed_at_micros > 0);
    assert_eq!(say(&world, &emma, &made, "Not at all").await?.status, "open");
    let now = talk(&world, &world.agent, &made).await?;
    assert_eq!((now.closed_at_micros, now.reopened, now.last_word.as_str()), (0, 1, "customer"));

    // Each change names the reply that brought it, for everybody who sees it.
    for caller in [&emma, &world.agent] {
        let entries = past(&world, caller, &made).await?;
        let turns: Vec<(&str, bool)> = (entries.iter().rev())
            .filter(|e| matches!(e.r#type.as_str(), "status_changed" | "closed" | "reopened"))
            .map(|e| (e.r#type.as_str(), e.by_reply))
            .collect();
        assert_eq!(turns, [("status_changed", true), ("status_changed", true), ("closed", true), ("reopened", true)]);
    }
    world.change(&world.agent, &made, &[("status", "closed")]).await?;
    let last = past(&world, &world.agent, &made).await?.into_iter().find(|e| e.r#type == "closed").unwrap();
    assert!(!last.by_reply, "set by itself");
    Ok(())
}

#[tokio::test]
async fn what_may_not_be_opened_again_takes_no_reply_and_says_so() -> Result<()> {
    let world = World::new().await?;
    // Under DEFAULT nobody outside changes a status.
    let nina = world.nina().await?;
    let made = world.make(&nina, "tickets", fields(&[("title", "Phone")])).await?;
    world.change(&world.agent, &made, &[("status", "closed")]).await?;
    let refused = say(&world, &nina, &made, "Once more").await.unwrap_err();
    assert_eq!((refused.code, &*refused.reason), (Code::Forbidden, "record_closed"));
    // To go on with what waited for the customer is no right of a profile.
    world.change(&world.agent, &made, &[("status", "waiting")]).await?;
    assert_eq!(say(&world, &nina, &made, "Here you are").await?.status, "open");
    Ok(())
}

#[tokio::test]
async fn a_status_with_a_reply_is_judged_like_a_change_of_it() -> Result<()> {
    let world = World::new().await?;
    let emma = world.emma().await?;
    let made = world.make(&emma, "tickets", fields(&[("title", "Printer")])).await?;
    let set = |caller: &Caller, internal: bool, key: &str| {
        let (request, caller) = (words("x", &made, internal, key), caller.clone());
        let records = world.records.clone();
        async move { records.comment(&caller, &request).await }
    };
    // A contact closes, and steps between are the agents'.
    assert_eq!(set(&emma, false, "waiting").await.unwrap_err().code, Code::Invalid);
    let unknown = set(&world.agent, false, "nonsense").await.unwrap_err();
    assert_eq!((unknown.code, unknown.fields[0].field.as_str()), (Code::Invalid, "status"));
    let note = set(&world.agent, true, "closed").await.unwrap_err();
    assert_eq!((note.code, note.fields[0].field.as_str()), (Code::Invalid, "set_status"));
    assert_eq!(status(&world, &made).await?, "open", "nothing of what was refused is there");
    assert_eq!(set(&emma, false, "closed").await?.status, "closed");
    // To ask for the status that is there keeps nothing from moving on.
    assert_eq!(set(&emma, false, "closed").await?.status, "open");
    world.change(&world.agent, &made, &[("status", "waiting")]).await?;
    assert_eq!(set(&emma, false, "waiting").await?.status, "open");
    Ok(())
}

#[tokio::test]
async fn each_side_learns_where_a_conversation_stands_as_far_as_it_may() -> Result<()> {
    let world = World::new().await?;
    let emma = world.emma().await?;
    let made = world.make(&emma, "tickets", fields(&[("title", "Printer")])).await?;
    let (hers, ours) = (talk(&world, &emma, &made).await?, talk(&world, &world.agent, &made).await?);
    assert_eq!((hers.last_word.as_str(), hers.waiting_since_micros), ("customer", 0));
    assert_eq!((ours.last_word.as_str(), ours.waiting_since_micros), ("customer", made.created_at_micros));
    world.records.comment(&world.agent, &words("Among us", &made, true, "")).await?;
    let (hers_now, ours_now) = (talk(&world, &emma, &made).await?, talk(&world, &world.agent, &made).await?);
    assert_eq!(hers_now, hers, "a note is nothing to her");
    assert!(ours_now.last_activity_at_micros > ours.last_activity_at_micros);
    say(&world, &world.agent, &made, "We look").await?;
    let answered = talk(&world, &emma, &made).await?;
    assert_eq!((answered.last_word.as_str(), answered.first_answer_at_micros > 0), ("support", true));
    assert_eq!(talk(&world, &world.agent, &made).await?.waiting_since_micros, 0);

    // Who reads no comments learns nothing of them, and can't ask either.
    let mut profile = policy::Profile::standard_demo();
    profile.modules.get_mut("tickets").unwrap().actions.set(policy::Action::ViewComments, policy::Grant::None);
    let deaf = world.contact(&world.emma, &world.acme, &profile).await?;
    let told = talk(&world, &deaf, &made).await?;
    assert_eq!((told.last_word.as_str(), told.first_answer_at_micros), ("", 0));
    assert_eq!(told.last_activity_at_micros, world.get(&deaf, &made).await?.modified_at_micros);
    for test in [
        json!({"field": "last_word", "op": "eq", "value": "support"}),
        json!({"field": "last_activity_at", "op": "within_last", "value": "1h"}),
    ] {
        let refused = listed(&world, &deaf, test, "").await.unwrap_err();
        assert_eq!(refused.fields[0].code, "not_filterable");
    }
    let refused = listed(&world, &emma, json!({"field": "waiting_since", "op": "is_empty"}), "").await.unwrap_err();
    assert_eq!(refused.fields[0].code, "unknown_field", "for how long support is silent is support's affair");
    Ok(())
}

#[tokio::test]
async fn the_queue_is_found_by_who_spoke_last_and_what_is_open() -> Result<()> {
    let world = World::new().await?;
    let emma = world.emma().await?;
    let titles = ["asked", "answered", "closed", "asked again"];
    let mut made = Vec::new();
    for title in titles {
        made.push(world.make(&emma, "tickets", fields(&[("title", title)])).await?);
    }
    say(&world, &world.agent, &made[1], "Yes").await?;
    say(&world, &world.agent, &made[3], "Yes").await?;
    world.change(&world.agent, &made[2], &[("status", "closed")]).await?;
    say(&world, &emma, &made[3], "But").await?;
    let open = json!({"field": "closed_at", "op": "is_empty"});
    let customer = json!({"field": "last_word", "op": "eq", "value": "customer"});
    let queue = json!({"all": [open, customer]});
    assert_eq!(listed(&world, &world.agent, queue, "last_activity_at").await?, ["asked", "asked again"]);
    let down = listed(&world, &world.agent, open.clone(), "-last_activity_at").await?;
    assert_eq!(down, ["asked again", "answered", "asked"]);
    assert_eq!(listed(&world, &emma, open.clone(), "-last_activity_at").await?, down);
    let closed = json!({"not": open});
    assert_eq!(listed(&world, &emma, closed, "").await?, ["closed"]);
    let waits = json!({"field": "waiting_since", "op": "is_not_empty"});
    assert_eq!(listed(&world, &world.agent, waits, "number").await?, ["asked", "asked again"]);
    // A note puts a ticket on top for agents alone.
    world.records.comment(&world.agent, &words("Among us", &made[0], true, "")).await?;
    assert_eq!(listed(&world, &world.agent, open.clone(), "-last_activity_at").await?[0], "asked");
    assert_eq!(listed(&world, &emma, open.clone(), "-last_activity_at").await?[0], "asked again");
    // Page by page, the same.
    let mut paged = Vec::new();
    let mut cursor = String::new();
    loop {
        let request = ListRecordsRequest {
            module: "tickets".into(),
            filter: open.to_string(),
            sort: "-last_activity_at".into(),
            limit: 1,
            cursor,
            ..ListRecordsRequest::default()
        };
        let page = world.records.list(&world.agent, &request).await?;
        paged.extend(page.records().iter().map(|r| value(r, "title").unwrap()));
        cursor = page.next_cursor;
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!(paged, ["asked", "asked again", "answered"]);
    Ok(())
}

#[tokio::test]
async fn what_is_new_is_new_to_each_and_never_ones_own_doing() -> Result<()> {
    let world = World::new().await?;
    let (emma, marco) = (world.emma().await?, world.marco().await?);
    let made = world.make(&emma, "tickets", fields(&[("title", "Printer")])).await?;
    let unread = async |caller: &Caller| anyhow::Ok(talk(&world, caller, &made).await?.unread);
    assert!(!unread(&emma).await?, "her own");
    assert!(unread(&marco).await? && unread(&world.agent).await?);
    for caller in [&marco, &world.agent, &emma] {
        mark(&world, caller, &made, false).await?;
        assert!(!unread(caller).await?);
    }
    world.records.comment(&world.administrator, &words("Among us", &made, true, "")).await?;
    assert!(unread(&world.agent).await?);
    assert!(!unread(&emma).await? && !unread(&marco).await?, "a note leaves no trace outside");
    say(&world, &world.administrator, &made, "We look").await?;
    assert!(unread(&emma).await? && unread(&marco).await?);
    mark(&world, &emma, &made, false).await?;
    say(&world, &emma, &made, "Thanks").await?;
    assert!(!unread(&emma).await?, "what she said herself");
    mark(&world, &emma, &made, true).await?;
    assert!(unread(&emma).await?, "as she wanted");
    let page =
        world.records.list(&emma, &ListRecordsRequest { module: "tickets".into(), ..Default::default() }).await?;
    assert!(page.records()[0].conversation.as_ref().unwrap().unread, "lists say the same");

    // Nor is it news to her what she doesn't see, whether she has looked before or not; and her own change hides no answer.
    let mut profile = policy::Profile::standard_demo();
    let tickets = profile.modules.get_mut("tickets").unwrap();
    tickets.actions.set(policy::Action::ViewComments, policy::Grant::None);
    let hidden = policy::FieldGrant::new(policy::Access::Hidden);
    tickets.fields.insert("category".into(), hidden);
    tickets.fields.insert("status".into(), hidden);
    let narrow = world.contact(&world.emma, &world.acme, &profile).await?;
    let second = world.make(&narrow, "tickets", fields(&[("title", "Second")])).await?;
    for looked in [false, true] {
        world.change(&world.agent, &second, &[("category", "problem")]).await?;
        say(&world, &world.agent, &second, "We look").await?;
        world.change(&world.agent, &second, &[("status", "closed"), ("category", "question")]).await?;
        assert!(!talk(&world, &narrow, &second).await?.unread, "looked before: {looked}");
        mark(&world, &narrow, &second, false).await?;
    }
    let third = world.make(&emma, "tickets", fields(&[("title", "Third")])).await?;
    mark(&world, &emma, &third, false).await?;
    say(&world, &world.agent, &third, "We look").await?;
    world.change(&emma, &third, &[("title", "The third")]).await?;
    assert!(talk(&world, &emma, &third).await?.unread, "the answer that came before her change");

    // An agent who looks through her eyes leaves no trace, and who doesn't see the record has nothing to mark.
    mark(&world, &world.as_contact(&emma), &made, false).await?;
    assert!(unread(&emma).await?);
    let nina = world.nina().await?;
    assert_eq!(mark(&world, &nina, &made, false).await.unwrap_err().code, Code::NotFound);
    Ok(())
}

#[tokio::test]
async fn authors_mend_and_take_back_what_they_said_while_it_is_fresh() -> Result<()> {
    let world = World::new().await?;
    let (emma, marco) = (world.emma().await?, world.marco().await?);
    let made = world.make(&emma, "tickets", fields(&[("title", "Printer")])).await?;
    let said = say(&world, &emma, &made, "My password is apple").await?.comment.unwrap();
    assert!(said.open_until_micros > said.at_micros);
    let edit = |id: &str, body: &str| EditCommentRequest {
        module: "tickets".into(),
        id: made.id.clone(),
        comment_id: id.into(),
        body: body.into(),
    };
    let remove =
        |id: &str| RemoveCommentRequest { module: "tickets".into(), id: made.id.clone(), comment_id: id.into() };
    for other in [&marco, &world.agent, &world.as_contact(&emma)] {
        let refused = world.records.edit_comment(other, &edit(&said.id, "x")).await.unwrap_err();
        assert_eq!((refused.code, &*refused.reason), (Code::Forbidden, "not_your_comment"));
    }
    assert_eq!(world.records.edit_comment(&emma, &edit(&said.id, " ")).await.unwrap_err().code, Code::Invalid);
    let changed = world.records.edit_comment(&emma, &edit(&said.id, "I forgot my password")).await?.comment.unwrap();
    assert_eq!((changed.body.as_str(), changed.edited_at_micros > 0), ("I forgot my password", true));
    world.row_is_stream(&made).await?;
    // What stood there is for agents alone.
    let bodies = |entries: &[HistoryEntry]| entries.iter().map(|e| e.body.clone()).collect::<Vec<_>>().join("|");
    assert!(bodies(&past(&world, &world.agent, &made).await?).contains("apple"));
    let hers = past(&world, &emma, &made).await?;
    assert!(!bodies(&hers).contains("apple") && bodies(&hers).contains("I forgot"), "{hers:?}");

    world.records.remove_comment(&emma, &remove(&said.id)).await?;
    world.row_is_stream(&made).await?;
    let all = ListCommentsRequest { module: "tickets".into(), id: made.id.clone(), ..Default::default() };
    for caller in [&emma, &marco, &world.agent] {
        let left = &world.records.comments(caller, &all).await?.comments[0];
        assert_eq!((left.removed, left.body.as_str(), left.open_until_micros), (true, "", 0));
    }
    assert!(!bodies(&past(&world, &marco, &made).await?).contains("forgot"));
    assert_eq!(world.records.remove_comment(&emma, &remove(&said.id)).await.unwrap_err().code, Code::NotFound);

    // An edit that was decided before the comment was taken back, and came after it, brings nothing back.
    let both = say(&world, &emma, &made, "Mine").await?.comment.unwrap();
    let (back, anew) = (remove(&both.id), edit(&both.id, "Mine again"));
    let (gone, anew) =
        tokio::join!(world.records.remove_comment(&emma, &back), world.records.edit_comment(&emma, &anew));
    gone?;
    drop(anew);
    let left = world.records.comments(&emma, &all).await?.comments;
    assert!(left.iter().any(|c| c.id == both.id && c.removed && c.body.is_empty()), "{left:?}");

    // After a quarter of an hour it stands.
    let second = say(&world, &emma, &made, "Second").await?.comment.unwrap();
    let mut owner = world.database.owner().await?;
    sqlx::query("update records.comments_v1 set at = at - interval '15 minutes' where id = $1")
        .bind(kernel::parse_id(&second.id)?)
        .execute(&mut owner)
        .await?;
    let settled = world.records.edit_comment(&emma, &edit(&second.id, "x")).await.unwrap_err();
    assert_eq!((settled.code, &*settled.reason), (Code::Forbidden, "comment_settled"));
    // A note is mended among agents.
    let note = world.records.comment(&world.agent, &words("Among us", &made, true, "")).await?.comment.unwrap();
    assert_eq!(world.records.edit_comment(&emma, &edit(&note.id, "x")).await.unwrap_err().code, Code::NotFound);
    world.records.edit_comment(&world.agent, &edit(&note.id, "Among us, mended")).await?;
    assert!(!bodies(&past(&world, &emma, &made).await?).contains("mended"));
    Ok(())
}

#[tokio::test]
async fn two_who_answer_at_once_are_both_heard_and_one_status_holds() -> Result<()> {
    let world = World::new().await?;
    let emma = world.emma().await?;
    let made = world.make(&emma, "tickets", fields(&[("title", "Printer")])).await?;
    let (one, two) = (words("One", &made, false, "closed"), words("Two", &made, false, "waiting"));
    let three = words("Three", &made, false, "");
    let (a, b, c) = tokio::join!(
        world.records.comment(&world.agent, &one),
        world.records.comment(&world.administrator, &two),
        world.records.comment(&emma, &three),
    );
    a?;
    b?;
    c?;
    world.row_is_stream(&made).await?;
    let all = ListCommentsRequest { module: "tickets".into(), id: made.id.clone(), ..Default::default() };
    assert_eq!(world.records.comments(&emma, &all).await?.comments.len(), 3);
    // Whatever came last, the status is one that followed from the one before it.
    let turns = past(&world, &world.agent, &made).await?;
    let turns = turns.iter().filter(|e| matches!(e.r#type.as_str(), "status_changed" | "closed" | "reopened")).count();
    assert!((1..=3).contains(&turns), "{turns}");
    Ok(())
}
