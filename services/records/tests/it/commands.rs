use crate::world::{World, fields, number, text, value};
use anyhow::Result;
use kernel::{Code, Error};
use proto::records::v1::{
    AddCommentRequest, CreateRecordRequest, DeleteRecordRequest, FieldValue, GetHistoryRequest, ListCommentsRequest,
    RestoreRecordRequest, UpdateRecordRequest,
};

fn create(module: &str, fields: Vec<FieldValue>, key: &str) -> CreateRecordRequest {
    CreateRecordRequest { occurred_at_micros: 0, module: module.to_owned(), fields, idempotency_key: key.to_owned() }
}

fn codes(error: &Error) -> Vec<(&str, &str)> {
    error.fields.iter().map(|f| (f.field.as_str(), &*f.code)).collect()
}

#[tokio::test]
async fn a_contact_opens_a_record_that_is_its_own_and_its_companys() -> Result<()> {
    let world = World::new().await?;
    let emma = world.emma().await?;
    let made = world.make(&emma, "tickets", fields(&[("title", "Printer"), ("description", "It smokes.")])).await?;
    assert_eq!(made.number, "TT1001");
    assert_eq!(value(&made, "contact_id"), Some(world.emma.id.clone()));
    assert_eq!(value(&made, "company_id"), Some(world.acme.id.clone()));
    assert_eq!(value(&made, "status").as_deref(), Some("open"));
    assert_eq!(value(&made, "description").as_deref(), Some("It smokes."));
    assert_eq!(made.titles[&made.id], "Printer");
    assert_eq!(made.titles[&world.emma.id], "Emma Rossi");
    let by = made.created_by_ext.as_ref().unwrap();
    assert_eq!((by.id.as_str(), by.name.as_str(), by.deleted), (world.emma.id.as_str(), "Emma Rossi", false));
    // Nobody was named as owner by the profile, so the first administrator is.
    let seen = world.get(&world.agent, &made).await?;
    assert_eq!(value(&seen, "owner_id"), Some(world.administrator.actor.id.to_string()));
    assert_eq!(seen.titles[&world.administrator.actor.id.to_string()], "Ada");
    Ok(())
}

#[tokio::test]
async fn numbers_have_no_gap_because_a_refused_request_uses_none() -> Result<()> {
    let world = World::new().await?;
    let first = world.ticket("One", &world.emma, None).await?;
    let refused = world.records.create(&world.agent, &create("tickets", fields(&[("title", "")]), "")).await;
    assert_eq!(codes(&refused.unwrap_err()), [("title", "required")]);
    let second = world.ticket("Two", &world.emma, None).await?;
    assert_eq!((number(&first), number(&second)), (1001, 1002));
    Ok(())
}

#[tokio::test]
async fn a_repeated_key_answers_the_same_record_and_refuses_another_body() -> Result<()> {
    let world = World::new().await?;
    let request = create("tickets", fields(&[("title", "Once"), ("priority", "high")]), "key-1");
    let first = world.records.create(&world.agent, &request).await?;
    let mut turned = request.clone();
    turned.fields.reverse();
    let again = world.records.create(&world.agent, &turned).await?;
    assert_eq!(first.record.as_ref().unwrap().id, again.record.unwrap().id);
    assert_eq!(first.position, again.position);
    let other = create("tickets", fields(&[("title", "Twice")]), "key-1");
    let error = world.records.create(&world.agent, &other).await.unwrap_err();
    assert_eq!(&*error.reason, "idempotency_key_reused");
    // Another subject's key is another key.
    world.records.create(&world.administrator, &other).await?;
    Ok(())
}

#[tokio::test]
async fn a_repeated_change_is_answered_although_its_version_is_old_by_now() -> Result<()> {
    let world = World::new().await?;
    let made = world.ticket("Once", &world.emma, None).await?;
    let request = UpdateRecordRequest {
        occurred_at_micros: 0,
        module: "tickets".into(),
        id: made.id.clone(),
        fields: fields(&[("priority", "urgent")]),
        expected_version: made.visible_version,
        idempotency_key: "k".into(),
    };
    let first = world.records.update(&world.agent, &request).await?;
    let again = world.records.update(&world.agent, &request).await?;
    assert_eq!(first.position, again.position);
    let unkeyed = UpdateRecordRequest { idempotency_key: String::new(), ..request };
    assert_eq!(&*world.records.update(&world.agent, &unkeyed).await.unwrap_err().reason, "stale_version");
    Ok(())
}

