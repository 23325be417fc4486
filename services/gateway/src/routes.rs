//! Everything put together: the API and the pages under the guard, and the layers around them all.

use crate::{
    api,
    http::{
        app::{Above, App, StartError},
        assets,
        group::Group,
        guard, limits, observe, schemas,
    },
    pages,
};
use axum::{Router, middleware};
use kernel::Secret;
use runtime::{Clients, Config, Metrics, PlanCache};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

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
    Above { faces: &pages::Pages, is_open: api::is_open, document: api::served, group: group_of }
}

/// The group of limits that a route is in. Pages say theirs; the API's calls are all in the default one.
fn group_of(route: &str) -> Group {
    pages::group_of(route).unwrap_or(Group::Default)
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
        .layer(middleware::from_fn_with_state(app.clone(), limits::layer))
        .layer(tower_http::compression::CompressionLayer::new().gzip(true))
        .layer(middleware::from_fn_with_state(app.clone(), observe::observe))
        .with_state(app)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn every_route_is_in_one_group_of_limits() {
        let document = serde_json::to_value(api::openapi()).unwrap();
        let calls = document["paths"].as_object().unwrap().keys().map(|path| format!("/api/v1{path}"));
        let others = ["/api/openapi.json", "/api/docs", "/api/{*rest}", "/assets/{name}", "/favicon.ico"];
        let others = others.into_iter().chain(["/schemas/events/{name}/{file}", "/csp-reports"]).map(str::to_owned);
        let pages = pages::routes::all().into_iter().map(|(_, path)| path);
        let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for route in pages.chain(calls).chain(others) {
            let declared = pages::routes::PAGES.iter().filter(|page| page.is_at(&route)).count();
            assert!(declared <= 1, "{route} is declared {declared} times");
            let routes = groups.entry(format!("{:?}", group_of(&route))).or_default();
            routes.push(route);
        }
        assert!(groups["Default"].len() > 200, "only {}", groups["Default"].len());
        groups.remove("Default");
        let export = ("Export".to_owned(), vec!["/console/bulk/{id}/rows.csv".to_owned()]);
        assert_eq!(groups, BTreeMap::from([export]), "a route that takes or gives more says so, here too");
    }

    #[test]
    fn only_what_takes_files_takes_more_and_only_what_stays_open_stays() {
        for group in [Group::Default, Group::Upload, Group::Export, Group::Stream] {
            let limits = group.limits();
            assert_eq!(limits.body > Group::Default.limits().body, group == Group::Upload, "{group:?}");
            assert_eq!(limits.time.is_none(), group == Group::Stream, "{group:?}");
            assert!(limits.arrival <= limits.time || limits.time.is_none(), "{group:?}");
        }
    }
}
