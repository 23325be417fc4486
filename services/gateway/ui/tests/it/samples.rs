//! Every page in every state, with sample view-models: what the tests check and the gallery shows.

// Paths are spelled out because the gallery takes this file in from another folder.
#[path = "samples/account.rs"]
mod account;
#[path = "samples/bulk.rs"]
mod bulk;
#[path = "samples/console.rs"]
mod console;
#[path = "samples/docs.rs"]
mod docs;
#[path = "samples/forms.rs"]
mod forms;
#[path = "samples/lists.rs"]
mod lists;
#[path = "samples/portal.rs"]
mod portal;
#[path = "samples/records.rs"]
mod records;

use gateway_ui::fmt::{self, Stamp};
use gateway_ui::vm::*;
use gateway_ui::{Lang, Template};
use uuid::Uuid;

/// A rendered page.
pub(crate) struct Sample {
    /// Name of the file in the gallery.
    pub(crate) name: String,
    /// Whole document, or a fragment when the name begins with `fragment`.
    pub(crate) html: String,
}

const NOW: i64 = 1_795_435_200_000_000;
const MINUTE: i64 = 60_000_000;

/// Every page × state in a language.
pub(crate) fn all(lang: Lang) -> Vec<Sample> {
    let mut samples = Vec::new();
    let mut put = |name: &str, html: Result<String, gateway_ui::RenderError>| {
        samples.push(Sample { name: name.to_owned(), html: html.expect("a sample renders") });
    };
    for (name, page) in portal::sign_in(lang) {
        put(name, page.render());
    }
    for (name, page) in portal::set_password(lang) {
        put(name, page.render());
    }
    for (name, page) in portal::homes(lang) {
        put(name, page.render());
    }
    for (name, page) in portal::dashboards(lang) {
        put(name, page.render());
    }
    for (name, page) in lists::lists(lang) {
        put(name, page.render());
    }
    for (name, page) in records::records(lang) {
        put(name, page.render());
    }
    for (name, page) in forms::forms(lang) {
        put(name, page.render());
    }
    put("conflict", forms::conflict(lang).render());
    for (name, page) in lists::locked(lang) {
        put(name, page.render());
    }
    for (name, page) in lists::deliveries(lang) {
        put(name, page.render());
    }
    for (name, page) in self::console::pages(lang) {
        put(name, page.render());
    }
    for (name, page) in portal::errors(lang) {
        put(&name, page.render());
    }
    for (name, page) in docs::all(lang) {
        put(name, page.render());
    }
    for (name, page) in account::all(lang) {
        put(name, page);
    }
    put("fragment-comments", records::comments_fragment(lang).render());
    put("fragment-comments-empty", CommentsFragment { items: Vec::new(), ..records::comments_fragment(lang) }.render());
    put("fragment-queue", portal::queue(lang).render());
    put("fragment-suggestions", forms::suggestions(lang).render());
    put("fragment-suggestions-none", SuggestionsFragment { results: Vec::new(), ..forms::suggestions(lang) }.render());
    samples
}

