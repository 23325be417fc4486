//! Profiles over gRPC: drafts, publishing, names, versions, idempotency.

use crate::portal::{ADMINISTRATOR, AGENT, Caller, Portal, RECORDS_SERVICE, VIEWER, as_contact};
use kernel::{Code, Error};
use proto::permissions::v1::{
    ChooseDefaultProfileRequest, CreateProfileRequest, CreateProfileResponse, GetProfileRequest, GetProfileResponse,
    ListProfilesRequest, PublishProfileRequest, PublishProfileResponse, SaveDraftRequest, SaveDraftResponse,
};
use serde_json::{Value as Json, json};

impl Portal {
    pub(crate) async fn create(&self, request: CreateProfileRequest) -> Result<CreateProfileResponse, Error> {
        let answer = self.client().create_profile(ADMINISTRATOR.says(request)).await;
        answer.map(tonic::Response::into_inner).map_err(runtime::error_of)
    }

    pub(crate) async fn save(&self, id: &str, document: &Json, expected: i64) -> Result<SaveDraftResponse, Error> {
        self.save_once(id, document, expected, "").await
    }

    async fn save_once(&self, id: &str, document: &Json, expected: i64, key: &str) -> Result<SaveDraftResponse, Error> {
        let request = SaveDraftRequest {
            profile_id: id.into(),
            document: document.to_string(),
            expected_version: expected,
            idempotency_key: key.into(),
        };
        let answer = self.client().save_draft(ADMINISTRATOR.says(request)).await;
        answer.map(tonic::Response::into_inner).map_err(runtime::error_of)
    }

    pub(crate) async fn publish(&self, id: &str, expected: i64) -> Result<PublishProfileResponse, Error> {
        self.publish_once(id, expected, "").await
    }

    async fn publish_once(&self, id: &str, expected: i64, key: &str) -> Result<PublishProfileResponse, Error> {
        let request =
            PublishProfileRequest { profile_id: id.into(), expected_version: expected, idempotency_key: key.into() };
        let answer = self.client().publish_profile(ADMINISTRATOR.says(request)).await;
        answer.map(tonic::Response::into_inner).map_err(runtime::error_of)
    }

    pub(crate) async fn profile(&self, id: &str) -> GetProfileResponse {
        let request = ADMINISTRATOR.says(GetProfileRequest { profile_id: id.into() });
        self.client().get_profile(request).await.unwrap().into_inner()
    }

    /// Creates and publishes a profile; its id.
    pub(crate) async fn published(&self, document: Json) -> String {
        let created = self
            .create(CreateProfileRequest { document: document.to_string(), ..CreateProfileRequest::default() })
            .await
            .unwrap();
        self.publish(&created.profile_id, created.version).await.unwrap();
        created.profile_id
    }
}

/// A profile that shows tickets with the fields named.
pub(crate) fn showing(name: &str, fields: &[&str]) -> Json {
    let fields: serde_json::Map<String, Json> =
        fields.iter().map(|f| ((*f).to_owned(), json!({"access": "read"}))).collect();
    json!({"format": 1, "name": name, "default_scope": "company",
        "modules": {"tickets": {"enabled": true, "actions": {"view": "inherit"}, "fields": fields}}})
}

fn named(name: &str) -> CreateProfileRequest {
    CreateProfileRequest { name: name.into(), ..CreateProfileRequest::default() }
}

fn field_of(error: &Error) -> (&str, &str) {
    (&error.fields[0].field, &error.fields[0].code)
}

#[tokio::test]
async fn a_draft_is_saved_with_the_version_seen_and_published_as_a_numbered_version() {
    let portal = Portal::with_modules().await;
    let created = portal.create(named("Sales")).await.unwrap();
    assert_eq!(created.version, 1);
    assert_eq!(portal.profile(&created.profile_id).await.published_document, "");

    let saved = portal.save(&created.profile_id, &showing("Sales", &["title"]), 1).await.unwrap();
    assert_eq!((saved.version, saved.removed_columns.len()), (2, 0));
    let first = portal.publish(&created.profile_id, 2).await.unwrap();
    assert_eq!((first.number, first.version), (1, 3));
    let saved = portal.save(&created.profile_id, &showing("Sales", &[]), 3).await.unwrap();
    let profile = portal.profile(&created.profile_id).await;
    let summary = profile.summary.unwrap();
    assert_eq!((summary.published_number, summary.has_unpublished_changes), (1, true));
    assert_ne!(profile.published_document, profile.draft_document);
    assert_eq!(portal.publish(&created.profile_id, saved.version).await.unwrap().number, 2);
    assert!(!portal.profile(&created.profile_id).await.summary.unwrap().has_unpublished_changes);
}

