//! Checks rules alone and against each other. A profile whose rules would trap users can't be published.

use super::{
    ModuleGrant,
    problem::{Problem, Severity, condition_problems},
};
use crate::{
    access::Action,
    catalogue::{Catalogue, ModuleShape, SYSTEM_FIELDS},
    condition::{Compiler, Operand},
    rule::{Effect, Rule},
    value::OwnedValue,
};
use std::collections::BTreeSet;

/// Most rules of one module.
const MAX_RULES: usize = 500;

/// Checks the rules of one module.
pub(super) fn check(
    name: &str,
    grant: &ModuleGrant,
    shape: &ModuleShape,
    catalogue: &Catalogue,
    path: &str,
    found: &mut Vec<Problem>,
) {
    if grant.rules.len() > MAX_RULES {
        let path = format!("{path}/rules");
        found.push(Problem::new(Severity::Error, path, "too_many_rules", &[("module", name)]));
        return;
    }
    let mut ids = BTreeSet::new();
    for (i, rule) in grant.rules.iter().enumerate() {
        let path = format!("{path}/rules/{i}");
        let about = [("module", name), ("rule", rule.id.as_str())];
        let mut report = |severity, place: &str, code: &str, more: &[(&str, &str)]| {
            let mut args = about.to_vec();
            args.extend(more);
            found.push(Problem::new(severity, format!("{path}{place}"), code, &args));
        };
        if rule.id.is_empty() || !ids.insert(rule.id.as_str()) {
            report(Severity::Error, "/id", "rule_id_not_unique", &[]);
        }
        if rule.effects.is_empty() {
            report(Severity::Error, "/effects", "rule_without_effect", &[]);
        }
        for (j, effect) in rule.effects.iter().enumerate() {
            if let Some((code, field)) = effect_problem(effect, grant, shape) {
                let place = format!("/effects/{j}");
                report(Severity::Error, &place, code, &[("field", field)]);
            }
        }
        let mut compiler = Compiler::new(name, catalogue);
        compiler.compile(&rule.when, true);
        let path = format!("{path}/when");
        found.extend(condition_problems(&path, &compiler.problems, &about));
    }
    let holds_one = |field: &str| Operand::holds_one(field, name, catalogue);
    check_pairs(name, &grant.rules, &holds_one, path, found);
    for i in circular(&grant.rules) {
        let rule = grant.rules[i].id.as_str();
        found.push(Problem::new(
            Severity::Error,
            format!("{path}/rules/{i}"),
            "rules_in_a_circle",
            &[("module", name), ("rule", rule)],
        ));
    }
}

/// What is wrong with one effect: code, and the field or other thing that it names.
fn effect_problem<'a>(effect: &'a Effect, grant: &ModuleGrant, shape: &ModuleShape) -> Option<(&'static str, &'a str)> {
    if let Some(field) = effect.field() {
        if SYSTEM_FIELDS.contains(&field) {
            return Some(("field_not_governed", field));
        }
        if !shape.fields.contains_key(field) {
            return Some(("unknown_field", field));
        }
    }
    match effect {
        Effect::Mandatory { field } => {
            let writable =
                (grant.fields.get(field)).is_some_and(|g| g.access.is_writable() || g.while_creating().is_writable());
            (!writable).then_some(("mandatory_not_writable", field))
        }
        Effect::AllowedValues { field, values } => {
            let known = &shape.fields.get(field)?.values;
            match shape.fields.get(field)?.kind.has_keys() {
                true => (values.iter()).find(|v| !known.contains(v)).map(|v| ("unknown_value", v.as_str())),
                false => Some(("not_a_picklist", field)),
            }
        }
        Effect::SetValue { field, value } => {
            let shape = shape.fields.get(field)?;
            (!shape.takes(value)).then_some(("bad_value", field))
        }
        Effect::HideBlock { block } => {
            let known = shape.fields.values().any(|f| f.block == *block);
            (!known).then_some(("unknown_block", block))
        }
        Effect::HideRelated { related } => {
            (!shape.related.contains(related)).then_some(("unknown_related_list", related))
        }
        // Lists and counts are made in the database, where rules don't count: rows are narrowed by the
        // module's record condition.
        Effect::ActionOff { action: Action::View } => Some(("view_is_not_switched_by_rules", "")),
        Effect::Message { text } if text.is_empty() => Some(("message_missing", "")),
        _ => None,
    }
}

