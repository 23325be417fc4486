//! Clients of the services: each call carries the token of the call under way (or the service's own), the trace and the
//! positions that the called service must have seen.

use crate::{
    Balanced, BoxError, Config, ConfigError, InProcess, call,
    clock::clock,
    token::{Claims, SigningKey, mint},
};
use kernel::{Actor, ActorKind};
use proto::{
    identity::v1::{
        account_service_client::AccountServiceClient, administration_service_client::AdministrationServiceClient,
        identity_service_client::IdentityServiceClient,
    },
    notification::v1::notification_service_client::NotificationServiceClient,
    permissions::v1::permissions_service_client::PermissionsServiceClient,
    records::v1::records_service_client::RecordsServiceClient,
};
use std::{
    collections::HashMap,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};
use tonic::{
    Request, Status,
    metadata::{AsciiMetadataKey, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
};
use tower::{ServiceExt, util::BoxCloneSyncService};
use tracing::Instrument;

/// A service's own tokens, minted anew every half minute.
#[derive(Clone)]
pub struct ServiceTokens(Arc<Inner>);

struct Inner {
    key: SigningKey,
    installation: String,
    service: String,
    current: Mutex<(i64, String)>,
}

impl ServiceTokens {
    /// Tokens in the name of a service.
    pub fn new(config: &Config, service: &str) -> Result<ServiceTokens, ConfigError> {
        Ok(ServiceTokens(Arc::new(Inner {
            key: SigningKey::for_services(&config.master_key()?),
            installation: config.installation.clone(),
            service: service.to_owned(),
            current: Mutex::new((0, String::new())),
        })))
    }

    /// A token that is valid for at least another 30 s.
    pub fn token(&self) -> String {
        let now = clock();
        let second = now.micros() / 1_000_000;
        let mut current = self.0.current.lock().unwrap_or_else(PoisonError::into_inner);
        if second - current.0 > 30 {
            let actor = Actor::service(&self.0.service);
            let claims = Claims::new(&self.0.installation, actor.id, ActorKind::Service, &actor.role, now);
            *current = (second, mint(&self.0.key, &claims));
        }
        current.1.clone()
    }
}

/// Adds what goes along with each call.
#[derive(Clone)]
pub struct Attach {
    tokens: ServiceTokens,
    always_own: bool,
}

impl Interceptor for Attach {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let call = if self.always_own { call::Call::default() } else { call::current() };
        let token = call.token.unwrap_or_else(|| self.tokens.token());
        put(&mut request, "authorization", &format!("Bearer {token}"))?;
        if let Some(channel) = call.channel {
            put(&mut request, "portico-channel", channel.as_str())?;
        }
        for (service, position) in call.after {
            let value = format!("{service}={position}");
            let value = MetadataValue::try_from(value).map_err(|_| Status::internal("a bad position"))?;
            request.metadata_mut().append("portico-after", value);
        }
        Ok(request)
    }
}

fn put(request: &mut Request<()>, name: &'static str, value: &str) -> Result<(), Status> {
    let value = MetadataValue::try_from(value).map_err(|_| Status::internal("a header that can't be sent"))?;
    request.metadata_mut().insert(AsciiMetadataKey::from_static(name), value);
    Ok(())
}

/// How a service is reached.
#[derive(Debug, Clone)]
pub enum Way {
    /// Over the network, whichever of its processes answers.
    Network(Balanced),
    /// In memory: it runs in this process.
    Here(InProcess),
}

impl tower::Service<http::Request<tonic::body::Body>> for Way {
    type Response = http::Response<tonic::body::Body>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        match self {
            Way::Network(balanced) => tower::Service::poll_ready(balanced, cx),
            Way::Here(process) => tower::Service::poll_ready(process, cx),
        }
    }

    fn call(&mut self, request: http::Request<tonic::body::Body>) -> Self::Future {
        match self {
            Way::Network(balanced) => balanced.call(request),
            Way::Here(process) => process.call(request),
        }
    }
}

/// A channel whose calls have spans, and tell the called service about them.
#[derive(Clone)]
pub struct Traced(Way);

