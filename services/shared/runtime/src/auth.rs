//! Who calls: every gRPC call is verified here, before any handler sees it.

use crate::{
    Clients, Metrics, RpcLabels, Waiters,
    call::{Call, with_call},
    clock::clock,
    token::{self, Claims, TokenError},
};
use http::{HeaderMap, Request, Response};
use kernel::{Actor, ActorKind, Channel};
use proto::identity::v1::ListSigningKeysRequest;
use std::{
    collections::HashMap,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError, RwLock},
    task::{Context, Poll},
    time::{Duration, Instant},
};
use tonic::{Status, body::Body};
use tower::{Layer, Service};
use tracing::{Instrument, info_span};

/// How long a request waits for a position that it depends on.
const AFTER: Duration = Duration::from_millis(500);
const CACHED_TOKENS: usize = 20_000;

/// The public keys that verify tokens, and the tokens verified lately.
#[derive(Clone)]
pub struct KeyRing(Arc<Ring>);

struct Ring {
    installation: String,
    keys: RwLock<HashMap<String, Vec<u8>>>,
    clients: Clients,
    asked: tokio::sync::Mutex<Option<Instant>>,
    verified: Mutex<HashMap<String, Claims>>,
}

impl KeyRing {
    /// A ring that knows the services' key, and asks identity when it meets a key that it does not know.
    pub fn new(installation: &str, service_key: &token::SigningKey, clients: Clients) -> KeyRing {
        let keys = HashMap::from([(service_key.kid.clone(), service_key.public.clone())]);
        KeyRing(Arc::new(Ring {
            installation: installation.to_owned(),
            keys: RwLock::new(keys),
            clients: clients.as_service(),
            asked: tokio::sync::Mutex::new(None),
            verified: Mutex::default(),
        }))
    }

    async fn verify(&self, text: &str) -> Result<Claims, TokenError> {
        let now = clock();
        let second = now.micros() / 1_000_000;
        if let Some(claims) = self.verified().get(text)
            && claims.exp >= second
        {
            return Ok(claims.clone());
        }
        let mut result = self.check(text, now);
        if result == Err(TokenError::UnknownKey) {
            self.learn().await;
            result = self.check(text, now);
        }
        let claims = result?;
        let mut verified = self.verified();
        if verified.len() >= CACHED_TOKENS {
            verified.retain(|_, c| c.exp >= second);
            if verified.len() >= CACHED_TOKENS {
                verified.clear();
            }
        }
        verified.insert(text.to_owned(), claims.clone());
        Ok(claims)
    }

    fn check(&self, text: &str, now: kernel::Timestamp) -> Result<Claims, TokenError> {
        let keys = self.0.keys.read().unwrap_or_else(PoisonError::into_inner);
        token::verify(&keys, &self.0.installation, text, now)
    }

    /// Asks identity for its keys, at most once a second.
    async fn learn(&self) {
        let mut asked = self.0.asked.lock().await;
        if asked.is_some_and(|a| a.elapsed() < Duration::from_secs(1)) {
            return;
        }
        *asked = Some(Instant::now());
        let mut identity = self.0.clients.identity();
        match identity.list_signing_keys(ListSigningKeysRequest {}).await {
            Ok(answer) => {
                let mut keys = self.0.keys.write().unwrap_or_else(PoisonError::into_inner);
                keys.retain(|kid, _| kid == token::SERVICE_KID);
                keys.extend(answer.into_inner().keys.into_iter().map(|k| (k.kid, k.public_key)));
            }
            Err(e) => {
                tracing::warn!(event = "keys.away", error = %e.code(), "identity does not tell its keys")
            }
        }
    }

    fn verified(&self) -> std::sync::MutexGuard<'_, HashMap<String, Claims>> {
        self.0.verified.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The verified subject of a call.
pub fn actor<T>(request: &tonic::Request<T>) -> Result<Actor, Status> {
    request.extensions().get::<Actor>().cloned().ok_or_else(|| Status::unauthenticated("no actor token"))
}

/// True when the caller is a service of ours.
pub fn is_service(extensions: &tonic::Extensions) -> bool {
    extensions.get::<Actor>().is_some_and(|a| a.kind == ActorKind::Service)
}

/// Verifies tokens, opens the server span, refuses callers whose proof is too old for the method, waits for positions,
/// counts calls.
#[derive(Clone)]
pub struct AuthLayer {
    ring: KeyRing,
    waiters: Waiters,
    metrics: Metrics,
}

impl AuthLayer {
    /// The layer of a process's gRPC server.
    pub fn new(ring: KeyRing, waiters: Waiters, metrics: Metrics) -> AuthLayer {
        AuthLayer { ring, waiters, metrics }
    }
}

impl<S> Layer<S> for AuthLayer {
    type Service = Auth<S>;

