//! What happened around a contact's account: the newest on the contact's page, all of it on a page of its own.

use crate::{
    backend::activity::activity_of,
    pages::{
        ask::Ask,
        scene::{Me, Scene},
    },
};
use gateway_ui::vm::{Happening, RecordLink, Section, activity_section};
use policy::Right;
use proto::identity::v1::ActivityEntry;

/// Entries on the contact's page, and on a page of its own.
const NEWEST: i32 = 10;

fn may_see(me: &Me) -> bool {
    me.may(Right::ManageAccess) || me.may(Right::ReadAudit)
}

/// The newest entries for a contact's page; none elsewhere. The page is there without them, too.
pub(crate) async fn fetch(me: &Me, ask: &Ask, module: &str, id: &str) -> Option<Vec<ActivityEntry>> {
    if !ask.look.console() || module != policy::CONTACTS || !may_see(me) {
        return None;
    }
    match activity_of(&ask.app, id, "", NEWEST, String::new()).await {
        Ok(page) => Some(page.entries),
        Err(error) => {
            tracing::warn!(event = "activity.unavailable", reason = %error.reason, "a contact's activity can't be shown");
            None
        }
    }
}

/// The section on the contact's page.
pub(crate) fn section(scene: &Scene, id: &str, entries: Vec<ActivityEntry>) -> Section {
    let happenings = entries.into_iter().map(|e| happening(scene, e)).collect();
    activity_section(scene.lang(), happenings, scene.ask.url(&format!("/contacts/{id}/activity")))
}

pub(crate) fn happening(scene: &Scene, entry: ActivityEntry) -> Happening {
    let fact = |name: &str| entry.facts.get(name).cloned().unwrap_or_default();
    let (module, record) = (fact("module"), fact("record_id"));
    let record = (!record.is_empty()).then(|| {
        let known = scene.find(&module);
        let label = match (fact("number"), known) {
            (number, _) if !number.is_empty() => number,
            (_, Some(known)) => known.vm(scene.lang()).singular,
            _ => module.clone(),
        };
        RecordLink { label, url: known.map(|m| scene.ask.record_url(m.name(), &record)) }
    });
    let by = match (entry.actor_name.as_str(), fact("agent_name")) {
        ("", agent) => agent,
        (actor, _) => actor.to_owned(),
    };
    let note = [fact("note"), fact("reason_text")].into_iter().find(|n| !n.is_empty()).unwrap_or_default();
    Happening {
        at: scene.stamp(entry.at_micros),
        kind: entry.r#type,
        touchpoint: entry.touchpoint,
        network: entry.network,
        browser: entry.browser,
        by,
        note,
        record,
    }
}
