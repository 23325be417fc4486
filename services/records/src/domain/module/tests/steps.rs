//! Every change of a definition is told in steps that lead to exactly the new one.

use super::*;
use proptest::prelude::*;
use proto::ModuleChange;

fn words(events: &[Event]) -> Vec<String> {
    let word = |e: &Event| {
        let stored_type = crate::codec::encode_module(e).0;
        stored_type.trim_start_matches("records.module.").trim_end_matches(".v1").to_owned()
    };
    events.iter().map(word).collect()
}

/// The steps of a change of the tickets, by their words; they lead to what was wanted.
fn told(change: impl FnOnce(&mut Definition)) -> Vec<String> {
    let mut wanted = tickets();
    change(&mut wanted);
    let events = define(&defined(), wanted.clone()).unwrap();
    assert_eq!(fold(defined(), &events).current(), Some(&wanted));
    words(&events)
}

#[test]
fn a_change_is_told_by_what_changed() {
    let label = |text: &str| vec![Label { language: "en".into(), text: text.into() }];
    assert_eq!(told(|_| {}), [""; 0]);
    assert_eq!(told(|d| d.singular = label("Case")), ["described"]);
    assert_eq!(told(|d| d.comments = false), ["described"]);
    assert_eq!(told(|d| d.blocks[0].labels = label("Facts")), ["block_changed"]);
    assert_eq!(told(|d| d.blocks.push(Block { name: "more".into(), labels: label("More") })), ["block_added"]);
    assert_eq!(told(|d| d.blocks.swap(0, 1)), ["blocks_ordered"]);
    assert_eq!(told(|d| d.fields[0].mandatory = false), ["field_changed"]);
    assert_eq!(told(|d| d.fields.swap(3, 4)), ["fields_ordered"]);
    assert_eq!(told(|d| drop(d.fields.remove(5))), ["field_retired"]);
    assert_eq!(told(|d| d.fields[2].values[0].color = "red".into()), ["picklist_value_changed"]);
    assert_eq!(told(|d| d.fields[3].values.swap(0, 1)), ["picklist_values_ordered"]);
    assert_eq!(told(|d| drop(d.fields[3].values.remove(0))), ["picklist_value_retired"]);
    assert_eq!(told(|d| d.contact_field.clear()), ["ties_chosen"]);
    assert_eq!(told(|d| d.closed_values.clear()), ["status_chosen"]);
    assert_eq!(told(|d| (d.awaiting_value, d.active_value) = Default::default()), ["status_chosen"]);
    assert_eq!(told(|d| d.list_columns.reverse()), ["list_columns_chosen"]);
    let more = |kind: FieldType, target: &str| FieldDefinition {
        name: "more".into(),
        number: 40,
        type_number: kind.number().unwrap(),
        labels: label("More"),
        target_module: target.into(),
        ..FieldDefinition::default()
    };
    assert_eq!(told(|d| d.fields.push(more(FieldType::Text, ""))), ["field_added"]);
    assert_eq!(told(|d| d.fields.push(more(FieldType::Relation, "companies"))), ["relation_added"]);
    assert_eq!(
        told(|d| {
            d.fields.insert(0, more(FieldType::Text, ""));
            d.title_field = "title more".into();
        }),
        ["field_added", "title_chosen", "fields_ordered"]
    );
}

#[test]
fn two_administrators_do_not_overwrite_each_other() {
    let mut one = tickets();
    one.prefix = "AB".into();
    let state = fold(defined(), &define(&defined(), one.clone()).unwrap());
    let late = |seen| state.decide(Command::Define { definition: tickets(), known: known(), seen });
    assert_eq!(late(1), Err(Rejection::Stale { actual: 2 }));
    assert!(late(2).is_ok());
    assert_eq!(late(3), Err(Rejection::Stale { actual: 2 }), "nobody has seen what is not there");
    // A column that was made meanwhile is nothing that somebody could overwrite.
    let mut grown = one;
    let title = FieldDefinition { name: "subtitle".into(), number: 40, ..grown.fields[0].clone() };
    grown.fields.push(title);
    let state = fold(state.clone(), &define(&state, grown.clone()).unwrap());
    let ready = state.decide(Command::Sortable(40)).unwrap();
    assert_eq!(words(&ready), ["field_sortable"]);
    let state = fold(state, &ready);
    assert_eq!(state.version(), 4);
    let again = state.decide(Command::Define { definition: grown, known: known(), seen: 3 });
    assert_eq!(again, Ok(Vec::new()));
    assert_eq!(state.decide(Command::Sortable(40)), Ok(Vec::new()), "told once");
}