/// Conflicts between two rules that may hold at once.
fn check_pairs(name: &str, rules: &[Rule], holds_one: &dyn Fn(&str) -> bool, path: &str, found: &mut Vec<Problem>) {
    let set = |rule: &Rule| -> Vec<(String, OwnedValue)> {
        (rule.effects.iter())
            .filter_map(|e| match e {
                Effect::SetValue { field, value } => Some((field.clone(), value.clone())),
                _ => None,
            })
            .collect()
    };
    let mut conflict = |severity, code: &str, at: usize, b: &Rule, field: &str| {
        let a = &rules[at].id;
        let args = [("module", name), ("rule", a), ("other_rule", &b.id), ("field", field)];
        found.push(Problem::new(severity, format!("{path}/rules/{at}"), code, &args));
    };
    let active = || rules.iter().enumerate().filter(|(_, r)| r.enabled);
    for (i, a) in active() {
        for effect in &a.effects {
            let Effect::Mandatory { field } = effect else { continue };
            for (_, b) in active().filter(|(_, b)| !a.when.excludes(&b.when, holds_one)) {
                let closes = |e: &Effect| {
                    matches!(e, Effect::Visibility { field: f, access }
                    if f == field && !access.is_writable())
                };
                if b.effects.iter().any(closes) {
                    conflict(Severity::Error, "mandatory_not_writable", i, b, field);
                } else if b.effects.contains(&Effect::ReadOnlyRecord {}) {
                    conflict(Severity::Warning, "mandatory_in_read_only_record", i, b, field);
                }
            }
        }
        let own = set(a);
        if own.is_empty() {
            continue;
        }
        for (_, b) in active().filter(|(j, _)| *j > i) {
            if a.priority != b.priority || a.when.excludes(&b.when, holds_one) {
                continue;
            }
            for (field, value) in set(b) {
                if own.iter().any(|(f, v)| *f == field && *v != value) {
                    conflict(Severity::Error, "set_value_conflict", i, b, &field);
                }
            }
        }
    }
}

/// The places of the enabled rules that form a circle: a value that the rule sets changes, maybe through other rules,
/// what its own condition reads.
pub(crate) fn circular(rules: &[Rule]) -> Vec<usize> {
    // Only rules that set something lead anywhere; most set nothing.
    let setting: Vec<(usize, Vec<&str>)> = (rules.iter().enumerate())
        .filter(|(_, rule)| rule.enabled)
        .map(|(i, rule)| {
            let mut fields = Vec::new();
            for effect in &rule.effects {
                if let Effect::SetValue { field, .. } = effect {
                    fields.push(field.as_str());
                }
            }
            (i, fields)
        })
        .filter(|(_, fields)| !fields.is_empty())
        .collect();
    // Rule a leads to rule b when a sets a field that b's condition reads.
    let leads: Vec<Vec<usize>> = (setting.iter())
        .map(|(_, sets)| {
            let read_by = |b: &usize| rules[setting[*b].0].when.fields().any(|f| sets.contains(&f));
            (0..setting.len()).filter(read_by).collect()
        })
        .collect();
    let in_circle = |start: &usize| {
        let (mut seen, mut open) = (vec![false; setting.len()], leads[*start].clone());
        while let Some(next) = open.pop() {
            if next == *start {
                return true;
            }
            if !std::mem::replace(&mut seen[next], true) {
                open.extend(&leads[next]);
            }
        }
        false
    };
    (0..setting.len()).filter(in_circle).map(|at| setting[at].0).collect()
}
