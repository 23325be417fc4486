//! What makes a definition complete in itself. Every error names its place in the definition.

use super::{
    COMPANIES, CONTACTS, SYSTEM_FIELDS,
    definition::{Definition, FieldDefinition, Label},
};
use crate::domain::value::{FieldType, PointsTo, Value};
use kernel::FieldError;
use std::collections::{BTreeMap, BTreeSet};

/// The colours that a picklist's value can have.
pub(super) const COLORS: [&str; 6] = ["grey", "blue", "green", "amber", "red", "violet"];
const MAX_FIELDS: usize = 200;
const MAX_VALUES: usize = 200;
const MAX_PROMOTED: usize = 24;
/// Numbers above are for modules that don't choose theirs.
const MAX_NUMBER: u32 = i16::MAX as u32;

/// Names that no module may have: on the bus they stand where a module's name would, and mean something else there.
const NOT_NAMES: [&str; 2] = ["internal", "module"];

struct Errors(Vec<FieldError>);

impl Errors {
    fn check(&mut self, holds: bool, place: impl Into<String>, code: &'static str, message: &str) {
        if !holds {
            self.0.push(FieldError { field: place.into(), code: code.into(), message: message.to_owned() });
        }
    }

    fn labels(&mut self, labels: &[Label], place: impl Into<String>) {
        let english = labels.iter().any(|l| l.language == "en" && !l.text.trim().is_empty());
        let place = place.into();
        self.check(english, place.clone(), "label_missing", "A label in English is needed.");
        self.check(labels.iter().all(|l| l.text.chars().count() <= 80), place, "too_long", "This label is too long.");
    }
}

/// Everything that is wrong with a definition.
pub(super) fn definition(d: &Definition, known: &BTreeSet<String>) -> Vec<FieldError> {
    let mut e = Errors(Vec::new());
    e.check(is_name(&d.name), "name", "not_a_name", "A name has 2 to 40 small letters, digits and underscores.");
    let free = !NOT_NAMES.contains(&d.name.as_str());
    e.check(free, "name", "name_reserved", "This name has a meaning of its own. Please choose another one.");
    e.check((1..=MAX_NUMBER).contains(&d.number), "number", "out_of_range", "A module's number is 1 to 32767.");
    e.labels(&d.singular, "singular");
    e.labels(&d.plural, "plural");
    let prefix = !d.prefix.is_empty() && d.prefix.len() <= 6 && d.prefix.bytes().all(|b| b.is_ascii_uppercase());
    e.check(prefix, "prefix", "not_a_prefix", "A prefix has 1 to 6 capital letters.");
    let first = i64::try_from(d.first_number).is_ok_and(|n| (1..1_000_000_000_000).contains(&n));
    e.check(first, "first_number", "out_of_range", "The first number is at least 1.");
    let mut blocks = BTreeSet::new();
    for block in &d.blocks {
        let place = format!("blocks.{}", block.name);
        e.check(is_name(&block.name), place.clone(), "not_a_name", "A block needs a name of small letters.");
        e.check(blocks.insert(block.name.as_str()), place.clone(), "given_twice", "This block is there twice.");
        e.labels(&block.labels, place);
    }
    e.check(!d.fields.is_empty(), "fields", "required", "A module needs a field.");
    e.check(d.fields.len() <= MAX_FIELDS, "fields", "too_many", "A module has at most 200 fields.");
    let promoted = d.fields.iter().filter(|f| f.promoted).count();
    e.check(
        promoted <= MAX_PROMOTED,
        "fields",
        "too_many_promoted",
        "At most 24 fields can be sorted and filtered by.",
    );
    let (mut names, mut numbers) = (BTreeMap::new(), BTreeSet::new());
    for f in &d.fields {
        let place = format!("fields.{}", f.name);
        e.check(names.insert(f.name.as_str(), f).is_none(), place.clone(), "given_twice", "This field is there twice.");
        e.check(numbers.insert(f.number), format!("{place}.number"), "given_twice", "This number is there twice.");
        e.check(
            f.block.is_empty() || blocks.contains(f.block.as_str()),
            format!("{place}.block"),
            "unknown_block",
            "There is no such block.",
        );
        field(&mut e, f, &place, d, known);
    }
    references(&mut e, d, &names);
    e.0
}

