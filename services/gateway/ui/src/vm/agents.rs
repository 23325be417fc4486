//! Agents: the list, a new one, and the page of one.

use fields::Display;

use super::chrome::{Chrome, Crumb};
use super::console::{
    Confirm, ConsolePage, Faults, Form, LinkButton, Nothing, Part, Section, Submit, Tab, Table, TableRow, Tone,
    make::{self, FieldWith, choice, fact, text_or_empty, time_or_empty},
};
use super::credentials::{OneTime, factors, mfa_section, password_section};
use super::form::{Choice, Control, FormField};
use super::sessions::{SessionRow, sessions_section};
use super::shown::{Pill, PillColor, Shown};
use crate::Lang;
use crate::fmt::Stamp;

/// An agent.
#[derive(Debug, Clone)]
pub struct AgentView {
    /// Display name.
    pub name: String,
    /// What they sign in with.
    pub login: String,
    /// Address; may be empty.
    pub email: String,
    /// Name of an own role, or the word of a built-in one.
    pub role: String,
    /// Their language's code; may be empty.
    pub locale: String,
    /// Can't sign in, and still owns records.
    pub disabled: bool,
    /// An account for a program.
    pub service: bool,
    /// Locked after failures.
    pub locked: bool,
    /// A second factor is required.
    pub mfa_required: bool,
    /// Second factors that are set up.
    pub factors: Vec<String>,
    /// Last sign-in.
    pub last_login: Option<Stamp>,
    /// A one-time password that was not used.
    pub one_time: Option<OneTime>,
    /// Their page.
    pub url: String,
}

/// The name of a role: built-in ones have words of their own.
pub fn role_name(lang: Lang, role: &str, name: &str) -> String {
    match role {
        "administrator" => lang.t("role-administrator"),
        "agent" => lang.t("role-agent"),
        "viewer" => lang.t("role-viewer"),
        _ if name.is_empty() => role.to_owned(),
        _ => name.to_owned(),
    }
}

fn state(lang: Lang, agent: &AgentView) -> Pill {
    let (key, color) = match agent {
        AgentView { disabled: true, .. } => ("agent-state-disabled", PillColor::Grey),
        AgentView { locked: true, .. } => ("agent-state-locked", PillColor::Red),
        AgentView { service: true, .. } => ("agent-state-program", PillColor::Violet),
        _ => ("agent-state-active", PillColor::Green),
    };
    Pill { label: lang.t(key), color }
}

/// Agents, roles and groups belong together.
pub fn team_tabs(lang: Lang, base: &str, current: &str) -> Vec<Tab> {
    let tab =
        |label: &str, path: &str| Tab { label: lang.t(label), url: format!("{base}/{path}"), current: path == current };
    vec![tab("agents-title", "agents"), tab("roles-title", "roles"), tab("groups-title", "groups")]
}

/// All agents.
pub fn agents_page(chrome: Chrome, agents: Vec<AgentView>, new_url: Option<String>, tabs: Vec<Tab>) -> ConsolePage {
    let lang = chrome.lang;
    let count = u32::try_from(agents.len()).ok();
    let columns = [lang.t("agent-role"), lang.t("agent-state"), lang.t("agent-factors"), lang.t("access-last-login")];
    let mut table = Table::new(lang.t("agents-title"), lang.t("agent-name"), &columns);
    table.rows = agents
        .into_iter()
        .map(|agent| TableRow {
            title: agent.name.clone(),
            url: Some(agent.url.clone()),
            detail: agent.login.clone(),
            cells: vec![
                Shown::Text(agent.role.clone()),
                Shown::Pill(state(lang, &agent)),
                if agent.service { Shown::Empty } else { factors(lang, &agent.factors) },
                time_or_empty(agent.last_login),
            ],
            ..TableRow::default()
        })
        .collect();
    let part = if table.rows.is_empty() {
        Part::Nothing(Nothing { icon: "users", title: lang.t("list-no-match-title"), text: lang.t("agents-lead") })
    } else {
        Part::Table(table)
    };
    let new = new_url.map(|url| LinkButton { label: lang.t("agent-new"), url, icon: "plus", primary: true });
    ConsolePage {
        count,
        lead: lang.t("agents-lead"),
        actions: new.into_iter().collect(),
        tabs,
        ..ConsolePage::new(
            chrome,
            lang.t("agents-title"),
            vec![Section::new("agents", String::new(), "users", vec![part])],
        )
    }
}

