//! What an installation begins with.

use crate::portal::{ADMINISTRATOR, Portal, as_contact, module_stream};
use permissions::domain::profile::BuiltIn;
use policy::{Access, Action, Profile, Scope};
use proto::permissions::v1::{
    CreateProfileRequest, GetProfileRequest, ListProfilesRequest, ProfileSummary, PublishProfileRequest,
    SaveDraftRequest,
};
use proto::records::v1::{ModuleDefinition, ModuleFieldAdded, ModuleFieldRetired, ModuleFieldSortable};

async fn profiles(portal: &Portal) -> Vec<ProfileSummary> {
    let request = ADMINISTRATOR.says(ListProfilesRequest {});
    portal.client().list_profiles(request).await.unwrap().into_inner().profiles
}

#[tokio::test]
async fn an_installation_begins_with_two_published_profiles_of_which_one_is_the_default() {
    let portal = Portal::start().await;
    let profiles = profiles(&portal).await;
    let rows: Vec<_> =
        profiles.iter().map(|p| (&*p.profile_id, &*p.name, p.published_number, p.is_default, p.built_in)).collect();
    let (default, link) = (BuiltIn::Default.id().to_string(), BuiltIn::NonPortalUsers.id().to_string());
    assert_eq!(rows, [(&*default, "DEFAULT", 1, true, true), (&*link, "Non-portal users", 1, false, true)]);
}

#[tokio::test]
async fn seeding_again_changes_nothing_even_after_edits() {
    let portal = Portal::with_modules().await;
    let id = BuiltIn::NonPortalUsers.id().to_string();
    let get = GetProfileRequest { profile_id: id.clone() };
    let before = portal.client().get_profile(ADMINISTRATOR.says(get.clone())).await.unwrap().into_inner();
    let document = before.draft_document.replace("\"default_scope\":\"company\"", "\"default_scope\":\"mine\"");
    let save = SaveDraftRequest {
        profile_id: id.clone(),
        document,
        expected_version: before.version,
        ..SaveDraftRequest::default()
    };
    let saved = portal.client().save_draft(ADMINISTRATOR.says(save)).await.unwrap().into_inner();
    let publish =
        PublishProfileRequest { profile_id: id, expected_version: saved.version, ..PublishProfileRequest::default() };
    portal.client().publish_profile(ADMINISTRATOR.says(publish)).await.unwrap();
    let edited = portal.client().get_profile(ADMINISTRATOR.says(get.clone())).await.unwrap().into_inner();
    let head = portal.log.head().await.unwrap();

    permissions::seed(&portal.log).await.unwrap();

    assert_eq!(portal.log.head().await.unwrap(), head);
    assert_eq!(portal.client().get_profile(ADMINISTRATOR.says(get)).await.unwrap().into_inner(), edited);
}

#[tokio::test]
async fn a_built_in_profile_is_not_renamed() {
    let portal = Portal::start().await;
    let id = BuiltIn::Default.id().to_string();
    let get = GetProfileRequest { profile_id: id.clone() };
    let profile = portal.client().get_profile(ADMINISTRATOR.says(get)).await.unwrap().into_inner();
    let document = profile.draft_document.replace("\"name\":\"DEFAULT\"", "\"name\":\"Mine\"");
    let save =
        SaveDraftRequest { profile_id: id, document, expected_version: profile.version, ..SaveDraftRequest::default() };
    let refused = portal.client().save_draft(ADMINISTRATOR.says(save)).await.unwrap_err();
    assert_eq!(runtime::error_of(refused).fields[0].code, "name_is_fixed");
}

/// proves: P01
#[tokio::test]
async fn default_has_exactly_tickets_faqs_and_the_own_contact() {
    let portal = Portal::with_modules().await;
    portal.contact_created(1, None, "sales").await;
    let plan = portal.own_plan(as_contact(1)).await.unwrap();
    let names: Vec<&str> = plan.modules().map(|(name, _)| name).collect();
    assert_eq!(names, ["contacts", "faqs", "tickets"]);
    for (action, scope) in [
        (Action::View, Scope::Mine),
        (Action::Create, Scope::Mine),
        (Action::Comment, Scope::Mine),
        (Action::Edit, Scope::None),
        (Action::Delete, Scope::None),
        (Action::Upload, Scope::None),
        (Action::Export, Scope::None),
    ] {
        assert_eq!(plan.scope("tickets", action), scope, "{}", action.as_str());
    }
    assert_eq!((plan.scope("faqs", Action::View), plan.scope("contacts", Action::View)), (Scope::All, Scope::Mine));
    assert_eq!(plan.field("tickets", "title", false), Access::Read);
    assert_eq!(plan.field("tickets", "title", true), Access::Write);
    assert_eq!(plan.field("tickets", "secret", false), Access::Hidden);
}

