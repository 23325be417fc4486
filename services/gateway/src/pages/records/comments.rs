//! The conversation of a record: what was said, what became of the record meanwhile, and the box to answer in.

use crate::{
    http::{assets, clock::now_micros, hex::hex, kept},
    pages::{
        answer::Answer,
        ask::{Ask, Posted},
        module::{Module, kind, may, raw, text, value_of},
        records::{fetch, fetch::Parts, row::create_url, rules, turns},
        scene::Scene,
    },
};
use axum::{
    extract::Path,
    response::{Html, IntoResponse},
};
use fields::Display;
use gateway_ui::{
    Template, fmt, markdown,
    query::encode,
    vm::{
        AfterClosing, Author, AuthorKind, Comment, Comments, CommentsFragment, Composer, FieldFault, Moment, Offer,
        OpenComment,
    },
};
use http::{HeaderMap, StatusCode, header};
use kernel::Error;
use proto::records::v1::{self, FieldDefinition, GetHistoryResponse, ListCommentsResponse, Record};
use ring::digest;
use uuid::Uuid;

/// Longest comment, in characters, as records accepts it.
pub(crate) const MAX: u32 = 10_000;

/// What a form of the conversation was sent with, when it comes back to the page.
pub(crate) enum Typed {
    /// A new comment: refused, or only to be looked at first.
    New {
        /// What was typed.
        body: String,
        /// It was meant for agents alone.
        internal: bool,
        /// Why it was refused; none when a preview was asked for.
        fault: Option<FieldFault>,
    },
    /// A comment that was to be written anew, and was refused.
    Edited {
        /// The comment.
        id: String,
        /// What was typed.
        body: String,
        /// Why.
        fault: FieldFault,
    },
}

/// What a record's own answer holds of its conversation.
pub(crate) struct Talk<'a> {
    pub(crate) record: &'a Record,
    pub(crate) part: ListCommentsResponse,
    pub(crate) history: Option<&'a GetHistoryResponse>,
    /// Below which version of the record the part lies; 0 for the newest one.
    pub(crate) before: i64,
}

/// A part of the conversation, what was said before a version or (0) last, with its box.
pub(crate) fn view(scene: &Scene, module: Module<'_>, talk: Talk<'_>, typed: Option<Typed>) -> Comments {
    let record = talk.record;
    let page = scene.ask.record_url(module.name(), &record.id);
    let url = format!("{page}/comments");
    let earlier = talk.part.next_before_version;
    let before = talk.before;
    let composer = may(record, "comment").then(|| composer(scene, module, record, &url, typed.as_ref()));
    Comments {
        items: items(scene, module, talk, typed.as_ref()),
        earlier_url: (earlier > 0).then(|| format!("{page}?earlier={earlier}")),
        latest_url: (before > 0).then_some(page),
        refresh_url: (before == 0).then_some(url),
        composer,
    }
}

fn composer(scene: &Scene, module: Module<'_>, record: &Record, url: &str, typed: Option<&Typed>) -> Composer {
    let (body, internal, fault, looked) = match typed {
        Some(Typed::New { body, internal, fault }) => (body.clone(), *internal, fault.clone(), fault.is_none()),
        Some(Typed::Edited { .. }) | None => (String::new(), false, None, false),
    };
    Composer {
        action: url.to_owned(),
        preview: (looked && !body.trim().is_empty()).then(|| markdown::render(&body)),
        body,
        internal: internal && scene.console(),
        offers_internal: scene.console(),
        fault,
        max_length: MAX,
        offers: if scene.console() { offers(scene, module, record) } else { Vec::new() },
        closed: if scene.console() { None } else { after_closing(scene, module, record) },
    }
}

