//! The gRPC surface: the caller and its plan, then the service; errors become statuses here.

use crate::{
    queries::told::{Subject, SubjectPlan},
    reads::Reads,
    service::{Caller, Records},
};
use kernel::{ActorKind, Error};
use proto::records::v1::{
    AddCommentRequest, AddCommentResponse, CloseToContactRequest, CloseToContactResponse, CreateRecordRequest,
    CreateRecordResponse, DefineModuleRequest, DefineModuleResponse, DeleteRecordRequest, DeleteRecordResponse,
    EditCommentRequest, EditCommentResponse, GetHistoryRequest, GetHistoryResponse, GetRecordRequest,
    GetRecordResponse, ListCommentsRequest, ListCommentsResponse, ListInvolvedRequest, ListInvolvedResponse,
    ListModulesRequest, ListModulesResponse, ListRecordsRequest, ListRecordsResponse, MarkReadRequest,
    MarkReadResponse, PreviewDeletionRequest, PreviewDeletionResponse, PreviewMoveRequest, PreviewMoveResponse,
    RemoveCommentRequest, RemoveCommentResponse, ResolveTitlesRequest, ResolveTitlesResponse, RestoreRecordRequest,
    RestoreRecordResponse, ShowToRequest, ShowToResponse, SuggestRecordsRequest, SuggestRecordsResponse,
    UpdateRecordRequest, UpdateRecordResponse, records_service_server::RecordsService,
};
use runtime::{PlanCache, Replica};
use tonic::{Request, Response, Status};

/// Answers calls.
pub struct RecordsGrpc {
    records: Records,
    reads: Reads,
    plans: PlanCache,
}

impl RecordsGrpc {
    /// A surface over the service, whose queries a replica answers where there is one; plans say what callers may do.
    pub fn new(records: Records, replica: Option<Replica>, plans: PlanCache) -> RecordsGrpc {
        RecordsGrpc { reads: Reads::new(records.clone(), replica), records, plans }
    }

    /// The same for a call that changes something: refused, before anything is looked at, in a session that only looks.
    async fn open_to_change<T>(&self, request: Request<T>) -> Result<(Caller, T), Status> {
        if runtime::actor(&request)?.read_only {
            return Err(runtime::status(Error::forbidden(kernel::READ_ONLY)));
        }
        self.open(request).await
    }

    /// The same for questions of our own services about others.
    async fn open_to_service<T>(&self, request: Request<T>) -> Result<(Caller, T), Status> {
        if runtime::actor(&request)?.kind != ActorKind::Service {
            return Err(runtime::status(Error::forbidden("services_only")));
        }
        self.open(request).await
    }

    async fn open<T>(&self, request: Request<T>) -> Result<(Caller, T), Status> {
        let actor = runtime::actor(&request)?;
        let plan = self.plans.plan_for(&actor).await.map_err(runtime::status)?;
        let caller = Caller::new(actor, plan).map_err(runtime::status)?;
        Ok((caller, request.into_inner()))
    }
}

fn answer<T>(result: Result<T, Error>) -> Result<Response<T>, Status> {
    result.map(Response::new).map_err(runtime::status)
}

#[tonic::async_trait]
impl RecordsService for RecordsGrpc {
    async fn list_modules(
        &self,
        request: Request<ListModulesRequest>,
    ) -> Result<Response<ListModulesResponse>, Status> {
        let (caller, request) = self.open(request).await?;
        answer(self.records.modules(&caller, &request).await)
    }

    async fn define_module(
        &self,
        request: Request<DefineModuleRequest>,
    ) -> Result<Response<DefineModuleResponse>, Status> {
        let (caller, request) = self.open_to_change(request).await?;
        let definition = request.definition.unwrap_or_default();
        let defined = self.records.define(&caller, definition, request.expected_version).await;
        answer(defined.map(|d| DefineModuleResponse { version: d.version, position: d.position }))
    }

    async fn list_records(
        &self,
        request: Request<ListRecordsRequest>,
    ) -> Result<Response<ListRecordsResponse>, Status> {
        let (caller, request) = self.open(request).await?;
        answer(self.reads.read(|r| r.list(&caller, &request)).await)
    }

    async fn get_record(&self, request: Request<GetRecordRequest>) -> Result<Response<GetRecordResponse>, Status> {
        let (caller, request) = self.open(request).await?;
        answer(self.reads.read(|r| r.get(&caller, &request)).await)
    }

    async fn create_record(
        &self,
        request: Request<CreateRecordRequest>,
    ) -> Result<Response<CreateRecordResponse>, Status> {
        let (caller, request) = self.open_to_change(request).await?;
        answer(self.records.create(&caller, &request).await)
    }

