//! A row as its caller may see it.

use crate::{
    catalogue::Modules,
    codec::wire,
    domain::{
        module::Module,
        value::{FieldType, PointsTo, Value},
    },
    found::{Around, Found},
    queries::{around::actor_name, versions::Versions},
    service::{Caller, judge},
};
use kernel::ActorKind;
use policy::{Access, Action, Clock, RecordAccess};
use proto::records::v1::{
    Conversation, ExternalActor, FieldLevel, ListRecordsResponse, Person, Record, RecordRow, RowShape, UnreadField,
};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// What a field shows.
pub(crate) fn cell(access: Access, kind: FieldType, value: Option<&Value>) -> Option<Value> {
    match access {
        Access::Hidden => None,
        Access::Masked => value.map(|v| Value::Text(kind.mask(&v.shown()))),
        Access::Read | Access::Write => value.cloned(),
    }
}

fn level(access: Access) -> FieldLevel {
    match access {
        Access::Hidden => FieldLevel::Unspecified,
        Access::Masked => FieldLevel::Masked,
        Access::Read => FieldLevel::Read,
        Access::Write => FieldLevel::Write,
    }
}

/// The record as the caller may see it.
pub(crate) fn record(
    caller: &Caller,
    modules: &Modules,
    module: &Module,
    row: &Found,
    access: &RecordAccess<'_>,
    around: &Around,
    clock: &Clock,
) -> Record {
    let mut page = Page::new(caller, modules, module, around, clock);
    page.add(row, access);
    page.answer().records().pop().unwrap_or_default()
}

/// Rows as the caller may see them, with what they have in common once.
pub(crate) struct Page<'a> {
    caller: &'a Caller,
    modules: &'a Modules,
    module: &'a Module,
    around: &'a Around,
    clock: &'a Clock,
    answer: ListRecordsResponse,
    /// Those of the answer.
    shapes: Vec<Shape>,
    /// What fields point to and was looked at.
    named: HashSet<Uuid>,
    /// Places in the answer.
    people: HashMap<Uuid, u32>,
    external: HashMap<Uuid, u32>,
}