/// What happens to a legal definition; what it makes of it may be illegal.
#[derive(Debug, Clone)]
enum Edit {
    Swap(usize, usize),
    Retire(usize),
    Add(u32, u8),
    Relabel(usize, String),
    Demand(usize),
    Block(usize, u8),
    Promote(usize),
    SwapBlocks,
    AddBlock(u8),
    DropBlock(usize),
    Value(usize, u32),
    SwapValues(usize),
    DropValue(usize, usize),
    Colour(usize, usize, u8),
    Title(usize),
    Ties(u8),
    Close(usize),
    Columns(Vec<usize>),
    Describe(String, u64, bool),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let at = 0..20_usize;
    let text = "[A-Z][a-z]{1,6}";
    let edit = prop_oneof![
        (at.clone(), at.clone()).prop_map(|(a, b)| Edit::Swap(a, b)),
        at.clone().prop_map(Edit::Retire),
        (50..60_u32, 0..20_u8).prop_map(|(n, a)| Edit::Add(n, a)),
        (at.clone(), text).prop_map(|(a, t)| Edit::Relabel(a, t)),
        at.clone().prop_map(Edit::Demand),
        at.clone().prop_map(Edit::Promote),
        (at.clone(), 0..4_u8).prop_map(|(a, b)| Edit::Block(a, b)),
        Just(Edit::SwapBlocks),
        (0..4_u8).prop_map(Edit::AddBlock),
        at.clone().prop_map(Edit::DropBlock),
        (at.clone(), 20..25_u32).prop_map(|(a, n)| Edit::Value(a, n)),
        at.clone().prop_map(Edit::SwapValues),
        (at.clone(), at.clone()).prop_map(|(a, b)| Edit::DropValue(a, b)),
        (at.clone(), at.clone(), 0..6_u8).prop_map(|(a, b, c)| Edit::Colour(a, b, c)),
        at.clone().prop_map(Edit::Title),
        (0..8_u8).prop_map(Edit::Ties),
        at.clone().prop_map(Edit::Close),
        proptest::collection::vec(at, 0..4).prop_map(Edit::Columns),
        (text, 1..5_000_u64, any::<bool>()).prop_map(|(t, n, c)| Edit::Describe(t, n, c)),
    ];
    proptest::collection::vec(edit, 0..8)
}

fn labels(text: &str) -> Vec<Label> {
    vec![Label { language: "en".into(), text: text.into() }]
}

/// A field that is always the same one under its number.
fn numbered(number: u32) -> FieldDefinition {
    let kinds = [FieldType::Text, FieldType::Picklist, FieldType::Relation, FieldType::Date, FieldType::Owner];
    let kind = kinds[number as usize % kinds.len()];
    let value =
        |key: &str, number| PicklistValue { key: key.into(), number, labels: labels(key), ..Default::default() };
    FieldDefinition {
        name: format!("more_{number}"),
        number,
        type_number: kind.number().unwrap(),
        labels: labels("More"),
        promoted: number.is_multiple_of(2),
        values: if kind == FieldType::Picklist { vec![value("one", 1), value("two", 2)] } else { Vec::new() },
        target_module: if kind == FieldType::Relation { "companies".into() } else { String::new() },
        ..FieldDefinition::default()
    }
}

