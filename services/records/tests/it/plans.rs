//! The statements of lists under the plans that they run with: prepared once, generic, on a skewed company.

use crate::world::{World, number};
use anyhow::Result;
use records::{
    domain::module::Module,
    queries::{Order, Reach, list_sql, open_sql, sorted_sql},
};
use serde_json::Value as Json;
use sqlx::{AssertSqlSafe, PgConnection, Row};

const ROWS: i64 = 24_000;
/// The number of the company that has most rows, and of one that has few.
const LARGE: i64 = 900_001;
const SMALL: i64 = 900_002;

/// Rows straight into the table: two thirds of one company, a few hundred of another.
async fn skewed() -> Result<(World, i64)> {
    let world = World::new().await?;
    world.ticket("One", &world.emma, Some(&world.acme)).await?;
    let me = i64::try_from(number(&world.emma))?;
    let mut owner = world.database.owner().await?;
    sqlx::query(
        "insert into records.m3_v1 (id, number, scope_company, contact, company, created_at, modified_at,
                                    version, created_kind, created_by, title, doc, f1, s1, f3, f4, f5,
                                    activity_at, agent_activity_at, closed_at)
         select gen_random_uuid(), 10000 + n,
                case when n % 3 < 2 then $2 when n % 100 = 2 then $3 else 800000 + n % 500 end,
                case when n % 480 = 0 then $4 else 700000 + n % 3000 end,
                null, now() - n * interval '1 minute', now() - (n * 7919 % 100000) * interval '1 second',
                1, 2, gen_random_uuid(), 'Ticket ' || n, r.doc, 'Ticket ' || (n * 7919 % 100000), 'ticket ' || (n * 7919 % 100000), n % 4 + 1, n % 5, n % 3,
                now() - (n * 7919 % 100000) * interval '1 second', now() - (n * 7919 % 100000) * interval '1 second',
                case when n % 20 = 0 then '-infinity'::timestamptz else now() end
         from generate_series(1, $1) n, (select doc from records.m3_v1 limit 1) r",
    )
    .bind(ROWS)
    .bind(LARGE)
    .bind(SMALL)
    .bind(me)
    .execute(&mut owner)
    .await?;
    sqlx::query(
        "insert into records.participants_v1
         select $1, 3, id from records.m3_v1 where number % 200 = 7",
    )
    .bind(me)
    .execute(&mut owner)
    .await?;
    sqlx::query("vacuum analyze records.m3_v1").execute(&mut owner).await?;
    sqlx::query("analyze records.participants_v1").execute(&mut owner).await?;
    Ok((world, me))
}

/// The plan that a prepared statement runs with, and what running it touched.
async fn explain(connection: &mut PgConnection, sql: &str, literals: &str) -> Result<Json> {
    sqlx::raw_sql(AssertSqlSafe(format!("prepare list as {sql}"))).execute(&mut *connection).await?;
    let text = format!("explain (analyze, buffers, format json) execute list ({literals})");
    let row = sqlx::raw_sql(AssertSqlSafe(text)).fetch_one(&mut *connection).await?;
    let plan: Json = row.try_get(0)?;
    sqlx::raw_sql("deallocate list").execute(&mut *connection).await?;
    Ok(plan[0]["Plan"].clone())
}

fn children(node: &Json) -> impl Iterator<Item = &Json> {
    node["Plans"].as_array().into_iter().flatten()
}

fn mentions(node: &Json, table: &str) -> bool {
    node["Relation Name"] == table || children(node).any(|c| mentions(c, table))
}

/// True when rows of the module's table flow into the node without a limit in between.
fn unbounded(node: &Json) -> bool {
    node["Node Type"] != "Limit" && (node["Relation Name"] == "m3_v1" || children(node).any(unbounded))
}

/// True when all rows of the module's table that flow into the node are the viewer's own.
fn only_own(node: &Json) -> bool {
    match node["Relation Name"] == "m3_v1" {
        true => {
            matches!(node["Index Name"].as_str(), Some("m3_v1_contact_modified" | "m3_v1_contact_activity"))
        }
        false => children(node).all(only_own),
    }
}

