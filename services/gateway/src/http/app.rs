//! What handlers share.

use super::{
    group::Group,
    request::{Asked, Refused},
    sessions::Sessions,
    source::TrustedProxies,
    views::KnownViews,
};
use axum::{http::StatusCode, response::Response};
use futures::future::BoxFuture;
use kernel::Secret;
use ring::{hkdf, hmac};
use runtime::{AccountClient, Clients, Config, Metrics, PlanCache};
use std::sync::Arc;

/// Why the gateway can't start.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StartError(pub String);

/// How the pages look where a layer below them answers. The pages stand above these layers, so they are handed in.
pub(crate) trait Faces: Sync {
    /// The answer to a request for a page that the guard did not admit.
    fn refused<'a>(&'a self, app: &'a App, asked: &'a Asked, refused: Refused) -> BoxFuture<'a, Response>;

    /// The page of what a layer refused without a word.
    fn wordless(&self, app: &App, asked: &Asked, status: StatusCode) -> Response;

    /// Whether the address of a page holds a token. A form of such a page is sent without its origin.
    fn shows_token(&self, path: &str) -> bool;
}

/// What the layers of every request are told of the pages and the API above them.
#[derive(Clone, Copy)]
pub(crate) struct Above {
    pub(crate) faces: &'static dyn Faces,
    /// Whether a call of the API, by method and whole path, needs nobody to have signed in.
    pub(crate) is_open: fn(&str, &str) -> bool,
    /// The OpenAPI document as clients get it, for the page about the API.
    pub(crate) document: fn() -> &'static serde_json::Value,
    /// The group of limits that a route is in.
    pub(crate) group: fn(&str) -> Group,
}

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
    pub(crate) above: Above,
}

impl std::ops::Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
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
        above: Above,
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
            above,
        })))
    }
}
