//! A field of a module, and what makes a value fit it.

use fields::Limits;
use kernel::FieldError;

pub use fields::{FieldType, Misfit, PicklistKey, PointsTo, Value};

/// One field of a module, as `decide` needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// As in requests and events.
    pub name: String,
    /// In the record's document.
    pub number: u32,
    /// Its type.
    pub kind: FieldType,
    /// Every record needs a value.
    pub mandatory: bool,
    /// Stored sealed under the data key of the person.
    pub personal: bool,
    /// Lists are wanted to sort and filter by it.
    pub promoted: bool,
    /// It is promoted, and its column is there to be filled.
    pub has_column: bool,
    /// Its column is filled and has indexes: lists can sort and filter by it.
    pub sortable: bool,
    /// Longest text, in characters.
    pub max_length: usize,
    /// For picklists.
    pub keys: Vec<PicklistKey>,
    /// For relations: the module pointed to.
    pub target: String,
    /// What a new record gets that gives no value.
    pub default: Option<Value>,
}

impl Field {
    /// The value in its stored form, or none when it is empty.
    ///
    /// # Errors
    /// Why it does not fit the field.
    pub fn accept(&self, given: &Value) -> Result<Option<Value>, Misfit> {
        self.kind.accept(given, &Limits { longest: self.max_length, keys: &self.keys })
    }

    /// The number of a picklist's key in the read model; 0 when there is none.
    pub fn key_number(&self, key: &str) -> i16 {
        self.keys.iter().find(|k| k.key == key).map_or(0, |k| k.number)
    }

    /// A misfit as an error that names the field.
    pub fn error(&self, misfit: Misfit) -> FieldError {
        field_error(&self.name, misfit)
    }
}

/// An error that names a field.
pub fn field_error(field: &str, misfit: Misfit) -> FieldError {
    FieldError { field: field.to_owned(), code: misfit.fault.code().into(), message: misfit.sentence.to_owned() }
}

#[cfg(test)]
mod tests;