/// Every node that must not be there.
fn faults<'p>(node: &'p Json, sorts_own: bool, found: &mut Vec<&'p str>) {
    let kind = node["Node Type"].as_str().unwrap_or_default();
    // A contact's participations are few, and so are its own rows: those may be sorted.
    let few = mentions(node, "participants_v1") || (sorts_own && only_own(node));
    if kind.contains("Sort") && unbounded(node) && !few {
        found.push("a sort over an unbounded branch");
    }
    if kind.contains("Seq Scan") && node["Relation Name"] == "m3_v1" {
        found.push("a sequential scan");
    }
    for child in children(node) {
        faults(child, sorts_own, found);
    }
}

fn order_of(module: &Module, name: &str) -> Order {
    match name {
        "modified_at" => Order::Modified,
        "activity" => Order::Activity,
        "agent_activity" => Order::AgentActivity,
        "number" => Order::Number,
        field => {
            let field = module.field(field).unwrap();
            Order::Field(field.number, field.kind)
        }
    }
}

/// The parameters of a first page, as a person would type them.
fn literals(order: Order, down: bool, reach: &Reach) -> String {
    let mut parts = Vec::new();
    match (order, down) {
        (Order::Number, _) => {}
        (Order::Modified | Order::Activity | Order::AgentActivity, true) => parts.push("'infinity'".to_owned()),
        (Order::Modified | Order::Activity | Order::AgentActivity, false) => parts.push("'-infinity'".to_owned()),
        (Order::Field(1, _), true) => parts.push("'zzz'".to_owned()),
        (Order::Field(1, _), false) => parts.push("''".to_owned()),
        (Order::Field(..), true) => parts.push("'32767'".to_owned()),
        (Order::Field(..), false) => parts.push("'0'".to_owned()),
    }
    parts.push(if down { i64::MAX.to_string() } else { "-1".to_owned() });
    match reach {
        Reach::All => {}
        Reach::Mine(me) => parts.push(me.to_string()),
        Reach::Company(me, companies) => {
            parts.push(me.to_string());
            parts.extend(companies.iter().map(i64::to_string));
        }
    }
    parts.join(", ")
}