#[tokio::test]
async fn a_stale_version_is_refused_with_both_versions() -> Result<()> {
    let world = World::new().await?;
    let made = world.ticket("One", &world.emma, None).await?;
    let changed = world.change(&world.agent, &made, &[("priority", "high")]).await?;
    let error = world.change_at(&world.agent, &made, made.visible_version, &[("priority", "low")]).await.unwrap_err();
    assert_eq!((error.code, &*error.reason), (Code::Precondition, "stale_version"));
    assert_eq!(error.facts["expected"], made.visible_version.to_string());
    assert_eq!(error.facts["actual"], changed.visible_version.to_string());
    Ok(())
}

#[tokio::test]
async fn comments_and_changes_of_hidden_fields_do_not_move_the_visible_version() -> Result<()> {
    let world = World::new().await?;
    let nina = world.nina().await?;
    let made = world.make(&nina, "tickets", fields(&[("title", "Slow")])).await?;
    let before = world.get(&nina, &made).await?;
    assert!(before.access("owner_id").is_none(), "DEFAULT hides the owner");
    let note = |internal| AddCommentRequest {
        occurred_at_micros: 0,
        module: "tickets".into(),
        id: made.id.clone(),
        body: "Looking.".into(),
        internal,
        idempotency_key: String::new(),
        set_status: String::new(),
    };
    world.records.comment(&world.agent, &note(true)).await?;
    world.records.comment(&world.agent, &note(false)).await?;
    world.change(&world.agent, &made, &[("owner_id", &world.agent.actor.id.to_string())]).await?;
    let after = world.get(&nina, &made).await?;
    assert_eq!(before.visible_version, after.visible_version);
    assert!(before.version < after.version);
    world.change(&world.agent, &made, &[("status", "waiting")]).await?;
    assert!(world.get(&nina, &made).await?.visible_version > before.visible_version);
    Ok(())
}

#[tokio::test]
async fn what_may_not_be_written_is_refused_as_a_whole_and_a_hidden_field_looks_like_none() -> Result<()> {
    let world = World::new().await?;
    let nina = world.nina().await?;
    let request = fields(&[("title", "A"), ("owner_id", "x"), ("nothing", "x"), ("severity", "minor")]);
    let error = world.records.create(&nina, &create("tickets", request, "")).await.unwrap_err();
    let mut found = codes(&error);
    found.sort_unstable();
    assert_eq!(found, [("nothing", "unknown_field"), ("owner_id", "unknown_field"), ("severity", "unknown_field")]);
    let message = |field: &str| error.fields.iter().find(|f| f.field == field).unwrap().message.clone();
    assert_eq!(message("nothing"), message("owner_id"));
    let error = world.records.create(&nina, &create("tickets", Vec::new(), "")).await.unwrap_err();
    assert_eq!(codes(&error), [("title", "required")]);
    Ok(())
}

#[tokio::test]
async fn what_the_caller_does_not_see_is_byte_for_byte_what_does_not_exist() -> Result<()> {
    let world = World::new().await?;
    let theirs = world.ticket("Secret", &world.emma, Some(&world.acme)).await?;
    let nina = world.nina().await?;
    let mut nowhere = theirs.clone();
    nowhere.id = kernel::new_id().to_string();
    let seen = format!("{:?}", world.get(&nina, &theirs).await.unwrap_err());
    assert_eq!(seen, format!("{:?}", world.get(&nina, &nowhere).await.unwrap_err()));
    let change = |record| world.change_at(&nina, record, 1, &[("title", "Mine")]);
    assert_eq!(format!("{:?}", change(&theirs).await.unwrap_err()), seen);
    nowhere.module = "no_such_module".into();
    assert_eq!(format!("{:?}", world.get(&nina, &nowhere).await.unwrap_err()), seen);
    // DEFAULT doesn't open the module of companies at all.
    assert_eq!(format!("{:?}", world.get(&nina, &world.globex).await.unwrap_err()), seen);
    Ok(())
}

