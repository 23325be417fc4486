//! Where people begin: the portal's home, and the console's dashboard.

use crate::{
    backend::requests::in_time,
    http::{assets, clock::now_micros},
    pages::{
        answer::Answer,
        ask::{Ask, html},
        module::{Module, raw, value_of},
        records::row::{create_url, row},
        scene::{Me, Scene},
        views::{self, View},
    },
};
use futures::future::join_all;
use gateway_ui::{
    Lang, fmt,
    vm::{
        DashboardPage, Home, HomePage, PillColor, QueueFragment, Shortcut, Tile, Total, Widget, WidgetRow, WidgetRows,
    },
};
use http::StatusCode;
use kernel::Error;
use proto::records::v1::{ListRecordsRequest, Record};
use serde_json::json;

mod requests;

/// Records of a widget.
const ROWS: i32 = 5;
/// Customers whose answers the dashboard shows.
const ANSWERED: i32 = 8;
/// Where counting stops.
const CAP: i64 = 1_000;

/// The portal's home: what needs the person, shortcuts and widgets of the profile.
pub(crate) async fn page(ask: Ask) -> Answer {
    let scene = Scene::open(&ask).await?;
    // What the widgets show is known from the plan alone.
    let names =
        scene.me.plan.home.widgets.iter().filter_map(|name| module_of(&scene.me, name.strip_prefix("recent_")?));
    let wanted: Vec<&str> = names.collect();
    // Futures that borrow are put together one by one: a closure that gives them is too narrow a type for a handler.
    let mut asked = Vec::new();
    for module in &wanted {
        asked.push(recent(&ask, module));
    }
    let widgets = join_all(asked);
    let (requests, recent) = tokio::join!(requests::of(&scene), widgets);
    let widgets = wanted.iter().zip(recent).filter_map(|(name, rows)| Some(widget(&scene, scene.find(name)?, rows)));
    let widgets = widgets.collect();
    let shortcuts = scene.me.plan.home.shortcuts.iter().filter_map(|name| shortcut(&scene, name)).collect();
    let greeting = greeting(&scene);
    let create = requests::modules(&scene).into_iter().filter(|m| m.may("create"));
    let create = create
        .map(|m| (scene.lang().t1("list-new", "module", m.vm(scene.lang()).one(scene.lang())), create_url(&scene, m)));
    let home = Home { greeting, create: create.collect(), requests, shortcuts, widgets };
    html(StatusCode::OK, &HomePage { chrome: scene.chrome(), home })
}

/// By the hour of the installation's time zone, with the first name; the standard text for who has none.
fn greeting(scene: &Scene) -> String {
    let lang = scene.lang();
    let first = scene.me.subject.name.split_whitespace().next().unwrap_or_default();
    if first.is_empty() || scene.me.session.kind() != kernel::ActorKind::Contact {
        return lang.t1("home-greeting", "product", scene.app().config.portal_company_name.as_str());
    }
    let key = match fmt::hour(now_micros(), &scene.app().zone) {
        5..=11 => "home-morning",
        12..=17 => "home-afternoon",
        _ => "home-evening",
    };
    lang.t1(key, "name", first)
}

/// The console's dashboard: how much there is to do, and who waits. The menu asks here, too, for the counts of its first
/// entries alone.
pub(crate) async fn console(ask: Ask) -> Answer {
    let scene = Scene::open(&ask).await?;
    if ask.headers.contains_key("hx-request") {
        return queue(&scene).await;
    }
    let Some(module) = scene.work() else {
        let first = scene.modules().filter(|m| m.may("view")).min_by_key(|m| m.definition.number);
        let url = ask.list_url(first.ok_or_else(Error::not_found)?.name());
        // A message that was meant for the next page goes on to the one after it.
        return ask.done(&url, ask.flash().unwrap_or_default());
    };
    let views = views::of(module);
    let shown: Vec<View> =
        ["mine", "unassigned", "answered"].into_iter().filter_map(|name| named(&views, name)).collect();
    let long = long_waiting();
    let mut asked = Vec::new();
    for view in shown.iter().chain([&long]) {
        asked.push(count(&ask, module.name(), view));
    }
    let (counts, answered) = tokio::join!(join_all(asked), answered(&scene, module, named(&views, "answered")));
    let path = ask.list_url(module.name());
    let tile = |(view, count): (&View, Option<i64>)| Tile {
        label: scene.lang().t(view.label),
        count: count.map(|n| written(n, scene.lang())).unwrap_or_default(),
        url: format!("{path}?view={}", view.name),
        icon: view.icon.to_owned(),
        urgent: view.name != "mine" && count.unwrap_or_default() > 0,
    };
    let tiles = shown.iter().chain([&long]).zip(counts).map(tile).collect();
    html(StatusCode::OK, &DashboardPage { chrome: scene.chrome(), tiles, duties: Vec::new(), answered })
}

fn named(views: &[View], name: &str) -> Option<View> {
    views.iter().find(|view| view.name == name).cloned()
}

/// Who has waited for longer than three days.
fn long_waiting() -> View {
    let tests = vec![
        json!({"field": "closed_at", "op": "is_empty"}),
        json!({"not": {"field": "waiting_since", "op": "within_last", "value": "3d"}}),
        json!({"field": "waiting_since", "op": "is_not_empty"}),
    ];
    View { name: "answered", label: "view-long-waiting", icon: "triangle-alert", tests, sort: None }
}

fn written(count: i64, lang: Lang) -> String {
    Total { count: u64::try_from(count.min(CAP)).unwrap_or_default(), capped: count > CAP }.text(lang)
}