#[tokio::test]
async fn no_list_of_a_skewed_company_sorts_or_scans_more_than_a_page() -> Result<()> {
    let (world, me) = skewed().await?;
    let (_, module) = world.records.catalogue().module("tickets").await?;
    let mut connection = world.records.lists().acquire().await?;
    let mode: String = sqlx::query_scalar("show plan_cache_mode").fetch_one(&mut *connection).await?;
    assert_eq!(mode, "force_generic_plan");
    let parallel: String =
        sqlx::query_scalar("show max_parallel_workers_per_gather").fetch_one(&mut *connection).await?;
    assert_eq!(parallel, "0");
    let reaches = [
        Reach::All,
        Reach::Mine(me),
        Reach::Company(me, vec![LARGE]),
        Reach::Company(me, vec![SMALL]),
        Reach::Company(me, vec![SMALL, LARGE]),
    ];
    for reach in &reaches {
        // Each side's order of what happened last: agents see everything, customers their companies'.
        let activity = if *reach == Reach::All { "agent_activity" } else { "activity" };
        for name in ["modified_at", activity, "number", "title", "status", "priority", "category"] {
            for down in [true, false] {
                let order = order_of(&module, name);
                let statement = list_sql(&module, reach, order, down, 51, &[]);
                let plan = explain(&mut connection, &statement.text, &literals(order, down, reach)).await?;
                let own = *reach != Reach::All && !matches!(order, Order::Modified | Order::Activity);
                let mut found = Vec::new();
                faults(&plan, own, &mut found);
                assert!(found.is_empty(), "{reach:?} {name} down={down}: {found:?}\n{plan:#}");
                assert_eq!(plan["Actual Rows"].as_f64(), Some(51.0), "{reach:?} {name}");
                // A page's rows cost about one buffer each per branch; the whole table has many more.
                let buffers =
                    plan["Shared Hit Blocks"].as_i64().unwrap() + plan["Shared Read Blocks"].as_i64().unwrap();
                let participants = if *reach == Reach::All { 0 } else { 600 };
                assert!(buffers <= 320 + participants, "{reach:?} {name} down={down}: {buffers} buffers\n{plan:#}");
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_status_is_found_over_its_index_in_every_branch() -> Result<()> {
    let (world, me) = skewed().await?;
    let (_, module) = world.records.catalogue().module("tickets").await?;
    let mut connection = world.records.lists().acquire().await?;
    for (company, values) in [(LARGE, vec![2_i16]), (LARGE, vec![1, 4]), (SMALL, vec![3])] {
        for down in [true, false] {
            let reach = Reach::Company(me, vec![company]);
            let statement = list_sql(&module, &reach, Order::Modified, down, 51, &values);
            let each: Vec<String> = values.iter().map(i16::to_string).collect();
            let begin = if down { format!("'infinity', {}", i64::MAX) } else { "'-infinity', -1".to_owned() };
            let parameters = format!("{begin}, {}, '{{{}}}', {me}, {company}", each.join(", "), each.join(","));
            let plan = explain(&mut connection, &statement.text, &parameters).await?;
            let mut found = Vec::new();
            faults(&plan, false, &mut found);
            assert!(found.is_empty(), "{company} {values:?}: {found:?}\n{plan:#}");
            assert_eq!(plan["Actual Rows"].as_f64(), Some(51.0));
            assert!(plan.to_string().contains("m3_v1_company_status"), "{plan:#}");
            let buffers = plan["Shared Hit Blocks"].as_i64().unwrap() + plan["Shared Read Blocks"].as_i64().unwrap();
            assert!(buffers <= 1_200, "{company} {values:?} down={down}: {buffers} buffers\n{plan:#}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_page_in_the_middle_costs_what_the_first_one_costs() -> Result<()> {
    let (world, me) = skewed().await?;
    let (_, module) = world.records.catalogue().module("tickets").await?;
    let mut connection = world.records.lists().acquire().await?;
    let reach = Reach::Company(me, vec![LARGE]);
    let statement = list_sql(&module, &reach, Order::Modified, true, 51, &[]);
    let buffers =
        |plan: &Json| plan["Shared Hit Blocks"].as_i64().unwrap() + plan["Shared Read Blocks"].as_i64().unwrap();
    let first = format!("'infinity', {}, {me}, {LARGE}", i64::MAX);
    let first = buffers(&explain(&mut connection, &statement.text, &first).await?);
    let middle: String =
        sqlx::query_scalar("select (now() - interval '50000 seconds')::text").fetch_one(&mut *connection).await?;
    let middle = format!("'{middle}', {}, {me}, {LARGE}", i64::MAX);
    let middle = buffers(&explain(&mut connection, &statement.text, &middle).await?);
    assert!(middle <= first * 3 / 2 + 20, "first {first}, middle {middle}");
    Ok(())
}

#[tokio::test]
async fn a_filter_that_matches_nothing_looks_at_a_bounded_number_of_rows() -> Result<()> {
    let (world, _) = skewed().await?;
    let filter =
        r#"{"all":[{"field":"status","op":"eq","value":"closed"},{"field":"title","op":"eq","value":"nowhere"}]}"#;
    let mut request = proto::records::v1::ListRecordsRequest {
        module: "tickets".into(),
        filter: filter.into(),
        ..proto::records::v1::ListRecordsRequest::default()
    };
    let page = world.records.list(&world.agent, &request).await?;
    assert!(page.records().is_empty());
    assert!(!page.next_cursor.is_empty(), "the page ended early and says where to go on");
    request.cursor = page.next_cursor.clone();
    let next = world.records.list(&world.agent, &request).await?;
    assert_ne!(next.next_cursor, page.next_cursor);
    Ok(())
}

#[tokio::test]
async fn titles_are_found_by_their_beginning_over_an_index() -> Result<()> {
    let world = World::new().await?;
    let mut owner = world.database.owner().await?;
    sqlx::query(
        "insert into records.m2_v1 (id, number, created_at, modified_at, version, created_kind, created_by, title, title_key, doc)
         select gen_random_uuid(), 10000 + n, now(), now(), 1, 2, gen_random_uuid(), 'Company ' || n, 'company ' || n, ''
         from generate_series(1, 20000) n",
    )
    .execute(&mut owner)
    .await?;
    sqlx::query("vacuum analyze records.m2_v1").execute(&mut owner).await?;
    let mut connection = world.records.lists().acquire().await?;
    let sql =
        "select r.id from m2_v1 r where not r.deleted and left(r.title_key, 100) >= $1 and left(r.title_key, 100) < $2
               order by left(r.title_key, 100), r.number limit 20";
    let plan = explain(&mut connection, sql, "'company 77', 'company 77z'").await?;
    assert!(plan.to_string().contains("m2_v1_title_key"), "{plan:#}");
    assert!(plan["Shared Hit Blocks"].as_i64().unwrap() < 100, "{plan:#}");
    Ok(())
}

fn any_node<'p>(node: &'p Json, wanted: &dyn Fn(&Json) -> bool) -> Option<&'p Json> {
    if wanted(node) { Some(node) } else { children(node).find_map(|child| any_node(child, wanted)) }
}

/// The index gives the order of the first field; what is alike in it is sorted, and nothing else.
#[tokio::test]
async fn further_fields_sort_what_is_alike_in_the_first_and_no_more() -> Result<()> {
    let (world, me) = skewed().await?;
    let (_, module) = world.records.catalogue().module("tickets").await?;
    let mut connection = world.records.lists().acquire().await?;
    let key = |name: &str, down: bool| (order_of(&module, name), down);
    for reach in [Reach::All, Reach::Company(me, vec![LARGE])] {
        // Hardly two records have the same time: a second field costs nothing. A quarter has the same status.
        for (keys, sorted) in [
            ([key("modified_at", true), key("title", false)], 200.0),
            ([key("status", false), key("modified_at", true)], 7_000.0),
        ] {
            let statement = sorted_sql(&module, &reach, &keys, 51);
            let (order, down) = keys[0];
            let plan = explain(&mut connection, &statement.text, &literals(order, down, &reach)).await?;
            assert!(any_node(&plan, &|n| n["Node Type"] == "Seq Scan").is_none(), "{reach:?}: {plan:#}");
            let sort = any_node(&plan, &|n| n["Node Type"] == "Incremental Sort" && unbounded(n));
            let sort = sort.unwrap_or_else(|| panic!("{reach:?}: no incremental sort\n{plan:#}"));
            let read = children(sort).next().and_then(|n| n["Actual Rows"].as_f64()).unwrap_or(f64::MAX);
            assert!(read <= sorted, "{reach:?}: {read} rows were sorted\n{plan:#}");
        }
    }
    Ok(())
}

/// A twentieth of the tickets is open: the queue is read from an index that holds these alone.
#[tokio::test]
async fn what_is_open_is_found_over_an_index_of_its_own() -> Result<()> {
    let (world, _) = skewed().await?;
    let (_, module) = world.records.catalogue().module("tickets").await?;
    let mut connection = world.records.lists().acquire().await?;
    let statement = open_sql(&module, &Reach::All, Order::AgentActivity, 51);
    let plan = explain(&mut connection, &statement.text, &format!("'infinity', {}", i64::MAX)).await?;
    let mut found = Vec::new();
    faults(&plan, false, &mut found);
    assert!(found.is_empty(), "{found:?}\n{plan:#}");
    assert!(plan.to_string().contains("m3_v1_open_activity"), "{plan:#}");
    assert_eq!(plan["Actual Rows"].as_f64(), Some(51.0));
    let buffers = plan["Shared Hit Blocks"].as_i64().unwrap() + plan["Shared Read Blocks"].as_i64().unwrap();
    assert!(buffers <= 320, "{buffers} buffers\n{plan:#}");
    Ok(())
}

/// However many a company has closed, its few open ones are not looked for among them.
#[tokio::test]
async fn a_home_finds_the_few_that_are_open() -> Result<()> {
    let (world, me) = skewed().await?;
    let (_, module) = world.records.catalogue().module("tickets").await?;
    let mut owner = world.database.owner().await?;
    sqlx::query("update records.m3_v1 set closed_at = now() where number % 3000 <> 0").execute(&mut owner).await?;
    sqlx::query("vacuum analyze records.m3_v1").execute(&mut owner).await?;
    let mut connection = world.records.lists().acquire().await?;
    for (reach, place) in
        [(Reach::Company(me, vec![LARGE]), format!(", {me}, {LARGE}")), (Reach::Mine(me), format!(", {me}"))]
    {
        let statement = open_sql(&module, &reach, Order::Activity, 26);
        let plan = explain(&mut connection, &statement.text, &format!("'infinity', {}{place}", i64::MAX)).await?;
        assert!(plan["Actual Rows"].as_f64() < Some(26.0), "{reach:?}: fewer than a page");
        let buffers = plan["Shared Hit Blocks"].as_i64().unwrap() + plan["Shared Read Blocks"].as_i64().unwrap();
        assert!(buffers <= 700, "{reach:?}: {buffers} buffers\n{plan:#}");
        let mut found = Vec::new();
        faults(&plan, true, &mut found);
        found.retain(|fault| fault.contains("sequential"));
        assert!(found.is_empty(), "{reach:?}: {found:?}\n{plan:#}");
    }
    Ok(())
}
