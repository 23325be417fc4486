//! Security settings of the installation.

use fields::Display;

use super::chrome::Chrome;
use super::console::{
    ConsolePage, Faults, Form, Part, SecondButton, Section, Submit, Tone,
    make::{self, FieldWith, choice, fact},
};
use super::form::{Choice, Control, FormBlock};
use super::shown::Shown;
use crate::Lang;
use crate::markdown::SafeHtml;

/// What the form shows: what holds, or what was typed.
#[derive(Debug, Clone, Default)]
pub struct SettingsDraft {
    /// `nobody`, `agents`, `contacts` or `everybody`.
    pub require_mfa: String,
    /// `timed` or `manual`.
    pub lock_mode: String,
    /// Failures in a row that lock.
    pub lock_failures: String,
    /// Minutes.
    pub portal_idle_minutes: String,
    /// Minutes.
    pub console_idle_minutes: String,
    /// Hours.
    pub one_time_password_hours: String,
    /// Secure links work at all.
    pub company_links: bool,
    /// Terms must be accepted.
    pub terms_required: bool,
    /// Markdown per language.
    pub terms: Vec<(Lang, String)>,
    /// Whom to ask.
    pub help_contact: String,
    /// The version that the viewer saw.
    pub expected_version: i64,
}

/// The page.
#[derive(Debug, Clone)]
pub struct SettingsPage {
    /// Where the form posts to; `None` when the viewer may only look.
    pub action: String,
    /// What it shows.
    pub draft: SettingsDraft,
    /// What was refused.
    pub faults: Faults,
    /// How the terms will look.
    pub preview: Vec<(Lang, SafeHtml)>,
    /// Numbers that only the configuration changes, by name.
    pub effective: Vec<(String, String)>,
    /// How often the terms have changed.
    pub terms_version: i32,
}

fn effective_label(lang: Lang, name: &str) -> String {
    let key = match name {
        "portal_session_hours" => "effective-portal-session-hours",
        "console_session_hours" => "effective-console-session-hours",
        "invitation_hours" => "effective-invitation-hours",
        "api_tokens_per_user" => "effective-tokens-per-user",
        "time_zone" => "effective-time-zone",
        "reset_minutes" => "effective-reset-minutes",
        "min_password_length" => "effective-password-length",
        "min_password_length_with_factor" => "effective-password-length-factor",
        "step_up_minutes" => "effective-step-up-minutes",
        "lock_seconds" => "effective-lock-seconds",
        "lock_hold_failures" => "effective-lock-hold",
        "source_failures" => "effective-source-failures",
        "source_logins" => "effective-source-logins",
        "source_pairs" => "effective-source-pairs",
        other => return other.replace('_', " "),
    };
    lang.t(key)
}

fn words(lang: Lang, offered: &[(&str, &str)], chosen: &str) -> Vec<Choice> {
    offered.iter().map(|(word, key)| choice(word, lang.t(key), *word == chosen)).collect()
}

/// The page of the security settings. The form posts each setting by its name, the terms as `terms.<language>`,
/// `expected_version`, and `preview=1` to see the terms without saving.
pub fn settings_page(chrome: Chrome, page: SettingsPage) -> ConsolePage {
    let (lang, faults, draft) = (chrome.lang, &page.faults, &page.draft);
    let number = |name: &str, key: &str, value: &str, hint: &str| {
        let control = Control::Input { kind: Display::Integer, value: value.to_owned() };
        make::field(name, lang.t(key), control, faults).hint(lang.t(hint)).required()
    };
    let mfa = [
        ("nobody", "settings-mfa-nobody"),
        ("agents", "settings-mfa-agents"),
        ("contacts", "settings-mfa-contacts"),
        ("everybody", "settings-mfa-everybody"),
    ];
    let modes = [("timed", "settings-lock-timed"), ("manual", "settings-lock-manual")];
    let select = |name: &str, key: &str, offered: &[(&str, &str)], chosen: &str| {
        make::select(name, lang.t(key), words(lang, offered, chosen), faults).required()
    };
    let block = |key: &str, fields| FormBlock { label: lang.t(key), fields };
    let help = Control::LongText { value: draft.help_contact.clone(), max_length: 500 };
    let mut terms =
        vec![make::check("terms_required", lang.t("settings-terms-required"), draft.terms_required, faults)];
    terms[0].hint = lang.t("settings-terms-required-hint");
    for (of, text) in &draft.terms {
        let control = Control::LongText { value: text.clone(), max_length: 20_000 };
        let name = format!("terms.{}", of.code());
        let label = lang.t1("settings-terms-in", "language", of.own_name());
        terms.push(make::field(&name, label, control, faults).hint(lang.t("settings-terms-hint")));
    }
    let mut links = make::check("company_links", lang.t("settings-links"), draft.company_links, faults);
    links.hint = lang.t("settings-links-hint");
    let mut form = Form::new("settings", page.action, lang.t("form-save"), "circle-check");
    form.blocks = vec![
        block(
            "settings-sign-in",
            vec![
                select("require_mfa", "settings-mfa", &mfa, &draft.require_mfa).hint(lang.t("settings-mfa-hint")),
                select("lock_mode", "settings-lock", &modes, &draft.lock_mode),
                number("lock_failures", "settings-failures", &draft.lock_failures, "settings-failures-hint"),
                number(
                    "one_time_password_hours",
                    "settings-one-time",
                    &draft.one_time_password_hours,
                    "settings-one-time-hint",
                ),
            ],
        ),
        block(
            "settings-idle",
            vec![
                number("portal_idle_minutes", "settings-idle-portal", &draft.portal_idle_minutes, "settings-idle-hint"),
                number(
                    "console_idle_minutes",
                    "settings-idle-console",
                    &draft.console_idle_minutes,
                    "settings-idle-hint",
                ),
            ],
        ),
        block(
            "settings-help",
            vec![
                links,
                make::field("help_contact", lang.t("settings-help-contact"), help, faults)
                    .hint(lang.t("settings-help-hint")),
            ],
        ),
        block("settings-terms", terms),
    ];
    form.hidden = vec![("expected_version".to_owned(), draft.expected_version.to_string())];
    form.kind = Submit::Primary;
    form.second = Some(SecondButton { name: "preview", label: lang.t("settings-preview"), icon: "eye" });
    form.fault.clone_from(&faults.whole);
    let mut sections = Vec::new();
    if !page.preview.is_empty() {
        let mut parts = vec![Part::Note(Tone::Info, lang.t("settings-preview-lead"))];
        for (of, html) in page.preview {
            parts.push(Part::Text(of.own_name().to_owned()));
            parts.push(Part::Prose(html));
        }
        sections.push(Section::new("preview", lang.t("settings-preview"), "eye", parts));
    }
    sections.push(Section::new("settings", String::new(), "settings", vec![Part::Form(Box::new(form))]));
    sections.push(effective(lang, page.effective, page.terms_version));
    ConsolePage {
        lead: lang.t("settings-lead"),
        narrow: true,
        ..ConsolePage::new(chrome, lang.t("settings-title"), sections)
    }
}

fn effective(lang: Lang, numbers: Vec<(String, String)>, terms_version: i32) -> Section {
    let mut facts = vec![fact(lang.t("effective-terms-version"), Shown::Text(terms_version.to_string()))];
    facts.extend(numbers.into_iter().map(|(name, value)| fact(effective_label(lang, &name), Shown::Text(value))));
    let parts = vec![Part::Text(lang.t("effective-lead")), Part::Facts(facts)];
    Section::new("effective", lang.t("effective-title"), "list-checks", parts)
}
