//! A contact's portal access, as agents see and change it on the contact's page.

use fields::Display;

use super::console::{
    Confirm, Faults, Form, LinkButton, Part, Section, Submit, Tone,
    make::{self, FieldWith, fact},
};
use super::credentials::{OneTime, factors, mfa_section, password_section};
use super::form::{Choice, Control, FieldFault};
use super::locked::Seen;
use super::shown::{Pill, PillColor, Shown};
use crate::Lang;
use crate::fmt::Stamp;

/// How far the contact has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccessState {
    /// Never had access.
    None,
    /// Invited, no password yet; when the link dies, if one is open.
    Invited {
        /// End of the link.
        expires: Option<Stamp>,
    },
    /// Has a password and may sign in within the support dates.
    Active,
    /// Access is switched off.
    Disabled,
    /// Can't sign in for now; password and profile are kept.
    Suspended,
}

/// A lock.
#[derive(Debug, Clone)]
pub struct LockState {
    /// When it ends by itself; `None` when only an agent ends it.
    pub until: Option<Stamp>,
    /// Where the unlock form posts to (`user_id`, `note`, `csrf_token`, `form_id`); `None` when the viewer may not.
    pub unlock_url: Option<String>,
    /// The user to unlock.
    pub user_id: String,
    /// Networks of the failures, to be chosen from: `trust`, `trust_network` (several).
    pub seen: Vec<Seen>,
}

/// The choice of an explicit profile.
///
/// Posts `profile_id` (empty for none), `csrf_token`, `form_id`.
#[derive(Debug, Clone)]
pub struct ProfileChoice {
    /// Where it posts to; `None` when the viewer may only look.
    pub action: Option<String>,
    /// The profiles; none selected means that the default applies.
    pub choices: Vec<Choice>,
    /// Name of the default profile.
    pub default_name: String,
}

/// The portal-access block.
///
/// The enable form posts `support_start`, `support_end`, `csrf_token`, `form_id`; the dates form the same; disable and
/// resend only the tokens. An address is `None` when the viewer may not, or when it makes no sense in this state.
#[derive(Debug, Clone)]
pub struct AccessBlock {
    /// How far the contact has come.
    pub state: AccessState,
    /// The contact's e-mail; without one, access can't be enabled, and the block says so.
    pub email: Option<String>,
    /// The login.
    pub login: String,
    /// First day, for people; empty when unset.
    pub support_start: String,
    /// Last day, for people; empty when unset.
    pub support_end: String,
    /// First day in the form, `YYYY-MM-DD`, or as it was typed.
    pub start_input: String,
    /// Last day in the form, `YYYY-MM-DD`, or as it was typed.
    pub end_input: String,
    /// What is wrong with the first day.
    pub start_fault: Option<FieldFault>,
    /// What is wrong with the last day.
    pub end_fault: Option<FieldFault>,
    /// What is wrong with all of it, in the viewer's language.
    pub fault: Option<String>,
    /// Last sign-in.
    pub last_login: Option<Stamp>,
    /// The support period: not yet begun, or over; `None` inside it.
    pub outside_period: Option<OutsidePeriod>,
    /// A lock.
    pub lock: Option<LockState>,
    /// Profile.
    pub profile: Option<ProfileChoice>,
    /// Enable.
    pub enable_url: Option<String>,
    /// Change the dates.
    pub dates_url: Option<String>,
    /// Disable.
    pub disable_url: Option<String>,
    /// Send the invitation again.
    pub resend_url: Option<String>,
    /// Take the invitation back.
    pub revoke_url: Option<String>,
    /// What else there is: suspending, login, password, second factor, sessions, support access.
    pub sections: Vec<Section>,
}

/// Where support access is asked for.
#[derive(Debug, Clone)]
pub struct SupportForm {
    /// Where it posts to (`impersonate_reason`, `impersonate_ticket`, `impersonate_write`).
    pub action: String,
    /// Changes may be asked for too.
    pub write: bool,
    /// The reason as it was typed.
    pub reason: String,
    /// The ticket as it was typed.
    pub ticket: String,
}

