//! Everything put together: the API and the pages under the guard, and the layers around them all.

use crate::{
    api,
    http::{
        app::{Above, App, StartError},
        assets, guard, limits, observe, schemas,
    },
    pages,
};
use axum::{
    Router,
    extract::Request,
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use kernel::Secret;
use runtime::{Clients, Config, Metrics, PlanCache};
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

/// The router of pages, API and assets.
pub async fn router(deps: Deps) -> Result<Router, StartError> {
    let Deps { config, clients, plans, nats, master_key, metrics, shutdown } = deps;
    let app = App::new(config, clients, plans, metrics, &master_key, above())?;
    let events = eventlog::listen(nats, "identity", None, shutdown);
    tokio::spawn(app.sessions.clone().run(events));
    Ok(routes(app))
}

/// What the layers of every request are told of the pages and the API.
pub(crate) fn above() -> Above {
    Above { faces: &pages::Pages, is_open: api::is_open, document: api::served }
}

/// Every route behind its layers.
pub(crate) fn routes(app: App) -> Router {
    let guarded = Router::new()
        .merge(api::router())
        .merge(pages::router(app.clone()))
        .layer(middleware::from_fn_with_state(app.clone(), guard::guard));
    guarded
        .merge(assets::router())
        .merge(schemas::router())
        .merge(observe::reports())
        .fallback(pages::not_found)
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
