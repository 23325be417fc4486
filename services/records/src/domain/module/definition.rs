//! What a module is defined as: plain data, in the order in which people see it.

/// A text in one language.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Label {
    /// Its tag, such as "en": there is one label per language.
    pub language: String,
    /// What people read.
    pub text: String,
}

/// A value that a picklist offers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PicklistValue {
    /// Never translated; stays with its number for ever.
    pub key: String,
    /// What people read.
    pub labels: Vec<Label>,
    /// The name of a colour, or empty.
    pub color: String,
    /// In the read model, from 1.
    pub number: u32,
    /// What customers read instead; empty where they read the same.
    pub customer_labels: Vec<Label>,
}

/// A field of a module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldDefinition {
    /// As in requests and events; stays with its number for ever.
    pub name: String,
    /// In documents, from 1.
    pub number: u32,
    /// Number of its type; one that this version doesn't know is read as text.
    pub type_number: i32,
    /// What people call it.
    pub labels: Vec<Label>,
    /// What people are told about it.
    pub help: Vec<Label>,
    /// Every record needs a value.
    pub mandatory: bool,
    /// Stored sealed under the data key of the person.
    pub personal: bool,
    /// Lists are wanted to sort and filter by it.
    pub promoted: bool,
    /// Longest text in characters; 0 means the type's own limit.
    pub max_length: u32,
    /// For picklists.
    pub values: Vec<PicklistValue>,
    /// For relations: the module pointed to.
    pub target_module: String,
    /// Value of a new record that gives none.
    pub default_value: String,
    /// Name of the block that it is shown in, or empty.
    pub block: String,
}

/// A block of fields on a record's page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Block {
    /// Its name.
    pub name: String,
    /// What people read above it.
    pub labels: Vec<Label>,
}

/// A whole definition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Definition {
    /// As in paths.
    pub name: String,
    /// Of its table in the read model, from 1.
    pub number: u32,
    /// What people call one of its records.
    pub singular: Vec<Label>,
    /// What people call several.
    pub plural: Vec<Label>,
    /// Name of a picture.
    pub icon: String,
    /// "TT" makes TT1042.
    pub prefix: String,
    /// First number that is given.
    pub first_number: u64,
    /// In the order of a record's page.
    pub blocks: Vec<Block>,
    /// In the order of a record's page.
    pub fields: Vec<FieldDefinition>,
    /// The fields whose values name a record, with a space between them.
    pub title_field: String,
    /// The relation that ties a record to a contact, or empty.
    pub contact_field: String,
    /// The relation that ties a record to a company, or empty.
    pub company_field: String,
    /// The field with the agent who owns a record, or empty.
    pub owner_field: String,
    /// The picklist whose changes are events of their own, or empty.
    pub status_field: String,
    /// Its keys that end a record's work.
    pub closed_values: Vec<String>,
    /// Columns of a list, unless a profile has others.
    pub list_columns: Vec<String>,
    /// Records can be talked about.
    pub comments: bool,
    /// The key of the status while the customer has the next word, or empty.
    pub awaiting_value: String,
    /// The key that a customer's reply puts in its place, or empty.
    pub active_value: String,
}

impl Definition {
    /// A field by its number.
    pub fn field(&self, number: u32) -> Option<&FieldDefinition> {
        self.fields.iter().find(|f| f.number == number)
    }

    /// A field by its name.
    pub fn field_named(&self, name: &str) -> Option<&FieldDefinition> {
        self.fields.iter().find(|f| f.name == name)
    }
}