/// The address of a contact's account, and what its record says.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// Where mails about the account go; empty for nowhere.
    pub account: String,
    /// What the record says; empty for nothing.
    pub contact: String,
    /// Another sign-in address that waits for its confirmation; empty for none.
    pub pending: String,
    /// No password was chosen yet.
    pub invited: bool,
    /// The viewer may change the record.
    pub changes_record: bool,
}

/// What the sections of a contact's access are made of.
#[derive(Debug, Clone)]
pub struct AccessDetails {
    /// The contact's name.
    pub name: String,
    /// The beginning of every address that a form posts to; `None` when the viewer may only look.
    pub base: Option<String>,
    /// Access is on.
    pub enabled: bool,
    /// Access was on before.
    pub known: bool,
    /// Suspended.
    pub suspended: bool,
    /// The login; what was typed, when it was refused.
    pub login: String,
    /// The login is an e-mail address.
    pub login_is_email: bool,
    /// The contact has an address.
    pub has_email: bool,
    /// A second factor is required.
    pub mfa_required: bool,
    /// Second factors that are set up.
    pub factors: Vec<String>,
    /// A one-time password that was not used.
    pub one_time: Option<OneTime>,
    /// The account's address and the record's, where they differ or a change waits.
    pub addresses: Option<Addresses>,
    /// Live sessions.
    pub sessions: u32,
    /// The page of sessions.
    pub sessions_url: String,
    /// Support access; `None` when the viewer may not, or when there is nothing to open.
    pub support: Option<SupportForm>,
    /// First and last day as typed in the form for manual credentials.
    pub dates: (String, String),
    /// Which form was refused, and why: `manual`, `login`, `password`, `mfa`, `support`.
    pub refused: Option<(&'static str, Faults)>,
}

/// The sections of a contact's access, below its state.
pub fn access_sections(lang: Lang, details: AccessDetails) -> Vec<Section> {
    let none = Faults::default();
    let refused = details.refused.clone();
    let faults = |form: &str| refused.as_ref().filter(|(key, _)| *key == form).map_or(&none, |(_, found)| found);
    let mut sections = Vec::new();
    if let Some(base) = details.base.clone() {
        let url = |what: &str| format!("{base}/{what}");
        if !details.enabled && !details.has_email {
            sections.push(manual_section(lang, &details, url("manual"), faults("manual")));
        }
        if details.enabled {
            sections.push(login_section(lang, &details, url("login"), faults("login")));
            sections.push(password_section(
                lang,
                (&details.name, &details.login),
                &url,
                details.login_is_email,
                faults("password"),
            ));
            sections.push(mfa_section(lang, (details.mfa_required, &details.factors), &url, faults("mfa")));
            sections.push(suspend_section(lang, &details, &url));
        }
    }
    if details.known {
        let facts = vec![
            fact(lang.t("agent-factors"), factors(lang, &details.factors)),
            fact(lang.t("mfa-required"), Shown::Bool(details.mfa_required)),
        ];
        let label = lang.tn("live-link", details.sessions);
        let link = LinkButton { label, url: details.sessions_url.clone(), icon: "monitor", primary: false };
        let mut parts = vec![Part::Facts(facts), Part::Links(vec![link])];
        parts.extend(details.one_time.as_ref().map(|once| once.part(lang)));
        sections.insert(0, Section::bare("security", parts));
    }
    if let Some(addresses) = &details.addresses {
        sections.insert(0, addresses_section(lang, addresses, details.base.as_deref()));
    }
    if let Some(support) = details.support {
        sections.push(support_section(lang, &details.name, support, faults("support")));
    }
    sections
}

fn manual_section(lang: Lang, details: &AccessDetails, action: String, faults: &Faults) -> Section {
    let date = |name: &str, key: &str, value: &str| {
        make::field(name, lang.t(key), Control::Input { kind: Display::Date, value: value.to_owned() }, faults)
            .required()
    };
    let fields = vec![
        date("support_start", "access-start", &details.dates.0),
        date("support_end", "access-end", &details.dates.1),
        make::username("login", lang.t("manual-login"), &details.login, false, faults).required(),
        make::field("first_password", lang.t("manual-password"), Control::Password, faults)
            .hint(lang.t("manual-password-hint"))
            .required(),
        make::check("mfa_required", lang.t("mfa-required"), details.mfa_required, faults),
    ];
    let mut form = Form::new("manual", action, lang.t("manual-enable"), "key-round").fields(fields);
    form.lead = lang.t("manual-lead");
    form.kind = Submit::Primary;
    form.fault.clone_from(&faults.whole);
    Section::new("manual", lang.t("manual-title"), "key-round", vec![Part::Form(Box::new(form))]).folded()
}

fn login_section(lang: Lang, details: &AccessDetails, action: String, faults: &Faults) -> Section {
    let hint = if details.login_is_email { "login-hint-email" } else { "login-hint-name" };
    let field = make::text("login", lang.t("access-login"), &details.login, 320, faults).hint(lang.t(hint)).required();
    let mut form = Form::new("login", action.clone(), lang.t("login-change"), "pencil").fields(vec![field]);
    form.fault.clone_from(&faults.whole);
    let mut parts = vec![Part::Form(Box::new(form))];
    if details.has_email && !details.login_is_email {
        let mut back = Form::new("login-email", action, lang.t("login-email-again"), "mail");
        back.hidden = vec![("login".to_owned(), String::new())];
        parts.push(Part::Buttons(vec![back]));
    }
    Section::new("login", lang.t("login-title"), "user-round", parts).folded()
}

/// Shown when the account's address differs from the record's: what that means, and both ways to make them the same.
fn addresses_section(lang: Lang, addresses: &Addresses, base: Option<&str>) -> Section {
    let Addresses { account, contact, pending, invited, changes_record } = addresses;
    let differ = account.to_lowercase() != contact.to_lowercase();
    let mut parts = Vec::new();
    if differ {
        let key = match (*invited, contact.is_empty()) {
            (true, false) => "addresses-invited",
            (true, true) => "addresses-invited-none",
            (false, _) => "addresses-differ",
        };
        parts.push(Part::Note(Tone::Warning, lang.t2(key, "account", account, "contact", contact)));
        let facts = [("addresses-account", account), ("addresses-contact", contact)];
        parts.push(Part::Facts(facts.map(|(key, address)| fact(lang.t(key), make::text_or_empty(address))).into()));
    }
    if !pending.is_empty() {
        parts.push(Part::Note(Tone::Info, lang.t1("addresses-pending", "email", pending)));
    }
    if let Some(base) = base.filter(|_| differ) {
        let mut buttons = Vec::new();
        if *invited && !contact.is_empty() {
            let label = lang.t1("addresses-invite", "email", contact);
            buttons.push(Form::new("address-invite", format!("{base}/invitation"), label, "send"));
        }
        if !invited && !contact.is_empty() && contact.to_lowercase() != pending.to_lowercase() {
            let label = lang.t1("addresses-sign-in", "email", contact);
            let mut change = Form::new("address-login", format!("{base}/login"), label, "mail");
            change.hidden = vec![("login".to_owned(), String::new())];
            buttons.push(change);
        }
        if !invited && *changes_record && !account.is_empty() {
            let label = lang.t1("addresses-record", "email", account);
            buttons.push(Form::new("address-record", format!("{base}/email-from-login"), label, "pencil"));
        }
        parts.push(Part::Buttons(buttons));
    }
    Section::new("addresses", lang.t("addresses-title"), "mail", parts)
}

fn suspend_section(lang: Lang, details: &AccessDetails, url: &dyn Fn(&str) -> String) -> Section {
    if details.suspended {
        let mut form = Form::new("resume", url("resume"), lang.t("access-resume"), "circle-check");
        form.kind = Submit::Primary;
        let parts = vec![Part::Text(lang.t("access-suspended-text")), Part::Buttons(vec![form])];
        return Section { open: Some(true), ..Section::new("suspend", lang.t("access-suspend-title"), "ban", parts) };
    }
    let note = make::text("note", lang.t("unlock-note"), "", 500, &Faults::default());
    let mut form = Form::new("suspend", url("suspend"), lang.t("access-suspend"), "ban").fields(vec![note]);
    form.lead = lang.t("access-suspend-text");
    form.kind = Submit::Danger;
    Section::new("suspend", lang.t("access-suspend-title"), "ban", vec![Part::Form(Box::new(form))]).folded()
}

fn support_section(lang: Lang, name: &str, support: SupportForm, faults: &Faults) -> Section {
    let mut fields = vec![
        make::text("impersonate_reason", lang.t("support-reason"), &support.reason, 500, faults)
            .hint(lang.t("reason-hint"))
            .required(),
        make::text("impersonate_ticket", lang.t("support-ticket"), &support.ticket, 40, faults)
            .hint(lang.t("support-ticket-hint")),
    ];
    if support.write {
        fields.push(make::check("impersonate_write", lang.t("support-write"), false, faults));
    }
    let mut form = Form::new("support", support.action, lang.t("support-open"), "eye").fields(fields);
    form.lead = lang.t1("support-lead", "name", name);
    form.fault.clone_from(&faults.whole);
    Section::new("support", lang.t("support-title"), "eye", vec![Part::Form(Box::new(form))]).folded()
}

/// What is asked before an open invitation is taken back.
pub(crate) fn revoke_invitation(lang: Lang, url: &str) -> Form {
    let mut form = Form::new("revoke-invitation", url.to_owned(), lang.t("access-revoke"), "ban");
    form.confirm = Some(Confirm {
        title: lang.t("access-revoke-title"),
        text: lang.t("access-revoke-text"),
        button: lang.t("access-revoke"),
    });
    form
}

/// Today lies outside the support dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutsidePeriod {
    /// Before the first day.
    NotStarted,
    /// After the last day.
    Ended,
}

