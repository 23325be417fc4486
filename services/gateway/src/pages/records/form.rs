//! The form that makes and changes records of any module: which fields it has, what they hold, what is wrong with them.

use crate::{
    backend::{agents, catalogue::visible, records},
    pages::{
        answer::Answer,
        ask::{Ask, Posted, html},
        module::{Module, kind, label, may, raw, text, title_of, value_of},
        records::{
            fetch, history, rules,
            shown::{Long, Showing},
        },
        scene::{Me, Scene},
    },
};
use axum::extract::Path;
use fields::{Display, Family, PointsTo};
use gateway_ui::{
    Lang, fmt,
    vm::{
        Choice, Control, FieldFault, FormBlock, FormFault, FormField, FormMode, FormPage, RelationPicker,
        SuggestionsFragment,
    },
};
use http::StatusCode;
use kernel::{Error, FieldError};
use policy::Access;
use proto::{
    identity::v1::Agent,
    records::v1::{FieldDefinition, Record},
};
use std::collections::HashMap;

/// What a form shows besides the record: what was typed, what was wrong with it.
#[derive(Default)]
pub(crate) struct Draft {
    pub(crate) typed: Option<Posted>,
    pub(crate) fields: Vec<FieldError>,
    pub(crate) faults: Vec<FormFault>,
    /// The idempotency key again, after a failure whose outcome isn't known.
    pub(crate) form_id: Option<String>,
    pub(crate) expected_version: Option<i64>,
}

/// A field of the form.
pub(crate) struct Drawn<'a> {
    pub(crate) field: &'a FieldDefinition,
    /// It can be filled in; else it is shown.
    pub(crate) writable: bool,
    required: bool,
    /// Keys that can be chosen, where a rule limits them.
    options: Option<Vec<String>>,
}

/// The form of a new record; parameters of the address fill fields in.
pub(crate) async fn create(ask: Ask, Path(module): Path<String>) -> Answer {
    // What was typed before a detour knows also the records that were picked.
    let prefilled = ask.typed_before().unwrap_or_else(|| Posted::parse(&ask.look.query));
    let draft = Draft { typed: Some(prefilled), ..Draft::default() };
    let scene = Scene::open(&ask).await?;
    show(&scene, scene.module(&module)?, None, draft, StatusCode::OK).await
}

/// The form of a record.
pub(crate) async fn edit(ask: Ask, Path((module, id)): Path<(String, String)>) -> Answer {
    let me = Me::of(&ask).await?;
    let (views, record) = tokio::join!(visible(&ask.app), fetch::get(&ask, &module, &id));
    let (record, scene) = (record?, me.with(&ask, views?));
    let draft = Draft { typed: scene.ask.typed_before(), ..Draft::default() };
    show(&scene, scene.module(&module)?, Some(&record), draft, StatusCode::OK).await
}

/// The records that a picker's search box finds.
pub(crate) async fn suggest(ask: Ask, Path((module, field)): Path<(String, String)>) -> Answer {
    let scene = Scene::open(&ask).await?;
    let module = scene.module(&module)?;
    let definition =
        module.field(&field).filter(|f| kind(f).points_to() == Some(PointsTo::Record)).ok_or_else(Error::not_found)?;
    let text = Posted::parse(&ask.look.query).text(&format!("{field}.q"));
    let results = find(&ask, definition, &text, "").await?;
    html(StatusCode::OK, &SuggestionsFragment { lang: ask.lang(), field, results })
}

/// Records for a picker; none without a text, and none of a module that the viewer doesn't see.
async fn find(ask: &Ask, field: &FieldDefinition, text: &str, chosen: &str) -> Result<Vec<Choice>, Error> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let found = match records::suggest(&ask.app, &field.target_module, text).await {
        Ok(found) => found,
        Err(error)
            if matches!(error.code, kernel::Code::NotFound | kernel::Code::Invalid | kernel::Code::Forbidden) =>
        {
            Vec::new()
        }
        Err(error) => return Err(error),
    };
    let choice = |s: proto::records::v1::Suggestion| Choice {
        label: if s.title.is_empty() { s.number.clone() } else { s.title },
        detail: if s.detail.is_empty() { s.number } else { format!("{} · {}", s.number, s.detail) },
        selected: false,
        value: s.id,
    };
    Ok(found.into_iter().filter(|s| s.id != chosen).map(choice).collect())
}

