//! Rows of a page of records, each with what the page says once for all.

use crate::records::v1::{
    ExternalActor, FieldLevel, FieldValue, ListRecordsResponse, Person, Record, RecordRow, RowShape, Value,
};

/// What a page, a form or an answer needs to know of a record's fields, however the record came.
pub trait Cells {
    /// The value of a field, if it has one that the caller sees.
    fn value(&self, field: &str) -> Option<&Value>;

    /// `masked`, `read` or `write`; none when the field is hidden from the caller, or is none of the module's.
    fn access(&self, field: &str) -> Option<&'static str>;
}

impl Cells for Record {
    fn value(&self, field: &str) -> Option<&Value> {
        self.fields.iter().find(|f| f.field == field)?.value.as_ref().filter(|v| v.kind.is_some())
    }

    fn access(&self, field: &str) -> Option<&'static str> {
        Record::access(self, field)
    }
}

/// A row of a page.
#[derive(Debug, Clone, Copy)]
pub struct Row<'p> {
    page: &'p ListRecordsResponse,
    row: &'p RecordRow,
    shape: &'p RowShape,
}

impl ListRecordsResponse {
    /// The rows in their order. A row whose shape the page doesn't hold is left out.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().filter_map(|row| {
            let shape = self.shapes.get(usize::try_from(row.shape).ok()?)?;
            Some(Row { page: self, row, shape })
        })
    }

    /// The records, each with everything that is said of it. For who needs few.
    pub fn records(&self) -> Vec<Record> {
        self.rows().map(|row| row.record()).collect()
    }
}

impl<'p> Row<'p> {
    /// The module's name.
    pub fn module(self) -> &'p str {
        &self.page.module
    }

    /// The row itself.
    pub fn row(self) -> &'p RecordRow {
        self.row
    }

    /// The fields that the row holds, with their values.
    pub fn values(self) -> impl Iterator<Item = (&'p str, &'p Value)> {
        self.shape.fields.iter().map(String::as_str).zip(&self.row.values)
    }

    /// Every field that the caller sees with `masked`, `read` or `write`: first those whose values are here.
    pub fn accesses(self) -> impl Iterator<Item = (&'p str, &'static str)> {
        let here = self.shape.fields.iter().map(String::as_str).zip(self.shape.levels().map(FieldLevel::word));
        here.chain(self.shape.unread.iter().map(|unread| (unread.field.as_str(), unread.level().word())))
    }

    /// What the caller may do with the record.
    pub fn actions(self) -> &'p [String] {
        &self.shape.actions
    }

    /// Who made the record.
    pub fn created_by(self) -> Option<&'p Person> {
        self.page.people.get(usize::try_from(self.row.created_by).ok()?)
    }

    /// Who made it from outside.
    pub fn created_by_ext(self) -> Option<&'p ExternalActor> {
        self.outside(self.row.created_by_ext)
    }

    /// Who changed it last from outside.
    pub fn modified_by_ext(self) -> Option<&'p ExternalActor> {
        self.outside(self.row.modified_by_ext)
    }

    fn outside(self, place: u32) -> Option<&'p ExternalActor> {
        self.page.external.get(usize::try_from(place).ok()?.checked_sub(1)?)
    }

    /// The names of what the row's fields point to, as far as the caller sees them, by id.
    pub fn titles(self) -> impl Iterator<Item = (&'p str, &'p str)> {
        let pointing = self.shape.pointing.iter().filter_map(move |at| self.row.values.get(usize::try_from(*at).ok()?));
        pointing.filter_map(move |value| {
            let id = value.text()?;
            Some((id, self.page.titles.get(id)?.as_str()))
        })
    }

    /// Those of the ids in [`Row::titles`] whose records are deleted.
    pub fn deleted_titles(self) -> impl Iterator<Item = &'p str> {
        self.titles().map(|(id, _)| id).filter(move |id| self.page.deleted_titles.iter().any(|gone| gone == id))
    }

    /// The same with everything that is said of it.
    pub fn record(self) -> Record {
        let (row, person) = (self.row, self.created_by().cloned().unwrap_or_default());
        let titles = self.titles().map(|(id, title)| (id.to_owned(), title.to_owned()));
        let value = |(field, value): (&str, &Value)| {
            let value = value.kind.is_some().then(|| value.clone());
            FieldValue { field: field.to_owned(), value }
        };
        Record {
            titles: titles.chain([(row.id.clone(), row.title.clone())]).collect(),
            id: row.id.clone(),
            module: self.page.module.clone(),
            number: row.number.clone(),
            version: row.version,
            visible_version: row.visible_version,
            fields: self.values().map(value).collect(),
            created_by_id: person.id,
            created_by_name: person.name,
            created_by_ext: self.created_by_ext().cloned(),
            modified_by_ext: self.modified_by_ext().cloned(),
            created_at_micros: row.created_at_micros,
            modified_at_micros: row.modified_at_micros,
            deleted: row.deleted,
            actions: self.shape.actions.clone(),
            deleted_titles: self.deleted_titles().map(str::to_owned).collect(),
            conversation: row.conversation.clone(),
            levels: self.shape.levels.clone(),
            unread: self.shape.unread.clone(),
        }
    }
}

impl Cells for Row<'_> {
    fn value(&self, field: &str) -> Option<&Value> {
        self.values().find(|(name, _)| *name == field).map(|(_, value)| value).filter(|v| v.kind.is_some())
    }

    fn access(&self, field: &str) -> Option<&'static str> {
        self.accesses().find(|(name, _)| *name == field).map(|(_, word)| word)
    }
}