#[tokio::test]
async fn companies_are_never_made_from_the_portal() -> Result<()> {
    let world = World::new().await?;
    let emma = world.emma().await?;
    let error = world.records.create(&emma, &create("companies", fields(&[("name", "Mine")]), "")).await.unwrap_err();
    assert_eq!(error.code, Code::Forbidden);
    let nina = world.nina().await?;
    let error = world.records.create(&nina, &create("companies", fields(&[("name", "Mine")]), "")).await.unwrap_err();
    assert_eq!(error.code, Code::NotFound);
    Ok(())
}

#[tokio::test]
async fn a_contact_edits_its_own_but_not_its_colleagues_record() -> Result<()> {
    let world = World::new().await?;
    let (emma, marco) = (world.emma().await?, world.marco().await?);
    let made = world.make(&emma, "tickets", fields(&[("title", "Printer")])).await?;
    let changed = world.change(&emma, &made, &[("description", "Now it burns.")]).await?;
    assert_eq!(value(&changed, "description").as_deref(), Some("Now it burns."));
    assert_eq!(changed.modified_by_ext.unwrap().name, "Emma Rossi");
    let seen = world.get(&marco, &made).await?;
    assert!(!seen.actions.contains(&"edit".to_owned()));
    assert_eq!(world.change(&marco, &made, &[("title", "Mine")]).await.unwrap_err().code, Code::Forbidden);
    // An agent's later change does not alter who changed it last from outside.
    let later = world.change(&world.agent, &made, &[("priority", "low")]).await?;
    assert_eq!(later.modified_by_ext.unwrap().name, "Emma Rossi");
    Ok(())
}

#[tokio::test]
async fn internal_notes_never_reach_a_contact() -> Result<()> {
    let world = World::new().await?;
    let emma = world.emma().await?;
    let made = world.make(&emma, "tickets", fields(&[("title", "Printer")])).await?;
    let say = |body: &str, internal| AddCommentRequest {
        occurred_at_micros: 0,
        module: "tickets".into(),
        id: made.id.clone(),
        body: body.into(),
        internal,
        idempotency_key: format!("{body}-{internal}"),
        set_status: String::new(),
    };
    let answer = world.records.comment(&world.agent, &say("Which one?", false)).await?.comment.unwrap();
    assert_eq!((answer.author_name.as_str(), answer.author_kind.as_str()), ("Ben", "agent"));
    world.records.comment(&world.agent, &say("She again.", true)).await?;
    let own = world.records.comment(&emma, &say("The left one.", false)).await?.comment.unwrap();
    assert_eq!((own.author_name.as_str(), own.author_kind.as_str()), ("Emma Rossi", "contact"));
    let repeated = world.records.comment(&emma, &say("The left one.", false)).await?.comment.unwrap();
    assert_eq!(own.id, repeated.id);
    assert_eq!(world.records.comment(&emma, &say("Psst.", true)).await.unwrap_err().code, Code::Forbidden);
    let request =
        ListCommentsRequest { module: "tickets".into(), id: made.id.clone(), ..ListCommentsRequest::default() };
    let bodies =
        |comments: Vec<proto::records::v1::Comment>| -> Vec<String> { comments.into_iter().map(|c| c.body).collect() };
    assert_eq!(bodies(world.records.comments(&emma, &request).await?.comments), ["Which one?", "The left one."]);
    assert_eq!(
        bodies(world.records.comments(&world.agent, &request).await?.comments),
        ["Which one?", "She again.", "The left one."]
    );
    Ok(())
}

