//! Clients of the services: each call carries the token of the call under way (or the service's own), the trace and the
//! positions that the called service must have seen.

use crate::{
    Config, ConfigError, call,
    token::{Claims, SigningKey, mint},
};
use kernel::{Actor, ActorKind, Timestamp};
use proto::{
    identity::v1::identity_service_client::IdentityServiceClient,
    notification::v1::notification_service_client::NotificationServiceClient,
    permissions::v1::permissions_service_client::PermissionsServiceClient,
    records::v1::records_service_client::RecordsServiceClient,
};
use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tonic::{
    Request, Status,
    metadata::{AsciiMetadataKey, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Channel, Endpoint},
};

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

pub(crate) fn clock() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
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
        if let Some(trace) = eventlog::trace::current() {
            put(&mut request, "traceparent", &trace)?;
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

type Intercepted = InterceptedService<Channel, Attach>;

/// Clients of all services. Cheap to clone; connections are made on first use.
#[derive(Clone)]
pub struct Clients {
    channels: Arc<HashMap<String, Channel>>,
    attach: Attach,
}

impl Clients {
    /// Clients in the name of a service. Services without a configured address are behind `own`, this process's listener.
    pub fn new(config: &Config, service: &str, own: SocketAddr) -> Result<Clients, ConfigError> {
        let mut channels = HashMap::new();
        for name in crate::SERVICES {
            let address = config.service_addr(name).map_or_else(|| format!("http://{own}"), str::to_owned);
            let endpoint = Endpoint::from_shared(address.clone())
                .map_err(|_| ConfigError(format!("PORTICO_{}_ADDR: {address} is no URL", name.to_uppercase())))?
                .connect_timeout(Duration::from_secs(1))
                .timeout(Duration::from_secs(15))
                .tcp_nodelay(true)
                .http2_keep_alive_interval(Duration::from_secs(10))
                .keep_alive_timeout(Duration::from_secs(5));
            channels.insert(name.to_owned(), endpoint.connect_lazy());
        }
        let attach = Attach { tokens: ServiceTokens::new(config, service)?, always_own: false };
        Ok(Clients { channels: Arc::new(channels), attach })
    }

    /// The same clients, but calling in the service's own name whatever call is under way.
    #[must_use]
    pub fn as_service(&self) -> Clients {
        Clients { channels: Arc::clone(&self.channels), attach: Attach { always_own: true, ..self.attach.clone() } }
    }

    fn channel(&self, service: &str) -> Channel {
        self.channels.get(service).cloned().expect("there is a channel for each service")
    }

    /// Identity.
    pub fn identity(&self) -> IdentityServiceClient<Intercepted> {
        IdentityServiceClient::with_interceptor(self.channel("identity"), self.attach.clone())
    }

    /// Permissions.
    pub fn permissions(&self) -> PermissionsServiceClient<Intercepted> {
        PermissionsServiceClient::with_interceptor(self.channel("permissions"), self.attach.clone())
    }

    /// Records.
    pub fn records(&self) -> RecordsServiceClient<Intercepted> {
        RecordsServiceClient::with_interceptor(self.channel("records"), self.attach.clone())
    }

    /// Notification.
    pub fn notification(&self) -> NotificationServiceClient<Intercepted> {
        NotificationServiceClient::with_interceptor(self.channel("notification"), self.attach.clone())
    }

    /// Another service's log, read in this service's name.
    pub fn log_of(&self, service: &str) -> eventlog::GrpcSource {
        let mut attach = Attach { always_own: true, ..self.attach.clone() };
        let authorize = Arc::new(Mutex::new(move |r| attach.call(r)));
        eventlog::GrpcSource::new(
            service,
            self.channel(service),
            Arc::new(move |r| (authorize.lock().unwrap_or_else(PoisonError::into_inner))(r)),
        )
    }
}
