//! Whom a job is for: companies that were searched for, contacts that were pasted, and the contacts of a filtered list.

use crate::{
    backend::{contacts::text_of, records},
    pages::{
        ask::{Ask, Posted},
        records::list,
        refusal::Refusal,
    },
};
use gateway_ui::{
    query::{ListQuery, encode, pairs},
    vm::{BulkDraft, Choice, FieldFault, list_count},
};
use kernel::Error;
use proto::records::v1::{ListRecordsRequest, Record};
use std::collections::{BTreeSet, HashSet};
use uuid::Uuid;

/// Lines that can be pasted; more is for companies and lists.
const LINES: usize = 2_000;
/// Contacts of a job.
const CONTACTS: usize = 20_000;
/// Records of a page, and values of a condition.
const PAGE: i32 = 200;
/// Lines that are named when nobody was found for them.
const NAMED: usize = 20;

/// What was typed.
#[derive(Default)]
pub(super) struct Typed {
    company_query: String,
    pub(super) companies: Vec<String>,
    contacts: String,
    list: String,
    pub(super) support_start: String,
    pub(super) support_end: String,
    pub(super) profile_id: String,
    pub(super) mfa_required: bool,
    pub(super) invite: bool,
}

impl Typed {
    /// A fresh form; a list page leads here with its own query after `list=1`.
    pub(super) fn fresh(query: &str, today: String) -> Typed {
        let given = pairs(query);
        let rest: Vec<_> = given
            .iter()
            .filter(|(name, _)| name == "q" || name.starts_with("f."))
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        let from_list = given.iter().any(|(name, value)| name == "list" && value == "1");
        let companies = given.iter().filter(|(name, _)| name == "company").map(|(_, id)| id.clone()).collect();
        // A list without any filter is a list, too: all contacts.
        let list = if from_list { format!("list=1&{}", rest.join("&")) } else { String::new() };
        Typed { companies, list, support_start: today, invite: true, ..Typed::default() }
    }

    pub(super) fn posted(posted: &Posted) -> Typed {
        let text = |name: &str| posted.text(name).trim().to_owned();
        Typed {
            company_query: text("company_q"),
            companies: posted.all("company"),
            contacts: text("contacts"),
            list: text("list"),
            support_start: text("support_start"),
            support_end: text("support_end"),
            profile_id: text("profile_id"),
            mfa_required: text("mfa_required") == "true",
            invite: text("invite") == "true",
        }
    }