/// The fields of the form in the module's order.
pub(crate) fn drawn<'a>(scene: &Scene, module: Module<'a>, record: Option<&Record>) -> Vec<Drawn<'a>> {
    let ruled = rules::fields(scene, module, record);
    let draw = |field: &'a FieldDefinition| {
        let rule = ruled.iter().find(|r| r.field == field.name);
        // Of a record that is there, the service has said what shows: it knows what the rules ask about its company.
        if record.is_none() && rule.is_some_and(|r| !r.visible) {
            return None;
        }
        let writable = match record {
            Some(record) => record.access(&field.name)? == "write" && may(record, "edit"),
            // A field that can't be filled in has nothing to show on a record that isn't there yet.
            None if scene.me.plan.field(module.name(), &field.name, true) != Access::Write => return None,
            None => true,
        };
        let asked = field.mandatory || (record.is_none() && module.view.mandatory.contains(&field.name));
        Some(Drawn {
            field,
            writable,
            required: writable && (asked || rule.is_some_and(|r| r.mandatory)),
            options: rule.and_then(|r| r.options.clone()),
        })
    };
    module.definition.fields.iter().filter_map(draw).collect()
}

/// The page with the form.
pub(crate) async fn show(
    scene: &Scene,
    module: Module<'_>,
    record: Option<&Record>,
    draft: Draft,
    status: StatusCode,
) -> Answer {
    let allowed = match record {
        Some(record) => may(record, "edit"),
        None => module.may("create"),
    };
    if !allowed {
        return Err(Error::forbidden("action_not_allowed").into());
    }
    let drawn = drawn(scene, module, record);
    let filling = Filling::gather(scene, module, record, &drawn, draft).await?;
    let list = scene.list_crumb(module);
    let (mode, action, cancel, crumbs) = match record {
        None => (FormMode::Create, format!("{}/new", list.url), list.url.clone(), vec![list]),
        Some(record) => {
            let url = scene.ask.record_url(module.name(), &record.id);
            let mode = FormMode::Edit {
                number: record.number.clone(),
                title: title_of(record),
                expected_version: filling.draft.expected_version.unwrap_or(record.visible_version),
            };
            let back = scene.record_crumb(module, &record.id, &record.number);
            (mode, fetch::edit_url(scene, module, record), url, vec![list, back])
        }
    };
    let chrome = scene.chrome();
    let page = FormPage {
        module: module.vm(scene.lang()),
        crumbs,
        mode,
        action,
        cancel_url: cancel,
        form_id: filling.draft.form_id.clone().unwrap_or_else(|| chrome.form_id("record").to_string()),
        hidden: Vec::new(),
        faults: filling.faults(&drawn),
        blocks: filling.blocks(&drawn),
        chrome,
    };
    html(status, &page)
}

/// What the fields are filled with.
struct Filling<'a> {
    scene: &'a Scene,
    module: Module<'a>,
    record: Option<&'a Record>,
    draft: Draft,
    titles: HashMap<String, String>,
    /// None when identity could not be asked: owners are shown then, not chosen.
    agents: Option<Vec<Agent>>,
    /// The picker whose button was used without script, and what it found.
    found: Option<(String, Vec<Choice>)>,
}

