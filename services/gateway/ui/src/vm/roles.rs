//! Roles and groups of agents.

use super::agents::role_name;
use super::chrome::{Chrome, Crumb};
use super::console::{
    Confirm, ConsolePage, Faults, Form, LinkButton, Nothing, Part, Section, Submit, Tab, Table, TableRow,
    make::{self, FieldWith, choice, text_or_empty},
};
use super::form::{Choice, Control};
use super::shown::Shown;
use crate::{Lang, fmt};

/// Every right that a role can have, as the services name it.
pub const RIGHTS: [&str; 8] = [
    "manage_access",
    "unlock",
    "impersonate",
    "impersonate_write",
    "configure",
    "manage_agents",
    "read_audit",
    "restore",
];

fn right_keys(right: &str) -> (&'static str, &'static str) {
    match right {
        "manage_access" => ("right-manage-access", "right-manage-access-hint"),
        "unlock" => ("right-unlock", "right-unlock-hint"),
        "impersonate" => ("right-impersonate", "right-impersonate-hint"),
        "impersonate_write" => ("right-impersonate-write", "right-impersonate-write-hint"),
        "configure" => ("right-configure", "right-configure-hint"),
        "manage_agents" => ("right-manage-agents", "right-manage-agents-hint"),
        "read_audit" => ("right-read-audit", "right-read-audit-hint"),
        _ => ("right-restore", "right-restore-hint"),
    }
}

/// A role.
#[derive(Debug, Clone, Default)]
pub struct RoleView {
    /// The word of a built-in one, or an id.
    pub id: String,
    /// Name of an own one.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Can't be changed.
    pub built_in: bool,
    /// Records may be changed, not only read.
    pub writes: bool,
    /// Words of rights.
    pub rights: Vec<String>,
    /// How many agents have it.
    pub agents: u32,
    /// The page of an own one.
    pub url: Option<String>,
}

/// All roles.
pub fn roles_page(chrome: Chrome, roles: Vec<RoleView>, new_url: Option<String>, tabs: Vec<Tab>) -> ConsolePage {
    let lang = chrome.lang;
    let columns = [lang.t("role-records"), lang.t("role-rights"), lang.t("role-agents")];
    let mut table = Table::new(lang.t("roles-title"), lang.t("role-name"), &columns);
    table.columns[2].numeric = true;
    table.rows = roles
        .into_iter()
        .map(|role| {
            let rights: Vec<_> = role.rights.iter().map(|right| lang.t(right_keys(right).0)).collect();
            TableRow {
                title: role_name(lang, &role.id, &role.name),
                url: role.url,
                detail: role.description,
                tags: if role.built_in { vec![lang.t("role-built-in")] } else { Vec::new() },
                cells: vec![
                    Shown::Text(lang.t(if role.writes { "role-records-write" } else { "role-records-read" })),
                    text_or_empty(&rights.join(", ")),
                    Shown::Number(fmt::integer(i64::from(role.agents), lang)),
                ],
                action: None,
            }
        })
        .collect();
    let new = new_url.map(|url| LinkButton { label: lang.t("role-new"), url, icon: "plus", primary: true });
    let section = Section::new("roles", String::new(), "shield", vec![Part::Table(table)]);
    ConsolePage {
        lead: lang.t("roles-lead"),
        actions: new.into_iter().collect(),
        tabs,
        ..ConsolePage::new(chrome, lang.t("roles-title"), vec![section])
    }
}

