//! The portal's home, and where the console begins.

use crate::{
    backend::{catalogue::visible, records},
    pages::{
        answer::Answer,
        ask::{Ask, html},
        module::Module,
        records::row::{create_url, row},
        scene::{Me, Scene},
    },
};
use futures::future::join_all;
use gateway_ui::vm::{Home, HomePage, PillColor, Shortcut, Widget, WidgetRows};
use http::StatusCode;
use kernel::Error;
use proto::records::v1::{ListRecordsRequest, Record};
use std::time::Duration;

/// How long one widget may take; a slower one says so and holds nothing up.
const PATIENCE: Duration = Duration::from_millis(1_000);
/// Records of a widget.
const ROWS: i32 = 5;

/// The portal's home: shortcuts and widgets of the profile.
pub(crate) async fn page(ask: Ask) -> Answer {
    let me = Me::of(&ask).await?;
    // What the widgets show is known from the plan alone, so modules and widgets are fetched at once.
    let wanted: Vec<&str> =
        me.plan.home.widgets.iter().filter_map(|name| module_of(&me, name.strip_prefix("recent_")?)).collect();
    let (views, recent) = tokio::join!(visible(&ask.app), join_all(wanted.iter().map(|module| recent(&ask, module))));
    let wanted: Vec<String> = wanted.into_iter().map(str::to_owned).collect();
    let scene = me.with(&ask, views?);
    let widgets = wanted.iter().zip(recent).filter_map(|(name, rows)| Some(widget(&scene, scene.find(name)?, rows)));
    let widgets = widgets.collect();
    let shortcuts = scene.me.plan.home.shortcuts.iter().filter_map(|name| shortcut(&scene, name)).collect();
    html(StatusCode::OK, &HomePage { chrome: scene.chrome(), home: Home { shortcuts, widgets } })
}

/// The console begins where work waits: with the first module whose records are closed one day, or with whatever there is.
pub(crate) async fn console(ask: Ask) -> Answer {
    let scene = Scene::open(&ask).await?;
    let open = scene.modules().filter(|m| m.may("view"));
    let first = open.min_by_key(|m| (m.definition.closed_values.is_empty(), m.definition.number));
    let first = first.ok_or_else(Error::not_found)?;
    let url = ask.list_url(first.name());
    // A message that was meant for the next page goes on to the one after it.
    let flash = ask.flash().unwrap_or_default();
    ask.done(&url, flash)
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
    match tokio::time::timeout(PATIENCE, records::list(&ask.app, request)).await {
        Ok(Ok(page)) => Some(page.records()),
        Ok(Err(error)) => {
            tracing::warn!(event = "home.widget_failed", module, reason = %error.reason, "a widget could not be loaded");
            None
        }
        Err(_) => {
            tracing::warn!(event = "home.widget_slow", module, "a widget took too long");
            None
        }
    }
}

fn widget(scene: &Scene, module: Module<'_>, records: Option<Vec<Record>>) -> Widget {
    let vm = module.vm(scene.lang());
    let rows = match records {
        None => WidgetRows::Unavailable,
        Some(records) if records.is_empty() => WidgetRows::Empty {
            create_url: module.may("create").then(|| create_url(scene, module)),
            create_label: scene.lang().t1("list-new", "module", vm.one()),
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
            (scene.lang().t1("list-new", "module", vm.one()), create_url(scene, module), PillColor::Green)
        }
        "open" if module.may("view") => (vm.plural.clone(), scene.ask.list_url(module.name()), PillColor::Blue),
        _ => return None,
    };
    Some(Shortcut { title, description: String::new(), url, icon: vm.icon, color })
}
