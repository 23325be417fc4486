//! A profile's document on its way in: parsed strictly, repaired, checked against what the installation has.

use crate::{
    catalogue::Installation,
    domain::profile::{Document, MAX_DOCUMENT, MAX_NAME},
    error,
};
use kernel::Error;
use policy::{COMPANIES, CONTACTS, Condition, Operator, Problem, Profile, SYSTEM_FIELDS, Severity};
use serde_path_to_error::Segment;
use std::collections::BTreeMap;

/// Parses a document that a caller sent. Unknown fields are refused; errors name the place as a JSON pointer.
pub(crate) fn parse(text: &str) -> Result<Profile, Error> {
    if text.len() > MAX_DOCUMENT {
        let message = format!("A profile's document has at most {MAX_DOCUMENT} bytes.");
        return Err(Error::invalid_field("", "document_too_large", message));
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let profile: Profile = serde_path_to_error::deserialize(&mut json).map_err(|e| {
        let path = pointer(e.path());
        let inner = e.into_inner();
        let code = match inner.classify() {
            serde_json::error::Category::Data => "document_not_valid",
            _ => "not_json",
        };
        Error::invalid_field(path, code, inner.to_string())
    })?;
    json.end().map_err(|e| Error::invalid_field("", "not_json", e.to_string()))?;
    Ok(profile)
}

/// The place of a parse error as a JSON pointer.
fn pointer(path: &serde_path_to_error::Path) -> String {
    use std::fmt::Write;
    let mut text = String::new();
    for segment in path.iter() {
        let _ = match segment {
            Segment::Seq { index } => write!(text, "/{index}"),
            Segment::Map { key } | Segment::Enum { variant: key } => {
                write!(text, "/{}", key.replace('~', "~0").replace('/', "~1"))
            }
            Segment::Unknown => write!(text, "/?"),
        };
    }
    text
}

/// A profile ready to be stored as a draft, and what was repaired in it.
pub(crate) struct Repaired {
    /// The draft.
    pub(crate) document: Document,
    /// What was taken away, and what is still wrong.
    pub(crate) problems: Vec<Problem>,
    /// List columns that were taken away, as `module.field`.
    pub(crate) removed_columns: Vec<String>,
}

/// Takes away what can't be in a draft, and refuses a name that can't be.
pub(crate) fn repair(mut profile: Profile, installation: &Installation) -> Result<Repaired, Error> {
    profile.name = profile.name.trim().to_owned();
    if profile.name.is_empty() {
        return Err(error::name("required"));
    }
    if profile.name.chars().count() > MAX_NAME {
        return Err(error::name("too_long"));
    }
    if profile.name.chars().any(char::is_control) {
        return Err(error::name("control_character"));
    }
    if profile.description.contains('\0') {
        let message = "A description has no NUL characters.";
        return Err(Error::invalid_field("/description", "control_character", message));
    }
    let mut problems = profile.normalise(&installation.catalogue);
    let part = |p: &Problem, name: &str| p.args.get(name).cloned().unwrap_or_default();
    let removed_columns = (problems.iter())
        .filter(|p| p.code == "column_removed")
        .map(|p| format!("{}.{}", part(p, "module"), part(p, "field")))
        .collect();
    problems.extend(check(&profile, installation));
    let json = serde_json::to_string(&profile).map_err(Error::internal)?;
    if json.len() > MAX_DOCUMENT {
        let message = format!("A profile's document has at most {MAX_DOCUMENT} bytes.");
        return Err(Error::invalid_field("", "document_too_large", message));
    }
    let document = Document { name: profile.name, description: profile.description, json };
    Ok(Repaired { document, problems, removed_columns })
}

/// Everything that is wrong with a document in this installation.
pub(crate) fn check(profile: &Profile, installation: &Installation) -> Vec<Problem> {
    let mut found = profile.validate(&installation.catalogue);
    // What the records service fills in by itself needs no place in the form.
    found.retain(|p| {
        let part = |name: &str| p.args.get(name).map(String::as_str).unwrap_or_default();
        p.code != "mandatory_field_not_offered" || !installation.has_default(part("module"), part("field"))
    });
    if let Some(matching) = &profile.matching {
        check_matching(&matching.when, installation, "/matching/when", &mut found);
    }
    for (path, agent) in [("/owner", &profile.owner), ("/picklist_source", &profile.picklist_source)] {
        if let Some(agent) = agent
            && !uuid::Uuid::try_parse(agent).is_ok_and(|id| installation.agents.contains(&id))
        {
            found.push(error_at(path, "unknown_agent", &[("value", agent)]));
        }
    }
    found
}

/// What a match condition may not ask: personal values (they are not kept here), values that every record has, and the
/// time (nothing happens when it passes, so the profile would not follow).
fn check_matching(condition: &Condition, installation: &Installation, path: &str, found: &mut Vec<Problem>) {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            let word = if matches!(condition, Condition::All(_)) { "all" } else { "any" };
            for (i, part) in parts.iter().enumerate() {
                check_matching(part, installation, &format!("{path}/{word}/{i}"), found);
            }
        }
        Condition::Not(part) => check_matching(part, installation, &format!("{path}/not"), found),
        Condition::Test { field, op, value } => {
            let (module, name) = match field.split_once('.') {
                Some(("contact", name)) => (CONTACTS, name),
                Some(("company", name)) => (COMPANIES, name),
                _ => return,
            };
            if installation.is_personal(module, name) {
                found.push(error_at(path, "personal_field_in_match_condition", &[("field", field)]));
            }
            if SYSTEM_FIELDS.contains(&name) {
                found.push(error_at(path, "field_not_in_match_conditions", &[("field", field)]));
            }
            let timed = matches!(
                op,
                Operator::WithinLast | Operator::WithinNext | Operator::IsToday | Operator::InPast | Operator::InFuture
            ) || value.as_ref().is_some_and(names_the_time);
            if timed {
                found.push(error_at(path, "time_in_match_condition", &[("field", field)]));
            }
        }
    }
}

fn names_the_time(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::String(text) => text == "now" || text == "today",
        serde_json::Value::Array(values) => values.iter().any(names_the_time),
        _ => false,
    }
}

fn error_at(path: &str, code: &str, args: &[(&str, &str)]) -> Problem {
    let args: BTreeMap<String, String> = args.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Problem { severity: Severity::Error, path: path.to_owned(), code: code.to_owned(), args }
}

#[cfg(test)]
mod tests;