/// Other statuses that an agent may send a reply with: that the customer has the next word, and that the work is done.
fn offers(scene: &Scene, module: Module<'_>, record: &Record) -> Vec<Offer> {
    let Some(field) = module.status_field().filter(|f| settable(record, f)) else { return Vec::new() };
    let now = raw(value_of(record, &field.name));
    let allowed = rules::options(scene, module, record, &field.name);
    let lang = scene.lang();
    let awaiting = std::iter::once(&module.definition.awaiting_value).filter(|key| !key.is_empty());
    let closing = module.definition.closed_values.iter().take(1);
    let wanted = awaiting.map(|key| (key, false)).chain(closing.map(|key| (key, true)));
    wanted
        .filter(|(key, _)| **key != now && allowed.as_ref().is_none_or(|keys| keys.contains(key)))
        .filter_map(|(key, closes)| {
            let value = field.values.iter().find(|v| v.key == *key)?;
            let label = match closes {
                true => lang.t("composer-send-and-close"),
                false => lang.t1("composer-send-and-set", "status", text(&value.labels, lang)),
            };
            Some(Offer { value: key.clone(), label })
        })
        .collect()
}

fn settable(record: &Record, field: &FieldDefinition) -> bool {
    may(record, "edit") && record.access(&field.name).is_some_and(|a| a == "write")
}

/// What becomes of a customer's reply to a closed record; none while it is open.
fn after_closing(scene: &Scene, module: Module<'_>, record: &Record) -> Option<AfterClosing> {
    let field = module.status_field()?;
    let now = raw(value_of(record, &field.name));
    let closed = &module.definition.closed_values;
    if !closed.contains(&now) {
        return None;
    }
    let allowed = rules::options(scene, module, record, &field.name);
    let opens =
        |key: &str| !closed.iter().any(|c| c == key) && allowed.as_ref().is_none_or(|k| k.iter().any(|a| a == key));
    if settable(record, field) && field.values.iter().any(|v| opens(&v.key)) {
        return Some(AfterClosing::Reopens);
    }
    let title = module.title_fields().next().filter(|_| module.may("create"));
    let about = scene.lang().t1("composer-follow-up-title", "number", record.number.as_str());
    let url = title.map(|field| format!("{}?{}={}", create_url(scene, module), encode(&field.name), encode(&about)));
    Some(AfterClosing::NewOne { url })
}

fn items(scene: &Scene, module: Module<'_>, talk: Talk<'_>, typed: Option<&Typed>) -> Vec<Moment> {
    let (ask, console) = (&scene.ask, scene.console());
    let editing = match typed {
        Some(Typed::Edited { id, body, fault }) => Some((id.clone(), Some((body.clone(), fault.clone())))),
        _ => Posted::parse(&ask.look.query).get("edit").map(|id| (id.to_owned(), None)),
    };
    let begins = talk.part.next_before_version == 0;
    let newest = talk.before == 0;
    // The service gives internal ones to agents only; the portal's pages have no place for them at all.
    let said: Vec<v1::Comment> = talk.part.comments.into_iter().filter(|c| console || !c.internal).collect();
    let from = if begins { i64::MIN } else { said.first().map_or(i64::MAX, |c| c.at_micros) };
    let to = if newest { i64::MAX } else { said.last().map_or(i64::MIN, |c| c.at_micros) };
    let turns = talk.history.map(|history| turns::of(scene, module, talk.record, history)).unwrap_or_default();
    let mut moments: Vec<(i64, Moment)> = Vec::new();
    if begins {
        moments.extend(first(scene, module, talk.record).map(|m| (talk.record.created_at_micros, Moment::Said(m))));
    }
    let page = ask.record_url(module.name(), &talk.record.id);
    for comment in said {
        let at = comment.at_micros;
        let open = (comment.open_until_micros > now_micros()).then(|| {
            let mine = editing.as_ref().filter(|(id, _)| *id == comment.id).map(|(_, typed)| typed.clone());
            let (editing, fault) = match mine {
                Some(Some((body, fault))) => (Some(body), Some(fault)),
                Some(None) => (Some(comment.body.clone()), None),
                None => (None, None),
            };
            let own = format!("{page}/comments/{}", comment.id);
            OpenComment {
                edit_url: format!("{page}?edit={0}#comment-{0}", comment.id),
                remove_action: format!("{own}/remove"),
                action: own,
                editing,
                fault,
                cancel_url: format!("{page}#comment-{}", comment.id),
            }
        });
        moments.push((at, Moment::Said(item(ask, &scene.me.subject.id, comment, open))));
    }
    moments.extend(turns.into_iter().filter(|(at, _)| (from..=to).contains(at)).map(|(at, t)| (at, Moment::Turned(t))));
    // What a reply brought comes after it: both have one moment, and the order in which they were put here stays.
    moments.sort_by_key(|(at, _)| *at);
    moments.into_iter().map(|(_, moment)| moment).collect()
}

