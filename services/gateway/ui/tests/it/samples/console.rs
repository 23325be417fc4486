//! Pages of the console beyond records: people who work there, tokens, settings, bulk jobs, activity, sessions.

use gateway_ui::Lang;
use gateway_ui::markdown;
use gateway_ui::vm::*;

use super::*;

pub(super) fn console(lang: Lang, here: &str) -> Chrome {
    chrome(Surface::Console, lang, here)
}

pub(super) fn crumb(label: &str, url: &str) -> Crumb {
    Crumb { label: label.to_owned(), url: url.to_owned() }
}

fn agent(name: &str, login: &str, role: &str, lang: Lang) -> AgentView {
    AgentView {
        name: name.to_owned(),
        login: login.to_owned(),
        email: login.to_owned(),
        role: role_name(lang, role, role),
        locale: "it".to_owned(),
        disabled: false,
        service: false,
        locked: false,
        mfa_required: true,
        factors: vec!["totp".to_owned(), "passkey".to_owned()],
        last_login: Some(at(90, lang)),
        one_time: None,
        url: "/console/agents/a1".to_owned(),
    }
}

/// A one-time password that nobody used in time.
pub(super) fn expired(lang: Lang) -> Option<OneTime> {
    Some(OneTime { until: at(60, lang), expired: true })
}

fn sessions(lang: Lang) -> Vec<SessionRow> {
    let row = |id: &str, browser: &str, minutes, support, current| SessionRow {
        id: id.to_owned(),
        browser: browser.to_owned(),
        network: "198.51.100.0/24".to_owned(),
        created: at(minutes, lang),
        seen: at(minutes / 2, lang),
        support,
        current,
    };
    vec![
        row("s1", "Firefox · Linux", 240, false, true),
        row("s2", "Safari · iOS", 30, false, false),
        row("s3", "", 12, true, false),
    ]
}

fn trusts(lang: Lang) -> Vec<TrustRow> {
    vec![TrustRow {
        id: "t1".to_owned(),
        name: "Emma Rossi".to_owned(),
        login: "emma@acme.test".to_owned(),
        url: Some("/console/modules/contacts/7".to_owned()),
        network: "198.51.100.0/24".to_owned(),
        until: at(-600, lang),
    }]
}

fn roles() -> Vec<(String, String)> {
    [("administrator", ""), ("agent", ""), ("viewer", ""), ("r1", "First line")]
        .map(|(id, name)| (id.to_owned(), name.to_owned()))
        .into()
}

pub(super) fn faults(fields: &[(&str, FieldFault)], whole: Option<&str>) -> Faults {
    Faults {
        fields: fields.iter().map(|(name, fault)| ((*name).to_owned(), fault.clone())).collect(),
        whole: whole.map(str::to_owned),
    }
}