/// What was typed about an agent.
#[derive(Debug, Clone, Default)]
pub struct AgentDraft {
    /// What they sign in with.
    pub login: String,
    /// Display name.
    pub name: String,
    /// Address.
    pub email: String,
    /// Id of a role.
    pub role: String,
    /// Code of a language.
    pub locale: String,
    /// An account for a program.
    pub service: bool,
}

fn locale_field(lang: Lang, value: &str, faults: &Faults) -> FormField {
    let choices = Lang::ALL
        .iter()
        .map(|offered| choice(offered.code(), offered.own_name().to_owned(), offered.code() == value))
        .collect();
    make::select("locale", lang.t("agent-locale"), choices, faults)
}

/// Several forms for an account's role, with the chosen one marked.
fn role_field(lang: Lang, roles: &[(String, String)], chosen: &str, faults: &Faults) -> FormField {
    let choices: Vec<Choice> =
        roles.iter().map(|(id, name)| choice(id, role_name(lang, id, name), id == chosen)).collect();
    make::select("role", lang.t("agent-role"), choices, faults).required()
}

/// The form of a new agent. Posts `kind` (`person`, `program`), `name`, `login`, `email`, `role`, `locale`, `password`.
pub fn new_agent_page(
    chrome: Chrome,
    list: Crumb,
    action: String,
    draft: &AgentDraft,
    roles: &[(String, String)],
    faults: &Faults,
) -> ConsolePage {
    let lang = chrome.lang;
    let mut person = choice("person", lang.t("agent-kind-person"), !draft.service);
    person.detail = lang.t("agent-kind-person-hint");
    let mut program = choice("program", lang.t("agent-kind-program"), draft.service);
    program.detail = lang.t("agent-kind-program-hint");
    let fields = vec![
        make::field("kind", lang.t("agent-kind"), Control::Radios { choices: vec![person, program] }, faults),
        make::text("name", lang.t("agent-name"), &draft.name, 200, faults).required(),
        role_field(lang, roles, &draft.role, faults),
        make::username("login", lang.t("agent-login"), &draft.login, false, faults).hint(lang.t("agent-login-hint")),
        make::field(
            "email",
            lang.t("agent-email"),
            Control::Input { kind: Display::Email, value: draft.email.clone() },
            faults,
        ),
        locale_field(lang, &draft.locale, faults),
        make::field("password", lang.t("agent-password"), Control::Password, faults)
            .hint(lang.t("agent-password-hint")),
    ];
    let mut form = Form::new("agent", action, lang.t("agent-create"), "plus").fields(fields);
    form.kind = Submit::Primary;
    form.cancel_url = Some(list.url.clone());
    form.fault.clone_from(&faults.whole);
    let section = Section::new("new", String::new(), "users", vec![Part::Form(Box::new(form))]);
    ConsolePage { crumbs: vec![list], narrow: true, ..ConsolePage::new(chrome, lang.t("agent-new"), vec![section]) }
}

