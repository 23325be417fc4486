//! A small installation, records and plans for the tests of this crate.

use crate::*;
use kernel::{ActorKind, Timestamp};
use std::{collections::BTreeMap, sync::LazyLock};

/// The keys of a ticket's status.
pub(crate) const STATUS: [&str; 4] = ["open", "in_progress", "waiting", "closed"];

/// Contacts, companies, tickets and FAQs; a ticket has a field of every comparable type.
pub(crate) fn catalogue() -> &'static Catalogue {
    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(make_catalogue);
    &CATALOGUE
}

fn make_catalogue() -> Catalogue {
    let text = || FieldShape::new(FieldType::Text);
    let of = FieldShape::new;
    let module = |fields: Vec<(&str, FieldShape)>| ModuleShape {
        fields: fields.into_iter().map(|(n, f)| (n.to_owned(), f)).collect(),
        ..ModuleShape::default()
    };
    let mut contacts = module(vec![
        ("first_name", text()),
        ("last_name", FieldShape { mandatory: true, ..text() }),
        ("email", of(FieldType::Email)),
        ("phone", of(FieldType::Phone)),
        ("department", FieldShape::picklist(&["accounting", "technical"])),
        ("company_id", FieldShape::relation(COMPANIES)),
        ("owner_id", of(FieldType::Owner)),
        ("email_opt_out", of(FieldType::Checkbox)),
        (PRIMARY, of(FieldType::Checkbox)),
    ]);
    contacts.company_field = Some("company_id".to_owned());
    let companies = module(vec![
        ("name", FieldShape { mandatory: true, ..text() }),
        ("email", of(FieldType::Email)),
        ("phone", of(FieldType::Phone)),
        ("country", text()),
        ("status", FieldShape::picklist(&["active", "blocked"])),
        ("owner_id", of(FieldType::Owner)),
    ]);
    let mut tickets = module(vec![
        ("title", FieldShape { mandatory: true, block: "main".to_owned(), ..text() }),
        ("description", FieldShape { block: "main".to_owned(), ..of(FieldType::LongText) }),
        ("status", FieldShape::picklist(&STATUS)),
        ("priority", FieldShape::picklist(&["low", "normal", "high", "urgent"])),
        ("category", FieldShape::picklist(&["hardware", "software"])),
        ("severity", FieldShape::picklist(&["minor", "major"])),
        ("contact_id", FieldShape::relation(CONTACTS)),
        ("company_id", FieldShape::relation(COMPANIES)),
        ("owner_id", of(FieldType::Owner)),
        ("amount", FieldShape { block: "money".to_owned(), ..of(FieldType::Decimal) }),
        ("hours", FieldShape { block: "money".to_owned(), ..of(FieldType::Integer) }),
        ("due", of(FieldType::Date)),
        ("answered_at", of(FieldType::DateTime)),
        ("starts", of(FieldType::Time)),
        ("billable", of(FieldType::Checkbox)),
        ("tags", FieldShape { values: ["a", "b", "c"].map(str::to_owned).to_vec(), ..of(FieldType::MultiPicklist) }),
        ("file", of(FieldType::File)),
    ]);
    tickets.contact_field = Some("contact_id".to_owned());
    tickets.company_field = Some("company_id".to_owned());
    tickets.related = vec!["documents".to_owned()];
    let mut faqs = module(vec![
        ("title", text()),
        ("answer", of(FieldType::LongText)),
        ("category", text()),
        ("status", FieldShape::picklist(&["draft", "published", "archived"])),
    ]);
    faqs.without_customer_data = true;
    Catalogue {
        modules: [("contacts", contacts), ("companies", companies), ("tickets", tickets), ("faqs", faqs)]
            .into_iter()
            .map(|(n, m)| (n.to_owned(), m))
            .collect(),
    }
}

/// A record with some values.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) module: &'static str,
    pub(crate) values: BTreeMap<String, OwnedValue>,
    pub(crate) tie: Tie,
    /// Fields that were not looked up.
    pub(crate) not_read: Vec<String>,
}

impl Row {
    /// The viewer's own record of a module, with nothing in it.
    pub(crate) fn mine(module: &'static str) -> Row {
        let tie = Tie { mine: true, company: true };
        Row { module, values: BTreeMap::new(), tie, not_read: Vec::new() }
    }

