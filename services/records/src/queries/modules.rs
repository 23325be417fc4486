//! The modules that exist for a caller, with what it may do in each.

use crate::{
    catalogue::tags::tag_of,
    codec,
    domain::module::Module,
    service::{Caller, Records},
};
use kernel::Error;
use policy::{Action, ModuleAccess, Scope};
use proto::records::v1::{ListModulesRequest, ListModulesResponse, ModuleDefinition, ModuleView};

impl Records {
    /// The modules that the caller sees; fields that are hidden from it are left out of the definitions. What the caller
    /// has already is named by its tag only: every page needs the modules, and they hardly ever change.
    pub async fn modules(&self, caller: &Caller, request: &ListModulesRequest) -> Result<ListModulesResponse, Error> {
        let modules = self.catalogue.modules().await?;
        if let Some(tag) = self.module_tags.get(&caller.plan, &modules)
            && request.known.contains(&tag)
        {
            return Ok(ListModulesResponse { modules: Vec::new(), tag });
        }
        let views = modules.iter().filter_map(|defined| {
            let access = caller.plan.module(defined.module.name())?;
            view(&defined.module, access, caller.plan.is_internal())
        });
        let mut answer = ListModulesResponse { modules: views.collect(), tag: Vec::new() };
        answer.tag = tag_of(&answer);
        self.module_tags.keep(&caller.plan, &modules, answer.tag.clone());
        if request.known.contains(&answer.tag) {
            answer.modules.clear();
        }
        Ok(answer)
    }
}

fn view(module: &Module, access: &ModuleAccess, internal: bool) -> Option<ModuleView> {
    let scope = access.actions.get(Action::View);
    if scope == Scope::None && access.actions.get(Action::Create) == Scope::None {
        return None;
    }
    let seen = |name: &str| access.field(name, false).is_visible() || access.field(name, true).is_visible();
    // A record that exists and one that is being made may differ; the form of each asks the gate again.
    let granted = |name: &str| access.field(name, false).max(access.field(name, true));
    let kept = |name: &str| if name.is_empty() || !seen(name) { String::new() } else { name.to_owned() };
    let definition = &module.definition;
    let mut fields: Vec<_> = definition.fields.iter().filter(|f| seen(&f.name)).map(codec::field_message).collect();
    if !internal {
        // Customers read the words that are meant for them, and never learn that there are others.
        for value in fields.iter_mut().flat_map(|f| &mut f.values) {
            let own = std::mem::take(&mut value.customer_labels);
            if !own.is_empty() {
                value.labels = own;
            }
        }
    }
    let columns = if access.list.columns.is_empty() { &definition.list_columns } else { &access.list.columns };
    let system = |name: &str| policy::SYSTEM_FIELDS.contains(&name);
    let actions = Action::ALL.iter().filter(|a| access.actions.get(**a) != Scope::None);
    // What has a default need not be given.
    let mandatory = module.fields.iter().filter(|f| {
        let asked = f.mandatory && access.field(&f.name, true).is_writable();
        f.default.is_none() && (asked || access.mandatory_on_create(&f.name))
    });
    Some(ModuleView {
        access: fields.iter().map(|f| (f.name.clone(), granted(&f.name).as_str().to_owned())).collect(),
        actions: actions.map(|a| a.as_str().to_owned()).collect(),
        scope: scope.as_str().to_owned(),
        mandatory: mandatory.map(|f| f.name.clone()).collect(),
        being_prepared: module
            .fields
            .iter()
            .filter(|f| f.promoted && !f.sortable && seen(&f.name))
            .map(|f| f.name.clone())
            .collect(),
        definition: Some(ModuleDefinition {
            title_field: definition.title_field.split(' ').filter(|n| seen(n)).collect::<Vec<_>>().join(" "),
            contact_field: kept(&definition.contact_field),
            company_field: kept(&definition.company_field),
            owner_field: kept(&definition.owner_field),
            closed_values: if seen(&definition.status_field) { definition.closed_values.clone() } else { Vec::new() },
            awaiting_value: if seen(&definition.status_field) {
                definition.awaiting_value.clone()
            } else {
                String::new()
            },
            active_value: if seen(&definition.status_field) { definition.active_value.clone() } else { String::new() },
            status_field: kept(&definition.status_field),
            list_columns: columns.iter().filter(|c| system(c) || seen(c)).cloned().collect(),
            fields,
            ..codec::definition_message(definition)
        }),
    })
}
