//! The document of a row: every list field's value and the version of its last change, by the field's number.

use crate::domain::{module::Module, value::Value};
use prost::Message;

/// What one column of bytes holds. Fields of long text have a cell here with their version and no value; the value is
/// in the module's text table.
#[derive(Clone, PartialEq, Message)]
pub struct Document {
    /// Cells, in order of their numbers.
    #[prost(message, repeated, tag = "1")]
    pub cells: Vec<Cell>,
}

/// One field.
#[derive(Clone, PartialEq, Message)]
pub struct Cell {
    /// The field's number.
    #[prost(uint32, tag = "1")]
    pub number: u32,
    /// Version of the record's stream at which the field changed last.
    #[prost(int64, tag = "2")]
    pub changed: i64,
    /// The value; none for an empty field.
    #[prost(oneof = "Held", tags = "3, 4, 5")]
    pub held: Option<Held>,
}

/// A value in a cell.
#[derive(Clone, PartialEq, prost::Oneof)]
pub enum Held {
    /// Text of every kind.
    #[prost(string, tag = "3")]
    Text(String),
    /// An integer.
    #[prost(sint64, tag = "4")]
    Integer(i64),
    /// True or false.
    #[prost(bool, tag = "5")]
    Boolean(bool),
}

impl From<&Value> for Held {
    fn from(value: &Value) -> Held {
        match value {
            Value::Text(t) => Held::Text(t.clone()),
            Value::Integer(i) => Held::Integer(*i),
            Value::Boolean(b) => Held::Boolean(*b),
        }
    }
}

impl From<Held> for Value {
    fn from(held: Held) -> Value {
        match held {
            Held::Text(t) => Value::Text(t),
            Held::Integer(i) => Value::Integer(i),
            Held::Boolean(b) => Value::Boolean(b),
        }
    }
}

/// A field of an opened document.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Slot {
    /// The value; none for an empty field.
    pub value: Option<Value>,
    /// Version of the last change; 0 when the field was never set.
    pub changed: i64,
}

/// The slots of a module's fields, in their order, from the bytes of its row and of its text row. Fields that the
/// module no longer has are left out; bytes that don't decode count as empty, since they are rebuilt from the log.
pub fn open(module: &Module, document: &[u8], text: Option<&[u8]>) -> Vec<Slot> {
    let mut slots = vec![Slot::default(); module.fields.len()];
    let mut read = |bytes: &[u8]| {
        for cell in Document::decode(bytes).unwrap_or_default().cells {
            if let Some(at) = module.fields.iter().position(|f| f.number == cell.number) {
                let slot = &mut slots[at];
                slot.changed = slot.changed.max(cell.changed);
                if let Some(held) = cell.held {
                    slot.value = Some(held.into());
                }
            }
        }
    };
    read(document);
    if let Some(text) = text {
        read(text);
    }
    slots
}