/// How many records are in a view; none when it can't be told in time.
async fn count(ask: &Ask, module: &str, view: &View) -> Option<i64> {
    let request = ListRecordsRequest {
        module: module.to_owned(),
        limit: 1,
        filter: json!({ "all": view.tests }).to_string(),
        sort: views::LATEST.to_owned(),
        count: "capped".to_owned(),
        ..ListRecordsRequest::default()
    };
    in_time(&ask.app, request).await?.total
}

/// The entries of the queue with their counts, for the menu's own look.
async fn queue(scene: &Scene) -> Answer {
    let ask = &scene.ask;
    let module = scene.work().ok_or_else(Error::not_found)?;
    let views = views::of(module);
    let mut asked = Vec::new();
    for view in views.iter().filter(|view| view.name != views::ALL) {
        asked.push(count(ask, module.name(), view));
    }
    let counts = join_all(asked).await;
    // Where the person is, the page that asks knows: its address comes with the request.
    let here = ask.look.referer.clone().unwrap_or_default();
    let mut items = scene.queue();
    for (item, count) in items.iter_mut().skip(1).zip(counts) {
        item.count = count.filter(|n| *n > 0).map(|n| written(n, scene.lang())).unwrap_or_default();
    }
    for item in &mut items {
        item.current = here == item.url || here.strip_prefix(&item.url).is_some_and(|rest| rest.starts_with('&'));
    }
    html(
        StatusCode::OK,
        &QueueFragment { sprite: assets::url("icons.svg"), url: ask.look.home_url().to_owned(), items },
    )
}

/// The customers who wait for an answer, those first where nothing has happened for longest.
async fn answered(scene: &Scene, module: Module<'_>, view: Option<View>) -> Option<Widget> {
    let view = view?;
    let request = ListRecordsRequest {
        module: module.name().to_owned(),
        limit: ANSWERED,
        filter: json!({ "all": view.tests }).to_string(),
        sort: view.sort.unwrap_or(views::LATEST).to_owned(),
        ..ListRecordsRequest::default()
    };
    let rows = in_time(scene.app(), request).await.map(|page| page.records());
    let rows = match rows {
        None => WidgetRows::Unavailable,
        Some(records) if records.is_empty() => WidgetRows::Empty { create_url: None, create_label: String::new() },
        Some(records) => WidgetRows::Rows(records.iter().map(|r| asking(scene, module, r)).collect()),
    };
    Some(Widget {
        id: "answered".to_owned(),
        title: scene.lang().t("view-answered"),
        icon: view.icon.to_owned(),
        list_url: format!("{}?view={}", scene.ask.list_url(module.name()), view.name),
        rows,
    })
}

/// A row that says who asks.
fn asking(scene: &Scene, module: Module<'_>, record: &Record) -> WidgetRow {
    let named = |field: &str| record.titles.get(&raw(value_of(record, field))).cloned();
    let names = [named(&module.definition.contact_field), named(&module.definition.company_field)];
    let names: Vec<String> = names.into_iter().flatten().filter(|name| !name.is_empty()).collect();
    WidgetRow { detail: names.join(", "), ..row(scene, module, record) }
}

/// The old addresses of a record's page, which mails name.
pub(crate) async fn record_moved(
    ask: Ask,
    axum::extract::Path((module, id)): axum::extract::Path<(String, String)>,
) -> Answer {
    let encode = gateway_ui::query::encode;
    ask.done(&ask.record_url(&encode(&module), &encode(&id)), "")
}

/// The module of the plan that a widget or shortcut names after its own word: `recent_tickets`, `create_tickets`.
fn module_of<'p>(me: &'p Me, name: &str) -> Option<&'p str> {
    me.plan.modules().map(|(module, _)| module).find(|module| *module == name)
}

async fn recent(ask: &Ask, module: &str) -> Option<Vec<Record>> {
    let request = ListRecordsRequest { module: module.to_owned(), limit: ROWS, ..ListRecordsRequest::default() };
    in_time(&ask.app, request).await.map(|page| page.records())
}

fn widget(scene: &Scene, module: Module<'_>, records: Option<Vec<Record>>) -> Widget {
    let vm = module.vm(scene.lang());
    let rows = match records {
        None => WidgetRows::Unavailable,
        Some(records) if records.is_empty() => WidgetRows::Empty {
            create_url: module.may("create").then(|| create_url(scene, module)),
            create_label: scene.lang().t1("list-new", "module", vm.one(scene.lang())),
        },
        Some(records) => WidgetRows::Rows(records.iter().map(|r| row(scene, module, r)).collect()),
    };
    Widget {
        id: format!("widget-{}", module.name().replace('_', "-")),
        title: Widget::recent_title(scene.lang(), &vm),
        icon: vm.icon,
        list_url: scene.ask.list_url(module.name()),
        rows,
    }
}

fn shortcut(scene: &Scene, name: &str) -> Option<Shortcut> {
    let (action, word) = name.split_once('_')?;
    let module = scene.find(module_of(&scene.me, word)?)?;
    let vm = module.vm(scene.lang());
    let (title, url, color) = match action {
        "create" if module.may("create") => {
            (scene.lang().t1("list-new", "module", vm.one(scene.lang())), create_url(scene, module), PillColor::Green)
        }
        "open" if module.may("view") => (vm.plural.clone(), scene.ask.list_url(module.name()), PillColor::Blue),
        _ => return None,
    };
    Some(Shortcut { title, description: String::new(), url, icon: vm.icon, color })
}