impl<'a> Page<'a> {
    /// Without rows.
    pub(crate) fn new(
        caller: &'a Caller,
        modules: &'a Modules,
        module: &'a Module,
        around: &'a Around,
        clock: &'a Clock,
    ) -> Page<'a> {
        let answer = ListRecordsResponse { module: module.name().to_owned(), ..ListRecordsResponse::default() };
        Page {
            caller,
            modules,
            module,
            around,
            clock,
            answer,
            shapes: Vec::new(),
            named: HashSet::new(),
            people: HashMap::new(),
            external: HashMap::new(),
        }
    }

    /// The rows so far.
    pub(crate) fn answer(self) -> ListRecordsResponse {
        self.answer
    }

    /// Adds a row that the caller sees.
    pub(crate) fn add(&mut self, row: &Found, access: &RecordAccess<'_>) {
        let (mut shape, mut values) = (Shape::default(), Vec::with_capacity(self.module.fields.len()));
        for (at, (field, held, _)) in row.fields(self.module).enumerate() {
            let granted = access.field(&field.name);
            if !granted.is_visible() {
                continue;
            }
            if field.kind.is_long() && !row.shows_texts() {
                shape.unread.push((at, granted));
                continue;
            }
            let value = held.shown();
            if granted.is_readable()
                && field.kind.points_to().is_some()
                && let Some(id) = value.and_then(Value::as_id)
            {
                self.name(field.kind, id);
            }
            shape.fields.push((at, granted));
            let value = match granted.is_readable() {
                true => value.map(wire),
                false => cell(granted, field.kind, value).as_ref().map(wire),
            };
            values.push(value.unwrap_or_default());
        }
        shape.actions = actions(row, access).collect();
        let (from_outside, internal) = (row.created_kind.is_customer(), self.caller.plan.is_internal());
        let versions = Versions::new(self.module, row, access, internal);
        // Customers are told of changes that they see; agents of every one that came from outside.
        let modified_by_ext = match internal {
            true => row.modified_by_ext,
            false => row.changed_outside(self.module, |field| access.reveals_change(field)),
        };
        let conversation = self.conversation(row, access, &versions);
        let row = RecordRow {
            conversation: Some(conversation),
            id: row.id.to_string(),
            number: self.module.shown_number(u64::try_from(row.number).unwrap_or_default()),
            version: versions.current(),
            visible_version: versions.of_fields(),
            shape: self.shape(shape),
            values,
            title: own_title(self.module, row, access),
            created_by: self.person(row.created_kind, row.created_by),
            created_by_ext: if from_outside { self.outside(row.created_by) } else { 0 },
            modified_by_ext: modified_by_ext.map_or(0, |id| self.outside(id)),
            created_at_micros: row.created_at.micros(),
            modified_at_micros: row.modified_at.micros(),
            deleted: row.deleted,
        };
        self.answer.rows.push(row);
    }

    /// Where the conversation stands, as far as the caller may know.
    fn conversation(&self, row: &Found, access: &RecordAccess<'_>, versions: &Versions<'_>) -> Conversation {
        let internal = self.caller.plan.is_internal();
        let hears = self.module.definition.comments && access.may(Action::ViewComments);
        let status = self.module.status_field().is_none_or(|f| access.field(&f.name).is_readable());
        let talk = row.talk();
        let last = match (internal, hears) {
            (true, true) => row.agent_activity_at,
            (false, true) => row.activity_at,
            (_, false) => row.modified_at,
        };
        let micros = |at: Option<kernel::Timestamp>| at.map_or(0, kernel::Timestamp::micros);
        Conversation {
            last_activity_at_micros: last.micros(),
            last_word: row.last_word.filter(|_| hears).map(|side| side.word().to_owned()).unwrap_or_default(),
            waiting_since_micros: micros(row.waiting_since.filter(|_| hears && internal)),
            first_answer_at_micros: micros(talk.answered().filter(|_| hears)),
            closed_at_micros: micros(row.closed_at.filter(|_| status)),
            reopened: if status { talk.reopened } else { 0 },
            unread: self.is_unread(row, versions, status),
        }
    }

    /// True when somebody else has done something since the caller looked that the caller sees. What the caller has
    /// never looked at is new while it is open, as far as the caller may know that it is; who acts has looked.
    fn is_unread(&self, row: &Found, versions: &Versions<'_>, status: bool) -> bool {
        match self.around.seen.get(&row.id).copied() {
            Some(seen) if seen < 0 => true,
            _ if row.deleted => false,
            None if status && row.closed_at.is_some() => false,
            seen => versions.news(seen, self.caller.actor.doer().1),
        }
    }

    /// Notes the name of what a field points to, as far as the caller may see it.
    fn name(&mut self, kind: FieldType, id: Uuid) {
        if !self.named.insert(id) {
            return;
        }
        let Some(title) = title_of(self.caller, self.modules, self.around, kind, id, self.clock) else { return };
        if self.around.any(id).is_some_and(|(_, row)| row.deleted) {
            self.answer.deleted_titles.push(id.to_string());
        }
        self.answer.titles.insert(id.to_string(), title);
    }

    /// The place of a shape.
    fn shape(&mut self, shape: Shape) -> u32 {
        let known = self.shapes.iter().position(|known| *known == shape);
        let at = known.unwrap_or_else(|| {
            self.answer.shapes.push(shape.told(self.module));
            self.shapes.push(shape);
            self.shapes.len() - 1
        });
        u32::try_from(at).unwrap_or_default()
    }

    fn person(&mut self, kind: ActorKind, id: Uuid) -> u32 {
        let next = u32::try_from(self.answer.people.len()).unwrap_or_default();
        *self.people.entry(id).or_insert_with(|| {
            let name = actor_name(self.modules, self.around, kind, id);
            self.answer.people.push(Person { id: id.to_string(), name });
            next
        })
    }

    fn outside(&mut self, id: Uuid) -> u32 {
        let next = u32::try_from(self.answer.external.len() + 1).unwrap_or_default();
        *self.external.entry(id).or_insert_with(|| {
            self.answer.external.push(external(self.modules, self.around, id));
            next
        })
    }
}

