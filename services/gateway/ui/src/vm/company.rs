//! A company's way into the portal: its portal users and its secure link.

use fields::Display;

use super::chrome::{Chrome, Crumb};
use super::console::{
    Confirm, ConsolePage, Faults, Form, LinkButton, Part, Section, Submit, Tone,
    make::{self, FieldWith, choice, fact, time_or_empty},
};
use super::form::{Choice, Control};
use super::shown::{Pill, PillColor, Shown};
use crate::Lang;
use crate::fmt::Stamp;

/// A secure link.
#[derive(Debug, Clone)]
pub struct LinkView {
    /// When it was made.
    pub issued: Option<Stamp>,
    /// When it runs out.
    pub expires: Option<Stamp>,
    /// When it was last used.
    pub used: Option<Stamp>,
}

/// The block on a company's page.
#[derive(Debug, Clone)]
pub struct CompanyAccess {
    /// Its portal users, with their pages.
    pub users: Vec<(String, Option<String>)>,
    /// How many there are; `users` may hold fewer.
    pub count: u32,
    /// The link, when one is open.
    pub link: Option<LinkView>,
    /// Links are switched on for the installation.
    pub links_enabled: bool,
    /// The page of the profile that applies while there is no portal user; `None` when the viewer may not open it.
    pub profile_url: Option<String>,
    /// The form of a new portal user; `None` when the viewer may not.
    pub new_user_url: Option<String>,
    /// Where the form that makes a link posts to (`valid_days`); `None` when the viewer may not.
    pub issue_url: Option<String>,
    /// Where the form that takes it back posts to.
    pub revoke_url: Option<String>,
    /// What was typed.
    pub valid_days: String,
    /// What was refused.
    pub faults: Faults,
}

/// The block on a company's page.
pub fn company_section(lang: Lang, access: CompanyAccess) -> Section {
    let mut parts = Vec::new();
    if access.count == 0 {
        parts.push(Part::Note(Tone::Quiet, lang.t("company-no-users")));
        if let Some(url) = access.profile_url {
            let label = lang.t("company-profile");
            parts.push(Part::Links(vec![LinkButton { label, url, icon: "shield", primary: false }]));
        }
    } else {
        let value = |(name, url): &(String, Option<String>)| {
            fact(lang.t("company-user"), Shown::Reference { label: name.clone(), url: url.clone() })
        };
        parts.push(Part::Text(lang.tn("company-users", access.count)));
        parts.push(Part::Facts(access.users.iter().map(value).collect()));
    }
    if let Some(url) = access.new_user_url {
        let label = lang.t("company-new-user");
        parts.push(Part::Links(vec![LinkButton { label, url, icon: "user-round-plus", primary: false }]));
    }
    let state = match (&access.link, access.links_enabled, access.count) {
        (_, false, _) => {
            parts.push(Part::Note(Tone::Quiet, lang.t("company-links-off")));
            Some(("company-link-off", PillColor::Grey))
        }
        (None, true, _) => {
            parts.push(Part::Text(lang.t("company-link-none")));
            None
        }
        (Some(_), true, 0) => {
            parts.push(Part::Text(lang.t("company-link-works")));
            Some(("company-link-open", PillColor::Green))
        }
        (Some(_), true, _) => {
            parts.push(Part::Note(Tone::Info, lang.t("company-link-sign-in-only")));
            Some(("company-link-login", PillColor::Amber))
        }
    };
    if let Some(link) = &access.link {
        parts.push(Part::Facts(vec![
            fact(lang.t("company-link-issued"), time_or_empty(link.issued.clone())),
            fact(lang.t("company-link-expires"), time_or_empty(link.expires.clone())),
            fact(
                lang.t("company-link-used"),
                link.used.clone().map_or_else(|| Shown::Text(lang.t("access-never")), Shown::Time),
            ),
        ]));
    }
    if let Some(url) = access.issue_url.filter(|_| access.links_enabled) {
        let rotates = access.link.is_some();
        let days = Control::Input { kind: Display::Integer, value: access.valid_days };
        let field =
            make::field("valid_days", lang.t("company-link-days"), days, &access.faults).hint(lang.t("days-hint"));
        let submit = lang.t(if rotates { "company-link-rotate" } else { "company-link-issue" });
        let mut form = Form::new("company-link", url, submit, "link").fields(vec![field]);
        form.lead = lang.t(if rotates { "company-link-rotate-text" } else { "company-link-issue-text" });
        form.inline = true;
        form.fault.clone_from(&access.faults.whole);
        parts.push(Part::Form(Box::new(form)));
    }
    if let Some(url) = access.revoke_url.filter(|_| access.link.is_some()) {
        let mut form = Form::new("company-link-revoke", url, lang.t("company-link-revoke"), "ban");
        form.kind = Submit::Danger;
        form.confirm = Some(Confirm {
            title: lang.t("company-link-revoke-title"),
            text: lang.t("company-link-revoke-text"),
            button: lang.t("company-link-revoke"),
        });
        parts.push(Part::Buttons(vec![form]));
    }
    let mut section = Section::new("company-access", lang.t("access-title"), "key-round", parts);
    section.pills.extend(state.map(|(key, color)| Pill { label: lang.t(key), color }));
    section
}

/// What was typed about a new portal user.
#[derive(Debug, Clone, Default)]
pub struct NewUserDraft {
    /// Contacts without access; the one who was chosen is marked. The company itself is offered before them.
    pub contacts: Vec<Choice>,
    /// The company itself was chosen.
    pub itself: bool,
    /// The company's address; may be empty.
    pub email: String,
    /// First day.
    pub support_start: String,
    /// Last day.
    pub support_end: String,
    /// A second factor is required.
    pub mfa_required: bool,
}

/// The form of a new portal user. Posts `who` (`company`, or a contact's id), the dates and `mfa_required`.
pub fn new_user_form(
    chrome: Chrome,
    company: Crumb,
    action: String,
    draft: &NewUserDraft,
    faults: &Faults,
) -> ConsolePage {
    let lang = chrome.lang;
    let mut itself = choice("company", lang.t1("company-itself", "name", &company.label), draft.itself);
    itself.detail = if draft.email.is_empty() {
        lang.t("company-itself-no-email")
    } else {
        lang.t1("company-itself-hint", "email", &draft.email)
    };
    let mut who = vec![itself];
    who.extend(draft.contacts.iter().cloned());
    let date = |name: &str, key: &str, value: &str| {
        make::field(name, lang.t(key), Control::Input { kind: Display::Date, value: value.to_owned() }, faults)
            .required()
    };
    let fields = vec![
        make::field("who", lang.t("company-user"), Control::Radios { choices: who }, faults),
        date("support_start", "access-start", &draft.support_start),
        date("support_end", "access-end", &draft.support_end),
        make::check("mfa_required", lang.t("mfa-required"), draft.mfa_required, faults),
    ];
    let mut form = Form::new("new-user", action, lang.t("access-enable"), "send").fields(fields);
    form.kind = Submit::Primary;
    form.cancel_url = Some(company.url.clone());
    form.fault.clone_from(&faults.whole);
    let section = Section::new("new-user", String::new(), "user-round-plus", vec![Part::Form(Box::new(form))]);
    ConsolePage {
        crumbs: vec![company],
        lead: lang.t("company-new-user-lead"),
        narrow: true,
        ..ConsolePage::new(chrome, lang.t("company-new-user"), vec![section])
    }
}