    /// What a form sends along that starts what was reported, or goes back to it.
    pub(super) fn hidden(&self) -> Vec<(String, String)> {
        let yes = |yes: bool| if yes { "true" } else { "false" };
        let mut hidden: Vec<(String, String)> = [
            ("contacts", self.contacts.as_str()),
            ("list", &self.list),
            ("support_start", &self.support_start),
            ("support_end", &self.support_end),
            ("profile_id", &self.profile_id),
            ("mfa_required", yes(self.mfa_required)),
            ("invite", yes(self.invite)),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
        hidden.extend(self.companies.iter().map(|id| ("company".to_owned(), id.clone())));
        hidden
    }

    pub(super) fn draft(&self, companies: Vec<Choice>, list_count: String, profiles: Vec<Choice>) -> BulkDraft {
        BulkDraft {
            company_query: self.company_query.clone(),
            companies,
            contacts: self.contacts.clone(),
            list: self.list.clone(),
            list_count,
            support_start: self.support_start.clone(),
            support_end: self.support_end.clone(),
            profiles,
            mfa_required: self.mfa_required,
            invite: self.invite,
        }
    }

    fn list_request(&self, ask: &Ask) -> ListRecordsRequest {
        let request = list::request(ask, policy::CONTACTS, &ListQuery::parse(&self.list), None, "number");
        ListRecordsRequest { limit: PAGE, sort: "number".into(), count: String::new(), ..request }
    }
}

/// The companies that are ticked, and those that the search finds.
pub(super) async fn companies(ask: &Ask, typed: &Typed) -> Result<Vec<Choice>, Error> {
    let mut choices = Vec::new();
    if !typed.companies.is_empty() {
        let titles = records::titles(&ask.app, typed.companies.clone()).await?;
        choices.extend(typed.companies.iter().map(|id| Choice {
            value: id.clone(),
            label: titles.get(id).filter(|t| !t.trim().is_empty()).cloned().unwrap_or_else(|| id.clone()),
            detail: String::new(),
            selected: true,
        }));
    }
    if !typed.company_query.is_empty() {
        let found = records::suggest(&ask.app, policy::COMPANIES, &typed.company_query).await?;
        let more = found.into_iter().filter(|s| !typed.companies.contains(&s.id));
        choices.extend(more.map(|s| Choice { value: s.id, label: s.title, detail: s.number, selected: false }));
    }
    Ok(choices)
}

/// How many contacts the list has, in words; empty without a list.
pub(super) async fn count(ask: &Ask, typed: &Typed) -> Result<String, Error> {
    if typed.list.is_empty() {
        return Ok(String::new());
    }
    let request = ListRecordsRequest { limit: 1, count: "exact".into(), ..typed.list_request(ask) };
    let total = records::list(&ask.app, request).await?.total.unwrap_or_default();
    Ok(list_count(ask.lang(), u32::try_from(total).unwrap_or(u32::MAX)))
}

/// Contacts by id, and the lines that nobody was found for.
pub(super) struct Chosen {
    pub(super) contact_ids: Vec<String>,
    pub(super) not_found: Vec<String>,
}

/// Everybody who was chosen by line or by list; a refusal when that is nobody or too many.
pub(super) async fn gather(ask: &Ask, typed: &Typed) -> Result<Result<Chosen, Refusal>, Error> {
    let lines = lines(&typed.contacts);
    if lines.len() > LINES {
        return Ok(Err(Refusal::input("contacts", FieldFault::Said("fault-out-of-range"))));
    }
    let mut chosen = by_line(ask, lines).await?;
    if !typed.list.is_empty() {
        let mut request = typed.list_request(ask);
        loop {
            let page = records::list(&ask.app, request.clone()).await?;
            chosen.contact_ids.extend(page.rows.into_iter().filter(|r| !r.deleted).map(|r| r.id));
            if page.next_cursor.is_empty() || chosen.contact_ids.len() > CONTACTS {
                break;
            }
            request.cursor = page.next_cursor;
        }
    }
    let mut seen = HashSet::new();
    chosen.contact_ids.retain(|id| seen.insert(id.clone()));
    if chosen.contact_ids.len() > CONTACTS {
        return Ok(Err(Refusal::whole("too_many", ask.lang())));
    }
    if chosen.contact_ids.is_empty() && typed.companies.is_empty() {
        let mut refusal = Refusal::whole("nobody_chosen", ask.lang());
        if !chosen.not_found.is_empty() {
            refusal.faults.fields.push(("contacts".into(), FieldFault::Said("fault-unknown-record")));
        }
        return Ok(Err(refusal));
    }
    Ok(Ok(chosen))
}

/// What was pasted, piece by piece.
fn lines(text: &str) -> Vec<String> {
    let pieces = text.split(['\n', '\r', ',', ';', '\t', ' ']).map(|p| p.trim().trim_matches(['<', '>', '"']));
    let pieces: BTreeSet<_> = pieces.filter(|p| !p.is_empty()).map(str::to_owned).collect();
    pieces.into_iter().collect()
}

/// The contacts of the lines: ids as they stand, addresses and numbers looked up.
async fn by_line(ask: &Ask, lines: Vec<String>) -> Result<Chosen, Error> {
    let (ids, rest): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| Uuid::try_parse(line).is_ok());
    let (addresses, numbers): (Vec<_>, Vec<_>) = rest.into_iter().partition(|line| line.contains('@'));
    let mut chosen = Chosen { contact_ids: ids, not_found: Vec::new() };
    for (field, wanted) in [("email", addresses), ("number", numbers)] {
        let mut missing: BTreeSet<String> = wanted.iter().map(|w| w.to_lowercase()).collect();
        for some in wanted.chunks(PAGE as usize) {
            for record in look_up(ask, field, some).await? {
                let value = match field {
                    "number" => record.number.clone(),
                    _ => text_of(&record, field),
                };
                missing.remove(&value.to_lowercase());
                chosen.contact_ids.push(record.id);
            }
        }
        chosen.not_found.extend(missing);
    }
    chosen.not_found.truncate(NAMED);
    Ok(chosen)
}

async fn look_up(ask: &Ask, field: &str, values: &[String]) -> Result<Vec<Record>, Error> {
    // Numbers are written in capitals; addresses as people write them.
    let values: Vec<_> =
        if field == "number" { values.iter().map(|v| v.to_uppercase()).collect() } else { values.to_vec() };
    let mut request = ListRecordsRequest {
        module: policy::CONTACTS.into(),
        limit: PAGE,
        sort: "number".into(),
        filter: serde_json::json!({"field": field, "op": "in", "value": values}).to_string(),
        ..ListRecordsRequest::default()
    };
    let mut found = Vec::new();
    loop {
        let page = records::list(&ask.app, request.clone()).await?;
        found.extend(page.records().into_iter().filter(|r| !r.deleted));
        if page.next_cursor.is_empty() || found.len() > CONTACTS {
            return Ok(found);
        }
        request.cursor = page.next_cursor;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_pasted_is_read_piece_by_piece_and_each_once() {
        let text = "emma@acme.test\r\n<marco@acme.test>; CN12\nemma@acme.test, \"CN13\"\n\n";
        assert_eq!(lines(text), ["CN12", "CN13", "emma@acme.test", "marco@acme.test"]);
        assert!(lines("  \n ;, ").is_empty());
    }

    #[test]
    fn a_list_hands_its_filters_over_and_nothing_else() {
        let typed = Typed::fresh("list=1&q=ros&f.department=sales&cursor=abc&sort=-number", "2026-01-01".into());
        assert_eq!(typed.list, "list=1&q=ros&f.department=sales");
        assert_eq!(Typed::fresh("q=ros", String::new()).list, "");
        let companies = Typed::fresh("company=1&company=2", String::new()).companies;
        assert_eq!(companies, ["1", "2"]);
    }
}
