//! `list`: the first page of 50 for portal users, at two sizes of the table, beside the SQL of the same page.

pub(crate) mod fill;
mod page;

use crate::{
    ground::Ground,
    pgbench::Script,
    report::{Figure, Goal, Report, median},
    site::Site,
    spread::shown,
    tell,
    usage::Cpu,
    work::{Ended, Outcome, by_turns, closed_loop, ended, warm_up},
};
use anyhow::{Context, Result, ensure};
use fill::{COMPANY_RECORDS, OWN_RECORDS, large_company};
use kit::Browser;
use serde_json::json;
use std::{collections::HashMap, time::Duration};

/// Clients of the comparison, and of the p99.
const CLIENTS: usize = 8;
const MANY: usize = 32;
const SMALL: &str = "load_list_small";
const LARGE: &str = "load_list_large";

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Question {
    /// The company of [`COMPANY_RECORDS`]: by the last change, downwards.
    Plain,
    /// The same company: open tickets, by number.
    Filtered,
    /// The company of a tenth of all records: open tickets, by number.
    Skewed,
}

const QUESTIONS: [Question; 3] = [Question::Plain, Question::Filtered, Question::Skewed];

impl Question {
    fn path(self) -> String {
        const PATH: &str = "/modules/tickets/records";
        match self {
            Question::Plain => PATH.to_owned(),
            // {"field":"status","op":"eq","value":"open"}
            Question::Filtered | Question::Skewed => format!(
                "{PATH}?sort=-number&filter=%7B%22field%22%3A%22status%22%2C%22op%22%3A%22eq%22%2C%22value%22%3A%22open%22%7D"
            ),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Question::Plain => "company of 1,946, by last change",
            Question::Filtered => "company of 1,946, open ones, by number",
            Question::Skewed => "company of a tenth, open ones, by number",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Work {
    Http(usize),
    Sql,
}

/// Size (0 is the small table), question and work.
type Side = (usize, Question, Work);

struct Done {
    outcome: Outcome,
    /// Milliseconds per page.
    cpu: Cpu,
}

/// A site with a filled table.
struct Filled {
    site: Site,
    users: HashMap<Question, Browser>,
    scripts: HashMap<Question, Script>,
}

/// Runs the benchmark.
pub(crate) async fn run(ground: &Ground, report: &mut Report) -> Result<()> {
    let sites = sites(ground).await?;
    let mut sides: Vec<Side> = Vec::new();
    for size in [0, 1] {
        for question in QUESTIONS {
            sides.extend([(size, question, Work::Sql), (size, question, Work::Http(CLIENTS))]);
        }
        sides.push((size, Question::Filtered, Work::Http(MANY)));
    }
    let mut done: HashMap<Side, Vec<Done>> = HashMap::new();
    for round in 0..ground.effort.rounds {
        for side in by_turns(&sides, round) {
            let one = measure(ground, &sites, side).await.with_context(|| format!("{side:?}"))?;
            tell(format!("list: round {}, {side:?}: {:.0}/s", round + 1, one.outcome.rate()));
            done.entry(side).or_default().push(one);
        }
    }
    add_figures(ground, report, &done);
    for mut filled in sites {
        filled.site.stop().await?;
    }
    Ok(())
}

/// Two installations with the same people, one database cloned from the other, and tables of different sizes.
async fn sites(ground: &Ground) -> Result<Vec<Filled>> {
    let mut small = Site::new(ground, SMALL).await?;
    small.serve().await?;
    tell("list: demo data");
    small.load_demo().await?;
    give_standard_profile(&small, "nina@globex.test").await?;
    small.settle(ground).await;
    small.stop().await?;
    ground.execute("postgres", &format!("create database {LARGE} template {SMALL}")).await?;
    let large = Site::new(ground, LARGE).await?;
    let mut filled = Vec::new();
    for (mut site, records) in [small, large].into_iter().zip(ground.effort.sizes) {
        tell(format!("list: {records} records"));
        fill::fill(ground, &site.name, records, &[("id", "gen_random_uuid()".to_owned())]).await?;
        site.serve().await?;
        let (mut users, mut scripts) = (HashMap::new(), HashMap::new());
        for question in QUESTIONS {
            let login = if question == Question::Skewed { "nina@globex.test" } else { "emma@acme.test" };
            let mut user = site.sign_in(login).await?;
            check(&mut user, question, records).await?;
            warm_up(&vec![user.clone(); MANY], async |user: &mut Browser| ask(user, question).await).await?;
            scripts.insert(question, page::script(ground, &mut user, &question.path()).await?);
            users.insert(question, user);
        }
        filled.push(Filled { site, users, scripts });
    }
    Ok(filled)
}

/// Nina has DEFAULT in the demo, which shows her own records only.
async fn give_standard_profile(site: &Site, login: &str) -> Result<()> {
    let mut user = site.sign_in(login).await?;
    let session = user.get("/auth/session").await?.expect(200)?.json();
    let contact = session["subject"]["id"].as_str().context("a contact's id")?.to_owned();
    let mut admin = site.sign_in("admin@demo.test").await?;
    let profiles = admin.get("/admin/profiles").await?.expect(200)?.json();
    let standard = profiles["items"].as_array().into_iter().flatten().find(|p| p["name"] == "Standard");
    let profile = standard.and_then(|p| p["id"].as_str()).context("the profile Standard")?;
    let path = format!("/admin/contacts/{contact}/profile");
    admin.call("PUT", &path, Some(json!({"profile_id": profile}))).await?.expect(204)?;
    Ok(())
}

/// That a page is what the figures say it is.
async fn check(user: &mut Browser, question: Question, records: i64) -> Result<()> {
    let page = user.get(&question.path()).await?.expect(200)?.json();
    let items = page["items"].as_array().map_or(0, Vec::len);
    ensure!(items == 50, "{question:?}: a page has {items} records");
    let company = if question == Question::Skewed { large_company(records) } else { COMPANY_RECORDS };
    for (path, expected) in [("?count=exact&limit=1", company), ("?count=exact&limit=1&scope=mine", OWN_RECORDS)] {
        let counted = user.get(&format!("/modules/tickets/records{path}")).await?.expect(200)?.json();
        ensure!(counted["total"] == expected, "{question:?}: {} records instead of {expected}", counted["total"]);
    }
    Ok(())
}

async fn ask(user: &mut Browser, question: Question) -> Result<Ended> {
    ended(user.get(&question.path()).await?, 200)
}

async fn measure(ground: &Ground, sites: &[Filled], side: Side) -> Result<Done> {
    let (size, question, work) = side;
    let Filled { site, users, scripts } = &sites[size];
    let (user, script) = (&users[&question], &scripts[&question]);
    ground.checkpoint().await?;
    let before = site.cpu(ground);
    let outcome = match work {
        Work::Sql => ground.pgbench(&site.name, script, CLIENTS, ground.effort.seconds).await?,
        Work::Http(clients) => {
            let time = Duration::from_secs(ground.effort.seconds);
            closed_loop(vec![user.clone(); clients], time, async |user: &mut Browser| ask(user, question).await).await?
        }
    };
    let cpu = (site.cpu(ground) - before).per(outcome.operations());
    Ok(Done { outcome, cpu })
}

fn add_figures(ground: &Ground, report: &mut Report, done: &HashMap<Side, Vec<Done>>) {
    let of =
        |side: Side, pick: fn(&Done) -> f64| -> Vec<f64> { done.get(&side).into_iter().flatten().map(pick).collect() };
    let rate: fn(&Done) -> f64 = |d| d.outcome.rate();
    let total: fn(&Done) -> f64 = |d| d.cpu.total();
    let sizes = ground.effort.sizes.map(|s| format!("{} records", shown(s as f64)));
    let figure = |name: String, unit, rounds| Figure::new("list", name, unit, rounds);
    for (size, records) in sizes.iter().enumerate() {
        for question in QUESTIONS {
            report.add(
                figure(
                    format!("{records}, {}, clients: {CLIENTS}", question.words()),
                    "pages/s",
                    of((size, question, Work::Http(CLIENTS)), rate),
                )
                .beside("the page's SQL by pgbench", &of((size, question, Work::Sql), rate))
                .goal(Goal::AtLeast(0.4)),
            );
        }
    }
    for question in QUESTIONS {
        let [small, large] = [0, 1].map(|size| (size, question, Work::Http(CLIENTS)));
        let part = |pick: fn(&Done) -> f64| median(&of(large, pick));
        let name = format!(
            "CPU per page at {}, {} (portico {}, Postgres {}, NATS {})",
            sizes[1],
            question.words(),
            part(|d| d.cpu.portico),
            part(|d| d.cpu.postgres),
            part(|d| d.cpu.nats)
        );
        report.add(
            figure(name.clone(), "ms", of(large, total))
                .beside(format!("at {}", sizes[0]), &of(small, total))
                .goal(Goal::AtMost(1.3)),
        );
        report.add(figure(name, "ms", of(large, total)).goal(Goal::AtMost(2.05)));
    }
    let many = (1, Question::Filtered, Work::Http(MANY));
    let name = format!("p99 at {}, {}, clients: {MANY}", sizes[1], Question::Filtered.words());
    report.add(figure(name, "ms", of(many, |d| d.outcome.percentile(99.0))).goal(Goal::AtMost(73.0)));
    let refused: usize = done.values().flatten().map(|d| d.outcome.refused).sum();
    report.add(figure("requests refused with 503, in all".into(), "", vec![refused as f64]).goal(Goal::AtMost(0.0)));
    report.note(format!(
        "list: JSON of the first 50 records over HTTP, a session each. Emma owns {OWN_RECORDS} records in a company of \
         {COMPANY_RECORDS}; Nina owns {OWN_RECORDS} in one that has a tenth of all. Rows are generated by SQL in the read-model \
         table of tickets only, as copies of the demo's rows with numbers, times and ties of their own; the log has no events \
         of them. Both sizes are databases of one server, with a portico process each, measured in the same rounds."
    ));
    report.note(
        "list: the anchor executes the statements that Postgres logged for one such request, with the same parameters, \
         prepared, and with the settings of the service's list connections. CPU of Postgres has what both sites' background \
         work uses meanwhile.",
    );
}
