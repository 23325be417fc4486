//! Records and contacts.

use fields::FieldType;
use gateway_ui::vm::*;
use gateway_ui::{Lang, fmt, markdown};

use super::*;

fn author(name: &str, kind: AuthorKind, me: bool, deleted: bool) -> Author {
    Author { name: name.to_owned(), kind, me, deleted, on_behalf_of: None }
}

fn comment(id: &str, author: Author, minutes: i64, body: Option<&str>, internal: bool, lang: Lang) -> Comment {
    Comment {
        id: id.to_owned(),
        author,
        at: at(minutes, lang),
        body: body.map(markdown::render),
        internal,
        edited: None,
        removed: false,
        open: None,
    }
}

/// One's own comment, which may still be changed; perhaps in its form.
fn open(comment: Comment, editing: Option<&str>, fault: Option<FieldFault>) -> Comment {
    let open = OpenComment {
        edit_url: format!("/tickets/TT1042?edit={}", comment.id),
        action: format!("/tickets/TT1042/comments/{}", comment.id),
        remove_action: format!("/tickets/TT1042/comments/{}/remove", comment.id),
        editing: editing.map(str::to_owned),
        fault,
        cancel_url: "/tickets/TT1042".to_owned(),
    };
    Comment { open: Some(open), ..comment }
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
            "c7",
            Author { on_behalf_of: Some("Emma Rossi".to_owned()), ..agent(false) },
            200,
            Some("On the phone: the article did not help."),
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
    let me = author("Emma Rossi", AuthorKind::Contact, true, false);
    let mine = |id: &str, minutes| comment(id, me.clone(), minutes, Some("It works again."), false, lang);
    items.push(Comment { edited: Some(at(29, lang)), ..open(mine("c8", 30), None, None) });
    items.push(Comment { removed: true, body: None, ..mine("c9", 20) });
    items.push(open(mine("c10", 10), Some("It works again."), None));
    let mut items: Vec<Moment> = items.into_iter().map(Moment::Said).collect();
    items.insert(
        1,
        Moment::Turned(Turn { icon: "circle-check", text: "Closed by Emma Rossi".to_owned(), at: at(280, lang) }),
    );
    Comments {
        items,
        earlier_url: console.then(|| "/console/tickets/TT1042?earlier=12".to_owned()),
        latest_url: None,
        refresh_url: Some("/tickets/TT1042/comments".to_owned()),
        composer: composer.then(|| Composer {
            action: "/tickets/TT1042/comments".to_owned(),
            body: String::new(),
            internal: false,
            offers_internal: console,
            fault: None,
            max_length: 20_000,
            preview: console.then(|| markdown::render("**Soon.**")),
            offers: match console {
                true => vec![Offer { value: "closed".to_owned(), label: "Send and close".to_owned() }],
                false => Vec::new(),
            },
            closed: None,
        }),
    }
}

pub(super) fn comments_fragment(lang: Lang) -> CommentsFragment {
    CommentsFragment {
        lang,
        sprite: "/assets/icons.svg".to_owned(),
        items: comments(lang, true, false).items,
        csrf_token: "sample-token".to_owned(),
        form_seed: Uuid::from_u128(7),
    }
}

fn history(lang: Lang) -> History {
    let entry = |version, minutes, name: &str, channel: &str, kind: &str, changes| HistoryEntry {
        version: Some(version),
        at: at(minutes, lang),
        actor: Person { name: name.to_owned(), deleted: false },
        on_behalf_of: None,
        channel: channel.to_owned(),
        kind: kind.to_owned(),
        changes,
        assigned: None,
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
                    Shown::Markdown(markdown::render("It doesn’t print.")),
                    Shown::Markdown(markdown::render("It prints **empty** pages.\n\nSince this morning.")),
                ),
                change("Phone", text("+39 02 1234567"), Shown::Empty),
            ],
        ),
        HistoryEntry {
            body: Some(markdown::render("Thank you. Please try the steps of *this* article.")),
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
        HistoryEntry {
            assigned: Some(Assigned::To("Demo Agent".to_owned())),
            ..entry(6, 290, "", "portal", "assigned", Vec::new())
        },
        HistoryEntry {
            version: None,
            assigned: Some(Assigned::Nobody),
            ..entry(6, 295, "Demo Agent", "console", "assigned", Vec::new())
        },
        entry(2, 300, "Demo Agent", "api", "closed", Vec::new()),
        entry(2, 300, "Demo Agent", "import", "reopened", Vec::new()),
        HistoryEntry {
            actor: Person { name: String::new(), deleted: true },
            redacted: true,
            ..entry(1, 400, "", "portal", "created", Vec::new())
        },
    ];
    let more: Vec<&str> = HistoryEntry::kinds().filter(|kind| entries.iter().all(|e| e.kind != *kind)).collect();
    entries.extend(more.into_iter().map(|kind| entry(1, 500, "Demo Agent", "console", kind, Vec::new())));
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
        state: Some("Demo Agent answered 2 hours ago.".to_owned()),
        unread_url: Some(format!("{path}/TT1042/unread")),
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
        dependents: Vec::new(),
        ways_in: None,
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
        sections: Vec::new(),
        related: Vec::new(),
    }
}