#[tokio::test]
async fn a_deleted_record_is_gone_until_someone_with_the_right_restores_it() -> Result<()> {
    let world = World::new().await?;
    let emma = world.emma().await?;
    let made = world.ticket("Printer", &world.emma, None).await?;
    let remove = |version| DeleteRecordRequest {
        module: "tickets".into(),
        id: made.id.clone(),
        expected_version: version,
        accept_dependents: false,
    };
    assert_eq!(world.records.delete(&emma, &remove(1)).await.unwrap_err().code, Code::Forbidden);
    assert_eq!(world.records.delete(&world.agent, &remove(9)).await.unwrap_err().code, Code::Precondition);
    world.records.delete(&world.agent, &remove(made.visible_version)).await?;
    assert_eq!(world.get(&emma, &made).await.unwrap_err().code, Code::NotFound);
    assert!(world.get(&world.agent, &made).await?.deleted);
    let restore = RestoreRecordRequest { module: "tickets".into(), id: made.id.clone() };
    assert_eq!(world.records.restore(&emma, &restore).await.unwrap_err().code, Code::NotFound);
    let restored = world.records.restore(&world.agent, &restore).await?.record.unwrap();
    assert!(!restored.deleted);
    assert_eq!(value(&world.get(&emma, &made).await?, "title").as_deref(), Some("Printer"));
    Ok(())
}

#[tokio::test]
async fn personal_values_and_comments_are_sealed_in_the_log() -> Result<()> {
    let world = World::new().await?;
    let emma = world.emma().await?;
    let made = world.make(&emma, "tickets", fields(&[("title", "Printer"), ("description", "UNMISTAKABLE")])).await?;
    let comment = AddCommentRequest {
        module: "tickets".into(),
        id: made.id.clone(),
        body: "UNMISTAKABLE".into(),
        ..AddCommentRequest::default()
    };
    world.records.comment(&emma, &comment).await?;
    let clear: i64 = sqlx::query_scalar(
        "select count(*) from event where position('UNMISTAKABLE'::bytea in payload) > 0
            or position('emma@acme.test'::bytea in payload) > 0",
    )
    .fetch_one(world.log().pool())
    .await?;
    assert_eq!(clear, 0);
    let person: uuid::Uuid = world.emma.id.parse()?;
    let keys: Vec<Option<uuid::Uuid>> = sqlx::query_scalar(
        "select e.key_id from event e join type t on t.id = e.type_id where t.name = 'records.record.commented.v1'",
    )
    .fetch_all(world.log().pool())
    .await?;
    assert_eq!(keys, [Some(person)]);
    Ok(())
}

#[tokio::test]
async fn an_erased_person_is_gone_from_what_is_read_and_the_chain_still_holds() -> Result<()> {
    let world = World::new().await?;
    let emma = world.emma().await?;
    let made = world.make(&emma, "tickets", fields(&[("title", "Printer"), ("description", "About me")])).await?;
    world.log().keys().erase(world.emma.id.parse()?).await?;
    eventlog::rebuild(world.log(), &world.projection).await?;
    assert!(eventlog::verify(world.log(), None).await?.violation.is_none());
    let seen = world.get(&world.agent, &made).await?;
    assert_eq!(value(&seen, "title").as_deref(), Some("Printer"));
    assert_eq!(value(&seen, "description"), None);
    assert_eq!(seen.created_by_ext.unwrap().name, "");
    let contact = world.get(&world.agent, &world.emma).await?;
    assert_eq!((value(&contact, "email"), value(&contact, "last_name")), (None, None));
    let comment = AddCommentRequest {
        module: "tickets".into(),
        id: made.id.clone(),
        body: "More about them".into(),
        ..AddCommentRequest::default()
    };
    assert_eq!(&*world.records.comment(&world.agent, &comment).await.unwrap_err().reason, "erased");
    Ok(())
}

#[tokio::test]
async fn of_two_changes_at_once_one_wins_and_the_other_is_told() -> Result<()> {
    let world = World::new().await?;
    let made = world.ticket("Race", &world.emma, None).await?;
    let change = |priority: &'static str| {
        let world = &world;
        let made = &made;
        async move { world.change_at(&world.agent, made, made.visible_version, &[("priority", priority)]).await }
    };
    let (a, b) = tokio::join!(change("high"), change("low"));
    let lost = [&a, &b].into_iter().filter_map(|r| r.as_ref().err()).collect::<Vec<_>>();
    assert_eq!(lost.len(), 1, "{a:?} {b:?}");
    assert_eq!(&*lost[0].reason, "stale_version");
    Ok(())
}

