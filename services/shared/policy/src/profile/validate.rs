//! What is wrong with a profile, said by place, code and facts; and what saving it takes away.

use super::{
    ButtonAction, FieldGrant, Grant, ModuleGrant, NON_PORTAL_USERS_NAME, Profile,
    problem::{Problem, Severity, condition_problems, pointer},
    rules,
};
use crate::{
    access::{Access, Action, Scope},
    catalogue::{COMPANIES, Catalogue, ModuleShape, SYSTEM_FIELDS, is_read_only_from_outside},
    condition::CompiledCondition,
};
use fields::{FieldType, calendar::day_number};

impl Profile {
    /// Everything that is wrong with the document in an installation. With an error in it, it must not
    /// be published. Call [`Profile::normalise`] first: what that repairs is reported there.
    pub fn validate(&self, catalogue: &Catalogue) -> Vec<Problem> {
        let mut found = Vec::new();
        if self.name.trim().is_empty() {
            found.push(Problem::new(Severity::Error, "/name".to_owned(), "name_missing", &[]));
        }
        if self.default_scope == Scope::All {
            let path = "/default_scope".to_owned();
            found.push(Problem::new(Severity::Error, path, "scope_all_refused", &[]));
        }
        if self.require_mfa && self.name == NON_PORTAL_USERS_NAME {
            // It governs contacts who were given the profile, and nobody who comes by a link.
            let path = "/require_mfa".to_owned();
            found.push(Problem::new(Severity::Warning, path, "links_have_no_second_factor", &[]));
        }
        for (name, grant) in &self.modules {
            let path = format!("/modules/{}", pointer(name));
            match catalogue.module(name) {
                None => found.push(Problem::new(Severity::Warning, path, "unknown_module", &[("module", name)])),
                Some(shape) => {
                    check_module(name, grant, shape, catalogue, &path, &mut found);
                    rules::check(name, grant, shape, catalogue, &path, &mut found);
                }
            }
        }
        if let Some(matching) = &self.matching {
            let path = "/matching/when";
            // Only the contact and its companies are known where profiles are matched.
            for field in matching.when.fields() {
                if !field.starts_with("contact.") && !field.starts_with("company.") {
                    found.push(Problem::new(
                        Severity::Error,
                        path.to_owned(),
                        "not_a_contact_or_company_field",
                        &[("field", field)],
                    ));
                }
            }
            if let Err(problems) = CompiledCondition::matching(&matching.when, catalogue) {
                found.extend(condition_problems(path, &problems, &[]));
            }
        }
        self.check_home(&mut found);
        found
    }

    fn check_home(&self, found: &mut Vec<Problem>) {
        for (i, button) in self.home.buttons.iter().enumerate() {
            let (module, action) = match &button.action {
                ButtonAction::Open(module) => (module, Action::View),
                ButtonAction::Create(module) => (module, Action::Create),
            };
            let granted = (self.modules.get(module)).is_some_and(|m| m.enabled && m.actions.get(action) != Grant::None);
            if !granted {
                found.push(Problem::new(
                    Severity::Warning,
                    format!("/home/buttons/{i}"),
                    "button_never_shown",
                    &[("module", module)],
                ));
            }
            if button.title.is_empty() {
                let path = format!("/home/buttons/{i}/title");
                found.push(Problem::new(Severity::Error, path, "title_missing", &[]));
            }
        }
        if let Some(announcement) = &self.home.announcement {
            for (name, day) in [("from", &announcement.from), ("to", &announcement.to)] {
                if day.as_deref().is_some_and(|d| day_number(d).is_none()) {
                    let path = format!("/home/announcement/{name}");
                    found.push(Problem::new(Severity::Error, path, "not_a_date", &[]));
                }
            }
        }
    }

