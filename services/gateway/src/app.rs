//! What handlers share, and the router of everything.

use crate::{api, guard, limits, observe, sessions::Sessions, source::TrustedProxies, views::KnownViews, web};
use axum::{
    Router,
    extract::Request,
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use kernel::Secret;
use ring::{hkdf, hmac};
use runtime::{AccountClient, Clients, Config, Metrics, PlanCache};
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;
use tower_http::limit::RequestBodyLimitLayer;

/// Most bytes of a request body, except uploads.
const MAX_BODY: usize = 256 * 1024;
/// How much of a body that is too large is read away.
const SWALLOWED: usize = 16 * 1024 * 1024;

/// What the gateway is given.
pub struct Deps {
    /// Settings.
    pub config: Arc<Config>,
    /// Clients in the gateway's name.
    pub clients: Clients,
    /// Access plans.
    pub plans: PlanCache,
    /// NATS connection.
    pub nats: async_nats::Client,
    /// From which keys are derived.
    pub master_key: Secret<[u8; 32]>,
    /// Metrics of the process.
    pub metrics: Metrics,
    /// Cancelled when no new requests are taken.
    pub shutdown: CancellationToken,
}

/// Why the gateway can't start.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StartError(pub String);

/// What handlers share. Cheap to clone.
#[derive(Clone)]
pub(crate) struct App(Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) config: Arc<Config>,
    pub(crate) clients: Clients,
    pub(crate) plans: PlanCache,
    pub(crate) sessions: Sessions,
    /// Modules as people see them.
    pub(crate) views: KnownViews,
    pub(crate) metrics: Metrics,
    pub(crate) proxies: TrustedProxies,
    /// Signs what the gateway hands to browsers before there is a session.
    pub(crate) key: hmac::Key,
    /// Cookies get the `__Host-` prefix and `Secure`.
    pub(crate) secure: bool,
    pub(crate) zone: jiff::tz::TimeZone,
}

impl std::ops::Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// The router of pages, API and assets.
pub async fn router(deps: Deps) -> Result<Router, StartError> {
    let Deps { config, clients, plans, nats, master_key, metrics, shutdown } = deps;
    let app = App::new(config, clients, plans, metrics, &master_key)?;
    let events = eventlog::listen(nats, "identity", None, shutdown);
    tokio::spawn(app.sessions.clone().run(events));
    Ok(routes(app))
}

impl App {
    /// Identity's part for accounts. The session in each request says who asks; the gateway calls in its own name, because
    /// an unfinished login speaks for nobody yet.
    pub(crate) fn account(&self) -> AccountClient {
        self.clients.as_service().account()
    }

    /// Everything that handlers share. Connects to nothing.
    pub(crate) fn new(
        config: Arc<Config>,
        clients: Clients,
        plans: PlanCache,
        metrics: Metrics,
        master_key: &Secret<[u8; 32]>,
    ) -> Result<App, StartError> {
        let mut key = [0; 32];
        hkdf::Salt::new(hkdf::HKDF_SHA256, b"portico")
            .extract(master_key.expose())
            .expand(&[b"gateway"], hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(&mut key))
            .map_err(|_| StartError("the gateway's key can't be derived".into()))?;
        let proxies = TrustedProxies::parse(&config.trusted_proxies).map_err(StartError)?;
        let zone = jiff::tz::TimeZone::get(&config.time_zone).map_err(|e| StartError(e.to_string()))?;
        Ok(App(Arc::new(Shared {
            secure: config.portal_url.starts_with("https://"),
            sessions: Sessions::new(clients.clone()),
            views: KnownViews::default(),
            config,
            clients,
            plans,
            metrics,
            proxies,
            key: hmac::Key::new(hmac::HMAC_SHA256, &key),
            zone,
        })))
    }
}

/// Every route behind its layers.
pub(crate) fn routes(app: App) -> Router {
    let guarded = Router::new()
        .merge(api::router())
        .merge(web::router(app.clone()))
        .layer(middleware::from_fn_with_state(app.clone(), guard::guard));
    guarded
        .merge(crate::assets::router())
        .merge(crate::schemas::router())
        .merge(observe::reports())
        .fallback(web::not_found)
        .layer(RequestBodyLimitLayer::new(MAX_BODY))
        .layer(middleware::from_fn(swallow))
        .layer(tower_http::timeout::TimeoutLayer::with_status_code(
            http::StatusCode::SERVICE_UNAVAILABLE,
            Duration::from_secs(30),
        ))
        .layer(middleware::from_fn_with_state(app.clone(), limits::layer))
        .layer(tower_http::compression::CompressionLayer::new().gzip(true))
        .layer(middleware::from_fn_with_state(app.clone(), observe::observe))
        .with_state(app)
}

/// Refuses a body that says to be too large only after it was read away. Who answers and closes while the other side still
/// sends makes its system reset the connection, and the client may never see the refusal. What says to be larger than
/// [`SWALLOWED`] is cut off.
async fn swallow(request: Request, next: Next) -> Response {
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|l| l.to_str().ok()).and_then(|l| l.parse::<usize>().ok()).unwrap_or_default();
    if !(MAX_BODY + 1..=SWALLOWED).contains(&length) {
        return next.run(request).await;
    }
    let mut body = request.into_body().into_data_stream();
    // However it ends, the answer is the same.
    let _ = tokio::time::timeout(Duration::from_secs(2), async { while let Some(Ok(_)) = body.next().await {} }).await;
    StatusCode::PAYLOAD_TOO_LARGE.into_response()
}
