//! Every page in every state, with sample view-models: what the tests check and the gallery shows.

use gateway_ui::fmt::{self, Stamp};
use gateway_ui::query::ListQuery;
use gateway_ui::vm::*;
use gateway_ui::{Lang, Template, markdown};
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
    for (name, page) in sign_in(lang) {
        put(name, page.render());
    }
    for (name, page) in set_password(lang) {
        put(name, page.render());
    }
    for (name, page) in homes(lang) {
        put(name, page.render());
    }
    for (name, page) in lists(lang) {
        put(name, page.render());
    }
    for (name, page) in records(lang) {
        put(name, page.render());
    }
    for (name, page) in forms(lang) {
        put(name, page.render());
    }
    put("conflict", conflict(lang).render());
    for (name, page) in locked(lang) {
        put(name, page.render());
    }
    for (name, page) in deliveries(lang) {
        put(name, page.render());
    }
    for (name, page) in errors(lang) {
        put(&name, page.render());
    }
    put("fragment-comments", comments_fragment(lang).render());
    put("fragment-comments-empty", CommentsFragment { items: Vec::new(), ..comments_fragment(lang) }.render());
    put("fragment-suggestions", suggestions(lang).render());
    put("fragment-suggestions-none", SuggestionsFragment { results: Vec::new(), ..suggestions(lang) }.render());
    samples
}

fn chrome(surface: Surface, lang: Lang, here: &str) -> Chrome {
    let item = |label: &str, url: &str, icon: &str| MenuItem {
        label: label.to_owned(),
        url: url.to_owned(),
        icon: icon.to_owned(),
        current: here.starts_with(url),
    };
    let console = surface == Surface::Console;
    let menu = if console {
        vec![
            item("Tickets", "/console/tickets", "ticket"),
            item("Contacts", "/console/contacts", "user-round"),
            item("Companies", "/console/companies", "building-2"),
        ]
    } else {
        vec![
            item("Tickets", "/tickets", "ticket"),
            item("FAQs", "/faqs", "book-open"),
            item("Documents", "/documents", "file-text"),
            item("Contacts", "/contacts", "no-such-icon"),
        ]
    };
    let admin_menu = if console {
        vec![item("Locked users", "/console/locked-users", "lock"), item("Mail log", "/console/deliveries", "mail")]
    } else {
        Vec::new()
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
        admin_menu,
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
    }
}

