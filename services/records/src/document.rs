//! The document of a row: every list field's value and the version of its last change, by the field's number.

use crate::{
    domain::{module::Module, value::Value},
    trail::Trail,
};
use prost::Message;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What one column of bytes holds. Fields of long text have a cell here with their version and no value; the value is
/// in the module's text table.
#[derive(Clone, PartialEq, Message)]
pub struct Document {
    /// Cells, in order of their numbers.
    #[prost(message, repeated, tag = "1")]
    pub cells: Vec<Cell>,
    /// An encoded [`crate::trail::Trail`]; read only for those who don't count every version.
    #[prost(bytes = "vec", tag = "2")]
    pub trail: Vec<u8>,
    /// The customers who changed something from outside, each once; cells name them by their place.
    #[prost(bytes = "vec", repeated, tag = "3")]
    pub customers: Vec<Vec<u8>>,
    /// What of the conversation has no column.
    #[prost(message, optional, tag = "4")]
    pub talk: Option<Talk>,
}

/// The part of a record's conversation that no list is sorted or filtered by.
#[derive(Clone, PartialEq, Message)]
pub struct Talk {
    /// When support answered first, in microseconds since 1970; 0 when it has not.
    #[prost(int64, tag = "3")]
    pub first_answer_at: i64,
    /// How often the record was opened again.
    #[prost(uint32, tag = "4")]
    pub reopened: u32,
    /// The last public comment, and what held before it.
    #[prost(message, optional, tag = "5")]
    pub word: Option<Word>,
}

/// A public comment as long as it is the last one: when it is taken back, what held before it holds again.
#[derive(Clone, PartialEq, Message)]
pub struct Word {
    /// Its id.
    #[prost(bytes = "vec", tag = "1")]
    pub comment: Vec<u8>,
    /// Who had spoken last, as in the column.
    #[prost(int32, tag = "2")]
    pub last_word: i32,
    /// Since when the customer had been waiting, in microseconds since 1970; 0 when nobody was.
    #[prost(int64, tag = "3")]
    pub waiting_since: i64,
    /// When support had answered first; 0 when it had not.
    #[prost(int64, tag = "4")]
    pub first_answer_at: i64,
}

/// A document's trail alone.
#[derive(Clone, PartialEq, Message)]
struct TrailOf {
    #[prost(bytes = "vec", tag = "2")]
    trail: Vec<u8>,
}

/// The number of the cell that stands for the record as a whole.
pub const WHOLE: u32 = 0;

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
    /// The place, from 1, of the customer who changed it last from outside; 0 when none did.
    #[prost(uint32, tag = "6")]
    pub customer: u32,
    /// The version of that change.
    #[prost(int64, tag = "7")]
    pub outside: i64,
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
    /// Version of the last change that a customer made, and who.
    pub outside: Option<(i64, Uuid)>,
}

impl Slot {
    fn read(&mut self, cell: Cell, customers: &[Vec<u8>]) {
        self.changed = self.changed.max(cell.changed);
        if let Some(held) = cell.held {
            self.value = Some(held.into());
        }
        let place = usize::try_from(cell.customer).ok().and_then(|c| c.checked_sub(1));
        if let Some(id) = place.and_then(|p| customers.get(p)).and_then(|c| Uuid::from_slice(c).ok()) {
            self.outside = Some((cell.outside, id));
        }
    }
}

impl Document {
    /// Its cells by their numbers, added to slots.
    pub fn fill(self, slots: &mut BTreeMap<u32, Slot>) {
        for cell in self.cells {
            slots.entry(cell.number).or_default().read(cell, &self.customers);
        }
    }

    /// A cell of a slot; without its value when that is kept elsewhere.
    pub fn put(&mut self, number: u32, slot: &Slot, with_value: bool) {
        let (outside, customer) = slot.outside.map_or((0, 0), |(version, id)| (version, self.place(id)));
        let held = slot.value.as_ref().filter(|_| with_value).map(Into::into);
        self.cells.push(Cell { number, changed: slot.changed, held, customer, outside });
    }

    fn place(&mut self, customer: Uuid) -> u32 {
        let known = self.customers.iter().position(|c| c == customer.as_bytes());
        let at = known.unwrap_or_else(|| {
            self.customers.push(customer.as_bytes().to_vec());
            self.customers.len() - 1
        });
        u32::try_from(at + 1).unwrap_or_default()
    }
}

/// The trail of a document.
pub fn trail(document: &[u8]) -> Trail {
    let found = TrailOf::decode(document).unwrap_or_default();
    Trail::decode(found.trail.as_slice()).unwrap_or_default()
}

/// A document's conversation alone.
#[derive(Clone, PartialEq, Message)]
struct TalkOf {
    #[prost(message, optional, tag = "4")]
    talk: Option<Talk>,
}

/// What a document holds of the conversation.
pub fn talk(document: &[u8]) -> Talk {
    TalkOf::decode(document).unwrap_or_default().talk.unwrap_or_default()
}

/// What [`open`] gives: a slot for each field of the module, and the one of the record as a whole.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Slots {
    /// In the order of the module's fields.
    pub fields: Vec<Slot>,
    /// Of creation, deletion and restoring.
    pub whole: Slot,
}

/// The slots of a module's fields, in their order, from the bytes of its row and of its text row. Fields that the
/// module no longer has are left out; bytes that don't decode count as empty, since they are rebuilt from the log.
pub fn open(module: &Module, document: &[u8], text: Option<&[u8]>) -> Slots {
    let mut slots = Slots { fields: vec![Slot::default(); module.fields.len()], whole: Slot::default() };
    let mut read = |bytes: &[u8]| {
        let document = Document::decode(bytes).unwrap_or_default();
        for cell in document.cells {
            if cell.number == WHOLE {
                slots.whole.read(cell, &document.customers);
            } else if let Some(at) = module.fields.iter().position(|f| f.number == cell.number) {
                slots.fields[at].read(cell, &document.customers);
            }
        }
    };
    read(document);
    if let Some(text) = text {
        read(text);
    }
    slots
}
