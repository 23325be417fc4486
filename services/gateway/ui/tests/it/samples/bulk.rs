//! Portal access for many contacts at once.

use gateway_ui::vm::*;
use gateway_ui::{Lang, fmt};

use super::console::{console, crumb, faults};
use super::*;

pub(super) fn bulk(lang: Lang) -> Vec<(&'static str, ConsolePage)> {
    let list = || crumb(&lang.t("bulk-title"), "/console/bulk");
    let draft = BulkDraft {
        company_query: "acme".to_owned(),
        companies: vec![choice("c1", "Acme srl", true), choice("c2", "Acme Deutschland GmbH", false)],
        contacts: "emma@acme.test\nCN12".to_owned(),
        list: "list=1&f.department=sales".to_owned(),
        list_count: list_count(lang, 312),
        support_start: "2026-11-23".to_owned(),
        support_end: "2027-11-22".to_owned(),
        profiles: vec![choice("", &no_profile(lang), true), choice("p1", "Standard", false)],
        mfa_required: true,
        invite: true,
    };
    let form = |draft: &BulkDraft, faults: &Faults| {
        bulk_form(console(lang, "/console/bulk/new"), list(), "/console/bulk/new".into(), draft, faults)
    };
    let row = |name: &str, email: &str, state: &str, reason: &str| BulkRowView {
        name: name.to_owned(),
        email: email.to_owned(),
        url: (!name.is_empty()).then(|| "/console/modules/contacts/7".to_owned()),
        state: state.to_owned(),
        reason: reason.to_owned(),
    };
    let report = |rows: Vec<BulkRowView>, outcomes: &[(&str, u32)]| BulkReport {
        contacts: 312,
        outcomes: outcomes.iter().map(|(word, n)| ((*word).to_owned(), *n)).collect(),
        rows,
        not_sent_reason: "support_ended".to_owned(),
        invite: true,
        hidden: vec![("support_start".to_owned(), "2026-11-23".to_owned())],
        not_found: vec!["nobody@acme.test".to_owned(), "CN99".to_owned()],
    };
    let planned = vec![
        row("Emma Rossi", "emma@acme.test", "enable", ""),
        row("Marco Bianchi", "marco@acme.test", "already_enabled", "already_enabled"),
        row("Nina Weiß", "", "no_email", "no_email"),
        row("Emma Rossi (2)", "emma@acme.test", "duplicate_email", "duplicate_email"),
        row("", "", "unknown", "unknown"),
    ];
    let outcomes = [
        ("enable", 301),
        ("already_enabled", 5),
        ("no_email", 3),
        ("duplicate_email", 1),
        ("login_taken", 1),
        ("unknown", 1),
        ("something_new", 1),
    ];
    let job = |state: &str, done| BulkJobView {
        state: state.to_owned(),
        contacts: 312,
        done,
        enabled: done.saturating_sub(4),
        skipped: 4,
        period: (fmt::date("2026-11-23", lang), fmt::date("2027-11-22", lang)),
        profile: "Standard".to_owned(),
        mfa_required: true,
        invite: true,
        started: at(10, lang),
        finished: (state != "running").then(|| at(8, lang)),
        by: "Demo Agent".to_owned(),
        url: "/console/bulk/j1".to_owned(),
    };
    let rows = vec![
        row("Emma Rossi", "emma@acme.test", "enabled", ""),
        row("Marco Bianchi", "marco@acme.test", "skipped", "already_enabled"),
        row("Nina Weiß", "nina@globex.test", "enabled_not_invited", "support_ended"),
        row("Paolo Neri", "paolo@globex.test", "waiting", ""),
    ];
    let chrome = || console(lang, "/console/bulk/j1");
    let next = || Pager { first_url: None, next_url: Some("/console/bulk/j1?cursor=50".to_owned()) };
    let bad =
        faults(&[("support_end", FieldFault::Said("fault-before-start"))], Some(&fault_text("nobody_chosen", lang)));
    vec![
        ("bulk-new", form(&BulkDraft { profiles: draft.profiles.clone(), ..BulkDraft::default() }, &Faults::default())),
        ("bulk-new-filled", form(&draft, &Faults::default())),
        ("bulk-new-faults", form(&draft, &bad)),
        (
            "bulk-report",
            bulk_report(
                console(lang, "/console/bulk/new"),
                list(),
                "/console/bulk/new".into(),
                report(planned, &outcomes),
            ),
        ),
        (
            "bulk-report-nobody",
            bulk_report(
                console(lang, "/console/bulk/new"),
                list(),
                "/console/bulk/new".into(),
                report(Vec::new(), &[("no_email", 312)]),
            ),
        ),
        ("bulk-running", bulk_job(chrome(), list(), job("running", 120), "", rows, next())),
        ("bulk-finished", bulk_job(chrome(), list(), job("finished", 312), "skipped", Vec::new(), Pager::default())),
        (
            "bulk-jobs",
            bulk_jobs(
                console(lang, "/console/bulk"),
                vec![job("running", 120), job("finished", 312), job("cancelled", 80)],
                "/console/bulk/new".into(),
                Pager::default(),
            ),
        ),
        (
            "bulk-none",
            bulk_jobs(console(lang, "/console/bulk"), Vec::new(), "/console/bulk/new".into(), Pager::default()),
        ),
    ]
}
