//! A customer's requests on the home.

use crate::{
    backend::{records, requests},
    pages::{ask::Ask, module::Module, records::row::row, scene::Scene},
};
use futures::future::join_all;
use gateway_ui::{
    markdown,
    vm::{Requests, WaitingRow, WidgetRow},
};
use kernel::ActorKind;
use policy::{Action, Scope};
use proto::records::v1::{Comment, ListCommentsRequest, ModuleView, Record};
use std::time::Duration;

/// Those that are shown beside what waits.
const SHOWN: usize = 5;
/// Most requests whose last word is read.
const SAID: usize = 5;
/// How much of it is shown, in characters.
const BEGINNING: usize = 160;
/// How long that may take.
const PATIENCE: Duration = Duration::from_millis(500);

/// The modules that requests are of, as pages use them.
pub(super) fn modules(scene: &Scene) -> Vec<Module<'_>> {
    let views = requests::modules(&scene.me.plan, &scene.views).into_iter();
    views.filter_map(|view| Some(Module { view, definition: view.definition.as_ref()? })).collect()
}

/// The person's requests; none where the profile shows none.
pub(super) async fn of(scene: &Scene) -> Option<Requests> {
    let views: Vec<&ModuleView> = requests::modules(&scene.me.plan, &scene.views);
    let first = views.first().and_then(|view| view.definition.as_ref())?;
    // Who came by a company's link has nothing of their own.
    let own = scene.me.session.kind() == ActorKind::Contact;
    let found = requests::of(scene.app(), &views, own).await;
    let mut asked = Vec::new();
    for record in found.waiting.iter().take(SAID) {
        asked.push(last_word(scene, record));
    }
    let said = join_all(asked).await.into_iter().chain(std::iter::repeat_with(|| None));
    let waiting = found.waiting.iter().zip(said).filter_map(|(record, said)| waits(scene, record, said));
    Some(Requests {
        waiting: waiting.collect(),
        open: short(scene, &found.open),
        solved: short(scene, &found.solved),
        list_url: scene.ask.list_url(&first.name),
        mixed: views.len() > 1,
        unavailable: found.unavailable,
    })
}

/// The first of some requests, as rows.
fn short(scene: &Scene, list: &[Record]) -> Vec<WidgetRow> {
    let shown = list.iter().take(SHOWN);
    shown.filter_map(|record| Some(row(scene, scene.find(&record.module)?, record))).collect()
}

/// What was said last on a record, where the person reads that.
async fn last_word(scene: &Scene, record: &Record) -> Option<Comment> {
    let (ask, module): (&Ask, _) = (&scene.ask, scene.find(&record.module)?);
    if !module.may(Action::ViewComments.as_str()) {
        return None;
    }
    let (module, id) = (module.name().to_owned(), record.id.clone());
    let request = ListCommentsRequest { module, id, limit: 1, before_version: 0 };
    let part = tokio::time::timeout(PATIENCE, records::comments(&ask.app, request)).await.ok()?.ok()?;
    part.comments.into_iter().next_back().filter(|c| !c.removed && !c.redacted)
}

fn waits(scene: &Scene, record: &Record, said: Option<Comment>) -> Option<WaitingRow> {
    let module = scene.find(&record.module)?;
    let row = row(scene, module, record);
    let text = said.as_ref().map(|c| markdown::plain(&c.body)).unwrap_or_default();
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut beginning: String = line.chars().take(BEGINNING).collect();
    if beginning.len() < line.len() {
        beginning.push('…');
    }
    let replies = scene.me.plan.scope(module.name(), Action::Comment) != Scope::None;
    Some(WaitingRow {
        reply_url: if replies { format!("{}#composer", row.url) } else { row.url.clone() },
        said: beginning,
        by: said.map(|c| c.author_name).unwrap_or_default(),
        row,
    })
}
