//! Portal access for many contacts at once: who, how, what would happen, and how far it has come.

use fields::Display;

use super::chrome::{Chrome, Crumb};
use super::console::{
    Confirm, ConsolePage, Faults, Filter, Form, LinkButton, Meter, Nothing, Part, SecondButton, Section, Submit, Table,
    TableRow, Tone,
    make::{self, FieldWith, choice, fact, text_or_empty, time_or_empty},
};
use super::form::{Choice, Control, FormBlock};
use super::pager::Pager;
use super::shown::{Pill, PillColor, Shown};
use crate::Lang;
use crate::fmt::{self, Stamp};

/// What was typed.
#[derive(Debug, Clone, Default)]
pub struct BulkDraft {
    /// What was searched for among companies.
    pub company_query: String,
    /// Chosen companies, and those that the search found.
    pub companies: Vec<Choice>,
    /// Lines with numbers, ids or addresses of contacts.
    pub contacts: String,
    /// Query of the contacts list that all contacts are taken of; empty for none.
    pub list: String,
    /// How many contacts that list has, in words.
    pub list_count: String,
    /// First day.
    pub support_start: String,
    /// Last day.
    pub support_end: String,
    /// Profiles, the chosen one marked.
    pub profiles: Vec<Choice>,
    /// A second factor is required.
    pub mfa_required: bool,
    /// Send invitations.
    pub invite: bool,
}

/// The form. Posts `company_q`, `company` (several), `contacts`, `list`, the dates, `profile_id`, `mfa_required`, `invite`,
/// and `lookup=1` to search for companies only.
pub fn bulk_form(chrome: Chrome, list: Crumb, action: String, draft: &BulkDraft, faults: &Faults) -> ConsolePage {
    let lang = chrome.lang;
    let block = |key: &str, fields| FormBlock { label: lang.t(key), fields };
    let date = |name: &str, key: &str, value: &str| {
        make::field(name, lang.t(key), Control::Input { kind: Display::Date, value: value.to_owned() }, faults)
            .required()
    };
    let mut who = Vec::new();
    if !draft.list.is_empty() {
        let shown = Control::ReadOnly(Shown::Text(draft.list_count.clone()));
        who.push(make::field("list_shown", lang.t("bulk-list"), shown, &Faults::default()));
    }
    who.push(
        make::text("company_q", lang.t("bulk-company-search"), &draft.company_query, 200, faults)
            .hint(lang.t("bulk-company-hint")),
    );
    if !draft.companies.is_empty() {
        let boxes = Control::Boxes { choices: draft.companies.clone() };
        who.push(make::field("company", lang.t("bulk-companies"), boxes, faults));
    }
    let lines = Control::LongText { value: draft.contacts.clone(), max_length: 0 };
    who.push(make::field("contacts", lang.t("bulk-contacts"), lines, faults).hint(lang.t("bulk-contacts-hint")));
    let how = vec![
        date("support_start", "access-start", &draft.support_start),
        date("support_end", "access-end", &draft.support_end),
        make::select("profile_id", lang.t("access-profile"), draft.profiles.clone(), faults)
            .hint(lang.t("bulk-profile-hint")),
        make::check("mfa_required", lang.t("mfa-required"), draft.mfa_required, faults),
        make::check("invite", lang.t("bulk-invite"), draft.invite, faults).hint(lang.t("bulk-invite-hint")),
    ];
    let mut form = Form::new("bulk", action, lang.t("bulk-check"), "list-checks");
    form.blocks = vec![block("bulk-who", who), block("bulk-how", how)];
    form.hidden = vec![("list".to_owned(), draft.list.clone())];
    form.kind = Submit::Primary;
    form.second = Some(SecondButton { name: "lookup", label: lang.t("bulk-company-button"), icon: "search" });
    form.cancel_url = Some(list.url.clone());
    form.fault.clone_from(&faults.whole);
    ConsolePage {
        crumbs: vec![list],
        lead: lang.t("bulk-lead"),
        narrow: true,
        ..ConsolePage::new(
            chrome,
            lang.t("bulk-new"),
            vec![Section::new("bulk", String::new(), "users", vec![Part::Form(Box::new(form))])],
        )
    }
}