/// The long text with which a record begins, as its author's first message. None where the module has none, or it is empty.
fn first(scene: &Scene, module: Module<'_>, record: &Record) -> Option<Comment> {
    let field = first_field(module)?;
    let body = raw(value_of(record, &field.name));
    let readable = record.access(&field.name).is_some_and(|a| a == "read" || a == "write");
    if body.trim().is_empty() || !readable {
        return None;
    }
    let outside = record.created_by_ext.as_ref();
    let (id, name) = match outside {
        Some(actor) => (actor.id.as_str(), actor.name.clone()),
        None => (record.created_by_id.as_str(), record.created_by_name.clone()),
    };
    Some(Comment {
        id: "first".to_owned(),
        author: Author {
            me: id == scene.me.subject.id,
            kind: match (outside, id.is_empty()) {
                (Some(_), _) => AuthorKind::Contact,
                (None, false) => AuthorKind::Agent,
                (None, true) => AuthorKind::System,
            },
            name,
            deleted: outside.is_some_and(|actor| actor.deleted),
            on_behalf_of: None,
        },
        at: fmt::stamp_ago(record.created_at_micros, now_micros(), scene.lang(), &scene.app().zone),
        body: Some(markdown::render(&body)),
        internal: false,
        edited: None,
        removed: false,
        open: None,
    })
}

/// The field that a conversation begins with: the module's first long text.
pub(crate) fn first_field(module: Module<'_>) -> Option<&FieldDefinition> {
    let mut fields = module.definition.fields.iter().filter(|_| module.definition.comments);
    fields.find(|f| kind(f).display() == Display::Markdown)
}

fn item(ask: &Ask, me: &str, comment: v1::Comment, open: Option<OpenComment>) -> Comment {
    Comment {
        author: Author {
            me: comment.author_id == me,
            name: comment.author_name,
            kind: match comment.author_kind.as_str() {
                "contact" | "company" => AuthorKind::Contact,
                "agent" => AuthorKind::Agent,
                _ => AuthorKind::System,
            },
            deleted: comment.author_deleted,
            on_behalf_of: (!comment.on_behalf_of_name.is_empty()).then_some(comment.on_behalf_of_name),
        },
        at: fmt::stamp_ago(comment.at_micros, now_micros(), ask.lang(), &ask.app.zone),
        body: (!comment.redacted && !comment.removed).then(|| markdown::render(&comment.body)),
        internal: comment.internal,
        edited: (comment.edited_at_micros > 0).then(|| fmt::stamp(comment.edited_at_micros, ask.lang(), &ask.app.zone)),
        removed: comment.removed,
        open,
        id: comment.id,
    }
}

/// Only the list, for the open page's own look every half minute.
pub(crate) async fn fragment(ask: Ask, Path((module, id)): Path<(String, String)>, headers: HeaderMap) -> Answer {
    let scene = Scene::open(&ask).await?;
    let defined = scene.module(&module)?;
    let found = fetch::whole(&ask, &module, &id, Parts::default()).await?;
    let record = found.record.ok_or_else(Error::not_found)?;
    let part = found.comments.ok_or_else(Error::not_found)?;
    let talk = Talk { record: &record, part, history: found.history.as_ref(), before: 0 };
    let items = items(&scene, defined, talk, None);
    let mut fragment = CommentsFragment {
        lang: ask.lang(),
        sprite: assets::url("icons.svg"),
        items,
        csrf_token: String::new(),
        form_seed: Uuid::nil(),
    };
    // The same conversation has the same tag, whatever keys its forms have this time.
    let plain = fragment.render().map_err(Error::internal)?;
    let tag = format!("\"{}\"", hex(&digest::digest(&digest::SHA256, plain.as_bytes()).as_ref()[..16]));
    if headers.get(header::IF_NONE_MATCH).is_some_and(|v| v.as_bytes() == tag.as_bytes()) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    (fragment.csrf_token, fragment.form_seed) = (kept::token_of(&ask.app, &scene.me.session), Uuid::new_v4());
    let html = fragment.render().map_err(Error::internal)?;
    Ok(([(header::ETAG, tag)], Html(html)).into_response())
}