#[tokio::test]
async fn a_stale_version_is_refused_with_both_versions() {
    let portal = Portal::with_modules().await;
    let id = portal.create(named("Sales")).await.unwrap().profile_id;
    portal.save(&id, &showing("Sales", &["title"]), 1).await.unwrap();
    for refused in
        [portal.save(&id, &showing("Sales", &[]), 1).await.unwrap_err(), portal.publish(&id, 1).await.unwrap_err()]
    {
        assert_eq!((refused.code, &*refused.reason), (Code::Precondition, "stale_version"));
        assert_eq!((&*refused.facts["expected"], &*refused.facts["actual"]), ("1", "2"));
    }
    assert_eq!(field_of(&portal.publish(&id, 0).await.unwrap_err()), ("expected_version", "required"));
}

#[tokio::test]
async fn a_repeated_call_with_the_same_key_answers_as_the_first_time() {
    let portal = Portal::with_modules().await;
    let request = CreateProfileRequest { idempotency_key: "k1".into(), ..named("Sales") };
    let created = portal.create(request.clone()).await.unwrap();
    assert_eq!(portal.create(request).await.unwrap(), created);
    let id = created.profile_id;
    let document = json!({"format": 1, "name": "Sales", "modules": {"tickets": {"enabled": true,
        "actions": {"view": "mine"}, "list": {"columns": ["secret"]}}}});
    let saved = portal.save_once(&id, &document, 1, "k2").await.unwrap();
    assert_eq!(saved.removed_columns, ["tickets.secret"]);
    let published = portal.publish_once(&id, saved.version, "k3").await.unwrap();
    // The profile has moved on; the answers are those of then.
    portal.save(&id, &showing("Sales", &["title"]), published.version).await.unwrap();
    assert_eq!(portal.save_once(&id, &document, 1, "k2").await.unwrap(), saved);
    assert_eq!(portal.publish_once(&id, saved.version, "k3").await.unwrap(), published);
    let reused = portal.save_once(&id, &showing("Other", &[]), 1, "k2").await.unwrap_err();
    assert_eq!(reused.reason, "idempotency_key_reused");
}

#[tokio::test]
async fn what_is_wrong_with_a_document_is_named_by_its_place() {
    let portal = Portal::with_modules().await;
    let id = portal.create(named("Sales")).await.unwrap().profile_id;
    let unknown = json!({"format": 1, "name": "Sales", "modules": {"tickets": {"enabled": true, "colour": 1}}});
    assert_eq!(field_of(&portal.save(&id, &unknown, 1).await.unwrap_err()).0, "/modules/tickets/colour");

    // A draft may be unfinished; publishing it is refused.
    let wide =
        json!({"format": 1, "name": "Sales", "modules": {"tickets": {"enabled": true, "actions": {"view": "all"}}}});
    let saved = portal.save(&id, &wide, 1).await.unwrap();
    let problem = ("/modules/tickets/actions/view", "scope_all_refused");
    assert!(saved.problems.iter().any(|p| p.severity == "error" && (&*p.path, &*p.code) == problem));
    assert_eq!(field_of(&portal.publish(&id, saved.version).await.unwrap_err()), problem);
    assert!(portal.profile(&id).await.problems.iter().any(|p| (&*p.path, &*p.code) == problem));
}

/// proves: P11
#[tokio::test]
async fn a_column_whose_field_is_hidden_is_removed_on_save_and_the_answer_says_which() {
    let portal = Portal::with_modules().await;
    let mut document = showing("Sales", &["title"]);
    document["modules"]["tickets"]["list"] = json!({"columns": ["title", "secret", "description"]});
    let created = portal
        .create(CreateProfileRequest { document: document.to_string(), ..CreateProfileRequest::default() })
        .await
        .unwrap();
    assert_eq!(created.removed_columns, ["tickets.secret", "tickets.description"]);
    let draft: Json = serde_json::from_str(&portal.profile(&created.profile_id).await.draft_document).unwrap();
    assert_eq!(draft["modules"]["tickets"]["list"]["columns"], json!(["title"]));
}

#[tokio::test]
async fn a_name_belongs_to_one_profile_until_neither_draft_nor_version_has_it() {
    let portal = Portal::with_modules().await;
    assert_eq!(field_of(&portal.create(named("default")).await.unwrap_err()), ("/name", "name_taken"));
    let id = portal.published(showing("Sales", &[])).await;
    portal.save(&id, &showing("Trade", &[]), 2).await.unwrap();
    assert_eq!(field_of(&portal.create(named("SALES")).await.unwrap_err()), ("/name", "name_taken"));
    assert_eq!(field_of(&portal.create(named("Trade")).await.unwrap_err()), ("/name", "name_taken"));
    portal.publish(&id, 3).await.unwrap();
    assert!(portal.create(named("Sales")).await.is_ok());
}

