use super::*;

#[test]
fn compose_and_chart_have_exactly_these_accounts() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (path, included) in [
        ("deploy/compose/nats-accounts.conf", Some("./nats-passwords.conf")),
        ("helm/portico/files/nats-accounts.conf", None),
    ] {
        let there = std::fs::read_to_string(root.join(path)).unwrap_or_default();
        let include = included.map(|i| format!(" --include {i}")).unwrap_or_default();
        assert!(there == accounts_file(included), "{path} differs; write it with: portico events accounts{include}");
    }
}

#[test]
fn no_user_hears_answers_to_another() {
    for one in rights().iter().filter(|r| r.user != "operator") {
        let inboxes: Vec<_> = one.subscribe.iter().filter(|s| s.starts_with("_INBOX")).collect();
        assert_eq!(inboxes, [&format!("_INBOX_{}.>", one.user)], "{}", one.user);
    }
}

#[test]
fn the_programs_file_is_read_back_as_it_was_written() {
    let accounts = [
        ProgramAccount::new("crm", "a\"b\\c", ["records"]),
        ProgramAccount::new("erp-2", "x", ["records", "identity"]),
    ];
    let text = ProgramAccount::file(&accounts);
    let read = ProgramAccount::all(&text).unwrap();
    assert_eq!(ProgramAccount::file(&read), text);
    assert_eq!(read.iter().map(|a| (a.name(), a.password())).collect::<Vec<_>>(), [("crm", "a\"b\\c"), ("erp-2", "x")]);
    let error = ProgramAccount::all(&format!("{text}MINE: {{}}\n")).unwrap_err();
    assert!(error.contains("line 4"), "{error}");
}

#[test]
fn a_grant_is_divided_by_service_and_refused_when_it_reaches_too_far() {
    let subjects = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
    let both =
        subjects(&["portico.v1.records.tickets.>", "portico.v1.identity.account.locked", "portico.v1.records.cases.>"]);
    let parts = by_service("crm", &both, 1, 30).unwrap();
    assert_eq!(
        parts.iter().map(|(s, p)| (*s, p.subjects.len())).collect::<Vec<_>>(),
        [("records", 2), ("identity", 1)]
    );
    assert!(by_service("crm", &subjects(&["portico.v1.records.internal.>"]), 1, 30).is_err());
    assert!(by_service("crm", &[], 1, 30).is_err());
    for name in ["records", "operator", "gateway", "Bad"] {
        assert!(by_service(name, &both, 1, 30).is_err(), "{name}");
    }
    let overlapping = subjects(&["portico.v1.records.tickets.>", "portico.v1.records.tickets.created"]);
    assert!(by_service("crm", &overlapping, 1, 30).unwrap_err().contains("overlap"));
}