#[tokio::test]
async fn people_talk_at_the_same_time() -> Result<()> {
    let world = World::new().await?;
    let emma = world.emma().await?;
    let made = world.ticket("Talk", &world.emma, None).await?;
    let say = |n: usize| {
        let (world, emma, made) = (&world, &emma, &made);
        async move {
            let request = AddCommentRequest {
                module: "tickets".into(),
                id: made.id.clone(),
                body: format!("Word {n}"),
                ..AddCommentRequest::default()
            };
            world.records.comment(if n.is_multiple_of(2) { emma } else { &world.agent }, &request).await
        }
    };
    let change = world.change_at(&world.agent, &made, made.visible_version, &[("priority", "high")]);
    let (said, changed) = tokio::join!(futures::future::try_join_all((0..16).map(say)), change);
    said?;
    // Words take nothing away from a change either: they are no change of a field.
    changed?;
    let request =
        ListCommentsRequest { module: "tickets".into(), id: made.id.clone(), ..ListCommentsRequest::default() };
    let mut words: Vec<_> =
        world.records.comments(&emma, &request).await?.comments.into_iter().map(|c| c.body).collect();
    words.sort();
    let mut all: Vec<_> = (0..16).map(|n| format!("Word {n}")).collect();
    all.sort();
    assert_eq!(words, all);
    world.row_is_stream(&made).await?;
    Ok(())
}

#[tokio::test]
async fn nothing_is_said_on_a_record_after_it_was_deleted() -> Result<()> {
    let world = World::new().await?;
    let emma = world.emma().await?;
    let (mut said, mut late) = (0, 0);
    for n in 0..12 {
        let made = world.ticket("Goes away", &world.emma, None).await?;
        let comment = AddCommentRequest {
            module: "tickets".into(),
            id: made.id.clone(),
            body: format!("Word {n}"),
            idempotency_key: format!("word-{n}"),
            ..AddCommentRequest::default()
        };
        let delete = DeleteRecordRequest {
            module: "tickets".into(),
            id: made.id.clone(),
            expected_version: made.visible_version,
            ..DeleteRecordRequest::default()
        };
        let (answer, gone) =
            tokio::join!(world.records.comment(&emma, &comment), world.records.delete(&world.agent, &delete));
        gone?;
        let past = GetHistoryRequest { module: "tickets".into(), id: made.id.clone(), ..GetHistoryRequest::default() };
        let past = world.records.history(&world.agent, &past).await?;
        assert_eq!(past.entries[0].r#type, "deleted", "{:?}", past.entries);
        match answer {
            Ok(first) => {
                said += 1;
                // Who lost the answer and asks again gets it, whatever the record looks like by now.
                let again = world.records.comment(&emma, &comment).await?;
                assert_eq!(again.comment.map(|c| c.id), first.comment.map(|c| c.id));
            }
            Err(refused) => {
                late += 1;
                assert_eq!(refused.code, Code::NotFound);
            }
        }
    }
    assert_eq!(said + late, 12);
    Ok(())
}

#[tokio::test]
async fn many_records_at_once_get_each_a_number_of_their_own() -> Result<()> {
    let world = World::new().await?;
    let made = futures::future::try_join_all((0..20).map(|n| {
        let given = vec![FieldValue { field: "title".into(), value: text(format!("Ticket {n}")) }];
        world.make(&world.agent, "tickets", given)
    }))
    .await?;
    let mut numbers: Vec<u64> = made.iter().map(number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1001..=1020).collect::<Vec<_>>());
    Ok(())
}

#[tokio::test]
async fn a_relation_to_what_the_caller_does_not_see_does_not_exist() -> Result<()> {
    let world = World::new().await?;
    let mut profile = policy::Profile::standard_demo();
    let write = policy::FieldGrant::new(policy::Access::Write);
    profile.modules.get_mut("tickets").unwrap().fields.insert("contact_id".into(), write);
    let emma = world.contact(&world.emma, &world.acme, &profile).await?;
    let mut refused = Vec::new();
    for id in [world.nina.id.clone(), kernel::new_id().to_string(), "no id".to_owned()] {
        let given = fields(&[("title", "A"), ("contact_id", &id)]);
        let error = world.records.create(&emma, &create("tickets", given, "")).await.unwrap_err();
        assert_eq!(codes(&error), [("contact_id", "unknown_record")]);
        refused.push(format!("{error:?}"));
    }
    assert_eq!(refused[0], refused[1]);
    Ok(())
}
