//! Between services: nobody is believed without a token.

use anyhow::{Result, ensure};
use kernel::{ActorKind, Timestamp};
use kit::{MASTER_KEY, Portal, master_key};
use proto::{
    eventlog::v1::{GetHeadRequest, event_log_service_client::EventLogServiceClient},
    identity::v1::{IssueInvitationLinkRequest, SetPasswordRequest, identity_service_client::IdentityServiceClient},
    records::v1::{ListModulesRequest, records_service_client::RecordsServiceClient},
};
use runtime::token::{Claims, SigningKey, mint};
use std::time::{SystemTime, UNIX_EPOCH};
use tonic::{Code, Request, metadata::MetadataValue, transport::Channel};

fn with<T>(message: T, token: &str) -> Request<T> {
    let mut request = Request::new(message);
    if let Ok(value) = MetadataValue::try_from(format!("Bearer {token}")) {
        request.metadata_mut().insert("authorization", value);
    }
    request
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_without_a_good_token_is_refused_by_every_service() -> Result<()> {
    let portal = Portal::start().await?;
    let channel = Channel::from_shared(format!("http://{}", portal.running()[0].grpc))?.connect().await?;
    let mut records = RecordsServiceClient::new(channel.clone());
    let code = |r: Result<_, tonic::Status>| r.err().map(|s| s.code());
    ensure!(code(records.list_modules(ListModulesRequest::default()).await.map(drop)) == Some(Code::Unauthenticated));

    let id = kernel::new_id();
    let own = SigningKey::for_services(&master_key());
    let stranger = SigningKey::from_seed("service", &[9; 32]);
    let administrator = |installation: &str| Claims::new(installation, id, ActorKind::Agent, "administrator", now());
    let service = |at| Claims::new("portico", id, ActorKind::Service, "records", at);
    let bad = [
        ("nonsense".to_owned(), "no token"),
        (mint(&stranger, &service(now())), "another key"),
        (mint(&own, &service(now().plus_seconds(-600))), "expired"),
        (mint(&own, &Claims::new("globex", id, ActorKind::Service, "records", now())), "another installation"),
        (mint(&own, &administrator("portico")), "a service's key can't speak for an agent"),
        (mint(&SigningKey::from_seed("unknown", &MASTER_KEY), &administrator("portico")), "an unknown key"),
    ];
    for (token, why) in bad {
        let refused = code(records.list_modules(with(ListModulesRequest::default(), &token)).await.map(drop));
        ensure!(refused == Some(Code::Unauthenticated), "{why}: {refused:?}");
    }

    // A service's token opens what is its own, and nothing that another's alone may do.
    let token = mint(&own, &service(now()));
    let mut identity = IdentityServiceClient::new(channel.clone());
    let link = IssueInvitationLinkRequest { invitation_id: id.to_string() };
    ensure!(code(identity.issue_invitation_link(with(link, &token)).await.map(drop)) == Some(Code::PermissionDenied));
    let password = SetPasswordRequest { user_id: id.to_string(), password: "x".repeat(20), via: "console".into() };
    ensure!(code(identity.set_password(with(password, &token)).await.map(drop)) == Some(Code::PermissionDenied));
    let mut log = EventLogServiceClient::new(channel);
    let head = log.get_head(with(GetHeadRequest { service: "records".into() }, &token)).await?.into_inner();
    ensure!(head.epoch == 1, "{head:?}");
    portal.stop().await
}