fn agents(lang: Lang) -> Vec<(&'static str, ConsolePage)> {
    let here = "/console/agents";
    let tabs = |current: &str| team_tabs(lang, "/console", current);
    let rows = vec![
        agent("Demo Administrator", "admin@demo.test", "administrator", lang),
        AgentView {
            locked: true,
            factors: Vec::new(),
            one_time: expired(lang),
            ..agent("Demo Agent", "agent@demo.test", "agent", lang)
        },
        AgentView { disabled: true, last_login: None, ..agent("Luca Verdi", "luca@demo.test", "First line", lang) },
        AgentView { service: true, email: String::new(), ..agent("Nightly import", "", "viewer", lang) },
    ];
    let one = |agent: AgentView, refused: Option<(&'static str, Faults)>| {
        let draft = AgentDraft {
            login: agent.login.clone(),
            name: agent.name.clone(),
            email: agent.email.clone(),
            role: "agent".to_owned(),
            locale: "it".to_owned(),
            service: agent.service,
        };
        let page = AgentPage {
            agent,
            draft,
            roles: roles(),
            groups: vec![("Second line".to_owned(), "/console/groups/g1".to_owned())],
            sessions: sessions(lang),
            manages: true,
            own: false,
            refused,
        };
        agent_page(console(lang, "/console/agents/a1"), crumb(&lang.t("agents-title"), here), page)
    };
    let person = || agent("Demo Agent", "agent@demo.test", "agent", lang);
    let new = |draft: AgentDraft, faults: &Faults| {
        let list = crumb(&lang.t("agents-title"), here);
        new_agent_page(
            console(lang, "/console/agents/new"),
            list,
            "/console/agents/new".into(),
            &draft,
            &roles(),
            faults,
        )
    };
    let bad = faults(
        &[
            ("name", FieldFault::Required),
            ("login", FieldFault::Said("fault-login-taken")),
            ("password", FieldFault::Said("fault-password-short")),
        ],
        None,
    );
    vec![
        ("agents", agents_page(console(lang, here), rows, Some("/console/agents/new".to_owned()), tabs("agents"))),
        ("agents-none", agents_page(console(lang, here), Vec::new(), None, tabs("agents"))),
        ("agent", one(person(), None)),
        ("agent-locked", one(AgentView { locked: true, factors: Vec::new(), ..person() }, None)),
        ("agent-disabled", one(AgentView { disabled: true, ..person() }, None)),
        ("agent-program", one(AgentView { service: true, factors: Vec::new(), ..person() }, None)),
        (
            "agent-refused",
            one(person(), Some(("mfa", faults(&[("mfa_reason", FieldFault::Said("fault-too-short"))], None)))),
        ),
        (
            "agent-last-administrator",
            one(person(), Some(("change", faults(&[], Some(&fault_text("last_administrator", lang)))))),
        ),
        ("agent-new", new(AgentDraft::default(), &Faults::default())),
        (
            "agent-new-faults",
            new(
                AgentDraft { login: "agent@demo.test".to_owned(), role: "agent".to_owned(), ..AgentDraft::default() },
                &bad,
            ),
        ),
    ]
}

fn team(lang: Lang) -> Vec<(&'static str, ConsolePage)> {
    let tabs = |current: &str| team_tabs(lang, "/console", current);
    let role = |id: &str, name: &str, built_in, rights: &[&str], agents| RoleView {
        id: id.to_owned(),
        name: name.to_owned(),
        description: if built_in { String::new() } else { "Answers the telephone.".to_owned() },
        built_in,
        writes: id != "viewer",
        rights: rights.iter().map(|r| (*r).to_owned()).collect(),
        agents,
        url: (!built_in).then(|| format!("/console/roles/{id}")),
    };
    let all = vec![
        role("administrator", "", true, &RIGHTS, 2),
        role("agent", "", true, &["manage_access", "unlock"], 1204),
        role("viewer", "", true, &[], 0),
        role("r1", "First line", false, &["unlock", "impersonate"], 3),
    ];
    let list = || crumb(&lang.t("roles-title"), "/console/roles");
    let own = |agents| role("r1", "First line", false, &["unlock", "impersonate"], agents);
    let form = |role: &RoleView, delete: Option<&str>, faults: &Faults| {
        let chrome = console(lang, "/console/roles/r1");
        role_form(chrome, list(), "/console/roles/r1".into(), role, delete.map(str::to_owned), faults)
    };
    let group = |id: &str, name: &str, members: &[&str]| GroupView {
        id: id.to_owned(),
        name: name.to_owned(),
        description: "For urgent tickets".to_owned(),
        members: members.iter().map(|m| (*m).to_owned()).collect(),
        url: Some(format!("/console/groups/{id}")),
    };
    let groups = vec![group("g1", "Second line", &["Demo Agent", "Luca Verdi"]), group("g2", "Night", &[])];
    let member =
        |id: &str, name: &str, selected| Choice { detail: format!("{id}@demo.test"), ..choice(id, name, selected) };
    let members = vec![member("a1", "Demo Agent", true), member("a2", "Luca Verdi", false)];
    let group_page = |group: &GroupView, delete: Option<&str>, faults: &Faults| {
        let list = crumb(&lang.t("groups-title"), "/console/groups");
        let chrome = console(lang, "/console/groups/g1");
        let action = "/console/groups/g1".to_owned();
        group_form(chrome, list, action, group, members.clone(), delete.map(str::to_owned), faults)
    };
    let taken = faults(&[("name", FieldFault::Said("fault-name-taken"))], None);
    let groups_here = "/console/groups";
    vec![
        ("roles", roles_page(console(lang, "/console/roles"), all, Some("/console/roles/new".into()), tabs("roles"))),
        ("role-new", form(&RoleView::default(), None, &Faults::default())),
        ("role", form(&own(0), Some("/console/roles/r1/delete"), &Faults::default())),
        ("role-in-use", form(&own(3), Some("/console/roles/r1/delete"), &taken)),
        ("groups", groups_page(console(lang, groups_here), groups, Some("/console/groups/new".into()), tabs("groups"))),
        ("groups-none", groups_page(console(lang, groups_here), Vec::new(), None, tabs("groups"))),
        ("group-new", group_page(&GroupView::default(), None, &taken)),
        ("group", group_page(&group("g1", "Second line", &[]), Some("/console/groups/g1/delete"), &Faults::default())),
    ]
}