fn edit(d: &mut Definition, edit: &Edit) {
    let count = d.fields.len();
    match edit {
        Edit::Swap(a, b) if count > 0 => d.fields.swap(a % count, b % count),
        Edit::Retire(a) if count > 0 => drop(d.fields.remove(a % count)),
        Edit::Add(number, at) => d.fields.insert(usize::from(*at) % (count + 1), numbered(*number)),
        Edit::Relabel(a, text) if count > 0 => d.fields[a % count].labels = labels(text),
        Edit::Demand(a) if count > 0 => d.fields[a % count].mandatory ^= true,
        Edit::Promote(a) if count > 0 => d.fields[a % count].promoted ^= true,
        Edit::Block(a, b) if count > 0 => {
            let names: Vec<String> = d.blocks.iter().map(|b| b.name.clone()).collect();
            d.fields[a % count].block = names.get(usize::from(*b)).cloned().unwrap_or_default();
        }
        Edit::SwapBlocks => d.blocks.reverse(),
        Edit::AddBlock(n) => d.blocks.insert(0, Block { name: format!("block_{n}"), labels: labels("Block") }),
        Edit::DropBlock(a) if !d.blocks.is_empty() => {
            let block = d.blocks.remove(a % d.blocks.len());
            d.fields.iter_mut().filter(|f| f.block == block.name).for_each(|f| f.block.clear());
        }
        Edit::Value(a, n) if count > 0 => {
            let value =
                PicklistValue { key: format!("key_{n}"), number: *n, labels: labels("Key"), ..Default::default() };
            d.fields[a % count].values.insert(0, value);
        }
        Edit::SwapValues(a) if count > 0 => d.fields[a % count].values.reverse(),
        Edit::DropValue(a, b) if count > 0 => {
            let values = &mut d.fields[a % count].values;
            if !values.is_empty() {
                values.remove(b % values.len());
            }
        }
        Edit::Colour(a, b, c) if count > 0 => {
            let values = &mut d.fields[a % count].values;
            if let Some(at) = b.checked_rem(values.len()) {
                values[at].color = super::super::validate::COLORS[usize::from(*c)].into();
            }
        }
        Edit::Title(a) if count > 0 => d.title_field = d.fields[a % count].name.clone(),
        Edit::Ties(bits) => {
            d.contact_field = if bits & 1 == 0 { "contact_id".into() } else { String::new() };
            d.company_field = if bits & 2 == 0 { "company_id".into() } else { String::new() };
            d.owner_field = if bits & 4 == 0 { "owner_id".into() } else { String::new() };
        }
        Edit::Close(a) => {
            let keys: Vec<String> = d.fields[2 % count.max(1)].values.iter().map(|v| v.key.clone()).collect();
            d.closed_values = keys.iter().take(*a).cloned().collect();
            let open: Vec<&String> = keys.iter().skip(*a).collect();
            (d.awaiting_value, d.active_value) = match open.as_slice() {
                [first, second, ..] => ((*first).clone(), (*second).clone()),
                _ => Default::default(),
            };
        }
        Edit::Columns(at) if count > 0 => {
            d.list_columns = at.iter().map(|a| d.fields[a % count].name.clone()).collect()
        }
        Edit::Describe(text, first, comments) => {
            (d.singular, d.first_number, d.comments) = (labels(text), *first, *comments);
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn steps_lead_to_the_definition_that_was_wanted(rounds in proptest::collection::vec(edits(), 1..4)) {
        let mut state = defined();
        let mut heard: proto::records::v1::ModuleDefinition = crate::codec::definition_message(&tickets());
        for round in rounds {
            let mut wanted = state.current().unwrap().clone();
            for one in &round {
                edit(&mut wanted, one);
            }
            // Most are legal; what is not changes nothing.
            let Ok(events) = define(&state, wanted.clone()) else { continue };
            prop_assert_eq!(events.is_empty(), state.current() == Some(&wanted));
            for event in &events {
                // No step on the way names what isn't there.
                state = state.evolve(event);
                let current = state.current().unwrap();
                let blocks: Vec<&String> = current.blocks.iter().map(|b| &b.name).collect();
                prop_assert!(current.fields.iter().all(|f| f.block.is_empty() || blocks.contains(&&f.block)));
                prop_assert!(current.title_field.split(' ').all(|t| current.field_named(t).is_some()));
                // Whoever keeps definitions by the messages has the same one.
                let (stored_type, bytes) = crate::codec::encode_module(event);
                ModuleChange::decode(stored_type, &bytes).unwrap().unwrap().apply(&mut heard);
                prop_assert_eq!(&crate::codec::definition(heard.clone()), current);
            }
            prop_assert_eq!(state.current(), Some(&wanted));
        }
    }
}
