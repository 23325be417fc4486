//! The gates of lists: what may be sorted by, filtered by and searched.

use crate::{
    access::{Action, Scope},
    catalogue::{COMPANIES, CONTACTS, Catalogue, Conversational},
    condition::{CompiledCondition, Condition},
    plan::{AccessPlan, ModuleAccess},
    record::FieldRefusal,
};

/// What a list was asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct ListRequest<'a> {
    /// Fields to sort by, without the sign.
    pub sort: &'a [&'a str],
    /// The caller's filter.
    pub filter: Option<&'a Condition>,
}

/// May a list be sorted and filtered like that? Answers the filter, ready for SQL.
///
/// A field that is hidden answers like one that does not exist; one that is masked, that a rule may hide on some
/// records, or that is a long text, and the version, which means something else to each viewer, is `not_filterable`.
/// Nothing else about a refused field is said: names are
/// judged before operators and values.
pub fn check_list(
    plan: &AccessPlan,
    module: &str,
    request: ListRequest<'_>,
    catalogue: &Catalogue,
) -> Result<Option<CompiledCondition>, Vec<FieldRefusal>> {
    let mut refusals = Vec::new();
    let Some(access) = plan.module(module) else {
        return Err(vec![FieldRefusal::new("module", "unknown_field")]);
    };
    let filter = request.filter.into_iter().flat_map(Condition::fields);
    for (field, sorts) in (request.sort.iter().map(|f| (*f, true))).chain(filter.map(|f| (f, false))) {
        let refused = refuse(plan, access, module, field, sorts, catalogue);
        if let Some(code) = refused
            && !refusals.iter().any(|r: &FieldRefusal| r.field == field)
        {
            refusals.push(FieldRefusal::new(field, code));
        }
    }
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let Some(condition) = request.filter else { return Ok(None) };
    CompiledCondition::new(condition, module, catalogue).map(Some).map_err(|problems| {
        problems
            .iter()
            .map(|p| FieldRefusal::new(if p.field.is_empty() { "filter" } else { &p.field }, p.code))
            .collect()
    })
}

fn refuse(
    plan: &AccessPlan,
    access: &ModuleAccess,
    module: &str,
    field: &str,
    sorts: bool,
    catalogue: &Catalogue,
) -> Option<&'static str> {
    let judge = |access: &ModuleAccess, module: &str, field: &str| {
        if let Some(refused) = conversational(plan, access, catalogue, module, field) {
            return Some(refused);
        }
        let granted = access.field(field, false);
        let Some(kind) = catalogue.field_type(module, field).filter(|_| granted.is_visible()) else {
            return Some("unknown_field");
        };
        let told = !granted.is_readable() || access.may_be_hidden_by_a_rule(field) || field == "version";
        (told || kind.is_long()).then_some("not_filterable")
    };
    match field.split_once('.') {
        None if !sorts && matches!(field, "now" | "today") => None,
        None => judge(access, module, field),
        // Who looks is no secret to who looks.
        Some(("viewer", _)) if !sorts => None,
        // A record may be tied to a contact that the viewer doesn't see: only who sees all may ask.
        Some((hop @ ("contact" | "company"), field)) if !sorts => {
            let target = if hop == "contact" { CONTACTS } else { COMPANIES };
            let whole = plan.scope(target, Action::View) == Scope::All;
            match plan.module(target).filter(|m| whole && m.record_condition.is_none()) {
                Some(access) => judge(access, target, field),
                None => Some("unknown_field"),
            }
        }
        Some(_) => Some("unknown_field"),
    }
}

/// What a field that every record has tells of its conversation may be asked for by those alone who read that on every
/// record. None when it may, or the field tells nothing of it.
fn conversational(
    plan: &AccessPlan,
    access: &ModuleAccess,
    catalogue: &Catalogue,
    module: &str,
    field: &str,
) -> Option<&'static str> {
    match Conversational::of(field)? {
        Conversational::Waiting if !plan.is_internal() => Some("unknown_field"),
        Conversational::Comments | Conversational::Waiting => (!access.reads_comments()).then_some("not_filterable"),
        Conversational::Status => {
            let status = catalogue.module(module).and_then(|m| m.status_field.as_deref())?;
            (!access.searches(status)).then_some("not_filterable")
        }
    }
}

impl ModuleAccess {
    /// True when comments are read on every record that is seen.
    pub fn reads_comments(&self) -> bool {
        let seen = self.actions.get(Action::View);
        seen != Scope::None && self.actions.get(Action::ViewComments) >= seen && !self.may_be_off(Action::ViewComments)
    }

    /// True when the text of a field may be found by search in the database: it is read on every record.
    pub fn searches(&self, field: &str) -> bool {
        self.field(field, false).is_readable() && !self.may_be_hidden_by_a_rule(field)
    }
}

#[cfg(test)]
mod tests;
