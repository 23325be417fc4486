use super::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn a_cursor_survives_its_way_to_the_caller_and_back(parts in proptest::collection::vec("[^\u{1f}]{0,12}", 1..4)) {
        let cursor = Cursor(parts.clone());
        prop_assert_eq!(Cursor::decode(&cursor.encode(), parts.len()), Ok(cursor));
    }

    #[test]
    fn a_foreign_cursor_is_refused_without_a_panic(text in ".{0,40}") {
        let _ = Cursor::decode(&text, 2);
    }
}

#[test]
fn a_page_of_more_than_two_hundred_is_refused_with_the_field_named() {
    assert_eq!(page_size(0).unwrap(), 50);
    assert_eq!(page_size(200).unwrap(), 200);
    assert_eq!(page_size(201).unwrap_err().fields[0].field, "limit");
    assert_eq!(page_size(-1).unwrap_err().fields[0].field, "limit");
}
