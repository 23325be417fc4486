//! Calls spread over all processes of a service.
//!
//! A service's address is a name that stands for as many addresses as it has processes (a headless Service in
//! Kubernetes), or a list. The name is looked up again every few seconds and after a failure. Each address has one
//! connection. Of two addresses that are next in turn, a call takes the one with fewer calls under way ("power of two
//! choices", Mitzenmacher 2001).
//!
//! tonic's own balancing is not used: an address that refuses connections answers at once, so it always looks the least
//! busy and draws the calls of all others.

use crate::{
    ConfigError,
    call::{BoxError, CALL_LIMIT},
};
use bytes::Bytes;
use futures::future::BoxFuture;
use http_body_util::{BodyExt, Full};
use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};
use tonic::{
    ConnectError, Status,
    body::Body,
    transport::{Channel, Endpoint},
};
use tower::ServiceExt;

/// How long the addresses of a name are good for.
const KNOWN_FOR: Duration = Duration::from_secs(3);
/// How long an address that could not be reached is passed over while there are others.
const PASSED_OVER: Duration = Duration::from_secs(1);
/// Most addresses that one call tries.
const MOST_TRIES: usize = 3;

/// Looks names up: a host and a port to addresses.
type Resolver = Arc<dyn Fn(String, u16) -> BoxFuture<'static, std::io::Result<Vec<SocketAddr>>> + Send + Sync>;

/// A service with all its processes. Cheap to clone; connections are made on first use.
#[derive(Clone)]
pub struct Balanced(Arc<Inner>);

struct Inner {
    /// `http://host:port`, as configured.
    places: Vec<http::Uri>,
    resolver: Resolver,
    /// Whether a method, by its path, may be called again after a call that may have arrived.
    repeatable: fn(&str) -> bool,
    peers: RwLock<Arc<Vec<Arc<Peer>>>>,
    /// When the names were looked up last.
    resolved: Mutex<Option<Instant>>,
    resolving: tokio::sync::Mutex<()>,
    turn: AtomicUsize,
}

struct Peer {
    address: SocketAddr,
    channel: Channel,
    under_way: AtomicUsize,
    failed: Mutex<Option<Instant>>,
}

impl fmt::Debug for Balanced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Balanced").field(&self.0.places).finish()
    }
}

/// Counts a call as under way for as long as it lives, also when its caller gives up.
struct UnderWay(Arc<Peer>);

impl UnderWay {
    fn at(peer: &Arc<Peer>) -> UnderWay {
        peer.under_way.fetch_add(1, Relaxed);
        UnderWay(Arc::clone(peer))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Relaxed);
    }
}

impl Peer {
    fn new(place: &http::Uri, address: SocketAddr) -> Result<Peer, tonic::transport::Error> {
        let endpoint = Endpoint::from_shared(format!("http://{address}"))?
            .origin(place.clone())
            .connect_timeout(Duration::from_secs(1))
            .timeout(CALL_LIMIT)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(Duration::from_secs(10))
            .keep_alive_timeout(Duration::from_secs(5));
        Ok(Peer { address, channel: endpoint.connect_lazy(), under_way: AtomicUsize::new(0), failed: Mutex::new(None) })
    }

    fn is_passed_over(&self) -> bool {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.is_some_and(|at| at.elapsed() < PASSED_OVER)
    }

    fn note(&self, failed: bool) {
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = failed.then(Instant::now);
    }
}

impl Balanced {
    /// A service at an address `http://host:port`, or at several with commas between them. The error names `setting`.
    pub fn new(setting: &str, addresses: &str) -> Result<Balanced, ConfigError> {
        let resolver: Resolver = Arc::new(|host, port| Box::pin(look_up(host, port)));
        Balanced::with(setting, addresses, resolver, is_repeatable)
    }

    fn with(
        setting: &str,
        addresses: &str,
        resolver: Resolver,
        repeatable: fn(&str) -> bool,
    ) -> Result<Balanced, ConfigError> {
        let places = addresses.split(',').map(|text| {
            let text = text.trim();
            let uri: Option<http::Uri> = text.parse().ok();
            uri.filter(|u| u.scheme_str() == Some("http") && u.host().is_some() && u.port_u16().is_some())
                .ok_or_else(|| ConfigError(format!("{setting}: {text} is not http://host:port")))
        });
        Ok(Balanced(Arc::new(Inner {
            places: places.collect::<Result<_, _>>()?,
            resolver,
            repeatable,
            peers: RwLock::default(),
            resolved: Mutex::new(None),
            resolving: tokio::sync::Mutex::default(),
            turn: AtomicUsize::new(0),
        })))
    }