    /// Takes away what can't be: list columns and sorts whose field is hidden, the creation of companies, and the writing
    /// of what decides what a contact sees. Answers what was taken away, so that saving can say it.
    pub fn normalise(&mut self, catalogue: &Catalogue) -> Vec<Problem> {
        let mut taken = Vec::new();
        for (name, grant) in &mut self.modules {
            let path = format!("/modules/{}", pointer(name));
            if name == COMPANIES && grant.actions.get(Action::Create) != Grant::None {
                grant.actions.set(Action::Create, Grant::None);
                taken.push(Problem::new(
                    Severity::Warning,
                    format!("{path}/actions/create"),
                    "companies_are_not_created_from_the_portal",
                    &[("module", name)],
                ));
            }
            for (field, granted) in &mut grant.fields {
                let writable = granted.access.is_writable() || granted.while_creating().is_writable();
                let kind = catalogue.field_type(name, field).unwrap_or(FieldType::Text);
                if is_read_only_from_outside(name, field, kind) && (writable || granted.mandatory) {
                    *granted = FieldGrant::new(Access::Read);
                    taken.push(Problem::new(
                        Severity::Warning,
                        format!("{path}/fields/{}", pointer(field)),
                        "field_is_read_only_from_the_portal",
                        &[("module", name), ("field", field)],
                    ));
                }
            }
            if catalogue.module(name).is_none() {
                continue;
            }
            let fields = &grant.fields;
            let hidden = |field: &str| {
                !SYSTEM_FIELDS.contains(&field) && fields.get(field).is_none_or(|f| f.access == Access::Hidden)
            };
            let list = &mut grant.list;
            list.columns.retain(|column| {
                if hidden(column) {
                    taken.push(Problem::new(
                        Severity::Warning,
                        format!("{path}/list/columns"),
                        "column_removed",
                        &[("module", name), ("field", column)],
                    ));
                }
                !hidden(column)
            });
            if let Some(field) = list.sort.as_deref().map(|s| s.trim_start_matches('-'))
                && hidden(field)
            {
                taken.push(Problem::new(
                    Severity::Warning,
                    format!("{path}/list/sort"),
                    "sort_removed",
                    &[("module", name), ("field", field)],
                ));
                list.sort = None;
            }
        }
        taken
    }
}

fn check_module(
    name: &str,
    grant: &ModuleGrant,
    shape: &ModuleShape,
    catalogue: &Catalogue,
    path: &str,
    found: &mut Vec<Problem>,
) {
    let mut report = |severity, place: String, code: &str, args: &[(&str, &str)]| {
        let mut all = vec![("module", name)];
        all.extend(args);
        found.push(Problem::new(severity, format!("{path}/{place}"), code, &all));
    };
    use Severity::{Error, Warning};

    for action in Action::ALL {
        let granted = grant.actions.get(action);
        let place = format!("actions/{}", action.as_str());
        if granted == Grant::All && !shape.without_customer_data {
            report(Error, place.clone(), "scope_all_refused", &[]);
        }
        if granted != Grant::None && name == COMPANIES && action == Action::Create {
            report(Error, place.clone(), "companies_are_not_created_from_the_portal", &[]);
        }
        let needs_view = !matches!(action, Action::View | Action::Create);
        if granted != Grant::None && needs_view && grant.actions.get(Action::View) == Grant::None {
            report(Warning, place, "action_without_view", &[("action", action.as_str())]);
        }
    }
    if grant.scope == Some(Scope::All) && !shape.without_customer_data {
        report(Error, "scope".to_owned(), "scope_all_refused", &[]);
    }
    for (field, access) in &grant.fields {
        let place = format!("fields/{}", pointer(field));
        let args = [("field", field.as_str())];
        if !shape.fields.contains_key(field) {
            report(Warning, place, "unknown_field", &args);
            continue;
        }
        let writable = access.access.is_writable() || access.while_creating().is_writable();
        if access.mandatory && !writable {
            report(Error, place, "mandatory_not_writable", &args);
        }
    }
    if grant.actions.get(Action::Create) != Grant::None {
        for (field, _) in shape.fields.iter().filter(|(_, f)| f.mandatory) {
            let writable = grant.fields.get(field).is_some_and(|g| g.while_creating().is_writable());
            // The records service fills some by itself (the contact, the company, a default value).
            let tie = [&shape.contact_field, &shape.company_field];
            if !writable && !tie.contains(&&Some(field.clone())) {
                let place = format!("fields/{}", pointer(field));
                report(Warning, place, "mandatory_field_not_offered", &[("field", field)]);
            }
        }
    }
    for (i, column) in grant.list.columns.iter().enumerate() {
        let known = SYSTEM_FIELDS.contains(&column.as_str()) || shape.fields.contains_key(column);
        let place = format!("list/columns/{i}");
        let visible =
            SYSTEM_FIELDS.contains(&column.as_str()) || grant.fields.get(column).is_some_and(|f| f.access.is_visible());
        let args = [("field", column.as_str())];
        if !visible {
            report(Error, place, "column_hidden", &args);
        } else if !known {
            report(Warning, place, "unknown_field", &args);
        }
    }
    if let Some(field) = grant.list.sort.as_deref().map(|s| s.trim_start_matches('-')) {
        let readable =
            SYSTEM_FIELDS.contains(&field) || grant.fields.get(field).is_some_and(|f| f.access.is_readable());
        if !readable {
            report(Error, "list/sort".to_owned(), "sort_not_readable", &[("field", field)]);
        }
    }
    for (i, related) in grant.related.iter().enumerate() {
        if !shape.related.contains(related) {
            let place = format!("related/{i}");
            report(Warning, place, "unknown_related_list", &[("related", related)]);
        }
    }
    if let Some(condition) = &grant.record_condition
        && let Err(problems) = CompiledCondition::new(condition, name, catalogue)
    {
        let path = format!("{path}/record_condition");
        found.extend(condition_problems(&path, &problems, &[("module", name)]));
    }
}