/// What the caller sees of a row and may do with it, by the places of the module's fields.
#[derive(Default, PartialEq)]
struct Shape {
    fields: Vec<(usize, Access)>,
    unread: Vec<(usize, Access)>,
    actions: Vec<Action>,
}

impl Shape {
    fn told(&self, module: &Module) -> RowShape {
        let name = |at: usize| module.fields[at].name.clone();
        let points = |(place, (at, _)): (usize, &(usize, Access))| {
            module.fields[*at].kind.points_to().is_some().then(|| u32::try_from(place).unwrap_or_default())
        };
        RowShape {
            fields: self.fields.iter().map(|(at, _)| name(*at)).collect(),
            levels: self.fields.iter().map(|(_, granted)| level(*granted).into()).collect(),
            pointing: self.fields.iter().enumerate().filter_map(points).collect(),
            unread: (self.unread.iter())
                .map(|(at, granted)| UnreadField { field: name(*at), level: level(*granted).into() })
                .collect(),
            actions: self.actions.iter().map(|action| action.as_str().to_owned()).collect(),
        }
    }
}

fn actions(row: &Found, access: &RecordAccess<'_>) -> impl Iterator<Item = Action> {
    let shown =
        [Action::Edit, Action::Delete, Action::Comment, Action::ViewComments, Action::ViewUpdates, Action::Upload];
    let (granted, deleted) = (access.actions(), row.deleted);
    let possible =
        move |a: &Action| granted.contains(*a) && (!deleted || matches!(a, Action::ViewComments | Action::ViewUpdates));
    shown.into_iter().filter(possible)
}

/// The record's own name, from what the caller can see of it.
pub(crate) fn own_title(module: &Module, row: &Found, access: &RecordAccess<'_>) -> String {
    let mut parts = Vec::new();
    for at in &module.title {
        let field = &module.fields[*at];
        if let Some(value) = cell(access.field(&field.name), field.kind, row.value(module, &field.name)) {
            parts.push(value.shown().into_owned());
        }
    }
    parts.join(" ")
}

/// The name of what a relation or owner points to, as far as the caller may see it.
pub(crate) fn title_of(
    caller: &Caller,
    modules: &Modules,
    around: &Around,
    kind: FieldType,
    id: Uuid,
    clock: &Clock,
) -> Option<String> {
    match kind.points_to()? {
        PointsTo::Agent => around.agents.get(&id).map(|a| a.name.clone()),
        PointsTo::Record => related_title(caller, modules, around, id, clock),
    }
}

/// The name of a record that was read around others, if the caller sees the record, or would if it were not deleted: what
/// points to it must not show a bare id. It is judged like the record alone, with what it is judged by.
pub(crate) fn related_title(
    caller: &Caller,
    modules: &Modules,
    around: &Around,
    id: Uuid,
    clock: &Clock,
) -> Option<String> {
    around.title(id, || {
        let (number, row) = around.any(id)?;
        let module = modules.numbered(number)?;
        let access = judge(caller, modules, module, row, around, clock)?;
        access.is_visible().then(|| own_title(module, row, &access)).filter(|t| !t.is_empty())
    })
}

/// A contact, or the company whose link somebody came by, who did something from outside. The name shows to whoever sees
/// the record.
fn external(modules: &Modules, around: &Around, id: Uuid) -> ExternalActor {
    let deleted = around.any(id).is_none_or(|(_, row)| row.deleted);
    ExternalActor { id: id.to_string(), name: actor_name(modules, around, ActorKind::Contact, id), deleted }
}