impl AccessBlock {
    /// Why a change of access was refused, by the service's reason; unknown ones say only that it was.
    pub fn fault_text(reason: &str, lang: Lang) -> String {
        lang.t(match reason {
            "not_an_email" => "access-fault-email",
            "login_taken" => "access-fault-login-taken",
            "is_an_agent" | "id_in_use" => "access-fault-agent",
            "access_already_enabled" => "access-fault-enabled",
            "access_not_enabled" => "access-fault-not-enabled",
            "password_already_chosen" => "access-fault-password-chosen",
            "support_ended" => "access-fault-support-ended",
            _ => "access-fault-other",
        })
    }

    /// Something of the state or the dates was refused, not of a section.
    pub(crate) fn own_fault(&self) -> bool {
        self.fault.is_some() || self.start_fault.is_some() || self.end_fault.is_some()
    }

    /// The form that takes an open invitation back.
    pub(crate) fn revoke_form(&self, lang: impl Into<Lang>) -> Option<Form> {
        self.revoke_url.as_deref().map(|url| revoke_invitation(lang.into(), url))
    }

    pub(crate) fn has_fault(&self) -> bool {
        self.own_fault() || self.sections.iter().any(Section::has_faults)
    }

    pub(crate) fn ever_enabled(&self) -> bool {
        self.state != AccessState::None
    }
}

