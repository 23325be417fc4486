//! The gRPC face: parse, check rights, call, answer.

use crate::{
    commands::{Commands, NewProfile},
    error,
    queries::{Plan, Queries, Summary},
    rights,
};
use eventlog::{Log, Meta};
use kernel::{Actor, ActorKind, Error};
use policy::{Problem, Severity};
use prost::Message;
use proto::permissions::v1 as pb;
use runtime::{actor, status};
use tonic::{Request, Response, Status};
use uuid::Uuid;

/// `PermissionsService`.
pub(crate) struct Grpc {
    log: Log,
    commands: Commands,
    queries: Queries,
}

impl Grpc {
    pub(crate) fn new(log: Log, commands: Commands, queries: Queries) -> Grpc {
        Grpc { log, commands, queries }
    }

    /// Whether the actor may ask for the plan of a request's subject.
    fn may_ask(&self, actor: &Actor, request: &pb::GetAccessPlanRequest) -> Result<(), Error> {
        if request.subject_id.is_empty() {
            return Ok(());
        }
        if kernel::parse_id(&request.subject_id)? != actor.id {
            rights::ask_for_others(actor)?;
        }
        // What services see is for services.
        if request.subject_kind == "service" { rights::watch(actor) } else { Ok(()) }
    }

    async fn plan(&self, actor: &Actor, request: &pb::GetAccessPlanRequest) -> Result<Plan, Error> {
        let now = self.log.now();
        if request.subject_id.is_empty() {
            return match actor.kind {
                ActorKind::Contact => self.queries.contact_plan(actor.id, now, error::contact_not_known_yet).await,
                ActorKind::Agent => self.queries.agent_plan(actor.id, Some(actor)).await,
                ActorKind::Service => self.queries.service_plan(actor.id).await,
                ActorKind::Company => self.queries.company_plan(actor.id).await,
            };
        }
        self.may_ask(actor, request)?;
        let subject = kernel::parse_id(&request.subject_id)?;
        match request.subject_kind.as_str() {
            "contact" => self.queries.contact_plan(subject, now, error::contact_unknown).await,
            "agent" => self.queries.agent_plan(subject, None).await,
            "company" => self.queries.company_plan(subject).await,
            "service" => self.queries.service_plan(subject).await,
            _ => Err(Error::invalid_field(
                "subject_kind",
                "unknown_kind",
                "A subject is a contact, an agent, a company or a service.",
            )),
        }
    }
}

/// The meta of a command: the same subject, call and idempotency key make the same command.
fn meta<M: Message>(actor: Actor, call: &str, key: &str, request: &M) -> Meta {
    let command = kernel::command_id(actor.id, call, key);
    Meta::new(actor, command, &request.encode_to_vec())
}

/// An id that must be one; it is bad input when it is not.
fn id(field: &str, text: &str) -> Result<Uuid, Error> {
    Uuid::try_parse(text).map_err(|_| Error::invalid_field(field, "not_an_id", "This is no id."))
}

fn optional_id(field: &str, text: &str) -> Result<Option<Uuid>, Error> {
    if text.is_empty() { Ok(None) } else { id(field, text).map(Some) }
}

fn problem(problem: Problem) -> pb::DocumentProblem {
    pb::DocumentProblem {
        severity: match problem.severity {
            Severity::Warning => "warning".into(),
            Severity::Error => "error".into(),
        },
        message: problem.message(),
        path: problem.path,
        code: problem.code,
        args: problem.args.into_iter().collect(),
    }
}

