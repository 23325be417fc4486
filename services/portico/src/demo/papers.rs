//! What there is beside conversations: FAQs, documents, projects, papers of sales, assets, feedback, requests.

mod documents;
mod faqs;
mod projects;
mod sales;

#[cfg(test)]
mod tests;

use super::{
    calendar::{Calendar, WORKDAY},
    cast::Agent,
    dice::Dice,
    session::As,
    tell::World,
    write,
};
use anyhow::{Context, Result};
use faqs::FIRST;
use kernel::Timestamp;
use proto::records::v1::FieldValue;
use std::time::SystemTime;

/// A value for a field.
#[derive(Debug, Clone, Copy)]
pub(super) enum Given {
    /// Text, a picklist's key, an amount.
    Text(&'static str),
    Number(i64),
    /// A date: so many days from the moment of loading.
    Day(i64),
}

/// A record that is made and perhaps changed, and that nobody talks about.
pub(super) struct Paper {
    pub(super) module: &'static str,
    /// By whom, who owns it then.
    pub(super) by: Agent,
    /// Name; empty for none.
    pub(super) company: &'static str,
    /// E-mail address; empty for none.
    pub(super) contact: &'static str,
    /// Made so many working days ago.
    pub(super) days: i64,
    /// The first one names it.
    pub(super) fields: &'static [(&'static str, Given)],
    /// Changed so many working days ago.
    pub(super) changes: &'static [(i64, &'static [(&'static str, Given)])],
}

impl Paper {
    /// What makes it the same paper when the demo is loaded again.
    fn key(&self) -> String {
        match self.fields.first() {
            Some((_, Given::Text(name))) => format!("demo {} {name}", self.module),
            _ => format!("demo {}", self.module),
        }
    }
}

fn values(fields: &[(&str, Given)], calendar: &Calendar) -> Vec<FieldValue> {
    let value = |(field, given): &(&str, Given)| match given {
        Given::Text(text) => write::text(field, text),
        Given::Number(number) => write::number(field, *number),
        Given::Day(days) => write::text(field, &calendar.date(*days)),
    };
    fields.iter().map(value).collect()
}

/// The moment that everything is told from: when the demo's first record was made. A load that goes on where another
/// one broke off so has the same one, and repeats the same commands.
pub(super) async fn present(admin: &As) -> Result<Timestamp> {
    let now = || -> Result<Timestamp> {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).context("a clock before 1970")?;
        Ok(Timestamp::from_micros(i64::try_from(since.as_micros())?))
    };
    let fields = values(FIRST.fields, &Calendar::new(now()?));
    let record = write::create(admin, FIRST.module, fields, &FIRST.key(), None).await?;
    Ok(Timestamp::from_micros(record.created_at_micros).min(now()?))
}

/// All of them, the oldest first, so that numbers rise with time.
fn all() -> Vec<&'static Paper> {
    let mut all: Vec<&Paper> =
        [faqs::PAPERS, documents::PAPERS, projects::PAPERS, sales::PAPERS].into_iter().flatten().collect();
    all.sort_by_key(|paper| -paper.days);
    all
}

/// Files all of them; answers how many there are.
pub(super) async fn file(world: &World<'_>, calendar: &Calendar) -> Result<usize> {
    let all = all();
    for (nth, paper) in all.iter().enumerate() {
        let who = world.agent(paper.by)?;
        let mut fields = values(paper.fields, calendar);
        if !paper.company.is_empty() {
            fields.push(write::text("company_id", world.companies.get(paper.company).context("a paper's company")?));
        }
        if !paper.contact.is_empty() {
            fields.push(write::text("contact_id", world.contacts.get(paper.contact).context("a paper's contact")?));
        }
        let mut dice = Dice::new(2_000 + nth);
        let mut at = |days: i64| calendar.ago(days * WORKDAY - dice.between(0, WORKDAY * 3 / 4));
        let key = paper.key();
        let mut record = write::create(who, paper.module, fields, &key, Some(at(paper.days))).await?;
        for (nth, (days, fields)) in paper.changes.iter().enumerate() {
            let key = format!("{key} change {nth}");
            record = write::update(who, &record, values(fields, calendar), &key, at(*days)).await?;
        }
    }
    Ok(all.len())
}