impl AccessState {
    pub(crate) fn pill(&self, lang: impl Into<Lang>) -> Pill {
        let lang = lang.into();
        let (key, color) = match self {
            Self::None => ("access-state-none", PillColor::Grey),
            Self::Invited { .. } => ("access-state-invited", PillColor::Amber),
            Self::Active => ("access-state-active", PillColor::Green),
            Self::Disabled => ("access-state-disabled", PillColor::Grey),
            Self::Suspended => ("access-state-suspended", PillColor::Amber),
        };
        Pill { label: lang.t(key), color }
    }

    pub(crate) const fn invitation_expires(&self) -> Option<&Stamp> {
        match self {
            Self::Invited { expires } => expires.as_ref(),
            _ => None,
        }
    }
}

impl OutsidePeriod {
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::NotStarted => "access-not-started",
            Self::Ended => "access-ended",
        }
    }
}

impl ProfileChoice {
    pub(crate) fn current_name(&self, lang: impl Into<Lang>) -> String {
        let lang = lang.into();
        self.choices.iter().find(|choice| choice.selected).map_or_else(
            || lang.t1("access-profile-default", "name", &self.default_name),
            |choice| choice.label.clone(),
        )
    }
}

impl AccessBlock {
    /// Where the dates are posted to: enabling takes them too. Without an e-mail nothing can be enabled.
    pub(crate) fn dates_form_url(&self) -> Option<&str> {
        let enable = self.enable_url.as_deref().filter(|_| self.email.is_some());
        enable.or(self.dates_url.as_deref())
    }
}
