use super::*;
use crate::seeds::standard_modules;
use kernel::{Aggregate, fold};

mod steps;

fn standard(name: &str) -> Definition {
    standard_modules().into_iter().find(|m| m.name == name).unwrap().into()
}

fn tickets() -> Definition {
    standard("tickets")
}

fn known() -> BTreeSet<String> {
    ["contacts", "companies"].map(str::to_owned).into()
}

fn define(state: &Definitions, definition: Definition) -> Result<Vec<Event>, Rejection> {
    state.decide(Command::Define { definition, known: known(), seen: state.version() })
}

fn whole(definition: Definition) -> Event {
    Event { module: definition.name.clone(), amendment: Amendment::Defined(definition) }
}

fn defined() -> Definitions {
    fold(Definitions::default(), &[whole(tickets())])
}

fn places(result: Result<Vec<Event>, Rejection>) -> Vec<(String, String)> {
    let Err(Rejection::Invalid(errors)) = result else { panic!("not refused") };
    errors.into_iter().map(|e| (e.field, e.code.into_owned())).collect()
}

fn refuses(change: impl FnOnce(&mut Definition), place: &str, code: &str) {
    let mut definition = tickets();
    change(&mut definition);
    let places = places(define(&Definitions::default(), definition));
    assert!(places.contains(&(place.to_owned(), code.to_owned())), "{place} {code}: {places:?}");
}

#[test]
fn a_definition_is_told_once() {
    assert_eq!(define(&Definitions::default(), tickets()).unwrap().len(), 1);
    assert_eq!(define(&defined(), tickets()), Ok(vec![]));
}

#[test]
fn each_mistake_is_named_by_its_place() {
    refuses(|d| d.name = "Tickets".into(), "name", "not_a_name");
    refuses(|d| d.name = "internal".into(), "name", "name_reserved");
    refuses(|d| d.name = "module".into(), "name", "name_reserved");
    refuses(|d| d.number = 0, "number", "out_of_range");
    refuses(|d| d.singular.clear(), "singular", "label_missing");
    refuses(|d| d.prefix = "tt".into(), "prefix", "not_a_prefix");
    refuses(|d| d.first_number = 0, "first_number", "out_of_range");
    refuses(|d| d.fields.clear(), "fields", "required");
    refuses(|d| d.fields[0].name = "number".into(), "fields.number", "not_a_name");
    refuses(|d| d.fields[1].name = "title".into(), "fields.title", "given_twice");
    refuses(|d| d.fields[1].number = 1, "fields.description.number", "given_twice");
    refuses(|d| d.fields[0].type_number = 99, "fields.title.type", "unknown_type");
    refuses(|d| d.fields[0].block = "nowhere".into(), "fields.title.block", "unknown_block");
    refuses(|d| d.fields[0].max_length = 5_000, "fields.title.max_length", "out_of_range");
    refuses(|d| d.fields[1].promoted = true, "fields.description.promoted", "not_sortable");
    refuses(|d| d.fields[2].values.clear(), "fields.status.values", "required");
    refuses(|d| d.fields[2].values[1].number = 1, "fields.status.values.in_progress.number", "given_twice");
    refuses(|d| d.fields[2].values[0].color = "pink".into(), "fields.status.values.open.color", "unknown_color");
    refuses(|d| d.fields[2].default_value = "done".into(), "fields.status.default_value", "wrong_type");
    refuses(|d| d.fields[2].personal = true, "fields.status.personal", "not_personal");
    refuses(|d| d.fields[6].target_module = "planets".into(), "fields.contact_id.target_module", "unknown_module");
    refuses(|d| d.fields[0].target_module = "contacts".into(), "fields.title.target_module", "not_a_relation");
    refuses(|d| d.title_field = "nothing".into(), "title_field", "unknown_field");
    refuses(|d| d.contact_field = "company_id".into(), "contact_field", "unknown_field");
    refuses(|d| d.owner_field = "title".into(), "owner_field", "unknown_field");
    refuses(|d| d.status_field = "title".into(), "status_field", "unknown_field");
    refuses(|d| d.closed_values.push("gone".into()), "closed_values", "unknown_value");
    refuses(|d| d.awaiting_value = "gone".into(), "awaiting_value", "unknown_value");
    refuses(|d| d.active_value = "closed".into(), "active_value", "unknown_value");
    refuses(|d| d.active_value = d.awaiting_value.clone(), "active_value", "unknown_value");
    refuses(|d| d.active_value.clear(), "active_value", "unknown_value");
    refuses(|d| d.list_columns.push("nothing".into()), "list_columns.nothing", "unknown_field");
}

