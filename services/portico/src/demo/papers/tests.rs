use super::{FIRST, Given, all};
use crate::demo::cast::{COMPANIES, CONTACTS};
use std::collections::HashSet;

#[test]
fn papers_are_of_people_who_are_there_and_change_after_they_were_made() {
    for paper in all() {
        let key = paper.key();
        assert!(paper.company.is_empty() || COMPANIES.iter().any(|c| c.name == paper.company), "{key}");
        let contact = CONTACTS.iter().find(|c| c.email == paper.contact);
        assert!(paper.contact.is_empty() || contact.is_some_and(|c| c.company == paper.company), "{key}");
        let days: Vec<i64> = std::iter::once(paper.days).chain(paper.changes.iter().map(|(days, _)| *days)).collect();
        assert!(days.windows(2).all(|pair| pair[0] > pair[1]) && days.iter().all(|d| *d >= 1), "{key}: {days:?}");
        assert!(matches!(paper.fields.first(), Some((_, Given::Text(_)))), "{key} has no name");
    }
}

/// Standard modules without papers: companies and contacts are the cast, tickets and cases are told as stories, and the
/// demo's operator buys nothing for its customers.
const WITHOUT: [&str; 5] = ["companies", "contacts", "tickets", "cases", "purchase_orders"];

#[test]
fn every_module_has_its_papers_and_each_paper_a_key_of_its_own() {
    let all = all();
    let count = |module: &str| all.iter().filter(|p| p.module == module).count();
    let of = ["faqs", "documents", "projects", "quotes", "invoices", "sales_orders", "assets", "feedback", "requests"];
    // One more FAQ is the first record of all.
    assert_eq!(of.map(count), [11, 10, 3, 5, 6, 3, 4, 3, 3]);
    for module in records::standard_modules() {
        let filed = all.iter().any(|paper| paper.module == module.name);
        assert_ne!(filed, WITHOUT.contains(&&*module.name), "{}", module.name);
    }
    let keys: HashSet<String> = all.iter().map(|p| p.key()).chain([FIRST.key()]).collect();
    assert_eq!(keys.len(), all.len() + 1);
    for module in ["documents", "projects"] {
        assert!(all.iter().any(|p| p.module == module && p.company == "Acme"), "Acme has none of {module}");
    }
}