/// A contact of a report or a job.
#[derive(Debug, Clone)]
pub struct BulkRowView {
    /// Display name.
    pub name: String,
    /// Address; may be empty.
    pub email: String,
    /// The contact's page.
    pub url: Option<String>,
    /// The service's word for the state, or for what would happen.
    pub state: String,
    /// Why it was left out; may be empty.
    pub reason: String,
}

fn word(lang: Lang, word: &str) -> String {
    lang.t(match word {
        "enable" => "bulk-outcome-enable",
        "already_enabled" => "bulk-outcome-already-enabled",
        "no_email" => "bulk-outcome-no-email",
        "not_an_email" | "invalid_email" => "bulk-outcome-bad-email",
        "duplicate_email" => "bulk-outcome-duplicate",
        "login_taken" => "bulk-outcome-login-taken",
        "unknown" => "bulk-outcome-unknown",
        "deleted" => "bulk-outcome-deleted",
        "waiting" => "bulk-row-waiting",
        "enabled" => "bulk-row-enabled",
        "enabled_not_invited" => "bulk-row-not-invited",
        "skipped" => "bulk-row-skipped",
        "cancelled" => "bulk-row-cancelled",
        "support_ended" => "bulk-reason-support-ended",
        "is_an_agent" | "id_in_use" => "bulk-reason-agent",
        other => return other.replace('_', " "),
    })
}

fn color(word: &str) -> PillColor {
    match word {
        "enable" | "enabled" => PillColor::Green,
        "enabled_not_invited" | "waiting" => PillColor::Blue,
        "already_enabled" => PillColor::Grey,
        _ => PillColor::Amber,
    }
}

fn pill(lang: Lang, state: &str) -> Shown {
    Shown::Pill(Pill { label: word(lang, state), color: color(state) })
}

fn rows_table(lang: Lang, rows: Vec<BulkRowView>) -> Part {
    let columns = [lang.t("bulk-email"), lang.t("bulk-result")];
    let mut table = Table::new(lang.t("bulk-rows"), lang.t("bulk-contact"), &columns);
    table.rows = rows
        .into_iter()
        .map(|row| TableRow {
            title: if row.name.is_empty() { lang.t("bulk-nameless") } else { row.name },
            url: row.url,
            detail: if row.reason.is_empty() || row.reason == row.state {
                String::new()
            } else {
                word(lang, &row.reason)
            },
            cells: vec![text_or_empty(&row.email), pill(lang, &row.state)],
            ..TableRow::default()
        })
        .collect();
    Part::Table(table)
}

/// What would happen.
#[derive(Debug, Clone)]
pub struct BulkReport {
    /// Contacts in all.
    pub contacts: u32,
    /// Outcome → how many.
    pub outcomes: Vec<(String, u32)>,
    /// The first of them.
    pub rows: Vec<BulkRowView>,
    /// Why no invitation would leave; may be empty.
    pub not_sent_reason: String,
    /// Invitations are wanted.
    pub invite: bool,
    /// What the form that starts it sends.
    pub hidden: Vec<(String, String)>,
    /// Lines that no contact was found for.
    pub not_found: Vec<String>,
}

/// The report, with the form that starts the job (`confirm=1`) and the one that goes back to what was typed (`back=1`).
pub fn bulk_report(chrome: Chrome, list: Crumb, action: String, report: BulkReport) -> ConsolePage {
    let lang = chrome.lang;
    let enabled = report.outcomes.iter().find(|(word, _)| word == "enable").map_or(0, |(_, n)| *n);
    let mut parts = Vec::new();
    if enabled == 0 {
        parts.push(Part::Note(Tone::Warning, lang.t("bulk-nobody")));
    } else {
        parts.push(Part::Note(Tone::Info, lang.tn("bulk-would-enable", enabled)));
    }
    if report.invite && !report.not_sent_reason.is_empty() {
        parts.push(Part::Note(Tone::Warning, lang.t("bulk-not-sent")));
    }
    if !report.not_found.is_empty() {
        let lines = report.not_found.join(", ");
        parts.push(Part::Note(Tone::Warning, lang.t1("bulk-not-found", "lines", &lines)));
    }
    let mut table = Table::new(lang.t("bulk-outcomes"), lang.t("bulk-result"), &[lang.t("bulk-how-many")]);
    table.columns[0].numeric = true;
    table.rows = report
        .outcomes
        .iter()
        .map(|(outcome, n)| TableRow {
            title: word(lang, outcome),
            cells: vec![Shown::Number(fmt::integer(i64::from(*n), lang))],
            ..TableRow::default()
        })
        .collect();
    parts.push(Part::Table(table));
    let mut start = Form::new("confirm", action.clone(), lang.tn("bulk-start", enabled), "send");
    start.kind = Submit::Primary;
    start.hidden.clone_from(&report.hidden);
    start.hidden.push(("confirm".to_owned(), "1".to_owned()));
    let mut back = Form::new("back", action, lang.t("bulk-back"), "pencil");
    back.hidden = report.hidden;
    back.hidden.push(("back".to_owned(), "1".to_owned()));
    parts.push(Part::Buttons(if enabled > 0 { vec![start, back] } else { vec![back] }));
    let shown = u32::try_from(report.rows.len()).unwrap_or(u32::MAX);
    let mut rows = vec![rows_table(lang, report.rows)];
    if shown < report.contacts {
        rows.insert(0, Part::Text(lang.tn("bulk-first-rows", shown)));
    }
    let sections = vec![
        Section::new("report", lang.t("bulk-report"), "list-checks", parts),
        Section::new("rows", lang.t("bulk-rows"), "users", rows),
    ];
    ConsolePage {
        crumbs: vec![list],
        lead: lang.t("bulk-report-lead"),
        ..ConsolePage::new(chrome, lang.tn("bulk-report-title", report.contacts), sections)
    }
}