/// Where the forms of an agent's page post to; all begin with the agent's address.
#[derive(Debug, Clone)]
pub struct AgentPage {
    /// The agent.
    pub agent: AgentView,
    /// What the form shows.
    pub draft: AgentDraft,
    /// Roles that can be chosen, as id and name.
    pub roles: Vec<(String, String)>,
    /// Groups that the agent is in, with their pages.
    pub groups: Vec<(String, String)>,
    /// Live sessions.
    pub sessions: Vec<SessionRow>,
    /// The viewer may change agents.
    pub manages: bool,
    /// The viewer looks at their own account.
    pub own: bool,
    /// Which form was refused, and why.
    pub refused: Option<(&'static str, Faults)>,
}

/// The page of an agent.
pub fn agent_page(chrome: Chrome, list: Crumb, page: AgentPage) -> ConsolePage {
    let lang = chrome.lang;
    let none = Faults::default();
    let faults = |form: &str| page.refused.as_ref().filter(|(key, _)| *key == form).map_or(&none, |(_, found)| found);
    let agent = &page.agent;
    let url = |what: &str| format!("{}/{what}", agent.url);
    let mut facts = vec![
        fact(lang.t("agent-role"), Shown::Text(agent.role.clone())),
        fact(lang.t("agent-login"), text_or_empty(&agent.login)),
        fact(lang.t("agent-email"), text_or_empty(&agent.email)),
    ];
    if !agent.service {
        facts.push(fact(lang.t("agent-factors"), factors(lang, &agent.factors)));
        facts.push(fact(lang.t("access-last-login"), time_or_empty(agent.last_login.clone())));
    }
    let mut overview = vec![Part::Facts(facts)];
    overview.extend(agent.one_time.as_ref().map(|once| once.part(lang)));
    if let Some(whole) = faults("whole").whole.clone() {
        overview.insert(0, Part::Note(Tone::Warning, whole));
    }
    if !page.groups.is_empty() {
        let links = page.groups.iter().map(|(name, url)| LinkButton {
            label: name.clone(),
            url: url.clone(),
            icon: "users",
            primary: false,
        });
        overview.push(Part::Links(links.collect()));
    }
    let mut sections = vec![Section::new("overview", lang.t("agent-overview"), "user-round", overview)];
    if page.manages {
        sections.push(change_section(lang, &page, url("change"), faults("change")));
        if agent.service {
            let links =
                vec![LinkButton { label: lang.t("token-new"), url: url("tokens"), icon: "plus", primary: false }];
            let parts = vec![Part::Text(lang.t("agent-tokens-text")), Part::Links(links)];
            sections.push(Section::new("tokens", lang.t("api-tokens-title"), "key-round", parts));
        } else {
            sections.push(password_section(lang, (&agent.name, &agent.login), &url, true, faults("password")));
            let mfa = (agent.mfa_required, agent.factors.as_slice());
            sections.push(mfa_section(lang, mfa, &url, faults("mfa")));
        }
    }
    if !agent.service {
        sections.push(sessions_section(lang, page.sessions, page.manages.then(|| url("sessions/end"))));
    }
    if page.manages && !page.own {
        sections.push(enabled_section(lang, agent, &url));
    }
    ConsolePage {
        crumbs: vec![list],
        pills: vec![state(lang, agent)],
        ..ConsolePage::new(chrome, agent.name.clone(), sections)
    }
}

fn change_section(lang: Lang, page: &AgentPage, action: String, faults: &Faults) -> Section {
    let draft = &page.draft;
    let mut fields = vec![
        make::text("name", lang.t("agent-name"), &draft.name, 200, faults).required(),
        make::field(
            "email",
            lang.t("agent-email"),
            Control::Input { kind: Display::Email, value: draft.email.clone() },
            faults,
        ),
        role_field(lang, &page.roles, &draft.role, faults),
    ];
    if !page.agent.service {
        fields.push(locale_field(lang, &draft.locale, faults));
    }
    let mut form = Form::new("change", action, lang.t("form-save"), "pencil").fields(fields);
    form.fault.clone_from(&faults.whole);
    Section::new("change", lang.t("agent-change"), "pencil", vec![Part::Form(Box::new(form))]).folded()
}

fn enabled_section(lang: Lang, agent: &AgentView, url: &dyn Fn(&str) -> String) -> Section {
    let (text, form) = if agent.disabled {
        ("agent-enable-text", Form::new("enable", url("enable"), lang.t("agent-enable"), "circle-check"))
    } else {
        let mut form = Form::new("disable", url("disable"), lang.t("agent-disable"), "ban");
        form.kind = Submit::Danger;
        form.confirm = Some(Confirm {
            title: lang.t1("agent-disable-title", "name", &agent.name),
            text: lang.t("agent-disable-text"),
            button: lang.t("agent-disable"),
        });
        ("agent-disable-text", form)
    };
    let parts = vec![Part::Text(lang.t(text)), Part::Buttons(vec![form])];
    Section::new("enabled", lang.t("agent-state"), "ban", parts)
}
