//! The gateway with every service away, for the tests of its parts.

use crate::{
    http::app::App,
    routes::{above, routes},
};
use axum::Router;
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use runtime::{Clients, Config, Metrics, PlanCache};
use std::{net::SocketAddr, sync::Arc};

/// The gateway with every service away: nothing listens where it looks.
pub(crate) fn gateway() -> Router {
    routes(away())
}

/// What handlers share, with every service away.
pub(crate) fn away() -> App {
    away_with(&[])
}

/// The same with other settings.
pub(crate) fn away_with(settings: &[(&str, &str)]) -> App {
    let more = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let settings = [
        ("PORTICO_MASTER_KEY".to_owned(), BASE64.encode([7; 32])),
        ("PORTICO_PORTAL_URL".to_owned(), "http://127.0.0.1:8080".to_owned()),
        ("PORTICO_PORTAL_COMPANY_NAME".to_owned(), "Acme Support".to_owned()),
    ];
    let config = Arc::new(Config::from_settings(settings.into_iter().chain(more), &[]).unwrap());
    let nobody: SocketAddr = "127.0.0.1:1".parse().unwrap();
    let clients = Clients::new(&config, "gateway", nobody).unwrap();
    let plans = PlanCache::new(clients.clone());
    let key = config.master_key().unwrap();
    App::new(config, clients, plans, Metrics::default(), &key, above()).unwrap()
}
