//! A company's way into the portal, on its page: portal users, secure link, a new portal user.

use crate::{
    backend::{companies::access_of, records},
    pages::{ask::Ask, scene::Scene},
};
use gateway_ui::vm::{CompanyAccess, Faults, LinkView, Section, company_section};
use policy::Right;
use proto::{identity::v1::CompanyAccessResponse, records::v1::Record};
use std::collections::HashMap;

/// Portal users on the company's page, and contacts that can become one.
const USERS: usize = 20;

/// What identity knows of a company.
pub(crate) struct Known {
    access: CompanyAccessResponse,
    names: HashMap<String, String>,
}

/// What was refused of the form for a link.
#[derive(Default)]
pub(crate) struct Refused {
    pub(crate) valid_days: String,
    pub(crate) faults: Faults,
}

/// Only for companies, only in the console. The page is there without it, too.
pub(crate) async fn fetch(ask: &Ask, module: &str, id: &str) -> Option<Known> {
    if !ask.look.console() || module != policy::COMPANIES {
        return None;
    }
    let access = match access_of(&ask.app, id).await {
        Ok(access) => access,
        Err(error) => {
            tracing::warn!(event = "company_access.unavailable", reason = %error.reason, "a company's access can't be shown");
            return None;
        }
    };
    let ids: Vec<_> = access.contact_ids.iter().take(USERS).cloned().collect();
    let names = match ids.is_empty() {
        true => HashMap::new(),
        false => records::titles(&ask.app, ids).await.unwrap_or_default(),
    };
    Some(Known { access, names })
}

/// How many people and whether a link get in by the company.
pub(crate) fn ways_in(known: &Known) -> (i64, bool) {
    (known.access.portal_users.into(), known.access.link_open)
}

/// The section on the company's page.
pub(crate) fn section(scene: &Scene, record: &Record, known: Known, refused: Option<Refused>) -> Section {
    let access = known.access;
    let manages = scene.me.may(Right::ManageAccess) && !record.deleted;
    let url = |what: &str| manages.then(|| scene.ask.url(&format!("/companies/{}/{what}", record.id)));
    let refused = refused.unwrap_or_else(|| Refused { valid_days: "30".to_owned(), ..Refused::default() });
    let user = |id: &String| {
        let name = known.names.get(id).map(|n| n.trim()).filter(|n| !n.is_empty()).unwrap_or(id);
        (name.to_owned(), Some(scene.ask.record_url(policy::CONTACTS, id)))
    };
    let link = access.link_open.then(|| LinkView {
        issued: scene.stamp_of(access.link_issued_micros),
        expires: scene.stamp_of(access.link_expires_micros),
        used: scene.stamp_of(access.link_last_used_micros),
    });
    let vm = CompanyAccess {
        users: access.contact_ids.iter().take(USERS).map(user).collect(),
        count: access.portal_users.unsigned_abs(),
        link,
        links_enabled: access.links_enabled,
        profile_url: None,
        new_user_url: url("portal-users/new"),
        issue_url: url("link"),
        revoke_url: url("link/revoke"),
        valid_days: refused.valid_days,
        faults: refused.faults,
    };
    company_section(scene.lang(), vm)
}
