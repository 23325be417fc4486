use crate::world::{World, fields};
use anyhow::Result;
use proto::records::v1::{AddCommentRequest, DeleteRecordRequest, RestoreRecordRequest};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// Every row of every table of the projection, as text.
async fn dump(world: &World, connection: &mut PgConnection) -> Result<Vec<String>> {
    let mut rows = Vec::new();
    for table in world.projection.tables(connection).await? {
        let sql = format!("select '{table} ' || to_jsonb(t)::text from {table} t order by 1");
        rows.extend(sqlx::query_scalar::<_, String>(AssertSqlSafe(sql)).fetch_all(&mut *connection).await?);
    }
    Ok(rows)
}

/// A life with everything that can happen: changes, comments, deletions, a contact that moves and goes.
async fn lived() -> Result<World> {
    let world = World::new().await?;
    let emma = world.emma().await?;
    let first = world.make(&emma, "tickets", fields(&[("title", "One"), ("description", "Long")])).await?;
    let second = world.ticket("Two", &world.emma, None).await?;
    let third = world.ticket("Three", &world.marco, Some(&world.globex)).await?;
    world.change(&world.agent, &first, &[("status", "closed"), ("description", "")]).await?;
    world
        .change(&world.agent, &second, &[("priority", "high"), ("category", "other"), ("description", "Text")])
        .await?;
    for internal in [false, true] {
        let request = AddCommentRequest {
            occurred_at_micros: 0,
            module: "tickets".into(),
            id: second.id.clone(),
            body: "Hello".into(),
            internal,
            idempotency_key: String::new(),
            set_status: String::new(),
        };
        world.records.comment(&world.agent, &request).await?;
    }
    // An agent as a contact, and somebody by the company's link.
    let support = world.as_contact(&emma);
    let helped = world.make(&support, "tickets", fields(&[("title", "By phone")])).await?;
    world.change(&support, &helped, &[("description", "Dictated")]).await?;
    let visitor = world.visitor(&world.acme, &policy::Profile::standard_demo()).await?;
    let posted = world.make(&visitor, "tickets", fields(&[("title", "By link")])).await?;
    for (caller, record) in [(&support, &helped), (&visitor, &posted)] {
        let request = AddCommentRequest {
            module: "tickets".into(),
            id: record.id.clone(),
            body: "Hello".into(),
            ..AddCommentRequest::default()
        };
        world.records.comment(caller, &request).await?;
    }
    world.change(&world.agent, &world.marco, &[("company_id", &world.globex.id)]).await?;
    world.change(&world.agent, &world.emma, &[("company_id", &world.globex.id)]).await?;
    let gone = |r: &proto::records::v1::Record, version| DeleteRecordRequest {
        module: r.module.clone(),
        id: r.id.clone(),
        expected_version: version,
        accept_dependents: false,
    };
    world.records.delete(&world.agent, &gone(&third, third.visible_version)).await?;
    let nina = world.get(&world.agent, &world.nina).await?;
    world.records.delete(&world.agent, &gone(&nina, nina.visible_version)).await?;
    let restore = RestoreRecordRequest { module: "tickets".into(), id: third.id.clone() };
    world.records.restore(&world.agent, &restore).await?;
    // A module that changes its shape on the way.
    let modules = world.records.catalogue().refresh().await?;
    let tickets = modules.iter().find(|d| d.module.name() == "tickets").unwrap();
    let mut definition = tickets.module.definition.clone();
    let mut field = definition.fields[0].clone();
    (field.name, field.number, field.mandatory) = ("subtitle".into(), 30, false);
    definition.fields.push(field);
    world.records.define(&world.administrator, definition, tickets.version).await?;
    world.change(&world.agent, &first, &[("subtitle", "Before there is a column")]).await?;
    assert!(world.records.prepare().await?);
    world.change(&world.agent, &second, &[("subtitle", "Now with a column")]).await?;
    Ok(world)
}

#[tokio::test]
async fn a_rebuilt_projection_is_what_it_was() -> Result<()> {
    let world = lived().await?;
    let mut live = world.log().pool().acquire().await?;
    let before = dump(&world, &mut live).await?;
    assert!(before.len() > 20);
    eventlog::rebuild(world.log(), &world.projection).await?;
    assert_eq!(dump(&world, &mut live).await?, before);
    // And once more, over what the first rebuild left.
    eventlog::rebuild(world.log(), &world.projection).await?;
    assert_eq!(dump(&world, &mut live).await?, before);
    let indexes = "select count(*) from pg_indexes where schemaname = 'records' and tablename = 'm3_v1'";
    let found: i64 = sqlx::query_scalar(indexes).fetch_one(&mut *live).await?;
    assert_eq!(found, 25, "pk, number, ten of every table, one for the status, two for each promoted field");
    // The service goes on with the new tables, also over statements that it had prepared for the old ones.
    let made = world.ticket("After", &world.emma, None).await?;
    assert_eq!(world.get(&world.agent, &made).await?.number, made.number);
    Ok(())
}

#[tokio::test]
async fn a_database_with_a_second_company_per_row_becomes_what_a_new_one_is() -> Result<()> {
    let world = lived().await?;
    let mut live = world.log().pool().acquire().await?;
    let before = dump(&world, &mut live).await?;
    let mut owner = world.database.owner().await?;
    // As it was before.
    sqlx::raw_sql(
        "alter table records.m3_v1 add column scope_company2 bigint;
         update records.m3_v1 set scope_company2 = 1 where company is not null;
         create index m3_v1_company2_number on records.m3_v1 (scope_company2, number)
             where not deleted and scope_company2 is not null",
    )
    .execute(&mut owner)
    .await?;
    assert_ne!(dump(&world, &mut live).await?, before);
    let migration = include_str!("../../migrations/0101_contract_one_company.sql").replace("%service%", "records");
    sqlx::raw_sql(AssertSqlSafe(migration)).execute(&mut owner).await?;
    assert_eq!(dump(&world, &mut live).await?, before);
    eventlog::rebuild(world.log(), &world.projection).await?;
    assert_eq!(dump(&world, &mut live).await?, before);
    let left = "select count(*) from pg_indexes where schemaname = 'records' and indexname like '%company2%'";
    assert_eq!(sqlx::query_scalar::<_, i64>(left).fetch_one(&mut *live).await?, 0);
    Ok(())
}

