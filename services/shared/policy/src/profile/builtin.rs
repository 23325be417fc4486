//! The documents that every installation begins with, and those of the demo.
//!
//! They are data like any other profile: stored, published, edited. Module names are those of the
//! standard modules; a module or field that an installation doesn't have grants nothing.

use super::{FieldGrant, Format, Grant, Home, ListLayout, Matching, Menu, ModuleGrant, Profile};
use crate::{
    access::{Access, Action, PerAction, Scope},
    catalogue::{COMPANIES, CONTACTS},
    condition::{Condition, Operator},
    labels::Labels,
    rule::{Effect, Origin, Rule},
};
use std::collections::BTreeMap;

/// The name of the profile that always exists.
pub const DEFAULT_NAME: &str = "DEFAULT";
/// The name of the profile for secure links.
pub const NON_PORTAL_USERS_NAME: &str = "Non-portal users";

fn profile(name: &str, description: &str, scope: Scope) -> Profile {
    Profile {
        format: Format,
        name: name.to_owned(),
        description: description.to_owned(),
        default_scope: scope,
        modules: BTreeMap::new(),
        home: Home::default(),
        owner: None,
        picklist_source: None,
        matching: None,
        templates: BTreeMap::new(),
        require_mfa: false,
    }
}

fn fields<const N: usize>(grants: [(&str, FieldGrant); N]) -> BTreeMap<String, FieldGrant> {
    grants.into_iter().map(|(name, grant)| (name.to_owned(), grant)).collect()
}

fn read() -> FieldGrant {
    FieldGrant::new(Access::Read)
}

fn write() -> FieldGrant {
    FieldGrant::new(Access::Write)
}

/// Written while creating, read afterwards.
fn given_once() -> FieldGrant {
    FieldGrant { on_create: Some(Access::Write), ..read() }
}

/// Written later, but not part of the form for a new record.
fn later() -> FieldGrant {
    FieldGrant { on_create: Some(Access::Hidden), ..write() }
}

fn mandatory(grant: FieldGrant) -> FieldGrant {
    FieldGrant { mandatory: true, ..grant }
}

fn menu(order: u32) -> Option<Menu> {
    Some(Menu { order, ..Menu::default() })
}

fn list(columns: &[&str]) -> ListLayout {
    ListLayout { columns: columns.iter().map(|c| (*c).to_owned()).collect(), sort: Some("-modified_at".to_owned()) }
}

/// A module that is only looked at.
fn looked_at<const N: usize>(order: u32, scope: Grant, columns: [&str; N]) -> ModuleGrant {
    ModuleGrant {
        enabled: true,
        menu: menu(order),
        actions: PerAction::of([(Action::View, scope)]),
        fields: columns.iter().map(|c| ((*c).to_owned(), read())).collect(),
        list: list(&columns),
        ..ModuleGrant::default()
    }
}

fn faqs(order: u32) -> ModuleGrant {
    let mut module = looked_at(order, Grant::All, ["title", "category", "answer"]);
    module.list = list(&["title", "category"]);
    // A FAQ is for customers once it is published.
    module.record_condition = Some(Condition::test("status", Operator::Eq, "published"));
    module
}

const CONTACT_FIELDS: [&str; 6] = ["first_name", "last_name", "email", "phone", "department", "company_id"];

impl Profile {
    /// DEFAULT: tickets (view, create, comment; scope mine), FAQs (view), the own contact (read).
    ///
    /// A ticket's title (mandatory), description, priority and category are given when it is created
    /// and read later; status, severity, contact and company are read; the owner stays hidden. *View
    /// comments* and *view updates* belong to *view* and are on. There is no *edit*: no field of an
    /// existing ticket can be changed.
    pub fn default_profile() -> Profile {
        let mut profile = profile(DEFAULT_NAME, "What a portal user sees who was given no other profile.", Scope::Mine);
        let tickets = ModuleGrant {
            enabled: true,
            menu: menu(10),
            actions: PerAction::of([
                (Action::View, Grant::Inherit),
                (Action::Create, Grant::Inherit),
                (Action::Comment, Grant::Inherit),
                (Action::ViewComments, Grant::Inherit),
                (Action::ViewUpdates, Grant::Inherit),
            ]),
            fields: fields([
                ("title", mandatory(given_once())),
                ("description", given_once()),
                ("priority", given_once()),
                ("category", given_once()),
                ("status", FieldGrant { on_create: Some(Access::Hidden), ..read() }),
                ("severity", FieldGrant { on_create: Some(Access::Hidden), ..read() }),
                ("contact_id", FieldGrant { on_create: Some(Access::Hidden), ..read() }),
                ("company_id", FieldGrant { on_create: Some(Access::Hidden), ..read() }),
            ]),
            list: list(&["title", "status", "priority", "category", "modified_at"]),
            ..ModuleGrant::default()
        };
        let mut contacts = looked_at(90, Grant::Mine, CONTACT_FIELDS);
        // The own contact is reached through the account page.
        contacts.menu = None;
        profile.modules = BTreeMap::from([
            ("tickets".to_owned(), tickets),
            ("faqs".to_owned(), faqs(20)),
            (CONTACTS.to_owned(), contacts),
        ]);
        profile.home.widgets = vec!["recent_tickets".to_owned(), "recent_faqs".to_owned()];
        profile.home.shortcuts = vec!["create_tickets".to_owned(), "open_tickets".to_owned()];
        profile
    }