fn summary(summary: Summary) -> pb::ProfileSummary {
    pb::ProfileSummary {
        built_in: summary.is_built_in(),
        profile_id: summary.profile_id.to_string(),
        name: summary.name,
        description: summary.description,
        published_number: summary.published_number,
        is_default: summary.is_default,
        has_unpublished_changes: summary.changed,
    }
}

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl pb::permissions_service_server::PermissionsService for Grpc {
    async fn get_access_plan(&self, request: Request<pb::GetAccessPlanRequest>) -> Answer<pb::GetAccessPlanResponse> {
        let actor = actor(&request)?;
        let request = request.get_ref();
        if request.known_position > 0 {
            self.may_ask(&actor, request).map_err(status)?;
            let position = self.queries.position().await.map_err(status)?;
            if position == request.known_position {
                let answer = pb::GetAccessPlanResponse { plan: Vec::new(), policy_position: position, unchanged: true };
                return Ok(Response::new(answer));
            }
        }
        let Plan { plan, position } = self.plan(&actor, request).await.map_err(status)?;
        let plan = serde_json::to_vec(&plan).map_err(|e| status(Error::internal(e)))?;
        Ok(Response::new(pb::GetAccessPlanResponse { plan, policy_position: position, unchanged: false }))
    }

    async fn changes_since(&self, request: Request<pb::ChangesSinceRequest>) -> Answer<pb::ChangesSinceResponse> {
        rights::watch(&actor(&request)?).map_err(status)?;
        let changes = self.queries.changes_since(request.get_ref().policy_position).await.map_err(status)?;
        Ok(Response::new(pb::ChangesSinceResponse {
            policy_position: changes.position,
            all: changes.all,
            subject_ids: changes.subjects.iter().map(Uuid::to_string).collect(),
        }))
    }

    async fn list_profiles(&self, request: Request<pb::ListProfilesRequest>) -> Answer<pb::ListProfilesResponse> {
        rights::read(&actor(&request)?).map_err(status)?;
        let profiles = self.queries.profiles().await.map_err(status)?;
        Ok(Response::new(pb::ListProfilesResponse { profiles: profiles.into_iter().map(summary).collect() }))
    }

    async fn get_profile(&self, request: Request<pb::GetProfileRequest>) -> Answer<pb::GetProfileResponse> {
        rights::read(&actor(&request)?).map_err(status)?;
        let profile = kernel::parse_id(&request.get_ref().profile_id).map_err(status)?;
        let details = self.queries.profile(profile).await.map_err(status)?;
        Ok(Response::new(pb::GetProfileResponse {
            summary: Some(summary(details.summary)),
            published_document: details.published,
            draft_document: details.draft,
            version: details.version,
            problems: details.problems.into_iter().map(problem).collect(),
        }))
    }

    async fn create_profile(&self, request: Request<pb::CreateProfileRequest>) -> Answer<pb::CreateProfileResponse> {
        let actor = actor(&request)?;
        let request = request.into_inner();
        let done = async {
            rights::change(&actor)?;
            rights::administer(&actor)?;
            let meta = meta(actor, "CreateProfile", &request.idempotency_key, &request);
            let new = NewProfile {
                profile: optional_id("profile_id", &request.profile_id)?,
                copy_from: optional_id("copy_from", &request.copy_from)?,
                name: request.name,
                description: request.description,
                document: request.document,
            };
            self.commands.create(meta, new).await
        };
        let done = done.await.map_err(status)?;
        Ok(Response::new(pb::CreateProfileResponse {
            version: done.version,
            position: done.position,
            problems: done.note.problems().into_iter().map(problem).collect(),
            profile_id: done.note.profile,
            removed_columns: done.note.removed_columns,
        }))
    }

    async fn save_draft(&self, request: Request<pb::SaveDraftRequest>) -> Answer<pb::SaveDraftResponse> {
        let actor = actor(&request)?;
        let request = request.into_inner();
        let done = async {
            rights::change(&actor)?;
            rights::administer(&actor)?;
            let profile = kernel::parse_id(&request.profile_id)?;
            let meta = meta(actor, "SaveDraft", &request.idempotency_key, &request);
            self.commands.save_draft(meta, profile, &request.document, request.expected_version).await
        };
        let done = done.await.map_err(status)?;
        Ok(Response::new(pb::SaveDraftResponse {
            version: done.version,
            position: done.position,
            problems: done.note.problems().into_iter().map(problem).collect(),
            removed_columns: done.note.removed_columns,
        }))
    }

    async fn publish_profile(&self, request: Request<pb::PublishProfileRequest>) -> Answer<pb::PublishProfileResponse> {
        let actor = actor(&request)?;
        let request = request.into_inner();
        let done = async {
            rights::change(&actor)?;
            rights::administer(&actor)?;
            let profile = kernel::parse_id(&request.profile_id)?;
            let meta = meta(actor, "PublishProfile", &request.idempotency_key, &request);
            self.commands.publish(meta, profile, request.expected_version).await
        };
        let done = done.await.map_err(status)?;
        Ok(Response::new(pb::PublishProfileResponse {
            number: done.note.number,
            version: done.version,
            position: done.position,
        }))
    }

    async fn choose_default_profile(
        &self,
        request: Request<pb::ChooseDefaultProfileRequest>,
    ) -> Answer<pb::ChooseDefaultProfileResponse> {
        let actor = actor(&request)?;
        let request = request.into_inner();
        let position = async {
            rights::change(&actor)?;
            rights::administer(&actor)?;
            let profile = id("profile_id", &request.profile_id)?;
            self.commands.choose_default(meta(actor, "ChooseDefaultProfile", "", &request), profile).await
        };
        let position = position.await.map_err(status)?;
        Ok(Response::new(pb::ChooseDefaultProfileResponse { position }))
    }

    async fn choose_contact_profile(
        &self,
        request: Request<pb::ChooseContactProfileRequest>,
    ) -> Answer<pb::ChooseContactProfileResponse> {
        let actor = actor(&request)?;
        let request = request.into_inner();
        let position = async {
            rights::change(&actor)?;
            rights::give(&actor)?;
            let contact = kernel::parse_id(&request.contact_id)?;
            let profile = optional_id("profile_id", &request.profile_id)?;
            let meta = meta(actor, "ChooseContactProfile", "", &request);
            self.commands.choose_for_contact(meta, contact, profile).await
        };
        let position = position.await.map_err(status)?;
        Ok(Response::new(pb::ChooseContactProfileResponse { position }))
    }
}
