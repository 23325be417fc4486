//! What a record's answer says of its fields, by name.

use crate::records::v1::{FieldLevel, Record, Value, value::Kind};

impl FieldLevel {
    /// `masked`, `read` or `write`, as the API has it.
    pub fn word(self) -> &'static str {
        match self {
            FieldLevel::Unspecified | FieldLevel::Masked => "masked",
            FieldLevel::Read => "read",
            FieldLevel::Write => "write",
        }
    }
}

impl Record {
    /// Every field that the caller sees with `masked`, `read` or `write`: first those whose values are here.
    pub fn accesses(&self) -> impl Iterator<Item = (&str, &'static str)> {
        let here = self.fields.iter().zip(self.levels());
        let here = here.map(|(field, level)| (field.field.as_str(), level.word()));
        here.chain(self.unread.iter().map(|unread| (unread.field.as_str(), unread.level().word())))
    }

    /// What the caller may do with a field; none when it is hidden from the caller, or is none of the module's.
    pub fn access(&self, field: &str) -> Option<&'static str> {
        self.accesses().find(|(name, _)| *name == field).map(|(_, word)| word)
    }
}

impl Value {
    /// The text that it holds, if it holds one.
    pub fn text(&self) -> Option<&str> {
        match self.kind.as_ref()? {
            Kind::Text(text) => Some(text),
            Kind::Integer(_) | Kind::Boolean(_) => None,
        }
    }
}
