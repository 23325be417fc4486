//! Agents, companies and contacts of the demo.

use kernel::derived_id;

/// Somebody of the operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Agent {
    Ada,
    Alex,
    Giulia,
}

impl Agent {
    /// All of them, the administrator first.
    pub(super) const ALL: [Agent; 3] = [Agent::Ada, Agent::Alex, Agent::Giulia];

    /// Login and e-mail address.
    pub(super) const fn login(self) -> &'static str {
        match self {
            Agent::Ada => "admin@demo.test",
            Agent::Alex => "agent@demo.test",
            Agent::Giulia => "giulia@demo.test",
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Agent::Ada => "Ada Admin",
            Agent::Alex => "Alex Agent",
            Agent::Giulia => "Giulia Supporto",
        }
    }

    pub(super) const fn role(self) -> &'static str {
        match self {
            Agent::Ada => "administrator",
            Agent::Alex | Agent::Giulia => "agent",
        }
    }

    pub(super) const fn locale(self) -> &'static str {
        match self {
            Agent::Ada | Agent::Alex => "en",
            Agent::Giulia => "it",
        }
    }

    /// The id that the agent is created with.
    pub(super) fn id(self) -> String {
        derived_id("demo agent", self.login().as_bytes()).to_string()
    }
}

/// A company.
pub(super) struct Company {
    pub(super) name: &'static str,
    pub(super) email: &'static str,
    pub(super) phone: &'static str,
    pub(super) country: &'static str,
    pub(super) status: &'static str,
    /// Whom its contacts see as their account representative.
    pub(super) representative: Agent,
}

const fn company(
    name: &'static str,
    email: &'static str,
    phone: &'static str,
    country: &'static str,
    status: &'static str,
) -> Company {
    Company { name, email, phone, country, status, representative: Agent::Ada }
}

const fn cared_for(company: Company, representative: Agent) -> Company {
    Company { representative, ..company }
}

/// All companies.
pub(super) const COMPANIES: &[Company] = &[
    cared_for(company("Acme", "info@acme.test", "+39 02 5550 100", "IT", "active"), Agent::Alex),
    cared_for(company("Globex", "hello@globex.test", "+41 44 555 02 00", "CH", "active"), Agent::Alex),
    company("Initech", "office@initech.test", "+1 512 555 0133", "US", "active"),
    company("Umbrella Logistics", "desk@umbrella.test", "+49 30 5550 144", "DE", "active"),
    cared_for(company("Officine Rossi", "info@officinerossi.test", "+39 011 5550 155", "IT", "active"), Agent::Giulia),
    company("Northwind", "support@northwind.test", "+44 20 5550 0166", "GB", "active"),
    company("Vandelay Import", "mail@vandelay.test", "+33 1 55 50 01 77", "FR", "blocked"),
    cared_for(company("Cantina del Lago", "info@cantinalago.test", "+39 030 5550 188", "IT", "active"), Agent::Giulia),
];

/// A contact.
#[derive(Debug, PartialEq)]
pub(super) struct Contact {
    pub(super) first: &'static str,
    pub(super) last: &'static str,
    pub(super) email: &'static str,
    pub(super) phone: &'static str,
    pub(super) department: &'static str,
    pub(super) company: &'static str,
    pub(super) locale: &'static str,
    pub(super) logs_in: bool,
}

const fn person(
    first: &'static str,
    last: &'static str,
    email: &'static str,
    department: &'static str,
    company: &'static str,
) -> Contact {
    Contact { first, last, email, phone: "", department, company, locale: "en", logs_in: false }
}

impl Contact {
    /// May change what is theirs, and so close it and open it again. DEFAULT lets nobody change a thing.
    pub(super) fn changes(&self) -> bool {
        self.logs_in && self.email != HAS_DEFAULT
    }
}

const fn user(contact: Contact, phone: &'static str, locale: &'static str) -> Contact {
    Contact { phone, locale, logs_in: true, ..contact }
}

/// Who has the profile DEFAULT although the demo's default is Standard.
pub(super) const HAS_DEFAULT: &str = "nina@globex.test";

/// All contacts.
pub(super) const CONTACTS: &[Contact] = &[
    user(person("Emma", "Bianchi", "emma@acme.test", "", "Acme"), "+39 02 5550 101", "en"),
    user(person("Marco", "Conti", "marco@acme.test", "", "Acme"), "+39 02 5550 102", "it"),
    user(person("Nina", "Keller", "nina@globex.test", "", "Globex"), "+41 44 555 02 01", "en"),
    person("Sara", "Greco", "sara@acme.test", "accounting", "Acme"),
    person("Luca", "Ferri", "luca@acme.test", "technical", "Acme"),
    person("Jonas", "Meier", "jonas@globex.test", "technical", "Globex"),
    person("Peter", "Gibson", "peter@initech.test", "technical", "Initech"),
    person("Joan", "Harper", "joan@initech.test", "accounting", "Initech"),
    person("Anke", "Vogel", "anke@umbrella.test", "technical", "Umbrella Logistics"),
    person("Dieter", "Hahn", "dieter@umbrella.test", "accounting", "Umbrella Logistics"),
    person("Paolo", "Rossi", "paolo@officinerossi.test", "technical", "Officine Rossi"),
    person("Chiara", "Rossi", "chiara@officinerossi.test", "accounting", "Officine Rossi"),
    person("Olivia", "Marsh", "olivia@northwind.test", "technical", "Northwind"),
    person("Harry", "Lowe", "harry@northwind.test", "accounting", "Northwind"),
    person("Claire", "Dubois", "claire@vandelay.test", "accounting", "Vandelay Import"),
    person("Giorgio", "Valle", "giorgio@cantinalago.test", "technical", "Cantina del Lago"),
];