#[tokio::test]
async fn the_profiles_that_come_with_portico_have_no_errors_with_the_standard_modules() {
    let portal = Portal::start().await;
    for module in records::standard_modules() {
        portal.defined(module).await;
    }
    for built_in in BuiltIn::ALL {
        let profile = portal.profile(&built_in.id().to_string()).await;
        assert_eq!(profile.problems, [], "{}", profile.summary.unwrap().name);
    }
    for demo in [Profile::standard_demo(), Profile::accounting_demo(), Profile::technical_demo()] {
        let id = portal.published(serde_json::to_value(&demo).unwrap()).await;
        let problems = portal.profile(&id).await.problems;
        assert!(problems.iter().all(|p| p.severity == "warning"), "{}: {problems:?}", demo.name);
    }
}

#[tokio::test]
async fn a_modules_definition_is_known_step_by_step() {
    let portal = Portal::start().await;
    let mut tickets = records::standard_modules().into_iter().find(|m| m.name == "tickets").unwrap();
    portal.defined(tickets.clone()).await;
    let known = async || {
        let sql = "select definition from known_modules where name = 'tickets'";
        sqlx::query_scalar::<_, sqlx::types::Json<ModuleDefinition>>(sql).fetch_one(&portal.pool).await.unwrap().0
    };
    let position = async || {
        sqlx::query_scalar::<_, i64>("select configuration from plan_state").fetch_one(&portal.pool).await.unwrap()
    };
    assert_eq!(known().await, tickets);

    let severity = tickets.fields.remove(5);
    let module = "tickets".to_owned();
    let before = position().await;
    let retired = ModuleFieldRetired { module: module.clone(), field: severity.name.clone(), number: severity.number };
    portal.tell(module_stream("tickets"), &retired).await;
    assert_eq!(known().await, tickets);
    assert!(position().await > before, "plans are made anew");

    tickets.fields.push(severity.clone());
    portal.tell(module_stream("tickets"), &ModuleFieldAdded { module: module.clone(), field: Some(severity) }).await;
    assert_eq!(known().await, tickets);

    // How far lists are with a column changes nobody's plan.
    let before = position().await;
    let sortable = ModuleFieldSortable { module, field: "severity".into(), number: 6 };
    portal.tell(module_stream("tickets"), &sortable).await;
    assert_eq!((known().await, position().await), (tickets, before));
}

#[tokio::test]
async fn nothing_is_published_before_the_modules_are_known() {
    let portal = Portal::start().await;
    let draft = portal.create(CreateProfileRequest { name: "Early".into(), ..Default::default() }).await.unwrap();
    let refused = portal.publish(&draft.profile_id, 1).await.unwrap_err();
    assert_eq!((refused.code, &*refused.reason), (kernel::Code::Unavailable, "modules_not_known_yet"));
    for module in records::standard_modules() {
        portal.defined(module).await;
    }
    assert_eq!(portal.publish(&draft.profile_id, 1).await.unwrap().number, 1);
}

/// The same over the real bus: records seeds its modules, and the consumers of permissions hear of them and of agents.
#[tokio::test]
async fn in_a_whole_portal_the_modules_and_agents_arrive_over_the_bus() {
    let portal = kit::Portal::start().await.unwrap();
    let agent = portal.make_agent("a@portal.test", "agent").await.unwrap();
    let pool = portal.log("permissions").pool();
    let mut standard: Vec<String> = records::standard_modules().into_iter().map(|m| m.name).collect();
    standard.sort();
    kit::eventually("every standard module to arrive", async || {
        let known: Vec<String> =
            sqlx::query_scalar("select name from known_modules order by name").fetch_all(pool).await?;
        anyhow::ensure!(known == standard, "so far {known:?}");
        Ok(())
    })
    .await
    .unwrap();
    portal.settle().await.unwrap();
    let role: String = sqlx::query_scalar("select role from known_agents where agent_id = $1")
        .bind(uuid::Uuid::try_parse(&agent).unwrap())
        .fetch_one(pool)
        .await
        .unwrap();
    assert_eq!(role, "agent");
    portal.no_dead_letters().await.unwrap();
    portal.stop().await.unwrap();
}