    pub(crate) fn ticket() -> Row {
        Row::mine("tickets").with("title", "Printer").with("status", "open")
    }

    pub(crate) fn tied(self, mine: bool, company: bool) -> Row {
        Row { tie: Tie { mine, company }, ..self }
    }

    /// As if a field had not been looked up.
    pub(crate) fn without_reading(mut self, field: &str) -> Row {
        self.not_read.push(field.to_owned());
        self
    }

    pub(crate) fn with(mut self, field: &str, value: &str) -> Row {
        self.values.insert(field.to_owned(), OwnedValue::Text(value.to_owned()));
        self
    }

    pub(crate) fn holding(mut self, field: &str, value: OwnedValue) -> Row {
        self.values.insert(field.to_owned(), value);
        self
    }
}

impl Facts for Row {
    fn fact(&self, field: &str) -> Fact<'_> {
        let (module, name) = match field.split_once('.') {
            Some(("contact", name)) => (CONTACTS, name),
            Some(("company", name)) => (COMPANIES, name),
            _ => (self.module, field),
        };
        if self.not_read.iter().any(|f| f == field) {
            return Fact::Unknown;
        }
        match self.values.get(field) {
            Some(value) => value.as_value().into(),
            None if catalogue().field_type(module, name).is_some() => ValueRef::Empty.into(),
            None => Fact::NoSuchField,
        }
    }

    fn tie(&self) -> Tie {
        self.tie
    }
}

/// Noon of Thursday 2026-07-30, UTC.
pub(crate) fn clock() -> Clock {
    Clock::utc(Timestamp::parse("2026-07-30T12:00:00Z").unwrap())
}

/// The contact that looks.
pub(crate) fn viewer() -> Viewer {
    let mut viewer = Viewer::new(ActorKind::Contact, "emma");
    viewer.companies = vec!["acme".to_owned()];
    viewer.fields.insert("department".to_owned(), "accounting".to_owned());
    viewer
}

/// The plan that a profile gives the contact.
pub(crate) fn plan_of(profile: &Profile) -> AccessPlan {
    let contact = ContactGrant {
        id: "emma".to_owned(),
        contact_number: Some(7),
        companies: vec![("acme".to_owned(), 3)],
        fields: viewer().fields,
        stands_for_company: false,
        profile: ChosenProfile { id: "p1".to_owned(), version: 4, chosen_because: ChosenBecause::Default },
        policy_version: 11,
    };
    AccessPlan::for_contact(profile, contact, catalogue(), Scope::Mine)
}

/// An enabled rule without words.
pub(crate) fn rule(id: &str, when: Condition, effects: Vec<Effect>) -> Rule {
    Rule {
        id: id.to_owned(),
        name: id.to_owned(),
        enabled: true,
        priority: 0,
        when,
        effects,
        public_reason: Labels::default(),
        origin: Origin::Own,
    }
}

/// A profile in which every field of tickets can be written, with rules.
pub(crate) fn open_tickets(rules: Vec<Rule>) -> Profile {
    let mut profile = Profile::default_profile();
    let fields = catalogue().modules["tickets"].fields.keys().cloned().collect::<Vec<_>>();
    let tickets = profile.modules.get_mut("tickets").unwrap();
    tickets.actions = PerAction::all(Grant::Company);
    tickets.fields = fields.into_iter().map(|f| (f, FieldGrant::new(Access::Write))).collect();
    tickets.rules = rules;
    profile
}

/// `status = closed` and the like.
pub(crate) fn is(field: &str, value: &str) -> Condition {
    Condition::test(field, Operator::Eq, value)
}

/// Caps a field.
pub(crate) fn cap(field: &str, access: Access) -> Effect {
    Effect::Visibility { field: field.to_owned(), access }
}

/// Sets a field.
pub(crate) fn set(field: &str, value: &str) -> Effect {
    Effect::SetValue { field: field.to_owned(), value: OwnedValue::Text(value.to_owned()) }
}

/// Limits a picklist.
pub(crate) fn allow(field: &str, values: &[&str]) -> Effect {
    let values = values.iter().map(|v| (*v).to_owned()).collect();
    Effect::AllowedValues { field: field.to_owned(), values }
}

/// Demands a value.
pub(crate) fn demand(field: &str) -> Effect {
    Effect::Mandatory { field: field.to_owned() }
}
