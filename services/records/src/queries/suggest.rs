//! Records for relation pickers: by the beginning of the title where the caller sees all, by its words otherwise.

use crate::{
    domain::module::Module,
    error::database,
    found::{COLUMNS, Found},
    queries::{
        around::{Reads, Wanted},
        present::{cell, own_title},
    },
    service::{Caller, Records, judge},
};
use kernel::Error;
use policy::{Action, Scope};
use proto::records::v1::{ListRecordsRequest, Record, Suggestion};
use sqlx::AssertSqlSafe;

/// Most suggestions of one answer.
const MOST: usize = 20;
/// Longest text that is looked for, in characters.
const MOST_TYPED: usize = 200;
/// How much of a title's key the index holds, in characters.
const KEY: usize = 100;

impl Records {
    /// At most 20 records whose title begins with the text, then such whose title contains its words.
    ///
    /// # Errors
    /// Not found when the module does not exist for the caller.
    pub async fn suggest(&self, caller: &Caller, module: &str, text: &str) -> Result<Vec<Suggestion>, Error> {
        let (modules, module) = self.module_for(caller, module).await?;
        let Ok(text) = kernel::text::line(text, MOST_TYPED) else { return Ok(Vec::new()) };
        let text = text.unwrap_or_default();
        let mut suggestions = Vec::new();
        let all = caller.plan.scope(module.name(), Action::View) == Scope::All && searches_titles(caller, &module);
        if all && module.contact_field().is_none() && !text.is_empty() {
            let clock = self.clock();
            let mut rows = self.beginning(&module, &kernel::text::folded(&text)).await?;
            let reads = Reads::of(caller, &modules, &module, []);
            let mut wanted = Wanted::judging(&modules, reads);
            for row in &rows {
                wanted.add_facts(&modules, &module, row, reads);
            }
            let mut around = self.names(caller, &modules, wanted).await?;
            rows = around.give_texts(reads.texts, rows);
            for row in rows {
                let Some(access) = judge(caller, &modules, &module, &row, &around, &clock) else { continue };
                if access.is_visible() {
                    let show = |name: &str| {
                        let kind = module.field(name)?.kind;
                        cell(access.field(name), kind, row.value(&module, name)).map(|v| v.shown().into_owned())
                    };
                    suggestions.push(Suggestion {
                        id: row.id.to_string(),
                        title: own_title(&module, &row, &access),
                        number: module.shown_number(u64::try_from(row.number).unwrap_or_default()),
                        detail: detail(&module, show),
                    });
                }
            }
        }
        // A title that is hidden or masked on some records is not to be guessed by its beginning either.
        if suggestions.len() < MOST && (text.is_empty() || searches_titles(caller, &module)) {
            let request = ListRecordsRequest {
                module: module.name().to_owned(),
                limit: i32::try_from(MOST).unwrap_or_default(),
                query: text,
                ..ListRecordsRequest::default()
            };
            for record in self.list(caller, &request).await?.records() {
                if suggestions.len() < MOST && !suggestions.iter().any(|s| s.id == record.id) {
                    suggestions.push(of_record(&module, record));
                }
            }
        }
        Ok(suggestions)
    }

    /// Rows whose title begins with a text, over the index that exists for it. A range, not LIKE: a prepared plan can't
    /// turn a pattern that is a parameter into one.
    async fn beginning(&self, module: &Module, text: &str) -> Result<Vec<Found>, Error> {
        let begins: String = text.chars().take(KEY).collect();
        let sql = format!(
            "select {COLUMNS} from m{}_v1 r
             where not r.deleted and left(r.title_key, {KEY}) >= $1 and left(r.title_key, {KEY}) < $2
             order by left(r.title_key, {KEY}), r.number limit {MOST}",
            module.number()
        );
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(&begins)
            .bind(format!("{begins}\u{10ffff}"))
            .fetch_all(&self.lists)
            .await
            .map_err(database)?;
        rows.iter().map(|row| Found::read(row, 0)).collect::<Result<_, _>>().map_err(database)
    }
}

/// True when the titles of a module may be searched by the caller.
pub(crate) fn searches_titles(caller: &Caller, module: &Module) -> bool {
    let access = caller.plan.module(module.name());
    access.is_some_and(|access| module.title.iter().all(|at| access.searches(&module.fields[*at].name)))
}

/// A second line that tells equals apart.
fn detail(module: &Module, show: impl Fn(&str) -> Option<String>) -> String {
    let telling = ["email", "country", "department"];
    let field = telling.iter().filter(|n| module.field(n).is_some()).find_map(|n| show(n));
    field.unwrap_or_default()
}

fn of_record(module: &Module, record: Record) -> Suggestion {
    let show = |name: &str| {
        let value = record.fields.iter().find(|f| f.field == name)?.value.clone()?;
        crate::codec::unwire(value).map(|v| v.shown().into_owned())
    };
    Suggestion {
        detail: detail(module, show),
        title: record.titles.get(&record.id).cloned().unwrap_or_default(),
        id: record.id,
        number: record.number,
    }
}