fn bare(surface: Surface, lang: Lang, here: &str) -> Chrome {
    Chrome { viewer: None, menu: Vec::new(), admin_menu: Vec::new(), ..chrome(surface, lang, here) }
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

fn sign_in(lang: Lang) -> Vec<(&'static str, SignInPage)> {
    let page = |surface, fault, notice| SignInPage {
        chrome: bare(surface, lang, "/sign-in"),
        action: "/sign-in".to_owned(),
        next: "/tickets".to_owned(),
        login: "emma@acme.test".to_owned(),
        fault,
        notice,
    };
    let portal = Surface::Portal;
    vec![
        ("sign-in", SignInPage { login: String::new(), ..page(portal, None, None) }),
        ("sign-in-console", page(Surface::Console, None, Some(SignInNotice::SessionEnded))),
        ("sign-in-signed-out", page(portal, None, Some(SignInNotice::SignedOut))),
        ("sign-in-password-set", page(portal, None, Some(SignInNotice::PasswordSet))),
        ("sign-in-invalid", page(portal, Some(SignInFault::InvalidCredentials), None)),
        (
            "sign-in-not-started",
            page(portal, Some(SignInFault::SupportNotStarted(fmt::date("2027-01-01", lang))), None),
        ),
        ("sign-in-ended", page(portal, Some(SignInFault::SupportEnded(fmt::date("2026-10-31", lang))), None)),
        ("sign-in-limited", page(portal, Some(SignInFault::RateLimited(30)), None)),
        ("sign-in-unavailable", page(portal, Some(SignInFault::Unavailable), None)),
        ("sign-in-expired", page(portal, Some(SignInFault::FormExpired), None)),
    ]
}

fn set_password(lang: Lang) -> Vec<(&'static str, SetPasswordPage)> {
    let form = |fault| SetPasswordPage {
        chrome: bare(Surface::Portal, lang, "/invitation"),
        state: SetPasswordState::Form {
            action: "/invitation".to_owned(),
            token: "sample-invitation".to_owned(),
            min_length: 15,
            fault,
        },
    };
    let unusable = SetPasswordState::Unusable { sign_in_url: "/sign-in".to_owned() };
    vec![
        ("set-password", form(None)),
        ("set-password-missing", form(Some(PasswordFault::Missing))),
        ("set-password-short", form(Some(PasswordFault::TooShort(15)))),
        ("set-password-long", form(Some(PasswordFault::TooLong))),
        ("set-password-common", form(Some(PasswordFault::Common))),
        ("set-password-mismatch", form(Some(PasswordFault::Mismatch))),
        (
            "set-password-unusable",
            SetPasswordPage { chrome: bare(Surface::Portal, lang, "/invitation"), state: unusable },
        ),
    ]
}

fn recent(lang: Lang) -> Vec<WidgetRow> {
    let row = |number: &str, title: &str, label: &str, color, minutes| WidgetRow {
        number: number.to_owned(),
        title: title.to_owned(),
        url: format!("/tickets/{number}"),
        status: Some(pill(label, color)),
        at: Some(at(minutes, lang)),
    };
    vec![
        row("TT1042", "Label printer prints empty pages after the update", "Open", PillColor::Blue, 12),
        row("TT1039", "New user account for the warehouse", "Waiting", PillColor::Amber, 190),
        row("TT1031", "Invoice 2026/118 shows the old address", "In progress", PillColor::Violet, 2 * 1440),
        row("TT0988", "Scanner gun loses the wireless network near gate 4", "Closed", PillColor::Green, 20 * 1440),
    ]
}

fn homes(lang: Lang) -> Vec<(&'static str, HomePage)> {
    let shortcut = |title: &str, description: &str, url: &str, icon: &str, color| Shortcut {
        title: title.to_owned(),
        description: description.to_owned(),
        url: url.to_owned(),
        icon: icon.to_owned(),
        color,
    };
    let widget = |id: &str, title: &str, rows| Widget {
        id: id.to_owned(),
        title: title.to_owned(),
        icon: "ticket".to_owned(),
        list_url: "/tickets".to_owned(),
        rows,
    };
    let full = Home {
        shortcuts: vec![
            shortcut("New ticket", "Tell us what is wrong or what you need", "/tickets/new", "ticket", PillColor::Blue),
            shortcut(
                "Open tickets",
                "See what is under way",
                "/tickets?f.status=open",
                "message-square",
                PillColor::Amber,
            ),
            shortcut("Documents", "", "/documents", "file-text", PillColor::Violet),
        ],
        widgets: vec![widget("recent-tickets", "Recent tickets", WidgetRows::Rows(recent(lang)))],
    };
    let sparse = Home {
        shortcuts: Vec::new(),
        widgets: vec![
            widget(
                "recent-tickets",
                "Recent tickets",
                WidgetRows::Empty {
                    create_url: Some("/tickets/new".to_owned()),
                    create_label: "New ticket".to_owned(),
                },
            ),
            widget("recent-faqs", "Recent FAQs", WidgetRows::Unavailable),
        ],
    };
    let flash = Flash::of("saved", lang);
    let nothing = Chrome { menu: Vec::new(), ..chrome(Surface::Portal, lang, "/") };
    vec![
        ("home", HomePage { chrome: chrome(Surface::Portal, lang, "/"), home: full }),
        ("home-sparse", HomePage { chrome: Chrome { flash, ..chrome(Surface::Portal, lang, "/") }, home: sparse }),
        ("home-nothing", HomePage { chrome: nothing, home: Home { shortcuts: Vec::new(), widgets: Vec::new() } }),
    ]
}

fn rows(lang: Lang, path: &str) -> Vec<ListRow> {
    let row = |number: &str, title: &str, status: Pill, priority: Pill, amount: i64, minutes| ListRow {
        url: format!("{path}/{number}"),
        number: number.to_owned(),
        title: title.to_owned(),
        cells: vec![
            Shown::Pill(status),
            Shown::Pill(priority),
            if minutes > 1000 { Shown::Empty } else { Shown::Reference { label: "Emma Rossi".to_owned(), url: None } },
            Shown::Number(fmt::integer(amount, lang)),
            Shown::Time(at(minutes, lang)),
        ],
        deleted: number == "TT0871",
    };
    let (open, high) = (pill("Open", PillColor::Blue), pill("High", PillColor::Amber));
    let (closed, low) = (pill("Closed", PillColor::Green), pill("Low", PillColor::Grey));
    let (waiting, urgent) = (pill("Waiting", PillColor::Amber), pill("Urgent", PillColor::Red));
    vec![
        row("TT1042", "Label printer prints empty pages after the update", open.clone(), high.clone(), 3, 12),
        row("TT1039", "New user account for the warehouse", waiting.clone(), low.clone(), 1, 190),
        row("TT1031", "Invoice 2026/118 shows the old address", open.clone(), low.clone(), 12, 2 * 1440),
        row(
            "TT1028",
            "The nightly export to the accounting system stops with “connection reset by peer” roughly every third night, and the file that it leaves behind is cut off in the middle of a line",
            open,
            urgent,
            1204,
            3 * 1440,
        ),
        row("TT0988", "Scanner gun loses the wireless network near gate 4", closed.clone(), high, 8, 20 * 1440),
        row("TT0871", "Duplicate of TT0870", closed, low, 0, 31 * 1440),
        row(
            "TT0870",
            "Question about the maintenance window in December",
            waiting,
            pill("Normal", PillColor::Grey),
            2,
            31 * 1440,
        ),
    ]
}

fn list(lang: Lang, surface: Surface, query: &str) -> ListPage {
    let path = if surface == Surface::Console { "/console/tickets" } else { "/tickets" };
    let read = ListQuery::parse(query);
    let column = |label: &str, field: &str, numeric| Column {
        label: label.to_owned(),
        sort: if field.is_empty() { Sort::Fixed } else { read.sort(field, "-modified_at", path) },
        numeric,
    };
    let status = read.filters.get("status").cloned().unwrap_or_default();
    ListPage {
        chrome: chrome(surface, lang, &format!("{path}?{query}")),
        module: tickets(),
        total: Some(Total { count: 312, capped: false }),
        create_url: Some(format!("{path}/new")),
        scope: (surface == Surface::Portal).then(|| read.scope_switch(path)),
        search: read.search_box(path),
        filters: vec![
            PicklistFilter {
                field: "status".to_owned(),
                label: "Status".to_owned(),
                choices: vec![
                    choice("open", "Open", status == "open"),
                    choice("waiting", "Waiting", status == "waiting"),
                    choice("closed", "Closed", status == "closed"),
                ],
            },
            PicklistFilter {
                field: "priority".to_owned(),
                label: "Priority".to_owned(),
                choices: vec![choice("low", "Low", false), choice("high", "High", false)],
            },
        ],
        clear_url: read.clear_url(path),
        columns: vec![
            column("Number", "number", false),
            column("Title", "title", false),
            column("Status", "status", false),
            column("Priority", "priority", false),
            column("Contact", "", false),
            column("Hours", "hours", true),
            column("Last changed", "modified_at", false),
        ],
        rows: rows(lang, path),
        empty: if read.narrowed() { Empty::NoMatch } else { Empty::NothingYet },
        pager: read.pager("next", path),
        bad_query: false,
    }
}

fn lists(lang: Lang) -> Vec<(&'static str, ListPage)> {
    let portal = Surface::Portal;
    let none = |page: ListPage| ListPage { rows: Vec::new(), pager: Pager::default(), total: None, ..page };
    vec![
        ("list", list(lang, portal, "")),
        (
            "list-filtered",
            ListPage {
                total: Some(Total { count: 1000, capped: true }),
                ..list(lang, portal, "scope=mine&f.status=open&sort=title&cursor=abc")
            },
        ),
        ("list-no-match", none(list(lang, portal, "q=teleporter&scope=mine"))),
        ("list-empty", none(list(lang, portal, ""))),
        (
            "list-read-only",
            ListPage { create_url: None, scope: None, filters: Vec::new(), ..none(list(lang, portal, "")) },
        ),
        ("list-bad-query", ListPage { bad_query: true, ..list(lang, portal, "q=x") }),
        ("list-console", list(lang, Surface::Console, "")),
    ]
}

fn author(name: &str, kind: AuthorKind, me: bool, deleted: bool) -> Author {
    Author { name: name.to_owned(), kind, me, deleted }
}

fn comment(id: &str, author: Author, minutes: i64, body: Option<&str>, internal: bool, lang: Lang) -> Comment {
    Comment { id: id.to_owned(), author, at: at(minutes, lang), body: body.map(markdown::render), internal }
}

fn comments(lang: Lang, console: bool, composer: bool) -> Comments {
    let agent = |me| author("Demo Agent", AuthorKind::Agent, me, false);
    let mut items = vec![
        comment(
            "c1",
            author("Emma Rossi", AuthorKind::Contact, !console, false),
            300,
            Some(
                "It began this morning.\n\n- printed a test page: fine\n- printed a label: **empty**\n\nThe driver is `LP-2844 v5`.",
            ),
            false,
            lang,
        ),
        comment(
            "c2",
            agent(console),
            240,
            Some(
                "Thank you. Please try the steps of [this article](https://example.com/labels) and tell us what happens.",
            ),
            false,
            lang,
        ),
        comment(
            "c3",
            author("Marco Bianchi", AuthorKind::Contact, false, true),
            60,
            Some("Same here at gate 2."),
            false,
            lang,
        ),
        comment("c4", author("", AuthorKind::Contact, false, true), 50, None, false, lang),
        comment(
            "c5",
            author("", AuthorKind::System, false, false),
            40,
            Some("Reopened by the customer’s answer."),
            false,
            lang,
        ),
    ];
    if console {
        items.insert(
            2,
            comment(
                "c6",
                agent(true),
                200,
                Some("The update of 18 Nov changed the label size. Ask development before answering."),
                true,
                lang,
            ),
        );
    }
    Comments {
        items,
        refresh_url: "/tickets/TT1042/comments".to_owned(),
        composer: composer.then(|| Composer {
            action: "/tickets/TT1042/comments".to_owned(),
            body: String::new(),
            internal: false,
            offers_internal: console,
            fault: None,
            max_length: 20_000,
        }),
    }
}

fn comments_fragment(lang: Lang) -> CommentsFragment {
    CommentsFragment { lang, sprite: "/assets/icons.svg".to_owned(), items: comments(lang, true, false).items }
}

fn history(lang: Lang) -> History {
    let entry = |version, minutes, name: &str, channel: &str, kind: &str, changes| HistoryEntry {
        version,
        at: at(minutes, lang),
        actor: Person { name: name.to_owned(), deleted: false },
        on_behalf_of: None,
        channel: channel.to_owned(),
        kind: kind.to_owned(),
        changes,
        body: None,
        redacted: false,
    };
    let change = |label: &str, old, new| Change { label: label.to_owned(), old, new };
    let text = |text: &str| Shown::Text(text.to_owned());
    let mut entries = vec![
        entry(
            9,
            12,
            "Emma Rossi",
            "portal",
            "updated",
            vec![
                change("Title", text("Printer broken"), text("Label printer prints empty pages after the update")),
                change(
                    "Description",
                    Shown::Lines("It doesn’t print.".to_owned()),
                    Shown::Lines("It prints empty pages.\nSince this morning.".to_owned()),
                ),
                change("Phone", text("+39 02 1234567"), Shown::Empty),
            ],
        ),
        HistoryEntry {
            body: Some("Thank you. Please try the steps of this article.".to_owned()),
            ..entry(8, 240, "Demo Agent", "console", "commented", Vec::new())
        },
        HistoryEntry {
            on_behalf_of: Some("Emma Rossi".to_owned()),
            ..entry(
                7,
                260,
                "Demo Agent",
                "console",
                "status_changed",
                vec![change(
                    "Status",
                    Shown::Pill(pill("Open", PillColor::Blue)),
                    Shown::Pill(pill("In progress", PillColor::Violet)),
                )],
            )
        },
        entry(6, 290, "", "system", "assigned", vec![change("Owner", Shown::Empty, text("Demo Agent"))]),
        entry(2, 300, "Demo Agent", "api", "closed", Vec::new()),
        entry(2, 300, "Demo Agent", "import", "reopened", Vec::new()),
        HistoryEntry {
            actor: Person { name: String::new(), deleted: true },
            redacted: true,
            ..entry(1, 400, "", "portal", "created", Vec::new())
        },
    ];
    for kind in ["internal_noted", "deleted", "restored"] {
        entries.push(entry(1, 500, "Demo Agent", "console", kind, Vec::new()));
    }
    History { entries, older_url: Some("/tickets/TT1042?before=1".to_owned()), newest_url: None }
}

fn field(label: &str, value: Shown) -> Field {
    Field { label: label.to_owned(), value }
}

fn ticket(lang: Lang, surface: Surface) -> RecordPage {
    let console = surface == Surface::Console;
    let path = if console { "/console/tickets" } else { "/tickets" };
    let person = |name: &str, deleted| Some(Person { name: name.to_owned(), deleted });
    RecordPage {
        chrome: chrome(surface, lang, &format!("{path}/TT1042")),
        module: tickets(),
        crumbs: vec![Crumb { label: "Tickets".to_owned(), url: path.to_owned() }],
        number: "TT1042".to_owned(),
        title: "Label printer prints empty pages after the update".to_owned(),
        status: Some(pill("Open", PillColor::Blue)),
        version: 9,
        read_only: None,
        pending: false,
        edit_url: Some(format!("{path}/TT1042/edit")),
        transitions: vec![Transition {
            kind: TransitionKind::Close,
            action: format!("{path}/TT1042/edit"),
            field: "status".to_owned(),
            value: "closed".to_owned(),
        }],
        delete_url: console.then(|| format!("{path}/TT1042/delete")),
        restore_url: None,
        blocks: vec![
            Block {
                id: "details".to_owned(),
                label: "Details".to_owned(),
                fields: vec![
                    field(
                        "Description",
                        Shown::Markdown(markdown::render(
                            "Since the update of **18 November** our label printer feeds labels but prints nothing.\n\n1. Open *Shipping*\n2. Print any label\n\nThe test page of the driver is fine.",
                        )),
                    ),
                    field("Priority", Shown::Pill(pill("High", PillColor::Amber))),
                    field("Category", Shown::Text("Hardware".to_owned())),
                    field("Severity", Shown::Empty),
                    field("Affects shipping", Shown::Bool(true)),
                    field(
                        "Wanted by",
                        Shown::Date { iso: "2026-12-01".to_owned(), text: fmt::date("2026-12-01", lang) },
                    ),
                ],
            },
            Block {
                id: "people".to_owned(),
                label: "People".to_owned(),
                fields: vec![
                    field(
                        "Contact",
                        Shown::Reference { label: "Emma Rossi".to_owned(), url: Some(format!("{path}/contacts/1")) },
                    ),
                    field("Company", Shown::Reference { label: "Acme srl".to_owned(), url: None }),
                    field("Owner", Shown::Text("Demo Agent".to_owned())),
                    field("E-mail", Shown::Email("emma@acme.test".to_owned())),
                    field("Phone", Shown::Phone("+39 02 1234567".to_owned())),
                    field("Site", Shown::Url("https://acme.test/".to_owned())),
                    field("Bad site", Shown::Url("javascript:alert(1)".to_owned())),
                    field("Tax number", Shown::Masked("•••• 4471".to_owned())),
                    field("Closed", Shown::Bool(false)),
                ],
            },
        ],
        provenance: Provenance {
            created_by: person("Emma Rossi", false),
            created_by_ext: person("Emma Rossi", false),
            modified_by_ext: person("Marco Bianchi", true),
            created_at: Some(at(400, lang)),
            modified_at: Some(at(12, lang)),
        },
        comments: Some(comments(lang, console, true)),
        history: Some(history(lang)),
        access: None,
        related: Vec::new(),
    }
}

fn contact(lang: Lang, access: AccessBlock) -> RecordPage {
    let page = ticket(lang, Surface::Console);
    let mut blocks = page.blocks.clone();
    blocks[0].fields.retain(|field| !matches!(field.value, Shown::Markdown(_)));
    RecordPage {
        chrome: chrome(Surface::Console, lang, "/console/contacts/CO7"),
        module: contacts(),
        crumbs: vec![Crumb { label: "Contacts".to_owned(), url: "/console/contacts".to_owned() }],
        number: "CO7".to_owned(),
        title: "Emma Rossi".to_owned(),
        status: None,
        transitions: Vec::new(),
        blocks,
        comments: None,
        access: Some(access),
        related: vec![
            RelatedList {
                module: tickets(),
                rows: recent(lang),
                all_url: Some("/console/tickets?q=emma".to_owned()),
                create_url: Some("/console/tickets/new?contact_id=7".to_owned()),
            },
            RelatedList {
                module: module("assets", "Asset", "Assets", "package"),
                rows: Vec::new(),
                all_url: None,
                create_url: None,
            },
        ],
        ..page
    }
}

fn access(lang: Lang) -> AccessBlock {
    AccessBlock {
        state: AccessState::Active,
        email: Some("emma@acme.test".to_owned()),
        login: "emma@acme.test".to_owned(),
        support_start: fmt::date("2026-01-01", lang),
        support_end: fmt::date("2026-12-31", lang),
        start_input: "2026-01-01".to_owned(),
        end_input: "2026-12-31".to_owned(),
        start_fault: None,
        end_fault: None,
        fault: None,
        last_login: Some(at(90, lang)),
        outside_period: None,
        lock: None,
        profile: Some(ProfileChoice {
            action: Some("/console/contacts/CO7/profile".to_owned()),
            choices: vec![choice("p1", "Standard", true), choice("p2", "Accounting", false)],
            default_name: "DEFAULT".to_owned(),
        }),
        enable_url: None,
        dates_url: Some("/console/contacts/CO7/access/dates".to_owned()),
        disable_url: Some("/console/contacts/CO7/access/disable".to_owned()),
        resend_url: None,
    }
}

fn no_access(lang: Lang) -> AccessBlock {
    AccessBlock {
        state: AccessState::None,
        login: String::new(),
        support_start: String::new(),
        support_end: String::new(),
        start_input: "2026-11-23".to_owned(),
        end_input: String::new(),
        last_login: None,
        enable_url: Some("/console/contacts/CO7/access".to_owned()),
        dates_url: None,
        disable_url: None,
        ..access(lang)
    }
}

fn records(lang: Lang) -> Vec<(&'static str, RecordPage)> {
    let portal = ticket(lang, Surface::Portal);
    let read_only = |reason| RecordPage {
        read_only: Some(reason),
        edit_url: None,
        transitions: Vec::new(),
        comments: Some(Comments { items: Vec::new(), ..comments(lang, false, false) }),
        history: Some(History { entries: Vec::new(), older_url: None, newest_url: Some("/tickets/TT1042".to_owned()) }),
        ..ticket(lang, Surface::Portal)
    };
    let fault = |internal| {
        let mut page = ticket(lang, Surface::Console);
        if let Some(composer) = page.comments.as_mut().and_then(|comments| comments.composer.as_mut()) {
            composer.fault = Some(FieldFault::Required);
            composer.internal = internal;
            composer.body = "Typed <before> & kept".to_owned();
        }
        page
    };
    let locked = |until| AccessBlock {
        lock: Some(LockState { until, unlock_url: Some("/console/locked-users".to_owned()), user_id: "u1".to_owned() }),
        outside_period: Some(OutsidePeriod::Ended),
        ..access(lang)
    };
    vec![
        ("record", portal.clone()),
        (
            "record-pending",
            RecordPage {
                pending: true,
                transitions: vec![Transition { kind: TransitionKind::Reopen, ..portal.transitions[0].clone() }],
                chrome: Chrome {
                    flash: Flash::of("commented", lang),
                    ..chrome(Surface::Portal, lang, "/tickets/TT1042")
                },
                ..portal.clone()
            },
        ),
        ("record-read-only", read_only(ReadOnlyReason::Profile)),
        ("record-not-mine", read_only(ReadOnlyReason::NotMine)),
        ("record-rule", read_only(ReadOnlyReason::Rule)),
        ("record-single", RecordPage { comments: None, history: None, provenance: Provenance::default(), ..portal }),
        ("record-console", ticket(lang, Surface::Console)),
        ("record-console-note", fault(true)),
        ("record-console-fault", fault(false)),
        (
            "record-deleted",
            RecordPage {
                read_only: Some(ReadOnlyReason::Deleted),
                restore_url: Some("/console/tickets/TT1042/restore".to_owned()),
                edit_url: None,
                delete_url: None,
                transitions: Vec::new(),
                ..ticket(lang, Surface::Console)
            },
        ),
        ("contact-active", contact(lang, access(lang))),
        ("contact-none", contact(lang, no_access(lang))),
        ("contact-no-email", contact(lang, AccessBlock { email: None, profile: None, ..no_access(lang) })),
        (
            "contact-fault",
            contact(
                lang,
                AccessBlock {
                    start_fault: Some(FieldFault::Required),
                    end_fault: Some(FieldFault::NotADate),
                    fault: Some("The end lies before the start.".to_owned()),
                    ..no_access(lang)
                },
            ),
        ),
        (
            "contact-invited",
            contact(
                lang,
                AccessBlock {
                    state: AccessState::Invited { expires: Some(at(-3000, lang)) },
                    last_login: None,
                    resend_url: Some("/console/contacts/CO7/access/resend".to_owned()),
                    outside_period: Some(OutsidePeriod::NotStarted),
                    ..access(lang)
                },
            ),
        ),
        ("contact-locked", contact(lang, locked(Some(at(-15, lang))))),
        ("contact-locked-manual", contact(lang, locked(None))),
        (
            "contact-disabled",
            contact(
                lang,
                AccessBlock {
                    state: AccessState::Disabled,
                    enable_url: Some("/console/contacts/CO7/access".to_owned()),
                    dates_url: None,
                    disable_url: None,
                    profile: Some(ProfileChoice {
                        action: None,
                        choices: Vec::new(),
                        default_name: "DEFAULT".to_owned(),
                    }),
                    ..access(lang)
                },
            ),
        ),
    ]
}

fn form_field(name: &str, label: &str, required: bool, fault: Option<FieldFault>, control: Control) -> FormField {
    FormField { name: name.to_owned(), label: label.to_owned(), hint: String::new(), required, fault, control }
}

fn form(lang: Lang, surface: Surface) -> FormPage {
    let hint = |hint: &str, field: FormField| FormField { hint: hint.to_owned(), ..field };
    let text = |value: &str| Control::Text { value: value.to_owned(), max_length: 200 };
    FormPage {
        chrome: chrome(surface, lang, "/tickets/new"),
        module: tickets(),
        crumbs: vec![Crumb { label: "Tickets".to_owned(), url: "/tickets".to_owned() }],
        mode: FormMode::Create,
        action: "/tickets/new".to_owned(),
        cancel_url: "/tickets".to_owned(),
        form_id: "0193-sample".to_owned(),
        hidden: vec![("company_id".to_owned(), "c1".to_owned())],
        faults: Vec::new(),
        blocks: vec![FormBlock {
            label: "Details".to_owned(),
            fields: vec![
                hint("One sentence that says what is wrong.", form_field("title", "Title", true, None, text(""))),
                form_field(
                    "description",
                    "Description",
                    true,
                    None,
                    Control::LongText { value: String::new(), max_length: 20_000 },
                ),
                form_field(
                    "priority",
                    "Priority",
                    false,
                    None,
                    Control::Select {
                        choices: vec![
                            choice("low", "Low", false),
                            choice("normal", "Normal", true),
                            choice("high", "High", false),
                        ],
                    },
                ),
            ],
        }],
    }
}

fn every_field(lang: Lang) -> FormPage {
    let value = |value: &str| value.to_owned();
    let detail = |mut choice: Choice, detail: &str| {
        choice.detail = detail.to_owned();
        choice
    };
    let picker = RelationPicker {
        chosen: Some(detail(choice("p1", "Emma Rossi", true), "emma@acme.test · Acme srl")),
        query: "ros".to_owned(),
        results: Some(vec![
            detail(choice("p2", "Marco Rossi", false), "marco@acme.test · Acme srl"),
            detail(choice("p3", "Nina Rosati", false), "nina@globex.test · Globex"),
        ]),
        suggest_url: "/console/tickets/suggest?field=contact_id".to_owned(),
    };
    let empty = RelationPicker {
        chosen: None,
        query: String::new(),
        results: None,
        suggest_url: "/console/tickets/suggest?field=asset_id".to_owned(),
    };
    let bad = |name: &str, label: &str, fault, control| FormField {
        hint: "A hint of the field’s definition.".to_owned(),
        ..form_field(name, label, true, Some(fault), control)
    };
    let fields = vec![
        bad("title", "Title", FieldFault::TooLong(200), Control::Text { value: value("Label printer"), max_length: 0 }),
        bad(
            "description",
            "Description",
            FieldFault::Required,
            Control::LongText { value: value("kept <text>"), max_length: 0 },
        ),
        bad("hours", "Hours", FieldFault::NotAnInteger, Control::Integer { value: value("many") }),
        bad("cost", "Cost", FieldFault::NotADecimal, Control::Decimal { value: value("1,x") }),
        bad("urgent", "Stops our work", FieldFault::Invalid, Control::Checkbox { checked: true }),
        form_field("quiet", "No notices", false, None, Control::Checkbox { checked: false }),
        bad("due", "Wanted by", FieldFault::NotADate, Control::Date { value: value("2026-12-01") }),
        bad(
            "visit",
            "Visit",
            FieldFault::NotADateTime,
            Control::DateTime { value: value("2026-12-01T09:30"), zone: value("Europe/Rome") },
        ),
        bad("email", "E-mail", FieldFault::NotAnEmail, Control::Email { value: value("emma@") }),
        bad("phone", "Phone", FieldFault::NotAPhone, Control::Phone { value: value("abc") }),
        bad("site", "Site", FieldFault::NotAUrl, Control::Url { value: value("acme") }),
        bad(
            "priority",
            "Priority",
            FieldFault::UnknownValue,
            Control::Select { choices: vec![choice("low", "Low", false)] },
        ),
        bad("contact_id", "Contact", FieldFault::UnknownRecord, Control::Relation(picker)),
        form_field("asset_id", "Asset", false, None, Control::Relation(empty)),
        bad(
            "owner_id",
            "Owner",
            FieldFault::Taken,
            Control::Select { choices: vec![detail(choice("a1", "Demo Agent", true), "agent@demo.test")] },
        ),
        bad("company_id", "Company", FieldFault::ReadOnly, Control::Select { choices: Vec::new() }),
        form_field("number", "Number", false, None, Control::ReadOnly(Shown::Text(value("TT1042")))),
    ];
    let (first, second) = fields.split_at(7);
    FormPage {
        mode: FormMode::Edit {
            number: "TT1042".to_owned(),
            title: "Label printer prints empty pages after the update".to_owned(),
            expected_version: 9,
        },
        faults: vec![FormFault::FormExpired, FormFault::AlreadySent, FormFault::Unavailable, FormFault::Forbidden],
        blocks: vec![
            FormBlock { label: "Details".to_owned(), fields: first.to_vec() },
            FormBlock { label: "People".to_owned(), fields: second.to_vec() },
        ],
        ..form(lang, Surface::Console)
    }
}

fn forms(lang: Lang) -> Vec<(&'static str, FormPage)> {
    let mut wrong = form(lang, Surface::Portal);
    wrong.blocks[0].fields[0].fault = Some(FieldFault::Required);
    let mut fine = every_field(lang);
    fine.faults.clear();
    for field in fine.blocks.iter_mut().flat_map(|block| &mut block.fields) {
        field.fault = None;
    }
    vec![
        ("form-create", form(lang, Surface::Portal)),
        ("form-errors", wrong),
        ("form-every-field", fine),
        ("form-every-fault", every_field(lang)),
    ]
}

fn conflict(lang: Lang) -> ConflictPage {
    let row = |name: &str, label: &str, original, yours: Shown, theirs: Shown, raw: &str, clash| ConflictRow {
        name: name.to_owned(),
        label: label.to_owned(),
        original,
        yours,
        theirs,
        yours_raw: raw.to_owned(),
        clash,
    };
    let lines = |text: &str| Shown::Lines(text.to_owned());
    ConflictPage {
        chrome: chrome(Surface::Portal, lang, "/tickets/TT1042/edit"),
        module: tickets(),
        crumbs: vec![Crumb { label: "TT1042".to_owned(), url: "/tickets/TT1042".to_owned() }],
        number: "TT1042".to_owned(),
        title: "Label printer prints empty pages".to_owned(),
        action: "/tickets/TT1042/edit".to_owned(),
        record_url: "/tickets/TT1042".to_owned(),
        form_id: "0193-sample".to_owned(),
        expected_version: 10,
        changed_by: Some("Marco Bianchi".to_owned()),
        changed_at: Some(at(3, lang)),
        rows: vec![
            row(
                "description",
                "Description",
                Some(lines("It doesn’t print.")),
                lines("It prints empty pages since this morning."),
                lines("It prints empty pages.\nGate 2 has the same."),
                "It prints empty pages since this morning.",
                true,
            ),
            row(
                "priority",
                "Priority",
                None,
                Shown::Pill(pill("Urgent", PillColor::Red)),
                Shown::Pill(pill("High", PillColor::Amber)),
                "urgent",
                true,
            ),
            row(
                "phone",
                "Phone",
                None,
                Shown::Text("+39 02 7654321".to_owned()),
                Shown::Empty,
                "+39 02 7654321",
                false,
            ),
        ],
    }
}

fn locked(lang: Lang) -> Vec<(&'static str, LockedUsersPage)> {
    let user = |id: &str, name: &str, login: &str, agent, until, networks: &[&str]| LockedUser {
        id: id.to_owned(),
        name: name.to_owned(),
        login: login.to_owned(),
        agent,
        url: (!agent).then(|| format!("/console/contacts/{id}")),
        since: at(25, lang),
        until,
        failures: 5,
        networks: networks.iter().map(|network| (*network).to_owned()).collect(),
    };
    let page = |users, action: Option<&str>| LockedUsersPage {
        chrome: chrome(Surface::Console, lang, "/console/locked-users"),
        action: action.map(str::to_owned),
        users,
        pager: Pager::default(),
    };
    let users = vec![
        user("u1", "Emma Rossi", "emma@acme.test", false, Some(at(-5, lang)), &["203.0.113.0/24", "2001:db8::/48"]),
        user("u2", "Demo Agent", "agent@demo.test", true, None, &[]),
    ];
    let action = Some("/console/locked-users");
    vec![
        ("locked", page(users.clone(), action)),
        ("locked-look-only", page(users, None)),
        ("locked-empty", page(Vec::new(), action)),
    ]
}

fn deliveries(lang: Lang) -> Vec<(&'static str, DeliveriesPage)> {
    let delivery = |id: &str, template: &str, state, error: &str| Delivery {
        id: id.to_owned(),
        recipient: "emma@acme.test".to_owned(),
        template: template.to_owned(),
        state,
        attempts: 2,
        created_at: at(60, lang),
        updated_at: at(30, lang),
        error: error.to_owned(),
        message_id: format!("<{id}@portal.test>"),
        resend_url: matches!(state, DeliveryState::Failed | DeliveryState::Uncertain)
            .then(|| format!("/console/deliveries/{id}/resend")),
    };
    let page = |deliveries, state| DeliveriesPage {
        chrome: chrome(Surface::Console, lang, "/console/deliveries"),
        filter_action: "/console/deliveries".to_owned(),
        state,
        deliveries,
        pager: Pager { first_url: None, next_url: Some("/console/deliveries?cursor=abc".to_owned()) },
    };
    let all = vec![
        delivery("d1", "invitation", DeliveryState::Sent, ""),
        delivery("d2", "record_assigned", DeliveryState::Queued, ""),
        delivery("d3", "record_commented", DeliveryState::Retrying, "451 4.3.0 Temporary failure, try again later"),
        delivery("d4", "account_locked", DeliveryState::Failed, "550 5.1.1 No such user here"),
        delivery("d5", "password_set", DeliveryState::Uncertain, ""),
        delivery("d6", "invitation", DeliveryState::Skipped, "link_used"),
        delivery("d7", "record_commented", DeliveryState::Skipped, "opted_out"),
        delivery("d8", "something_new", DeliveryState::Skipped, "no_address"),
        delivery("d9", "invitation", DeliveryState::Sending, ""),
    ];
    vec![
        ("deliveries", page(all, None)),
        ("deliveries-none", DeliveriesPage { pager: Pager::default(), ..page(Vec::new(), None) }),
        (
            "deliveries-no-match",
            DeliveriesPage { pager: Pager::default(), ..page(Vec::new(), Some(DeliveryState::Failed)) },
        ),
    ]
}

fn errors(lang: Lang) -> Vec<(String, ErrorPage)> {
    let kinds = [
        ErrorKind::BadRequest,
        ErrorKind::Forbidden,
        ErrorKind::NotFound,
        ErrorKind::Conflict,
        ErrorKind::Gone,
        ErrorKind::TooLarge,
        ErrorKind::TooManyRequests(30),
        ErrorKind::Internal,
        ErrorKind::Unavailable(5),
    ];
    let mut pages: Vec<_> = kinds
        .into_iter()
        .map(|kind| {
            let chrome = chrome(Surface::Portal, lang, "/tickets/nowhere");
            (format!("error-{}", kind.status()), ErrorPage { chrome, kind, back_url: Some("/tickets".to_owned()) })
        })
        .collect();
    let chrome = Chrome { trace_id: String::new(), ..bare(Surface::Console, lang, "/console") };
    pages.push(("error-bare".to_owned(), ErrorPage { chrome, kind: ErrorKind::Unavailable(5), back_url: None }));
    pages
}

fn suggestions(lang: Lang) -> SuggestionsFragment {
    SuggestionsFragment {
        lang,
        field: "contact_id".to_owned(),
        results: vec![choice("p1", "Emma Rossi", true), choice("p2", "Marco Bianchi", false)],
    }
}
