//! What the document says of the values of fields, which have many types.

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{ObjectBuilder, Schema, SchemaType, Type},
    },
};

/// What the document says of a field's value in an answer.
pub(crate) struct FieldValue;

impl PartialSchema for FieldValue {
    fn schema() -> RefOr<Schema> {
        let text = "Text, a decimal, a whole number, a date, a moment, a key or an id as text; true or false; null when empty.";
        any_of(&[Type::String, Type::Boolean, Type::Null], text)
    }
}

impl ToSchema for FieldValue {}

/// What the document says of a field's value in a request.
pub(crate) struct FieldInput;

impl PartialSchema for FieldInput {
    fn schema() -> RefOr<Schema> {
        let text = "As in answers; a whole number may come as a number.";
        any_of(&[Type::String, Type::Boolean, Type::Integer, Type::Null], text)
    }
}

impl ToSchema for FieldInput {}

fn any_of(types: &[Type], description: &str) -> RefOr<Schema> {
    let kinds = SchemaType::from_iter(types.iter().cloned());
    ObjectBuilder::new().schema_type(kinds).description(Some(description)).into()
}