impl<'a> Filling<'a> {
    async fn gather(
        scene: &'a Scene,
        module: Module<'a>,
        record: Option<&'a Record>,
        drawn: &[Drawn<'_>],
        draft: Draft,
    ) -> Result<Filling<'a>, Error> {
        let mut filling = Filling { scene, module, record, draft, titles: HashMap::new(), agents: None, found: None };
        let of = |target| drawn.iter().filter(move |d| d.writable && kind(d.field).points_to() == Some(target));
        let ids = of(PointsTo::Record).map(|d| filling.value(d.field)).collect();
        let known = record.map(|r| r.titles.clone()).unwrap_or_default();
        let lookup = filling.draft.typed.as_ref().map(|t| t.text("lookup")).unwrap_or_default();
        let looked_up = of(PointsTo::Record).find(|d| d.field.name == lookup).map(|d| {
            let typed = filling.draft.typed.as_ref().map(|t| t.text(&format!("{lookup}.q"))).unwrap_or_default();
            (d.field, typed, filling.value(d.field))
        });
        let owners = of(PointsTo::Agent).next().is_some();
        let (titles, agents, found) =
            tokio::join!(history::titles(&scene.ask, &known, ids), agents(scene, owners), async {
                match &looked_up {
                    Some((field, text, chosen)) => find(&scene.ask, field, text, chosen).await.map(Some),
                    None => Ok(None),
                }
            },);
        filling.titles = titles?;
        filling.agents = agents;
        filling.found = found?.map(|choices| (lookup, choices));
        Ok(filling)
    }

    /// What a field holds, as the input takes it: what was typed, else what is saved, else the default.
    fn value(&self, field: &FieldDefinition) -> String {
        if let Some(typed) = self.draft.typed.as_ref().and_then(|t| t.get(&field.name)) {
            return typed.to_owned();
        }
        match self.record {
            Some(record) => as_input(self.scene, field, raw(value_of(record, &field.name))),
            // Whoever makes a record takes it on, unless somebody else is chosen.
            None if self.scene.console() && kind(field).points_to() == Some(PointsTo::Agent) => {
                self.scene.me.subject.id.clone()
            }
            None => field.default_value.clone(),
        }
    }