    async fn update_record(
        &self,
        request: Request<UpdateRecordRequest>,
    ) -> Result<Response<UpdateRecordResponse>, Status> {
        let (caller, request) = self.open_to_change(request).await?;
        answer(self.records.update(&caller, &request).await)
    }

    async fn delete_record(
        &self,
        request: Request<DeleteRecordRequest>,
    ) -> Result<Response<DeleteRecordResponse>, Status> {
        let (caller, request) = self.open_to_change(request).await?;
        answer(self.records.delete(&caller, &request).await.map(|position| DeleteRecordResponse { position }))
    }

    async fn preview_deletion(
        &self,
        request: Request<PreviewDeletionRequest>,
    ) -> Result<Response<PreviewDeletionResponse>, Status> {
        let (caller, request) = self.open(request).await?;
        answer(self.records.preview_deletion(&caller, &request).await)
    }

    async fn restore_record(
        &self,
        request: Request<RestoreRecordRequest>,
    ) -> Result<Response<RestoreRecordResponse>, Status> {
        let (caller, request) = self.open_to_change(request).await?;
        answer(self.records.restore(&caller, &request).await)
    }

    async fn add_comment(&self, request: Request<AddCommentRequest>) -> Result<Response<AddCommentResponse>, Status> {
        let (caller, request) = self.open_to_change(request).await?;
        answer(self.records.comment(&caller, &request).await)
    }

    async fn edit_comment(
        &self,
        request: Request<EditCommentRequest>,
    ) -> Result<Response<EditCommentResponse>, Status> {
        let (caller, request) = self.open_to_change(request).await?;
        answer(self.records.edit_comment(&caller, &request).await)
    }

    async fn remove_comment(
        &self,
        request: Request<RemoveCommentRequest>,
    ) -> Result<Response<RemoveCommentResponse>, Status> {
        let (caller, request) = self.open_to_change(request).await?;
        answer(self.records.remove_comment(&caller, &request).await.map(|position| RemoveCommentResponse { position }))
    }

    async fn mark_read(&self, request: Request<MarkReadRequest>) -> Result<Response<MarkReadResponse>, Status> {
        let (caller, request) = self.open_to_change(request).await?;
        answer(self.records.mark_read(&caller, &request).await.map(|()| MarkReadResponse {}))
    }

    async fn list_comments(
        &self,
        request: Request<ListCommentsRequest>,
    ) -> Result<Response<ListCommentsResponse>, Status> {
        let (caller, request) = self.open(request).await?;
        answer(self.reads.read(|r| r.comments(&caller, &request)).await)
    }

    async fn get_history(&self, request: Request<GetHistoryRequest>) -> Result<Response<GetHistoryResponse>, Status> {
        let (caller, request) = self.open(request).await?;
        answer(self.reads.read(|r| r.history(&caller, &request)).await)
    }

    async fn resolve_titles(
        &self,
        request: Request<ResolveTitlesRequest>,
    ) -> Result<Response<ResolveTitlesResponse>, Status> {
        let (caller, request) = self.open(request).await?;
        answer(self.reads.read(|r| r.titles(&caller, &request)).await.map(|titles| ResolveTitlesResponse { titles }))
    }

    async fn preview_move(
        &self,
        request: Request<PreviewMoveRequest>,
    ) -> Result<Response<PreviewMoveResponse>, Status> {
        let (caller, request) = self.open(request).await?;
        answer(self.records.preview_move(&caller, &request).await)
    }

    async fn close_to_contact(
        &self,
        request: Request<CloseToContactRequest>,
    ) -> Result<Response<CloseToContactResponse>, Status> {
        let (caller, request) = self.open_to_change(request).await?;
        answer(self.records.close_to_contact(&caller, &request).await)
    }

    async fn suggest_records(
        &self,
        request: Request<SuggestRecordsRequest>,
    ) -> Result<Response<SuggestRecordsResponse>, Status> {
        let (caller, request) = self.open(request).await?;
        let suggestions = self.reads.read(|r| r.suggest(&caller, &request.module, &request.query)).await;
        answer(suggestions.map(|suggestions| SuggestRecordsResponse { suggestions }))
    }

    async fn list_involved(
        &self,
        request: Request<ListInvolvedRequest>,
    ) -> Result<Response<ListInvolvedResponse>, Status> {
        let (caller, request) = self.open_to_service(request).await?;
        answer(self.records.involved(&caller, &request).await)
    }

    async fn show_to(&self, request: Request<ShowToRequest>) -> Result<Response<ShowToResponse>, Status> {
        let (caller, request) = self.open_to_service(request).await?;
        let subject = Subject::of(&request).map_err(runtime::status)?;
        let plan = SubjectPlan::of(self.plans.plan_of(subject.id, subject.kind).await).map_err(runtime::status)?;
        answer(self.records.show_to(&caller, subject, plan, &request).await)
    }
}