    /// The profile for secure links of companies without portal users: the company's tickets and FAQs,
    /// to look at. Nothing can be written, because nobody stands behind the link by name.
    pub fn non_portal_users() -> Profile {
        let mut profile = profile(
            NON_PORTAL_USERS_NAME,
            "What a company without portal users sees through its secure link.",
            Scope::Company,
        );
        let mut tickets = looked_at(
            10,
            Grant::Inherit,
            ["title", "description", "status", "priority", "category", "contact_id", "company_id"],
        );
        tickets.actions.set(Action::ViewComments, Grant::Inherit);
        tickets.list = list(&["title", "status", "priority", "category", "modified_at"]);
        let mut companies = looked_at(90, Grant::Inherit, ["name", "email", "phone", "country"]);
        companies.menu = None;
        profile.modules = BTreeMap::from([
            ("tickets".to_owned(), tickets),
            ("faqs".to_owned(), faqs(20)),
            (COMPANIES.to_owned(), companies),
        ]);
        profile.home.widgets = vec!["recent_tickets".to_owned(), "recent_faqs".to_owned()];
        profile
    }

    /// *Standard*, the demo's default profile: tickets and cases (view the company's; create; edit and
    /// close one's own; comment; upload), documents, FAQs, projects (view), own contact (read-write),
    /// own company (read, and read-only as a whole while it is blocked).
    pub fn standard_demo() -> Profile {
        let mut profile =
            profile("Standard", "Tickets and cases of the company, documents, FAQs and projects.", Scope::Company);
        let mut contacts = ModuleGrant {
            enabled: true,
            actions: PerAction::of([
                (Action::View, Grant::Mine),
                (Action::Edit, Grant::Mine),
                (Action::ViewUpdates, Grant::Mine),
            ]),
            fields: fields([
                ("first_name", write()),
                ("last_name", mandatory(write())),
                // The e-mail is what the contact signs in with; it changes with a confirmation only.
                ("email", read()),
                ("phone", write()),
                // Profiles match on the department: who could change it would choose the own profile.
                ("department", read()),
                ("company_id", read()),
                ("email_opt_out", write()),
            ]),
            ..ModuleGrant::default()
        };
        contacts.list = list(&["first_name", "last_name", "email"]);
        let mut companies = looked_at(90, Grant::Inherit, ["name", "email", "phone", "country", "status", "owner_id"]);
        companies.menu = None;
        companies.list = list(&["name", "country", "status"]);
        companies.rules = vec![read_only_while_blocked()];
        profile.modules = BTreeMap::from([
            ("tickets".to_owned(), worked_on(10)),
            ("cases".to_owned(), worked_on(20)),
            ("documents".to_owned(), looked_at(30, Grant::Inherit, ["title", "description"])),
            ("faqs".to_owned(), faqs(40)),
            ("projects".to_owned(), looked_at(50, Grant::Inherit, ["name", "status", "description"])),
            (CONTACTS.to_owned(), contacts),
            (COMPANIES.to_owned(), companies),
        ]);
        let named = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
        profile.home.widgets =
            named(&["recent_tickets", "recent_cases", "recent_faqs", "recent_documents", "account_representative"]);
        profile.home.shortcuts = named(&["create_tickets", "open_tickets", "create_cases", "open_cases"]);
        profile
    }

