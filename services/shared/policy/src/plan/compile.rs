//! From a published profile to the plan of one contact.

use super::{AccessPlan, ChosenProfile, ModuleAccess, Modules, PlanEffect, PlanField, PlanRule, Subject};
use crate::{
    access::{Access, Action, PerAction, Scope},
    catalogue::{COMPANIES, Catalogue, ModuleShape, is_read_only_from_outside},
    condition::{CompiledCondition, Compiler, Viewer},
    profile::{FieldGrant, Grant, ModuleGrant, Profile, circular},
    rule::Effect,
};
use fields::FieldType;
use kernel::{ActorKind, Rights};
use std::{collections::BTreeMap, sync::Arc};

/// What is known of a contact when its plan is made.
#[derive(Debug, Clone, PartialEq)]
pub struct ContactGrant {
    /// The contact's id.
    pub id: String,
    /// The contact's number in the read model.
    pub contact_number: Option<u64>,
    /// The ids and read-model numbers of the contact's companies.
    pub companies: Vec<(String, u64)>,
    /// `department` and `language`, for conditions.
    pub fields: BTreeMap<String, String>,
    /// The contact is the company's own portal user: what says `inherit` reaches the company, whatever the profile says.
    pub stands_for_company: bool,
    /// The profile's id and published version, and why it was chosen.
    pub profile: ChosenProfile,
    /// The position of the permissions log.
    pub policy_version: i64,
}

/// What is known of a company when the plan of its secure link is made.
#[derive(Debug, Clone, PartialEq)]
pub struct CompanyGrant {
    /// The company's id.
    pub id: String,
    /// The company's number in the read model.
    pub number: u64,
    /// The profile's id and published version.
    pub profile: ChosenProfile,
    /// The position of the permissions log.
    pub policy_version: i64,
}

/// What is off for whoever came by a link, whatever the profile says: it is not known who that is, and data that was
/// taken out can't be called back.
const NOT_BY_LINK: [Action; 3] = [Action::Export, Action::Upload, Action::Delete];

impl AccessPlan {
    /// The plan that a profile gives a contact in an installation. It grants at most what the document
    /// says: what the installation doesn't have, what no contact may have (all records of a module with
    /// customer data, making companies) and what a broken document says in excess is left out.
    pub fn for_contact(
        profile: &Profile,
        contact: ContactGrant,
        catalogue: &Catalogue,
        installation_scope: Scope,
    ) -> AccessPlan {
        let inherited = match profile.default_scope {
            _ if contact.stands_for_company => Scope::Company,
            Scope::None => installation_scope,
            scope => scope,
        };
        let mut viewer = Viewer::new(ActorKind::Contact, &contact.id);
        let (ids, numbers) = contact.companies.into_iter().unzip();
        viewer.companies = ids;
        viewer.fields = contact.fields;
        AccessPlan {
            contact_number: contact.contact_number,
            company_numbers: numbers,
            policy_version: contact.policy_version,
            require_mfa: profile.require_mfa,
            ..granted(profile, viewer, contact.profile, modules(profile, catalogue, inherited))
        }
    }

    /// The plan that a profile gives whoever came by a company's secure link. *Company* means this company; *mine*
    /// means nothing, because no person is known who could own a record; exports, files and deletions are off. A second
    /// factor is not asked for: there is nobody who could set one up.
    pub fn for_company(
        profile: &Profile,
        company: CompanyGrant,
        catalogue: &Catalogue,
        installation_scope: Scope,
    ) -> AccessPlan {
        let inherited = match profile.default_scope {
            Scope::None => installation_scope,
            scope => scope,
        };
        let mut modules = modules(profile, catalogue, inherited);
        for access in modules.values_mut() {
            for action in Action::ALL {
                if NOT_BY_LINK.contains(&action) || access.actions.get(action) == Scope::Mine {
                    access.actions.set(action, Scope::None);
                }
            }
        }
        modules.retain(|_, access| access.actions != PerAction::default());
        let mut viewer = Viewer::new(ActorKind::Company, &company.id);
        viewer.companies = vec![company.id];
        AccessPlan {
            company_numbers: vec![company.number],
            policy_version: company.policy_version,
            ..granted(profile, viewer, company.profile, modules)
        }
    }
}

/// The modules that a profile opens to somebody from outside.
fn modules(profile: &Profile, catalogue: &Catalogue, inherited: Scope) -> BTreeMap<String, ModuleAccess> {
    (profile.modules.iter())
        .filter(|(_, grant)| grant.enabled)
        .filter_map(|(name, grant)| {
            let shape = catalogue.module(name)?;
            Some((name.clone(), module(name, grant, shape, catalogue, inherited)))
        })
        // A module without any action does not exist for the subject.
        .filter(|(_, access)| access.actions != PerAction::default())
        .collect()
}

/// What a profile gives everybody who has it; whose records are reached is for the caller to say.
fn granted(
    profile: &Profile,
    viewer: Viewer,
    chosen: ChosenProfile,
    modules: BTreeMap<String, ModuleAccess>,
) -> AccessPlan {
    AccessPlan {
        subject: Subject { kind: viewer.kind, id: viewer.id.clone() },
        policy_version: 0,
        profile: chosen,
        contact_number: None,
        company_numbers: Vec::new(),
        viewer,
        rights: Rights::default(),
        modules: Modules(Arc::new(modules)),
        any_module: None,
        home: profile.home.clone(),
        owner: profile.owner.clone(),
        picklist_source: profile.picklist_source.clone(),
        templates: profile.templates.clone(),
        require_mfa: false,
    }
}

