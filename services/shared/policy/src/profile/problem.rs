//! One thing that is wrong with a profile: where, and what, by a code that pages translate.

use crate::condition::ConditionProblem;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The document can be published; something in it does nothing, or is worth a look.
    Warning,
    /// The document can't be published.
    Error,
}

/// One thing that is wrong with a profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// Where, as a JSON pointer into the document (`/modules/tickets/list/columns/2`).
    pub path: String,
    /// Stable, snake_case; pages translate by it.
    pub code: String,
    /// What the translated message names: `module`, `field`, `rule`, `other_rule`, `value`, `op`.
    pub args: BTreeMap<String, String>,
}

impl Problem {
    pub(super) fn new(severity: Severity, path: String, code: &str, args: &[(&str, &str)]) -> Self {
        Problem {
            severity,
            path,
            code: code.to_owned(),
            args: args.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        }
    }

    /// In English, for logs, command lines and programs; pages translate by `code`.
    pub fn message(&self) -> String {
        let args: Vec<String> = self.args.iter().map(|(k, v)| format!("{k} {v}")).collect();
        let text = self.code.replace('_', " ");
        if args.is_empty() { text } else { format!("{text} ({})", args.join(", ")) }
    }
}

/// Part of a JSON pointer.
pub(super) fn pointer(part: &str) -> String {
    part.replace('~', "~0").replace('/', "~1")
}

/// The problems of a condition as problems of the document that it stands in.
pub(super) fn condition_problems(path: &str, problems: &[ConditionProblem], more: &[(&str, &str)]) -> Vec<Problem> {
    let problem = |p: &ConditionProblem| {
        let mut args: Vec<(&str, &str)> = more.to_vec();
        if !p.field.is_empty() {
            args.push(("field", &p.field));
        }
        args.extend(p.args.iter().map(|(k, v)| (k.as_str(), v.as_str())));
        Problem::new(Severity::Error, format!("{path}{}", p.path), p.code, &args)
    };
    problems.iter().map(problem).collect()
}