fn tokens(lang: Lang) -> Vec<(&'static str, ConsolePage)> {
    let here = "/console/api-tokens";
    let row = |id: &str, name: &str, scopes: &[&str], used| TokenRow {
        id: id.to_owned(),
        name: name.to_owned(),
        hint: "x7Qf".to_owned(),
        owner: "Nightly import".to_owned(),
        owner_url: Some("/console/agents/a4".to_owned()),
        scopes: scopes.iter().map(|s| (*s).to_owned()).collect(),
        expires: Some(at(-50_000, lang)),
        used,
        revoke_url: Some(format!("/console/api-tokens/{id}/revoke")),
    };
    let rows = vec![
        row("k1", "Import of contacts", &["read", "write"], Some(at(30, lang))),
        row("k2", "Reports", &["read"], None),
        row("k3", "Provisioning", &["read", "write", "admin"], Some(at(3000, lang))),
    ];
    let form = |draft: TokenDraft, faults: &Faults| {
        let owner = crumb("Nightly import", "/console/agents/a4");
        let chrome = console(lang, "/console/agents/a4/tokens");
        token_form(chrome, owner, "/console/agents/a4/tokens".into(), &draft, faults)
    };
    let draft = TokenDraft { scopes: vec!["read".to_owned()], valid_days: "90".to_owned(), ..TokenDraft::default() };
    let bad = faults(
        &[
            ("name", FieldFault::Required),
            ("scopes", FieldFault::Required),
            ("valid_days", FieldFault::Said("fault-out-of-range")),
        ],
        None,
    );
    let once = |once| secret_page(console(lang, here), crumb("Emma Rossi", "/console/modules/contacts/7"), once);
    let until = Some(at(-1440, lang));
    vec![
        ("api-tokens", tokens_page(console(lang, here), rows)),
        ("api-tokens-none", tokens_page(console(lang, here), Vec::new())),
        ("api-token-new", form(draft, &Faults::default())),
        ("api-token-new-faults", form(TokenDraft { valid_days: "4000".to_owned(), ..TokenDraft::default() }, &bad)),
        (
            "secret-password",
            once(Once::Password {
                name: "Emma Rossi".into(),
                password: "frost-lamp-oval-87-tide".into(),
                until: until.clone(),
            }),
        ),
        (
            "secret-token",
            once(Once::Token {
                name: "Import of contacts".into(),
                secret: "pat_kC0l3hQm5rV8wZ1aD4gJ7nP2sT6uX9yB0eF3iL5oRx7Qf".into(),
                until: until.clone(),
            }),
        ),
        (
            "secret-link",
            once(Once::Link {
                name: "Acme srl".into(),
                url: "https://portal.example.test/link/plnk_kC0l3hQm5rV8wZ1aD4gJ7nP2sT6uX9yB0eF3iL5oRx7Qf".into(),
                until,
                sign_in_only: true,
            }),
        ),
    ]
}

