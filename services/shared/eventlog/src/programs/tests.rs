use super::{check_program_name, service_of_subject};

const SERVICES: [&str; 2] = ["records", "identity"];

#[test]
fn a_filter_names_one_public_aggregate() {
    for good in
        ["portico.v1.records.tickets.>", "portico.v1.records.my_own-module.created", "portico.v1.identity.account.*"]
    {
        assert!(service_of_subject(good, &SERVICES).is_ok(), "{good}");
    }
    assert_eq!(service_of_subject("portico.v1.identity.account.>", &SERVICES), Ok("identity"));
    for bad in [
        ">",
        "",
        "portico.>",
        "portico.v1.>",
        "portico.v1.records",
        "portico.v1.records.>",
        "portico.v1.records.*.created",
        "portico.v1.records.*.>",
        "portico.v1.records.internal.>",
        "portico.v1.records.internal.key_made",
        "portico.v1.records.tickets",
        "portico.v1.records.tickets.",
        "portico.v1.records.tickets.created.>",
        "portico.v1.records.tick ets.>",
        "portico.v1.nobody.tickets.>",
        "portico.v2.records.tickets.>",
        "portico.hint.records",
        "$JS.API.>",
        "portico.v1.records.tickets.>\r\nPUB x 1",
    ] {
        assert!(service_of_subject(bad, &SERVICES).is_err(), "{bad:?} was taken");
    }
}

#[test]
fn a_name_can_stand_in_subjects_files_and_addresses() {
    for good in ["crm", "erp-2", "a1"] {
        assert!(check_program_name(good).is_ok(), "{good}");
    }
    for bad in ["", "a", "-x", "1x", "Crm", "a.b", "a b", "a*", "a>", "a/b", "a:b", "a@b", &"a".repeat(33)] {
        assert!(check_program_name(bad).is_err(), "{bad:?} was taken");
    }
}
