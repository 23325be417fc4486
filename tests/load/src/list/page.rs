//! The statements of one page, as Postgres logs them, as a script for pgbench.

use crate::{ground::Ground, pgbench::Script};
use anyhow::{Result, ensure};
use kit::Browser;
use std::time::{Duration, Instant};

/// As the records service sets them on the connections that it reads lists with.
const SETTINGS: [&str; 9] = [
    "search_path=records,records_log",
    "jit=off",
    "plan_cache_mode=force_generic_plan",
    "max_parallel_workers_per_gather=0",
    "enable_bitmapscan=off",
    "enable_hashjoin=off",
    "enable_mergejoin=off",
    "enable_seqscan=off",
    "application_name=load",
];

/// Asks for a page while Postgres logs every statement, and makes a script of those that read the read model.
pub(super) async fn script(ground: &Ground, user: &mut Browser, path: &str) -> Result<Script> {
    // Once, so that what a process reads only the first time is not taken for the page's own.
    user.get(path).await?.expect(200)?;
    log_statements(ground, "all").await?;
    let before = ground.postgres_log()?.len();
    let asked = user.get(path).await?.expect(200);
    tokio::time::sleep(Duration::from_millis(200)).await;
    let log = ground.postgres_log()?.split_off(before);
    log_statements(ground, "none").await?;
    asked?;
    let statements: Vec<Logged> = logged(&log).into_iter().filter(|s| reads_records(&s.text)).collect();
    ensure!((1..=5).contains(&statements.len()), "a page of {path} took {} statements", statements.len());
    let mut script = Script { settings: SETTINGS.map(str::to_owned).to_vec(), ..Script::default() };
    for (i, statement) in statements.iter().enumerate() {
        let mut text = statement.text.clone();
        // From the last one down, so that $1 does not match the beginning of $12.
        for (n, value) in statement.parameters.iter().enumerate().rev() {
            let name = format!("s{i}p{}", n + 1);
            text = text.replace(&format!("${}", n + 1), &format!(":{name}"));
            script.variables.push((name, value.clone()));
        }
        script.text.push_str(&text);
        script.text.push_str(";\n");
    }
    Ok(script)
}

/// Tables of modules; background work never touches them.
fn reads_records(statement: &str) -> bool {
    statement.starts_with("select") && statement.contains("from m") && statement.contains("_v1 r")
}

async fn log_statements(ground: &Ground, which: &str) -> Result<()> {
    ground.execute("postgres", &format!("alter system set log_statement = '{which}'")).await?;
    ground.execute("postgres", "select pg_reload_conf()").await?;
    // Sessions see it when they next wait for a command; the postmaster tells them at once.
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(5) {
        let mark = format!("select '{}'", kernel::new_id());
        ground.execute("postgres", &mark).await?;
        if ground.postgres_log()?.contains(&mark) == (which == "all") {
            tokio::time::sleep(Duration::from_millis(300)).await;
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    anyhow::bail!("log_statement did not change")
}

/// A statement that was executed, with its parameters as text.
#[derive(Debug, PartialEq)]
struct Logged {
    text: String,
    parameters: Vec<String>,
}

/// Statements executed with parameters by the records service, from lines like
/// `portico-records|LOG:  execute sqlx_s_3: select …` and `portico-records|DETAIL:  Parameters: $1 = '…', …`.
fn logged(log: &str) -> Vec<Logged> {
    let mut found: Vec<Logged> = Vec::new();
    // A statement of several lines goes on behind a tab.
    for line in log.replace("\n\t", " ").lines() {
        let Some(line) = line.strip_prefix("portico-records|") else { continue };
        if let Some(executed) = line.strip_prefix("LOG:  execute ") {
            let text = executed.split_once(": ").map_or("", |(_, text)| text);
            found.push(Logged { text: text.to_owned(), parameters: Vec::new() });
        } else if let (Some(detail), Some(last)) = (line.strip_prefix("DETAIL:  "), found.last_mut()) {
            last.parameters = parameters(detail);
        }
    }
    found
}

/// The values of `Parameters: $1 = 'a', $2 = 'it''s', …`.
fn parameters(detail: &str) -> Vec<String> {
    let mut values = Vec::new();
    let mut rest = detail;
    while let Some((_, quoted)) = rest.split_once(" = '") {
        let mut value = String::new();
        let mut characters = quoted.char_indices().peekable();
        let mut end = quoted.len();
        while let Some((at, c)) = characters.next() {
            match (c, characters.peek()) {
                ('\'', Some((_, '\''))) => {
                    characters.next();
                    value.push('\'');
                }
                ('\'', _) => {
                    end = at + 1;
                    break;
                }
                _ => value.push(c),
            }
        }
        values.push(value);
        rest = &quoted[end..];
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logged_statement_is_read_with_its_parameters() {
        let log = "portico-records|LOG:  execute sqlx_s_3: select 1\n\tfrom m3_v1 r where x = $1\n\
                   portico-records|DETAIL:  Parameters: $1 = 'it''s', $2 = '{a,b}'\n\
                   other|LOG:  execute x: select 2\n";
        let expected = Logged {
            text: "select 1 from m3_v1 r where x = $1".into(),
            parameters: vec!["it's".into(), "{a,b}".into()],
        };
        assert_eq!(logged(log), [expected]);
    }

    #[test]
    fn only_reads_of_modules_tables_belong_to_a_page() {
        assert!(reads_records("select r.id from m3_v1 r where not r.deleted"));
        assert!(!reads_records("select pos from head"));
    }
}
