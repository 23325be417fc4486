//! Lists of records, locked users, the mail log.

use gateway_ui::query::ListQuery;
use gateway_ui::vm::*;
use gateway_ui::{Lang, fmt};

use super::*;

fn rows(lang: Lang, path: &str) -> Vec<ListRow> {
    let row = |number: &str, title: &str, status: Pill, priority: Pill, amount: i64, minutes| ListRow {
        id: number.to_lowercase(),
        version: 3,
        url: format!("{path}/{number}"),
        number: number.to_owned(),
        title: title.to_owned(),
        cells: vec![
            Shown::Pill(status),
            Shown::Pill(priority),
            if minutes > 1000 { Shown::Empty } else { Shown::Reference { label: "Emma Rossi".to_owned(), url: None } },
            Shown::Number(fmt::integer(amount, lang)),
            Shown::Since(at(minutes, lang)),
        ],
        deleted: number == "TT0871",
        unread: minutes < 100,
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
        bulk_url: (surface == Surface::Console).then(|| "/console/bulk/new?list=1".to_owned()),
        choosing: (surface == Surface::Console).then(|| Choosing {
            action: format!("{path}/change"),
            back: path.to_owned(),
            take: true,
            groups: vec![
                (
                    "Status".to_owned(),
                    vec![choice("status=open", "Open", false), choice("status=closed", "Closed", false)],
                ),
                ("Priority".to_owned(), vec![choice("priority=low", "Low", false)]),
            ],
        }),
        scope: (surface == Surface::Portal).then(|| read.scope_switch(path)),
        tabs: if surface == Surface::Console { tabs(path) } else { Vec::new() },
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

fn tabs(path: &str) -> Vec<Tab> {
    let tab =
        |label: &str, view: &str, current| Tab { label: label.to_owned(), url: format!("{path}?view={view}"), current };
    vec![tab("My queue", "mine", false), tab("Open", "open", true), tab("All", "all", false)]
}

pub(super) fn lists(lang: Lang) -> Vec<(&'static str, ListPage)> {
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
        ("list-console-view", ListPage { empty: Empty::InView, ..none(list(lang, Surface::Console, "view=mine")) }),
    ]
}

/// A network that failures came from.
pub(super) fn seen(lang: Lang, user: &str, network: &str, succeeded_before: bool) -> Seen {
    Seen {
        value: format!("{user} {network}"),
        network: network.to_owned(),
        failures: 3,
        first: at(40, lang),
        last: at(25, lang),
        succeeded_before,
    }
}

pub(super) fn locked(lang: Lang) -> Vec<(&'static str, LockedUsersPage)> {
    let user = |id: &str, name: &str, login: &str, agent, until, networks: &[(&str, bool)]| LockedUser {
        id: id.to_owned(),
        name: name.to_owned(),
        login: login.to_owned(),
        agent,
        url: (!agent).then(|| format!("/console/contacts/{id}")),
        since: at(25, lang),
        until,
        failures: 5,
        seen: networks.iter().map(|(network, before)| seen(lang, id, network, *before)).collect(),
    };
    let page = |users, action: Option<&str>| LockedUsersPage {
        chrome: chrome(Surface::Console, lang, "/console/locked-users"),
        action: action.map(str::to_owned),
        tabs: lock_tabs(lang, "/console/locked-users".to_owned(), "/console/trusts".to_owned(), false),
        users,
        pager: Pager::default(),
    };
    let users = vec![
        user(
            "u1",
            "Emma Rossi",
            "emma@acme.test",
            false,
            Some(at(-5, lang)),
            &[("203.0.113.0/24", true), ("2001:db8::/48", false)],
        ),
        user("u2", "Demo Agent", "agent@demo.test", true, None, &[]),
    ];
    let action = Some("/console/locked-users");
    vec![
        ("locked", page(users.clone(), action)),
        ("locked-look-only", page(users, None)),
        ("locked-empty", page(Vec::new(), action)),
    ]
}

pub(super) fn deliveries(lang: Lang) -> Vec<(&'static str, DeliveriesPage)> {
    let delivery = |id: &str, template: &str, state, error: &str| Delivery {
        id: id.to_owned(),
        recipient: "emma@acme.test".to_owned(),
        template: template.to_owned(),
        state,
        attempts: 2,
        created_at: at(60, lang),
        updated_at: at(30, lang),
        error: error.to_owned(),
        redirected: String::new(),
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
    let mut all = vec![
        delivery("d1", "invitation", DeliveryState::Sent, ""),
        delivery("d2", "record_assigned", DeliveryState::Queued, ""),
        delivery("d3", "record_commented", DeliveryState::Retrying, "451 4.3.0 Temporary failure, try again later"),
        delivery("d4", "account_locked", DeliveryState::Failed, "550 5.1.1 No such user here"),
        delivery("d5", "password_set", DeliveryState::Uncertain, ""),
        delivery("d6", "invitation", DeliveryState::Skipped, "link_used"),
        delivery("d7", "record_commented", DeliveryState::Skipped, "opted_out"),
        delivery("d8", "something_new", DeliveryState::Skipped, "no_address"),
        delivery("d9", "invitation", DeliveryState::Sending, ""),
        Delivery {
            recipient: "desk@portal.test".to_owned(),
            redirected: "disabled".to_owned(),
            ..delivery("d10", "record_commented", DeliveryState::Sent, "")
        },
    ];
    // What has no reader says why.
    let nobody = [
        "no_access",
        "suspended",
        "support_not_started",
        "support_ended",
        "record_gone",
        "comment_gone",
        "record_hidden",
    ];
    let nobody = nobody.into_iter().chain(["comments_hidden", "no_owner", "no_contact", "disabled", "smtp_no_utf8"]);
    all.extend(nobody.enumerate().map(|(n, reason)| Delivery {
        recipient: String::new(),
        ..delivery(&format!("n{n}"), "record_commented", DeliveryState::Skipped, reason)
    }));
    let security = [
        "password_reset",
        "one_time_password",
        "login_change_confirm",
        "login_change_announced",
        "login_changed",
        "login_left",
        "factor_added",
        "factor_removed",
        "recovery_code_used",
        "recovery_codes_made",
    ];
    all.extend(security.map(|template| delivery(template, template, DeliveryState::Sent, "")));
    vec![
        ("deliveries", page(all, None)),
        ("deliveries-none", DeliveriesPage { pager: Pager::default(), ..page(Vec::new(), None) }),
        (
            "deliveries-no-match",
            DeliveriesPage { pager: Pager::default(), ..page(Vec::new(), Some(DeliveryState::Failed)) },
        ),
    ]
}
