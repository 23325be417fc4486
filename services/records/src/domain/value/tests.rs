use super::*;

fn field(kind: FieldType, max_length: usize) -> Field {
    Field {
        name: "field".into(),
        number: 1,
        kind,
        mandatory: false,
        personal: false,
        promoted: false,
        has_column: false,
        sortable: false,
        max_length,
        keys: vec![PicklistKey { key: "open".into(), number: 1 }],
        target: String::new(),
        default: None,
    }
}

#[test]
fn a_field_adds_its_own_limits_to_its_type() {
    let accept = |kind: FieldType, text: &str| {
        let field = field(kind, 5);
        field.accept(&Value::text(text)).map_err(|misfit| field.error(misfit))
    };
    assert_eq!(accept(FieldType::Text, " abcde "), Ok(Some(Value::text("abcde"))));
    assert_eq!(accept(FieldType::Picklist, "open"), Ok(Some(Value::text("open"))));
    let refused = |kind, text| accept(kind, text).unwrap_err();
    let long = refused(FieldType::Text, "abcdef");
    assert_eq!(
        (long.field.as_str(), &*long.code, long.message.as_str()),
        ("field", "too_long", "This text is too long.")
    );
    let unknown = refused(FieldType::Picklist, "shut");
    assert_eq!((unknown.field.as_str(), &*unknown.code), ("field", "unknown_value"));
}

/// The table of types and the proto enum are one: a stored number means the same to both for ever.
#[test]
fn every_type_on_the_wire_is_one_of_the_table() {
    use proto::records::v1::FieldType as Wire;
    assert_eq!(FieldType::numbered(Wire::Unspecified.into()), None);
    for number in 1..64 {
        let word = Wire::try_from(number).ok().map(|wire| wire.as_str_name().to_owned());
        let known = FieldType::numbered(number).map(|kind| format!("FIELD_TYPE_{}", kind.name().to_uppercase()));
        assert_eq!(known, word, "{number}");
    }
}
