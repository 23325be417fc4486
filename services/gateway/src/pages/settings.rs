//! Security settings of the installation.

use crate::{
    backend::settings,
    pages::{
        answer::Answer,
        ask::{Ask, Posted, html},
        refusal::Refusal,
        scene::Scene,
    },
};
use gateway_ui::{
    Lang, markdown,
    vm::{Faults, SettingsDraft, SettingsPage, settings_page},
};
use http::StatusCode;
use kernel::Error;
use proto::identity::v1::{GetSettingsResponse, SecuritySettings};

/// Inputs by the service's fields; the texts of the terms have one for each language besides.
const INPUTS: [(&str, &str); 8] = [
    ("require_mfa", "require_mfa"),
    ("lock_mode", "lock_mode"),
    ("lock_failures", "lock_failures"),
    ("portal_idle_minutes", "portal_idle_minutes"),
    ("console_idle_minutes", "console_idle_minutes"),
    ("one_time_password_hours", "one_time_password_hours"),
    ("help_contact", "help_contact"),
    // Terms that are required and missing: told where the first text belongs.
    ("terms", "terms.en"),
];

/// The input of the terms in a language, named as the service's field.
fn terms_input(lang: Lang) -> String {
    format!("terms.{}", lang.code())
}

/// The settings.
pub(crate) async fn page(ask: Ask) -> Answer {
    let scene = Scene::open(&ask).await?;
    scene.fresh()?;
    let found = settings::get(&ask.app).await?;
    let draft = draft_of(&found);
    show(&ask, &scene, found, draft, Faults::default(), Vec::new(), StatusCode::OK)
}

fn draft_of(found: &GetSettingsResponse) -> SettingsDraft {
    let settings = found.settings.clone().unwrap_or_default();
    let terms = Lang::ALL.map(|lang| (lang, settings.terms.get(lang.code()).cloned().unwrap_or_default()));
    SettingsDraft {
        require_mfa: settings.require_mfa,
        lock_mode: settings.lock_mode,
        lock_failures: settings.lock_failures.to_string(),
        portal_idle_minutes: settings.portal_idle_minutes.to_string(),
        console_idle_minutes: settings.console_idle_minutes.to_string(),
        one_time_password_hours: settings.one_time_password_hours.unwrap_or_default().to_string(),
        company_links: settings.company_links,
        terms_required: settings.terms_required,
        terms: terms.into(),
        help_contact: settings.help_contact,
        expected_version: found.version,
    }
}

fn show(
    ask: &Ask,
    scene: &Scene,
    found: GetSettingsResponse,
    draft: SettingsDraft,
    faults: Faults,
    preview: Vec<(Lang, markdown::SafeHtml)>,
    status: StatusCode,
) -> Answer {
    let mut effective: Vec<_> = found.effective.into_iter().collect();
    effective.sort();
    let terms_version = found.terms_version;
    let action = ask.url("/settings/security");
    let page = SettingsPage { action, draft, faults, preview, effective, terms_version };
    html(status, &settings_page(scene.chrome(), page))
}

/// Saves them, or shows how the terms will look.
pub(crate) async fn submit(ask: Ask, body: String) -> Answer {
    let scene = Scene::open(&ask).await?;
    let posted = Posted::parse(&body);
    let text = |name: &str| posted.text(name).trim().to_owned();
    let found = settings::get(&ask.app).await?;
    // Browsers send line breaks as two characters; stored texts have one.
    let lines = |name: &str| posted.text(name).replace("\r\n", "\n").trim().to_owned();
    let typed = SettingsDraft {
        require_mfa: text("require_mfa"),
        lock_mode: text("lock_mode"),
        lock_failures: text("lock_failures"),
        portal_idle_minutes: text("portal_idle_minutes"),
        console_idle_minutes: text("console_idle_minutes"),
        // A page of before this setting doesn't send it: it stays as it is.
        one_time_password_hours: match posted.get("one_time_password_hours") {
            Some(hours) => hours.trim().to_owned(),
            None => draft_of(&found).one_time_password_hours,
        },
        company_links: text("company_links") == "true",
        terms_required: text("terms_required") == "true",
        terms: Lang::ALL.map(|lang| (lang, lines(&terms_input(lang)))).into(),
        help_contact: lines("help_contact"),
        expected_version: text("expected_version").parse().unwrap_or_default(),
    };
    if posted.get("preview").is_some() {
        let preview = typed.terms.iter().map(|(lang, text)| (*lang, markdown::render(text))).collect();
        return show(&ask, &scene, found, typed, Faults::default(), preview, StatusCode::OK);
    }
    match save(&ask, &found, &typed).await {
        Ok(()) => ask.done(&ask.url("/settings/security"), "settings_saved"),
        Err(error) => {
            let terms = Lang::ALL.map(terms_input);
            let texts = terms.iter().map(|input| (input.as_str(), input.as_str()));
            let inputs: Vec<(&str, &str)> = INPUTS.into_iter().chain(texts).collect();
            let refusal = Refusal::of(error, ask.lang(), &inputs)?;
            show(&ask, &scene, found, typed, refusal.faults, Vec::new(), refusal.status)
        }
    }
}

async fn save(ask: &Ask, found: &GetSettingsResponse, typed: &SettingsDraft) -> Result<(), Error> {
    // A number that is none is out of range like one that is too large.
    let number = |text: &str| text.parse().unwrap_or(-1);
    // Terms in languages that this page doesn't show stay as they are.
    let mut terms = found.settings.clone().unwrap_or_default().terms;
    terms.extend(typed.terms.iter().map(|(lang, text)| (lang.code().to_owned(), text.clone())));
    let settings = SecuritySettings {
        require_mfa: typed.require_mfa.clone(),
        lock_mode: typed.lock_mode.clone(),
        lock_failures: number(&typed.lock_failures),
        portal_idle_minutes: number(&typed.portal_idle_minutes),
        console_idle_minutes: number(&typed.console_idle_minutes),
        company_links: typed.company_links,
        terms_required: typed.terms_required,
        terms,
        help_contact: typed.help_contact.clone(),
        one_time_password_hours: Some(number(&typed.one_time_password_hours)),
    };
    settings::change(&ask.app, settings, typed.expected_version).await?;
    Ok(())
}
