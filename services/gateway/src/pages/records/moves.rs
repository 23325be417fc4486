//! A contact goes to another company: what that does to its records is said, and asked, before it is saved.

use crate::{
    backend::{moves, records},
    pages::{
        answer::Answer,
        ask::{Ask, Posted, html},
        module::{Module, may, raw, title_of, value_of},
        records::fetch,
        scene::Scene,
    },
};
use axum::extract::Path;
use gateway_ui::vm::{Move, Section, TiedTo, move_page, still_open_section};
use http::StatusCode;
use kernel::Error;
use proto::records::v1::{PreviewMoveResponse, Record};

/// The answer to [`ask_first`], among what was posted.
const CHOSEN: &str = "company_change";

/// The page that asks, when what was posted gives a contact another company and that moves, or leaves behind, records.
pub(crate) async fn ask_first(
    scene: &Scene,
    module: Module<'_>,
    id: &str,
    posted: &Posted,
) -> Result<Option<Answer>, Error> {
    let field = module.definition.company_field.as_str();
    let typed = posted.get(field).map(str::trim);
    let Some(typed) =
        typed.filter(|_| scene.console() && module.name() == policy::CONTACTS && posted.get(CHOSEN).is_none())
    else {
        return Ok(None);
    };
    let record = fetch::get(&scene.ask, module.name(), id).await?;
    let now = raw(value_of(&record, field));
    if now == typed || !may(&record, "edit") {
        return Ok(None);
    }
    let tied = match moves::preview(&scene.ask.app, id, Some(typed.to_owned())).await {
        // A company that is none is the form's to refuse.
        Err(error) if error.code == kernel::Code::Invalid => return Ok(None),
        other => tied(scene, other?),
    };
    if tied.is_empty() {
        return Ok(None);
    }
    let titles = records::titles(&scene.ask.app, vec![now.clone(), typed.to_owned()]).await?;
    let name = |id: &str| titles.get(id).cloned().unwrap_or_default();
    let kept = |(name, _): &&(String, String)| !["csrf_token", "form_id", CHOSEN].contains(&name.as_str());
    let asked = Move {
        contact: title_of(&record),
        from: name(&now),
        to: name(typed),
        tied,
        action: fetch::edit_url(scene, module, &record),
        typed: posted.0.iter().filter(kept).cloned().collect(),
    };
    let crumbs = vec![scene.list_crumb(module), scene.record_crumb(module, id, &record.number)];
    Ok(Some(html(StatusCode::OK, &move_page(scene.chrome(), crumbs, asked))))
}

/// After the change: closes to the contact what stays, if that was chosen. Gives the message.
pub(crate) async fn close_if_chosen(ask: &Ask, id: &str, posted: &Posted) -> Option<&'static str> {
    if posted.get(CHOSEN) != Some("close") {
        return None;
    }
    Some(match moves::close(&ask.app, id).await {
        Ok(closed) if closed.left == 0 => "closed_to_contact",
        Ok(_) => "partly_closed_to_contact",
        Err(error) => {
            // The change is saved; the contact's page shows what is still open, and offers to close it again.
            tracing::warn!(event = "contact.close_failed", reason = %error.reason, "records stay open to a contact that moved");
            "partly_closed_to_contact"
        }
    })
}

/// What is still open to a contact; only in the console. The page is there without it, too.
pub(crate) async fn fetch(ask: &Ask, module: &str, id: &str) -> Option<PreviewMoveResponse> {
    if !ask.look.console() || module != policy::CONTACTS {
        return None;
    }
    moves::preview(&ask.app, id, None).await.ok()
}

/// The section on the contact's page.
pub(crate) fn section(scene: &Scene, record: &Record, open: PreviewMoveResponse) -> Option<Section> {
    let close_url = may(record, "edit").then(|| scene.ask.url(&format!("/contacts/{}/close-records", record.id)));
    still_open_section(scene.lang(), &title_of(record), &tied(scene, open), close_url)
}

/// Closes to the contact what names another company than its own.
pub(crate) async fn submit(ask: Ask, Path(id): Path<String>) -> Answer {
    ask.admitted.signed_in()?;
    let closed = moves::close(&ask.app, &id).await?;
    let flash = if closed.left == 0 { "closed_to_contact" } else { "partly_closed_to_contact" };
    ask.done(&ask.record_url(policy::CONTACTS, &id), flash)
}

fn tied(scene: &Scene, answer: PreviewMoveResponse) -> Vec<TiedTo> {
    let count = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
    let of = |t: proto::records::v1::TiedRecords| TiedTo {
        module: scene.find(&t.module).map_or(t.module, |m| m.vm(scene.lang()).plural),
        stay: count(t.stay),
        moves: count(t.r#move),
    };
    answer.modules.into_iter().map(of).collect()
}