fn settings(lang: Lang) -> Vec<(&'static str, ConsolePage)> {
    let draft = SettingsDraft {
        require_mfa: "agents".to_owned(),
        lock_mode: "timed".to_owned(),
        lock_failures: "5".to_owned(),
        portal_idle_minutes: "30".to_owned(),
        console_idle_minutes: "15".to_owned(),
        one_time_password_hours: "72".to_owned(),
        company_links: true,
        terms_required: true,
        terms: Lang::ALL.map(|lang| (lang, "# Terms\n\nBe **kind**.\n\n- one\n- two".to_owned())).into(),
        help_contact: "+39 02 1234567".to_owned(),
        expected_version: 3,
    };
    let preview = draft.terms.iter().map(|(of, text)| (*of, markdown::render(text))).collect();
    let page = |draft: SettingsDraft, faults: Faults, preview| {
        let effective = [("portal_session_hours", "12"), ("time_zone", "Europe/Rome"), ("something_new", "7")];
        let page = SettingsPage {
            action: "/console/settings/security".to_owned(),
            draft,
            faults,
            preview,
            effective: effective.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            terms_version: 2,
        };
        settings_page(console(lang, "/console/settings/security"), page)
    };
    let bad = faults(
        &[("lock_failures", FieldFault::Said("fault-out-of-range")), ("terms.en", FieldFault::Required)],
        Some(&fault_text("stale_version", lang)),
    );
    vec![
        ("settings", page(draft.clone(), Faults::default(), Vec::new())),
        ("settings-preview", page(draft.clone(), Faults::default(), preview)),
        ("settings-faults", page(SettingsDraft { lock_failures: "50".to_owned(), ..draft }, bad, Vec::new())),
    ]
}

pub(super) fn happenings(lang: Lang) -> Vec<Happening> {
    let it = |kind: &str, touchpoint: &str, minutes| Happening {
        kind: kind.to_owned(),
        touchpoint: touchpoint.to_owned(),
        at: at(minutes, lang),
        network: "198.51.100.0/24".to_owned(),
        browser: "Firefox · Linux".to_owned(),
        by: String::new(),
        note: String::new(),
        record: None,
    };
    let record =
        |label: &str| Some(RecordLink { label: label.to_owned(), url: Some("/console/modules/tickets/1".to_owned()) });
    vec![
        Happening { record: record("TT1042"), ..it("record_commented", "record", 12) },
        it("logged_in", "sign_in", 30),
        Happening { by: "Demo Agent".to_owned(), ..it("support_access_started", "support", 300) },
        Happening {
            by: "Demo Agent".to_owned(),
            note: "Called in; knows the customer number.".to_owned(),
            ..it("unlocked", "lock", 1500)
        },
        it("locked", "lock", 1510),
        it("login_failed", "sign_in", 1512),
        it("totp_enabled", "security", 3000),
        Happening {
            network: String::new(),
            browser: String::new(),
            by: "Demo Agent".to_owned(),
            ..it("access_enabled", "access", 9000)
        },
        it("something_new", "access", 9500),
    ]
}

fn activity(lang: Lang) -> Vec<(&'static str, ConsolePage)> {
    let contact = || crumb("Emma Rossi", "/console/modules/contacts/7");
    let path = "/console/contacts/7/activity";
    let page = |chosen: &str, happenings| {
        let pager = Pager { first_url: None, next_url: Some(format!("{path}?cursor=x")) };
        activity_page(console(lang, path), contact(), chosen, path.to_owned(), happenings, pager)
    };
    let sessions_path = "/console/contacts/7/sessions";
    let end = || Some("/console/contacts/7/sessions/end".to_owned());
    let revoke = Some("/console/trusts/revoke");
    let tabs = || lock_tabs(lang, "/console/locked-users".to_owned(), "/console/trusts".to_owned(), true);
    vec![
        ("contact-activity", page("", happenings(lang))),
        ("contact-activity-no-match", page("customer_portal", Vec::new())),
        ("contact-activity-none", page("", Vec::new())),
        (
            "contact-sessions",
            contact_sessions_page(console(lang, sessions_path), contact(), sessions(lang), end(), trusts(lang), revoke),
        ),
        (
            "contact-sessions-none",
            contact_sessions_page(console(lang, sessions_path), contact(), Vec::new(), end(), Vec::new(), None),
        ),
        (
            "contact-sessions-viewer",
            contact_sessions_page(console(lang, sessions_path), contact(), sessions(lang), None, Vec::new(), None),
        ),
        ("trusts", trusts_page(console(lang, "/console/trusts"), trusts(lang), revoke, tabs())),
        ("trusts-none", trusts_page(console(lang, "/console/trusts"), Vec::new(), revoke, tabs())),
    ]
}