fn module(
    name: &str,
    grant: &ModuleGrant,
    shape: &ModuleShape,
    catalogue: &Catalogue,
    inherited: Scope,
) -> ModuleAccess {
    let fields: Vec<PlanField> = shape
        .fields
        .iter()
        .filter_map(|(field, known)| {
            let granted = reduced(name, field, known.kind, grant.fields.get(field).copied().unwrap_or_default());
            // A hidden field has a place only when a rule sets its value.
            let set = || {
                (grant.rules.iter().flat_map(|r| &r.effects))
                    .any(|e| matches!(e, Effect::SetValue { field: f, .. } if f == field))
            };
            let visible = granted.access.is_visible() || granted.while_creating().is_visible();
            (visible || set()).then(|| PlanField {
                name: field.clone(),
                kind: known.kind,
                access: granted.access,
                on_create: granted.while_creating(),
                mandatory: granted.mandatory || known.mandatory,
            })
        })
        .collect();
    let mut access = ModuleAccess {
        menu: grant.menu.clone(),
        actions: actions(name, grant, shape, inherited),
        record_condition: (grant.record_condition.as_ref()).map(|c| CompiledCondition::lenient(c, name, catalogue)),
        related: grant.related.clone(),
        fields,
        other_fields: Access::Hidden,
        ..ModuleAccess::default()
    };
    rules(name, grant, shape, catalogue, &mut access);
    access.list = grant.list.clone();
    let columns = std::mem::take(&mut access.list.columns);
    access.list.columns = columns.into_iter().filter(|c| access.field(c, false).is_visible()).collect();
    let sortable = |sort: &str| access.field(sort.trim_start_matches('-'), false).is_readable();
    if !access.list.sort.as_deref().is_some_and(sortable) {
        access.list.sort = None;
    }
    access
}

/// What a profile says of a field, without what nobody from outside may have.
fn reduced(module: &str, field: &str, kind: FieldType, granted: FieldGrant) -> FieldGrant {
    if !is_read_only_from_outside(module, field, kind) {
        return granted;
    }
    FieldGrant {
        access: granted.access.min(Access::Read),
        on_create: granted.on_create.map(|access| access.min(Access::Read)),
        mandatory: false,
    }
}

fn actions(name: &str, grant: &ModuleGrant, shape: &ModuleShape, inherited: Scope) -> PerAction<Scope> {
    let inherited = grant.scope.unwrap_or(inherited);
    let reach = |action| match grant.actions.get(action) {
        // Records of no customer are tied to nobody: whoever may act there at all may act on all.
        Grant::Inherit if shape.without_customer_data && inherited != Scope::None => Scope::All,
        granted if shape.without_customer_data => granted.resolve(inherited),
        granted => granted.resolve(inherited).min(Scope::Company),
    };
    let view = reach(Action::View);
    let mut actions = PerAction::default();
    for action in Action::ALL {
        let scope = match action {
            Action::View => view,
            // Whoever creates need not see; and companies come from the operator alone.
            Action::Create if name == COMPANIES => Scope::None,
            Action::Create => reach(action),
            _ => reach(action).min(view),
        };
        actions.set(action, scope);
    }
    actions
}

fn rules(name: &str, grant: &ModuleGrant, shape: &ModuleShape, catalogue: &Catalogue, access: &mut ModuleAccess) {
    let place = |field: &str| access.place(field).and_then(|at| u16::try_from(at).ok());
    let circle = circular(&grant.rules);
    let mut compiler = Compiler::new(name, catalogue);
    let mut rules = Vec::new();
    for (i, rule) in grant.rules.iter().enumerate().filter(|(_, r)| r.enabled) {
        let when = compiler.compile(&rule.when, true);
        // What is broken still closes, but it never sets a value.
        let sets = !when.is_broken() && !circle.contains(&i);
        let effect = |effect: &Effect| -> Option<PlanEffect> {
            Some(match effect {
                Effect::Visibility { field, access } => PlanEffect::Visibility(place(field)?, *access),
                Effect::Mandatory { field } => PlanEffect::Mandatory(place(field)?),
                Effect::SetValue { field, value } => {
                    let known = shape.fields.get(field)?;
                    if !sets || !known.takes(value) {
                        return None;
                    }
                    PlanEffect::SetValue(place(field)?, value.clone())
                }
                Effect::AllowedValues { field, values } => PlanEffect::AllowedValues(place(field)?, values.clone()),
                Effect::ReadOnlyRecord {} => PlanEffect::ReadOnlyRecord,
                Effect::HideBlock { block } => {
                    let inside = |f: &&PlanField| shape.fields.get(&f.name).is_some_and(|s| s.block == *block);
                    let names = access.fields.iter().filter(inside).map(|f| f.name.as_str());
                    PlanEffect::HideBlock(block.clone(), names.filter_map(place).collect())
                }
                Effect::HideRelated { related } => PlanEffect::HideRelated(related.clone()),
                Effect::ActionOff { action } => PlanEffect::ActionOff(*action),
                Effect::Message { text } => PlanEffect::Message(text.clone()),
            })
        };
        rules.push(PlanRule {
            id: rule.id.clone(),
            priority: rule.priority,
            effects: rule.effects.iter().filter_map(effect).collect(),
            when,
            public_reason: rule.public_reason.clone(),
        });
    }
    access.operands = compiler.operands;
    access.rules = rules;
}
