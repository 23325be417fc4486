//! The list of a module's records, in portal and console.

use crate::{
    backend::{catalogue::visible, records},
    pages::{
        answer::Answer,
        ask::{Ask, html},
        module::{Module, kind, label, text, title_or_number},
        records::{
            row::create_url,
            selection,
            shown::{Long, Showing},
        },
        scene::{Me, Scene},
        views::{self, View},
    },
};
use axum::extract::Path;
use fields::Display;
use gateway_ui::{
    query::ListQuery,
    vm::{Choice, Column, Empty, ListPage, ListRow, PicklistFilter, Pill, PillColor, Shown, Sort, Tab, Total},
};
use http::StatusCode;
use kernel::Code;
use policy::Right;
use proto::{
    Row,
    records::v1::{FieldDefinition, ListRecordsRequest, ListRecordsResponse, ModuleView},
};
use serde_json::json;

/// Records of a page: customers read, agents scan.
const PORTAL: i32 = 25;
const CONSOLE: i32 = 50;
/// Where counting stops.
const CAP: i64 = 1_000;

/// The list.
pub(crate) async fn page(ask: Ask, Path(module): Path<String>) -> Answer {
    let me = Me::of(&ask).await?;
    let mut query = ListQuery::parse(&ask.look.query);
    // An agent's views follow from the module's definition, so that comes first; a customer's list is asked for beside it.
    let (views, tabs) = match ask.look.console() {
        true => {
            let known = visible(&ask.app).await?;
            let tabs = module_of(&known, &module).map(views::of).unwrap_or_default();
            (Some(known), tabs)
        }
        false => (None, Vec::new()),
    };
    let shown = views::chosen(&tabs, &query.view);
    let default_sort = default_sort(&me, &ask, &module, shown.as_ref());
    let fetch =
        |query: &ListQuery| records::list(&ask.app, request(&ask, &module, query, shown.as_ref(), &default_sort));
    let (views, found) = match views {
        Some(views) => (Ok(views), fetch(&query).await),
        None => tokio::join!(visible(&ask.app), fetch(&query)),
    };
    let (found, bad_query) = match found {
        Err(error) if error.code == Code::Invalid && query != plain(&query) => {
            query = plain(&query);
            (fetch(&query).await?, true)
        }
        other => (other?, false),
    };
    let scene = me.with(&ask, views?);
    let module = scene.module(&module)?;
    let asked = Asked { query: &query, default_sort: &default_sort, tabs: &tabs, view: shown.as_ref() };
    html(StatusCode::OK, &view(&scene, module, &asked, &found, bad_query))
}

/// What a list page shows: what its address says, and the views that there are.
struct Asked<'a> {
    query: &'a ListQuery,
    default_sort: &'a str,
    tabs: &'a [View],
    view: Option<&'a View>,
}

fn module_of<'v>(views: &'v [ModuleView], name: &str) -> Option<Module<'v>> {
    let modules = views.iter().filter_map(|view| Some(Module { view, definition: view.definition.as_ref()? }));
    modules.into_iter().find(|m| m.name() == name)
}

/// The same list without what could not be understood.
fn plain(query: &ListQuery) -> ListQuery {
    ListQuery { mine: query.mine, view: query.view.clone(), ..ListQuery::default() }
}

/// The order of the view, else the one that the profile asks for; agents begin with what happened last.
fn default_sort(me: &Me, ask: &Ask, module: &str, view: Option<&View>) -> String {
    let own = me.plan.module(module).and_then(|m| m.list.sort.clone());
    let usual = if ask.look.console() { views::LATEST } else { "-modified_at" };
    let of_view = view.and_then(|v| v.sort).map(str::to_owned);
    of_view.or(own).unwrap_or_else(|| usual.to_owned())
}