impl tower::Service<http::Request<tonic::body::Body>> for Traced {
    type Response = http::Response<tonic::body::Body>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        tower::Service::poll_ready(&mut self.0, cx)
    }

    fn call(&mut self, mut request: http::Request<tonic::body::Body>) -> Self::Future {
        let method = request.uri().path().trim_start_matches('/').to_owned();
        // Nothing to go on with: calls that a process makes by itself, once a second, would be all that one sees.
        let Some(_) = eventlog::trace::current() else { return Box::pin(self.0.call(request)) };
        let span = tracing::info_span!(
            "call",
            otel.name = %method,
            otel.kind = "client",
            rpc.system.name = "grpc",
            rpc.method = %method,
            rpc.status_code = tracing::field::Empty,
        );
        if let Some(Ok(value)) = eventlog::trace::of(&span).map(http::HeaderValue::try_from) {
            request.headers_mut().insert("traceparent", value);
        }
        let answer = self.0.call(request);
        Box::pin(
            async move {
                let answer = answer.await;
                let code = match &answer {
                    Ok(a) => a.headers().get("grpc-status").and_then(|v| v.to_str().ok()).unwrap_or("0").to_owned(),
                    Err(_) => "14".to_owned(),
                };
                tracing::Span::current().record("rpc.status_code", code.as_str());
                answer
            }
            .instrument(span),
        )
    }
}

type Intercepted = InterceptedService<Traced, Attach>;

/// A client of identity's part for accounts.
pub type AccountClient = AccountServiceClient<Intercepted>;

/// Clients of all services. Cheap to clone; connections are made on first use.
#[derive(Clone)]
pub struct Clients {
    channels: Arc<HashMap<String, Way>>,
    attach: Attach,
}

impl Clients {
    /// Clients in the name of a service. Services without a configured address are behind `process`, a process that runs
    /// all of them.
    ///
    /// # Errors
    /// When an address is none.
    pub fn new(config: &Config, service: &str, process: SocketAddr) -> Result<Clients, ConfigError> {
        let own = format!("http://{process}");
        Clients::over(config, service, |setting| Ok(Way::Network(Balanced::new(setting, &own)?)))
    }

    /// Clients in the name of a service. Services without a configured address run in this process.
    ///
    /// # Errors
    /// When an address is none.
    pub fn here(config: &Config, service: &str, process: &InProcess) -> Result<Clients, ConfigError> {
        Clients::over(config, service, |_| Ok(Way::Here(process.clone())))
    }

    fn over(
        config: &Config,
        service: &str,
        own: impl Fn(&str) -> Result<Way, ConfigError>,
    ) -> Result<Clients, ConfigError> {
        let mut channels = HashMap::new();
        for name in crate::SERVICES {
            let setting = format!("PORTICO_{}_ADDR", name.to_uppercase());
            let way = match config.service_addr(name) {
                Some(address) => Way::Network(Balanced::new(&setting, address)?),
                None => own(&setting)?,
            };
            channels.insert(name.to_owned(), way);
        }
        let attach = Attach { tokens: ServiceTokens::new(config, service)?, always_own: false };
        Ok(Clients { channels: Arc::new(channels), attach })
    }

    /// The same clients, but calling in the service's own name whatever call is under way.
    #[must_use]
    pub fn as_service(&self) -> Clients {
        Clients { channels: Arc::clone(&self.channels), attach: Attach { always_own: true, ..self.attach.clone() } }
    }

    fn traced(&self, service: &str) -> Traced {
        Traced(self.channel(service))
    }

    fn channel(&self, service: &str) -> Way {
        self.channels.get(service).cloned().expect("there is a channel for each service")
    }

    /// Identity.
    pub fn identity(&self) -> IdentityServiceClient<Intercepted> {
        IdentityServiceClient::with_interceptor(self.traced("identity"), self.attach.clone())
    }

    /// Identity, for what people do with their own accounts.
    pub fn account(&self) -> AccountClient {
        AccountServiceClient::with_interceptor(self.traced("identity"), self.attach.clone())
    }

    /// Identity, for agents and administrators.
    pub fn identity_administration(&self) -> AdministrationServiceClient<Intercepted> {
        AdministrationServiceClient::with_interceptor(self.traced("identity"), self.attach.clone())
    }

    /// Permissions.
    pub fn permissions(&self) -> PermissionsServiceClient<Intercepted> {
        PermissionsServiceClient::with_interceptor(self.traced("permissions"), self.attach.clone())
    }

    /// Records.
    pub fn records(&self) -> RecordsServiceClient<Intercepted> {
        RecordsServiceClient::with_interceptor(self.traced("records"), self.attach.clone())
    }

    /// Notification.
    pub fn notification(&self) -> NotificationServiceClient<Intercepted> {
        NotificationServiceClient::with_interceptor(self.traced("notification"), self.attach.clone())
    }

    /// Another service's log, read in this service's name.
    pub fn log_of(&self, service: &str) -> eventlog::GrpcSource {
        let mut attach = Attach { always_own: true, ..self.attach.clone() };
        let authorize = Arc::new(Mutex::new(move |r| attach.call(r)));
        eventlog::GrpcSource::new(
            service,
            BoxCloneSyncService::new(self.channel(service).map_err(Status::from_error)),
            Arc::new(move |r| (authorize.lock().unwrap_or_else(PoisonError::into_inner))(r)),
        )
    }
}