    /// *Accounting* of the demo: contacts whose department is `accounting` see the company's quotes,
    /// invoices and orders, and open tickets of their own.
    pub fn accounting_demo() -> Profile {
        let mut profile = department("Accounting", "accounting", 10);
        let papers = ["number", "title", "status", "amount"];
        for (order, name) in [(30, "quotes"), (40, "sales_orders"), (50, "purchase_orders"), (60, "invoices")] {
            let mut module = looked_at(order, Grant::Company, papers);
            module.fields.remove("number");
            module.actions.set(Action::Export, Grant::Company);
            profile.modules.insert(name.to_owned(), module);
        }
        profile
    }

    /// *Technical* of the demo: contacts whose department is `technical` work on all tickets and cases
    /// of the company, and see its assets and projects.
    pub fn technical_demo() -> Profile {
        let mut profile = department("Technical", "technical", 20);
        for (order, name) in [(10, "tickets"), (20, "cases")] {
            let mut module = worked_on(order);
            module.actions.set(Action::Edit, Grant::Company);
            profile.modules.insert(name.to_owned(), module);
        }
        for (order, name) in [(30, "assets"), (40, "projects")] {
            let module = looked_at(order, Grant::Company, ["name", "status", "description"]);
            profile.modules.insert(name.to_owned(), module);
        }
        profile
    }
}

/// A profile that contacts of a department get; it begins with what DEFAULT has.
fn department(name: &str, department: &str, priority: i32) -> Profile {
    Profile {
        name: name.to_owned(),
        description: format!("For contacts whose department is {department}."),
        matching: Some(Matching { priority, when: Condition::test("contact.department", Operator::Eq, department) }),
        ..Profile::default_profile()
    }
}

/// Tickets and cases as *Standard* has them.
fn worked_on(order: u32) -> ModuleGrant {
    ModuleGrant {
        enabled: true,
        menu: menu(order),
        actions: PerAction::of([
            (Action::View, Grant::Inherit),
            (Action::Create, Grant::Inherit),
            (Action::Edit, Grant::Mine),
            (Action::Comment, Grant::Inherit),
            (Action::ViewComments, Grant::Inherit),
            (Action::ViewUpdates, Grant::Inherit),
            (Action::Upload, Grant::Inherit),
            (Action::Export, Grant::Inherit),
        ]),
        fields: fields([
            ("title", mandatory(write())),
            ("description", write()),
            ("status", later()),
            ("priority", write()),
            ("category", write()),
            ("severity", FieldGrant { on_create: Some(Access::Hidden), ..read() }),
            ("contact_id", FieldGrant { on_create: Some(Access::Hidden), ..read() }),
            ("company_id", FieldGrant { on_create: Some(Access::Hidden), ..read() }),
            ("owner_id", FieldGrant { on_create: Some(Access::Hidden), ..read() }),
        ]),
        list: list(&["title", "status", "priority", "category", "contact_id", "modified_at"]),
        related: vec!["documents".to_owned()],
        rules: vec![Rule {
            id: "close-and-reopen".to_owned(),
            name: "A contact closes and reopens; the steps between are the agents'".to_owned(),
            enabled: true,
            priority: 0,
            when: Condition::always(),
            effects: vec![Effect::AllowedValues {
                field: "status".to_owned(),
                values: vec!["open".to_owned(), "closed".to_owned()],
            }],
            public_reason: Labels::of([
                ("en", "You can close this and open it again."),
                ("it", "Puoi chiudere e riaprire questo elemento."),
                ("de", "Sie können diesen Eintrag schließen und wieder öffnen."),
            ]),
            origin: Origin::Own,
        }],
        ..ModuleGrant::default()
    }
}

fn read_only_while_blocked() -> Rule {
    Rule {
        id: "read-only-while-blocked".to_owned(),
        name: "A blocked company's page is read-only".to_owned(),
        enabled: true,
        priority: 0,
        when: Condition::test("status", Operator::Eq, "blocked"),
        effects: vec![
            Effect::ReadOnlyRecord {},
            Effect::Message {
                text: Labels::of([
                    ("en", "This company is blocked. Its page can't be changed."),
                    ("it", "Questa azienda è bloccata. La sua pagina non può essere modificata."),
                    ("de", "Diese Firma ist gesperrt. Die Seite kann nicht geändert werden."),
                ]),
            },
        ],
        public_reason: Labels::of([
            ("en", "This company is blocked."),
            ("it", "Questa azienda è bloccata."),
            ("de", "Diese Firma ist gesperrt."),
        ]),
        origin: Origin::Own,
    }
}