/// The form of an own role. Posts `name`, `description`, `records` (`read`, `write`), `rights` (several).
pub fn role_form(
    chrome: Chrome,
    list: Crumb,
    action: String,
    role: &RoleView,
    delete_url: Option<String>,
    faults: &Faults,
) -> ConsolePage {
    let lang = chrome.lang;
    let rights = RIGHTS
        .iter()
        .map(|right| {
            let (label, hint) = right_keys(right);
            Choice { detail: lang.t(hint), ..choice(right, lang.t(label), role.rights.iter().any(|r| r == right)) }
        })
        .collect();
    let records = vec![
        choice("read", lang.t("role-records-read"), !role.writes),
        choice("write", lang.t("role-records-write"), role.writes),
    ];
    let fields = vec![
        make::text("name", lang.t("role-name"), &role.name, 100, faults).required(),
        make::text("description", lang.t("role-description"), &role.description, 500, faults),
        make::field("records", lang.t("role-records"), Control::Radios { choices: records }, faults),
        make::field("rights", lang.t("role-rights"), Control::Boxes { choices: rights }, faults),
    ];
    let creates = role.id.is_empty();
    let submit = lang.t(if creates { "role-create" } else { "form-save" });
    let mut form = Form::new("role", action, submit, "circle-check").fields(fields);
    form.kind = Submit::Primary;
    form.cancel_url = Some(list.url.clone());
    form.fault.clone_from(&faults.whole);
    let mut sections = vec![Section::new("role", String::new(), "shield", vec![Part::Form(Box::new(form))])];
    if let Some(url) = delete_url {
        let text = if role.agents > 0 { lang.tn("role-in-use", role.agents) } else { lang.t("role-delete-text") };
        let mut parts = vec![Part::Text(text)];
        if role.agents == 0 {
            parts.push(Part::Buttons(vec![delete(lang, "role-delete", &role.name, url)]));
        }
        sections.push(Section::new("delete", lang.t("role-delete"), "trash-2", parts));
    }
    let title = if creates { lang.t("role-new") } else { role.name.clone() };
    ConsolePage { crumbs: vec![list], narrow: true, ..ConsolePage::new(chrome, title, sections) }
}

fn delete(lang: Lang, key: &str, name: &str, url: String) -> Form {
    let mut form = Form::new("delete", url, lang.t(key), "trash-2");
    form.kind = Submit::Danger;
    form.confirm = Some(Confirm {
        title: lang.t1("console-delete-title", "name", name),
        text: lang.t("console-delete-text"),
        button: lang.t(key),
    });
    form
}

/// A group.
#[derive(Debug, Clone, Default)]
pub struct GroupView {
    /// Its id; empty for a new one.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Names of its members.
    pub members: Vec<String>,
    /// Its page.
    pub url: Option<String>,
}

/// All groups.
pub fn groups_page(chrome: Chrome, groups: Vec<GroupView>, new_url: Option<String>, tabs: Vec<Tab>) -> ConsolePage {
    let lang = chrome.lang;
    let part = if groups.is_empty() {
        let (title, text) = (lang.t("groups-empty-title"), lang.t("groups-lead"));
        Part::Nothing(Nothing { icon: "users", title, text })
    } else {
        let mut table = Table::new(lang.t("groups-title"), lang.t("group-name"), &[lang.t("group-members")]);
        table.rows = groups
            .into_iter()
            .map(|group| TableRow {
                title: group.name,
                url: group.url,
                detail: group.description,
                cells: vec![text_or_empty(&group.members.join(", "))],
                ..TableRow::default()
            })
            .collect();
        Part::Table(table)
    };
    let new = new_url.map(|url| LinkButton { label: lang.t("group-new"), url, icon: "plus", primary: true });
    ConsolePage {
        lead: lang.t("groups-lead"),
        actions: new.into_iter().collect(),
        tabs,
        ..ConsolePage::new(
            chrome,
            lang.t("groups-title"),
            vec![Section::new("groups", String::new(), "users", vec![part])],
        )
    }
}

/// The form of a group. Posts `name`, `description`, `member_ids` (several).
pub fn group_form(
    chrome: Chrome,
    list: Crumb,
    action: String,
    group: &GroupView,
    agents: Vec<Choice>,
    delete_url: Option<String>,
    faults: &Faults,
) -> ConsolePage {
    let lang = chrome.lang;
    let fields = vec![
        make::text("name", lang.t("group-name"), &group.name, 100, faults).required(),
        make::text("description", lang.t("role-description"), &group.description, 500, faults),
        make::field("member_ids", lang.t("group-members"), Control::Boxes { choices: agents }, faults),
    ];
    let creates = group.id.is_empty();
    let submit = lang.t(if creates { "group-create" } else { "form-save" });
    let mut form = Form::new("group", action, submit, "circle-check").fields(fields);
    form.kind = Submit::Primary;
    form.cancel_url = Some(list.url.clone());
    form.fault.clone_from(&faults.whole);
    let mut sections = vec![Section::new("group", String::new(), "users", vec![Part::Form(Box::new(form))])];
    if let Some(url) = delete_url {
        let parts = vec![
            Part::Text(lang.t("group-delete-text")),
            Part::Buttons(vec![delete(lang, "group-delete", &group.name, url)]),
        ];
        sections.push(Section::new("delete", lang.t("group-delete"), "trash-2", parts));
    }
    let title = if creates { lang.t("group-new") } else { group.name.clone() };
    ConsolePage { crumbs: vec![list], narrow: true, ..ConsolePage::new(chrome, title, sections) }
}
