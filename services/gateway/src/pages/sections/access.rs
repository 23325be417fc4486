//! A contact's portal access on the contact's page in the console.

use crate::{
    backend::{
        access::{self, addresses_differ},
        contacts::text_of,
        profiles,
    },
    http::clock::now_micros,
    pages::{
        ask::{Ask, Posted},
        module::title_of,
        person::{one_time, seen},
        scene::{Me, Scene},
    },
};
use gateway_ui::{
    fmt,
    vm::{
        AccessBlock, AccessDetails, AccessState, Addresses, Choice, Faults, FieldFault, LockState, OutsidePeriod,
        ProfileChoice, SupportForm, access_sections,
    },
};
use kernel::{ActorKind, Error};
use policy::{ChosenBecause, ChosenProfile, NON_PORTAL_USERS_NAME, Right};
use proto::{identity::v1::Access, permissions::v1::ProfileSummary, records::v1::Record};
use uuid::Uuid;

/// What identity and permissions know of a contact.
pub(crate) struct Known {
    access: Access,
    profiles: Vec<ProfileSummary>,
    /// The profile that governs now; none when permissions doesn't know the contact yet.
    chosen: Option<ChosenProfile>,
}

/// What was refused: what was typed, and why.
#[derive(Default)]
pub(crate) struct Refused {
    pub(crate) dates: Option<(String, String)>,
    pub(crate) start: Option<FieldFault>,
    pub(crate) end: Option<FieldFault>,
    pub(crate) fault: Option<String>,
    /// A form of a section, with what was typed into it.
    pub(crate) section: Option<(&'static str, Faults, Posted)>,
}

/// Only for contacts, only in the console.
pub(crate) async fn fetch(me: &Me, ask: &Ask, module: &str, id: &str) -> Result<Option<Known>, Error> {
    if !ask.look.console() || module != policy::CONTACTS {
        return Ok(None);
    }
    let Ok(contact) = Uuid::try_parse(id) else { return Ok(None) };
    let (access, profiles, plan) = tokio::join!(
        access::get(&ask.app, id),
        profiles::all(&ask.app),
        ask.app.plans.plan_of(contact, ActorKind::Contact),
    );
    let access = access?.unwrap_or_default();
    let profiles = profiles.unwrap_or_else(|error| {
        tracing::warn!(event = "access.no_profiles", reason = %error.reason, agent = %me.subject.id, "profiles can't be offered");
        Vec::new()
    });
    Ok(Some(Known { access, profiles, chosen: plan.ok().map(|p| p.profile.clone()) }))
}

/// The block.
pub(crate) fn view(scene: &Scene, record: &Record, known: Known, refused: Option<Refused>) -> AccessBlock {
    let (access, lang) = (&known.access, scene.lang());
    let manages = scene.me.may(Right::ManageAccess) && !record.deleted;
    let url = |what: &str| scene.ask.url(&format!("/contacts/{}/{what}", record.id));
    let when = |holds: bool, what: &str| (manages && holds).then(|| url(what));
    let refused = refused.unwrap_or_default();
    let sections = access_sections(scene.lang(), details(scene, record, access, refused.section));
    let (start_input, end_input) =
        refused.dates.unwrap_or_else(|| (access.support_start.clone(), access.support_end.clone()));
    AccessBlock {
        state: state(scene, access),
        email: Some(text_of(record, "email")).filter(|e| !e.is_empty()),
        login: access.login.clone(),
        support_start: fmt::date(&access.support_start, lang),
        support_end: fmt::date(&access.support_end, lang),
        start_input,
        end_input,
        start_fault: refused.start,
        end_fault: refused.end,
        fault: refused.fault,
        last_login: scene.stamp_of(access.last_login_micros),
        outside_period: outside(scene, access),
        lock: access.locked.then(|| LockState {
            until: scene.stamp_of(access.locked_until_micros),
            unlock_url: scene.me.may(Right::Unlock).then(|| url("unlock")),
            user_id: record.id.clone(),
            seen: seen(scene, &record.id, access.seen.clone()),
        }),
        profile: profile(&known, when(true, "profile")),
        enable_url: when(!access.enabled, "access"),
        dates_url: when(access.enabled, "dates"),
        disable_url: when(access.enabled, "disable"),
        // After the last day no invitation leaves.
        resend_url: when(
            access.enabled && access.state == "invited" && outside(scene, access) != Some(OutsidePeriod::Ended),
            "invitation",
        ),
        revoke_url: when(
            access.enabled && access.state == "invited" && access.invitation_expires_micros != 0,
            "invitation/revoke",
        ),
        sections,
    }
}

/// What the sections are made of.
fn details(
    scene: &Scene,
    record: &Record,
    access: &Access,
    refused: Option<(&'static str, Faults, Posted)>,
) -> AccessDetails {
    let base = scene.ask.url(&format!("/contacts/{}", record.id));
    let typed = |name: &str| refused.as_ref().and_then(|(_, _, p)| p.get(name)).map(str::to_owned);
    let opens = access.enabled && !access.suspended && !record.deleted && scene.me.may(Right::Impersonate);
    let support = opens.then(|| SupportForm {
        action: format!("{base}/impersonate"),
        write: scene.me.may(Right::ImpersonateWrite),
        reason: typed("impersonate_reason").unwrap_or_default(),
        ticket: typed("impersonate_ticket").unwrap_or_default(),
    });
    let login = if access.enabled { access.login.clone() } else { String::new() };
    AccessDetails {
        name: title_of(record),
        enabled: access.enabled,
        known: !access.login.is_empty(),
        suspended: access.suspended,
        login: typed("login").unwrap_or(login),
        login_is_email: access.login_is_email,
        has_email: !text_of(record, "email").is_empty(),
        mfa_required: access.mfa_required,
        factors: access.factors.clone(),
        one_time: one_time(scene, access.one_time_until_micros, access.one_time_expired),
        addresses: addresses(record, access),
        sessions: access.sessions.unsigned_abs(),
        sessions_url: format!("{base}/sessions"),
        dates: (typed("support_start").unwrap_or_default(), typed("support_end").unwrap_or_default()),
        base: (scene.me.may(Right::ManageAccess) && !record.deleted).then_some(base),
        support,
        refused: refused.map(|(form, faults, _)| (form, faults)),
    }
}

/// The account's address and the record's, where there is something to say about them.
fn addresses(record: &Record, access: &Access) -> Option<Addresses> {
    let contact = text_of(record, "email");
    let said = addresses_differ(access, &contact) || !access.pending_email.is_empty();
    (access.enabled && said).then(|| Addresses {
        account: access.email.clone(),
        contact,
        pending: access.pending_email.clone(),
        invited: access.state == "invited",
        changes_record: record.actions.iter().any(|a| a == "edit")
            && record.access("email").is_some_and(|a| a == "write"),
    })
}

fn state(scene: &Scene, access: &Access) -> AccessState {
    match access.state.as_str() {
        _ if access.enabled && access.suspended => AccessState::Suspended,
        "active" => AccessState::Active,
        "invited" => AccessState::Invited { expires: scene.stamp_of(access.invitation_expires_micros) },
        // Whoever had access once has a login; identity keeps it.
        _ if !access.login.is_empty() => AccessState::Disabled,
        _ => AccessState::None,
    }
}

/// Both dates belong to the period; days are those of the installation's time zone.
fn outside(scene: &Scene, access: &Access) -> Option<OutsidePeriod> {
    let today = jiff::Timestamp::from_microsecond(now_micros()).ok()?.to_zoned(scene.app().zone.clone());
    let today = today.date().to_string();
    if !access.enabled || access.support_start.is_empty() {
        None
    } else if today < access.support_start {
        Some(OutsidePeriod::NotStarted)
    } else if today > access.support_end {
        Some(OutsidePeriod::Ended)
    } else {
        None
    }
}

fn profile(known: &Known, action: Option<String>) -> Option<ProfileChoice> {
    let explicit = known.chosen.as_ref().filter(|c| c.chosen_because == ChosenBecause::Explicit);
    let name = |id: &str| known.profiles.iter().find(|p| p.profile_id == id).map(|p| p.name.clone());
    // Without a choice by hand the profile that governs now is what "default" means for this contact.
    let implied = known.chosen.as_ref().filter(|_| explicit.is_none()).and_then(|c| name(&c.id));
    let by_default = known.profiles.iter().find(|p| p.is_default).map(|p| p.name.clone());
    let offered = known.profiles.iter().filter(|p| p.published_number > 0 && p.name != NON_PORTAL_USERS_NAME);
    let choices: Vec<Choice> = offered
        .map(|p| Choice {
            selected: explicit.is_some_and(|c| c.id == p.profile_id),
            value: p.profile_id.clone(),
            label: p.name.clone(),
            detail: String::new(),
        })
        .collect();
    (!choices.is_empty()).then(|| ProfileChoice {
        action,
        choices,
        default_name: implied.or(by_default).unwrap_or_default(),
    })
}