    fn peers(&self) -> Arc<Vec<Arc<Peer>>> {
        Arc::clone(&self.0.peers.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn is_fresh(&self) -> bool {
        let resolved = self.0.resolved.lock().unwrap_or_else(PoisonError::into_inner);
        resolved.is_some_and(|at| at.elapsed() < KNOWN_FOR)
    }

    /// Looks the names up, unless somebody does so already; then waits for the outcome.
    async fn resolve(&self) {
        let asked = Instant::now();
        let _one_at_a_time = self.0.resolving.lock().await;
        let resolved = *self.0.resolved.lock().unwrap_or_else(PoisonError::into_inner);
        if resolved.is_some_and(|at| at >= asked) {
            return;
        }
        let old = self.peers();
        let mut peers: Vec<Arc<Peer>> = Vec::new();
        for place in &self.0.places {
            let (host, port) = (place.host().unwrap_or_default(), place.port_u16().unwrap_or_default());
            let found = match (self.0.resolver)(host.trim_matches(['[', ']']).to_owned(), port).await {
                Ok(found) => found,
                Err(error) => {
                    tracing::warn!(event = "service.unresolved", host, %error, "a service's name can't be looked up");
                    // A resolver that is away for a moment must not take away what works.
                    old.iter().map(|p| p.address).filter(|a| a.port() == port).collect()
                }
            };
            for address in found {
                if peers.iter().any(|p| p.address == address) {
                    continue;
                }
                let known = old.iter().find(|p| p.address == address).cloned();
                if let Some(peer) = known.or_else(|| Peer::new(place, address).ok().map(Arc::new)) {
                    peers.push(peer);
                }
            }
        }
        if !peers.is_empty() {
            *self.0.peers.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(peers);
        }
        *self.0.resolved.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// The address to try next for a call that was tried at some already; None when it was tried at all of them.
    async fn choose(&self, tried: &[SocketAddr]) -> Option<Arc<Peer>> {
        if self.peers().is_empty() {
            self.resolve().await;
        } else if !self.is_fresh() {
            // The call goes where it would have gone; the next ones know better.
            let again = self.clone();
            tokio::spawn(async move { again.resolve().await });
        }
        let peers = self.peers();
        let fit = |well: bool| -> Vec<&Arc<Peer>> {
            let left = peers.iter().filter(|p| !tried.contains(&p.address));
            left.filter(|p| !well || !p.is_passed_over()).collect()
        };
        let mut candidates = fit(true);
        if candidates.is_empty() {
            candidates = fit(false);
        }
        let turn = self.0.turn.fetch_add(1, Relaxed);
        let first = *candidates.get(turn % candidates.len().max(1))?;
        let second = candidates[(turn + 1) % candidates.len()];
        let busier = first.under_way.load(Relaxed) > second.under_way.load(Relaxed);
        Some(Arc::clone(if busier { second } else { first }))
    }

    async fn send(self, request: http::Request<Body>) -> Result<http::Response<Body>, BoxError> {
        let repeatable = (self.0.repeatable)(request.uri().path());
        let (head, body) = request.into_parts();
        // Our requests are single messages of a few kilobytes at most; kept, they can be sent again.
        let body: Bytes = body.collect().await?.to_bytes();
        let mut tried = Vec::new();
        let mut broke = false;
        let mut last: BoxError = Box::new(Status::unavailable("no process of the service is known"));
        while tried.len() < MOST_TRIES {
            let Some(peer) = self.choose(&tried).await else { break };
            tried.push(peer.address);
            let request = http::Request::from_parts(head.clone(), Body::new(Full::new(body.clone())));
            let answer = {
                let _under_way = UnderWay::at(&peer);
                peer.channel.clone().oneshot(request).await
            };
            let error = match answer {
                Ok(answer) => {
                    peer.note(false);
                    return Ok(answer);
                }
                Err(error) => error,
            };
            let (unsent, late) = (is::<ConnectError>(&error), is::<tonic::TimeoutExpired>(&error));
            last = error.into();
            if late {
                break;
            }
            peer.note(true);
            // The name may say something else by now.
            self.resolve().await;
            // What never left can go elsewhere; what may have arrived only once, and only when twice is the same as once.
            if !unsent && (!repeatable || std::mem::replace(&mut broke, true)) {
                break;
            }
        }
        Err(last)
    }
}

/// True when a method says that it may be called again after it may have arrived.
fn is_repeatable(path: &str) -> bool {
    proto::method::find(path.trim_start_matches('/')).is_some_and(|method| method.repeatable)
}

/// True when an error, or one of its causes, is of type `E`.
fn is<E: std::error::Error + 'static>(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<E>() {
            return true;
        }
        next = error.source();
    }
    false
}

async fn look_up(host: String, port: u16) -> std::io::Result<Vec<SocketAddr>> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    Ok(tokio::net::lookup_host((host, port)).await?.collect())
}

impl tower::Service<http::Request<Body>> for Balanced {
    type Response = http::Response<Body>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(self.clone().send(request))
    }
}

#[cfg(test)]
mod tests;