    fn layer(&self, inner: S) -> Auth<S> {
        Auth { layer: self.clone(), inner }
    }
}

/// See [`AuthLayer`].
#[derive(Clone)]
pub struct Auth<S> {
    layer: AuthLayer,
    inner: S,
}

impl<S, B> Service<Request<B>> for Auth<S>
where
    S: Service<Request<B>, Response = Response<Body>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
    B: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        // The instance that is ready is the one to call; the clone waits for the next request.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let layer = self.layer.clone();
        let method = request.uri().path().trim_start_matches('/').to_owned();
        if method.starts_with("grpc.health.") {
            return Box::pin(inner.call(request));
        }
        let span = info_span!(
            "rpc",
            otel.name = %method,
            otel.kind = "server",
            rpc.system.name = "grpc",
            rpc.method = %method,
            rpc.status_code = tracing::field::Empty,
            portico.actor.kind = tracing::field::Empty,
            portico.actor.id = tracing::field::Empty,
        );
        if let Some(parent) = header(request.headers(), "traceparent") {
            eventlog::trace::set_parent(&span, parent);
        }
        let work = async move {
            let started = Instant::now();
            let outcome = async {
                let (actor, call) = layer.admit(request.headers()).await?;
                let span = tracing::Span::current();
                span.record("portico.actor.kind", actor.kind.as_str());
                span.record("portico.actor.id", tracing::field::display(actor.id));
                crate::check_proof(&method, &actor, clock()).map_err(crate::status)?;
                layer.wait(&method, request.headers()).await?;
                request.extensions_mut().insert(actor);
                Ok(with_call(call, inner.call(request)).await)
            };
            let response = match outcome.await {
                Ok(result) => result?,
                Err(status) => {
                    let status: Status = status;
                    status.into_http()
                }
            };
            let code = header(response.headers(), "grpc-status").unwrap_or("0").to_owned();
            tracing::Span::current().record("rpc.status_code", code.as_str());
            // Only names that exist: anybody can send others, and a series is kept for ever.
            let known = proto::method::find(&method).map_or("unknown", |m| m.path);
            let labels = RpcLabels { rpc_method: known.to_owned(), rpc_status_code: code };
            layer.metrics.rpc_server.get_or_create(&labels).observe(started.elapsed().as_secs_f64());
            Ok(response)
        };
        Box::pin(work.instrument(span))
    }
}

impl AuthLayer {
    async fn admit(&self, headers: &HeaderMap) -> Result<(Actor, Call), Status> {
        let text = header(headers, "authorization")
            .and_then(|h| h.strip_prefix("Bearer "))
            .ok_or_else(|| Status::unauthenticated("no actor token"))?;
        let claims = self.ring.verify(text).await.map_err(|e| {
            tracing::debug!(event = "token.refused", reason = %e, "a token was refused");
            Status::unauthenticated("the actor token is not valid")
        })?;
        let told = header(headers, "portico-channel").and_then(Channel::from_word);
        let channel = told.unwrap_or(match claims.kind {
            ActorKind::Contact | ActorKind::Company => Channel::Portal,
            ActorKind::Agent => Channel::Console,
            ActorKind::Service => Channel::System,
        });
        // A service that calls on passes the token of its caller along, but its own work is never somebody else's.
        let token = (claims.kind != ActorKind::Service).then(|| text.to_owned());
        Ok((claims.actor(channel), Call { token, channel: Some(channel), after: Vec::new() }))
    }

    async fn wait(&self, method: &str, headers: &HeaderMap) -> Result<(), Status> {
        let service = method.split('.').nth(1).unwrap_or_default();
        for value in headers.get_all("portico-after") {
            let Some((source, position)) = value.to_str().ok().and_then(|v| v.split_once('=')) else {
                continue;
            };
            let Ok(position) = position.parse() else {
                continue;
            };
            if source != service && !self.waiters.wait(service, source, position, AFTER).await {
                return Err(crate::status(kernel::Error::unavailable(format!("{service} lags behind {source}"))));
            }
        }
        Ok(())
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|v| v.to_str().ok())
}