/// A job.
#[derive(Debug, Clone)]
pub struct BulkJobView {
    /// `running`, `finished` or `cancelled`.
    pub state: String,
    /// Contacts in all.
    pub contacts: u32,
    /// Done so far.
    pub done: u32,
    /// With access now.
    pub enabled: u32,
    /// Left out.
    pub skipped: u32,
    /// The support dates, for people.
    pub period: (String, String),
    /// Name of the profile given by hand; may be empty.
    pub profile: String,
    /// A second factor is required.
    pub mfa_required: bool,
    /// Invitations leave.
    pub invite: bool,
    /// When it began.
    pub started: Stamp,
    /// When it ended.
    pub finished: Option<Stamp>,
    /// Who started it.
    pub by: String,
    /// Its page.
    pub url: String,
}

impl BulkJobView {
    fn pill(&self, lang: Lang) -> Pill {
        let (key, color) = match self.state.as_str() {
            "finished" => ("bulk-finished", PillColor::Green),
            "cancelled" => ("bulk-cancelled", PillColor::Grey),
            _ => ("bulk-running", PillColor::Blue),
        };
        Pill { label: lang.t(key), color }
    }

    fn running(&self) -> bool {
        self.state == "running"
    }
}

/// States that rows can be filtered by.
pub const ROW_STATES: [&str; 4] = ["enabled", "enabled_not_invited", "skipped", "waiting"];

