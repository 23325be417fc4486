use crate::world::{World, agent, fields};
use anyhow::Result;
use kernel::Code;
use proto::records::v1::{
    AddCommentRequest, CreateRecordRequest, GetHistoryRequest, GetRecordRequest, HistoryEntry, ListCommentsRequest,
    ListModulesRequest, ListRecordsRequest, Record, ResolveTitlesRequest, UpdateRecordRequest,
};
use records::domain::module::Definition;
use std::future::Future;
use tracing::Instrument;

fn history(record: &Record, limit: i32, before_version: i64) -> GetHistoryRequest {
    GetHistoryRequest { module: record.module.clone(), id: record.id.clone(), limit, before_version }
}

fn words(entries: &[HistoryEntry]) -> Vec<&str> {
    entries.iter().rev().map(|e| e.r#type.as_str()).collect()
}

#[tokio::test]
async fn the_history_tells_who_did_what_from_old_to_new() -> Result<()> {
    let world = World::new().await?;
    let emma = world.emma().await?;
    let made = world.make(&emma, "tickets", fields(&[("title", "Printer")])).await?;
    let say = |body: &str, internal| AddCommentRequest {
        occurred_at_micros: 0,
        module: "tickets".into(),
        id: made.id.clone(),
        body: body.into(),
        internal,
        idempotency_key: String::new(),
        set_status: String::new(),
    };
    world.records.comment(&world.agent, &say("Which?", false)).await?;
    world.records.comment(&world.agent, &say("Psst", true)).await?;
    world.change(&emma, &made, &[("title", "The printer"), ("status", "closed")]).await?;
    world.change(&world.agent, &made, &[("severity", "minor")]).await?;

    let internal = world.records.history(&world.agent, &history(&made, 0, 0)).await?;
    assert_eq!(
        words(&internal.entries),
        ["created", "assigned", "commented", "internal_noted", "updated", "closed", "updated"]
    );
    let changed = internal.entries.iter().find(|e| e.r#type == "updated" && e.actor_kind == "contact").unwrap();
    assert_eq!((changed.actor_name.as_str(), changed.channel.as_str()), ("Emma Rossi", "portal"));
    let title = changed.changes.iter().find(|c| c.field == "title").unwrap();
    assert_eq!(
        (title.old.clone(), title.new.clone()),
        (crate::world::text("Printer"), crate::world::text("The printer"))
    );
    assert_eq!(internal.entries[0].hash.len(), 32);

    let own = world.records.history(&emma, &history(&made, 0, 0)).await?;
    assert_eq!(words(&own.entries), ["created", "assigned", "commented", "updated", "closed", "updated"]);
    assert!(own.entries.iter().all(|e| e.body != "Psst"));

    // Page by page, the same.
    let mut paged = Vec::new();
    let mut before = 0;
    loop {
        let page = world.records.history(&world.agent, &history(&made, 2, before)).await?;
        paged.extend(page.entries);
        before = page.next_before_version;
        if before == 0 {
            break;
        }
    }
    assert_eq!(paged, internal.entries);
    Ok(())
}

#[tokio::test]
async fn the_history_does_not_tell_that_something_hidden_changed() -> Result<()> {
    let world = World::new().await?;
    let nina = world.nina().await?;
    let made = world.make(&nina, "tickets", fields(&[("title", "Slow")])).await?;
    world.change(&world.agent, &made, &[("owner_id", &world.agent.actor.id.to_string())]).await?;
    let seen = world.records.history(&nina, &history(&made, 0, 0)).await?;
    assert_eq!(words(&seen.entries), ["created"]);
    assert!(seen.entries[0].changes.iter().all(|c| c.field != "owner_id"));
    // Without the action there is no history at all.
    let mut profile = policy::Profile::default_profile();
    profile.modules.get_mut("tickets").unwrap().actions.set(policy::Action::ViewUpdates, policy::Grant::None);
    let nina = world.contact(&world.nina, &world.globex, &profile).await?;
    assert_eq!(world.records.history(&nina, &history(&made, 0, 0)).await.unwrap_err().code, Code::Forbidden);
    Ok(())
}

#[tokio::test]
async fn a_record_comes_with_what_is_asked_for_about_it() -> Result<()> {
    let world = World::new().await?;
    let emma = world.emma().await?;
    let made = world.make(&emma, "tickets", fields(&[("title", "Slow")])).await?;
    let said = |internal| AddCommentRequest {
        module: made.module.clone(),
        id: made.id.clone(),
        body: if internal { "Among us" } else { "Hello" }.into(),
        internal,
        ..AddCommentRequest::default()
    };
    world.records.comment(&world.agent, &said(false)).await?;
    world.records.comment(&world.agent, &said(true)).await?;
    world.change(&world.agent, &made, &[("owner_id", &world.agent.actor.id.to_string())]).await?;
    let get = GetRecordRequest { module: made.module.clone(), id: made.id.clone(), ..GetRecordRequest::default() };
    let page = GetRecordRequest { with_comments: true, history_limit: 20, ..get.clone() };
    for caller in [&emma, &world.agent] {
        let bare = world.records.get(caller, &get).await?;
        assert!(bare.comments.is_none() && bare.history.is_none());
        // Each part is what the call of its own says.
        let whole = world.records.get(caller, &page).await?;
        assert_eq!(whole.record, bare.record);
        let comments =
            ListCommentsRequest { module: made.module.clone(), id: made.id.clone(), ..ListCommentsRequest::default() };
        assert_eq!(whole.comments.unwrap(), world.records.comments(caller, &comments).await?);
        let past = world.records.history(caller, &history(&made, 20, 0)).await?;
        assert_eq!(whole.history, Some(past));
    }
    // What changes point to is named as far as the viewer sees it.
    let past = world.records.get(&world.agent, &page).await?.history.unwrap();
    assert!(past.titles.contains_key(&world.agent.actor.id.to_string()));
    let nina = world.nina().await?;
    let hers = world.make(&nina, "tickets", fields(&[("title", "Hers")])).await?;
    world.change(&world.agent, &hers, &[("owner_id", &world.agent.actor.id.to_string())]).await?;
    let get = GetRecordRequest { id: hers.id.clone(), ..page.clone() };
    let past = world.records.get(&nina, &get).await?.history.unwrap();
    assert!(!past.titles.contains_key(&world.agent.actor.id.to_string()), "DEFAULT hides the owner");
    // Who may see neither gets neither, and the record all the same.
    let mut profile = policy::Profile::default_profile();
    let actions = &mut profile.modules.get_mut("tickets").unwrap().actions;
    actions.set(policy::Action::ViewUpdates, policy::Grant::None);
    actions.set(policy::Action::ViewComments, policy::Grant::None);
    let emma = world.contact(&world.emma, &world.acme, &profile).await?;
    let whole = world.records.get(&emma, &page).await?;
    assert!(whole.record.is_some() && whole.comments.is_none() && whole.history.is_none());
    let refused = world.records.get(&emma, &GetRecordRequest { history_limit: 1_000, ..page }).await;
    assert_eq!(refused.unwrap_err().code, Code::Invalid);
    Ok(())
}

#[tokio::test]
async fn modules_are_told_with_what_the_caller_may_do_in_each() -> Result<()> {
    let world = World::new().await?;
    let nina = world.nina().await?;
    let everything = ListModulesRequest::default();
    let views = world.records.modules(&nina, &everything).await?.modules;
    let names: Vec<&str> = views.iter().map(|v| v.definition.as_ref().unwrap().name.as_str()).collect();
    assert_eq!(names, ["contacts", "faqs", "tickets"]);
    let tickets = &views[2];
    assert_eq!((tickets.scope.as_str(), tickets.mandatory.as_slice()), ("mine", ["title".to_owned()].as_slice()));
    assert_eq!(tickets.access["title"], "write");
    assert!(!tickets.access.contains_key("owner_id"));
    let definition = tickets.definition.as_ref().unwrap();
    assert!(definition.fields.iter().all(|f| f.name != "owner_id") && definition.owner_field.is_empty());
    assert_eq!(definition.list_columns, ["title", "status", "priority", "category", "modified_at"]);
    let viewer = agent(kernel::new_id(), policy::AgentRole::Viewer);
    let views = world.records.modules(&viewer, &everything).await?.modules;
    assert_eq!(views.len(), records::standard_modules().len());
    assert!(views.iter().all(|v| v.access.values().all(|a| a == "read")));
    Ok(())
}

#[tokio::test]
async fn modules_that_the_caller_has_already_are_not_sent_again() -> Result<()> {
    let world = World::new().await?;
    let emma = world.emma().await?;
    let marco = world.marco().await?;
    let known = |tag: &[u8]| ListModulesRequest { known: vec![b"another".to_vec(), tag.to_vec()] };
    let first = world.records.modules(&emma, &ListModulesRequest::default()).await?;
    assert!(!first.modules.is_empty());
    // Whoever has the same view, under a plan of their own, has it under the same tag.
    for caller in [&emma, &marco, &emma] {
        let again = world.records.modules(caller, &known(&first.tag)).await?;
        assert_eq!((again.modules.len(), again.tag), (0, first.tag.clone()));
    }
    // Whoever sees more does not, and neither does the same person once there is more to see.
    let agent = world.records.modules(&world.agent, &known(&first.tag)).await?;
    assert!(agent.tag != first.tag && agent.modules.len() > first.modules.len());
    let known_to_agent = known(&agent.tag);
    let modules = world.records.catalogue().modules().await?;
    let faqs = modules.iter().find(|d| d.module.name() == "faqs").unwrap();
    let definition = Definition { icon: "book-open".into(), ..faqs.module.definition.clone() };
    world.records.define(&world.administrator, definition, faqs.version).await?;
    let changed = world.records.modules(&world.agent, &known_to_agent).await?;
    assert!(changed.tag != agent.tag && changed.modules.len() == agent.modules.len());
    Ok(())
}

#[tokio::test]
async fn titles_are_told_only_of_what_the_caller_sees() -> Result<()> {
    let world = World::new().await?;
    let emma = world.emma().await?;
    let ids = [&world.emma.id, &world.marco.id, &world.acme.id, &world.globex.id].map(Clone::clone).to_vec();
    let request = ResolveTitlesRequest { ids };
    let all = world.records.titles(&world.agent, &request).await?;
    assert_eq!(all[&world.marco.id], "Marco Bianchi");
    assert_eq!(all[&world.globex.id], "Globex");
    let own = world.records.titles(&emma, &request).await?;
    let mut seen: Vec<&String> = own.keys().collect();
    seen.sort();
    let mut expected = vec![&world.emma.id, &world.acme.id];
    expected.sort();
    assert_eq!(seen, expected);
    Ok(())
}

#[tokio::test]
async fn suggestions_begin_with_the_text_or_contain_its_words() -> Result<()> {
    let world = World::new().await?;
    for name in ["Acorn", "The Acme shop", "Zebra"] {
        world.make(&world.agent, "companies", fields(&[("name", name), ("country", "CH")])).await?;
    }
    let found = world.records.suggest(&world.agent, "companies", "AC").await?;
    let titles: Vec<&str> = found.iter().map(|s| s.title.as_str()).collect();
    assert_eq!(titles, ["Acme", "Acorn", "The Acme shop"]);
    assert_eq!(found[1].detail, "CH");
    let people = world.records.suggest(&world.agent, "contacts", "ross").await?;
    assert_eq!((people[0].title.as_str(), people[0].detail.as_str()), ("Emma Rossi", "emma@acme.test"));
    let emma = world.emma().await?;
    assert!(world.records.suggest(&emma, "companies", "Glo").await?.is_empty());
    assert_eq!(world.records.suggest(&world.nina().await?, "companies", "A").await.unwrap_err().code, Code::NotFound);
    Ok(())
}

#[tokio::test]
async fn a_custom_module_is_defined_used_and_changed_like_every_other() -> Result<()> {
    let world = World::new().await?;
    let mut definition = records::standard_modules().into_iter().find(|m| m.name == "requests").unwrap();
    (definition.name, definition.number, definition.prefix) = ("payments".into(), 0, "PAY".into());
    let defined = world.records.define(&world.administrator, definition.clone(), 0).await?;
    assert_eq!(defined.version, 1);
    let made =
        world.make(&world.agent, "payments", fields(&[("title", "First"), ("contact_id", &world.emma.id)])).await?;
    assert_eq!(made.number, "PAY1001");
    assert_eq!(world.records.define(&world.agent, definition.clone(), 1).await.unwrap_err().code, Code::Forbidden);
    let stale = world.records.define(&world.administrator, definition.clone(), 7).await.unwrap_err();
    assert_eq!((&*stale.reason, stale.facts["actual"].as_str()), ("stale_version", "1"));
    definition.number = 3;
    (definition.name, definition.prefix) = ("refunds".into(), "REF".into());
    let taken = world.records.define(&world.administrator, definition, 0).await.unwrap_err();
    assert_eq!(&*taken.fields[0].code, "number_reused");
    assert_eq!(
        world
            .records
            .list(&world.agent, &ListRecordsRequest { module: "payments".into(), ..ListRecordsRequest::default() })
            .await?
            .records()
            .len(),
        1
    );
    Ok(())
}

async fn statements<T>(work: impl Future<Output = Result<T, kernel::Error>>) -> Result<u64> {
    // The spans are made when counting has begun: of a call, within that of a request.
    let call = async { work.instrument(tracing::info_span!("rpc", rpc.method = "Test")).await };
    let (result, counts) = kit::count(async { call.instrument(tracing::info_span!("request")).await }).await;
    result?;
    Ok(counts.statements)
}

/// The only test that counts: counting is for one piece of work at a time.
#[tokio::test]
async fn each_read_costs_two_statements_whatever_the_number_of_rows() -> Result<()> {
    let world = World::new().await?;
    let emma = world.emma().await?;
    let mut made = Vec::new();
    for n in 0..12 {
        let contact = if n % 2 == 0 { &world.emma } else { &world.marco };
        made.push(world.ticket(&format!("Ticket {n}"), contact, Some(&world.acme)).await?);
    }
    for caller in [&emma, &world.agent] {
        let list = ListRecordsRequest { module: "tickets".into(), ..ListRecordsRequest::default() };
        assert_eq!(statements(world.records.list(caller, &list)).await?, 2, "a list and what its rows point to");
        let counted = ListRecordsRequest { count: "capped".into(), ..list };
        assert_eq!(statements(world.records.list(caller, &counted)).await?, 3);
        let get = GetRecordRequest { module: "tickets".into(), id: made[0].id.clone(), ..GetRecordRequest::default() };
        assert_eq!(statements(world.records.get(caller, &get)).await?, 2, "a record and what it points to");
        let page = GetRecordRequest { with_comments: true, history_limit: 20, ..get.clone() };
        assert_eq!(statements(world.records.get(caller, &page)).await?, 5, "the same, its comments and its history");
        let comments =
            ListCommentsRequest { module: "tickets".into(), id: made[0].id.clone(), ..ListCommentsRequest::default() };
        assert_eq!(statements(world.records.comments(caller, &comments)).await?, 2);
        assert_eq!(statements(world.records.history(caller, &history(&made[0], 0, 0))).await?, 3);
        let titles = ResolveTitlesRequest { ids: made.iter().map(|r| r.id.clone()).collect() };
        assert_eq!(statements(world.records.titles(caller, &titles)).await?, 1);
        assert_eq!(statements(world.records.modules(caller, &ListModulesRequest::default())).await?, 0);
    }
    // Writing, once keys and modules are known: facts, one append with the read model in it, and the answer.
    let create = CreateRecordRequest {
        occurred_at_micros: 0,
        module: "tickets".into(),
        fields: fields(&[("title", "New"), ("description", "Text")]),
        idempotency_key: String::new(),
    };
    assert_eq!(statements(world.records.create(&emma, &create)).await?, 11);
    let update = UpdateRecordRequest {
        occurred_at_micros: 0,
        module: "tickets".into(),
        id: made[0].id.clone(),
        fields: fields(&[("status", "closed")]),
        expected_version: world.get(&emma, &made[0]).await?.visible_version,
        idempotency_key: String::new(),
    };
    assert_eq!(statements(world.records.update(&emma, &update)).await?, 11);
    let comment = AddCommentRequest {
        module: "tickets".into(),
        id: made[0].id.clone(),
        body: "Hello".into(),
        ..AddCommentRequest::default()
    };
    world.records.comment(&emma, &comment).await?;
    // One of them asks under the head lock whether the record is still there.
    assert_eq!(statements(world.records.comment(&emma, &comment)).await?, 10);
    Ok(())
}

#[tokio::test]
async fn a_conversation_comes_in_parts_from_its_end() -> Result<()> {
    let world = World::new().await?;
    let emma = world.emma().await?;
    let made = world.ticket("Printer", &world.emma, None).await?;
    for at in 0..7 {
        let said = AddCommentRequest {
            module: made.module.clone(),
            id: made.id.clone(),
            body: format!("{at}"),
            internal: at % 3 == 2,
            ..AddCommentRequest::default()
        };
        world.records.comment(&world.agent, &said).await?;
    }
    let parts = async |caller, limit| -> Result<Vec<String>> {
        let (mut before_version, mut parts) = (0, Vec::new());
        loop {
            let request =
                ListCommentsRequest { module: made.module.clone(), id: made.id.clone(), limit, before_version };
            let part = world.records.comments(caller, &request).await?;
            parts.push(part.comments.iter().map(|c| c.body.as_str()).collect());
            before_version = part.next_before_version;
            if before_version == 0 {
                return Ok(parts);
            }
        }
    };
    assert_eq!(parts(&world.agent, 3).await?, ["456", "123", "0"]);
    // What is internal takes no room in a contact's part.
    assert_eq!(parts(&emma, 3).await?, ["346", "01"]);
    assert_eq!(parts(&emma, 5).await?, ["01346"]);
    let whole = ListCommentsRequest { module: made.module.clone(), id: made.id.clone(), limit: 201, before_version: 0 };
    assert_eq!(world.records.comments(&emma, &whole).await.unwrap_err().fields[0].field, "limit");
    Ok(())
}