/// The block of a company's page, state by state.
pub(super) fn company_sections(lang: Lang) -> Vec<(&'static str, Section)> {
    let link = || LinkView { issued: Some(at(3000, lang)), expires: Some(at(-40_000, lang)), used: Some(at(60, lang)) };
    let access = CompanyAccess {
        users: Vec::new(),
        count: 0,
        link: None,
        links_enabled: true,
        profile_url: Some("/console/profiles/p0".to_owned()),
        new_user_url: Some("/console/companies/1/portal-users/new".to_owned()),
        issue_url: Some("/console/companies/1/link".to_owned()),
        revoke_url: Some("/console/companies/1/link/revoke".to_owned()),
        valid_days: "30".to_owned(),
        faults: Faults::default(),
    };
    let users = vec![
        ("Emma Rossi".to_owned(), Some("/console/modules/contacts/7".to_owned())),
        ("Marco Bianchi".to_owned(), None),
    ];
    let bad = faults(&[("valid_days", FieldFault::Said("fault-out-of-range"))], None);
    let section = |access| company_section(lang, access);
    vec![
        ("company-no-link", section(access.clone())),
        ("company-link", section(CompanyAccess { link: Some(link()), ..access.clone() })),
        (
            "company-users",
            section(CompanyAccess { link: Some(LinkView { used: None, ..link() }), users, count: 2, ..access.clone() }),
        ),
        ("company-links-off", section(CompanyAccess { links_enabled: false, ..access.clone() })),
        ("company-link-fault", section(CompanyAccess { valid_days: "4000".to_owned(), faults: bad, ..access.clone() })),
        (
            "company-viewer",
            section(CompanyAccess {
                new_user_url: None,
                issue_url: None,
                revoke_url: None,
                profile_url: None,
                link: Some(link()),
                ..access
            }),
        ),
    ]
}

fn new_users(lang: Lang) -> Vec<(&'static str, ConsolePage)> {
    let contact = |id: &str, name: &str| Choice { detail: format!("{id}@acme.test"), ..choice(id, name, false) };
    let draft = NewUserDraft {
        contacts: vec![contact("emma", "Emma Rossi"), contact("marco", "Marco Bianchi")],
        itself: true,
        email: "info@acme.test".to_owned(),
        support_start: "2026-11-23".to_owned(),
        support_end: String::new(),
        mfa_required: false,
    };
    let page = |draft: &NewUserDraft, faults: &Faults| {
        let company = crumb("Acme srl", "/console/modules/companies/1");
        let path = "/console/companies/1/portal-users/new";
        new_user_form(console(lang, path), company, path.to_owned(), draft, faults)
    };
    let bad = faults(&[("who", FieldFault::Required), ("support_end", FieldFault::Said("fault-date"))], None);
    vec![
        ("company-new-user", page(&draft, &Faults::default())),
        (
            "company-new-user-faults",
            page(&NewUserDraft { itself: false, email: String::new(), contacts: Vec::new(), ..draft }, &bad),
        ),
    ]
}

/// Records of a contact that goes to another company.
fn tied() -> Vec<TiedTo> {
    vec![
        TiedTo { module: "Tickets".to_owned(), stay: 12, moves: 3 },
        TiedTo { module: "Documents".to_owned(), stay: 1, moves: 0 },
    ]
}

/// The block of a contact's page that still sees records of other companies.
pub(super) fn still_open_sections(lang: Lang) -> Vec<(&'static str, Section)> {
    let url = "/console/contacts/1/close-records".to_owned();
    let section = |url| still_open_section(lang, "Emma Rossi", &tied(), url).expect("some are open");
    vec![("contact-still-open", section(Some(url))), ("contact-still-open-viewer", section(None))]
}

