//! The page of what happened around a contact's account, and of what the contact did.

use super::chrome::{Chrome, Crumb};
use super::console::{ConsolePage, Filter, LinkButton, Nothing, Part, Section, make::choice};
use super::happening::{Happening, TOUCHPOINTS, touchpoint_key};
use super::pager::Pager;
use crate::Lang;

/// The newest of a contact's activity, on the contact's page.
pub fn activity_section(lang: Lang, happenings: Vec<Happening>, all_url: String) -> Section {
    let mut parts = Vec::new();
    if happenings.is_empty() {
        parts.push(Part::Text(lang.t("happened-empty-text")));
    } else {
        parts.push(Part::Timeline(happenings));
        let all = LinkButton { label: lang.t("happened-all"), url: all_url, icon: "activity", primary: false };
        parts.push(Part::Links(vec![all]));
    }
    Section::new("activity", lang.t("happened-title"), "activity", parts)
}

/// The page of a contact's activity.
pub fn activity_page(
    chrome: Chrome,
    contact: Crumb,
    chosen: &str,
    path: String,
    happenings: Vec<Happening>,
    pager: Pager,
) -> ConsolePage {
    let lang = chrome.lang;
    let choices = TOUCHPOINTS.iter().map(|word| choice(word, lang.t(touchpoint_key(word)), *word == chosen)).collect();
    let filter = Filter { action: path, name: "touchpoint", label: lang.t("happened-touchpoint"), choices };
    let narrowed = filter.active();
    let list = if happenings.is_empty() {
        let (title, text) = if narrowed {
            ("list-no-match-title", "happened-no-match")
        } else {
            ("happened-empty-title", "happened-empty-text")
        };
        Part::Nothing(Nothing { icon: "activity", title: lang.t(title), text: lang.t(text) })
    } else {
        Part::Timeline(happenings)
    };
    let sections = vec![
        Section::bare("filter", vec![Part::Filter(filter)]),
        Section::new("timeline", String::new(), "activity", vec![list]),
        Section::bare("pages", vec![Part::Pager(pager)]),
    ];
    let title = lang.t1("happened-of", "name", &contact.label);
    ConsolePage { crumbs: vec![contact], lead: lang.t("happened-lead"), ..ConsolePage::new(chrome, title, sections) }
}