fn chrome(surface: Surface, lang: Lang, here: &str) -> Chrome {
    let item = |label: &str, url: &str, icon: &str| MenuItem {
        label: label.to_owned(),
        url: url.to_owned(),
        icon: icon.to_owned(),
        current: here.starts_with(url),
        count: String::new(),
    };
    let console = surface == Surface::Console;
    let group = |heading: &str, items| MenuGroup {
        heading: (!heading.is_empty()).then(|| heading.to_owned()),
        items,
        folded: heading == "More",
    };
    let menu = if console {
        let queue = |label: &str, view: &str, icon: &str, count: &str| MenuItem {
            count: count.to_owned(),
            ..item(label, &format!("/console/tickets?view={view}"), icon)
        };
        vec![
            group(
                "",
                vec![
                    queue("My queue", "mine", "inbox", "12"),
                    queue("Unassigned", "unassigned", "user-round", "1,000+"),
                ],
            ),
            group(
                "Customers",
                vec![
                    item("Contacts", "/console/contacts", "user-round"),
                    item("Companies", "/console/companies", "building-2"),
                ],
            ),
            group("Records", vec![item("Tickets", "/console/tickets", "ticket")]),
            group("More", vec![item("Documents", "/console/documents", "file-text")]),
            group(
                "Administration",
                vec![
                    item("Bulk access", "/console/bulk", "list-checks"),
                    item("Locked users", "/console/locked-users", "lock"),
                    item("Mail log", "/console/deliveries", "mail"),
                    item("Agents", "/console/agents", "users"),
                    item("API tokens", "/console/api-tokens", "key-round"),
                    item("Security settings", "/console/settings", "settings"),
                ],
            ),
        ]
    } else {
        vec![group(
            "",
            vec![
                item("Home", "/", "house"),
                item("Tickets", "/tickets", "ticket"),
                item("FAQs", "/faqs", "book-open"),
                item("Documents", "/documents", "file-text"),
                item("Contacts", "/contacts", "no-such-icon"),
            ],
        )]
    };
    Chrome {
        surface,
        lang,
        theme: Theme::System,
        product_name: "Acme Support".to_owned(),
        viewer: Some(Viewer {
            name: if console { "Demo Agent".to_owned() } else { "Emma Rossi".to_owned() },
            detail: if console { "agent@demo.test".to_owned() } else { "Acme srl".to_owned() },
        }),
        menu,
        queue_url: console.then(|| "/console".to_owned()),
        home_url: if console { "/console".to_owned() } else { "/".to_owned() },
        sign_out_url: "/sign-out".to_owned(),
        here: here.to_owned(),
        csrf_token: "sample-token".to_owned(),
        form_seed: Uuid::from_u128(7),
        flash: None,
        assets: Assets {
            css: "/assets/app.css".to_owned(),
            js: "/assets/app.js".to_owned(),
            sprite: "/assets/icons.svg".to_owned(),
            favicon: "/assets/favicon.svg".to_owned(),
        },
        trace_id: "4bf92f3577b34da6a3ce929d0e0e4736".to_owned(),
        traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned(),
        demo: true,
        security_url: Some(if console { "/console/account/security" } else { "/account/security" }.to_owned()),
        standing: None,
        clock: Some(SessionClock {
            seconds: 1800,
            warn: 120,
            minutes: 30,
            extend_url: "/session/extend".to_owned(),
            state_url: "/session/state".to_owned(),
            sign_in_url: "/sign-in".to_owned(),
            owner: "sample".to_owned(),
        }),
    }
}

fn bare(surface: Surface, lang: Lang, here: &str) -> Chrome {
    let chrome = chrome(surface, lang, here);
    Chrome { viewer: None, menu: Vec::new(), queue_url: None, security_url: None, clock: None, ..chrome }
}

fn at(minutes_ago: i64, lang: Lang) -> Stamp {
    fmt::stamp_ago(NOW - minutes_ago * MINUTE, NOW, lang, &fmt::zone("Europe/Rome"))
}

fn module(name: &str, singular: &str, plural: &str, icon: &str) -> ModuleName {
    ModuleName {
        name: name.to_owned(),
        singular: singular.to_owned(),
        plural: plural.to_owned(),
        icon: icon.to_owned(),
    }
}

fn tickets() -> ModuleName {
    module("tickets", "Ticket", "Tickets", "ticket")
}

fn contacts() -> ModuleName {
    module("contacts", "Contact", "Contacts", "user-round")
}

fn pill(label: &str, color: PillColor) -> Pill {
    Pill { label: label.to_owned(), color }
}

fn choice(value: &str, label: &str, selected: bool) -> Choice {
    Choice { value: value.to_owned(), label: label.to_owned(), detail: String::new(), selected }
}

fn recent(lang: Lang) -> Vec<WidgetRow> {
    let row = |number: &str, title: &str, label: &str, color, minutes| WidgetRow {
        number: number.to_owned(),
        title: title.to_owned(),
        url: format!("/tickets/{number}"),
        status: Some(pill(label, color)),
        at: Some(at(minutes, lang)),
        detail: if minutes > 1000 { String::new() } else { "Emma Rossi, Acme srl".to_owned() },
        unread: minutes < 100,
    };
    vec![
        row("TT1042", "Label printer prints empty pages after the update", "Open", PillColor::Blue, 12),
        row("TT1039", "New user account for the warehouse", "Waiting", PillColor::Amber, 190),
        row("TT1031", "Invoice 2026/118 shows the old address", "In progress", PillColor::Violet, 2 * 1440),
        row("TT0988", "Scanner gun loses the wireless network near gate 4", "Closed", PillColor::Green, 20 * 1440),
    ]
}
