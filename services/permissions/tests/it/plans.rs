//! Access plans: which profile, for whom, and how fast a change is known.

use crate::{
    portal::{ADMINISTRATOR, AGENT, Caller, Portal, RECORDS_SERVICE, VIEWER, as_contact, company, contact},
    profiles::showing,
};
use kernel::{ActorKind, Code};
use permissions::domain::profile::BuiltIn;
use policy::{Access, Action, ChosenBecause, Scope};
use proto::permissions::v1::{ChangesSinceRequest, ChooseContactProfileRequest, ChooseContactProfileResponse};
use serde_json::json;
use uuid::Uuid;

impl Portal {
    async fn give(
        &self,
        caller: Caller,
        to: Uuid,
        profile: &str,
    ) -> Result<ChooseContactProfileResponse, kernel::Error> {
        let request = ChooseContactProfileRequest { contact_id: to.to_string(), profile_id: profile.into() };
        let answer = self.client().choose_contact_profile(caller.says(request)).await;
        answer.map(tonic::Response::into_inner).map_err(runtime::error_of)
    }

    /// Id of the profile that a contact has, and why.
    async fn profile_of(&self, n: u128) -> (String, ChosenBecause) {
        let plan = self.own_plan(as_contact(n)).await.unwrap();
        (plan.profile.id, plan.profile.chosen_because)
    }
}

fn for_department(name: &str, department: &str, priority: i32) -> serde_json::Value {
    let mut document = showing(name, &["title"]);
    document["matching"] =
        json!({"priority": priority, "when": {"field": "contact.department", "op": "eq", "value": department}});
    document
}

#[tokio::test]
async fn publishing_changes_the_next_plan_and_everybody_is_told() {
    let portal = Portal::with_modules().await;
    portal.contact_created(1, None, "sales").await;
    let id = portal.published(showing("Sales", &["title"])).await;
    portal.give(AGENT, contact(1), &id).await.unwrap();
    let before = portal.own_plan(as_contact(1)).await.unwrap();
    assert_eq!((before.profile.version, before.field("tickets", "secret", false)), (1, Access::Hidden));
    let since = portal.now().await;

    let saved = portal.save(&id, &showing("Sales", &["title", "secret"]), 2).await.unwrap();
    assert_eq!(portal.changes(since).await.policy_position, since, "a draft changes no plan");
    assert_eq!(portal.own_plan(as_contact(1)).await.unwrap(), before);
    portal.publish(&id, saved.version).await.unwrap();

    let changes = portal.changes(since).await;
    assert!(changes.all && changes.policy_position > since);
    let after = portal.own_plan(as_contact(1)).await.unwrap();
    assert_eq!((after.profile.version, after.field("tickets", "secret", false)), (2, Access::Read));
    assert_eq!(after.policy_version, changes.policy_position);
}

/// proves: P02, P03, P04
#[tokio::test]
async fn explicit_wins_over_match_and_match_over_the_default() {
    let portal = Portal::with_modules().await;
    portal.contact_created(1, None, "technical").await;
    let technical = portal.published(for_department("Technical", "technical", 10)).await;
    let also = portal.published(for_department("Also technical", "technical", 20)).await;
    assert_eq!(portal.profile_of(1).await, (technical, ChosenBecause::Matched));
    portal.give(ADMINISTRATOR, contact(1), &also).await.unwrap();
    assert_eq!(portal.profile_of(1).await, (also, ChosenBecause::Explicit));
    portal.give(ADMINISTRATOR, contact(1), "").await.unwrap();
    assert_eq!(portal.profile_of(1).await.1, ChosenBecause::Matched);
    portal.contact_created(2, None, "sales").await;
    assert_eq!(portal.profile_of(2).await, (BuiltIn::Default.id().to_string(), ChosenBecause::Default));
}

/// proves: P04
#[tokio::test]
async fn a_contact_whose_department_changes_has_another_profile_and_only_that_contact_is_told_of() {
    let portal = Portal::with_modules().await;
    portal.contact_created(1, None, "accounting").await;
    portal.contact_created(2, None, "accounting").await;
    let accounting = portal.published(for_department("Accounting", "accounting", 10)).await;
    let technical = portal.published(for_department("Technical", "technical", 20)).await;
    assert_eq!(portal.profile_of(1).await.0, accounting);
    let since = portal.now().await;
    portal.changed("contacts", contact(1), "department", "technical").await;
    let changes = portal.changes(since).await;
    assert_eq!((changes.all, changes.subject_ids), (false, vec![contact(1).to_string()]));
    assert_eq!(portal.profile_of(1).await.0, technical);
    assert_eq!(portal.profile_of(2).await.0, accounting);
    assert_eq!(portal.own_plan(as_contact(1)).await.unwrap().viewer.fields["department"], "technical");
}