fn field(e: &mut Errors, f: &FieldDefinition, place: &str, d: &Definition, known: &BTreeSet<String>) {
    let own_name = is_name(&f.name) && !SYSTEM_FIELDS.contains(&f.name.as_str());
    e.check(own_name, place, "not_a_name", "A field needs a name of small letters that is not a word of the system.");
    e.check(
        (1..=10_000).contains(&f.number),
        format!("{place}.number"),
        "out_of_range",
        "A field's number is 1 to 10000.",
    );
    e.labels(&f.labels, format!("{place}.labels"));
    let Some(kind) = FieldType::numbered(f.type_number) else {
        e.check(false, format!("{place}.type"), "unknown_type", "There is no such type.");
        return;
    };
    e.check(
        f.max_length as usize <= kind.limit(),
        format!("{place}.max_length"),
        "out_of_range",
        "This is longer than the type allows.",
    );
    e.check(
        !(f.promoted && kind.is_long()),
        format!("{place}.promoted"),
        "not_sortable",
        "Long texts can't be sorted and filtered by.",
    );
    e.check(
        !(f.personal && kind.is_chosen()),
        format!("{place}.personal"),
        "not_personal",
        "Only what is written in can be sealed, not what is chosen.",
    );
    let picklist = kind.has_keys();
    e.check(
        picklist != f.values.is_empty(),
        format!("{place}.values"),
        if picklist { "required" } else { "not_a_picklist" },
        "Picklists have values, other fields have none.",
    );
    e.check(f.values.len() <= MAX_VALUES, format!("{place}.values"), "too_many", "A picklist has at most 200 values.");
    let (mut keys, mut numbers) = (BTreeSet::new(), BTreeSet::new());
    for value in &f.values {
        let at = format!("{place}.values.{}", value.key);
        e.check(is_name(&value.key), at.clone(), "not_a_name", "A key has small letters, digits and underscores.");
        e.check(keys.insert(&value.key), at.clone(), "given_twice", "This key is there twice.");
        e.check(numbers.insert(value.number), format!("{at}.number"), "given_twice", "This number is there twice.");
        let in_range = (1..=MAX_NUMBER).contains(&value.number);
        e.check(in_range, format!("{at}.number"), "out_of_range", "A value's number is 1 to 32767.");
        let color = value.color.is_empty() || COLORS.contains(&value.color.as_str());
        e.check(color, format!("{at}.color"), "unknown_color", "There is no such colour.");
        e.labels(&value.labels, at);
    }
    let relation = kind.points_to() == Some(PointsTo::Record);
    let target = f.target_module.as_str();
    let place_of_target = format!("{place}.target_module");
    if relation {
        let exists = target == d.name || known.contains(target);
        e.check(exists, place_of_target, "unknown_module", "There is no such module.");
    } else {
        e.check(target.is_empty(), place_of_target, "not_a_relation", "Only relations point to a module.");
    }
    if !f.default_value.is_empty() {
        let fits = super::field_of(f).accept(&Value::text(f.default_value.as_str())).is_ok();
        e.check(fits, format!("{place}.default_value"), "wrong_type", "The default does not fit the field.");
    }
}

fn references(e: &mut Errors, d: &Definition, fields: &BTreeMap<&str, &FieldDefinition>) {
    let kind = |name: &str| fields.get(name).and_then(|f| FieldType::numbered(f.type_number));
    let points_to = |name: &str| kind(name).and_then(FieldType::points_to);
    let titles: Vec<&str> = d.title_field.split(' ').collect();
    let named = titles.iter().all(|t| kind(t).is_some_and(FieldType::is_line));
    e.check(named, "title_field", "unknown_field", "The title is one or more text fields of the module.");
    let tie = |name: &str, target: &str| {
        name.is_empty()
            || (points_to(name) == Some(PointsTo::Record)
                && fields.get(name).is_some_and(|f| f.target_module == target))
    };
    e.check(tie(&d.contact_field, CONTACTS), "contact_field", "unknown_field", "This is no relation to contacts.");
    e.check(tie(&d.company_field, COMPANIES), "company_field", "unknown_field", "This is no relation to companies.");
    let owner = d.owner_field.is_empty() || points_to(&d.owner_field) == Some(PointsTo::Agent);
    e.check(owner, "owner_field", "unknown_field", "This is no field for an agent.");
    let status = fields.get(d.status_field.as_str());
    let is_status = status.is_some_and(|f| f.promoted && kind(&f.name) == Some(FieldType::Picklist));
    e.check(
        d.status_field.is_empty() || is_status,
        "status_field",
        "unknown_field",
        "The status is a picklist that lists can filter by.",
    );
    let closed = d.closed_values.iter().all(|key| status.is_some_and(|f| f.values.iter().any(|v| v.key == *key)));
    e.check(closed, "closed_values", "unknown_value", "These are not all values of the status.");
    let open = |key: &String| {
        key.is_empty()
            || (status.is_some_and(|f| f.values.iter().any(|v| v.key == *key)) && !d.closed_values.contains(key))
    };
    e.check(open(&d.awaiting_value), "awaiting_value", "unknown_value", "This is no open value of the status.");
    let paired = d.awaiting_value.is_empty() == d.active_value.is_empty()
        && (d.awaiting_value.is_empty() || d.awaiting_value != d.active_value);
    e.check(
        open(&d.active_value) && paired,
        "active_value",
        "unknown_value",
        "A reply leads from one open value of the status to another one.",
    );
    for column in &d.list_columns {
        let exists = fields.contains_key(column.as_str()) || SYSTEM_FIELDS.contains(&column.as_str());
        e.check(exists, format!("list_columns.{column}"), "unknown_field", "There is no such field.");
    }
}

fn is_name(name: &str) -> bool {
    (2..=40).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}
