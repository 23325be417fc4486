use super::*;
use crate::domain::module::{Command, Definitions};
use kernel::Aggregate;
use std::collections::BTreeSet;

#[test]
fn every_standard_module_is_a_definition_that_can_be_given() {
    let mut known = BTreeSet::new();
    for definition in standard_modules() {
        let name = definition.name.clone();
        let events = Definitions::default().decide(Command::Define {
            definition: definition.into(),
            known: known.clone(),
            seen: 0,
        });
        assert!(matches!(&events, Ok(events) if events.len() == 1), "{name}: {events:?}");
        known.insert(name);
    }
}

#[test]
fn the_fixed_fields_of_the_api_are_there() {
    let modules = standard_modules();
    let fields = |name: &str| -> BTreeSet<String> {
        let module = modules.iter().find(|m| m.name == name).unwrap();
        module.fields.iter().map(|f| f.name.clone()).collect()
    };
    let expect = |name: &str, names: &str| {
        for field in names.split(' ') {
            assert!(fields(name).contains(field), "{name}.{field}");
        }
    };
    expect("tickets", "title description status priority category severity contact_id company_id owner_id");
    expect("contacts", "first_name last_name email phone department company_id owner_id email_opt_out");
    expect("companies", "name email phone country status owner_id");
    let names: Vec<&str> = modules.iter().map(|m| m.name.as_str()).collect();
    for name in "contacts companies tickets cases documents faqs projects quotes invoices sales_orders purchase_orders \
                 assets feedback requests"
        .split_whitespace()
    {
        assert!(names.contains(&name), "{name}");
    }
}

#[test]
fn no_two_standard_modules_share_a_number_or_a_prefix() {
    let modules = standard_modules();
    let numbers: BTreeSet<u32> = modules.iter().map(|m| m.number).collect();
    let prefixes: BTreeSet<&str> = modules.iter().map(|m| m.prefix.as_str()).collect();
    assert_eq!((numbers.len(), prefixes.len()), (modules.len(), modules.len()));
}

#[test]
fn what_is_refused_is_left_out_and_what_is_away_is_tried_again() {
    assert_eq!(lost("tickets", Ok(())).ok(), Some(false));
    assert_eq!(lost("tickets", Err(Error::new(Code::Precondition, "stale", "Stale."))).ok(), Some(true));
    let refused = [Error::invalid_field("fields", "too_many", "Too many."), Error::forbidden("no"), Error::not_found()];
    for error in refused {
        let said = error.to_string();
        assert_eq!(lost("tickets", Err(error)).ok(), Some(false), "{said}");
    }
    let at_once = Error::new(Code::Conflict, "concurrent_change", "At the same moment.");
    assert!(lost("tickets", Err(at_once)).is_err(), "one of two that were at it at once tries again");
    for code in [Code::Unavailable, Code::Timeout, Code::RateLimited, Code::Internal] {
        assert!(lost("tickets", Err(Error::new(code, "away", "Away."))).is_err(), "{code:?}");
    }
}
