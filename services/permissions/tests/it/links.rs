//! Companies' secure links, the company's own portal user, and the profile that comes with access.

use crate::{
    portal::{ADMINISTRATOR, AGENT, Portal, as_contact, by_link, company, contact},
    profiles::showing,
};
use kernel::{ActorKind, Code};
use permissions::domain::profile::BuiltIn;
use policy::{Action, ChosenBecause, PRIMARY, Scope};
use proto::{
    identity::v1::AccessEnabled,
    permissions::v1::{ChooseContactProfileRequest, GetAccessPlanRequest},
    records::v1::{FieldChange, RecordUpdated, Value, value::Kind},
};
use uuid::Uuid;

fn links_profile() -> String {
    BuiltIn::NonPortalUsers.id().to_string()
}

impl Portal {
    async fn access_enabled(&self, n: u128, profile: &str) -> eventlog::Recorded {
        let event =
            AccessEnabled { user_id: contact(n).to_string(), profile_id: profile.into(), ..AccessEnabled::default() };
        self.identity_tells(contact(n), &event).await
    }

    async fn chosen_for(&self, n: u128) -> (String, ChosenBecause) {
        let plan = self.own_plan(as_contact(n)).await.unwrap();
        (plan.profile.id, plan.profile.chosen_because)
    }

    async fn marked_primary(&self, n: u128) {
        let change =
            FieldChange { field: PRIMARY.into(), old: None, new: Some(Value { kind: Some(Kind::Boolean(true)) }) };
        let updated = RecordUpdated {
            record_id: contact(n).to_string(),
            module: "contacts".into(),
            changes: vec![change],
            ..RecordUpdated::default()
        };
        self.tell(contact(n), &updated).await;
    }

    async fn chosen_by_hand(&self, n: u128, profile: &str) {
        let request =
            ChooseContactProfileRequest { contact_id: contact(n).to_string(), profile_id: profile.to_owned() };
        self.client().choose_contact_profile(AGENT.says(request)).await.unwrap();
    }
}

#[tokio::test]
async fn whoever_comes_by_a_companys_link_has_the_profile_for_links_and_this_company() {
    let portal = Portal::with_modules().await;
    portal.company_created(1, "active").await;
    let plan = portal.own_plan(by_link(1)).await.unwrap();
    assert_eq!((plan.profile.id.clone(), plan.profile.chosen_because), (links_profile(), ChosenBecause::SecureLink));
    assert_eq!((plan.subject.kind, plan.company_numbers.as_slice()), (ActorKind::Company, &[1][..]));
    assert_eq!((plan.contact_number, plan.is_internal()), (None, false));
    assert_eq!(plan.scope("tickets", Action::View), Scope::Company);
    // An agent may look at it beforehand; a contact and another visitor may not.
    assert_eq!(portal.plan_of(AGENT, "company", company(1)).await.unwrap(), plan);
    for stranger in [as_contact(1), by_link(2)] {
        let refused = portal.plan_of(stranger, "company", company(1)).await.unwrap_err();
        assert_eq!((refused.code, &*refused.reason), (Code::Forbidden, "own_plan_only"));
    }
}

#[tokio::test]
async fn a_companys_plan_follows_the_company_and_the_profile() {
    let portal = Portal::with_modules().await;
    portal.company_created(1, "active").await;
    let since = portal.now().await;
    portal.deleted("companies", company(1)).await;
    assert!(portal.changes(since).await.subject_ids.contains(&company(1).to_string()));
    for gone in [1, 7] {
        let refused = portal.own_plan(by_link(gone)).await.unwrap_err();
        assert_eq!((refused.code, &*refused.reason), (Code::NotFound, "not_found"), "deleted is as if it never was");
    }
    portal.restored("companies", company(1)).await;
    assert_eq!(portal.own_plan(by_link(1)).await.unwrap().profile.version, 1);

    let since = portal.now().await;
    let mut document = showing(policy::NON_PORTAL_USERS_NAME, &["title"]);
    document["default_scope"] = "company".into();
    let saved = portal.save(&links_profile(), &document, 2).await.unwrap();
    portal.publish(&links_profile(), saved.version).await.unwrap();
    assert!(portal.changes(since).await.all);
    let plan = portal.own_plan(by_link(1)).await.unwrap();
    assert_eq!((plan.profile.version, plan.module("faqs").is_none()), (2, true));
}