fn with_refused_comment(lang: Lang) -> RecordPage {
    let mut page = ticket(lang, Surface::Portal);
    let mine = comment("c11", author("Emma Rossi", AuthorKind::Contact, true, false), 9, Some("x"), false, lang);
    let fault = FieldFault::of_code("required", FieldType::LongText, 10);
    if let Some(comments) = page.comments.as_mut() {
        comments.items.push(Moment::Said(open(mine, Some(""), Some(fault))));
    }
    page
}

fn with_closed(lang: Lang, closed: AfterClosing) -> RecordPage {
    let mut page = ticket(lang, Surface::Portal);
    if let Some(composer) = page.comments.as_mut().and_then(|c| c.composer.as_mut()) {
        composer.closed = Some(closed);
    }
    page
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
        sections: vec![activity_section(
            lang,
            super::console::happenings(lang),
            "/console/contacts/7/activity".to_owned(),
        )],
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
        revoke_url: None,
        sections: access_sections(lang, super::console::details()),
    }
}

fn company(lang: Lang, section: Section) -> RecordPage {
    let page = contact(lang, access(lang));
    RecordPage {
        chrome: chrome(Surface::Console, lang, "/console/companies/C1"),
        module: module("companies", "Company", "Companies", "building-2"),
        crumbs: vec![Crumb { label: "Companies".to_owned(), url: "/console/companies".to_owned() }],
        number: "CO1".to_owned(),
        title: "Acme srl".to_owned(),
        access: None,
        sections: vec![section],
        ..page
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
        sections: Vec::new(),
        ..access(lang)
    }
}

pub(super) fn records(lang: Lang) -> Vec<(&'static str, RecordPage)> {
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
        lock: Some(LockState {
            until,
            unlock_url: Some("/console/locked-users".to_owned()),
            user_id: "u1".to_owned(),
            seen: vec![
                super::lists::seen(lang, "u1", "203.0.113.0/24", true),
                super::lists::seen(lang, "u1", "2001:db8::/48", false),
            ],
        }),
        outside_period: Some(OutsidePeriod::Ended),
        ..access(lang)
    };
    let mut pages = vec![
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
        ("record-comment-refused", with_refused_comment(lang)),
        ("record-closed-reopens", with_closed(lang, AfterClosing::Reopens)),
        (
            "record-closed-for-good",
            with_closed(lang, AfterClosing::NewOne { url: Some("/tickets/new?title=x".to_owned()) }),
        ),
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
                dependents: Vec::new(),
                ways_in: None,
                transitions: Vec::new(),
                ..ticket(lang, Surface::Console)
            },
        ),
        ("contact-active", contact(lang, access(lang))),
        ("contact-none", contact(lang, no_access(lang))),
        (
            "contact-no-email",
            contact(
                lang,
                AccessBlock {
                    email: None,
                    profile: None,
                    sections: access_sections(
                        lang,
                        AccessDetails {
                            enabled: false,
                            known: false,
                            has_email: false,
                            login: String::new(),
                            support: None,
                            ..super::console::details()
                        },
                    ),
                    ..no_access(lang)
                },
            ),
        ),
        (
            "contact-suspended",
            contact(
                lang,
                AccessBlock {
                    state: AccessState::Suspended,
                    sections: access_sections(
                        lang,
                        AccessDetails {
                            suspended: true,
                            login_is_email: false,
                            login: "emma.rossi".to_owned(),
                            factors: Vec::new(),
                            one_time: super::console::expired(lang),
                            addresses: Some(Addresses {
                                account: "emma@acme.test".to_owned(),
                                contact: "emma@new.test".to_owned(),
                                pending: "emma@new.test".to_owned(),
                                invited: false,
                                changes_record: true,
                            }),
                            support: None,
                            ..super::console::details()
                        },
                    ),
                    ..access(lang)
                },
            ),
        ),
        (
            "contact-address-corrected",
            contact(
                lang,
                AccessBlock {
                    state: AccessState::Invited { expires: None },
                    sections: access_sections(
                        lang,
                        AccessDetails {
                            addresses: Some(Addresses {
                                account: "emma@acme.test".to_owned(),
                                contact: "emma@new.test".to_owned(),
                                pending: String::new(),
                                invited: true,
                                changes_record: true,
                            }),
                            ..super::console::details()
                        },
                    ),
                    ..access(lang)
                },
            ),
        ),
        (
            "contact-support-refused",
            contact(
                lang,
                AccessBlock {
                    sections: access_sections(
                        lang,
                        AccessDetails {
                            refused: Some((
                                "support",
                                Faults {
                                    fields: vec![(
                                        "impersonate_reason".to_owned(),
                                        FieldFault::Said("fault-too-short"),
                                    )],
                                    whole: None,
                                },
                            )),
                            ..super::console::details()
                        },
                    ),
                    ..access(lang)
                },
            ),
        ),
        (
            "contact-fault",
            contact(
                lang,
                AccessBlock {
                    start_fault: Some(FieldFault::Required),
                    end_fault: Some(FieldFault::Said("fault-date")),
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
                    revoke_url: Some("/console/contacts/CO7/invitation/revoke".to_owned()),
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
    ];
    pages.extend(
        super::console::company_sections(lang).into_iter().map(|(name, section)| (name, company(lang, section))),
    );
    let with = |section| RecordPage { sections: vec![section], ..contact(lang, access(lang)) };
    pages.extend(super::console::still_open_sections(lang).into_iter().map(|(name, section)| (name, with(section))));
    pages
}
