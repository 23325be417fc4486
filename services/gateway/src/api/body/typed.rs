//! A JSON value → the type that a handler wants, with an error of our own in place of serde's sentences: what is wrong,
//! and where.

use kernel::Error;
use serde::{
    de::{
        self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess,
        Unexpected, Visitor,
    },
    forward_to_deserialize_any,
};
use serde_json::{Value, map};
use std::{fmt, vec};

/// The value as a type.
pub(super) fn of<T: DeserializeOwned>(value: Value) -> Result<T, Error> {
    serde_path_to_error::deserialize(Json(value)).map_err(|e| {
        let path = e.path().to_string();
        e.into_inner().at(&path)
    })
}

/// What does not fit.
#[derive(Debug)]
enum Misfit {
    /// There is no such field.
    Unknown(String),
    /// A field that is needed is not there.
    Missing(&'static str),
    /// Another type is wanted.
    Type(String),
    /// The type is right, the value is not.
    Value(String),
}

impl Misfit {
    fn at(self, path: &str) -> Error {
        // serde_path_to_error says `.` for the whole, and `?` where it lost its way.
        let path = if matches!(path, "." | "?" | "") { "" } else { path };
        let within = |name: &str| match path {
            "" => name.to_owned(),
            path if path == name || path.ends_with(&format!(".{name}")) => path.to_owned(),
            path => format!("{path}.{name}"),
        };
        let here = if path.is_empty() { "body".to_owned() } else { path.to_owned() };
        match self {
            Misfit::Unknown(name) => Error::invalid_field(within(&name), "unknown_field", "There is no such field."),
            Misfit::Missing(name) => Error::invalid_field(within(name), "required", "This field is needed."),
            Misfit::Type(why) => Error::invalid_field(here, "wrong_type", why),
            Misfit::Value(why) => Error::invalid_field(here, "bad_value", why),
        }
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Misfit::Unknown(name) => write!(f, "there is no field {name}"),
            Misfit::Missing(name) => write!(f, "the field {name} is needed"),
            Misfit::Type(why) | Misfit::Value(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Misfit {}

/// What a value is, in JSON's words.
fn word(found: Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(_) => "true or false",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "a whole number",
        Unexpected::Float(_) => "a number",
        Unexpected::Char(_) | Unexpected::Str(_) => "a text",
        Unexpected::Unit | Unexpected::Option => "null",
        Unexpected::Seq => "a list",
        Unexpected::Map | Unexpected::StructVariant | Unexpected::NewtypeStruct => "an object",
        _ => "something else",
    }
}

impl de::Error for Misfit {
    fn custom<T: fmt::Display>(message: T) -> Misfit {
        Misfit::Value(message.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, _: &dyn de::Expected) -> Misfit {
        Misfit::Type(format!("This is {}; the field takes another type.", word(found)))
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn de::Expected) -> Misfit {
        Misfit::Value("This value lies outside of what the field takes.".to_owned())
    }

    fn invalid_length(_: usize, _: &dyn de::Expected) -> Misfit {
        Misfit::Value("This has the wrong length.".to_owned())
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Misfit {
        Misfit::Value(format!("One of {}.", expected.join(", ")))
    }

    fn unknown_field(field: &str, _: &'static [&'static str]) -> Misfit {
        Misfit::Unknown(field.to_owned())
    }

    fn missing_field(field: &'static str) -> Misfit {
        Misfit::Missing(field)
    }
}

/// A value that is read with [`Misfit`] as its error.
struct Json(Value);

impl IntoDeserializer<'_, Misfit> for Json {
    type Deserializer = Json;

    fn into_deserializer(self) -> Json {
        self
    }
}

impl<'de> Deserializer<'de> for Json {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(yes) => visitor.visit_bool(yes),
            Value::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(number), _) => visitor.visit_i64(number),
                (None, Some(number)) => visitor.visit_u64(number),
                (None, None) => visitor.visit_f64(number.as_f64().unwrap_or_default()),
            },
            Value::String(text) => visitor.visit_string(text),
            Value::Array(items) => visitor.visit_seq(Items(items.into_iter())),
            Value::Object(members) => visitor.visit_map(Members { rest: members.into_iter(), value: None }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            value => visitor.visit_some(Json(value)),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::String(name) => visitor.visit_enum(Variant(name)),
            _ => Err(Misfit::Type("This is no text.".to_owned())),
        }
    }

    // Objects are given as objects: a list is no struct, whatever its length.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::Array(_) => Err(Misfit::Type("This is a list; wanted is an object.".to_owned())),
            value => Json(value).deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

struct Items(vec::IntoIter<Value>);

impl<'de> SeqAccess<'de> for Items {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Misfit> {
        self.0.next().map(|value| seed.deserialize(Json(value))).transpose()
    }
}

struct Members {
    rest: map::IntoIter,
    value: Option<Value>,
}

impl<'de> MapAccess<'de> for Members {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Misfit> {
        let Some((name, value)) = self.rest.next() else { return Ok(None) };
        self.value = Some(value);
        seed.deserialize(Json(Value::String(name))).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Misfit> {
        seed.deserialize(Json(self.value.take().unwrap_or_default()))
    }
}

/// A word of a closed list.
struct Variant(String);

impl<'de> EnumAccess<'de> for Variant {
    type Error = Misfit;
    type Variant = Unit;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Unit), Misfit> {
        seed.deserialize(Json(Value::String(self.0))).map(|name| (name, Unit))
    }
}

/// What stands behind such a word: nothing.
struct Unit;

impl<'de> de::VariantAccess<'de> for Unit {
    type Error = Misfit;

    fn unit_variant(self) -> Result<(), Misfit> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Misfit> {
        seed.deserialize(Json(Value::Null))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Misfit> {
        Json(Value::Null).deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Misfit> {
        Json(Value::Null).deserialize_any(visitor)
    }
}
