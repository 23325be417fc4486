//! The views of a list that agents work by: which records, in which order. They follow from the module's definition: what
//! closes a record, what waits for the customer, who owns it.

use crate::pages::module::Module;
use serde_json::{Value, json};

/// A view of a module's list.
#[derive(Debug, Clone)]
pub(crate) struct View {
    /// As in addresses: `?view=mine`.
    pub(crate) name: &'static str,
    /// Key of its label.
    pub(crate) label: &'static str,
    pub(crate) icon: &'static str,
    /// The tests that its records meet.
    pub(crate) tests: Vec<Value>,
    /// Its order, where it has one of its own.
    pub(crate) sort: Option<&'static str>,
}

/// The order of every list in the console that nobody chose another one for.
pub(crate) const LATEST: &str = "-last_activity_at";

/// The name of the view that shows everything.
pub(crate) const ALL: &str = "all";
/// The one with which a list opens.
pub(crate) const OPEN: &str = "open";

/// The views of a module, in the order of its tabs; none where nothing is ever closed.
pub(crate) fn of(module: Module<'_>) -> Vec<View> {
    let definition = module.definition;
    if definition.closed_values.is_empty() {
        return Vec::new();
    }
    let open = || json!({"field": "closed_at", "op": "is_empty"});
    let view = |name, label, icon, tests| View { name, label, icon, tests, sort: None };
    let mut views = Vec::new();
    if !definition.owner_field.is_empty() {
        let owner = definition.owner_field.as_str();
        let mine = json!({"field": owner, "op": "is_viewer"});
        views.push(view("mine", "view-mine", "inbox", vec![open(), mine]));
        let nobodys = json!({"field": owner, "op": "is_empty"});
        views.push(view("unassigned", "view-unassigned", "user-round", vec![open(), nobodys]));
    }
    if definition.comments {
        let answered = json!({"field": "last_word", "op": "eq", "value": "customer"});
        // Where nothing has happened for longest comes first.
        let sort = Some("last_activity_at");
        views.push(View { sort, ..view("answered", "view-answered", "reply", vec![open(), answered]) });
    }
    if !definition.awaiting_value.is_empty() && !definition.status_field.is_empty() {
        let waits = json!({"field": definition.status_field, "op": "eq", "value": definition.awaiting_value});
        views.push(view("waiting", "view-waiting", "clock", vec![open(), waits]));
    }
    views.push(view(OPEN, "view-open", "ticket", vec![open()]));
    views.push(view(ALL, "view-all", "folder", Vec::new()));
    views
}

/// The view that an address names, or the one with which the list opens.
pub(crate) fn chosen(views: &[View], name: &str) -> Option<View> {
    let named = views.iter().find(|view| view.name == name);
    named.or_else(|| views.iter().find(|view| view.name == OPEN)).cloned()
}