#[tokio::test]
async fn the_profile_named_with_access_is_the_contacts_once_whatever_is_heard_again() {
    let portal = Portal::with_modules().await;
    portal.contact_created(1, None, "sales").await;
    let sales = portal.published(showing("Sales", &["title"])).await;
    let since = portal.now().await;
    let told = portal.access_enabled(1, &sales).await;
    assert_eq!(portal.changes(since).await.subject_ids, [contact(1).to_string()]);
    assert_eq!(portal.chosen_for(1).await, (sales.clone(), ChosenBecause::Explicit));

    let head = portal.log.head().await.unwrap();
    portal.hear_from_identity(&told).await;
    assert_eq!(portal.log.head().await.unwrap(), head, "heard twice, chosen once");

    portal.chosen_by_hand(1, "").await;
    portal.hear_from_identity(&told).await;
    assert_eq!(portal.chosen_for(1).await.1, ChosenBecause::Default, "what was chosen later stands");
}

#[tokio::test]
async fn a_contact_of_whom_records_told_nothing_yet_gets_the_profile_all_the_same() {
    let portal = Portal::with_modules().await;
    let sales = portal.published(showing("Sales", &["title"])).await;
    portal.access_enabled(1, &sales).await;
    portal.contact_created(1, None, "sales").await;
    assert_eq!(portal.chosen_for(1).await.0, sales);
}

#[tokio::test]
async fn a_profile_that_can_not_be_given_is_not_given_and_stops_nothing() {
    let portal = Portal::with_modules().await;
    portal.contact_created(1, None, "sales").await;
    let head = portal.log.head().await.unwrap();
    for named in ["", "not an id", &Uuid::from_u128(9).to_string()] {
        portal.access_enabled(1, named).await;
    }
    portal.contact_created(2, None, "sales").await;
    portal.deleted("contacts", contact(2)).await;
    let chosen = portal.chosen_for(1).await.1;
    portal.access_enabled(2, &links_profile()).await;
    let chosen_now: i64 =
        sqlx::query_scalar("select count(*) from contact_profile_v1").fetch_one(&portal.pool).await.unwrap();
    assert_eq!((chosen, chosen_now), (ChosenBecause::Default, 0));
    assert!(portal.log.head().await.unwrap() >= head);
}

/// proves: A27
#[tokio::test]
async fn the_companys_own_portal_user_sees_what_the_link_showed() {
    let portal = Portal::with_modules().await;
    portal.company_created(1, "active").await;
    portal.contact_created(1, Some(1), "sales").await;
    // Even when an administrator narrowed the profile since.
    let mut document = showing(policy::NON_PORTAL_USERS_NAME, &["title"]);
    document["default_scope"] = "mine".into();
    document["modules"]["tickets"]["actions"] = serde_json::json!({"view": "inherit"});
    let saved = portal.save(&links_profile(), &document, 2).await.unwrap();
    portal.publish(&links_profile(), saved.version).await.unwrap();

    portal.access_enabled(1, &links_profile()).await;
    let scope = async || portal.own_plan(as_contact(1)).await.unwrap().scope("tickets", Action::View);
    assert_eq!(scope().await, Scope::Mine, "not marked, it is a contact like any other");
    portal.marked_primary(1).await;
    assert_eq!(scope().await, Scope::Company);
    portal.chosen_by_hand(1, &BuiltIn::Default.id().to_string()).await;
    assert_eq!(scope().await, Scope::Mine, "under another profile the mark means nothing");
}

#[tokio::test]
async fn a_session_that_only_looks_changes_nothing() {
    let portal = Portal::with_modules().await;
    let changes = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../proto/portico/permissions/v1/permissions.proto"
    ))
    .unwrap();
    // Every call of the service is either one of these, or refused below.
    let reads = ["GetAccessPlan", "ChangesSince", "ListProfiles", "GetProfile"];
    let named = |line: &str| line.trim().strip_prefix("rpc ")?.split_once('(').map(|(name, _)| name.to_owned());
    let changing: Vec<String> =
        changes.lines().filter_map(named).filter(|name| !reads.contains(&name.as_str())).collect();
    let mut refused = Vec::new();
    macro_rules! try_call {
        ($name:literal, $call:ident) => {
            let mut request = ADMINISTRATOR.says(Default::default());
            request.metadata_mut().insert("x-read-only", "yes".parse().unwrap());
            let error = runtime::error_of(portal.client().$call(request).await.unwrap_err());
            assert_eq!((error.code, &*error.reason), (Code::Forbidden, "read_only_session"), $name);
            refused.push($name.to_owned());
        };
    }
    try_call!("CreateProfile", create_profile);
    try_call!("SaveDraft", save_draft);
    try_call!("PublishProfile", publish_profile);
    try_call!("ChooseDefaultProfile", choose_default_profile);
    try_call!("ChooseContactProfile", choose_contact_profile);
    assert_eq!(refused, changing);
    let mut request = ADMINISTRATOR.says(GetAccessPlanRequest::default());
    request.metadata_mut().insert("x-read-only", "yes".parse().unwrap());
    assert!(portal.client().get_access_plan(request).await.is_ok());
}
