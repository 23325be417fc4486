//! Forms and the conflict view.

use fields::{Display, FieldType};
use gateway_ui::Lang;
use gateway_ui::vm::*;

use super::*;

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

/// True for the control that values of this look are filled in with.
fn fills_in(control: &Control, display: Display) -> bool {
    match display {
        Display::Line => matches!(control, Control::Text { .. }),
        Display::Markdown => matches!(control, Control::LongText { .. }),
        Display::YesNo => matches!(control, Control::Checkbox { .. }),
        Display::DateTime => matches!(control, Control::DateTime { .. }),
        Display::Choice | Display::Agent => matches!(control, Control::Select { .. }),
        Display::Record => matches!(control, Control::Relation(_)),
        other => matches!(control, Control::Input { kind, .. } if *kind == other),
    }
}

/// A control of every type that modules can have.
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
        bad(
            "hours",
            "Hours",
            FieldFault::Said("fault-integer"),
            Control::Input { kind: Display::Integer, value: value("many") },
        ),
        bad(
            "cost",
            "Cost",
            FieldFault::Said("fault-decimal"),
            Control::Input { kind: Display::Decimal, value: value("1,x") },
        ),
        bad(
            "share",
            "Discount",
            FieldFault::of_code("out_of_range", FieldType::Percent, 0),
            Control::Input { kind: Display::Percent, value: value("120") },
        ),
        bad("urgent", "Stops our work", FieldFault::Invalid, Control::Checkbox { checked: true }),
        form_field("quiet", "No notices", false, None, Control::Checkbox { checked: false }),
        bad(
            "due",
            "Wanted by",
            FieldFault::Said("fault-date"),
            Control::Input { kind: Display::Date, value: value("2026-12-01") },
        ),
        bad(
            "visit",
            "Visit",
            FieldFault::Said("fault-date-time"),
            Control::DateTime { value: value("2026-12-01T09:30"), zone: value("Europe/Rome") },
        ),
        bad(
            "email",
            "E-mail",
            FieldFault::Said("fault-email"),
            Control::Input { kind: Display::Email, value: value("emma@") },
        ),
        bad(
            "phone",
            "Phone",
            FieldFault::Said("fault-phone"),
            Control::Input { kind: Display::Phone, value: value("abc") },
        ),
        bad("site", "Site", FieldFault::Said("fault-url"), Control::Input { kind: Display::Url, value: value("acme") }),
        bad(
            "priority",
            "Priority",
            FieldFault::Said("fault-unknown-value"),
            Control::Select { choices: vec![choice("low", "Low", false)] },
        ),
        bad("contact_id", "Contact", FieldFault::Said("fault-unknown-record"), Control::Relation(picker)),
        form_field("asset_id", "Asset", false, None, Control::Relation(empty)),
        bad(
            "owner_id",
            "Owner",
            FieldFault::Said("fault-name-taken"),
            Control::Select { choices: vec![detail(choice("a1", "Demo Agent", true), "agent@demo.test")] },
        ),
        bad("company_id", "Company", FieldFault::Said("fault-read-only"), Control::Select { choices: Vec::new() }),
        form_field("number", "Number", false, None, Control::ReadOnly(Shown::Text(value("TT1042")))),
    ];
    for kind in FieldType::ALL.iter().filter(|kind| kind.number().is_some()) {
        assert!(fields.iter().any(|field| fills_in(&field.control, kind.display())), "no control of {kind:?}");
    }
    let (first, second) = fields.split_at(8);
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

pub(super) fn forms(lang: Lang) -> Vec<(&'static str, FormPage)> {
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

pub(super) fn conflict(lang: Lang) -> ConflictPage {
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

pub(super) fn suggestions(lang: Lang) -> SuggestionsFragment {
    SuggestionsFragment {
        lang,
        field: "contact_id".to_owned(),
        results: vec![choice("p1", "Emma Rossi", true), choice("p2", "Marco Bianchi", false)],
    }
}
