//! How the lists of a module keep a field's values: the kind of column, and the key that they are put in order by.

/// Longest key that a list is put in order by, in characters: an index entry must take it, whatever it is written in.
const MAX_KEY: usize = 200;

/// The kind of column that a field has which lists sort and filter by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// Text, and beside it a key that lists go by.
    Text,
    /// A 64-bit integer.
    Integer,
    /// A number of any length.
    Decimal,
    /// True, false or neither.
    Checkbox,
    /// A day.
    Date,
    /// A moment.
    DateTime,
    /// The number of a picklist's key, so that lists go by the order of the keys.
    Picklist,
    /// The id of a record or of an agent.
    Reference,
}

impl Column {
    /// The word by which the function that makes a module's table knows the kind.
    pub const fn name(self) -> &'static str {
        match self {
            Column::Text => "text",
            Column::Integer => "integer",
            Column::Decimal => "decimal",
            Column::Checkbox => "checkbox",
            Column::Date => "date",
            Column::DateTime => "date_time",
            Column::Picklist => "picklist",
            Column::Reference => "reference",
        }
    }

    /// True for the kinds of which a list goes by a key beside the value.
    pub const fn is_keyed(self) -> bool {
        matches!(self, Column::Text)
    }

    /// What a list goes by, of the text of a cell.
    pub fn sort_key(self, cell: String) -> String {
        if self.is_keyed() { kernel::text::folded(&cell).chars().take(MAX_KEY).collect() } else { cell }
    }
}