#[test]
fn numbers_are_never_used_again() {
    let mut without = tickets();
    without.fields.retain(|f| f.name != "severity");
    let state = fold(defined(), &[whole(without.clone())]);

    let mut reused = without.clone();
    let mut field = tickets().fields.remove(0);
    field.name = "subject".into();
    field.number = 6;
    reused.fields.push(field);
    assert_eq!(places(define(&state, reused)), [("fields.subject.number".into(), "number_reused".into())]);

    let mut renumbered = tickets();
    renumbered.fields[5].number = 99;
    assert_eq!(places(define(&state, renumbered)), [("fields.severity.number".into(), "fixed".into())]);

    let back = fold(state.clone(), &define(&state, tickets()).unwrap());
    assert_eq!(back.current(), Some(&tickets()), "a field may come back under its number");
}

#[test]
fn a_picklists_numbers_stay_with_their_keys() {
    let value = |key: &str, number: u32| PicklistValue {
        key: key.into(),
        number,
        labels: vec![Label { language: "en".into(), text: key.into() }],
        color: String::new(),
        customer_labels: Vec::new(),
    };
    let mut swapped = tickets();
    swapped.fields[2].values[0] = value("fresh", 1);
    swapped.default_status("fresh");
    let refused = places(define(&defined(), swapped));
    assert!(refused.contains(&("fields.status.values.fresh.number".into(), "number_reused".into())), "{refused:?}");

    let mut more = tickets();
    more.fields[2].values.push(value("escalated", 5));
    assert_eq!(define(&defined(), more).unwrap().len(), 1);
}

trait DefaultStatus {
    fn default_status(&mut self, key: &str);
}

impl DefaultStatus for Definition {
    fn default_status(&mut self, key: &str) {
        self.fields[2].default_value = key.into();
    }
}

#[test]
fn a_field_can_be_promoted_and_demoted_at_any_time() {
    let words = |events: &[Event]| events.iter().map(|e| e.amendment.clone()).collect::<Vec<_>>();
    let severity = FieldRef { name: "severity".into(), number: 6 };
    let mut demoted = tickets();
    demoted.fields[5].promoted = false;
    let events = define(&defined(), demoted).unwrap();
    assert_eq!(words(&events), [Amendment::FieldDemoted(severity.clone())]);
    let state = fold(defined(), &events);
    assert!(!state.standing().unwrap().sortable.contains(&6) && state.columns().contains(&6));
    assert_eq!(state.decide(Command::Sortable(6)), Ok(Vec::new()), "nobody wants it any more");
    let events = state.decide(Command::Dropped(6)).unwrap();
    assert_eq!(words(&events), [Amendment::ColumnDropped(severity.clone())]);
    let state = fold(state, &events);
    assert!(!state.columns().contains(&6));

    let events = define(&state, tickets()).unwrap();
    assert_eq!(words(&events), [Amendment::FieldPromoted(severity.clone())]);
    let state = fold(state, &events);
    assert!(!state.standing().unwrap().sortable.contains(&6), "it is wanted, and not there yet");
    let events = state.decide(Command::Sortable(6)).unwrap();
    assert_eq!(words(&events), [Amendment::FieldSortable(severity)]);
    assert_eq!(fold(state, &events).standing(), defined().standing());
}

#[test]
fn a_module_keeps_its_name_and_number() {
    let mut moved = tickets();
    moved.number = 77;
    assert_eq!(places(define(&defined(), moved)), [("number".into(), "fixed".into())]);
}

#[test]
fn a_title_can_be_made_of_several_fields() {
    let contacts = Module::of(standard("contacts"));
    let (first, last) = (Value::text("Emma"), Value::text("Rossi"));
    let named = |with_first: bool| {
        contacts.title_of(|f| match f.name.as_str() {
            "first_name" if with_first => Some(&first),
            "last_name" => Some(&last),
            _ => None,
        })
    };
    assert_eq!((named(true), named(false)), ("Emma Rossi".to_owned(), "Rossi".to_owned()));
}
