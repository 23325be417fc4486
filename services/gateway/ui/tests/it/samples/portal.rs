//! Sign-in, invitation, home, errors.

use gateway_ui::vm::*;
use gateway_ui::{Lang, fmt};

use super::*;

pub(super) fn sign_in(lang: Lang) -> Vec<(&'static str, SignInPage)> {
    let page = |surface, fault, notice| SignInPage {
        chrome: bare(surface, lang, "/sign-in"),
        action: "/sign-in".to_owned(),
        next: "/tickets".to_owned(),
        typed_kept: false,
        login: "emma@acme.test".to_owned(),
        forgot_url: "/forgot-password".to_owned(),
        passkey_url: "/sign-in/passkey".to_owned(),
        fault,
        notice,
    };
    let portal = Surface::Portal;
    vec![
        ("sign-in", SignInPage { login: String::new(), ..page(portal, None, None) }),
        ("sign-in-typed-kept", SignInPage { typed_kept: true, ..page(portal, None, Some(SignInNotice::SessionEnded)) }),
        ("sign-in-console", page(Surface::Console, None, Some(SignInNotice::SessionEnded))),
        ("sign-in-signed-out", page(portal, None, Some(SignInNotice::SignedOut))),
        ("sign-in-password-set", page(portal, None, Some(SignInNotice::PasswordSet))),
        ("sign-in-password-reset", page(portal, None, Some(SignInNotice::PasswordReset))),
        ("sign-in-idle", page(portal, None, Some(SignInNotice::Ended(Ended::Idle)))),
        ("sign-in-ended-by-agent", page(portal, None, Some(SignInNotice::Ended(Ended::ByAgent)))),
        ("sign-in-login-changed", page(portal, None, Some(SignInNotice::LoginChanged))),
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

pub(super) fn set_password(lang: Lang) -> Vec<(&'static str, SetPasswordPage)> {
    let form = |fault| SetPasswordPage {
        chrome: bare(Surface::Portal, lang, "/invitation"),
        purpose: SetPasswordPurpose::First,
        state: SetPasswordState::Form {
            login: "emma@acme.test".to_owned(),
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
            SetPasswordPage {
                chrome: bare(Surface::Portal, lang, "/invitation"),
                purpose: SetPasswordPurpose::First,
                state: unusable,
            },
        ),
    ]
}

pub(super) fn homes(lang: Lang) -> Vec<(&'static str, HomePage)> {
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
    let waiting = WaitingRow {
        row: recent(lang).remove(1),
        said: "Please try the steps of this article and tell us what happens.".to_owned(),
        by: "Demo Agent".to_owned(),
        reply_url: "/tickets/TT1039#composer".to_owned(),
    };
    let requests = Requests {
        waiting: vec![waiting],
        open: recent(lang),
        solved: recent(lang).split_off(3),
        list_url: "/tickets".to_owned(),
        mixed: false,
        unavailable: false,
    };
    let calm = Requests { waiting: Vec::new(), open: Vec::new(), solved: Vec::new(), mixed: true, ..requests.clone() };
    let away = Requests { unavailable: true, ..calm.clone() };
    let create =
        vec![("New ticket".to_owned(), "/tickets/new".to_owned()), ("New case".to_owned(), "/cases/new".to_owned())];
    let full = Home {
        greeting: "Good morning, Emma".to_owned(),
        create,
        requests: Some(requests),
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
        greeting: "Welcome to Acme Support".to_owned(),
        create: Vec::new(),
        requests: Some(calm),
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
        ("home-away", HomePage { chrome: chrome(Surface::Portal, lang, "/"), home: bare_home(Some(away)) }),
        ("home-nothing", HomePage { chrome: nothing, home: bare_home(None) }),
    ]
}

/// A home without parts of the profile.
pub(super) fn bare_home(requests: Option<Requests>) -> Home {
    Home {
        greeting: "Welcome to Acme Support".to_owned(),
        create: Vec::new(),
        requests,
        shortcuts: Vec::new(),
        widgets: Vec::new(),
    }
}

/// The console's dashboards.
pub(super) fn dashboards(lang: Lang) -> Vec<(&'static str, DashboardPage)> {
    let tile = |label: &str, count: &str, urgent| Tile {
        label: label.to_owned(),
        count: count.to_owned(),
        url: "/console/tickets?view=mine".to_owned(),
        icon: "inbox".to_owned(),
        urgent,
    };
    let widget = |rows| Widget {
        id: "answered".to_owned(),
        title: "Customer answered".to_owned(),
        icon: "reply".to_owned(),
        list_url: "/console/tickets?view=answered".to_owned(),
        rows,
    };
    let page = DashboardPage {
        chrome: chrome(Surface::Console, lang, "/console"),
        tiles: vec![
            tile("My queue", "12", false),
            tile("Unassigned", "1,000+", true),
            tile("Customer answered", "", false),
        ],
        duties: vec![tile("Locked users", "2", true)],
        answered: Some(widget(WidgetRows::Rows(recent(lang)))),
    };
    let nothing = WidgetRows::Empty { create_url: None, create_label: String::new() };
    vec![
        ("dashboard-calm", DashboardPage { answered: Some(widget(nothing)), duties: Vec::new(), ..page.clone() }),
        ("dashboard", page),
    ]
}

/// The entries of the queue.
pub(super) fn queue(lang: Lang) -> QueueFragment {
    let items = chrome(Surface::Console, lang, "/console").menu.remove(0).items;
    QueueFragment { sprite: "/assets/icons.svg".to_owned(), url: "/console".to_owned(), items }
}

pub(super) fn errors(lang: Lang) -> Vec<(String, ErrorPage)> {
    let kinds = [
        ErrorKind::BadRequest,
        ErrorKind::Forbidden,
        ErrorKind::FormStale,
        ErrorKind::OtherPerson,
        ErrorKind::Elsewhere,
        ErrorKind::NoOrigin,
        ErrorKind::NotFound,
        ErrorKind::TooSlow,
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
            let typed = match kind {
                ErrorKind::FormStale | ErrorKind::Unavailable(_) => vec!["What was typed\nin two lines".to_owned()],
                _ => Vec::new(),
            };
            let name = match kind.status() {
                403 => format!("error-403-{kind:?}"),
                status => format!("error-{status}"),
            };
            (name, ErrorPage { chrome, kind, back_url: Some("/tickets".to_owned()), typed })
        })
        .collect();
    let chrome = Chrome { trace_id: String::new(), ..bare(Surface::Console, lang, "/console") };
    pages.push((
        "error-bare".to_owned(),
        ErrorPage { chrome, kind: ErrorKind::Unavailable(5), back_url: None, typed: Vec::new() },
    ));
    pages
}