    /// Faults of fields that the form doesn't have can only mean that rights changed.
    fn faults(&self, drawn: &[Drawn<'_>]) -> Vec<FormFault> {
        let mut faults = self.draft.faults.clone();
        let elsewhere = |f: &FieldError| !drawn.iter().any(|d| d.writable && d.field.name == f.field);
        if self.draft.fields.iter().any(elsewhere) && !faults.contains(&FormFault::Forbidden) {
            faults.push(FormFault::Forbidden);
        }
        faults
    }

    fn blocks(&self, drawn: &[Drawn<'_>]) -> Vec<FormBlock> {
        let lang = self.scene.lang();
        let blocks = self.module.definition.blocks.iter().map(|block| FormBlock {
            label: text(&block.labels, lang),
            fields: drawn.iter().filter(|d| d.field.block == block.name).map(|d| self.field(d, lang)).collect(),
        });
        blocks.filter(|b| !b.fields.is_empty()).collect()
    }

    fn field(&self, drawn: &Drawn<'_>, lang: Lang) -> FormField {
        let field = drawn.field;
        let fault = self.draft.fields.iter().find(|f| f.field == field.name);
        FormField {
            name: field.name.clone(),
            label: label(field, lang),
            hint: text(&field.help, lang),
            required: drawn.required,
            fault: fault.filter(|_| drawn.writable).map(|f| FieldFault::of_code(&f.code, kind(field), limit(field))),
            control: if drawn.writable { self.control(drawn) } else { self.fixed(field) },
        }
    }

    fn fixed(&self, field: &FieldDefinition) -> Control {
        let showing = Showing { scene: self.scene, titles: &self.titles, gone: &[], long: Long::Formatted };
        Control::ReadOnly(self.record.map_or(gateway_ui::vm::Shown::Empty, |r| showing.of_record(r, field)))
    }

    fn control(&self, drawn: &Drawn<'_>) -> Control {
        let field = drawn.field;
        let (value, max_length) = (self.value(field), limit(field));
        match kind(field).display() {
            Display::Line => Control::Text { value, max_length },
            Display::Markdown => Control::LongText { value, max_length },
            Display::YesNo => Control::Checkbox { checked: value == "true" },
            Display::DateTime => Control::DateTime { value, zone: self.scene.app().config.time_zone.clone() },
            Display::Choice => Control::Select { choices: self.keys(drawn, &value) },
            Display::Record => Control::Relation(self.picker(field, value)),
            Display::Agent => match &self.agents {
                Some(agents) => Control::Select { choices: self.owners(agents, &value) },
                None => self.fixed(field),
            },
            kind => Control::Input { kind, value },
        }
    }

    fn keys(&self, drawn: &Drawn<'_>, value: &str) -> Vec<Choice> {
        let offered =
            |key: &str| key == value || drawn.options.as_ref().is_none_or(|keys| keys.iter().any(|k| k == key));
        let values = drawn.field.values.iter().filter(|v| offered(&v.key));
        values
            .map(|v| Choice {
                selected: v.key == value,
                value: v.key.clone(),
                label: text(&v.labels, self.scene.lang()),
                detail: String::new(),
            })
            .collect()
    }

    /// Agents who can take a record on, and whoever has it now.
    fn owners(&self, agents: &[Agent], value: &str) -> Vec<Choice> {
        let choosable = agents.iter().filter(|a| !a.disabled || a.user_id == value);
        let choice = |a: &Agent| Choice {
            selected: a.user_id == value,
            value: a.user_id.clone(),
            label: a.name.clone(),
            detail: String::new(),
        };
        choosable.map(choice).collect()
    }

    fn picker(&self, field: &FieldDefinition, value: String) -> RelationPicker {
        let query = self.draft.typed.as_ref().map(|t| t.text(&format!("{}.q", field.name))).unwrap_or_default();
        // A chosen record that the viewer may not see keeps standing; it is only not named.
        let name = self.titles.get(&value).cloned().unwrap_or_else(|| "–".to_owned());
        let chosen = (!value.is_empty()).then(|| Choice { label: name, detail: String::new(), selected: true, value });
        RelationPicker {
            chosen,
            query,
            results: self.found.as_ref().filter(|(name, _)| *name == field.name).map(|(_, found)| found.clone()),
            suggest_url: self.scene.ask.url(&format!("/modules/{}/suggest/{}", self.module.name(), field.name)),
        }
    }
}

async fn agents(scene: &Scene, wanted: bool) -> Option<Vec<Agent>> {
    if !wanted {
        return None;
    }
    match agents::all(scene.app()).await {
        Ok(agents) => Some(agents),
        Err(error) => {
            tracing::warn!(event = "form.no_agents", reason = %error.reason, "owners can't be offered");
            None
        }
    }
}

/// A stored value as its input takes it.
pub(crate) fn as_input(scene: &Scene, field: &FieldDefinition, value: String) -> String {
    if kind(field).family() == Family::Decimal {
        return fmt::decimal_input(&value, scene.lang());
    }
    if kind(field).display() != Display::DateTime {
        return value;
    }
    match kernel::Timestamp::parse(&value) {
        Some(at) => fmt::date_time_input(at.micros(), &scene.app().zone),
        None => value,
    }
}

/// What was typed, as the service takes it. What can't be read is left for the service to refuse.
pub(crate) fn from_input(scene: &Scene, field: &FieldDefinition, typed: &str) -> String {
    match kind(field).family() {
        Family::Moment => match fmt::parse_date_time_input(typed, &scene.app().zone) {
            Some(micros) if kernel::Timestamp::from_micros(micros).is_in_calendar() => {
                kernel::Timestamp::from_micros(micros).rfc3339()
            }
            _ => typed.to_owned(),
        },
        Family::Decimal => fmt::typed_decimal(typed, scene.lang()),
        _ => typed.to_owned(),
    }
}

/// Longest text in characters.
fn limit(field: &FieldDefinition) -> u32 {
    u32::try_from(kind(field).limit_of(field.max_length)).unwrap_or(u32::MAX)
}