#[tokio::test]
async fn a_plan_that_the_caller_has_is_sent_again_only_when_something_changed() {
    let portal = Portal::with_modules().await;
    portal.contact_created(1, None, "accounting").await;
    portal.contact_created(2, None, "accounting").await;
    let known = portal.plan_of(RECORDS_SERVICE, "contact", contact(1)).await.unwrap().policy_version;
    assert!(portal.still_holds(RECORDS_SERVICE, contact(1), known).await.unwrap());
    portal.changed("contacts", contact(1), "department", "technical").await;
    assert!(!portal.still_holds(RECORDS_SERVICE, contact(1), known).await.unwrap());
    assert!(!portal.still_holds(RECORDS_SERVICE, contact(1), i64::MAX).await.unwrap());
    // Saying to know something opens nothing.
    let now = portal.now().await;
    let refused = portal.still_holds(as_contact(1), contact(2), now).await.unwrap_err();
    assert_eq!((refused.code, &*refused.reason), (Code::Forbidden, "own_plan_only"));
}

#[tokio::test]
async fn a_companys_change_reaches_its_contacts_and_nobody_else() {
    let portal = Portal::with_modules().await;
    portal.company_created(1, "active").await;
    portal.contact_created(1, Some(1), "sales").await;
    portal.contact_created(2, Some(2), "sales").await;
    let mut document = showing("Blocked", &[]);
    document["matching"] = json!({"priority": 1, "when": {"field": "company.status", "op": "eq", "value": "blocked"}});
    let blocked = portal.published(document).await;
    let since = portal.now().await;
    portal.changed("companies", company(1), "status", "blocked").await;
    // The company itself is whoever comes by its link.
    let mut touched = portal.changes(since).await.subject_ids;
    touched.sort();
    assert_eq!(touched, [contact(1).to_string(), company(1).to_string()]);
    assert_eq!(portal.profile_of(1).await.0, blocked);
    assert_ne!(portal.profile_of(2).await.0, blocked);
}

#[tokio::test]
async fn a_plan_names_the_contact_and_its_company_by_number_as_long_as_the_company_is_there() {
    let portal = Portal::with_modules().await;
    portal.company_created(7, "active").await;
    portal.contact_created(3, Some(7), "sales").await;
    let plan = portal.own_plan(as_contact(3)).await.unwrap();
    assert_eq!((plan.contact_number, plan.company_numbers), (Some(3), vec![7]));
    assert_eq!(plan.viewer.companies, [company(7).to_string()]);
    portal.deleted("companies", company(7)).await;
    assert!(portal.own_plan(as_contact(3)).await.unwrap().company_numbers.is_empty());
    portal.restored("companies", company(7)).await;
    assert_eq!(portal.own_plan(as_contact(3)).await.unwrap().company_numbers, [7]);
    let since = portal.now().await;
    portal.changed("contacts", contact(3), "company_id", "").await;
    assert!(portal.own_plan(as_contact(3)).await.unwrap().company_numbers.is_empty());
    assert_eq!(portal.changes(since).await.subject_ids, [contact(3).to_string()]);
}

#[tokio::test]
async fn a_deleted_contact_has_no_plan_until_it_is_restored() {
    let portal = Portal::with_modules().await;
    portal.contact_created(1, None, "sales").await;
    let since = portal.now().await;
    portal.deleted("contacts", contact(1)).await;
    for refused in [
        portal.own_plan(as_contact(1)).await.unwrap_err(),
        portal.plan_of(AGENT, "contact", contact(1)).await.unwrap_err(),
    ] {
        assert_eq!((refused.code, &*refused.reason), (Code::NotFound, "contact_deleted"));
    }
    assert_eq!(portal.changes(since).await.subject_ids, [contact(1).to_string()]);
    assert_eq!(portal.give(AGENT, contact(1), "").await.unwrap_err().reason, "contact_unknown");
    portal.restored("contacts", contact(1)).await;
    assert!(portal.own_plan(as_contact(1)).await.is_ok());
}

#[tokio::test]
async fn a_contact_of_whom_nothing_arrived_yet_is_asked_to_come_back() {
    let portal = Portal::with_modules().await;
    let own = portal.own_plan(as_contact(9)).await.unwrap_err();
    assert_eq!((own.code, &*own.reason), (Code::Unavailable, "contact_not_known_yet"));
    let other = portal.plan_of(AGENT, "contact", contact(9)).await.unwrap_err();
    assert_eq!((other.code, &*other.reason), (Code::NotFound, "contact_unknown"));
}