fn moves(lang: Lang) -> Vec<(&'static str, ConsolePage)> {
    let path = "/console/modules/contacts/1/edit";
    let asked = |from: &str, to: &str, tied: Vec<TiedTo>| Move {
        contact: "Emma Rossi".to_owned(),
        from: from.to_owned(),
        to: to.to_owned(),
        tied,
        action: path.to_owned(),
        typed: vec![("company_id".to_owned(), "c2".to_owned()), ("expected_version".to_owned(), "4".to_owned())],
    };
    let page = |asked| {
        let crumbs = vec![crumb("Contacts", "/console/modules/contacts"), crumb("CN1", "/console/modules/contacts/1")];
        move_page(console(lang, path), crumbs, asked)
    };
    let along = vec![TiedTo { module: "Tickets".to_owned(), stay: 0, moves: 3 }];
    vec![
        ("company-change", page(asked("Acme srl", "Globex", tied()))),
        ("company-change-first", page(asked("", "Globex", along))),
        ("company-change-none", page(asked("Acme srl", "", tied()))),
    ]
}

/// What came of a change to several records.
fn selections(lang: Lang) -> Vec<(&'static str, ConsolePage)> {
    let path = "/console/modules/tickets";
    let chosen = |number: &str, title: &str| Chosen {
        number: number.to_owned(),
        title: title.to_owned(),
        url: Some(format!("{path}/{number}")),
    };
    let came = |changed: Vec<Chosen>, unchanged: Vec<(Chosen, Unchanged)>, undo: bool| {
        let undo =
            undo.then(|| (format!("{path}/change/undo"), vec![("undo".to_owned(), "1 4 status open".to_owned())]));
        let what = "Status: Closed".to_owned();
        let came = Selection { back_url: path.to_owned(), what, changed, unchanged, undo };
        selection_page(console(lang, path), vec![crumb("Tickets", path)], came)
    };
    let (printer, scanner) = (chosen("TT1042", "Label printer prints empty pages"), chosen("TT0988", ""));
    let gone = Chosen { url: None, ..chosen("0198f2", "") };
    let others = [
        (scanner.clone(), Unchanged::Same),
        (chosen("TT1031", "Invoice 2026/118"), Unchanged::Stale),
        (chosen("TT1030", "A colleague's"), Unchanged::Forbidden),
        (gone, Unchanged::Gone),
        (chosen("TT1029", "Without a contact"), Unchanged::Refused),
        (chosen("TT1028", "The nightly export"), Unchanged::Unavailable),
    ];
    vec![
        ("selection", came(vec![printer.clone(), scanner.clone()], Vec::new(), true)),
        ("selection-partly", came(vec![printer.clone()], others.to_vec(), true)),
        ("selection-same", came(Vec::new(), others[..1].to_vec(), true)),
        ("selection-undone", came(vec![printer], others[1..2].to_vec(), false)),
        ("selection-nothing", came(Vec::new(), Vec::new(), false)),
    ]
}

pub(super) fn pages(lang: Lang) -> Vec<(&'static str, ConsolePage)> {
    let flash = |code: &str, page: ConsolePage| {
        let chrome = Chrome { flash: Flash::of(code, lang), ..page.chrome.clone() };
        ConsolePage { chrome, ..page }
    };
    let mut pages = agents(lang);
    pages.extend(team(lang));
    pages.extend(tokens(lang));
    pages.extend(settings(lang));
    pages.extend(super::bulk::bulk(lang));
    pages.extend(activity(lang));
    pages.extend(new_users(lang));
    pages.extend(moves(lang));
    pages.extend(selections(lang));
    let jobs = pages.iter().position(|(name, _)| *name == "bulk-running").expect("the sample is there");
    let started = flash("bulk_started", pages[jobs].1.clone());
    pages.push(("bulk-started", started));
    pages
}

/// What a contact's access is made of, beyond its state.
pub(super) fn details() -> AccessDetails {
    AccessDetails {
        name: "Emma Rossi".to_owned(),
        base: Some("/console/contacts/7".to_owned()),
        enabled: true,
        known: true,
        suspended: false,
        login: "emma@acme.test".to_owned(),
        login_is_email: true,
        has_email: true,
        mfa_required: false,
        factors: vec!["totp".to_owned()],
        one_time: None,
        addresses: None,
        sessions: 2,
        sessions_url: "/console/contacts/7/sessions".to_owned(),
        support: Some(SupportForm {
            action: "/console/contacts/7/impersonate".to_owned(),
            write: true,
            reason: String::new(),
            ticket: String::new(),
        }),
        dates: (String::new(), String::new()),
        refused: None,
    }
}