#[tokio::test]
async fn a_copy_is_what_is_in_force_under_another_name_and_takes_nobody_away() {
    let portal = Portal::with_modules().await;
    let mut document = showing("Sales", &["title"]);
    document["matching"] = json!({"priority": 1, "when": {"all": []}});
    let source = portal.published(document).await;
    portal.save(&source, &showing("Sales", &[]), 2).await.unwrap();
    let copy = portal
        .create(CreateProfileRequest { copy_from: source, name: "Copy".into(), ..CreateProfileRequest::default() })
        .await
        .unwrap();
    let draft: Json = serde_json::from_str(&portal.profile(&copy.profile_id).await.draft_document).unwrap();
    assert_eq!((&draft["name"], &draft["matching"]), (&json!("Copy"), &Json::Null));
    assert_eq!(draft["modules"]["tickets"]["fields"]["title"]["access"], json!("read"));
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let portal = Portal::with_modules().await;
    let nobody = "018f3c1e-7a10-7000-8000-000000000009";
    assert_eq!(portal.publish(nobody, 1).await.unwrap_err().code, Code::NotFound);
    assert_eq!(portal.save("no id", &showing("A", &[]), 1).await.unwrap_err().code, Code::NotFound);
    let copy = CreateProfileRequest { copy_from: nobody.into(), name: "A".into(), ..CreateProfileRequest::default() };
    assert_eq!(field_of(&portal.create(copy).await.unwrap_err()), ("copy_from", "unknown_profile"));
    assert_eq!(field_of(&portal.create(named("")).await.unwrap_err()), ("/name", "required"));
}

#[tokio::test]
async fn only_administrators_change_profiles_and_contacts_see_none() {
    let portal = Portal::start().await;
    let change = |caller: Caller| {
        let mut client = portal.client();
        async move { client.create_profile(caller.says(named("X"))).await.map_err(runtime::error_of) }
    };
    for caller in [AGENT, VIEWER, as_contact(1), RECORDS_SERVICE] {
        let refused = change(caller).await.unwrap_err();
        assert_eq!((refused.code, &*refused.reason), (Code::Forbidden, "administrators_only"));
    }
    let request =
        ChooseDefaultProfileRequest { profile_id: permissions::domain::profile::BuiltIn::Default.id().to_string() };
    let refused = portal.client().choose_default_profile(AGENT.says(request)).await.unwrap_err();
    assert_eq!(runtime::error_of(refused).reason, "administrators_only");
    assert!(portal.client().list_profiles(VIEWER.says(ListProfilesRequest {})).await.is_ok());
    assert!(portal.client().list_profiles(as_contact(1).says(ListProfilesRequest {})).await.is_err());
}

#[tokio::test]
async fn only_a_published_profile_becomes_the_default() {
    let portal = Portal::with_modules().await;
    let draft = portal.create(named("Sales")).await.unwrap().profile_id;
    let choose = |id: &str| {
        let (mut client, request) = (portal.client(), ChooseDefaultProfileRequest { profile_id: id.to_owned() });
        async move { client.choose_default_profile(ADMINISTRATOR.says(request)).await.map_err(runtime::error_of) }
    };
    assert_eq!(field_of(&choose(&draft).await.unwrap_err()), ("profile_id", "profile_not_published"));
    assert_eq!(field_of(&choose("x").await.unwrap_err()), ("profile_id", "not_an_id"));
    portal.publish(&draft, 1).await.unwrap();
    choose(&draft).await.unwrap();
    let profiles =
        portal.client().list_profiles(ADMINISTRATOR.says(ListProfilesRequest {})).await.unwrap().into_inner();
    let defaults: Vec<&str> =
        profiles.profiles.iter().filter(|p| p.is_default).map(|p| p.profile_id.as_str()).collect();
    assert_eq!(defaults, [draft]);
}

#[tokio::test]
async fn a_rebuilt_read_model_is_the_same_as_the_one_written_event_by_event() {
    let portal = Portal::with_modules().await;
    let id = portal.published(showing("Sales", &["title"])).await;
    portal.save(&id, &showing("Trade", &[]), 2).await.unwrap();
    let rows = "select coalesce(jsonb_agg(to_jsonb(p) order by p.profile_id), '[]') from profiles_v1 p";
    let before: Json = sqlx::query_scalar(rows).fetch_one(&portal.pool).await.unwrap();
    for projection in permissions::projections() {
        eventlog::rebuild(&portal.log, &projection).await.unwrap();
    }
    let after: Json = sqlx::query_scalar(rows).fetch_one(&portal.pool).await.unwrap();
    assert_eq!(before.as_array().unwrap().len(), 3);
    assert_eq!(after, before);
}