/// proves: P10
#[tokio::test]
async fn a_field_that_came_after_the_profile_is_hidden() {
    let portal = Portal::with_modules().await;
    portal.contact_created(1, None, "sales").await;
    let id = portal.published(showing("Sales", &["title"])).await;
    portal.give(AGENT, contact(1), &id).await.unwrap();
    let plan = portal.own_plan(as_contact(1)).await.unwrap();
    assert_eq!(plan.field("tickets", "title", false), Access::Read);
    assert_eq!(plan.field("tickets", "description", false), Access::Hidden);
    assert_eq!(plan.field("tickets", "never_heard_of", false), Access::Hidden);
    assert!(plan.module("contacts").is_none() && plan.module("never_heard_of").is_none());
}

#[tokio::test]
async fn one_asks_for_oneself_and_agents_and_services_ask_for_others() {
    let portal = Portal::with_modules().await;
    portal.contact_created(1, None, "sales").await;
    portal.contact_created(2, None, "sales").await;
    assert!(portal.plan_of(as_contact(1), "contact", contact(1)).await.is_ok());
    let refused = portal.plan_of(as_contact(1), "contact", contact(2)).await.unwrap_err();
    assert_eq!((refused.code, &*refused.reason), (Code::Forbidden, "own_plan_only"));
    for caller in [ADMINISTRATOR, AGENT, VIEWER, RECORDS_SERVICE] {
        assert_eq!(portal.plan_of(caller, "contact", contact(2)).await.unwrap().subject.id, contact(2).to_string());
    }
    // A contact can't pass as an agent or a service by saying so.
    assert_eq!(portal.plan_of(as_contact(1), "agent", contact(1)).await.unwrap_err().code, Code::NotFound);
    assert_eq!(portal.plan_of(as_contact(1), "service", contact(1)).await.unwrap_err().code, Code::Forbidden);
    let request = ChangesSinceRequest { policy_position: 0 };
    for caller in [as_contact(1), AGENT] {
        let refused = portal.client().changes_since(caller.says(request)).await.unwrap_err();
        assert_eq!(runtime::error_of(refused).reason, "services_only");
    }
}

#[tokio::test]
async fn agents_have_what_their_role_gives_and_services_read() {
    let portal = Portal::with_modules().await;
    let administrator = portal.own_plan(ADMINISTRATOR).await.unwrap();
    assert!(administrator.may(policy::Right::Configure));
    assert_eq!(administrator.scope("tickets", Action::Edit), Scope::All);
    let viewer = portal.own_plan(VIEWER).await.unwrap();
    assert_eq!(
        (viewer.scope("tickets", Action::View), viewer.scope("tickets", Action::Edit)),
        (Scope::All, Scope::None)
    );
    let service = portal.own_plan(RECORDS_SERVICE).await.unwrap();
    assert_eq!(service.subject.kind, ActorKind::Service);
    assert_eq!(
        (service.scope("tickets", Action::View), service.scope("tickets", Action::Edit)),
        (Scope::All, Scope::None)
    );

    // What identity told holds, whatever an older token still says.
    let since = portal.now().await;
    portal.agent_created(ADMINISTRATOR.2, "viewer").await;
    assert_eq!(portal.changes(since).await.subject_ids, [ADMINISTRATOR.2.to_string()]);
    assert!(!portal.own_plan(ADMINISTRATOR).await.unwrap().may(policy::Right::Configure));
    assert_eq!(portal.plan_of(VIEWER, "agent", ADMINISTRATOR.2).await.unwrap().profile.id, "viewer");
    assert_eq!(portal.plan_of(VIEWER, "agent", AGENT.2).await.unwrap_err().reason, "agent_unknown");
}

#[tokio::test]
async fn agents_give_contacts_profiles_but_viewers_and_contacts_do_not() {
    let portal = Portal::with_modules().await;
    portal.contact_created(1, None, "sales").await;
    let id = portal.published(showing("Sales", &[])).await;
    for caller in [VIEWER, as_contact(1)] {
        assert_eq!(portal.give(caller, contact(1), &id).await.unwrap_err().reason, "agents_only");
    }
    let first = portal.give(AGENT, contact(1), &id).await.unwrap();
    let again = portal.give(ADMINISTRATOR, contact(1), &id).await.unwrap();
    assert_eq!(again.position, first.position, "already so");
    assert_eq!(portal.give(AGENT, contact(8), &id).await.unwrap_err().reason, "contact_unknown");
    let draft = portal
        .create(proto::permissions::v1::CreateProfileRequest { name: "Draft".into(), ..Default::default() })
        .await
        .unwrap();
    let refused = portal.give(AGENT, contact(1), &draft.profile_id).await.unwrap_err();
    assert_eq!(&*refused.fields[0].code, "profile_not_published");
}

