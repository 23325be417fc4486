//! The table: figure, anchor, ratio, goal, reached or not; as Markdown and as JSON.

use crate::{
    Effort,
    spread::{Spread, shown},
};
use anyhow::Result;
use serde::Serialize;
use std::{fmt::Write, path::Path, process::Command};

/// Which way a goal points.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Goal {
    AtLeast(f64),
    AtMost(f64),
}

impl Goal {
    fn reached(self, value: f64) -> bool {
        match self {
            Goal::AtLeast(bound) => value >= bound,
            Goal::AtMost(bound) => value <= bound,
        }
    }
}

impl std::fmt::Display for Goal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Goal::AtLeast(bound) => write!(f, "≥ {bound}"),
            Goal::AtMost(bound) => write!(f, "≤ {bound}"),
        }
    }
}

#[derive(Debug, Clone, Serialize)]
struct Anchor {
    name: String,
    value: Spread,
    ratio: Spread,
}

/// One line of the table.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Figure {
    benchmark: &'static str,
    name: String,
    unit: &'static str,
    value: Spread,
    anchor: Option<Anchor>,
    /// Of the ratio where there is an anchor, else of the value.
    goal: Option<Goal>,
    /// The goal is the value's, whatever stands beside it.
    of_value: bool,
    reached: Option<bool>,
    #[serde(skip)]
    rounds: Vec<f64>,
}

impl Figure {
    /// A figure with its value in each round.
    pub(crate) fn new(
        benchmark: &'static str,
        name: impl Into<String>,
        unit: &'static str,
        rounds: Vec<f64>,
    ) -> Figure {
        let value = Spread::of(&rounds);
        Figure {
            benchmark,
            name: name.into(),
            unit,
            value,
            anchor: None,
            goal: None,
            of_value: false,
            reached: None,
            rounds,
        }
    }

    /// What it is compared with, in the same rounds.
    pub(crate) fn beside(mut self, name: impl Into<String>, rounds: &[f64]) -> Figure {
        let ratio = Spread::of_ratios(&self.rounds, rounds);
        self.anchor = Some(Anchor { name: name.into(), value: Spread::of(rounds), ratio });
        self
    }

    /// What it must reach: the ratio if there is an anchor, else the value.
    pub(crate) fn goal(mut self, goal: Goal) -> Figure {
        let median = self.anchor.as_ref().map_or(self.value.median, |a| a.ratio.median);
        self.goal = Some(goal);
        self.reached = Some(goal.reached(median));
        self
    }

    /// What the value itself must reach.
    pub(crate) fn goal_of_value(mut self, goal: Goal) -> Figure {
        (self.goal, self.of_value, self.reached) = (Some(goal), true, Some(goal.reached(self.value.median)));
        self
    }

    fn row(&self) -> String {
        let (anchor, ratio) = match &self.anchor {
            Some(a) => (format!("{}: {} {}", a.name, a.value, self.unit), a.ratio.to_string()),
            None => ("–".to_owned(), "–".to_owned()),
        };
        let goal = self.goal.map_or("–".to_owned(), |g| match self.anchor {
            Some(_) if !self.of_value => format!("{g} ×"),
            _ => format!("{g} {}", self.unit),
        });
        let reached = match self.reached {
            Some(true) => "yes",
            Some(false) => "**no**",
            None => "–",
        };
        let Figure { benchmark, name, unit, value, .. } = self;
        format!("| {benchmark} | {name} | {value} {unit} | {anchor} | {ratio} | {goal} | {reached} |")
    }
}

/// All that was measured, and where.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    machine: Vec<String>,
    figures: Vec<Figure>,
    notes: Vec<String>,
}

impl Report {
    /// A report without figures.
    pub(crate) fn new(effort: &Effort, settings: String) -> Report {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default().trim().to_owned();
        let git = Command::new("git").args(["rev-parse", "--short", "HEAD"]).output();
        let commit = git.map(|o| String::from_utf8_lossy(&o.stdout).trim().to_owned()).unwrap_or_default();
        let build = if cfg!(debug_assertions) {
            "DEV BUILD: the program is not optimised, its figures mean nothing"
        } else {
            "release build"
        };
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let load = read("/proc/loadavg").split(' ').take(2).collect::<Vec<_>>().join(" and ");
        let machine = vec![
            format!("{build}, commit {commit}"),
            format!("{cores} cores, Linux {}, load before the start {load}", read("/proc/sys/kernel/osrelease")),
            settings,
            format!(
                "{} interleaved rounds of {} s; median (smallest–largest); ratios are taken within a round",
                effort.rounds, effort.seconds
            ),
        ];
        Report { machine, figures: Vec::new(), notes: Vec::new() }
    }

    /// Adds a line.
    pub(crate) fn add(&mut self, figure: Figure) {
        crate::tell(figure.row());
        self.figures.push(figure);
    }

    /// Adds a sentence below the table.
    pub(crate) fn note(&mut self, sentence: impl Into<String>) {
        self.notes.push(sentence.into());
    }

    /// What stands above the table.
    pub(crate) fn header(&self) -> String {
        let lines: Vec<String> = self.machine.iter().map(|m| format!("- {m}")).collect();
        format!("# Benchmarks\n\n{}\n", lines.join("\n"))
    }

    /// The table and the notes.
    pub(crate) fn table(&self) -> String {
        let mut text = String::from(
            "| benchmark | figure | measured | anchor | ratio | goal | reached |\n|---|---|---|---|---|---|---|\n",
        );
        for figure in &self.figures {
            let _ = writeln!(text, "{}", figure.row());
        }
        let judged: Vec<bool> = self.figures.iter().filter_map(|f| f.reached).collect();
        let reached = judged.iter().filter(|r| **r).count();
        let _ = writeln!(text, "\n{reached} of {} goals reached.\n", judged.len());
        for note in &self.notes {
            let _ = writeln!(text, "- {note}");
        }
        text
    }

    /// Writes results.md and results.json.
    pub(crate) fn write(&self, directory: &Path) -> Result<()> {
        std::fs::create_dir_all(directory)?;
        std::fs::write(directory.join("results.md"), format!("{}\n{}", self.header(), self.table()))?;
        std::fs::write(directory.join("results.json"), serde_json::to_string_pretty(self)?)?;
        crate::tell(format!("written to {}", directory.join("results.md").display()));
        Ok(())
    }
}

/// A median with its unit, for names of figures.
pub(crate) fn median(values: &[f64]) -> String {
    shown(Spread::of(values).median)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_judged_on_the_ratio_when_there_is_an_anchor() {
        let alone = Figure::new("x", "alone", "ms", vec![3.0, 5.0, 4.0]).goal(Goal::AtMost(4.0));
        assert_eq!(alone.reached, Some(true));
        let beside = Figure::new("x", "beside", "ms", vec![3.0, 5.0, 4.0]).beside("a", &[1.0, 1.0, 1.0]);
        assert_eq!(beside.goal(Goal::AtMost(3.0)).reached, Some(false));
    }

    #[test]
    fn a_row_says_no_when_a_goal_is_not_reached() {
        let figure = Figure::new("append", "32 writers", "events/s", vec![100.0]).beside("floor", &[200.0]);
        let row = figure.goal(Goal::AtLeast(0.8)).row();
        assert_eq!(
            row,
            "| append | 32 writers | 100 (100–100) events/s | floor: 200 (200–200) events/s | 0.50 (0.50–0.50) | ≥ 0.8 × | **no** |"
        );
    }
}
