//! Our serializer: anything that serialises becomes a [`Value`], references and secrets included.

use serde::{Serialize, ser};

use super::input::{GRAFT, take_grafted};
use super::{Object, Value};

/// What cannot become a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ValueError(String);

impl ser::Error for ValueError {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// Turns anything that serialises into a tree; properties that are absent (`None`) are left out.
///
/// # Errors
/// When a map's keys are not text, a number is not finite, or a serialiser refuses.
pub fn to_value<T: Serialize + ?Sized>(value: &T) -> Result<Value, ValueError> {
    value.serialize(Builder)
}

struct Builder;

fn number(value: impl Into<serde_json::Number>) -> Value {
    Value::Number(value.into())
}

/// A list under construction; a variant name wraps it once it is done.
struct List(Vec<Value>, Option<&'static str>);

/// An object under construction.
struct Map {
    object: Object,
    key: Option<String>,
    variant: Option<&'static str>,
}

fn wrap(variant: Option<&'static str>, value: Value) -> Value {
    match variant {
        Some(name) => Value::Object([(name.to_owned(), value)].into_iter().collect()),
        None => value,
    }
}

impl ser::Serializer for Builder {
    type Ok = Value;
    type Error = ValueError;
    type SerializeSeq = List;
    type SerializeTuple = List;
    type SerializeTupleStruct = List;
    type SerializeTupleVariant = List;
    type SerializeMap = Map;
    type SerializeStruct = Map;
    type SerializeStructVariant = Map;

    fn serialize_bool(self, v: bool) -> Result<Value, ValueError> {
        Ok(Value::Bool(v))
    }
    fn serialize_i8(self, v: i8) -> Result<Value, ValueError> {
        Ok(number(v))
    }
    fn serialize_i16(self, v: i16) -> Result<Value, ValueError> {
        Ok(number(v))
    }
    fn serialize_i32(self, v: i32) -> Result<Value, ValueError> {
        Ok(number(v))
    }
    fn serialize_i64(self, v: i64) -> Result<Value, ValueError> {
        Ok(number(v))
    }
    fn serialize_u8(self, v: u8) -> Result<Value, ValueError> {
        Ok(number(v))
    }
    fn serialize_u16(self, v: u16) -> Result<Value, ValueError> {
        Ok(number(v))
    }
    fn serialize_u32(self, v: u32) -> Result<Value, ValueError> {
        Ok(number(v))
    }
    fn serialize_u64(self, v: u64) -> Result<Value, ValueError> {
        Ok(number(v))
    }
    fn serialize_f32(self, v: f32) -> Result<Value, ValueError> {
        self.serialize_f64(f64::from(v))
    }
    fn serialize_f64(self, v: f64) -> Result<Value, ValueError> {
        serde_json::Number::from_f64(v)
            .map(Value::Number)
            .ok_or_else(|| ValueError("a number must be finite".to_owned()))
    }
    fn serialize_char(self, v: char) -> Result<Value, ValueError> {
        Ok(Value::String(v.to_string()))
    }
    fn serialize_str(self, v: &str) -> Result<Value, ValueError> {
        Ok(Value::String(v.to_owned()))
    }
    fn serialize_bytes(self, _: &[u8]) -> Result<Value, ValueError> {
        Err(ValueError(
            "bytes have no form among properties: encode them as text".to_owned(),
        ))
    }
    fn serialize_none(self) -> Result<Value, ValueError> {
        Ok(Value::Null)
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, ValueError> {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Result<Value, ValueError> {
        Ok(Value::Null)
    }
    fn serialize_unit_struct(self, name: &'static str) -> Result<Value, ValueError> {
        if name == GRAFT {
            return take_grafted().ok_or_else(|| ValueError("a forged reference".to_owned()));
        }
        Ok(Value::Null)
    }
    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Value, ValueError> {
        Ok(Value::String(variant.to_owned()))
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Value, ValueError> {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value, ValueError> {
        Ok(wrap(Some(variant), value.serialize(self)?))
    }
    fn serialize_seq(self, len: Option<usize>) -> Result<List, ValueError> {
        Ok(List(Vec::with_capacity(len.unwrap_or(0)), None))
    }
    fn serialize_tuple(self, len: usize) -> Result<List, ValueError> {
        self.serialize_seq(Some(len))
    }
    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<List, ValueError> {
        self.serialize_seq(Some(len))
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<List, ValueError> {
        Ok(List(Vec::with_capacity(len), Some(variant)))
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Map, ValueError> {
        Ok(Map {
            object: Object::new(),
            key: None,
            variant: None,
        })
    }
    fn serialize_struct(self, _: &'static str, len: usize) -> Result<Map, ValueError> {
        self.serialize_map(Some(len))
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Map, ValueError> {
        Ok(Map {
            object: Object::new(),
            key: None,
            variant: Some(variant),
        })
    }
}

impl List {
    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ValueError> {
        self.0.push(to_value(value)?);
        Ok(())
    }

    fn done(self) -> Value {
        wrap(self.1, Value::Array(self.0))
    }
}

impl ser::SerializeSeq for List {
    type Ok = Value;
    type Error = ValueError;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ValueError> {
        self.push(value)
    }
    fn end(self) -> Result<Value, ValueError> {
        Ok(self.done())
    }
}

impl ser::SerializeTuple for List {
    type Ok = Value;
    type Error = ValueError;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ValueError> {
        self.push(value)
    }
    fn end(self) -> Result<Value, ValueError> {
        Ok(self.done())
    }
}

impl ser::SerializeTupleStruct for List {
    type Ok = Value;
    type Error = ValueError;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ValueError> {
        self.push(value)
    }
    fn end(self) -> Result<Value, ValueError> {
        Ok(self.done())
    }
}

impl ser::SerializeTupleVariant for List {
    type Ok = Value;
    type Error = ValueError;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ValueError> {
        self.push(value)
    }
    fn end(self) -> Result<Value, ValueError> {
        Ok(self.done())
    }
}

impl Map {
    fn insert<T: Serialize + ?Sized>(&mut self, key: String, value: &T) -> Result<(), ValueError> {
        let value = to_value(value)?;
        if value != Value::Null {
            self.object.insert(key, value);
        }
        Ok(())
    }

    fn done(self) -> Value {
        wrap(self.variant, Value::Object(self.object))
    }
}

impl ser::SerializeMap for Map {
    type Ok = Value;
    type Error = ValueError;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), ValueError> {
        match to_value(key)? {
            Value::String(key) => self.key = Some(key),
            Value::Number(key) => self.key = Some(key.to_string()),
            Value::Null
            | Value::Bool(_)
            | Value::Array(_)
            | Value::Object(_)
            | Value::Unknown(_)
            | Value::Secret(_) => {
                return Err(ValueError("the keys of a map must be text".to_owned()));
            }
        }
        Ok(())
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ValueError> {
        let key = self
            .key
            .take()
            .ok_or_else(|| ValueError("a value came before its key".to_owned()))?;
        self.insert(key, value)
    }
    fn end(self) -> Result<Value, ValueError> {
        Ok(self.done())
    }
}

impl ser::SerializeStruct for Map {
    type Ok = Value;
    type Error = ValueError;
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), ValueError> {
        self.insert(key.to_owned(), value)
    }
    fn end(self) -> Result<Value, ValueError> {
        Ok(self.done())
    }
}

impl ser::SerializeStructVariant for Map {
    type Ok = Value;
    type Error = ValueError;
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), ValueError> {
        self.insert(key.to_owned(), value)
    }
    fn end(self) -> Result<Value, ValueError> {
        Ok(self.done())
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::super::{Expression, Input, Output, Piece, SecretRef};
    use super::*;
    use crate::name::ResourceName;

    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Sample {
        plain_text: Input<String>,
        other: Input<String>,
        url: Input<String>,
        secret: SecretRef,
        absent: Option<u8>,
    }

    fn sample() -> Sample {
        let output: Output<String> = Output::new(ResourceName::parse("store").unwrap(), "id");
        Sample {
            plain_text: "text".into(),
            other: (&output).into(),
            url: Input::format(["https://".into(), output.into(), "/x".into()]),
            secret: SecretRef::KeptBy(ResourceName::parse("password").unwrap()),
            absent: None,
        }
    }

    #[test]
    fn references_and_secrets_reach_the_tree() {
        let value = to_value(&sample()).unwrap();
        assert_eq!(value.field("plainText"), Some(&Value::from("text")));
        assert!(matches!(
            value.field("other"),
            Some(Value::Unknown(Expression::Output(_)))
        ));
        let Some(Value::Unknown(Expression::Format(pieces))) = value.field("url") else {
            panic!("{value:?}")
        };
        assert_eq!(pieces[0], Piece::Text("https://".to_owned()));
        assert!(matches!(
            value.field("secret"),
            Some(Value::Secret(SecretRef::KeptBy(_)))
        ));
        assert_eq!(value.field("absent"), None);
        assert_eq!(
            to_value(&value).unwrap(),
            value,
            "a tree inside a tree is grafted"
        );
    }

    #[test]
    fn any_other_serializer_is_refused() {
        assert!(serde_json::to_string(&sample()).is_err());
        assert!(serde_json::to_string(&Input::Known("x".to_owned())).is_err());
        assert!(serde_json::to_string(&SecretRef::Generated { length: 8 }).is_err());
    }

    #[test]
    fn a_reference_cannot_be_forged() {
        #[derive(Serialize)]
        #[serde(rename = "$augeo")]
        struct Forged;
        assert_eq!(
            to_value(&Forged).unwrap_err().to_string(),
            "a forged reference"
        );
    }

    #[test]
    fn plan_files_keep_what_json_cannot() {
        let mut value = to_value(&sample()).unwrap();
        let user = serde_json::json!({"$augeo": {"unknown": "mine"}});
        value
            .as_object_mut()
            .unwrap()
            .insert("user".to_owned(), user.into());
        assert_eq!(Value::from_plan_json(value.to_plan_json()).unwrap(), value);
    }

    #[test]
    fn digests_do_not_depend_on_order() {
        let one = Value::from(serde_json::json!({"a": 1, "b": [1, 2]}));
        let Value::Object(mut reversed) = one.clone() else {
            panic!("an object")
        };
        reversed.reverse();
        assert_eq!(one.digest(), Value::Object(reversed).digest());
        assert_ne!(
            one.digest(),
            Value::from(serde_json::json!({"a": 1, "b": [2, 1]})).digest()
        );
    }
}