#[tokio::test]
async fn a_thousand_subjects_at_once_are_everybody_and_an_odd_position_too() {
    let portal = Portal::with_modules().await;
    portal.company_created(1, "active").await;
    sqlx::query(
        "insert into known_contacts (contact_id, number, company_id, fields)
         select gen_random_uuid(), n, $1, '{}' from generate_series(1, 998) n",
    )
    .bind(company(1))
    .execute(&portal.pool)
    .await
    .unwrap();
    let since = portal.now().await;
    portal.changed("companies", company(1), "status", "blocked").await;
    let changes = portal.changes(since).await;
    assert_eq!((changes.all, changes.subject_ids.len(), changes.policy_position), (false, 999, since + 1));
    portal.contact_created(1, Some(1), "sales").await;
    let since = portal.now().await;
    portal.changed("companies", company(1), "status", "active").await;
    assert!(portal.changes(since).await.all);

    let now = portal.now().await;
    assert!(!portal.changes(now).await.all);
    for odd in [-1, now + 1, i64::MAX] {
        assert!(portal.changes(odd).await.all, "{odd}");
    }
}

#[tokio::test]
async fn the_list_of_changes_is_bounded_and_whoever_is_behind_its_end_is_told_everybody() {
    let portal = Portal::with_modules().await;
    portal.contact_created(1, None, "sales").await;
    let first = portal.now().await;
    sqlx::query("select touch_plans(array[gen_random_uuid()], false) from generate_series(1, 10050)")
        .execute(&portal.pool)
        .await
        .unwrap();
    let kept: i64 = sqlx::query_scalar("select count(*) from plan_change").fetch_one(&portal.pool).await.unwrap();
    assert!(kept <= 10_000, "{kept}");
    let now = portal.now().await;
    assert_eq!(now, first + 10_050);
    assert!(portal.changes(first).await.all);
    assert_eq!(portal.changes(now - 10).await.subject_ids.len(), 10);
}

#[tokio::test]
async fn what_records_tells_again_after_a_new_epoch_gives_the_same_plans() {
    let portal = Portal::with_modules().await;
    portal.company_created(1, "active").await;
    portal.contact_created(1, Some(1), "technical").await;
    let technical = portal.published(for_department("Technical", "technical", 10)).await;
    portal.changed("contacts", contact(1), "department", "sales").await;
    portal.changed("contacts", contact(1), "department", "technical").await;
    let before = portal.own_plan(as_contact(1)).await.unwrap();
    let since = portal.now().await;
    portal.hear_all_again().await;
    assert!(portal.changes(since).await.all);
    let mut after = portal.own_plan(as_contact(1)).await.unwrap();
    assert_eq!(after.profile.id, technical);
    after.policy_version = before.policy_version;
    assert_eq!(after, before);
}

#[tokio::test]
async fn asking_what_changed_reads_no_more_than_a_handful_of_pages() {
    let portal = Portal::with_modules().await;
    sqlx::query("select touch_plans(array[gen_random_uuid()], false) from generate_series(1, 5000)")
        .execute(&portal.pool)
        .await
        .unwrap();
    sqlx::query("analyze plan_change").execute(&portal.pool).await.ok();
    let now = portal.now().await;
    let plan: serde_json::Value = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
        "explain (analyze, buffers, format json) select s.position, s.floor,
            array(select c.subject_id from plan_change c where c.position > {now} order by c.position limit 1000)
         from plan_state s"
    )))
    .fetch_one(&portal.pool)
    .await
    .unwrap();
    let listed = &plan[0]["Plan"]["Plans"][0];
    let pages = listed["Shared Hit Blocks"].as_i64().unwrap() + listed["Shared Read Blocks"].as_i64().unwrap();
    assert!(pages < 10, "{plan:#}");
}

#[tokio::test]
async fn a_profile_can_want_a_second_factor_and_its_plans_say_so() {
    let portal = Portal::with_modules().await;
    portal.contact_created(1, None, "sales").await;
    let mut document = showing("Careful", &["title"]);
    document["require_mfa"] = json!(true);
    let id = portal.published(document).await;
    assert!(!portal.own_plan(as_contact(1)).await.unwrap().require_mfa);
    portal.give(AGENT, contact(1), &id).await.unwrap();
    // The plan itself is told: without it nobody could know that the factor is missing.
    assert!(portal.own_plan(as_contact(1)).await.unwrap().require_mfa);
}
