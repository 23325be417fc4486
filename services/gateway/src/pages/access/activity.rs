//! All that happened around a contact's account.

use crate::{
    backend::{activity::activity_of, contacts::contact},
    pages::{
        answer::Answer,
        ask::{Ask, Posted, html},
        module::title_of,
        scene::Scene,
        sections::activity::happening,
    },
};
use axum::extract::Path;
use gateway_ui::{
    query::encode,
    vm::{Crumb, Pager, TOUCHPOINTS, activity_page},
};
use http::StatusCode;

const ENTRIES: i32 = 50;

/// All of it.
pub(crate) async fn page(ask: Ask, Path(id): Path<String>) -> Answer {
    let scene = Scene::open(&ask).await?;
    let query = Posted::parse(&ask.look.query);
    let (chosen, cursor) = (query.text("touchpoint"), query.text("cursor"));
    // An unknown word shows everything, as if none had been chosen.
    let chosen = TOUCHPOINTS.into_iter().find(|t| *t == chosen).unwrap_or_default();
    let (contact, page) =
        tokio::join!(contact(&ask.app, &id), activity_of(&ask.app, &id, chosen, ENTRIES, cursor.clone()));
    let (contact, page) = (contact?, page?);
    let path = ask.url(&format!("/contacts/{id}/activity"));
    let narrowed = if chosen.is_empty() { path.clone() } else { format!("{path}?touchpoint={chosen}") };
    let joint = if chosen.is_empty() { '?' } else { '&' };
    let pager = Pager {
        next_url: (!page.next_cursor.is_empty())
            .then(|| format!("{narrowed}{joint}cursor={}", encode(&page.next_cursor))),
        first_url: (!cursor.is_empty()).then(|| narrowed.clone()),
    };
    let crumb = Crumb { label: title_of(&contact), url: ask.record_url(policy::CONTACTS, &id) };
    let happenings = page.entries.into_iter().map(|e| happening(&scene, e)).collect();
    html(StatusCode::OK, &activity_page(scene.chrome(), crumb, chosen, path, happenings, pager))
}