/// The page of a job. The form that stops it posts only the tokens.
pub fn bulk_job(
    chrome: Chrome,
    list: Crumb,
    job: BulkJobView,
    state: &str,
    rows: Vec<BulkRowView>,
    pager: Pager,
) -> ConsolePage {
    let lang = chrome.lang;
    let number = |n: u32| fmt::integer(i64::from(n), lang);
    let text = lang.t2("bulk-progress-value", "done", number(job.done), "all", number(job.contacts));
    let yes_no = |yes: bool| Shown::Bool(yes);
    let facts = vec![
        fact(lang.t("bulk-row-enabled"), Shown::Number(number(job.enabled))),
        fact(lang.t("bulk-row-skipped"), Shown::Number(number(job.skipped))),
        fact(
            lang.t("access-period"),
            Shown::Text(lang.t2("access-period-value", "start", &job.period.0, "end", &job.period.1)),
        ),
        fact(lang.t("access-profile"), text_or_empty(&job.profile)),
        fact(lang.t("mfa-required"), yes_no(job.mfa_required)),
        fact(lang.t("bulk-invite"), yes_no(job.invite)),
        fact(lang.t("bulk-started-by"), text_or_empty(&job.by)),
        fact(lang.t("bulk-started"), Shown::Time(job.started.clone())),
        fact(lang.t("bulk-ended"), time_or_empty(job.finished.clone())),
    ];
    let reload_url = job.running().then(|| job.url.clone());
    let meter = Meter { label: lang.t("bulk-progress"), done: job.done, of: job.contacts.max(1), text, reload_url };
    let mut parts = vec![Part::Meter(meter), Part::Facts(facts)];
    if job.running() {
        let mut stop = Form::new("cancel", format!("{}/cancel", job.url), lang.t("bulk-stop"), "ban");
        stop.kind = Submit::Danger;
        stop.confirm = Some(Confirm {
            title: lang.t("bulk-stop-title"),
            text: lang.t("bulk-stop-text"),
            button: lang.t("bulk-stop"),
        });
        parts.push(Part::Buttons(vec![stop]));
    }
    let choices = ROW_STATES.iter().map(|s| choice(s, word(lang, s), *s == state)).collect();
    let filter = Filter { action: job.url.clone(), name: "state", label: lang.t("bulk-result"), choices };
    let download = LinkButton {
        label: lang.t("bulk-download"),
        url: format!("{}/rows.csv", job.url),
        icon: "download",
        primary: false,
    };
    let list_part = if rows.is_empty() {
        let (title, text) = (lang.t("list-no-match-title"), lang.t("bulk-no-rows"));
        Part::Nothing(Nothing { icon: "search-x", title, text })
    } else {
        rows_table(lang, rows)
    };
    let parts_of_rows = vec![Part::Filter(filter), list_part, Part::Pager(pager), Part::Links(vec![download])];
    let sections = vec![
        Section::new("job", lang.t("bulk-progress"), "list-checks", parts),
        Section::new("rows", lang.t("bulk-rows"), "users", parts_of_rows),
    ];
    let title = lang.tn("bulk-job-title", job.contacts);
    ConsolePage { crumbs: vec![list], pills: vec![job.pill(lang)], ..ConsolePage::new(chrome, title, sections) }
}

/// All jobs, the newest first.
pub fn bulk_jobs(chrome: Chrome, jobs: Vec<BulkJobView>, new_url: String, pager: Pager) -> ConsolePage {
    let lang = chrome.lang;
    let part = if jobs.is_empty() {
        let (title, text) = (lang.t("bulk-empty-title"), lang.t("bulk-lead"));
        Part::Nothing(Nothing { icon: "users", title, text })
    } else {
        let columns =
            [lang.t("agent-state"), lang.t("bulk-row-enabled"), lang.t("bulk-row-skipped"), lang.t("bulk-started-by")];
        let mut table = Table::new(lang.t("bulk-title"), lang.t("bulk-started"), &columns);
        table.columns[1].numeric = true;
        table.columns[2].numeric = true;
        table.rows = jobs
            .into_iter()
            .map(|job| TableRow {
                title: job.started.text.clone(),
                url: Some(job.url.clone()),
                detail: lang.tn("bulk-job-title", job.contacts),
                cells: vec![
                    Shown::Pill(job.pill(lang)),
                    Shown::Number(fmt::integer(i64::from(job.enabled), lang)),
                    Shown::Number(fmt::integer(i64::from(job.skipped), lang)),
                    text_or_empty(&job.by),
                ],
                ..TableRow::default()
            })
            .collect();
        Part::Table(table)
    };
    let new = LinkButton { label: lang.t("bulk-new"), url: new_url, icon: "plus", primary: true };
    let sections = vec![
        Section::new("jobs", String::new(), "users", vec![part]),
        Section::bare("pages", vec![Part::Pager(pager)]),
    ];
    ConsolePage {
        lead: lang.t("bulk-lead"),
        actions: vec![new],
        ..ConsolePage::new(chrome, lang.t("bulk-title"), sections)
    }
}

/// "312 contacts", for the list that a job takes its contacts of.
pub fn list_count(lang: Lang, contacts: u32) -> String {
    lang.tn("bulk-list-count", contacts)
}

/// The choice of no profile.
pub fn no_profile(lang: Lang) -> String {
    lang.t("bulk-profile-none")
}

/// The words of a CSV file's first line.
pub fn csv_head(lang: Lang) -> [String; 6] {
    [
        lang.t("bulk-csv-number"),
        lang.t("bulk-csv-id"),
        lang.t("bulk-contact"),
        lang.t("bulk-email"),
        lang.t("bulk-result"),
        lang.t("bulk-csv-reason"),
    ]
}

/// A word of a row's state or reason, for people; empty stays empty.
pub fn csv_word(lang: Lang, state: &str) -> String {
    if state.is_empty() { String::new() } else { word(lang, state) }
}