pub(crate) fn request(
    ask: &Ask,
    module: &str,
    query: &ListQuery,
    view: Option<&View>,
    default_sort: &str,
) -> ListRecordsRequest {
    let chosen = query.filters.iter().map(|(field, value)| json!({"field": field, "op": "eq", "value": value}));
    let of_view = view.iter().flat_map(|view| view.tests.iter().cloned());
    let looks_up = is_number(&query.q);
    let tests: Vec<_> = of_view.filter(|_| !looks_up).chain(chosen).collect();
    ListRecordsRequest {
        module: module.to_owned(),
        limit: if ask.look.console() { CONSOLE } else { PORTAL },
        cursor: query.cursor.clone(),
        sort: if query.sort.is_empty() { default_sort.to_owned() } else { query.sort.clone() },
        filter: if tests.is_empty() { String::new() } else { json!({ "all": tests }).to_string() },
        query: query.q.clone(),
        narrow: if query.mine { "mine".to_owned() } else { String::new() },
        count: "capped".to_owned(),
    }
}

/// True for what is typed like a record's number, with or without its prefix. It is looked for in every view: whoever has it
/// at hand wants that record, whatever has become of it.
fn is_number(typed: &str) -> bool {
    let digits = typed.trim().trim_start_matches(|c: char| c.is_alphabetic());
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

fn view(
    scene: &Scene,
    module: Module<'_>,
    asked: &Asked<'_>,
    found: &ListRecordsResponse,
    bad_query: bool,
) -> ListPage {
    let Asked { query, default_sort, .. } = *asked;
    let path = scene.ask.list_url(module.name());
    let more = more_columns(module);
    let switchable = !scene.console() && module.view.scope == "company";
    ListPage {
        chrome: scene.chrome(),
        module: module.vm(scene.lang()),
        total: found.total.map(|n| Total { count: u64::try_from(n.min(CAP)).unwrap_or_default(), capped: n > CAP }),
        create_url: module.may("create").then(|| create_url(scene, module)),
        bulk_url: bulk_url(scene, module, query),
        choosing: selection::choosing(scene, module, query),
        scope: switchable.then(|| query.scope_switch(&path)),
        tabs: tabs(scene, asked, &path),
        search: query.search_box(&path),
        filters: filters(scene, module, query),
        clear_url: query.clear_url(&path),
        columns: columns(scene, module, query, default_sort, &path, &more),
        rows: found.rows().map(|record| row(scene, module, found, record, &more)).collect(),
        empty: match (query.narrowed(), asked.view) {
            (true, _) => Empty::NoMatch,
            (false, Some(view)) if view.name != views::ALL => Empty::InView,
            (false, _) => Empty::NothingYet,
        },
        pager: query.pager(&found.next_cursor, &path),
        bad_query,
    }
}

fn tabs(scene: &Scene, asked: &Asked<'_>, path: &str) -> Vec<Tab> {
    let tab = |view: &View| Tab {
        label: scene.lang().t(view.label),
        url: ListQuery { view: view.name.to_owned(), ..ListQuery::default() }.url(path),
        current: asked.view.is_some_and(|shown| shown.name == view.name),
    };
    asked.tabs.iter().map(tab).collect()
}

/// Portal access for all contacts of this list, for agents who may give it.
fn bulk_url(scene: &Scene, module: Module<'_>, query: &ListQuery) -> Option<String> {
    let offers = scene.console() && module.name() == policy::CONTACTS && scene.me.may(Right::ManageAccess);
    let narrowed = ListQuery { cursor: String::new(), sort: String::new(), ..query.clone() }.url("");
    let rest = narrowed.trim_start_matches('?');
    let joint = if rest.is_empty() { "" } else { "&" };
    offers.then(|| scene.ask.url(&format!("/bulk/new?list=1{joint}{rest}")))
}

/// A column beside number and title.
#[derive(Clone, Copy)]
enum Cell<'a> {
    Field(&'a FieldDefinition),
    CreatedAt,
    ModifiedAt,
    LastActivity,
}

/// The columns after number and title, in the profile's order. Long texts don't come with lists.
fn more_columns(module: Module<'_>) -> Vec<Cell<'_>> {
    let names = module.definition.list_columns.iter();
    names
        .filter_map(|name| match name.as_str() {
            "created_at" => Some(Cell::CreatedAt),
            "modified_at" => Some(Cell::ModifiedAt),
            "last_activity_at" => Some(Cell::LastActivity),
            name if module.is_title(name) => None,
            name => module.field(name).filter(|f| !kind(f).is_long()).map(Cell::Field),
        })
        .collect()
}

fn columns(
    scene: &Scene,
    module: Module<'_>,
    query: &ListQuery,
    default_sort: &str,
    path: &str,
    more: &[Cell<'_>],
) -> Vec<Column> {
    let lang = scene.lang();
    let sort = |field: &str| query.sort(field, default_sort, path);
    let by = |field: &FieldDefinition| if module.sorts(field) { sort(&field.name) } else { Sort::Fixed };
    let title = module.title_fields().find(|f| module.sorts(f)).map_or(Sort::Fixed, by);
    let mut columns = vec![
        Column::number(lang, sort("number")),
        Column { label: module.title_label(lang), sort: title, numeric: false },
    ];
    columns.extend(more.iter().map(|cell| match cell {
        Cell::Field(field) => {
            Column { label: label(field, lang), sort: by(field), numeric: kind(field).family().is_number() }
        }
        Cell::CreatedAt => Column { label: lang.t("record-created-at"), sort: sort("created_at"), numeric: false },
        Cell::LastActivity => {
            Column { label: lang.t("list-last-activity"), sort: sort("last_activity_at"), numeric: false }
        }
        Cell::ModifiedAt => Column { label: lang.t("record-modified-at"), sort: sort("modified_at"), numeric: false },
    }));
    columns
}

fn row(scene: &Scene, module: Module<'_>, found: &ListRecordsResponse, record: Row<'_>, more: &[Cell<'_>]) -> ListRow {
    let showing = Showing { scene, titles: &found.titles, gone: &found.deleted_titles, long: Long::Source };
    let at = |micros| scene.stamp_of(micros).map_or(Shown::Empty, Shown::Time);
    let cell = |cell: &Cell<'_>| match cell {
        Cell::Field(field) => {
            let shown = plain_cell(showing.of_record(&record, field));
            let is_status = field.name == module.definition.status_field;
            if scene.console() && !is_status { quiet(shown) } else { shown }
        }
        Cell::CreatedAt => at(record.row().created_at_micros),
        Cell::ModifiedAt => at(record.row().modified_at_micros),
        Cell::LastActivity => {
            let last = record.row().conversation.as_ref().map_or(0, |talk| talk.last_activity_at_micros);
            scene.ask.stamp_ago(last).map_or(Shown::Empty, Shown::Since)
        }
    };
    let row = record.row();
    ListRow {
        id: row.id.clone(),
        version: row.visible_version,
        url: scene.ask.record_url(module.name(), &row.id),
        number: row.number.clone(),
        title: title_or_number(&row.title, &row.number),
        cells: more.iter().map(cell).collect(),
        deleted: row.deleted,
        unread: row.conversation.as_ref().is_some_and(|talk| talk.unread),
    }
}

/// Among many rows only the status and what is urgent have a colour.
fn quiet(shown: Shown) -> Shown {
    match shown {
        Shown::Pill(Pill { label, color }) if !matches!(color, PillColor::Red | PillColor::Amber) => Shown::Text(label),
        other => other,
    }
}

/// The title is the row's only link.
fn plain_cell(shown: Shown) -> Shown {
    match shown {
        Shown::Reference { label, .. } => Shown::Text(label),
        Shown::Email(text) | Shown::Phone(text) | Shown::Url(text) => Shown::Text(text),
        other => other,
    }
}

/// The picklists among the columns.
fn filters(scene: &Scene, module: Module<'_>, query: &ListQuery) -> Vec<PicklistFilter> {
    let columns = module.definition.list_columns.iter().filter_map(|name| module.field(name));
    columns
        .filter(|f| kind(f).display() == Display::Choice && module.sorts(f))
        .map(|field| PicklistFilter {
            field: field.name.clone(),
            label: label(field, scene.lang()),
            choices: field
                .values
                .iter()
                .map(|v| Choice {
                    selected: query.filters.get(&field.name) == Some(&v.key),
                    value: v.key.clone(),
                    label: text(&v.labels, scene.lang()),
                    detail: String::new(),
                })
                .collect(),
        })
        .collect()
}
