//! A short way to write definitions down.

use proto::records::v1::{BlockDefinition, FieldDefinition, FieldType, Label, ModuleDefinition, PicklistValue};

/// English, Italian and German.
pub(super) type Words = (&'static str, &'static str, &'static str);
/// Key, words and colour of a picklist's value; numbers follow from the order.
pub(super) type Choice = (&'static str, Words, &'static str);

pub(super) fn labels((en, it, de): Words) -> Vec<Label> {
    let label = |language: &str, text: &str| Label { language: language.into(), text: text.into() };
    vec![label("en", en), label("it", it), label("de", de)]
}

/// A field: number, type, name, words.
pub(super) fn field(number: u32, kind: FieldType, name: &str, words: Words) -> FieldDefinition {
    FieldDefinition {
        name: name.into(),
        number,
        r#type: kind.into(),
        labels: labels(words),
        block: "details".into(),
        ..FieldDefinition::default()
    }
}

/// A picklist that lists can sort and filter by.
pub(super) fn picklist(number: u32, name: &str, words: Words, choices: &[Choice]) -> FieldDefinition {
    let value = |(at, (key, words, color)): (usize, &Choice)| PicklistValue {
        key: (*key).into(),
        labels: labels(*words),
        color: (*color).into(),
        number: u32::try_from(at + 1).unwrap_or_default(),
        customer_labels: Vec::new(),
    };
    FieldDefinition {
        values: choices.iter().enumerate().map(value).collect(),
        promoted: true,
        ..field(number, FieldType::Picklist, name, words)
    }
}

/// A relation to a module.
pub(super) fn relation(number: u32, name: &str, words: Words, target: &str) -> FieldDefinition {
    FieldDefinition { target_module: target.into(), ..field(number, FieldType::Relation, name, words) }
}

/// What a field can be besides its type.
pub(super) trait Notation {
    fn mandatory(self) -> Self;
    fn personal(self) -> Self;
    fn promoted(self) -> Self;
    fn with_default(self, value: &str) -> Self;
    fn at_most(self, characters: u32) -> Self;
    fn inside(self, block: &str) -> Self;
    fn for_customers(self, words: &[(&str, Words)]) -> Self;
    fn helped(self, words: Words) -> Self;
}

impl Notation for FieldDefinition {
    fn mandatory(mut self) -> Self {
        self.mandatory = true;
        self
    }

    fn personal(mut self) -> Self {
        self.personal = true;
        self
    }

    fn promoted(mut self) -> Self {
        self.promoted = true;
        self
    }

    fn with_default(mut self, value: &str) -> Self {
        self.default_value = value.into();
        self
    }

    fn at_most(mut self, characters: u32) -> Self {
        self.max_length = characters;
        self
    }

    fn inside(mut self, block: &str) -> Self {
        self.block = block.into();
        self
    }

    /// What customers read in place of the words of some values.
    fn for_customers(mut self, words: &[(&str, Words)]) -> Self {
        for (key, words) in words {
            if let Some(value) = self.values.iter_mut().find(|v| v.key == *key) {
                value.customer_labels = labels(*words);
            }
        }
        self
    }

    fn helped(mut self, words: Words) -> Self {
        self.help = labels(words);
        self
    }
}

/// The contact, the company and the owner that customers' records are tied to, from a field number on.
pub(super) fn ties(from: u32) -> [FieldDefinition; 3] {
    [
        relation(from, "contact_id", ("Contact", "Contatto", "Kontakt"), "contacts").inside("ties"),
        relation(from + 1, "company_id", ("Company", "Azienda", "Firma"), "companies").inside("ties"),
        owner(from + 2).inside("ties"),
    ]
}

/// The agent in charge.
pub(super) fn owner(number: u32) -> FieldDefinition {
    field(number, FieldType::Owner, "owner_id", ("Owner", "Assegnatario", "Zuständig"))
}

/// A long text.
pub(super) fn description(number: u32) -> FieldDefinition {
    field(number, FieldType::LongText, "description", ("Description", "Descrizione", "Beschreibung"))
}

/// A module: number, name, words for one and for many, icon, prefix, fields. The first field names a record.
pub(super) fn module(
    number: u32,
    name: &str,
    (singular, plural): (Words, Words),
    icon: &str,
    prefix: &str,
    fields: Vec<FieldDefinition>,
) -> ModuleDefinition {
    let has = |name: &str| if fields.iter().any(|f| f.name == name) { name.to_owned() } else { String::new() };
    let block = |name: &str, words| BlockDefinition { name: name.into(), labels: labels(words) };
    let mut blocks = vec![block("details", ("Details", "Dettagli", "Details"))];
    if fields.iter().any(|f| f.block == "ties") {
        blocks.push(block("ties", ("Customer and owner", "Cliente e assegnatario", "Kunde und Zuständigkeit")));
    }
    ModuleDefinition {
        name: name.into(),
        number,
        singular: labels(singular),
        plural: labels(plural),
        icon: icon.into(),
        prefix: prefix.into(),
        first_number: 1_001,
        blocks,
        title_field: fields.first().map(|f| f.name.clone()).unwrap_or_default(),
        contact_field: has("contact_id"),
        company_field: has("company_id"),
        owner_field: has("owner_id"),
        status_field: has("status"),
        closed_values: Vec::new(),
        awaiting_value: String::new(),
        active_value: String::new(),
        list_columns: Vec::new(),
        comments: false,
        fields,
    }
}

/// What a module can be besides its fields.
pub(super) trait Shape {
    fn columns(self, names: &[&str]) -> Self;
    fn closed_by(self, keys: &[&str]) -> Self;
    fn answered(self, awaiting: &str, active: &str) -> Self;
    fn commented(self) -> Self;
    fn titled(self, fields: &str) -> Self;
}

impl Shape for ModuleDefinition {
    fn columns(mut self, names: &[&str]) -> Self {
        self.list_columns = names.iter().map(|n| (*n).into()).collect();
        self
    }

    fn closed_by(mut self, keys: &[&str]) -> Self {
        self.closed_values = keys.iter().map(|k| (*k).into()).collect();
        self
    }

    /// While the status is `awaiting`, the customer has the next word; the customer's reply makes it `active`.
    fn answered(mut self, awaiting: &str, active: &str) -> Self {
        (self.awaiting_value, self.active_value) = (awaiting.into(), active.into());
        self
    }

    fn commented(mut self) -> Self {
        self.comments = true;
        self
    }

    fn titled(mut self, fields: &str) -> Self {
        self.title_field = fields.into();
        self
    }
}