#[tokio::test]
async fn events_applied_one_by_one_or_twice_leave_the_same_rows() -> Result<()> {
    let world = lived().await?;
    let mut live = world.log().pool().acquire().await?;
    let before = dump(&world, &mut live).await?;
    let events = world.log().read(1, 10_000).await?;

    let mut again = live.begin().await?;
    world.projection.apply(&events, &mut again).await?;
    assert_eq!(dump(&world, &mut again).await?, before, "all of them twice");
    again.rollback().await?;

    // A rebuild by hand, event by event.
    let path = eventlog::with_search_path(
        world.log().pool().connect_options().as_ref().clone(),
        "records_rebuild, records_log",
    );
    let mut connection = sqlx::ConnectOptions::connect(&path).await?;
    let tables = world.projection.tables(&mut live).await?;
    sqlx::query("select begin_rebuild($1)").bind(&tables).execute(&mut connection).await?;
    for event in &events {
        world.projection.apply(std::slice::from_ref(event), &mut connection).await?;
    }
    assert_eq!(dump(&world, &mut connection).await?, before, "one by one");
    sqlx::query("select begin_rebuild($1)").bind(&tables).execute(&mut connection).await?;
    for chunk in events.chunks(7) {
        world.projection.apply(chunk, &mut connection).await?;
    }
    assert_eq!(dump(&world, &mut connection).await?, before, "in chunks");
    Ok(())
}

#[tokio::test]
async fn records_without_a_company_follow_their_contact_to_its_new_one() -> Result<()> {
    let world = World::new().await?;
    let derived = world.ticket("Derived", &world.emma, None).await?;
    let own = world.ticket("Own", &world.emma, Some(&world.acme)).await?;
    let scopes = |id: String| {
        let pool = world.log().pool().clone();
        async move {
            let id: uuid::Uuid = id.parse().unwrap();
            sqlx::query_scalar::<_, Option<i64>>("select scope_company from m3_v1 where id = $1")
                .bind(id)
                .fetch_one(&pool)
                .await
        }
    };
    let number = |r| i64::try_from(crate::world::number(r)).unwrap();
    let (acme, globex) = (number(&world.acme), number(&world.globex));
    assert_eq!(scopes(derived.id.clone()).await?, Some(acme));
    assert_eq!(scopes(own.id.clone()).await?, Some(acme));
    world.change(&world.agent, &world.emma, &[("company_id", &world.globex.id)]).await?;
    assert_eq!(scopes(derived.id.clone()).await?, Some(globex));
    assert_eq!(scopes(own.id.clone()).await?, Some(acme));
    let emma = world.get(&world.agent, &world.emma).await?;
    let delete = DeleteRecordRequest {
        module: "contacts".into(),
        id: emma.id.clone(),
        expected_version: emma.visible_version,
        accept_dependents: false,
    };
    world.records.delete(&world.agent, &delete).await?;
    assert_eq!(scopes(derived.id.clone()).await?, None);
    assert_eq!(scopes(own.id.clone()).await?, Some(acme));
    let seen = world.get(&world.agent, &own).await?;
    assert_eq!(seen.titles.get(&emma.id).map(String::as_str), Some("Emma Rossi"));
    assert_eq!(seen.deleted_titles, [emma.id], "a contact that is gone is not linked to");
    Ok(())
}

#[tokio::test]
async fn the_runtime_role_owns_no_table_and_names_no_other_schema() -> Result<()> {
    let world = World::new().await?;
    let owned: i64 = sqlx::query_scalar("select count(*) from pg_class where relowner = 'portico_records'::regrole")
        .fetch_one(world.log().pool())
        .await?;
    assert_eq!(owned, 0);
    // What the service may act as owns tables of modules and nothing else, and lets nobody in.
    let beyond = "select count(*) from pg_class where relowner = 'portico_records_tables'::regrole
                  and relkind = 'r' and relname !~ '^m[0-9]+_(text_)?v1$'";
    assert_eq!(sqlx::query_scalar::<_, i64>(beyond).fetch_one(world.log().pool()).await?, 0);
    let login = "select rolcanlogin from pg_roles where rolname = 'portico_records_tables'";
    assert!(!sqlx::query_scalar::<_, bool>(login).fetch_one(world.log().pool()).await?);
    let refused = sqlx::query("select module_table('public', 3, array[]::int[], array[]::text[], 0, false, false)")
        .execute(world.log().pool())
        .await;
    assert!(refused.is_err());
    let kind = "select module_table('records', 3, array[1], array['text; drop table x'], 0, false, false)";
    assert!(sqlx::query(kind).execute(world.log().pool()).await.is_err());
    let dropped = sqlx::query("drop table m3_v1").execute(world.log().pool()).await;
    assert!(dropped.is_err());
    Ok(())
}

#[tokio::test]
async fn seeding_again_changes_nothing() -> Result<()> {
    let world = World::new().await?;
    let (before, _) = world.log().head().await?;
    records::seed(&world.records).await?;
    let another = records::Records::new(world.log().clone(), "UTC");
    records::seed(&another).await?;
    assert_eq!(world.log().head().await?.0, before);
    Ok(())
}
